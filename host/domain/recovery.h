/* What may be done next about a refund whose outcome is not known: the engine's rules as one pure function of what its
 * connector and account offer, of what happened so far, and of the time. It looks at no ledger and asks nobody. */
#ifndef DOMAIN_RECOVERY_H
#define DOMAIN_RECOVERY_H

#include "domain/refund.h"
#include "domain/state.h"

/* What a connector and an account offer. Spans are milliseconds. */
struct means {
  bool key;                 /* the account has an idempotency key */
  bool key_keeps_2xx;       /* which says nothing once the processor answered otherwise */
  int64_t key_window;       /* 0: not declared, so a key is worth nothing later */
  bool unique_reference;    /* the processor refuses a second refund with our reference */
  int64_t reference_window; /* INT64_MAX: for ever */
  int64_t repeat_after;     /* from the start of an attempt to its repeat */
  int64_t attempt_span;     /* the longest that an attempt takes */
  bool sync;                /* asks with the processor's refund id */
  bool lookup;              /* asks with our reference, or lists */
  bool lookup_may_create;   /* and may itself make the refund */
  bool absence_final;       /* a look-up that names nothing of ours proves that there is none */
  int64_t settle_delay;     /* from an attempt to the first absence that counts */
  bool reported;            /* the outcome comes by event or report only; time alone says nothing */
};
struct account_settings {
  bool key_switched_on; /* the account field that the descriptor names says so */
  int64_t settle_delay; /* -1: as declared */
  int64_t repeat_after;
  int64_t attempt_span;
};
void means_of(const refund_descriptor *descriptor, const struct account_settings *settings, struct means *means);

/* A moment, as it was recorded. */
struct moment {
  int64_t wall_ms;
  int64_t uptime_ms;
  refund_text boot_id;
};
struct now {
  struct moment moment;
  int64_t latest_ms; /* the latest record of the ledger */
};

/* How long ago. Within one boot by the clock that is never set back; else by the wall clock. *known is false where that
 * one is behind what was recorded: then the age is 0, and no window is open. */
int64_t moment_age(const struct moment *then, const struct now *now, bool *known);

/* What happened, from the refund and its attempts. */
struct history {
  struct position position;
  bool sent;           /* an attempt may have arrived */
  struct moment first; /* the first attempt that may have arrived, and was not disproved; of a ledger that was
                          restored, when the refund was recorded */
  struct moment last;  /* the last attempt; of a ledger that was restored, the restoring */
  bool key_spent;      /* an answer came, or may be forgotten, that the processor does not keep under the key */
  bool duplicate;      /* the processor says that it has it: the last repeat was answered so */
  bool rejected_later; /* the last repeat was refused: to repeat it again says nothing more */
  bool has_refund_id;
  int64_t absences;
  int64_t absent_at; /* wall clock */
};

enum move {
  MOVE_NONE,   /* nothing to do, or nothing that we could do: it waits for an event, a report, a person or time */
  MOVE_SEND,   /* it is new */
  MOVE_REPEAT, /* the same request again, under the same key or reference */
  MOVE_LOOKUP,
  MOVE_SYNC,
  MOVE_REVIEW /* a person has to look */
};
struct plan {
  enum move move;
  int64_t wait_ms;    /* from now on */
  bool counts;        /* of a look: an absence counts, as the settle delay has passed */
  bool same_key;      /* of REPEAT: under a key that counts, not only under a reference; see struct circumstances */
  const char *reason; /* of NONE and REVIEW: one sentence */
};

/* `may_repeat` false: only to be asked about, not to be sent again. */
void plan_of(const struct means *means, const struct history *history, const struct now *now, bool may_repeat,
             struct plan *plan);

/* A look-up that counts found nothing; history->absences includes it. FACTS: nothing changes yet.
 * Rationale: only an exact look-up frees a refund to be sent anew, key or not. A new attempt counts as the first: its
 * window is not looked at, and its rejection ends the refund. While a key or reference is worth something, the refund
 * is repeated as the unknown one that it is. */
enum fact absence_fact(const struct means *means, const struct history *history, const struct now *now);

enum { ABSENCES_APART_MS = 5 * 60 * 1000 };

#endif
