/* The facts of a refund are numbered and chained: each says the checksum of the one before. */
#include <criterion/criterion.h>
#include <string.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct ledger_fact read_fact(struct ledger *ledger, int64_t row, struct arena *arena) {
  struct ledger_fact fact = {0};
  sqlite3_stmt *statement = NULL;
  cr_assert_eq(table_select(ledger->database, &fact_table, "WHERE id = ?", &statement), SQLITE_OK);
  sqlite3_bind_int64(statement, 1, row);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  cr_assert_eq(table_read(statement, &fact_table, arena, &fact), SQLITE_OK);
  sqlite3_finalize(statement);
  return fact;
}

static void add(struct ledger *ledger, struct arena *arena, struct ledger_refund *refund, const char *name,
                struct position position, refund_text note) {
  struct error error = {0};
  refund->position = position;
  cr_assert(ledger_begin(ledger, &error));
  if (refund->row == 0) cr_assert(ledger_put_refund(ledger, refund, &error), "%s", error.message);
  cr_assert(ledger_add_fact(ledger, arena, refund, name, 40 + refund->facts, note, &error), "%s", error.message);
  cr_assert(ledger_put_refund(ledger, refund, &error), "%s", error.message);
  cr_assert(ledger_commit(ledger, &error));
}

static struct ledger_refund without_facts(int n) {
  struct ledger_refund refund = refund_number(n);
  refund.chain = (refund_text){NULL, 0};
  return refund;
}

static bool is_checksum_of_row(const struct place *place, refund_text text, int64_t row) {
  cr_assert_eq(text.size, 64);
  return book_sql(place->ledger, "SELECT checksum = '%s' FROM fact WHERE id = %lld", text.data, (long long)row) == 1;
}

Test(ledger_facts, are_numbered_and_chained_from_the_first_to_the_refund) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  struct ledger_refund refund = without_facts(1);
  struct ledger_refund got;
  refund_text none = {NULL, 0};
  add(ledger, arena, &refund, "admitted", (struct position){STATE_NEW, DETAIL_NONE}, none);
  add(ledger, arena, &refund, "attempt", (struct position){STATE_SENDING, DETAIL_NONE}, refund_text_of(""));
  add(ledger, arena, &refund, "rejected", (struct position){STATE_FAILED, DETAIL_REJECTED}, refund_text_of("a note"));
  static const char *const names[] = {"admitted", "attempt", "rejected"};
  static const char *const states[] = {"new", "sending", "failed"};
  for (int i = 0; i < 3; i++) {
    struct ledger_fact fact = read_fact(ledger, i + 1, arena);
    cr_expect_eq(fact.refund, refund.row);
    cr_expect_eq(fact.number, i + 1);
    cr_expect(refund_is(fact.fact, names[i]));
    cr_expect(refund_is(fact.state, states[i]));
    cr_expect(refund_is(fact.detail, i == 2 ? "rejected" : ""));
    cr_expect_eq(fact.attempt, 40 + i);
    cr_expect_eq(fact.at, NOW_MS);
    cr_expect_eq(fact.note.data == NULL, i == 0);
    if (i == 0) cr_expect_null(fact.previous.data);
    if (i > 0) cr_expect(is_checksum_of_row(&place, fact.previous, i));
  }
  cr_assert_eq(book_find(ledger, "r-1", arena, &got), LEDGER_FOUND);
  cr_expect_eq(got.facts, 3);
  cr_expect(is_checksum_of_row(&place, got.chain, 3));
  arena_close(arena);
  ledger_close(ledger);
}

Test(ledger_facts, of_each_refund_are_a_chain_of_their_own) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  struct ledger_refund refunds[2] = {without_facts(1), without_facts(2)};
  struct position position = {STATE_PENDING, DETAIL_NONE};
  for (int i = 0; i < 6; i++)
    add(ledger, arena, &refunds[i % 2], "fact", position, (refund_text){NULL, 0});
  for (int i = 0; i < 6; i++) {
    struct ledger_fact fact = read_fact(ledger, i + 1, arena);
    cr_expect_eq(fact.refund, refunds[i % 2].row);
    cr_expect_eq(fact.number, i / 2 + 1);
    if (i >= 2) cr_expect(is_checksum_of_row(&place, fact.previous, i - 1));
  }
  arena_close(arena);
  ledger_close(ledger);
}

/* Two who read the same refund both want to add the same number: one of them is refused. */
Test(ledger_facts, have_no_number_twice) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  struct ledger_refund refund = without_facts(1);
  struct error error = {0};
  add(ledger, arena, &refund, "first", (struct position){STATE_NEW, DETAIL_NONE}, (refund_text){NULL, 0});
  struct ledger_refund stale = refund;
  add(ledger, arena, &refund, "second", (struct position){STATE_SENDING, DETAIL_NONE}, (refund_text){NULL, 0});
  cr_assert(ledger_begin(ledger, NULL));
  cr_expect_not(ledger_add_fact(ledger, arena, &stale, "second too", 0, (refund_text){NULL, 0}, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_eq(stale.facts, 1);
  ledger_rollback(ledger);
  cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM fact"), 2);
  arena_close(arena);
  ledger_close(ledger);
}
