/* Stripe's API, over the wire. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

#define METADATA "&metadata%5Border_id%5D=r_001&metadata%5Bis_refund_id_as_reference%5D=true"

static const char full[] = "amount=1000&payment_intent=pi_1" METADATA;

Test(stripe, a_refund_is_the_object_of_the_sheet) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *made = client_send(simulator, "POST", "/v1/refunds", "r_001", full);
  cr_assert_eq(made->status, 200, "%s", made->body);
  cr_expect_eq(strncmp(client_text(made, "id"), "re_", 3), 0);
  cr_expect_str_eq(client_text(made, "object"), "refund");
  cr_expect_str_eq(client_text(made, "amount"), "1000");
  cr_expect_str_eq(client_text(made, "currency"), "usd");
  cr_expect_str_eq(client_text(made, "payment_intent"), "pi_1");
  cr_expect(cJSON_IsNull(cJSON_GetObjectItem(made->json, "charge")));
  cr_expect(cJSON_IsNull(cJSON_GetObjectItem(made->json, "reason")));
  cr_expect_str_eq(client_text(made, "metadata/order_id"), "r_001");
  cr_expect_str_eq(client_text(made, "metadata/is_refund_id_as_reference"), "true");
  cr_expect_str_eq(client_text(made, "status"), "succeeded");
  cr_expect_gt(cJSON_GetObjectItem(made->json, "created")->valuedouble, 1.5e9);
  char path[128];
  snprintf(path, sizeof path, "/v1/refunds/%s", client_text(made, "id"));
  struct response *synced = client_send(simulator, "GET", path, NULL, NULL);
  cr_expect_eq(synced->status, 200);
  cr_expect_str_eq(synced->body, made->body);
  client_free(made);
  client_free(synced);
  simulator_stop(simulator);
}

Test(stripe, a_charge_is_refunded_as_a_charge) {
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("ch_a=300:JPY", "other=5:EUR")});
  client_expect(simulator, "POST", "/v1/refunds", NULL, "charge=ch_a&amount=100", 200, "charge", "ch_a");
  client_expect(simulator, "POST", "/v1/refunds", NULL, "charge=ch_a", 200, "amount", "200");
  client_expect(simulator, "POST", "/v1/refunds", NULL, "charge=py_1&amount=1", 200, "charge", "py_1");
  client_expect(simulator, "POST", "/v1/refunds", NULL, "payment_intent=other&amount=5", 200, "currency", "eur");
  simulator_stop(simulator);
}

Test(stripe, fields_are_decoded_however_they_were_encoded) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *made = client_send(simulator, "POST", "/v1/refunds", NULL,
                                      "&metadata[order_id]=a+b%2Bc%26%C3%A9&&%61mount=5&payment_intent=pi%5f1"
                                      "&reason=duplicate&metadata[empty]=");
  cr_assert_eq(made->status, 200, "%s", made->body);
  cr_expect_str_eq(client_text(made, "metadata/order_id"), "a b+c&\xc3\xa9");
  cr_expect_str_eq(client_text(made, "amount"), "5");
  cr_expect_str_eq(client_text(made, "reason"), "duplicate");
  cr_expect_not_null(cJSON_GetObjectItem(cJSON_GetObjectItem(made->json, "metadata"), "empty"));
  client_free(made);
  simulator_stop(simulator);
}

#define LONG_NAME "metadata[abcdefghijabcdefghijabcdefghijabcdefghijk]"

Test(stripe, refusals_have_stripes_form) {
  static const struct {
    const char *method, *path, *body;
    long status;
    const char *member, *text;
  } cases[] = {
      {"POST", "/v1/refunds", "amount=1&payment_intent=pi_x", 404, "error/code", "resource_missing"},
      {"POST", "/v1/refunds", "amount=1&payment_intent=pi_x", 404, "error/param", "payment_intent"},
      {"POST", "/v1/refunds", "amount=1&payment_intent=pi_x", 404, "error/type", "invalid_request_error"},
      {"POST", "/v1/refunds", "amount=1&payment_intent=ch_1", 404, "error/message", "No such payment_intent: 'ch_1'"},
      {"POST", "/v1/refunds", "amount=1&charge=pi_1", 404, "error/message", "No such charge: 'pi_1'"},
      {"POST", "/v1/refunds", "amount=1&payment_intent=pi_0", 400, "error/code", "charge_already_refunded"},
      {"POST", "/v1/refunds", "amount=1001&payment_intent=pi_1", 400, "error/message",
       "Refund amount (1001) is greater than charge amount (1000)"},
      {"POST", "/v1/refunds", "amount=1001&payment_intent=pi_1", 400, "error/code", ""},
      {"POST", "/v1/refunds", "", 400, "error/code", "parameter_missing"},
      {"POST", "/v1/refunds", "amount=1&charge=ch_1&payment_intent=pi_1", 400, "error/type", "invalid_request_error"},
      {"POST", "/v1/refunds", "amount=&payment_intent=pi_1", 400, "error/code", "parameter_invalid_integer"},
      {"POST", "/v1/refunds", "amount=0&payment_intent=pi_1", 400, "error/code", "parameter_invalid_integer"},
      {"POST", "/v1/refunds", "amount=-1&payment_intent=pi_1", 400, "error/param", "amount"},
      {"POST", "/v1/refunds", "amount=1.0&payment_intent=pi_1", 400, "error/param", "amount"},
      {"POST", "/v1/refunds", "amount=1&payment_intent=pi_1&currency=usd", 400, "error/code", "parameter_unknown"},
      {"POST", "/v1/refunds", "metadata=1&payment_intent=pi_1", 400, "error/code", "parameter_unknown"},
      {"POST", "/v1/refunds", "metadata[]=1&payment_intent=pi_1", 400, "error/code", "parameter_unknown"},
      {"POST", "/v1/refunds", "metadata[a=1&payment_intent=pi_1", 400, "error/code", "parameter_unknown"},
      {"POST", "/v1/refunds", "{\"amount\":1}", 400, "error/code", "parameter_unknown"},
      {"POST", "/v1/refunds", "amount=1&payment_intent=pi_1&reason=because", 400, "error/param", "reason"},
      {"POST", "/v1/refunds", "amount=%zz&payment_intent=pi_1", 400, "error/type", "invalid_request_error"},
      {"POST", "/v1/refunds", "payment_intent=pi_1%00&amount=1", 400, "error/type", "invalid_request_error"},
      {"POST", "/v1/refunds", "payment_intent=pi_1%4", 400, "error/type", "invalid_request_error"},
      {"POST", "/v1/refunds", LONG_NAME "=1&payment_intent=pi_1", 400, "error/param", "metadata"},
      {"GET", "/v1/refunds/re_x", NULL, 404, "error/code", "resource_missing"},
      {"GET", "/v1/refunds?payment_intent=pi_x", NULL, 404, "error/param", "payment_intent"},
      {"GET", "/v1/refunds?charge=pi_1", NULL, 404, "error/param", "charge"},
      {"GET", "/v1/refunds?payment_intent=pi_1&limit=101", NULL, 400, "error/param", "limit"},
      {"GET", "/v1/refunds?payment_intent=pi_1&limit=0", NULL, 400, "error/param", "limit"},
  };
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("pi_0=0:USD")});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    client_expect(simulator, cases[i].method, cases[i].path, NULL, cases[i].body, cases[i].status, cases[i].member,
                  cases[i].text);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

Test(stripe, more_than_the_rest_is_told_from_more_than_the_charge) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/v1/refunds", NULL, "amount=600&payment_intent=pi_1", 200, "amount", "600");
  client_expect(simulator, "POST", "/v1/refunds", NULL, "amount=401&payment_intent=pi_1", 400, "error/message",
                "Refund amount (401) is greater than unrefunded amount on charge (400)");
  client_expect(simulator, "POST", "/v1/refunds", NULL, "amount=400&payment_intent=pi_1", 200, "amount", "400");
  client_expect(simulator, "POST", "/v1/refunds", NULL, "amount=1&payment_intent=pi_1", 400, "error/message",
                "Charge pi_1 has already been refunded.");
  simulator_stop(simulator);
}

Test(stripe, a_wrong_key_is_401) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *refused = client_send_as(simulator, "Bearer revoked", "POST", "/v1/refunds", "k", full);
  cr_expect_eq(refused->status, 401);
  cr_expect_str_eq(client_text(refused, "error/type"), "invalid_request_error");
  cr_expect_null(strstr(refused->body, "revoked"));
  client_free(refused);
  simulator_stop(simulator);
}

Test(stripe, a_repeat_is_replayed_and_another_body_is_an_idempotency_error) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *first = client_send(simulator, "POST", "/v1/refunds", "r_001", full);
  struct response *second = client_send(simulator, "POST", "/v1/refunds", "r_001", full);
  cr_expect(second->replayed && !first->replayed);
  cr_expect_str_eq(second->body, first->body);
  client_expect(simulator, "POST", "/v1/refunds", "r_001", "amount=1&payment_intent=pi_1", 400, "error/type",
                "idempotency_error");
  client_expect(simulator, "POST", "/v1/refunds", "r_002", full, 400, "error/code", "charge_already_refunded");
  struct response *refused = client_send(simulator, "POST", "/v1/refunds", "r_002", full);
  cr_expect(refused->replayed);
  cr_expect_eq(refused->status, 400);
  client_free(first);
  client_free(second);
  client_free(refused);
  simulator_stop(simulator);
}

Test(stripe, the_list_is_newest_first_and_says_if_there_is_more) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  char body[128];
  for (int i = 1; i <= 12; i++) {
    snprintf(body, sizeof body, "amount=1&payment_intent=pi_%d&metadata[order_id]=r%d", i == 3 ? 2 : 1, i);
    client_expect(simulator, "POST", "/v1/refunds", NULL, body, 200, "status", "succeeded");
  }
  struct response *list = client_send(simulator, "GET", "/v1/refunds?payment_intent=pi_1&limit=100", NULL, NULL);
  cr_expect_str_eq(client_text(list, "object"), "list");
  cr_expect_str_eq(client_text(list, "url"), "/v1/refunds");
  cr_expect_str_eq(client_text(list, "has_more"), "false");
  cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(list->json, "data")), 11);
  cr_expect_str_eq(client_text(list, "data/0/metadata/order_id"), "r12");
  cr_expect_str_eq(client_text(list, "data/10/metadata/order_id"), "r1");
  client_free(list);
  list = client_send(simulator, "GET", "/v1/refunds?payment_intent=pi_1", NULL, NULL);
  cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(list->json, "data")), 10);
  cr_expect_str_eq(client_text(list, "has_more"), "true");
  client_free(list);
  list = client_send(simulator, "GET", "/v1/refunds?limit=12", NULL, NULL);
  cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(list->json, "data")), 12);
  cr_expect_str_eq(client_text(list, "has_more"), "false");
  client_free(list);
  client_expect(simulator, "GET", "/v1/refunds?charge=ch_1&limit=100", NULL, NULL, 200, "data/0/id", "");
  simulator_stop(simulator);
}

Test(stripe, the_other_apis_refunds_are_not_shown) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/v1/refunds", "j", "payment_intent=pi_1&amount=3&metadata[order_id]=x", 200,
                "amount", "3");
  struct response *made =
      client_send(simulator, "POST", "/refunds", "k", "{\"payment_id\":\"pi_1\",\"amount\":5,\"reference\":\"x\"}");
  char path[128];
  snprintf(path, sizeof path, "/v1/refunds/%s", client_text(made, "id"));
  client_expect(simulator, "GET", path, NULL, NULL, 404, "error/code", "resource_missing");
  client_expect(simulator, "GET", "/v1/refunds?payment_intent=pi_1&limit=1", NULL, NULL, 200, "data/0/amount", "3");
  client_expect(simulator, "GET", "/refunds?reference=x", NULL, NULL, 200, "data/0/amount", "5");
  client_expect(simulator, "GET", "/refunds?reference=x", NULL, NULL, 200, "data/1/amount", "");
  client_expect(simulator, "POST", "/v1/refunds", "k", full, 400, "error/param", "amount");
  client_free(made);
  simulator_stop(simulator);
}
