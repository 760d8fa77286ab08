/* Rapyd's signatures: the vendor's recipe computed again from what went out, and two that are known. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "support/program.h"

#define ACCESS "rak_0123456789ABCDEF"
#define SECRET "rsk_0123456789abcdef"
#define REFUND                                                                                       \
  "{\"refund_id\":\"%s\",\"connector_transaction_id\":\"payment_e13505a3b2802b54ee81829bdecbf74d\"," \
  "\"refund_amount\":1000,\"payment_amount\":1000,\"currency\":\"USD\",\"connector_refund_id\":\"refund_1\"}"
#define NONCE "6b50767370f87b917a0000000000000000000000000000000000000000000000" /* a1B2c3D4e5F6 in base64 */

static struct place place;

static void setup(void) {
  place = place_make();
}

TestSuite(rapyd, .init = setup);

static void account(const char *more) {
  char text[400];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"a\":{\"connector\":\"rapyd\",\"environment\":\"sandbox\",\"credentials\":{"
           "\"access_key\":\"" ACCESS "\",\"secret_key\":\"" SECRET "\"%s}}}}",
           more);
  place_write(&place, "accounts.json", text, 0600);
}

static const cJSON *request(const char *refund_id, const char *flow, const char *options) {
  char refund[600];
  snprintf(refund, sizeof refund, REFUND, refund_id);
  struct run result =
      run(&place, refund, "--plugins %s request --account a --flow %s --show-secrets %s", PLUGINS_DIR, flow, options);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return json_line(result.out);
}

/* base64 of the hex digits of HMAC-SHA256 over method, path, salt, timestamp, keys and body. */
static void sign(const cJSON *sent, const char *method, const char *path, char *base64) {
  unsigned char mac[32];
  char hex[65];
  char text[1024];
  unsigned size = 0;
  snprintf(text, sizeof text, "%s%s%s%s%s%s%s", method, path, json_text(sent, "headers.salt"),
           json_text(sent, "headers.timestamp"), ACCESS, SECRET, json_text(sent, "body"));
  HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET), (const unsigned char *)text, strlen(text), mac, &size);
  for (size_t i = 0; i < size; i++)
    snprintf(hex + 2 * i, 3, "%02x", mac[i]);
  EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)hex, 64);
}

Test(rapyd, signs_what_it_sends) {
  char refund[100];
  char sync[100];
  account("");
  const cJSON *sent = request("r_001", "refund", "");
  sign(sent, "post", "/v1/refunds", refund);
  cr_expect_str_eq(json_text(sent, "headers.signature"), refund);
  cr_expect_eq(strlen(json_text(sent, "headers.salt")), 12);
  sent = request("r_001", "refund_sync", "");
  sign(sent, "get", "/v1/refunds/refund_1", sync);
  cr_expect_str_eq(json_text(sent, "headers.signature"), sync);
}

Test(rapyd, gives_the_signatures_that_are_known) {
  account("");
  const cJSON *sent = request("r_001", "refund", "--now 1700000000 --nonce " NONCE);
  cr_expect_str_eq(json_text(sent, "headers.salt"), "a1B2c3D4e5F6");
  cr_expect_str_eq(json_text(sent, "headers.timestamp"), "1700000000");
  cr_expect_str_eq(json_text(sent, "headers.signature"),
                   "N2Y5MDI2NmJhODkxMmU2NTc1MmIyNTc1NzNjZGU4ZWUzMGEwYjdmMDQ1YzI0NDAxNTFiZmYzMjc5NWUyNTJmZA==");
  sent = request("r_001", "refund_sync", "--now 1700000000 --nonce " NONCE);
  cr_expect_str_eq(json_text(sent, "headers.signature"),
                   "MjExMmNjMDJjNTFjMGEzNjg3NWYxNjU0Yzg2ZTkwMGJiYzFiMzlmMzcyYWE3ZTk1OWY3NDg4OTBjZjcwZDBjNQ==");
}

Test(rapyd, signs_each_attempt_anew_over_the_same_body) {
  account("");
  const cJSON *first = request("r_001", "refund", "--now 1700000000");
  const cJSON *second = request("r_001", "refund", "--now 1700000060");
  cr_expect_str_eq(json_text(first, "body"), json_text(second, "body"));
  cr_expect_str_neq(json_text(first, "headers.salt"), json_text(second, "headers.salt"));
  cr_expect_str_neq(json_text(first, "headers.signature"), json_text(second, "headers.signature"));
}

/* The key of an id that fits is the id, else its digest: also where the account does not say that keys count. */
Test(rapyd, sends_the_same_key_whether_or_not_it_is_switched_on) {
  static const char *const switches[] = {"", ",\"idempotency\":\"true\""};
  static const char long_id[] = "refund-ids-of-more-than-sixty-four-characters-go-out-as-their-digest-only";
  unsigned char digest[32];
  char hex[65];
  unsigned size = 0;
  EVP_Digest(long_id, strlen(long_id), digest, &size, EVP_sha256(), NULL);
  for (size_t i = 0; i < size; i++)
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
    account(switches[i]);
    cr_expect_str_eq(json_text(request("r_001", "refund", ""), "headers.idempotency"), "r_001");
    cr_expect_str_eq(json_text(request(long_id, "refund", ""), "headers.idempotency"), hex);
  }
}
