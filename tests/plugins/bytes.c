/* The exact bytes that go out, for currencies of no, two and three decimals and for those that a processor counts in
 * its own way. No amount passes through floating point anywhere. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/program.h"

static struct place place;

static void setup(void) {
  place = place_make();
  place_accounts(&place, 9);
}

TestSuite(bytes, .init = setup);

static const char *body_of(const char *account, const char *currency, const char *amount) {
  char line[512];
  snprintf(line, sizeof line,
           "{\"refund_id\":\"r1\",\"account\":\"%s\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":%s,"
           "\"payment_amount\":9007199254740991,\"currency\":\"%s\"}",
           account, amount, currency);
  struct run result = run(&place, line, "--plugins %s request", PLUGINS_DIR);
  const cJSON *json = json_line(result.out);
  return result.status == 0 ? json_text(json, "body") : json_text(json, "error.message");
}

#define STRIPE(amount) \
  "amount=" amount "&payment_intent=pi_1&metadata%5Border_id%5D=r1&metadata%5Bis_refund_id_as_reference%5D=true"
#define REFERENCE(amount) "{\"payment_id\":\"pi_1\",\"amount\":" amount "}"

Test(bytes, minor_units_go_out_as_they_came) {
  cr_expect_str_eq(body_of("demo", "USD", "1"), STRIPE("1"));
  cr_expect_str_eq(body_of("demo", "USD", "9007199254740991"), STRIPE("9007199254740991"));
  cr_expect_str_eq(body_of("demo", "JPY", "1000"), STRIPE("1000"));
  cr_expect_str_eq(body_of("demo", "KWD", "1230"), STRIPE("1230"));
  cr_expect_str_eq(body_of("plain", "USD", "1099"), REFERENCE("1099"));
  cr_expect_str_eq(body_of("plain", "JPY", "1000"), REFERENCE("1000"));
  cr_expect_str_eq(body_of("plain", "KWD", "1001"), REFERENCE("1001"));
  cr_expect_str_eq(body_of("plain", "CLF", "9007199254740991"), REFERENCE("9007199254740991"));
}

Test(bytes, stripe_counts_some_currencies_in_its_own_way) {
  cr_expect_str_eq(body_of("demo", "ISK", "5"), STRIPE("500"));
  cr_expect_str_eq(body_of("demo", "UGX", "5"), STRIPE("500"));
  cr_expect_str_eq(body_of("demo", "MGA", "500"), STRIPE("5"));
}

Test(bytes, what_stripe_cannot_say_is_refused_with_the_amount) {
  cr_expect_str_eq(body_of("demo", "KWD", "1231"), "the processor cannot refund 1.231 KWD");
  cr_expect_str_eq(body_of("demo", "MGA", "501"), "the processor cannot refund 5.01 MGA");
}

Test(bytes, an_echo_is_compared_in_the_processors_units) {
  static const char line[] =
      "{\"request\":{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\","
      "\"refund_amount\":5,\"payment_amount\":10,\"currency\":\"ISK\"},\"response\":{\"status\":200,\"headers\":{},"
      "\"body\":\"{\\\"object\\\":\\\"refund\\\",\\\"id\\\":\\\"re_1\\\",\\\"status\\\":\\\"succeeded\\\","
      "\\\"amount\\\":%s,\\\"currency\\\":\\\"isk\\\"}\"}}";
  char text[1024];
  snprintf(text, sizeof text, line, "500");
  cr_expect_str_eq(json_text(json_line(run(&place, text, "--plugins %s outcome", PLUGINS_DIR).out), "refund_status"),
                   "success");
  snprintf(text, sizeof text, line, "5");
  const cJSON *wrong = json_line(run(&place, text, "--plugins %s outcome", PLUGINS_DIR).out);
  cr_expect_str_eq(json_text(wrong, "refund_status"), "manual_review");
  cr_expect_str_eq(json_text(wrong, "error.reason"), "asked for 5.00 ISK, the processor answered 0.05 ISK");
}

Test(bytes, secrets_print_as_stars_unless_asked_for) {
  static const char line[] =
      "{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":5,"
      "\"payment_amount\":10,\"currency\":\"USD\"}";
  struct run hidden = run(&place, line, "--plugins %s request", PLUGINS_DIR);
  cr_expect_null(strstr(hidden.out, "canary"), "%s", hidden.out);
  cr_expect_str_eq(json_text(json_line(hidden.out), "headers.authorization"), "***");
  struct run shown = run(&place, line, "--plugins %s request --show-secrets", PLUGINS_DIR);
  cr_expect_str_eq(json_text(json_line(shown.out), "headers.authorization"), "Bearer sk_test_canary7");
}

/* ---- Every connector: currencies without decimals, with two, with three, and those that a processor counts otherwise.
 * The body must hold exactly this. ---- */

static const struct {
  const char *connector;
  const char *currency;
  const char *amount; /* minor units of ISO 4217 */
  const char *part;
} amounts[] = {
    {"adyen", "USD", "1000", "\"amount\":{\"currency\":\"USD\",\"value\":1000}"},
    {"adyen", "CLP", "5", "\"amount\":{\"currency\":\"CLP\",\"value\":500}"},
    {"adyen", "ISK", "5", "\"amount\":{\"currency\":\"ISK\",\"value\":500}"},
    {"adyen", "IDR", "500", "\"amount\":{\"currency\":\"IDR\",\"value\":5}"},
    {"adyen", "CVE", "500", "\"amount\":{\"currency\":\"CVE\",\"value\":5}"},
    {"adyen", "IDR", "501", "the processor cannot refund 5.01 IDR"},
    {"adyen", "USD", "9007199254740991", "\"value\":9007199254740991}"},
    {"paypal", "USD", "1", "{\"amount\":{\"currency_code\":\"USD\",\"value\":\"0.01\"}}"},
    {"paypal", "TND", "1001", "{\"amount\":{\"currency_code\":\"TND\",\"value\":\"1.001\"}}"},
    {"paypal", "HUF", "1000", "{\"amount\":{\"currency_code\":\"HUF\",\"value\":\"10\"}}"},
    {"paypal", "TWD", "1000", "{\"amount\":{\"currency_code\":\"TWD\",\"value\":\"10\"}}"},
    {"paypal", "HUF", "1001", "the processor cannot refund 10.01 HUF"},
    {"paypal", "USD", "9007199254740991", "\"value\":\"90071992547409.91\""},
    {"cybersource", "USD", "1000", "{\"totalAmount\":\"10.00\",\"currency\":\"USD\"}"},
    {"cybersource", "USD", "9007199254740991", "{\"totalAmount\":\"90071992547409.91\","},
    {"worldpayxml", "USD", "1000", "<amount value=\"1000\" currencyCode=\"USD\" exponent=\"2\"/>"},
};

Test(bytes, of_every_connector_are_exact) {
  place_write(&place, "accounts.json",
              "{\"accounts\":{"
              "\"adyen\":{\"connector\":\"adyen\",\"environment\":\"sandbox\",\"credentials\":{\"api_key\":\"k\","
              "\"merchant_account\":\"M\"}},"
              "\"paypal\":{\"connector\":\"paypal\",\"environment\":\"sandbox\",\"credentials\":{\"client_id\":\"c\","
              "\"client_secret\":\"s\"}},"
              "\"cybersource\":{\"connector\":\"cybersource\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"api_key\":\"k\",\"api_secret\":\"c2VjcmV0\",\"merchant_account\":\"M\"}},"
              "\"worldpayxml\":{\"connector\":\"worldpayxml\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"api_username\":\"u\",\"api_password\":\"p\",\"merchant_code\":\"M\"}}}}",
              0600);
  for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
    char line[512];
    snprintf(line, sizeof line,
             "{\"refund_id\":\"r1\",\"account\":\"%s\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":%s,"
             "\"payment_amount\":9007199254740991,\"currency\":\"%s\"}",
             amounts[i].connector, amounts[i].amount, amounts[i].currency);
    struct run result = run(&place, line, "--plugins %s request --access-token t --show-secrets", PLUGINS_DIR);
    const cJSON *json = json_line(result.out);
    const char *text = result.status == 0 ? json_text(json, "body") : json_text(json, "error.message");
    cr_expect_not_null(strstr(text, amounts[i].part), "%s %s: expected %s, found %s", amounts[i].connector,
                       amounts[i].currency, amounts[i].part, text);
  }
}

Test(bytes, worldpays_key_goes_out_only_where_it_is_switched_on) {
  static const char refund[] =
      "{\"refund_id\":\"r1\",\"account\":\"w\",\"connector_transaction_id\":\"o\",\"refund_amount\":5,"
      "\"payment_amount\":10,\"currency\":\"USD\"}";
  const char *const switches[] = {"", ",\"idempotency\":\"true\""};
  for (int i = 0; i < 2; i++) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"accounts\":{\"w\":{\"connector\":\"worldpayxml\",\"environment\":\"sandbox\",\"credentials\":{"
             "\"api_username\":\"u\",\"api_password\":\"p\",\"merchant_code\":\"M\"%s}}}}",
             switches[i]);
    place_write(&place, "accounts.json", text, 0600);
    const cJSON *json = json_line(run(&place, refund, "--plugins %s request", PLUGINS_DIR).out);
    cr_expect_eq(strlen(json_text(json, "headers.idempotency-key")), i == 0 ? 0 : 36);
  }
}

Test(bytes, adyen_needs_its_prefix_in_production) {
  static const char refund[] =
      "{\"refund_id\":\"r1\",\"account\":\"a\",\"connector_transaction_id\":\"o\",\"refund_amount\":5,"
      "\"payment_amount\":10,\"currency\":\"USD\"}";
  const char *const prefixes[] = {"", ",\"endpoint_prefix\":\"1797-Demo\"", ",\"endpoint_prefix\":\"evil.com/\""};
  for (int i = 0; i < 3; i++) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"accounts\":{\"a\":{\"connector\":\"adyen\",\"environment\":\"production\",\"credentials\":{"
             "\"api_key\":\"k\",\"merchant_account\":\"M\"%s}}}}",
             prefixes[i]);
    place_write(&place, "accounts.json", text, 0600);
    struct run result = run(&place, refund, "--plugins %s request", PLUGINS_DIR);
    cr_expect_eq(result.status, i == 1 ? 0 : 2, "%s", result.out);
    if (i != 1) continue;
    cr_expect_str_eq(json_text(json_line(result.out), "url"),
                     "https://1797-Demo-checkout-live.adyenpayments.com/checkout/v68/payments/o/refunds");
  }
}
