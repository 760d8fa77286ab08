/* One refund, end to end, against the simulator. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "cli/desk.h"

Test(refund, succeeds_and_the_payment_stays_charged) {
  struct desk desk = desk_open(NULL);
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, 0);
  cr_expect_str_eq(json_text(json, "state"), "succeeded");
  cr_expect_str_eq(json_text(json, "refund_status"), "success");
  cr_expect_str_eq(json_text(json, "payment_status"), "charged");
  cr_expect_eq(strncmp(json_text(json, "connector_refund_id"), "re_", 3), 0);
  cr_expect_eq(json_number(json, "refund_amount"), 500);
  cr_expect_eq(json_number(json, "http_status"), 200);
  desk_close(&desk);
}

Test(refund, asked_for_again_gives_the_same_answer_and_sends_nothing) {
  struct desk desk = desk_open(NULL);
  struct run first = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run again = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  cr_expect_str_eq(first.out, again.out);
  cr_expect_eq(again.status, 0);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  cr_expect_eq(desk_books(&desk, "requests.gets"), 0);
  desk_close(&desk);
}

Test(refund, the_same_id_with_other_content_is_a_conflict) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run other = desk_refund(&desk, "demo", "r1", "4.00", NULL);
  const cJSON *json = json_line(other.out);
  cr_expect_eq(other.status, 2);
  cr_expect_str_eq(json_text(json, "error.code"), "conflict");
  cr_expect_not_null(strstr(json_text(json, "error.expected"), "5.00 USD"));
  cr_expect_not_null(strstr(json_text(json, "error.found"), "4.00 USD"));
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  desk_close(&desk);
}

Test(refund, never_more_than_was_captured) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run over = desk_refund(&desk, "demo", "r2", "6.00", NULL);
  const cJSON *json = json_line(over.out);
  cr_expect_eq(over.status, 2);
  cr_expect_str_eq(json_text(json, "error.code"), "over_captured");
  cr_expect_not_null(strstr(json_text(json, "error.message"), "5.00 USD"));
  cr_expect_not_null(strstr(json_text(json, "error.message"), "6.00 USD"));
  cr_expect_not_null(strstr(json_text(json, "error.expected"), "10.00 USD captured"));
  cr_expect_eq(desk_refund(&desk, "demo", "r3", "5.00", NULL).status, 0, "the rest can still be refunded");
  cr_expect_eq(desk_books(&desk, "requests.posts"), 2);
  desk_close(&desk);
}

Test(refund, another_captured_amount_is_refused_with_both_figures) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run other = run(&desk.place, NULL,
                         "--plugins %s refund --account demo --refund-id r2 --transaction-id pi_1 --amount 1.00 "
                         "--payment-amount 20.00 --currency USD",
                         PLUGINS_DIR);
  const cJSON *json = json_line(other.out);
  cr_expect_eq(other.status, 2);
  cr_expect_str_eq(json_text(json, "error.field"), "payment_amount");
  cr_expect_str_eq(json_text(json, "error.expected"), "10.00 USD");
  cr_expect_str_eq(json_text(json, "error.found"), "20.00 USD");
  desk_close(&desk);
}

/* What each word of a processor ends in. The amount stays held wherever money may have moved. */
static const struct {
  const char *fault;
  int status;
  const char *state;
} words[] = {{"pending", 3, "pending"}, {"failed", 4, "failed"}, {"wrong-amount", 6, "manual_review"}};

static void check_word(size_t i, const char *account) {
  struct desk desk = desk_open(words[i].fault);
  const char *fault = words[i].fault;
  struct run result = desk_refund(&desk, account, "r1", "5.00", NULL);
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, words[i].status, "%s, %s: status %d: %s", account, fault, result.status, result.out);
  cr_expect_str_eq(json_text(json, "state"), words[i].state, "%s, %s", account, fault);
  cr_expect_str_eq(json_text(json, "payment_status"), "charged", "%s, %s", account, fault);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1, "%s, %s: one attempt, one transmission", account, fault);
  bool holds = strcmp(words[i].state, "failed") != 0;
  struct run rest = desk_refund(&desk, account, "r2", "5.01", NULL);
  cr_expect_eq(strstr(rest.out, "over_captured") != NULL, holds, "%s, %s: %s", account, fault, rest.out);
  desk_close(&desk);
}

/* What leaves the outcome open, and echoes and words that are not understood, are in suffered.c. */
Test(refund, every_word_of_a_processor_has_its_state) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    check_word(i, "demo");
    check_word(i, "plain");
  }
}

Test(refund, what_was_refused_unprocessed_is_tried_again_while_there_is_time) {
  struct desk desk = desk_open("429");
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", "--wait 1");
  cr_expect_eq(result.status, 3, "%s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "state"), "new");
  cr_expect_geq(desk_books(&desk, "requests.posts"), 1);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 0);
  desk_close(&desk);
}

Test(refund, an_echo_that_differs_shows_both_values) {
  struct desk desk = desk_open("wrong-amount");
  const cJSON *json = json_line(desk_refund(&desk, "demo", "r1", "5.00", NULL).out);
  cr_expect_str_eq(json_text(json, "error.reason"), "asked for 5.00 USD, the processor answered 5.01 USD");
  cr_expect_str_neq(json_text(json, "connector_refund_id"), "");
  desk_close(&desk);
}

Test(refund, refusals_of_the_processor_fail_with_its_words) {
  struct desk desk = desk_open(NULL);
  struct run result = run(&desk.place, NULL,
                          "--plugins %s refund --account demo --refund-id r1 --transaction-id pi_none --amount 1.00 "
                          "--payment-amount 10.00 --currency USD",
                          PLUGINS_DIR);
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, 4);
  cr_expect_str_eq(json_text(json, "state_detail"), "rejected");
  cr_expect_str_eq(json_text(json, "error.code"), "resource_missing");
  desk_close(&desk);
}

Test(refund, what_was_not_sent_is_new_and_goes_out_when_asked_again) {
  struct desk desk = desk_open(NULL);
  place_accounts(&desk.place, closed_port());
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", "--wait 1");
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, 3);
  cr_expect_str_eq(json_text(json, "state"), "new");
  cr_expect_str_eq(json_text(json, "error.code"), "NOT_SENT");
  place_accounts(&desk.place, desk.port);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 0);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 1);
  desk_close(&desk);
}

Test(refund, refused_credentials_leave_the_refund_new_with_status_1) {
  struct desk desk = desk_open(NULL);
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"revoked\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  cr_expect_eq(result.status, 1);
  cr_expect_str_eq(json_text(json_line(result.out), "state"), "new");
  cr_expect_not_null(strstr(result.err, "account demo is paused"));
  place_accounts(&desk.place, desk.port);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 0, "mended, it goes out");
  desk_close(&desk);
}

Test(refund, a_stored_answer_to_a_first_attempt_needs_a_person) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run other = run(&desk.place, NULL,
                         "--plugins %s --ledger %s/other.db refund --account demo --refund-id r1 --transaction-id pi_1 "
                         "--amount 5.00 --payment-amount 10.00 --currency USD",
                         PLUGINS_DIR, desk.place.folder);
  const cJSON *json = json_line(other.out);
  cr_expect_eq(other.status, 6);
  cr_expect_str_eq(json_text(json, "state"), "manual_review");
  cr_expect_not_null(strstr(json_text(json, "error.reason"), "used before"));
  desk_close(&desk);
}

Test(refund, a_connector_on_its_way_does_not_notice_that_its_file_is_overwritten, .timeout = 60) {
  struct desk desk = desk_open("slow");
  char command[4000];
  char folder[100];
  snprintf(folder, sizeof folder, "%s/plugins", desk.place.folder);
  snprintf(command, sizeof command, "mkdir -m 755 %s && cp %s/stripe.so %s/ && chmod 755 %s/stripe.so", folder,
           PLUGINS_DIR, folder, folder);
  cr_assert_eq(system(command), 0);
  pid_t process = run_start(&desk.place, -1,
                            "--plugins %s refund --account demo --refund-id r1 --transaction-id pi_1 --amount 5.00 "
                            "--payment-amount 10.00 --currency USD",
                            folder);
  while (desk_books(&desk, "requests.posts") < 1)
    usleep(20000); /* now it waits for its answer, which it has to map */
  snprintf(command, sizeof command, "cp %s/reference.so %s/stripe.so && : > %s/stripe.so", PLUGINS_DIR, folder, folder);
  cr_assert_eq(system(command), 0);
  cr_expect_eq(wait_for(process), 0);
  struct run now = run(&desk.place, NULL, "--plugins %s connectors", folder);
  cr_expect_not_null(strstr(now.out, "refused"), "the next start sees the empty file: %s", now.out);
  desk_close(&desk);
}

Test(refund, a_known_refund_is_answered_even_without_its_account) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  place_write(&desk.place, "accounts.json", "{\"accounts\":{}}", 0600);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 0);
  desk_close(&desk);
}

Test(refund, production_does_not_begin_a_ledger_by_itself) {
  struct desk desk = desk_open(NULL);
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"production\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"sk_live_canary9\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  cr_expect_eq(result.status, 1);
  cr_expect_str_eq(json_text(json_line(result.out), "error.code"), "ledger");
  cr_expect_neq(access(desk.place.ledger, F_OK), 0, "nothing was made");
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", "--new-ledger").status, 0);
  desk_close(&desk);
}

/* ---- What must not be believed ---- */

static void set_account(const struct desk *desk, const char *name, const char *connector, const char *environment) {
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"%s\":{\"connector\":\"%s\",\"environment\":\"%s\",\"base_url\":\"http://127.0.0.1:%u\","
           "\"credentials\":{\"api_key\":\"sk_test_canary7\"}}}}",
           name, connector, environment, desk->port);
  place_write(&desk->place, "accounts.json", text, 0600);
}

Test(refund, a_sandbox_result_is_no_answer_for_production_nor_for_another_connector) {
  struct desk desk = desk_open(NULL);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 0);
  set_account(&desk, "demo", "stripe", "production");
  struct run other = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  cr_expect_eq(other.status, 2);
  cr_expect_str_eq(json_text(json_line(other.out), "error.code"), "conflict");
  set_account(&desk, "demo", "reference", "sandbox");
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 2);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  desk_close(&desk);
}

Test(refund, a_renamed_account_does_not_begin_with_an_empty_guard) {
  struct desk desk = desk_open(NULL);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "9.00", NULL).status, 0);
  set_account(&desk, "renamed", "stripe", "sandbox");
  struct run renamed = desk_refund(&desk, "renamed", "r2", "9.00", NULL);
  cr_expect_eq(renamed.status, 2);
  cr_expect_str_eq(json_text(json_line(renamed.out), "error.field"), "scope");
  cr_expect_not_null(strstr(json_text(json_line(renamed.out), "error.fix"), "\"scope\": \"demo\""));
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  desk_close(&desk);
}

Test(refund, the_callers_word_is_no_refund_id_of_the_processor) {
  struct desk desk = desk_open("no-id");
  struct run result = run(&desk.place,
                          "{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\","
                          "\"refund_amount\":500,\"payment_amount\":1000,\"currency\":\"USD\","
                          "\"connector_refund_id\":\"re_invented\"}",
                          "--plugins %s refund -", PLUGINS_DIR);
  cr_expect_eq(result.status, 3, "success without a refund id is pending: %s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "connector_refund_id"), "");
  desk_close(&desk);
}

/* Another program holds the ledger while the reply comes in: it is waited for, and nothing is lost. */
Test(refund, a_reply_waits_for_a_ledger_that_is_busy, .timeout = 120) {
  struct desk desk = desk_open("slow");
  pid_t process = run_start(&desk.place, -1,
                            "--plugins %s refund --account demo --refund-id r1 --transaction-id pi_1 --amount 5.00 "
                            "--payment-amount 10.00 --currency USD",
                            PLUGINS_DIR);
  while (desk_books(&desk, "requests.posts") < 1)
    usleep(20000);
  sqlite3 *other;
  cr_assert_eq(sqlite3_open(desk.place.ledger, &other), SQLITE_OK);
  cr_assert_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  sleep(5); /* the reply came after three */
  sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_close(other);
  cr_expect_eq(wait_for(process), 0);
  cr_expect_str_eq(json_text(json_line(run(&desk.place, NULL, "status r1").out), "state"), "succeeded");
  desk_close(&desk);
}
