/* The exact bytes that go out, for currencies of no, two and three decimals and for those that a processor counts in its
 * own way. No amount passes through floating point anywhere. */
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
