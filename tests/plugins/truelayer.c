/* TrueLayer's signature, verified with OpenSSL and the public half of the account's key over what goes out. */
#include <criterion/criterion.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "plugins/cases_file.h"

enum { HALF = 66 }; /* bytes of r and of s: P-521 */

static struct place place;

/* ---- Base64, of both alphabets ---- */

static size_t decode(const char *text, unsigned char *out) {
  char copy[4096];
  size_t size = strlen(text);
  cr_assert_lt(size + 4, sizeof copy);
  for (size_t i = 0; i < size; i++)
    copy[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
  size_t padding = strcspn(text, "=") == size ? (4 - size % 4) % 4 : 0;
  memset(copy + size, '=', padding);
  copy[size + padding] = '\0';
  for (size_t at = size + padding; at > 0 && copy[at - 1] == '='; at--)
    padding = size + padding - at + 1;
  int got = EVP_DecodeBlock(out, (const unsigned char *)copy, (int)strlen(copy));
  cr_assert_geq(got, 0, "%s", text);
  return (size_t)got - padding;
}

static void encode(const char *text, char *out) {
  EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)strlen(text));
  for (; *out != '\0'; out++)
    *out = *out == '+' ? '-' : *out == '/' ? '_' : *out == '=' ? '\0' : *out;
}

/* ---- Keys ---- */

static EVP_PKEY *public_half(const char *base64_of_pem) {
  unsigned char pem[4096];
  unsigned char der[256];
  unsigned char *end = der;
  size_t size = decode(base64_of_pem, pem);
  BIO *bio = BIO_new_mem_buf(pem, (int)size);
  EVP_PKEY *both = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  BIO_free(bio);
  cr_assert_not_null(both);
  int der_size = i2d_PUBKEY(both, &end);
  const unsigned char *at = der;
  EVP_PKEY *half = d2i_PUBKEY(NULL, &at, der_size);
  EVP_PKEY_free(both);
  cr_assert_not_null(half);
  return half;
}

/* r and s side by side become what OpenSSL reads. */
static bool verify(EVP_PKEY *key, const char *signed_text, const unsigned char *signature) {
  unsigned char der[256];
  unsigned char *end = der;
  ECDSA_SIG *pair = ECDSA_SIG_new();
  ECDSA_SIG_set0(pair, BN_bin2bn(signature, HALF, NULL), BN_bin2bn(signature + HALF, HALF, NULL));
  int size = i2d_ECDSA_SIG(pair, &end);
  ECDSA_SIG_free(pair);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool right =
      EVP_DigestVerifyInit(context, NULL, EVP_sha512(), NULL, key) == 1 &&
      EVP_DigestVerify(context, der, (size_t)size, (const unsigned char *)signed_text, strlen(signed_text)) == 1;
  EVP_MD_CTX_free(context);
  return right;
}

/* ---- Requests ---- */

static const cJSON *cases;

static void open_account(void) {
  cases = cases_read("truelayer");
  place = place_make();
  cases_account(&place, cases, NULL);
}

static const cJSON *request(const char *flow, const char *refund_id, const char *payment, const char *now) {
  char refund[512];
  snprintf(
      refund, sizeof refund,
      "{\"refund_id\":\"%s\",\"connector_transaction_id\":\"%s\",\"connector_refund_id\":\"c1\",\"refund_amount\":399,"
      "\"payment_amount\":1000,\"currency\":\"GBP\"}",
      refund_id, payment);
  struct run result =
      run(&place, refund, "--plugins %s request --account case --flow %s --now %s --access-token t --show-secrets",
          PLUGINS_DIR, flow, now);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return json_line(result.out);
}

/* What has to be signed, in three lines, below the header that the signature came with. */
static void expect_signed(const cJSON *sent, const char *path, const char *key_header) {
  char payload[1024];
  char text[4096];
  unsigned char header[512];
  unsigned char signature[512];
  const char *jws = json_text(sent, "headers.tl-signature");
  size_t header_size = strcspn(jws, ".");
  cr_assert_eq(strncmp(jws + header_size, "..", 2), 0, "%s", jws);
  cr_assert_eq(decode(jws + header_size + 2, signature), 2 * HALF);
  snprintf(text, sizeof text, "%.*s", (int)header_size, jws);
  header[decode(text, header)] = '\0';
  cr_expect_str_eq((char *)header,
                   "{\"alg\":\"ES512\",\"kid\":\"9f2b7bd6-c055-40b5-b616-120ccfd33c49\",\"tl_version\":\"2\","
                   "\"tl_headers\":\"Idempotency-Key\"}");
  snprintf(payload, sizeof payload, "POST %s\nIdempotency-Key: %s\n%s", path, key_header, json_text(sent, "body"));
  strcat(text, ".");
  encode(payload, text + strlen(text));
  EVP_PKEY *key = public_half(json_text(cJSON_GetObjectItem(cases, "account"), "private_key"));
  cr_expect(verify(key, text, signature), "%s", payload);
  text[strlen(text) - 1] ^= 1;
  cr_expect_not(verify(key, text, signature), "another body has the same signature");
  EVP_PKEY_free(key);
}

Test(truelayer, signs_path_key_and_body) {
  open_account();
  const cJSON *sent = request("refund", "r_001", "60c0a60e-c3b5-4c1b-9c11-4d4e3a6d8f00", "1700000000");
  cr_expect_str_eq(json_text(sent, "headers.idempotency-key"), "r_001");
  expect_signed(sent, "/v3/payments/60c0a60e-c3b5-4c1b-9c11-4d4e3a6d8f00/refunds", "r_001");
}

/* The path as it is sent, with its escapes; the key that a long id became. */
Test(truelayer, signs_what_it_sends) {
  open_account();
  const cJSON *sent = request("refund", "r 1/\\u00e9", "a/b c", "1700000000");
  const char *key = json_text(sent, "headers.idempotency-key");
  cr_expect_eq(strlen(key), 64, "%s", key);
  cr_expect_str_eq(json_text(sent, "url"), "https://api.truelayer-sandbox.com/v3/payments/a%2Fb%20c/refunds");
  expect_signed(sent, "/v3/payments/a%2Fb%20c/refunds", key);
}

Test(truelayer, signs_a_repeat_anew_and_changes_nothing_else) {
  open_account();
  const cJSON *first = request("refund", "r_001", "p", "1700000000");
  const cJSON *again = request("refund", "r_001", "p", "1800000000");
  cr_expect_str_eq(json_text(first, "url"), json_text(again, "url"));
  cr_expect_str_eq(json_text(first, "body"), json_text(again, "body"));
  cr_expect_str_eq(json_text(first, "headers.idempotency-key"), json_text(again, "headers.idempotency-key"));
  cr_expect_str_neq(json_text(first, "headers.tl-signature"), json_text(again, "headers.tl-signature"));
}

Test(truelayer, does_not_sign_what_moves_no_money) {
  open_account();
  cr_expect_str_eq(json_text(request("refund_sync", "r_001", "p", "1700000000"), "headers.tl-signature"), "");
  cr_expect_str_eq(json_text(request("refund_lookup", "r_001", "p", "1700000000"), "headers.tl-signature"), "");
}

Test(truelayer, names_the_field_of_a_key_that_cannot_sign) {
  static const char *const keys[] = {"x", "not base64!", "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCg=="};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    open_account();
    cJSON_ReplaceItemInObject(cJSON_GetObjectItem(cases, "account"), "private_key", cJSON_CreateString(keys[i]));
    cases_account(&place, cases, NULL);
    struct run result = run(&place,
                            "{\"refund_id\":\"r\",\"connector_transaction_id\":\"p\",\"refund_amount\":1,"
                            "\"payment_amount\":1,\"currency\":\"GBP\"}",
                            "--plugins %s request --account case --access-token t", PLUGINS_DIR);
    cr_expect_eq(result.status, 2);
    cr_expect_str_eq(json_text(json_line(result.out), "error.field"), "private_key");
  }
}
