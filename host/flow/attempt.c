/* One exchange: let through, built, recorded, sent. Of the refund itself, or a look at what became of it. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

/* ---- Gate ---- */

enum { ASK_AGAIN_MS = 20, OTHER_PROCESS_MS = 200, GRACE_MS = 30 * 1000 };

static void tell_paused(struct job *job) {
  error_set(&job->error, ERROR_ACCOUNT, "account", "account %.100s is paused: %s", job->account->name.data,
            job->own->lane.unreachable_at != 0 ? "its processor cannot be reached"
                                               : "its processor refused the credentials, or asks for a long wait");
  error_fix(&job->error, "mend the account or the network, then repeat: nothing is lost");
  job->paused = true;
  job->step = STEP_TELL;
}

bool job_is_look(const struct job *job) {
  return job->kind == FLOW_REFUND_SYNC || job->kind == FLOW_REFUND_LOOKUP;
}

/* A look that may itself make the refund is an attempt in every respect. */
bool job_is_attempt(const struct job *job) {
  return !job_is_look(job) || (job->kind == FLOW_REFUND_LOOKUP && job->means.lookup_may_create);
}

/* Nothing begins that could not be ended: what waits here is told as it stands. */
bool step_gate(struct job *job) {
  struct flow *flow = job->flow;
  int64_t now = flow_clock(flow);
  int64_t ask_again = ASK_AGAIN_MS * flow->rooms.outside->speed;
  int64_t at = 0;
  job_leave_lane(job, NULL);
  job_leave_payment(job);
  job->step = STEP_TELL;
  if (flow_is_ending(flow)) return true;
  if (job->account == NULL) {
    job->error = job->join_error;
    return true;
  }
  switch (lane_ask(&job->own->lane, now, &at)) {
    case LANE_PAUSED:
      tell_paused(job);
      return true;
    case LANE_LATER:
      job_later(job, at > now && at - now < ask_again ? at - now : ask_again, STEP_GATE);
      return true;
    default:
      break;
  }
  if (!job_enter_payment(job)) {
    job_later(job, ask_again, STEP_GATE);
    return true;
  }
  lane_begin(&job->own->lane, now);
  job->in_lane = true;
  job_forget_exchange(job);
  job->earlier_unknown = job->history.sent;
  job->step = STEP_BUILD;
  return true;
}

void job_leave_lane(struct job *job, const struct lane_end *end) {
  if (!job->in_lane) return;
  job->in_lane = false;
  int64_t now = flow_clock(job->flow);
  if (end == NULL) {
    lane_cancel(&job->own->lane);
  } else {
    lane_end(&job->own->lane, end, now);
  }
}

/* ---- Build ---- */

static void fill_input(struct job *job) {
  const struct ledger_refund *record = &job->record;
  struct connector_input *input = &job->input;
  flow_input(job->account, &job->refund, job->kind, input);
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

/* What was sent before stays as it is: only a person can tell why this one cannot be built. */
void job_not_built(struct job *job, enum fact fact, const char *code) {
  struct verdict *verdict = &job->verdict;
  job_leave_lane(job, NULL);
  if (job->record.position.state != STATE_NEW) {
    job->step = STEP_TELL;
    return;
  }
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
  job->step = job_is_attempt(job) ? STEP_RECORD_ATTEMPT : STEP_SEND;
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

refund_text account_digest(const struct account *account, struct arena *arena) {
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
  return arena_copy(arena, refund_text_of(digest.hex));
}

/* The processor bounds the age of a body, or a signature is never the same: then no two requests are alike. */
static bool request_varies(const struct job *job) {
  const refund_flow *flow = flow_of(connector_descriptor(job->connector), job->kind);
  return (flow->flags & (REFUND_FLOW_FRESH_BODY | REFUND_FLOW_RANDOM)) != 0;
}

static bool describe_attempt(struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  const refund_descriptor *descriptor = connector_descriptor(job->connector);
  refund_text seed = {(const char *)job->input.attempt_seed, sizeof job->input.attempt_seed};
  struct ledger_attempt *attempt = &job->attempt;
  memset(attempt, 0, sizeof *attempt);
  attempt->refund = job->record.row;
  attempt->number = job->record.attempts + 1;
  attempt->flow = refund_text_of(flow_name(job->kind));
  attempt->attempt_class = refund_text_of("");
  attempt->attempt_seed = arena_copy(job->arena, seed);
  attempt->attempt_time_ms = job->input.attempt_time_ms;
  attempt->boot_id = refund_text_of(outside->boot_id);
  attempt->uptime_ms = outside->uptime_ms(outside);
  attempt->connector_version = refund_text_of(descriptor->version);
  attempt->connector_sha256 = refund_text_of(connector_sha256(job->connector));
  attempt->owner = ledger_owner(job->flow->rooms.ledger);
  if (!request_varies(job)) attempt->request_digest = request_digest(job);
  return attempt->attempt_seed.data != NULL || job_out_of_memory(job);
}

/* Between plan and here another process or a person may have moved it; then it is not ours to send. */
static bool is_as_planned(struct job *job, bool *as_planned) {
  struct ledger_refund now;
  enum ledger_found found =
      ledger_find_refund(job->flow->rooms.ledger, job->record.refund_id, job->arena, &now, &job->error);
  if (found != LEDGER_FOUND) {
    return found == LEDGER_NONE ? error_set(&job->error, ERROR_LEDGER, NULL, "the refund vanished from the ledger")
                                : false;
  }
  *as_planned = now.revision == job->record.revision;
  if (!*as_planned) job->record = now;
  return true;
}

/* A repeat is the same request, byte for byte, or none. */
static bool is_same_request(const struct job *job) {
  return !job->is_repeat || request_varies(job) || !refund_there(job->first_digest) ||
         refund_same(job->first_digest, job->attempt.request_digest);
}

/* Under another key or with another body it would be another refund. What is left is to ask. */
static bool refuse_repeat(struct job *job) {
  job->cannot_repeat = true;
  job->step = STEP_PLAN;
  return true;
}

static bool put_attempt(struct job *job) {
  struct ledger_refund *record = &job->record;
  refund_text no_note = {NULL, 0};
  if (!ledger_put_attempt(job->flow->rooms.ledger, &job->attempt, &job->error)) return false;
  if (!job->is_repeat) {
    record->base_url = job->account->base_urls[0];
    record->account_digest = account_digest(job->account, job->arena);
  }
  record->attempts = job->attempt.number;
  record->absences = record->absent_at = 0;
  record->connector_version = job->attempt.connector_version;
  record->owner = job->attempt.owner;
  job->step = STEP_SEND;
  job->flow->attempts_now++;
  return record_fact(job, FACT_ATTEMPT, no_note);
}

/* What was planned may have waited since, at the gate or for a token: longer, perhaps, than the processor remembers. */
static bool is_still_safe(struct job *job, bool *safe) {
  bool by_look = job_is_look(job);
  *safe = true;
  if (!job->is_repeat && !by_look) return true;
  if (!ledger_latest(job->flow->rooms.ledger, &job->latest_ms, &job->error)) return false;
  struct now now = job_moment(job);
  struct plan plan;
  plan_of(&job->means, &job->history, &now, true, &plan);
  *safe = plan.move == (by_look ? MOVE_LOOKUP : MOVE_REPEAT);
  job->same_key = job->is_repeat && plan.same_key;
  return true;
}

/* On disk before its first byte. */
bool step_record_attempt(struct job *job) {
  enum { REPLY_BYTES = 2 * 1024 * 1024 }; /* a reply and its row, before and after it is mapped */
  struct flow *flow = job->flow;
  bool as_planned = false;
  bool safe = false;
  bool may = false;
  if (!is_as_planned(job, &as_planned) || !is_still_safe(job, &safe)) return false;
  job->step = STEP_TELL;
  if (!as_planned || flow_is_ending(flow)) return true; /* it may have waited long for its token */
  if (!safe) {
    job->step = STEP_PLAN;
    return true;
  }
  if (!job_may_send(job, &may)) return false;
  if (refund_there(job->waits_for)) {
    job->record.warning = arena_format(job->arena, "it waits until it is known what became of refund %s of its payment",
                                       job->waits_for.data);
    return true;
  }
  if (!may) {
    job_later(job, OTHER_PROCESS_MS * flow->rooms.outside->speed, STEP_GATE);
    return true;
  }
  if (!ledger_has_room(flow->rooms.ledger, (flow->attempts_now + 1) * REPLY_BYTES, &job->error)) return false;
  if (!describe_attempt(job)) return false;
  return is_same_request(job) ? put_attempt(job) : refuse_repeat(job);
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
  outside_reach("after reply");
  job->step = STEP_CHECK;
  if (job->reply.complete) job->step = job_prepare_reply(job) ? STEP_RECORD_REPLY : STEP_MAP;
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

/* The network client keeps the time-out; should it ever fail to, nobody else may take the attempt for ours. */
void job_give_up_waiting(struct job *job) {
  struct transport_reply nothing = {.transmissions = 1};
  transport_drop(job->flow->rooms.transport, job);
  memcpy(nothing.problem, "no reply long after the time-out", sizeof "no reply long after the time-out");
  take_reply(job, &nothing);
}

/* What cannot even be started was not sent, and says so like any other attempt. */
bool step_send(struct job *job) {
  struct error error;
  bool has_key = !job_is_attempt(job) || job->record.idempotency_key.data != NULL;
  job->step = STEP_WAIT;
  job->wake_at = flow_clock(job->flow) + (job->account->limits.timeout_ms + GRACE_MS) * job->flow->rooms.outside->speed;
  outside_reach("before send");
  if (!flow_send(job->flow, job->account, &job->request, connector_descriptor(job->connector), has_key, job->arena,
                 take_reply, job, &error)) {
    struct transport_reply nothing = {0};
    memcpy(nothing.problem, "the request could not be started", sizeof "the request could not be started");
    take_reply(job, &nothing);
  }
  return true;
}
