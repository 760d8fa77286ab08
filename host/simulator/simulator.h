/* The built-in stand-in processor: speaks the refund APIs of some connectors on a loopback port, keeps books, and
 * misbehaves on request. For trying, for authors of connectors, and for our tests; it knows nothing of the host's
 * other rooms. */
#ifndef SIMULATOR_SIMULATOR_H
#define SIMULATOR_SIMULATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"

struct simulator;

struct simulator_options {
  uint16_t port;             /* on 127.0.0.1; 0: a free one */
  const char *const *faults; /* see faults.h and traits.h */
  size_t fault_count;
  const char *const
      *payments; /* each "ID=AMOUNT:CURRENCY", AMOUNT in minor units: a payment besides the default ones */
  size_t payment_count;
  const char *api_key;    /* the one secret that is taken; NULL: any but "revoked" */
  uint64_t seed;          /* of the faults: the same seed and requests, the same faults */
  bool no_keys;           /* idempotency headers are ignored */
  bool no_lookup;         /* look-ups are not supported */
  int64_t token_lifetime; /* seconds; 0: PayPal's usual nine hours */
  FILE *log;              /* a line a request, no secrets; NULL: none */
};

/* Starts serving in threads of its own. NULL and an error. */
struct simulator *simulator_start(const struct simulator_options *options, struct error *error);
uint16_t simulator_port(const struct simulator *simulator);
void simulator_stop(struct simulator *simulator);

#endif
