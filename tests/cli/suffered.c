/* What users of other systems suffered: each row of the table that the engine was made against is a test of the suite
 * `suffered`, named after where it was seen. Those that take other means than the program and its simulator stand in
 * their own room:
 *
 *    1  hyperswitch#13182                       here
 *    2  hyperswitch#9622                        tests/flow/suffered.c
 *    3  hyperswitch#9582                        tests/cli/connector.c
 *    4  hyperswitch#10654                       tests/cli/connector.c
 *    5  hyperswitch#13180                       tests/flow/suffered.c
 *    6  hyperswitch#11073                       here, and every 5xx in tests/flow/suffered.c
 *    7  hyperswitch#12755                       tests/flow/suffered.c
 *    8  hyperswitch#13680                       tests/cli/recovery.c
 *    9  stripe-go#634                           tests/flow/suffered.c
 *   10  hyperswitch#4643, #4570                 tests/flow/suffered.c
 *   11  hyperswitch-prism#229                   tests/plugins/suffered.c
 *   12  hyperswitch#3120                        here
 *   13  gumroad#3749,                           tests/plugins/suffered.c
 *       woocommerce-gateway-stripe#738
 *   14  active_merchant#4160                    tests/domain/money.c, tests/domain/processor_units.c
 *   15  smartstore#1584                         here
 *   16  medusa#16681, saleor/apps#2446          tests/flow/suffered.c, here
 *   17  odoo#101243                             tests/flow/suffered.c
 *   18  adyen-commercetools#930                 here
 *   19  mollie: 412 returns, 824 refunds        tests/plugins/suffered.c
 *   20  OwnPay#222                              tests/flow/suffered.c
 *   21  mollie api-documentation#722            tests/flow/suffered.c
 *   22  hyperswitch#410, #5298                  tests/flow/suffered.c
 *   23  solidus#3831                            here
 *   24  curl#18417                              tests/transport/suffered.c
 *   25  pretix#6376                             here
 *   26  omnipay-stripe#235                      here
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/desk.h"
#include "cli/text.h"
#include "common/buffer.h"
#include "refund_toolkit.h"

static const char *const both[] = {"demo", "plain"};

static struct run say(const struct desk *desk, const char *line) {
  return run(&desk->place, NULL, "--plugins %s %s", PLUGINS_DIR, line);
}

static struct run refund_of(const struct desk *desk, const char *refund_id, const char *amount, const char *captured) {
  return run(&desk->place, NULL,
             "--plugins %s refund --account demo --refund-id %s --transaction-id pi_1 --amount %s --payment-amount %s "
             "--currency USD",
             PLUGINS_DIR, refund_id, amount, captured);
}

static long long held(const struct desk *desk) {
  return json_number(json_line(say(desk, "payment pi_1").out), "held_amount");
}

/* ---- The guard ---- */

Test(suffered, hyperswitch_13182_two_concurrent_60_refunds_of_a_100_payment, .timeout = 120) {
  enum { PROCESSES = 8 };
  struct desk desk = desk_open(NULL);
  pid_t processes[PROCESSES];
  int made = 0;
  int refused = 0;
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  for (int i = 0; i < PROCESSES; i++) {
    processes[i] = run_start(&desk.place, nowhere,
                             "--plugins %s refund --account demo --refund-id r%d --transaction-id pi_1 --amount 0.60 "
                             "--payment-amount 1.00 --currency USD",
                             PLUGINS_DIR, i);
  }
  for (int i = 0; i < PROCESSES; i++) {
    int status = wait_for(processes[i]);
    made += status == 0;
    refused += status == 2;
  }
  close(nowhere);
  cr_expect_eq(made, 1);
  cr_expect_eq(refused, PROCESSES - 1);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1, "one leaves the machine");
  cr_expect_eq(held(&desk), 60);
  desk_close(&desk);
}

/* 10.00 were authorised and 6.00 captured. */
Test(suffered, hyperswitch_3120_the_guard_uses_captured_not_authorised) {
  struct desk desk = desk_open(NULL);
  cr_expect_eq(refund_of(&desk, "r1", "4.00", "10.00").status, 0);
  cr_expect_eq(say(&desk, "payment pi_1 --captured 600 --note 'of 10.00 that were authorised'").status, 0);
  struct run over = refund_of(&desk, "r2", "3.00", "6.00");
  cr_expect_eq(over.status, 2);
  cr_expect_str_eq(json_text(json_line(over.out), "error.code"), "over_captured");
  cr_expect_not_null(strstr(json_text(json_line(over.out), "error.expected"), "6.00 USD captured"), "%s", over.out);
  struct run claims = refund_of(&desk, "r3", "2.00", "10.00");
  cr_expect_eq(claims.status, 2, "who still claims what was authorised is refused: %s", claims.out);
  cr_expect_str_eq(json_text(json_line(claims.out), "error.field"), "payment_amount");
  cr_expect_eq(refund_of(&desk, "r4", "2.00", "6.00").status, 0, "the rest of what was captured goes out");
  cr_expect_eq(desk_books(&desk, "requests.posts"), 2);
  desk_close(&desk);
}

Test(suffered, solidus_3831_a_failed_refund_frees_its_amount) {
  struct desk desk = desk_open("failed");
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "10.00", NULL).status, 4);
  cr_expect_eq(held(&desk), 0);
  cr_expect_eq(desk_refund(&desk, "demo", "r2", "10.00", NULL).status, 4, "the guard lets it through");
  cr_expect_eq(desk_books(&desk, "requests.posts"), 2);
  desk_close(&desk);
}

Test(suffered, saleor_apps_2446_two_equal_refunds_with_different_ids_both_go_out) {
  struct desk desk = desk_open(NULL);
  cr_expect_eq(desk_refund(&desk, "demo", "r1", "5.00", NULL).status, 0);
  cr_expect_eq(desk_refund(&desk, "demo", "r2", "5.00", NULL).status, 0);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 2);
  desk_close(&desk);
}

/* ---- Answers ---- */

static const struct {
  const char *fault;
  const char *code; /* of the error, where it is ours */
} lost[] = {
    {"slow", "NO_RESPONSE"}, /* longer than the account's time-out */
    {"reset-before", "NO_RESPONSE"},
    {"reset-after", "NO_RESPONSE"},
    {"truncate", "NO_RESPONSE"},
    {"500-before", NULL}, /* the processor's own */
    {"500-after", NULL},
    {"html", "RESPONSE_DESERIALIZATION_FAILED"},
    {"empty", "RESPONSE_DESERIALIZATION_FAILED"},
};

/* The simulator is slow for three seconds. */
static void be_impatient(const struct desk *desk) {
  char text[1024];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"demo\":{\"connector\":\"stripe\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u\",\"limits\":{\"timeout\":1},\"credentials\":{\"api_key\":\"sk_test_canary7\"}},"
           "\"plain\":{\"connector\":\"reference\",\"environment\":\"sandbox\",\"base_url\":\"http://127.0.0.1:%u\","
           "\"limits\":{\"timeout\":1},\"credentials\":{\"api_key\":\"key_canary8\"}}}}",
           desk->port, desk->port);
  place_write(&desk->place, "accounts.json", text, 0600);
}

static void expect_never_failed(size_t i, const char *account) {
  const char *fault = lost[i].fault;
  struct desk desk = desk_open(fault);
  if (strcmp(fault, "slow") == 0) be_impatient(&desk);
  struct run sent = desk_refund(&desk, account, "r1", "5.00", NULL);
  const cJSON *json = json_line(sent.out);
  cr_expect_eq(sent.status, 5, "%s, %s: %s", account, fault, sent.out);
  cr_expect_str_eq(json_text(json, "state"), "unknown", "%s, %s", account, fault);
  cr_expect_str_eq(json_text(json, "refund_status"), "pending", "%s, %s", account, fault);
  cr_expect_str_eq(json_text(json, "payment_status"), "charged", "%s, %s", account, fault);
  if (lost[i].code != NULL) cr_expect_str_eq(json_text(json, "error.code"), lost[i].code, "%s, %s", account, fault);
  cr_expect_eq(desk_books(&desk, "requests.posts"), 1, "%s, %s: one attempt, one transmission", account, fault);
  struct run rest = desk_refund(&desk, account, "r2", "5.01", NULL);
  cr_expect_not_null(strstr(rest.out, "over_captured"), "%s, %s: the amount is held: %s", account, fault, rest.out);
  struct run again = say(&desk, "resume r1"); /* which suffers the same */
  cr_expect(again.status == 5 || again.status == 0, "%s, %s: %s", account, fault, again.out);
  desk_close(&desk);
}

Test(suffered, hyperswitch_11073_no_timeout_reset_5xx_or_unreadable_body_is_ever_failed, .timeout = 120) {
  for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
    for (size_t j = 0; j < 2; j++)
      expect_never_failed(i, both[j]);
  }
}

Test(suffered, smartstore_1584_a_reply_in_another_currency_needs_a_person) {
  for (size_t i = 0; i < 2; i++) {
    struct desk desk = desk_open("wrong-currency");
    struct run result = desk_refund(&desk, both[i], "r1", "5.00", NULL);
    const cJSON *json = json_line(result.out);
    cr_expect_eq(result.status, 6, "%s: %s", both[i], result.out);
    cr_expect_str_eq(json_text(json, "state"), "manual_review", "%s", both[i]);
    cr_expect_str_eq(json_text(json, "error.reason"), "asked for 5.00 USD, the processor answered 5.00 EUR");
    cr_expect_str_neq(json_text(json, "connector_refund_id"), "", "%s: the id is kept", both[i]);
    cr_expect_eq(held(&desk), 500, "%s", both[i]);
    desk_close(&desk);
  }
}

Test(suffered, omnipay_stripe_235_success_without_a_refund_id_is_pending) {
  struct desk desk = desk_open("no-id");
  struct run result = desk_refund(&desk, "demo", "r1", "5.00", NULL);
  const cJSON *json = json_line(result.out);
  cr_expect_eq(result.status, 3, "%s", result.out);
  cr_expect_str_eq(json_text(json, "state"), "pending");
  cr_expect_str_eq(json_text(json, "connector_refund_id"), "");
  cr_expect_not_null(strstr(json_text(json, "warning"), "refund id"), "%s", result.out);
  cr_expect_eq(held(&desk), 500);
  desk_close(&desk);
}

/* ---- Lost replies ---- */

/* A processor with neither a key nor a look-up of one refund: whatever is asked for again, nothing is sent again. The
 * fault strikes once, so that a second attempt would be a second refund. */
static void expect_no_second_attempt(const char *fault, long long made) {
  static const char *const again[] = {"resume", "resume r1", "sync --open", "sync r1 --force", "remap r1"};
  static const char line[] =
      "refund --account a --refund-id r1 --transaction-id pay_1 --amount 4.00 "
      "--payment-amount 10.00 --currency USD";
  struct desk desk = desk_open(fault);
  char text[512];
  snprintf(text, sizeof text,
           "{\"accounts\":{\"a\":{\"connector\":\"worldpayxml\",\"environment\":\"sandbox\",\"base_url\":"
           "\"http://127.0.0.1:%u/jsp/merchant/xml/paymentService.jsp\",\"credentials\":{\"api_username\":\"u\","
           "\"api_password\":\"p\",\"merchant_code\":\"M\"}}}}",
           desk.port);
  place_write(&desk.place, "accounts.json", text, 0600);
  struct run first = say(&desk, line);
  cr_expect_eq(first.status, 6, "%s: %s", fault, first.out);
  cr_expect_eq(say(&desk, line).status, 6, "%s", fault);
  for (size_t i = 0; i < sizeof again / sizeof *again; i++)
    say(&desk, again[i]);
  const cJSON *json = json_line(say(&desk, "status r1").out);
  cr_expect_str_eq(json_text(json, "state"), "manual_review", "%s", fault);
  cr_expect_eq(json_number(json, "attempts"), 1, "%s", fault);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), made, "%s", fault);
  desk_close(&desk);
}

Test(suffered, adyen_commercetools_930_no_second_attempt_without_key_or_look_up) {
  expect_no_second_attempt("reset-before=once", 0);
  expect_no_second_attempt("reset-after=once", 1);
}

/* ---- Batches ---- */

enum { BATCH = 1000, REFUSED_FROM = 450, REFUSED_TO = 550, OVER = 500 };

/* Each refund of a payment of its own, but for a hundred in the middle whose payment nobody knows, and one among these
 * that is more than was captured. */
static void write_batch(const struct desk *desk) {
  struct buffer text;
  buffer_open(&text, 0);
  for (int i = 0; i < BATCH; i++) {
    char line[300];
    bool unknown = i >= REFUSED_FROM && i < REFUSED_TO;
    snprintf(line, sizeof line,
             "{\"refund_id\":\"r%04d\",\"account\":\"demo\",\"connector_transaction_id\":\"%s_%d\",\"refund_amount\":"
             "%d,\"payment_amount\":1000,\"currency\":\"USD\"}\n",
             i, unknown ? "nothing" : "pi", i, i == OVER ? 1001 : 500);
    refund_puts(&text.sink, line);
  }
  place_write(&desk->place, "batch.jsonl", text.data, 0600);
  buffer_close(&text);
}

static void expect_one_record_a_line(const struct run *result) {
  cr_expect_eq(lines_in(result->out), BATCH);
  for (int i = 0; i < BATCH; i++) {
    char id[40];
    snprintf(id, sizeof id, "{\"refund_id\":\"r%04d\"", i);
    cr_expect_eq(parts_in(result->out, id), 1, "%s", id);
  }
}

Test(suffered, pretix_6376_a_batch_with_failures_in_the_middle_is_resumed_where_it_is_open, .timeout = 300) {
  struct desk desk = desk_open("reset-after=0.03");
  write_batch(&desk);
  char line[200];
  snprintf(line, sizeof line, "batch %s/batch.jsonl", desk.place.folder);
  struct run first = say(&desk, line);
  expect_one_record_a_line(&first);
  size_t open = parts_in(first.out, "\"state\":\"unknown\"");
  cr_assert_gt(open, 0);
  size_t done = parts_in(first.out, "\"state\":\"failed\"") + parts_in(first.out, "\"state\":\"succeeded\"");
  cr_expect_eq(parts_in(first.out, "\"code\":\"over_captured\""), 1);
  cr_expect_eq(done + open, BATCH - 1, "the failures stopped nothing");
  cr_expect_eq(desk_books(&desk, "requests.posts"), BATCH - 1, "each was sent once");
  for (int round = 0; round < 10 && open > 0; round++) { /* the fault may strike a repeat, too */
    long long before = desk_books(&desk, "requests.posts");
    struct run rest = say(&desk, "resume");
    cr_assert_eq(lines_in(rest.out), open, "the rest only");
    cr_expect_leq(desk_books(&desk, "requests.posts") - before, (long long)open);
    open = parts_in(rest.out, "\"state\":\"unknown\"");
  }
  cr_expect_eq(open, 0);
  long long posts = desk_books(&desk, "requests.posts");
  cr_expect_str_eq(say(&desk, "resume").out, "", "nothing is left");
  struct run again = say(&desk, line);
  expect_one_record_a_line(&again);
  cr_expect_eq(parts_in(again.out, "\"state\":\"succeeded\""), BATCH - (REFUSED_TO - REFUSED_FROM));
  cr_expect_eq(parts_in(again.out, "\"state\":\"failed\""), REFUSED_TO - REFUSED_FROM - 1);
  cr_expect_eq(desk_books(&desk, "requests.posts"), posts);
  cr_expect_eq(desk_books(&desk, "requests.refunds_created"), BATCH - (REFUSED_TO - REFUSED_FROM));
  desk_close(&desk);
}
