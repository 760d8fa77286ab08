/* What one account may send at the moment: its rate and concurrency, the circuit breaker, the pause. Plain arithmetic
 * on a time that is handed in; nothing here knows a refund. Between the files of this room only. */
#ifndef FLOW_LANE_H
#define FLOW_LANE_H

#include "account/account.h"
#include "domain/verdict.h"

/* Times are milliseconds of a clock that is never set back. */
struct lane {
  const struct account_limits *limits; /* borrowed */
  int refusals_to_pause;
  int64_t under_way;      /* attempts */
  int64_t next_by_rate;   /* when the rate allows the next one */
  int failures;           /* A, B and 5xx in a row */
  int64_t open_for;       /* how long the breaker opened last; 0: it is closed */
  int64_t open_until;     /* then one probe goes out */
  int refusals;           /* of the account, in a row */
  int64_t unreachable_at; /* since when nobody answers; 0: somebody does */
  bool paused;
  int64_t probe_at; /* while it is paused: when one refund may try */
  bool probing;     /* one does: the others wait for what becomes of it */
  int64_t held_at;  /* since when it is paused or the breaker is open; 0: neither */
  int64_t held_ms;  /* for how long in all, before that: this time counts for no budget */
};

void lane_open(struct lane *lane, const struct account_limits *limits, int refusals_to_pause);

enum lane_gate { LANE_GO, LANE_LATER, LANE_PAUSED };

/* May an attempt begin now? LATER: *at says when to ask again, if not before something ends. */
enum lane_gate lane_ask(const struct lane *lane, int64_t now, int64_t *at);
void lane_begin(struct lane *lane, int64_t now);

void lane_cancel(struct lane *lane); /* it was not begun after all */

/* How an attempt ended. */
struct lane_end {
  enum attempt_class attempt_class;
  int http_status;     /* 0: none */
  bool about_account;  /* its credentials were refused */
  bool unreachable;    /* nobody answers at that host */
  int64_t retry_after; /* as asked for by the processor; 0: not */
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
  LANE_TRIES = 8, /* of one refund, within the account's retry budget */
  LANE_RETRY_AFTER_GREATEST = 5 * 60 * 1000 /* a longer one pauses the account */
};

#endif
