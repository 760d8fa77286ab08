/* What is done next about a refund: a row for each rule, then what a descriptor declares, ages and absences. */
#include "domain/recovery.h"

#include <criterion/criterion.h>
#include <string.h>

#define T(literal) ((refund_text){"" literal, sizeof(literal) - 1})
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW INT64_C(1700000000000)
#define UNKNOWN_BUDGET (7 * DAY + 7 * HOUR + 12 * MINUTE + 30 * SECOND)
#define PENDING_BUDGET (30 * DAY + 14 * HOUR + 36 * MINUTE)
#define NEVER INT64_C(-1) /* as an age: the clock is behind it */

/* Means: a day's key and a reference as most processors have them; an attempt takes up to 90 s. */
#define SPAN (90 * SECOND)
#define COMMON .repeat_after = MINUTE, .attempt_span = SPAN, .settle_delay = 15 * MINUTE
#define KEY COMMON, .key = true, .key_window = DAY
#define REFERENCE COMMON, .unique_reference = true, .reference_window = INT64_MAX
#define LIST .lookup = true
#define EXACT .lookup = true, .absence_final = true
#define CREATING .lookup = true, .lookup_may_create = true
#define SYNC .sync = true
#define NOTHING COMMON, .reported = true

#define UNKNOWN .position = {STATE_UNKNOWN, DETAIL_NONE}, .sent = true
#define SENDING .position = {STATE_SENDING, DETAIL_NONE}, .sent = true
#define PENDING .position = {STATE_PENDING, DETAIL_NONE}, .sent = true
#define OURS .position = {STATE_MANUAL_REVIEW, DETAIL_OURS}
#define THEIRS .position = {STATE_MANUAL_REVIEW, DETAIL_THEIRS}, .sent = true
#define ID .has_refund_id = true

enum { MAY_REPEAT = true, ASK_ONLY = false };

static const struct row {
  const char *rule;
  struct means means;
  struct history history;
  int64_t first; /* ages */
  int64_t last;
  int64_t absent;
  bool may_repeat;
  enum move move;
  int64_t wait_ms;
  bool counts;
} rows[] = {
    {"new: send", {NOTHING}, {.position = {STATE_NEW, DETAIL_NONE}}, 0, 0, 0, MAY_REPEAT, MOVE_SEND, 0, false},
    {"new: not asked about", {KEY, EXACT}, {.position = {STATE_NEW, 0}}, 0, 0, 0, ASK_ONLY, MOVE_NONE, 0, false},
    {"new, its attempts disproved: send",
     {EXACT},
     {.position = {STATE_NEW, 0}, .sent = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_SEND,
     0,
     false},

    {"sending, owner dead, key: repeat", {KEY}, {SENDING}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_REPEAT, 0, false},
    {"sending, owner dead, none: review", {NOTHING}, {SENDING}, 0, 0, 0, MAY_REPEAT, MOVE_REVIEW, 0, false},

    {"refund id and sync", {KEY, SYNC, EXACT}, {UNKNOWN, ID}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_SYNC, 0, false},
    {"refund id without sync", {KEY}, {UNKNOWN, ID}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_REPEAT, 0, false},
    {"sync without refund id", {SYNC, COMMON}, {UNKNOWN}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_REVIEW, 0, false},

    {"key: no sooner than declared",
     {KEY},
     {UNKNOWN},
     HOUR,
     20 * SECOND,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     40 * SECOND,
     false},
    {"key: just then", {KEY}, {UNKNOWN}, HOUR, MINUTE, 0, MAY_REPEAT, MOVE_REPEAT, 0, false},
    {"key: goes before a look-up", {KEY, EXACT}, {UNKNOWN}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_REPEAT, 0, false},
    {"key: arrives just within the window", {KEY}, {UNKNOWN}, DAY - SPAN, HOUR, 0, MAY_REPEAT, MOVE_REPEAT, 0, false},
    {"key: would arrive after the window",
     {KEY},
     {UNKNOWN},
     DAY - SPAN + 1,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"key: the wait carries it past the window",
     {KEY},
     {UNKNOWN},
     DAY - SPAN,
     MINUTE - 1,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"key: of the first attempt, not the last", {KEY, LIST}, {UNKNOWN}, DAY, HOUR, 0, MAY_REPEAT, MOVE_LOOKUP, 0, true},
    {"key: window not declared",
     {COMMON, .key = true},
     {UNKNOWN},
     MINUTE,
     MINUTE,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"key: switched off", {COMMON, .key_window = DAY}, {UNKNOWN}, MINUTE, MINUTE, 0, MAY_REPEAT, MOVE_REVIEW, 0, false},
    {"key: keeps 2xx, and another answer came",
     {KEY, .key_keeps_2xx = true},
     {UNKNOWN, .key_spent = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"key: keeps 2xx, no answer came",
     {KEY, .key_keeps_2xx = true},
     {UNKNOWN},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     0,
     false},
    {"key: keeps all, a 5xx came",
     {KEY},
     {UNKNOWN, .key_spent = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     0,
     false},
    {"key: clock set back", {KEY}, {UNKNOWN}, NEVER, NEVER, 0, MAY_REPEAT, MOVE_NONE, 0, false},
    {"key: clock set back, look-up", {KEY, EXACT}, {UNKNOWN}, NEVER, NEVER, 0, MAY_REPEAT, MOVE_LOOKUP, 0, false},
    {"key: refused later, window open",
     {KEY},
     {UNKNOWN, .rejected_later = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_NONE,
     0,
     false},
    {"key: refused later, window closed",
     {KEY},
     {UNKNOWN, .rejected_later = true},
     DAY,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"key: refused later, look-up",
     {KEY, LIST},
     {UNKNOWN, .rejected_later = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_LOOKUP,
     0,
     true},
    {"key: only to be asked about", {KEY}, {UNKNOWN}, HOUR, HOUR, 0, ASK_ONLY, MOVE_NONE, 0, false},
    {"key: only to be asked about, window closed", {KEY}, {UNKNOWN}, DAY, HOUR, 0, ASK_ONLY, MOVE_REVIEW, 0, false},
    {"key: only to be asked about, look-up", {KEY, LIST}, {UNKNOWN}, HOUR, HOUR, 0, ASK_ONLY, MOVE_LOOKUP, 0, true},

    {"reference: for ever",
     {REFERENCE},
     {UNKNOWN},
     6 * DAY,
     10 * SECOND,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     50 * SECOND,
     false},
    {"reference: for ever, clock set back",
     {REFERENCE},
     {UNKNOWN},
     NEVER,
     NEVER,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     MINUTE,
     false},
    {"reference: for a time",
     {COMMON, .unique_reference = true, .reference_window = DAY},
     {UNKNOWN},
     DAY - SPAN,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     0,
     false},
    {"reference: that has passed",
     {COMMON, .unique_reference = true, .reference_window = DAY},
     {UNKNOWN},
     DAY,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"reference: not refused twice",
     {COMMON, .reference_window = INT64_MAX},
     {UNKNOWN},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"reference: outlives the key",
     {KEY, .unique_reference = true, .reference_window = INT64_MAX},
     {UNKNOWN},
     2 * DAY,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     0,
     false},
    {"reference: duplicate, look-up",
     {REFERENCE, LIST},
     {UNKNOWN, .duplicate = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_LOOKUP,
     0,
     true},
    {"reference: duplicate, no look-up",
     {REFERENCE},
     {UNKNOWN, .duplicate = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_NONE,
     0,
     false},

    {"look-up: before the settle delay",
     {COMMON, LIST},
     {UNKNOWN},
     HOUR,
     15 * MINUTE - 1,
     0,
     MAY_REPEAT,
     MOVE_LOOKUP,
     0,
     false},
    {"look-up: after it", {COMMON, LIST}, {UNKNOWN}, HOUR, 15 * MINUTE, 0, MAY_REPEAT, MOVE_LOOKUP, 0, true},
    {"look-up: the second too soon",
     {COMMON, LIST},
     {UNKNOWN, .absences = 1},
     HOUR,
     HOUR,
     5 * MINUTE - 1,
     MAY_REPEAT,
     MOVE_LOOKUP,
     0,
     false},
    {"look-up: the second in time",
     {COMMON, LIST},
     {UNKNOWN, .absences = 1},
     HOUR,
     HOUR,
     5 * MINUTE,
     MAY_REPEAT,
     MOVE_LOOKUP,
     0,
     true},
    {"look-up: the clock set back since the first",
     {COMMON, LIST},
     {UNKNOWN, .absences = 1},
     HOUR,
     HOUR,
     -HOUR,
     MAY_REPEAT,
     MOVE_LOOKUP,
     0,
     false},

    {"creating look-up: no key", {COMMON, CREATING}, {UNKNOWN}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_REVIEW, 0, false},
    {"creating look-up: the repeat goes first",
     {KEY, CREATING},
     {UNKNOWN},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REPEAT,
     0,
     false},
    {"creating look-up: a repeat in another form",
     {KEY, CREATING},
     {UNKNOWN, .duplicate = true},
     HOUR,
     0,
     0,
     MAY_REPEAT,
     MOVE_LOOKUP,
     MINUTE,
     false},
    {"creating look-up: window closed",
     {KEY, CREATING},
     {UNKNOWN, .duplicate = true},
     DAY,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"creating look-up: is no asking", {KEY, CREATING}, {UNKNOWN}, HOUR, HOUR, 0, ASK_ONLY, MOVE_NONE, 0, false},

    {"unknown: budget", {REFERENCE, LIST}, {UNKNOWN}, UNKNOWN_BUDGET, DAY, 0, MAY_REPEAT, MOVE_REPEAT, 0, false},
    {"unknown: budget spent",
     {REFERENCE, LIST},
     {UNKNOWN},
     UNKNOWN_BUDGET + 1,
     DAY,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"unknown: budget spent, sync",
     {COMMON, SYNC},
     {UNKNOWN, ID},
     UNKNOWN_BUDGET + 1,
     DAY,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"unknown: none, review at once", {NOTHING}, {UNKNOWN}, 0, 0, 0, MAY_REPEAT, MOVE_REVIEW, 0, false},

    {"pending: sync", {COMMON, SYNC, LIST}, {PENDING, ID}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_SYNC, 0, false},
    {"pending: look-up", {KEY, SYNC, LIST}, {PENDING}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_LOOKUP, 0, false},
    {"pending: never by a look-up that may create",
     {KEY, CREATING},
     {PENDING},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_NONE,
     0,
     false},
    {"pending: event", {NOTHING}, {PENDING, ID}, 400 * DAY, HOUR, 0, MAY_REPEAT, MOVE_NONE, 0, false},
    {"pending: budget", {COMMON, SYNC}, {PENDING, ID}, PENDING_BUDGET, DAY, 0, MAY_REPEAT, MOVE_SYNC, 0, false},
    {"pending: budget spent",
     {COMMON, SYNC},
     {PENDING, ID},
     PENDING_BUDGET + 1,
     DAY,
     0,
     MAY_REPEAT,
     MOVE_REVIEW,
     0,
     false},
    {"pending: clock set back", {COMMON, SYNC}, {PENDING, ID}, NEVER, NEVER, 0, MAY_REPEAT, MOVE_SYNC, 0, false},
    {"theirs: polled like pending", {COMMON, SYNC}, {THEIRS, ID}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_SYNC, 0, false},
    {"theirs: stays theirs", {COMMON, SYNC}, {THEIRS, ID}, 400 * DAY, DAY, 0, MAY_REPEAT, MOVE_SYNC, 0, false},

    {"ours: asked", {KEY, SYNC}, {OURS, .sent = true, ID}, 400 * DAY, DAY, 0, ASK_ONLY, MOVE_SYNC, 0, false},
    {"ours: looked up", {KEY, LIST}, {OURS, .sent = true}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_LOOKUP, 0, false},
    {"ours: never by a look-up that may create",
     {KEY, CREATING},
     {OURS, .sent = true},
     HOUR,
     HOUR,
     0,
     MAY_REPEAT,
     MOVE_NONE,
     0,
     false},
    {"ours: never sent", {KEY, SYNC, LIST}, {OURS, ID}, HOUR, HOUR, 0, MAY_REPEAT, MOVE_NONE, 0, false},
    {"succeeded: asked",
     {SYNC},
     {.position = {STATE_SUCCEEDED, 0}, .sent = true, ID},
     DAY,
     DAY,
     0,
     ASK_ONLY,
     MOVE_SYNC,
     0,
     false},
    {"failed: asked",
     {LIST},
     {.position = {STATE_FAILED, DETAIL_REJECTED}, .sent = true},
     DAY,
     DAY,
     0,
     ASK_ONLY,
     MOVE_LOOKUP,
     0,
     false},
    {"failed late: asked",
     {LIST},
     {.position = {STATE_FAILED_LATE, 0}, .sent = true},
     DAY,
     DAY,
     0,
     ASK_ONLY,
     MOVE_LOOKUP,
     0,
     false},
    {"failed: never sent",
     {SYNC, LIST},
     {.position = {STATE_FAILED, DETAIL_NOT_SENT}},
     DAY,
     DAY,
     0,
     ASK_ONLY,
     MOVE_NONE,
     0,
     false},
};

/* Recorded in another boot, so by the wall clock. */
static struct moment before(int64_t age) {
  return (struct moment){age == NEVER ? NOW + MINUTE : NOW - age, 0, T("earlier")};
}

static const struct now now = {{NOW, 5 * MINUTE, {"this", 4}}, NOW};

Test(recovery, plans_by_every_rule) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row *row = &rows[i];
    struct history history = row->history;
    struct plan plan;
    history.first = before(row->first);
    history.last = before(row->last);
    history.absent_at = NOW - row->absent;
    plan_of(&row->means, &history, &now, row->may_repeat, &plan);
    cr_expect_eq(plan.move, row->move, "%s: %d %s", row->rule, plan.move, plan.reason == NULL ? "" : plan.reason);
    cr_expect_eq(plan.wait_ms, row->wait_ms, "%s: %ld ms", row->rule, (long)plan.wait_ms);
    cr_expect_eq(plan.counts, row->counts, "%s: counts %d", row->rule, plan.counts);
    bool explains = plan.move == MOVE_NONE || plan.move == MOVE_REVIEW;
    cr_expect_eq(plan.reason != NULL, explains, "%s", row->rule);
  }
}

/* ---- Age ---- */

Test(recovery, ages_by_the_clock_that_is_never_set_back_within_a_boot) {
  static const struct {
    const char *boot_id;
    int64_t wall;
    int64_t uptime;
    int64_t latest;
    int64_t age;
    bool known;
  } cases[] = {
      {"this", NOW - HOUR, 4 * MINUTE, NOW, MINUTE, true},
      {"this", NOW + HOUR, 4 * MINUTE, NOW + HOUR, MINUTE, true}, /* the wall clock was set back */
      {"this", NOW - HOUR, 6 * MINUTE, NOW, 0, false},
      {"other", NOW - HOUR, 4 * MINUTE, NOW, HOUR, true},
      {"other", NOW, 4 * MINUTE, NOW, 0, true},
      {"other", NOW - HOUR, 4 * MINUTE, NOW + 1, 0, false},
      {"other", NOW + 1, 4 * MINUTE, NOW, 0, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct moment then = {cases[i].wall, cases[i].uptime, {cases[i].boot_id, strlen(cases[i].boot_id)}};
    struct now at = now;
    bool known;
    at.latest_ms = cases[i].latest;
    cr_expect_eq(moment_age(&then, &at, &known), cases[i].age, "case %zu", i);
    cr_expect_eq(known, cases[i].known, "case %zu", i);
  }
}

Test(recovery, does_not_take_two_unnamed_boots_for_one) {
  struct moment then = {NOW - HOUR, 4 * MINUTE, T("")};
  struct now at = {{NOW, 5 * MINUTE, T("")}, NOW};
  bool known;
  cr_expect_eq(moment_age(&then, &at, &known), HOUR);
  cr_expect(known);
}

/* ---- Absences ---- */

Test(recovery, believes_two_absences_only_of_an_exact_look_up) {
  static const struct {
    const char *rule;
    struct means means;
    struct history history;
    int64_t first;
    enum fact fact;
  } cases[] = {
      {"exact, the first", {COMMON, EXACT}, {UNKNOWN, .absences = 1}, HOUR, FACTS},
      {"exact", {COMMON, EXACT}, {UNKNOWN, .absences = 2}, HOUR, FACT_ABSENT_RESENDABLE},
      {"exact, the repeat was refused",
       {KEY, EXACT},
       {UNKNOWN, .absences = 2, .rejected_later = true},
       HOUR,
       FACT_ABSENT_RESENDABLE},
      {"exact, but it says duplicate",
       {KEY, EXACT},
       {UNKNOWN, .absences = 2, .duplicate = true},
       HOUR,
       FACT_ABSENT_STUCK},
      {"exact, but it gave a refund id", {KEY, EXACT}, {UNKNOWN, .absences = 2, ID}, HOUR, FACT_ABSENT_STUCK},
      {"list", {COMMON, LIST}, {UNKNOWN, .absences = 2}, HOUR, FACT_ABSENT_STUCK},
      {"list, a key can tell", {KEY, LIST}, {UNKNOWN, .absences = 2}, HOUR, FACTS},
      {"list, a key that counts no more", {KEY, LIST}, {UNKNOWN, .absences = 2}, DAY, FACT_ABSENT_STUCK},
      {"list, the clock set back", {KEY, LIST}, {UNKNOWN, .absences = 2}, NEVER, FACTS},
      {"list, a key that was refused",
       {KEY, LIST},
       {UNKNOWN, .absences = 2, .rejected_later = true},
       HOUR,
       FACT_ABSENT_STUCK},
      {"list, a reference can tell", {REFERENCE, LIST}, {UNKNOWN, .absences = 2}, DAY, FACTS},
      {"list, but it says duplicate",
       {REFERENCE, LIST},
       {UNKNOWN, .absences = 2, .duplicate = true},
       DAY,
       FACT_ABSENT_STUCK},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct history history = cases[i].history;
    history.first = before(cases[i].first);
    history.last = before(cases[i].first);
    enum fact fact = absence_fact(&cases[i].means, &history, &now);
    cr_expect_eq(fact, cases[i].fact, "%s: %s", cases[i].rule, fact == FACTS ? "nothing" : fact_name(fact));
  }
}

/* ---- What a descriptor declares ---- */

static const struct account_settings as_declared = {true, -1, -1, SPAN};

static refund_descriptor reference_like(void) {
  refund_descriptor descriptor = {
      .flows = {REFUND_FLOW("refund", "POST", "", 0, REFUND_NAMES_REFERENCE, 0),
                REFUND_FLOW("refund_sync", "GET", "", 0, REFUND_NAMES_REFUND_ID, 0),
                REFUND_FLOW("refund_lookup", "GET", "", REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFERENCE, 90)},
      .idempotency =
          REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "Idempotency-Key", 1, 64, "", 3600, 5, REFUND_KEY_KEEPS_2XX_ONLY, ""),
      .reference = REFUND_REFERENCE(1, 64, "", 1, 7200),
  };
  return descriptor;
}

Test(recovery, takes_means_as_declared) {
  refund_descriptor descriptor = reference_like();
  struct means means;
  means_of(&descriptor, &as_declared, &means);
  cr_expect(means.key && means.key_keeps_2xx && means.unique_reference && means.sync && means.lookup);
  cr_expect(means.absence_final && !means.lookup_may_create && !means.reported);
  cr_expect_eq(means.key_window, HOUR);
  cr_expect_eq(means.reference_window, 2 * HOUR);
  cr_expect_eq(means.repeat_after, 5 * SECOND);
  cr_expect_eq(means.settle_delay, 90 * SECOND);
  cr_expect_eq(means.attempt_span, SPAN);
}

Test(recovery, assumes_nothing_that_is_not_declared) {
  refund_descriptor descriptor = reference_like();
  struct means means;
  descriptor.idempotency.window_seconds = REFUND_NOT_DECLARED;
  descriptor.idempotency.repeat_after_seconds = REFUND_NOT_DECLARED;
  descriptor.flows[2].visible_after_seconds = REFUND_NOT_DECLARED;
  descriptor.reference.window_seconds = REFUND_NOT_DECLARED;
  means_of(&descriptor, &as_declared, &means);
  cr_expect_eq(means.key_window, 0);
  cr_expect_eq(means.repeat_after, MINUTE);
  cr_expect_eq(means.settle_delay, 15 * MINUTE);
  cr_expect_eq(means.reference_window, 0);
  descriptor.reference.window_seconds = 0;
  means_of(&descriptor, &as_declared, &means);
  cr_expect_eq(means.reference_window, INT64_MAX);
}

Test(recovery, lets_the_account_decide) {
  refund_descriptor descriptor = reference_like();
  struct account_settings settings = {false, 0, HOUR, 2 * SPAN};
  struct means means;
  means_of(&descriptor, &settings, &means);
  cr_expect_not(means.key);
  cr_expect_eq(means.settle_delay, 0);
  cr_expect_eq(means.repeat_after, HOUR);
  cr_expect_eq(means.attempt_span, 2 * SPAN);
}

Test(recovery, has_no_key_without_a_carrier) {
  refund_descriptor descriptor = {.idempotency = REFUND_NO_IDEMPOTENCY};
  struct means means;
  means_of(&descriptor, &as_declared, &means);
  cr_expect_not(means.key);
  cr_expect(means.reported && !means.sync && !means.lookup && !means.unique_reference);
  cr_expect_eq(means.settle_delay, 15 * MINUTE);
}

Test(recovery, believes_an_absence_only_where_answers_name_our_reference_and_nothing_is_created) {
  static const struct {
    uint32_t flags;
    int32_t names;
    bool absence_final;
    bool may_create;
  } cases[] = {{REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFERENCE, true, false},
               {REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_PAYMENT, false, false},
               {REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFUND_ID, false, false},
               {0, REFUND_NAMES_REFERENCE, false, false},
               {REFUND_FLOW_ABSENCE_FINAL | REFUND_FLOW_MAY_CREATE, REFUND_NAMES_REFERENCE, false, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refund_descriptor descriptor = reference_like();
    struct means means;
    descriptor.flows[2].flags = cases[i].flags;
    descriptor.flows[2].names = cases[i].names;
    means_of(&descriptor, &as_declared, &means);
    cr_expect_eq(means.absence_final, cases[i].absence_final, "case %zu", i);
    cr_expect_eq(means.lookup_may_create, cases[i].may_create, "case %zu", i);
  }
}
