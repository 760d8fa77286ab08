/* After a fact is on disk: told, tried again, or looked up. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

void job_forget_exchange(struct job *job) {
  memset(&job->attempt, 0, sizeof job->attempt);
  memset(&job->raw_reply, 0, sizeof job->raw_reply);
  memset(&job->reply, 0, sizeof job->reply);
  memset(&job->answer, 0, sizeof job->answer);
  memset(&job->request, 0, sizeof job->request);
  memset(&job->verdict, 0, sizeof job->verdict);
  memset(&job->note, 0, sizeof job->note);
  memset(&job->waits_for, 0, sizeof job->waits_for);
  job->fact = FACTS;
  job->account_refused = job->can_refresh = job->is_stored = job->earlier_unknown = job->has_exchange = job->ambiguous =
      false;
  job->retry_after = 0;
}

static bool random_number(struct job *job, uint32_t *number) {
  const struct outside *outside = job->flow->rooms.outside;
  return outside->random(outside, number, sizeof *number) ||
         error_set(&job->error, ERROR_HOST, NULL, "the system gives no random bytes");
}

/* Nothing was done: again, later, by way of the gate. */
static bool try_again(struct job *job) {
  uint32_t number;
  job->step = STEP_GATE;
  job->kind = FLOW_REFUND;                /* what came before may have been a look */
  if (job->own->lane.paused) return true; /* which tells it so */
  if (!random_number(job, &number)) return false;
  int64_t wait = lane_backoff(job->record.tries > 0 ? job->record.tries : 1, number);
  if (wait < job->retry_after && job->retry_after <= LANE_RETRY_AFTER_GREATEST) wait = job->retry_after;
  job_later(job, wait, STEP_GATE);
  return true;
}

/* With another token, at once. */
static bool refresh_token(struct job *job) {
  job_drop_token(job);
  job->step = STEP_GATE;
  return true;
}

/* It is unknown what became of it. What a run began on its own account it leaves to the next one, but for what can be
 * told at once: that the processor has it already, or that nobody will ever know. */
static bool is_decided_now(const struct job *job) {
  struct now now = job_moment(job);
  struct plan plan;
  plan_of(&job->means, &job->history, &now, true, &plan);
  bool look = plan.move == MOVE_LOOKUP || plan.move == MOVE_SYNC;
  return plan.move == MOVE_REVIEW || (look && (job->history.duplicate || job->history.rejected_later));
}

/* An adopted refund, and one that a look found to be new, are not yet told. */
static bool goes_on(const struct job *job) {
  switch (job->record.position.state) {
    case STATE_UNKNOWN:
      return is_decided_now(job) || (job->is_stored && job->aim != AIM_REMAP);
    case STATE_PENDING:
      return job->adopted && job->means.sync && !job->synced;
    default:
      return false;
  }
}

bool step_next(struct job *job) {
  job_leave_payment(job);
  job->step = STEP_TELL;
  if (job->aim == AIM_REMAP || job->stored_next < job->stored_count) {
    job->step = STEP_STORED;
    return true;
  }
  if (job->can_refresh) return refresh_token(job);
  if (job->account == NULL || job->unrecorded) return true;
  bool may_send = job->aim == AIM_REFUND || job->aim == AIM_RESUME;
  if (job->record.position.state == STATE_NEW && may_send) return try_again(job);
  if (goes_on(job)) job->step = STEP_PLAN;
  return true;
}
