#include "flow/lane.h"

enum {
  FAILURES_TO_OPEN = 5,
  OPEN_FIRST_MS = 30 * 1000,
  OPEN_GREATEST_MS = 10 * 60 * 1000,
  UNREACHABLE_TO_PAUSE_MS = 60 * 1000,
  PROBE_EVERY_MS = 60 * 1000,
  SECOND_MS = 1000
};

static int64_t later_of(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static bool is_held(const struct lane *lane) {
  return lane->paused || lane->open_for > 0;
}

void lane_open(struct lane *lane, const struct account_limits *limits, int refusals_to_pause) {
  *lane = (struct lane){.limits = limits, .refusals_to_pause = refusals_to_pause};
}

/* ---- Before an attempt ---- */

enum lane_gate lane_ask(const struct lane *lane, int64_t now, int64_t *at) {
  int64_t rate = lane->limits->rate;
  int64_t concurrency = lane->limits->concurrency;
  *at = INT64_MAX;
  if (is_held(lane) && (lane->under_way > 0 || now < lane->probe_at)) {
    if (lane->under_way == 0) *at = lane->probe_at;
    return lane->paused ? LANE_PAUSED : LANE_LATER;
  }
  if (concurrency > 0 && lane->under_way >= concurrency) return LANE_LATER;
  if (rate > 0 && lane->next_by_rate / rate > now) {
    *at = lane->next_by_rate / rate;
    return LANE_LATER;
  }
  return LANE_GO;
}

/* Attempts are a second's `rate`-th part from each other; so no second, wherever it begins, has more than `rate`. */
void lane_begin(struct lane *lane, int64_t now) {
  int64_t rate = lane->limits->rate;
  lane->under_way++;
  lane->probing = is_held(lane);
  if (lane->paused) lane->probe_at = now + PROBE_EVERY_MS;
  if (rate > 0) lane->next_by_rate = later_of(lane->next_by_rate, now * rate) + SECOND_MS;
}

void lane_cancel(struct lane *lane) {
  lane->under_way--;
  if (lane->probing) lane->probe_at = 0; /* it was none: the next one need not wait a minute */
  lane->probing = false;
}

/* ---- After it ---- */

static bool is_answer(const struct lane_end *end) {
  return end->attempt_class != CLASS_NOT_SENT && end->attempt_class != CLASS_AMBIGUOUS && end->http_status < 500;
}

/* Of an accepted or rejected refund, a Retry-After tells when to ask about it. */
static bool asks_for_a_pause(const struct lane_end *end) {
  bool undone = end->attempt_class == CLASS_REFUSED || !is_answer(end);
  return undone && end->retry_after > LANE_RETRY_AFTER_GREATEST;
}

static void count(struct lane *lane, const struct lane_end *end, int64_t now) {
  bool answered = is_answer(end);
  lane->failures = answered ? 0 : lane->failures + 1;
  if (end->about_account) lane->refusals++;
  if (answered && !end->about_account) lane->refusals = 0;
  if (!end->unreachable) lane->unreachable_at = 0;
  if (end->unreachable && lane->unreachable_at == 0) lane->unreachable_at = now;
}

static bool must_pause(const struct lane *lane, const struct lane_end *end, int64_t now) {
  return lane->refusals >= lane->refusals_to_pause || asks_for_a_pause(end) ||
         (lane->unreachable_at != 0 && now - lane->unreachable_at >= UNREACHABLE_TO_PAUSE_MS);
}

static void hold(struct lane *lane, int64_t now) {
  if (!is_held(lane)) lane->held_at = now;
}

static void release(struct lane *lane, int64_t now) {
  if (is_held(lane)) lane->held_ms += now - lane->held_at;
  lane->paused = false;
  lane->open_for = 0;
}

/* Takes the place of a breaker that is open: the pause's probes are frequent enough for both. */
static void pause_account(struct lane *lane, const struct lane_end *end, int64_t now) {
  hold(lane, now);
  if (!lane->paused) lane->probe_at = now + PROBE_EVERY_MS;
  if (asks_for_a_pause(end)) lane->probe_at = later_of(lane->probe_at, now + end->retry_after);
  lane->paused = true;
}

/* What began before it opened and fails after it says nothing new. */
static void open_breaker(struct lane *lane, bool probe, int64_t now) {
  bool opens = lane->open_for == 0 && lane->failures >= FAILURES_TO_OPEN;
  if (!opens && !probe) return;
  hold(lane, now);
  lane->open_for = opens ? OPEN_FIRST_MS : lane->open_for * 2;
  if (lane->open_for > OPEN_GREATEST_MS) lane->open_for = OPEN_GREATEST_MS;
  lane->probe_at = now + lane->open_for;
}

void lane_end(struct lane *lane, const struct lane_end *end, int64_t now) {
  bool probe = lane->probing;
  lane->probing = false;
  lane->under_way--;
  count(lane, end, now);
  if (must_pause(lane, end, now)) {
    pause_account(lane, end, now);
  } else if (lane->paused) {
    if (probe && is_answer(end) && !end->about_account) release(lane, now);
  } else if (is_answer(end)) {
    release(lane, now);
  } else {
    open_breaker(lane, probe, now);
  }
}

int64_t lane_budget_clock(const struct lane *lane, int64_t now) {
  return now - lane->held_ms - (is_held(lane) ? now - lane->held_at : 0);
}
