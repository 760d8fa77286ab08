#include "transport/exchange.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "refund_toolkit.h"

enum { PATIENCE_S = 60, FAR_MS = 50000 };

struct transport *open_transport(void) {
  struct transport_options options = {.user_agent = "test/1"};
  struct error error = {0};
  struct transport *transport = transport_open(&options, &error);
  cr_assert_not_null(transport, "%s", error.message);
  return transport;
}

struct transport_request money_request(uint16_t port) {
  static char url[64]; /* the transport copies it */
  static const refund_header headers[] = {{{"Content-Type", 12}, {"application/json", 16}}};
  snprintf(url, sizeof url, "http://127.0.0.1:%u/refunds", port);
  return (struct transport_request){
      .method = "POST",
      .url = url,
      .body = refund_text_of("{\"amount\":1000}"),
      .headers = headers,
      .header_count = 1,
      .connect_timeout_ms = FAR_MS,
      .timeout_ms = FAR_MS,
  };
}

static void keep(void *context, const struct transport_reply *reply) {
  struct exchange *exchange = context;
  exchange->calls++;
  if (exchange->calls > 1) return;
  refund_header *headers = arena_allocate(exchange->arena, (reply->header_count + 1) * sizeof *headers);
  cr_assert_not_null(headers);
  for (size_t i = 0; i < reply->header_count; i++) {
    headers[i].name = arena_copy(exchange->arena, reply->headers[i].name);
    headers[i].value = arena_copy(exchange->arena, reply->headers[i].value);
  }
  exchange->reply = *reply;
  exchange->reply.headers = headers;
  exchange->reply.body = arena_copy(exchange->arena, reply->body);
}

void exchange_start(struct transport *transport, const struct transport_request *request, struct exchange *exchange) {
  struct error error = {0};
  *exchange = (struct exchange){.arena = arena_open(0)};
  cr_assert_not_null(exchange->arena);
  cr_assert(transport_send(transport, request, keep, exchange, &error), "%s", error.message);
}

void exchange_wait(struct transport *transport, const unsigned *calls, unsigned count) {
  time_t end = time(NULL) + PATIENCE_S;
  while (*calls < count) {
    cr_assert_lt(time(NULL), end, "an exchange does not end");
    transport_turn(transport, 1000);
  }
}

void exchange_free(struct exchange *exchange) {
  arena_close(exchange->arena);
  exchange->arena = NULL;
}

struct exchange exchange_run(struct transport *transport, const struct transport_request *request) {
  struct exchange exchange;
  exchange_start(transport, request, &exchange);
  exchange_wait(transport, &exchange.calls, 1);
  cr_assert_eq(exchange.calls, 1);
  cr_expect_eq(exchange.reply.complete, exchange.reply.problem[0] == '\0', "%s", exchange.reply.problem);
  cr_expect(!exchange.reply.unreachable || exchange.reply.transmissions == 0);
  return exchange;
}

const char *reply_header(const struct exchange *exchange, const char *name) {
  const char *value = "";
  unsigned count = 0;
  for (size_t i = 0; i < exchange->reply.header_count; i++) {
    if (!refund_is_nocase(exchange->reply.headers[i].name, name)) continue;
    value = exchange->reply.headers[i].value.data;
    count++;
  }
  return count == 1 ? value : "";
}

uint16_t silent_port(void) {
  uint16_t port;
  silence(bound_socket(&port));
  return port;
}
