/* 2C2P PACO, seen from the other side: what it finds in our requests, and what we believe of its answers. */
#include <criterion/criterion.h>
#include <string.h>

#include "plugins/cases_file.h"
#include "plugins/jose.h"

#define NOW 1700000000LL
#define CODE(code, text) "\"apiResponse\":{\"responseCode\":\"" code "\",\"responseDescription\":\"" text "\"}"
#define GOOD CODE("PC-B050000", "Success")
#define STATE(status, step) \
  "\"orderNo\":\"ORD1\",\"paymentStatusInfo\":{\"paymentStatus\":\"" status "\",\"paymentStep\":\"" step "\"}"
#define ANSWER(status, step) "{" GOOD ",\"data\":{\"paymentResult\":{" STATE(status, step) "}}}"

static struct place place;
static const cJSON *cases, *keys;

static void open_account(void) {
  place = place_make();
  cases = cases_read("twoc_twop_paco");
  keys = cJSON_GetObjectItem(cases, "test_keys");
  cases_account(&place, cases, NULL);
}

TestSuite(twoc_twop_paco, .init = open_account);

/* ---- What it finds in our requests ---- */

static cJSON *refund_with(const char *id, const char *currency, int amount, const char *metadata) {
  cJSON *refund = cJSON_CreateObject();
  cJSON_AddStringToObject(refund, "account", "case");
  cJSON_AddStringToObject(refund, "refund_id", id);
  cJSON_AddStringToObject(refund, "connector_transaction_id", "INV1");
  cJSON_AddNumberToObject(refund, "refund_amount", amount);
  cJSON_AddNumberToObject(refund, "payment_amount", amount);
  cJSON_AddStringToObject(refund, "currency", currency);
  cJSON_AddItemToObject(refund, "connector_metadata", cJSON_Parse(metadata));
  return refund;
}

static struct run show(const char *flow, cJSON *refund, long long now) {
  char *line = cJSON_PrintUnformatted(refund);
  struct run result =
      run(&place, line, "--plugins %s request --flow %s --now %lld --show-secrets", PLUGINS_DIR, flow, now);
  cJSON_free(line);
  cJSON_Delete(refund);
  return result;
}

static struct jose sent(cJSON *refund, long long now) {
  struct jose opened;
  struct run result = show("refund", refund, now);
  cr_assert(jose_open(keys, json_text(json_line(result.out), "body"), &opened), "%s%s", result.out, result.err);
  return opened;
}

#define ORDER "{\"original_order_no\":\"ORD1\"}"

Test(twoc_twop_paco, finds_who_sealed_and_signed_when_and_for_how_long) {
  struct jose opened = sent(refund_with("r_001", "PHP", 1000, ORDER), NOW);
  cr_expect_str_eq(json_text(opened.outer, "alg"), "RSA-OAEP");
  cr_expect_str_eq(json_text(opened.outer, "enc"), "A128CBC-HS256");
  cr_expect_str_eq(json_text(opened.outer, "kid"), json_text(cases, "account.paco_kid"));
  cr_expect_str_eq(json_text(opened.inner, "alg"), "PS256");
  cr_expect_eq(json_number(opened.claims, "iat"), NOW);
  cr_expect_eq(json_number(opened.claims, "nbf"), NOW);
  cr_expect_eq(json_number(opened.claims, "exp"), NOW + 300);
  cr_expect_str_eq(json_text(opened.claims, "request.apiRequest.requestDateTime"), "2023-11-14T22:13:20Z");
  cr_expect_str_eq(json_text(opened.claims, "request.localMakerChecker.maker.username"), "merchant");
  jose_close(&opened);
}

Test(twoc_twop_paco, finds_one_message_id_a_refund) {
  static const char path[] = "request.apiRequest.requestMessageID";
  struct jose one = sent(refund_with("r_001", "PHP", 1000, ORDER), NOW);
  struct jose again = sent(refund_with("r_001", "PHP", 1000, ORDER), NOW + 100);
  struct jose other = sent(refund_with("r_002", "PHP", 1000, ORDER), NOW);
  cr_expect_eq(strlen(json_text(one.claims, path)), 36);
  cr_expect_eq(json_text(one.claims, path)[14], '5', "a UUID of version 5");
  cr_expect_str_eq(json_text(one.claims, path), json_text(again.claims, path));
  cr_expect_str_neq(json_text(one.claims, path), json_text(other.claims, path));
  jose_close(&one);
  jose_close(&again);
  jose_close(&other);
}

Test(twoc_twop_paco, finds_a_description_of_fifty_characters_at_most) {
  cJSON *refund = refund_with("r_001", "PHP", 1000, ORDER);
  cJSON_AddStringToObject(refund, "reason", "\"é\" 6789 123456789 123456789 123456789 123456789 and more");
  struct jose opened = sent(refund, NOW);
  cr_expect_str_eq(json_text(opened.claims, "request.productDescription"),
                   "\"é\" 6789 123456789 123456789 123456789 123456789 a");
  jose_close(&opened);
}

Test(twoc_twop_paco, finds_amounts_with_as_many_decimals_as_the_currency_has) {
  static const struct {
    const char *currency;
    int amount;
    const char *found;
  } amounts[] = {
      {"JPY", 1000, "{\"amountText\":\"000000001000\",\"currencyCode\":\"JPY\",\"decimalPlaces\":0,\"amount\":1000}"},
      {"KRW", 1000, "{\"amountText\":\"000000001000\",\"currencyCode\":\"KRW\",\"decimalPlaces\":0,\"amount\":1000}"},
      {"KWD", 1230, "{\"amountText\":\"000000001230\",\"currencyCode\":\"KWD\",\"decimalPlaces\":3,\"amount\":1.230}"},
      {"BHD", 1230, "{\"amountText\":\"000000001230\",\"currencyCode\":\"BHD\",\"decimalPlaces\":3,\"amount\":1.230}"},
      {"IQD", 1231, "{\"amountText\":\"000000001231\",\"currencyCode\":\"IQD\",\"decimalPlaces\":3,\"amount\":1.231}"},
      {"PHP", 1, "{\"amountText\":\"000000000001\",\"currencyCode\":\"PHP\",\"decimalPlaces\":2,\"amount\":0.01}"},
  };
  for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
    struct jose opened = sent(refund_with("r_001", amounts[i].currency, amounts[i].amount, ORDER), NOW);
    cr_expect_not_null(strstr(opened.text, amounts[i].found), "%s", opened.text);
    jose_close(&opened);
  }
}

Test(twoc_twop_paco, gets_nothing_that_it_could_not_take) {
  cJSON *long_one = refund_with("r_001", "PHP", 0, ORDER);
  cJSON_ReplaceItemInObject(long_one, "refund_amount", cJSON_CreateNumber(1e12));
  cJSON_ReplaceItemInObject(long_one, "payment_amount", cJSON_CreateNumber(1e12));
  const struct {
    const char *flow;
    cJSON *refund;
    const char *field;
  } refused[] = {
      {"refund", refund_with("r_001", "PHP", 1000, "{\"maker_id\":\"ops\"}"), "connector_metadata/original_order_no"},
      {"refund_sync", refund_with("r_001", "PHP", 1000, "{}"), "connector_metadata/original_order_no"},
      {"refund", refund_with("r_001", "CLF", 10001, ORDER), "currency"},
      {"refund", long_one, "refund_amount"},
  };
  cJSON_AddStringToObject(refused[1].refund, "connector_refund_id", "INV2");
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    struct run result = show(refused[i].flow, refused[i].refund, NOW);
    cr_expect_eq(result.status, 2, "%s", result.out);
    cr_expect_str_eq(json_text(json_line(result.out), "error.field"), refused[i].field, "%s", result.out);
  }
}

Test(twoc_twop_paco, gets_nothing_by_a_wrong_key) {
  static const char *const fields[] = {"merchant_signing_private_key", "paco_encryption_public_key"};
  for (size_t i = 0; i < 2; i++) {
    cJSON *changed = cJSON_Duplicate(cases, true);
    cJSON *account = cJSON_GetObjectItem(changed, "account");
    cJSON_ReplaceItemInObject(account, fields[i], cJSON_CreateString("-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"));
    cases_account(&place, changed, NULL);
    struct run result = show("refund", refund_with("r_001", "PHP", 1000, ORDER), NOW);
    cr_expect_eq(result.status, 2, "%s", result.out);
    cr_expect_str_eq(json_text(json_line(result.out), "error.field"), fields[i], "%s", result.out);
    cJSON_Delete(changed);
  }
}

Test(twoc_twop_paco, takes_a_password_where_there_is_one, .init = open_account) {
  cJSON *changed = cJSON_Duplicate(cases, true);
  cJSON *account = cJSON_GetObjectItem(changed, "account");
  cJSON_AddStringToObject(account, "username", "u");
  cJSON_AddStringToObject(account, "password", "p");
  cases_account(&place, changed, NULL);
  struct run result = show("refund", refund_with("r_001", "PHP", 1000, ORDER), NOW);
  cr_expect_str_eq(json_text(json_line(result.out), "headers.authorization"), "Basic dTpw", "%s", result.out);
  cJSON_Delete(changed);
}

/* ---- What we believe of its answers ---- */

static const cJSON *read_answer_of(int amount, const char *flow, int http, const char *body) {
  cJSON *line = cJSON_CreateObject();
  cJSON *refund = refund_with("r_001", "PHP", amount, ORDER);
  cJSON_SetNumberValue(cJSON_GetObjectItem(refund, "payment_amount"), 1000);
  if (strcmp(flow, "refund_sync") == 0) cJSON_AddStringToObject(refund, "connector_refund_id", "INV2");
  cJSON_AddItemToObject(line, "request", refund);
  cJSON *response = cJSON_AddObjectToObject(line, "response");
  cJSON_AddNumberToObject(response, "status", http);
  cJSON_AddStringToObject(response, "body", body);
  char *text = cJSON_PrintUnformatted(line);
  struct run result = run(&place, text, "--plugins %s outcome --flow %s --now %lld", PLUGINS_DIR, flow, NOW);
  cJSON_free(text);
  cJSON_Delete(line);
  return json_line(result.out);
}

static const cJSON *read_answer(const char *flow, int http, const char *body) {
  return read_answer_of(1000, flow, http, body);
}

static void expect_reading(const cJSON *got, const char *status, const char *reading, const char *code,
                           const char *what) {
  char *text = cJSON_PrintUnformatted(got);
  cr_expect_str_eq(json_text(got, "refund_status"), status, "%s: %s", what, text);
  cr_expect_str_eq(json_text(got, "reading"), reading, "%s: %s", what, text);
  cr_expect_str_eq(json_text(got, "error.code"), code, "%s: %s", what, text);
  cJSON_free(text);
}

#define UNREAD "pending", "", "RESPONSE_DESERIALIZATION_FAILED"

static char *sealed(const char *audience, long long not_before, long long expiry, const char *content) {
  char claims[2048];
  snprintf(claims, sizeof claims, "{\"iss\":\"PacoIssuer\",\"aud\":\"%s\",\"nbf\":%lld,\"exp\":%lld,\"response\":%s}",
           audience, not_before, expiry, content);
  return jose_seal(keys, claims);
}

static char *sealed_now(const char *content) {
  return sealed(json_text(cases, "account.access_token"), NOW, NOW + 3600, content);
}

Test(twoc_twop_paco, is_read_by_the_state_of_the_order) {
  static const struct {
    int http;
    const char *content;
    const char *status;
    const char *reading;
    const char *code;
  } answers[] = {
      {200, ANSWER("R", "RF"), "success", "status", ""},
      {200, ANSWER("R", "RP"), "pending", "status", ""},
      {200, ANSWER("R", "RP2"), "pending", "status", ""},
      {200, ANSWER("R", "RP3"), "pending", "status", ""},
      {200, ANSWER("P", "RP"), "pending", "status", ""},
      {200, ANSWER("R", "RR"), "pending", "status", ""},
      {200, ANSWER("R", "RE"), "pending", "status", ""},
      {200, ANSWER("F", "RJ"), "failure", "status", "F,RJ"},
      {200, ANSWER("F", "PT"), "pending", "status", ""},
      {200, ANSWER("F", "SE"), "pending", "status", ""},
      {200, ANSWER("S", "RF"), "pending", "status", ""},
      {202, ANSWER("R", "RF"), "pending", "status", ""}, /* of an earlier refund: this one waits for approval */
      {202, "{" GOOD "}", "pending", "status", ""},
      {200, "{" GOOD "}", "pending", "status", ""},
      {200, "{" CODE("PC-B050001", "Payment is pending") "}", "pending", "status", "PC-B050001"},
      {200, "{" CODE("PC-B059999", "?") "}", "pending", "status", "PC-B059999"},
      {200, "{" CODE("PC-B059999", "?") ",\"data\":{" STATE("R", "RF") "}}", "pending", "status", "PC-B059999"},
      {200, "{" GOOD ",\"data\":{\"paymentIncompleteResult\":{" STATE("R", "RF") "}}}", "success", "status", ""},
      {200, "{" GOOD ",\"data\":{" STATE("F", "PR") ",\"pspResponse\":{\"responseCode\":\"51\"}}}", "failure", "status",
       "51"},
      {200,
       "{" GOOD ",\"data\":{\"orderNo\":\"ORD2\",\"paymentStatusInfo\":{\"paymentStatus\":\"R\",\"paymentStep\":"
       "\"RF\"}}}",
       UNREAD},
      {200, "{\"data\":{}}", UNREAD},
      {200, "{" CODE("PC-B051111", "Duplicate Request Message Id") "}", "pending", "duplicate", "PC-B051111"},
      {400, "{" CODE("PC-B051111", "duplicate message") "}", "pending", "duplicate", "PC-B051111"},
      {400, "{" CODE("PC-B051112", "Order not found") "}", "failure", "rejected", "PC-B051112"},
      {400, ANSWER("R", "RF"), UNREAD},
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    char *body = sealed_now(answers[i].content);
    expect_reading(read_answer("refund", answers[i].http, body), answers[i].status, answers[i].reading, answers[i].code,
                   answers[i].content);
    free(body);
  }
}

Test(twoc_twop_paco, is_believed_for_its_time_and_for_us_only) {
  const char *us = json_text(cases, "account.access_token");
  const struct {
    const char *audience;
    long long not_before, expiry;
    const char *status;
  } answers[] = {
      {us, NOW + 660, NOW + 4000, "success"}, /* answered after the longest timeout, by a clock before ours */
      {us, NOW - 400, NOW - 60, "success"},   {us, NOW + 661, NOW + 4000, "pending"},
      {us, NOW - 400, NOW - 61, "pending"},   {"PacoAudience", NOW, NOW + 300, "pending"},
      {"", NOW, NOW + 300, "pending"},
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    char *body = sealed(answers[i].audience, answers[i].not_before, answers[i].expiry, ANSWER("R", "RF"));
    cr_expect_str_eq(json_text(read_answer("refund", 200, body), "refund_status"), answers[i].status, "answer %zu", i);
    free(body);
  }
  char claims[256];
  snprintf(claims, sizeof claims, "{\"aud\":\"%s\",\"response\":" ANSWER("R", "RF") "}", us);
  char *timeless = jose_seal(keys, claims);
  expect_reading(read_answer("refund", 200, timeless), UNREAD, "without exp");
  free(timeless);
}

Test(twoc_twop_paco, is_not_believed_unsigned_or_by_another_key) {
  cJSON *forged = cJSON_CreateObject();
  char claims[512];
  snprintf(claims, sizeof claims, "{\"aud\":\"%s\",\"exp\":%lld,\"response\":" ANSWER("R", "RF") "}",
           json_text(cases, "account.access_token"), NOW + 300);
  cJSON_AddStringToObject(forged, "x_signing_private_key", json_text(cases, "account.merchant_signing_private_key"));
  cJSON_AddStringToObject(forged, "x_encryption_public_key", json_text(keys, "merchant_encryption_public_key"));
  char *by_another = jose_seal(forged, claims);
  char *right = jose_seal(keys, claims);
  expect_reading(read_answer("refund", 200, right), "success", "status", "", "the right key");
  expect_reading(read_answer("refund", 200, by_another), UNREAD, "another key");
  expect_reading(read_answer("refund", 200, ANSWER("R", "RF")), UNREAD, "plain JSON");
  expect_reading(read_answer("refund", 200, "{" CODE("PC-B051111", "no") "}"), UNREAD, "plain JSON");
  expect_reading(read_answer("refund", 400, "{\"error\":\"E1\",\"message\":\"no\"}"), "failure", "rejected", "E1", "");
  expect_reading(read_answer("refund", 400, "{\"message\":\"Duplicate\"}"), "pending", "duplicate", "", "");
  expect_reading(read_answer("refund", 401, "{\"message\":\"Access Denied\"}"), "failure", "rejected", "", "");
  expect_reading(read_answer("refund", 400, "{\"message\":\"Upstream timeout\"}"), "pending", "in_progress", "", "");
  expect_reading(read_answer("refund", 404, "{\"message\":\"no Route matched\"}"), "pending", "in_progress", "", "");
  expect_reading(read_answer("refund", 400, "{}"), UNREAD, "{}");
  expect_reading(read_answer("refund", 400, "<html>"), UNREAD, "<html>");
  free(by_another);
  free(right);
  cJSON_Delete(forged);
}

/* The account is refused, not the refund: what else the answer says is not about it. */
Test(twoc_twop_paco, denies_access_to_the_account) {
  static const char body[] = "{" CODE("PC-B051113", "Access Denied") ",\"data\":{\"invoiceNo2C2P\":\"INV2\"}}";
  static const char other[] = "{" CODE("PC-B051113", "Not settled") ",\"data\":{\"invoiceNo2C2P\":\"INV2\"}}";
  cr_expect_str_eq(json_text(read_answer("refund", 400, body), "connector_refund_id"), "");
  cr_expect_str_eq(json_text(read_answer("refund", 400, other), "connector_refund_id"), "INV2");
}

Test(twoc_twop_paco, may_stand_in_quotes_and_blanks) {
  char body[8192];
  char *jwe = sealed_now(ANSWER("R", "RF"));
  snprintf(body, sizeof body, " \"%s\"\r\n", jwe);
  expect_reading(read_answer("refund", 200, body), "success", "status", "", "in quotes");
  free(jwe);
}

/* It may echo our message id: then it has to be ours. */
Test(twoc_twop_paco, answers_our_message) {
  static const char *const ids[] = {"29B79E5F-d163-58c0-a436-e625236b69a0", "29b79e5f-d163-58c0-a436-e625236b69a1"};
  for (size_t i = 0; i < 2; i++) {
    char content[512];
    snprintf(content, sizeof content,
             "{\"apiResponse\":{\"responseCode\":\"PC-B050000\",\"responseToRequestMessageId\":\"%s\"},\"data\":{%s}}",
             ids[i], STATE("R", "RF"));
    char *body = sealed_now(content);
    expect_reading(read_answer("refund", 200, body), i == 0 ? "success" : "manual_review", "status", "", ids[i]);
    free(body);
  }
}

Test(twoc_twop_paco, is_asked_for_the_order) {
  static const struct {
    int http;
    const char *body;
    const char *status;
    const char *reading;
  } answers[] = {
      {200, "{" GOOD ",\"data\":[{" STATE("R", "RF") "}]}", "success", "status"},
      {200, "{" GOOD ",\"data\":{" STATE("R", "RR") "}}", "pending", "status"},
      {200, "{" GOOD ",\"data\":{" STATE("A", "PA") "}}", "pending", "status"},
      {200, "{" GOOD ",\"data\":[]}", "pending", "status"},
      {200, "{" GOOD ",\"data\":{" STATE("F", "PR") "}}", "pending", "status"}, /* of the order */
      {400, "{" CODE("PC-B051112", "Order not found") "}", "pending", "rejected"},
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    const cJSON *got = read_answer("refund_sync", answers[i].http, answers[i].body);
    cr_expect_str_eq(json_text(got, "refund_status"), answers[i].status, "%s", answers[i].body);
    cr_expect_str_eq(json_text(got, "reading"), answers[i].reading, "%s", answers[i].body);
    cr_expect_str_eq(json_text(got, "connector_refund_id"), "INV2", "%s", answers[i].body);
  }
}

/* The order's state is not that of a refund of a part. */
Test(twoc_twop_paco, is_asked_for_an_order_that_is_refunded_in_part) {
  static const char body[] = "{" GOOD ",\"data\":[{" STATE("R", "RF") "}]}";
  expect_reading(read_answer_of(400, "refund_sync", 200, body), "manual_review", "status", "", "R,RF");
}
