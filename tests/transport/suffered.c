/* What users of other systems suffered, where it takes a server that breaks the connection byte by byte. All 26: see
 * tests/cli/suffered.c. */
#include <criterion/criterion.h>

#include "transport/exchange.h"

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/* The second request is read whole, on the first one's connection or on one of its own, and then the connection dies
 * and this becomes of the port. On the first one's connection libcurl would send it again; then the result code speaks
 * of the resend, which perhaps could not even connect, though the first transmission arrived. */
static void expect_one_transmission(enum server_then death, enum server_port_state port, bool fresh) {
  const struct server_step steps[] = {{.answer = ok}, {.then = death, .port = port}, {.answer = ok}};
  struct server *server = server_start(steps, 3);
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  struct exchange first = exchange_run(transport, &request);
  cr_expect(first.reply.complete, "%s", first.reply.problem);
  exchange_free(&first);
  request.fresh_connection = fresh;
  request.connect_timeout_ms = 2000; /* of a resend to where nobody answers */
  struct exchange exchange = exchange_run(transport, &request);
  cr_expect_geq(exchange.reply.transmissions, 1);
  cr_expect_not(exchange.reply.complete);
  cr_expect_not(exchange.reply.unreachable);
  cr_expect_eq(exchange.reply.http_status, 0);
  transport_close(transport);
  server_wait_closed(server, server_connections(server)); /* whatever libcurl wrote was read by now */
  cr_expect_eq(server_requests(server), 2, "sent %u times", server_requests(server) - 1);
  cr_expect_eq(server_request(server, 1).connection, fresh ? 1 : 0);
  exchange_free(&exchange);
  server_stop(server);
}

Test(suffered, curl_18417_a_connection_that_dies_under_a_post_sends_it_once_and_never_looks_unsent) {
  static const enum server_port_state ports[] = {PORT_OPEN, PORT_CLOSED, PORT_SILENT};
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
    for (int fresh = 0; fresh < 2; fresh++) {
      expect_one_transmission(THEN_RESET, ports[i], fresh);
      expect_one_transmission(THEN_CLOSE, ports[i], fresh);
    }
  }
}
