/* CyberSource's signatures: the vectors of the vendor's SDK, and the recipe computed again for another refund. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "support/program.h"

#define SECRET "bm90IGEgcmVhbCBzZWNyZXQsIDMyIGJ5dGVzIGxvbmc="
#define KEY "not a real secret, 32 bytes long"
#define REFUND                                                                                               \
  "{\"refund_id\":\"r_001\",\"connector_transaction_id\":\"7212345678906123403954\",\"refund_amount\":1000," \
  "\"payment_amount\":1000,\"currency\":\"USD\",\"connector_refund_id\":\"7212345999996123403955\"}"
#define NONCE "0b5c5b346f0e4d0a9f0c3a1d5a1c2e4f00000000000000000000000000000000"

static struct place place;

static void open_account(const char *auth) {
  char text[512];
  place = place_make();
  snprintf(text, sizeof text,
           "{\"accounts\":{\"a\":{\"connector\":\"cybersource\",\"environment\":\"sandbox\",\"credentials\":{"
           "\"api_key\":\"11111111-2222-3333-4444-555555555555\",\"merchant_account\":\"testmerchant\",%s"
           "\"api_secret\":\"" SECRET "\"}}}}",
           auth);
  place_write(&place, "accounts.json", text, 0600);
}

static const cJSON *request(const char *flow, const char *refund) {
  struct run result = run(
      &place, refund, "--plugins %s request --account a --flow %s --now 1721261883 --nonce " NONCE " --show-secrets",
      PLUGINS_DIR, flow);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return json_line(result.out);
}

static void ends_with(const char *text, const char *end) {
  size_t size = strlen(text);
  size_t tail = strlen(end);
  cr_expect(size >= tail && strcmp(text + size - tail, end) == 0, "%s does not end with %s", text, end);
}

Test(cybersource, signs_a_refund_as_the_vendors_sdk_does) {
  open_account("");
  const cJSON *json = request("refund", REFUND);
  cr_expect_str_eq(json_text(json, "headers.date"), "Thu, 18 Jul 2024 00:18:03 GMT");
  cr_expect_str_eq(json_text(json, "headers.digest"), "SHA-256=XYilDqXWqCuhfPAJiIA0uCq44fDgGkmKDBdGfp5ZeCg=");
  cr_expect_str_eq(json_text(json, "headers.signature"),
                   "keyid=\"11111111-2222-3333-4444-555555555555\", algorithm=\"HmacSHA256\", "
                   "headers=\"host date request-target digest v-c-merchant-id\", "
                   "signature=\"rGKcTJFXSmL2ghCcGKFt4jAnnap+SZH3o7kQWikSJnc=\"");
}

Test(cybersource, signs_a_sync_without_a_digest) {
  open_account("");
  const cJSON *json = request("refund_sync", REFUND);
  cr_expect_str_eq(json_text(json, "headers.digest"), "");
  cr_expect_str_eq(json_text(json, "headers.signature"),
                   "keyid=\"11111111-2222-3333-4444-555555555555\", algorithm=\"HmacSHA256\", "
                   "headers=\"host date request-target v-c-merchant-id\", "
                   "signature=\"9mGjOSDDH3Yu8Psy/yQ4lEy+C/natjaeQGRV2FZsgiA=\"");
}

Test(cybersource, makes_the_tokens_of_the_vendors_sdk) {
  open_account("\"auth\":\"jwt\",");
  const char *refund = json_text(request("refund", REFUND), "headers.authorization");
  const char *head =
      "Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6IjExMTExMTExLTIyMjItMzMzMy00NDQ0LTU1NTU1NTU1NTU1NSJ9.";
  cr_expect_eq(strncmp(refund, head, strlen(head)), 0, "%s", refund);
  ends_with(refund, ".nzyAJPbyqLwS0x-KpVYZ1-uGSsQhA7KcVq_nR35yBrc");
  const cJSON *sync = request("refund_sync", REFUND);
  ends_with(json_text(sync, "headers.authorization"), ".8xmA69PTYqb8651LTg_7Ge04ubryBcaNreNCrsQFxmY");
  cr_expect_str_eq(json_text(sync, "headers.signature"), "");
}

/* The look-up is a POST of its own: its signature computed here, from what went out. */
Test(cybersource, signs_what_it_sends) {
  unsigned char mac[32];
  unsigned char digest[32];
  char base64[64];
  char text[1024];
  unsigned size;
  open_account("");
  const cJSON *json = request("refund_lookup", REFUND);
  const char *body = json_text(json, "body");
  EVP_Digest(body, strlen(body), digest, &size, EVP_sha256(), NULL);
  EVP_EncodeBlock((unsigned char *)base64, digest, 32);
  snprintf(text, sizeof text,
           "host: apitest.cybersource.com\ndate: %s\nrequest-target: post /tss/v2/searches\ndigest: SHA-256=%s\n"
           "v-c-merchant-id: testmerchant",
           json_text(json, "headers.date"), base64);
  HMAC(EVP_sha256(), KEY, (int)strlen(KEY), (const unsigned char *)text, strlen(text), mac, &size);
  EVP_EncodeBlock((unsigned char *)base64, mac, 32);
  snprintf(text, sizeof text, "signature=\"%s\"", base64);
  ends_with(json_text(json, "headers.signature"), text);
}

Test(cybersource, refuses_an_unknown_way_of_signing) {
  open_account("\"auth\":\"none\",");
  struct run result = run(&place, REFUND, "--plugins %s request --account a", PLUGINS_DIR);
  cr_expect_eq(result.status, 2);
  cr_expect_str_eq(json_text(json_line(result.out), "error.field"), "auth");
}
