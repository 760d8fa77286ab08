/* Access tokens: one fetch for many refunds, one refresh a refund, never on disk. */
#include <criterion/criterion.h>
#include <microhttpd.h>
#include <string.h>

#include "flow/flow.h"
#include "refund_toolkit.h"
#include "support/program.h"

/* A processor with tokens: gives tok-canary-1, tok-canary-2 ..., and takes only those from `oldest` on. */
static struct {
  struct MHD_Daemon *daemon;
  int tokens;             /* given so far */
  int refunds;            /* refund requests seen */
  int oldest;             /* the first token that is still taken */
  unsigned token_status;  /* of the token call */
  const char *token_body; /* NULL: a token */
  bool stops;             /* the flow, when it is asked for a token */
} processor;

static struct place place;
static struct outside outside;
static struct flow_rooms rooms;
static struct flow *flow;

static void token_answer(char *text, size_t room, unsigned *status) {
  *status = processor.token_status;
  if (processor.stops) flow_stop(flow);
  processor.tokens++;
  if (processor.token_body != NULL) {
    snprintf(text, room, "%s", processor.token_body);
  } else {
    snprintf(text, room, "{\"access_token\":\"tok-canary-%d\",\"expires_in\":1000}", processor.tokens);
  }
}

static void refund_answer(const char *authorization, char *text, size_t room, unsigned *status) {
  int number = 0;
  processor.refunds++;
  if (authorization != NULL) sscanf(authorization, "Bearer tok-canary-%d", &number);
  bool taken = number >= processor.oldest;
  *status = taken ? 201 : 401;
  if (authorization == NULL) authorization = "";
  if (taken) {
    snprintf(text, room, "{\"id\":\"R%d\",\"status\":\"COMPLETED\",\"echo\":\"%s\"}", processor.refunds, authorization);
  } else {
    snprintf(text, room, "{\"error\":\"invalid_token\",\"error_description\":\"%s\"}", authorization);
  }
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
  char text[512];
  unsigned status;
  (void)context, (void)method, (void)version, (void)upload;
  if (*state == NULL) {
    *state = &processor;
    return MHD_YES;
  }
  if (*upload_size != 0) {
    *upload_size = 0;
    return MHD_YES;
  }
  if (strcmp(url, "/v1/oauth2/token") == 0) {
    token_answer(text, sizeof text, &status);
  } else {
    refund_answer(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"), text, sizeof text,
                  &status);
  }
  struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY);
  enum MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

static void setup(void) {
  static const char *const directories[] = {PLUGINS_DIR};
  char text[512];
  struct error error = {0};
  struct catalog_options catalog = {directories, 1, false, NULL};
  struct transport_options network = {NULL, "refund-host-test"};
  bool created;
  uint16_t port = free_port();
  place = place_make();
  snprintf(text, sizeof text,
           "{\"accounts\":{\"pp\":{\"connector\":\"paypal\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"client_id\":\"cid\",\"client_secret\":\"secret-canary\"}}}}",
           port);
  place_write(&place, "accounts.json", text, 0600);
  processor.token_status = 200;
  processor.oldest = 1;
  processor.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, answer, NULL, MHD_OPTION_END);
  cr_assert_not_null(processor.daemon);
  outside = outside_fixed(1700000000000);
  rooms.outside = &outside;
  rooms.accounts = accounts_open(place.accounts, &error);
  rooms.catalog = catalog_open(&catalog, &error);
  rooms.transport = transport_open(&network, &error);
  rooms.ledger = ledger_open(place.ledger, &outside, &created, &error);
  flow = flow_open(&rooms, &(struct flow_options){.refusals_to_pause = 1}, &error);
  cr_assert(rooms.accounts != NULL && rooms.catalog != NULL && rooms.ledger != NULL, "%s", error.message);
}

static void teardown(void) {
  flow_close(flow);
  ledger_close(rooms.ledger);
  transport_close(rooms.transport);
  catalog_close(rooms.catalog);
  accounts_close(rooms.accounts);
  MHD_stop_daemon(processor.daemon);
}

TestSuite(token, .init = setup, .fini = teardown);

struct told {
  struct position position;
  int64_t attempts;
  enum error_code code;
  char error_code[64];
};

static void take(void *context, const struct flow_result *result) {
  struct told *told = context;
  told->code = result->error.code;
  cr_assert_not_null(result->outcome, "%s", result->error.message);
  told->position = result->outcome->position;
  told->attempts = result->outcome->attempts;
  snprintf(told->error_code, sizeof told->error_code, "%s",
           result->outcome->error_code.data == NULL ? "" : result->outcome->error_code.data);
}

static void submit(const char *refund_id, struct told *told) {
  char text[512];
  struct refund refund;
  struct error error = {0};
  struct arena *arena = arena_open(0);
  snprintf(text, sizeof text,
           "{\"refund_id\":\"%s\",\"account\":\"pp\",\"connector_transaction_id\":\"%s\",\"refund_amount\":100,"
           "\"payment_amount\":100,\"currency\":\"USD\"}",
           refund_id, refund_id);
  cr_assert(refund_read(arena, refund_text_of(text), FLOW_REFUND, NULL, &refund, &error), "%s", error.message);
  cr_assert(flow_submit(flow, &refund, take, told, &error), "%s", error.message);
  arena_close(arena);
}

static void another_flow(int64_t wait_ms, bool retry) {
  struct error error = {0};
  flow_close(flow);
  flow = flow_open(&rooms, &(struct flow_options){.refusals_to_pause = 1, .wait_ms = wait_ms, .retry = retry}, &error);
  cr_assert_not_null(flow);
}

static struct told one(const char *refund_id) {
  struct told told = {0};
  submit(refund_id, &told);
  flow_run(flow);
  return told;
}

Test(token, is_fetched_once_for_many_refunds) {
  struct told told[10] = {0};
  char id[16];
  for (int i = 0; i < 10; i++) {
    snprintf(id, sizeof id, "r%d", i);
    submit(id, &told[i]);
  }
  flow_run(flow);
  for (int i = 0; i < 10; i++)
    cr_expect_eq(told[i].position.state, STATE_SUCCEEDED);
  cr_expect_eq(processor.tokens, 1);
  cr_expect_eq(processor.refunds, 10);
}

Test(token, is_kept_until_shortly_before_it_expires) {
  one("r1");
  outside.fixed_now_ms += 900 * 1000; /* a lifetime of 1000 s, less a minute */
  one("r2");
  cr_expect_eq(processor.tokens, 1);
  outside.fixed_now_ms += 60 * 1000;
  one("r3");
  cr_expect_eq(processor.tokens, 2);
}

Test(token, that_is_no_longer_taken_is_fetched_anew_once_and_the_refund_goes_out_again) {
  one("r1");
  processor.oldest = 2; /* the processor forgot the first one */
  struct told told = one("r2");
  cr_expect_eq(told.position.state, STATE_SUCCEEDED);
  cr_expect_eq(told.attempts, 2);
  cr_expect_eq(processor.tokens, 2);
}

Test(token, is_refreshed_only_once_a_refund) {
  processor.oldest = 1000;
  struct told told = one("r1");
  cr_expect_eq(told.position.state, STATE_NEW, "nothing was done, so it may go out later");
  cr_expect_eq(told.code, ERROR_ACCOUNT);
  cr_expect_eq(told.attempts, 2);
  cr_expect_eq(processor.refunds, 2);
  processor.oldest = 1;
  another_flow(0, false); /* the account is paused in this one */
  cr_expect_eq(one("r1").position.state, STATE_SUCCEEDED, "asked again, it goes out");
}

Test(token, is_refreshed_only_once_for_a_refund_in_review_too, .timeout = 20) {
  struct told told;
  struct error error = {0};
  one("r1");
  struct flow_report report = {.refund_id = refund_text_of("r1"), .note = refund_text_of("line 1")};
  cr_assert(flow_settle(&rooms, &report, take, &told, &error), "%s", error.message);
  cr_assert_eq(told.position.state, STATE_MANUAL_REVIEW);
  processor.oldest = 1000;
  processor.refunds = 0;
  cr_assert(flow_take_up(flow, refund_text_of("r1"), AIM_SYNC, take, &told, &error));
  flow_run(flow);
  cr_expect_eq(told.position.state, STATE_MANUAL_REVIEW);
  cr_expect_eq(processor.refunds, 2);
}

Test(token, that_comes_after_the_flow_was_stopped_sends_nothing) {
  processor.stops = true;
  cr_expect_eq(one("r1").position.state, STATE_NEW);
  cr_expect_eq(processor.refunds, 0);
}

Test(token, refused_for_the_account_leaves_every_refund_new) {
  processor.token_status = 401;
  processor.token_body = "{\"error\":\"invalid_client\",\"error_description\":\"Client Authentication failed\"}";
  struct told told = one("r1");
  cr_expect_eq(told.position.state, STATE_NEW);
  cr_expect_eq(told.code, ERROR_ACCOUNT);
  cr_expect_str_eq(told.error_code, "invalid_client");
  cr_expect_eq(told.attempts, 0);
  cr_expect_eq(processor.refunds, 0);
}

Test(token, refused_for_another_reason_fails_the_refund_with_the_processors_words) {
  processor.token_status = 400;
  processor.token_body = "{\"error\":\"unsupported_grant_type\",\"error_description\":\"no\"}";
  struct told told = one("r1");
  cr_expect_eq(told.position.state, STATE_FAILED);
  cr_expect_eq(told.position.detail, DETAIL_NOT_SENT);
  cr_expect_str_eq(told.error_code, "unsupported_grant_type");
}

Test(token, that_can_be_had_again_lets_out_what_was_not_sent_when_asked_to_retry) {
  processor.token_status = 400;
  processor.token_body = "{\"error\":\"unsupported_grant_type\",\"error_description\":\"no\"}";
  one("r1");
  processor.token_status = 200;
  processor.token_body = NULL;
  cr_expect_eq(one("r1").position.state, STATE_FAILED, "it is final until somebody asks");
  another_flow(0, true);
  cr_expect_eq(one("r1").position.state, STATE_SUCCEEDED);
  cr_expect_eq(one("r1").attempts, 1);
  cr_expect_eq(processor.refunds, 1);
}

Test(token, without_an_answer_leaves_every_refund_new) {
  processor.token_status = 503;
  processor.token_body = "down";
  another_flow(1, false);
  struct told told = one("r1");
  cr_expect_eq(told.position.state, STATE_NEW);
  cr_expect_eq(told.code, ERROR_NONE);
  cr_expect_eq(processor.refunds, 0);
}

Test(token, and_secret_are_never_on_disk) {
  char command[200];
  one("r1");
  processor.oldest = 2;
  one("r2"); /* the processor echoes what it was sent, in both kinds of answer */
  snprintf(command, sizeof command, "grep -rqa canary %s/ledger", place.folder);
  cr_expect_neq(system(command), 0);
}
