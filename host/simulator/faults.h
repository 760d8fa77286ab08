/* How the stand-in processor misbehaves. One fault a request at most, and only for requests that are to make a refund
 * (repeats included; what fails validation suffers only the faults that strike before).
 *
 * An option is "KIND", "KIND=RATE" (0 to 1, or N%; without it 1) or "KIND=once", or one of traits.h. A request is known
 * by its idempotency key, or by its body if it has none, and by how often it came:
 *   - the first `once` of the options strikes each request when it comes for the first time, the second one when it
 *     comes for the second time, and so on;
 *   - else one number is drawn, from the seed, the request and the time it came, never from other requests; the rates
 *     share 0 to 1 in the options' order, so they may not add up to more than 1.
 * Thus the same requests suffer the same faults in whatever order they arrive. */
#ifndef SIMULATOR_FAULTS_H
#define SIMULATOR_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "simulator/answer.h"
#include "simulator/traits.h"

enum fault_stage {
  FAULT_BEFORE,  /* nothing is done */
  FAULT_REFUND,  /* the refund is made, oddly; repeats are told the same */
  FAULT_DELIVERY /* what was to be done is done; only this answer suffers, a repeat may get it whole */
};

struct fault {
  const char *name;
  enum fault_stage stage;
  enum refusal refusal; /* said in place of the answer */
  unsigned retry_after;
  enum delivery delivery;
  int64_t delay;    /* milliseconds */
  const char *page; /* sent in place of the answer, with status 200 */
  const char *content_type;
  const char *status; /* that the refund gets */
  int64_t amount_off; /* the rest: what the answer to the request says of the refund; look-ups tell the truth */
  bool other_currency;
  bool no_id;
};

/* What an answer is to say of a refund. */
struct echo {
  const char *id; /* NULL: leave it out */
  int64_t amount;
  char currency[4]; /* upper case */
};

struct faults;

/* NULL and an error, of field "--fault". */
struct faults *faults_open(const char *const *options, size_t count, uint64_t seed, struct error *error);
void faults_close(struct faults *faults);

/* What the options say of the processor itself. */
const struct traits *faults_traits(const struct faults *faults);

/* The one that strikes, NULL: none. Counts the request; callers take turns (the books' lock). */
const struct fault *faults_draw(struct faults *faults, const char *api, const void *request, size_t size);

/* `fault` NULL: the truth. */
struct echo faults_echo(const struct fault *fault, const struct refund *refund);

#endif
