/* What a processor's API is to the simulator: routes, and how it refuses. Another processor is one file like stripe.c
 * and its name in the table of dispatch.c; keys, faults and the books come with it. */
#ifndef SIMULATOR_API_H
#define SIMULATOR_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simulator/answer.h"
#include "simulator/books.h"
#include "simulator/faults.h"

/* One request. What is not there is NULL. */
struct call {
  const char *method;
  const char *path;
  const char *tail; /* what stands for {id} in the route */
  const char *authorization;
  const char *key;
  const char *body; /* a NUL behind it; never NULL */
  size_t body_size;
  int64_t now;
  const char *(*query)(const void *connection, const char *name); /* decoded; NULL: not asked */
  const void *connection;
  struct books *books;
  const struct fault *fault; /* that the refund to be made suffers */
};

/* Fills the answer, under the books' lock. */
typedef void serve(const struct call *call, struct answer *answer);

struct route {
  const char *method;
  const char *path; /* may end in {id} */
  serve *serve;
  bool makes_refund; /* then keys and faults apply; `serve` sets answer->executed unless validation failed */
};

struct api {
  const char *name;
  const struct route *routes;
  size_t route_count;
  void (*refuse)(enum refusal refusal, const struct call *call, struct answer *answer);
  bool open; /* needs no key and is not counted */
};

extern const struct api stripe_api;
extern const struct api reference_api;

/* The first status of a refund that is made now. */
const char *call_first_status(const struct call *call);

#endif
