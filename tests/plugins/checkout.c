/* Checkout.com: accounts with a host of their own, keys of the previous platform, and what it counts in its own way. */
#include <criterion/criterion.h>

#include "support/program.h"

static struct place place;

static void setup(void) {
  place = place_make();
}

TestSuite(checkout, .init = setup);

/* The request for 1500 minor units, of an account with these members. */
static const cJSON *request(const char *flow, const char *members, const char *currency) {
  char text[512];
  snprintf(text, sizeof text, "{\"accounts\":{\"a\":{\"connector\":\"checkout\",%s}}}", members);
  place_write(&place, "accounts.json", text, 0600);
  snprintf(text, sizeof text,
           "{\"refund_id\":\"r1\",\"account\":\"a\",\"connector_transaction_id\":\"pay/1\",\"refund_amount\":1500,"
           "\"payment_amount\":2000,\"currency\":\"%s\"}",
           currency);
  return json_line(run(&place, text, "--plugins %s request --flow %s --show-secrets", PLUGINS_DIR, flow).out);
}

#define SANDBOX "\"environment\":\"sandbox\",\"credentials\":{\"api_secret\":"
#define OWN "\"environment\":\"production\",\"credentials\":{\"subdomain\":\"a1b2c3d4\",\"api_secret\":\"sk_x\"}"

Test(checkout, goes_to_the_accounts_own_host) {
  cr_expect_str_eq(json_text(request("refund", OWN, "USD"), "url"),
                   "https://a1b2c3d4.api.checkout.com/payments/pay%2F1/refunds");
  cr_expect_str_eq(json_text(request("refund_lookup", OWN, "USD"), "url"),
                   "https://a1b2c3d4.api.checkout.com/payments/pay%2F1/actions");
}

Test(checkout, goes_where_base_url_says_also_with_a_host_of_its_own) {
  cr_expect_str_eq(json_text(request("refund", OWN ",\"base_url\":\"http://127.0.0.1:9\"", "USD"), "url"),
                   "http://127.0.0.1:9/payments/pay%2F1/refunds");
}

Test(checkout, takes_keys_of_both_platforms) {
  static const char *const keys[][2] = {
      {"sk_sbox_abcdefghijklmnopqrstuvwxyz", "Bearer sk_sbox_abcdefghijklmnopqrstuvwxyz"},
      {"sk_abcdefghijklmnopqrstuvwxyz2", "Bearer sk_abcdefghijklmnopqrstuvwxyz2"},
      {"sk_12345678-1234-1234-1234-123456789abc", "sk_12345678-1234-1234-1234-123456789abc"},
      {"sk_test_12345678-1234-1234-1234-123456789abc", "sk_test_12345678-1234-1234-1234-123456789abc"},
      {"sk_12345678-1234x1234-1234-123456789abc", "Bearer sk_12345678-1234x1234-1234-123456789abc"},
      {"sk_test_12345678123412341234123456789abc0000", "Bearer sk_test_12345678123412341234123456789abc0000"},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    char members[256];
    snprintf(members, sizeof members, SANDBOX "\"%s\"}", keys[i][0]);
    cr_expect_str_eq(json_text(request("refund", members, "USD"), "headers.authorization"), keys[i][1]);
  }
}

/* All three-decimal currencies of ISO 4217 are under its rule; the golden table has their refusal. */
Test(checkout, counts_chilean_pesos_with_two_decimals) {
  cr_expect_str_eq(json_text(request("refund", SANDBOX "\"sk_x\"}", "CLP"), "body"),
                   "{\"amount\":150000,\"reference\":\"r1\"}");
  cr_expect_str_eq(json_text(request("refund", SANDBOX "\"sk_x\"}", "TND"), "body"),
                   "{\"amount\":1500,\"reference\":\"r1\"}");
}

Test(checkout, says_why_a_refund_was_declined) {
  static const char answer[] =
      "{\"request\":{\"refund_id\":\"r1\",\"account\":\"a\",\"connector_transaction_id\":\"pay_1\","
      "\"connector_refund_id\":\"act_1\",\"refund_amount\":1500,\"payment_amount\":2000,\"currency\":\"USD\"},"
      "\"response\":{\"status\":200,\"body\":\"[{\\\"id\\\":\\\"act_1\\\",\\\"type\\\":\\\"Refund\\\",\\\"amount\\\":"
      "1500,"
      "\\\"approved\\\":false,\\\"response_code\\\":\\\"20005\\\",\\\"response_summary\\\":\\\"Do not honour\\\"}]\"}}";
  request("refund", SANDBOX "\"sk_x\"}", "USD"); /* writes the account */
  struct run result = run(&place, answer, "--plugins %s outcome --flow refund_sync", PLUGINS_DIR);
  const cJSON *json = json_line(result.out);
  cr_expect_str_eq(json_text(json, "refund_status"), "failure", "%s", result.out);
  cr_expect_str_eq(json_text(json, "error.code"), "20005");
  cr_expect_str_eq(json_text(json, "error.message"), "Do not honour");
}
