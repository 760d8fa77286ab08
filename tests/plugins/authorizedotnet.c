/* Authorize.Net reads JSON by an XML schema: the bytes that go out, since the order of members matters there and the
 * cases do not see it. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/program.h"

#define SIGNED_IN "\"merchantAuthentication\":{\"name\":\"login_x\",\"transactionKey\":\"txkey_x\"}"
#define REFUND_OF(id, metadata)                                                                    \
  "{\"refund_id\":\"" id                                                                           \
  "\",\"connector_transaction_id\":\"60177506194\",\"refund_amount\":505,\"payment_amount\":1000," \
  "\"currency\":\"USD\",\"connector_refund_id\":\"60178001122\",\"connector_metadata\":{" metadata "}}"
#define CARD "\"creditCard\":{\"cardNumber\":\"1111\",\"expirationDate\":\"XXXX\"}"
#define REFUND_BODY(number, expires, invoice)                                                                    \
  "{\"createTransactionRequest\":{" SIGNED_IN                                                                    \
  ",\"transactionRequest\":{\"transactionType\":\"refundTransaction\",\"amount\":5.05,\"currencyCode\":\"USD\"," \
  "\"payment\":{\"creditCard\":{\"cardNumber\":\"" number "\",\"expirationDate\":\"" expires                     \
  "\"}},\"refTransId\":\"60177506194\",\"order\":{\"invoiceNumber\":\"" invoice                                  \
  "\"},\"transactionSettings\":{\"setting\":[{\"settingName\":\"duplicateWindow\",\"settingValue\":\"28800\"}]}}}}"

static struct place place;

static void setup(void) {
  place = place_make();
  place_write(&place, "accounts.json",
              "{\"accounts\":{\"a\":{\"connector\":\"authorizedotnet\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"name\":\"login_x\",\"transaction_key\":\"txkey_x\"}}}}",
              0600);
}

TestSuite(authorizedotnet, .init = setup);

static const char *body_of(const char *flow, const char *refund) {
  struct run result =
      run(&place, refund, "--plugins %s request --account a --flow %s --show-secrets", PLUGINS_DIR, flow);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return json_text(json_line(result.out), "body");
}

Test(authorizedotnet, members_stand_in_the_order_of_the_schema) {
  const char *refund = REFUND_OF("r_001", CARD);
  cr_expect_str_eq(body_of("refund", refund), REFUND_BODY("1111", "XXXX", "r_001"));
  cr_expect_str_eq(body_of("refund_sync", refund),
                   "{\"getTransactionDetailsRequest\":{" SIGNED_IN ",\"transId\":\"60178001122\"}}");
  cr_expect_str_eq(body_of("refund_lookup", refund), "{\"getUnsettledTransactionListRequest\":{" SIGNED_IN
                                                     ",\"sorting\":{\"orderBy\":\"id\",\"orderDescending\":true},"
                                                     "\"paging\":{\"limit\":1000,\"offset\":1}}}");
}

Test(authorizedotnet, the_card_is_an_object_or_text_that_holds_one) {
  cr_expect_str_eq(body_of("refund", REFUND_OF("r1",
                                               "\"creditCard\":\"{\\\"cardNumber\\\":\\\"0042\\\","
                                               "\\\"expirationDate\\\":\\\"2030-11\\\"}\"")),
                   REFUND_BODY("0042", "2030-11", "r1"));
  cr_expect_str_eq(body_of("refund", REFUND_OF("r1", "\"creditCard\":{\"cardNumber\":\"0042\"}")),
                   REFUND_BODY("0042", "XXXX", "r1"));
  cr_expect_str_eq(body_of("refund", REFUND_OF("r1", "\"creditCard\":{\"cardNumber\":\"4111111111110042\"}")),
                   REFUND_BODY("0042", "XXXX", "r1")); /* a whole number never goes out */
}

Test(authorizedotnet, no_refund_goes_out_without_the_cards_digits) {
  static const char *const cards[] = {"",
                                      "\"creditCard\":\"1111\"",
                                      "\"creditCard\":\"{\"",
                                      "\"creditCard\":{\"expirationDate\":\"XXXX\"}",
                                      "\"creditCard\":[]",
                                      "\"creditCard\":{\"cardNumber\":\"042\"}",
                                      "\"creditCard\":{\"cardNumber\":\"4111XXXX\"}"};
  for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
    char refund[512];
    snprintf(refund, sizeof refund, REFUND_OF("r1", "%s"), cards[i]);
    struct run result = run(&place, refund, "--plugins %s request --account a", PLUGINS_DIR);
    cr_expect_eq(result.status, 2, "%s: %s", cards[i], result.out);
    cr_expect_str_eq(json_text(json_line(result.out), "error.field"), "connector_metadata/creditCard", "%s", cards[i]);
  }
}

/* What the processor compares to find a repeat must not be cut, or two refunds could be one. */
Test(authorizedotnet, a_refund_id_that_is_no_invoice_number_goes_out_as_its_digest) {
  const char *body = body_of("refund", REFUND_OF("refund 1", CARD));
  cr_expect_str_eq(body, REFUND_BODY("1111", "XXXX", "5315e58da7c79fe12945"));
  body = body_of("refund", REFUND_OF("a-refund-of-21-letter", CARD));
  cr_expect_null(strstr(body, "a-refund-of-21-lette"), "%s", body);
}

/* It may be a charge of the same invoice number: the sync asks for what it is, by the id. */
Test(authorizedotnet, what_failed_in_a_list_is_pending_with_its_id) {
  static const char answer[] =
      "{\"request\":{\"refund_id\":\"r1\",\"account\":\"a\",\"connector_transaction_id\":\"1\",\"refund_amount\":505,"
      "\"payment_amount\":1000,\"currency\":\"USD\"},\"response\":{\"status\":200,\"body\":\"{\\\"transactions\\\":[{"
      "\\\"transId\\\":\\\"7\\\",\\\"transactionStatus\\\":\\\"declined\\\",\\\"invoiceNumber\\\":\\\"r1\\\"}],"
      "\\\"totalNumInResultSet\\\":1,\\\"messages\\\":{\\\"resultCode\\\":\\\"Ok\\\"}}\"}}";
  struct run result = run(&place, answer, "--plugins %s outcome --flow refund_lookup", PLUGINS_DIR);
  cr_expect_str_eq(json_text(json_line(result.out), "refund_status"), "pending", "%s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "connector_refund_id"), "7", "%s", result.out);
}
