/* Making a ledger, opening one, and refusing what is none. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct ledger *open_at(const char *path, bool *created, struct error *error) {
  struct outside outside = outside_of_tests();
  memset(error, 0, sizeof *error);
  return ledger_open(path, &outside, created, error);
}

static struct ledger *open_readonly(const char *path, struct error *error) {
  struct outside outside = outside_of_tests();
  memset(error, 0, sizeof *error);
  return ledger_open_readonly(path, &outside, error);
}

static unsigned mode_of(const char *path) {
  struct stat status;
  cr_assert_eq(stat(path, &status), 0, "%s", path);
  return (unsigned)status.st_mode & 07777u;
}

Test(ledger_open, makes_what_only_its_owner_can_read_whatever_the_umask) {
  static const mode_t masks[] = {0, 022, 077, 0277, 0777};
  struct place place = place_make();
  for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
    char outer[300];
    char inner[320];
    char path[360];
    char beside[380];
    struct error error;
    bool created;
    snprintf(outer, sizeof outer, "%s/%zu", place.folder, i);
    snprintf(inner, sizeof inner, "%s/inner", outer);
    snprintf(path, sizeof path, "%s/ledger.db", inner);
    mode_t before = umask(masks[i]);
    struct ledger *ledger = open_at(path, &created, &error);
    umask(before);
    cr_assert_not_null(ledger, "umask %o: %s", masks[i], error.message);
    cr_expect(created);
    cr_expect_eq(mode_of(outer), 0700, "umask %o: %o", masks[i], mode_of(outer));
    cr_expect_eq(mode_of(inner), 0700, "umask %o: %o", masks[i], mode_of(inner));
    cr_expect_eq(mode_of(path), 0600, "umask %o: %o", masks[i], mode_of(path));
    snprintf(beside, sizeof beside, "%s-wal", path);
    cr_expect_eq(mode_of(beside), 0600, "umask %o: %o", masks[i], mode_of(beside));
    snprintf(beside, sizeof beside, "%s-shm", path);
    cr_expect_eq(mode_of(beside), 0600, "umask %o: %o", masks[i], mode_of(beside));
    ledger_close(ledger);
  }
}

Test(ledger_open, leaves_the_mode_of_a_folder_that_is_there) {
  struct place place = place_make();
  char path[300];
  struct error error;
  bool created;
  chmod(place.folder, 0750);
  snprintf(path, sizeof path, "%s/ledger.db", place.folder);
  struct ledger *ledger = open_at(path, &created, &error);
  cr_assert_not_null(ledger);
  cr_expect_eq(mode_of(place.folder), 0750);
  ledger_close(ledger);
}

Test(ledger_open, says_created_once) {
  struct place place = place_make();
  struct error error;
  bool created;
  struct ledger *ledger = open_at(place.ledger, &created, &error);
  cr_assert_not_null(ledger);
  cr_expect(created);
  ledger_close(ledger);
  ledger = open_at(place.ledger, &created, &error);
  cr_assert_not_null(ledger);
  cr_expect_not(created);
  ledger_close(ledger);
}

/* Somebody died while making it, or a file system lost its bytes: what was known is gone, and that must be said. */
Test(ledger_open, says_created_of_an_empty_file) {
  struct place place = place_make();
  char path[300];
  struct error error;
  bool created;
  snprintf(path, sizeof path, "%s/ledger.db", place.folder);
  place_write(&place, "ledger.db", "", 0600);
  cr_expect_null(open_readonly(path, &error));
  cr_expect_eq(error.code, ERROR_NOT_FOUND);
  struct ledger *ledger = open_at(path, &created, &error);
  cr_assert_not_null(ledger, "%s", error.message);
  cr_expect(created);
  ledger_close(ledger);
}

/* Bytes 18 and 19 of the file: the versions that can write and read it; 2 is WAL. */
Test(ledger_open, writes_ahead_and_syncs_every_commit) {
  struct place place = place_make();
  struct ledger *ledger = book_open(&place);
  sqlite3_stmt *statement = NULL;
  unsigned char head[20];
  sqlite3_prepare_v2(ledger->database, "PRAGMA synchronous", -1, &statement, NULL);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  cr_expect_eq(sqlite3_column_int(statement, 0), 2, "FULL");
  sqlite3_finalize(statement);
  ledger_close(ledger); /* before anyone else opens the file: closing it would drop SQLite's locks */
  FILE *file = fopen(place.ledger, "rb");
  cr_assert_eq(fread(head, 1, sizeof head, file), sizeof head);
  fclose(file);
  cr_expect(head[18] == 2 && head[19] == 2);
  cr_expect_eq(book_sql(place.ledger, "PRAGMA application_id"), 0x52464E44);
  cr_expect_eq(book_sql(place.ledger, "PRAGMA user_version"), 2);
  cr_expect_eq(book_sql(place.ledger, "SELECT length(ledger_id) FROM ledger WHERE generation = 1"), 32);
}

/* ---- What is no ledger ---- */

static char *content_of(const char *path) {
  char *content = calloc(1, 65536);
  FILE *file = fopen(path, "rb");
  cr_assert_not_null(file);
  size_t size = fread(content + 8, 1, 65000, file);
  memcpy(content, &size, sizeof size);
  fclose(file);
  return content;
}

/* Refused both ways, in these words, and not a byte of it changed. */
static void expect_refused(const char *path, const char *found, const char *fix) {
  struct error error;
  bool created = true;
  char start[400];
  char *before = content_of(path);
  snprintf(start, sizeof start, "%s is not a ledger that this version reads", path);
  cr_expect_null(open_at(path, &created, &error));
  cr_expect_not(created);
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(error.code, ERROR_LEDGER);
    cr_expect_str_eq(error.message, start);
    cr_expect_str_eq(error.expected, "a ledger of version 2");
    cr_expect_str_eq(error.found, found);
    cr_expect_neq(strstr(error.fix, fix), NULL, "%s", error.fix);
    cr_expect_null(open_readonly(path, &error));
  }
  char *after = content_of(path);
  cr_expect_eq(memcmp(before, after, 65536), 0, "a file of others was changed");
  free(before);
  free(after);
}

Test(ledger_open, refuses_a_text_file) {
  struct place place = place_make();
  char path[300];
  place_write(&place, "notes.txt",
              "refund_id,amount\nr-1,1000\nA text that is longer than a database's first page head\n", 0600);
  snprintf(path, sizeof path, "%s/notes.txt", place.folder);
  expect_refused(path, "a file that is no database", "give the path of a ledger");
}

Test(ledger_open, refuses_the_database_of_another_program) {
  struct place place = place_make();
  char path[300];
  snprintf(path, sizeof path, "%s/other.db", place.folder);
  book_sql(path, "CREATE TABLE refund (id INTEGER PRIMARY KEY, amount INTEGER); INSERT INTO refund VALUES (1, 1000)");
  expect_refused(path, "another kind of database", "give the path of a ledger");
  book_sql(path, "PRAGMA user_version = 2");
  expect_refused(path, "another kind of database", "give the path of a ledger");
}

Test(ledger_open, refuses_a_ledger_of_a_newer_version) {
  struct place place = place_make();
  ledger_close(book_open(&place));
  book_sql(place.ledger, "PRAGMA user_version = 3");
  expect_refused(place.ledger, "a ledger of version 3", "the version of refund-host that wrote it");
}

/* ---- Reading only ---- */

Test(ledger_open, for_reading_says_not_found_and_makes_nothing) {
  struct place place = place_make();
  struct error error;
  cr_expect_null(open_readonly(place.ledger, &error));
  cr_expect_eq(error.code, ERROR_NOT_FOUND);
  cr_expect_not_null(strstr(error.message, place.ledger));
  cr_expect_neq(error.fix[0], '\0');
  cr_expect_neq(access(place.ledger, F_OK), 0);
}

Test(ledger_open, for_reading_reads_and_does_not_write) {
  struct place place = place_make();
  struct ledger *writer = book_open(&place);
  struct ledger_refund refund = refund_number(1);
  struct error error;
  book_put_refund(writer, &refund);
  struct ledger *reader = open_readonly(place.ledger, &error);
  cr_assert_not_null(reader, "%s", error.message);
  cr_expect(book_has(reader, "r-1"));
  refund = refund_number(2);
  cr_expect(!ledger_begin(reader, &error) || !ledger_put_refund(reader, &refund, &error));
  ledger_rollback(reader);
  refund = refund_number(3);
  book_put_refund(writer, &refund);
  cr_expect(book_has(reader, "r-3"));
  cr_expect_not(book_has(reader, "r-2"));
  ledger_close(reader);
  ledger_close(writer);
}

/* ---- Where it cannot be ---- */

Test(ledger_open, says_why_it_cannot_be_made) {
  struct place place = place_make();
  char path[300];
  struct error error;
  bool created = true;
  place_write(&place, "file", "x", 0600);
  snprintf(path, sizeof path, "%s/file/ledger.db", place.folder);
  cr_expect_null(open_at(path, &created, &error));
  cr_expect_not(created);
  cr_expect_eq(error.code, ERROR_LEDGER);
  cr_expect_not_null(strstr(error.message, "cannot be made: Not a directory"), "%s", error.message);
  cr_expect_not_null(strstr(error.fix, "--ledger"));
  cr_expect_null(open_at("/proc/refund-host/ledger.db", &created, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
}

/* Root may write anywhere, so the child is nobody. */
Test(ledger_open, in_a_folder_that_cannot_be_written_is_refused) {
  struct place place = place_make();
  char path[300];
  snprintf(path, sizeof path, "%s/ledger.db", place.folder);
  chmod(place.folder, 0555);
  pid_t child = book_fork();
  if (child == 0) {
    struct error error;
    bool created;
    if (geteuid() == 0 && setuid(65534) != 0) _exit(1);
    if (open_at(path, &created, &error) != NULL || created) _exit(2);
    if (error.code != ERROR_LEDGER || strstr(error.message, "Permission denied") == NULL) _exit(3);
    _exit(strstr(error.fix, "make its folder writable") == NULL ? 4 : 0);
  }
  cr_expect_eq(child_status(child), 0);
  chmod(place.folder, 0700);
}

Test(ledger_open, that_may_not_be_looked_at_is_not_called_missing) {
  struct place place = place_make();
  ledger_close(book_open(&place));
  char folder[300];
  snprintf(folder, sizeof folder, "%s/ledger", place.folder);
  chmod(place.folder, 0755);
  chmod(folder, 0);
  pid_t child = book_fork();
  if (child == 0) {
    struct error error;
    if (geteuid() == 0 && setuid(65534) != 0) _exit(1);
    if (open_readonly(place.ledger, &error) != NULL) _exit(2);
    _exit(error.code == ERROR_LEDGER ? 0 : 3);
  }
  cr_expect_eq(child_status(child), 0);
  chmod(folder, 0700);
}

/* ---- Two at once ---- */

static void make_with_others(const struct place *place, int gate) {
  struct outside outside = outside_of_tests();
  struct error error = {0};
  struct ledger_refund refund = refund_number((int)getpid());
  bool created;
  char byte;
  if (read(gate, &byte, 1) != 0) _exit(100); /* until the gate is closed, for all at once */
  struct ledger *ledger = ledger_open(place->ledger, &outside, &created, &error);
  if (ledger == NULL) _exit(101);
  if (!ledger_begin(ledger, &error) || !ledger_put_refund(ledger, &refund, &error) || !ledger_commit(ledger, &error)) {
    _exit(102);
  }
  ledger_close(ledger);
  _exit(created);
}

Test(ledger_open, of_processes_that_make_it_at_once_one_says_created) {
  enum { ROUNDS = 20, PROCESSES = 4 };
  struct place place = place_make();
  for (int round = 0; round < ROUNDS; round++) {
    pid_t children[PROCESSES];
    int gate[2];
    int created = 0;
    snprintf(place.ledger, sizeof place.ledger, "%s/%d/ledger.db", place.folder, round);
    cr_assert_eq(pipe(gate), 0);
    for (int i = 0; i < PROCESSES; i++) {
      children[i] = book_fork();
      if (children[i] != 0) continue;
      close(gate[1]);
      make_with_others(&place, gate[0]);
    }
    close(gate[1]);
    for (int i = 0; i < PROCESSES; i++) {
      int status = child_status(children[i]);
      cr_expect_leq(status, 1, "%d", status);
      created += status;
    }
    close(gate[0]);
    cr_expect_eq(created, 1);
    cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM refund"), PROCESSES);
    cr_expect_eq(book_sql(place.ledger, "SELECT count(*) FROM ledger"), 1);
  }
}
