/* Faults as they look on the wire, and the server around them. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static const char body[] = "{\"payment_id\":\"pay_1\",\"amount\":400,\"reference\":\"r1\"}";
static const char form[] = "amount=400&payment_intent=pi_1&metadata[order_id]=r1";

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct simulator *start_with(const char *fault) {
  return client_start((struct simulator_options){.faults = &fault, .fault_count = 1});
}

/* Connects and sends bytes as they stand. */
static int send_raw(const struct simulator *simulator, const char *request, size_t size) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(simulator_port(simulator))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  cr_assert_eq(send(fd, request, size, MSG_NOSIGNAL), (ssize_t)size);
  return fd;
}

static int post_raw(const struct simulator *simulator, const char *path, const char *content, size_t size) {
  char request[1024];
  int head = snprintf(request, sizeof request,
                      "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nIdempotency-Key: k\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      path, size);
  cr_assert_lt((size_t)head + size, sizeof request);
  memcpy(request + head, content, size);
  return send_raw(simulator, request, (size_t)head + size);
}

static int send_refund(const struct simulator *simulator) {
  return post_raw(simulator, "/refunds", body, sizeof body - 1);
}

static void expect_reset(const char *fault, int refunds) {
  struct simulator *simulator = start_with(fault);
  int fd = send_refund(simulator);
  char byte;
  errno = 0;
  cr_expect_eq(recv(fd, &byte, 1, 0), -1, "%s: something was received", fault);
  cr_expect_eq(errno, ECONNRESET, "%s: %s", fault, strerror(errno));
  close(fd);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), refunds, "%s", fault);
  cr_expect_eq(client_books(simulator, "requests/posts"), 1, "%s", fault);
  simulator_stop(simulator);
}

Test(delivery, reset_before_resets_and_does_nothing) {
  expect_reset("reset-before", 0);
}

Test(delivery, reset_after_resets_and_has_refunded) {
  expect_reset("reset-after", 1);
}

Test(delivery, a_reset_leaves_the_other_connections_alone) {
  struct simulator *simulator = start_with("reset-after");
  static const char start[] = "GET /simulator/books HTTP/1.1\r\n";
  int quiet = send_raw(simulator, start, sizeof start - 1);
  for (int i = 0; i < 20; i++)
    close(send_refund(simulator));
  cr_assert_eq(send(quiet, "Host: x\r\n\r\n", 11, MSG_NOSIGNAL), 11);
  char answer[16] = "";
  cr_expect_gt(recv(quiet, answer, sizeof answer - 1, 0), 11);
  cr_expect_eq(strncmp(answer, "HTTP/1.1 200", 12), 0, "%s", answer);
  close(quiet);
  simulator_stop(simulator);
}

Test(delivery, a_lost_answer_is_there_for_the_repeat) {
  static const char *const faults[] = {"reset-after=once", "500-after=once", "truncate=once", "html=once",
                                       "empty=once"};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct simulator *simulator = start_with(faults[i]);
    client_free(client_send(simulator, "POST", "/refunds", "k", body));
    struct response *repeat = client_send(simulator, "POST", "/refunds", "k", body);
    cr_expect_eq(repeat->status, 201, "%s: %s", faults[i], repeat->body);
    cr_expect(repeat->replayed, "%s", faults[i]);
    cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1, "%s", faults[i]);
    client_free(repeat);
    simulator_stop(simulator);
  }
}

Test(delivery, repeats_suffer_too_when_the_rate_is_one) {
  struct simulator *simulator = start_with("500-after");
  client_expect(simulator, "POST", "/refunds", "k", body, 500, "error/code", "internal_error");
  client_expect(simulator, "POST", "/refunds", "k", body, 500, "error/code", "internal_error");
  cr_expect_eq(client_books(simulator, "refunds/0/posts"), 2);
  simulator_stop(simulator);
}

Test(delivery, a_500_is_said_in_each_apis_form) {
  struct simulator *simulator = start_with("500-before");
  client_expect(simulator, "POST", "/refunds", "k", body, 500, "error/code", "internal_error");
  client_expect(simulator, "POST", "/v1/refunds", "k", form, 500, "error/type", "api_error");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

Test(delivery, a_429_does_nothing_and_says_when_to_come_again) {
  struct simulator *simulator = start_with("429=once");
  struct response *limited = client_send(simulator, "POST", "/v1/refunds", "k", form);
  cr_expect_eq(limited->status, 429);
  cr_expect_eq(limited->retry_after, 1);
  cr_expect_str_eq(client_text(limited, "error/code"), "rate_limit");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  struct response *again = client_send(simulator, "POST", "/v1/refunds", "k", form);
  cr_expect_eq(again->status, 200);
  cr_expect_eq(again->retry_after, 0);
  cr_expect_not(again->replayed);
  client_free(limited);
  client_free(again);
  simulator_stop(simulator);
}

Test(delivery, truncate_sends_half_of_what_it_announces) {
  struct simulator *simulator = start_with("truncate=once");
  struct response *cut = client_send(simulator, "POST", "/refunds", "k", body);
  struct response *whole = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect_eq(cut->code, CURLE_PARTIAL_FILE, "curl %d", (int)cut->code);
  cr_expect_eq(cut->status, 201);
  cr_expect_eq(cut->size, whole->size / 2);
  cr_expect_eq(memcmp(cut->body, whole->body, cut->size), 0);
  client_free(cut);
  client_free(whole);
  simulator_stop(simulator);
}

Test(delivery, html_and_empty_come_with_status_200) {
  struct simulator *simulator = start_with("html");
  struct response *page = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect_eq(page->status, 200);
  cr_expect_str_eq(page->content_type, "text/html");
  cr_expect_not_null(strstr(page->body, "502 Bad Gateway"));
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  client_free(page);
  simulator_stop(simulator);
  simulator = start_with("empty");
  struct response *empty = client_send(simulator, "POST", "/refunds", "k", body);
  cr_expect_eq(empty->code, CURLE_OK);
  cr_expect_eq(empty->status, 200);
  cr_expect_eq(empty->size, 0);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  client_free(empty);
  simulator_stop(simulator);
}

static void *post_refund(void *context) {
  struct response *response = client_send(context, "POST", "/refunds", NULL, "{\"payment_id\":\"pay_1\",\"amount\":1}");
  cr_expect_eq(response->status, 201);
  client_free(response);
  return NULL;
}

Test(delivery, slow_answers_come_late_and_hold_up_nobody) {
  enum { CALLERS = 12 };
  struct simulator *simulator = start_with("slow");
  curl_global_init(CURL_GLOBAL_ALL);
  pthread_t threads[CALLERS];
  double start = seconds_now();
  for (int i = 0; i < CALLERS; i++)
    pthread_create(&threads[i], NULL, post_refund, simulator);
  while (client_books(simulator, "requests/refunds_created") < CALLERS && seconds_now() - start < 2.5)
    usleep(50000);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), CALLERS, "carried out before the answer");
  cr_expect_lt(seconds_now() - start, 2.5, "others were served meanwhile");
  for (int i = 0; i < CALLERS; i++)
    pthread_join(threads[i], NULL);
  double took = seconds_now() - start;
  cr_expect(took >= 2.9 && took < 6, "%f", took);
  simulator_stop(simulator);
}

Test(delivery, stop_waits_for_no_late_answer) {
  struct simulator *simulator = start_with("slow");
  int fd = send_refund(simulator);
  double start = seconds_now();
  while (client_books(simulator, "requests/refunds_created") == 0 && seconds_now() - start < 2)
    usleep(10000);
  simulator_stop(simulator);
  cr_expect_lt(seconds_now() - start, 2.0);
  close(fd);
}

Test(delivery, a_caller_who_hangs_up_on_a_late_answer_does_no_harm) {
  struct simulator *simulator = start_with("slow=once");
  close(send_refund(simulator));
  usleep(3300000);
  client_expect(simulator, "POST", "/refunds", "k", body, 201, "status", "succeeded");
  simulator_stop(simulator);
}

static void expect_echo(const char *fault, const char *member, const char *said, const char *true_word) {
  struct simulator *simulator = start_with(fault);
  struct response *made = client_send(simulator, "POST", "/refunds", "k", body);
  struct response *repeat = client_send(simulator, "POST", "/refunds", "k", body);
  struct response *list = client_send(simulator, "GET", "/refunds?reference=r1", NULL, NULL);
  char path[64];
  snprintf(path, sizeof path, "data/0/%s", member);
  cr_expect_eq(made->status, 201);
  cr_expect_str_eq(client_text(made, member), said, "%s: %s", fault, made->body);
  cr_expect(repeat->replayed);
  cr_expect_str_eq(repeat->body, made->body, "%s", fault);
  if (true_word != NULL) cr_expect_str_eq(client_text(list, path), true_word, "%s: %s", fault, list->body);
  client_free(made);
  client_free(repeat);
  client_free(list);
  simulator_stop(simulator);
}

Test(delivery, what_a_refund_says_of_itself_may_be_odd) {
  expect_echo("pending", "status", "pending", "pending");
  expect_echo("failed", "status", "failed", "failed");
  expect_echo("unknown-status", "status", "zorbed", "zorbed");
  expect_echo("wrong-amount", "amount", "401", "400");
  expect_echo("wrong-currency", "currency", "EUR", "USD");
  expect_echo("no-id", "id", "", NULL);
}

Test(delivery, stripes_refunds_are_odd_in_the_same_ways) {
  static const char *const cases[][3] = {{"wrong-amount", "amount", "401"},
                                         {"wrong-currency", "currency", "eur"},
                                         {"no-id", "id", ""},
                                         {"unknown-status", "status", "zorbed"},
                                         {"failed", "failure_reason", "expired_or_canceled_card"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct simulator *simulator = start_with(cases[i][0]);
    client_expect(simulator, "POST", "/v1/refunds", "k", form, 200, cases[i][1], cases[i][2]);
    simulator_stop(simulator);
  }
}

Test(delivery, pending_has_succeeded_at_the_second_sync) {
  struct simulator *simulator = start_with("pending");
  struct response *made = client_send(simulator, "POST", "/v1/refunds", "k", form);
  char path[128];
  snprintf(path, sizeof path, "/v1/refunds/%s", client_text(made, "id"));
  cr_expect_str_eq(client_text(made, "status"), "pending");
  client_expect(simulator, "GET", "/v1/refunds?payment_intent=pi_1", NULL, NULL, 200, "data/0/status", "pending");
  client_expect(simulator, "GET", path, NULL, NULL, 200, "status", "pending");
  client_expect(simulator, "GET", path, NULL, NULL, 200, "status", "succeeded");
  client_expect(simulator, "GET", "/v1/refunds?payment_intent=pi_1", NULL, NULL, 200, "data/0/status", "succeeded");
  client_free(made);
  simulator_stop(simulator);
}

Test(delivery, validation_is_stronger_than_faults_that_need_a_refund) {
  struct simulator *simulator = start_with("reset-after");
  client_expect(simulator, "POST", "/refunds", "k", "{}", 400, "error/code", "invalid_request");
  client_expect(simulator, "GET", "/refunds/x", NULL, NULL, 404, "error/code", "refund_not_found");
  simulator_stop(simulator);
}

Test(delivery, the_log_has_a_line_a_request_and_no_secret) {
  char *text = NULL;
  size_t size = 0;
  FILE *log = open_memstream(&text, &size);
  const char *const faults[] = {"reset-before=once", "pending"};
  struct simulator *simulator =
      client_start((struct simulator_options){.faults = faults, .fault_count = 2, .log = log});
  client_free(client_send_as(simulator, "Bearer sesame", "POST", "/refunds", "key-1", body));
  client_free(client_send_as(simulator, "Bearer sesame", "POST", "/refunds", "key-1", body));
  client_free(client_send_as(simulator, "Bearer sesame", "POST", "/refunds", "key-1", body));
  client_free(client_send_as(simulator, "Bearer sesame", "GET", "/a%0Ab%20%C3%A9?c=d", NULL, NULL));
  simulator_stop(simulator);
  fclose(log);
  cr_expect_str_eq(text,
                   "POST /refunds - reset-before\nPOST /refunds 201 pending\nPOST /refunds 201 -\nGET /a?b??? 404 -\n");
  free(text);
}

static void expect_nul_refused(const struct simulator *simulator, const char *path, const char *content, size_t size) {
  char answer[16] = "";
  int fd = post_raw(simulator, path, content, size); /* with the literal's NUL */
  cr_expect_gt(recv(fd, answer, sizeof answer - 1, 0), 11);
  cr_expect_eq(strncmp(answer, "HTTP/1.1 400", 12), 0, "%s: %s", path, answer);
  close(fd);
}

Test(delivery, a_body_does_not_end_at_a_nul) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  expect_nul_refused(simulator, "/refunds", body, sizeof body);
  expect_nul_refused(simulator, "/v1/refunds", form, sizeof form);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

Test(delivery, a_body_over_the_limit_is_refused) {
  enum { LIMIT = 1024 * 1024 };
  char *large = malloc(LIMIT + 2);
  memset(large, ' ', LIMIT + 1);
  large[LIMIT + 1] = '\0';
  memcpy(large, body, sizeof body - 1);
  struct simulator *simulator = client_start((struct simulator_options){0});
  client_expect(simulator, "POST", "/refunds", "k", large, 413, "error/code", "body_too_large");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  large[LIMIT] = '\0';
  client_expect(simulator, "POST", "/refunds", "k", large, 201, "status", "succeeded");
  simulator_stop(simulator);
  free(large);
}

Test(delivery, it_listens_on_loopback_only_and_its_port_is_free_again_after_stop) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  uint16_t port = simulator_port(simulator);
  cr_assert_neq(port, 0);
  struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(port)};
  other.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  cr_expect_neq(connect(fd, (struct sockaddr *)&other, sizeof other), 0, "127.0.0.2 answered");
  close(fd);
  simulator_stop(simulator);
  simulator = client_start((struct simulator_options){.port = port});
  cr_expect_eq(simulator_port(simulator), port);
  simulator_stop(simulator);
}

Test(delivery, a_port_in_use_is_said_to_be) {
  struct error error = {0};
  struct simulator *simulator = client_start((struct simulator_options){0});
  struct simulator_options options = {.port = simulator_port(simulator)};
  cr_expect_null(simulator_start(&options, &error));
  cr_expect_eq(error.code, ERROR_USAGE);
  cr_expect_str_eq(error.field, "--port");
  cr_expect_not_null(strstr(error.message, "in use"));
  cr_expect(error.fix[0] != '\0');
  simulator_stop(simulator);
}

Test(delivery, bad_options_do_not_start_it) {
  static const char *const bad[] = {"nonsense"};
  struct error error = {0};
  cr_expect_null(simulator_start(&(struct simulator_options){.faults = bad, .fault_count = 1}, &error));
  cr_expect_str_eq(error.field, "--fault");
  cr_expect_null(simulator_start(&(struct simulator_options){.payments = bad, .payment_count = 1}, &error));
  cr_expect_str_eq(error.field, "--payment");
  simulator_stop(NULL);
}
