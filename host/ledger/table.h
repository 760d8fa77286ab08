/* Rows as structures: a table of columns says what SQL, binding, reading and checksum are made from, so that the four
 * cannot drift apart. Between the files of this room only. */
#ifndef LEDGER_TABLE_H
#define LEDGER_TABLE_H

#include <sqlite3.h>
#include <stddef.h>

#include "common/arena.h"
#include "common/error.h"

enum column_type { COLUMN_INTEGER, COLUMN_TEXT, COLUMN_BLOB, COLUMN_STATE, COLUMN_DETAIL };

struct column {
  const char *name;
  enum column_type type;
  size_t offset;
};

/* Every structure begins with its int64_t row. */
struct table {
  const char *name;
  size_t size; /* of its structure */
  const struct column *columns;
  size_t count;
  const char *constraints; /* of CREATE TABLE and indexes, in SQL */
};

struct checksum {
  char hex[65];
};

/* Over the table's name, the row's number and every field. False when out of memory. */
bool table_checksum(const struct table *table, const void *row, struct checksum *checksum);

/* Each returns an SQLite code; SQLITE_OK when done. */
int table_create(sqlite3 *database, const struct table *table);
/* A row that is 0 gets the next number; one that is not is inserted under its own. 0 again if it failed. */
int table_insert(sqlite3 *database, const struct table *table, void *row, struct checksum *checksum);
/* `guard` is SQL that must hold of the row as it stands; SQLITE_MISMATCH if no such row is there. */
int table_update(sqlite3 *database, const struct table *table, void *row, const char *guard);

/* "SELECT id, columns..., checksum FROM table " and `tail`; to be run at once, and given back by table_release(). */
int table_select(sqlite3 *database, const struct table *table, const char *tail, sqlite3_stmt **statement);
/* It rests until the same is wanted again. NULL is allowed. */
void table_release(sqlite3_stmt *statement);
/* Closes the database with all that rest. NULL is allowed. */
void table_close(sqlite3 *database);
/* Reads the row that the statement stands on. SQLITE_CORRUPT if its checksum does not fit, SQLITE_NOMEM. */
int table_read(sqlite3_stmt *statement, const struct table *table, struct arena *arena, void *row);

#endif
