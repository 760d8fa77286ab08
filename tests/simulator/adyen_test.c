/* Adyen's API, over the wire. */
#include <criterion/criterion.h>
#include <string.h>

#include "client.h"

#define PATH "/v68/payments/pay_1/refunds"
#define BODY(currency, value, more) \
  "{\"merchantAccount\":\"M\",\"amount\":{\"currency\":\"" currency "\",\"value\":" value "}" more "}"

static const char full[] = BODY("USD", "400", ",\"reference\":\"r1\",\"merchantRefundReason\":\"OTHER\"");

static struct response *post(const struct simulator *simulator, const char *path, const char *key, const char *body) {
  return client_request(simulator, "POST", path, HEADERS("X-API-Key: k", key), body);
}

static void expect(const struct simulator *simulator, const char *path, const char *body, long status,
                   const char *member, const char *text) {
  struct response *response = post(simulator, path, NULL, body);
  cr_expect_eq(response->status, status, "%s: %ld %s", body, response->status, response->body);
  cr_expect_str_eq(client_text(response, member), text, "%s: %s", body, response->body);
  client_free(response);
}

Test(adyen, a_refund_is_received_and_a_repeat_gives_the_same) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *made = post(simulator, PATH, "Idempotency-Key: r1", full);
  cr_assert_eq(made->status, 201, "%s", made->body);
  cr_expect_str_eq(client_text(made, "status"), "received");
  cr_expect_eq(strlen(client_text(made, "pspReference")), 16);
  cr_expect_str_eq(client_text(made, "paymentPspReference"), "pay_1");
  cr_expect_str_eq(client_text(made, "merchantAccount"), "M");
  cr_expect_str_eq(client_text(made, "reference"), "r1");
  cr_expect_str_eq(client_text(made, "amount/value"), "400");
  cr_expect_str_eq(client_text(made, "amount/currency"), "USD");
  struct response *again = post(simulator, PATH, "Idempotency-Key: r1", full);
  cr_expect(again->replayed);
  cr_expect_str_eq(again->body, made->body);
  struct response *other = post(simulator, PATH, "Idempotency-Key: r1", BODY("USD", "1", ""));
  cr_expect_str_eq(client_text(other, "errorCode"), "704");
  cr_expect_eq(client_books(simulator, "refunds/0/posts"), 2);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  client_free(made);
  client_free(again);
  client_free(other);
  simulator_stop(simulator);
}

Test(adyen, refusals_have_adyens_form) {
  static const struct {
    const char *path, *body;
    long status;
    const char *code;
  } cases[] = {
      {"/v68/payments/no/refunds", BODY("USD", "1", ""), 422, "167"},
      {PATH, BODY("USD", "1001", ""), 422, "137"},
      {PATH, BODY("EUR", "1", ""), 422, "138"},
      {PATH, BODY("USD", "0", ""), 422, "137"},
      {PATH, BODY("USD", "\"1\"", ""), 422, "137"},
      {PATH, BODY("USD", "1", ",\"merchantRefundReason\":\"because\""), 422, "702"},
      {PATH, BODY("USD", "1", ",\"reference\":1"), 422, "130"},
      {PATH, "{\"amount\":{\"currency\":\"USD\",\"value\":1}}", 403, "901"},
      {PATH, "{", 400, "702"},
      {PATH, "", 400, "702"},
  };
  struct simulator *simulator = client_start((struct simulator_options){0});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect(simulator, cases[i].path, cases[i].body, cases[i].status, "errorCode", cases[i].code);
  struct response *refused = client_request(simulator, "POST", PATH, HEADERS("Authorization: Bearer k"), full);
  cr_expect_eq(refused->status, 401);
  cr_expect_str_eq(client_text(refused, "errorType"), "security");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  client_free(refused);
  simulator_stop(simulator);
}

Test(adyen, amounts_are_in_adyens_unit_and_the_books_in_isos) {
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("clp=500:CLP", "idr=50000:IDR")});
  expect(simulator, "/v68/payments/clp/refunds", BODY("CLP", "50000", ""), 201, "amount/value", "50000");
  expect(simulator, "/v68/payments/clp/refunds", BODY("CLP", "50", ""), 422, "errorCode", "137");
  expect(simulator, "/v68/payments/idr/refunds", BODY("IDR", "500", ""), 201, "amount/value", "500");
  cr_expect_eq(client_books(simulator, "refunds/0/amount"), 500);
  cr_expect_eq(client_books(simulator, "refunds/1/amount"), 50000);
  simulator_stop(simulator);
}

Test(adyen, what_fails_later_is_received_too_and_odd_answers_are_odd) {
  static const char *const cases[][3] = {{"failed", "status", "received"},
                                         {"pending", "status", "received"},
                                         {"unknown-status", "status", "zorbed"},
                                         {"wrong-amount", "amount/value", "401"},
                                         {"wrong-currency", "amount/currency", "EUR"},
                                         {"no-id", "pspReference", ""}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct simulator *simulator = client_start((struct simulator_options){FAULTS(cases[i][0])});
    expect(simulator, PATH, full, 201, cases[i][1], cases[i][2]);
    simulator_stop(simulator);
  }
}

Test(adyen, keys_have_64_characters_at_most) {
  static const char key[] = "Idempotency-Key: 0123456789012345678901234567890123456789012345678901234567890123";
  char longer[sizeof key + 1];
  snprintf(longer, sizeof longer, "%sx", key);
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *refused = post(simulator, PATH, longer, full);
  struct response *taken = post(simulator, PATH, key, full);
  cr_expect_eq(refused->status, 422);
  cr_expect_eq(taken->status, 201);
  client_free(refused);
  client_free(taken);
  simulator_stop(simulator);
}
