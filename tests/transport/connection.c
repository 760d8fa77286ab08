/* Connections that are used again, and what becomes of a request when one of them dies under it. */
#include <criterion/criterion.h>
#include <string.h>

#include "transport/exchange.h"

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

static void expect_answered(struct transport *transport, const struct transport_request *request) {
  struct exchange exchange = exchange_run(transport, request);
  cr_expect(exchange.reply.complete, "%s", exchange.reply.problem);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect_eq(exchange.reply.http_status, 200);
  exchange_free(&exchange);
}

Test(transport_connection, is_used_again) {
  struct server *server = server_start(STEPS({.answer = ok}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  for (int i = 0; i < 5; i++)
    expect_answered(transport, &request);
  cr_expect_eq(server_requests(server), 5);
  cr_expect_eq(server_connections(server), 1);
  transport_close(transport);
  server_stop(server);
}

Test(transport_connection, fresh_ones_are_new_and_not_used_again) {
  struct server *server = server_start(STEPS({.answer = ok}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  expect_answered(transport, &request); /* leaves one in the pool */
  request.fresh_connection = true;
  for (int i = 0; i < 3; i++)
    expect_answered(transport, &request);
  server_wait_closed(server, 3);
  cr_expect_eq(server_connections(server), 4);
  request.fresh_connection = false;
  expect_answered(transport, &request);
  cr_expect_eq(server_connections(server), 4);
  static const unsigned over[] = {0, 1, 2, 3, 0};
  for (unsigned i = 0; i < 5; i++)
    cr_expect_eq(server_request(server, i).connection, over[i], "request %u", i);
  transport_close(transport);
  server_stop(server);
}

Test(transport_connection, that_was_closed_while_idle_is_not_used_again) {
  struct server *server = server_start(STEPS({.answer = ok, .then = THEN_CLOSE}, {.answer = ok}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  expect_answered(transport, &request);
  server_wait_closed(server, 1);
  expect_answered(transport, &request);
  cr_expect_eq(server_requests(server), 2);
  cr_expect_eq(server_connections(server), 2);
  transport_close(transport);
  server_stop(server);
}

Test(transport_connection, that_goes_silent_under_a_request_does_not_send_it_twice) {
  struct server *server = server_start(STEPS({.answer = ok}, {.answer = NULL}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  expect_answered(transport, &request);
  request.timeout_ms = 2000;
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect_not(exchange.reply.complete);
  cr_expect_eq(server_requests(server), 2);
  exchange_free(&exchange);
  transport_close(transport);
  server_stop(server);
}

Test(transport_connection, reset_after_half_a_reply_does_not_send_it_twice) {
  struct server *server = server_start(
      STEPS({.answer = ok}, {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", .then = THEN_CLOSE},
            {.answer = ok}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  expect_answered(transport, &request);
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect_eq(exchange.reply.transmissions, 1);
  cr_expect_not(exchange.reply.complete);
  cr_expect_eq(server_requests(server), 2);
  exchange_free(&exchange);
  transport_close(transport);
  server_stop(server);
}
