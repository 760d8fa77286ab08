/* Finding rows by their keys, and putting them. */
#include "ledger/ledger.h"

#include <string.h>

#include "common/buffer.h"
#include "ledger/rows.h"
#include "refund_toolkit.h"

enum { KEY_PARTS = 4 };

/* ---- Finding ---- */

enum ledger_found ledger_find(struct ledger *ledger, const struct table *table, const char *tail,
                              const refund_text *key, size_t parts, struct arena *arena, void *row,
                              struct error *error) {
  sqlite3_stmt *statement = NULL;
  enum ledger_found found = LEDGER_FAILED;
  int code = table_select(ledger->database, table, tail, &statement);
  for (size_t i = 0; i < parts && code == SQLITE_OK; i++) {
    code = sqlite3_bind_text64(statement, (int)i + 1, key[i].data, key[i].size, SQLITE_STATIC, SQLITE_UTF8);
  }
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_DONE) {
    found = LEDGER_NONE;
  } else if (code == SQLITE_ROW) {
    code = table_read(statement, table, arena, row);
    if (code == SQLITE_OK) found = LEDGER_FOUND;
  }
  if (found == LEDGER_FAILED) ledger_not_read(ledger, table, statement, code, error);
  table_release(statement);
  return found;
}

enum ledger_found ledger_find_refund(struct ledger *ledger, refund_text refund_id, struct arena *arena,
                                     struct ledger_refund *refund, struct error *error) {
  return ledger_find(ledger, &refund_table, "WHERE refund_id = ?", &refund_id, 1, arena, refund, error);
}

enum ledger_found ledger_find_by_processor(struct ledger *ledger, const struct ledger_refund *like, refund_text id,
                                           struct arena *arena, struct ledger_refund *refund, struct error *error) {
  refund_text key[KEY_PARTS] = {like->connector, like->scope, id};
  return ledger_find(ledger, &refund_table, "WHERE connector = ? AND scope = ? AND unique_refund_id = ?", key, 3, arena,
                     refund, error);
}

enum ledger_found ledger_find_payment(struct ledger *ledger, refund_text scope, refund_text connector_transaction_id,
                                      refund_text currency, struct arena *arena, struct ledger_payment *payment,
                                      struct error *error) {
  refund_text key[KEY_PARTS] = {scope, connector_transaction_id, currency};
  return ledger_find(ledger, &payment_table, "WHERE scope = ? AND connector_transaction_id = ? AND currency = ?", key,
                     3, arena, payment, error);
}

bool ledger_latest(struct ledger *ledger, int64_t *latest_ms, struct error *error) {
  struct ledger_fact fact = {0};
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  enum ledger_found found = ledger_find(ledger, &fact_table, "ORDER BY at DESC LIMIT 1", NULL, 0, arena, &fact, error);
  *latest_ms = fact.at;
  arena_close(arena);
  return found != LEDGER_FAILED;
}

/* ---- Putting ---- */

bool ledger_put(struct ledger *ledger, const struct table *table, void *row, const char *guard, struct error *error) {
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
  return ledger_put(ledger, &payment_table, payment, "1", error);
}

bool ledger_put_refund(struct ledger *ledger, struct ledger_refund *refund, struct error *error) {
  char guard[64];
  sqlite3_snprintf(sizeof guard, guard, "revision = %lld", (long long)refund->revision);
  refund->revision++;
  if (ledger_put(ledger, &refund_table, refund, guard, error)) return true;
  refund->revision--;
  return false;
}

bool ledger_put_attempt(struct ledger *ledger, struct ledger_attempt *attempt, struct error *error) {
  return ledger_put(ledger, &attempt_table, attempt, "1", error);
}

bool ledger_put_reply(struct ledger *ledger, struct ledger_reply *reply, struct error *error) {
  return ledger_put(ledger, &reply_table, reply, "1", error);
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
