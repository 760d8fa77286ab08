/* PayPal's API, over the wire. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

#define PATH "/v2/payments/captures/pay_1/refund"
#define BODY(currency, value) "{\"amount\":{\"currency_code\":\"" currency "\",\"value\":\"" value "\"}}"

static const char grant[] = "grant_type=client_credentials";
static const char basic[] = "Authorization: Basic Y2lkOnNlY3JldA=="; /* cid:secret */

struct bearer {
  char header[128];
};

static struct bearer get_token(const struct simulator *simulator) {
  struct bearer bearer;
  struct response *response = client_request(simulator, "POST", "/v1/oauth2/token", HEADERS(basic), grant);
  cr_assert_eq(response->status, 200, "%s", response->body);
  cr_expect_str_eq(client_text(response, "token_type"), "Bearer");
  snprintf(bearer.header, sizeof bearer.header, "Authorization: Bearer %s", client_text(response, "access_token"));
  client_free(response);
  return bearer;
}

static struct response *post(const struct simulator *simulator, struct bearer bearer, const char *path, const char *key,
                             const char *body) {
  return client_request(simulator, "POST", path, HEADERS(bearer.header, "Prefer: return=representation", key), body);
}

static void expect(const struct simulator *simulator, const char *path, const char *body, long status,
                   const char *member, const char *text) {
  struct response *response = post(simulator, get_token(simulator), path, NULL, body);
  cr_expect_eq(response->status, status, "%s: %ld %s", body, response->status, response->body);
  cr_expect_str_eq(client_text(response, member), text, "%s: %s", body, response->body);
  client_free(response);
}

Test(paypal, a_refund_is_made_and_asked_for) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct bearer bearer = get_token(simulator);
  struct response *made = post(simulator, bearer, PATH, "PayPal-Request-Id: r1", BODY("USD", "4.00"));
  cr_assert_eq(made->status, 201, "%s", made->body);
  cr_expect_str_eq(client_text(made, "status"), "COMPLETED");
  cr_expect_str_eq(client_text(made, "amount/value"), "4.00");
  cr_expect_str_eq(client_text(made, "amount/currency_code"), "USD");
  char path[128];
  snprintf(path, sizeof path, "/v2/payments/refunds/%s", client_text(made, "id"));
  struct response *synced = client_request(simulator, "GET", path, HEADERS(bearer.header), NULL);
  cr_expect_eq(synced->status, 200);
  cr_expect_str_eq(synced->body, made->body);
  struct response *none = client_request(simulator, "GET", "/v2/payments/refunds/no", HEADERS(bearer.header), NULL);
  cr_expect_str_eq(client_text(none, "details/0/issue"), "INVALID_RESOURCE_ID");
  struct response *rest = client_request(simulator, "POST", PATH, HEADERS(bearer.header), "{}");
  cr_expect_eq(rest->status, 201);
  cr_expect_str_eq(client_text(rest, "amount/value"), "", "only what was asked for");
  cr_expect_eq(client_books(simulator, "payments/0/refunded"), 1000);
  client_free(made);
  client_free(synced);
  client_free(none);
  client_free(rest);
  simulator_stop(simulator);
}

Test(paypal, a_repeat_is_told_the_present_state) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("pending")});
  struct bearer bearer = get_token(simulator);
  struct response *made = post(simulator, bearer, PATH, "PayPal-Request-Id: r1", BODY("USD", "4.00"));
  cr_expect_str_eq(client_text(made, "status"), "PENDING");
  char path[128];
  snprintf(path, sizeof path, "/v2/payments/refunds/%s", client_text(made, "id"));
  for (int i = 0; i < 2; i++)
    client_free(client_request(simulator, "GET", path, HEADERS(bearer.header), NULL));
  struct response *again = post(simulator, bearer, PATH, "PayPal-Request-Id: r1", BODY("USD", "4.00"));
  cr_expect_eq(again->status, 200);
  cr_expect_str_eq(client_text(again, "status"), "COMPLETED");
  cr_expect_str_eq(client_text(again, "id"), client_text(made, "id"));
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  client_free(made);
  client_free(again);
  simulator_stop(simulator);
}

Test(paypal, what_was_refused_is_tried_anew) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct bearer bearer = get_token(simulator);
  for (int i = 0; i < 2; i++) {
    struct response *refused = post(simulator, bearer, PATH, "PayPal-Request-Id: r1", BODY("USD", "10.01"));
    cr_expect_eq(refused->status, 422);
    cr_expect_not(refused->replayed);
    client_free(refused);
  }
  simulator_stop(simulator);
}

Test(paypal, refusals_have_paypals_form) {
  static const struct {
    const char *path, *body;
    long status;
    const char *issue;
  } cases[] = {
      {"/v2/payments/captures/no/refund", BODY("USD", "1.00"), 404, "INVALID_RESOURCE_ID"},
      {"/v2/payments/captures/pay_2/refund", BODY("USD", "10.01"), 422, "REFUND_AMOUNT_EXCEEDED"},
      {"/v2/payments/captures/none/refund", BODY("USD", "1.00"), 422, "CAPTURE_FULLY_REFUNDED"},
      {PATH, BODY("EUR", "1.00"), 422, "REFUND_CAPTURE_CURRENCY_MISMATCH"},
      {PATH, BODY("USD", "1.001"), 400, "INVALID_PARAMETER_SYNTAX"},
      {PATH, BODY("USD", "0.00"), 400, "CANNOT_BE_ZERO_OR_NEGATIVE"},
      {PATH, BODY("HUF", "1.00"), 400, "DECIMALS_NOT_SUPPORTED"},
      {PATH, "{\"amount\":{\"value\":\"1.00\"}}", 400, "MISSING_REQUIRED_PARAMETER"},
      {PATH, "[", 400, "MALFORMED_REQUEST_JSON"},
  };
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("none=0:USD")});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect(simulator, cases[i].path, cases[i].body, cases[i].status, "details/0/issue", cases[i].issue);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

Test(paypal, amounts_are_major_units_of_paypals_decimals) {
  struct simulator *simulator =
      client_start((struct simulator_options){PAYMENTS("huf=50000:HUF", "jpy=500:JPY", "tnd=5000:TND")});
  expect(simulator, "/v2/payments/captures/huf/refund", BODY("HUF", "500"), 201, "amount/value", "500");
  expect(simulator, "/v2/payments/captures/jpy/refund", BODY("JPY", "500"), 201, "amount/value", "500");
  expect(simulator, "/v2/payments/captures/tnd/refund", BODY("TND", "5.000"), 201, "amount/value", "5.000");
  cr_expect_eq(client_books(simulator, "refunds/0/amount"), 50000);
  cr_expect_eq(client_books(simulator, "refunds/1/amount"), 500);
  cr_expect_eq(client_books(simulator, "refunds/2/amount"), 5000);
  simulator_stop(simulator);
}

static void expect_invalid_token(const struct simulator *simulator, struct bearer bearer) {
  struct response *refused = post(simulator, bearer, PATH, NULL, BODY("USD", "1.00"));
  cr_expect_eq(refused->status, 401, "%s", refused->body);
  cr_expect_str_eq(client_text(refused, "error"), "invalid_token");
  client_free(refused);
}

Test(paypal, a_token_must_have_been_issued_and_not_revoked) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct bearer bearer = get_token(simulator);
  get_token(simulator);
  expect_invalid_token(simulator, (struct bearer){"Authorization: Bearer A21AA0"});
  struct response *revoked = client_request(simulator, "POST", "/simulator/revoke-tokens", HEADERS("X: y"), "");
  cr_expect_str_eq(revoked->body, "{\"revoked\":2}");
  expect_invalid_token(simulator, bearer);
  expect(simulator, PATH, BODY("USD", "1.00"), 201, "status", "COMPLETED");
  client_free(revoked);
  simulator_stop(simulator);
}

Test(paypal, a_token_expires) {
  struct simulator *simulator = client_start((struct simulator_options){.token_lifetime = 1});
  struct response *token = client_request(simulator, "POST", "/v1/oauth2/token", HEADERS(basic), grant);
  cr_expect_str_eq(client_text(token, "expires_in"), "1");
  struct bearer bearer = get_token(simulator);
  usleep(1100000);
  expect_invalid_token(simulator, bearer);
  client_free(token);
  simulator_stop(simulator);
}

Test(paypal, one_token_401_is_over_with_the_repeat) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("token-401=once")});
  expect_invalid_token(simulator, get_token(simulator));
  expect(simulator, PATH, BODY("USD", "1.00"), 201, "status", "COMPLETED");
  simulator_stop(simulator);
}

Test(paypal, tokens_are_for_the_client_only) {
  static const struct {
    const char *header;
    long status;
  } cases[] = {{"Authorization: Basic Y2lkOnNlY3JldA==", 200},
               {"Authorization: basic Y2lkOnNlY3JldA==", 200},
               {"Authorization: Basic Y2lkOnNlY3JlZA==", 401}, /* cid:secred */
               {"Authorization: Basic Y2lkOnNlY3JldA", 401},
               {"Authorization: Basic Y2lk", 401},
               {"Authorization: Basic ====", 401},
               {"Authorization: Basic Y2lk=nNl", 401},
               {"Authorization: Basic", 401},
               {"Authorization: Bearer secret", 401}};
  struct simulator *simulator = client_start((struct simulator_options){.api_key = "secret"});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct response *response = client_request(simulator, "POST", "/v1/oauth2/token", HEADERS(cases[i].header), grant);
    cr_expect_eq(response->status, cases[i].status, "%s: %ld", cases[i].header, response->status);
    if (cases[i].status == 401) cr_expect_str_eq(client_text(response, "error"), "invalid_client");
    client_free(response);
  }
  struct response *other = client_request(simulator, "POST", "/v1/oauth2/token", HEADERS(basic), "");
  cr_expect_eq(other->status, 400);
  client_free(other);
  simulator_stop(simulator);
}
