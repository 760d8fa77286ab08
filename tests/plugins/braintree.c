/* A Braintree merchant account has one currency, and a refund in another one would be booked as that: 1 EUR as 1 HUF.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "support/program.h"

static struct place place;

static void open_account(void) {
  place = place_make();
  place_write(&place, "accounts.json",
              "{\"accounts\":{\"a\":{\"connector\":\"braintree\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"public_key\":\"u\",\"private_key\":\"p\",\"merchant_account_id\":\"acme_usd\","
              "\"merchant_config_currency\":\"USD\"}}}}",
              0600);
}

TestSuite(braintree, .init = open_account);

static struct run request(const char *currency, const char *metadata) {
  char line[512];
  snprintf(line, sizeof line,
           "{\"refund_id\":\"order 7#1\",\"account\":\"a\",\"connector_transaction_id\":\"t1\",\"refund_amount\":505,"
           "\"payment_amount\":1000,\"currency\":\"%s\",\"connector_metadata\":%s}",
           currency, metadata);
  return run(&place, line, "--plugins %s request", PLUGINS_DIR);
}

Test(braintree, refuses_a_refund_in_another_currency_than_the_merchant_accounts) {
  struct run result = request("HUF", "{}");
  cr_expect_eq(result.status, 2);
  cr_expect_str_eq(json_text(json_line(result.out), "error.field"), "currency");
}

Test(braintree, books_on_the_merchant_account_that_the_refund_names) {
  struct run result = request("EUR", "{\"merchant_account_id\":\"acme_eur\",\"merchant_config_currency\":\"eur\"}");
  const char *body = json_text(json_line(result.out), "body");
  cr_assert_eq(result.status, 0, "%s", result.out);
  cr_expect_not_null(strstr(body, "{\"amount\":\"5.05\",\"merchantAccountId\":\"acme_eur\","), "%s", body);
}

/* The refund's currency is the account's, or what the metadata says; but whose is the merchant account? */
Test(braintree, refuses_half_of_a_merchant_account) {
  cr_expect_eq(request("USD", "{\"merchant_account_id\":\"acme_eur\"}").status, 2);
  cr_expect_eq(request("EUR", "{\"merchant_config_currency\":\"EUR\"}").status, 2);
  cr_expect_eq(request("USD", "{\"merchant_config_currency\":\"EUR\"}").status, 2);
}

/* What a refund id cannot be as a key, it cannot be as an order id: both are its digest, and the look-up's too. */
Test(braintree, names_the_refund_alike_as_key_and_as_order_id) {
  char name[128];
  struct run result = request("USD", "{}");
  const char *body = json_text(json_line(result.out), "body");
  const char *key = strstr(body, "\"apiRequestKey\":\"");
  cr_assert_not_null(key, "%s", result.out);
  snprintf(name, sizeof name, "\"orderId\":\"%.64s\"", key + strlen("\"apiRequestKey\":\""));
  cr_expect_not_null(strstr(body, name), "%s", body);
}
