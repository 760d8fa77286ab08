/* CyberSource's API, over the wire. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

#define PATH "/pts/v2/payments/pay_1/refunds"
#define BODY(currency, value)                                                                        \
  "{\"orderInformation\":{\"amountDetails\":{\"totalAmount\":\"" value "\",\"currency\":\"" currency \
  "\"}},\"clientReferenceInformation\":{\"code\":\"r1\"}}"
#define QUERY(text) "{\"save\":false,\"query\":\"" text "\",\"offset\":0,\"limit\":100,\"sort\":\"submitTimeUtc:desc\"}"
#define FOUND "_embedded/transactionSummaries/0/"

static const char signature[] = "Signature: keyid=\"k\", algorithm=\"HmacSHA256\", signature=\"x\"";
static const char full[] = BODY("USD", "4.00");
static const char query[] = QUERY("clientReferenceInformation.code:r1");

static struct response *call(const struct simulator *simulator, const char *method, const char *path,
                             const char *body) {
  return client_request(simulator, method, path, HEADERS(signature, "Idempotency-Key: same"), body);
}

static void expect(const struct simulator *simulator, const char *method, const char *path, const char *body,
                   long status, const char *member, const char *text) {
  struct response *response = call(simulator, method, path, body);
  cr_expect_eq(response->status, status, "%s %s: %ld %s", path, body, response->status, response->body);
  cr_expect_str_eq(client_text(response, member), text, "%s %s: %s", path, body, response->body);
  client_free(response);
}

Test(cybersource, a_refund_is_made_asked_for_and_found) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *made = call(simulator, "POST", PATH, full);
  cr_assert_eq(made->status, 201, "%s", made->body);
  cr_expect_str_eq(client_text(made, "status"), "PENDING");
  cr_expect_str_eq(client_text(made, "refundAmountDetails/refundAmount"), "4.00");
  cr_expect_str_eq(client_text(made, "refundAmountDetails/currency"), "USD");
  cr_expect_str_eq(client_text(made, "clientReferenceInformation/code"), "r1");
  char path[128];
  snprintf(path, sizeof path, "/tss/v2/transactions/%s", client_text(made, "id"));
  expect(simulator, "GET", path, NULL, 200, "applicationInformation/status", "TRANSMITTED");
  expect(simulator, "GET", "/tss/v2/transactions/no", NULL, 404, "errors/0/type", "notFound");
  struct response *found = call(simulator, "POST", "/tss/v2/searches", query);
  cr_expect_eq(found->status, 201);
  cr_expect_str_eq(client_text(found, FOUND "id"), client_text(made, "id"));
  cr_expect_str_eq(client_text(found, FOUND "applicationInformation/applications/0/name"), "ics_credit");
  cr_expect_str_eq(client_text(found, FOUND "applicationInformation/applications/0/rCode"), "1");
  cr_expect_str_eq(client_text(found, FOUND "orderInformation/amountDetails/totalAmount"), "4.00");
  cr_expect_str_eq(client_text(found, "totalCount"), "1");
  client_free(made);
  client_free(found);
  simulator_stop(simulator);
}

Test(cybersource, a_repeat_is_another_refund) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  expect(simulator, "POST", PATH, full, 201, "status", "PENDING");
  expect(simulator, "POST", PATH, full, 201, "status", "PENDING");
  expect(simulator, "POST", PATH, full, 400, "reason", "INVALID_AMOUNT");
  expect(simulator, "POST", "/tss/v2/searches", query, 201, "count", "2");
  cr_expect_eq(client_books(simulator, "payments/0/refunded"), 800);
  simulator_stop(simulator);
}

Test(cybersource, searches_find_exactly_what_they_ask_for) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  expect(simulator, "POST", PATH, full, 201, "status", "PENDING");
  expect(simulator, "POST", "/tss/v2/searches", QUERY("clientReferenceInformation.code:\\\"r1\\\""), 201, "count", "1");
  expect(simulator, "POST", "/tss/v2/searches", QUERY("clientReferenceInformation.code:r"), 201, "count", "0");
  expect(simulator, "POST", "/tss/v2/searches", QUERY("clientReferenceInformation.code:"), 400, "details/0/field",
         "query");
  expect(simulator, "POST", "/tss/v2/searches", QUERY("id:r1"), 400, "reason", "INVALID_DATA");
  expect(simulator, "POST", "/tss/v2/searches", "{\"query\":\"clientReferenceInformation.code:r1\"}", 400, "reason",
         "MISSING_FIELD");
  expect(simulator, "POST", "/tss/v2/searches", "", 400, "reason", "INVALID_DATA");
  simulator_stop(simulator);
}

Test(cybersource, refusals_have_cybersources_form) {
  static const struct {
    const char *path, *body;
    long status;
    const char *member, *text;
  } cases[] = {
      {"/pts/v2/payments/no/refunds", BODY("USD", "1.00"), 404, "errors/0/type", "notFound"},
      {"/pts/v2/payments/none/refunds", BODY("USD", "1.00"), 400, "reason", "INVALID_AMOUNT"},
      {PATH, BODY("EUR", "1.00"), 400, "reason", "INVALID_DATA"},
      {PATH, BODY("USD", "1.001"), 400, "details/0/field", "orderInformation.amountDetails.totalAmount"},
      {PATH, BODY("USD", "0.00"), 400, "reason", "INVALID_DATA"},
      {PATH, "{}", 400, "reason", "MISSING_FIELD"},
      {PATH, "x", 400, "status", "INVALID_REQUEST"},
  };
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("none=0:USD")});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect(simulator, "POST", cases[i].path, cases[i].body, cases[i].status, cases[i].member, cases[i].text);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

Test(cybersource, requests_must_be_signed) {
  static const struct {
    const char *header;
    long status;
  } cases[] = {{signature, 404},
               {"Authorization: Bearer a.b.c", 404},
               {"Authorization: Bearer revoked", 401},
               {"Signature: keyid=\"revoked\", signature=\"x\"", 401},
               {"Signature: keyid=\"k\"", 401},
               {"Signature: x", 401},
               {"X: y", 401}};
  struct simulator *simulator = client_start((struct simulator_options){0});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct response *response =
        client_request(simulator, "GET", "/tss/v2/transactions/x", HEADERS(cases[i].header), NULL);
    cr_expect_eq(response->status, cases[i].status, "%s: %ld", cases[i].header, response->status);
    if (cases[i].status == 401) cr_expect_str_eq(client_text(response, "response/rmsg"), "Authentication Failed");
    client_free(response);
  }
  simulator_stop(simulator);
}

Test(cybersource, a_failed_refund_is_declined_everywhere) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("failed")});
  struct response *made = call(simulator, "POST", PATH, full);
  cr_expect_eq(made->status, 201);
  cr_expect_str_eq(client_text(made, "status"), "DECLINED");
  cr_expect_str_eq(client_text(made, "errorInformation/reason"), "PROCESSOR_DECLINED");
  expect(simulator, "POST", "/tss/v2/searches", query, 201, FOUND "applicationInformation/applications/0/rCode", "0");
  client_free(made);
  simulator_stop(simulator);
}
