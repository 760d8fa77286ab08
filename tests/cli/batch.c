/* Many refunds from one file: all of it is checked before the first is sent. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/desk.h"
#include "cli/text.h"

#define LINE(id, payment, amount)                                                          \
  "{\"refund_id\":\"" id "\",\"account\":\"demo\",\"connector_transaction_id\":\"" payment \
  "\","                                                                                    \
  "\"refund_amount\":" amount ",\"payment_amount\":1000,\"currency\":\"USD\"}\n"

static struct run batch(const struct desk *desk, const char *text, const char *more) {
  place_write(&desk->place, "batch.jsonl", text, 0600);
  return run(&desk->place, NULL, "--plugins %s batch %s/batch.jsonl %s", PLUGINS_DIR, desk->place.folder, more);
}

static void expect_nothing_sent(const struct desk *desk, const struct run *result, size_t errors) {
  cr_expect_eq(result->status, 2, "status %d: %s", result->status, result->out);
  cr_expect_eq(lines_in(result->out), errors, "%s", result->out);
  cr_expect_eq(desk_books(desk, "requests.posts"), 0);
  cr_expect_neq(access(desk->place.ledger, F_OK), 0, "no ledger was made");
}

Test(batch, each_refund_has_its_line_and_the_same_file_again_sends_nothing) {
  struct desk desk = desk_open(NULL);
  const char *file = LINE("b1", "pi_1", "500") "\n  \r\n" LINE("b2", "pi_2", "500") LINE("b3", "pi_3", "500");
  struct run first = batch(&desk, file, "--concurrency 2");
  cr_expect_eq(first.status, 0, "%s %s", first.out, first.err);
  cr_expect_eq(lines_in(first.out), 3, "%s", first.out);
  cr_expect_eq(parts_in(first.out, "\"state\":\"succeeded\""), 3);
  struct run again = batch(&desk, file, "");
  cr_expect_eq(again.status, 0);
  cr_expect_eq(lines_in(again.out), 3);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 3);
  desk_close(&desk);
}

Test(batch, standard_input_needs_no_last_line_end) {
  struct desk desk = desk_open(NULL);
  struct run result = run(&desk.place,
                          "{\"refund_id\":\"b1\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":500,"
                          "\"payment_amount\":1000,\"currency\":\"USD\"}",
                          "--plugins %s batch - --account demo", PLUGINS_DIR);
  cr_expect_eq(result.status, 0, "%s", result.out);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  desk_close(&desk);
}

Test(batch, every_bad_line_has_its_error_and_nothing_is_sent) {
  struct desk desk = desk_open(NULL);
  struct run result = batch(&desk, LINE("b1", "pi_1", "500") "x\n\n" LINE("b3", "pi_3", "5.00"), "");
  expect_nothing_sent(&desk, &result, 2);
  cr_expect_not_null(strstr(result.out, "line 2: "), "%s", result.out);
  cr_expect_not_null(strstr(result.out, "line 4: "), "%s", result.out);
  desk_close(&desk);
}

Test(batch, a_file_that_may_have_been_cut_is_refused) {
  struct desk desk = desk_open(NULL);
  char file[512] = LINE("b1", "pi_1", "500") LINE("b2", "pi_2", "500");
  file[strlen(file) - 1] = '\0';
  struct run result = batch(&desk, file, "");
  expect_nothing_sent(&desk, &result, 1);
  cr_expect_not_null(strstr(result.out, "no line end"), "%s", result.out);
  desk_close(&desk);
}

Test(batch, one_id_with_other_content_names_both_lines) {
  struct desk desk = desk_open(NULL);
  struct run result =
      batch(&desk, LINE("b1", "pi_1", "500") LINE("b2", "pi_2", "500") "\n" LINE("b1", "pi_1", "400"), "");
  expect_nothing_sent(&desk, &result, 1);
  const cJSON *json = json_line(result.out);
  cr_expect_str_eq(json_text(json, "error.code"), "conflict");
  cr_expect_not_null(strstr(json_text(json, "error.message"), "line 4: "));
  cr_expect_not_null(strstr(json_text(json, "error.message"), "in line 1 "));
  desk_close(&desk);
}

Test(batch, one_refund_that_stands_there_twice_is_done_once) {
  struct desk desk = desk_open(NULL);
  struct run result = batch(&desk, LINE("b1", "pi_1", "500") LINE("b1", "pi_1", "500"), "");
  cr_expect_eq(result.status, 0, "%s", result.out);
  cr_expect_eq(lines_in(result.out), 1, "%s", result.out);
  cr_expect_not_null(strstr(result.err, "1 line repeats"), "%s", result.err);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  desk_close(&desk);
}

Test(batch, a_line_that_is_too_long_is_refused) {
  struct desk desk = desk_open(NULL);
  size_t size = 1024 * 1024 + 1;
  char *file = malloc(size + 2);
  cr_assert_not_null(file);
  memset(file, ' ', size);
  memcpy(file, "{", 1);
  memcpy(file + size, "\n", 2);
  struct run result = batch(&desk, file, "");
  expect_nothing_sent(&desk, &result, 1);
  cr_expect_not_null(strstr(result.out, "longer than a refund"), "%s", result.out);
  free(file);
  desk_close(&desk);
}

Test(batch, the_exit_status_is_the_worst_and_an_error_says_whose_it_is) {
  struct desk desk = desk_open(NULL);
  struct run result =
      batch(&desk, LINE("b1", "pi_1", "700") LINE("b2", "pi_none", "500") LINE("b3", "pi_1", "700"), "--concurrency 1");
  cr_expect_eq(result.status, 2, "over the captured amount: %s", result.out);
  cr_expect_eq(lines_in(result.out), 3, "%s", result.out);
  cr_expect_eq(parts_in(result.out, "\"state\":\"succeeded\""), 1);
  cr_expect_eq(parts_in(result.out, "\"state\":\"failed\""), 1);
  cr_expect_not_null(strstr(result.out, "{\"refund_id\":\"b3\",\"error\":{\"code\":\"over_captured\""), "%s",
                     result.out);
  desk_close(&desk);
}

Test(batch, production_does_not_begin_a_ledger_by_itself) {
  struct desk desk = desk_open(NULL);
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"production\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"sk_live_canary9\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  cr_expect_eq(batch(&desk, LINE("b1", "pi_1", "500"), "").status, 1);
  cr_expect_neq(access(desk.place.ledger, F_OK), 0, "nothing was made");
  cr_expect_eq(batch(&desk, LINE("b1", "pi_1", "500"), "--new-ledger").status, 0);
  desk_close(&desk);
}

/* ---- What needs the engine's pauses and stops ---- */

Test(batch, a_paused_account_leaves_its_refunds_new_and_says_how_many, .timeout = 60) {
  struct desk desk = desk_open(NULL);
  char file[4096] = "";
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"revoked\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  for (int i = 0; i < 9; i++) {
    size_t size = strlen(file);
    snprintf(file + size, sizeof file - size,
             "{\"refund_id\":\"b%d\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_%d\",\"refund_amount\":500,"
             "\"payment_amount\":1000,\"currency\":\"USD\"}\n",
             i, i);
  }
  struct run result = batch(&desk, file, "--concurrency 1");
  cr_expect_eq(result.status, 1, "%s", result.out);
  cr_expect_eq(parts_in(result.out, "\"state\":\"new\""), 9, "%s", result.out);
  cr_expect_not_null(strstr(result.err, "9 refunds of account demo left"), "%s", result.err);
  cr_expect_not_null(strstr(result.err, "found:    Invalid API Key"), "the processor's words: %s", result.err);
  cr_expect_leq(desk_books(&desk, "requests.posts"), 3, "an outage does not go through all of them");
  place_accounts(&desk.place, desk.port);
  cr_expect_eq(batch(&desk, file, "").status, 0, "mended, the same command goes on");
  desk_close(&desk);
}

Test(batch, sigterm_ends_what_is_under_way_and_the_same_command_goes_on, .timeout = 120) {
  struct desk desk = desk_open("slow");
  int pipe_ends[2];
  char told[8192] = "";
  size_t size = 0;
  ssize_t got;
  place_write(&desk.place, "batch.jsonl", LINE("b1", "pi_1", "500") LINE("b2", "pi_2", "500") LINE("b3", "pi_3", "500"),
              0600);
  cr_assert_eq(pipe(pipe_ends), 0);
  pid_t process = run_start(&desk.place, pipe_ends[1], "--plugins %s batch %s/batch.jsonl --concurrency 1", PLUGINS_DIR,
                            desk.place.folder);
  close(pipe_ends[1]);
  while (desk_books(&desk, "requests.posts") < 1)
    usleep(20000);
  cr_assert_eq(kill(process, SIGTERM), 0);
  while ((got = read(pipe_ends[0], told + size, sizeof told - 1 - size)) > 0)
    size += (size_t)got;
  close(pipe_ends[0]);
  wait_for(process);
  cr_expect_eq(lines_in(told), 1, "the one under way is told: %s", told);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1, "no other was begun");
  struct run rest = run(&desk.place, NULL, "--plugins %s batch %s/batch.jsonl", PLUGINS_DIR, desk.place.folder);
  cr_expect_eq(lines_in(rest.out), 3);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 3);
  desk_close(&desk);
}
