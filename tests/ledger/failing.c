/* What a disk that fails leaves open, and what is done about it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ledger/book.h"
#include "ledger/faults.h"
#include "refund_toolkit.h"

static struct place place;
static struct faults *faults;

static void make_book(void) {
  faults = faults_install();
  place = place_make();
  book_make_sound(&place);
}

TestSuite(ledger_failing, .init = make_book);

/* A commit on a disk with these faults; they are gone afterwards. */
static struct ledger *fail_commit(struct faults these, struct error *error) {
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(10);
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_put_refund(ledger, &refund, NULL));
  *faults = these;
  memset(error, 0, sizeof *error);
  cr_expect_not(ledger_commit(ledger, error));
  cr_expect_eq(error->code, ERROR_LEDGER);
  *faults = (struct faults){0};
  cr_expect_not(ledger_begin(ledger, NULL), "what it has in memory proves nothing");
  return ledger;
}

static struct ledger *try_open(struct error *error) {
  struct outside outside = outside_of_tests();
  bool created;
  memset(error, 0, sizeof *error);
  return ledger_open(place.ledger, &outside, &created, error);
}

Test(ledger_failing, for_want_of_space_it_is_read_again_and_goes_on) {
  static const int wants[] = {ENOSPC, EDQUOT};
  for (int i = 0; i < 2; i++) {
    struct error error;
    struct ledger *ledger = fail_commit((struct faults){.write = wants[i]}, &error);
    struct ledger_refund refund = refund_number(20 + i);
    cr_expect_str_eq(error.fix, "free space on its disk");
    cr_assert(ledger_reopen(ledger, &error), "%s", error.message);
    cr_expect_not(book_has(ledger, "r-10"));
    book_put_refund(ledger, &refund);
    cr_expect(ledger_is_original(ledger, &error), "%s", error.found);
    ledger_close(ledger);
  }
}

Test(ledger_failing, for_any_other_reason_nothing_is_written_any_more) {
  static const struct faults all[] = {{.write = EIO}, {.sync = EIO}, {.sync = ENOSPC}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct error error;
    struct ledger *ledger = fail_commit(all[i], &error);
    cr_expect_not(ledger_reopen(ledger, &error));
    cr_expect_not_null(strstr(error.message, "the disk of the ledger"), "%s", error.message);
    cr_expect_not(ledger_begin(ledger, &error));
    cr_expect_not_null(strstr(error.fix, "look after the disk"), "%s", error.fix);
    ledger_close(ledger);
  }
}

/* Not at the commit but in it: SQLite gave the transaction up. */
Test(ledger_failing, within_a_transaction_is_no_less) {
  struct ledger *ledger = book_open(&place);
  struct ledger_reply reply = {.refund = 1, .attempt = 1, .body = {calloc(1, 1 << 24), 1 << 24}};
  struct error error = {0};
  cr_assert(ledger_begin(ledger, NULL));
  *faults = (struct faults){.write = EIO};
  cr_expect_not(ledger_put_reply(ledger, &reply, &error), "more than SQLite keeps in memory");
  *faults = (struct faults){0};
  ledger_rollback(ledger);
  cr_expect_not(ledger_begin(ledger, &error));
  cr_expect_not(ledger_reopen(ledger, &error));
  ledger_close(ledger);
  free((char *)(uintptr_t)reply.body.data);
}

static bool is_marked(void) {
  struct beside beside = {-1, -1};
  struct mark mark;
  cr_assert(beside_open(&beside, place.ledger, true));
  cr_assert(mark_read(&beside, &mark));
  beside_close(&beside);
  return mark.broken;
}

Test(ledger_failing, is_verified_by_the_next_that_opens_it) {
  struct error error;
  ledger_close(fail_commit((struct faults){.sync = EIO}, &error));
  cr_expect(is_marked());
  struct ledger *ledger = try_open(&error);
  cr_assert_not_null(ledger, "%s", error.message);
  cr_expect_not(is_marked());
  cr_expect(ledger_is_original(ledger, &error), "%s", error.found);
  ledger_close(ledger);
}

Test(ledger_failing, stays_to_be_verified_though_others_write_on) {
  struct error error;
  struct ledger *other = book_open(&place);
  struct ledger_refund refund = refund_number(20);
  ledger_close(fail_commit((struct faults){.sync = EIO}, &error));
  book_put_refund(other, &refund);
  cr_expect(is_marked());
  ledger_close(other);
}

Test(ledger_failing, is_not_opened_for_writing_while_it_is_damaged) {
  struct outside outside = outside_of_tests();
  struct error error;
  ledger_close(fail_commit((struct faults){.write = EIO}, &error));
  book_sql(place.ledger, "UPDATE refund SET refund_amount = 60 WHERE id = 1");
  cr_expect_null(try_open(&error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_not_null(strstr(error.found, "row 1 of refund"), "%s", error.found);
  cr_expect_neq(error.fix[0], '\0');
  struct ledger *readonly = ledger_open_readonly(place.ledger, &outside, &error);
  cr_expect_not_null(readonly, "%s", error.message);
  ledger_close(readonly);
  book_sql(place.ledger, "UPDATE refund SET refund_amount = 6000 WHERE id = 1");
  struct ledger *ledger = try_open(&error);
  cr_expect_not_null(ledger, "%s: %s", error.message, error.found);
  ledger_close(ledger);
}

/* These are no damage, and there is no way to mend them before it is open. */
Test(ledger_failing, is_opened_though_a_payment_is_over_held_or_it_is_a_copy) {
  struct error error;
  struct arena *arena = arena_open(0);
  struct ledger_payment like = payment_number(1);
  struct ledger_payment payment;
  struct ledger *ledger = book_open(&place);
  cr_assert_eq(
      ledger_find_payment(ledger, like.scope, like.connector_transaction_id, like.currency, arena, &payment, NULL),
      LEDGER_FOUND);
  payment.captured_amount = 1;
  book_put_payment(ledger, &payment);
  ledger_close(ledger);
  ledger_close(fail_commit((struct faults){.sync = EIO}, &error));
  char kept[300];
  snprintf(kept, sizeof kept, "%s/kept.db", place.folder);
  book_copy(place.ledger, kept);
  cr_assert_eq(rename(kept, place.ledger), 0);
  ledger = try_open(&error);
  cr_assert_not_null(ledger, "%s: %s", error.message, error.found);
  cr_expect_not(ledger_is_original(ledger, NULL));
  ledger_close(ledger);
  arena_close(arena);
}

/* ---- Room ---- */

Test(ledger_failing, is_foreseen_where_there_is_no_room) {
  struct ledger *ledger = book_open(&place);
  struct error error = {0};
  cr_expect(ledger_has_room(ledger, 0, &error), "%s", error.message);
  cr_expect(ledger_has_room(ledger, 1 << 20, &error), "%s", error.message);
  cr_expect_not(ledger_has_room(ledger, INT64_MAX, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_str_eq(error.fix, "free space on its disk");
  cr_expect_not(ledger_has_room(ledger, -1, NULL));
  ledger_close(ledger);
}

Test(ledger_failing, on_a_network_file_system_is_refused_before_anything_is_made) {
  struct outside outside = outside_of_tests();
  struct place fresh = place_make();
  struct error error;
  faults->far = true;
  cr_expect_null(try_open(&error));
  cr_expect_not_null(strstr(error.message, "is on a network file system"), "%s", error.message);
  cr_expect_neq(error.fix[0], '\0');
  cr_expect_null(ledger_open_readonly(place.ledger, &outside, &error));
  cr_expect_not_null(strstr(error.message, "is on a network file system"), "%s", error.message);
  place = fresh;
  cr_expect_null(try_open(&error));
  cr_expect_neq(access(fresh.ledger, F_OK), 0);
}

/* As `stat -f -c %t` and the kernel's magic.h say. */
Test(ledger_failing, network_file_systems_are_known_by_their_numbers) {
  static const int64_t far[] = {0x6969, 0x517B, 0xFE534D42, 0xFF534D42, 0x5346414F, 0x6B414653, 0x00C36400, 0x01021997};
  static const int64_t near[] = {0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x794C7630, 0x2FC12FC1, 0x65735546};
  for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
    cr_expect(ledger_is_far(far[i]), "%llx", (unsigned long long)far[i]);
    cr_expect(ledger_is_far((int32_t)far[i]), "where it is a signed number of 32 bits");
  }
  for (size_t i = 0; i < sizeof near / sizeof *near; i++)
    cr_expect_not(ledger_is_far(near[i]), "%llx", (unsigned long long)near[i]);
}
