/* What kind of processor it is: what holds for every request, whatever faults strike besides. An option of --fault as
 * they are, but without a rate: "slow-commit=2.5", "keeps=2xx". */
#ifndef SIMULATOR_TRAITS_H
#define SIMULATOR_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* Times are milliseconds; nothing set: a processor that is quick and keeps all for ever. */
struct traits {
  int64_t slow_commit; /* a refund is worked on so long: till then neither key nor refund is known to anybody else */
  int64_t list_lag;    /* look-ups and syncs see a refund so long after it was made */
  int64_t key_window;  /* keys are forgotten so long after; 0: never */
  bool keeps_2xx;      /* only answers of success are kept under a key */
  bool names_payment;  /* answers of the reference API name the payment and not the refund */
  bool no_keys;        /* idempotency keys are ignored */
  bool no_lookup;      /* no refund can be looked up by anything but its own id */
};

/* All of them, for a message. */
#define TRAITS_OPTIONS "slow-commit=S, list-lag=S, key-window=S, keeps=2xx, identity=payment"

enum traits_reading { TRAITS_TAKEN, TRAITS_MALFORMED, TRAITS_OTHER };

/* TRAITS_OTHER: the option is none of these; TRAITS_MALFORMED: an error of field "--fault". */
enum traits_reading traits_read(struct traits *traits, const char *option, struct error *error);

#endif
