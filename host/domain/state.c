#include "domain/state.h"

#include <stddef.h>
#include <string.h>

static const struct {
  const char *name;
  bool holds;
  bool open;
  int32_t refund_status;
} states[STATES] = {
    [STATE_NEW] = {"new", true, true, REFUND_STATUS_PENDING},
    [STATE_SENDING] = {"sending", true, true, REFUND_STATUS_PENDING},
    [STATE_UNKNOWN] = {"unknown", true, true, REFUND_STATUS_PENDING},
    [STATE_PENDING] = {"pending", true, true, REFUND_STATUS_PENDING},
    [STATE_SUCCEEDED] = {"succeeded", true, false, REFUND_STATUS_SUCCESS},
    [STATE_FAILED] = {"failed", false, false, REFUND_STATUS_FAILURE},
    [STATE_FAILED_LATE] = {"failed_late", false, false, REFUND_STATUS_FAILURE},
    [STATE_MANUAL_REVIEW] = {"manual_review", true, false, REFUND_STATUS_MANUAL_REVIEW},
};

static const char *const detail_names[] = {"",         "rejected",    "not_sent", "unsupported",
                                           "canceled", "by_operator", "ours",     "theirs"};

static const char *const fact_names[FACTS] = {"unsupported",
                                              "not_built",
                                              "attempt",
                                              "unsent",
                                              "unsent_spent",
                                              "refused_spent",
                                              "unsent_after_unknown",
                                              "rejected",
                                              "rejected_later",
                                              "rejected_replay",
                                              "ambiguous",
                                              "said_pending",
                                              "said_success",
                                              "said_failure",
                                              "said_review",
                                              "contradiction",
                                              "absent_resendable",
                                              "absent_stuck",
                                              "budget_spent",
                                              "account_changed",
                                              "restored",
                                              "reported_success",
                                              "reported_failure",
                                              "operator_succeeded",
                                              "operator_failed",
                                              "retry",
                                              "cancel"};

#define IN(state) (1u << (state))
#define SENT (IN(STATE_SENDING) | IN(STATE_UNKNOWN))
#define OPEN (SENT | IN(STATE_PENDING))
#define REVIEW IN(STATE_MANUAL_REVIEW)
#define UNPAID (IN(STATE_NEW) | IN(STATE_FAILED) | IN(STATE_FAILED_LATE)) /* a word of success contradicts that */

/* The first row that fits applies; none: the fact changes nothing. `if_detail` DETAIL_KEEP: any. */
static const struct {
  unsigned from;
  enum state_detail if_detail;
  enum fact fact;
  enum state to;
  enum state_detail detail;
} transitions[] = {
    {IN(STATE_NEW), DETAIL_KEEP, FACT_UNSUPPORTED, STATE_FAILED, DETAIL_UNSUPPORTED},
    {IN(STATE_NEW), DETAIL_KEEP, FACT_NOT_BUILT, STATE_FAILED, DETAIL_NOT_SENT},
    {IN(STATE_NEW), DETAIL_KEEP, FACT_CANCEL, STATE_FAILED, DETAIL_CANCELED},
    {IN(STATE_NEW) | IN(STATE_UNKNOWN), DETAIL_KEEP, FACT_ATTEMPT, STATE_SENDING, DETAIL_NONE},
    {IN(STATE_FAILED), DETAIL_NOT_SENT, FACT_RETRY, STATE_NEW, DETAIL_NONE},

    {IN(STATE_SENDING), DETAIL_KEEP, FACT_UNSENT, STATE_NEW, DETAIL_NONE},
    {IN(STATE_SENDING) | IN(STATE_NEW), DETAIL_KEEP, FACT_UNSENT_SPENT, STATE_FAILED, DETAIL_NOT_SENT},
    {IN(STATE_SENDING) | IN(STATE_NEW), DETAIL_KEEP, FACT_REFUSED_SPENT, STATE_FAILED, DETAIL_REJECTED},
    {IN(STATE_SENDING), DETAIL_KEEP, FACT_UNSENT_AFTER_UNKNOWN, STATE_UNKNOWN, DETAIL_NONE},
    {SENT, DETAIL_KEEP, FACT_REJECTED, STATE_FAILED, DETAIL_REJECTED},
    {IN(STATE_SENDING), DETAIL_KEEP, FACT_REJECTED_LATER, STATE_UNKNOWN, DETAIL_NONE},
    {SENT, DETAIL_KEEP, FACT_REJECTED_REPLAY, STATE_FAILED, DETAIL_REJECTED},
    {SENT, DETAIL_KEEP, FACT_AMBIGUOUS, STATE_UNKNOWN, DETAIL_NONE},

    {OPEN, DETAIL_KEEP, FACT_SAID_PENDING, STATE_PENDING, DETAIL_NONE},
    {OPEN, DETAIL_KEEP, FACT_SAID_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {OPEN, DETAIL_KEEP, FACT_SAID_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {OPEN, DETAIL_KEEP, FACT_SAID_REVIEW, STATE_MANUAL_REVIEW, DETAIL_THEIRS},
    {REVIEW, DETAIL_THEIRS, FACT_SAID_PENDING, STATE_PENDING, DETAIL_NONE},
    {REVIEW, DETAIL_THEIRS, FACT_SAID_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {REVIEW, DETAIL_THEIRS, FACT_SAID_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {IN(STATE_SUCCEEDED), DETAIL_KEEP, FACT_SAID_FAILURE, STATE_FAILED_LATE, DETAIL_NONE},
    {UNPAID, DETAIL_KEEP, FACT_SAID_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {OPEN | IN(STATE_SUCCEEDED) | REVIEW | UNPAID, DETAIL_KEEP, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {IN(STATE_NEW), DETAIL_KEEP, FACT_SAID_PENDING, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {IN(STATE_NEW), DETAIL_KEEP, FACT_SAID_REVIEW, STATE_MANUAL_REVIEW, DETAIL_OURS},

    {IN(STATE_UNKNOWN), DETAIL_KEEP, FACT_ABSENT_RESENDABLE, STATE_NEW, DETAIL_NONE},
    {IN(STATE_UNKNOWN), DETAIL_KEEP, FACT_ABSENT_STUCK, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {OPEN, DETAIL_KEEP, FACT_BUDGET_SPENT, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {OPEN, DETAIL_KEEP, FACT_ACCOUNT_CHANGED, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {IN(STATE_NEW) | IN(STATE_SENDING), DETAIL_KEEP, FACT_RESTORED, STATE_UNKNOWN, DETAIL_NONE},

    {OPEN | REVIEW, DETAIL_KEEP, FACT_REPORTED_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {OPEN | REVIEW, DETAIL_KEEP, FACT_REPORTED_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {UNPAID, DETAIL_KEEP, FACT_REPORTED_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {IN(STATE_SUCCEEDED), DETAIL_KEEP, FACT_REPORTED_FAILURE, STATE_MANUAL_REVIEW, DETAIL_OURS},

    {IN(STATE_UNKNOWN) | IN(STATE_PENDING) | REVIEW, DETAIL_KEEP, FACT_OPERATOR_SUCCEEDED, STATE_SUCCEEDED,
     DETAIL_BY_OPERATOR},
    {IN(STATE_UNKNOWN) | IN(STATE_PENDING) | REVIEW, DETAIL_KEEP, FACT_OPERATOR_FAILED, STATE_FAILED,
     DETAIL_BY_OPERATOR},
    {IN(STATE_SUCCEEDED), DETAIL_KEEP, FACT_OPERATOR_FAILED, STATE_FAILED_LATE, DETAIL_BY_OPERATOR},
};

bool state_next(struct position from, enum fact fact, struct position *to) {
  *to = from;
  for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
    if (transitions[i].fact != fact || (transitions[i].from & IN(from.state)) == 0) continue;
    if (transitions[i].if_detail != DETAIL_KEEP && transitions[i].if_detail != from.detail) continue;
    to->state = transitions[i].to;
    to->detail = transitions[i].detail;
    return true;
  }
  return false;
}

bool state_holds(enum state state) {
  return states[state].holds;
}

bool state_is_open(enum state state) {
  return states[state].open;
}

int32_t state_refund_status(enum state state) {
  return states[state].refund_status;
}

const char *state_name(enum state state) {
  return states[state].name;
}

const char *state_detail_name(enum state_detail detail) {
  return detail_names[detail];
}

const char *fact_name(enum fact fact) {
  return fact_names[fact];
}

bool state_find(const char *name, enum state *state) {
  for (int i = 0; i < STATES; i++) {
    if (strcmp(states[i].name, name) == 0) {
      *state = (enum state)i;
      return true;
    }
  }
  return false;
}
