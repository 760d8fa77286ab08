/* What is written together: all jobs that stand at a durable step, in one transaction on the ledger's thread. */
#include <string.h>

#include "flow/job.h"

enum { WRITE_TRIES = 3, PAUSE_MS = 1000 };

static struct rows rows_of(const struct job *job) {
  return (struct rows){job->record, job->attempt, job->raw_reply};
}

/* ---- On the ledger's thread ---- */

/* A job's own part of the transaction. False: the ledger itself fails. */
static bool run_part(struct job *job, struct ledger *ledger, struct error *error) {
  if (!ledger_part_begin(ledger, error)) return false;
  memset(&job->error, 0, sizeof job->error);
  job->group = GROUP_DONE;
  if (durable_steps[job->step](job)) return ledger_part_end(ledger, error);
  ledger_part_undo(ledger);
  if (!ledger_part_begin(ledger, error)) return false; /* all of it was given up: it was not this job's fault */
  job->group = GROUP_FAILED;
  return ledger_part_end(ledger, error);
}

/* For want of space it can; after any other failure of the disk nobody knows what is on it. */
static bool can_go_on(struct flow *flow) {
  struct error ignored;
  return ledger_reopen(flow->rooms.ledger, &ignored);
}

/* Steps change the job's step; which one it was is kept in `then`. */
static void run_group(void *context) {
  struct flow *flow = context;
  struct ledger *ledger = flow->rooms.ledger;
  struct error error = {0};
  bool begun = ledger_begin(ledger, &error);
  bool good = begun;
  for (struct job *job = flow->group.first; job != NULL; job = job->next) {
    job->then = job->step;
    job->before = rows_of(job);
    job->group = GROUP_WAITING;
    if (good) good = run_part(job, ledger, &error);
  }
  bool done = good && ledger_commit(ledger, &error);
  if (!done) {
    ledger_rollback(ledger);
    flow->group_broke = !can_go_on(flow);
  }
  for (struct job *job = flow->group.first; job != NULL; job = job->next) {
    if (job->group == GROUP_DONE && done) continue;
    if (job->group != GROUP_FAILED) {
      job->error = error;
      job->not_known = good && !done;
      job->group = GROUP_WAITING;
    }
    job->record = job->before.record;
    job->attempt = job->before.attempt;
    job->raw_reply = job->before.raw_reply;
  }
}

static void wake(void *context) {
  struct flow *flow = context;
  transport_wake(flow->rooms.transport);
}

/* ---- On the flow's ---- */

static bool is_after_sending(enum step step) {
  return step == STEP_RECORD_REPLY || step == STEP_SETTLE;
}

/* A person should hear of it while it can still be mended. */
static void wait_begins(struct job *job) {
  struct flow *flow = job->flow;
  if (flow->replies_waiting++ > 0 || flow->options.trouble == NULL) return;
  error_fix(&job->error, "make room, or mend what holds it: an answer waits to be recorded, and nothing new is sent");
  flow->options.trouble(flow->options.trouble_context, &job->error);
}

static void wait_ends(struct job *job) {
  if (job->write_failures > 0) job->flow->replies_waiting--;
  job->write_failures = 0;
}

/* Before anything is sent a failed write ends the refund here. Afterwards the answer must not be lost: it is written
 * again and again, but one that its own row refuses, or that a broken disk holds back, is at least told. */
static void write_failed(struct job *job) {
  struct flow *flow = job->flow;
  bool own = job->group == GROUP_FAILED;
  if (!is_after_sending(job->then)) {
    if (job->not_known) {
      error_fix(&job->error, "ask again with the same id: it is not known whether refund %s is on record",
                job->refund.refund_id.data);
    }
    job->refused = true;
    job->step = STEP_TELL;
    return;
  }
  job->not_known = false;
  if (job->write_failures++ == 0) wait_begins(job);
  bool given_up = flow->broken || flow->stop || (own && job->write_failures >= WRITE_TRIES);
  if (!given_up) {
    job_later(job, PAUSE_MS * flow->rooms.outside->speed, job->then);
    return;
  }
  job->unrecorded = true;
  wait_ends(job);
  job->step = job->then == STEP_RECORD_REPLY ? STEP_MAP : STEP_TELL;
  memset(&job->raw_reply, 0, sizeof job->raw_reply);
  if (job->then == STEP_SETTLE) settle_in_memory(job);
}

void flow_take_written(struct flow *flow) {
  if (!flow->writing || !ledger_is_idle(flow->rooms.ledger)) return;
  flow->writing = false;
  flow->broken = flow->broken || flow->group_broke;
  for (struct job *job = queue_take(&flow->group); job != NULL; job = queue_take(&flow->group)) {
    if (job->group != GROUP_DONE) {
      write_failed(job);
    } else {
      wait_ends(job);
      if (job->then == STEP_SETTLE) job->unrecorded = false;
    }
    queue_put(&flow->queues[job->step], job);
  }
}

/* While a reply waits to be written nothing new is begun: the disk is full, and more replies would have to wait. */
static bool may_write(const struct flow *flow, enum step step) {
  bool begins = step == STEP_ADMIT || step == STEP_RECORD_ATTEMPT;
  return durable_steps[step] != NULL && !(begins && flow->replies_waiting > 0);
}

bool flow_write(struct flow *flow) {
  struct error error;
  if (flow->writing) return false;
  for (int step = 0; step < STEPS; step++) {
    if (!may_write(flow, (enum step)step)) continue;
    for (struct job *job = queue_take(&flow->queues[step]); job != NULL; job = queue_take(&flow->queues[step]))
      queue_put(&flow->group, job);
  }
  if (flow->group.first == NULL) return false;
  flow->attempts_now = 0;
  for (const struct job *job = flow->queues[STEP_WAIT].first; job != NULL; job = job->next)
    flow->attempts_now++;
  flow->writing = true;
  if (ledger_start(flow->rooms.ledger, run_group, wake, flow, &error)) return true;
  for (struct job *job = flow->group.first; job != NULL; job = job->next) {
    job->then = job->step;
    job->group = GROUP_WAITING;
    job->error = error;
  }
  return true;
}
