/* From a request to its answer: which API, may they, was it answered before, does a fault strike. No sockets. */
#ifndef SIMULATOR_DISPATCH_H
#define SIMULATOR_DISPATCH_H

#include "simulator/api.h"

struct dispatch {
  struct books *books;
  struct faults *faults;
  struct bearers *bearers;
  struct traits traits;
  const char *api_key; /* NULL: any but "revoked" */
};

/* `call` as far as it comes from outside; the rest is set here. The answer is the caller's to clear; any thread. */
void dispatch_call(const struct dispatch *dispatch, struct call *call, struct answer *answer);

#endif
