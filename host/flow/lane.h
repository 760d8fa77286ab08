/* What one account may send at the moment: its rate and concurrency, the circuit breaker, the pause. Plain arithmetic
 * on a time that is handed in; nothing here knows a refund. Between the files of this room only. */
#ifndef FLOW_LANE_H
#define FLOW_LANE_H

#include "account/account.h"
#include "domain/verdict.h"

/* Times are milliseconds of a clock that is never set back. While the account is held, because it is paused or its
 * breaker is open, one attempt at a time is the probe: it begins when nothing else is under way any more, so that its
 * end is not taken for another's. */
struct lane {
  const struct account_limits *limits; /* borrowed */
  int refusals_to_pause;
  int64_t under_way;    /* attempts */
  int64_t next_by_rate; /* when the rate allows the next one; in 1/rate of a millisecond, so that nothing is rounded */
  int failures;         /* A, B and 5xx in a row */
  int refusals;         /* of the account, in a row; what is no answer says nothing about that */
  int64_t unreachable_at; /* since when nobody answers there; 0: somebody does */
  bool paused;
  int64_t open_for; /* how long the breaker opened last; 0: it is closed */
  int64_t probe_at; /* while held: when the next probe may begin */
  bool probing;     /* what is under way is the probe */
  int64_t held_at;  /* while held: since when */
  int64_t held_ms;  /* for how long in all, before that: this time counts for no budget */
};

void lane_open(struct lane *lane, const struct account_limits *limits, int refusals_to_pause);

enum lane_gate { LANE_GO, LANE_LATER, LANE_PAUSED };

/* May an attempt begin now? If not, *at says when to ask again if nothing ends before; INT64_MAX: only then. */
enum lane_gate lane_ask(const struct lane *lane, int64_t now, int64_t *at);
/* One begins, that lane_ask() let go just now. Each is ended by lane_end(), or taken back before it was sent. */
void lane_begin(struct lane *lane, int64_t now);
void lane_cancel(struct lane *lane);

/* How an attempt ended. An answer that the processor gave deliberately, whatever it says, closes the breaker; so it
 * does the pause if it is the probe's and not again a refusal of the account. */
struct lane_end {
  enum attempt_class attempt_class;
  int http_status;     /* 0: none */
  bool about_account;  /* its credentials were refused */
  bool unreachable;    /* nobody answers at that host */
  int64_t retry_after; /* as asked for by the processor; 0: not. Counts where nothing was done or nobody knows */
};
void lane_end(struct lane *lane, const struct lane_end *end, int64_t now);

/* The part of `now` that counts for budgets: it stands still while the account is paused or the breaker is open. */
int64_t lane_budget_clock(const struct lane *lane, int64_t now);

/* How long to wait before try number `tries` + 1: exponential with full jitter, from one random number. */
int64_t lane_backoff(int64_t tries, uint32_t random);

/* A Retry-After header in either form, seconds or an HTTP date (RFC 9110, all three date forms), as milliseconds from
 * now on (`wall_ms`: Unix milliseconds). 0: cannot be read or lies in the past. */
int64_t lane_retry_after(refund_text value, int64_t wall_ms);

enum {
  LANE_TRIES = 8,                           /* of one refund, within the account's retry budget */
  LANE_RETRY_AFTER_GREATEST = 5 * 60 * 1000 /* a longer one pauses the account */
};

#endif
