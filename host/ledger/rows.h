/* The ledger's tables, and what the files of this room share. */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H

#include "ledger/ledger.h"
#include "ledger/table.h"

struct ledger {
  sqlite3 *database;
  char *path;
  struct outside outside;
  bool in_transaction;
};

extern const struct table payment_table;
extern const struct table refund_table;
extern const struct table attempt_table;
extern const struct table reply_table;
extern const struct table fact_table;
extern const struct table *const all_tables[];
extern const size_t table_count;

/* A sentence for an SQLite code; always false. */
bool ledger_failed(struct ledger *ledger, int code, const char *doing, struct error *error);
bool ledger_damaged(struct ledger *ledger, const struct table *table, int64_t row, struct error *error);

#endif
