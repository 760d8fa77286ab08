/* Access tokens: fetched once for all refunds of an account that wait for one, kept in memory until shortly before they
 * expire, never on disk; fetched anew once a refund, when the processor no longer takes one. */
#include <stdlib.h>
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

enum { MARGIN_MS = 60 * 1000, UNSAID_LIFETIME_MS = 60 * 1000 };

struct token {
  struct flow *flow;
  const struct account *account;
  struct connector *connector;
  struct arena *arena; /* of the fetch that is under way or was the last */
  struct connector_input input;
  struct connector_request request;
  bool fetching;
  refund_text value; /* not there: none */
  int64_t expires_at;
  int64_t asked_at;
  struct token *next;
};

static struct token *token_of(struct job *job) {
  struct flow *flow = job->flow;
  for (struct token *token = flow->tokens; token != NULL; token = token->next) {
    if (token->account == job->account) return token;
  }
  struct token *token = calloc(1, sizeof *token);
  if (token == NULL) return NULL;
  token->flow = flow;
  token->account = job->account;
  token->connector = job->connector;
  token->next = flow->tokens;
  flow->tokens = token;
  return token;
}

void flow_tokens_close(struct flow *flow) {
  while (flow->tokens != NULL) {
    struct token *next = flow->tokens->next;
    arena_close(flow->tokens->arena);
    free(flow->tokens);
    flow->tokens = next;
  }
}

/* ---- What a fetch ends in ---- */

/* The refunds that wait go on to be built; each has its own copy, as the token may be replaced under way. */
static void hand_out(struct token *token) {
  for (struct job *job = token->flow->queues[STEP_TOKEN_WAIT].first; job != NULL; job = job->next) {
    if (job->step != STEP_TOKEN_WAIT || job->account != token->account) continue;
    job->access_token = arena_copy(job->arena, token->value);
    job->step = STEP_BUILD;
  }
}

/* Without a token nothing was sent. An account that is refused, or no answer, leaves a refund as it is; any other
 * refusal that can be read ends it, unless it was sent before. */
static void fail(struct job *job, const struct token *token, const struct verdict *verdict,
                 const struct transport_reply *reply) {
  bool rejected = verdict->attempt_class == CLASS_REJECTED && !verdict->about_account;
  refund_text *const texts[] = {&job->verdict.error_code, &job->verdict.error_message, &job->verdict.error_reason,
                                &job->verdict.network_decline_code, &job->verdict.warning};
  job->verdict = *verdict;
  job->verdict.attempt_class = CLASS_NOT_SENT;
  job->verdict.reading = 0;
  memset(&job->verdict.connector_refund_id, 0, sizeof job->verdict.connector_refund_id);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    *texts[i] = flow_mask(token->account, &token->request, job->arena, arena_copy(job->arena, *texts[i]), NULL);
  }
  job->account_refused = verdict->about_account;
  job->reply.unreachable = reply->unreachable;
  job->retry_after = flow_retry_after(token->flow, reply);
  job->fact = FACTS;
  if (job->record.position.state == STATE_NEW) job->fact = rejected ? FACT_NOT_BUILT : job_unsent_fact(job);
  job->step = STEP_SETTLE;
}

static void fail_all(struct token *token, const struct verdict *verdict, const struct transport_reply *reply) {
  for (struct job *job = token->flow->queues[STEP_TOKEN_WAIT].first; job != NULL; job = job->next) {
    if (job->step != STEP_TOKEN_WAIT || job->account != token->account) continue;
    fail(job, token, verdict, reply);
    job_leave_lane(job, &(struct lane_end){.attempt_class = verdict->attempt_class,
                                           .http_status = reply->http_status,
                                           .about_account = verdict->about_account,
                                           .unreachable = reply->unreachable,
                                           .retry_after = job->retry_after});
  }
}

static void take(struct token *token, const struct answer *answer, int64_t now) {
  int64_t lifetime =
      answer->expires_in > 0 && answer->expires_in < INT32_MAX ? answer->expires_in * 1000 : UNSAID_LIFETIME_MS;
  int64_t margin = lifetime / 10 < MARGIN_MS ? lifetime / 10 : MARGIN_MS;
  token->value = answer->access_token;
  token->expires_at = token->asked_at + lifetime - margin;
  if (token->expires_at <= now) token->expires_at = now + 1; /* good for those that wait */
}

static void fetched(void *context, const struct transport_reply *reply) {
  struct token *token = context;
  struct answer answer;
  struct verdict verdict;
  struct exchange exchange = {
      .flow = FLOW_ACCESS_TOKEN,
      .transmissions = reply->transmissions,
      .complete = reply->complete,
      .http_status = reply->http_status,
      .problem = refund_text_of(reply->problem),
      .descriptor = connector_descriptor(token->connector),
  };
  refund_http_response response = {.size = sizeof response,
                                   .status = reply->http_status,
                                   .body = reply->body,
                                   .headers = reply->headers,
                                   .header_count = reply->header_count};
  token->fetching = false;
  if (reply->complete) {
    connector_map(token->connector, &token->input, &response, token->arena, &answer);
    exchange.answer = &answer;
  }
  verdict_of(token->arena, &exchange, &verdict);
  const struct outside *outside = token->flow->rooms.outside;
  if (verdict.attempt_class == CLASS_ACCEPTED && refund_there(answer.access_token)) {
    take(token, &answer, outside->now_ms(outside));
    hand_out(token);
  } else {
    fail_all(token, &verdict, reply);
  }
}

/* ---- Fetching ---- */

static bool fetch(struct token *token, struct job *job) {
  const struct outside *outside = token->flow->rooms.outside;
  arena_close(token->arena);
  memset(&token->value, 0, sizeof token->value);
  token->arena = arena_open(0);
  if (token->arena == NULL) return job_out_of_memory(job);
  flow_input(token->account, NULL, FLOW_ACCESS_TOKEN, &token->input);
  token->asked_at = outside->now_ms(outside);
  token->input.refund_time_ms = token->input.attempt_time_ms = token->asked_at;
  if (!outside->random(outside, token->input.refund_seed, sizeof token->input.refund_seed) ||
      !outside->random(outside, token->input.attempt_seed, sizeof token->input.attempt_seed)) {
    return error_set(&job->error, ERROR_HOST, NULL, "the system gives no random bytes");
  }
  int32_t code = connector_build(token->connector, &token->input, token->arena, &token->request, &job->error);
  if (code != REFUND_OK) {
    if (job->error.code == ERROR_HOST) return false;
    job_not_built(job, code == REFUND_NOT_SUPPORTED ? FACT_UNSUPPORTED : FACT_NOT_BUILT, "CONNECTOR_FAULT");
    return true;
  }
  /* A token may be asked for twice without harm, so a connection may be shared. */
  token->fetching = flow_send(token->flow, token->account, &token->request, connector_descriptor(token->connector),
                              true, token->arena, fetched, token, &job->error);
  return token->fetching;
}

/* A refund whose connector wants a token waits here. */
bool step_token(struct job *job) {
  struct token *token = token_of(job);
  if (token == NULL) return job_out_of_memory(job);
  if (job->access_token.data != NULL) { /* it had one, and the connector asks for one */
    error_set(&job->error, ERROR_CONNECTOR, NULL, "connector %s wants an access token though it has one",
              connector_descriptor(job->connector)->id);
    job_not_built(job, FACT_NOT_BUILT, "CONNECTOR_FAULT");
    return true;
  }
  if (token->value.data != NULL && job_now(job) < token->expires_at) {
    job->access_token = arena_copy(job->arena, token->value);
    job->step = STEP_BUILD;
    return true;
  }
  job->step = STEP_TOKEN_WAIT;
  return token->fetching || fetch(token, job);
}

bool job_can_refresh_token(const struct job *job) {
  return job->access_token.data != NULL && job->reply.http_status == 401 && job->record.token_refreshes == 0;
}

/* Another refund may have replaced it meanwhile; then that one is as good as new. */
void job_drop_token(struct job *job) {
  struct token *token = token_of(job);
  if (token != NULL && refund_same(token->value, job->access_token)) token->expires_at = 0;
  memset(&job->access_token, 0, sizeof job->access_token);
}
