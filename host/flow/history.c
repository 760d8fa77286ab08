/* What happened to a refund so far, as its attempts on record tell. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

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

struct ledger_attempt *job_attempt_of(struct job *job, int64_t row) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    if (job->attempts[i].row == row) return &job->attempts[i];
  }
  return NULL;
}

bool job_is_sent_before(const struct job *job) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    const struct ledger_attempt *attempt = &job->attempts[i];
    if (attempt->number < job->attempt.number && !is_class(attempt, CLASS_NOT_SENT)) return true;
  }
  return false;
}

bool job_is_any_disproved(const struct job *job) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    if (job->attempts[i].disproved != 0) return true;
  }
  return false;
}

bool job_is_other_unknown(const struct job *job) {
  for (size_t i = 0; i < job->attempt_count; i++) {
    const struct ledger_attempt *attempt = &job->attempts[i];
    if (attempt->row != job->attempt.row && may_have_arrived(attempt)) return true;
  }
  return false;
}

struct now job_moment(const struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  return (struct now){{job_now(job), outside->uptime_ms(outside), refund_text_of(outside->boot_id)}, job->latest_ms};
}
