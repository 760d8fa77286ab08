/* Zero transmissions: certainly not sent, so that it is safe to send it again. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/exchange.h"

static void expect_unsent(const struct transport_request *request, bool unreachable) {
  struct transport *transport = open_transport();
  struct exchange exchange = exchange_run(transport, request);
  cr_expect_eq(exchange.reply.transmissions, 0);
  cr_expect_not(exchange.reply.complete);
  cr_expect_eq(exchange.reply.unreachable, unreachable, "%s", exchange.reply.problem);
  cr_expect_eq(exchange.reply.http_status, 0);
  cr_expect_eq(exchange.reply.header_count, 0);
  cr_expect_neq(exchange.reply.problem[0], '\0');
  exchange_free(&exchange);
  transport_close(transport);
}

Test(transport_unsent, connection_is_refused) {
  struct transport_request request = money_request(closed_port());
  expect_unsent(&request, true);
  request.fresh_connection = true;
  expect_unsent(&request, true);
}

/* A label of more than 63 letters is in no name system: the resolver knows without asking anyone. */
Test(transport_unsent, host_is_unknown) {
  struct transport_request request = money_request(1);
  request.url = "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.nothing.invalid/refunds";
  expect_unsent(&request, true);
}

/* Nobody says that there is nobody; the time ends first, the one for connecting or the one in all. */
Test(transport_unsent, host_is_silent) {
  struct transport_request request = money_request(silent_port());
  request.connect_timeout_ms = 300;
  expect_unsent(&request, true);
  request.connect_timeout_ms = 600000;
  request.timeout_ms = 300;
  expect_unsent(&request, true);
}

/* The TLS handshake belongs to connecting: a server that is silent in it has not read the request. */
Test(transport_unsent, handshake_takes_too_long) {
  struct server *server = server_start(STEPS({.answer = NULL}));
  struct transport_request request = money_request(1);
  char url[64];
  snprintf(url, sizeof url, "https://127.0.0.1:%u/refunds", server_port(server));
  request.url = url;
  request.connect_timeout_ms = 300;
  request.timeout_ms = 600000;
  expect_unsent(&request, false);
  request.connect_timeout_ms = 600000;
  request.timeout_ms = 300;
  expect_unsent(&request, false);
  cr_expect_eq(server_requests(server), 0);
  server_stop(server);
}

Test(transport_unsent, proxy_refuses) {
  static const char *const answers[] = {
      "HTTP/1.1 403 Forbidden\r\nX-Proxy: no\r\nContent-Length: 2\r\n\r\nno",
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 502 Bad Gateway\r\n\r\n"};
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    struct server *server = server_start(STEPS({.answer = answers[i], .then = THEN_CLOSE}));
    struct transport_request request = money_request(1);
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server_port(server));
    setenv("https_proxy", proxy, 1);
    request.url = "https://nothing.invalid/refunds";
    expect_unsent(&request, false);
    cr_assert_eq(server_requests(server), 1);
    cr_expect_eq(strncmp(server_request(server, 0).text, "CONNECT nothing.invalid:443 HTTP/1.1\r\n", 38), 0);
    server_stop(server);
  }
}

Test(transport_unsent, tunnel_ends_in_the_handshake) {
  struct server *server = server_start(
      STEPS({.answer = "HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n", .then = THEN_CLOSE}));
  struct transport_request request = money_request(1);
  char proxy[64];
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server_port(server));
  setenv("https_proxy", proxy, 1);
  request.url = "https://nothing.invalid/refunds";
  expect_unsent(&request, false);
  cr_expect_eq(server_requests(server), 1);
  server_stop(server);
}

Test(transport_unsent, proxy_is_not_there) {
  struct transport_request request = money_request(1);
  char proxy[64];
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", closed_port());
  setenv("https_proxy", proxy, 1);
  request.url = "https://nothing.invalid/refunds";
  expect_unsent(&request, true);
  setenv("https_proxy", "http://proxy.nothing.invalid:3128", 1);
  expect_unsent(&request, true);
}

Test(transport_unsent, proxies_are_not_asked_about_this_machine) {
  static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"};
  static const char *const hosts[] = {"127.0.0.1", "localhost"};
  struct server *proxy = server_start(STEPS({.answer = "HTTP/1.1 500 Proxy\r\nContent-Length: 0\r\n\r\n"}));
  struct server *server = server_start(STEPS({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}));
  struct transport *transport = open_transport();
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%u", server_port(proxy));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    setenv(names[i], url, 1);
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    struct transport_request request = money_request(1);
    snprintf(url, sizeof url, "http://%s:%u/refunds", hosts[i], server_port(server));
    request.url = url;
    struct exchange exchange = exchange_run(transport, &request);
    cr_expect(exchange.reply.complete, "%s", exchange.reply.problem);
    cr_expect_eq(exchange.reply.http_status, 200);
    exchange_free(&exchange);
  }
  cr_expect_eq(server_requests(server), 2);
  cr_expect_eq(server_connections(proxy), 0);
  transport_close(transport);
  server_stop(server);
  server_stop(proxy);
}
