/* The scopes that the guard knows, by connector: so that a renamed account does not begin with an empty guard. */
#include "ledger/rows.h"

/* Runs a statement of connector and scope. SQLITE_ROW or SQLITE_DONE, or an error. */
static int step(struct ledger *ledger, const char *sql, refund_text connector, refund_text scope) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(ledger->database, sql, -1, &statement, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_bind_text64(statement, 1, connector.data, connector.size, SQLITE_STATIC, SQLITE_UTF8);
  if (code == SQLITE_OK) code = sqlite3_bind_text64(statement, 2, scope.data, scope.size, SQLITE_STATIC, SQLITE_UTF8);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  sqlite3_finalize(statement);
  return code;
}

enum ledger_found ledger_find_scope(struct ledger *ledger, refund_text connector, refund_text scope,
                                    struct error *error) {
  int code = step(ledger, "SELECT 1 FROM scope WHERE connector = ?1 AND scope = ?2", connector, scope);
  if (code == SQLITE_ROW) return LEDGER_FOUND;
  if (code == SQLITE_DONE) return LEDGER_NONE;
  ledger_failed(ledger, code, "reading", error);
  return LEDGER_FAILED;
}

bool ledger_add_scope(struct ledger *ledger, refund_text connector, refund_text scope, struct error *error) {
  int code = step(ledger, "INSERT INTO scope (connector, scope) VALUES (?1, ?2)", connector, scope);
  return code == SQLITE_DONE || ledger_failed(ledger, code, "writing", error);
}

bool ledger_each_scope(struct ledger *ledger, refund_text connector, ledger_each_scope_fn *each, void *context,
                       struct error *error) {
  sqlite3_stmt *statement = NULL;
  bool go_on = true;
  int code = sqlite3_prepare_v2(ledger->database,
                                "SELECT scope FROM scope WHERE connector = ? AND forgotten_at IS NULL ORDER BY scope",
                                -1, &statement, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_bind_text64(statement, 1, connector.data, connector.size, SQLITE_STATIC, SQLITE_UTF8);
  while (code == SQLITE_OK && go_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    refund_text scope = {(const char *)sqlite3_column_text(statement, 0), (uint64_t)sqlite3_column_bytes(statement, 0)};
    if (scope.data == NULL) code = SQLITE_NOMEM;
    if (scope.data != NULL) {
      go_on = each(context, scope);
      code = SQLITE_OK;
    }
  }
  sqlite3_finalize(statement);
  return code == SQLITE_OK || code == SQLITE_DONE || ledger_failed(ledger, code, "reading", error);
}
