/* The request went out, once, and what came back is no whole reply: it may or may not have been done. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/exchange.h"

struct ambiguous {
  const char *name;
  struct server_step step;
  int http_status;
};

static const struct ambiguous ambiguous[] = {
    {"reset", {.then = THEN_RESET}, 0},
    {"closed without a word", {.then = THEN_CLOSE}, 0},
    {"status line broken off", {.answer = "HTTP/1.1 20", .then = THEN_CLOSE}, 0},
    {"headers broken off, closed", {.answer = "HTTP/1.1 200 OK\r\nContent-Le", .then = THEN_CLOSE}, 200},
    {"headers without their end, closed", {.answer = "HTTP/1.1 400 Bad\r\nX-A: 1\r\n", .then = THEN_CLOSE}, 400},
    {"status line only, closed", {.answer = "HTTP/1.1 429 Slow down\r\n", .then = THEN_CLOSE}, 429},
    {"an interim reply and half a final one",
     {.answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le", .then = THEN_CLOSE},
     200},
    {"an interim reply only, closed", {.answer = "HTTP/1.1 102 Processing\r\n\r\n", .then = THEN_CLOSE}, 102},
    {"body broken off, closed",
     {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":", .then = THEN_CLOSE},
     200},
    {"chunk broken off, closed",
     {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"id\":", .then = THEN_CLOSE},
     200},
    {"last chunk missing",
     {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", .then = THEN_CLOSE},
     200},
    {"chunk size is none",
     {.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"},
     200},
    {"not HTTP", {.answer = "+OK ready\r\n\r\n", .then = THEN_CLOSE}, 0},
    {"an interim reply only", {.answer = "HTTP/1.1 102 Processing\r\n\r\n", .then = THEN_RESET}, 102},
};

static struct exchange one(const struct server_step *step,
                           struct transport_request (*change)(struct transport_request)) {
  struct server *server = server_start(step, 1);
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  if (change != NULL) request = change(request);
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect_eq(server_requests(server), 1);
  transport_close(transport);
  server_stop(server);
  return exchange;
}

static struct transport_request on_a_fresh_connection(struct transport_request request) {
  request.fresh_connection = true;
  return request;
}

Test(transport_sent, without_a_whole_reply_is_one_transmission) {
  for (size_t i = 0; i < sizeof ambiguous / sizeof *ambiguous; i++) {
    const struct ambiguous *row = &ambiguous[i];
    for (int fresh = 0; fresh < 2; fresh++) {
      struct exchange exchange = one(&row->step, fresh ? on_a_fresh_connection : NULL);
      cr_expect_eq(exchange.reply.transmissions, 1, "%s", row->name);
      cr_expect_not(exchange.reply.complete, "%s", row->name);
      cr_expect_eq(exchange.reply.http_status, row->http_status, "%s: %d", row->name, exchange.reply.http_status);
      exchange_free(&exchange);
    }
  }
}

static struct transport_request in_two_seconds(struct transport_request request) {
  request.timeout_ms = 2000;
  return request;
}

Test(transport_sent, without_a_reply_in_time_is_one_transmission) {
  struct server_step silence = {.answer = NULL};
  struct server_step half = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"};
  struct exchange exchange = one(&silence, in_two_seconds);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect_not(exchange.reply.complete);
  cr_expect_eq(strncmp(exchange.reply.problem, "no reply in time", 16), 0, "%s", exchange.reply.problem);
  exchange_free(&exchange);
  exchange = one(&half, in_two_seconds);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect_not(exchange.reply.complete);
  exchange_free(&exchange);
}

/* ---- The limits ---- */

/* An answer with `size` bytes of body, its length said or in one chunk. */
static char *answer_of(size_t size, bool chunked, size_t *whole) {
  char *answer = malloc(size + 200);
  cr_assert_not_null(answer);
  int head = sprintf(answer,
                     chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n"
                             : "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                     size);
  memset(answer + head, 'x', size);
  int tail = sprintf(answer + (size_t)head + size, "%s", chunked ? "\r\n0\r\n\r\n" : "");
  *whole = (size_t)head + size + (size_t)tail;
  return answer;
}

static void expect_of_size(size_t size, bool complete) {
  for (int chunked = 0; chunked < 2; chunked++) {
    struct server_step step = {.then = THEN_KEEP};
    char *answer = answer_of(size, chunked, &step.size);
    step.answer = answer;
    struct exchange exchange = one(&step, NULL);
    cr_expect_eq(exchange.reply.transmissions, 1);
    cr_expect_eq(exchange.reply.complete, complete, "%zu: %s", size, exchange.reply.problem);
    if (complete) cr_expect_eq(exchange.reply.body.size, size);
    if (!complete) cr_expect_not_null(strstr(exchange.reply.problem, "larger than 1048576 bytes"));
    cr_expect_leq(exchange.reply.body.size, (size_t)TRANSPORT_REPLY_LIMIT);
    exchange_free(&exchange);
    free(answer);
  }
}

Test(transport_sent, reply_over_the_limit_is_no_whole_reply) {
  expect_of_size(TRANSPORT_REPLY_LIMIT, true);
  expect_of_size((size_t)TRANSPORT_REPLY_LIMIT + 1, false);
  expect_of_size((size_t)TRANSPORT_REPLY_LIMIT * 3, false);
}

static struct exchange with_headers(unsigned count, unsigned size) {
  char *answer = calloc(1, (size_t)count * (size + 20) + 100);
  char *at = answer + sprintf(answer, "HTTP/1.1 200 OK\r\n");
  for (unsigned i = 0; i < count; i++) {
    at += sprintf(at, "X-%06u: ", i);
    memset(at, 'v', size);
    at += size;
    at += sprintf(at, "\r\n");
  }
  sprintf(at, "Content-Length: 2\r\n\r\n{}");
  struct server_step step = {.answer = answer, .then = THEN_CLOSE};
  struct exchange exchange = one(&step, NULL);
  free(answer);
  return exchange;
}

Test(transport_sent, reply_with_more_headers_than_are_read_is_no_whole_reply) {
  static const struct {
    unsigned count;
    unsigned size;
    bool complete;
  } rows[] = {{150, 20, true}, {5000, 20, false}, {250, 1, false}, {100, 500, true}, {100, 1000, false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct exchange exchange = with_headers(rows[i].count, rows[i].size);
    cr_expect_eq(exchange.reply.transmissions, 1);
    cr_expect_eq(exchange.reply.complete, rows[i].complete, "%u of %u: %s", rows[i].count, rows[i].size,
                 exchange.reply.problem);
    if (rows[i].complete) cr_expect_eq(exchange.reply.header_count, rows[i].count + 1);
    exchange_free(&exchange);
  }
}
