/* What becomes of a refund whose outcome was lost: repeats, look-ups, and what they may conclude. */
#include <criterion/criterion.h>
#include <string.h>

#include "refund_toolkit.h"
#include "stage.h"

#define SUCCEEDED "{\"id\":\"rf_1\",\"status\":\"succeeded\",\"amount\":400,\"currency\":\"USD\"}"
#define PENDING "{\"id\":\"rf_1\",\"status\":\"pending\",\"amount\":400,\"currency\":\"USD\"}"
#define REFUSED "{\"error\":{\"code\":\"too_large\",\"message\":\"no\"}}"
#define FOUND "{\"data\":[{\"id\":\"rf_1\",\"status\":\"succeeded\",\"reference\":\"r1\"}],\"has_more\":false}"
#define NOTHING "{\"data\":[],\"has_more\":false}"
#define SCRIPT(...) STAGE_SCRIPT(&stage, __VA_ARGS__)

static struct stage stage;

static void setup(void) {
  stage_open(&stage);
}

static void teardown(void) {
  stage_close(&stage);
}

TestSuite(recovery, .init = setup, .fini = teardown, .timeout = 60);

Test(recovery, a_refusal_whose_answer_was_lost_is_replayed_and_ends_the_refund) {
  SCRIPT(DROPS, SAYS_WITH(400, REFUSED, "Idempotent-Replayed", "true"));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_FAILED, DETAIL_REJECTED);
  cr_expect_eq(stage_count(&stage, "SELECT held_amount FROM payment"), 0);
}

Test(recovery, a_later_refusal_says_nothing_of_the_first_attempt) {
  SCRIPT(DROPS, SAYS(400, REFUSED), SAYS(200, NOTHING));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_UNKNOWN, DETAIL_NONE);
  cr_expect_eq(stage_count(&stage, "SELECT held_amount FROM payment"), 400);
}

Test(recovery, a_stored_server_error_tells_nothing_new) {
  SCRIPT(SAYS(500, "{}"), SAYS_WITH(500, "{}", "Idempotent-Replayed", "true"));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_UNKNOWN, DETAIL_NONE);
}

Test(recovery, a_look_up_that_names_it_settles_it_and_repeats_nothing) {
  SCRIPT(DROPS, SAYS(200, FOUND));
  stage_refund(&stage, "r1");
  struct told told = stage_take_up(&stage, "r1", AIM_SYNC);
  stage_expect(told, STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_str_eq(told.refund_id, "rf_1");
  cr_expect_eq(stage.posts, 1);
}

Test(recovery, two_absences_after_the_settle_delay_prove_that_it_never_arrived) {
  SCRIPT(DROPS, SAYS(200, NOTHING), SAYS(200, NOTHING), SAYS(200, NOTHING), SAYS(200, SUCCEEDED));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_UNKNOWN, DETAIL_NONE);
  stage_pass(&stage, 61 * 1000);
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_UNKNOWN, DETAIL_NONE);
  stage_pass(&stage, 5 * 60 * 1000);
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_NEW, DETAIL_NONE);
  cr_expect_eq(stage.posts, 1, "asking sends nothing");
  cr_expect_eq(stage_count(&stage, "SELECT disproved FROM attempt"), 1);
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_eq(stage.posts, 2);
}

Test(recovery, two_absences_at_once_are_one) {
  SCRIPT(DROPS, SAYS(200, NOTHING));
  stage_refund(&stage, "r1");
  stage_pass(&stage, 10 * 60 * 1000);
  stage_take_up(&stage, "r1", AIM_SYNC);
  stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_UNKNOWN, DETAIL_NONE);
}

Test(recovery, a_list_that_goes_on_is_no_absence) {
  SCRIPT(DROPS, SAYS(200, "{\"data\":[],\"has_more\":true}"));
  stage_refund(&stage, "r1");
  for (int i = 0; i < 3; i++) {
    stage_pass(&stage, 10 * 60 * 1000);
    stage_expect(stage_take_up(&stage, "r1", AIM_SYNC), STATE_UNKNOWN, DETAIL_NONE);
  }
}

Test(recovery, no_repeat_goes_out_after_the_keys_window) {
  SCRIPT(DROPS, SAYS(200, NOTHING));
  stage_refund(&stage, "r1");
  stage_pass(&stage, 25 * 60 * 60 * 1000LL);
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_UNKNOWN, DETAIL_NONE);
  cr_expect_eq(stage.posts, 1);
  cr_expect_str_eq(stage.seen[1].method, "GET");
}

static void take_told(void *context, const struct flow_result *result) {
  struct told *told = context;
  told->times++;
  told->position = result->outcome->position;
}

/* The breaker holds it back till there is no time left; the lost answers that opened it are of other refunds. */
Test(recovery, a_repeat_that_is_held_back_till_the_keys_window_has_passed_does_not_go_out) {
  enum { OTHERS = 5, WINDOW_MS = 24 * 60 * 60 * 1000, LEFT_MS = 80 * 1000 };
  SCRIPT(DROPS, DROPS, DROPS, DROPS, DROPS, DROPS, SAYS(200, NOTHING));
  struct told told[OTHERS + 1] = {0};
  struct error error = {0};
  char id[8];
  stage.outside.speed = 100;
  stage_refund(&stage, "r1");
  struct flow *flow = flow_open(&stage.rooms, &stage.options, &error);
  for (int i = 0; i < OTHERS; i++) {
    snprintf(id, sizeof id, "o%d", i);
    stage_submit(&stage, flow, id, 100, &told[i]);
  }
  flow_run(flow);
  stage_pass(&stage, WINDOW_MS - LEFT_MS);
  cr_assert(flow_take_up(flow, refund_text_of("r1"), AIM_RESUME, take_told, &told[OTHERS], &error));
  flow_run(flow);
  flow_close(flow);
  cr_expect_eq(told[OTHERS].position.state, STATE_UNKNOWN);
  cr_expect_eq(stage.posts, 1 + OTHERS);
  cr_expect_str_eq(stage.seen[1 + OTHERS].method, "GET");
}

Test(recovery, no_repeat_goes_out_while_the_clock_is_behind_the_ledger) {
  SCRIPT(DROPS, SAYS(200, NOTHING));
  stage_refund(&stage, "r1");
  stage_pass(&stage, -24 * 60 * 60 * 1000LL);
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_UNKNOWN, DETAIL_NONE);
  cr_expect_eq(stage.posts, 1);
}

Test(recovery, a_look_that_says_nothing_of_what_has_ended_is_shown_beside_it) {
  SCRIPT(SAYS(200, SUCCEEDED), SAYS(500, "{}"));
  stage_refund(&stage, "r1");
  struct told told = stage_take_up(&stage, "r1", AIM_FORCE);
  stage_expect(told, STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_str_eq(told.error_message, "");
  cr_expect(told.has_beside);
  cr_expect_eq(stage_count(&stage, "SELECT count(error_code) FROM refund"), 0);
}
Test(recovery, an_older_pending_is_ignored_but_recorded) {
  SCRIPT(SAYS(200, SUCCEEDED), SAYS(200, PENDING));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_FORCE), STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_eq(stage_count(&stage, "SELECT count(*) FROM fact WHERE fact = 'said_pending'"), 1);
}

Test(recovery, what_we_put_aside_is_shown_beside_and_stays) {
  SCRIPT(SAYS(200, "{\"id\":\"rf_1\",\"status\":\"succeeded\",\"amount\":401}"), SAYS(200, SUCCEEDED));
  stage_expect(stage_refund(&stage, "r1"), STATE_MANUAL_REVIEW, DETAIL_OURS);
  struct told told = stage_take_up(&stage, "r1", AIM_SYNC);
  stage_expect(told, STATE_MANUAL_REVIEW, DETAIL_OURS);
  cr_expect(told.has_beside);
  cr_expect_eq(told.beside.state, STATE_SUCCEEDED);
}

Test(recovery, what_was_never_sent_is_never_asked_about) {
  SCRIPT(SAYS(429, "{}"));
  stage.options.wait_ms = 1;
  stage_expect(stage_refund(&stage, "r1"), STATE_NEW, DETAIL_NONE);
  stage.options.wait_ms = 0;
  int before = stage.requests;
  stage_expect(stage_take_up(&stage, "r1", AIM_FORCE), STATE_NEW, DETAIL_NONE);
  cr_expect_eq(stage.requests, before);
}

Test(recovery, a_changed_account_is_never_used_for_a_repeat) {
  SCRIPT(DROPS, SAYS(200, SUCCEEDED));
  stage_refund(&stage, "r1");
  char text[400];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"plain\":{\"connector\":\"reference\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://localhost:%u\",\"credentials\":{\"api_key\":\"key_canary8\"}}}}",
           stage.port);
  place_write(&stage.place, "accounts.json", text, 0600);
  stage_restart(&stage);
  stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_MANUAL_REVIEW, DETAIL_OURS);
  cr_expect_eq(stage.posts, 1);
}

/* Its guard is another one, or its money is real. */
Test(recovery, a_changed_account_never_sends_what_was_admitted_before) {
  SCRIPT(SAYS_WITH(429, "{}", "Retry-After", "3600"), SAYS(200, SUCCEEDED));
  stage_expect(stage_refund(&stage, "r1"), STATE_NEW, DETAIL_NONE);
  char text[400];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"plain\":{\"connector\":\"reference\",\"environment\":\"sandbox\",\"scope\":\"other\","
           "\"base_url\":\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"key_canary8\"}}}}",
           stage.port);
  place_write(&stage.place, "accounts.json", text, 0600);
  stage_restart(&stage);
  struct told told = stage_take_up(&stage, "r1", AIM_RESUME);
  stage_expect(told, STATE_NEW, DETAIL_NONE);
  cr_expect_eq(told.code, ERROR_CONFLICT);
  cr_expect_eq(stage.posts, 1);
}

/* ---- Attempts that did nothing ---- */

Test(recovery, a_rate_limit_is_waited_out) {
  SCRIPT(SAYS_WITH(429, "{}", "Retry-After", "2"), SAYS(429, "{}"), SAYS(200, SUCCEEDED));
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_SUCCEEDED, DETAIL_NONE);
  cr_expect_eq(told.attempts, 3);
}

Test(recovery, a_rate_limit_that_never_ends_fails_after_eight_tries) {
  SCRIPT(SAYS(429, "{}"));
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_FAILED, DETAIL_REJECTED);
  cr_expect_eq(told.attempts, 8);
  cr_expect_eq(stage_count(&stage, "SELECT held_amount FROM payment"), 0);
}

Test(recovery, a_long_wait_pauses_the_account_and_leaves_the_refund_new) {
  SCRIPT(SAYS_WITH(429, "{}", "Retry-After", "3600"), SAYS(200, SUCCEEDED));
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_NEW, DETAIL_NONE);
  cr_expect_eq(told.code, ERROR_ACCOUNT);
  stage_expect(stage_refund(&stage, "r1"), STATE_SUCCEEDED, DETAIL_NONE);
}

Test(recovery, a_host_that_nobody_answers_at_pauses_the_account_and_fails_nothing) {
  SCRIPT(SAYS(200, SUCCEEDED));
  stage_leave(&stage);
  for (int i = 0; i < 3; i++) { /* more tries than the budget has: an outage costs none */
    struct told told = stage_refund(&stage, "r1");
    stage_expect(told, STATE_NEW, DETAIL_NONE);
    cr_expect_eq(told.code, ERROR_ACCOUNT);
  }
  stage_return(&stage);
  stage_expect(stage_refund(&stage, "r1"), STATE_SUCCEEDED, DETAIL_NONE);
}

Test(recovery, a_lost_answer_and_then_a_closed_port_is_never_failed) {
  SCRIPT(DROPS);
  stage_refund(&stage, "r1");
  stage_leave(&stage);
  for (int i = 0; i < 12; i++)
    stage_expect(stage_take_up(&stage, "r1", AIM_RESUME), STATE_UNKNOWN, DETAIL_NONE);
}

Test(recovery, refused_credentials_pause_the_account) {
  SCRIPT(SAYS(401, "{}"), SAYS(401, "{}"), SAYS(401, "{}"), SAYS(200, SUCCEEDED));
  struct told told = stage_refund(&stage, "r1");
  stage_expect(told, STATE_NEW, DETAIL_NONE);
  cr_expect_eq(told.code, ERROR_ACCOUNT);
  cr_expect_eq(stage.posts, 3);
  stage_expect(stage_refund(&stage, "r1"), STATE_SUCCEEDED, DETAIL_NONE);
}

Test(recovery, the_refunds_of_one_payment_are_sent_one_after_the_other) {
  SCRIPT(SAYS(200, "{\"status\":\"succeeded\"}"));
  struct told told[2];
  struct error error = {0};
  struct flow *flow = flow_open(&stage.rooms, &stage.options, &error);
  stage_submit(&stage, flow, "r1", 100, &told[0]);
  stage_submit(&stage, flow, "r2", 200, &told[1]);
  flow_run(flow);
  flow_close(flow);
  cr_expect_eq(stage_count(&stage,
                           "SELECT count(*) FROM attempt a JOIN attempt b ON a.id < b.id WHERE "
                           "b.attempt_time_ms < a.ended_at"),
               0);
  cr_expect_eq(stage.posts, 2);
}

Test(recovery, the_same_id_twice_in_one_file_goes_out_once) {
  SCRIPT(SAYS(200, SUCCEEDED));
  struct told told[2];
  struct error error = {0};
  struct flow *flow = flow_open(&stage.rooms, &stage.options, &error);
  stage_submit(&stage, flow, "r1", 100, &told[0]);
  stage_submit(&stage, flow, "r1", 100, &told[1]);
  flow_run(flow);
  flow_close(flow);
  cr_expect_eq(stage.posts, 1);
  stage_expect(told[1], told[0].position.state, told[0].position.detail);
}

/* ---- Stored replies ---- */

Test(recovery, a_reply_that_nobody_could_read_can_be_mapped_again) {
  SCRIPT(SAYS(200, "<html>"));
  stage_refund(&stage, "r1");
  stage_expect(stage_take_up(&stage, "r1", AIM_REMAP), STATE_UNKNOWN, DETAIL_NONE);
  cr_expect_eq(stage.requests, 1);
  cr_expect_eq(stage_count(&stage, "SELECT count(*) FROM reply"), 1);
}
