/* What users of other systems suffered, where it takes a scripted processor and a fast clock. All 26: see
 * tests/cli/suffered.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "refund_toolkit.h"
#include "stage.h"

#define SUCCEEDED "{\"id\":\"rf_1\",\"status\":\"succeeded\",\"amount\":400,\"currency\":\"USD\"}"
#define PENDING "{\"id\":\"rf_1\",\"status\":\"pending\",\"amount\":400,\"currency\":\"USD\"}"
#define NOTHING "{\"data\":[],\"has_more\":false}"
#define SCRIPT(...) STAGE_SCRIPT(&stage, __VA_ARGS__)

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static struct stage stage;

static void setup(void) {
  stage_open(&stage);
}

static void teardown(void) {
  stage_close(&stage);
}

TestSuite(suffered, .init = setup, .fini = teardown, .timeout = 60);

static struct told refund_of(const char *refund_id, int amount) {
  struct told told;
  struct error error = {0};
  struct flow *flow = flow_open(&stage.rooms, &stage.options, &error);
  stage_submit(&stage, flow, refund_id, amount, &told);
  flow_run(flow);
  flow_close(flow);
  return told;
}

static int64_t held(void) {
  return stage_count(&stage, "SELECT held_amount FROM payment");
}

static bool count_one(void *context, const struct ledger_refund *refund) {
  (void)refund;
  ++*(int *)context;
  return true;
}

/* How many `list --attention` shows. */
static int attention(void) {
  int count = 0;
  struct error error = {0};
  struct ledger_filter filter = {.attention = true};
  cr_assert(ledger_list(stage.rooms.ledger, &filter, count_one, &count, &error), "%s", error.message);
  return count;
}

/* ---- Never sent ---- */

/* Somebody is there who speaks no TLS: not one byte of the request leaves. */
Test(suffered, hyperswitch_9622_what_failed_before_its_first_byte_is_not_pending) {
  char text[400];
  SCRIPT(SAYS(200, SUCCEEDED));
  snprintf(text, sizeof text,
           "{\"accounts\":{\"plain\":{\"connector\":\"reference\",\"environment\":\"sandbox\",\"base_url\":"
           "\"https://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"key_canary8\"}}}}",
           stage.port);
  place_write(&stage.place, "accounts.json", text, 0600);
  stage_restart(&stage);
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_FAILED, DETAIL_NOT_SENT);
  cr_expect_eq(told.refund_status, REFUND_STATUS_FAILURE);
  cr_expect_str_eq(told.error_code, "NOT_SENT");
  cr_expect_eq(stage.requests, 0);
  cr_expect_eq(held(), 0);
}

/* ---- Answers that decide nothing ---- */

Test(suffered, hyperswitch_13180_a_502_page_is_no_error_text) {
  static const char page[] = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
  SCRIPT(SAYS(502, page));
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_UNKNOWN, DETAIL_NONE);
  cr_expect_str_eq(told.error_code, "502");
  cr_expect_null(strchr(told.error_message, '<'), "%s", told.error_message);
  cr_expect_lt(strlen(told.error_message), 100);
  cr_expect_eq(stage_count(&stage,
                           "SELECT count(*) FROM reply WHERE CAST(body AS TEXT) = '<html><head><title>502 Bad "
                           "Gateway</title></head><body>nginx</body></html>'"),
               1);
  cr_expect_eq(held(), 400);
}

static const char *const undecided_bodies[] = {
    "",
    "{}",
    "<html>",
    "{\"id\":",
    "{\"error\":{\"code\":\"too_large\",\"message\":\"no\"}}",
    "{\"status\":\"failed\"}",
};

/* Whatever the body says, even that it failed. Timeouts, resets and bodies that break off: tests/cli/suffered.c. */
Test(suffered, hyperswitch_11073_no_5xx_is_ever_failed) {
  static const int statuses[] = {408, 423, 425, 500, 501, 502, 503, 504, 507, 520, 529, 599};
  enum { BODIES = sizeof undecided_bodies / sizeof *undecided_bodies };
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    struct scripted script = SAYS(statuses[i], undecided_bodies[i % BODIES]);
    char id[16];
    snprintf(id, sizeof id, "r%zu", i);
    stage_script(&stage, &script, 1);
    struct told told = refund_of(id, 10);
    cr_expect_eq(told.position.state, STATE_UNKNOWN, "HTTP %d %s: %s", script.status, script.body,
                 state_name(told.position.state));
    cr_expect_eq(held(), 10 * (int64_t)(i + 1), "HTTP %d", script.status);
  }
}

Test(suffered, hyperswitch_4643_4570_an_unknown_or_missing_status_word_is_pending_with_a_warning) {
  static const struct {
    const char *body;
    const char *warning; /* a part of it */
    const char *id;
  } words[] = {
      {"{\"id\":\"rf_1\",\"status\":\"zorbed\"}", "zorbed", "rf_1"},
      {"{\"id\":\"rf_2\"}", "", "rf_2"},
      {"{\"id\":\"rf_3\",\"status\":null}", "", "rf_3"},
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    struct scripted script = SAYS(200, words[i].body);
    char id[16];
    snprintf(id, sizeof id, "r%zu", i);
    stage_script(&stage, &script, 1);
    struct told told = refund_of(id, 100);
    stage_expect(told, STATE_PENDING, DETAIL_NONE);
    cr_expect_str_eq(told.refund_id, words[i].id);
    cr_expect_str_neq(told.warning, "", "%s", words[i].body);
    cr_expect_not_null(strstr(told.warning, words[i].warning), "%s", told.warning);
  }
  cr_expect_eq(held(), 300);
}

/* ---- Keys ---- */

/* Stored: the second process knows nothing but the ledger. */
Test(suffered, medusa_16681_a_retry_reuses_the_stored_key) {
  SCRIPT(DROPS, SAYS_WITH(200, SUCCEEDED, "Idempotent-Replayed", "true"));
  stage_expect(stage_refund(&stage, "r1"), STATE_UNKNOWN, DETAIL_NONE);
  stage_restart(&stage);
  struct told told = stage_take_up(&stage, "r1", AIM_RESUME);
  stage_expect(told, STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_eq(told.attempts, 2);
  cr_expect_eq(stage.posts, 2);
  cr_expect_str_neq(stage.seen[0].key, "");
  cr_expect_str_eq(stage.seen[0].key, stage.seen[1].key);
  cr_expect_str_eq(stage.seen[0].body, stage.seen[1].body);
  cr_expect_eq(stage_count(&stage, "SELECT count(DISTINCT request_digest) FROM attempt"), 1);
}

Test(suffered, odoo_101243_a_key_that_was_used_for_something_else_is_shown_as_such) {
  SCRIPT(SAYS(409, "{\"error\":{\"code\":\"idempotency_key_reused\",\"message\":\"This key came with a charge.\"}}"),
         SAYS(200, NOTHING));
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_UNKNOWN, DETAIL_NONE);
  cr_expect_str_eq(told.error_code, "idempotency_key_reused");
  cr_expect_str_eq(told.error_message, "This key came with a charge.");
  stage_take_up(&stage, "r1", AIM_RESUME);
  cr_expect_eq(stage.posts, 1, "it is looked up, and not tried under another key");
  cr_expect_eq(held(), 400);
  cr_expect_eq(attention(), 1);
}

/* ---- Waiting for the outcome ---- */

Test(suffered, hyperswitch_410_5298_sync_asks_with_the_id_that_the_refund_stored) {
  SCRIPT(SAYS(200, PENDING), SAYS(200, SUCCEEDED));
  stage_expect(stage_refund(&stage, "r1"), STATE_PENDING, DETAIL_NONE);
  stage_restart(&stage);
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_str_eq(stage.seen[1].path, "/refunds/rf_1");
}

Test(suffered, ownpay_222_pending_for_a_day_is_not_failed) {
  SCRIPT(SAYS(200, PENDING));
  stage_refund(&stage, "r1");
  for (int hour = 0; hour <= 24; hour += 6) {
    stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_PENDING, DETAIL_NONE);
    stage_pass(&stage, 6 * (int64_t)HOUR);
  }
  cr_expect_eq(held(), 400);
}

/* By the schedule of the engine's rules, to its end; and the word that comes last still counts. */
Test(suffered, mollie_722_polling_goes_on_for_thirty_days) {
  static const int64_t schedule[] = {1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR};
  SCRIPT(SAYS(200, PENDING));
  stage_refund(&stage, "r1");
  int asked = 1;
  for (size_t i = 0; i < sizeof schedule / sizeof *schedule; i++) {
    stage_pass(&stage, schedule[i]);
    stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_PENDING, DETAIL_NONE);
    cr_expect_eq(stage.requests, ++asked);
  }
  for (int day = 1; day <= 28; day++) {
    stage_pass(&stage, DAY);
    stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_PENDING, DETAIL_NONE);
    cr_expect_eq(stage.requests, ++asked, "day %d", day);
  }
  cr_expect_eq(stage.posts, 1);
  SCRIPT(SAYS(200, SUCCEEDED));
  stage_pass(&stage, DAY);
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_SUCCEEDED, DETAIL_NONE);
}

Test(suffered, hyperswitch_12755_nothing_is_pending_or_unknown_for_ever) {
  SCRIPT(SAYS(200, PENDING));
  stage_refund(&stage, "r1");
  cr_expect_eq(attention(), 0);
  stage_pass(&stage, 31 * (int64_t)DAY);
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_MANUAL_REVIEW, DETAIL_OURS);
  cr_expect_eq(attention(), 1);
  SCRIPT(DROPS, SAYS(200, NOTHING));
  stage_refund(&stage, "r2");
  stage_pass(&stage, 8 * (int64_t)DAY);
  stage_expect(stage_take_up(&stage, "r2", AIM_SYNC), STATE_MANUAL_REVIEW, DETAIL_OURS);
  cr_expect_eq(attention(), 2);
  cr_expect_eq(stage_count(&stage, "SELECT count(*) FROM fact WHERE fact = 'budget_spent'"), 2);
  cr_expect_eq(held(), 800);
}

Test(suffered, stripe_go_634_a_success_that_fails_late_frees_the_amount) {
  SCRIPT(SAYS(200, SUCCEEDED), SAYS(200, "{\"id\":\"rf_1\",\"status\":\"failed\"}"));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_eq(stage.requests, 1, "a final state is asked about only when somebody insists");
  cr_expect_eq(held(), 400);
  stage_expect(stage_take_up(&stage, "r1", AIM_FORCE), STATE_FAILED_LATE, DETAIL_NONE);
  cr_expect_eq(held(), 0);
}
