/* The reference API, over the wire. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

static const char full[] = "{\"payment_id\":\"pay_1\",\"amount\":400,\"reference\":\"r1\",\"reason\":\"broken\"}";

Test(reference, a_refund_is_made_found_and_listed) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *made = client_send(simulator, "POST", "/refunds", "k", full);
  cr_assert_eq(made->status, 201, "%s", made->body);
  cr_expect_str_eq(made->content_type, "application/json");
  cr_expect_eq(strncmp(client_text(made, "id"), "rf_", 3), 0);
  cr_expect_str_eq(client_text(made, "status"), "succeeded");
  cr_expect_str_eq(client_text(made, "amount"), "400");
  cr_expect_str_eq(client_text(made, "currency"), "USD");
  cr_expect_str_eq(client_text(made, "payment_id"), "pay_1");
  cr_expect_str_eq(client_text(made, "reference"), "r1");
  char path[128];
  snprintf(path, sizeof path, "/refunds/%s", client_text(made, "id"));
  struct response *synced = client_send(simulator, "GET", path, NULL, NULL);
  struct response *listed = client_send(simulator, "GET", "/refunds?reference=r1", NULL, NULL);
  cr_expect_eq(synced->status, 200);
  cr_expect_str_eq(synced->body, made->body);
  cr_expect_eq(listed->status, 200);
  cr_expect_str_eq(client_text(listed, "data/0/id"), client_text(made, "id"));
  cr_expect_str_eq(client_text(listed, "data/1/id"), "");
  cr_expect_str_eq(client_text(listed, "has_more"), "false");
  client_free(made);
  client_free(synced);
  client_free(listed);
  simulator_stop(simulator);
}

Test(reference, a_list_of_nothing_is_an_empty_list) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *listed = client_send(simulator, "GET", "/refunds?reference=none", NULL, NULL);
  cr_expect_eq(listed->status, 200);
  cr_expect_str_eq(listed->body, "{\"data\":[],\"has_more\":false}");
  client_free(listed);
  simulator_stop(simulator);
}

Test(reference, the_refunds_of_a_payment_are_listed_with_dates_that_have_no_zone) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/refunds", "k", full, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", "l", full, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", "m", "{\"payment_id\":\"pay_2\",\"amount\":1}", 201, "amount", "1");
  struct response *listed = client_send(simulator, "GET", "/refunds?payment_id=pay_1", NULL, NULL);
  cr_expect_str_eq(client_text(listed, "data/0/amount"), "400");
  cr_expect_str_eq(client_text(listed, "data/1/payment_id"), "pay_1");
  cr_expect_str_eq(client_text(listed, "data/2/id"), "");
  cr_expect_str_neq(client_text(listed, "data/0/id"), client_text(listed, "data/1/id"));
  cr_expect_eq(strlen(client_text(listed, "data/0/created")), sizeof "2026-07-18 00:18:03" - 1);
  client_expect(simulator, "GET", "/refunds?payment_id=none", NULL, NULL, 200, "data/0/id", "");
  client_free(listed);
  simulator_stop(simulator);
}

Test(reference, refusals_have_their_status_and_code) {
  static const struct {
    const char *method, *path, *body;
    long status;
    const char *code;
  } cases[] = {
      {"POST", "/refunds", "{\"payment_id\":\"none\",\"amount\":1}", 404, "payment_not_found"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":1001}", 422, "amount_exceeds_captured"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_0\",\"amount\":1}", 422, "already_refunded"},
      {"POST", "/refunds", "", 400, "invalid_request"},
      {"POST", "/refunds", "[]", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":1} x", 400, "invalid_request"},
      {"POST", "/refunds", "{\"amount\":1}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"\",\"amount\":1}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":1,\"amount\":1}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\"}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":0}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":-1}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":1.5}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":1e300}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":\"1\"}", 400, "invalid_request"},
      {"POST", "/refunds", "{\"payment_id\":\"pi_1\",\"amount\":1,\"reference\":1}", 400, "invalid_request"},
      {"GET", "/refunds/rf_none", NULL, 404, "refund_not_found"},
      {"GET", "/refunds", NULL, 400, "invalid_request"},
      {"GET", "/refund", NULL, 404, "route_not_found"},
      {"GET", "/refunds/a/b", NULL, 404, "route_not_found"},
      {"DELETE", "/refunds", NULL, 404, "route_not_found"},
  };
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("pi_0=0:USD")});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    client_expect(simulator, cases[i].method, cases[i].path, NULL, cases[i].body, cases[i].status, "error/code",
                  cases[i].code);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

static void expect_as(const struct simulator *simulator, const char *bearer, long status) {
  struct response *response = client_send_as(simulator, bearer, "GET", "/refunds?reference=x", NULL, NULL);
  cr_expect_eq(response->status, status, "%s: %ld", bearer == NULL ? "none" : bearer, response->status);
  if (status == 401) cr_expect_str_eq(client_text(response, "error/code"), "unauthorized");
  client_free(response);
}

Test(reference, any_key_but_revoked_is_taken_unless_one_is_set) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  expect_as(simulator, "Bearer anything", 200);
  expect_as(simulator, "bearer anything", 200);
  expect_as(simulator, "Bearer revoked", 401);
  expect_as(simulator, "Bearer ", 401);
  expect_as(simulator, "Basic anything", 401);
  expect_as(simulator, NULL, 401);
  simulator_stop(simulator);
  simulator = client_start((struct simulator_options){.api_key = "secret"});
  expect_as(simulator, "Bearer secret", 200);
  expect_as(simulator, "Bearer secre", 401);
  expect_as(simulator, "Bearer secrets", 401);
  simulator_stop(simulator);
}

Test(reference, the_same_key_and_body_get_the_same_answer) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *first = client_send(simulator, "POST", "/refunds", "k", full);
  struct response *second = client_send(simulator, "POST", "/refunds", "k", full);
  cr_expect_not(first->replayed);
  cr_expect(second->replayed);
  cr_expect_eq(second->status, 201);
  cr_expect_str_eq(second->body, first->body);
  cr_expect_eq(client_books(simulator, "refunds/0/posts"), 2);
  cr_expect_eq(client_books(simulator, "payments/0/refunded"), 400);
  cr_expect_eq(client_books(simulator, "requests/posts"), 2);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  cr_expect_eq(client_books(simulator, "requests/replayed"), 1);
  client_expect(simulator, "GET", "/simulator/requests", NULL, NULL, 200, "posts", "2");
  client_free(first);
  client_free(second);
  simulator_stop(simulator);
}

Test(reference, without_a_key_every_request_is_a_refund) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/refunds", NULL, full, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", NULL, full, 201, "status", "succeeded");
  cr_expect_eq(client_books(simulator, "payments/0/refunded"), 800);
  simulator_stop(simulator);
}

Test(reference, a_key_with_another_body_is_a_conflict_and_does_nothing) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/refunds", "k", full, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", "k", "{\"payment_id\":\"pay_1\",\"amount\":401}", 409, "error/code",
                "idempotency_key_reused");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  simulator_stop(simulator);
}

Test(reference, a_key_of_no_or_too_many_characters_is_refused) {
  char key[258];
  memset(key, 'k', sizeof key - 1);
  key[256] = '\0';
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/refunds", key, full, 400, "error/code", "invalid_request");
  key[255] = '\0';
  client_expect(simulator, "POST", "/refunds", key, full, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", "", full, 400, "error/code", "invalid_request");
  simulator_stop(simulator);
}

Test(reference, refusals_are_kept_and_failed_validation_is_not) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/refunds", "k", "{\"amount\":1}", 400, "error/code", "invalid_request");
  client_expect(simulator, "POST", "/refunds", "k", full, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", "l", "{\"payment_id\":\"no\",\"amount\":1}", 404, "error/code",
                "payment_not_found");
  struct response *again = client_send(simulator, "POST", "/refunds", "l", "{\"payment_id\":\"no\",\"amount\":1}");
  cr_expect_eq(again->status, 404);
  cr_expect(again->replayed);
  client_free(again);
  simulator_stop(simulator);
}

Test(reference, an_unauthorized_request_does_not_use_up_its_key) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct response *refused = client_send_as(simulator, "Bearer revoked", "POST", "/refunds", "k", full);
  cr_expect_eq(refused->status, 401);
  client_free(refused);
  client_expect(simulator, "POST", "/refunds", "k", full, 201, "status", "succeeded");
  simulator_stop(simulator);
}

enum { CALLERS = 6 };

static void *post_same(void *context) {
  for (int i = 0; i < 5; i++)
    client_expect(context, "POST", "/refunds", "same", full, 201, "status", "succeeded");
  return NULL;
}

Test(reference, callers_at_once_with_one_key_make_one_refund) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  curl_global_init(CURL_GLOBAL_ALL);
  pthread_t threads[CALLERS];
  for (int i = 0; i < CALLERS; i++)
    pthread_create(&threads[i], NULL, post_same, simulator);
  for (int i = 0; i < CALLERS; i++)
    pthread_join(threads[i], NULL);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  cr_expect_eq(client_books(simulator, "refunds/0/posts"), CALLERS * 5);
  simulator_stop(simulator);
}
