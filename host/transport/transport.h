/* Many HTTP exchanges at once, on libcurl's multi interface. Knows nothing of refunds; tells what is known to have been
 * sent. One exchange is one transmission: libcurl's own resending (on a dead reused connection, on HTTP/2
 * REFUSED_STREAM) is counted and cut off.
 *
 * Always: TLS is verified, redirects are not followed, a reply over its limit is dropped, proxies come from the
 * environment but are never used for this machine itself. One thread. */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"

enum { TRANSPORT_REPLY_LIMIT = 1024 * 1024 };

struct transport;

struct transport_options {
  const char *ca_file; /* certificates to trust instead of libcurl's default; NULL: the default */
  const char *user_agent;
};

struct transport *transport_open(const struct transport_options *options, struct error *error);
void transport_close(struct transport *transport); /* exchanges under way are dropped without a call */

struct transport_request {
  const char *method;
  const char *url;
  refund_text body;             /* not there: none */
  const refund_header *headers; /* checked by the caller: no control characters */
  size_t header_count;
  int64_t connect_timeout_ms;
  int64_t timeout_ms;    /* in all */
  bool fresh_connection; /* a connection of its own, HTTP/1.1, not reused afterwards */
  bool http2;            /* may use HTTP/2 */
};

struct transport_reply {
  unsigned transmissions; /* how often the request was about to be written to a connection; 0: certainly not sent */
  bool complete;          /* the whole reply arrived, within the limit */
  bool unreachable;       /* the host's name is not known, or nobody answers there */
  int http_status;        /* 0: none */
  refund_text body;
  const refund_header *headers;
  size_t header_count;
  char problem[256]; /* why it is not complete: one sentence without secrets */
};

/* Called once an exchange, from transport_turn(), when it has ended. The reply is dead when it returns. */
typedef void transport_done(void *context, const struct transport_reply *reply);

/* Starts an exchange. The request is copied. False and an error if it cannot even be started: then nothing was sent and
 * `done` is not called. */
bool transport_send(struct transport *transport, const struct transport_request *request, transport_done *done,
                    void *context, struct error *error);

/* Lets the network move, waits up to wait_ms for it, and calls `done` of what has ended. */
void transport_turn(struct transport *transport, int wait_ms);
/* Gives up the exchange of this context without a call, if it is under way. */
void transport_drop(struct transport *transport, const void *context);

/* Ends a transport_turn() that waits, or the next one. From any thread. */
void transport_wake(struct transport *transport);

#endif
