/* Verifying a ledger: the file, every row, what leads nowhere, and the guard's sums. It goes on after what is damaged.
 */
#include "ledger/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE = 640 };

void check_wrong(struct check *check, const char *format, ...) {
  char sentence[SENTENCE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  check->checked->wrong++;
  check->told(check->context, sentence);
}

/* Is it the trouble of this moment? Else it is what the file holds, and told. */
static bool is_passing(int code) {
  static const int passing[] = {SQLITE_NOMEM, SQLITE_IOERR,     SQLITE_BUSY,  SQLITE_LOCKED,
                                SQLITE_FULL,  SQLITE_INTERRUPT, SQLITE_MISUSE};
  for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
    if (code == passing[i]) return true;
  }
  return false;
}

/* Ends a statement that came to its end with this code. */
static bool finish(struct check *check, sqlite3_stmt *statement, int code, const char *what, struct error *error) {
  bool passing = is_passing(code);
  if (passing) ledger_failed(check->ledger, code, "being verified", error);
  if (!passing && code != SQLITE_DONE) {
    check_wrong(check, "%s cannot be read to the end: %s", what, sqlite3_errmsg(check->ledger->database));
  }
  sqlite3_finalize(statement);
  return !passing;
}

/* ---- The file ---- */

static bool check_file(struct check *check, struct error *error) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(check->ledger->database, "PRAGMA integrity_check", -1, &statement, NULL);
  while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    const char *found = (const char *)sqlite3_column_text(statement, 0);
    if (found != NULL && strcmp(found, "ok") != 0) check_wrong(check, "the file is damaged: %s", found);
    code = SQLITE_OK;
  }
  return finish(check, statement, code, "the file", error);
}

/* ---- Rows ---- */

static bool check_row(struct check *check, const struct table *table, const union ledger_any_row *row,
                      struct error *error) {
  struct ledger_checked *checked = check->checked;
  checked->attempts += table == &attempt_table;
  checked->facts += table == &fact_table;
  checked->refunds += table == &refund_table;
  checked->payments += table == &payment_table;
  if (table == &refund_table) return check_refund(check, &row->refund, error);
  return table != &payment_table || check_payment(check, &row->payment, error);
}

static bool check_table(struct check *check, const struct table *table, struct error *error) {
  sqlite3_stmt *statement = NULL;
  union ledger_any_row row;
  bool go_on = true;
  int code = table_select(check->ledger->database, table, "ORDER BY id", &statement);
  while (code == SQLITE_OK && go_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    struct arena *arena = arena_open(0);
    code = arena == NULL ? SQLITE_NOMEM : table_read(statement, table, arena, &row);
    if (code == SQLITE_OK) go_on = check_row(check, table, &row, error);
    if (code == SQLITE_CORRUPT) {
      check_wrong(check, "row %lld of %s does not fit its checksum", (long long)sqlite3_column_int64(statement, 0),
                  table->name);
      code = SQLITE_OK;
    }
    arena_close(arena);
  }
  if (go_on) return finish(check, statement, code, table->name, error);
  sqlite3_finalize(statement);
  return false;
}

/* ---- What leads nowhere ---- */

static bool check_references(struct check *check, struct error *error) {
  static const struct {
    const char *sql; /* the rows that are wrong */
    const char *sentence;
  } references[] = {
      {"SELECT id FROM refund AS r WHERE NOT EXISTS (SELECT 1 FROM payment AS p WHERE p.scope = r.scope AND"
       " p.connector_transaction_id = r.connector_transaction_id AND p.currency = r.currency)",
       "row %lld of refund has no row of payment"},
      {"SELECT id FROM attempt WHERE refund NOT IN (SELECT id FROM refund)",
       "row %lld of attempt belongs to no refund"},
      {"SELECT id FROM reply WHERE refund NOT IN (SELECT id FROM refund)", "row %lld of reply belongs to no refund"},
      {"SELECT id FROM fact WHERE refund NOT IN (SELECT id FROM refund)", "row %lld of fact belongs to no refund"},
      {"SELECT id FROM reply AS r WHERE attempt <> 0 AND NOT EXISTS"
       " (SELECT 1 FROM attempt AS a WHERE a.id = r.attempt AND a.refund = r.refund)",
       "row %lld of reply names an attempt that its refund does not have"},
      {"SELECT id FROM fact AS f WHERE attempt <> 0 AND NOT EXISTS"
       " (SELECT 1 FROM attempt AS a WHERE a.id = f.attempt AND a.refund = f.refund)",
       "row %lld of fact names an attempt that its refund does not have"},
  };
  for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
    char sentence[SENTENCE];
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(check->ledger->database, references[i].sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
      sqlite3_snprintf(sizeof sentence, sentence, references[i].sentence, sqlite3_column_int64(statement, 0));
      check_wrong(check, "%s", sentence);
      code = SQLITE_OK;
    }
    if (!finish(check, statement, code, "what rows belong to", error)) return false;
  }
  return true;
}

/* ---- The guard ---- */

/* Summed here and not by SQLite, which calls a sum that overflows an error. */
static bool sum_held(struct check *check, const struct ledger_payment *payment, int64_t *held, struct error *error) {
  refund_text key[] = {payment->connector_transaction_id, payment->scope, payment->currency};
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(check->ledger->database,
                                "SELECT held_amount FROM refund WHERE connector_transaction_id = ? AND scope = ? AND"
                                " currency = ?",
                                -1, &statement, NULL);
  for (int i = 0; i < 3 && code == SQLITE_OK; i++) {
    code = sqlite3_bind_text64(statement, i + 1, key[i].data, key[i].size, SQLITE_STATIC, SQLITE_UTF8);
  }
  *held = 0;
  while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (__builtin_add_overflow(*held, sqlite3_column_int64(statement, 0), held)) {
      check_wrong(check, "the refunds of payment %.100s hold more than can be counted",
                  payment->connector_transaction_id.data);
    }
    code = SQLITE_OK;
  }
  return finish(check, statement, code, "the refunds of a payment", error);
}

bool check_payment(struct check *check, const struct ledger_payment *payment, struct error *error) {
  const char *id = payment->connector_transaction_id.data == NULL ? "" : payment->connector_transaction_id.data;
  int64_t held;
  if (!sum_held(check, payment, &held, error)) return false;
  if (held != payment->held_amount) {
    check_wrong(check, "payment %.100s (row %lld) says that %lld are held, but its refunds hold %lld", id,
                (long long)payment->row, (long long)payment->held_amount, (long long)held);
  }
  if (payment->held_amount > payment->captured_amount && !check->only_damage) {
    check_wrong(check, "payment %.100s (row %lld) is refunded beyond what was captured: %lld of %lld", id,
                (long long)payment->row, (long long)payment->held_amount, (long long)payment->captured_amount);
  }
  return true;
}

/* ---- All of it ---- */

/* In one transaction, so that what others write meanwhile is not taken for a contradiction. */
bool check_ledger(struct check *check, struct error *error) {
  struct ledger *ledger = check->ledger;
  bool ours = sqlite3_get_autocommit(ledger->database) != 0;
  if (ours && !ledger_execute(ledger, "BEGIN", "being verified", error)) return false;
  bool through = check_file(check, error);
  for (size_t i = 0; i < table_count && through; i++)
    through = check_table(check, all_tables[i], error);
  through = through && check_references(check, error);
  if (ours) sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
  return through;
}

bool ledger_verify(struct ledger *ledger, ledger_wrong *told, void *context, struct ledger_checked *checked,
                   struct error *error) {
  struct check check = {ledger, told, context, checked, false};
  struct error why = {0};
  *checked = (struct ledger_checked){0};
  if (!ledger_is_original(ledger, &why)) check_wrong(&check, "%s: %s", why.message, why.found);
  return check_ledger(&check, error);
}
