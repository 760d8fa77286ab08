/* Listing rows: by a filter, of one refund, of one payment. */
#include <string.h>

#include "common/buffer.h"
#include "ledger/rows.h"
#include "refund_toolkit.h"

enum { CONDITIONS = 6 };

/* ---- By a filter ---- */

#define OVER_HELD                                                                               \
  "EXISTS (SELECT 1 FROM payment AS p WHERE p.scope = r.scope AND p.connector_transaction_id =" \
  " r.connector_transaction_id AND p.currency = r.currency AND p.held_amount > p.captured_amount)"

/* The end of a SELECT, and its parameters in their order. Only what is asked for is said, so that an index serves. */
struct query {
  struct buffer tail;
  refund_text texts[CONDITIONS];
  int count;
};

static void demand(struct query *query, const char *column, refund_text text) {
  if (text.data == NULL) return;
  refund_puts(&query->tail.sink, " AND ");
  refund_puts(&query->tail.sink, column);
  refund_puts(&query->tail.sink, " = ?");
  query->texts[query->count++] = text;
}

static void demand_states(struct query *query, unsigned states) {
  bool open = true;
  const char *before = "";
  if (states == 0) return;
  refund_puts(&query->tail.sink, " AND state IN (");
  for (int i = 0; i < STATES; i++) {
    if ((states & LEDGER_IN(i)) == 0) continue;
    open = open && (state_is_open((enum state)i) || i == STATE_MANUAL_REVIEW);
    refund_puts(&query->tail.sink, before);
    refund_puts(&query->tail.sink, "'");
    refund_puts(&query->tail.sink, state_name((enum state)i));
    refund_puts(&query->tail.sink, "'");
    before = ", ";
  }
  refund_puts(&query->tail.sink, open ? ") AND " IS_OPEN : ")");
}

/* "+id": else SQLite reads all rows in their order, so that it need not sort the few that are wanted. */
static void put_query(struct query *query, const struct ledger_filter *filter) {
  refund_text none = {NULL, 0};
  buffer_open(&query->tail, 0);
  query->count = 0;
  refund_puts(&query->tail.sink, "AS r WHERE 1");
  demand(query, "account", filter->account == NULL ? none : refund_text_of(filter->account));
  demand(query, "scope", filter->scope);
  demand(query, "connector_transaction_id", filter->connector_transaction_id);
  demand(query, "currency", filter->currency);
  demand(query, "connector_refund_id", filter->connector_refund_id);
  demand_states(query, filter->states);
  if (filter->created_from != 0) {
    refund_puts(&query->tail.sink, " AND created_at >= ");
    refund_put_integer(&query->tail.sink, filter->created_from);
  }
  refund_puts(&query->tail.sink, filter->attention ? " AND (state IN ('manual_review', 'unknown') OR " OVER_HELD
                                                     ") ORDER BY " OVER_HELD " DESC, id"
                                                   : " ORDER BY +id");
}

static int prepare(struct ledger *ledger, const struct ledger_filter *filter, sqlite3_stmt **statement) {
  struct query query;
  put_query(&query, filter);
  int code =
      query.tail.failed ? SQLITE_NOMEM : table_select(ledger->database, &refund_table, query.tail.data, statement);
  for (int i = 0; i < query.count && code == SQLITE_OK; i++) {
    code = sqlite3_bind_text64(*statement, i + 1, query.texts[i].data, query.texts[i].size, SQLITE_STATIC, SQLITE_UTF8);
  }
  buffer_close(&query.tail);
  return code;
}

bool ledger_each_row(struct ledger *ledger, const struct table *table, sqlite3_stmt *statement, int code,
                     ledger_give *give, void *context, struct error *error) {
  union ledger_any_row row;
  bool go_on = true;
  while (code == SQLITE_OK && go_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    struct arena *arena = arena_open(0); /* its texts are freed after `give` */
    code = arena == NULL ? SQLITE_NOMEM : table_read(statement, table, arena, &row);
    if (code == SQLITE_OK) go_on = give(context, &row);
    arena_close(arena);
  }
  bool done = code == SQLITE_DONE || code == SQLITE_OK;
  if (!done) ledger_not_read(ledger, table, statement, code, error);
  table_release(statement);
  return done;
}

struct listener {
  ledger_each *refund;
  ledger_each_payment *payment;
  void *context;
};

static bool give_refund(void *context, const union ledger_any_row *row) {
  const struct listener *listener = context;
  return listener->refund(listener->context, &row->refund);
}

bool ledger_list(struct ledger *ledger, const struct ledger_filter *filter, ledger_each *each, void *context,
                 struct error *error) {
  static const struct ledger_filter all = {0};
  struct listener listener = {.refund = each, .context = context};
  sqlite3_stmt *statement = NULL;
  int code = prepare(ledger, filter == NULL ? &all : filter, &statement);
  return ledger_each_row(ledger, &refund_table, statement, code, give_refund, &listener, error);
}

static bool give_payment(void *context, const union ledger_any_row *row) {
  const struct listener *listener = context;
  return listener->payment(listener->context, &row->payment);
}

bool ledger_list_payments(struct ledger *ledger, refund_text connector_transaction_id, ledger_each_payment *each,
                          void *context, struct error *error) {
  struct listener listener = {.payment = each, .context = context};
  refund_text id = connector_transaction_id;
  sqlite3_stmt *statement = NULL;
  int code =
      table_select(ledger->database, &payment_table, "WHERE connector_transaction_id = ? ORDER BY id", &statement);
  if (code == SQLITE_OK) code = sqlite3_bind_text64(statement, 1, id.data, id.size, SQLITE_STATIC, SQLITE_UTF8);
  return ledger_each_row(ledger, &payment_table, statement, code, give_payment, &listener, error);
}

/* ---- Of one refund: in an arena ---- */

/* The arena keeps the smaller rooms that were outgrown: together no more than the last. */
static void *grow(const struct table *table, struct arena *arena, void *rows, size_t count, size_t *capacity) {
  if (count < *capacity) return rows;
  *capacity = *capacity == 0 ? 4 : *capacity * 2;
  void *larger = arena_allocate(arena, *capacity * table->size);
  if (larger != NULL && count > 0) memcpy(larger, rows, count * table->size);
  return larger;
}

static bool rows_of(struct ledger *ledger, const struct table *table, int64_t refund, struct arena *arena, void **rows,
                    size_t *count, struct error *error) {
  sqlite3_stmt *statement = NULL;
  size_t capacity = 0;
  int code = table_select(ledger->database, table, "WHERE refund = ? ORDER BY id", &statement);
  if (code == SQLITE_OK) code = sqlite3_bind_int64(statement, 1, refund);
  *rows = NULL;
  *count = 0;
  while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    void *all = grow(table, arena, *rows, *count, &capacity);
    code = all == NULL ? SQLITE_NOMEM : table_read(statement, table, arena, (char *)all + *count * table->size);
    if (code != SQLITE_OK) break;
    *rows = all;
    ++*count;
  }
  bool done = code == SQLITE_DONE;
  if (!done) ledger_not_read(ledger, table, statement, code, error);
  table_release(statement);
  return done;
}

bool ledger_attempts_of(struct ledger *ledger, int64_t refund, struct arena *arena, struct ledger_attempt **attempts,
                        size_t *count, struct error *error) {
  void *rows;
  bool done = rows_of(ledger, &attempt_table, refund, arena, &rows, count, error);
  *attempts = rows;
  return done;
}

bool ledger_replies_of(struct ledger *ledger, int64_t refund, struct arena *arena, struct ledger_reply **replies,
                       size_t *count, struct error *error) {
  void *rows;
  bool done = rows_of(ledger, &reply_table, refund, arena, &rows, count, error);
  *replies = rows;
  return done;
}

bool ledger_facts_of(struct ledger *ledger, int64_t refund, struct arena *arena, struct ledger_fact **facts,
                     size_t *count, struct error *error) {
  void *rows;
  bool done = rows_of(ledger, &fact_table, refund, arena, &rows, count, error);
  *facts = rows;
  return done;
}
