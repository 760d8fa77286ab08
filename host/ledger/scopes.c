/* The scopes that the guard knows, by connector: so that a renamed account does not begin with an empty guard. */
#include "ledger/rows.h"

static enum ledger_found find_scope(struct ledger *ledger, refund_text connector, refund_text scope,
                                    struct arena *arena, struct ledger_scope *row, struct error *error) {
  refund_text key[] = {connector, scope};
  if (arena == NULL) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
    return LEDGER_FAILED;
  }
  return ledger_find(ledger, &scope_table, "WHERE connector = ? AND scope = ?", key, 2, arena, row, error);
}

enum ledger_found ledger_find_scope(struct ledger *ledger, refund_text connector, refund_text scope,
                                    struct error *error) {
  struct ledger_scope row;
  struct arena *arena = arena_open(0);
  enum ledger_found found = find_scope(ledger, connector, scope, arena, &row, error);
  arena_close(arena);
  return found;
}

bool ledger_add_scope(struct ledger *ledger, refund_text connector, refund_text scope, struct error *error) {
  struct ledger_scope row = {.connector = connector, .scope = scope};
  return ledger_put(ledger, &scope_table, &row, "1", error);
}

enum ledger_found ledger_forget_scope(struct ledger *ledger, refund_text connector, refund_text scope,
                                      struct error *error) {
  struct ledger_scope row;
  struct arena *arena = arena_open(0);
  enum ledger_found found = find_scope(ledger, connector, scope, arena, &row, error);
  if (found == LEDGER_FOUND && row.forgotten_at == 0) {
    row.forgotten_at = ledger->outside.now_ms(&ledger->outside);
    if (!ledger_put(ledger, &scope_table, &row, "1", error)) found = LEDGER_FAILED;
  }
  arena_close(arena);
  return found;
}

struct listener {
  ledger_each_scope_fn *each;
  void *context;
};

static bool give_scope(void *context, const union ledger_any_row *row) {
  const struct listener *listener = context;
  return row->scope.forgotten_at != 0 || listener->each(listener->context, row->scope.scope);
}

bool ledger_each_scope(struct ledger *ledger, refund_text connector, ledger_each_scope_fn *each, void *context,
                       struct error *error) {
  struct listener listener = {each, context};
  sqlite3_stmt *statement = NULL;
  int code = table_select(ledger->database, &scope_table, "WHERE connector = ? ORDER BY scope", &statement);
  if (code == SQLITE_OK) {
    code = sqlite3_bind_text64(statement, 1, connector.data, connector.size, SQLITE_STATIC, SQLITE_UTF8);
  }
  return ledger_each_row(ledger, &scope_table, statement, code, give_scope, &listener, error);
}
