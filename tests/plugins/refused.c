/* Wrong credentials that a processor answers with HTTP 200 are the account's fault: the refund is not burnt by them.
 * And nothing goes out in another currency than the account's, where nothing that goes out names one. */
#include <criterion/criterion.h>
#include <microhttpd.h>
#include <string.h>

#include "plugins/cases_file.h"

static const struct {
  const char *connector;
  const char *body;
} refusals[] = {
    {"worldpayvantiv", "<cnpOnlineResponse response=\"3\" message=\"Invalid credentials.\"/>"},
    {"nuvei", "{\"status\":\"ERROR\",\"errCode\":1001,\"reason\":\"Invalid checksum\"}"},
    {"braintree", "{\"errors\":[{\"message\":\"x\",\"extensions\":{\"errorClass\":\"AUTHENTICATION\"}}]}"},
    {"elavon", "<txn><errorCode>4025</errorCode><errorName>Invalid Credentials</errorName></txn>"},
};

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **request) {
  (void)url, (void)method, (void)version, (void)data;
  if (*request == NULL || *size != 0) {
    *request = context;
    *size = 0;
    return MHD_YES;
  }
  struct MHD_Response *response = MHD_create_response_from_buffer(strlen(context), context, MHD_RESPMEM_PERSISTENT);
  enum MHD_Result queued = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return queued;
}

/* A refund at a processor that answers everything so. */
static struct run refund_answered(const struct place *place, const char *connector, const char *body) {
  char url[64];
  uint16_t port = free_port();
  struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, answer,
                                               (void *)(uintptr_t)body, MHD_OPTION_END);
  cr_assert_not_null(daemon);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
  cases_account(place, cases_read(connector), url);
  struct run result = run(place, NULL,
                          "--plugins %s refund --account case --refund-id r1 --transaction-id 1 --amount 4.00 "
                          "--payment-amount 10.00 --currency USD",
                          PLUGINS_DIR);
  MHD_stop_daemon(daemon);
  return result;
}

Test(refused, credentials_leave_the_refund_new, .timeout = 60) {
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    struct place place = place_make();
    const char *connector = refusals[i].connector;
    struct run result = refund_answered(&place, connector, refusals[i].body);
    cr_expect_eq(result.status, 1, "%s: %s", connector, result.out);
    cr_expect_str_eq(json_text(json_line(result.out), "state"), "new", "%s: %s", connector, result.out);
    cr_expect_not_null(strstr(result.err, "account case is paused"), "%s: %s", connector, result.err);
    place_remove(&place);
  }
}

/* It may be that of the repeat, which was declined: whoever asks by it hears of a failure that was none. */
Test(refused, an_id_beside_a_duplicate_is_not_kept, .timeout = 60) {
  struct place place = place_make();
  struct run result =
      refund_answered(&place, "worldpayvantiv",
                      "<cnpOnlineResponse response=\"0\"><creditResponse id=\"refund_r1\"><cnpTxnId>82</cnpTxnId>"
                      "<response>251</response></creditResponse></cnpOnlineResponse>");
  cr_expect_str_eq(json_text(json_line(result.out), "state"), "unknown", "%s", result.out);
  struct run status = run(&place, NULL, "status r1 --json");
  cr_expect_str_eq(json_text(json_line(status.out), "state"), "unknown", "%s", status.out);
  cr_expect_null(strstr(status.out, "\"82\""), "%s", status.out);
}

static const struct {
  const char *connector;
  const char *currency;
  const char *another;
} currencies[] = {{"bamboraapac", "AUD", "NZD"}, {"elavon", "USD", "CAD"}, {"worldpayvantiv", "USD", "CAD"}};

static struct run request_in(const struct place *place, const char *currency) {
  char refund[256];
  snprintf(refund, sizeof refund,
           "{\"account\":\"case\",\"refund_id\":\"r1\",\"connector_transaction_id\":\"1\",\"refund_amount\":400,"
           "\"payment_amount\":1000,\"currency\":\"%s\"}",
           currency);
  return run(place, refund, "--plugins %s request", PLUGINS_DIR);
}

Test(refused, is_a_currency_that_is_not_the_accounts) {
  for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++) {
    struct place place = place_make();
    cJSON *cases = cJSON_Duplicate(cases_read(currencies[i].connector), true);
    cJSON_AddStringToObject(cJSON_GetObjectItem(cases, "account"), "currency", currencies[i].currency);
    cases_account(&place, cases, NULL);
    struct run right = request_in(&place, currencies[i].currency);
    struct run wrong = request_in(&place, currencies[i].another);
    cr_expect_eq(right.status, 0, "%s: %s", currencies[i].connector, right.out);
    cr_expect_eq(wrong.status, 2, "%s: %s", currencies[i].connector, wrong.out);
    cr_expect_str_eq(json_text(json_line(wrong.out), "error.field"), "currency", "%s", wrong.out);
    cr_expect_not_null(strstr(wrong.out, currencies[i].currency), "%s", wrong.out);
    cr_expect_not_null(strstr(wrong.out, currencies[i].another), "%s", wrong.out);
    cJSON_Delete(cases);
    place_remove(&place);
  }
}
