/* What is done next about a refund: a row for each rule; ages and absences. */
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
#define FOR_EVER .unique_reference = true, .reference_window = INT64_MAX
#define REFERENCE COMMON, FOR_EVER
#define BRIEFLY COMMON, .unique_reference = true, .reference_window = DAY
#define LIST .lookup = true
#define EXACT .lookup = true, .absence_final = true
#define CREATING .lookup = true, .lookup_may_create = true
#define SYNC .sync = true
#define NOTHING COMMON, .reported = true

#define AT(state) .position = {STATE_##state, DETAIL_NONE}, .sent = true
#define UNKNOWN AT(UNKNOWN)
#define PENDING AT(PENDING)
#define THEIRS .position = {STATE_MANUAL_REVIEW, DETAIL_THEIRS}, .sent = true
#define ID .has_refund_id = true
#define REFUSED .rejected_later = true
#define DUPLICATE .duplicate = true

struct row {
  const char *rule;
  struct means means;
  struct history history;
  struct {
    int64_t first, last, absent;
  } ages;
  struct plan plan;
};
#define AGES(first, last) \
  { first, last, 0 }
#define THEN(move) \
  { move, 0, false, false, NULL }
#define AFTER(wait_ms, move) \
  { move, wait_ms, false, false, NULL }
#define COUNTS(move) \
  { move, 0, true, false, NULL } /* an absence would */

static const struct row rows[] = {
    {"new: send", {NOTHING}, {.position = {STATE_NEW, DETAIL_NONE}}, AGES(0, 0), THEN(MOVE_SEND)},
    {"new, its attempts disproved: send", {EXACT}, {AT(NEW)}, AGES(HOUR, HOUR), THEN(MOVE_SEND)},

    {"sending, owner dead, key: repeat", {KEY}, {AT(SENDING)}, AGES(HOUR, HOUR), THEN(MOVE_REPEAT)},
    {"sending, owner dead, none: review", {NOTHING}, {AT(SENDING)}, AGES(0, 0), THEN(MOVE_REVIEW)},

    {"refund id and sync", {KEY, SYNC, EXACT}, {UNKNOWN, ID}, AGES(HOUR, HOUR), THEN(MOVE_SYNC)},
    {"refund id without sync", {KEY}, {UNKNOWN, ID}, AGES(HOUR, HOUR), THEN(MOVE_REPEAT)},
    {"sync without refund id", {SYNC, COMMON}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_REVIEW)},

    {"key: no sooner than declared", {KEY}, {UNKNOWN}, AGES(HOUR, 20 * SECOND), AFTER(40 * SECOND, MOVE_REPEAT)},
    {"key: just then", {KEY}, {UNKNOWN}, AGES(HOUR, MINUTE), THEN(MOVE_REPEAT)},
    {"key: goes before a look-up", {KEY, EXACT}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_REPEAT)},
    {"key: arrives just within the window", {KEY}, {UNKNOWN}, AGES(DAY - SPAN, HOUR), THEN(MOVE_REPEAT)},
    {"key: would arrive after the window", {KEY}, {UNKNOWN}, AGES(DAY - SPAN + 1, HOUR), THEN(MOVE_REVIEW)},
    {"key: the wait carries it past the window", {KEY}, {UNKNOWN}, AGES(DAY - SPAN, MINUTE - 1), THEN(MOVE_REVIEW)},
    {"key: of the first attempt, not the last", {KEY, LIST}, {UNKNOWN}, AGES(DAY, HOUR), COUNTS(MOVE_LOOKUP)},
    {"key: window not declared", {COMMON, .key = true}, {UNKNOWN}, AGES(MINUTE, MINUTE), THEN(MOVE_REVIEW)},
    {"key: switched off", {COMMON, .key_window = DAY}, {UNKNOWN}, AGES(MINUTE, MINUTE), THEN(MOVE_REVIEW)},
    {"key: keeps 2xx, and another answer came",
     {KEY, .key_keeps_2xx = true},
     {UNKNOWN, .key_spent = true},
     AGES(HOUR, HOUR),
     THEN(MOVE_REVIEW)},
    {"key: keeps 2xx, no answer came", {KEY, .key_keeps_2xx = true}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_REPEAT)},
    {"key: keeps all, a 5xx came", {KEY}, {UNKNOWN, .key_spent = true}, AGES(HOUR, HOUR), THEN(MOVE_REPEAT)},
    {"key: clock set back", {KEY}, {UNKNOWN}, AGES(NEVER, NEVER), THEN(MOVE_NONE)},
    {"key: clock set back, look-up", {KEY, EXACT}, {UNKNOWN}, AGES(NEVER, NEVER), THEN(MOVE_LOOKUP)},
    {"key: refused later, window open", {KEY}, {UNKNOWN, REFUSED}, AGES(HOUR, HOUR), THEN(MOVE_NONE)},
    {"key: refused later, window closed", {KEY}, {UNKNOWN, REFUSED}, AGES(DAY, HOUR), THEN(MOVE_REVIEW)},
    {"key: refused later, look-up", {KEY, LIST}, {UNKNOWN, REFUSED}, AGES(HOUR, HOUR), COUNTS(MOVE_LOOKUP)},

    {"reference: for ever", {REFERENCE}, {UNKNOWN}, AGES(6 * DAY, 10 * SECOND), AFTER(50 * SECOND, MOVE_REPEAT)},
    {"reference: for ever, clock set back", {REFERENCE}, {UNKNOWN}, AGES(NEVER, NEVER), AFTER(MINUTE, MOVE_REPEAT)},
    {"reference: for a time", {BRIEFLY}, {UNKNOWN}, AGES(DAY - SPAN, HOUR), THEN(MOVE_REPEAT)},
    {"reference: that has passed", {BRIEFLY}, {UNKNOWN}, AGES(DAY, HOUR), THEN(MOVE_REVIEW)},
    {"reference: not refused twice",
     {COMMON, .reference_window = INT64_MAX},
     {UNKNOWN},
     AGES(HOUR, HOUR),
     THEN(MOVE_REVIEW)},
    {"reference: outlives the key", {KEY, FOR_EVER}, {UNKNOWN}, AGES(2 * DAY, HOUR), THEN(MOVE_REPEAT)},
    {"reference: duplicate, look-up", {REFERENCE, LIST}, {UNKNOWN, DUPLICATE}, AGES(HOUR, HOUR), COUNTS(MOVE_LOOKUP)},
    {"reference: duplicate, no look-up", {REFERENCE}, {UNKNOWN, DUPLICATE}, AGES(HOUR, HOUR), THEN(MOVE_NONE)},

    {"look-up: before the settle delay", {COMMON, LIST}, {UNKNOWN}, AGES(HOUR, 15 * MINUTE - 1), THEN(MOVE_LOOKUP)},
    {"look-up: after it", {COMMON, LIST}, {UNKNOWN}, AGES(HOUR, 15 * MINUTE), COUNTS(MOVE_LOOKUP)},
    {"look-up: the second too soon",
     {COMMON, LIST},
     {UNKNOWN, .absences = 1},
     {HOUR, HOUR, 5 * MINUTE - 1},
     THEN(MOVE_LOOKUP)},
    {"look-up: the second in time",
     {COMMON, LIST},
     {UNKNOWN, .absences = 1},
     {HOUR, HOUR, 5 * MINUTE},
     COUNTS(MOVE_LOOKUP)},
    {"look-up: the clock set back", {COMMON, LIST}, {UNKNOWN, .absences = 1}, {HOUR, HOUR, -HOUR}, THEN(MOVE_LOOKUP)},

    {"creating look-up: no key", {COMMON, CREATING}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_REVIEW)},
    {"creating look-up: the repeat goes first", {KEY, CREATING}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_REPEAT)},
    {"creating look-up: as a repeat", {KEY, CREATING}, {UNKNOWN, DUPLICATE}, AGES(HOUR, 0), AFTER(MINUTE, MOVE_LOOKUP)},
    {"creating look-up: window closed", {KEY, CREATING}, {UNKNOWN, DUPLICATE}, AGES(DAY, HOUR), THEN(MOVE_REVIEW)},

    {"unknown: budget", {REFERENCE, LIST}, {UNKNOWN}, AGES(UNKNOWN_BUDGET, DAY), THEN(MOVE_REPEAT)},
    {"unknown: budget spent", {REFERENCE, LIST}, {UNKNOWN}, AGES(UNKNOWN_BUDGET + 1, DAY), THEN(MOVE_REVIEW)},
    {"unknown: budget spent, sync", {COMMON, SYNC}, {UNKNOWN, ID}, AGES(UNKNOWN_BUDGET + 1, DAY), THEN(MOVE_REVIEW)},
    {"unknown: none, review at once", {NOTHING}, {UNKNOWN}, AGES(0, 0), THEN(MOVE_REVIEW)},

    {"pending: sync", {COMMON, SYNC, LIST}, {PENDING, ID}, AGES(HOUR, HOUR), THEN(MOVE_SYNC)},
    {"pending: look-up", {KEY, SYNC, LIST}, {PENDING}, AGES(HOUR, HOUR), THEN(MOVE_LOOKUP)},
    {"pending: never by a look-up that may create", {KEY, CREATING}, {PENDING}, AGES(HOUR, HOUR), THEN(MOVE_NONE)},
    {"pending: event", {NOTHING}, {PENDING, ID}, AGES(400 * DAY, HOUR), THEN(MOVE_NONE)},
    {"pending: budget", {COMMON, SYNC}, {PENDING, ID}, AGES(PENDING_BUDGET, DAY), THEN(MOVE_SYNC)},
    {"pending: budget spent", {COMMON, SYNC}, {PENDING, ID}, AGES(PENDING_BUDGET + 1, DAY), THEN(MOVE_REVIEW)},
    {"pending: clock set back", {COMMON, SYNC}, {PENDING, ID}, AGES(NEVER, NEVER), THEN(MOVE_SYNC)},
    {"theirs: polled like pending", {COMMON, SYNC}, {THEIRS, ID}, AGES(HOUR, HOUR), THEN(MOVE_SYNC)},
    {"theirs: stays theirs", {COMMON, SYNC}, {THEIRS, ID}, AGES(400 * DAY, DAY), THEN(MOVE_SYNC)},

    {"ours: asked", {KEY, SYNC}, {AT(MANUAL_REVIEW), ID}, AGES(400 * DAY, DAY), THEN(MOVE_SYNC)},
    {"ours: looked up", {KEY, LIST}, {AT(MANUAL_REVIEW)}, AGES(HOUR, HOUR), THEN(MOVE_LOOKUP)},
    {"ours: never created", {KEY, CREATING}, {AT(MANUAL_REVIEW)}, AGES(HOUR, HOUR), THEN(MOVE_NONE)},
    {"ours: never sent",
     {KEY, SYNC, LIST},
     {.position = {STATE_MANUAL_REVIEW, DETAIL_OURS}, ID},
     AGES(HOUR, HOUR),
     THEN(MOVE_NONE)},
    {"succeeded: asked", {SYNC}, {AT(SUCCEEDED), ID}, AGES(DAY, DAY), THEN(MOVE_SYNC)},
    {"failed: asked", {LIST}, {AT(FAILED)}, AGES(DAY, DAY), THEN(MOVE_LOOKUP)},
    {"failed late: asked", {LIST}, {AT(FAILED_LATE)}, AGES(DAY, DAY), THEN(MOVE_LOOKUP)},
    {"failed: never sent",
     {SYNC, LIST},
     {.position = {STATE_FAILED, DETAIL_NOT_SENT}},
     AGES(DAY, DAY),
     THEN(MOVE_NONE)},
};

/* Only to be asked about, not to be sent again. */
static const struct row asked[] = {
    {"new: not asked about", {KEY, EXACT}, {.position = {STATE_NEW, 0}}, AGES(0, 0), THEN(MOVE_NONE)},
    {"key: only to be asked about", {KEY}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_NONE)},
    {"key: only to be asked about, window closed", {KEY}, {UNKNOWN}, AGES(DAY, HOUR), THEN(MOVE_REVIEW)},
    {"key: only to be asked about, look-up", {KEY, LIST}, {UNKNOWN}, AGES(HOUR, HOUR), COUNTS(MOVE_LOOKUP)},
    {"creating look-up: is no asking", {KEY, CREATING}, {UNKNOWN}, AGES(HOUR, HOUR), THEN(MOVE_NONE)},
};

/* Recorded in another boot, so by the wall clock. */
static struct moment before(int64_t age) {
  return (struct moment){age == NEVER ? NOW + MINUTE : NOW - age, 0, T("earlier")};
}

static const struct now now = {{NOW, 5 * MINUTE, {"this", 4}}, NOW};

static void check(const struct row *row, bool may_repeat) {
  struct history history = row->history;
  struct plan plan;
  history.first = before(row->ages.first);
  history.last = before(row->ages.last);
  history.absent_at = NOW - row->ages.absent;
  plan_of(&row->means, &history, &now, may_repeat, &plan);
  cr_expect_eq(plan.move, row->plan.move, "%s: %d %s", row->rule, plan.move, plan.reason == NULL ? "" : plan.reason);
  cr_expect_eq(plan.wait_ms, row->plan.wait_ms, "%s: %ld ms", row->rule, (long)plan.wait_ms);
  cr_expect_eq(plan.counts, row->plan.counts, "%s: counts %d", row->rule, plan.counts);
  bool sends = plan.move == MOVE_REPEAT || (plan.move == MOVE_LOOKUP && row->means.lookup_may_create);
  bool key_open = row->means.key && row->ages.first <= DAY - SPAN;
  cr_expect_eq(plan.same_key, sends && key_open, "%s: same key %d", row->rule, plan.same_key);
  bool explains = plan.move == MOVE_NONE || plan.move == MOVE_REVIEW;
  cr_expect_eq(plan.reason != NULL, explains, "%s", row->rule);
}

Test(recovery, plans_by_every_rule) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check(&rows[i], true);
}

Test(recovery, of_what_may_only_be_asked_about_sends_nothing) {
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
    check(&asked[i], false);
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
      {"exact, the repeat was refused", {KEY, EXACT}, {UNKNOWN, .absences = 2, REFUSED}, HOUR, FACT_ABSENT_RESENDABLE},
      {"exact, but it says duplicate", {KEY, EXACT}, {UNKNOWN, .absences = 2, DUPLICATE}, HOUR, FACT_ABSENT_STUCK},
      {"exact, but it gave a refund id", {KEY, EXACT}, {UNKNOWN, .absences = 2, ID}, HOUR, FACT_ABSENT_STUCK},
      {"list", {COMMON, LIST}, {UNKNOWN, .absences = 2}, HOUR, FACT_ABSENT_STUCK},
      {"list, a key can tell", {KEY, LIST}, {UNKNOWN, .absences = 2}, HOUR, FACTS},
      {"list, a key that counts no more", {KEY, LIST}, {UNKNOWN, .absences = 2}, DAY, FACT_ABSENT_STUCK},
      {"list, the clock set back", {KEY, LIST}, {UNKNOWN, .absences = 2}, NEVER, FACTS},
      {"list, a key that was refused", {KEY, LIST}, {UNKNOWN, .absences = 2, REFUSED}, HOUR, FACT_ABSENT_STUCK},
      {"list, a reference can tell", {REFERENCE, LIST}, {UNKNOWN, .absences = 2}, DAY, FACTS},
      {"list, but it says duplicate", {REFERENCE, LIST}, {UNKNOWN, .absences = 2, DUPLICATE}, DAY, FACT_ABSENT_STUCK},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct history history = cases[i].history;
    history.first = before(cases[i].first);
    history.last = before(cases[i].first);
    enum fact fact = absence_fact(&cases[i].means, &history, &now);
    cr_expect_eq(fact, cases[i].fact, "%s: %s", cases[i].rule, fact == FACTS ? "nothing" : fact_name(fact));
  }
}
