/* Redsys's signatures, computed again: 3DES of the order makes the key, of requests, of inquiries and of answers. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "support/program.h"

#define KEY "sq7HjrUOBfKmC576ILgskD5srU870gJ7"

static const char *const orders[] = {"1234", "12345678", "1446068581", "123456789012"};
enum { ORDERS = sizeof orders / sizeof *orders };

static void sign(const char *order, const char *text, size_t size, char base64[48]) {
  static const unsigned char iv[8];
  unsigned char key[24], plain[16] = {0}, order_key[16], mac[32];
  unsigned mac_size;
  int first = 0;
  int last = 0;
  int plain_size = (int)(strlen(order) + 7) / 8 * 8;
  memcpy(plain, order, strlen(order));
  cr_assert_eq(EVP_DecodeBlock(key, (const unsigned char *)KEY, (int)strlen(KEY)), 24);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  cr_assert(EVP_EncryptInit_ex(context, EVP_des_ede3_cbc(), NULL, key, iv));
  EVP_CIPHER_CTX_set_padding(context, 0);
  cr_assert(EVP_EncryptUpdate(context, order_key, &first, plain, plain_size));
  cr_assert(EVP_EncryptFinal_ex(context, order_key + first, &last));
  EVP_CIPHER_CTX_free(context);
  cr_assert_eq(first + last, plain_size);
  HMAC(EVP_sha256(), order_key, plain_size, (const unsigned char *)text, size, mac, &mac_size);
  EVP_EncodeBlock((unsigned char *)base64, mac, sizeof mac);
}

static struct place open_account(const char *key) {
  char text[256];
  struct place place = place_make();
  snprintf(text, sizeof text,
           "{\"accounts\":{\"a\":{\"connector\":\"redsys\",\"environment\":\"sandbox\",\"credentials\":{"
           "\"merchant_id\":\"999008881\",\"terminal_id\":\"1\",\"sha256_pwd\":\"%s\"}}}}",
           key);
  place_write(&place, "accounts.json", text, 0600);
  return place;
}

static struct run build(const struct place *place, const char *flow, const char *order, int now) {
  char refund[256];
  snprintf(refund, sizeof refund,
           "{\"refund_id\":\"r_001\",\"connector_transaction_id\":\"%s\",\"refund_amount\":500,\"payment_amount\":1000,"
           "\"currency\":\"EUR\",\"connector_refund_id\":%s%s%s}",
           order, strcmp(flow, "refund_sync") == 0 ? "\"" : "", strcmp(flow, "refund_sync") == 0 ? order : "null",
           strcmp(flow, "refund_sync") == 0 ? "\"" : "");
  return run(place, refund, "--plugins %s request --account a --flow %s --now %d --show-secrets", PLUGINS_DIR, flow,
             now);
}

Test(redsys, signs_a_refund_with_the_key_of_its_order) {
  struct place place = open_account(KEY);
  for (size_t i = 0; i < ORDERS; i++) {
    char signature[48];
    char parameters[256];
    char encoded[512];
    struct run first = build(&place, "refund", orders[i], 1700000000);
    struct run again = build(&place, "refund", orders[i], 1800000000);
    cJSON *body = cJSON_Parse(json_text(json_line(first.out), "body"));
    snprintf(parameters, sizeof parameters,
             "{\"DS_MERCHANT_AMOUNT\":\"500\",\"DS_MERCHANT_CURRENCY\":\"978\",\"DS_MERCHANT_MERCHANTCODE\":"
             "\"999008881\",\"DS_MERCHANT_ORDER\":\"%s\",\"DS_MERCHANT_TERMINAL\":\"1\","
             "\"DS_MERCHANT_TRANSACTIONTYPE\":\"3\"}",
             orders[i]);
    EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)parameters, (int)strlen(parameters));
    sign(orders[i], encoded, strlen(encoded), signature);
    cr_expect_str_eq(json_text(body, "Ds_MerchantParameters"), encoded, "%s: %s", orders[i], first.out);
    cr_expect_str_eq(json_text(body, "Ds_Signature"), signature, "%s: %s", orders[i], first.out);
    cr_expect_str_eq(json_text(json_line(again.out), "body"), json_text(json_line(first.out), "body"));
    cJSON_Delete(body);
  }
}

Test(redsys, signs_an_inquiry_with_the_key_of_its_order) {
  struct place place = open_account(KEY);
  for (size_t i = 0; i < ORDERS; i++) {
    char expected[128];
    char signature[48];
    char order[64];
    struct run sync = build(&place, "refund_sync", orders[i], 1700000000);
    struct run lookup = build(&place, "refund_lookup", orders[i], 1700000000);
    const char *body = json_text(json_line(sync.out), "body");
    const char *begin = strstr(body, "<Messages><Version ");
    const char *end = strstr(body, "<Signature>");
    cr_assert(begin != NULL && end != NULL, "%s", sync.out);
    begin += strlen("<Messages>");
    sign(orders[i], begin, (size_t)(end - begin), signature);
    snprintf(expected, sizeof expected, "<Signature>%s</Signature>", signature);
    snprintf(order, sizeof order, "<Ds_Order>%s</Ds_Order>", orders[i]);
    cr_expect_eq(strncmp(end, expected, strlen(expected)), 0, "%s is not in %s", expected, body);
    cr_expect_not_null(strstr(body, order), "%s is not in %s", order, body);
    cr_expect_str_eq(json_text(json_line(lookup.out), "body"), body);
  }
}

/* ---- Answers ---- */

/* The outcome of a signed answer to a refund of `order`, after `spoil` of its signature or parameters. */
static struct run answer_with(const struct place *place, const char *order, const char *in_answer, const char *response,
                              void (*spoil)(char *), bool of_signature) {
  char parameters[256];
  char encoded[512];
  char signature[48];
  char line[1536];
  snprintf(parameters, sizeof parameters,
           "{\"Ds_Amount\":\"500\",\"Ds_Currency\":\"978\",\"Ds_Order\":\"%s\",\"Ds_Response\":\"%s\","
           "\"Ds_TransactionType\":\"3\"}",
           in_answer, response);
  EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)parameters, (int)strlen(parameters));
  sign(order, encoded, strlen(encoded), signature);
  if (spoil != NULL) spoil(of_signature ? signature : encoded);
  snprintf(line, sizeof line,
           "{\"request\":{\"refund_id\":\"r_001\",\"connector_transaction_id\":\"%s\",\"refund_amount\":500,"
           "\"payment_amount\":1000,\"currency\":\"EUR\"},\"response\":{\"status\":200,\"body\":\"{"
           "\\\"Ds_SignatureVersion\\\":\\\"HMAC_SHA256_V1\\\",\\\"Ds_MerchantParameters\\\":\\\"%s\\\","
           "\\\"Ds_Signature\\\":\\\"%s\\\"}\"}}",
           order, encoded, signature);
  return run(place, line, "--plugins %s outcome --account a --flow refund", PLUGINS_DIR);
}

static struct run answer(const struct place *place, const char *order, const char *in_answer, void (*spoil)(char *),
                         bool of_signature) {
  return answer_with(place, order, in_answer, "0900", spoil, of_signature);
}

static void as_base64url(char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '+') *text = '-';
    if (*text == '/') *text = '_';
  }
}

static void other_byte(char *text) {
  text[10] = text[10] == 'A' ? 'B' : 'A';
}

static void cut_off(char *text) {
  text[0] = '\0';
}

static void expect(struct run result, const char *status, const char *reading) {
  const cJSON *json = json_line(result.out);
  cr_expect_str_eq(json_text(json, "refund_status"), status, "%s", result.out);
  cr_expect_str_eq(json_text(json, "reading"), reading, "%s", result.out);
}

Test(redsys, believes_an_answer_that_is_signed_with_the_key_of_its_order) {
  struct place place = open_account(KEY);
  for (size_t i = 0; i < ORDERS; i++) {
    struct run result = answer(&place, orders[i], orders[i], as_base64url, true);
    expect(result, "success", "status");
    cr_expect_str_eq(json_text(json_line(result.out), "connector_refund_id"), orders[i]);
    expect(answer(&place, orders[i], orders[i], NULL, true), "success", "status");
  }
}

Test(redsys, believes_no_other_answer) {
  struct place place = open_account(KEY);
  for (size_t i = 0; i < ORDERS; i++) {
    expect(answer(&place, orders[i], orders[i], other_byte, true), "pending", "");
    expect(answer(&place, orders[i], orders[i], cut_off, true), "pending", "");
    expect(answer(&place, orders[i], orders[i], other_byte, false), "pending", "");
    expect(answer(&place, orders[i], orders[i], cut_off, false), "pending", "");
    expect(answer(&place, orders[i], orders[(i + 1) % ORDERS], NULL, true), "pending", "");
  }
}

/* ---- Codes ---- */

static const struct {
  const char *code;
  const char *status;
} codes[] = {
    {"0900", "success"}, {"0950", "failure"}, {"0172", "failure"}, {"0100", "failure"},  {"9915", "failure"},
    {"9996", "failure"}, {"9997", "pending"}, {"9998", "pending"}, {"9999", "pending"},  {"0913", "pending"},
    {"9051", "pending"}, {"9034", "pending"}, {"0400", "pending"}, {"0481", "pending"},  {"0000", "pending"},
    {"0099", "pending"}, {"900", "pending"},  {"950", "pending"},  {"09500", "pending"}, {"-100", "pending"},
    {"95.0", "pending"}, {"", "pending"},     {"SIS0", "pending"},
};

Test(redsys, reads_the_codes_of_refunds_and_no_others) {
  struct place place = open_account(KEY);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    struct run result = answer_with(&place, "1234", "1234", codes[i].code, NULL, false);
    expect(result, codes[i].status, "status");
    cr_expect_str_eq(json_text(json_line(result.out), "connector_refund_id"), "1234");
  }
}

/* ---- Lists: none of their entries says whose it is ---- */

#define ENTRY(amount, date, response)                                                                            \
  "<Response Ds_Version='0.0'><Ds_Order>1234</Ds_Order><Ds_TransactionType>3</Ds_TransactionType><Ds_Date>" date \
  "</Ds_Date><Ds_Hour>10:20:30</Ds_Hour><Ds_Amount>" amount                                                      \
  "</Ds_Amount><Ds_Currency>978</Ds_Currency><Ds_State>F</Ds_State><Ds_Response>" response "</Ds_Response></Response>"
#define OTHER(order, type, currency, state)                                                                \
  "<Response><Ds_Order>" order "</Ds_Order><Ds_TransactionType>" type                                      \
  "</Ds_TransactionType><Ds_Amount>500</Ds_Amount><Ds_Currency>" currency "</Ds_Currency><Ds_State>" state \
  "</Ds_State><Ds_Response>0900</Ds_Response></Response>"
#define EARLY "2023-11-14" /* the day of the refund */
#define LATE "2023-11-15"

static const struct {
  const char *flow;
  const char *entries;
  const char *status;
  const char *reading;
} lists[] = {
    {"refund_sync", "", "pending", ""},
    {"refund_sync", "<ErrorMsg><Ds_ErrorCode>XML0024</Ds_ErrorCode></ErrorMsg>", "pending", "absent"},
    {"refund_sync", "<ErrorMsg><Ds_ErrorCode>XML0016</Ds_ErrorCode></ErrorMsg>", "pending", "in_progress"},
    {"refund_sync", ENTRY("500", EARLY, "0900"), "success", "status"},
    {"refund_sync", ENTRY("500", LATE, "0190"), "failure", "status"},
    {"refund_sync", ENTRY("400", LATE, "0900"), "pending", "absent"},
    {"refund_sync", ENTRY("", LATE, "0900"), "pending", "in_progress"},
    {"refund_sync", OTHER("1235", "3", "978", "F"), "pending", "absent"},
    {"refund_sync", OTHER("1234", "0", "978", "F"), "pending", "absent"},
    {"refund_sync", OTHER("1234", "3", "840", "F"), "pending", "absent"},
    {"refund_sync", OTHER("1234", "3", "", "F"), "pending", "in_progress"},
    {"refund_sync", OTHER("1234", "3", "978", ""), "pending", "in_progress"}, /* when? */
    {"refund_sync", OTHER("1234", "3", "978", "P</Ds_State><Ds_Date>" LATE "</Ds_Date><Ds_State>"), "pending",
     "status"}, /* not finished */
    {"refund_sync", OTHER("1234", "3", "978", "</Ds_State><Ds_Date>" LATE "</Ds_Date><Ds_State>"), "success", "status"},
    /* the latest, in any order; refunds of other amounts do not count */
    {"refund_sync", ENTRY("500", EARLY, "0190") ENTRY("500", LATE, "0900") ENTRY("400", LATE, "0950"), "success",
     "status"},
    {"refund_sync", ENTRY("500", LATE, "0900") ENTRY("500", EARLY, "0190"), "success", "status"},
    {"refund_sync", ENTRY("500", LATE, "9999") ENTRY("500", EARLY, "0190"), "pending", "status"},
    {"refund_sync", ENTRY("500", LATE, "0190") ENTRY("400", LATE, "0900"), "failure", "status"},
    /* which of them is ours? */
    {"refund_sync", ENTRY("500", EARLY, "0900") ENTRY("500", LATE, "0900"), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", EARLY, "0900") ENTRY("500", LATE, "0190"), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", EARLY, "9999") ENTRY("500", LATE, "0900"), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", EARLY, "0900") ENTRY("", LATE, ""), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", LATE, "0190") ENTRY("500", EARLY, "0950"), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", "", "0190") ENTRY("500", EARLY, "0900"), "pending", "in_progress"},
    /* one from before ours, whose id is the order's as well; zones part the days */
    {"refund_sync", ENTRY("500", "2023-11-12", "0900"), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", "2023-11-13", "0900"), "success", "status"},
    {"refund_sync", ENTRY("500", "2023-11-13", "0190"), "pending", "in_progress"},
    {"refund_sync", ENTRY("500", EARLY, "0190"), "failure", "status"},
    {"refund_sync", ENTRY("500", EARLY, "0190") ENTRY("500", "2023-11-12", "0950"), "pending", "in_progress"},
    /* one that may never have arrived */
    {"refund_lookup", ENTRY("500", EARLY, "0900"), "success", "status"},
    {"refund_lookup", ENTRY("500", "2023-11-13", "0900"), "success", "status"},
    {"refund_lookup", ENTRY("500", "2023-11-12", "0900"), "pending", "in_progress"},
    {"refund_lookup", ENTRY("500", LATE, "0190"), "pending", "in_progress"},
    {"refund_lookup", ENTRY("400", LATE, "0900"), "pending", "absent"},
    {"refund_lookup", ENTRY("500", EARLY, "0900") ENTRY("500", LATE, "0900"), "pending", "in_progress"},
};

static struct run list(const struct place *place, const char *flow, const char *entries) {
  char body[2048];
  snprintf(body, sizeof body,
           "<Envelope><Body><consultaOperacionesResponse><consultaOperacionesReturn><![CDATA[<Messages><Version>"
           "<Message>%s</Message></Version></Messages>]]></consultaOperacionesReturn></consultaOperacionesResponse>"
           "</Body></Envelope>",
           entries);
  cJSON *line = cJSON_CreateObject();
  cJSON *refund = cJSON_AddObjectToObject(line, "request");
  cJSON *response = cJSON_AddObjectToObject(line, "response");
  cJSON_AddStringToObject(refund, "refund_id", "r_001");
  cJSON_AddStringToObject(refund, "connector_transaction_id", "1234");
  if (strcmp(flow, "refund_sync") == 0) cJSON_AddStringToObject(refund, "connector_refund_id", "1234");
  cJSON_AddNumberToObject(refund, "refund_amount", 500);
  cJSON_AddNumberToObject(refund, "payment_amount", 1000);
  cJSON_AddStringToObject(refund, "currency", "EUR");
  cJSON_AddNumberToObject(response, "status", 200);
  cJSON_AddStringToObject(response, "body", body);
  char *text = cJSON_PrintUnformatted(line);
  struct run result =
      run(place, text, "--plugins %s outcome --account a --flow %s --now 1700000000", PLUGINS_DIR, flow);
  cJSON_Delete(line);
  free(text);
  return result;
}

Test(redsys, takes_no_entry_of_a_list_for_ours_that_may_be_anothers, .timeout = 60) {
  struct place place = open_account(KEY);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    const cJSON *json = json_line(list(&place, lists[i].flow, lists[i].entries).out);
    cr_expect_str_eq(json_text(json, "refund_status"), lists[i].status, "%zu: %s", i, lists[i].entries);
    cr_expect_str_eq(json_text(json, "reading"), lists[i].reading, "%zu: %s", i, lists[i].entries);
  }
}

/* ---- What cannot be signed ---- */

static void expect_refused(struct run result, const char *field) {
  cr_expect_eq(result.status, 2, "%s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "error.field"), field, "%s", result.out);
}

Test(redsys, refuses_what_is_no_order_or_no_key) {
  struct place place = open_account(KEY);
  expect_refused(build(&place, "refund", "123", 1700000000), "connector_transaction_id");
  expect_refused(build(&place, "refund", "1234567890123", 1700000000), "connector_transaction_id");
  expect_refused(build(&place, "refund_sync", "123", 1700000000), "connector_transaction_id");
  place = open_account("c2hvcnQ=");
  expect_refused(build(&place, "refund", "1234", 1700000000), "sha256_pwd");
  place = open_account("not base64 at all, but of 24 bytes");
  expect_refused(build(&place, "refund", "1234", 1700000000), "sha256_pwd");
}
