/* One attempt: built, recorded, sent. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

/* ---- Build ---- */

static void fill_input(struct job *job) {
  const struct ledger_refund *record = &job->record;
  struct connector_input *input = &job->input;
  flow_input(job->account, &job->refund, FLOW_REFUND, input);
  input->access_token = job->access_token;
  input->idempotency_key = record->idempotency_key;
  input->reference = record->reference;
  input->attempt = (int32_t)record->attempts + 1;
  input->refund_time_ms = record->refund_time_ms;
  input->attempt_time_ms = job_now(job);
  if (record->refund_seed.size == sizeof input->refund_seed) {
    memcpy(input->refund_seed, record->refund_seed.data, sizeof input->refund_seed);
  }
}

void job_not_built(struct job *job, enum fact fact, const char *code) {
  struct verdict *verdict = &job->verdict;
  memset(verdict, 0, sizeof *verdict);
  verdict->error_code = refund_text_of(code);
  verdict->error_message = job_mask(job, arena_copy(job->arena, refund_text_of(job->error.message)), NULL);
  if (job->error.field[0] != '\0') verdict->error_reason = arena_copy(job->arena, refund_text_of(job->error.field));
  memset(&job->error, 0, sizeof job->error);
  job->fact = fact;
  job->step = STEP_SETTLE;
}

bool step_build(struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  /* A refund that was recorded before may be asked for again with another reason; the first one stands. */
  job->refund.connector_refund_id = job->record.connector_refund_id;
  job->refund.reason = job->record.reason;
  job->refund.connector_metadata = job->record.connector_metadata;
  fill_input(job);
  if (!outside->random(outside, job->input.attempt_seed, sizeof job->input.attempt_seed)) {
    return error_set(&job->error, ERROR_HOST, NULL, "the system gives no random bytes");
  }
  switch (connector_build(job->connector, &job->input, job->arena, &job->request, &job->error)) {
    case REFUND_OK:
      job->step = STEP_RECORD_ATTEMPT;
      return true;
    case REFUND_TOKEN_NEEDED:
      memset(&job->error, 0, sizeof job->error);
      job->step = STEP_TOKEN;
      return true;
    case REFUND_INVALID_INPUT:
      job_not_built(job, FACT_NOT_BUILT, "INVALID_INPUT");
      return true;
    case REFUND_NOT_SUPPORTED:
      job_not_built(job, FACT_UNSUPPORTED, "NOT_SUPPORTED");
      return true;
    default:
      if (job->error.code == ERROR_HOST) return false; /* trouble of ours: it stays new */
      job_not_built(job, FACT_NOT_BUILT, "CONNECTOR_FAULT");
      return true;
  }
}

/* ---- Record ---- */

/* Of the request only a digest is kept, and over the fields' names in place of secrets: a digest over a short PIN would
 * give the PIN away. */
static refund_text request_digest(struct job *job) {
  struct buffer content;
  buffer_open(&content, 0);
  refund_put(&content.sink, account_mask(job->account, job->arena, job->request.url, MASK_DIGEST, NULL));
  refund_puts(&content.sink, "\n");
  refund_put(&content.sink, account_mask(job->account, job->arena, job->request.body, MASK_DIGEST, NULL));
  struct digest digest = digest_of(buffer_text(&content));
  buffer_close(&content);
  return arena_copy(job->arena, refund_text_of(digest.hex));
}

static bool is_secret(const struct account *account, refund_text field) {
  for (uint64_t i = 0; i < account->secret_count; i++) {
    if (refund_same(account->secrets[2 * i], field)) return true;
  }
  return false;
}

static refund_text account_digest(struct job *job) {
  const struct account *account = job->account;
  struct buffer content;
  refund_json json;
  buffer_open(&content, 0);
  refund_json_open(&json, &content.sink);
  refund_json_array(&json, NULL);
  refund_json_text(&json, NULL, account->connector);
  refund_json_integer(&json, NULL, account->environment);
  for (uint64_t i = 0; i < account->value_count; i++) {
    const refund_account_value *value = &account->values[i];
    if (is_secret(account, value->field)) continue;
    refund_json_text(&json, NULL, value->field);
    refund_json_text(&json, NULL, value->key);
    refund_json_text(&json, NULL, value->value);
  }
  refund_json_end(&json);
  struct digest digest = digest_of(buffer_text(&content));
  buffer_close(&content);
  return arena_copy(job->arena, refund_text_of(digest.hex));
}

static bool describe_attempt(struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  const refund_descriptor *descriptor = connector_descriptor(job->connector);
  refund_text seed = {(const char *)job->input.attempt_seed, sizeof job->input.attempt_seed};
  struct ledger_attempt *attempt = &job->attempt;
  memset(attempt, 0, sizeof *attempt);
  attempt->refund = job->record.row;
  attempt->number = job->record.attempts + 1;
  attempt->flow = refund_text_of(flow_name(FLOW_REFUND));
  attempt->attempt_class = refund_text_of("");
  attempt->attempt_seed = arena_copy(job->arena, seed);
  attempt->attempt_time_ms = job->input.attempt_time_ms;
  attempt->boot_id = refund_text_of(outside->boot_id);
  attempt->uptime_ms = outside->uptime_ms(outside);
  attempt->connector_version = refund_text_of(descriptor->version);
  attempt->connector_sha256 = refund_text_of(connector_sha256(job->connector));
  attempt->request_digest = request_digest(job);
  return (attempt->attempt_seed.data != NULL && attempt->request_digest.data != NULL) || job_out_of_memory(job);
}

/* Between build and here another process may have taken the refund; then it is not ours to send. */
static bool still_new(struct job *job, bool *is_new) {
  struct ledger_refund now;
  enum ledger_found found =
      ledger_find_refund(job->flow->rooms.ledger, job->record.refund_id, job->arena, &now, &job->error);
  if (found != LEDGER_FOUND) {
    return found == LEDGER_NONE ? error_set(&job->error, ERROR_LEDGER, NULL, "the refund vanished from the ledger")
                                : false;
  }
  *is_new = now.position.state == STATE_NEW && now.revision == job->record.revision;
  if (!*is_new) job->record = now;
  return true;
}

bool step_record_attempt(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  refund_text no_note = {NULL, 0};
  bool is_new = false;
  if (!still_new(job, &is_new)) return false;
  if (!is_new) {
    job->step = STEP_TELL;
    return true;
  }
  if (!describe_attempt(job) || !ledger_put_attempt(ledger, &job->attempt, &job->error)) return false;
  struct ledger_refund *record = &job->record;
  if (record->attempts == 0) {
    record->base_url = job->account->base_urls[0];
    record->account_digest = account_digest(job);
  }
  record->attempts = job->attempt.number;
  record->connector_version = job->attempt.connector_version;
  return record_fact(job, FACT_ATTEMPT, no_note);
}

/* ---- Send ---- */

/* The reply dies with the call: what is kept is copied. */
static void take_reply(void *context, const struct transport_reply *reply) {
  struct job *job = context;
  job->reply = *reply;
  job->reply.body = arena_copy(job->arena, reply->body);
  refund_header *headers = arena_allocate(job->arena, (reply->header_count + 1) * sizeof *headers);
  if (headers == NULL || job->reply.body.data == NULL) {
    job->reply.complete = false;
    job->reply.header_count = 0;
    memcpy(job->reply.problem, "out of memory", sizeof "out of memory");
  }
  for (size_t i = 0; i < job->reply.header_count; i++) {
    headers[i].name = arena_copy(job->arena, reply->headers[i].name);
    headers[i].value = arena_copy(job->arena, reply->headers[i].value);
    if (headers[i].name.data == NULL || headers[i].value.data == NULL) {
      job->reply.complete = false;
      job->reply.header_count = i;
      memcpy(job->reply.problem, "out of memory", sizeof "out of memory");
    }
  }
  job->reply.headers = headers;
  job->step = STEP_RECORD_REPLY;
}

/* Without a key a repeat pays twice: then not even libcurl gets a chance to repeat, on a connection that may be dead.
 */
bool flow_send(struct flow *flow, const struct account *account, const struct connector_request *built,
               const refund_descriptor *descriptor, bool has_key, struct arena *arena, transport_done *done,
               void *context, struct error *error) {
  refund_header *headers = arena_allocate(arena, (built->header_count + 1) * sizeof *headers);
  if (headers == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  for (size_t i = 0; i < built->header_count; i++) {
    headers[i].name = built->headers[i].name;
    headers[i].value = built->headers[i].value;
  }
  struct transport_request request = {
      .method = built->method.data,
      .url = built->url.data,
      .body = built->body,
      .headers = headers,
      .header_count = built->header_count,
      .connect_timeout_ms = account->limits.connect_timeout_ms,
      .timeout_ms = account->limits.timeout_ms,
      .fresh_connection = !has_key,
      .http2 = has_key && descriptor->idempotency.repeat_after_seconds == 0,
  };
  return transport_send(flow->rooms.transport, &request, done, context, error);
}

/* What cannot even be started was not sent, and says so like any other attempt. */
bool step_send(struct job *job) {
  struct error error;
  bool has_key = job->record.idempotency_key.data != NULL;
  if (!flow_send(job->flow, job->account, &job->request, connector_descriptor(job->connector), has_key, job->arena,
                 take_reply, job, &error)) {
    struct transport_reply nothing = {0};
    memcpy(nothing.problem, "the request could not be started", sizeof "the request could not be started");
    take_reply(job, &nothing);
  }
  return true;
}
