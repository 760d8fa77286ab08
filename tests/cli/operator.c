/* A person's word: resolve, cancel, payment, forget. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/desk.h"
#include "cli/text.h"

static struct run say(const struct desk *desk, const char *line) {
  return run(&desk->place, NULL, "%s", line);
}

/* A command that is refused: its error has this code, and the refund is as it was. */
static void expect_refused(const struct desk *desk, const char *line, const char *code, const char *id) {
  struct run before = run(&desk->place, NULL, "status %s", id);
  struct run result = say(desk, line);
  cr_expect_eq(result.status, 2, "%s: status %d", line, result.status);
  cr_expect_str_eq(json_text(json_line(result.out), "error.code"), code, "%s: %s", line, result.out);
  cr_expect_str_eq(run(&desk->place, NULL, "status %s", id).out, before.out, "%s changed it", line);
}

Test(resolve, ends_what_is_unknown_and_frees_what_failed) {
  struct desk desk = desk_open("reset-after");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  desk_refund(&desk, "demo", "r2", "5.00", NULL);
  struct run succeeded = say(&desk, "resolve r1 --as succeeded --note 'seen at the processor'");
  const cJSON *json = json_line(succeeded.out);
  cr_expect_eq(succeeded.status, 0);
  cr_expect_str_eq(json_text(json, "state"), "succeeded");
  cr_expect_str_eq(json_text(json, "state_detail"), "by_operator");
  cr_expect(strstr(succeeded.out, "\"error\":null") != NULL, "the lost answer is no error any more: %s", succeeded.out);
  cr_expect_eq(say(&desk, "resolve r2 --as failed --note 'not there'").status, 4);
  cr_expect_eq(json_number(json_line(say(&desk, "payment pi_1").out), "held_amount"), 500);
  desk_close(&desk);
}

Test(resolve, of_what_succeeded_needs_its_amount_repeated) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  expect_refused(&desk, "resolve r1 --as failed --note x", "usage", "r1");
  expect_refused(&desk, "resolve r1 --as failed --note x --amount 5.01", "input", "r1");
  expect_refused(&desk, "resolve r1 --as failed --note x --amount 5", "input", "r1");
  expect_refused(&desk, "resolve r1 --as failed --note x --amount 5.00 --amount-minor 500", "usage", "r1");
  struct run result = say(&desk, "resolve r1 --as failed --note x --amount 5.00");
  cr_expect_eq(result.status, 4);
  cr_expect_str_eq(json_text(json_line(result.out), "state"), "failed_late");
  struct run again = say(&desk, "resolve r1 --as failed --note x --amount-minor 500");
  cr_expect_str_eq(again.out, result.out, "said once more, it is so already");
  desk_close(&desk);
}

Test(resolve, needs_a_note_a_verdict_and_a_refund_that_was_sent) {
  struct desk desk = desk_open("429");
  desk_refund(&desk, "demo", "r1", "5.00", "--wait 1");
  expect_refused(&desk, "resolve r1 --as succeeded --note x", "conflict", "r1");
  expect_refused(&desk, "resolve r1 --as succeeded", "usage", "r1");
  expect_refused(&desk, "resolve r1 --note x", "usage", "r1");
  expect_refused(&desk, "resolve r1 --as paid --note x", "usage", "r1");
  expect_refused(&desk, "resolve --as failed --note x", "usage", "r1");
  expect_refused(&desk, "resolve r9 --as failed --note x", "not_found", "r1");
  desk_close(&desk);
}

Test(resolve, what_failed_is_not_made_to_succeed) {
  struct desk desk = desk_open("failed");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  expect_refused(&desk, "resolve r1 --as succeeded --note x", "conflict", "r1");
  desk_close(&desk);
}

Test(cancel, ends_what_was_not_sent) {
  struct desk desk = desk_open("429");
  desk_refund(&desk, "demo", "r1", "5.00", "--wait 1");
  long long posts = desk_books(&desk, "requests.posts");
  struct run result = say(&desk, "cancel r1");
  cr_expect_eq(result.status, 4);
  cr_expect_str_eq(json_text(json_line(result.out), "state_detail"), "canceled");
  cr_expect_eq(json_number(json_line(say(&desk, "payment pi_1").out), "held_amount"), 0);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 4, "asked for again, it stays so");
  cr_expect_eq(desk_books(&desk, "requests.posts"), posts);
  cr_expect_str_eq(say(&desk, "cancel r1").out, result.out, "said once more, it is so already");
  desk_close(&desk);
}

Test(cancel, what_may_have_been_sent_cannot_be) {
  struct desk desk = desk_open("reset-after");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  expect_refused(&desk, "cancel r1", "conflict", "r1");
  expect_refused(&desk, "cancel", "usage", "r1");
  expect_refused(&desk, "cancel r9", "not_found", "r1");
  desk_close(&desk);
}

Test(payment, shows_captured_held_and_left_with_its_refunds_only) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "3.00", NULL);
  desk_refund(&desk, "demo", "r2", "4.00", NULL);
  run(&desk.place, NULL,
      "--plugins %s refund --account demo --refund-id r3 --transaction-id pi_2 --amount 1.00 --payment-amount 10.00 "
      "--currency USD",
      PLUGINS_DIR);
  struct run result = say(&desk, "payment pi_1");
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, 0);
  cr_expect_eq(json_number(json, "captured_amount"), 1000);
  cr_expect_eq(json_number(json, "held_amount"), 700);
  cr_expect_eq(json_number(json, "left_amount"), 300);
  cr_expect_eq(parts_in(result.out, "\"refund_id\""), 2, "%s", result.out);
  cr_expect_eq(say(&desk, "payment pi_9").status, 2);
  desk_close(&desk);
}

Test(payment, captured_is_mended_but_not_below_what_is_held) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  expect_refused(&desk, "payment pi_1 --captured 499 --note x", "conflict", "r1");
  const cJSON *refused = json_line(say(&desk, "payment pi_1 --captured 499 --note x").out);
  cr_expect_not_null(strstr(json_text(refused, "error.expected"), "5.00 USD"));
  cr_expect_not_null(strstr(json_text(refused, "error.found"), "4.99 USD"));
  expect_refused(&desk, "payment pi_1 --captured 2000", "usage", "r1");
  expect_refused(&desk, "payment pi_1 --note x", "usage", "r1");
  expect_refused(&desk, "payment pi_1 --captured 20.00 --note x", "input", "r1");
  expect_refused(&desk, "payment pi_9 --captured 2000 --note x", "not_found", "r1");
  expect_refused(&desk, "payment pi_1 --scope other --captured 2000 --note x", "not_found", "r1");
  struct run mended = say(&desk, "payment pi_1 --captured 2000 --note 'captured in two parts'");
  cr_expect_eq(mended.status, 0);
  cr_expect_eq(json_number(json_line(mended.out), "captured_amount"), 2000);
  desk_close(&desk);
}

Test(payment, of_two_scopes_it_must_be_said_which) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  desk_refund(&desk, "plain", "r2", "5.00", NULL);
  cr_expect_eq(lines_in(say(&desk, "payment pi_1").out), 2);
  expect_refused(&desk, "payment pi_1 --captured 2000 --note x", "usage", "r1");
  struct run mended = say(&desk, "payment pi_1 --scope plain --currency USD --captured 2000 --note x");
  cr_expect_eq(mended.status, 0);
  cr_expect_eq(lines_in(mended.out), 1);
  cr_expect_eq(json_number(json_line(say(&desk, "payment pi_1 --scope demo").out), "captured_amount"), 1000);
  desk_close(&desk);
}

Test(forget, lets_new_scopes_begin_once_an_account_is_gone) {
  struct desk desk = desk_open(NULL);
  char text[512];
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run still = say(&desk, "forget demo --connector stripe");
  cr_expect_eq(still.status, 2, "it has an account: %s", still.out);
  snprintf(text, sizeof text,
           "{\"accounts\":{\"other\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"sk_test_canary7\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  cr_expect_eq(desk_refund(&desk, "other", "r2", "5.00", NULL).status, 2);
  cr_expect_eq(say(&desk, "forget demo").status, 2);
  cr_expect_eq(say(&desk, "forget demo --connector reference").status, 2);
  cr_expect_eq(say(&desk, "forget demo --connector stripe").status, 0);
  cr_expect_eq(desk_refund(&desk, "other", "r2", "5.00", NULL).status, 0);
  desk_close(&desk);
}
