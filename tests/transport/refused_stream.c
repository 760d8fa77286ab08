/* HTTP/2: a request that the server read and refused as REFUSED_STREAM. libcurl would send it again, as the RFC allows,
 * on a connection that was used before and on a new one; then nobody could say which of the two was meant. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "support/program.h"
#include "transport/exchange.h"
#include "transport/http2_server.h"

enum { PATIENCE_S = 60 };

/* Some requests are answered, all on one connection, and then one is refused. */
static void expect_one_transmission(unsigned answered_before) {
  struct place place = place_make();
  struct certificate authority = certificate_make(NULL, NULL, VALID_DAYS);
  struct certificate certificate = certificate_make("IP:127.0.0.1", &authority, VALID_DAYS);
  struct http2_server *server = http2_server_start(&certificate, answered_before);
  char ca_file[400];
  char url[64];
  place_write(&place, "ca.pem", authority.pem, 0600);
  snprintf(ca_file, sizeof ca_file, "%s/ca.pem", place.folder);
  snprintf(url, sizeof url, "https://127.0.0.1:%u/refunds", http2_server_port(server));
  struct transport *transport =
      transport_open(&(struct transport_options){.ca_file = ca_file, .user_agent = "test/1"}, NULL);
  cr_assert_not_null(transport);
  struct transport_request request = money_request(1);
  request.url = url;
  request.http2 = true;
  for (unsigned i = 0; i <= answered_before; i++) {
    struct exchange exchange = exchange_run(transport, &request);
    bool answered = i < answered_before;
    cr_expect_geq(exchange.reply.transmissions, 1);
    cr_expect_eq(exchange.reply.complete, answered, "%s", exchange.reply.problem);
    cr_expect_eq(exchange.reply.http_status, answered ? 200 : 0);
    exchange_free(&exchange);
  }
  transport_close(transport);
  struct http2_seen seen = http2_server_stop(server);
  cr_expect_eq(seen.requests, answered_before + 1, "sent %u times", seen.requests - answered_before);
  cr_expect_eq(seen.whole_requests, answered_before + 1);
  cr_expect_eq(seen.later_requests, answered_before);
  certificate_free(&certificate);
  certificate_free(&authority);
}

Test(transport_refused_stream, on_a_new_connection_is_not_sent_again, .timeout = PATIENCE_S) {
  expect_one_transmission(0);
}

Test(transport_refused_stream, on_a_connection_used_before_is_not_sent_again, .timeout = PATIENCE_S) {
  expect_one_transmission(1);
}
