/* An answer that speaks of another amount, currency or refund than ours is for a person, whatever its status word. */
#include "exchanging.h"

static bool is(refund_text text, const char *string) {
  return text.data != NULL && text.size == strlen(string) && memcmp(text.data, string, text.size) == 0;
}

static const int32_t statuses[] = {REFUND_STATUS_UNRECOGNIZED, REFUND_STATUS_SUCCESS, REFUND_STATUS_PENDING,
                                   REFUND_STATUS_FAILURE, REFUND_STATUS_MANUAL_REVIEW};
enum { STATUSES = sizeof statuses / sizeof *statuses };

static void contradicts(struct exchanging *at, const char *reason) {
  for (size_t i = 0; i < STATUSES; i++) {
    at->answer.reading = REFUND_READING_STATUS;
    at->answer.status = statuses[i];
    const struct verdict *verdict = exchanging_judge(at);
    cr_expect(verdict->contradicts, "%s", reason);
    cr_expect_eq(verdict->refund_status, REFUND_STATUS_MANUAL_REVIEW);
    cr_expect_eq(exchanging_fact(verdict, false), FACT_CONTRADICTION);
    cr_expect_eq(exchanging_fact(verdict, true), FACT_CONTRADICTION);
    cr_expect(is(verdict->error_reason, reason), "expected %s, found %.*s", reason, (int)verdict->error_reason.size,
              verdict->error_reason.data);
    cr_expect(verdict->error_message.data != NULL && verdict->error_message.size > 0);
  }
}

static void agrees(struct exchanging *at, const char *why) {
  at->answer.reading = REFUND_READING_STATUS;
  at->answer.status = REFUND_STATUS_SUCCESS;
  cr_expect_not(exchanging_judge(at)->contradicts, "%s", why);
  cr_expect_eq(at->verdict.refund_status, REFUND_STATUS_SUCCESS, "%s", why);
}

static void echo(struct exchanging *at, int64_t amount, const char *currency) {
  at->answer.has_amount = true;
  at->answer.amount = amount;
  at->answer.currency = (refund_text){currency, currency == NULL ? 0 : strlen(currency)};
}

Test(amount, that_differs_by_one_minor_unit_is_a_contradiction) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_1");
  echo(&at, 1001, "USD");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.01 USD");
  echo(&at, 999, NULL);
  contradicts(&at, "asked for 10.00 USD, the processor answered 9.99 USD");
  echo(&at, 0, "USD");
  contradicts(&at, "asked for 10.00 USD, the processor answered 0.00 USD");
  echo(&at, -1000, "USD");
  contradicts(&at, "asked for 10.00 USD, the processor answered -10.00 USD");
  echo(&at, INT64_MIN, "USD");
  contradicts(&at, "asked for 10.00 USD, the processor answered -92233720368547758.08 USD");
  exchanging_close(&at);
}

Test(amount, of_the_payment_is_not_the_refunds) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_1");
  echo(&at, at.refund.payment_amount, "USD");
  contradicts(&at, "asked for 10.00 USD, the processor answered 50.00 USD");
  exchanging_close(&at);
}

Test(amount, that_is_echoed_rightly_or_not_at_all_is_fine) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_1");
  agrees(&at, "nothing echoed");
  echo(&at, 1000, NULL);
  agrees(&at, "the amount alone");
  echo(&at, 1000, "USD");
  agrees(&at, "both");
  at.answer.has_amount = false;
  at.answer.amount = 7;
  agrees(&at, "the currency alone");
  exchanging_close(&at);
}

Test(amount, is_compared_in_the_processors_units) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_1");
  at.refund.currency = currency_find(T("ISK"));
  at.descriptor.currencies[0] = (refund_currency){"ISK", 2, 100};
  echo(&at, 100000, "isk");
  agrees(&at, "1000 ISK as 100000");
  echo(&at, 1000, "ISK");
  contradicts(&at, "asked for 1000.00 ISK, the processor answered 10.00 ISK");
  exchanging_close(&at);
}

/* What looks like an echo and is no amount may be any amount. */
Test(amount, that_is_no_number_is_a_contradiction) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_1");
  at.answer.amount_text = T("10,00");
  contradicts(&at, "asked for 10.00 USD, the processor answered \"10,00\", which is no such amount");
  at.answer.amount_text = T("");
  contradicts(&at, "asked for 10.00 USD, the processor answered \"\", which is no such amount");
  exchanging_close(&at);
}

Test(currency, that_differs_is_a_contradiction_with_or_without_an_amount) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_1");
  at.answer.currency = T("huf");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.00 HUF");
  echo(&at, 1000, "EUR");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.00 EUR");
  echo(&at, 1000, "978");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.00 978");
  echo(&at, 1000, "US");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.00 US");
  echo(&at, 1000, "a currency of nowhere");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.00 A CURRE");
  echo(&at, 1000, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
  contradicts(&at, "asked for 10.00 USD, the processor answered 10.00 \xC3\xA9\xC3\xA9\xC3\xA9");
  exchanging_close(&at);
}

Test(currency, may_be_echoed_in_any_case_or_as_its_number) {
  static const char *const spellings[] = {"USD", "usd", "Usd", "840", ""};
  for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, 200);
    at.answer.refund_id = T("re_1");
    echo(&at, 1000, spellings[i]);
    agrees(&at, spellings[i]);
    exchanging_close(&at);
  }
}

Test(reference, may_be_any_of_ours_and_nobody_elses) {
  static const char *const ours[] = {"r1", "ref-r1", "key-r1", ""};
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND_LOOKUP, 200);
  at.answer.refund_id = T("re_1");
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
    at.answer.reference = (refund_text){ours[i], strlen(ours[i])};
    agrees(&at, ours[i]);
  }
  at.answer.reference = T("r2");
  contradicts(&at, "asked for r1, the processor answered for r2");
  at.exchange.sent_reference = at.exchange.sent_key = (refund_text){NULL, 0};
  at.answer.reference = T("ref-r1");
  contradicts(&at, "asked for r1, the processor answered for ref-r1");
  exchanging_close(&at);
}

Test(refund_id, that_is_not_the_one_on_record_is_a_contradiction_and_ours_is_kept) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND_SYNC, 200);
  at.refund.connector_refund_id = T("re_1");
  at.answer.refund_id = T("re_1");
  agrees(&at, "the same");
  at.answer.refund_id = T("re_2");
  contradicts(&at, "asked for the processor's refund re_1, it answered for re_2");
  cr_expect(is(at.verdict.connector_refund_id, "re_1"));
  exchanging_close(&at);
}

Test(refund_id, of_a_reply_that_contradicts_is_kept) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  at.answer.refund_id = T("re_9");
  echo(&at, 5, "USD");
  contradicts(&at, "asked for 10.00 USD, the processor answered 0.05 USD");
  cr_expect(is(at.verdict.connector_refund_id, "re_9"));
  exchanging_close(&at);
}

Test(contradiction, keeps_the_processors_own_message) {
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_FAILURE);
  at.answer.error_message = T("declined");
  echo(&at, 5, "USD");
  cr_expect(is(exchanging_judge(&at)->error_message, "declined"));
  exchanging_close(&at);
}

/* Foreign text is cut, at a character's end. */
Test(contradiction, cuts_a_long_foreign_id_between_two_characters) {
  char id[301];
  struct exchanging at;
  exchanging_open(&at, FLOW_REFUND, 200);
  exchanging_says(&at, REFUND_STATUS_SUCCESS);
  id[0] = 'x';
  for (size_t i = 1; i + 1 < sizeof id; i += 2)
    memcpy(id + i, "\xC3\xA9", 2);
  at.answer.reference = (refund_text){id, 299}; /* and nothing says that a NUL follows */
  refund_text reason = exchanging_judge(&at)->error_reason;
  cr_expect_eq(reason.size, strlen("asked for r1, the processor answered for ") + 99, "%s", reason.data);
  exchanging_close(&at);
}
