/* Many exchanges at once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "refund_toolkit.h"
#include "transport/exchange.h"

enum { MANY = 200 };

static struct exchange exchanges[MANY];

static void start_all(struct transport *transport, uint16_t port) {
  for (int i = 0; i < MANY; i++) {
    struct transport_request request = money_request(port);
    char body[32];
    snprintf(body, sizeof body, "{\"n\":%d}", i);
    request.body = refund_text_of(body);
    exchange_start(transport, &request, &exchanges[i]);
  }
}

static void wait_for_all(struct transport *transport) {
  for (int i = 0; i < MANY; i++)
    exchange_wait(transport, &exchanges[i].calls, 1);
}

/* No answer leaves before all requests have come: they are under way together or this never ends. */
Test(transport_many, are_under_way_together_and_all_end) {
  struct server *server =
      server_start(STEPS({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", .gather = MANY}));
  struct transport *transport = open_transport();
  bool seen[MANY] = {false};
  start_all(transport, server_port(server));
  wait_for_all(transport);
  for (int i = 0; i < MANY; i++) {
    int n = -1;
    cr_expect_eq(exchanges[i].calls, 1);
    cr_expect(exchanges[i].reply.complete, "%s", exchanges[i].reply.problem);
    cr_expect_eq(exchanges[i].reply.transmissions, 1);
    exchange_free(&exchanges[i]);
    cr_assert_eq(sscanf(strstr(server_request(server, (unsigned)i).text, "\r\n\r\n"), " {\"n\":%d}", &n), 1);
    cr_expect(n >= 0 && n < MANY && !seen[n], "request %d came twice", n);
    seen[n] = true;
  }
  cr_expect_eq(server_requests(server), MANY);
  transport_close(transport);
  server_stop(server);
}

Test(transport_many, that_fail_all_end) {
  struct transport *transport = open_transport();
  start_all(transport, closed_port());
  wait_for_all(transport);
  for (int i = 0; i < MANY; i++) {
    cr_expect_eq(exchanges[i].calls, 1);
    cr_expect_eq(exchanges[i].reply.transmissions, 0);
    exchange_free(&exchanges[i]);
  }
  transport_close(transport);
}

Test(transport_many, that_are_reset_all_end_and_went_out_once) {
  struct server *server = server_start(STEPS({.gather = MANY, .then = THEN_RESET}));
  struct transport *transport = open_transport();
  start_all(transport, server_port(server));
  wait_for_all(transport);
  for (int i = 0; i < MANY; i++) {
    cr_expect_eq(exchanges[i].calls, 1);
    cr_expect_eq(exchanges[i].reply.transmissions, 1);
    cr_expect_not(exchanges[i].reply.complete);
    exchange_free(&exchanges[i]);
  }
  cr_expect_eq(server_requests(server), MANY);
  transport_close(transport);
  server_stop(server);
}

Test(transport_many, are_dropped_without_a_call_when_it_is_closed) {
  struct server *server = server_start(STEPS({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}));
  struct transport *transport = open_transport();
  start_all(transport, server_port(server));
  while (server_requests(server) == 0)
    transport_turn(transport, 10);
  transport_close(transport);
  for (int i = 0; i < MANY; i++) {
    cr_expect_eq(exchanges[i].calls, 0);
    exchange_free(&exchanges[i]);
  }
  server_stop(server);
}

/* ---- From within the call ---- */

struct chain {
  struct transport *transport;
  uint16_t port;
  unsigned left;
  unsigned ended;
  unsigned complete;
};

static void go_on(void *context, const struct transport_reply *reply) {
  struct chain *chain = context;
  chain->ended++;
  chain->complete += reply->complete;
  if (chain->left == 0) return;
  chain->left--;
  struct transport_request request = money_request(chain->port);
  cr_assert(transport_send(chain->transport, &request, go_on, chain, NULL));
}

Test(transport_many, may_be_started_where_another_ends) {
  struct server *server = server_start(STEPS({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}));
  struct chain chain = {open_transport(), server_port(server), 10, 0, 0};
  struct transport_request request = money_request(chain.port);
  cr_assert(transport_send(chain.transport, &request, go_on, &chain, NULL));
  exchange_wait(chain.transport, &chain.ended, 11);
  cr_expect_eq(chain.complete, 11);
  cr_expect_eq(server_requests(server), 11);
  transport_close(chain.transport);
  server_stop(server);
}
