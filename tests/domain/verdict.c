/* What one exchange proves: every class of attempt, and the one rule for what a person is told. */
#include "exchanging.h"

enum { SUCCESS = REFUND_STATUS_SUCCESS, PENDING = REFUND_STATUS_PENDING, FAILURE = REFUND_STATUS_FAILURE };
enum { UNREAD = 0, STATUS = REFUND_READING_STATUS, REJECTED = REFUND_READING_REJECTED };
enum { DUPLICATE = REFUND_READING_DUPLICATE, IN_PROGRESS = REFUND_READING_IN_PROGRESS };
enum { REFUSED = REFUND_READING_REFUSED_BEFORE_PROCESSING, ABSENT = REFUND_READING_ABSENT };

static const struct {
  const char *evidence;
  enum flow_kind flow;
  int http_status; /* 0: no whole reply */
  int32_t reading;
  int32_t status;
  const char *code; /* that the connector read; NULL: none */
  enum attempt_class attempt_class;
  int32_t refund_status;
  enum fact first; /* no attempt before it is unknown */
  enum fact later; /* one is */
} rows[] = {
    /* A' */
    {"a reading", FLOW_REFUND, 400, REFUSED, 0, "busy", CLASS_REFUSED, PENDING, FACT_UNSENT, FACT_UNSENT_AFTER_UNKNOWN},
    {"429, unread", FLOW_REFUND, 429, UNREAD, 0, NULL, CLASS_REFUSED, PENDING, FACT_UNSENT, FACT_UNSENT_AFTER_UNKNOWN},
    {"429, whatever the body says", FLOW_REFUND, 429, STATUS, SUCCESS, NULL, CLASS_REFUSED, PENDING, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"429, whatever the body says", FLOW_REFUND, 429, REJECTED, 0, "x", CLASS_REFUSED, PENDING, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"401, unread", FLOW_REFUND, 401, UNREAD, 0, NULL, CLASS_REFUSED, FAILURE, FACT_UNSENT, FACT_UNSENT_AFTER_UNKNOWN},
    {"401, read", FLOW_REFUND, 401, REJECTED, 0, "bad_key", CLASS_REFUSED, FAILURE, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"401, stale token", FLOW_REFUND, 401, REFUSED, 0, "expired", CLASS_REFUSED, FAILURE, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"403 without a readable code", FLOW_REFUND, 403, UNREAD, 0, NULL, CLASS_REFUSED, PENDING, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"403 without a readable code", FLOW_REFUND, 403, REJECTED, 0, NULL, CLASS_REFUSED, FAILURE, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"invalid_client", FLOW_REFUND, 400, REJECTED, 0, "invalid_client", CLASS_REFUSED, FAILURE, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"invalid_client", FLOW_REFUND, 401, REJECTED, 0, "invalid_client", CLASS_REFUSED, FAILURE, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},
    {"invalid_client", FLOW_REFUND, 403, REJECTED, 0, "invalid_client", CLASS_REFUSED, FAILURE, FACT_UNSENT,
     FACT_UNSENT_AFTER_UNKNOWN},

    /* B */
    {"no whole reply", FLOW_REFUND, 0, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"1xx only", FLOW_REFUND, 103, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"3xx", FLOW_REFUND, 302, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"3xx, whatever it says", FLOW_REFUND, 307, STATUS, SUCCESS, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"408, whatever it says", FLOW_REFUND, 408, REJECTED, 0, "x", CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"423, whatever it says", FLOW_REFUND, 423, REJECTED, 0, "x", CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"425, whatever it says", FLOW_REFUND, 425, REFUSED, 0, "x", CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"500, whatever it says", FLOW_REFUND, 500, REJECTED, 0, "x", CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"502, HTML", FLOW_REFUND, 502, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"503, whatever it says", FLOW_REFUND, 503, REFUSED, 0, "x", CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"504, whatever it says", FLOW_REFUND, 504, STATUS, SUCCESS, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"500 with invalid_client", FLOW_REFUND, 500, REJECTED, 0, "invalid_client", CLASS_AMBIGUOUS, PENDING,
     FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"409, unread", FLOW_REFUND, 409, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"409, in progress", FLOW_REFUND, 409, IN_PROGRESS, 0, "x", CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"409, a conflict is no success", FLOW_REFUND, 409, STATUS, SUCCESS, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"409, and no refusal before processing", FLOW_REFUND, 409, REFUSED, 0, "x", CLASS_AMBIGUOUS, PENDING,
     FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"200, unread", FLOW_REFUND, 200, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"204", FLOW_REFUND, 204, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"400, unread", FLOW_REFUND, 400, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"404, unread", FLOW_REFUND, 404, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"200, in progress", FLOW_REFUND, 200, IN_PROGRESS, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"an absence that answers a refund", FLOW_REFUND, 404, ABSENT, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},
    {"a reading of a later version", FLOW_REFUND, 200, 99, SUCCESS, NULL, CLASS_AMBIGUOUS, PENDING, FACT_AMBIGUOUS,
     FACT_AMBIGUOUS},

    /* C */
    {"200, an error", FLOW_REFUND, 200, REJECTED, 0, "x", CLASS_REJECTED, FAILURE, FACT_REJECTED, FACT_REJECTED_LATER},
    {"400, an error", FLOW_REFUND, 400, REJECTED, 0, "x", CLASS_REJECTED, FAILURE, FACT_REJECTED, FACT_REJECTED_LATER},
    {"402, an error", FLOW_REFUND, 402, REJECTED, 0, NULL, CLASS_REJECTED, FAILURE, FACT_REJECTED, FACT_REJECTED_LATER},
    {"403 with a code", FLOW_REFUND, 403, REJECTED, 0, "901", CLASS_REJECTED, FAILURE, FACT_REJECTED,
     FACT_REJECTED_LATER},
    {"404, an error", FLOW_REFUND, 404, REJECTED, 0, "x", CLASS_REJECTED, FAILURE, FACT_REJECTED, FACT_REJECTED_LATER},
    {"409 with a rejection in it", FLOW_REFUND, 409, REJECTED, 0, "x", CLASS_REJECTED, FAILURE, FACT_REJECTED,
     FACT_REJECTED_LATER},
    {"422, an error", FLOW_REFUND, 422, REJECTED, 0, "x", CLASS_REJECTED, FAILURE, FACT_REJECTED, FACT_REJECTED_LATER},

    /* C' */
    {"400, duplicate", FLOW_REFUND, 400, DUPLICATE, 0, "x", CLASS_DUPLICATE, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"409, duplicate", FLOW_REFUND, 409, DUPLICATE, 0, "x", CLASS_DUPLICATE, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},
    {"401, duplicate", FLOW_REFUND, 401, DUPLICATE, 0, "x", CLASS_DUPLICATE, PENDING, FACT_AMBIGUOUS, FACT_AMBIGUOUS},

    /* D */
    {"200, success", FLOW_REFUND, 200, STATUS, SUCCESS, NULL, CLASS_ACCEPTED, SUCCESS, FACT_SAID_SUCCESS,
     FACT_SAID_SUCCESS},
    {"201, pending", FLOW_REFUND, 201, STATUS, PENDING, NULL, CLASS_ACCEPTED, PENDING, FACT_SAID_PENDING,
     FACT_SAID_PENDING},
    {"202, failure", FLOW_REFUND, 202, STATUS, FAILURE, "x", CLASS_ACCEPTED, FAILURE, FACT_SAID_FAILURE,
     FACT_SAID_FAILURE},
    {"200, a person has to look", FLOW_REFUND, 200, STATUS, REFUND_STATUS_MANUAL_REVIEW, NULL, CLASS_ACCEPTED,
     REFUND_STATUS_MANUAL_REVIEW, FACT_SAID_REVIEW, FACT_SAID_REVIEW},
    {"402 with a status word", FLOW_REFUND, 402, STATUS, FAILURE, "x", CLASS_ACCEPTED, FAILURE, FACT_SAID_FAILURE,
     FACT_SAID_FAILURE},

    /* Looks: the look fails, not the refund. */
    {"sync, success", FLOW_REFUND_SYNC, 200, STATUS, SUCCESS, NULL, CLASS_ACCEPTED, SUCCESS, FACT_SAID_SUCCESS,
     FACT_SAID_SUCCESS},
    {"sync, failure", FLOW_REFUND_SYNC, 200, STATUS, FAILURE, NULL, CLASS_ACCEPTED, FAILURE, FACT_SAID_FAILURE,
     FACT_SAID_FAILURE},
    {"sync, an error", FLOW_REFUND_SYNC, 400, REJECTED, 0, "x", CLASS_REJECTED, PENDING, FACTS, FACTS},
    {"sync, 401", FLOW_REFUND_SYNC, 401, UNREAD, 0, NULL, CLASS_REFUSED, PENDING, FACTS, FACTS},
    {"sync, 401, read", FLOW_REFUND_SYNC, 401, REJECTED, 0, "x", CLASS_REFUSED, PENDING, FACTS, FACTS},
    {"sync, 429", FLOW_REFUND_SYNC, 429, UNREAD, 0, NULL, CLASS_REFUSED, PENDING, FACTS, FACTS},
    {"sync, 500", FLOW_REFUND_SYNC, 500, STATUS, FAILURE, NULL, CLASS_AMBIGUOUS, PENDING, FACTS, FACTS},
    {"sync, unread", FLOW_REFUND_SYNC, 200, UNREAD, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACTS, FACTS},
    {"sync, no such refund", FLOW_REFUND_SYNC, 404, ABSENT, 0, NULL, CLASS_ABSENT, PENDING, FACTS, FACTS},
    {"look-up, none in a complete list", FLOW_REFUND_LOOKUP, 200, ABSENT, 0, NULL, CLASS_ABSENT, PENDING, FACTS, FACTS},
    {"look-up, the list goes on", FLOW_REFUND_LOOKUP, 200, IN_PROGRESS, 0, NULL, CLASS_AMBIGUOUS, PENDING, FACTS,
     FACTS},
};

Test(verdict, follows_every_row_of_the_rules) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct exchanging at;
    exchanging_open(&at, rows[i].flow, rows[i].http_status);
    at.exchange.complete = rows[i].http_status != 0;
    if (!at.exchange.complete) at.exchange.answer = NULL;
    at.answer.reading = rows[i].reading;
    at.answer.status = rows[i].status;
    if (rows[i].reading == STATUS) at.answer.refund_id = T("re_1");
    if (rows[i].code != NULL) at.answer.error_code = (refund_text){rows[i].code, strlen(rows[i].code)};
    const struct verdict *verdict = exchanging_judge(&at);
    cr_expect_eq(verdict->attempt_class, rows[i].attempt_class, "%s: %s", rows[i].evidence,
                 attempt_class_name(verdict->attempt_class));
    cr_expect_eq(verdict->refund_status, rows[i].refund_status, "%d %s: %s", rows[i].http_status, rows[i].evidence,
                 refund_status_name(verdict->refund_status));
    cr_expect_eq(exchanging_fact(verdict, false), rows[i].first, "%s: %s", rows[i].evidence,
                 exchanging_fact_name(exchanging_fact(verdict, false)));
    cr_expect_eq(exchanging_fact(verdict, true), rows[i].later, "%s: %s", rows[i].evidence,
                 exchanging_fact_name(exchanging_fact(verdict, true)));
    exchanging_close(&at);
  }
}

/* ---- What was sent ---- */

Test(verdict, of_what_never_reached_a_connection_is_not_sent) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 0);
  at.exchange.transmissions = 0;
  at.exchange.complete = false;
  at.exchange.answer = NULL;
  at.exchange.problem = T("could not resolve host");
  const struct verdict *verdict = exchanging_judge(&at);
  cr_expect_eq(verdict->attempt_class, CLASS_NOT_SENT);
  cr_expect_eq(verdict->refund_status, PENDING);
  cr_expect_str_eq(verdict->error_code.data, "NOT_SENT");
  cr_expect_str_eq(verdict->error_message.data, "could not resolve host");
  cr_expect_eq(exchanging_fact(verdict, false), FACT_UNSENT);
  cr_expect_eq(exchanging_fact(verdict, true), FACT_UNSENT_AFTER_UNKNOWN);
  exchanging_close(&at);
}

/* A second transmission was cut off: the first may have arrived. */
Test(verdict, of_a_resend_that_was_cut_off_is_ambiguous) {
  for (unsigned transmissions = 1; transmissions < 4; transmissions++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, 0);
    at.exchange.transmissions = transmissions;
    at.exchange.complete = false;
    at.exchange.answer = NULL;
    at.exchange.problem = T("the connection was reset");
    const struct verdict *verdict = exchanging_judge(&at);
    cr_expect_eq(verdict->attempt_class, CLASS_AMBIGUOUS);
    cr_expect_str_eq(verdict->error_code.data, "NO_RESPONSE");
    cr_expect_str_eq(verdict->error_message.data, "the connection was reset");
    exchanging_close(&at);
  }
}

Test(verdict, tells_a_refusal_of_the_account_from_one_of_the_refund) {
  static const struct {
    int http_status;
    int32_t reading;
    const char *code;
    bool about_account;
  } cases[] = {{401, UNREAD, NULL, true},
               {401, REJECTED, "x", true},
               {401, IN_PROGRESS, "x", false},
               {401, DUPLICATE, "x", false},
               {403, UNREAD, NULL, true},
               {403, REJECTED, NULL, true},
               {403, REJECTED, "x", false},
               {403, REJECTED, "invalid_client", true},
               {400, REJECTED, "invalid_client", true},
               {400, REJECTED, "x", false},
               {400, UNREAD, NULL, false},
               {200, REFUND_READING_ACCOUNT_REFUSED, "E00007", true},
               {409, REFUND_READING_ACCOUNT_REFUSED, NULL, true},
               {429, REFUND_READING_ACCOUNT_REFUSED, "x", false},
               {500, REFUND_READING_ACCOUNT_REFUSED, "x", false},
               {429, UNREAD, NULL, false},
               {500, UNREAD, NULL, false},
               {400, STATUS, "invalid_client", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, cases[i].http_status);
    at.answer.reading = cases[i].reading;
    if (cases[i].code != NULL) at.answer.error_code = (refund_text){cases[i].code, strlen(cases[i].code)};
    cr_expect_eq(exchanging_judge(&at)->about_account, cases[i].about_account, "%d %s", cases[i].http_status,
                 cases[i].code == NULL ? "" : cases[i].code);
    exchanging_close(&at);
  }
}

/* Its status is the payment's, which never is the refund's. */
Test(verdict, takes_no_payments_id_for_a_refunds_where_these_are_unique) {
  static const int32_t statuses[] = {SUCCESS, REFUND_STATUS_FAILURE, REFUND_STATUS_MANUAL_REVIEW};
  for (int i = 0; i < 6; i++) {
    struct exchanging at;
    refund_descriptor unique = {.flags = REFUND_IDS_UNIQUE};
    exchanging_open(&at, i % 2 == 0 ? FLOW_REFUND : FLOW_REFUND_LOOKUP, 200);
    at.answer.reading = STATUS;
    at.answer.status = statuses[i / 2];
    at.answer.refund_id = at.refund.connector_transaction_id;
    cr_expect_eq(exchanging_judge(&at)->attempt_class, CLASS_ACCEPTED, "%d: such ids say nothing here", i);
    at.exchange.descriptor = &unique;
    const struct verdict *verdict = exchanging_judge(&at);
    cr_expect_eq(verdict->attempt_class, CLASS_AMBIGUOUS, "%d", i);
    cr_expect_eq(verdict->refund_status, REFUND_STATUS_PENDING, "%d", i);
    cr_expect_null(verdict->connector_refund_id.data, "%d", i);
    cr_expect_str_eq(verdict->error_message.data, "the processor answered with the payment's id as the refund's");
    exchanging_close(&at);
  }
}

Test(verdict, of_an_access_token_needs_no_refund) {
  struct exchanging at;
  exchanging_open(&at, FLOW_ACCESS_TOKEN, 200);
  at.exchange.refund = NULL;
  at.answer.reading = STATUS;
  at.answer.status = SUCCESS;
  cr_expect_eq(exchanging_judge(&at)->attempt_class, CLASS_ACCEPTED);
  exchanging_close(&at);
}

Test(verdict, words_are_those_of_the_rules) {
  static const char *const classes[] = {"A", "A'", "B", "C", "C'", "D", "absent"};
  static const char *const readings[] = {"status", "rejected", "duplicate", "in_progress", "refused_before_processing",
                                         "absent"};
  for (int i = 0; i < CLASSES; i++)
    cr_expect_str_eq(attempt_class_name((enum attempt_class)i), classes[i]);
  for (int32_t i = 1; i <= ABSENT; i++)
    cr_expect_str_eq(reading_name(i), readings[i - 1]);
  cr_expect_null(reading_name(0));
  cr_expect_null(reading_name(ABSENT + 1));
  cr_expect_null(reading_name(-1));
  cr_expect_str_eq(refund_status_name(SUCCESS), "success");
  cr_expect_str_eq(refund_status_name(PENDING), "pending");
  cr_expect_str_eq(refund_status_name(FAILURE), "failure");
  cr_expect_str_eq(refund_status_name(REFUND_STATUS_MANUAL_REVIEW), "manual_review");
  cr_expect_str_eq(refund_status_name(0), "pending");
  cr_expect_str_eq(refund_status_name(99), "pending");
  cr_expect_str_eq(refund_status_name(-1), "pending");
}
