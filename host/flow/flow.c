#include "flow/flow.h"

#include <stdlib.h>
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

/* The way of one refund. Those that are durable happen on the ledger's thread, in a transaction that is on disk before
 * the next step begins; all jobs that stand at one of them share it. */
static bool (*const steps[STEPS])(struct job *job) = {
    [STEP_ENTER] = step_enter,                          /* one job at a time works on a refund */
    [STEP_JOIN] = step_join,                            /* the account and its connector */
    [STEP_PLAN] = step_plan,                            /* of one that is on record: what to do about it */
    [STEP_STORED] = step_stored,                        /* a stored reply is mapped again */
    [STEP_GATE] = step_gate,                            /* may its account send now? */
    [STEP_BUILD] = step_build,                          /* the HTTP request, by the connector, checked by the host */
    [STEP_TOKEN] = step_token,                          /* only where the connector wants one */
    [STEP_SEND] = step_send,     [STEP_MAP] = step_map, /* the reply, by the connector */
    [STEP_CHECK] = step_check,                          /* amount, currency, ids; what it all proves */
    [STEP_NEXT] = step_next,                            /* told, tried again, or looked up */
};
bool (*const durable_steps[STEPS])(struct job *job) = {
    [STEP_ADMIT] = step_admit, /* known already? more than the payment has left? */
    [STEP_LOAD] = step_load,   /* one that is on record */
    [STEP_RECORD_ATTEMPT] = step_record_attempt,
    [STEP_RECORD_REPLY] = step_record_reply,
    [STEP_SETTLE] = step_settle,
};

enum { LONGEST_WAIT_MS = 1000 };

bool job_out_of_memory(struct job *job) {
  return error_set(&job->error, ERROR_HOST, NULL, "out of memory");
}

int64_t job_now(const struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  return outside->now_ms(outside);
}

int64_t flow_clock(const struct flow *flow) {
  const struct outside *outside = flow->rooms.outside;
  return outside->uptime_ms(outside);
}

bool flow_is_ending(const struct flow *flow) {
  return flow->stop || flow->broken || (flow->deadline != 0 && flow_clock(flow) >= flow->deadline);
}

/* ---- Queues ---- */

void queue_put(struct queue *queue, struct job *job) {
  job->next = NULL;
  if (queue->last != NULL) queue->last->next = job;
  if (queue->first == NULL) queue->first = job;
  queue->last = job;
}

struct job *queue_take(struct queue *queue) {
  struct job *job = queue->first;
  if (job == NULL) return NULL;
  queue->first = job->next;
  if (queue->first == NULL) queue->last = NULL;
  job->next = NULL;
  return job;
}

void job_later(struct job *job, int64_t span_ms, enum step then) {
  job->wake_at = flow_clock(job->flow) + span_ms;
  job->then = then;
  job->step = STEP_LATER;
}

/* ---- Opening and taking in ---- */

struct flow *flow_open(const struct flow_rooms *rooms, const struct flow_options *options, struct error *error) {
  struct flow *flow = calloc(1, sizeof *flow);
  if (flow == NULL) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
    return NULL;
  }
  flow->rooms = *rooms;
  flow->options = *options;
  flow->connectors.catalog = rooms->catalog;
  if (options->wait_ms > 0) flow->deadline = flow_clock(flow) + options->wait_ms;
  return flow;
}

static void free_job(struct job *job) {
  job->flow->count--;
  arena_close(job->arena);
  free(job);
}

static void free_queue(struct queue *queue) {
  for (struct job *job = queue_take(queue); job != NULL; job = queue_take(queue))
    free_job(job);
}

void flow_close(struct flow *flow) {
  if (flow == NULL) return;
  for (int step = 0; step < STEPS; step++)
    free_queue(&flow->queues[step]);
  flow_tokens_close(flow);
  while (flow->accounts != NULL) {
    struct flow_account *next = flow->accounts->next;
    free(flow->accounts);
    flow->accounts = next;
  }
  connectors_close(&flow->connectors);
  free(flow);
}

static struct job *new_job(struct flow *flow, flow_told *told, void *context, struct error *error) {
  struct job *job = calloc(1, sizeof *job);
  if (job == NULL || (job->arena = arena_open(0)) == NULL) {
    free(job);
    error_set(error, ERROR_HOST, NULL, "out of memory");
    return NULL;
  }
  job->flow = flow;
  job->told = told;
  job->context = context;
  flow->count++;
  return job;
}

static struct refund copy_refund(struct arena *arena, const struct refund *from) {
  struct refund refund = *from;
  refund.refund_id = arena_copy(arena, from->refund_id);
  refund.account = arena_copy(arena, from->account);
  refund.connector_transaction_id = arena_copy(arena, from->connector_transaction_id);
  refund.connector_refund_id = arena_copy(arena, from->connector_refund_id);
  refund.reason = arena_copy(arena, from->reason);
  refund.connector_metadata = arena_copy(arena, from->connector_metadata);
  refund.canonical_metadata = arena_copy(arena, from->canonical_metadata);
  return refund;
}

bool flow_submit(struct flow *flow, const struct refund *refund, flow_told *told, void *context, struct error *error) {
  struct job *job = new_job(flow, told, context, error);
  if (job == NULL) return false;
  job->refund = copy_refund(job->arena, refund);
  if (job->refund.refund_id.data == NULL || job->refund.canonical_metadata.data == NULL) {
    free_job(job);
    return error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  queue_put(&flow->queues[STEP_ENTER], job);
  return true;
}

bool flow_take_up(struct flow *flow, refund_text refund_id, enum flow_aim aim, flow_told *told, void *context,
                  struct error *error) {
  struct job *job = new_job(flow, told, context, error);
  if (job == NULL) return false;
  job->aim = aim;
  job->refund.refund_id = arena_copy(job->arena, refund_id);
  if (job->refund.refund_id.data == NULL) {
    free_job(job);
    return error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  queue_put(&flow->queues[STEP_ENTER], job);
  return true;
}

/* ---- One job a refund ---- */

static struct job **place_of(struct flow *flow, refund_text refund_id) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (uint64_t i = 0; i < refund_id.size; i++)
    hash = (hash ^ (unsigned char)refund_id.data[i]) * 16777619u;
  return &flow->known[hash % IDS];
}

bool step_enter(struct job *job) {
  enum { TWIN_MS = 20 };
  struct flow *flow = job->flow;
  struct job **place = place_of(flow, job->refund.refund_id);
  for (const struct job *other = *place; other != NULL; other = other->next_known) {
    if (!refund_same(other->known_id, job->refund.refund_id)) continue;
    job_later(job, TWIN_MS * flow->rooms.outside->speed, STEP_ENTER);
    return true;
  }
  job->is_known = true;
  job->known_id = job->refund.refund_id;
  job->next_known = *place;
  *place = job;
  job->step = job->aim == AIM_REFUND ? STEP_JOIN : STEP_LOAD;
  return true;
}

static void leave(struct job *job) {
  struct job **at = place_of(job->flow, job->known_id);
  if (!job->is_known) return;
  while (*at != job)
    at = &(*at)->next_known;
  *at = job->next_known;
}

/* ---- Telling ---- */

static void tell(struct job *job) {
  struct flow_result result = {.error = job->error, .not_known = job->not_known, .paused = job->paused};
  struct outcome outcome;
  if (!job->refused) {
    outcome = flow_outcome(&job->record);
    outcome.unrecorded = job->unrecorded;
    result.outcome = &outcome;
  }
  if (job->has_beside) result.beside = &job->beside;
  job_leave_lane(job, NULL);
  job_leave_payment(job);
  leave(job);
  job->told(job->context, &result);
  free_job(job);
}

/* ---- Working ---- */

static void run_step(struct job *job) {
  enum step step = job->step;
  if (!steps[step](job)) {
    job->refused = true;
    job->step = STEP_TELL;
  }
  queue_put(&job->flow->queues[job->step], job);
}

static bool is_due(const struct job *job, int64_t now) {
  return now >= job->wake_at || (flow_is_ending(job->flow) && job->then == STEP_GATE);
}

static void wake_late(struct flow *flow) {
  struct queue late = flow->queues[STEP_LATER];
  int64_t now = flow_clock(flow);
  memset(&flow->queues[STEP_LATER], 0, sizeof flow->queues[STEP_LATER]);
  for (struct job *job = queue_take(&late); job != NULL; job = queue_take(&late)) {
    if (is_due(job, now)) job->step = job->then;
    queue_put(&flow->queues[job->step], job);
  }
}

/* Jobs that something else moved on: a reply, a token. */
static bool take_moved(struct flow *flow, enum step step) {
  struct queue waiting = flow->queues[step];
  int64_t now = flow_clock(flow);
  bool any = false;
  memset(&flow->queues[step], 0, sizeof flow->queues[step]);
  for (struct job *job = queue_take(&waiting); job != NULL; job = queue_take(&waiting)) {
    if (job->step == STEP_WAIT && now >= job->wake_at) job_give_up_waiting(job);
    any = any || job->step != step;
    queue_put(&flow->queues[job->step], job);
  }
  return any;
}

/* Each step's queue as it is now; who comes to it meanwhile waits for the next turn. */
static bool turn(struct flow *flow) {
  bool worked = take_moved(flow, STEP_WAIT);
  worked = take_moved(flow, STEP_TOKEN_WAIT) || worked;
  flow_take_written(flow);
  wake_late(flow);
  for (int step = 0; step < STEPS; step++) {
    struct queue queue = flow->queues[step];
    if (steps[step] == NULL && step != STEP_TELL) continue;
    memset(&flow->queues[step], 0, sizeof flow->queues[step]);
    for (struct job *job = queue_take(&queue); job != NULL; job = queue_take(&queue)) {
      worked = true;
      if (step == STEP_TELL) {
        tell(job);
      } else {
        run_step(job);
      }
    }
  }
  return flow_write(flow) || worked;
}

/* How long nothing is to be done unless the network or the ledger says so. */
static int idle_ms(const struct flow *flow) {
  int64_t now = flow_clock(flow);
  int64_t span = LONGEST_WAIT_MS * flow->rooms.outside->speed;
  for (const struct job *job = flow->queues[STEP_LATER].first; job != NULL; job = job->next) {
    if (job->wake_at - now < span) span = job->wake_at - now;
  }
  if (flow->deadline != 0 && flow->deadline > now && flow->deadline - now < span) span = flow->deadline - now;
  int64_t real = outside_real_ms(flow->rooms.outside, span);
  return real < 1 ? 1 : (int)real;
}

void flow_run(struct flow *flow) {
  while (flow->count > 0) {
    bool worked = turn(flow);
    if (flow->count > 0) transport_turn(flow->rooms.transport, worked ? 0 : idle_ms(flow));
  }
}

void flow_stop(struct flow *flow) {
  flow->stop = 1;
  transport_wake(flow->rooms.transport);
}

/* ---- For others ---- */

void flow_input(const struct account *account, const struct refund *refund, enum flow_kind flow,
                struct connector_input *input) {
  memset(input, 0, sizeof *input);
  input->flow = flow;
  input->refund = refund;
  input->environment = account->environment;
  input->values = account->values;
  input->value_count = account->value_count;
  input->base_urls = account->base_urls;
  input->base_url_count = account->base_url_count;
  input->attempt = 1;
}

struct outcome flow_outcome(const struct ledger_refund *record) {
  struct outcome outcome = {
      .refund_id = record->refund_id,
      .account = record->account,
      .connector = record->connector,
      .connector_version = record->connector_version,
      .connector_transaction_id = record->connector_transaction_id,
      .connector_refund_id = record->connector_refund_id,
      .refund_amount = record->refund_amount,
      .currency = currency_find(record->currency),
      .position = record->position,
      .refund_status = state_refund_status(record->position.state),
      .reading = (int32_t)record->reading,
      .error_code = record->error_code,
      .error_message = record->error_message,
      .error_reason = record->error_reason,
      .network_decline_code = record->network_decline_code,
      .warning = record->warning,
      .http_status = (int)record->http_status,
      .attempts = record->attempts,
      .created_at = record->created_at,
      .updated_at = record->updated_at,
  };
  return outcome;
}
