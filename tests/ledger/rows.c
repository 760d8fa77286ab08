/* Rows come back as they were put: every column of every kind, and what is not there stays apart from what is empty. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

enum { VARIANTS = 60, TEXTS = 7, NUMBERS = 7 };

/* ---- The generator: numbers by a fixed rule, so that a failure comes again ---- */

static uint64_t draw(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

static refund_text some_text(uint64_t *seed, enum column_type type) {
  static const char all_bytes[] = "\0\001\177\200\376\377 line\nfeed";
  static const char *const texts[TEXTS] = {"",
                                           " ",
                                           "plain",
                                           "Gr\xc3\xbc\xc3\x9f"
                                           "e \xe2\x82\xac \xf0\x9f\x92\xb6",
                                           "a'b\"c;--",
                                           "line\r\nfeed\ttab",
                                           "12345678901234567890"};
  uint64_t choice = draw(seed) % (TEXTS + 2);
  if (choice == TEXTS) return (refund_text){NULL, 0};
  if (choice > TEXTS && type == COLUMN_BLOB) return (refund_text){all_bytes, sizeof all_bytes - 1};
  if (choice < TEXTS) return refund_text_of(texts[choice]);
  return text_number("text", (int)(draw(seed) % 1000000));
}

static void fill(const struct table *table, union ledger_any_row *row, uint64_t *seed) {
  static const int64_t numbers[NUMBERS] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_C(9007199254740991), 200};
  memset(row, 0, sizeof *row);
  for (size_t i = 0; i < table->count; i++) {
    const struct column *column = &table->columns[i];
    void *at = (char *)row + column->offset;
    switch (column->type) {
      case COLUMN_INTEGER:
        *(int64_t *)at = numbers[draw(seed) % NUMBERS];
        break;
      case COLUMN_STATE:
        *(enum state *)at = (enum state)(draw(seed) % STATES);
        break;
      case COLUMN_DETAIL:
        *(enum state_detail *)at = (enum state_detail)(draw(seed) % DETAIL_KEEP);
        break;
      case COLUMN_TEXT:
      case COLUMN_BLOB:
        *(refund_text *)at = some_text(seed, column->type);
        break;
    }
  }
}

/* Its rows come by themselves. */
static bool is_of_the_ledger(const struct table *table) {
  return table == &identity_table || table == &owner_table;
}

/* What must differ from row to row, or is counted by the ledger. */
static void make_distinct(const struct table *table, union ledger_any_row *row, int variant) {
  static char texts[VARIANTS][16];
  snprintf(texts[variant], sizeof texts[variant], "id-%d", variant);
  if (table == &payment_table) row->payment.connector_transaction_id = refund_text_of(texts[variant]);
  if (table == &scope_table) row->scope.scope = refund_text_of(texts[variant]);
  if (table == &attempt_table) row->attempt.refund = variant;
  if (table == &refund_table) {
    row->refund.refund_id = refund_text_of(texts[variant]);
    row->refund.unique_refund_id = variant % 2 == 0 ? row->refund.refund_id : (refund_text){NULL, 0};
    row->refund.revision = variant;
  }
}

static bool is_same_text(const refund_text *a, const refund_text *b) {
  return a->data == NULL ? b->data == NULL : refund_same(*a, *b);
}

static void expect_same(const struct table *table, const union ledger_any_row *put, const union ledger_any_row *got) {
  cr_expect_eq(put->row, got->row);
  for (size_t i = 0; i < table->count; i++) {
    const struct column *column = &table->columns[i];
    const void *a = (const char *)put + column->offset;
    const void *b = (const char *)got + column->offset;
    bool same = column->type == COLUMN_TEXT || column->type == COLUMN_BLOB ? is_same_text(a, b)
                : column->type == COLUMN_INTEGER                           ? *(const int64_t *)a == *(const int64_t *)b
                                                                           : *(const int *)a == *(const int *)b;
    cr_expect(same, "%s of %s", column->name, table->name);
  }
}

/* ---- Putting and reading any kind ---- */

static bool put(struct ledger *ledger, const struct table *table, union ledger_any_row *row) {
  struct error error = {0};
  struct checksum checksum;
  bool done = table == &payment_table   ? ledger_put_payment(ledger, &row->payment, &error)
              : table == &refund_table  ? ledger_put_refund(ledger, &row->refund, &error)
              : table == &attempt_table ? ledger_put_attempt(ledger, &row->attempt, &error)
              : table == &reply_table   ? ledger_put_reply(ledger, &row->reply, &error)
              : row->row != 0           ? ledger_put(ledger, table, row, "1", &error)
                                        : table_insert(ledger->database, table, row, &checksum) == SQLITE_OK;
  cr_expect(done, "%s: %s", error.message, error.found);
  return done;
}

static void read_row(struct ledger *ledger, const struct table *table, int64_t number, struct arena *arena,
                     union ledger_any_row *row) {
  sqlite3_stmt *statement = NULL;
  cr_assert_eq(table_select(ledger->database, table, "WHERE id = ?", &statement), SQLITE_OK);
  sqlite3_bind_int64(statement, 1, number);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  memset(row, 0x55, sizeof *row);
  cr_expect_eq(table_read(statement, table, arena, row), SQLITE_OK, "row %lld of %s", (long long)number, table->name);
  sqlite3_finalize(statement);
}

Test(ledger_rows, of_every_kind_come_back_as_they_were_put) {
  static union ledger_any_row rows[VARIANTS];
  struct place place = place_make();
  for (size_t t = 0; t < table_count; t++) {
    const struct table *table = all_tables[t];
    if (is_of_the_ledger(table)) continue;
    uint64_t seed = 1;
    struct ledger *ledger = book_open(&place);
    cr_assert(ledger_begin(ledger, NULL));
    for (int i = 0; i < VARIANTS; i++) {
      fill(table, &rows[i], &seed);
      make_distinct(table, &rows[i], i);
      if (table == &fact_table) rows[i].fact.refund = i;
      cr_assert(put(ledger, table, &rows[i]));
      cr_expect_eq(rows[i].row, i + 1);
    }
    cr_assert(ledger_commit(ledger, NULL));
    ledger_close(ledger);
    ledger = book_open(&place);
    for (int i = 0; i < VARIANTS; i++) {
      struct arena *arena = arena_open(0);
      union ledger_any_row got;
      read_row(ledger, table, i + 1, arena, &got);
      expect_same(table, &rows[i], &got);
      arena_close(arena);
    }
    ledger_close(ledger);
  }
}

Test(ledger_rows, that_are_rewritten_come_back_as_they_are_now) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  for (size_t t = 0; t < table_count; t++) {
    const struct table *table = all_tables[t];
    if (is_of_the_ledger(table) || table == &fact_table) continue; /* facts are never rewritten */
    uint64_t seed = 2;
    union ledger_any_row row;
    fill(table, &row, &seed);
    make_distinct(table, &row, 0);
    cr_assert(ledger_begin(ledger, NULL));
    cr_assert(put(ledger, table, &row));
    for (int i = 1; i < VARIANTS; i++) {
      union ledger_any_row next;
      struct arena *arena = arena_open(0);
      fill(table, &next, &seed);
      make_distinct(table, &next, i);
      next.row = row.row;
      if (table == &refund_table) next.refund.revision = row.refund.revision;
      cr_assert(put(ledger, table, &next));
      read_row(ledger, table, row.row, arena, &row);
      expect_same(table, &next, &row);
      arena_close(arena);
    }
    cr_assert(ledger_commit(ledger, NULL));
    cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM %s", table->name), 1);
  }
  ledger_close(ledger);
}

/* A member that no column names would be lost without a word. */
Test(ledger_rows, have_a_column_for_every_member) {
  for (size_t t = 0; t < table_count; t++) {
    const struct table *table = all_tables[t];
    size_t size = sizeof(int64_t);
    for (size_t i = 0; i < table->count; i++) {
      static const size_t sizes[] = {[COLUMN_INTEGER] = sizeof(int64_t),
                                     [COLUMN_TEXT] = sizeof(refund_text),
                                     [COLUMN_BLOB] = sizeof(refund_text),
                                     [COLUMN_STATE] = sizeof(enum state),
                                     [COLUMN_DETAIL] = sizeof(enum state_detail)};
      cr_expect_eq(table->columns[i].offset, size, "%s of %s", table->columns[i].name, table->name);
      size += sizes[table->columns[i].type];
    }
    cr_expect_eq(size, table->size, "%s", table->name);
  }
}

Test(ledger_rows, of_every_state_and_detail_come_back) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  int n = 0;
  for (int state = 0; state < STATES; state++) {
    for (int detail = 0; detail < DETAIL_KEEP; detail++) {
      struct arena *arena = arena_open(0);
      struct ledger_refund refund = refund_number(++n);
      struct ledger_refund got;
      refund.position = (struct position){(enum state)state, (enum state_detail)detail};
      book_put_refund(ledger, &refund);
      cr_assert_eq(book_find(ledger, refund.refund_id.data, arena, &got), LEDGER_FOUND);
      cr_expect(got.position.state == refund.position.state && got.position.detail == refund.position.detail);
      arena_close(arena);
    }
  }
  ledger_close(ledger);
}

Test(ledger_rows, are_found_by_their_keys_and_by_nothing_less) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  struct ledger_refund refund = refund_number(1);
  struct ledger_payment payment = payment_number(1);
  struct ledger_refund got;
  struct ledger_payment paid;
  book_put_refund(ledger, &refund);
  book_put_payment(ledger, &payment);
#define FIND_PAYMENT(scope, id, currency) \
  ledger_find_payment(ledger, refund_text_of(scope), refund_text_of(id), refund_text_of(currency), arena, &paid, NULL)
  cr_expect_eq(FIND_PAYMENT("demo", "pay-1", "EUR"), LEDGER_FOUND);
  cr_expect_eq(paid.captured_amount, payment.captured_amount);
  cr_expect_eq(FIND_PAYMENT("other", "pay-1", "EUR"), LEDGER_NONE);
  cr_expect_eq(FIND_PAYMENT("demo", "pay-2", "EUR"), LEDGER_NONE);
  cr_expect_eq(FIND_PAYMENT("demo", "pay-1", "USD"), LEDGER_NONE);
  cr_expect_eq(FIND_PAYMENT("demo", "PAY-1", "EUR"), LEDGER_NONE);
  cr_expect_eq(book_find(ledger, "r-1", arena, &got), LEDGER_FOUND);
  cr_expect_eq(book_find(ledger, "R-1", arena, &got), LEDGER_NONE);
  cr_expect_eq(book_find(ledger, "r-", arena, &got), LEDGER_NONE);
  cr_expect_eq(book_find(ledger, "", arena, &got), LEDGER_NONE);
  struct ledger_refund like = refund;
  refund_text id = refund_text_of("re-1");
  cr_expect_eq(ledger_find_by_processor(ledger, &like, id, arena, &got, NULL), LEDGER_FOUND);
  cr_expect_eq(got.row, refund.row);
  like.scope = refund_text_of("other");
  cr_expect_eq(ledger_find_by_processor(ledger, &like, id, arena, &got, NULL), LEDGER_NONE);
  like = refund;
  like.connector = refund_text_of("other");
  cr_expect_eq(ledger_find_by_processor(ledger, &like, id, arena, &got, NULL), LEDGER_NONE);
  arena_close(arena);
  ledger_close(ledger);
}
