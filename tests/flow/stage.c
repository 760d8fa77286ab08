#include "stage.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>

#include "refund_toolkit.h"

enum { SPEED = 1000 };

static void note(struct stage *stage, struct MHD_Connection *connection, const char *url, const char *method) {
  struct seen *seen = &stage->seen[stage->requests % STAGE_REQUESTS];
  const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Idempotency-Key");
  snprintf(seen->method, sizeof seen->method, "%s", method);
  snprintf(seen->path, sizeof seen->path, "%s", url);
  snprintf(seen->key, sizeof seen->key, "%s", key == NULL ? "" : key);
  stage->posts += strcmp(method, "POST") == 0;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
  struct stage *stage = context;
  struct seen *seen = &stage->seen[stage->requests % STAGE_REQUESTS];
  (void)version;
  if (*state == NULL) {
    *state = stage;
    seen->body[0] = '\0';
    return MHD_YES;
  }
  if (*upload_size != 0) {
    snprintf(seen->body, sizeof seen->body, "%.*s", (int)*upload_size, upload);
    *upload_size = 0;
    return MHD_YES;
  }
  note(stage, connection, url, method);
  int line = stage->requests < stage->lines ? stage->requests : stage->lines - 1;
  const struct scripted *scripted = &stage->script[line];
  stage->requests++;
  if (scripted->status == 0) return MHD_NO;
  struct MHD_Response *response =
      MHD_create_response_from_buffer(strlen(scripted->body), (void *)(uintptr_t)scripted->body, MHD_RESPMEM_MUST_COPY);
  if (scripted->header != NULL) MHD_add_response_header(response, scripted->header_name, scripted->header);
  enum MHD_Result queued = MHD_queue_response(connection, (unsigned)scripted->status, response);
  MHD_destroy_response(response);
  return queued;
}

void stage_script(struct stage *stage, const struct scripted *script, int lines) {
  stage->script = script;
  stage->lines = lines;
  stage->requests = stage->posts = 0;
}

void stage_leave(struct stage *stage) {
  MHD_stop_daemon(stage->daemon);
  stage->daemon = NULL;
}

void stage_return(struct stage *stage) {
  stage->daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, stage->port, NULL, NULL, answer, stage, MHD_OPTION_END);
  cr_assert_not_null(stage->daemon);
}

static void open_rooms(struct stage *stage) {
  static const char *const directories[] = {PLUGINS_DIR};
  struct catalog_options catalog = {directories, 1, false, NULL};
  struct transport_options network = {NULL, "refund-host-test"};
  struct error error = {0};
  bool created;
  stage->rooms.outside = &stage->outside;
  stage->rooms.accounts = accounts_open(stage->place.accounts, &error);
  stage->rooms.catalog = catalog_open(&catalog, &error);
  stage->rooms.transport = transport_open(&network, &error);
  stage->rooms.ledger = ledger_open(stage->place.ledger, &stage->outside, &created, &error);
  cr_assert(stage->rooms.accounts != NULL && stage->rooms.catalog != NULL && stage->rooms.ledger != NULL, "%s",
            error.message);
}

static void close_rooms(struct stage *stage) {
  ledger_close(stage->rooms.ledger);
  transport_close(stage->rooms.transport);
  catalog_close(stage->rooms.catalog);
  accounts_close(stage->rooms.accounts);
}

void stage_open(struct stage *stage) {
  memset(stage, 0, sizeof *stage);
  stage->port = free_port();
  stage->place = place_make();
  place_accounts(&stage->place, stage->port);
  stage->outside = outside_system();
  stage->outside.origin_ms = stage->outside.now_ms(&stage->outside);
  stage->outside.speed = SPEED;
  stage->outside.boot_id[0] = '\0'; /* ages by the wall clock, which stage_pass() moves */
  stage->options = (struct flow_options){.refusals_to_pause = 3};
  open_rooms(stage);
  stage_return(stage);
}

void stage_close(struct stage *stage) {
  close_rooms(stage);
  if (stage->daemon != NULL) MHD_stop_daemon(stage->daemon);
}

void stage_restart(struct stage *stage) {
  close_rooms(stage);
  open_rooms(stage);
}

void stage_pass(struct stage *stage, int64_t ms) {
  stage->outside.offset_ms += ms;
}

static void copy(char *to, size_t room, refund_text text) {
  snprintf(to, room, "%.*s", (int)text.size, text.data == NULL ? "" : text.data);
}

static void take(void *context, const struct flow_result *result) {
  struct told *told = context;
  const struct outcome *outcome = result->outcome;
  told->times++;
  told->has_outcome = outcome != NULL;
  told->has_beside = result->beside != NULL;
  told->code = result->error.code;
  snprintf(told->message, sizeof told->message, "%.299s", result->error.message);
  if (result->beside != NULL) told->beside = result->beside->position;
  if (outcome == NULL) return;
  told->position = outcome->position;
  told->attempts = outcome->attempts;
  told->refund_status = outcome->refund_status;
  copy(told->error_code, sizeof told->error_code, outcome->error_code);
  copy(told->error_message, sizeof told->error_message, outcome->error_message);
  copy(told->warning, sizeof told->warning, outcome->warning);
  copy(told->refund_id, sizeof told->refund_id, outcome->connector_refund_id);
}

void stage_submit(struct stage *stage, struct flow *flow, const char *refund_id, int amount, struct told *told) {
  char text[512];
  struct refund refund;
  struct error error = {0};
  struct arena *arena = arena_open(0);
  (void)stage;
  memset(told, 0, sizeof *told);
  snprintf(text, sizeof text,
           "{\"refund_id\":\"%s\",\"account\":\"plain\",\"connector_transaction_id\":\"pay_1\",\"refund_amount\":%d,"
           "\"payment_amount\":1000,\"currency\":\"USD\"}",
           refund_id, amount);
  cr_assert(refund_read(arena, refund_text_of(text), FLOW_REFUND, NULL, &refund, &error), "%s", error.message);
  cr_assert(flow_submit(flow, &refund, take, told, &error), "%s", error.message);
  arena_close(arena);
}

struct told stage_refund(struct stage *stage, const char *refund_id) {
  struct told told;
  struct error error = {0};
  struct flow *flow = flow_open(&stage->rooms, &stage->options, &error);
  stage_submit(stage, flow, refund_id, 400, &told);
  flow_run(flow);
  flow_close(flow);
  cr_assert_eq(told.times, 1);
  return told;
}

struct told stage_take_up(struct stage *stage, const char *refund_id, enum flow_aim aim) {
  struct told told = {0};
  struct error error = {0};
  struct flow *flow = flow_open(&stage->rooms, &stage->options, &error);
  cr_assert(flow_take_up(flow, refund_text_of(refund_id), aim, take, &told, &error));
  flow_run(flow);
  flow_close(flow);
  cr_assert_eq(told.times, 1);
  return told;
}

void stage_expect(struct told told, enum state state, enum state_detail detail) {
  cr_expect(told.position.state == state && told.position.detail == detail, "expected %s %s, found %s %s: %s %s",
            state_name(state), state_detail_name(detail), state_name(told.position.state),
            state_detail_name(told.position.detail), told.error_message, told.message);
}

int64_t stage_count(const struct stage *stage, const char *sql) {
  sqlite3 *database;
  sqlite3_stmt *statement;
  char copy[100];
  char command[800];
  /* Of a copy: closing the ledger here would drop the locks that this process has on it. */
  snprintf(copy, sizeof copy, "%.64s/copy.db", stage->place.folder);
  snprintf(command, sizeof command, "cp %s %s; cp %s-wal %s-wal 2>/dev/null; true", stage->place.ledger, copy,
           stage->place.ledger, copy);
  cr_assert_eq(system(command), 0);
  sqlite3_open_v2(copy, &database, SQLITE_OPEN_READWRITE, NULL);
  cr_assert_eq(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  int64_t number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return number;
}
