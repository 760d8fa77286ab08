#include "flow/flow.h"

#include <stdlib.h>
#include <string.h>

#include "flow/job.h"

/* The way of one refund. `durable`: it happens in a ledger transaction, which is on disk before the next step begins.
 */
static const struct {
  bool (*run)(struct job *job);
  bool durable;
} way[] = {
    [STEP_JOIN] = {step_join, false},   /* the account and its connector */
    [STEP_ADMIT] = {step_admit, true},  /* known already? more than the payment has left? */
    [STEP_BUILD] = {step_build, false}, /* the HTTP request, by the connector, checked by the host */
    [STEP_TOKEN] = {step_token, false}, /* only where the connector wants one */
    [STEP_TOKEN_WAIT] = {NULL, false},
    [STEP_RECORD_ATTEMPT] = {step_record_attempt, true},
    [STEP_SEND] = {step_send, false},
    [STEP_WAIT] = {NULL, false},
    [STEP_RECORD_REPLY] = {step_record_reply, true},
    [STEP_MAP] = {step_map, false},     /* the reply, by the connector */
    [STEP_CHECK] = {step_check, false}, /* amount, currency, ids; what it all proves */
    [STEP_SETTLE] = {step_settle, true},
    [STEP_AGAIN] = {step_again, false}, /* only after a stale access token */
    [STEP_TELL] = {NULL, false},
};

bool job_out_of_memory(struct job *job) {
  return error_set(&job->error, ERROR_HOST, NULL, "out of memory");
}

int64_t job_now(const struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  return outside->now_ms(outside);
}

/* ---- Taking in ---- */

struct flow *flow_open(const struct flow_rooms *rooms, const struct flow_options *options, struct error *error) {
  (void)options;
  struct flow *flow = calloc(1, sizeof *flow);
  if (flow == NULL) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
    return NULL;
  }
  flow->rooms = *rooms;
  return flow;
}

static void free_job(struct job *job) {
  arena_close(job->arena);
  free(job);
}

void flow_close(struct flow *flow) {
  if (flow == NULL) return;
  while (flow->first != NULL) {
    struct job *next = flow->first->next;
    free_job(flow->first);
    flow->first = next;
  }
  flow_tokens_close(flow);
  while (flow->connectors != NULL) {
    struct open_connector *next = flow->connectors->next;
    connector_close(flow->connectors->connector);
    free(flow->connectors);
    flow->connectors = next;
  }
  free(flow);
}

struct connector *flow_connector(struct flow *flow, const char *id, struct error *error) {
  for (struct open_connector *open = flow->connectors; open != NULL; open = open->next) {
    if (strcmp(connector_descriptor(open->connector)->id, id) == 0) return open->connector;
  }
  struct connector *connector = connector_open(flow->rooms.catalog, id, error);
  struct open_connector *open = connector == NULL ? NULL : calloc(1, sizeof *open);
  if (open == NULL) {
    if (connector != NULL) error_set(error, ERROR_HOST, NULL, "out of memory");
    connector_close(connector);
    return NULL;
  }
  open->connector = connector;
  open->next = flow->connectors;
  flow->connectors = open;
  return connector;
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
  struct job *job = calloc(1, sizeof *job);
  if (job == NULL || (job->arena = arena_open(0)) == NULL) {
    free(job);
    return error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  job->flow = flow;
  job->told = told;
  job->context = context;
  job->refund = copy_refund(job->arena, refund);
  if (job->refund.refund_id.data == NULL || job->refund.canonical_metadata.data == NULL) {
    free_job(job);
    return error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  if (flow->last != NULL) flow->last->next = job;
  if (flow->first == NULL) flow->first = job;
  flow->last = job;
  return true;
}

/* ---- Working ---- */

enum { WRITE_TRIES = 3 };

static void refuse(struct job *job) {
  job->refused = true;
  job->step = STEP_TELL;
}

static void run_step(struct job *job, enum step step) {
  job->step = step + 1;
  if (!way[step].run(job)) refuse(job);
}

/* A durable step, in its own part of the transaction. What it put is remembered until the commit. */
static bool run_part(struct job *job, enum step step, struct error *error) {
  struct ledger *ledger = job->flow->rooms.ledger;
  if (!ledger_part_begin(ledger, error)) return false;
  memset(&job->error, 0, sizeof job->error);
  job->before = (struct rows){job->record, job->attempt, job->raw_reply};
  job->group = GROUP_DONE;
  job->step = step + 1;
  if (way[step].run(job)) return ledger_part_end(ledger, error);
  ledger_part_undo(ledger);
  job->group = GROUP_FAILED;
  return true;
}

/* Before anything is sent a failed write ends the refund here; `not_known`: the commit itself failed. Afterwards the
 * answer must not be lost: it is tried again, and then at least told. */
static void write_failed(struct job *job, enum step step, const struct error *error, bool not_known) {
  job->record = job->before.record;
  job->attempt = job->before.attempt;
  job->raw_reply = job->before.raw_reply;
  job->error = *error;
  if (step < STEP_RECORD_REPLY) {
    job->not_known = not_known;
    if (not_known) {
      error_fix(&job->error, "ask again with the same id: it is not known whether refund %s is on record",
                job->refund.refund_id.data);
    }
    refuse(job);
    return;
  }
  job->write_failures++;
  job->unrecorded = job->write_failures >= WRITE_TRIES;
  job->step = job->unrecorded ? step + 1 : step;
  if (!job->unrecorded || step != STEP_SETTLE) return;
  settle_in_memory(job);
  job->step = STEP_TELL;
}

/* All refunds that stand at this step, in one transaction. One that fails leaves the others whole. If the commit fails
 * it is not known whether it is on disk: nothing may follow from it. */
static void run_durably(struct flow *flow, enum step step) {
  struct ledger *ledger = flow->rooms.ledger;
  struct error error = {0};
  bool begun = ledger_begin(ledger, &error);
  bool good = begun;
  for (struct job *job = flow->first; job != NULL; job = job->next) {
    if (job->step != step) continue;
    job->before = (struct rows){job->record, job->attempt, job->raw_reply};
    job->group = GROUP_WAITING;
    if (good) good = run_part(job, step, &error);
  }
  bool done = good && ledger_commit(ledger, &error);
  if (!done) ledger_rollback(ledger);
  for (struct job *job = flow->first; job != NULL; job = job->next) {
    if (job->group == GROUP_NONE) continue;
    struct error own = job->error;
    if (job->group == GROUP_FAILED) {
      write_failed(job, step, &own, false);
    } else if (!done) {
      write_failed(job, step, &error, good);
    } else {
      job->write_failures = 0;
      if (step == STEP_SETTLE) job->unrecorded = false;
    }
    job->group = GROUP_NONE;
  }
}

static bool any_at(const struct flow *flow, enum step step) {
  for (const struct job *job = flow->first; job != NULL; job = job->next) {
    if (job->step == step) return true;
  }
  return false;
}

static void tell(struct job *job) {
  struct flow_result result = {.outcome = NULL, .error = job->error, .not_known = job->not_known};
  struct outcome outcome;
  if (!job->refused) {
    outcome = flow_outcome(&job->record);
    outcome.unrecorded = job->unrecorded;
    result.outcome = &outcome;
  }
  job->step = STEP_GONE;
  job->told(job->context, &result);
}

static void remove_gone(struct flow *flow) {
  struct job **at = &flow->first;
  flow->last = NULL;
  while (*at != NULL) {
    struct job *job = *at;
    if (job->step == STEP_GONE) {
      *at = job->next;
      free_job(job);
    } else {
      flow->last = job;
      at = &job->next;
    }
  }
}

static bool turn(struct flow *flow) {
  bool worked = false;
  for (enum step step = STEP_JOIN; step < STEP_TELL; step++) {
    if (way[step].run == NULL || !any_at(flow, step)) continue;
    worked = true;
    if (way[step].durable) {
      run_durably(flow, step);
      continue;
    }
    for (struct job *job = flow->first; job != NULL; job = job->next) {
      if (job->step == step) run_step(job, step);
    }
  }
  for (struct job *job = flow->first; job != NULL; job = job->next) {
    if (job->step == STEP_TELL) tell(job);
  }
  remove_gone(flow);
  return worked;
}

/* A write that failed is tried again in a second, not at once. */
static bool any_failing(const struct flow *flow) {
  for (const struct job *job = flow->first; job != NULL; job = job->next) {
    if (job->write_failures > 0 && !job->unrecorded) return true;
  }
  return false;
}

void flow_run(struct flow *flow) {
  while (flow->first != NULL) {
    bool worked = turn(flow);
    if (flow->first != NULL) transport_turn(flow->rooms.transport, worked && !any_failing(flow) ? 0 : 1000);
  }
}

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
