/* The states of a refund and how facts move it: a table, checked against the engine's rules by tests.
 * A refund never changes the payment's status; there is no state for that. */
#ifndef DOMAIN_STATE_H
#define DOMAIN_STATE_H

#include <stdbool.h>

#include "refund_connector.h"

enum state {
  STATE_NEW,           /* recorded; no attempt of it may have reached the processor */
  STATE_SENDING,       /* an attempt is recorded and may be on its way */
  STATE_UNKNOWN,       /* an attempt may have reached the processor; outcome not known */
  STATE_PENDING,       /* the processor took it in hand, not final */
  STATE_SUCCEEDED,     /* the processor says done */
  STATE_FAILED,        /* known not to have moved money */
  STATE_FAILED_LATE,   /* had succeeded, the processor took it back */
  STATE_MANUAL_REVIEW, /* a person has to look */
  STATES
};

/* Why it failed, or whose review it is. */
enum state_detail {
  DETAIL_NONE,
  DETAIL_REJECTED,    /* failed: the processor refused */
  DETAIL_NOT_SENT,    /* failed: nothing reached it */
  DETAIL_UNSUPPORTED, /* failed: the connector has no such flow */
  DETAIL_CANCELED,    /* failed: taken back before it was sent */
  DETAIL_BY_OPERATOR, /* failed, failed_late, succeeded: a person's word */
  DETAIL_OURS,        /* manual_review: we found facts that contradict, or ran out of means */
  DETAIL_THEIRS,      /* manual_review: the processor said so; polled like pending */
  DETAIL_KEEP         /* in transitions only: as it was */
};

/* What can happen to a refund that is on record. */
enum fact {
  FACT_UNSUPPORTED,          /* the flow or what it needs is missing */
  FACT_NOT_BUILT,            /* the connector or the host's checks refuse to build it */
  FACT_ATTEMPT,              /* an attempt is durably recorded */
  FACT_UNSENT,               /* the attempt did nothing, none before it is unknown, budget left */
  FACT_UNSENT_SPENT,         /* the same, budget spent: nothing was ever sent */
  FACT_REFUSED_SPENT,        /* the same, budget spent: the last word was an answer */
  FACT_UNSENT_AFTER_UNKNOWN, /* the attempt did nothing, an earlier one is unknown */
  FACT_REJECTED,             /* rejected, and no other attempt is unknown */
  FACT_REJECTED_LATER,       /* rejected, but an earlier attempt is unknown: says nothing of that one */
  FACT_REJECTED_REPLAY,      /* the processor replayed the rejection that was lost */
  FACT_AMBIGUOUS,            /* may have reached the processor; also duplicate and in progress */
  FACT_SAID_PENDING,
  FACT_SAID_SUCCESS,
  FACT_SAID_FAILURE,
  FACT_SAID_REVIEW,
  FACT_CONTRADICTION,     /* amount, currency, refund id, key or account differ from ours */
  FACT_ABSENT_RESENDABLE, /* twice absent after the settle delay; may be sent again */
  FACT_ABSENT_STUCK,      /* the same, but a resend could pay twice */
  FACT_BUDGET_SPENT,      /* nothing is left that could tell */
  FACT_ACCOUNT_CHANGED,   /* it may only be repeated or asked about as the account was, and that is gone */
  FACT_RESTORED,          /* the ledger is a copy: what is new in it may have been sent */
  FACT_REPORTED_SUCCESS,  /* a line of the processor's report */
  FACT_REPORTED_FAILURE,
  FACT_OPERATOR_SUCCEEDED,
  FACT_OPERATOR_FAILED,
  FACT_RETRY, /* asked for again, of failed(not_sent) */
  FACT_CANCEL,
  FACTS
};

struct position {
  enum state state;
  enum state_detail detail;
};

/* Where a fact leads. false: it does not apply here; the refund stays as it is (to is set to `from`). */
bool state_next(struct position from, enum fact fact, struct position *to);

bool state_holds(enum state state);            /* does it hold its amount of the payment? */
bool state_is_open(enum state state);          /* may the processor still move it? */
int32_t state_refund_status(enum state state); /* REFUND_STATUS_*: what the person is told */

const char *state_name(enum state state);
const char *state_detail_name(enum state_detail detail); /* "" for none */
const char *fact_name(enum fact fact);
bool state_find(const char *name, enum state *state);

#endif
