/* Transactions: one process at a time, in the order they came, and what is known after one that failed. */
#include <errno.h>
#include <string.h>

#include "ledger/rows.h"

/* ---- Owners ---- */

/* The byte is held before the row is written, so nobody who reads the row can take its owner for dead. A number whose
 * row was rolled back stays held by us; the next process finds it taken. */
static bool choose_owner(struct ledger *ledger, struct error *error) {
  struct ledger_owner_row last = {0};
  bool taken = false;
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  enum ledger_found found = ledger_find(ledger, &owner_table, "ORDER BY id DESC LIMIT 1", NULL, 0, arena, &last, error);
  arena_close(arena);
  if (found == LEDGER_FAILED) return false;
  int64_t owner = last.row;
  while (!taken) {
    owner++;
    if (!beside_take_owner(&ledger->beside, owner, &taken)) {
      return error_set(error, ERROR_LEDGER, "--ledger", "%s.owners cannot be locked: %s", ledger->path,
                       strerror(errno));
    }
  }
  ledger->owner = owner;
  return true;
}

/* After a commit that failed, the row may be there already. */
static bool record_owner(struct ledger *ledger, struct error *error) {
  struct ledger_owner_row row;
  char tail[48];
  if (ledger->owner_recorded) return true;
  if (ledger->owner == 0 && !choose_owner(ledger, error)) return false;
  sqlite3_snprintf(sizeof tail, tail, "WHERE id = %lld", (long long)ledger->owner);
  struct arena *arena = arena_open(0);
  enum ledger_found found = LEDGER_FAILED;
  if (arena != NULL) found = ledger_find(ledger, &owner_table, tail, NULL, 0, arena, &row, error);
  arena_close(arena);
  if (found != LEDGER_NONE) return found == LEDGER_FOUND;
  struct checksum checksum;
  row = (struct ledger_owner_row){ledger->owner, ledger->outside.now_ms(&ledger->outside)};
  int code = table_insert(ledger->database, &owner_table, &row, &checksum);
  return code == SQLITE_OK || ledger_failed(ledger, code, "writing", error);
}

int64_t ledger_owner(const struct ledger *ledger) {
  return ledger->owner;
}

bool ledger_owner_lives(struct ledger *ledger, int64_t owner) {
  if (owner <= 0) return false;
  return owner == ledger->owner || beside_owner_lives(&ledger->beside, owner);
}

/* ---- Whole ones ---- */

static bool may_write(struct ledger *ledger, struct error *error) {
  if (ledger->readonly) {
    return error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s is open for reading only", ledger->path);
  }
  if (ledger->in_transaction) {
    return error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s is being written already", ledger->path);
  }
  if (ledger->broken) {
    error_set(error, ERROR_LEDGER, "--ledger",
              "the disk of the ledger %s failed, so it is not known what of the last writes it holds", ledger->path);
    return error_fix(error, "look after the disk, then start again: all of the ledger is verified first");
  }
  if (!ledger->unsure) return true;
  return error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s was not read again after a write that failed",
                   ledger->path);
}

bool ledger_take_turn(struct ledger *ledger, struct error *error) {
  if (!may_write(ledger, error)) return false;
  if (!beside_take_turn(&ledger->beside)) {
    return error_set(error, ERROR_LEDGER, "--ledger", "%s.turn cannot be locked: %s", ledger->path, strerror(errno));
  }
  int code = sqlite3_exec(ledger->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
  if (code != SQLITE_OK) {
    ledger_failed(ledger, code, "beginning to write", error);
    beside_leave_turn(&ledger->beside);
    return false;
  }
  ledger->in_transaction = true;
  ledger->changes = sqlite3_total_changes(ledger->database);
  return true;
}

bool ledger_begin(struct ledger *ledger, struct error *error) {
  if (!ledger_take_turn(ledger, error)) return false;
  if (record_owner(ledger, error)) return true;
  ledger_rollback(ledger);
  return false;
}

static bool gave_up(struct ledger *ledger, struct error *error) {
  if (!sqlite3_get_autocommit(ledger->database)) return false;
  error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s gave up what was being written", ledger->path);
  return true;
}

/* An error of COMMIT itself leaves open what is on the disk, unless all that it lacked was space. */
static bool commit(struct ledger *ledger, struct error *error) {
  outside_reach("before commit");
  errno = 0;
  int code = sqlite3_exec(ledger->database, "COMMIT", NULL, NULL, NULL);
  if (code == SQLITE_OK) {
    outside_reach("after commit");
    return true;
  }
  bool for_space = ledger_lacks_space(ledger, code);
  ledger_failed(ledger, code, "writing", error);
  if (!for_space) ledger->disk_failed = true;
  return false;
}

bool ledger_commit(struct ledger *ledger, struct error *error) {
  struct mark mark;
  if (!ledger->in_transaction) {
    return error_set(error, ERROR_LEDGER, "--ledger", "nothing is being written into the ledger %s", ledger->path);
  }
  bool wrote = sqlite3_total_changes(ledger->database) != ledger->changes;
  bool done =
      !gave_up(ledger, error) && (!wrote || ledger_count_generation(ledger, &mark, error)) && commit(ledger, error);
  if (done && wrote) mark_write(&ledger->beside, &mark);
  if (done && ledger->owner != 0) ledger->owner_recorded = true;
  if (!done) ledger->unsure = true;
  ledger_rollback(ledger);
  return done;
}

/* Also the end of a commit, done or not: SQLite then has nothing left to undo. */
void ledger_rollback(struct ledger *ledger) {
  if (!ledger->in_transaction) return;
  if (!sqlite3_get_autocommit(ledger->database)) sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
  if (ledger->disk_failed && !ledger->broken) ledger_mark_broken(ledger, true);
  ledger->broken = ledger->broken || ledger->disk_failed;
  ledger->in_transaction = false;
  beside_leave_turn(&ledger->beside);
}

/* ---- Parts ---- */

/* On some errors (disk full, I/O) SQLite gives the whole transaction up by itself. A savepoint would then open one of
 * its own, and what follows would be recorded without what came before. */
bool ledger_part_begin(struct ledger *ledger, struct error *error) {
  return !gave_up(ledger, error) && ledger_execute(ledger, "SAVEPOINT part", "beginning to write", error);
}

bool ledger_part_end(struct ledger *ledger, struct error *error) {
  return ledger_execute(ledger, "RELEASE part", "writing", error);
}

void ledger_part_undo(struct ledger *ledger) {
  sqlite3_exec(ledger->database, "ROLLBACK TO part; RELEASE part", NULL, NULL, NULL);
}
