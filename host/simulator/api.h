/* What a processor's API is to the simulator: routes, who may call, and how it refuses. Another processor is one file
 * like stripe.c and its name in the table of dispatch.c; keys, faults, traits and the books come with it. */
#ifndef SIMULATOR_API_H
#define SIMULATOR_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simulator/answer.h"
#include "simulator/bearers.h"
#include "simulator/books.h"
#include "simulator/faults.h"

enum { CALL_ID = 256 };

/* One request. What is not there is NULL. */
struct call {
  const char *method;
  const char *path;
  const char *body; /* a NUL behind it; never NULL */
  size_t body_size;
  int64_t now;   /* seconds since 1970 */
  int64_t clock; /* milliseconds, of no known beginning */
  const char *(*header)(const void *connection, const char *name);
  const char *(*query)(const void *connection, const char *name); /* decoded; NULL: not asked */
  const void *connection;

  char id[CALL_ID]; /* what stands for {id} in the route; "": nothing does */
  const char *key;  /* from the API's header */
  const char *api_key;
  struct books *books;
  struct bearers *bearers;
  const struct traits *traits;
  const struct fault *fault; /* that the refund to be made suffers */
};

/* Fills the answer, under the books' lock. */
typedef void serve(const struct call *call, struct answer *answer);

enum route_kind {
  ROUTE_OTHER,
  ROUTE_REFUND, /* keys and faults apply; `serve` sets answer->executed unless validation failed */
  ROUTE_LOOKUP  /* finds refunds by something else than their id: may be switched off */
};

struct route {
  const char *method;
  const char *path; /* may have one {id} */
  serve *serve;
  enum route_kind kind;
  bool (*takes)(const struct call *call); /* NULL: all; else of several routes of one path the first that takes it */
};

struct api {
  const char *name;
  const struct route *routes;
  size_t route_count;
  void (*refuse)(enum refusal refusal, const struct call *call, struct answer *answer);
  bool (*admits)(const struct call *call); /* NULL: anybody, and requests are not counted */
  const char *key_header;                  /* NULL: it knows no keys */
  size_t key_size;                         /* the longest */
  bool keeps_2xx;                          /* what it refused is tried anew */
  /* Answers a repeat by the refund's present state. NULL: by the first answer. */
  void (*repeat)(const struct call *call, const struct refund *refund, struct answer *answer);
};

extern const struct api stripe_api;
extern const struct api reference_api;
extern const struct api adyen_api;
extern const struct api paypal_api;
extern const struct api paypal_token_api;
extern const struct api cybersource_api;
extern const struct api worldpayxml_api;

/* The first status of a refund that is made now. */
const char *call_first_status(const struct call *call);

/* Whether the caller may see the refund by now: it is of this API, and done, and no list lags behind. */
bool call_sees(const struct call *call, const struct api *api, const struct refund *refund);

/* One that it may see. NULL: none of this id. */
struct refund *call_find(const struct call *call, const struct api *api, const char *id);

/* Carries the order out. On BOOKS_REFUNDED the answer has the refund; the rest is for the caller to say. */
enum verdict call_refund(const struct call *call, const struct order *order, struct answer *answer);

#endif
