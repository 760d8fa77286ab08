/* Who works on what: numbers that are never used again, and a lock that ends with its process. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct place place;

static void make_place(void) {
  place = place_make();
}

TestSuite(ledger_owners, .init = make_place);

static int64_t own(struct ledger *ledger) {
  struct error error = {0};
  cr_assert(ledger_begin(ledger, &error) && ledger_commit(ledger, &error), "%s (%s)", error.message, error.found);
  return ledger_owner(ledger);
}

static bool has_row(int64_t owner) {
  return book_sql(place.ledger, "SELECT count(*) FROM owner WHERE id = %lld", (long long)owner) == 1;
}

Test(ledger_owners, are_there_from_the_first_transaction_on) {
  struct ledger *ledger = book_open(&place);
  cr_expect_eq(ledger_owner(ledger), 0);
  cr_assert(ledger_begin(ledger, NULL));
  int64_t owner = ledger_owner(ledger);
  cr_expect_gt(owner, 0, "before the commit: its rows name it");
  cr_assert(ledger_commit(ledger, NULL));
  cr_expect(has_row(owner));
  cr_expect_eq(own(ledger), owner);
  cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM owner"), 1);
  cr_expect_eq(book_sql(place.ledger, "SELECT started_at FROM owner"), NOW_MS);
  ledger_close(ledger);
}

Test(ledger_owners, are_never_used_again) {
  struct ledger *first = book_open(&place);
  int64_t one = own(first);
  ledger_close(first);
  struct ledger *second = book_open(&place);
  int64_t two = own(second);
  ledger_close(second);
  cr_expect_gt(two, one);
  struct ledger *third = book_open(&place);
  cr_expect_gt(own(third), two);
  ledger_close(third);
}

/* Its row is not there, so only the lock says that the number is taken. */
Test(ledger_owners, keep_a_number_whose_transaction_was_undone) {
  struct ledger *first = book_open(&place);
  struct ledger *second = book_open(&place);
  cr_assert(ledger_begin(first, NULL));
  ledger_rollback(first);
  int64_t one = ledger_owner(first);
  cr_expect_not(has_row(one));
  cr_expect_neq(own(second), one);
  cr_expect_eq(own(first), one);
  cr_expect(has_row(one));
  ledger_close(first);
  first = book_open(&place);
  cr_expect_gt(own(first), ledger_owner(second));
  ledger_close(first);
  ledger_close(second);
}

Test(ledger_owners, live_while_they_hold_the_ledger_open) {
  struct outside outside = outside_of_tests();
  struct ledger *first = book_open(&place);
  struct ledger *second = book_open(&place);
  int64_t one = own(first);
  int64_t two = own(second);
  struct ledger *readonly = ledger_open_readonly(place.ledger, &outside, NULL);
  struct ledger *all[] = {first, second, readonly};
  for (int i = 0; i < 3; i++) {
    cr_expect(ledger_owner_lives(all[i], one));
    cr_expect(ledger_owner_lives(all[i], two));
    cr_expect_not(ledger_owner_lives(all[i], 0), "nobody");
    cr_expect_not(ledger_owner_lives(all[i], -4096));
    cr_expect_not(ledger_owner_lives(all[i], two + 1));
  }
  ledger_close(first);
  cr_expect_not(ledger_owner_lives(second, one));
  cr_expect_not(ledger_owner_lives(readonly, one));
  cr_expect(ledger_owner_lives(second, two));
  ledger_close(second);
  cr_expect_not(ledger_owner_lives(readonly, two));
  ledger_close(readonly);
}

static void say(int descriptor, int64_t what) {
  if (write(descriptor, &what, sizeof what) != sizeof what) _exit(9);
}

static int64_t hear(int descriptor) {
  int64_t said = 0;
  cr_assert_eq(read(descriptor, &said, sizeof said), (ssize_t)sizeof said);
  return said;
}

Test(ledger_owners, die_when_their_process_is_killed) {
  int told[2];
  cr_assert_eq(pipe(told), 0);
  pid_t child = book_fork();
  if (child == 0) {
    say(told[1], own(book_open(&place)));
    for (;;)
      pause();
  }
  close(told[1]);
  int64_t owner = hear(told[0]);
  struct ledger *ledger = book_open(&place);
  cr_expect(ledger_owner_lives(ledger, owner));
  kill(child, SIGKILL);
  cr_expect_eq(child_status(child), 128 + SIGKILL);
  cr_expect_not(ledger_owner_lives(ledger, owner));
  ledger_close(ledger);
}

static void own_start_and_wait(int told) {
  int started[2];
  int64_t owner = own(book_open(&place));
  char byte;
  if (pipe2(started, O_CLOEXEC) != 0) _exit(1);
  pid_t sleeper = fork();
  if (sleeper == 0) {
    execlp("sleep", "sleep", "60", (char *)NULL);
    _exit(1);
  }
  close(started[1]);
  if (read(started[0], &byte, 1) != 0) _exit(2); /* until it is another program */
  say(told, owner);
  say(told, sleeper);
  for (;;)
    pause();
}

/* An OFD lock lives as long as any copy of its descriptor: a program that was started must not have one. The first of
 * the two makes the files, the second finds them. */
Test(ledger_owners, die_though_a_program_that_they_started_lives_on) {
  for (int i = 0; i < 2; i++) {
    int told[2];
    cr_assert_eq(pipe(told), 0);
    pid_t child = book_fork();
    if (child == 0) own_start_and_wait(told[1]);
    close(told[1]);
    int64_t owner = hear(told[0]);
    pid_t sleeper = (pid_t)hear(told[0]);
    struct ledger *ledger = book_open(&place);
    cr_expect(ledger_owner_lives(ledger, owner));
    kill(child, SIGKILL);
    cr_expect_eq(child_status(child), 128 + SIGKILL);
    cr_expect_eq(kill(sleeper, 0), 0, "it is to live");
    cr_expect_not(ledger_owner_lives(ledger, owner));
    kill(sleeper, SIGKILL);
    ledger_close(ledger);
  }
}

/* ---- The turn ---- */

static bool is_silent(int descriptor) {
  struct pollfd polled = {.fd = descriptor, .events = POLLIN};
  return poll(&polled, 1, 200) == 0;
}

/* SQLite's own lock is free all the while. */
Test(ledger_owners, queue_for_their_turn) {
  struct beside beside = {-1, -1};
  int told[2];
  cr_assert_eq(pipe(told), 0);
  ledger_close(book_open(&place));
  cr_assert(beside_open(&beside, place.ledger, false));
  cr_assert(beside_take_turn(&beside));
  pid_t child = book_fork(); /* which must not keep the turn that it inherits */
  if (child == 0) {
    beside_close(&beside);
    struct ledger *ledger = book_open(&place);
    say(told[1], 1);
    if (!ledger_begin(ledger, NULL)) _exit(1);
    say(told[1], 2);
    ledger_rollback(ledger);
    ledger_close(ledger);
    _exit(0);
  }
  cr_expect_eq(hear(told[0]), 1);
  cr_expect(is_silent(told[0]), "it did not wait for its turn");
  beside_leave_turn(&beside);
  cr_expect_eq(hear(told[0]), 2);
  cr_expect_eq(child_status(child), 0);
  beside_close(&beside);
}

Test(ledger_owners, leave_the_turn_however_a_transaction_ends) {
  struct ledger *first = book_open(&place);
  struct ledger *second = book_open(&place);
  struct beside beside = {-1, -1};
  cr_assert(ledger_begin(first, NULL));
  ledger_rollback(first);
  own(second);
  own(first);
  book_sql(place.ledger, "UPDATE ledger SET generation = 77");
  struct ledger_refund refund = refund_number(1);
  cr_assert(ledger_begin(first, NULL));
  cr_assert(ledger_put_refund(first, &refund, NULL));
  cr_expect_not(ledger_commit(first, NULL), "the ledger's own row is damaged");
  cr_assert(beside_open(&beside, place.ledger, false));
  cr_expect(beside_take_turn(&beside));
  beside_close(&beside);
  ledger_close(first);
  ledger_close(second);
}

Test(ledger_owners, files_beside_the_ledger_are_only_its_owners_to_use_whatever_the_umask) {
  static const char *const endings[] = {".owners", ".turn"};
  static const mode_t masks[] = {0, 0277};
  for (int i = 0; i < 4; i++) {
    char path[300];
    struct stat status;
    if (i % 2 == 0) {
      place = place_make();
      mode_t before = umask(masks[i / 2]);
      ledger_close(book_open(&place));
      umask(before);
    }
    snprintf(path, sizeof path, "%s%s", place.ledger, endings[i % 2]);
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 07777u, 0600, "%o", status.st_mode);
  }
}

/* Locks of two names would not be those of one ledger. */
Test(ledger_owners, are_those_of_the_file_whatever_its_name) {
  struct place other = place;
  struct error error = {0};
  ledger_close(book_open(&place));
  snprintf(other.ledger, sizeof other.ledger, "%s/link.db", place.folder);
  cr_assert_eq(symlink(place.ledger, other.ledger), 0);
  struct ledger *first = book_open(&place);
  struct ledger *second = book_open(&other);
  int64_t owner = own(first);
  cr_expect(ledger_owner_lives(second, owner));
  cr_expect_neq(own(second), owner);
  cr_expect(ledger_is_original(second, &error), "%s", error.found);
  ledger_close(first);
  ledger_close(second);
}
