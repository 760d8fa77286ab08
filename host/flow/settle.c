/* Facts become states, in the ledger. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

/* What the payment's refunds hold follows from the refund's state. */
static bool hold(struct job *job, int64_t before, int64_t after) {
  struct ledger *ledger = job->flow->rooms.ledger;
  struct ledger_payment payment;
  if (before == after) return true;
  enum ledger_found found = ledger_find_payment(ledger, job->record.scope, job->record.connector_transaction_id,
                                                job->record.currency, job->arena, &payment, &job->error);
  if (found != LEDGER_FOUND) {
    return found == LEDGER_NONE ? error_set(&job->error, ERROR_LEDGER, NULL,
                                            "the payment of refund %s is not on record", job->record.refund_id.data)
                                : false;
  }
  payment.held_amount += after - before;
  payment.updated_at = job_now(job);
  return ledger_put_payment(ledger, &payment, &job->error);
}

/* The larger of what was asked and what the processor says that it took; in units of ISO 4217, rounded up. */
static int64_t held_by(const struct job *job) {
  const struct answer *answer = &job->answer;
  int64_t held = job->record.refund_amount;
  if (job->connector == NULL || !answer->has_amount) return held;
  const struct currency *currency = job->refund.currency;
  const refund_currency *rule = money_rule(connector_descriptor(job->connector), currency);
  int64_t echoed = money_held_for(answer->amount, currency, rule);
  bool same_currency = !refund_there(answer->currency) || refund_is_nocase(answer->currency, currency->code) ||
                       refund_is(answer->currency, currency->number);
  return same_currency && echoed > held ? echoed : held;
}

bool record_fact(struct job *job, enum fact fact, refund_text note) {
  struct ledger *ledger = job->flow->rooms.ledger;
  struct ledger_refund *record = &job->record;
  int64_t before = record->held_amount;
  state_next(record->position, fact, &record->position);
  record->held_amount = state_holds(record->position.state) ? held_by(job) : 0;
  record->updated_at = job_now(job);
  return hold(job, before, record->held_amount) &&
         ledger_add_fact(ledger, job->arena, record, fact_name(fact), job->attempt.row, note, &job->error) &&
         ledger_put_refund(ledger, record, &job->error);
}

/* A refund id that another refund has: one of the two is not what it seems. */
static bool check_owner(struct job *job) {
  struct ledger_refund other;
  refund_text id = job->verdict.connector_refund_id;
  bool unique = (connector_descriptor(job->connector)->flags & REFUND_IDS_UNIQUE) != 0;
  if (!unique || !refund_there(id)) return true;
  switch (ledger_find_by_processor(job->flow->rooms.ledger, &job->record, id, job->arena, &other, &job->error)) {
    case LEDGER_FAILED:
      return false;
    case LEDGER_FOUND:
      if (other.row == job->record.row) return true;
      job->fact = FACT_CONTRADICTION;
      job->verdict.error_message = refund_text_of("the answer contradicts the refund");
      job->verdict.error_reason =
          arena_format(job->arena, "the processor's refund %s belongs to refund %s", id.data, other.refund_id.data);
      return true;
    case LEDGER_NONE:
      job->record.unique_refund_id = id;
      break;
  }
  return true;
}

static void take_verdict(struct job *job) {
  struct ledger_refund *record = &job->record;
  const struct verdict *verdict = &job->verdict;
  record->error_code = verdict->error_code;
  record->error_message = verdict->error_message;
  record->error_reason = verdict->error_reason;
  record->network_decline_code = verdict->network_decline_code;
  record->warning = verdict->warning;
  record->reading = verdict->reading;
  record->http_status = job->reply.http_status;
  if (record->connector_refund_id.data == NULL) record->connector_refund_id = verdict->connector_refund_id;
}

static bool end_attempt(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  if (job->attempt.row == 0) return true;
  job->attempt.attempt_class = refund_text_of(attempt_class_name(job->verdict.attempt_class));
  job->attempt.transmissions = job->reply.transmissions; /* again: recording the reply may have failed */
  job->attempt.http_status = job->reply.http_status;
  if (job->attempt.ended_at == 0) job->attempt.ended_at = job_now(job);
  if (!ledger_put_attempt(ledger, &job->attempt, &job->error)) return false;
  if (job->raw_reply.row == 0) return true;
  job->raw_reply.mapped = job->verdict.reading != 0;
  return ledger_put_reply(ledger, &job->raw_reply, &job->error);
}

void settle_in_memory(struct job *job) {
  take_verdict(job);
  state_next(job->record.position, job->fact, &job->record.position);
  job->record.updated_at = job_now(job);
}

bool step_settle(struct job *job) {
  if (!check_owner(job)) return false;
  bool sent = job->attempt.row != 0;
  bool again = sent && job->account_refused && job->fact == FACT_UNSENT && job_can_refresh_token(job);
  if (again) job->record.token_refreshes++;
  take_verdict(job);
  if (!end_attempt(job) || !record_fact(job, job->fact, job->verdict.error_message)) return false;
  job->step = again ? STEP_AGAIN : STEP_TELL;
  if (job->account_refused && !again) {
    error_set(&job->error, ERROR_ACCOUNT, "account", "the processor refused the credentials of account %.100s",
              job->record.account.data);
    error_fix(&job->error, "mend the account, then repeat the refund");
  }
  return true;
}

/* The refund is new again, with another token to come. Nothing of the attempt may reach into the next one. */
bool step_again(struct job *job) {
  job_drop_token(job);
  memset(&job->attempt, 0, sizeof job->attempt);
  memset(&job->raw_reply, 0, sizeof job->raw_reply);
  memset(&job->reply, 0, sizeof job->reply);
  memset(&job->answer, 0, sizeof job->answer);
  memset(&job->request, 0, sizeof job->request);
  memset(&job->verdict, 0, sizeof job->verdict);
  job->account_refused = false;
  job->step = STEP_BUILD;
  return true;
}
