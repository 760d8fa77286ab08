/* What is to be done about a refund that is on record: domain/recovery.h decides, here it is begun. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

/* Repeats and looks are made as the first attempt was, or not at all. */
static bool is_account_changed(struct job *job) {
  const struct ledger_refund *record = &job->record;
  const struct account *account = job->account;
  if (!refund_same(record->connector, account->connector) || record->environment != account->environment) return true;
  if (!refund_there(record->base_url)) return false;
  return !refund_same(record->base_url, account->base_urls[0]) ||
         !refund_same(record->account_digest, account_digest(account, job->arena));
}

static void settle_without_exchange(struct job *job, enum fact fact, const char *reason) {
  job_forget_exchange(job);
  job->verdict.error_message = refund_text_of(reason);
  job->verdict.reading = (int32_t)job->record.reading;
  job->reply.http_status = (int)job->record.http_status;
  job->fact = fact;
  job->step = STEP_SETTLE;
}

static void go_to_gate(struct job *job, int64_t wait_ms) {
  job->step = STEP_GATE;
  if (wait_ms > 0) job_later(job, wait_ms, STEP_GATE);
}

static bool begin_look(struct job *job, enum flow_kind kind, const struct plan *plan) {
  bool *done = kind == FLOW_REFUND_SYNC ? &job->synced : &job->looked;
  job->step = STEP_TELL;
  if (*done) return true;
  *done = true;
  go_to_gate(job, plan->wait_ms);
  job->look_attempts = job->record.attempts;
  job->kind = kind;
  job->look_counts = plan->counts;
  return true;
}

static bool begin_repeat(struct job *job, const struct plan *plan) {
  if (job->repeated) {
    job->step = STEP_TELL;
    return true;
  }
  job->repeated = job->is_repeat = true;
  job->same_key = plan->same_key;
  job->kind = FLOW_REFUND;
  go_to_gate(job, plan->wait_ms);
  return true;
}

static bool is_open(const struct job *job) {
  const struct position *position = &job->record.position;
  return state_is_open(position->state) ||
         (position->state == STATE_MANUAL_REVIEW && position->detail == DETAIL_THEIRS);
}

/* What is final, or reviewed by us, is only asked about when somebody insists. */
static bool is_to_be_asked(const struct job *job) {
  bool ours_in_review = job->record.position.state == STATE_MANUAL_REVIEW;
  switch (job->aim) {
    case AIM_FORCE:
      return job->history.sent;
    case AIM_SYNC:
      return is_open(job) || ours_in_review;
    default:
      return state_is_open(job->record.position.state) && (job->record.position.state != STATE_PENDING || job->adopted);
  }
}

bool step_plan(struct job *job) {
  struct now now = job_moment(job);
  struct plan plan;
  job->step = STEP_TELL;
  job->is_repeat = job->same_key = false;
  job->kind = FLOW_REFUND;
  if (job->stored_count > job->stored_next || job->aim == AIM_REMAP) {
    job->step = STEP_STORED;
    return true;
  }
  if (!is_to_be_asked(job)) return true;
  if (job->account == NULL) {
    job->error = job->join_error; /* told beside the outcome: nothing changes */
    return true;
  }
  bool may_repeat = (job->aim == AIM_RESUME || job->aim == AIM_REFUND) && !job->cannot_repeat;
  plan_of(&job->means, &job->history, &now, may_repeat, &plan);
  bool asks = plan.move == MOVE_REPEAT || plan.move == MOVE_LOOKUP || plan.move == MOVE_SYNC;
  if (asks && is_account_changed(job)) {
    if (is_open(job)) {
      settle_without_exchange(job, FACT_ACCOUNT_CHANGED, "the account is not what it was when the refund was sent");
    }
    return true;
  }
  if (job->cannot_repeat && plan.move == MOVE_NONE) {
    settle_without_exchange(job, FACT_BUDGET_SPENT, "it cannot be repeated: the connector now builds another request");
    return true;
  }
  switch (plan.move) {
    case MOVE_SEND:
      if (!job_account_changed(job)) job->step = STEP_GATE;
      return true;
    case MOVE_REPEAT:
      return begin_repeat(job, &plan);
    case MOVE_LOOKUP:
      return begin_look(job, FLOW_REFUND_LOOKUP, &plan);
    case MOVE_SYNC:
      return begin_look(job, FLOW_REFUND_SYNC, &plan);
    case MOVE_REVIEW:
      settle_without_exchange(job, FACT_BUDGET_SPENT, plan.reason);
      return true;
    default:
      return true;
  }
}
