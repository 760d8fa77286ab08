/* What a person reads of one exchange: error codes and messages, warnings, the refund id. */
#include "exchanging.h"

static bool is(refund_text text, const char *string) {
  if (string == NULL) return text.data == NULL;
  return text.data != NULL && text.size == strlen(string) && memcmp(text.data, string, text.size) == 0;
}

Test(error, of_the_processor_wins_and_else_the_code_is_ours) {
  static const struct {
    int http_status;
    int32_t reading;
    const char *said;
    const char *code;
  } cases[] = {
      {500, 0, NULL, "500"},
      {502, REFUND_READING_IN_PROGRESS, NULL, "502"},
      {503, REFUND_READING_REJECTED, "theirs", "theirs"},
      {408, 0, NULL, "408"},
      {423, REFUND_READING_REJECTED, NULL, "423"},
      {425, 0, NULL, "425"},
      {302, 0, NULL, "302"},
      {429, 0, NULL, "429"},
      {429, REFUND_READING_REFUSED_BEFORE_PROCESSING, "slow_down", "slow_down"},
      {401, 0, NULL, "401"},
      {401, REFUND_READING_REJECTED, "bad_key", "bad_key"},
      {403, 0, NULL, "RESPONSE_DESERIALIZATION_FAILED"},
      {400, 0, NULL, "RESPONSE_DESERIALIZATION_FAILED"},
      {404, 0, NULL, "RESPONSE_DESERIALIZATION_FAILED"},
      {409, 0, NULL, "RESPONSE_DESERIALIZATION_FAILED"},
      {200, 0, NULL, "RESPONSE_DESERIALIZATION_FAILED"},
      {204, 0, NULL, "RESPONSE_DESERIALIZATION_FAILED"},
      {400, REFUND_READING_REJECTED, "theirs", "theirs"},
      {409, REFUND_READING_DUPLICATE, "theirs", "theirs"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, cases[i].http_status);
    at.answer.reading = cases[i].reading;
    if (cases[i].said != NULL) at.answer.error_code = (refund_text){cases[i].said, strlen(cases[i].said)};
    const struct verdict *verdict = exchanging_judge(&at);
    cr_expect(is(verdict->error_code, cases[i].code), "%d: %.*s", cases[i].http_status, (int)verdict->error_code.size,
              verdict->error_code.data);
    exchanging_close(&at);
  }
}

Test(error, has_all_that_the_processor_said) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 402);
  at.answer.reading = REFUND_READING_REJECTED;
  at.answer.error_code = T("c");
  at.answer.error_message = T("m");
  at.answer.error_reason = T("r");
  at.answer.network_decline_code = T("05");
  const struct verdict *verdict = exchanging_judge(&at);
  cr_expect(is(verdict->error_code, "c") && is(verdict->error_message, "m") && is(verdict->error_reason, "r") &&
            is(verdict->network_decline_code, "05"));
  exchanging_close(&at);
}

Test(error, of_what_could_not_be_read_is_one_short_sentence) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 422);
  cr_expect(is(exchanging_judge(&at)->error_message, "the processor's answer (HTTP 422) could not be read"));
  exchanging_close(&at);
}

Test(error, of_a_server_is_its_name_and_what_it_said) {
  static const struct {
    int http_status;
    const char *message;
  } cases[] = {{500, "internal_server_error"}, {501, "not_implemented"},
               {502, "bad_gateway"},           {503, "service_unavailable"},
               {504, "gateway_timeout"},       {505, "the processor's answer (HTTP 505) could not be read"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, cases[i].http_status);
    at.exchange.body = T("<html>busy</html>");
    cr_expect(is(exchanging_judge(&at)->error_message, cases[i].message), "%d", cases[i].http_status);
    cr_expect(is(at.verdict.error_reason, "<html>busy</html>"), "%d", cases[i].http_status);
    at.exchange.body = T("\xff");
    cr_expect(is(exchanging_judge(&at)->error_reason, NULL), "%d: no text", cases[i].http_status);
    at.exchange.body = T("");
    cr_expect(is(exchanging_judge(&at)->error_reason, NULL), "%d: nothing", cases[i].http_status);
    at.exchange.body = T("<html>busy</html>");
    exchanging_says(&at, REFUND_STATUS_PENDING);
    cr_expect(is(exchanging_judge(&at)->error_reason, NULL), "%d: the connector read it", cases[i].http_status);
    exchanging_close(&at);
  }
}

Test(error, is_none_where_the_processor_took_it_or_knows_none) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_SUCCESS);
  cr_expect(is(exchanging_judge(&at)->error_code, NULL) && is(at.verdict.error_message, NULL));
  exchanging_close(&at);
  exchanging_open(&at, FLOW_REFUND_SYNC, 404);
  at.answer.reading = REFUND_READING_ABSENT;
  cr_expect(is(exchanging_judge(&at)->error_code, NULL) && is(at.verdict.error_message, NULL));
  cr_expect_eq(at.verdict.reading, REFUND_READING_ABSENT);
  exchanging_close(&at);
}

/* ---- Warnings ---- */

Test(warning, stands_beside_a_success_that_names_no_refund) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_SUCCESS);
  at.answer.refund_id = (refund_text){NULL, 0};
  cr_expect_eq(exchanging_judge(&at)->refund_status, REFUND_STATUS_PENDING);
  cr_expect(is(at.verdict.warning, "the processor says success but names no refund id: taken as pending"));
  cr_expect_eq(exchanging_fact(&at.verdict, false), FACT_SAID_PENDING);
  at.answer.refund_id = T("");
  cr_expect_eq(exchanging_judge(&at)->refund_status, REFUND_STATUS_PENDING);
  exchanging_close(&at);
}

Test(warning, is_not_needed_where_the_refund_id_is_known_already) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND_SYNC, 200);
  exchanging_says(&at, REFUND_STATUS_SUCCESS);
  at.answer.refund_id = (refund_text){NULL, 0};
  at.refund.connector_refund_id = T("re_1");
  cr_expect_eq(exchanging_judge(&at)->refund_status, REFUND_STATUS_SUCCESS);
  cr_expect(is(at.verdict.warning, NULL));
  cr_expect(is(at.verdict.connector_refund_id, "re_1"));
  exchanging_close(&at);
}

Test(warning, stands_beside_a_word_that_is_not_known_and_the_refund_id_is_kept) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_UNRECOGNIZED);
  at.answer.status_word = T("frobbed");
  cr_expect_eq(exchanging_judge(&at)->refund_status, REFUND_STATUS_PENDING);
  cr_expect(is(at.verdict.warning, "the status word \"frobbed\" is not known: taken as pending"));
  cr_expect(is(at.verdict.connector_refund_id, "re_1"));
  cr_expect_eq(exchanging_fact(&at.verdict, false), FACT_SAID_PENDING);
  exchanging_close(&at);
}

Test(warning, stands_beside_a_missing_word_and_a_status_of_a_later_version) {
  static const int32_t statuses[] = {REFUND_STATUS_UNRECOGNIZED, 5, 99, -1, INT32_MAX};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, 200);
    exchanging_says(&at, statuses[i]);
    cr_expect_eq(exchanging_judge(&at)->refund_status, REFUND_STATUS_PENDING);
    cr_expect(is(at.verdict.warning, "the answer has no status: taken as pending"));
    exchanging_close(&at);
  }
}

Test(warning, of_what_this_version_does_not_know_blames_no_word) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_UNRECOGNIZED);
  at.answer.status_word = T("succeeded");
  at.answer.unknown_value = true;
  cr_expect_eq(exchanging_judge(&at)->refund_status, REFUND_STATUS_PENDING);
  cr_expect(is(at.verdict.warning, "the connector says something that this version does not know: taken as pending"));
  exchanging_close(&at);
}

Test(warning, cuts_a_long_word_between_two_characters) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_UNRECOGNIZED);
  at.answer.status_word = T(
      "x\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3"
      "\xA9"
      "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
      "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
  refund_text warning = exchanging_judge(&at)->warning;
  const char *close = strstr(warning.data, "\" is not known");
  cr_assert_not_null(close);
  cr_expect_eq(close - warning.data, (long)strlen("the status word \"") + 59);
  exchanging_close(&at);
}

/* ---- Pending, but nothing to go by ---- */

/* An answer with an error and without a refund id may mean anything; whichever part of the error it gave. */
Test(pending, without_a_refund_id_and_with_an_error_is_unknown) {
  for (int part = 0; part < 4; part++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, 200);
    exchanging_says(&at, part % 2 == 0 ? REFUND_STATUS_PENDING : REFUND_STATUS_UNRECOGNIZED);
    at.answer.refund_id = (refund_text){NULL, 0};
    refund_text *const parts[] = {&at.answer.error_code, &at.answer.error_message, &at.answer.error_reason,
                                  &at.answer.network_decline_code};
    *parts[part] = T("x");
    exchanging_judge(&at);
    cr_expect_eq(exchanging_fact(&at.verdict, false), FACT_AMBIGUOUS, "part %d", part);
    at.answer.refund_id = T("re_1");
    exchanging_judge(&at);
    cr_expect_eq(exchanging_fact(&at.verdict, false), FACT_SAID_PENDING, "part %d", part);
    exchanging_close(&at);
  }
}

/* ---- The refund id ---- */

static bool keeps_id(int http_status, int32_t reading) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, http_status);
  exchanging_says(&at, REFUND_STATUS_FAILURE);
  at.answer.reading = reading;
  bool kept = is(exchanging_judge(&at)->connector_refund_id, "re_1");
  cr_expect(kept || at.verdict.connector_refund_id.data == NULL);
  exchanging_close(&at);
  return kept;
}

Test(refund_id, is_kept_on_failures_and_in_doubt_too) {
  static const int http[] = {200, 400, 404, 409, 422, 500, 503};
  for (size_t i = 0; i < sizeof http / sizeof *http; i++) {
    for (int32_t reading = 0; reading <= REFUND_READING_IN_PROGRESS; reading++) {
      cr_expect(keeps_id(http[i], reading), "%d, reading %d", http[i], (int)reading);
    }
  }
}

/* A request that certainly did nothing made no refund: the next attempt's id would contradict that one. */
Test(refund_id, is_not_taken_from_an_answer_that_did_nothing) {
  for (int32_t reading = 0; reading <= REFUND_READING_ABSENT; reading++) {
    cr_expect_not(keeps_id(429, reading), "reading %d", (int)reading);
  }
  cr_expect_not(keeps_id(401, 0));
  cr_expect_not(keeps_id(401, REFUND_READING_REJECTED));
  cr_expect_not(keeps_id(400, REFUND_READING_REFUSED_BEFORE_PROCESSING));
}

Test(refund_id, once_set_never_changes) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND_SYNC, 500);
  at.answer.refund_id = T("re_2");
  at.refund.connector_refund_id = T("re_1");
  cr_expect(is(exchanging_judge(&at)->connector_refund_id, "re_1"));
  exchanging_close(&at);
}
