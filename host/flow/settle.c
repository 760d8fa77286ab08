/* Facts become states, in the ledger. */
#include <string.h>

#include "flow/job.h"
#include "flow/record.h"
#include "refund_toolkit.h"

/* The larger of what was asked and what the processor says that it took; in units of ISO 4217, rounded up. */
static int64_t held_by(const struct job *job) {
  const struct answer *answer = &job->answer;
  int64_t held =
      job->record.held_amount > job->record.refund_amount ? job->record.held_amount : job->record.refund_amount;
  if (job->connector == NULL || !answer->has_amount) return held;
  const struct currency *currency = job->refund.currency;
  const refund_currency *rule = money_rule(connector_descriptor(job->connector), currency);
  int64_t echoed = money_held_for(answer->amount, currency, rule);
  return currency_agrees(answer->currency, currency) && echoed > held ? echoed : held;
}

bool record_fact(struct job *job, enum fact fact, refund_text note) {
  struct record_place place = {job->flow->rooms.ledger, job->flow->rooms.outside, job->arena};
  return record_apply(&place, &job->record, fact, held_by(job), job->attempt.row, note, &job->error);
}

/* A look that finds nothing has no words of its own: why the refund is open stays said. */
static bool is_silent(const struct job *job) {
  return job->verdict.attempt_class == CLASS_ABSENT && job->fact != FACT_ABSENT_RESENDABLE;
}

static void take_error(struct job *job) {
  struct ledger_refund *record = &job->record;
  const struct verdict *verdict = &job->verdict;
  record->error_code = verdict->error_code;
  record->error_message = verdict->error_message;
  record->error_reason = verdict->error_reason;
  record->network_decline_code = verdict->network_decline_code;
}

static void take_verdict(struct job *job) {
  struct ledger_refund *record = &job->record;
  const struct verdict *verdict = &job->verdict;
  if (!is_silent(job)) take_error(job);
  record->warning = verdict->warning;
  record->reading = verdict->reading;
  record->http_status = job->reply.http_status;
  bool gives_id = verdict->attempt_class != CLASS_DUPLICATE; /* which may give that of the repeat, that was declined */
  if (record->connector_refund_id.data == NULL && gives_id) record->connector_refund_id = verdict->connector_refund_id;
  job->refund.connector_refund_id = record->connector_refund_id;
}

/* A word that this connector does not know yet may be read by its next version. */
static bool is_understood(const struct job *job) {
  const struct answer *answer = &job->answer;
  bool unknown_word = answer->reading == REFUND_READING_STATUS && answer->status == REFUND_STATUS_UNRECOGNIZED;
  return job->verdict.reading != 0 && !answer->unknown_value && !unknown_word;
}

static bool end_exchange(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  if (job->attempt.row != 0) {
    job->attempt.attempt_class = refund_text_of(attempt_class_name(job->verdict.attempt_class));
    job->attempt.transmissions = job->reply.transmissions;
    job->attempt.http_status = job->reply.http_status;
    job->attempt.problem = job_mask(job, arena_copy(job->arena, refund_text_of(job->reply.problem)), NULL);
    if (job->attempt.ended_at == 0) job->attempt.ended_at = job_now(job);
    if (!ledger_put_attempt(ledger, &job->attempt, &job->error)) return false;
  }
  bool has_reply = job->raw_reply.refund != 0 && job->raw_reply.headers.data != NULL;
  job->raw_reply.mapped = is_understood(job);
  return !has_reply || ledger_put_reply(ledger, &job->raw_reply, &job->error);
}

void settle_in_memory(struct job *job) {
  bool decides = job->fact == FACT_SAID_SUCCESS || job->fact == FACT_SAID_FAILURE;
  if (decides && job->verdict.names == REFUND_NAMES_PAYMENT) job->fact = FACT_SAID_PENDING; /* perhaps of another one */
  take_verdict(job);
  state_next(job->record.position, job->fact, &job->record.position);
  job->record.updated_at = job_now(job);
}

/* Another process or a person may have moved it meanwhile: the fact applies to it as it stands. */
static bool read_again(struct job *job) {
  struct ledger_refund now;
  enum ledger_found found =
      ledger_find_refund(job->flow->rooms.ledger, job->record.refund_id, job->arena, &now, &job->error);
  if (found == LEDGER_NONE) return error_set(&job->error, ERROR_LEDGER, NULL, "the refund vanished from the ledger");
  if (found == LEDGER_FAILED) return false;
  if (now.revision == job->record.revision) return true;
  now.tries = job->record.tries;
  now.tried_ms = job->record.tried_ms;
  job->record = now;
  return true;
}

static bool position_is(struct position a, struct position b) {
  return a.state == b.state && a.detail == b.detail;
}

/* What the processor or a mapper says now, where it does not count. */
static void show_beside(struct job *job) {
  bool says_status = job->verdict.attempt_class == CLASS_ACCEPTED;
  static const enum state states[] = {
      [REFUND_STATUS_UNRECOGNIZED] = STATE_PENDING,
      [REFUND_STATUS_SUCCESS] = STATE_SUCCEEDED,
      [REFUND_STATUS_PENDING] = STATE_PENDING,
      [REFUND_STATUS_FAILURE] = STATE_FAILED,
      [REFUND_STATUS_MANUAL_REVIEW] = STATE_MANUAL_REVIEW,
  };
  struct job as_if = *job;
  take_verdict(&as_if);
  take_error(&as_if);
  if (says_status) as_if.record.position = (struct position){states[job->verdict.refund_status], DETAIL_NONE};
  job->beside = flow_outcome(&as_if.record);
  job->has_beside = true;
}

/* What we put aside for a person stays so until the person decides. A second reading of a reply that was understood
 * changes nothing by itself. */
static bool only_shown(const struct job *job) {
  const struct position *from = &job->record.position;
  bool in_review = from->state == STATE_MANUAL_REVIEW && from->detail == DETAIL_OURS;
  bool understood = job->is_stored && job->stored[job->stored_next - 1].mapped != 0;
  return job->aim == AIM_REMAP ? understood && !job->flow->options.apply : in_review && job->has_exchange;
}

static bool moves(const struct job *job) {
  struct position to;
  return job->fact != FACTS && state_next(job->record.position, job->fact, &to) &&
         !position_is(job->record.position, to);
}

/* The fact is recorded where it moves the refund, or would have: an older word that comes late. */
static bool apply_fact(struct job *job) {
  struct position to;
  refund_text note = refund_there(job->note) ? job->note : job->verdict.error_message;
  bool comes_late = job->fact != FACTS && !state_next(job->record.position, job->fact, &to);
  bool of_attempt = job->attempt.row != 0 && !job->is_stored;
  if (of_attempt || comes_late || moves(job)) return record_fact(job, job->fact, note);
  job->record.updated_at = job_now(job);
  return ledger_put_refund(job->flow->rooms.ledger, &job->record, &job->error);
}

static bool disprove_attempts(struct job *job) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    struct ledger_attempt disproved = job->attempts[i]; /* which is as it was, if this is undone */
    disproved.disproved = 1;
    if (!ledger_put_attempt(job->flow->rooms.ledger, &disproved, &job->error)) return false;
  }
  return true;
}

/* A look that found nothing: it counts after the settle delay, and twice. */
static bool count_absence(struct job *job) {
  struct ledger_refund *record = &job->record;
  if (record->position.state != STATE_UNKNOWN || !job->look_counts) return true;
  if (record->attempts != job->look_attempts) return true; /* it was sent again while we looked */
  if (record->absences == 0) record->absent_at = job_now(job);
  job->history.absences = ++record->absences;
  struct now now = job_moment(job);
  job->fact = absence_fact(&job->means, &job->history, &now);
  job->note = refund_text_of("two look-ups found no such refund");
  if (job->fact != FACT_ABSENT_RESENDABLE) return true;
  record->restored_at = 0;
  return disprove_attempts(job);
}

static bool settle_exchange(struct job *job) {
  bool is_lookup = job->kind == FLOW_REFUND_LOOKUP && job->attempt.row == 0;
  if (is_lookup && job->reply.complete && !job_adopt(job)) return false;
  bool absent = job->verdict.attempt_class == CLASS_ABSENT;
  if (is_lookup && absent && !count_absence(job)) return false;
  return job_identify(job);
}

/* A look without an answer takes nothing back of what has ended, nor adds an error to it. */
static bool says_nothing(const struct job *job) {
  bool is_look = job->has_exchange && job->attempt.row == 0 && !job->is_stored;
  return is_look && job->fact == FACTS && !state_is_open(job->record.position.state);
}

bool step_settle(struct job *job) {
  if (!read_again(job)) return false;
  job->step = STEP_NEXT;
  if (job->has_exchange && !settle_exchange(job)) return false;
  if (job->can_refresh) job->record.token_refreshes++; /* whatever else of it counts */
  if (only_shown(job)) {
    if (!job->is_stored || moves(job)) show_beside(job);
    if (job->is_stored) return true;
    return end_exchange(job) &&
           (!job->can_refresh || ledger_put_refund(job->flow->rooms.ledger, &job->record, &job->error));
  }
  if (says_nothing(job)) {
    show_beside(job);
  } else {
    take_verdict(job);
  }
  if (!end_exchange(job) || !apply_fact(job)) return false;
  return !state_is_open(job->record.position.state) || job_read_history(job); /* what has ended is only told */
}
