/* A ledger whose index lost an entry says "there is no such refund": then it must not be sent a second time. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>

#include "stage.h"

static struct stage stage;

static void setup(void) {
  stage_open(&stage);
}

static void teardown(void) {
  stage_close(&stage);
}

TestSuite(damage, .init = setup, .fini = teardown, .timeout = 60);

static int root_of(sqlite3 *database, const char *name) {
  sqlite3_stmt *statement;
  sqlite3_prepare_v2(database, "SELECT rootpage FROM sqlite_schema WHERE name = ?", -1, &statement, NULL);
  sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  int root = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  return root;
}

/* SQLite lets its testers write to an index as if it were a table. */
static void lose_entry(const char *index, const char *columns, const char *which) {
  sqlite3 *database;
  char sql[300];
  cr_assert_eq(sqlite3_open(stage.place.ledger, &database), SQLITE_OK);
  int root = root_of(database, index);
  sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, database, "main", 1, root);
  snprintf(sql, sizeof sql, "CREATE TABLE imposter (%s, row, PRIMARY KEY (%s, row)) WITHOUT ROWID", columns, columns);
  cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
  sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, database, "main", 0, 0);
  snprintf(sql, sizeof sql, "DELETE FROM imposter WHERE %s", which);
  cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
  cr_assert_eq(sqlite3_changes(database), 1);
  sqlite3_close(database);
}

static void expect_not_sent(const char *refund_id) {
  struct told told = stage_refund(&stage, refund_id);
  cr_expect_not(told.has_outcome);
  cr_expect_eq(told.code, ERROR_LEDGER);
  cr_expect_eq(stage.posts, 1);
}

Test(damage, of_the_index_of_refunds_sends_nothing_twice) {
  static const struct scripted script[] = {{.status = 200, .body = "{\"id\":\"rf_1\",\"status\":\"succeeded\"}"}};
  stage_script(&stage, script, 1);
  stage_refund(&stage, "r1");
  lose_entry("refund_key", "refund_id", "refund_id = 'r1'");
  expect_not_sent("r1");
}

Test(damage, of_the_index_of_payments_frees_no_amount) {
  static const struct scripted script[] = {{.status = 200, .body = "{\"id\":\"rf_1\",\"status\":\"succeeded\"}"}};
  stage_script(&stage, script, 1);
  stage_refund(&stage, "r1");
  lose_entry("payment_key", "connector_transaction_id, scope, currency", "connector_transaction_id = 'pay_1'");
  expect_not_sent("r2");
}
