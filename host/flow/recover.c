/* A refund that is on record: what happened to it so far, and what is to be done about it. */
#include <stdio.h>
#include <string.h>

#include "document/document.h"
#include "flow/job.h"
#include "refund_toolkit.h"

/* ---- What happened ---- */

static bool is_class(const struct ledger_attempt *attempt, enum attempt_class attempt_class) {
  return refund_is(attempt->attempt_class, attempt_class_name(attempt_class));
}

/* May it have moved money, for all we know? Those that did nothing say so by their class. */
static bool may_have_arrived(const struct ledger_attempt *attempt) {
  bool under_way = attempt->attempt_class.size == 0;
  return attempt->disproved == 0 && (under_way || is_class(attempt, CLASS_AMBIGUOUS) ||
                                     is_class(attempt, CLASS_DUPLICATE) || is_class(attempt, CLASS_ACCEPTED));
}

static struct moment moment_of(const struct ledger_attempt *attempt) {
  return (struct moment){attempt->attempt_time_ms, attempt->uptime_ms, attempt->boot_id};
}

static bool is_good(int64_t http_status) {
  return http_status == 0 || http_status / 100 == 2;
}

/* The ledger was restored: from when the refund was recorded until then, attempts may have been made that it does not
 * know of, and answered in whatever way. */
static void suspect_attempts(const struct ledger_refund *record, struct history *history) {
  history->sent = history->key_spent = true;
  history->first = (struct moment){.wall_ms = record->refund_time_ms};
  if (history->last.wall_ms < record->restored_at) history->last = (struct moment){.wall_ms = record->restored_at};
}

static void make_history(struct job *job) {
  const struct ledger_refund *record = &job->record;
  struct history *history = &job->history;
  memset(history, 0, sizeof *history);
  memset(&job->first_digest, 0, sizeof job->first_digest);
  history->position = record->position;
  history->has_refund_id = refund_there(record->connector_refund_id);
  history->absences = record->absences;
  history->absent_at = record->absent_at;
  for (size_t i = 0; i < job->attempt_count; i++) {
    const struct ledger_attempt *attempt = &job->attempts[i];
    history->last = moment_of(attempt);
    history->duplicate = is_class(attempt, CLASS_DUPLICATE);
    history->rejected_later = history->sent && is_class(attempt, CLASS_REJECTED);
    if (!may_have_arrived(attempt)) continue;
    if (!history->sent) {
      history->first = history->last;
      job->first_digest = attempt->request_digest;
    }
    history->sent = true;
    history->key_spent = history->key_spent || !is_good(attempt->http_status);
  }
  bool refused = record->position.state == STATE_FAILED && record->position.detail == DETAIL_REJECTED;
  if (refused) history->sent = true; /* it may be asked about */
  if (record->restored_at != 0 && record->position.state != STATE_NEW) suspect_attempts(record, history);
}

bool job_read_history(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  if (!ledger_attempts_of(ledger, job->record.row, job->arena, &job->attempts, &job->attempt_count, &job->error) ||
      !ledger_latest(ledger, &job->latest_ms, &job->error)) {
    return false;
  }
  make_history(job);
  return true;
}

static struct ledger_attempt *attempt_of(struct job *job, int64_t row) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    if (job->attempts[i].row == row) return &job->attempts[i];
  }
  return NULL;
}

/* ---- Taking over ---- */

/* The attempt of a process that ended: nobody will ever hear its answer. */
static bool end_attempt(struct job *job, struct ledger_attempt *attempt) {
  attempt->attempt_class = refund_text_of(attempt_class_name(CLASS_AMBIGUOUS));
  attempt->problem = refund_text_of("the process that sent it ended before the answer");
  attempt->ended_at = job_now(job);
  return ledger_put_attempt(job->flow->rooms.ledger, attempt, &job->error);
}

static bool end_lost_attempts(struct job *job) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    struct ledger_attempt *attempt = &job->attempts[i];
    if (attempt->attempt_class.size != 0) continue;
    job->attempt = *attempt;
    if (!end_attempt(job, attempt)) return false;
  }
  job->record.error_message = refund_text_of("the process that sent it ended before the answer");
  bool done = record_fact(job, FACT_AMBIGUOUS, job->record.error_message);
  memset(&job->attempt, 0, sizeof job->attempt);
  return done && job_read_history(job);
}

/* The reply to the attempt that is under way, if it is on disk and was not read yet. */
static bool find_unread(struct job *job) {
  struct ledger_reply *replies;
  size_t count;
  if (!ledger_replies_of(job->flow->rooms.ledger, job->record.row, job->arena, &replies, &count, &job->error)) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    const struct ledger_attempt *attempt = attempt_of(job, replies[i].attempt);
    bool unread = attempt != NULL && attempt->attempt_class.size == 0 && replies[i].masked == 0;
    if (!unread || replies[i].mapped != 0) continue;
    job->stored = &replies[i];
    job->stored_count = 1;
  }
  return true;
}

bool job_take_over(struct job *job, bool *ours) {
  struct ledger *ledger = job->flow->rooms.ledger;
  struct ledger_refund *record = &job->record;
  bool unfinished = record->position.state == STATE_NEW || record->position.state == STATE_SENDING;
  *ours = !unfinished || record->owner == ledger_owner(ledger) || !ledger_owner_lives(ledger, record->owner);
  if (!*ours || !job_read_history(job)) return *ours == false;
  if (!unfinished) return true;
  record->owner = ledger_owner(ledger);
  if (record->position.state == STATE_NEW) return ledger_put_refund(ledger, record, &job->error);
  if (!find_unread(job)) return false;
  return job->stored_count > 0 ? ledger_put_refund(ledger, record, &job->error) : end_lost_attempts(job);
}

/* ---- Loading ---- */

static void take_refund(struct job *job) {
  const struct ledger_refund *record = &job->record;
  job->refund = (struct refund){
      .refund_id = record->refund_id,
      .account = record->account,
      .connector_transaction_id = record->connector_transaction_id,
      .connector_refund_id = record->connector_refund_id,
      .reason = record->reason,
      .connector_metadata = record->connector_metadata,
      .currency = currency_find(record->currency),
      .refund_amount = record->refund_amount,
      .payment_amount = record->payment_amount,
  };
}

static bool load_stored(struct job *job) {
  return ledger_replies_of(job->flow->rooms.ledger, job->record.row, job->arena, &job->stored, &job->stored_count,
                           &job->error);
}

bool step_load(struct job *job) {
  bool ours = false;
  switch (ledger_find_refund(job->flow->rooms.ledger, job->refund.refund_id, job->arena, &job->record, &job->error)) {
    case LEDGER_FAILED:
      return false;
    case LEDGER_NONE:
      return error_set(&job->error, ERROR_NOT_FOUND, "refund_id", "refund %s is not in the ledger",
                       job->refund.refund_id.data);
    case LEDGER_FOUND:
      break;
  }
  take_refund(job);
  bool unfinished = job->record.position.state == STATE_NEW || job->record.position.state == STATE_SENDING;
  if (job->aim == AIM_RESUME && !job_take_over(job, &ours)) return false;
  if (job->aim != AIM_RESUME && !job_read_history(job)) return false;
  job->step = ours || (job->aim != AIM_RESUME && !unfinished) ? STEP_JOIN : STEP_TELL;
  return job->aim != AIM_REMAP || load_stored(job);
}

/* ---- Other refunds of the payment ---- */

struct others {
  struct job *job;
  unsigned states;
  bool found;
  bool unknown;    /* what was found is not under way, but nobody knows what became of it */
  bool ours;       /* what was found is in the hands of this process */
  char first[129]; /* its id */
  char dead[129];  /* one whose process ended while it was sent */
};

/* Sent by a process that ended: from now on it is unknown what became of it. Unless its answer is on disk: that is left
 * for whoever takes the refund up, as there may be no other way to learn it. */
static bool release(struct job *job, refund_text refund_id, bool *answered) {
  struct job other = {.flow = job->flow, .arena = job->arena, .aim = AIM_RESUME};
  enum ledger_found found =
      ledger_find_refund(job->flow->rooms.ledger, refund_id, job->arena, &other.record, &job->error);
  if (found != LEDGER_FOUND) return false;
  take_refund(&other);
  bool done = job_read_history(&other) && find_unread(&other);
  *answered = other.stored_count > 0;
  if (done && !*answered) done = end_lost_attempts(&other);
  if (!done) job->error = other.error;
  return done;
}

static bool look_at_other(void *context, const struct ledger_refund *other) {
  struct others *others = context;
  struct job *job = others->job;
  struct ledger *ledger = job->flow->rooms.ledger;
  if (other->row == job->record.row || (others->states & LEDGER_IN(other->position.state)) == 0) return true;
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
  *others = (struct others){.job = job, .states = states};
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
  if (others.dead[0] != '\0' && !release(job, refund_text_of(others.dead), &answered)) return false;
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

/* ---- What to do ---- */

struct now job_moment(const struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  return (struct now){{job_now(job), outside->uptime_ms(outside), refund_text_of(outside->boot_id)}, job->latest_ms};
}

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
      return state_is_open(job->record.position.state) &&
             (job->record.position.state != STATE_PENDING || job->adopted);
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

/* ---- Stored replies ---- */

static bool read_headers(struct job *job, refund_text json);

/* The next stored reply, as if it had just arrived. */
bool step_stored(struct job *job) {
  job->step = STEP_TELL;
  if (job->stored_next >= job->stored_count) return true;
  if (job->account == NULL) {
    job->error = job->join_error;
    return true;
  }
  struct ledger_reply *raw = &job->stored[job->stored_next++];
  struct ledger_attempt *attempt = attempt_of(job, raw->attempt);
  job->step = STEP_STORED;
  if (raw->masked != 0 || !flow_find(raw->flow, &job->kind)) return true;
  job_forget_exchange(job);
  if (attempt != NULL) job->attempt = *attempt;
  job->is_stored = true;
  for (size_t i = 0; i < job->attempt_count; i++)
    job->earlier_unknown =
        job->earlier_unknown || (&job->attempts[i] != attempt && may_have_arrived(&job->attempts[i]));
  job->raw_reply = *raw;
  job->reply = (struct transport_reply){
      .transmissions = 1, .complete = true, .http_status = (int)raw->http_status, .body = raw->body};
  flow_input(job->account, &job->refund, job->kind, &job->input);
  job->input.idempotency_key = job->record.idempotency_key;
  job->input.reference = job->record.reference;
  job->input.attempt_time_ms = attempt == NULL ? raw->received_at : attempt->attempt_time_ms;
  job->input.refund_time_ms = job->record.refund_time_ms;
  job->step = STEP_MAP;
  return read_headers(job, raw->headers);
}

static bool read_headers(struct job *job, refund_text json) {
  struct error error;
  const refund_node *list = document_read(job->arena, REFUND_JSON, json, &error);
  size_t count = 0;
  for (const refund_node *pair = document_first(list); pair != NULL; pair = document_next(pair))
    count++;
  refund_header *headers = arena_allocate(job->arena, (count + 1) * sizeof *headers);
  if (headers == NULL) return job_out_of_memory(job);
  job->reply.headers = headers;
  for (const refund_node *pair = document_first(list); pair != NULL; pair = document_next(pair)) {
    const refund_node *name = document_first(pair);
    headers[job->reply.header_count].name = document_text(name);
    headers[job->reply.header_count++].value = document_text(document_next(name));
  }
  return true;
}
