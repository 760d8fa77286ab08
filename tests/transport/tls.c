/* HTTPS: only with a certificate that the authority signed for this host; else nothing is sent. */
#include <criterion/criterion.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "refund_toolkit.h"
#include "support/program.h"
#include "transport/certificate.h"
#include "transport/exchange.h"

struct tls_server {
  struct MHD_Daemon *daemon;
  struct certificate certificate;
  uint16_t port;
  atomic_uint requests;
};

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *body, size_t *size, void **state) {
  static char begun;
  struct tls_server *server = context;
  (void)url, (void)method, (void)version, (void)body;
  if (*state == NULL) {
    *state = &begun;
    return MHD_YES;
  }
  if (*size != 0) {
    *size = 0;
    return MHD_YES;
  }
  atomic_fetch_add(&server->requests, 1);
  struct MHD_Response *response = MHD_create_response_from_buffer(2, (void *)(uintptr_t) "{}", MHD_RESPMEM_PERSISTENT);
  enum MHD_Result queued = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return queued;
}

static void start(struct tls_server *server, const char *names, const struct certificate *authority, int days) {
  if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) cr_skip_test("this libmicrohttpd knows no TLS");
  memset(server, 0, sizeof *server);
  server->certificate = certificate_make(names, authority, days);
  server->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, answer, server,
                                    MHD_OPTION_HTTPS_MEM_CERT, server->certificate.pem, MHD_OPTION_HTTPS_MEM_KEY,
                                    server->certificate.key_pem, MHD_OPTION_END);
  cr_assert_not_null(server->daemon);
  server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static void stop(struct tls_server *server) {
  MHD_stop_daemon(server->daemon);
  certificate_free(&server->certificate);
}

/* One POST to it by `host`, trusting the certificates in ca_file. */
static struct exchange post(struct tls_server *server, const char *host, const char *ca_file) {
  struct transport_options options = {.ca_file = ca_file, .user_agent = "test/1"};
  struct transport *transport = transport_open(&options, NULL);
  struct transport_request request = money_request(server->port);
  char url[64];
  snprintf(url, sizeof url, "https://%s:%u/refunds", host, server->port);
  request.url = url;
  cr_assert_not_null(transport);
  struct exchange exchange = exchange_run(transport, &request);
  transport_close(transport);
  return exchange;
}

static void expect_unsent(struct tls_server *server, const char *host, const char *ca_file) {
  struct exchange exchange = post(server, host, ca_file);
  cr_expect_eq(exchange.reply.transmissions, 0);
  cr_expect_not(exchange.reply.complete);
  cr_expect_not(exchange.reply.unreachable); /* somebody is there */
  cr_expect_eq(exchange.reply.http_status, 0);
  cr_expect_eq(atomic_load(&server->requests), 0);
  exchange_free(&exchange);
}

/* The authority's certificate in a file of its own. */
static const char *file_of(const struct place *place, const char *name, const struct certificate *authority) {
  static char path[2][400];
  static unsigned count;
  char *file = path[count++ % 2];
  place_write(place, name, authority->pem, 0600);
  snprintf(file, sizeof path[0], "%s/%s", place->folder, name);
  return file;
}

Test(transport_tls, works_with_an_authority_of_our_own) {
  struct place place = place_make();
  struct certificate authority = certificate_make(NULL, NULL, VALID_DAYS);
  struct tls_server server;
  start(&server, "IP:127.0.0.1,DNS:localhost", &authority, VALID_DAYS);
  static const char *const hosts[] = {"127.0.0.1", "localhost"};
  for (unsigned i = 0; i < 2; i++) {
    struct exchange exchange = post(&server, hosts[i], file_of(&place, "ca.pem", &authority));
    cr_expect(exchange.reply.complete, "%s: %s", hosts[i], exchange.reply.problem);
    cr_expect_eq(exchange.reply.transmissions, 1);
    cr_expect_eq(exchange.reply.http_status, 200);
    cr_expect(refund_is(exchange.reply.body, "{}"));
    cr_expect_eq(atomic_load(&server.requests), i + 1);
    exchange_free(&exchange);
  }
  stop(&server);
  certificate_free(&authority);
}

Test(transport_tls, sends_nothing_to_who_cannot_prove_himself) {
  struct place place = place_make();
  struct certificate authority = certificate_make(NULL, NULL, VALID_DAYS);
  struct certificate other = certificate_make(NULL, NULL, VALID_DAYS);
  struct tls_server server;
  start(&server, "IP:127.0.0.1", &authority, VALID_DAYS);
  expect_unsent(&server, "127.0.0.1", NULL);
  expect_unsent(&server, "127.0.0.1", file_of(&place, "other.pem", &other));
  expect_unsent(&server, "localhost", file_of(&place, "ca.pem", &authority));
  expect_unsent(&server, "127.0.0.1", "/nothing/here.pem");
  stop(&server);
  certificate_free(&authority);
  certificate_free(&other);
}

Test(transport_tls, sends_nothing_under_a_certificate_that_has_ended) {
  struct place place = place_make();
  struct certificate authority = certificate_make(NULL, NULL, VALID_DAYS);
  struct tls_server server;
  start(&server, "IP:127.0.0.1", &authority, -1);
  expect_unsent(&server, "127.0.0.1", file_of(&place, "ca.pem", &authority));
  stop(&server);
  certificate_free(&authority);
}

Test(transport_tls, sends_nothing_under_a_certificate_signed_by_itself) {
  struct place place = place_make();
  struct certificate authority = certificate_make(NULL, NULL, VALID_DAYS);
  struct tls_server server;
  start(&server, "IP:127.0.0.1", NULL, VALID_DAYS);
  expect_unsent(&server, "127.0.0.1", NULL);
  expect_unsent(&server, "127.0.0.1", file_of(&place, "ca.pem", &authority));
  stop(&server);
  certificate_free(&authority);
}
