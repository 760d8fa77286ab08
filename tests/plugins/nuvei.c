/* Nuvei's checksum, computed again from what went out: the members' own texts, in the vendor's order, and the secret.
 */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <string.h>

#include "support/program.h"

#define REFUND_OF(id, rest)                                                                                \
  "{\"refund_id\":\"" id                                                                                   \
  "\",\"connector_transaction_id\":\"1110000000004320374\",\"refund_amount\":505,\"payment_amount\":1000," \
  "\"currency\":\"USD\"" rest "}"
#define SENT ",\"connector_refund_id\":\"1110000000004320465\""
#define LONG_ID "an id with spaces, and longer than the 45 characters of a reference"

static struct place place;

static void setup(void) {
  place = place_make();
  place_write(&place, "accounts.json",
              "{\"accounts\":{\"a\":{\"connector\":\"nuvei\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"merchant_id\":\"4960497427404081578\",\"merchant_site_id\":\"197846\","
              "\"merchant_secret\":\"sec_test_x\"}}}}",
              0600);
}

TestSuite(nuvei, .init = setup);

static const cJSON *body_of(const char *flow, const char *refund) {
  struct run result = run(&place, refund, "--plugins %s request --account a --flow %s --now 1721261883 --show-secrets",
                          PLUGINS_DIR, flow);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return json_line(json_text(json_line(result.out), "body"));
}

static void expect_checksum(const char *flow, const char *refund, const char *const *members, size_t count) {
  const cJSON *body = body_of(flow, refund);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  unsigned char digest[32];
  char hex[65];
  cr_assert(EVP_DigestInit_ex(context, EVP_sha256(), NULL));
  for (size_t i = 0; i < count; i++) {
    const char *text = json_text(body, members[i]);
    cr_expect_str_neq(text, "", "%s: %s", flow, members[i]);
    EVP_DigestUpdate(context, text, strlen(text));
  }
  EVP_DigestUpdate(context, "sec_test_x", strlen("sec_test_x"));
  EVP_DigestFinal_ex(context, digest, NULL);
  EVP_MD_CTX_free(context);
  for (size_t i = 0; i < sizeof digest; i++)
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  cr_expect_str_eq(json_text(body, "checksum"), hex, "%s", flow);
  cr_expect_str_eq(json_text(body, "timeStamp"), "20240718001803", "%s", flow);
  cr_expect_eq(cJSON_GetArraySize(body), (int)count + 1, "%s: a member that is not signed", flow);
}

#define EXPECT(flow, refund, ...)                                   \
  expect_checksum(flow, refund, (const char *const[]){__VA_ARGS__}, \
                  sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

Test(nuvei, signs_what_it_sends) {
  static const char *const refunds[] = {REFUND_OF("r_001", ""), REFUND_OF(LONG_ID, "")};
  static const char *const sent[] = {REFUND_OF("r_001", SENT), REFUND_OF(LONG_ID, SENT)};
  for (size_t i = 0; i < 2; i++) {
    EXPECT("refund", refunds[i], "merchantId", "merchantSiteId", "clientRequestId", "clientUniqueId", "amount",
           "currency", "relatedTransactionId", "timeStamp");
    EXPECT("refund_sync", sent[i], "merchantId", "merchantSiteId", "transactionId", "clientUniqueId", "timeStamp");
    EXPECT("refund_lookup", refunds[i], "merchantId", "merchantSiteId", "clientUniqueId", "timeStamp");
  }
}

Test(nuvei, asks_by_the_reference_that_the_refund_went_out_with) {
  const char *sent = json_text(body_of("refund", REFUND_OF(LONG_ID, "")), "clientUniqueId");
  cr_expect_eq(strlen(sent), 45, "%s", sent);
  cr_expect_str_eq(json_text(body_of("refund_sync", REFUND_OF(LONG_ID, SENT)), "clientUniqueId"), sent);
  cr_expect_str_eq(json_text(body_of("refund_lookup", REFUND_OF(LONG_ID, "")), "clientUniqueId"), sent);
}

Test(nuvei, an_error_beside_a_refund_that_did_not_fail_keeps_its_id) {
  static const char answer[] = "{\"request\":" REFUND_OF("r1", ",\"account\":\"a\"")
      ",\"response\":{\"status\":200,\"body\":\"{\\\"status\\\":\\\"ERROR\\\",\\\"errCode\\\":5,"
      "\\\"transactionStatus\\\":\\\"PENDING\\\",\\\"transactionId\\\":\\\"7\\\"}\"}}";
  struct run result = run(&place, answer, "--plugins %s outcome --flow refund", PLUGINS_DIR);
  cr_expect_str_eq(json_text(json_line(result.out), "refund_status"), "pending", "%s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "connector_refund_id"), "7", "%s", result.out);
}
