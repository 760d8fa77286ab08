/* TrustPay's API for banks: which requests go to it, and answers that could be taken for what they are not. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/program.h"

#define REFUND(method)                                                                                            \
  "{\"refund_id\":\"r_001\",\"account\":\"a\",\"connector_transaction_id\":\"9000000001\",\"refund_amount\":405," \
  "\"payment_amount\":1000,\"currency\":\"EUR\",\"connector_metadata\":{\"payment_method\":" method "}"

static struct place place;

static void setup(void) {
  place = place_make();
  place_write(&place, "accounts.json",
              "{\"accounts\":{\"a\":{\"connector\":\"trustpay\",\"environment\":\"production\",\"credentials\":{"
              "\"api_key\":\"tp_key\",\"project_id\":\"4107000000\",\"secret_key\":\"tp_secret\"}}}}",
              0600);
}

TestSuite(trustpay, .init = setup);

static const cJSON *request(const char *refund) {
  struct run result = run(&place, refund, "--plugins %s request --access-token t --show-secrets", PLUGINS_DIR);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return json_line(result.out);
}

/* A credential of one API never goes to the host of the other; a repeat has the same body. */
Test(trustpay, sends_to_the_api_that_the_payment_came_by) {
  static const char *const of_banks[] = {REFUND("\"bank_redirect\"") "}", REFUND("\"bank_transfer\"") "}",
                                         REFUND("\"Bank_Redirect\"") "}"};
  static const char *const of_cards[] = {REFUND("\"card\"") "}", REFUND("null") "}", REFUND("{}") "}",
                                         REFUND("\"BANK\"") "}"};
  for (size_t i = 0; i < sizeof of_banks / sizeof *of_banks; i++) {
    const cJSON *sent = request(of_banks[i]);
    cr_expect_str_eq(json_text(sent, "url"), "https://aapi.trustpay.eu/api/Payments/Payment/9000000001/Refund");
    cr_expect_str_eq(json_text(sent, "headers.authorization"), "Bearer t");
    cr_expect_str_eq(json_text(sent, "headers.x-api-key"), "");
    cr_expect_str_eq(json_text(request(of_banks[i]), "body"), json_text(sent, "body"));
  }
  for (size_t i = 0; i < sizeof of_cards / sizeof *of_cards; i++) {
    const cJSON *sent = request(of_cards[i]);
    cr_expect_str_eq(json_text(sent, "url"), "https://tpgw.trustpay.eu/api/v1/Refund", "%s", of_cards[i]);
    cr_expect_str_eq(json_text(sent, "headers.x-api-key"), "tp_key");
    cr_expect_str_eq(json_text(sent, "headers.authorization"), "");
    cr_expect_str_eq(json_text(request(of_cards[i]), "body"), json_text(sent, "body"));
  }
}

#define RESULT(code, rest) "{\"ResultInfo\":{\"ResultCode\":" code ",\"AdditionalInfo\":\"name\"}" rest "}"
#define PAYMENT(status, reference, amount)                                                    \
  "{\"PaymentInformation\":{\"Status\":\"" status                                             \
  "\",\"References\":{\"PaymentRequestId\":\"9000000555\",\"MerchantReference\":\"" reference \
  "\"},\"Amount\":{\"Amount\":" amount                                                        \
  ",\"Currency\":\"EUR\"},\"StatusReasonInformation\":{\"Reason\":"                           \
  "{\"Code\":\"AC04\",\"RejectReason\":\"closed\"}}}}"

static const struct {
  const char *flow;
  int http_status;
  const char *body;
  const char *refund_status;
  const char *reading; /* "" for none */
  const char *code;    /* of the error */
} answers[] = {
    {"refund", 200, RESULT("1001000", ",\"PaymentRequestId\":9000000555"), "success", "status", ""},
    {"refund", 200, RESULT("1001000", ""), "pending", "in_progress", "1001000"},
    {"refund", 200, RESULT("1130001", ""), "pending", "in_progress", "1130001"},
    {"refund", 200, RESULT("1001000", ",\"PaymentRequestId\":9000000001"), "pending", "status", ""}, /* the payment's */
    {"refund", 200, RESULT("1199999", ",\"PaymentRequestId\":9000000555"), "pending", "status", ""},
    {"refund", 400, RESULT("1199999", ""), "pending", "in_progress", "1199999"},
    {"refund", 200, RESULT("1132004", ",\"PaymentRequestId\":9000000555"), "failure", "status", "1132004"},
    {"refund", 200, RESULT("1133002", ""), "failure", "rejected", "1133002"},
    {"refund", 400, RESULT("1133002", ""), "failure", "rejected", "1133002"},
    {"refund", 200, RESULT("1133000", ""), "failure", "rejected", "1133000"},
    {"refund", 401, RESULT("1199999", ""), "failure", "refused_before_processing", "1199999"},
    {"refund", 200, "{\"PaymentRequestId\":9000000555}", "pending", "status", ""},
    {"refund", 200, "{\"status\":1,\"instanceId\":\"x\",\"paymentStatus\":\"000.000.000\"}", "pending", "",
     "RESPONSE_DESERIALIZATION_FAILED"},
    {"refund_sync", 200, PAYMENT("Paid", "r_001", "4.05"), "success", "status", ""},
    {"refund_sync", 200, PAYMENT("Paid", "r_001", "4.06"), "manual_review", "status", ""},
    {"refund_sync", 200, PAYMENT("Paid", "r_002", "4.05"), "manual_review", "status", ""},
    {"refund_sync", 200, PAYMENT("Rejected", "r_001", "4.05"), "failure", "status", "AC04"},
    {"refund_sync", 200, PAYMENT("Authorized", "r_001", "4.05"), "pending", "status", ""},
    {"refund_sync", 200, PAYMENT("Settled", "r_001", "4.05"), "pending", "status", ""},
    {"refund_sync", 404, RESULT("1133002", ""), "pending", "absent", ""},
    {"refund_sync", 404, "{\"ResultInfo\":{}}", "pending", "", "RESPONSE_DESERIALIZATION_FAILED"},
    {"refund_sync", 200, RESULT("1132005", ""), "pending", "rejected", "1132005"},
};

Test(trustpay, reads_no_more_than_the_answer_says) {
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    bool is_sync = strcmp(answers[i].flow, "refund_sync") == 0;
    const char *id = is_sync ? ",\"connector_refund_id\":\"9000000555\"}" : "}";
    char refund[600];
    snprintf(refund, sizeof refund, REFUND("\"bank_redirect\"") "%s", id);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddItemToObject(line, "request", cJSON_Parse(refund));
    cJSON *response = cJSON_AddObjectToObject(line, "response");
    cJSON_AddNumberToObject(response, "status", answers[i].http_status);
    cJSON_AddStringToObject(response, "body", answers[i].body);
    char *text = cJSON_PrintUnformatted(line);
    const cJSON *json =
        json_line(run(&place, text, "--plugins %s outcome --flow %s", PLUGINS_DIR, answers[i].flow).out);
    cr_expect_str_eq(json_text(json, "refund_status"), answers[i].refund_status, "%zu: %s", i, answers[i].body);
    cr_expect_str_eq(json_text(json, "reading"), answers[i].reading, "%zu: %s", i, answers[i].body);
    cr_expect_str_eq(json_text(json, "error.code"), answers[i].code, "%zu: %s", i, answers[i].body);
    free(text);
    cJSON_Delete(line);
  }
}
