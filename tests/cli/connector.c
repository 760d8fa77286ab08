/* Connectors that misbehave: the host refuses before anything is sent, and goes on with the good ones. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <string.h>

#include "cli/desk.h"

static void add_account(const struct desk *desk, const char *connector) {
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"liar\":{\"connector\":\"%s\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"a_long_canary_key\"}}}}",
           connector, desk->port);
  place_write(&desk->place, "accounts.json", text, 0600);
}

/* What is wrong with each request that a connector of the zoo makes. */
static const struct {
  const char *connector;
  const char *code;
  const char *message; /* a part of it */
} refused[] = {
    {"other_host", "CONNECTOR_FAULT", "on none of its hosts"},
    {"clear_host", "CONNECTOR_FAULT", "it is http"},
    {"look_alike", "CONNECTOR_FAULT", "it has a user name"},
    {"no_address", "CONNECTOR_FAULT", "does not begin with https://"},
    {"line_break", "CONNECTOR_FAULT", "a header value with a control character"},
    {"host_header", "CONNECTOR_FAULT", "a header that only the host may set: \"Host\""},
    {"length_header", "CONNECTOR_FAULT", "a header that only the host may set: \"content-length\""},
    {"no_token", "CONNECTOR_FAULT", "a header name that is not a token"},
    {"large_body", "CONNECTOR_FAULT", "a body over 1 MiB"},
    {"greedy_builder", "CONNECTOR_FAULT", "its scratch memory was used up"},
    {"wants_metadata", "INVALID_INPUT", "capture_id is missing"},
    {"unknown_code", "CONNECTOR_FAULT", "unknown return code"},
};

Test(connector, a_bad_request_is_refused_before_anything_is_sent) {
  struct desk desk = desk_open(NULL);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const char *connector = refused[i].connector;
    add_account(&desk, connector);
    struct run result = desk_refund(&desk, "liar", connector, "5.00", NULL);
    const cJSON *json = json_line(result.out);
    cr_expect_eq(result.status, 4, "%s: %s", connector, result.out);
    cr_expect_str_eq(json_text(json, "state_detail"), "not_sent", "%s", connector);
    cr_expect_str_eq(json_text(json, "error.code"), refused[i].code, "%s", connector);
    cr_expect_not_null(strstr(json_text(json, "error.message"), refused[i].message), "%s: %s", connector, result.out);
  }
  cr_expect_eq(desk_books(&desk, "requests.posts"), 0);
  desk_close(&desk);
}

Test(suffered, hyperswitch_9582_a_missing_metadata_field_fails_with_its_name_and_frees_the_amount) {
  struct desk desk = desk_open(NULL);
  add_account(&desk, "wants_metadata");
  const cJSON *json = json_line(desk_refund(&desk, "liar", "r1", "10.00", NULL).out);
  cr_expect_str_eq(json_text(json, "error.reason"), "connector_metadata/capture_id");
  cr_expect_eq(desk_refund(&desk, "liar", "r2", "10.00", NULL).status, 4, "not over the captured amount");
  desk_close(&desk);
}

Test(suffered, hyperswitch_10654_a_flow_that_is_not_supported_is_failed_unsupported) {
  struct desk desk = desk_open(NULL);
  static const char *const connectors[] = {"unsupported", "wants_token"}; /* the second has no flow that gets one */
  for (size_t i = 0; i < 2; i++) {
    add_account(&desk, connectors[i]);
    struct run result = desk_refund(&desk, "liar", connectors[i], "5.00", NULL);
    cr_expect_eq(result.status, 4);
    cr_expect_str_eq(json_text(json_line(result.out), "state_detail"), "unsupported");
  }
  desk_close(&desk);
}

/* These go out; the simulator answers with a 401 page, HTTP 401, which no connector can make a success of; so they are
 * judged by the command that maps a reply. */
static const char *outcome_of(const struct desk *desk, const char *connector, int status) {
  char line[512];
  add_account(desk, connector);
  snprintf(line, sizeof line,
           "{\"request\":{\"refund_id\":\"r1\",\"connector_transaction_id\":\"p\",\"refund_amount\":1,"
           "\"payment_amount\":1,\"currency\":\"USD\"},\"response\":{\"status\":%d,\"body\":\"whatever\"}}",
           status);
  struct run result = run(&desk->place, line, "--plugins %s/liars outcome --account liar", ZOO_DIR);
  return json_text(json_line(result.out), "refund_status");
}

Test(connector, hands_the_processors_id_to_the_flow_that_asks_with_it_and_to_no_other) {
  static const char refund[] =
      "{\"refund_id\":\"r1\",\"connector_transaction_id\":\"p\",\"connector_refund_id\":\"re_1\",\"refund_amount\":1,"
      "\"payment_amount\":1,\"currency\":\"USD\"}";
  struct desk desk = desk_open(NULL);
  add_account(&desk, "honest");
  struct run result =
      run(&desk.place, refund, "--plugins %s/liars request --account liar --flow refund_lookup", ZOO_DIR);
  cr_expect_not_null(strstr(json_text(json_line(result.out), "url"), "/refunds"), "%s", result.out);
  cr_expect_null(strstr(result.out, "re_1"), "%s", result.out);
  desk_close(&desk);
}

Test(connector, only_what_the_host_understands_is_ever_final) {
  struct desk desk = desk_open(NULL);
  cr_expect_str_eq(outcome_of(&desk, "honest", 200), "success");
  cr_expect_str_eq(outcome_of(&desk, "modest", 200), "success");
  cr_expect_str_eq(outcome_of(&desk, "greedy_reader", 200), "pending");
  cr_expect_str_eq(outcome_of(&desk, "unreadable", 200), "pending");
  cr_expect_str_eq(outcome_of(&desk, "unknown_reading", 200), "pending");
  cr_expect_str_eq(outcome_of(&desk, "unknown_status", 200), "pending");
  cr_expect_str_eq(outcome_of(&desk, "honest", 500), "pending");
  cr_expect_str_eq(outcome_of(&desk, "honest", 429), "pending");
  cr_expect_str_eq(outcome_of(&desk, "honest", 302), "pending");
  desk_close(&desk);
}

/* ---- The zoo beside the good ones ---- */

static size_t put_zoo(char *line, size_t room) {
  DIR *zoo = opendir(ZOO_DIR);
  size_t used = 0;
  size_t count = 0;
  cr_assert_not_null(zoo, "%s", ZOO_DIR);
  for (struct dirent *entry; (entry = readdir(zoo)) != NULL && count < 14;) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || strncmp(entry->d_name, "CMake", 5) == 0) continue;
    if (strncmp(entry->d_name, "good", 4) == 0 || strcmp(entry->d_name, "liars") == 0) continue;
    used += (size_t)snprintf(line + used, room - used, "--plugins %s/%s ", ZOO_DIR, entry->d_name);
    count++;
  }
  closedir(zoo);
  return count;
}

Test(connector, bad_plugins_never_stop_the_good_ones) {
  char zoo[3500] = "";
  struct desk desk = desk_open(NULL);
  size_t bad = put_zoo(zoo, sizeof zoo);
  cr_assert_gt(bad, 10);
  struct run listed = run(&desk.place, NULL, "%s --plugins %s connectors list", zoo, PLUGINS_DIR);
  cr_expect_eq(listed.status, 0, "%s", listed.err);
  cr_expect_not_null(strstr(listed.out, "\"id\":\"stripe\""));
  struct run sent = run(&desk.place, NULL,
                        "%s --plugins %s refund --account demo --refund-id r1 --transaction-id pi_1 --amount 5.00 "
                        "--payment-amount 10.00 --currency USD",
                        zoo, PLUGINS_DIR);
  cr_expect_eq(sent.status, 0, "%s%s", sent.out, sent.err);
  desk_close(&desk);
}

Test(connector, that_is_loaded_has_a_line_in_the_log) {
  struct desk desk = desk_open(NULL);
  struct run sent = desk_refund(&desk, "demo", "r1", "5.00", "--verbose");
  cr_expect_not_null(strstr(sent.err, "loaded connector stripe 1.0.0 from " PLUGINS_DIR "/stripe.so, sha256 "), "%s",
                     sent.err);
  cr_expect_not_null(strstr(sent.err, "built for ABI 0.9, needs 0.9"), "%s", sent.err);
  cr_expect_null(strstr(sent.err, "adyen"), "only what is used is loaded");
  desk_close(&desk);
}

Test(connector, a_refused_one_says_expected_found_and_fix) {
  struct desk desk = desk_open(NULL);
  struct run listed = run(&desk.place, NULL, "--plugins %s/other-major connectors", ZOO_DIR);
  const cJSON *json = json_line(listed.out);
  cr_expect_str_neq(json_text(json, "refused.message"), "");
  cr_expect_str_neq(json_text(json, "refused.expected"), "");
  cr_expect_str_neq(json_text(json, "refused.found"), "");
  cr_expect_str_neq(json_text(json, "refused.fix"), "");
  desk_close(&desk);
}
