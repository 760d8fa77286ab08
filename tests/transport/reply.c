/* Whole replies of every shape arrive as they were sent. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "refund_toolkit.h"
#include "transport/exchange.h"

/* The reply to one POST; also: one transmission, a whole reply, no second request. */
static struct exchange reply_to(struct server_step step) {
  struct server *server = server_start(&step, 1);
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect(exchange.reply.complete, "%s", exchange.reply.problem);
  cr_expect_eq(server_requests(server), 1);
  transport_close(transport);
  server_stop(server);
  return exchange;
}

static void expect(struct server_step step, int status, const char *body) {
  struct exchange exchange = reply_to(step);
  cr_expect_eq(exchange.reply.http_status, status, "%d", exchange.reply.http_status);
  cr_expect_str_eq(exchange.reply.body.data, body);
  cr_expect_eq(exchange.reply.body.size, strlen(body));
  exchange_free(&exchange);
}

Test(transport_reply, its_status_headers_and_body_arrive) {
  struct exchange exchange = reply_to((struct server_step){
      .answer =
          "HTTP/1.1 402 Payment Required\r\nX-Trimmed: \t a b \t \r\nX-Empty:\r\nX-Twice: 1\r\nx-twice: 2\r\n"
          "X-Folded: first\r\n\tX-Forged: second\r\nX-Colons: a:b::c\r\nContent-Length: 12\r\n\r\n{\"error\":{}}"});
  cr_expect_eq(exchange.reply.http_status, 402);
  cr_expect(refund_is(exchange.reply.body, "{\"error\":{}}"));
  cr_expect_str_eq(reply_header(&exchange, "x-trimmed"), "a b");
  cr_expect_str_eq(reply_header(&exchange, "X-Empty"), "");
  cr_expect_str_eq(reply_header(&exchange, "X-Colons"), "a:b::c");
  cr_expect_str_eq(reply_header(&exchange, "X-Forged"), "", "a folded line is no header of its own");
  cr_expect_eq(exchange.reply.header_count, 7);
  exchange_free(&exchange);
}

Test(transport_reply, of_every_final_status_is_whole) {
  static const int statuses[] = {200, 201, 202, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504, 599};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    char answer[100];
    snprintf(answer, sizeof answer, "HTTP/1.1 %d Word\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\n{}",
             statuses[i]);
    expect((struct server_step){.answer = answer}, statuses[i], "{}");
  }
}

Test(transport_reply, redirects_are_not_followed) {
  static const int statuses[] = {300, 301, 302, 303, 305, 307, 308};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    char answer[100];
    snprintf(answer, sizeof answer, "HTTP/1.1 %d Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", statuses[i]);
    struct exchange exchange = reply_to((struct server_step){.answer = answer});
    cr_expect_eq(exchange.reply.http_status, statuses[i]);
    cr_expect_str_eq(reply_header(&exchange, "Location"), "/other");
    exchange_free(&exchange);
  }
}

Test(transport_reply, may_be_of_http_1_0) {
  expect((struct server_step){.answer = "HTTP/1.0 200 OK\r\n\r\n{\"id\":1}", .then = THEN_CLOSE}, 200, "{\"id\":1}");
  expect((struct server_step){.answer = "HTTP/1.0 201 Made\r\nContent-Length: 2\r\n\r\n{}", .then = THEN_CLOSE}, 201,
         "{}");
}

Test(transport_reply, may_have_no_body) {
  expect((struct server_step){.answer = "HTTP/1.1 204 No Content\r\n\r\n"}, 204, "");
  expect((struct server_step){.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, 200, "");
}

Test(transport_reply, may_come_in_chunks) {
  expect(
      (struct server_step){.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"id\r\n4\r\n\":1}\r\n"
                                     "0\r\n\r\n"},
      200, "{\"id\":1}");
}

Test(transport_reply, holds_any_byte) {
  char answer[400];
  int head = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n");
  for (int i = 0; i < 256; i++)
    answer[head + i] = (char)i;
  struct exchange exchange = reply_to((struct server_step){.answer = answer, .size = (size_t)head + 256});
  cr_assert_eq(exchange.reply.body.size, 256);
  cr_expect_eq(memcmp(exchange.reply.body.data, answer + head, 256), 0);
  exchange_free(&exchange);
}

/* Nobody here can say whether it was compressed on the way: it is handed over as it came. */
Test(transport_reply, is_not_unpacked) {
  struct exchange exchange = reply_to(
      (struct server_step){.answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"});
  cr_expect(refund_is(exchange.reply.body, "{}"));
  cr_expect_str_eq(reply_header(&exchange, "content-encoding"), "gzip");
  exchange_free(&exchange);
}

Test(transport_reply, of_interim_replies_only_the_final_one_counts) {
  static const char *const interim[] = {
      "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\nX-Retry: 9\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nX-Retry: 9\r\n\r\nHTTP/1.1 100 Continue\r\nX-Retry: 8\r\n\r\n"};
  for (size_t i = 0; i < sizeof interim / sizeof *interim; i++) {
    char answer[300];
    snprintf(answer, sizeof answer, "%sHTTP/1.1 429 Slow down\r\nX-Retry: 1\r\nContent-Length: 2\r\n\r\n{}",
             interim[i]);
    struct exchange exchange = reply_to((struct server_step){.answer = answer});
    cr_expect_eq(exchange.reply.http_status, 429);
    cr_expect_eq(exchange.reply.header_count, 2);
    cr_expect_str_eq(reply_header(&exchange, "X-Retry"), "1");
    cr_expect(refund_is(exchange.reply.body, "{}"));
    exchange_free(&exchange);
  }
}

/* A processor that refuses an expectation that was not there must not make libcurl send the money again. */
Test(transport_reply, a_failed_expectation_is_not_sent_again) {
  expect((struct server_step){.answer = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\n{}"}, 417, "{}");
  expect((struct server_step){.answer = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"},
         426, "");
}

Test(transport_reply, an_upgrade_nobody_asked_for_never_looks_unsent) {
  struct server *server =
      server_start(STEPS({.answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .then = THEN_CLOSE}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect(!exchange.reply.complete || exchange.reply.http_status == 101);
  exchange_free(&exchange);
  transport_close(transport);
  server_stop(server);
}
