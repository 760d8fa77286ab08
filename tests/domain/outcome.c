/* What became of a refund, as one JSON object. */
#include "domain/outcome.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "domain/money.h"
#include "domain/verdict.h"

#define T(literal) ((refund_text){"" literal, sizeof(literal) - 1})

static struct outcome plain(void) {
  return (struct outcome){
      .refund_id = T("r1"),
      .account = T("demo"),
      .connector = T("stripe"),
      .connector_version = T("1.0.0"),
      .connector_transaction_id = T("pi_1"),
      .refund_amount = 1000,
      .currency = currency_find(T("USD")),
      .position = {STATE_NEW, DETAIL_NONE},
      .refund_status = REFUND_STATUS_PENDING,
      .created_at = 1700000000000,
      .updated_at = 1700000000123,
  };
}

static void writes(const struct outcome *outcome, const char *expected) {
  struct buffer out;
  buffer_open(&out, 0);
  outcome_write(outcome, &out);
  cr_expect_str_eq(buffer_text(&out).data, expected);
  buffer_close(&out);
}

Test(outcome, has_every_member_null_where_nothing_is_known) {
  struct outcome outcome = plain();
  writes(&outcome,
         "{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector\":\"stripe\",\"connector_version\":\"1.0.0\","
         "\"connector_transaction_id\":\"pi_1\",\"connector_refund_id\":null,\"refund_amount\":1000,"
         "\"currency\":\"USD\",\"state\":\"new\",\"state_detail\":null,\"reading\":null,\"refund_status\":\"pending\","
         "\"payment_status\":\"charged\",\"error\":null,\"warning\":null,\"http_status\":null,\"attempts\":0,"
         "\"created_at\":\"2023-11-14T22:13:20.000Z\",\"updated_at\":\"2023-11-14T22:13:20.123Z\"}");
}

Test(outcome, has_every_member_filled_in_where_all_is_known) {
  struct outcome outcome = plain();
  outcome.connector_refund_id = T("re_\"1\"");
  outcome.refund_amount = MONEY_GREATEST;
  outcome.currency = currency_find(T("JPY"));
  outcome.position = (struct position){STATE_FAILED, DETAIL_REJECTED};
  outcome.refund_status = REFUND_STATUS_FAILURE;
  outcome.reading = REFUND_READING_REJECTED;
  outcome.error_code = T("c");
  outcome.error_message = T("m");
  outcome.error_reason = T("r");
  outcome.network_decline_code = T("05");
  outcome.warning = T("w");
  outcome.http_status = 402;
  outcome.attempts = 3;
  writes(&outcome,
         "{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector\":\"stripe\",\"connector_version\":\"1.0.0\","
         "\"connector_transaction_id\":\"pi_1\",\"connector_refund_id\":\"re_\\\"1\\\"\","
         "\"refund_amount\":9007199254740991,\"currency\":\"JPY\",\"state\":\"failed\",\"state_detail\":\"rejected\","
         "\"reading\":\"rejected\",\"refund_status\":\"failure\",\"payment_status\":\"charged\","
         "\"error\":{\"code\":\"c\",\"message\":\"m\",\"reason\":\"r\",\"network_decline_code\":\"05\"},"
         "\"warning\":\"w\",\"http_status\":402,\"attempts\":3,"
         "\"created_at\":\"2023-11-14T22:13:20.000Z\",\"updated_at\":\"2023-11-14T22:13:20.123Z\"}");
}

/* A refund never changes the parent payment's status: not in any state, with any status, of any reading. */
Test(outcome, says_of_the_payment_that_it_stays_charged_always) {
  for (int state = 0; state < STATES; state++) {
    for (int32_t status = REFUND_STATUS_SUCCESS; status <= REFUND_STATUS_MANUAL_REVIEW; status++) {
      for (int32_t reading = 0; reading <= REFUND_READING_ABSENT; reading++) {
        struct outcome outcome = plain();
        struct buffer out;
        outcome.position.state = (enum state)state;
        outcome.refund_status = status;
        outcome.reading = reading;
        buffer_open(&out, 0);
        outcome_write(&outcome, &out);
        cr_assert_not_null(strstr(out.data, ",\"payment_status\":\"charged\","));
        cr_assert_null(strstr(out.data, "\"refunded\""));
        char expected[64];
        snprintf(expected, sizeof expected, "\"refund_status\":\"%s\"", refund_status_name(status));
        cr_assert_not_null(strstr(out.data, expected));
        buffer_close(&out);
      }
    }
  }
}

Test(outcome, has_an_error_as_soon_as_one_part_of_it_is_there) {
  struct outcome outcome = plain();
  cr_expect_not(outcome_has_error(&outcome));
  refund_text *const parts[] = {&outcome.error_code, &outcome.error_message, &outcome.error_reason,
                                &outcome.network_decline_code};
  for (size_t i = 0; i < 4; i++) {
    struct buffer out;
    *parts[i] = T("x");
    cr_expect(outcome_has_error(&outcome));
    buffer_open(&out, 0);
    outcome_write(&outcome, &out);
    cr_expect_null(strstr(out.data, "\"error\":null"));
    cr_expect_not_null(strstr(out.data, ":\"x\""));
    buffer_close(&out);
    *parts[i] = (refund_text){NULL, 0};
  }
}

Test(outcome, says_when_it_could_not_be_recorded_and_else_is_silent_about_it) {
  struct outcome outcome = plain();
  struct buffer out;
  buffer_open(&out, 0);
  outcome_write(&outcome, &out);
  cr_expect_null(strstr(out.data, "recorded"));
  buffer_reset(&out);
  outcome.unrecorded = true;
  outcome_write(&outcome, &out);
  cr_expect_not_null(strstr(out.data, "\"recorded\":false"));
  buffer_close(&out);
}

Test(time, is_shown_as_rfc_3339_in_utc_with_milliseconds) {
  static const struct {
    int64_t unix_ms;
    const char *text;
  } cases[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {1, "1970-01-01T00:00:00.001Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {-1000, "1969-12-31T23:59:59.000Z"},
      {-1001, "1969-12-31T23:59:58.999Z"},
      {951782400000, "2000-02-29T00:00:00.000Z"},
      {1709164799999, "2024-02-28T23:59:59.999Z"},
      {253402300799999, "9999-12-31T23:59:59.999Z"},
      {253402300800000, "?"},
      {INT64_MAX, "?"},
      {-62135596800000, "0001-01-01T00:00:00.000Z"},
      {-62167219200000, "0000-01-01T00:00:00.000Z"},
      {-62167219200001, "?"},
      {INT64_MIN, "?"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_str_eq(time_show(cases[i].unix_ms).text, cases[i].text, "%lld", (long long)cases[i].unix_ms);
  }
}
