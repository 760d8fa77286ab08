/* A processor's report: read as a whole, then each line a recorded fact. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/desk.h"
#include "cli/text.h"

#define HEADER "refund_id,connector_refund_id,outcome,note\n"

static struct run settle(const struct desk *desk, const char *text) {
  place_write(&desk->place, "report", text, 0600);
  return run(&desk->place, NULL, "settle %s/report", desk->place.folder);
}

static const char *state_of(const struct desk *desk, const char *id) {
  return json_text(json_line(run(&desk->place, NULL, "status %s", id).out), "state");
}

Test(settle, a_report_ends_what_was_unknown) {
  struct desk desk = desk_open("reset-after");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  desk_refund(&desk, "demo", "r2", "5.00", NULL);
  struct run result = settle(&desk, HEADER "r1,,succeeded,\r\nr2,,failed,\"returned, \"\"R03\"\"\"\r\n");
  cr_expect_eq(result.status, 4, "the worst of both: %s", result.out);
  cr_expect_eq(lines_in(result.out), 2);
  cr_expect_str_eq(state_of(&desk, "r1"), "succeeded");
  const cJSON *failed = json_line(run(&desk.place, NULL, "status r2").out);
  cr_expect_str_eq(json_text(failed, "state"), "failed");
  cr_expect_str_eq(json_text(failed, "error.reason"), "returned, \"R03\"");
  desk_close(&desk);
}

Test(settle, a_report_that_agrees_changes_nothing) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run before = run(&desk.place, NULL, "status r1");
  struct run result = settle(&desk, HEADER "r1,,succeeded,\n");
  cr_expect_eq(result.status, 0);
  cr_expect_str_eq(result.out, before.out);
  desk_close(&desk);
}

Test(settle, a_report_against_what_has_ended_needs_a_person) {
  struct desk desk = desk_open(NULL);
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  cr_expect_eq(settle(&desk, HEADER "r1,,failed,bounced\n").status, 6);
  cr_expect_str_eq(state_of(&desk, "r1"), "manual_review");
  desk_close(&desk);
}

Test(settle, by_the_processors_id_where_ids_are_unique) {
  struct desk desk = desk_open("pending");
  const cJSON *sent = json_line(desk_refund(&desk, "demo", "r1", "5.00", NULL).out);
  char text[256];
  snprintf(text, sizeof text, "outcome,connector_refund_id\nsucceeded,%s\n", json_text(sent, "connector_refund_id"));
  cr_expect_eq(settle(&desk, text).status, 0);
  cr_expect_str_eq(state_of(&desk, "r1"), "succeeded");
  struct run none = settle(&desk, "outcome,connector_refund_id\nsucceeded,re_none\n");
  cr_expect_eq(none.status, 2);
  cr_expect_str_eq(json_text(json_line(none.out), "error.code"), "not_found");
  desk_close(&desk);
}

Test(settle, two_ids_that_are_not_of_one_refund_are_refused) {
  struct desk desk = desk_open("pending");
  const cJSON *sent = json_line(desk_refund(&desk, "demo", "r1", "5.00", NULL).out);
  desk_refund(&desk, "demo", "r2", "5.00", NULL);
  char text[256];
  snprintf(text, sizeof text, HEADER "r2,%s,succeeded,\n", json_text(sent, "connector_refund_id"));
  struct run result = settle(&desk, text);
  cr_expect_eq(result.status, 2);
  cr_expect_str_eq(json_text(json_line(result.out), "error.code"), "conflict");
  cr_expect_str_eq(state_of(&desk, "r2"), "pending");
  desk_close(&desk);
}

Test(settle, no_report_can_be_about_what_was_not_sent) {
  struct desk desk = desk_open("429");
  desk_refund(&desk, "demo", "r1", "5.00", "--wait 1");
  struct run result = settle(&desk, HEADER "r1,,succeeded,\n");
  cr_expect_eq(result.status, 2);
  cr_expect_not_null(strstr(json_text(json_line(result.out), "error.message"), "line 2: refund r1 was not sent"));
  cr_expect_str_eq(state_of(&desk, "r1"), "new");
  desk_close(&desk);
}

Test(settle, takes_json_lines_too) {
  struct desk desk = desk_open("pending");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  struct run result = settle(&desk, "\n{\"refund_id\":\"r1\",\"outcome\":\"succeeded\",\"note\":null}\n");
  cr_expect_eq(result.status, 0, "%s", result.out);
  cr_expect_str_eq(state_of(&desk, "r1"), "succeeded");
  desk_close(&desk);
}

/* Each with a good first record, which must not count. */
static const struct {
  const char *text;
  const char *message; /* a part of the only error */
} bad_reports[] = {
    {"refund_id,outcome,colour\nr1,succeeded,red\n", "line 1: a report has no colour"},
    {"refund_id,outcome,outcome\nr1,succeeded,failed\n", "line 1: the column outcome stands there twice"},
    {HEADER "r1,,succeeded,\nr2,,succeeded\n", "line 3: it has another number of fields"},
    {HEADER "r1,,succeeded,\n,,succeeded,\n", "line 3: it does not say which refund"},
    {HEADER "r1,,succeeded,\"two\nlines\"\nr2,,paid,\n", "line 4: outcome is neither"},
    {HEADER "r1,,succeeded,\nr2,,,\n", "line 3: outcome is missing"},
    {HEADER "r1,,succeeded,\nr2,,failed,\"open\n", "line 3: a quoted field does not end"},
    {HEADER "r1,,succeeded,\nr2,,failed,a\"b\n", "line 3: a quote stands within"},
    {HEADER "r1,,succeeded,\nr2,,failed,\"a\"b\n", "line 3: something stands behind the quotes"},
    {HEADER "r1,,succeeded,\nr2,,failed,cut", "has no line end"},
    {HEADER "r1,,succeeded,\nr2,,failed,\xff\n", "is not UTF-8"},
    {"{\"refund_id\":\"r1\",\"outcome\":\"succeeded\"}\n{\"refund_id\":\"r2\",\"outcome\":true}\n",
     "line 2: outcome is not text"},
    {"{\"refund_id\":\"r1\",\"outcome\":\"succeeded\"}\n{\"refund\":\"r2\",\"outcome\":\"failed\"}\n",
     "line 2: a report has no refund"},
    {"{\"refund_id\":\"r1\",\"outcome\":\"succeeded\"}\nr2,,failed,\n", "line 2: "},
};

Test(settle, a_bad_report_changes_nothing) {
  struct desk desk = desk_open("pending");
  desk_refund(&desk, "demo", "r1", "5.00", NULL);
  for (size_t i = 0; i < sizeof bad_reports / sizeof *bad_reports; i++) {
    struct run result = settle(&desk, bad_reports[i].text);
    cr_expect_eq(result.status, 2, "%s", bad_reports[i].message);
    cr_expect_eq(lines_in(result.out), 1, "%s: %s", bad_reports[i].message, result.out);
    cr_expect_not_null(strstr(json_text(json_line(result.out), "error.message"), bad_reports[i].message), "%s: %s",
                       bad_reports[i].message, result.out);
  }
  cr_expect_str_eq(state_of(&desk, "r1"), "pending");
  desk_close(&desk);
}
