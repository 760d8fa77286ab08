/* What a list holds, and in which order. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

enum { LISTED = 400 };

struct listed {
  char ids[LISTED];
  int left; /* how many more are wanted; negative: all */
};

static bool collect(void *context, const struct ledger_refund *refund) {
  struct listed *listed = context;
  size_t size = strlen(listed->ids);
  snprintf(listed->ids + size, sizeof listed->ids - size, "%s%.*s", size == 0 ? "" : " ", (int)refund->refund_id.size,
           refund->refund_id.data);
  return --listed->left != 0;
}

static void expect_list(struct ledger *ledger, const struct ledger_filter *filter, const char *ids) {
  struct listed listed = {.left = -1};
  struct error error = {0};
  cr_expect(ledger_list(ledger, filter, collect, &listed, &error), "%s", error.message);
  cr_expect_str_eq(listed.ids, ids);
}

/* Refund n in the n-th state and, by turns, of account demo and other; each of a payment of its own. */
static struct ledger *make_book(const struct place *place) {
  struct ledger *ledger = book_open(place);
  for (int n = 1; n <= STATES; n++) {
    struct ledger_refund refund = refund_number(n);
    struct ledger_payment payment = payment_number(n);
    refund.position = (struct position){(enum state)(n - 1), n == STATES ? DETAIL_OURS : DETAIL_NONE};
    refund.account = refund_text_of(n % 2 == 0 ? "other" : "demo");
    payment.captured_amount = payment.held_amount = 6000;
    book_put_payment(ledger, &payment);
    book_put_refund(ledger, &refund);
  }
  return ledger;
}

Test(ledger_list, holds_all_in_the_order_they_were_recorded) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  struct ledger_filter nothing = {0};
  expect_list(ledger, NULL, "r-1 r-2 r-3 r-4 r-5 r-6 r-7 r-8");
  expect_list(ledger, &nothing, "r-1 r-2 r-3 r-4 r-5 r-6 r-7 r-8");
  ledger_close(ledger);
}

struct outer {
  struct ledger *ledger;
  int given;
};

static bool list_within(void *context, const struct ledger_refund *refund) {
  struct outer *outer = context;
  (void)refund;
  outer->given++;
  expect_list(outer->ledger, NULL, "r-1 r-2 r-3 r-4 r-5 r-6 r-7 r-8");
  return outer->given <= STATES;
}

Test(ledger_list, goes_on_after_the_same_list_within_it) {
  struct place place = place_make();
  struct outer outer = {make_book(&place), 0};
  cr_expect(ledger_list(outer.ledger, NULL, list_within, &outer, NULL));
  cr_expect_eq(outer.given, STATES);
  ledger_close(outer.ledger);
}

Test(ledger_list, of_an_empty_ledger_is_empty) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  expect_list(ledger, NULL, "");
  ledger_close(ledger);
}

Test(ledger_list, holds_one_state_or_one_account_or_both) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  for (int n = 1; n <= STATES; n++) {
    char id[16];
    struct ledger_filter filter = {.states = LEDGER_IN(n - 1)};
    snprintf(id, sizeof id, "r-%d", n);
    expect_list(ledger, &filter, id);
    filter.account = n % 2 == 0 ? "other" : "demo";
    expect_list(ledger, &filter, id);
    filter.account = n % 2 == 0 ? "demo" : "other";
    expect_list(ledger, &filter, "");
  }
  expect_list(ledger, &(struct ledger_filter){.account = "demo"}, "r-1 r-3 r-5 r-7");
  expect_list(ledger, &(struct ledger_filter){.account = "Demo"}, "");
  expect_list(ledger, &(struct ledger_filter){.states = LEDGER_IN(STATE_NEW) | LEDGER_IN(STATE_FAILED)}, "r-1 r-6");
  expect_list(ledger, &(struct ledger_filter){.states = LEDGER_IN(STATE_FAILED) | LEDGER_IN(STATE_MANUAL_REVIEW)},
              "r-6 r-8");
  ledger_close(ledger);
}

Test(ledger_list, of_attention_holds_what_needs_a_person) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  struct ledger_refund theirs = refund_number(9);
  theirs.position = (struct position){STATE_MANUAL_REVIEW, DETAIL_THEIRS};
  book_put_refund(ledger, &theirs);
  struct ledger_filter filter = {.attention = true};
  expect_list(ledger, &filter, "r-3 r-8 r-9");
  filter.account = "other";
  expect_list(ledger, &filter, "r-8");
  filter.account = NULL;
  filter.states = LEDGER_IN(STATE_UNKNOWN);
  expect_list(ledger, &filter, "r-3");
  filter.states = LEDGER_IN(STATE_SUCCEEDED);
  expect_list(ledger, &filter, "");
  ledger_close(ledger);
}

static void hold(struct ledger *ledger, int n, int64_t amount) {
  struct arena *arena = arena_open(0);
  struct ledger_payment like = payment_number(n);
  struct ledger_payment payment;
  cr_assert_eq(
      ledger_find_payment(ledger, like.scope, like.connector_transaction_id, like.currency, arena, &payment, NULL),
      LEDGER_FOUND);
  payment.held_amount = amount;
  book_put_payment(ledger, &payment);
  arena_close(arena);
}

Test(ledger_list, of_attention_begins_with_payments_held_beyond_captured) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  struct ledger_filter filter = {.attention = true};
  hold(ledger, 5, 6000);
  expect_list(ledger, &filter, "r-3 r-8");
  hold(ledger, 5, 6001);
  expect_list(ledger, &filter, "r-5 r-3 r-8");
  hold(ledger, 4, 6001);
  expect_list(ledger, &filter, "r-4 r-5 r-3 r-8");
  expect_list(ledger, NULL, "r-1 r-2 r-3 r-4 r-5 r-6 r-7 r-8");
  ledger_close(ledger);
}

Test(ledger_list, over_held_counts_only_for_the_same_scope_and_currency) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  struct ledger_payment other_scope = payment_number(5);
  struct ledger_payment other_currency = payment_number(5);
  other_scope.scope = refund_text_of("other");
  other_currency.currency = refund_text_of("USD");
  other_scope.held_amount = other_currency.held_amount = 99999;
  book_put_payment(ledger, &other_scope);
  book_put_payment(ledger, &other_currency);
  expect_list(ledger, &(struct ledger_filter){.attention = true}, "r-3 r-8");
  ledger_close(ledger);
}

Test(ledger_list, stops_when_told_to) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  struct listed listed = {.left = 2};
  cr_expect(ledger_list(ledger, NULL, collect, &listed, NULL));
  cr_expect_str_eq(listed.ids, "r-1 r-2");
  struct ledger_refund refund = refund_number(20);
  book_put_refund(ledger, &refund); /* nothing of the list stands in the way */
  ledger_close(ledger);
}

/* ---- By what a refund is of ---- */

Test(ledger_list, holds_what_has_all_that_is_asked_for) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  for (int n = 1; n <= 4; n++) {
    struct ledger_refund refund = refund_number(n);
    refund.connector_transaction_id = text_number("pay", n % 2);
    refund.scope = refund_text_of(n <= 2 ? "demo" : "other");
    refund.currency = refund_text_of(n == 4 ? "USD" : "EUR");
    refund.connector_refund_id = n == 3 ? (refund_text){NULL, 0} : text_number("re", n / 4);
    refund.unique_refund_id = (refund_text){NULL, 0};
    refund.created_at = 1000 * n;
    book_put_refund(ledger, &refund);
  }
  expect_list(ledger, &(struct ledger_filter){.scope = refund_text_of("demo")}, "r-1 r-2");
  expect_list(ledger, &(struct ledger_filter){.connector_transaction_id = refund_text_of("pay-1")}, "r-1 r-3");
  expect_list(ledger, &(struct ledger_filter){.currency = refund_text_of("EUR")}, "r-1 r-2 r-3");
  expect_list(ledger, &(struct ledger_filter){.connector_refund_id = refund_text_of("re-0")}, "r-1 r-2");
  expect_list(ledger, &(struct ledger_filter){.connector_refund_id = refund_text_of("")}, "");
  expect_list(ledger, &(struct ledger_filter){.created_from = 2000}, "r-2 r-3 r-4");
  expect_list(ledger, &(struct ledger_filter){.created_from = 4001}, "");
  expect_list(ledger,
              &(struct ledger_filter){.account = "demo",
                                      .scope = refund_text_of("demo"),
                                      .connector_transaction_id = refund_text_of("pay-0"),
                                      .currency = refund_text_of("EUR"),
                                      .connector_refund_id = refund_text_of("re-0"),
                                      .states = LEDGER_IN(STATE_PENDING),
                                      .created_from = 1000},
              "r-2");
  ledger_close(ledger);
}

Test(ledger_list, takes_a_text_with_quotes_for_a_text) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  expect_list(ledger, &(struct ledger_filter){.scope = refund_text_of("demo' OR '1'='1")}, "");
  ledger_close(ledger);
}

struct spied {
  sqlite3 *database;
  char sql[4000];
};

static bool spy(void *context, const struct ledger_refund *refund) {
  struct spied *spied = context;
  (void)refund;
  snprintf(spied->sql, sizeof spied->sql, "EXPLAIN QUERY PLAN %s",
           sqlite3_sql(sqlite3_next_stmt(spied->database, NULL)));
  return false;
}

/* Among a million refunds, what is open or of one payment is found without reading the others. */
Test(ledger_list, reads_by_an_index_where_there_is_one) {
  static const struct {
    struct ledger_filter filter;
    const char *index;
  } cases[] = {
      {{.states = LEDGER_IN(STATE_NEW) | LEDGER_IN(STATE_UNKNOWN)}, "USING INDEX refund_open"},
      {{.states = LEDGER_IN(STATE_MANUAL_REVIEW), .account = "other"}, "USING INDEX refund_open"},
      {{.connector_transaction_id = {"pay-1", 5}}, "USING INDEX refund_of_payment"},
      {{.scope = {"demo", 4}, .connector_transaction_id = {"pay-1", 5}, .currency = {"EUR", 3}},
       "USING INDEX refund_of_payment"},
      {{.connector_refund_id = {"re-1", 4}}, "USING INDEX refund_named_by_processor"},
      {{.created_from = 4001}, "USING INDEX refund_created"},
  };
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct spied spied = {.database = ledger->database};
    sqlite3_stmt *statement = NULL;
    cr_assert(ledger_list(ledger, &cases[i].filter, spy, &spied, NULL));
    cr_assert_eq(sqlite3_prepare_v2(ledger->database, spied.sql, -1, &statement, NULL), SQLITE_OK, "%s", spied.sql);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    const char *plan = (const char *)sqlite3_column_text(statement, 3);
    cr_expect_not_null(strstr(plan, cases[i].index), "%s: %s", cases[i].index, plan);
    sqlite3_finalize(statement);
  }
  ledger_close(ledger);
}

/* ---- Of one payment ---- */

static bool collect_payment(void *context, const struct ledger_payment *payment) {
  struct listed *listed = context;
  size_t size = strlen(listed->ids);
  snprintf(listed->ids + size, sizeof listed->ids - size, "%s/%s ", payment->scope.data, payment->currency.data);
  return --listed->left != 0;
}

Test(ledger_list, of_payments_holds_those_of_one_id_in_any_scope_and_currency) {
  struct place place = place_make();
  struct ledger *ledger = make_book(&place);
  struct ledger_payment other_scope = payment_number(5);
  struct ledger_payment other_currency = payment_number(5);
  struct listed all = {.left = -1};
  struct listed first = {.left = 1};
  struct listed none = {.left = -1};
  refund_text id = refund_text_of("pay-5");
  struct error error = {0};
  other_scope.scope = refund_text_of("other");
  other_currency.currency = refund_text_of("USD");
  book_put_payment(ledger, &other_scope);
  book_put_payment(ledger, &other_currency);
  cr_expect(ledger_list_payments(ledger, id, collect_payment, &all, NULL));
  cr_expect_str_eq(all.ids, "demo/EUR other/EUR demo/USD ");
  cr_expect(ledger_list_payments(ledger, id, collect_payment, &first, NULL));
  cr_expect_str_eq(first.ids, "demo/EUR ");
  cr_expect(ledger_list_payments(ledger, refund_text_of("pay-55"), collect_payment, &none, NULL));
  cr_expect_str_eq(none.ids, "");
  book_sql(place.ledger, "UPDATE payment SET held_amount = 0 WHERE scope = 'other'");
  cr_expect_not(ledger_list_payments(ledger, id, collect_payment, &none, &error));
  cr_expect_not_null(strstr(error.message, "row 9 of payment"), "%s", error.message);
  ledger_close(ledger);
}
