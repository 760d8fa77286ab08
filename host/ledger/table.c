#include "ledger/table.h"

#include <string.h>

#include "common/buffer.h"
#include "domain/digest.h"
#include "domain/state.h"
#include "refund_toolkit.h"

static const void *place(const void *row, const struct column *column) {
  return (const char *)row + column->offset;
}

/* ---- Checksum: over the table's name, the row's number and every field, each with its length ---- */

static refund_text text_of(const void *row, const struct column *column) {
  const void *at = place(row, column);
  if (column->type == COLUMN_STATE) return refund_text_of(state_name(*(const enum state *)at));
  if (column->type == COLUMN_DETAIL) return refund_text_of(state_detail_name(*(const enum state_detail *)at));
  return *(const refund_text *)at;
}

/* Out of memory: a checksum of less than the row would call a whole row damaged. */
bool table_checksum(const struct table *table, const void *row, struct checksum *checksum) {
  struct buffer fields;
  buffer_open(&fields, 0);
  refund_puts(&fields.sink, table->name);
  refund_puts(&fields.sink, " ");
  refund_put_integer(&fields.sink, *(const int64_t *)row);
  for (size_t i = 0; i < table->count; i++) {
    const struct column *column = &table->columns[i];
    refund_puts(&fields.sink, "\n");
    if (column->type == COLUMN_INTEGER) {
      refund_put_integer(&fields.sink, *(const int64_t *)place(row, column));
      continue;
    }
    refund_text text = text_of(row, column);
    refund_put_integer(&fields.sink, text.data == NULL ? -1 : (int64_t)text.size);
    refund_puts(&fields.sink, ":");
    refund_put(&fields.sink, text);
  }
  struct digest digest = digest_of(buffer_text(&fields));
  bool whole = !fields.failed;
  memcpy(checksum->hex, digest.hex, sizeof checksum->hex);
  buffer_close(&fields);
  return whole;
}

/* ---- SQL ---- */

static void put_names(struct buffer *sql, const struct table *table, const char *after_each) {
  for (size_t i = 0; i < table->count; i++) {
    refund_puts(&sql->sink, table->columns[i].name);
    refund_puts(&sql->sink, after_each);
  }
}

/* To make a statement costs more than to run it. One that was released is at rest; one that stands on a row is not. */
static sqlite3_stmt *find_at_rest(sqlite3 *database, refund_text sql) {
  sqlite3_stmt *statement = NULL;
  while ((statement = sqlite3_next_stmt(database, statement)) != NULL) {
    if (sqlite3_stmt_busy(statement) == 0 && refund_is(sql, sqlite3_sql(statement))) break;
  }
  return statement;
}

static int prepare(sqlite3 *database, struct buffer *sql, sqlite3_stmt **statement) {
  int code = sql->failed ? SQLITE_NOMEM : SQLITE_OK;
  *statement = code == SQLITE_OK ? find_at_rest(database, buffer_text(sql)) : NULL;
  if (code == SQLITE_OK && *statement == NULL) {
    code = sqlite3_prepare_v3(database, sql->data, (int)sql->size, SQLITE_PREPARE_PERSISTENT, statement, NULL);
  }
  buffer_close(sql);
  return code;
}

void table_release(sqlite3_stmt *statement) {
  sqlite3_reset(statement);
  if (statement != NULL) sqlite3_clear_bindings(statement);
}

void table_close(sqlite3 *database) {
  sqlite3_stmt *statement = NULL;
  while (database != NULL && (statement = sqlite3_next_stmt(database, NULL)) != NULL)
    sqlite3_finalize(statement);
  sqlite3_close(database);
}

int table_create(sqlite3 *database, const struct table *table) {
  static const char *const types[] = {"INTEGER NOT NULL", "TEXT", "BLOB", "TEXT NOT NULL", "TEXT NOT NULL"};
  struct buffer sql;
  buffer_open(&sql, 0);
  refund_puts(&sql.sink, "CREATE TABLE ");
  refund_puts(&sql.sink, table->name);
  refund_puts(&sql.sink, " (id INTEGER PRIMARY KEY, ");
  for (size_t i = 0; i < table->count; i++) {
    refund_puts(&sql.sink, table->columns[i].name);
    refund_puts(&sql.sink, " ");
    refund_puts(&sql.sink, types[table->columns[i].type]);
    refund_puts(&sql.sink, ", ");
  }
  refund_puts(&sql.sink, "checksum TEXT NOT NULL) STRICT; ");
  refund_puts(&sql.sink, table->constraints);
  int code = sql.failed ? SQLITE_NOMEM : sqlite3_exec(database, sql.data, NULL, NULL, NULL);
  buffer_close(&sql);
  return code;
}

static int bind_text(sqlite3_stmt *statement, int index, refund_text text, enum column_type type) {
  if (text.data == NULL) return sqlite3_bind_null(statement, index);
  if (type == COLUMN_BLOB) return sqlite3_bind_blob64(statement, index, text.data, text.size, SQLITE_STATIC);
  return sqlite3_bind_text64(statement, index, text.data, text.size, SQLITE_STATIC, SQLITE_UTF8);
}

/* Columns to parameters from `first` on, and the checksum after them. Returns the next free parameter in *next. */
static int bind_row(sqlite3_stmt *statement, const struct table *table, const void *row,
                    const struct checksum *checksum, int first, int *next) {
  int code = SQLITE_OK;
  int index = first;
  for (size_t i = 0; i < table->count && code == SQLITE_OK; i++, index++) {
    const struct column *column = &table->columns[i];
    code = column->type == COLUMN_INTEGER ? sqlite3_bind_int64(statement, index, *(const int64_t *)place(row, column))
                                          : bind_text(statement, index, text_of(row, column), column->type);
  }
  if (code == SQLITE_OK) code = sqlite3_bind_text(statement, index, checksum->hex, -1, SQLITE_STATIC);
  *next = index + 1;
  return code;
}

static int64_t next_row(sqlite3 *database, const struct table *table, int *code) {
  struct buffer sql;
  sqlite3_stmt *statement = NULL;
  int64_t row = 0;
  buffer_open(&sql, 0);
  refund_puts(&sql.sink, "SELECT coalesce(max(id), 0) + 1 FROM ");
  refund_puts(&sql.sink, table->name);
  *code = prepare(database, &sql, &statement);
  if (*code == SQLITE_OK) {
    *code = sqlite3_step(statement);
    if (*code == SQLITE_ROW) {
      row = sqlite3_column_int64(statement, 0);
      *code = SQLITE_OK;
    }
  }
  table_release(statement);
  return row;
}

/* The number is taken before the row is written, because the checksum covers it; the transaction keeps others out. */
int table_insert(sqlite3 *database, const struct table *table, void *row, struct checksum *checksum) {
  struct buffer sql;
  sqlite3_stmt *statement = NULL;
  int next;
  int code = SQLITE_OK;
  int64_t number = *(int64_t *)row;
  if (number == 0) number = next_row(database, table, &code);
  if (code != SQLITE_OK) return code;
  *(int64_t *)row = number;
  if (!table_checksum(table, row, checksum)) {
    *(int64_t *)row = 0;
    return SQLITE_NOMEM;
  }
  buffer_open(&sql, 0);
  refund_puts(&sql.sink, "INSERT INTO ");
  refund_puts(&sql.sink, table->name);
  refund_puts(&sql.sink, " (id, ");
  put_names(&sql, table, ", ");
  refund_puts(&sql.sink, "checksum) VALUES (?, ");
  for (size_t i = 0; i < table->count; i++)
    refund_puts(&sql.sink, "?, ");
  refund_puts(&sql.sink, "?)");
  code = prepare(database, &sql, &statement);
  if (code == SQLITE_OK) code = sqlite3_bind_int64(statement, 1, number);
  if (code == SQLITE_OK) code = bind_row(statement, table, row, checksum, 2, &next);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  table_release(statement);
  if (code == SQLITE_DONE) return SQLITE_OK;
  *(int64_t *)row = 0;
  return code;
}

int table_update(sqlite3 *database, const struct table *table, void *row, const char *guard) {
  struct buffer sql;
  sqlite3_stmt *statement = NULL;
  struct checksum checksum;
  int next = 0;
  if (!table_checksum(table, row, &checksum)) return SQLITE_NOMEM;
  buffer_open(&sql, 0);
  refund_puts(&sql.sink, "UPDATE ");
  refund_puts(&sql.sink, table->name);
  refund_puts(&sql.sink, " SET ");
  put_names(&sql, table, " = ?, ");
  refund_puts(&sql.sink, "checksum = ? WHERE id = ? AND (");
  refund_puts(&sql.sink, guard);
  refund_puts(&sql.sink, ")");
  int code = prepare(database, &sql, &statement);
  if (code == SQLITE_OK) code = bind_row(statement, table, row, &checksum, 1, &next);
  if (code == SQLITE_OK) code = sqlite3_bind_int64(statement, next, *(const int64_t *)row);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  table_release(statement);
  if (code != SQLITE_DONE) return code;
  return sqlite3_changes(database) == 1 ? SQLITE_OK : SQLITE_MISMATCH;
}

int table_select(sqlite3 *database, const struct table *table, const char *tail, sqlite3_stmt **statement) {
  struct buffer sql;
  buffer_open(&sql, 0);
  refund_puts(&sql.sink, "SELECT id, ");
  put_names(&sql, table, ", ");
  refund_puts(&sql.sink, "checksum FROM ");
  refund_puts(&sql.sink, table->name);
  refund_puts(&sql.sink, " ");
  refund_puts(&sql.sink, tail);
  return prepare(database, &sql, statement);
}

static bool read_detail(refund_text text, enum state_detail *detail) {
  for (int i = 0; i < DETAIL_KEEP; i++) {
    if (refund_is(text, state_detail_name((enum state_detail)i))) {
      *detail = (enum state_detail)i;
      return true;
    }
  }
  return false;
}

static int read_column(sqlite3_stmt *statement, int index, const struct column *column, struct arena *arena,
                       void *row) {
  void *at = (char *)row + column->offset;
  if (column->type == COLUMN_INTEGER) {
    *(int64_t *)at = sqlite3_column_int64(statement, index);
    return SQLITE_OK;
  }
  refund_text text = {sqlite3_column_blob(statement, index), (uint64_t)sqlite3_column_bytes(statement, index)};
  if (text.data == NULL && sqlite3_column_type(statement, index) != SQLITE_NULL) text.data = "";
  refund_text copy = arena_copy(arena, text);
  if (copy.data == NULL && text.data != NULL) return SQLITE_NOMEM;
  switch (column->type) {
    case COLUMN_STATE:
      return copy.data != NULL && state_find(copy.data, at) ? SQLITE_OK : SQLITE_CORRUPT;
    case COLUMN_DETAIL:
      return read_detail(copy, at) ? SQLITE_OK : SQLITE_CORRUPT;
    default:
      *(refund_text *)at = copy;
      return SQLITE_OK;
  }
}

int table_read(sqlite3_stmt *statement, const struct table *table, struct arena *arena, void *row) {
  *(int64_t *)row = sqlite3_column_int64(statement, 0);
  for (size_t i = 0; i < table->count; i++) {
    int code = read_column(statement, (int)i + 1, &table->columns[i], arena, row);
    if (code != SQLITE_OK) return code;
  }
  const unsigned char *stored = sqlite3_column_text(statement, (int)table->count + 1);
  struct checksum checksum;
  if (!table_checksum(table, row, &checksum)) return SQLITE_NOMEM;
  return stored != NULL && strcmp((const char *)stored, checksum.hex) == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}
