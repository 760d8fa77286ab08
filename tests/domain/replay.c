/* A stored answer that comes again: it ends what was lost, or it shows that somebody else used our key. */
#include "exchanging.h"

enum { READ = REFUND_READING_STATUS, REJECTED = REFUND_READING_REJECTED, DUPLICATE = REFUND_READING_DUPLICATE };
enum { REFUSED = REFUND_READING_REFUSED_BEFORE_PROCESSING };

#define FIRST \
  { false, false, false, false }
#define AFTER_ONE_THAT_DID_NOTHING \
  { true, false, false, false }
#define AFTER_ONE_UNKNOWN \
  { true, true, false, false }
#define REPEAT \
  { true, true, true, false }

static const struct {
  const char *rule;
  int http_status;
  int32_t reading;
  bool replayed;
  struct circumstances circumstances;
  enum fact fact;
} rows[] = {
    {"first: somebody else's success", 200, READ, true, FIRST, FACT_CONTRADICTION},
    {"first: somebody else's rejection", 400, REJECTED, true, FIRST, FACT_CONTRADICTION},
    {"first: somebody else's, unread", 500, 0, true, FIRST, FACT_CONTRADICTION},
    {"first: somebody else's, and known", 400, DUPLICATE, true, FIRST, FACT_CONTRADICTION},
    {"first: somebody else was refused unprocessed", 429, REFUSED, true, FIRST, FACT_UNSENT},
    {"first: not replayed", 400, REJECTED, false, FIRST, FACT_REJECTED},
    {"one before it did nothing: our own success", 200, READ, true, AFTER_ONE_THAT_DID_NOTHING, FACT_SAID_SUCCESS},
    {"one before it did nothing: our own rejection", 400, REJECTED, true, AFTER_ONE_THAT_DID_NOTHING, FACT_REJECTED},
    {"repeat: the success that was lost", 200, READ, true, REPEAT, FACT_SAID_SUCCESS},
    {"repeat: the rejection that was lost", 400, REJECTED, true, REPEAT, FACT_REJECTED_REPLAY},
    {"repeat: rejected anew", 400, REJECTED, false, REPEAT, FACT_REJECTED_LATER},
    {"repeat: the 500 that was lost tells nothing", 500, REJECTED, true, REPEAT, FACT_AMBIGUOUS},
    {"repeat: refused unprocessed", 429, REFUSED, true, REPEAT, FACT_UNSENT_AFTER_UNKNOWN},
    {"repeat under a key that does not count", 400, REJECTED, true, AFTER_ONE_UNKNOWN, FACT_REJECTED_LATER},
};

static const struct verdict *judge(struct exchanging *at, size_t row, enum flow_kind flow) {
  exchanging_open(at, flow, rows[row].http_status);
  if (rows[row].reading == READ) exchanging_says(at, REFUND_STATUS_SUCCESS);
  at->answer.reading = rows[row].reading;
  if (rows[row].reading == REJECTED) at->answer.error_code = T("x");
  at->answer.replayed = rows[row].replayed;
  return exchanging_judge(at);
}

Test(replay, is_taken_by_every_rule) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct exchanging at;
    enum fact fact = verdict_fact(judge(&at, i, FLOW_REFUND), &rows[i].circumstances);
    cr_expect_eq(fact, rows[i].fact, "%s: %s", rows[i].rule, exchanging_fact_name(fact));
    exchanging_close(&at);
  }
}

Test(replay, of_what_was_not_sent_is_none) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 0);
  at.exchange.transmissions = 0;
  at.exchange.complete = false;
  at.exchange.answer = NULL;
  cr_expect_not(exchanging_judge(&at)->replayed);
  cr_expect_eq(exchanging_fact(&at.verdict, false), FACT_UNSENT);
  exchanging_close(&at);
}

/* A look is no request with our key: a cached answer to it is an answer. */
Test(replay, to_a_look_is_an_answer) {
  for (enum flow_kind flow = FLOW_REFUND_SYNC; flow <= FLOW_REFUND_LOOKUP; flow++) {
    struct exchanging at;
    cr_expect_eq(exchanging_fact(judge(&at, 0, flow), false), FACT_SAID_SUCCESS);
    exchanging_close(&at);
    cr_expect_eq(exchanging_fact(judge(&at, 1, flow), false), FACTS);
    exchanging_close(&at);
  }
}

Test(replay, to_a_look_that_may_create_is_one_to_an_attempt) {
  static const struct circumstances repeat = {true, true, true, true};
  static const struct circumstances otherwise = {true, true, false, true};
  struct exchanging at;
  cr_expect_eq(verdict_fact(judge(&at, 1, FLOW_REFUND_LOOKUP), &repeat), FACT_REJECTED_REPLAY);
  cr_expect_eq(verdict_fact(&at.verdict, &otherwise), FACT_REJECTED_LATER);
  exchanging_close(&at);
  cr_expect_eq(verdict_fact(judge(&at, 4, FLOW_REFUND_LOOKUP), &repeat), FACT_UNSENT_AFTER_UNKNOWN);
  exchanging_close(&at);
  cr_expect_eq(verdict_fact(judge(&at, 2, FLOW_REFUND_LOOKUP), &repeat), FACT_AMBIGUOUS);
  exchanging_close(&at);
}

Test(replay, that_is_somebody_elses_is_explained) {
  struct exchanging at;
  judge(&at, 0, FLOW_REFUND);
  verdict_explain_replay(&at.verdict);
  cr_expect(at.verdict.contradicts);
  cr_expect_eq(at.verdict.refund_status, REFUND_STATUS_MANUAL_REVIEW);
  cr_expect_not_null(strstr(at.verdict.error_message.data, "never sent before"));
  cr_expect_not_null(strstr(at.verdict.error_reason.data, "key was used before"));
  exchanging_close(&at);
}

/* ---- What an answer is about ---- */

Test(verdict, names_what_the_connector_says) {
  static const struct {
    int32_t said;
    int32_t names;
  } cases[] = {{REFUND_NAMES_NOTHING, REFUND_NAMES_NOTHING},     {REFUND_NAMES_REFERENCE, REFUND_NAMES_REFERENCE},
               {REFUND_NAMES_REFUND_ID, REFUND_NAMES_REFUND_ID}, {REFUND_NAMES_PAYMENT, REFUND_NAMES_PAYMENT},
               {REFUND_NAMES_PAYMENT + 1, REFUND_NAMES_NOTHING}, {-1, REFUND_NAMES_NOTHING}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND_LOOKUP, 200);
    exchanging_says(&at, REFUND_STATUS_SUCCESS);
    at.answer.names = cases[i].said;
    cr_expect_eq(exchanging_judge(&at)->names, cases[i].names, "%d", cases[i].said);
    exchanging_close(&at);
  }
}
