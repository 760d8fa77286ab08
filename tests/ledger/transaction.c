/* What is in a transaction is there for others all at once, or not at all. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static void put_in_part(struct ledger *ledger, int n, bool keep) {
  struct ledger_refund refund = refund_number(n);
  cr_assert(ledger_part_begin(ledger, NULL));
  cr_assert(ledger_put_refund(ledger, &refund, NULL));
  if (keep) {
    cr_assert(ledger_part_end(ledger, NULL));
  } else {
    ledger_part_undo(ledger);
  }
}

Test(ledger_transaction, nothing_is_there_for_others_before_the_commit) {
  struct place place = place_make();
  struct ledger *writer = book_open(&place);
  struct ledger *reader = book_open(&place);
  struct ledger_refund refund = refund_number(1);
  cr_assert(ledger_begin(writer, NULL));
  cr_assert(ledger_put_refund(writer, &refund, NULL));
  cr_expect(book_has(writer, "r-1"));
  cr_expect_not(book_has(reader, "r-1"));
  cr_assert(ledger_commit(writer, NULL));
  cr_expect(book_has(reader, "r-1"));
  ledger_close(writer);
  ledger_close(reader);
}

Test(ledger_transaction, rolled_back_leaves_nothing) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(1);
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_put_refund(ledger, &refund, NULL));
  ledger_rollback(ledger);
  ledger_rollback(ledger); /* of nothing: nothing */
  cr_expect_not(book_has(ledger, "r-1"));
  refund = refund_number(2);
  book_put_refund(ledger, &refund);
  cr_expect(book_has(ledger, "r-2"));
  ledger_close(ledger);
}

Test(ledger_transaction, a_part_undone_leaves_the_others_whole) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  cr_assert(ledger_begin(ledger, NULL));
  for (int i = 1; i <= 6; i++)
    put_in_part(ledger, i, i % 2 == 0);
  cr_assert(ledger_commit(ledger, NULL));
  ledger_close(ledger);
  ledger = book_open(&place);
  for (int i = 1; i <= 6; i++) {
    char id[16];
    snprintf(id, sizeof id, "r-%d", i);
    cr_expect_eq(book_has(ledger, id), i % 2 == 0, "%s", id);
  }
  ledger_close(ledger);
}

Test(ledger_transaction, a_part_that_was_refused_leaves_the_others_whole) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct ledger_refund twice = refund_number(1);
  cr_assert(ledger_begin(ledger, NULL));
  put_in_part(ledger, 1, true);
  cr_assert(ledger_part_begin(ledger, NULL));
  cr_expect_not(ledger_put_refund(ledger, &twice, NULL));
  ledger_part_undo(ledger);
  put_in_part(ledger, 2, true);
  cr_assert(ledger_commit(ledger, NULL));
  cr_expect(book_has(ledger, "r-1"));
  cr_expect(book_has(ledger, "r-2"));
  ledger_close(ledger);
}

Test(ledger_transaction, begun_twice_is_refused_and_still_one) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(1);
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_put_refund(ledger, &refund, NULL));
  cr_expect_not(ledger_begin(ledger, NULL));
  ledger_rollback(ledger);
  cr_expect_not(book_has(ledger, "r-1"));
  cr_expect(ledger_begin(ledger, NULL));
  cr_expect(ledger_commit(ledger, NULL));
  cr_expect_not(ledger_commit(ledger, NULL), "there is nothing to commit");
  ledger_close(ledger);
}

/* SQLite does so by itself on some errors. What follows must not be recorded without what came before. */
Test(ledger_transaction, given_up_by_the_database_takes_no_more_parts) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct error error = {0};
  cr_assert(ledger_begin(ledger, NULL));
  put_in_part(ledger, 1, true);
  cr_assert_eq(sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
  ledger_part_undo(ledger);
  cr_expect_not(ledger_part_begin(ledger, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_not(ledger_commit(ledger, NULL));
  cr_expect_not(ledger_begin(ledger, NULL), "before it was read again");
  cr_expect(ledger_reopen(ledger, &error), "%s", error.message);
  cr_expect_not(book_has(ledger, "r-1"));
  cr_expect(ledger_begin(ledger, NULL));
  put_in_part(ledger, 2, true);
  cr_expect(ledger_commit(ledger, NULL));
  cr_expect(book_has(ledger, "r-2"));
  ledger_close(ledger);
}

Test(ledger_transaction, without_room_says_how_to_make_some) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct ledger_reply reply = {.refund = 1, .attempt = 1};
  struct error error = {0};
  reply.body.size = 1024 * 1024;
  reply.body.data = calloc(1, reply.body.size);
  cr_assert(ledger_begin(ledger, NULL));
  put_in_part(ledger, 1, true);
  cr_assert_eq(sqlite3_exec(ledger->database, "PRAGMA max_page_count = 1", NULL, NULL, NULL), SQLITE_OK);
  cr_assert(ledger_part_begin(ledger, NULL));
  cr_expect_not(ledger_put_reply(ledger, &reply, &error));
  ledger_part_undo(ledger);
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_str_eq(error.fix, "free space on its disk");
  cr_expect_eq(reply.row, 0);
  bool committed = ledger_commit(ledger, NULL);
  cr_expect_eq(book_has(ledger, "r-1"), committed, "all that was committed is there, and nothing else");
  free((char *)(uintptr_t)reply.body.data);
  ledger_close(ledger);
}

/* ---- Other processes ---- */

static bool is_silent(int descriptor) {
  struct pollfd polled = {.fd = descriptor, .events = POLLIN};
  return poll(&polled, 1, 200) == 0;
}

static bool says(int descriptor, char expected) {
  char said = 0;
  return read(descriptor, &said, 1) == 1 && said == expected;
}

static void say(int descriptor, char what) {
  if (write(descriptor, &what, 1) != 1) _exit(9);
}

Test(ledger_transaction, another_process_waits_for_the_commit_and_then_sees_it) {
  struct place place = place_make();
  struct ledger_refund refund = refund_number(1);
  int told[2];
  int go[2];
  cr_assert(pipe(told) == 0 && pipe(go) == 0);
  ledger_close(book_open(&place));
  pid_t child = book_fork(); /* before the ledger is open: no child may have a copy of it */
  if (child == 0) {
    if (!says(go[0], 'g')) _exit(1);
    struct ledger *mine = book_open(&place);
    if (book_has(mine, "r-1")) _exit(2);
    say(told[1], 'r');
    if (!ledger_begin(mine, NULL)) _exit(3);
    say(told[1], 'd');
    bool seen = book_has(mine, "r-1");
    ledger_rollback(mine);
    ledger_close(mine);
    _exit(seen ? 0 : 4);
  }
  close(told[1]); /* a child that dies is heard */
  struct ledger *ledger = book_open(&place);
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_put_refund(ledger, &refund, NULL));
  say(go[1], 'g');
  cr_assert(says(told[0], 'r'));
  cr_expect(is_silent(told[0]), "it stepped into a transaction of ours");
  cr_assert(ledger_commit(ledger, NULL));
  cr_expect(says(told[0], 'd'));
  cr_expect_eq(child_status(child), 0);
  ledger_close(ledger);
}

Test(ledger_transaction, of_a_process_that_was_killed_was_never_there) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(1);
  int told[2];
  cr_assert_eq(pipe(told), 0);
  book_put_refund(ledger, &refund);
  ledger_close(ledger);
  pid_t child = book_fork();
  if (child == 0) {
    ledger = book_open(&place);
    if (!ledger_begin(ledger, NULL)) _exit(1);
    for (int i = 2; i < 500; i++) { /* more than SQLite keeps in memory */
      struct ledger_reply reply = {.refund = 1, .body = {calloc(1, 20000), 20000}};
      refund = refund_number(i);
      if (!ledger_put_refund(ledger, &refund, NULL) || !ledger_put_reply(ledger, &reply, NULL)) _exit(2);
    }
    say(told[1], 'w');
    pause();
  }
  close(told[1]);
  cr_assert(says(told[0], 'w'));
  kill(child, SIGKILL);
  cr_expect_eq(child_status(child), 128 + SIGKILL);
  ledger = book_open(&place);
  cr_expect(book_has(ledger, "r-1"));
  cr_expect_not(book_has(ledger, "r-2"));
  refund = refund_number(2);
  book_put_refund(ledger, &refund);
  ledger_close(ledger);
  cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM refund"), 2);
  cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM reply"), 0);
  cr_expect_eq(book_sql(place.ledger, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

/* Many writers at once: each adds one to the same refund, again whenever another was faster. None is lost. */
Test(ledger_transaction, no_write_of_many_processes_is_lost) {
  enum { PROCESSES = 4, WRITES = 25 };
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(1);
  pid_t children[PROCESSES];
  refund.attempts = 0;
  book_put_refund(ledger, &refund);
  ledger_close(ledger);
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = book_fork();
    if (children[i] != 0) continue;
    ledger = book_open(&place);
    for (int done = 0; done < WRITES;) {
      struct arena *arena = arena_open(0);
      if (book_find(ledger, "r-1", arena, &refund) != LEDGER_FOUND || !ledger_begin(ledger, NULL)) _exit(1);
      refund.attempts++;
      bool put = ledger_put_refund(ledger, &refund, NULL);
      if (put && !ledger_commit(ledger, NULL)) _exit(2);
      if (!put) ledger_rollback(ledger);
      done += put;
      arena_close(arena);
    }
    ledger_close(ledger);
    _exit(0);
  }
  for (int i = 0; i < PROCESSES; i++)
    cr_expect_eq(child_status(children[i]), 0);
  cr_expect_eq(book_sql(place.ledger, "SELECT attempts FROM refund"), PROCESSES * WRITES);
  cr_expect_eq(book_sql(place.ledger, "SELECT revision FROM refund"), PROCESSES * WRITES + 1);
}
