/* What the ledger tells afterwards. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/desk.h"
#include "cli/text.h"

Test(status, says_what_the_refund_said_and_exits_by_its_state) {
  struct desk desk = desk_open("pending");
  struct run sent = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run told = run(&desk.place, NULL, "status r1");
  cr_expect_str_eq(told.out, sent.out);
  cr_expect_eq(told.status, 3);
  desk_close(&desk);
}

Test(status, of_an_unknown_id_is_not_found) {
  struct desk desk = desk_open(NULL);
  struct run no_ledger = run(&desk.place, NULL, "status r1");
  cr_expect_eq(no_ledger.status, 2);
  cr_expect_str_eq(json_text(json_line(no_ledger.out), "error.code"), "not_found");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run other = run(&desk.place, NULL, "status r2");
  cr_expect_eq(other.status, 2);
  cr_expect_str_eq(json_text(json_line(other.out), "error.code"), "not_found");
  desk_close(&desk);
}

Test(list, filters_by_state_account_and_attention) {
  struct desk desk = desk_open("unknown-status");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  desk_refund(&desk, "plain", "r2", "5.00", NULL);
  cr_expect_eq(lines_in(run(&desk.place, NULL, "list").out), 2);
  cr_expect_eq(lines_in(run(&desk.place, NULL, "list --account plain").out), 1);
  cr_expect_eq(lines_in(run(&desk.place, NULL, "list --state pending").out), 2);
  cr_expect_eq(lines_in(run(&desk.place, NULL, "list --state succeeded").out), 0);
  cr_expect_eq(lines_in(run(&desk.place, NULL, "list --attention").out), 0);
  desk_close(&desk);
}

Test(list, attention_shows_what_needs_a_person) {
  struct desk desk = desk_open("reset-after");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run listed = run(&desk.place, NULL, "list --attention");
  cr_expect_eq(listed.status, 0);
  cr_expect_eq(lines_in(listed.out), 1);
  desk_close(&desk);
}
