/* What belongs to one refund, in the order it was recorded; and the latest record of all. */
#include <criterion/criterion.h>
#include <string.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct place place;
static struct ledger *ledger;
static struct arena *arena;

static void open_book(void) {
  place = place_make();
  book_make_sound(&place);
  ledger = book_open(&place);
  arena = arena_open(0);
}

static void close_book(void) {
  arena_close(arena);
  ledger_close(ledger);
}

TestSuite(ledger_history, .init = open_book, .fini = close_book);

Test(ledger_history, of_a_refund_holds_what_is_its_own) {
  struct ledger_attempt *attempts;
  struct ledger_reply *replies;
  struct ledger_fact *facts;
  size_t count;
  cr_assert(ledger_attempts_of(ledger, 4, arena, &attempts, &count, NULL));
  cr_assert_eq(count, 2);
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(attempts[i].row, 3 + i);
    cr_expect_eq(attempts[i].refund, 4);
    cr_expect_eq(attempts[i].number, 1 + i);
    cr_expect(refund_is(attempts[i].attempt_class, "B"));
  }
  cr_assert(ledger_replies_of(ledger, 4, arena, &replies, &count, NULL));
  cr_assert_eq(count, 2);
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(replies[i].attempt, attempts[i].row);
    cr_expect(refund_is(replies[i].flow, "refund"));
  }
  cr_assert(ledger_facts_of(ledger, 4, arena, &facts, &count, NULL));
  static const char *const names[] = {"admitted", "attempt", "ambiguous", "attempt", "ambiguous"};
  cr_assert_eq(count, 5);
  for (int i = 0; i < 5; i++) {
    cr_expect_eq(facts[i].number, i + 1);
    cr_expect(refund_is(facts[i].fact, names[i]));
  }
}

Test(ledger_history, of_a_refund_that_has_none_is_empty) {
  struct ledger_attempt *attempts;
  struct ledger_reply *replies;
  size_t count = 9;
  cr_expect(ledger_attempts_of(ledger, 3, arena, &attempts, &count, NULL));
  cr_expect_eq(count, 0);
  count = 9;
  cr_expect(ledger_replies_of(ledger, 99, arena, &replies, &count, NULL));
  cr_expect_eq(count, 0);
}

Test(ledger_history, of_many_rows_is_whole) {
  enum { MANY = 100 };
  struct ledger_reply *replies;
  size_t count;
  cr_assert(ledger_begin(ledger, NULL));
  for (int i = 1; i <= MANY; i++) {
    struct ledger_reply reply = {.refund = i % 2 == 0 ? 3 : 1, .http_status = i, .body = text_number("body", i)};
    cr_assert(ledger_put_reply(ledger, &reply, NULL));
  }
  cr_assert(ledger_commit(ledger, NULL));
  cr_assert(ledger_replies_of(ledger, 3, arena, &replies, &count, NULL));
  cr_assert_eq(count, MANY / 2);
  for (int i = 0; i < MANY / 2; i++) {
    cr_expect_eq(replies[i].http_status, 2 * i + 2);
    cr_expect(refund_same(replies[i].body, text_number("body", 2 * i + 2)));
  }
}

Test(ledger_history, with_a_damaged_row_is_refused_and_names_it) {
  struct ledger_attempt *attempts;
  struct ledger_reply *replies;
  struct ledger_fact *facts;
  size_t count;
  struct error error = {0};
  book_sql(place.ledger,
           "UPDATE attempt SET attempt_class = 'A' WHERE id = 4; UPDATE reply SET body = x'00' WHERE id ="
           " 3; UPDATE fact SET at = 1 WHERE id = 10");
  cr_expect_not(ledger_attempts_of(ledger, 4, arena, &attempts, &count, &error));
  cr_expect_not_null(strstr(error.message, "row 4 of attempt"), "%s", error.message);
  cr_expect_not(ledger_replies_of(ledger, 4, arena, &replies, &count, &error));
  cr_expect_not_null(strstr(error.message, "row 3 of reply"), "%s", error.message);
  cr_expect_not(ledger_facts_of(ledger, 4, arena, &facts, &count, &error));
  cr_expect_not_null(strstr(error.message, "row 10 of fact"), "%s", error.message);
  cr_expect(ledger_attempts_of(ledger, 1, arena, &attempts, &count, &error), "another refund's are read");
}

Test(ledger_history, has_a_latest_time_or_none) {
  struct place fresh = place_make();
  struct ledger *empty = book_open(&fresh);
  struct ledger_refund *refunds[] = {&(struct ledger_refund){.row = 7}, &(struct ledger_refund){.row = 8}};
  static const int64_t times[] = {5000, 3000};
  struct error error = {0};
  int64_t latest = -1;
  cr_expect(ledger_latest(empty, &latest, &error));
  cr_expect_eq(latest, 0);
  cr_assert(ledger_begin(empty, NULL));
  for (int i = 0; i < 2; i++) { /* the clock was set back in between */
    empty->outside.fixed_now_ms = times[i];
    cr_assert(ledger_add_fact(empty, arena, refunds[i], "admitted", 0, (refund_text){NULL, 0}, NULL));
  }
  cr_assert(ledger_commit(empty, NULL));
  cr_expect(ledger_latest(empty, &latest, &error));
  cr_expect_eq(latest, 5000);
  book_sql(fresh.ledger, "UPDATE fact SET at = 9000 WHERE id = 2");
  cr_expect_not(ledger_latest(empty, &latest, &error));
  cr_expect_not_null(strstr(error.message, "row 2 of fact"), "%s", error.message);
  ledger_close(empty);
}

/* ---- Scopes ---- */

static bool collect(void *context, refund_text scope) {
  char *all = context;
  strcat(strncat(all, scope.data, scope.size), " ");
  return true;
}

static void expect_scopes(const char *connector, const char *scopes) {
  char all[100] = "";
  cr_expect(ledger_each_scope(ledger, refund_text_of(connector), collect, all, NULL));
  cr_expect_str_eq(all, scopes);
}

Test(ledger_history, of_scopes_is_by_connector_and_can_be_forgotten) {
  refund_text stripe = refund_text_of("stripe");
  refund_text demo = refund_text_of("demo");
  refund_text other = refund_text_of("other");
  cr_assert(ledger_begin(ledger, NULL));
  cr_expect(ledger_add_scope(ledger, stripe, other, NULL));
  cr_expect(ledger_add_scope(ledger, other, other, NULL));
  expect_scopes("stripe", "demo other ");
  expect_scopes("other", "other ");
  expect_scopes("none", "");
  cr_expect_eq(ledger_find_scope(ledger, stripe, demo, NULL), LEDGER_FOUND);
  cr_expect_eq(ledger_find_scope(ledger, other, demo, NULL), LEDGER_NONE);
  cr_expect_eq(ledger_forget_scope(ledger, other, demo, NULL), LEDGER_NONE);
  cr_expect_eq(ledger_forget_scope(ledger, stripe, demo, NULL), LEDGER_FOUND);
  ledger->outside.fixed_now_ms++;
  cr_expect_eq(ledger_forget_scope(ledger, stripe, demo, NULL), LEDGER_FOUND, "once more changes nothing");
  cr_assert(ledger_commit(ledger, NULL));
  expect_scopes("stripe", "other ");
  cr_expect_eq(book_sql(place.ledger, "SELECT forgotten_at FROM scope WHERE id = 1"), NOW_MS);
  book_sql(place.ledger, "UPDATE scope SET forgotten_at = 0 WHERE id = 1");
  struct error error = {0};
  cr_expect_eq(ledger_find_scope(ledger, stripe, demo, &error), LEDGER_FAILED);
  cr_expect_not_null(strstr(error.message, "row 1 of scope"), "%s", error.message);
}
