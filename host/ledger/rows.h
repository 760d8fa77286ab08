/* The ledger's tables, and what the files of this room share. */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H

#include "ledger/beside.h"
#include "ledger/ledger.h"
#include "ledger/table.h"
#include "ledger/worker.h"

struct ledger {
  sqlite3 *database;
  char *path; /* as it was given */
  struct outside outside;
  struct beside beside;
  struct worker worker;
  bool readonly;
  bool in_transaction;
  int changes;         /* sqlite3_total_changes() at its beginning */
  bool disk_failed;    /* in it, and not for want of space */
  bool unsure;         /* a commit failed: nothing is written before ledger_reopen() */
  bool broken;         /* nothing is written any more */
  int64_t owner;       /* its byte is held; 0: none yet */
  bool owner_recorded; /* its row is committed */
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

/* Hands over the rows of a table_select() whose code is given, until `give` returns false; releases it. */
typedef bool ledger_give(void *context, const union ledger_any_row *row);
bool ledger_each_row(struct ledger *ledger, const struct table *table, sqlite3_stmt *statement, int code,
                     ledger_give *give, void *context, struct error *error);

/* ---- Writing ---- */

/* ledger_begin(), but for the owner. */
bool ledger_take_turn(struct ledger *ledger, struct error *error);
bool ledger_execute(struct ledger *ledger, const char *sql, const char *doing, struct error *error);
/* Of the call that just failed, by its code and errno. What an fsync lacked space for may be lost though it can be
 * read. */
bool ledger_lacks_space(struct ledger *ledger, int code);

/* ---- Where it is ---- */

const char *ledger_real_path(const struct ledger *ledger);
bool ledger_is_far(int64_t file_system); /* statfs.f_type */
bool ledger_check_place(const char *path, struct error *error);

/* ---- The mark that tells the original; each within its turn ---- */

/* Counts the generation on, in the transaction; *mark is to be written after its commit. */
bool ledger_count_generation(struct ledger *ledger, struct mark *mark, struct error *error);
void ledger_mark_broken(struct ledger *ledger, bool broken);
/* Takes the turn. Marks a ledger of the first generation that has no mark yet. */
bool ledger_mark_new(struct ledger *ledger, struct error *error);

/* ---- What went wrong ---- */

/* A sentence for an SQLite code; always false. */
bool ledger_failed(struct ledger *ledger, int code, const char *doing, struct error *error);
bool ledger_damaged(struct ledger *ledger, const struct table *table, int64_t row, struct error *error);
/* For the code of sqlite3_step() or table_read(): names the row that does not fit its checksum. */
bool ledger_not_read(struct ledger *ledger, const struct table *table, sqlite3_stmt *statement, int code,
                     struct error *error);

#endif
