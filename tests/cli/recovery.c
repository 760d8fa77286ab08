/* What is on record is taken up again: resume, sync, remap, and a ledger that was copied. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "cli/desk.h"
#include "cli/text.h"

static struct run take_up(const struct desk *desk, const char *line) {
  return run(&desk->place, NULL, "--plugins %s %s", PLUGINS_DIR, line);
}

static const struct {
  const char *line;
  const char *field;
} bad_lines[] = {
    {"sync", "--open"},
    {"sync r1 --open", "--open"},
    {"sync --open --force", "--force"},
    {"resume r1 --restored", "--restored"},
    {"resume --concurrency 0", "--concurrency"},
    {"resume --concurrency 10001", "--concurrency"},
    {"resume --wait soon", "--wait"},
    {"resume --wait 0", "--wait"},
    {"sync r1 r2", "r2"},
};

Test(recovery, each_wrong_option_has_its_own_sentence) {
  struct desk desk = desk_open(NULL);
  for (size_t i = 0; i < sizeof bad_lines / sizeof *bad_lines; i++) {
    struct run result = take_up(&desk, bad_lines[i].line);
    cr_expect_eq(result.status, 2, "%s", bad_lines[i].line);
    cr_expect_str_eq(json_text(json_line(result.out), "error.code"), "usage", "%s", bad_lines[i].line);
    cr_expect_str_eq(json_text(json_line(result.out), "error.field"), bad_lines[i].field, "%s", bad_lines[i].line);
  }
  desk_close(&desk);
}

Test(recovery, makes_no_ledger) {
  static const char *const lines[] = {"resume", "sync --open", "remap", "cancel r1", "verify"};
  struct desk desk = desk_open(NULL);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct run result = take_up(&desk, lines[i]);
    cr_expect_eq(result.status, 2, "%s", lines[i]);
    cr_expect_str_eq(json_text(json_line(result.out), "error.code"), "not_found", "%s", lines[i]);
  }
  cr_expect_neq(access(desk.place.ledger, F_OK), 0);
  desk_close(&desk);
}

Test(recovery, resume_sends_what_was_not_sent) {
  struct desk desk = desk_open(NULL);
  place_accounts(&desk.place, closed_port());
  desk_refund(&desk, "demo", "r1", "4.00", "--wait 1");
  desk_refund(&desk, "demo", "r2", "4.00", "--wait 1");
  place_accounts(&desk.place, desk.port);
  struct run result = take_up(&desk, "resume");
  cr_expect_eq(result.status, 0, "%s %s", result.out, result.err);
  cr_expect_eq(lines_in(result.out), 2);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 2);
  struct run again = take_up(&desk, "resume");
  cr_expect_eq(again.status, 0);
  cr_expect_str_eq(again.out, "", "nothing is left");
  desk_close(&desk);
}

Test(recovery, resume_finds_what_a_lost_answer_left) {
  struct desk desk = desk_open("reset-after=once");
  cr_expect_eq(desk_refund(&desk, "plain", "r1", "4.00", NULL).status, 5);
  struct run result = take_up(&desk, "resume r1");
  cr_expect_eq(result.status, 0, "%s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "state"), "succeeded");
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 1);
  desk_close(&desk);
}

Test(recovery, an_unknown_id_is_not_found) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "4.00", NULL);
  cr_expect_eq(take_up(&desk, "resume r9").status, 2);
  cr_expect_eq(take_up(&desk, "sync r9").status, 2);
  cr_expect_eq(take_up(&desk, "remap r9").status, 2);
  desk_close(&desk);
}

Test(suffered, hyperswitch_13680_sync_force_asks_the_processor_for_final_states_too) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "4.00", NULL);
  cr_expect_eq(take_up(&desk, "sync --open").status, 0);
  cr_expect_eq(take_up(&desk, "sync r1").status, 0);
  cr_expect_eq(desk_books(&desk, "requests.gets"), 0, "it has ended");
  cr_expect_eq(take_up(&desk, "sync r1 --force").status, 0);
  cr_expect_eq(desk_books(&desk, "requests.gets"), 1);
  desk_close(&desk);
}

Test(recovery, what_is_read_of_a_refund_that_needs_a_person_is_shown_beside_it) {
  struct desk desk = desk_open("wrong-amount");
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "4.00", NULL).status, 6);
  struct run result = take_up(&desk, "sync --open");
  cr_expect_eq(result.status, 6);
  cr_expect_eq(lines_in(result.out), 2, "%s", result.out);
  cr_expect_not_null(strstr(result.out, "\n{\"refund_id\":\"r1\",\"beside\":{"), "%s", result.out);
  desk_close(&desk);
}

Test(recovery, remap_asks_nobody) {
  struct desk desk = desk_open("unknown-status");
  struct run sent = desk_refund(&desk, "demo", "r1", "4.00", NULL);
  cr_expect_eq(sent.status, 3);
  struct run result = take_up(&desk, "remap");
  cr_expect_eq(result.status, 3, "%s", result.out);
  cr_expect_str_eq(json_text(json_line(result.out), "state"), "pending");
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1);
  cr_expect_eq(desk_books(&desk, "requests.gets"), 0);
  desk_close(&desk);
}

/* ---- Copies ---- */

static void copy_ledger(const struct desk *desk) {
  char command[300];
  snprintf(command, sizeof command, "cp %s %s/copy.db", desk->place.ledger, desk->place.folder);
  cr_assert_eq(system(command), 0);
}

static int facts_in_copy(const struct desk *desk, const char *fact) {
  char path[200];
  sqlite3 *database;
  sqlite3_stmt *statement;
  snprintf(path, sizeof path, "%s/copy.db", desk->place.folder);
  cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
  cr_assert_eq(sqlite3_prepare_v2(database, "SELECT count(*) FROM fact WHERE fact = ?", -1, &statement, NULL),
               SQLITE_OK);
  sqlite3_bind_text(statement, 1, fact, -1, SQLITE_STATIC);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  int count = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return count;
}

static struct run on_copy(const struct desk *desk, const char *line) {
  return run(&desk->place, NULL, "--plugins %s --ledger %s/copy.db %s", PLUGINS_DIR, desk->place.folder, line);
}

Test(recovery, a_copy_of_a_ledger_does_nothing_until_it_is_taken_as_the_original) {
  static const char *const lines[] = {"resume",
                                      "sync --open",
                                      "remap",
                                      "cancel r1",
                                      "resolve r1 --as failed --note x",
                                      "payment pi_1 --captured 2000 --note x",
                                      "refund --account plain --refund-id r9 --transaction-id pi_1 --amount 1.00 "
                                      "--payment-amount 10.00 --currency USD"};
  struct desk desk = desk_open(NULL);
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"plain\":{\"connector\":\"reference\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"credentials\":{\"api_key\":\"revoked\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  cr_expect_eq(desk_refund(&desk, "plain", "r1", "4.00", NULL).status, 1, "it stays new");
  copy_ledger(&desk);
  place_accounts(&desk.place, desk.port);
  cr_expect_eq(take_up(&desk, "resume").status, 0, "the original sends it");
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct run result = on_copy(&desk, lines[i]);
    cr_expect_eq(result.status, 1, "%s: %s", lines[i], result.out);
    cr_expect_str_eq(json_text(json_line(result.out), "error.code"), "ledger", "%s", lines[i]);
  }
  cr_expect_eq(on_copy(&desk, "verify").status, 6);
  struct run restored = on_copy(&desk, "resume --restored");
  cr_expect_eq(restored.status, 0, "the look-up finds it: %s", restored.out);
  cr_expect_eq(facts_in_copy(&desk, "restored"), 1, "what is new in a copy may have been sent");
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 1, "what the original sent is not sent again");
  cr_expect_eq(on_copy(&desk, "verify").status, 0);
  desk_close(&desk);
}

/* ---- verify ---- */

Test(verify, counts_what_it_checked) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "4.00", NULL);
  struct run result = run(&desk.place, NULL, "verify");
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, 0, "%s", result.out);
  cr_expect_eq(json_number(json, "verified.refunds"), 1);
  cr_expect_eq(json_number(json, "verified.payments"), 1);
  cr_expect_eq(json_number(json, "verified.attempts"), 1);
  cr_expect_eq(json_number(json, "verified.facts"), 3);
  cr_expect_not_null(strstr(result.out, "\"wrong\":[]"));
  desk_close(&desk);
}

Test(verify, of_what_a_person_said_too) {
  struct desk desk = desk_open("reset-after");
  desk_refund(&desk, "demo", "r1", "4.00", "--wait 1");
  run(&desk.place, NULL, "resolve r1 --as succeeded --note x");
  run(&desk.place, NULL, "payment pi_1 --captured 2000 --note x");
  run(&desk.place, NULL, "resolve r1 --as failed --amount 4.00 --note x");
  struct run result = run(&desk.place, NULL, "verify");
  cr_expect_eq(result.status, 0, "%s", result.out);
  desk_close(&desk);
}

Test(verify, says_what_is_wrong) {
  struct desk desk = desk_open(NULL);
  sqlite3 *database;
  desk_refund(&desk, "demo", "r1", "4.00", NULL);
  cr_assert_eq(sqlite3_open(desk.place.ledger, &database), SQLITE_OK);
  cr_assert_eq(sqlite3_exec(database, "UPDATE payment SET held_amount = 1", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(database);
  struct run result = run(&desk.place, NULL, "verify");
  cr_expect_eq(result.status, 6, "%s", result.out);
  cr_expect_null(strstr(result.out, "\"wrong\":[]"));
  desk_close(&desk);
}
