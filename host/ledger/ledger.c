/* Finding, putting and listing rows. */
#include "ledger/ledger.h"

#include <string.h>

#include "common/buffer.h"
#include "ledger/rows.h"
#include "refund_toolkit.h"

enum { KEY_PARTS = 4 };

/* ---- Finding ---- */

static enum ledger_found find(struct ledger *ledger, const struct table *table, const char *tail,
                              const refund_text *key, size_t parts, struct arena *arena, void *row,
                              struct error *error) {
  sqlite3_stmt *statement = NULL;
  enum ledger_found found = LEDGER_FAILED;
  bool on_row = false;
  int code = table_select(ledger->database, table, tail, &statement);
  for (size_t i = 0; i < parts && code == SQLITE_OK; i++) {
    code = sqlite3_bind_text64(statement, (int)i + 1, key[i].data, key[i].size, SQLITE_STATIC, SQLITE_UTF8);
  }
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_DONE) {
    found = LEDGER_NONE;
  } else if (code == SQLITE_ROW) {
    on_row = true;
    code = table_read(statement, table, arena, row);
    if (code == SQLITE_OK) found = LEDGER_FOUND;
  }
  if (code == SQLITE_CORRUPT && on_row) {
    ledger_damaged(ledger, table, sqlite3_column_int64(statement, 0), error);
  } else if (found == LEDGER_FAILED) {
    ledger_failed(ledger, code, "reading", error);
  }
  sqlite3_finalize(statement);
  return found;
}

enum ledger_found ledger_find_refund(struct ledger *ledger, refund_text refund_id, struct arena *arena,
                                     struct ledger_refund *refund, struct error *error) {
  return find(ledger, &refund_table, "WHERE refund_id = ?", &refund_id, 1, arena, refund, error);
}

enum ledger_found ledger_find_by_processor(struct ledger *ledger, const struct ledger_refund *like, refund_text id,
                                           struct arena *arena, struct ledger_refund *refund, struct error *error) {
  refund_text key[KEY_PARTS] = {like->connector, like->scope, id};
  return find(ledger, &refund_table, "WHERE connector = ? AND scope = ? AND unique_refund_id = ?", key, 3, arena,
              refund, error);
}

enum ledger_found ledger_find_payment(struct ledger *ledger, refund_text scope, refund_text connector_transaction_id,
                                      refund_text currency, struct arena *arena, struct ledger_payment *payment,
                                      struct error *error) {
  refund_text key[KEY_PARTS] = {scope, connector_transaction_id, currency};
  return find(ledger, &payment_table, "WHERE scope = ? AND connector_transaction_id = ? AND currency = ?", key, 3,
              arena, payment, error);
}

/* ---- Putting ---- */

static bool put(struct ledger *ledger, const struct table *table, void *row, const char *guard, struct error *error) {
  struct checksum checksum;
  int code = *(const int64_t *)row == 0 ? table_insert(ledger->database, table, row, &checksum)
                                        : table_update(ledger->database, table, row, guard);
  if (code == SQLITE_OK) return true;
  if (code == SQLITE_MISMATCH) {
    error_set(error, ERROR_LEDGER, NULL, "row %lld of %s was changed by another process meanwhile",
              (long long)*(const int64_t *)row, table->name);
    return error_fix(error, "ask again");
  }
  return ledger_failed(ledger, code, "writing", error);
}

bool ledger_put_payment(struct ledger *ledger, struct ledger_payment *payment, struct error *error) {
  return put(ledger, &payment_table, payment, "1", error);
}

bool ledger_put_refund(struct ledger *ledger, struct ledger_refund *refund, struct error *error) {
  char guard[64];
  sqlite3_snprintf(sizeof guard, guard, "revision = %lld", (long long)refund->revision);
  refund->revision++;
  if (put(ledger, &refund_table, refund, guard, error)) return true;
  refund->revision--;
  return false;
}

bool ledger_put_attempt(struct ledger *ledger, struct ledger_attempt *attempt, struct error *error) {
  return put(ledger, &attempt_table, attempt, "1", error);
}

bool ledger_put_reply(struct ledger *ledger, struct ledger_reply *reply, struct error *error) {
  return put(ledger, &reply_table, reply, "1", error);
}

bool ledger_add_fact(struct ledger *ledger, struct arena *arena, struct ledger_refund *refund, const char *fact,
                     int64_t attempt, refund_text note, struct error *error) {
  struct checksum checksum;
  struct ledger_fact row = {
      .refund = refund->row,
      .number = refund->facts + 1,
      .fact = refund_text_of(fact),
      .state = refund_text_of(state_name(refund->position.state)),
      .detail = refund_text_of(state_detail_name(refund->position.detail)),
      .attempt = attempt,
      .note = note,
      .previous = refund->chain,
      .at = ledger->outside.now_ms(&ledger->outside),
  };
  int code = table_insert(ledger->database, &fact_table, &row, &checksum);
  if (code != SQLITE_OK) return ledger_failed(ledger, code, "writing", error);
  refund->facts = row.number;
  refund->chain = arena_copy(arena, refund_text_of(checksum.hex));
  return refund->chain.data != NULL || error_set(error, ERROR_HOST, NULL, "out of memory");
}

/* ---- Listing ---- */

#define OVER_HELD                                                                               \
  "EXISTS (SELECT 1 FROM payment AS p WHERE p.scope = r.scope AND p.connector_transaction_id =" \
  " r.connector_transaction_id AND p.currency = r.currency AND p.held_amount > p.captured_amount)"

static const char list_tail[] =
    "AS r WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR account = ?2) AND (?3 = 0 OR state IN"
    " ('manual_review', 'unknown') OR " OVER_HELD ") ORDER BY ?3 <> 0 AND " OVER_HELD " DESC, id";

static int bind_filter(sqlite3_stmt *statement, const struct ledger_filter *filter) {
  int code = sqlite3_bind_text(statement, 1, NULL, -1, SQLITE_STATIC);
  if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 2, filter->account, -1, SQLITE_STATIC);
  return code == SQLITE_OK ? sqlite3_bind_int(statement, 3, filter->attention) : code;
}

/* Reads and hands over the row that the statement stands on; its texts are freed after `each`. */
static int list_row(sqlite3_stmt *statement, ledger_each *each, void *context, bool *go_on) {
  struct ledger_refund refund;
  struct arena *arena = arena_open(0);
  if (arena == NULL) return SQLITE_NOMEM;
  int code = table_read(statement, &refund_table, arena, &refund);
  if (code == SQLITE_OK) *go_on = each(context, &refund);
  arena_close(arena);
  return code;
}

bool ledger_list(struct ledger *ledger, const struct ledger_filter *filter, ledger_each *each, void *context,
                 struct error *error) {
  static const struct ledger_filter all = {0};
  sqlite3_stmt *statement = NULL;
  bool go_on = true;
  bool on_row = false;
  int code = table_select(ledger->database, &refund_table, list_tail, &statement);
  if (code == SQLITE_OK) code = bind_filter(statement, filter == NULL ? &all : filter);
  while (code == SQLITE_OK && go_on) {
    code = sqlite3_step(statement);
    on_row = code == SQLITE_ROW;
    if (!on_row) break;
    code = list_row(statement, each, context, &go_on);
  }
  bool done = code == SQLITE_DONE || code == SQLITE_OK;
  if (code == SQLITE_CORRUPT && on_row) {
    ledger_damaged(ledger, &refund_table, sqlite3_column_int64(statement, 0), error);
  } else if (!done) {
    ledger_failed(ledger, code, "reading", error);
  }
  sqlite3_finalize(statement);
  return done;
}
