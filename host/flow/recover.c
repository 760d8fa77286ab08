/* A refund that is on record is taken up again: from a process that ended, by its id, by its stored replies. */
#include <string.h>

#include "document/document.h"
#include "flow/job.h"
#include "refund_toolkit.h"

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
    const struct ledger_attempt *attempt = job_attempt_of(job, replies[i].attempt);
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

/* Sent by a process that ended: from now on it is unknown what became of it. Unless its answer is on disk: that is left
 * for whoever takes the refund up, as there may be no other way to learn it. */
bool job_release(struct job *job, refund_text refund_id, bool *answered) {
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
  struct ledger_attempt *attempt = job_attempt_of(job, raw->attempt);
  job->step = STEP_STORED;
  if (raw->masked != 0 || !flow_find(raw->flow, &job->kind)) return true;
  job_forget_exchange(job);
  if (attempt != NULL) job->attempt = *attempt;
  job->is_stored = true;
  job->earlier_unknown = job_is_other_unknown(job);
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
