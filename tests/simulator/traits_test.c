/* Processors of other kinds: slow, forgetful, lagging behind. */
#include "simulator/traits.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static const char body[] = "{\"payment_id\":\"pay_1\",\"amount\":400,\"reference\":\"r1\"}";
static const char refused[] = "{\"payment_id\":\"none\",\"amount\":400}";

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int count_listed(const struct simulator *simulator) {
  struct response *list = client_send(simulator, "GET", "/refunds?reference=r1", NULL, NULL);
  int count = cJSON_GetArraySize(cJSON_GetObjectItem(list->json, "data"));
  client_free(list);
  return count;
}

/* One that listens to its own answer: its id, and when it came. */
struct caller {
  const struct simulator *simulator;
  pthread_t thread;
  long status;
  char id[64];
  double came;
};

static void *post(void *context) {
  struct caller *caller = context;
  struct response *made = client_send(caller->simulator, "POST", "/refunds", "k", body);
  caller->came = seconds_now();
  caller->status = made->status;
  snprintf(caller->id, sizeof caller->id, "%s", client_text(made, "id"));
  client_free(made);
  return NULL;
}

Test(traits, options_are_read) {
  struct traits traits = {0};
  cr_expect_eq(traits_read(&traits, "slow-commit=2.5", NULL), TRAITS_TAKEN);
  cr_expect_eq(traits_read(&traits, "list-lag=0.001", NULL), TRAITS_TAKEN);
  cr_expect_eq(traits_read(&traits, "key-window=86400", NULL), TRAITS_TAKEN);
  cr_expect_eq(traits_read(&traits, "keeps=2xx", NULL), TRAITS_TAKEN);
  cr_expect_eq(traits_read(&traits, "identity=payment", NULL), TRAITS_TAKEN);
  cr_expect_eq(traits_read(&traits, "slow", NULL), TRAITS_OTHER);
  cr_expect_eq(traits_read(&traits, "", NULL), TRAITS_OTHER);
  cr_expect(traits.slow_commit == 2500 && traits.list_lag == 1 && traits.key_window == 86400000);
  cr_expect(traits.keeps_2xx && traits.names_payment && !traits.no_keys && !traits.no_lookup);
}

Test(traits, bad_options_are_refused_with_a_fix) {
  static const char *const bad[] = {
      "slow-commit", "slow-commit=", "slow-commit=once", "slow-commit=0",   "slow-commit=86400.1",
      "list-lag=-1", "list-lag=1s",  "list-lag=.5",      "list-lag=50%",    "key-window=0.0001",
      "keeps",       "keeps=3xx",    "keeps=2xx ",       "identity=refund", "identity="};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct error error = {0};
    struct traits traits = {0};
    cr_expect_eq(traits_read(&traits, bad[i], &error), TRAITS_MALFORMED, "%s", bad[i]);
    cr_expect_eq(error.code, ERROR_USAGE);
    cr_expect_str_eq(error.field, "--fault");
    cr_expect_str_eq(error.found, bad[i]);
    cr_expect(error.expected[0] != '\0' && error.fix[0] != '\0');
    cr_expect_null(simulator_start(&(struct simulator_options){.faults = &bad[i], .fault_count = 1}, &error));
  }
}

Test(traits, till_a_slow_commit_nobody_knows_of_refund_and_key) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("slow-commit=1")});
  curl_global_init(CURL_GLOBAL_ALL);
  struct caller first = {.simulator = simulator};
  struct caller second = {.simulator = simulator};
  double start = seconds_now();
  pthread_create(&first.thread, NULL, post, &first);
  while (client_books(simulator, "requests/refunds_created") == 0 && seconds_now() - start < 0.9)
    usleep(10000);
  cr_expect_eq(count_listed(simulator), 0);
  usleep(300000);
  pthread_create(&second.thread, NULL, post, &second);
  pthread_join(first.thread, NULL);
  cr_expect(first.came - start >= 0.99 && first.came - start < 1.25, "%f", first.came - start);
  cr_expect_eq(count_listed(simulator), 1, "the second one is still worked on");
  pthread_join(second.thread, NULL);
  cr_expect_eq(first.status, 201);
  cr_expect_eq(second.status, 201);
  cr_expect_str_neq(first.id, second.id, "carried out anew");
  cr_expect_eq(count_listed(simulator), 2);
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "id", first.id);
  cr_expect_lt(seconds_now() - second.came, 0.5, "a replay comes at once");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 2);
  simulator_stop(simulator);
}

Test(traits, a_slow_commit_whose_answer_is_lost_is_done_all_the_same) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("slow-commit=0.3", "reset-after=once")});
  struct response *lost = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect_neq(lost->code, CURLE_OK);
  cr_expect_eq(count_listed(simulator), 1);
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "status", "succeeded");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  client_free(lost);
  simulator_stop(simulator);
}

Test(traits, lists_and_syncs_lag_and_repeats_do_not) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("list-lag=0.7")});
  double start = seconds_now();
  struct response *made = client_send(simulator, "POST", "/refunds", "k", body);
  char path[128];
  snprintf(path, sizeof path, "/refunds/%s", client_text(made, "id"));
  client_expect(simulator, "GET", path, NULL, NULL, 404, "error/code", "refund_not_found");
  cr_expect_eq(count_listed(simulator), 0);
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "id", client_text(made, "id"));
  cr_expect_lt(seconds_now() - start, 0.7);
  usleep(750000);
  client_expect(simulator, "GET", path, NULL, NULL, 200, "id", client_text(made, "id"));
  cr_expect_eq(count_listed(simulator), 1);
  client_free(made);
  simulator_stop(simulator);
}

Test(traits, stripes_list_lags_too) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("list-lag=60")});
  client_expect(simulator, "POST", "/v1/refunds", "k", "amount=1&payment_intent=pi_1", 200, "status", "succeeded");
  client_expect(simulator, "GET", "/v1/refunds?payment_intent=pi_1", NULL, NULL, 200, "data/0/id", "");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1, "the books tell the truth");
  simulator_stop(simulator);
}

Test(traits, a_key_is_forgotten_after_its_window_and_then_new) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("key-window=0.5")});
  struct response *first = client_send(simulator, "POST", "/refunds", "k", body);
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "id", client_text(first, "id"));
  usleep(550000);
  struct response *second = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect_eq(second->status, 201);
  cr_expect_str_neq(client_text(second, "id"), client_text(first, "id"));
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "id", client_text(second, "id"));
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 2);
  client_free(first);
  client_free(second);
  simulator_stop(simulator);
}

Test(traits, keeps_2xx_forgets_refusals) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("keeps=2xx")});
  client_expect(simulator, "POST", "/refunds", "k", refused, 404, "error/code", "payment_not_found");
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "status", "succeeded");
  struct response *again = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect(again->replayed);
  client_free(again);
  simulator_stop(simulator);
}

Test(traits, an_identity_of_payments_names_no_refund) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("identity=payment")});
  struct response *made = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect_eq(made->status, 201);
  cr_expect_str_eq(client_text(made, "id"), "pay_1");
  cr_expect(cJSON_IsNull(cJSON_GetObjectItem(made->json, "reference")));
  client_expect(simulator, "POST", "/refunds", "l", "{\"payment_id\":\"pay_1\",\"amount\":5}", 201, "id", "pay_1");
  client_expect(simulator, "GET", "/refunds/pay_1", NULL, NULL, 200, "amount", "5");
  client_expect(simulator, "GET", "/refunds/pay_2", NULL, NULL, 404, "error/code", "refund_not_found");
  client_expect(simulator, "GET", "/refunds?reference=r1", NULL, NULL, 200, "data/0/id", "pay_1");
  client_free(made);
  simulator_stop(simulator);
}

Test(traits, without_keys_every_request_is_a_refund) {
  struct simulator *simulator = client_start((struct simulator_options){.no_keys = true});
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "status", "succeeded");
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "status", "succeeded");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 2);
  cr_expect_eq(client_books(simulator, "requests/replayed"), 0);
  simulator_stop(simulator);
}

Test(traits, without_lookup_only_ids_are_asked_for) {
  struct simulator *simulator = client_start((struct simulator_options){.no_lookup = true});
  struct response *made = client_send(simulator, "POST", "/refunds", "k", body);
  char path[128];
  snprintf(path, sizeof path, "/refunds/%s", client_text(made, "id"));
  client_expect(simulator, "GET", path, NULL, NULL, 200, "status", "succeeded");
  client_expect(simulator, "GET", "/refunds?reference=r1", NULL, NULL, 404, "error/code", "not_supported");
  client_expect(simulator, "GET", "/v1/refunds?payment_intent=pi_1", NULL, NULL, 404, "error/type",
                "invalid_request_error");
  client_expect(simulator, "POST", "/tss/v2/searches", NULL, "{}", 404, "reason", "NOT_SUPPORTED");
  client_free(made);
  simulator_stop(simulator);
}
