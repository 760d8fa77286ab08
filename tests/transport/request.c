/* What goes out is what was asked for, to the byte, and nothing that libcurl would add by itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refund_toolkit.h"
#include "transport/exchange.h"

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

struct header {
  const char *name;
  const char *value;
};

/* Sends it with these headers and returns what the server read; the server and all else go with the test's process. */
static struct server_request sent(struct transport_request request, const struct header *given, size_t count) {
  struct server *server = server_start(STEPS({.answer = ok}));
  struct transport *transport = open_transport();
  refund_header headers[8];
  char url[64];
  for (size_t i = 0; i < count; i++) {
    headers[i].name = refund_text_of(given[i].name);
    headers[i].value = refund_text_of(given[i].value);
  }
  snprintf(url, sizeof url, "http://127.0.0.1:%u/refunds", server_port(server));
  request.headers = headers;
  request.header_count = count;
  if (request.url == NULL) request.url = url;
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect(exchange.reply.complete, "%s", exchange.reply.problem);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect_eq(server_requests(server), 1);
  exchange_free(&exchange);
  transport_close(transport);
  return server_request(server, 0);
}

static struct transport_request bare(const char *method, refund_text body) {
  struct transport_request request = money_request(1);
  request.method = method;
  request.url = NULL;
  request.body = body;
  return request;
}

#define HEADERS(...) \
  (const struct header[]){__VA_ARGS__}, sizeof((const struct header[]){__VA_ARGS__}) / sizeof(struct header)

/* Are these, and Host, all of its header lines, each once? */
static void expect_lines(const struct server_request *request, const char *const *lines, size_t count) {
  const char *end = strstr(request->text, "\r\n\r\n");
  size_t found = 0;
  cr_assert_not_null(end);
  for (const char *at = strstr(request->text, "\r\n"); at < end; at = strstr(at + 2, "\r\n"))
    found++;
  cr_expect_eq(found, count + 1, "%s", request->text);
  cr_expect_not_null(strstr(request->text, "\r\nHost: 127.0.0.1:"));
  for (size_t i = 0; i < count; i++) {
    char line[256];
    snprintf(line, sizeof line, "\r\n%s\r\n", lines[i]);
    cr_expect_not_null(strstr(request->text, line), "no \"%s\" in:\n%s", lines[i], request->text);
  }
}

#define EXPECT_LINES(request, ...) \
  expect_lines(request, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

Test(transport_request, arrives_exactly) {
  struct server_request request = sent(bare("POST", refund_text_of("{\"amount\":1000}")),
                                       HEADERS({"Content-Type", "application/json"}, {"Idempotency-Key", "r-1"},
                                               {"authorization", "Bearer a b=c;d,e:f"}));
  cr_expect_eq(strncmp(request.text, "POST /refunds HTTP/1.1\r\n", 24), 0, "%s", request.text);
  EXPECT_LINES(&request, "Content-Type: application/json", "Idempotency-Key: r-1", "authorization: Bearer a b=c;d,e:f",
               "Content-Length: 15", "User-Agent: test/1", "Accept: */*");
  cr_expect_str_eq(strstr(request.text, "\r\n\r\n") + 4, "{\"amount\":1000}");
}

Test(transport_request, every_method_arrives_with_its_body) {
  static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "GET"};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    struct server_request request = sent(bare(methods[i], refund_text_of("a=1")), NULL, 0);
    cr_expect_eq(strncmp(request.text, methods[i], strlen(methods[i])), 0, "%s", request.text);
    cr_expect_str_eq(strstr(request.text, "\r\n\r\n") + 4, "a=1");
  }
}

Test(transport_request, body_may_hold_any_byte) {
  char bytes[256];
  for (int i = 0; i < 256; i++)
    bytes[i] = (char)i;
  refund_text body = {bytes, sizeof bytes};
  struct server_request request = sent(bare("POST", body), NULL, 0);
  cr_assert_geq(request.size, sizeof bytes);
  cr_expect_eq(memcmp(request.text + request.size - sizeof bytes, bytes, sizeof bytes), 0);
  cr_expect_not_null(strstr(request.text, "\r\nContent-Length: 256\r\n"));
}

Test(transport_request, large_body_is_not_held_back_for_a_go_ahead) {
  enum { SIZE = 3 * 1024 * 1024 };
  char *bytes = malloc(SIZE);
  memset(bytes, 'x', SIZE);
  refund_text body = {bytes, SIZE};
  struct server_request request = sent(bare("POST", body), NULL, 0);
  cr_expect_null(strstr(request.text, "Expect"));
  cr_expect_null(strstr(request.text, "Transfer-Encoding"));
  cr_expect_gt(request.size, SIZE);
  free(bytes);
}

Test(transport_request, header_without_value_goes_out_empty) {
  struct server_request request =
      sent(bare("POST", refund_text_of("x")), HEADERS({"X-Empty", ""}, {"X-Blank", " \t"}, {"X-Full", "1"}));
  EXPECT_LINES(&request, "X-Empty:", "X-Blank:", "X-Full: 1", "Content-Length: 1", "User-Agent: test/1", "Accept: */*");
}

Test(transport_request, content_type_is_said_only_if_given) {
  struct server_request request = sent(bare("POST", refund_text_of("a=1")), NULL, 0);
  EXPECT_LINES(&request, "Content-Length: 3", "User-Agent: test/1", "Accept: */*");
  request = sent(bare("POST", refund_text_of("a=1")), HEADERS({"content-type", "text/xml"}));
  EXPECT_LINES(&request, "content-type: text/xml", "Content-Length: 3", "User-Agent: test/1", "Accept: */*");
}

Test(transport_request, given_accept_and_user_agent_replace_ours) {
  struct server_request request =
      sent(bare("POST", refund_text_of("x")), HEADERS({"accept", "text/plain"}, {"User-Agent", "other"}));
  EXPECT_LINES(&request, "accept: text/plain", "User-Agent: other", "Content-Length: 1");
}

Test(transport_request, post_without_a_body_says_so) {
  refund_text none = {NULL, 0};
  refund_text empty = {"", 0};
  struct server_request request = sent(bare("POST", none), NULL, 0);
  EXPECT_LINES(&request, "Content-Length: 0", "User-Agent: test/1", "Accept: */*");
  request = sent(bare("POST", empty), NULL, 0);
  EXPECT_LINES(&request, "Content-Length: 0", "User-Agent: test/1", "Accept: */*");
}

Test(transport_request, get_has_no_body) {
  refund_text none = {NULL, 0};
  struct server_request request = sent(bare("GET", none), NULL, 0);
  cr_expect_eq(strncmp(request.text, "GET /refunds HTTP/1.1\r\n", 23), 0, "%s", request.text);
  EXPECT_LINES(&request, "User-Agent: test/1", "Accept: */*");
}

Test(transport_request, path_and_query_are_left_as_they_are) {
  struct server *server = server_start(STEPS({.answer = ok}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(1);
  char url[128];
  snprintf(url, sizeof url, "http://localhost:%u/a%%2Fb//c;d=1?e=%%20+f&g[]=%%C3%%BC", server_port(server));
  request.url = url;
  struct exchange exchange = exchange_run(transport, &request);
  cr_assert_eq(server_requests(server), 1, "%s", exchange.reply.problem);
  static const char line[] = "POST /a%2Fb//c;d=1?e=%20+f&g[]=%C3%BC HTTP/1.1\r\n";
  cr_expect_eq(strncmp(server_request(server, 0).text, line, sizeof line - 1), 0, "%s", server_request(server, 0).text);
  exchange_free(&exchange);
  transport_close(transport);
  server_stop(server);
}

Test(transport_request, is_copied_when_it_is_started) {
  struct server *server = server_start(STEPS({.answer = ok}));
  struct transport *transport = open_transport();
  struct exchange exchange;
  char url[64];
  char body[] = "amount=1000";
  char name[] = "X-Key";
  char value[] = "r-1";
  char method[] = "POST";
  refund_header header = {{name, 5}, {value, 3}};
  struct transport_request request = money_request(1);
  snprintf(url, sizeof url, "http://127.0.0.1:%u/refunds", server_port(server));
  request.url = url;
  request.method = method;
  request.body = (refund_text){body, sizeof body - 1};
  request.headers = &header;
  request.header_count = 1;
  exchange_start(transport, &request, &exchange);
  memset(url, 'z', sizeof url - 1);
  memset(body, 'z', sizeof body - 1);
  memset(name, 'z', sizeof name - 1);
  memset(value, 'z', sizeof value - 1);
  memset(method, 'z', sizeof method - 1);
  memset(&request, 0, sizeof request);
  exchange_wait(transport, &exchange.calls, 1);
  cr_expect_eq(exchange.calls, 1);
  struct server_request seen = server_request(server, 0);
  cr_expect_null(strchr(seen.text, 'z'), "%s", seen.text);
  cr_expect_not_null(strstr(seen.text, "\r\nX-Key: r-1\r\n"));
  cr_expect_not_null(strstr(seen.text, "\r\n\r\namount=1000"));
  exchange_free(&exchange);
  transport_close(transport);
  server_stop(server);
}

static void must_not_end(void *context, const struct transport_reply *reply) {
  (void)context;
  (void)reply;
  cr_assert(false, "called for an exchange that was not started");
}

Test(transport_request, that_cannot_be_started_is_refused_at_once) {
  static const char *const urls[] = {"",
                                     "127.0.0.1/refunds",
                                     "ftp://127.0.0.1/refunds",
                                     "file:///etc/hostname",
                                     "http://api.example.com/refunds",
                                     "https://user:password@127.0.0.1/refunds",
                                     "https://127.0.0.1/re funds",
                                     "https://127.0.0.1/#part"};
  struct transport *transport = open_transport();
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
    struct error error = {0};
    struct transport_request request = money_request(1);
    request.url = urls[i];
    cr_expect_not(transport_send(transport, &request, must_not_end, NULL, &error), "%s", urls[i]);
    cr_expect_eq(error.code, ERROR_HOST);
    transport_turn(transport, 0);
  }
  transport_close(transport);
}
