/* Opening and making a ledger, and opening it again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "ledger/verify.h"
#include "refund_toolkit.h"

enum { APPLICATION_ID = 0x52464E44, SCHEMA = 2, BUSY_MS = 30000, PAUSE_MS = 10 }; /* "RFND" */

/* sqlite3_system_errno() is not told of a COMMIT by SQLite 3.40; errno is, and it is what SQLite itself goes by. */
bool ledger_lacks_space(struct ledger *ledger, int code) {
  int extended = sqlite3_extended_errcode(ledger->database);
  if (code == SQLITE_FULL) return true;
  return code == SQLITE_IOERR && extended != SQLITE_IOERR_FSYNC && extended != SQLITE_IOERR_DIR_FSYNC &&
         (errno == ENOSPC || errno == EDQUOT);
}

bool ledger_failed(struct ledger *ledger, int code, const char *doing, struct error *error) {
  bool for_space = ledger_lacks_space(ledger, code);
  error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s failed while %s", ledger->path, doing);
  error_found(error, "%s", ledger->database == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(ledger->database));
  if (code == SQLITE_IOERR && ledger->in_transaction && !for_space) ledger->disk_failed = true;
  if (for_space) error_fix(error, "free space on its disk");
  if (code == SQLITE_BUSY) error_fix(error, "another program holds it for longer than %d s; end that", BUSY_MS / 1000);
  if (code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_CANTOPEN) {
    error_fix(error, "let this user write to the file and its folder");
  }
  return false;
}

bool ledger_damaged(struct ledger *ledger, const struct table *table, int64_t row, struct error *error) {
  error_set(error, ERROR_LEDGER, "--ledger", "row %lld of %s in the ledger %s does not fit its checksum",
            (long long)row, table->name, ledger->path);
  return error_fix(error, "it was changed from outside or its disk is failing: restore it from a backup");
}

bool ledger_not_read(struct ledger *ledger, const struct table *table, sqlite3_stmt *statement, int code,
                     struct error *error) {
  bool on_row = statement != NULL && sqlite3_data_count(statement) > 0;
  if (code != SQLITE_CORRUPT || !on_row) return ledger_failed(ledger, code, "reading", error);
  return ledger_damaged(ledger, table, sqlite3_column_int64(statement, 0), error);
}

bool ledger_execute(struct ledger *ledger, const char *sql, const char *doing, struct error *error) {
  int code = sqlite3_exec(ledger->database, sql, NULL, NULL, NULL);
  return code == SQLITE_OK || ledger_failed(ledger, code, doing, error);
}

static int64_t pragma(struct ledger *ledger, const char *sql) {
  sqlite3_stmt *statement = NULL;
  int64_t value = -1;
  if (sqlite3_prepare_v2(ledger->database, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    value = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  return value;
}

/* ---- Making ---- */

/* Modes are set whatever the umask takes away. What went wrong, if it did, is said when the file is made. */
static void make_folder(const char *path) {
  if (mkdir(path, 0700) == 0) chmod(path, 0700);
}

/* The folder is ours alone, and so is the file; SQLite gives -wal and -shm the mode of the file. */
static bool make_file(const char *path, struct error *error) {
  char *folder = strdup(path);
  char *slash = folder == NULL ? NULL : strrchr(folder, '/');
  if (slash != NULL && slash != folder) {
    *slash = '\0';
    for (char *at = folder + 1; (at = strchr(at, '/')) != NULL; at++) {
      *at = '\0';
      make_folder(folder);
      *at = '/';
    }
    make_folder(folder);
  }
  free(folder);
  int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    fchmod(descriptor, 0600);
    close(descriptor);
    return true;
  }
  if (errno == EEXIST) return true;
  error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s cannot be made: %s", path, strerror(errno));
  return error_fix(error, "give another path with --ledger, or make its folder writable");
}

static bool put_identity(struct ledger *ledger, const unsigned char *id, size_t size, struct error *error) {
  struct buffer hex;
  refund_text bytes = {(const char *)id, size};
  buffer_open(&hex, 0);
  refund_put_hex(&hex.sink, bytes);
  struct ledger_identity row = {.ledger_id = buffer_text(&hex), .generation = 0}; /* its commit counts */
  bool put = hex.failed ? error_set(error, ERROR_HOST, NULL, "out of memory")
                        : ledger_put(ledger, &identity_table, &row, "1", error);
  buffer_close(&hex);
  return put;
}

/* Of several processes, and after one that died on the way, exactly one makes the tables: that one made the ledger. */
static bool make_tables(struct ledger *ledger, bool *created, struct error *error) {
  unsigned char id[16];
  if (!ledger->outside.random(&ledger->outside, id, sizeof id)) {
    return error_set(error, ERROR_HOST, NULL, "the system gives no random bytes");
  }
  if (!ledger_take_turn(ledger, error)) return false;
  if (pragma(ledger, "PRAGMA user_version") == SCHEMA) { /* another process was faster */
    ledger_rollback(ledger);
    return true;
  }
  bool made = true;
  char version[96];
  sqlite3_snprintf(sizeof version, version, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
                   SCHEMA);
  for (size_t i = 0; i < table_count && made; i++) {
    int code = table_create(ledger->database, all_tables[i]);
    made = code == SQLITE_OK || ledger_failed(ledger, code, "making its tables", error);
  }
  made =
      made && put_identity(ledger, id, sizeof id, error) && ledger_execute(ledger, version, "making its tables", error);
  if (!made) ledger_rollback(ledger);
  *created = made && ledger_commit(ledger, error);
  return *created;
}

/* ---- Opening ---- */

static bool is_empty(struct ledger *ledger) {
  return pragma(ledger, "PRAGMA user_version") == 0 && pragma(ledger, "SELECT count(*) FROM sqlite_schema") == 0;
}

static bool check_kind(struct ledger *ledger, struct error *error) {
  int64_t version = pragma(ledger, "PRAGMA user_version");
  int64_t application = pragma(ledger, "PRAGMA application_id");
  if (version == SCHEMA && application == APPLICATION_ID) return true;
  int code = sqlite3_errcode(ledger->database);
  if (version < 0 && code != SQLITE_NOTADB) return ledger_failed(ledger, code, "being opened", error);
  error_set(error, ERROR_LEDGER, "--ledger", "%s is not a ledger that this version reads", ledger->path);
  error_expected(error, "a ledger of version %d", SCHEMA);
  if (version < 0) {
    error_found(error, "a file that is no database");
  } else if (application != APPLICATION_ID) {
    error_found(error, "another kind of database");
  } else {
    error_found(error, "a ledger of version %lld", (long long)version);
    return error_fix(error, "use the version of refund-host that wrote it, or a newer one");
  }
  return error_fix(error, "give the path of a ledger, or of a file that is not there yet");
}

/* cell_size_check and trusted_schema: a damaged or foreign file must not lead SQLite astray. */
static bool open_database(struct ledger *ledger, int flags, struct error *error) {
  int code = sqlite3_open_v2(ledger->path, &ledger->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (code != SQLITE_OK) return ledger_failed(ledger, code, "being opened", error);
  sqlite3_extended_result_codes(ledger->database, 0);
  sqlite3_busy_timeout(ledger->database, BUSY_MS);
  return ledger_execute(ledger, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;", "being opened", error);
}

static struct ledger *new_ledger(const char *path, const struct outside *outside, struct error *error) {
  struct ledger *ledger = calloc(1, sizeof *ledger);
  if (ledger != NULL) {
    ledger->outside = *outside;
    ledger->beside = (struct beside){-1, -1};
    ledger->path = strdup(path);
  }
  if (ledger != NULL && ledger->path != NULL) {
    worker_open(&ledger->worker);
    return ledger;
  }
  free(ledger);
  error_set(error, ERROR_HOST, NULL, "out of memory");
  return NULL;
}

/* The pragma answers with the mode that it is in: where WAL cannot be had it is another, without an error. */
static int has_write_ahead_log(struct ledger *ledger, bool *has) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(ledger->database, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  const unsigned char *mode = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
  *has = mode != NULL && strcmp((const char *)mode, "wal") == 0;
  sqlite3_finalize(statement);
  return code == SQLITE_ROW ? SQLITE_OK : code;
}

static bool make_safe(struct ledger *ledger, struct error *error) {
  bool has_log = false;
  int code = has_write_ahead_log(ledger, &has_log);
  for (int waited = 0; code == SQLITE_BUSY && waited < BUSY_MS;
       waited += PAUSE_MS) { /* its busy handler is not asked */
    sqlite3_sleep(PAUSE_MS);
    code = has_write_ahead_log(ledger, &has_log);
  }
  if (code != SQLITE_OK) return ledger_failed(ledger, code, "being opened", error);
  if (has_log)
    return ledger_execute(ledger, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;", "being opened", error);
  error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s cannot have a write-ahead log", ledger->path);
  return error_fix(error, "put it on a local file system");
}

const char *ledger_real_path(const struct ledger *ledger) {
  return sqlite3_db_filename(ledger->database, "main");
}

static bool open_beside(struct ledger *ledger, struct error *error) {
  if (beside_open(&ledger->beside, ledger_real_path(ledger), ledger->readonly)) return true;
  error_set(error, ERROR_LEDGER, "--ledger", "the files beside the ledger %s cannot be opened: %s", ledger->path,
            strerror(errno));
  return error_fix(error, "let this user write to the file and its folder");
}

struct first_wrong {
  char sentence[384];
};

static void keep_first(void *context, const char *sentence) {
  struct first_wrong *first = context;
  if (first->sentence[0] == '\0') snprintf(first->sentence, sizeof first->sentence, "%s", sentence);
}

/* A process before us could not know what its disk holds. */
static bool verify_first(struct ledger *ledger, struct error *error) {
  struct mark mark;
  struct first_wrong first = {""};
  struct ledger_checked checked = {0};
  struct check check = {ledger, keep_first, &first, &checked, true};
  if (!mark_read(&ledger->beside, &mark) || !mark.broken) return true;
  if (!check_ledger(&check, error)) return false;
  if (checked.wrong > 0) {
    error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s was damaged when its disk failed", ledger->path);
    error_found(error, "%s", first.sentence);
    return error_fix(error, "restore it from a backup, then: refund-host resume --restored");
  }
  if (!ledger_take_turn(ledger, error)) return false;
  ledger_mark_broken(ledger, false);
  ledger_rollback(ledger);
  return true;
}

/* Its kind is looked at before anything is written into a file of others, or beside it. */
struct ledger *ledger_open(const char *path, const struct outside *outside, bool *created, struct error *error) {
  struct ledger *ledger = new_ledger(path, outside, error);
  *created = false;
  if (ledger == NULL || !ledger_check_place(path, error) || !make_file(path, error)) goto failed;
  if (!open_database(ledger, SQLITE_OPEN_READWRITE, error)) goto failed;
  bool empty = is_empty(ledger);
  if (!empty && !check_kind(ledger, error)) goto failed;
  if (!make_safe(ledger, error) || !open_beside(ledger, error)) goto failed;
  if (empty && !make_tables(ledger, created, error)) goto failed;
  if (*created) mark_sync(&ledger->beside, ledger_real_path(ledger));
  if (empty && !check_kind(ledger, error)) goto failed;
  if (ledger_mark_new(ledger, error) && verify_first(ledger, error)) return ledger;
failed:
  ledger_close(ledger);
  return NULL;
}

struct ledger *ledger_open_readonly(const char *path, const struct outside *outside, struct error *error) {
  struct ledger *ledger = new_ledger(path, outside, error);
  if (ledger == NULL) return NULL;
  ledger->readonly = true;
  bool there = access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
  bool opened = there && ledger_check_place(path, error) && open_database(ledger, SQLITE_OPEN_READWRITE, error);
  if (!there || (opened && is_empty(ledger))) {
    error_set(error, ERROR_NOT_FOUND, "--ledger", "there is no ledger at %s yet", path);
    error_fix(error, "it is made by the first refund; or give its path with --ledger");
  } else if (opened && check_kind(ledger, error) && open_beside(ledger, error) &&
             ledger_execute(ledger, "PRAGMA query_only = ON", "being opened", error)) {
    return ledger;
  }
  ledger_close(ledger);
  return NULL;
}

bool ledger_reopen(struct ledger *ledger, struct error *error) {
  if (ledger->broken) {
    error_set(error, ERROR_LEDGER, "--ledger",
              "the disk of the ledger %s failed, so it is not known what of the last writes it holds", ledger->path);
    return error_fix(error, "look after the disk, then start again: all of the ledger is verified first");
  }
  ledger_rollback(ledger);
  table_close(ledger->database);
  ledger->database = NULL;
  ledger->unsure = !open_database(ledger, SQLITE_OPEN_READWRITE, error) || !make_safe(ledger, error);
  return !ledger->unsure;
}

void ledger_close(struct ledger *ledger) {
  if (ledger == NULL) return;
  worker_close(&ledger->worker);
  table_close(ledger->database);
  beside_close(&ledger->beside);
  free(ledger->path);
  free(ledger);
}
