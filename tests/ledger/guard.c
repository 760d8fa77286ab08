/* What the ledger refuses to record. */
#include <criterion/criterion.h>
#include <string.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct ledger *ledger;
static struct place place;

static void open_book(void) {
  place = place_make();
  ledger = book_open(&place);
}

static void close_book(void) {
  ledger_close(ledger);
}

TestSuite(ledger_guard, .init = open_book, .fini = close_book);

/* Puts it in a part of its own. */
static bool put(struct ledger_refund *refund, struct error *error) {
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_part_begin(ledger, NULL));
  bool done = ledger_put_refund(ledger, refund, error);
  if (done) cr_assert(ledger_part_end(ledger, NULL));
  if (!done) ledger_part_undo(ledger);
  cr_assert(ledger_commit(ledger, NULL));
  return done;
}

Test(ledger_guard, counts_the_writes_of_a_refund) {
  struct ledger_refund refund = refund_number(1);
  for (int i = 1; i <= 5; i++) {
    cr_assert(put(&refund, NULL));
    cr_expect_eq(refund.row, 1);
    cr_expect_eq(refund.revision, i);
  }
}

Test(ledger_guard, a_stale_refund_is_not_put) {
  struct arena *arena = arena_open(0);
  struct ledger_refund first = refund_number(1);
  struct ledger_refund second;
  struct ledger_refund now;
  struct error error = {0};
  cr_assert(put(&first, NULL));
  cr_assert_eq(book_find(ledger, "r-1", arena, &second), LEDGER_FOUND);
  first.position.state = STATE_SUCCEEDED;
  cr_assert(put(&first, NULL));
  second.position.state = STATE_FAILED;
  cr_expect_not(put(&second, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_str_eq(error.message, "row 1 of refund was changed by another process meanwhile");
  cr_expect_str_eq(error.fix, "ask again");
  cr_expect_eq(second.revision, 1, "as it was read, so that it stays stale");
  cr_expect_not(put(&second, &error));
  cr_assert_eq(book_find(ledger, "r-1", arena, &now), LEDGER_FOUND);
  cr_expect_eq(now.position.state, STATE_SUCCEEDED);
  cr_expect_eq(now.revision, 2);
  arena_close(arena);
}

Test(ledger_guard, a_row_that_is_not_there_is_not_rewritten) {
  struct ledger_payment payment = payment_number(1);
  struct ledger_attempt attempt = {.row = 9};
  struct ledger_reply reply = {.row = 9};
  struct error error = {0};
  payment.row = 9;
  cr_assert(ledger_begin(ledger, NULL));
  cr_expect_not(ledger_put_payment(ledger, &payment, &error));
  cr_expect_not_null(strstr(error.message, "row 9 of payment"));
  cr_expect_not(ledger_put_attempt(ledger, &attempt, &error));
  cr_expect_not(ledger_put_reply(ledger, &reply, &error));
  ledger_rollback(ledger);
}

Test(ledger_guard, a_refund_id_is_there_once) {
  struct ledger_refund first = refund_number(1);
  struct ledger_refund again = refund_number(2);
  struct error error = {0};
  again.refund_id = first.refund_id;
  again.account = again.scope = refund_text_of("other"); /* it names one refund, whatever the account */
  cr_assert(put(&first, NULL));
  cr_expect_not(put(&again, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_not_null(strstr(error.found, "refund.refund_id"), "%s", error.found);
  cr_expect_eq(again.row, 0);
  cr_expect_eq(again.revision, 0);
  cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM refund"), 1);
}

Test(ledger_guard, a_processors_unique_refund_id_is_there_once_a_connector_and_scope) {
  struct ledger_refund first = refund_number(1);
  struct ledger_refund same = refund_number(2);
  struct ledger_refund elsewhere = refund_number(3);
  struct ledger_refund other_connector = refund_number(4);
  struct ledger_refund not_unique = refund_number(5);
  struct ledger_refund not_unique_too = refund_number(6);
  struct error error = {0};
  same.unique_refund_id = elsewhere.unique_refund_id = other_connector.unique_refund_id = first.unique_refund_id;
  elsewhere.scope = refund_text_of("other");
  other_connector.connector = refund_text_of("other");
  not_unique.connector_refund_id = not_unique_too.connector_refund_id = first.connector_refund_id;
  not_unique.unique_refund_id = not_unique_too.unique_refund_id = (refund_text){NULL, 0};
  cr_assert(put(&first, NULL));
  cr_expect_not(put(&same, &error));
  cr_expect_not_null(strstr(error.found, "refund.unique_refund_id"), "%s", error.found);
  cr_expect(put(&elsewhere, &error), "%s", error.found);
  cr_expect(put(&other_connector, &error), "%s", error.found);
  cr_expect(put(&not_unique, &error), "%s", error.found);
  cr_expect(put(&not_unique_too, &error), "%s", error.found);
}

Test(ledger_guard, a_rewrite_cannot_take_anothers_unique_refund_id) {
  struct ledger_refund first = refund_number(1);
  struct ledger_refund second = refund_number(2);
  struct error error = {0};
  second.unique_refund_id = (refund_text){NULL, 0};
  cr_assert(put(&first, NULL));
  cr_assert(put(&second, NULL));
  second.unique_refund_id = first.unique_refund_id;
  cr_expect_not(put(&second, &error));
  second.unique_refund_id = (refund_text){NULL, 0};
  cr_expect(put(&second, &error), "after a refusal it is as it was: %s", error.message);
}

Test(ledger_guard, a_payment_is_there_once) {
  struct ledger_payment first = payment_number(1);
  struct ledger_payment same = payment_number(1);
  struct ledger_payment other_currency = payment_number(1);
  struct ledger_payment other_scope = payment_number(1);
  other_currency.currency = refund_text_of("USD");
  other_scope.scope = refund_text_of("other");
  book_put_payment(ledger, &first);
  book_put_payment(ledger, &other_currency);
  book_put_payment(ledger, &other_scope);
  cr_assert(ledger_begin(ledger, NULL));
  cr_expect_not(ledger_put_payment(ledger, &same, NULL));
  ledger_rollback(ledger);
}

Test(ledger_guard, an_attempts_number_is_there_once_a_refund) {
  struct ledger_attempt first = {.refund = 1, .number = 1};
  struct ledger_attempt same = {.refund = 1, .number = 1};
  struct ledger_attempt next = {.refund = 1, .number = 2};
  struct ledger_attempt others = {.refund = 2, .number = 1};
  cr_assert(ledger_begin(ledger, NULL));
  cr_expect(ledger_put_attempt(ledger, &first, NULL));
  cr_expect_not(ledger_put_attempt(ledger, &same, NULL));
  cr_expect(ledger_put_attempt(ledger, &next, NULL));
  cr_expect(ledger_put_attempt(ledger, &others, NULL));
  cr_assert(ledger_commit(ledger, NULL));
}
