/* What one account may send: rate, concurrency, breaker, pause. Times are handed in, so nothing here waits. */
#include <criterion/criterion.h>

#include "lane_ends.h"

/* An attempt that takes no time, for each letter, all at `now`. */
static void attempt(struct lane *lane, const char *letters, int64_t now) {
  for (; *letters != '\0'; letters++) {
    lane_begin(lane, now);
    end(lane, *letters, now);
  }
}

static const struct account_limits no_limits;

static struct lane open_lane(const struct account_limits *limits) {
  struct lane lane;
  lane_open(&lane, limits, 3);
  return lane;
}

static void expect_gate(const struct lane *lane, int64_t now, enum lane_gate gate, int64_t at) {
  int64_t said = -1;
  cr_expect_eq(lane_ask(lane, now, &said), gate, "at %lld: %d", (long long)now, lane_ask(lane, now, &said));
  if (gate != LANE_GO) cr_expect_eq(said, at, "at %lld: ask at %lld", (long long)now, (long long)said);
}

/* ---- What ends lead to ---- */

Test(lane, opens_its_breaker_or_pauses_by_what_happened_in_a_row) {
  static const struct {
    const char *ends;
    enum lane_gate gate;
    int64_t wait;
  } rows[] = {
      {"", LANE_GO, 0},
      {"AAAA", LANE_GO, 0},
      {"AAAAA", LANE_LATER, 30 * SECOND},
      {"UUUUU", LANE_LATER, 30 * SECOND},
      {"BBBBB", LANE_LATER, 30 * SECOND},
      {"55555", LANE_LATER, 30 * SECOND},
      {"TTTTT", LANE_LATER, 30 * SECOND},
      {"AB5UT", LANE_LATER, 30 * SECOND},
      {"AAAADAAAA", LANE_GO, 0}, /* any answer begins the row anew */
      {"AAAACAAAA", LANE_GO, 0},
      {"AAAAcAAAA", LANE_GO, 0},
      {"AAAA0AAAA", LANE_GO, 0},
      {"AAAArAAAA", LANE_GO, 0},
      {"AAAAaAAAA", LANE_GO, 0},
      {"CCCCCCCCCC", LANE_GO, 0}, /* never on rejections */
      {"rrrrrrrrrr", LANE_GO, 0}, /* a short Retry-After is the refund's own */
      {"DDDDDDDDDD", LANE_GO, 0}, /* nor is it the account's where the refund is taken in hand or refused */
      {"cccccccccc", LANE_GO, 0},
      {"0000000000", LANE_GO, 0},
      {"aa", LANE_GO, 0},
      {"aaa", LANE_PAUSED, MINUTE},
      {"aaCaa", LANE_GO, 0},
      {"aaraa", LANE_GO, 0},
      {"aaDaa", LANE_GO, 0},
      {"aaBa", LANE_PAUSED, MINUTE}, /* what is no answer says nothing about the account */
      {"aa5a", LANE_PAUSED, MINUTE},
      {"R", LANE_PAUSED, LANE_RETRY_AFTER_GREATEST + 1},
      {"S", LANE_PAUSED, 20 * MINUTE},
      {"AAAAS", LANE_PAUSED, 20 * MINUTE},
      {"UUUU", LANE_GO, 0}, /* within no time */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct lane lane = open_lane(&no_limits);
    int64_t at;
    attempt(&lane, rows[i].ends, START);
    cr_expect_eq(lane_ask(&lane, START, &at), rows[i].gate, "%s", rows[i].ends);
    if (rows[i].gate != LANE_GO) cr_expect_eq(at, START + rows[i].wait, "%s: %lld", rows[i].ends, (long long)at);
  }
}

Test(lane, is_paused_by_as_many_refusals_as_it_was_told) {
  struct lane lane;
  lane_open(&lane, &no_limits, 1);
  attempt(&lane, "DCB", START);
  expect_gate(&lane, START, LANE_GO, 0);
  attempt(&lane, "a", START);
  expect_gate(&lane, START, LANE_PAUSED, START + MINUTE);
}

/* ---- Rate and concurrency ---- */

Test(lane, holds_its_concurrency_until_something_ends) {
  struct account_limits limits = {.concurrency = 2};
  struct lane lane = open_lane(&limits);
  lane_begin(&lane, START);
  expect_gate(&lane, START, LANE_GO, 0);
  lane_begin(&lane, START);
  expect_gate(&lane, START, LANE_LATER, INT64_MAX);
  end(&lane, 'D', START + SECOND);
  expect_gate(&lane, START + SECOND, LANE_GO, 0);
}

/* As fast as it may: not one more than the rate in a second, nor one less. */
Test(lane, uses_its_rate_up_and_never_more) {
  static const int64_t rates[] = {1, 2, 3, 7, 600, 999, 1000, 1001, 1500, 9999, 10000};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    struct account_limits limits = {.rate = rates[i]};
    struct lane lane = open_lane(&limits);
    int64_t count = 0;
    for (int64_t now = START, at = now; now < START + 3 * SECOND && count <= 3 * rates[i]; now = at) {
      if (lane_ask(&lane, now, &at) == LANE_GO) {
        attempt(&lane, "D", now);
        count++;
        at = now;
      } else {
        cr_assert(at > now && at <= now + SECOND);
      }
    }
    cr_expect_eq(count, 3 * rates[i], "%lld: %lld", (long long)rates[i], (long long)count);
  }
}

Test(lane, saves_no_rate_up_while_it_is_idle) {
  struct account_limits limits = {.rate = 2};
  struct lane lane = open_lane(&limits);
  attempt(&lane, "D", START);
  attempt(&lane, "D", START + MINUTE);
  expect_gate(&lane, START + MINUTE, LANE_LATER, START + MINUTE + 500);
  expect_gate(&lane, START + MINUTE + 499, LANE_LATER, START + MINUTE + 500);
  expect_gate(&lane, START + MINUTE + 500, LANE_GO, 0);
}

/* ---- The breaker ---- */

Test(lane, sends_one_probe_when_its_breaker_was_open_long_enough) {
  static const int64_t spans[] = {30, 60, 120, 240, 480, 600, 600, 600}; /* seconds */
  struct lane lane = open_lane(&no_limits);
  int64_t now = START;
  attempt(&lane, "AAAAA", now);
  for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
    int64_t until = now + spans[i] * SECOND;
    expect_gate(&lane, until - 1, LANE_LATER, until);
    expect_gate(&lane, until, LANE_GO, 0);
    lane_begin(&lane, until);
    expect_gate(&lane, until, LANE_LATER, INT64_MAX);
    now = until + 7 * SECOND;
    end(&lane, i % 2 == 0 ? 'B' : '5', now);
  }
  attempt(&lane, "C", now + 10 * MINUTE);
  expect_gate(&lane, now + 10 * MINUTE, LANE_GO, 0);
  attempt(&lane, "AAAA", now + 10 * MINUTE);
  expect_gate(&lane, now + 10 * MINUTE, LANE_GO, 0);
  attempt(&lane, "A", now + 10 * MINUTE); /* it begins small again */
  expect_gate(&lane, now + 10 * MINUTE, LANE_LATER, now + 10 * MINUTE + 30 * SECOND);
}

Test(lane, takes_no_older_attempt_for_its_probe) {
  struct lane lane = open_lane(&no_limits);
  for (int i = 0; i < 7; i++)
    lane_begin(&lane, START);
  for (int i = 0; i < 5; i++)
    end(&lane, 'A', START);
  end(&lane, 'A', START + SECOND); /* fails after the opening: no probe, nothing doubles */
  expect_gate(&lane, START + 31 * SECOND, LANE_LATER, INT64_MAX);
  end(&lane, 'B', START + 40 * SECOND);
  expect_gate(&lane, START + 40 * SECOND, LANE_GO, 0);
  attempt(&lane, "B", START + 40 * SECOND);
  expect_gate(&lane, START + 40 * SECOND, LANE_LATER, START + 100 * SECOND);
}

Test(lane, closes_its_breaker_at_any_answer) {
  for (const char *letter = "DCc0ra"; *letter != '\0'; letter++) {
    struct lane lane = open_lane(&no_limits);
    lane_begin(&lane, START);
    attempt(&lane, "BBBBB", START);
    end(&lane, *letter, START + SECOND);
    expect_gate(&lane, START + SECOND, LANE_GO, 0);
  }
}

/* ---- The pause ---- */

Test(lane, sends_one_probe_a_minute_while_it_is_paused) {
  struct lane lane = open_lane(&no_limits);
  int64_t now = START;
  attempt(&lane, "aaa", now);
  for (const char *letter = "aAB5UTaaa"; *letter != '\0'; letter++) {
    expect_gate(&lane, now + MINUTE - 1, LANE_PAUSED, now + MINUTE);
    now += MINUTE;
    expect_gate(&lane, now, LANE_GO, 0);
    lane_begin(&lane, now);
    expect_gate(&lane, now, LANE_PAUSED, INT64_MAX);
    expect_gate(&lane, now + 2 * MINUTE, LANE_PAUSED, INT64_MAX);
    end(&lane, *letter, now + SECOND);
  }
  attempt(&lane, "D", now + MINUTE);
  expect_gate(&lane, now + MINUTE, LANE_GO, 0);
  attempt(&lane, "aa", now + MINUTE);
  expect_gate(&lane, now + MINUTE, LANE_GO, 0);
}

Test(lane, goes_on_when_its_probe_is_answered) {
  for (const char *letter = "DCc0r"; *letter != '\0'; letter++) {
    struct lane lane = open_lane(&no_limits);
    attempt(&lane, "aaa", START);
    attempt(&lane, (char[]){*letter, '\0'}, START + MINUTE);
    expect_gate(&lane, START + MINUTE, LANE_GO, 0);
    attempt(&lane, "BBBB", START + MINUTE);
    expect_gate(&lane, START + MINUTE, LANE_GO, 0);
  }
}

/* What was sent before the refusals proves nothing about the credentials now. */
Test(lane, stays_paused_when_an_older_attempt_is_answered) {
  struct lane lane = open_lane(&no_limits);
  lane_begin(&lane, START);
  attempt(&lane, "aaa", START);
  end(&lane, 'D', START + SECOND);
  expect_gate(&lane, START + SECOND, LANE_PAUSED, START + MINUTE);
}

Test(lane, is_paused_until_then_by_a_long_retry_after) {
  struct lane lane = open_lane(&no_limits);
  lane_begin(&lane, START);
  attempt(&lane, "S", START);
  end(&lane, 'R', START + SECOND); /* a shorter one does not end it sooner */
  expect_gate(&lane, START + 20 * MINUTE - 1, LANE_PAUSED, START + 20 * MINUTE);
  expect_gate(&lane, START + 20 * MINUTE, LANE_GO, 0);
  attempt(&lane, "a", START + 20 * MINUTE); /* no end to it either */
  expect_gate(&lane, START + 20 * MINUTE, LANE_PAUSED, START + 21 * MINUTE);
  attempt(&lane, "S", START + 21 * MINUTE);
  expect_gate(&lane, START + 22 * MINUTE, LANE_PAUSED, START + 41 * MINUTE);
  attempt(&lane, "r", START + 41 * MINUTE);
  expect_gate(&lane, START + 41 * MINUTE, LANE_GO, 0);
}

Test(lane, is_paused_when_nobody_answers_for_a_minute) {
  struct lane lane = open_lane(&no_limits);
  attempt(&lane, "U", START);
  attempt(&lane, "U", START + MINUTE - 1);
  expect_gate(&lane, START + MINUTE - 1, LANE_GO, 0);
  attempt(&lane, "U", START + MINUTE);
  expect_gate(&lane, START + MINUTE, LANE_PAUSED, START + 2 * MINUTE);
  attempt(&lane, "U", START + 2 * MINUTE);
  expect_gate(&lane, START + 2 * MINUTE, LANE_PAUSED, START + 3 * MINUTE);
}

Test(lane, is_not_paused_where_anything_else_happened_within_that_minute) {
  for (const char *letter = "AB5TrCcD0a"; *letter != '\0'; letter++) {
    struct lane lane = open_lane(&no_limits);
    attempt(&lane, "U", START);
    attempt(&lane, (char[]){*letter, 'U', '\0'}, START + 30 * SECOND);
    attempt(&lane, "U", START + MINUTE);
    expect_gate(&lane, START + MINUTE, LANE_GO, 0);
    attempt(&lane, "D", START + MINUTE);
  }
}

Test(lane, is_paused_though_its_breaker_is_open) {
  struct lane lane = open_lane(&no_limits);
  attempt(&lane, "UUUUU", START);
  attempt(&lane, "U", START + 30 * SECOND);
  expect_gate(&lane, START + 31 * SECOND, LANE_LATER, START + 90 * SECOND);
  attempt(&lane, "U", START + 90 * SECOND);
  expect_gate(&lane, START + 91 * SECOND, LANE_PAUSED, START + 150 * SECOND);
}

/* ---- What is taken back before it was sent ---- */

Test(lane, gives_the_place_of_what_was_taken_back_to_the_next) {
  struct account_limits limits = {.concurrency = 1};
  struct lane lane = open_lane(&limits);
  attempt(&lane, "AAAA", START);
  lane_begin(&lane, START);
  lane_cancel(&lane);
  expect_gate(&lane, START, LANE_GO, 0); /* no failure, nothing under way */
  attempt(&lane, "A", START);
  expect_gate(&lane, START, LANE_LATER, START + 30 * SECOND);
}

Test(lane, sends_another_probe_for_one_that_was_taken_back) {
  static const char *const held[] = {"AAAAA", "aaa"};
  for (size_t i = 0; i < 2; i++) {
    struct lane lane = open_lane(&no_limits);
    attempt(&lane, held[i], START);
    lane_begin(&lane, START + MINUTE);
    lane_cancel(&lane);
    expect_gate(&lane, START + MINUTE, LANE_GO, 0);
    attempt(&lane, "A", START + MINUTE);
    expect_gate(&lane, START + MINUTE, i == 0 ? LANE_LATER : LANE_PAUSED, START + 2 * MINUTE);
  }
}

/* ---- Budgets ---- */

Test(lane, counts_no_time_for_budgets_while_it_is_held) {
  struct lane lane = open_lane(&no_limits);
  int64_t begin = lane_budget_clock(&lane, START);
  cr_expect_eq(lane_budget_clock(&lane, START + SECOND), begin + SECOND);
  attempt(&lane, "AAAAA", START + SECOND);
  cr_expect_eq(lane_budget_clock(&lane, START + 20 * SECOND), begin + SECOND);
  attempt(&lane, "A", START + 31 * SECOND);
  cr_expect_eq(lane_budget_clock(&lane, START + 80 * SECOND), begin + SECOND);
  attempt(&lane, "R", START + 91 * SECOND); /* from the breaker into the pause */
  cr_expect_eq(lane_budget_clock(&lane, START + 5 * MINUTE), begin + SECOND);
  attempt(&lane, "D", START + 10 * MINUTE);
  cr_expect_eq(lane_budget_clock(&lane, START + 10 * MINUTE), begin + SECOND);
  cr_expect_eq(lane_budget_clock(&lane, START + 11 * MINUTE), begin + SECOND + MINUTE);
  attempt(&lane, "aaa", START + 11 * MINUTE);
  attempt(&lane, "a", START + 12 * MINUTE);
  attempt(&lane, "C", START + 13 * MINUTE);
  cr_expect_eq(lane_budget_clock(&lane, START + 14 * MINUTE), begin + SECOND + 2 * MINUTE);
}
