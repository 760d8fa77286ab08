/* One exchange as a test sees it: what was asked, and a copy of what came of it. */
#ifndef TESTS_TRANSPORT_EXCHANGE_H
#define TESTS_TRANSPORT_EXCHANGE_H

#include "support/program.h"
#include "transport/server.h"
#include "transport/transport.h"

struct exchange {
  unsigned calls;               /* of `done` */
  struct transport_reply reply; /* its texts live in the arena */
  struct arena *arena;
};

struct transport *open_transport(void); /* with the user agent "test/1" */

/* A request to http://127.0.0.1:port/refunds, POST with a small JSON body, with time enough for any machine. */
struct transport_request money_request(uint16_t port);

void exchange_start(struct transport *transport, const struct transport_request *request, struct exchange *exchange);
/* Turns until `done` was called so often; an exchange that never ends fails the test. */
void exchange_wait(struct transport *transport, const unsigned *calls, unsigned count);
void exchange_free(struct exchange *exchange);

/* All of it: starts one, ends it, checks that it ended once. */
struct exchange exchange_run(struct transport *transport, const struct transport_request *request);

/* A port of this machine where whoever connects is not answered. */
uint16_t silent_port(void);

/* The value of the reply's only header of this name; "" if there is none or more than one. */
const char *reply_header(const struct exchange *exchange, const char *name);

#endif
