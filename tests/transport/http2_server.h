/* A TLS server that speaks as much HTTP/2 as it takes to refuse a request: RFC 9113. On a free port of 127.0.0.1. */
#ifndef TESTS_TRANSPORT_HTTP2_SERVER_H
#define TESTS_TRANSPORT_HTTP2_SERVER_H

#include <stdint.h>

#include "transport/certificate.h"

struct http2_server;

/* Each request is read whole. The first `answered` get 200 without a body, later ones REFUSED_STREAM. */
struct http2_server *http2_server_start(const struct certificate *certificate, unsigned answered);
uint16_t http2_server_port(const struct http2_server *server);

struct http2_seen {
  unsigned requests;       /* HEADERS frames, on all connections */
  unsigned whole_requests; /* that were read to their end */
  unsigned later_requests; /* that were not the first of their connection */
};
/* Waits until the client has closed all connections; then nothing more can come. */
struct http2_seen http2_server_stop(struct http2_server *server);

#endif
