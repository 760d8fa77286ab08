/* What came back: recorded as it came, read by the connector, checked. */
#include <string.h>

#include "document/document.h"
#include "flow/job.h"
#include "refund_toolkit.h"

/* ---- Record the raw reply ---- */

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

/* A reply that a secret was masked in is mapped now, from memory, and never again. */
static bool put_reply(struct job *job) {
  struct ledger_reply *raw = &job->raw_reply;
  bool masked = false;
  bool in_headers = false;
  memset(raw, 0, sizeof *raw);
  raw->refund = job->record.row;
  raw->attempt = job->attempt.row;
  raw->http_status = job->reply.http_status;
  raw->body = job_mask(job, job->reply.body, &masked);
  raw->headers = headers_json(job, &in_headers);
  raw->body_digest = arena_copy(job->arena, refund_text_of(digest_of(job->reply.body).hex));
  raw->masked = masked || in_headers;
  raw->received_at = job_now(job);
  if (raw->headers.data == NULL || raw->body_digest.data == NULL) return job_out_of_memory(job);
  return ledger_put_reply(job->flow->rooms.ledger, raw, &job->error);
}

bool step_record_reply(struct job *job) {
  if (job->reply.complete && !put_reply(job)) return false;
  job->attempt.transmissions = job->reply.transmissions;
  job->attempt.http_status = job->reply.http_status;
  job->attempt.problem = job_mask(job, arena_copy(job->arena, refund_text_of(job->reply.problem)), NULL);
  job->attempt.ended_at = job_now(job);
  return ledger_put_attempt(job->flow->rooms.ledger, &job->attempt, &job->error);
}

/* ---- Map ---- */

bool step_map(struct job *job) {
  if (!job->reply.complete) return true;
  refund_http_response response = {
      .size = sizeof response,
      .status = job->reply.http_status,
      .body = job->reply.body,
      .headers = job->reply.headers,
      .header_count = job->reply.header_count,
  };
  connector_map(job->connector, &job->input, &response, job->arena, &job->answer);
  return true;
}

/* ---- Check ---- */

/* A stored answer to a request that we never made before: somebody else used this key. (This version sends nothing
 * again after an attempt that may have arrived.) */
static void check_replay(struct job *job) {
  if (!job->answer.replayed || job->record.attempts > 1 || job->verdict.attempt_class == CLASS_NOT_SENT) return;
  job->verdict.contradicts = true;
  job->verdict.error_message =
      refund_text_of("the processor repeated a stored answer to a refund that was never sent before");
  job->verdict.error_reason =
      refund_text_of("the idempotency key was used before, by another ledger or another system");
}

static void mask(struct job *job, refund_text *text) {
  *text = job_mask(job, *text, NULL);
}

bool step_check(struct job *job) {
  struct exchange exchange = {
      .flow = FLOW_REFUND,
      .transmissions = job->reply.transmissions,
      .complete = job->reply.complete,
      .http_status = job->reply.http_status,
      .problem = job->attempt.problem,
      .used_access_token = job->input.access_token.data != NULL,
      .answer = job->reply.complete ? &job->answer : NULL,
      .refund = &job->refund,
      .descriptor = connector_descriptor(job->connector),
      .sent_reference = job->record.reference,
      .sent_key = job->record.idempotency_key,
  };
  struct verdict *verdict = &job->verdict;
  verdict_of(job->arena, &exchange, verdict);
  check_replay(job);
  mask(job, &verdict->connector_refund_id);
  mask(job, &verdict->error_code);
  mask(job, &verdict->error_message);
  mask(job, &verdict->error_reason);
  mask(job, &verdict->network_decline_code);
  mask(job, &verdict->warning);
  job->fact = verdict_fact(verdict, false);
  job->account_refused = verdict->about_account;
  return true;
}
