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

/* The rows that only this room knows. There is one ledger_identity. */
struct ledger_identity {
  int64_t row;
  refund_text ledger_id;
  int64_t generation; /* counts the commits that wrote something */
};
struct ledger_owner_row {
  int64_t row; /* the owner's number */
  int64_t started_at;
};
struct ledger_scope {
  int64_t row;
  refund_text connector;
  refund_text scope;
  int64_t forgotten_at; /* 0: it is not */
};

union ledger_any_row {
  int64_t row;
  struct ledger_payment payment;
  struct ledger_refund refund;
  struct ledger_attempt attempt;
  struct ledger_reply reply;
  struct ledger_fact fact;
  struct ledger_identity identity;
  struct ledger_owner_row owner;
  struct ledger_scope scope;
};

extern const struct table payment_table;
extern const struct table refund_table;
extern const struct table attempt_table;
extern const struct table reply_table;
extern const struct table fact_table;
extern const struct table identity_table;
extern const struct table owner_table;
extern const struct table scope_table;
extern const struct table *const all_tables[];
extern const size_t table_count;

/* A query that is to use the index of open refunds has to say these very words. */
#define IS_OPEN "state IN ('new', 'sending', 'unknown', 'pending', 'manual_review')"

/* The first row of table_select(table, tail), whose parameters are texts; its checksum fits. */
enum ledger_found ledger_find(struct ledger *ledger, const struct table *table, const char *tail,
                              const refund_text *key, size_t parts, struct arena *arena, void *row,
                              struct error *error);
/* Inserts the row if it has no number, else rewrites it where `guard` (SQL) holds of it. */
bool ledger_put(struct ledger *ledger, const struct table *table, void *row, const char *guard, struct error *error);

/* Hands over the rows of a table_select() whose code is given, until `give` returns false; finalizes it. */
typedef bool ledger_give(void *context, const union ledger_any_row *row);
bool ledger_each_row(struct ledger *ledger, const struct table *table, sqlite3_stmt *statement, int code,
                     ledger_give *give, void *context, struct error *error);

/* A sentence for an SQLite code; always false. */
bool ledger_failed(struct ledger *ledger, int code, const char *doing, struct error *error);
bool ledger_damaged(struct ledger *ledger, const struct table *table, int64_t row, struct error *error);
/* For the code of sqlite3_step() or table_read(): names the row that does not fit its checksum. */
bool ledger_not_read(struct ledger *ledger, const struct table *table, sqlite3_stmt *statement, int code,
                     struct error *error);

#endif
