/* Bad input: each gets its own sentence and status 2, and nothing is written to the ledger. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/desk.h"

#define REFUND(members) "{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\"," members "}"
#define AMOUNTS "\"refund_amount\":500,\"payment_amount\":1000,"

static const struct {
  const char *json;
  const char *field;
} bad_refunds[] = {
    {"", "none"},
    {"[]", "refund"},
    {REFUND(AMOUNTS "\"currency\":\"USD\"") " x", "none"},
    {REFUND(AMOUNTS "\"currency\":\"USX\""), "currency"},
    {REFUND(AMOUNTS "\"currency\":\"usd\""), "currency"},
    {REFUND(AMOUNTS "\"currency\":\"USD\",\"amount\":1"), "amount"},
    {REFUND(AMOUNTS "\"currency\":\"USD\",\"reason\":7"), "reason"},
    {REFUND(AMOUNTS "\"currency\":\"USD\",\"payment_disputed\":true"), "payment_disputed"},
    {REFUND(AMOUNTS "\"currency\":\"USD\",\"connector_metadata\":\"x\""), "connector_metadata"},
    {REFUND("\"refund_amount\":5.00,\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"refund_amount\":5e2,\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"refund_amount\":0,\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"refund_amount\":-5,\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"refund_amount\":\"5\",\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"refund_amount\":9007199254740992,\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"payment_amount\":1000,\"currency\":\"USD\""), "refund_amount"},
    {REFUND("\"refund_amount\":5,\"refund_amount\":5,\"payment_amount\":10,\"currency\":\"USD\""), "none"},
    {"{\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\"," AMOUNTS "\"currency\":\"USD\"}", "refund_id"},
    {"{\"refund_id\":\"r1\",\"account\":\"nobody\",\"connector_transaction_id\":\"pi_1\"," AMOUNTS
     "\"currency\":\"USD\"}",
     "account"},
};

static void expect_refused(const struct desk *desk, const struct run *result, const char *field, const char *what) {
  const cJSON *json = json_line(result->out);
  cr_expect_eq(result->status, 2, "%s: status %d, %s", what, result->status, result->out);
  cr_expect_str_neq(json_text(json, "error.message"), "", "%s", what);
  if (strcmp(field, "none") != 0) cr_expect_str_eq(json_text(json, "error.field"), field, "%s: %s", what, result->out);
  cr_expect_eq(desk_books(desk, "requests.posts"), 0, "%s: something was sent", what);
  struct run listed = run(&desk->place, NULL, "list");
  cr_expect(strstr(listed.out, "refund_id\":") == NULL, "%s: something was recorded: %s", what, listed.out);
}

Test(input, each_wrong_field_of_a_refund_has_its_own_sentence) {
  struct desk desk = desk_open(NULL);
  for (size_t i = 0; i < sizeof bad_refunds / sizeof *bad_refunds; i++) {
    struct run result = run(&desk.place, bad_refunds[i].json, "--plugins %s refund -", PLUGINS_DIR);
    expect_refused(&desk, &result, bad_refunds[i].field, bad_refunds[i].json);
  }
  desk_close(&desk);
}

static const struct {
  const char *line;
  const char *field;
} bad_options[] = {
    {"refund", "none"},
    {"refund --nonsense", "--nonsense"},
    {"refund --account", "--account"},
    {"refund one two", "none"},
    {"nonsense", "none"},
    {"", "none"},
    {"--isolation worker refund", "--isolation"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 10 --payment-amount 10.00 --currency USD",
     "--amount"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 10.0 --payment-amount 10.00 --currency USD",
     "--amount"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --payment-amount 10 --currency JPY",
     "--amount"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --payment-amount 10.00", "--currency"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --payment-amount 10.00 --currency usd",
     "--currency"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --amount-minor 100 --payment-amount 10.00"
     " --currency USD",
     "--amount"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount-minor 1.0 --payment-amount 10.00 --currency "
     "USD",
     "--amount-minor"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --currency USD", "payment_amount"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --payment-amount 10.00 --currency USD "
     "--metadata novalue",
     "--metadata"},
    {"refund --account demo --refund-id r --transaction-id pi_1 --amount 1.00 --payment-amount 10.00 --currency USD "
     "--metadata-json []",
     "connector_metadata"},
    {"refund /nonexistent/file", "/nonexistent/file"},
    {"request --flow nothing", "--flow"},
    {"request --now yesterday", "--now"},
    {"request --nonce 12", "--nonce"},
    {"status", "refund_id"},
    {"list --state lost", "--state"},
    {"connectors sho", "none"},
    {"connectors show nobody", "none"},
    {"simulator --port 99999", "--port"},
    {"simulator --fault nonsense", "--fault"},
    {"simulator --token-lifetime 0", "--token-lifetime"},
};

Test(input, each_wrong_option_has_its_own_sentence) {
  struct desk desk = desk_open(NULL);
  for (size_t i = 0; i < sizeof bad_options / sizeof *bad_options; i++) {
    struct run result = run(&desk.place, NULL, "--plugins %s %s", PLUGINS_DIR, bad_options[i].line);
    expect_refused(&desk, &result, bad_options[i].field, bad_options[i].line);
  }
  desk_close(&desk);
}

static const struct {
  const char *text;
  mode_t mode;
  const char *field;
} bad_accounts[] = {
    {"{\"accounts\":{}}", 0644, "--accounts"},
    {"{\"accounts\":{}}", 0620, "--accounts"},
    {"{\"accounts\":", 0600, "none"},
    {"{\"account\":{}}", 0600, "accounts"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"credentials\":{\"api_key\":\"k\"}}}}", 0600, "environment"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"test\",\"credentials\":{}}}}", 0600,
     "environment"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"credentials\":{}}}}", 0600,
     "api_key"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"credentials\":{\"key\":\"k\"}}}}",
     0600, "key"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"nobody\",\"environment\":\"sandbox\",\"credentials\":{}}}}", 0600,
     "none"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"base_url\":\"http://"
     "example.com\","
     "\"credentials\":{\"api_key\":\"k\"}}}}",
     0600, "base_url"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"credentials\":{\"api_key\":"
     "{\"env\":\"REFUND_HOST_TEST_UNSET\"}}}}}",
     0600, "api_key"},
    {"{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"timeout\":1,\"credentials\":"
     "{\"api_key\":\"k\"}}}}",
     0600, "timeout"},
};

Test(input, each_wrong_accounts_file_has_its_own_sentence) {
  struct desk desk = desk_open(NULL);
  for (size_t i = 0; i < sizeof bad_accounts / sizeof *bad_accounts; i++) {
    place_write(&desk.place, "accounts.json", bad_accounts[i].text, bad_accounts[i].mode);
    struct run result = desk_refund(&desk, "demo", "r1", "5.00", NULL);
    expect_refused(&desk, &result, bad_accounts[i].field, bad_accounts[i].text);
  }
  desk_close(&desk);
}

Test(input, a_bad_line_gets_its_error_in_its_place_and_the_next_follow) {
  struct desk desk = desk_open(NULL);
  struct run result =
      run(&desk.place, REFUND(AMOUNTS "\"currency\":\"USD\"") "\n\nnonsense\n" REFUND(AMOUNTS "\"currency\":\"JPY\""),
          "--plugins %s request", PLUGINS_DIR);
  cr_expect_eq(result.status, 2);
  char *second = strchr(result.out, '\n');
  cr_assert_not_null(second);
  char *third = strchr(second + 1, '\n');
  cr_assert_not_null(third);
  cr_expect_str_eq(json_text(json_line(result.out), "method"), "POST");
  cr_expect_str_eq(json_text(json_line(second + 1), "error.code"), "input");
  cr_expect_str_eq(json_text(json_line(third + 1), "method"), "POST");
  desk_close(&desk);
}

Test(input, no_secret_is_in_any_message_or_file) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  desk_refund(&desk, "plain", "r2", "5.00", NULL);
  char command[700];
  snprintf(command, sizeof command, "grep -rqa canary %s --include=*.db* --include=*.so", desk.place.folder);
  cr_expect_neq(system(command), 0, "a credential is in the ledger");
  desk_close(&desk);
}

Test(input, options_may_stand_before_and_after_the_command) {
  struct desk desk = desk_open(NULL);
  struct run before = run(&desk.place, NULL, "--json --plugins %s connectors", PLUGINS_DIR);
  struct run after = run(&desk.place, NULL, "connectors list --plugins %s --json", PLUGINS_DIR);
  cr_expect_str_eq(before.out, after.out);
  cr_expect_eq(run(&desk.place, NULL, "--help").status, 0);
  cr_expect_eq(run(&desk.place, NULL, "refund --help").status, 0);
  cr_expect_eq(run(&desk.place, NULL, "--version").status, 0);
  desk_close(&desk);
}

Test(input, an_option_that_comes_twice_is_refused) {
  struct desk desk = desk_open(NULL);
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", "--amount 6.00");
  expect_refused(&desk, &result, "--amount", "--amount twice");
  desk_close(&desk);
}

Test(input, metadata_cannot_smuggle_members_into_the_refund) {
  struct desk desk = desk_open(NULL);
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", "--metadata-json '{},\"reason\":\"x\"'");
  expect_refused(&desk, &result, "--metadata-json", "--metadata-json");
  desk_close(&desk);
}

Test(input, a_misspelled_member_of_a_reply_is_refused) {
  struct desk desk = desk_open(NULL);
  struct run result =
      run(&desk.place,
          "{\"request\":" REFUND(AMOUNTS "\"currency\":\"USD\"") ",\"response\":{\"status\":200,\"bdy\":\"{}\"}}",
          "--plugins %s outcome", PLUGINS_DIR);
  cr_expect_eq(result.status, 2);
  cr_expect_str_eq(json_text(json_line(result.out), "error.field"), "bdy");
  desk_close(&desk);
}

Test(input, what_cannot_be_printed_is_said_on_standard_error) {
  struct desk desk = desk_open(NULL);
  int full = open("/dev/full", O_WRONLY);
  cr_assert_geq(full, 0);
  pid_t process = run_start(&desk.place, full, "--plugins %s connectors", PLUGINS_DIR);
  cr_expect_eq(wait_for(process), 1);
  close(full);
  desk_close(&desk);
}

Test(input, a_credential_with_a_line_break_is_the_accounts_fault_and_costs_no_id) {
  struct desk desk = desk_open(NULL);
  place_write(&desk.place, "key", "sk_test_x\n\n", 0600);
  place_write(&desk.place, "accounts.json",
              "{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"credentials\":"
              "{\"api_key\":{\"file\":\"key\"}}}}}",
              0600);
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  expect_refused(&desk, &result, "api_key", "two line breaks");
  desk_close(&desk);
}
