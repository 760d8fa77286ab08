/* What verify finds: anything that is wrong, and nothing that is right. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

enum { TOLD = 8000 };

static struct place place;

static void make_book(void) {
  place = place_make();
  book_make_sound(&place);
}

TestSuite(ledger_verify, .init = make_book);

/* All sentences, one a line. */
struct told {
  char text[TOLD];
};

static void keep(void *context, const char *sentence) {
  struct told *told = context;
  size_t size = strlen(told->text);
  snprintf(told->text + size, sizeof told->text - size, "%s\n", sentence);
}

static struct ledger_checked verify(struct ledger *ledger, struct told *told) {
  struct ledger_checked checked;
  struct error error = {0};
  told->text[0] = '\0';
  cr_assert(ledger_verify(ledger, keep, told, &checked, &error), "%s (%s)", error.message, error.found);
  return checked;
}

Test(ledger_verify, of_a_sound_ledger_tells_nothing) {
  struct outside outside = outside_of_tests();
  struct told told;
  struct ledger *readonly = ledger_open_readonly(place.ledger, &outside, NULL);
  struct ledger *ledger = book_open(&place);
  struct ledger *both[] = {ledger, readonly};
  for (int i = 0; i < 2; i++) {
    struct ledger_checked checked = verify(both[i], &told);
    cr_expect_eq(checked.wrong, 0, "%s", told.text);
    cr_expect_eq(checked.refunds, 4);
    cr_expect_eq(checked.payments, 4);
    cr_expect_eq(checked.attempts, 4);
    cr_expect_eq(checked.facts, 12);
  }
  book_put_story(ledger, 5, "A", (enum fact[]){FACT_ATTEMPT, FACT_UNSENT}, 2); /* it stands in nobody's way */
  ledger_close(ledger);
  ledger_close(readonly);
}

/* Every way a refund goes through the table of states is right, with facts that do not apply as well. */
Test(ledger_verify, follows_any_facts_there_are) {
  struct ledger *ledger = book_open(&place);
  struct told told;
  int n = 10;
  for (int first = 0; first < FACTS; first++) {
    for (int second = 0; second < FACTS; second++) {
      enum fact facts[] = {FACT_ATTEMPT, (enum fact)first, (enum fact)second};
      bool sends = first == FACT_ATTEMPT || second == FACT_ATTEMPT;
      if (!sends) book_put_story(ledger, n++, "C", facts, 3);
    }
  }
  cr_expect_eq(verify(ledger, &told).wrong, 0, "%s", told.text);
  ledger_close(ledger);
}

/* ---- One value changed from outside ---- */

/* The type is kept, as a STRICT table demands. */
static const char *changed(const char *type) {
  if (strcmp(type, "INTEGER") == 0) return "%s + 1000";
  return strcmp(type, "BLOB") == 0 ? "CAST(coalesce(%s, x'') || 'x' AS BLOB)" : "coalesce(%s, '') || 'x'";
}

static void expect_noticed(struct ledger *ledger, const char *table, const char *column, const char *type) {
  char change[128];
  struct told told;
  int64_t row = book_sql(place.ledger, "SELECT min(id) FROM %s", table);
  int length = 0;
  for (const char *at = changed(type); *at != '\0'; at++) {
    bool is_name = at[0] == '%' && at[1] == 's';
    length += snprintf(change + length, sizeof change - (size_t)length, "%s", is_name ? column : (char[]){at[0], '\0'});
    at += is_name;
  }
  book_sql(place.ledger, "CREATE TABLE kept AS SELECT rowid AS place, * FROM %s WHERE id = %lld", table,
           (long long)row);
  book_sql(place.ledger, "UPDATE %s SET %s = %s WHERE id = %lld", table, column, change, (long long)row);
  cr_expect_gt(verify(ledger, &told).wrong, 0, "%s of %s as %s", column, table, change);
  if (strcmp(column, "id") == 0) row += 1000;
  book_sql(place.ledger, "UPDATE %s SET %s = (SELECT %s FROM kept) WHERE id = %lld; DROP TABLE kept", table, column,
           column, (long long)row);
}

Test(ledger_verify, notices_one_changed_value_in_any_column_of_any_table) {
  struct ledger *ledger = book_open(&place);
  struct told told;
  sqlite3 *database = NULL;
  sqlite3_stmt *statement = NULL;
  int columns = 0;
  cr_assert_eq(sqlite3_open(place.ledger, &database), SQLITE_OK);
  sqlite3_prepare_v2(database,
                     "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
                     " WHERE t.type = 'table'",
                     -1, &statement, NULL);
  char list[200][3][48];
  while (sqlite3_step(statement) == SQLITE_ROW) {
    cr_assert_lt(columns, 200);
    for (int i = 0; i < 3; i++)
      snprintf(list[columns][i], sizeof list[columns][i], "%s", (const char *)sqlite3_column_text(statement, i));
    columns++;
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  cr_assert_gt(columns, 90);
  for (int i = 0; i < columns; i++)
    expect_noticed(ledger, list[i][0], list[i][1], list[i][2]);
  cr_expect_eq(verify(ledger, &told).wrong, 0, "all was put back: %s", told.text);
  ledger_close(ledger);
}

Test(ledger_verify, goes_on_after_a_damaged_row) {
  struct ledger *ledger = book_open(&place);
  struct told told;
  book_sql(place.ledger,
           "UPDATE payment SET captured_amount = 1 WHERE id = 1; UPDATE refund SET reason = 'x' WHERE id"
           " IN (1, 4); UPDATE fact SET note = 'x' WHERE id = 3; UPDATE attempt SET problem = 'x' WHERE id"
           " = 2; UPDATE reply SET body = x'00' WHERE id = 4; UPDATE owner SET started_at = 1;"
           " UPDATE scope SET forgotten_at = 1; UPDATE ledger SET generation = 2");
  cr_expect_geq(verify(ledger, &told).wrong, 9);
  static const char *const rows[] = {"row 1 of payment", "row 1 of refund",  "row 4 of refund",
                                     "row 3 of fact",    "row 2 of attempt", "row 4 of reply",
                                     "row 1 of owner",   "row 1 of scope",   "row 1 of ledger"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    cr_expect_not_null(strstr(told.text, rows[i]), "%s in: %s", rows[i], told.text);
  ledger_close(ledger);
}

Test(ledger_verify, notices_rows_that_are_gone) {
  static const char *const deletions[] = {
      "payment WHERE id = 1", "refund WHERE id = 1", "refund WHERE id = 2", "attempt WHERE id = 1",
      "attempt WHERE id = 4", "fact WHERE id = 1",   "fact WHERE id = 12",  "ledger"};
  for (size_t i = 0; i < sizeof deletions / sizeof *deletions; i++) {
    struct told told;
    make_book();
    struct ledger *ledger = book_open(&place);
    book_sql(place.ledger, "DELETE FROM %s", deletions[i]);
    cr_expect_gt(verify(ledger, &told).wrong, 0, "%s", deletions[i]);
    ledger_close(ledger);
  }
}

/* ---- Rows that fit their checksums and contradict one another ---- */

typedef void spoil(union ledger_any_row *row);

static void fact_number(union ledger_any_row *row) {
  row->fact.number = 7;
}
static void fact_previous(union ledger_any_row *row) {
  row->fact.previous = refund_text_of("0000");
}
static void fact_name_of_another(union ledger_any_row *row) {
  row->fact.fact = refund_text_of("rejected");
}
static void fact_state(union ledger_any_row *row) {
  row->fact.state = refund_text_of("failed");
}
static void fact_of_no_refund(union ledger_any_row *row) {
  row->fact.refund = 99;
}
static void fact_of_no_attempt(union ledger_any_row *row) {
  row->fact.attempt = 99;
}
static void refund_facts(union ledger_any_row *row) {
  row->refund.facts++;
}
static void refund_chain(union ledger_any_row *row) {
  row->refund.chain = refund_text_of("0000");
}
static void refund_state(union ledger_any_row *row) {
  row->refund.position.state = STATE_PENDING;
}
static void refund_detail(union ledger_any_row *row) {
  row->refund.position.detail = DETAIL_BY_OPERATOR;
}
static void refund_attempts(union ledger_any_row *row) {
  row->refund.attempts++;
}
static void refund_holds_less(union ledger_any_row *row) {
  row->refund.held_amount--;
}
static void refund_holds_though_failed(union ledger_any_row *row) {
  row->refund.held_amount = 1;
}
static void refund_ids(union ledger_any_row *row) {
  row->refund.unique_refund_id = refund_text_of("re-99");
}
static void refund_payment(union ledger_any_row *row) {
  row->refund.connector_transaction_id = refund_text_of("pay-99");
}
static void attempt_number(union ledger_any_row *row) {
  row->attempt.number = 5;
}
static void attempt_digest(union ledger_any_row *row) {
  row->attempt.request_digest = refund_text_of("another");
}
static void attempt_under_way(union ledger_any_row *row) {
  row->attempt.attempt_class = refund_text_of("");
}
static void attempt_of_no_refund(union ledger_any_row *row) {
  row->attempt.refund = 99;
}
static void attempt_of_the_new_one(union ledger_any_row *row) {
  row->attempt.refund = 3;
}
static void reply_of_no_refund(union ledger_any_row *row) {
  row->reply.refund = 99;
}
static void reply_of_no_attempt(union ledger_any_row *row) {
  row->reply.attempt = 99;
}
static void payment_held(union ledger_any_row *row) {
  row->payment.held_amount++;
}
static void payment_captured(union ledger_any_row *row) {
  row->payment.captured_amount = row->payment.held_amount - 1;
}

static void spoil_row(struct ledger *ledger, const struct table *table, int row, spoil *spoiled) {
  char tail[32];
  union ledger_any_row any;
  struct error error = {0};
  struct arena *arena = arena_open(0);
  snprintf(tail, sizeof tail, "WHERE id = %d", row);
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert_eq(ledger_find(ledger, table, tail, NULL, 0, arena, &any, NULL), LEDGER_FOUND);
  spoiled(&any);
  cr_assert(ledger_put(ledger, table, &any, "1", &error), "%s: %s", error.message, error.found);
  cr_assert(ledger_commit(ledger, NULL));
  arena_close(arena);
}

/* Rows of the sound book: facts 1-3 and attempt 1 are of r-1, 4-6 and 2 of r-2, 7 of r-3, 8-12 and 3, 4 of r-4. */
Test(ledger_verify, notices_rows_that_contradict_one_another) {
  static const struct {
    const struct table *table;
    int row;
    spoil *spoil;
    const char *sentence;
  } cases[] = {
      {&fact_table, 3, fact_number, "the facts of refund r-1 are no chain at number 3"},
      {&fact_table, 2, fact_previous, "the facts of refund r-1 are no chain at number 2"},
      {&fact_table, 1, fact_previous, "the facts of refund r-1 are no chain at number 1"},
      {&fact_table, 1, fact_name_of_another, "fact 1 of refund r-1 does not lead to new"},
      {&fact_table, 3, fact_name_of_another, "fact 3 of refund r-1 does not lead to succeeded"},
      {&fact_table, 3, fact_state, "fact 3 of refund r-1 does not lead to failed"},
      {&fact_table, 3, fact_of_no_refund, "row 3 of fact belongs to no refund"},
      {&fact_table, 3, fact_of_no_attempt, "row 3 of fact names an attempt that its refund does not have"},
      {&refund_table, 1, refund_facts, "refund r-1 has 3 facts on record and not 4"},
      {&refund_table, 1, refund_chain, "refund r-1 does not name its last fact"},
      {&refund_table, 1, refund_state, "refund r-1 is pending, but its facts lead to succeeded"},
      {&refund_table, 1, refund_detail, "refund r-1 is succeeded, but its facts lead to succeeded"},
      {&refund_table, 1, refund_attempts, "refund r-1 has 1 attempts on record and not 2"},
      {&refund_table, 1, refund_holds_less, "refund r-1 over 6000 is succeeded, but holds 5999"},
      {&refund_table, 2, refund_holds_though_failed, "refund r-2 over 6000 is failed, but holds 1"},
      {&refund_table, 1, refund_ids, "refund r-1 has two refund ids"},
      {&refund_table, 1, refund_payment, "row 1 of refund has no row of payment"},
      {&attempt_table, 4, attempt_number, "attempt 2 of refund r-4 has the number 5"},
      {&attempt_table, 4, attempt_digest, "attempt 2 of refund r-4 sent another request"},
      {&attempt_table, 4, attempt_under_way, "refund r-4 is unknown with an attempt under way"},
      {&attempt_table, 1, attempt_of_no_refund, "row 1 of attempt belongs to no refund"},
      {&attempt_table, 3, attempt_of_the_new_one, "refund r-3 is new, but an attempt of it may have arrived"},
      {&reply_table, 1, reply_of_no_refund, "row 1 of reply belongs to no refund"},
      {&reply_table, 1, reply_of_no_attempt, "row 1 of reply names an attempt that its refund does not have"},
      {&payment_table, 1, payment_held, "payment pay-1 (row 1) says that 6001 are held, but its refunds hold 6000"},
      {&payment_table, 1, payment_captured, "is refunded beyond what was captured: 6000 of 5999"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct told told;
    make_book();
    struct ledger *ledger = book_open(&place);
    spoil_row(ledger, cases[i].table, cases[i].row, cases[i].spoil);
    cr_expect_gt(verify(ledger, &told).wrong, 0);
    cr_expect_not_null(strstr(told.text, cases[i].sentence), "%s\nin: %s", cases[i].sentence, told.text);
    ledger_close(ledger);
  }
}

static void attempt_not_sent(union ledger_any_row *row) {
  attempt_digest(row);
  row->attempt.attempt_class = refund_text_of("A");
}
static void attempt_of_another_connector(union ledger_any_row *row) {
  attempt_digest(row);
  row->attempt.connector_sha256 = refund_text_of("another");
}
static void attempt_without_digest(union ledger_any_row *row) {
  row->attempt.request_digest = (refund_text){NULL, 0};
}
static void attempt_of_another_flow(union ledger_any_row *row) {
  attempt_digest(row);
  row->attempt.flow = refund_text_of("lookup");
}

Test(ledger_verify, lets_requests_differ_that_may) {
  static spoil *const spoils[] = {attempt_not_sent, attempt_of_another_connector, attempt_without_digest,
                                  attempt_of_another_flow};
  struct told told;
  for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
    make_book();
    struct ledger *ledger = book_open(&place);
    spoil_row(ledger, &attempt_table, 4, spoils[i]);
    cr_expect_eq(verify(ledger, &told).wrong, 0, "%s", told.text);
    ledger_close(ledger);
  }
}

static void attempt_disproved(union ledger_any_row *row) {
  row->attempt.disproved = 1;
}

Test(ledger_verify, lets_a_disproved_attempt_be_of_a_new_refund) {
  struct ledger *ledger = book_open(&place);
  struct told told;
  book_put_story(ledger, 5, "B", (enum fact[]){FACT_ATTEMPT, FACT_AMBIGUOUS, FACT_ABSENT_RESENDABLE}, 3);
  cr_expect_eq(verify(ledger, &told).wrong, 1, "%s", told.text);
  spoil_row(ledger, &attempt_table, 5, attempt_disproved);
  cr_expect_eq(verify(ledger, &told).wrong, 0, "%s", told.text);
  ledger_close(ledger);
}

Test(ledger_verify, lets_one_attempt_be_under_way_while_it_is_sent) {
  struct ledger *ledger = book_open(&place);
  struct told told;
  book_put_story(ledger, 5, "", (enum fact[]){FACT_ATTEMPT}, 1);
  cr_expect_eq(verify(ledger, &told).wrong, 0, "%s", told.text);
  book_put_story(ledger, 6, "", (enum fact[]){FACT_ATTEMPT, FACT_AMBIGUOUS, FACT_ATTEMPT}, 3);
  cr_expect_not_null((verify(ledger, &told), strstr(told.text, "refund r-6 has 2 attempts under way")), "%s",
                     told.text);
  ledger_close(ledger);
}

/* ---- Bytes ---- */

/* Wherever it is damaged: it may be refused, told or not be noticed where nothing stands, but it never crashes. */
Test(ledger_verify, of_any_damaged_bytes_does_not_crash) {
  enum { ROUNDS = 150, FLIPS = 12 };
  struct outside outside = outside_of_tests();
  char path[300];
  struct stat status;
  uint64_t seed = 1;
  int told_of = 0;
  snprintf(path, sizeof path, "%s/damaged.db", place.folder);
  cr_assert_eq(stat(place.ledger, &status), 0);
  for (int round = 0; round < ROUNDS; round++) {
    struct told told = {""};
    struct ledger_checked checked = {0};
    struct error error;
    book_copy(place.ledger, path);
    FILE *file = fopen(path, "r+b");
    for (int i = 0; i < FLIPS; i++) {
      seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      fseek(file, (long)((seed >> 20) % (uint64_t)status.st_size), SEEK_SET);
      fputc((int)(seed >> 50) & 0xFF, file);
    }
    fclose(file);
    struct ledger *ledger = ledger_open_readonly(path, &outside, &error);
    if (ledger == NULL) continue;
    bool through = ledger_verify(ledger, keep, &told, &checked, &error);
    told_of += !through || checked.wrong > 1; /* a copy is told of in any case */
    ledger_close(ledger);
  }
  cr_expect_gt(told_of, ROUNDS / 2);
}

Test(ledger_verify, of_a_file_that_was_cut_does_not_crash) {
  struct outside outside = outside_of_tests();
  char path[300];
  struct stat status;
  snprintf(path, sizeof path, "%s/cut.db", place.folder);
  cr_assert_eq(stat(place.ledger, &status), 0);
  for (off_t size = 1; size < status.st_size; size += 1500) {
    struct told told = {""};
    struct ledger_checked checked = {0};
    struct error error;
    book_copy(place.ledger, path);
    cr_assert_eq(truncate(path, size), 0);
    struct ledger *ledger = ledger_open_readonly(path, &outside, &error);
    if (ledger == NULL) continue;
    cr_expect(!ledger_verify(ledger, keep, &told, &checked, &error) || checked.wrong > 1, "%lld", (long long)size);
    ledger_close(ledger);
  }
}

/* ---- The write-ahead log ---- */

static void name_log(const char *ledger, char *path, size_t size) {
  snprintf(path, size, "%s-wal", ledger);
}

/* Dies with "r-5" and "r-6" in the log, and tells how long the log was after each. */
static void write_and_die(int told) {
  char log[300];
  struct stat status;
  struct ledger *ledger = book_open(&place);
  name_log(place.ledger, log, sizeof log);
  for (int n = 5; n <= 6; n++) {
    book_put_story(ledger, n, "D", (enum fact[]){FACT_ATTEMPT, FACT_SAID_SUCCESS}, 2);
    int64_t size = stat(log, &status) == 0 ? status.st_size : 0;
    if (write(told, &size, sizeof size) != sizeof size) _exit(1);
  }
  kill(getpid(), SIGKILL);
}

Test(ledger_verify, after_a_torn_last_write_misses_only_that) {
  enum { CUTS = 8 };
  int told[2];
  int64_t after[2];
  cr_assert_eq(pipe(told), 0);
  pid_t child = book_fork();
  if (child == 0) write_and_die(told[1]);
  cr_assert_eq(child_status(child), 128 + SIGKILL);
  cr_assert_eq(read(told[0], after, sizeof after), (ssize_t)sizeof after);
  cr_assert_gt(after[1], after[0]);
  for (int cut = 0; cut < CUTS; cut++) {
    int64_t size = after[1] - 1 - cut * (after[1] - 1 - after[0]) / (CUTS - 1); /* down to none of it */
    struct place torn = place;
    char from[300];
    char to[300];
    struct told sentences;
    snprintf(torn.ledger, sizeof torn.ledger, "%s/torn-%lld.db", place.folder, (long long)size);
    book_copy(place.ledger, torn.ledger);
    name_log(place.ledger, from, sizeof from);
    name_log(torn.ledger, to, sizeof to);
    book_copy(from, to);
    cr_assert_eq(truncate(to, size), 0);
    struct ledger *ledger = book_open(&torn);
    cr_assert(ledger_accept_copy(ledger, NULL));
    cr_expect(book_has(ledger, "r-5"));
    cr_expect_not(book_has(ledger, "r-6"));
    cr_expect_eq(verify(ledger, &sentences).wrong, 0, "%s", sentences.text);
    ledger_close(ledger);
  }
}
