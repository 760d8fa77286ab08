/* What came back: recorded as it came, read by the connector, checked. */
#include <string.h>

#include "document/document.h"
#include "flow/job.h"
#include "refund_toolkit.h"

/* ---- The raw reply ---- */

refund_text flow_mask(const struct account *account, const struct connector_request *request, struct arena *arena,
                      refund_text text, bool *changed) {
  bool by_account = false;
  bool by_header = false;
  text = account_mask(account, arena, text, MASK_REPLY, &by_account);
  for (size_t i = 0; i < request->header_count; i++) {
    const struct connector_header *header = &request->headers[i];
    if (!header->sensitive) continue;
    const char *blank = memchr(header->value.data, ' ', header->value.size);
    uint64_t scheme = blank == NULL ? 0 : (uint64_t)(blank - header->value.data) + 1; /* "Bearer ", "Basic " */
    refund_text credential = {header->value.data + scheme, header->value.size - scheme};
    bool found = false;
    text = account_mask_one(arena, text, credential, &found);
    by_header = by_header || found;
  }
  if (changed != NULL) *changed = by_account || by_header;
  return text;
}

refund_text job_mask(const struct job *job, refund_text text, bool *changed) {
  return flow_mask(job->account, &job->request, job->arena, text, changed);
}

/* Header values may hold any bytes; in JSON those that are no text become "?". */
static refund_text as_text(struct job *job, refund_text value) {
  refund_text copy = arena_copy(job->arena, value);
  if (copy.data == NULL || document_is_utf8(copy)) return copy;
  char *letters = (char *)(uintptr_t)copy.data;
  for (uint64_t i = 0; i < copy.size; i++) {
    if ((unsigned char)letters[i] >= 0x80) letters[i] = '?';
  }
  return copy;
}

static refund_text headers_json(struct job *job, bool *masked) {
  struct buffer text;
  refund_json json;
  buffer_open(&text, 0);
  refund_json_open(&json, &text.sink);
  refund_json_array(&json, NULL);
  for (size_t i = 0; i < job->reply.header_count; i++) {
    bool changed;
    refund_json_array(&json, NULL);
    refund_json_text(&json, NULL, job->reply.headers[i].name);
    refund_json_text(&json, NULL, job_mask(job, as_text(job, job->reply.headers[i].value), &changed));
    refund_json_end(&json);
    *masked = *masked || changed;
  }
  refund_json_end(&json);
  refund_text copy = arena_copy(job->arena, buffer_text(&text));
  buffer_close(&text);
  return copy;
}

/* What is stored of it. False: a secret was masked in it, or there is no memory for it; then it is mapped now, from
 * memory, and never again. */
bool job_prepare_reply(struct job *job) {
  struct ledger_reply *raw = &job->raw_reply;
  bool masked = false;
  bool in_headers = false;
  memset(raw, 0, sizeof *raw);
  raw->refund = job->record.row;
  raw->attempt = job->attempt.row;
  raw->flow = refund_text_of(flow_name(job->kind));
  raw->http_status = job->reply.http_status;
  raw->body = job_mask(job, job->reply.body, &masked);
  raw->headers = headers_json(job, &in_headers);
  raw->body_digest = arena_copy(job->arena, refund_text_of(digest_of(job->reply.body).hex));
  raw->masked = masked || in_headers || raw->headers.data == NULL || raw->body_digest.data == NULL;
  raw->received_at = job_now(job);
  return raw->masked == 0;
}

/* On disk before it is read. */
bool step_record_reply(struct job *job) {
  job->step = STEP_MAP;
  return ledger_put_reply(job->flow->rooms.ledger, &job->raw_reply, &job->error);
}

/* ---- Map ---- */

bool step_map(struct job *job) {
  refund_http_response response = {
      .size = sizeof response,
      .status = job->reply.http_status,
      .body = job->reply.body,
      .headers = job->reply.headers,
      .header_count = job->reply.header_count,
  };
  connector_map(job->connector, &job->input, &response, job->arena, &job->answer);
  job->step = STEP_CHECK;
  return true;
}

/* ---- Check ---- */

static void mask(struct job *job, refund_text *text) {
  *text = job_mask(job, *text, NULL);
}

int64_t flow_retry_after(const struct flow *flow, const struct transport_reply *reply) {
  const struct outside *outside = flow->rooms.outside;
  for (size_t i = 0; i < reply->header_count; i++) {
    if (!refund_is_nocase(reply->headers[i].name, "Retry-After")) continue;
    return lane_retry_after(reply->headers[i].value, outside->now_ms(outside));
  }
  return 0;
}

/* The time that counts for the budget and is not in the record yet. */
static void count_try(struct job *job) {
  int64_t clock = lane_budget_clock(&job->own->lane, flow_clock(job->flow));
  job->record.tries++;
  job->record.tried_ms += clock - job->tried_from;
  job->tried_from = clock;
}

/* An attempt that did nothing goes out again while the budget lasts. What keeps the whole account from sending, refused
 * credentials or a host where nobody answers, costs none of it: an outage must not burn refund ids. */
enum fact job_unsent_fact(struct job *job) {
  if (job->account_refused || job->reply.unreachable) return FACT_UNSENT;
  count_try(job);
  bool spent = job->record.tries >= LANE_TRIES || job->record.tried_ms >= job->account->limits.retry_budget_ms;
  if (!spent || job->retry_after > LANE_RETRY_AFTER_GREATEST) return FACT_UNSENT;
  return job->verdict.attempt_class == CLASS_REFUSED ? FACT_REFUSED_SPENT : FACT_UNSENT_SPENT;
}

static enum fact attempt_fact(struct job *job) {
  struct circumstances circumstances = {
      .earlier_sent = job_is_sent_before(job),
      .earlier_unknown = job->earlier_unknown,
      .same_key = job->same_key && !job_is_any_disproved(job),
      .may_create = job->attempt.row != 0,
  };
  enum fact fact = verdict_fact(&job->verdict, &circumstances);
  if (fact == FACT_CONTRADICTION && !job->verdict.contradicts) verdict_explain_replay(&job->verdict);
  return fact == FACT_UNSENT ? job_unsent_fact(job) : fact;
}

bool step_check(struct job *job) {
  struct exchange exchange = {
      .flow = job->kind,
      .transmissions = job->reply.transmissions,
      .complete = job->reply.complete,
      .http_status = job->reply.http_status,
      .problem = job_mask(job, arena_copy(job->arena, refund_text_of(job->reply.problem)), NULL),
      .body = job->reply.body,
      .used_access_token = job->input.access_token.data != NULL,
      .answer = job->reply.complete ? &job->answer : NULL,
      .refund = &job->refund,
      .descriptor = connector_descriptor(job->connector),
      .sent_reference = job->record.reference,
      .sent_key = job->record.idempotency_key,
  };
  struct verdict *verdict = &job->verdict;
  verdict_of(job->arena, &exchange, verdict);
  mask(job, &verdict->connector_refund_id);
  mask(job, &verdict->error_code);
  mask(job, &verdict->error_message);
  mask(job, &verdict->error_reason);
  mask(job, &verdict->network_decline_code);
  mask(job, &verdict->warning);
  job->has_exchange = true;
  job->account_refused = verdict->about_account;
  job->can_refresh = job->account_refused && job_can_refresh_token(job);
  job->retry_after = flow_retry_after(job->flow, &job->reply);
  job->fact = attempt_fact(job);
  job->step = STEP_SETTLE;
  job_leave_lane(job, &(struct lane_end){
                          .attempt_class = verdict->attempt_class,
                          .http_status = job->reply.http_status,
                          .about_account = verdict->about_account && !job->can_refresh,
                          .unreachable = job->reply.unreachable,
                          .retry_after = job->retry_after,
                      });
  return true;
}
