#include "domain/recovery.h"

#include <string.h>

#include "refund_toolkit.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* The whole polling schedules, from the first attempt on. */
#define UNKNOWN_BUDGET (30 * SECOND + 2 * MINUTE + 10 * MINUTE + HOUR + 6 * HOUR + 7 * DAY)
#define PENDING_BUDGET (MINUTE + 5 * MINUTE + 30 * MINUTE + 2 * HOUR + 12 * HOUR + 30 * DAY)

enum { ABSENCES_TO_BELIEVE = 2 };

/* ---- Means ---- */

static int64_t declared(uint32_t seconds, int64_t otherwise) {
  return seconds == REFUND_NOT_DECLARED ? otherwise : (int64_t)seconds * SECOND;
}

static void take_lookup(const refund_flow *flow, struct means *means) {
  means->settle_delay = 15 * MINUTE;
  if (flow == NULL) return;
  means->lookup = true;
  means->lookup_may_create = (flow->flags & REFUND_FLOW_MAY_CREATE) != 0;
  /* What may have made the refund proves nothing by not finding it. */
  means->absence_final = (flow->flags & REFUND_FLOW_ABSENCE_FINAL) != 0 && flow->names == REFUND_NAMES_REFERENCE &&
                         !means->lookup_may_create;
  means->settle_delay = declared(flow->visible_after_seconds, 15 * MINUTE);
}

void means_of(const refund_descriptor *descriptor, const struct account_settings *settings, struct means *means) {
  memset(means, 0, sizeof *means);
  const refund_idempotency *key = &descriptor->idempotency;
  means->key = key->carrier != REFUND_KEY_NONE && settings->key_switched_on;
  means->key_keeps_2xx = (key->flags & REFUND_KEY_KEEPS_2XX_ONLY) != 0;
  means->key_window = declared(key->window_seconds, 0);
  means->unique_reference = descriptor->reference.unique != 0;
  uint32_t reference_window = descriptor->reference.window_seconds;
  means->reference_window = reference_window == REFUND_FOR_EVER ? INT64_MAX : declared(reference_window, 0);
  means->repeat_after = declared(key->repeat_after_seconds, MINUTE);
  means->attempt_span = settings->attempt_span;
  means->sync = flow_of(descriptor, FLOW_REFUND_SYNC) != NULL;
  take_lookup(flow_of(descriptor, FLOW_REFUND_LOOKUP), means);
  means->reported = !means->sync && !means->lookup;
  if (settings->repeat_after >= 0) means->repeat_after = settings->repeat_after;
  if (settings->settle_delay >= 0) means->settle_delay = settings->settle_delay;
}

/* ---- Age ---- */

int64_t moment_age(const struct moment *then, const struct now *now, bool *known) {
  bool same_boot = refund_there(then->boot_id) && refund_same(then->boot_id, now->moment.boot_id);
  int64_t age = same_boot ? now->moment.uptime_ms - then->uptime_ms : now->moment.wall_ms - then->wall_ms;
  *known = age >= 0 && (same_boot || now->moment.wall_ms >= now->latest_ms);
  return *known ? age : 0;
}

static bool is_older(const struct moment *then, const struct now *now, int64_t span) {
  bool known;
  return moment_age(then, now, &known) > span && known;
}

/* ---- Repeat ---- */

/* May the same request go out again, and not be carried out twice? It has to arrive while the processor still knows the
 * first one. */
struct repeat {
  bool by_key;
  bool by_reference;
  bool undated; /* it could be, but it is not known how long ago the first one was */
  int64_t wait_ms;
};

static bool is_open_repeat(const struct repeat *repeat) {
  return repeat->by_key || repeat->by_reference;
}

static struct repeat repeat_of(const struct means *means, const struct history *history, const struct now *now) {
  bool key_counts = means->key && !(means->key_keeps_2xx && history->key_spent);
  int64_t key_window = key_counts ? means->key_window : 0;
  int64_t reference_window = means->unique_reference ? means->reference_window : 0;
  bool first_known;
  bool last_known;
  int64_t since_first = moment_age(&history->first, now, &first_known);
  int64_t since_last = moment_age(&history->last, now, &last_known);
  int64_t wait = means->repeat_after > since_last ? means->repeat_after - since_last : 0;
  int64_t arrives = since_first + wait + means->attempt_span;
  bool dated = first_known && last_known;
  bool for_ever = reference_window == INT64_MAX;
  return (struct repeat){
      .by_key = dated && key_window > 0 && arrives <= key_window,
      .by_reference = for_ever || (dated && reference_window > 0 && arrives <= reference_window),
      .undated = !dated && (key_window > 0 || reference_window > 0),
      .wait_ms = wait,
  };
}

/* ---- Plan ---- */

static void decide(struct plan *plan, enum move move, const char *reason) {
  plan->move = move;
  plan->reason = reason;
}

static void decide_repeat(struct plan *plan, enum move move, const struct repeat *repeat) {
  decide(plan, move, NULL);
  plan->wait_ms = repeat->wait_ms;
  plan->same_key = repeat->by_key;
}

static bool absence_counts(const struct means *means, const struct history *history, const struct now *now) {
  bool known;
  bool settled = moment_age(&history->last, now, &known) >= means->settle_delay && known;
  return settled && (history->absences == 0 || now->moment.wall_ms - history->absent_at >= ABSENCES_APART_MS);
}

/* Asks with what can do no harm; false if there is nothing. */
static bool can_ask(const struct means *means, const struct history *history, struct plan *plan) {
  if (means->sync && history->has_refund_id) {
    decide(plan, MOVE_SYNC, NULL);
    return true;
  }
  if (!means->lookup || means->lookup_may_create) return false;
  decide(plan, MOVE_LOOKUP, NULL);
  return true;
}

/* Nobody can be asked, and nothing repeated now. */
static void plan_wait(const struct means *means, const struct history *history, const struct repeat *repeat,
                      struct plan *plan) {
  bool exhausted = (history->duplicate || history->rejected_later) && !means->lookup_may_create;
  bool open = is_open_repeat(repeat);
  if (open && exhausted) {
    decide(plan, MOVE_NONE, "a repeat says nothing more: only an event or a report can tell");
  } else if (open) {
    decide(plan, MOVE_NONE, "a repeat can tell: refund-host resume");
  } else if (repeat->undated) {
    decide(plan, MOVE_NONE, "the clock is behind the ledger's latest record, so no repeat is safe");
  } else {
    decide(plan, MOVE_REVIEW, "neither a repeat nor a look-up can tell what became of it");
  }
}

static void plan_unknown(const struct means *means, const struct history *history, const struct now *now,
                         bool may_repeat, struct plan *plan) {
  struct repeat repeat = repeat_of(means, history, now);
  bool may_send = is_open_repeat(&repeat) && may_repeat;
  bool exhausted = history->duplicate || history->rejected_later;
  if (is_older(&history->first, now, UNKNOWN_BUDGET)) {
    decide(plan, MOVE_REVIEW, "it could not be learnt within a week what became of it");
  } else if (means->sync && history->has_refund_id) {
    decide(plan, MOVE_SYNC, NULL);
  } else if (may_send && !exhausted) {
    decide_repeat(plan, MOVE_REPEAT, &repeat);
  } else if (can_ask(means, history, plan)) {
    plan->counts = absence_counts(means, history, now);
  } else if (may_send && means->lookup_may_create) {
    decide_repeat(plan, MOVE_LOOKUP, &repeat);
  } else {
    plan_wait(means, history, &repeat, plan);
  }
}

static void plan_pending(const struct means *means, const struct history *history, const struct now *now,
                         struct plan *plan) {
  bool theirs = history->position.state == STATE_MANUAL_REVIEW;
  if (!can_ask(means, history, plan)) {
    decide(plan, MOVE_NONE, means->reported ? "waiting: event" : "the processor named no refund id to ask with");
  } else if (!theirs && is_older(&history->first, now, PENDING_BUDGET)) {
    decide(plan, MOVE_REVIEW, "the processor has not finished it within 30 days");
  }
}

void plan_of(const struct means *means, const struct history *history, const struct now *now, bool may_repeat,
             struct plan *plan) {
  memset(plan, 0, sizeof *plan);
  enum state state = history->position.state;
  if (state == STATE_NEW) {
    decide(plan, may_repeat ? MOVE_SEND : MOVE_NONE, may_repeat ? NULL : "it was not sent");
  } else if (state == STATE_SENDING || state == STATE_UNKNOWN) {
    plan_unknown(means, history, now, may_repeat, plan);
  } else if (!history->sent) {
    decide(plan, MOVE_NONE, "it was not sent");
  } else if (state == STATE_PENDING || history->position.detail == DETAIL_THEIRS) {
    plan_pending(means, history, now, plan);
  } else if (!can_ask(means, history, plan)) {
    decide(plan, MOVE_NONE, "the processor cannot be asked about it");
  }
}

/* ---- Absence ---- */

enum fact absence_fact(const struct means *means, const struct history *history, const struct now *now) {
  if (history->absences < ABSENCES_TO_BELIEVE) return FACTS;
  bool contradicts = history->duplicate || history->has_refund_id; /* it said that it has it */
  if (contradicts) return FACT_ABSENT_STUCK;
  if (means->absence_final) return FACT_ABSENT_RESENDABLE;
  struct repeat repeat = repeat_of(means, history, now);
  bool can_tell = (is_open_repeat(&repeat) || repeat.undated) && !history->rejected_later;
  return can_tell ? FACTS : FACT_ABSENT_STUCK;
}
