/* The order of steps, seen from outside: what is on disk when the processor reads the request, and afterwards. */
#include "flow/flow.h"

#include <criterion/criterion.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "refund_toolkit.h"
#include "support/program.h"

/* A processor that looks into the ledger while it holds the request, and answers as it is told. */
struct processor {
  struct MHD_Daemon *daemon;
  const char *ledger;
  const char *answer; /* NULL: echoes the Authorization header in a refund's failure */
  unsigned status;
  char seen[64]; /* "state attempts" of the refund, as on disk at that moment */
  int requests;
  bool spoil_replies; /* from now on replies cannot be recorded */
};

struct table {
  struct place place;
  struct processor processor;
  struct outside outside;
  struct flow_rooms rooms;
  struct flow *flow;
};

static void look(struct processor *processor) {
  sqlite3 *database;
  sqlite3_stmt *statement;
  cr_assert_eq(sqlite3_open_v2(processor->ledger, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  cr_assert_eq(sqlite3_prepare_v2(database,
                                  "SELECT r.state || ' ' || r.attempts || ' ' || (SELECT count(*) FROM attempt a WHERE "
                                  "a.refund = r.id) FROM refund r ORDER BY r.id DESC LIMIT 1",
                                  -1, &statement, NULL),
               SQLITE_OK);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  snprintf(processor->seen, sizeof processor->seen, "%s", (const char *)sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  if (processor->spoil_replies) {
    sqlite3_exec(database, "CREATE TRIGGER spoiled BEFORE INSERT ON reply BEGIN SELECT RAISE(FAIL, 'no'); END", NULL,
                 NULL, NULL);
  }
  sqlite3_close(database);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
  struct processor *processor = context;
  char text[512];
  (void)url, (void)method, (void)version, (void)upload;
  if (*state == NULL) {
    *state = processor;
    return MHD_YES;
  }
  if (*upload_size != 0) {
    *upload_size = 0;
    return MHD_YES;
  }
  processor->requests++;
  look(processor);
  const char *authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
  snprintf(text, sizeof text, "{\"id\":\"rf_1\",\"status\":\"failed\",\"seen\":\"%s\"}",
           authorization == NULL ? "" : authorization);
  const char *body = processor->answer == NULL ? text : processor->answer;
  struct MHD_Response *response =
      MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
  if (authorization != NULL) MHD_add_response_header(response, "X-Echo", authorization);
  enum MHD_Result queued = MHD_queue_response(connection, processor->status, response);
  MHD_destroy_response(response);
  return queued;
}

static struct table table;

static void setup(void) {
  static const char *const directories[] = {PLUGINS_DIR};
  struct error error = {0};
  struct catalog_options catalog = {directories, 1, false, NULL};
  struct transport_options network = {NULL, "refund-host-test"};
  bool created;
  uint16_t port = free_port();
  table.place = place_make();
  place_accounts(&table.place, port);
  table.processor.status = 200;
  table.processor.ledger = table.place.ledger;
  table.processor.daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, answer, &table.processor, MHD_OPTION_END);
  cr_assert_not_null(table.processor.daemon);
  table.outside = outside_system();
  table.rooms.outside = &table.outside;
  table.rooms.accounts = accounts_open(table.place.accounts, &error);
  table.rooms.catalog = catalog_open(&catalog, &error);
  table.rooms.transport = transport_open(&network, &error);
  table.rooms.ledger = ledger_open(table.place.ledger, &table.outside, &created, &error);
  table.flow = flow_open(&table.rooms, &(struct flow_options){.refusals_to_pause = 1}, &error);
  cr_assert(table.rooms.accounts != NULL && table.rooms.catalog != NULL && table.rooms.ledger != NULL, "%s",
            error.message);
}

static void teardown(void) {
  flow_close(table.flow);
  ledger_close(table.rooms.ledger);
  transport_close(table.rooms.transport);
  catalog_close(table.rooms.catalog);
  accounts_close(table.rooms.accounts);
  MHD_stop_daemon(table.processor.daemon);
}

TestSuite(flow, .init = setup, .fini = teardown);

struct told {
  bool has_outcome;
  bool unrecorded;
  struct position position;
  int32_t refund_status;
  char reason[200];
  enum error_code code;
};

static void take(void *context, const struct flow_result *result) {
  struct told *told = context;
  told->has_outcome = result->outcome != NULL;
  told->code = result->error.code;
  if (result->outcome == NULL) return;
  told->position = result->outcome->position;
  told->unrecorded = result->outcome->unrecorded;
  told->refund_status = result->outcome->refund_status;
  snprintf(told->reason, sizeof told->reason, "%.*s", (int)result->outcome->error_reason.size,
           result->outcome->error_reason.data == NULL ? "" : result->outcome->error_reason.data);
}

static void submit(const char *refund_id, int amount, struct told *told) {
  char text[512];
  struct refund refund;
  struct error error = {0};
  struct arena *arena = arena_open(0);
  snprintf(text, sizeof text,
           "{\"refund_id\":\"%s\",\"account\":\"plain\",\"connector_transaction_id\":\"pay_1\",\"refund_amount\":%d,"
           "\"payment_amount\":1000,\"currency\":\"USD\"}",
           refund_id, amount);
  memset(told, 0, sizeof *told);
  cr_assert(refund_read(arena, refund_text_of(text), FLOW_REFUND, NULL, &refund, &error), "%s", error.message);
  cr_assert(flow_submit(table.flow, &refund, take, told, &error), "%s", error.message);
  arena_close(arena); /* the flow has its own copy */
}

static int64_t count(const char *sql) {
  sqlite3 *database;
  sqlite3_stmt *statement;
  sqlite3_open_v2(table.place.ledger, &database, SQLITE_OPEN_READWRITE, NULL);
  cr_assert_eq(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  int64_t number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return number;
}

Test(flow, the_attempt_is_on_disk_before_the_processor_reads_it) {
  struct told told;
  table.processor.answer = "{\"id\":\"rf_1\",\"status\":\"succeeded\"}";
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_str_eq(table.processor.seen, "sending 1 1");
  cr_expect_eq(told.position.state, STATE_SUCCEEDED);
}

Test(flow, the_raw_reply_is_kept_even_if_nobody_can_read_it) {
  struct told told;
  table.processor.answer = "<html>what?</html>";
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_eq(told.position.state, STATE_UNKNOWN);
  cr_expect_eq(count("SELECT count(*) FROM reply WHERE CAST(body AS TEXT) = '<html>what?</html>' AND mapped = 0"), 1);
}

Test(flow, a_reply_that_echoes_a_secret_is_read_but_stored_without_it) {
  struct told told;
  table.processor.answer = NULL;
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_eq(told.position.state, STATE_FAILED);
  cr_expect_eq(count("SELECT masked FROM reply"), 1);
  cr_expect_eq(count("SELECT count(*) FROM reply WHERE CAST(body AS TEXT) LIKE '%canary%' OR headers LIKE '%canary%'"),
               0);
  cr_expect_eq(
      count("SELECT count(*) FROM reply WHERE CAST(body AS TEXT) LIKE '%Bearer ***%' AND headers LIKE '%Bearer "
            "***%'"),
      1);
}

Test(flow, many_refunds_are_under_way_at_once_and_the_guard_counts_them_all) {
  struct told told[12];
  char id[16];
  int succeeded = 0;
  int over = 0;
  table.processor.answer = "{\"status\":\"succeeded\"}"; /* no id: pending; ids would be the same for all */
  for (int i = 0; i < 12; i++) {
    snprintf(id, sizeof id, "r%d", i);
    submit(id, 100, &told[i]);
  }
  flow_run(table.flow);
  for (int i = 0; i < 12; i++) {
    succeeded += told[i].has_outcome && told[i].position.state == STATE_PENDING;
    over += !told[i].has_outcome && told[i].code == ERROR_OVER_CAPTURED;
  }
  cr_expect_eq(succeeded, 10);
  cr_expect_eq(over, 2);
  cr_expect_eq(table.processor.requests, 10);
  cr_expect_eq(count("SELECT held_amount FROM payment"), 1000);
}

Test(flow, one_refund_id_of_the_processor_belongs_to_one_refund) {
  struct told first;
  struct told second;
  table.processor.answer = "{\"id\":\"rf_1\",\"status\":\"succeeded\"}";
  submit("r1", 400, &first);
  flow_run(table.flow);
  submit("r2", 400, &second);
  flow_run(table.flow);
  cr_expect_eq(first.position.state, STATE_SUCCEEDED);
  cr_expect_eq(second.position.state, STATE_MANUAL_REVIEW);
  cr_expect_eq(second.position.detail, DETAIL_OURS);
  cr_expect_str_eq(second.reason, "the processor's refund rf_1 belongs to refund r1");
}

Test(flow, the_facts_of_a_refund_are_a_chain) {
  struct told told;
  table.processor.answer = "{\"id\":\"rf_1\",\"status\":\"pending\"}";
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_eq(count("SELECT count(*) FROM fact"), 3);
  cr_expect_eq(count("SELECT count(*) FROM fact f JOIN fact p ON p.refund = f.refund AND p.number = f.number - 1 "
                     "WHERE f.previous = p.checksum"),
               2);
  cr_expect_eq(count("SELECT count(*) FROM refund r JOIN fact f ON f.refund = r.id WHERE f.checksum = r.chain AND "
                     "f.number = r.facts AND f.state = r.state"),
               1);
}

Test(flow, a_larger_echo_is_held_in_full) {
  struct told told;
  table.processor.answer = "{\"id\":\"rf_1\",\"status\":\"succeeded\",\"amount\":700}";
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_eq(told.position.state, STATE_MANUAL_REVIEW);
  cr_expect_eq(count("SELECT held_amount FROM payment"), 700);
}

/* ---- A ledger that fails after the request was sent ---- */

static void *mend(void *nothing) {
  sqlite3 *database;
  (void)nothing;
  sleep(2);
  sqlite3_open_v2(table.place.ledger, &database, SQLITE_OPEN_READWRITE, NULL);
  sqlite3_busy_timeout(database, 10000);
  sqlite3_exec(database, "DROP TRIGGER spoiled", NULL, NULL, NULL);
  sqlite3_close(database);
  return NULL;
}

Test(flow, a_reply_that_cannot_be_recorded_is_kept_and_recorded_later, .timeout = 60) {
  struct told told;
  pthread_t mender;
  table.processor.answer = "{\"id\":\"rf_1\",\"status\":\"succeeded\"}";
  table.processor.spoil_replies = true;
  submit("r1", 400, &told);
  cr_assert_eq(pthread_create(&mender, NULL, mend, NULL), 0);
  flow_run(table.flow);
  pthread_join(mender, NULL);
  cr_expect_eq(told.position.state, STATE_SUCCEEDED);
  cr_expect_not(told.unrecorded);
  cr_expect_eq(told.code, ERROR_NONE);
  cr_expect_eq(table.processor.requests, 1);
  cr_expect_eq(count("SELECT count(*) FROM refund WHERE state = 'succeeded'"), 1);
}

Test(flow, a_reply_that_can_never_be_recorded_still_settles_the_refund, .timeout = 60) {
  struct told told;
  table.processor.answer = "{\"id\":\"rf_1\",\"status\":\"succeeded\"}";
  table.processor.spoil_replies = true;
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_eq(told.position.state, STATE_SUCCEEDED);
  cr_expect_eq(table.processor.requests, 1);
  cr_expect_eq(count("SELECT count(*) FROM reply"), 0);
}

Test(flow, an_attempt_that_cannot_be_recorded_is_not_sent) {
  struct told told;
  sqlite3 *database;
  sqlite3_open_v2(table.place.ledger, &database, SQLITE_OPEN_READWRITE, NULL);
  cr_assert_eq(
      sqlite3_exec(database, "CREATE TRIGGER spoiled BEFORE INSERT ON attempt BEGIN SELECT RAISE(FAIL, 'no'); END",
                   NULL, NULL, NULL),
      SQLITE_OK);
  sqlite3_close(database);
  submit("r1", 400, &told);
  flow_run(table.flow);
  cr_expect_not(told.has_outcome);
  cr_expect_eq(told.code, ERROR_LEDGER);
  cr_expect_eq(table.processor.requests, 0);
  cr_expect_eq(count("SELECT count(*) FROM refund WHERE state = 'new'"), 1);
}
