/* Every connector against the simulator that speaks its processor's API: the way of one refund, through the real .so.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/desk.h"

static const struct {
  const char *connector;
  const char *path;        /* behind the simulator's address */
  const char *credentials; /* the members of the object */
  const char *payment;
  const char *state;
  int status;
  int lost; /* the status where the answer is lost: 6, if nothing can tell what became of it */
} processors[] = {
    {"adyen", "", "\"api_key\":\"AQE_canary_key\",\"merchant_account\":\"M\"", "pay_1", "pending", 3, 5},
    {"cybersource", "",
     "\"api_key\":\"11111111-2222-3333-4444-555555555555\",\"api_secret\":\"Y2FuYXJ5LXNlY3JldA==\","
     "\"merchant_account\":\"M\"",
     "pay_1", "pending", 3, 5},
    {"cybersource", "",
     "\"api_key\":\"11111111-2222-3333-4444-555555555555\",\"api_secret\":\"Y2FuYXJ5LXNlY3JldA==\","
     "\"merchant_account\":\"M\",\"auth\":\"jwt\"",
     "pay_1", "pending", 3, 5},
    {"paypal", "", "\"client_id\":\"cid\",\"client_secret\":\"canary-secret\"", "pay_1", "succeeded", 0, 5},
    {"worldpayxml", "/jsp/merchant/xml/paymentService.jsp",
     "\"api_username\":\"user\",\"api_password\":\"canary-password\",\"merchant_code\":\"M\"", "pay_1", "pending", 3,
     6},
};

static void set_account(const struct desk *desk, size_t i) {
  char text[1024];
  snprintf(
      text, sizeof text,
      "{\"accounts\":{\"a\":{\"connector\":\"%s\",\"environment\":\"sandbox\",\"base_url\":\"http://127.0.0.1:%u%s\","
      "\"credentials\":{%s}}}}",
      processors[i].connector, desk->port, processors[i].path, processors[i].credentials);
  place_write(&desk->place, "accounts.json", text, 0600);
}

static struct run refund(const struct desk *desk, const char *refund_id, const char *payment, const char *amount) {
  return run(&desk->place, NULL,
             "--plugins %s refund --account a --refund-id %s --transaction-id %s --amount %s --payment-amount 10.00 "
             "--currency USD",
             PLUGINS_DIR, refund_id, payment, amount);
}

Test(processors, are_each_refunded_against) {
  for (size_t i = 0; i < sizeof processors / sizeof *processors; i++) {
    struct desk desk = desk_open(NULL);
    const char *connector = processors[i].connector;
    set_account(&desk, i);
    struct run result = refund(&desk, "r1", processors[i].payment, "4.00");
    const cJSON *json = json_line(result.out);
    cr_expect_eq(result.status, processors[i].status, "%s: %s", connector, result.out);
    cr_expect_str_eq(json_text(json, "state"), processors[i].state, "%s: %s", connector, result.out);
    cr_expect_str_eq(json_text(json, "payment_status"), "charged");
    cr_expect_str_neq(json_text(json, "connector_refund_id"), "", "%s", connector);
    cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 1, "%s", connector);
    refund(&desk, "r1", processors[i].payment, "4.00");
    cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 1, "%s: asked again", connector);
    desk_close(&desk);
  }
}

Test(processors, refuse_unknown_payments_in_their_own_words) {
  for (size_t i = 0; i < sizeof processors / sizeof *processors; i++) {
    struct desk desk = desk_open(NULL);
    set_account(&desk, i);
    struct run result = refund(&desk, "r1", "nothing", "4.00");
    cr_expect_eq(result.status, 4, "%s: %s", processors[i].connector, result.out);
    cr_expect_str_neq(json_text(json_line(result.out), "error.message"), "", "%s", processors[i].connector);
    desk_close(&desk);
  }
}

Test(processors, that_lose_their_answer_leave_the_refund_open) {
  for (size_t i = 0; i < sizeof processors / sizeof *processors; i++) {
    struct desk desk = desk_open("reset-after");
    set_account(&desk, i);
    struct run result = refund(&desk, "r1", processors[i].payment, "4.00");
    cr_expect_eq(result.status, processors[i].lost, "%s: %s", processors[i].connector, result.out);
    cr_expect_eq(desk_books(&desk, "requests.refunds_created"), 1, "%s: sent once", processors[i].connector);
    desk_close(&desk);
  }
}

Test(processors, never_find_a_secret_of_theirs_in_our_ledger) {
  for (size_t i = 0; i < sizeof processors / sizeof *processors; i++) {
    struct desk desk = desk_open(NULL);
    char command[200];
    set_account(&desk, i);
    struct run result = refund(&desk, "r1", processors[i].payment, "4.00");
    cr_expect_null(strstr(result.out, "canary"), "%s", processors[i].connector);
    snprintf(command, sizeof command, "grep -rqa -e canary -e Y2FuYXJ5 %s/ledger", desk.place.folder);
    cr_expect_neq(system(command), 0, "%s", processors[i].connector);
    desk_close(&desk);
  }
}
