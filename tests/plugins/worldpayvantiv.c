/* A credit's id at Worldpay eComm: what goes out is what is looked up, and what an answer is compared with. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <string.h>

#include "support/program.h"

static struct place place;

static void open_account(const char *more) {
  char text[512];
  place = place_make();
  snprintf(text, sizeof text,
           "{\"accounts\":{\"a\":{\"connector\":\"worldpayvantiv\",\"environment\":\"sandbox\",%s\"credentials\":{"
           "\"user\":\"u\",\"password\":\"p\",\"merchant_id\":\"0180\"}}}}",
           more);
  place_write(&place, "accounts.json", text, 0600);
}

static cJSON *refund_of(const char *refund_id) {
  cJSON *refund = cJSON_CreateObject();
  cJSON_AddStringToObject(refund, "account", "a");
  cJSON_AddStringToObject(refund, "refund_id", refund_id);
  cJSON_AddStringToObject(refund, "connector_transaction_id", "82911111111111111");
  cJSON_AddStringToObject(refund, "connector_refund_id", "8");
  cJSON_AddNumberToObject(refund, "refund_amount", 400);
  cJSON_AddNumberToObject(refund, "payment_amount", 1000);
  cJSON_AddStringToObject(refund, "currency", "USD");
  return refund;
}

static const cJSON *request(const char *flow, const char *refund_id) {
  cJSON *refund = refund_of(refund_id);
  struct run result = run(&place, cJSON_PrintUnformatted(refund), "--plugins %s request --flow %s", PLUGINS_DIR, flow);
  cr_assert_eq(result.status, 0, "%s", result.out);
  cJSON_Delete(refund);
  return json_line(result.out);
}

/* What the credit that carries this id says of the refund. */
static void expect_answer(const char *refund_id, const char *id, const char *status) {
  char body[400];
  cJSON *line = cJSON_CreateObject();
  snprintf(body, sizeof body,
           "<cnpOnlineResponse response=\"0\"><creditResponse id=\"%s\"><cnpTxnId>8</cnpTxnId><response>363</response>"
           "</creditResponse></cnpOnlineResponse>",
           id);
  cJSON_AddItemToObject(line, "request", refund_of(refund_id));
  cJSON *response = cJSON_AddObjectToObject(line, "response");
  cJSON_AddNumberToObject(response, "status", 200);
  cJSON_AddStringToObject(response, "body", body);
  struct run result = run(&place, cJSON_PrintUnformatted(line), "--plugins %s outcome", PLUGINS_DIR);
  cr_expect_str_eq(json_text(json_line(result.out), "refund_status"), status, "%s: %s", refund_id, result.out);
  cJSON_Delete(line);
}

static void expect_id(const char *refund_id, const char *id) {
  char part[100];
  const char *credit = json_text(request("refund", refund_id), "body");
  const char *query = json_text(request("refund_lookup", refund_id), "body");
  snprintf(part, sizeof part, "<credit id=\"%s\" ", id);
  cr_expect_not_null(strstr(credit, part), "%s: expected %s in %s", refund_id, part, credit);
  snprintf(part, sizeof part, "<origId>%s</origId>", id);
  cr_expect_not_null(strstr(query, part), "%s: expected %s in %s", refund_id, part, query);
  expect_answer(refund_id, id, "success");
  expect_answer(refund_id, "refund_other", "manual_review");
}

static void expect_digest(const char *refund_id) {
  unsigned char digest[32];
  char hex[65];
  cr_assert_eq(EVP_Digest(refund_id, strlen(refund_id), digest, NULL, EVP_sha256(), NULL), 1);
  for (size_t i = 0; i < sizeof digest; i++)
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  hex[36] = '\0';
  expect_id(refund_id, hex);
}

Test(worldpayvantiv, a_credit_has_an_id_of_36_characters_at_most, .timeout = 60) {
  open_account("");
  expect_id("r_001", "refund_r_001");
  expect_id("12345678901234567890123456789", "refund_12345678901234567890123456789");
  expect_digest("123456789012345678901234567890");
  expect_digest("123456789012345678901234567890123456");
  expect_digest("1234567890123456789012345678901234567");
  expect_digest("r 001/\xC3\xA4");
}

Test(worldpayvantiv, the_reporting_host_has_a_url_of_its_own) {
  open_account("\"base_url\":{\"api\":\"https://one.example/online\",\"lookup\":\"https://two.example\"},");
  cr_expect_str_eq(json_text(request("refund", "r1"), "url"), "https://one.example/online");
  cr_expect_str_eq(json_text(request("refund_lookup", "r1"), "url"), "https://one.example/online");
  cr_expect_str_eq(json_text(request("refund_sync", "r1"), "url"), "https://two.example/reports/dtrPaymentStatus/8");
}

Test(worldpayvantiv, a_report_group_that_is_too_long_is_refused) {
  place = place_make();
  place_write(&place, "accounts.json",
              "{\"accounts\":{\"a\":{\"connector\":\"worldpayvantiv\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"user\":\"u\",\"password\":\"p\",\"merchant_id\":\"M\",\"report_group\":\"12345678901234567890123456\""
              "}}}}",
              0600);
  cJSON *refund = refund_of("r1");
  struct run result = run(&place, cJSON_PrintUnformatted(refund), "--plugins %s request", PLUGINS_DIR);
  cr_expect_neq(result.status, 0);
  cr_expect_not_null(strstr(result.out, "report_group"), "%s", result.out);
  cJSON_Delete(refund);
}
