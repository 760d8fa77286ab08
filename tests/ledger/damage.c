/* What was changed from outside is noticed when it is read, and the error names the row. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct place place;

/* Rows 1 and 2 of each kind, every text there; of the ledger's identity there is but one. */
static void make_book(void) {
  place = place_make();
  struct ledger *before = book_open(&place); /* another owner */
  cr_assert(ledger_begin(before, NULL) && ledger_commit(before, NULL));
  ledger_close(before);
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  refund_text text = refund_text_of("text");
  for (int n = 1; n <= 2; n++) {
    struct ledger_refund refund = refund_number(n);
    struct ledger_payment payment = payment_number(n);
    struct ledger_attempt attempt = {.refund = 10 * n,
                                     .number = 1,
                                     .flow = text,
                                     .attempt_class = text,
                                     .attempt_seed = text,
                                     .boot_id = text,
                                     .connector_version = text,
                                     .connector_sha256 = text,
                                     .request_digest = text,
                                     .problem = text};
    struct ledger_reply reply = {.refund = 10 * n, .flow = text, .headers = text, .body = text, .body_digest = text};
    refund.position = (struct position){STATE_MANUAL_REVIEW, DETAIL_THEIRS};
    book_put_payment(ledger, &payment);
    book_put_refund(ledger, &refund);
    cr_assert(ledger_begin(ledger, NULL));
    cr_assert(ledger_put_attempt(ledger, &attempt, NULL));
    cr_assert(ledger_put_reply(ledger, &reply, NULL));
    cr_assert(ledger_add_fact(ledger, arena, &refund, "fact", 0, text, NULL));
    cr_assert(ledger_add_scope(ledger, text, text_number("scope", n), NULL));
    cr_assert(ledger_commit(ledger, NULL));
  }
  arena_close(arena);
  ledger_close(ledger);
}

static int last_row(const struct table *table) {
  return table == &identity_table ? 1 : 2;
}

TestSuite(ledger_damage, .init = make_book);

static int read_row(struct ledger *ledger, const struct table *table, int64_t number) {
  union ledger_any_row row;
  struct arena *arena = arena_open(0);
  sqlite3_stmt *statement = NULL;
  cr_assert_eq(table_select(ledger->database, table, "WHERE id = ?", &statement), SQLITE_OK);
  sqlite3_bind_int64(statement, 1, number);
  int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) code = table_read(statement, table, arena, &row);
  sqlite3_finalize(statement);
  arena_close(arena);
  return code;
}

/* The last row as it is after `change` cannot be read, the first can; then it is put back. */
static void expect_noticed(struct ledger *ledger, const struct table *table, const char *column, const char *change) {
  int row = last_row(table);
  book_sql(place.ledger, "CREATE TABLE kept AS SELECT * FROM %s WHERE id = %d; UPDATE %s SET %s = %s WHERE id = %d",
           table->name, row, table->name, column, change, row);
  if (row > 1) cr_expect_eq(read_row(ledger, table, 1), SQLITE_OK);
  cr_expect_eq(read_row(ledger, table, row), SQLITE_CORRUPT, "%s of %s as %s", column, table->name, change);
  book_sql(place.ledger, "UPDATE %s SET %s = (SELECT %s FROM kept) WHERE id = %d; DROP TABLE kept", table->name, column,
           column, row);
  cr_expect_eq(read_row(ledger, table, row), SQLITE_OK);
}

/* Changes that a column of this type can take: its last and its first byte, one more, one less, none. */
static void change_column(struct ledger *ledger, const struct table *table, const char *column, enum column_type type) {
  static const char *const integers[] = {"%s + 1", "%s - 100", "%s * 10 + 1", "-%s - 1"};
  static const char *const texts[] = {"%s || 'x'", "substr(%s, 2)", "'X' || substr(%s, 2)", "upper(%s) || lower(%s)",
                                      "''",        "NULL"};
  static const char *const blobs[] = {"CAST(%s || 'x' AS BLOB)", "substr(%s, 2)", "x'00'", "x''", "NULL"};
  static const char *const states[] = {"'failed'", "'nonsense'", "''", "%s || 'x'"};
  static const char *const details[] = {"'rejected'", "'keep'", "'nonsense'"};
  static const struct {
    const char *const *list;
    size_t count;
  } changes[] = {[COLUMN_INTEGER] = {integers, 4},
                 [COLUMN_TEXT] = {texts, 6},
                 [COLUMN_BLOB] = {blobs, 5},
                 [COLUMN_STATE] = {states, 4},
                 [COLUMN_DETAIL] = {details, 3}};
  for (size_t i = 0; i < changes[type].count; i++) {
    char change[200];
    char *at = change;
    for (const char *from = changes[type].list[i]; *from != '\0'; from++) {
      if (*from != '%') {
        *at++ = *from;
        continue;
      }
      at += sprintf(at, "%s", column);
      from++;
    }
    *at = '\0';
    expect_noticed(ledger, table, column, change);
  }
}

Test(ledger_damage, in_any_column_of_any_table_is_noticed) {
  struct ledger *ledger = book_open(&place);
  for (size_t t = 0; t < table_count; t++) {
    for (size_t i = 0; i < all_tables[t]->count; i++)
      change_column(ledger, all_tables[t], all_tables[t]->columns[i].name, all_tables[t]->columns[i].type);
    expect_noticed(ledger, all_tables[t], "checksum", "'0' || checksum");
    expect_noticed(ledger, all_tables[t], "checksum", "upper(checksum) || ''");
    expect_noticed(ledger, all_tables[t], "checksum", "''");
  }
  ledger_close(ledger);
}

Test(ledger_damage, empty_for_missing_and_missing_for_empty_is_noticed) {
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(3);
  refund.reason = refund_text_of("");
  refund.warning = (refund_text){NULL, 0};
  book_put_refund(ledger, &refund);
  cr_expect_eq(read_row(ledger, &refund_table, 3), SQLITE_OK);
  book_sql(place.ledger, "UPDATE refund SET reason = NULL WHERE id = 3");
  cr_expect_eq(read_row(ledger, &refund_table, 3), SQLITE_CORRUPT);
  book_sql(place.ledger, "UPDATE refund SET reason = '' WHERE id = 3");
  cr_expect_eq(read_row(ledger, &refund_table, 3), SQLITE_OK);
  book_sql(place.ledger, "UPDATE refund SET warning = '' WHERE id = 3");
  cr_expect_eq(read_row(ledger, &refund_table, 3), SQLITE_CORRUPT);
  ledger_close(ledger);
}

/* Bytes that leave one text for its neighbour, and rows that change places, keep all bytes that a plain sum would see.
 */
Test(ledger_damage, what_only_moved_is_noticed) {
  struct ledger *ledger = book_open(&place);
  book_sql(place.ledger, "UPDATE refund SET error_code = 'cod', error_message = 'emessage' WHERE id = 2");
  cr_expect_eq(read_row(ledger, &refund_table, 2), SQLITE_CORRUPT);
  for (size_t t = 0; t < table_count; t++) {
    book_sql(place.ledger, "UPDATE %s SET id = 7 WHERE id = 1", all_tables[t]->name);
    cr_expect_eq(read_row(ledger, all_tables[t], 7), SQLITE_CORRUPT, "%s", all_tables[t]->name);
    book_sql(place.ledger, "UPDATE %s SET id = 1 WHERE id = 7", all_tables[t]->name);
    cr_expect_eq(read_row(ledger, all_tables[t], 1), SQLITE_OK, "%s", all_tables[t]->name);
  }
  ledger_close(ledger);
}

/* ---- What a person is told ---- */

static void expect_named(const struct error *error, const char *row) {
  char start[64];
  snprintf(start, sizeof start, "%s in the ledger ", row);
  cr_expect_eq(error->code, ERROR_LEDGER);
  cr_expect_eq(strncmp(error->message, start, strlen(start)), 0, "%s", error->message);
  cr_expect_not_null(strstr(error->message, "does not fit its checksum"));
  cr_expect_neq(error->fix[0], '\0');
}

static bool count_row(void *context, const struct ledger_refund *refund) {
  (void)refund;
  ++*(int *)context;
  return true;
}

Test(ledger_damage, of_a_refund_is_told_by_table_and_row) {
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  struct ledger_refund like = refund_number(2);
  struct ledger_refund refund;
  struct error error = {0};
  int rows = 0;
  book_sql(place.ledger, "UPDATE refund SET refund_amount = 60 WHERE id = 2");
  cr_expect_eq(ledger_find_refund(ledger, refund_text_of("r-2"), arena, &refund, &error), LEDGER_FAILED);
  expect_named(&error, "row 2 of refund");
  cr_expect_eq(ledger_find_by_processor(ledger, &like, refund_text_of("re-2"), arena, &refund, &error), LEDGER_FAILED);
  expect_named(&error, "row 2 of refund");
  cr_expect_not(ledger_list(ledger, NULL, count_row, &rows, &error));
  expect_named(&error, "row 2 of refund");
  cr_expect_eq(rows, 1);
  arena_close(arena);
  ledger_close(ledger);
}

Test(ledger_damage, of_a_payment_is_told_by_table_and_row) {
  struct ledger *ledger = book_open(&place);
  struct arena *arena = arena_open(0);
  struct ledger_payment payment = payment_number(2);
  struct error error = {0};
  book_sql(place.ledger, "UPDATE payment SET held_amount = 0 WHERE id = 2");
  cr_expect_eq(ledger_find_payment(ledger, payment.scope, payment.connector_transaction_id, payment.currency, arena,
                                   &payment, &error),
               LEDGER_FAILED);
  expect_named(&error, "row 2 of payment");
  arena_close(arena);
  ledger_close(ledger);
}

/* Points the index at the rows of a table in which 1 and 2 have changed places. */
static void mislead(const char *index, const char *table, const char *columns) {
  book_sql(place.ledger,
           "CREATE TABLE crossed AS SELECT * FROM %s WHERE 0; INSERT INTO crossed SELECT * FROM %s ORDER BY id DESC;"
           " CREATE INDEX crossed_index ON crossed (%s)",
           table, table, columns);
  book_sql(place.ledger,
           "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE"
           " name = 'crossed_index') WHERE name = '%s'; DELETE FROM sqlite_schema WHERE name = 'crossed_index'",
           index);
}

/* Indexes carry no checksum. One that leads to another refund would show its outcome for the one that was asked for;
 * SQLite reads the key from the index, so the row's checksum does not fit. */
Test(ledger_damage, in_an_index_that_leads_to_another_row_is_noticed) {
  struct arena *arena = arena_open(0);
  struct ledger_refund like = refund_number(2);
  struct ledger_refund refund;
  struct ledger_payment payment = payment_number(2);
  struct error error = {0};
  mislead("refund_key", "refund", "refund_id");
  struct ledger *ledger = book_open(&place);
  cr_expect_eq(ledger_find_refund(ledger, refund_text_of("r-2"), arena, &refund, &error), LEDGER_FAILED);
  expect_named(&error, "row 1 of refund");
  ledger_close(ledger);
  book_sql(place.ledger, "DROP TABLE crossed");
  mislead("refund_at_processor", "refund", "connector, scope, unique_refund_id");
  ledger = book_open(&place);
  cr_expect_eq(ledger_find_by_processor(ledger, &like, refund_text_of("re-2"), arena, &refund, &error), LEDGER_FAILED);
  expect_named(&error, "row 1 of refund");
  ledger_close(ledger);
  book_sql(place.ledger, "DROP TABLE crossed");
  mislead("payment_key", "payment", "connector_transaction_id, scope, currency");
  ledger = book_open(&place);
  cr_expect_eq(ledger_find_payment(ledger, payment.scope, payment.connector_transaction_id, payment.currency, arena,
                                   &payment, &error),
               LEDGER_FAILED);
  expect_named(&error, "row 1 of payment");
  ledger_close(ledger);
  arena_close(arena);
}
