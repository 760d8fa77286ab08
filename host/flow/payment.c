/* The other refunds of a payment: one attempt at a time, and whose an answer about the payment is. */
#include <stdio.h>
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

/* ---- Within this process ---- */

/* One attempt at a time for a payment; other processes are seen when it is recorded. */
bool job_enter_payment(struct job *job) {
  if (!job_is_attempt(job)) return true;
  for (const struct job *other = job->flow->passing; other != NULL; other = other->next_passing) {
    bool same = refund_same(other->passing_payment, job->record.connector_transaction_id);
    if (same && refund_same(other->passing_scope, job->record.scope)) return false;
  }
  job->passing_scope = job->record.scope;
  job->passing_payment = job->record.connector_transaction_id;
  job->next_passing = job->flow->passing;
  job->flow->passing = job;
  job->passes = true;
  return true;
}

void job_leave_payment(struct job *job) {
  struct job **at = &job->flow->passing;
  if (!job->passes) return;
  job->passes = false;
  while (*at != job)
    at = &(*at)->next_passing;
  *at = job->next_passing;
}

/* ---- On record ---- */

struct others {
  struct job *job;
  bool found;
  bool unknown;    /* what was found is not under way, but nobody knows what became of it */
  bool ours;       /* what was found is in the hands of this process */
  char first[129]; /* its id */
  char dead[129];  /* one whose process ended while it was sent */
};

static bool look_at_other(void *context, const struct ledger_refund *other) {
  struct others *others = context;
  struct job *job = others->job;
  struct ledger *ledger = job->flow->rooms.ledger;
  if (other->row == job->record.row) return true;
  bool sending = other->position.state == STATE_SENDING;
  if (sending && other->owner != ledger_owner(ledger) && !ledger_owner_lives(ledger, other->owner)) {
    snprintf(others->dead, sizeof others->dead, "%s", other->refund_id.data);
  }
  others->found = true;
  others->ours = sending && other->owner == ledger_owner(ledger);
  others->unknown = other->position.state == STATE_UNKNOWN;
  snprintf(others->first, sizeof others->first, "%s", other->refund_id.data);
  return false;
}

static bool find_other(struct job *job, unsigned states, struct others *others) {
  struct ledger_filter filter = {
      .states = states, .scope = job->record.scope, .connector_transaction_id = job->record.connector_transaction_id};
  *others = (struct others){.job = job};
  return ledger_list(job->flow->rooms.ledger, &filter, look_at_other, others, &job->error);
}

static bool names_payment(const struct job *job) {
  const refund_descriptor *descriptor = connector_descriptor(job->connector);
  const refund_flow *refund = flow_of(descriptor, FLOW_REFUND);
  const refund_flow *lookup = flow_of(descriptor, FLOW_REFUND_LOOKUP);
  return refund->names == REFUND_NAMES_PAYMENT || (lookup != NULL && lookup->names == REFUND_NAMES_PAYMENT);
}

/* One attempt at a time for a payment. Where answers or lists speak of the payment only, a lost one is waited for too:
 * nobody could tell the two apart. */
bool job_may_send(struct job *job, bool *may) {
  enum { OWN_WAITS = 50 }; /* its stored answer is read at once, or was given up: see STEP_STORED, write_failed() */
  unsigned states = LEDGER_IN(STATE_SENDING);
  struct others others;
  bool answered = false;
  if (names_payment(job)) states |= LEDGER_IN(STATE_UNKNOWN);
  if (!find_other(job, states, &others)) return false;
  if (others.dead[0] != '\0' && !job_release(job, refund_text_of(others.dead), &answered)) return false;
  *may = !others.found;
  bool given_up = others.ours && ++job->own_waits > OWN_WAITS;
  if (!others.unknown && !answered && !given_up) return true;
  job->waits_for = arena_copy(job->arena, refund_text_of(others.first));
  return job->waits_for.data != NULL || job_out_of_memory(job);
}

bool job_is_alone(struct job *job, bool *alone) {
  unsigned accepted = LEDGER_IN(STATE_SENDING) | LEDGER_IN(STATE_UNKNOWN) | LEDGER_IN(STATE_PENDING) |
                      LEDGER_IN(STATE_SUCCEEDED) | LEDGER_IN(STATE_FAILED_LATE) | LEDGER_IN(STATE_MANUAL_REVIEW);
  struct others others;
  if (!find_other(job, accepted, &others)) return false;
  *alone = !others.found;
  return true;
}
