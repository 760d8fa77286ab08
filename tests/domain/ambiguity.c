/* The law that matters most: nothing ambiguous ever becomes a success or a failure. Random answers of random HTTP
 * statuses, judged, and followed into the state that the refund would be in. */
#include "chance.h"
#include "exchanging.h"

enum { ROUNDS = 200000 };

static bool maybe(uint64_t *seed, unsigned one_in) {
  return chance(seed) % one_in == 0;
}

static void say_anything(struct exchanging *at, uint64_t *seed) {
  static const int32_t numbers[] = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 99};
  enum { NUMBERS = sizeof numbers / sizeof *numbers };
  struct answer *answer = &at->answer;
  answer->reading = maybe(seed, 3) ? REFUND_READING_STATUS : numbers[chance(seed) % NUMBERS];
  answer->status = numbers[chance(seed) % NUMBERS];
  answer->names = numbers[chance(seed) % NUMBERS];
  answer->replayed = maybe(seed, 4);
  if (maybe(seed, 2)) answer->refund_id = maybe(seed, 4) ? T("") : T("re_1");
  if (maybe(seed, 4)) answer->reference = maybe(seed, 2) ? T("r1") : T("r2");
  if (maybe(seed, 2)) answer->error_code = maybe(seed, 4) ? T("invalid_client") : T("code");
  if (maybe(seed, 2)) answer->error_message = T("message");
  if (maybe(seed, 4)) answer->status_word = T("word");
  if (maybe(seed, 20)) answer->amount_text = T("ten");
  if (maybe(seed, 4)) answer->currency = maybe(seed, 2) ? T("usd") : T("EUR");
  answer->has_amount = maybe(seed, 3);
  answer->amount = maybe(seed, 3) ? 999 : 1000;
  if (maybe(seed, 5)) at->refund.connector_refund_id = maybe(seed, 2) ? T("re_1") : T("re_0");
}

static void exchange_anything(struct exchanging *at, uint64_t *seed) {
  static const int special[] = {0,   100, 200, 201, 202, 204, 301, 302, 307, 400, 401, 402, 403,
                                404, 408, 409, 422, 423, 425, 429, 500, 502, 503, 504, 599};
  int http = maybe(seed, 2) ? special[chance(seed) % (sizeof special / sizeof *special)] : (int)(chance(seed) % 700);
  exchanging_open(at, (enum flow_kind)(chance(seed) % 3), http);
  at->exchange.transmissions = (unsigned)(chance(seed) % 4);
  at->exchange.complete = !maybe(seed, 6) && at->exchange.transmissions > 0;
  at->exchange.used_access_token = maybe(seed, 2);
  say_anything(at, seed);
  if (!at->exchange.complete) at->exchange.answer = NULL;
}

/* Of itself this HTTP status decides nothing. */
static bool is_undecided(int http) {
  return http < 200 || (http >= 300 && http <= 399) || http == 408 || http == 423 || http == 425 || http >= 500;
}

/* A conflict decides nothing, but for what the connector reads in it and for refused credentials. */
static bool is_clear_conflict(const struct answer *answer) {
  bool refused = answer->reading == REFUND_READING_REFUSED_BEFORE_PROCESSING && answer->error_code.data != NULL &&
                 strcmp(answer->error_code.data, "invalid_client") == 0;
  return refused || answer->reading == REFUND_READING_REJECTED || answer->reading == REFUND_READING_DUPLICATE ||
         answer->reading == REFUND_READING_ACCOUNT_REFUSED;
}

static bool is_clear(const struct exchanging *at) {
  int http = at->exchange.http_status;
  return at->exchange.transmissions > 0 && at->exchange.complete && !is_undecided(http) && http != 429 &&
         (http != 409 || is_clear_conflict(&at->answer));
}

static bool may_be_success(const struct exchanging *at) {
  bool id = (at->answer.refund_id.size > 0) || at->refund.connector_refund_id.size > 0;
  return is_clear(at) && at->answer.reading == REFUND_READING_STATUS && at->answer.status == REFUND_STATUS_SUCCESS &&
         id;
}

static bool may_be_failure(const struct exchanging *at) {
  bool said = at->answer.reading == REFUND_READING_STATUS && at->answer.status == REFUND_STATUS_FAILURE;
  bool refused = at->exchange.flow == FLOW_REFUND && (at->answer.reading == REFUND_READING_REJECTED ||
                                                      at->answer.reading == REFUND_READING_REFUSED_BEFORE_PROCESSING ||
                                                      at->answer.reading == REFUND_READING_ACCOUNT_REFUSED);
  bool unread_401 = at->exchange.flow == FLOW_REFUND && at->exchange.http_status == 401 &&
                    (at->answer.reading <= 0 || at->answer.reading > REFUND_READING_ACCOUNT_REFUSED);
  return is_clear(at) && (said || refused || unread_401);
}

static bool differs(const struct answer *answer, const struct refund *refund) {
  bool amount = answer->has_amount && answer->amount != refund->refund_amount;
  bool currency = answer->currency.size > 0 && answer->currency.data[0] != 'u';
  bool reference = answer->reference.size > 0 && strcmp(answer->reference.data, "r1") != 0;
  bool id = answer->refund_id.size > 0 && refund->connector_refund_id.size > 0 &&
            strcmp(answer->refund_id.data, refund->connector_refund_id.data) != 0;
  return amount || currency || reference || id || answer->amount_text.data != NULL;
}

static void follow(const struct exchanging *at, bool earlier_unknown, int round) {
  bool is_look = at->exchange.flow != FLOW_REFUND;
  struct position from = {is_look ? STATE_UNKNOWN : STATE_SENDING, DETAIL_NONE};
  struct position to;
  enum fact fact = exchanging_fact(&at->verdict, earlier_unknown);
  bool moved = state_next(from, fact, &to);
  cr_assert(moved || (is_look && fact == FACTS), "round %d: every verdict leads somewhere", round);
  if (to.state == STATE_SUCCEEDED) cr_assert(may_be_success(at) && !at->verdict.contradicts, "round %d", round);
  if (to.state == STATE_FAILED) {
    bool said = at->answer.reading == REFUND_READING_STATUS;
    cr_assert(is_clear(at) && !at->verdict.contradicts, "round %d", round);
    cr_assert(said || !is_look, "round %d: a look that is refused says nothing of the refund", round);
    cr_assert(said ? at->answer.status == REFUND_STATUS_FAILURE : at->answer.reading == REFUND_READING_REJECTED,
              "round %d", round);
    cr_assert(said || !earlier_unknown, "round %d: a rejection says nothing of an earlier attempt", round);
  }
  if (to.state == STATE_NEW) {
    bool refused = at->exchange.transmissions == 0 || at->verdict.attempt_class == CLASS_REFUSED;
    cr_assert(refused && !earlier_unknown && !is_look, "round %d: what may have arrived is not sent anew", round);
  }
}

Test(ambiguity, never_becomes_success_or_failure) {
  uint64_t seed = 82;
  int successes = 0;
  int failures = 0;
  for (int round = 0; round < ROUNDS; round++) {
    struct exchanging at;
    exchange_anything(&at, &seed);
    const struct verdict *verdict = exchanging_judge(&at);
    if (verdict->refund_status == REFUND_STATUS_SUCCESS) cr_assert(may_be_success(&at), "round %d", round);
    if (verdict->refund_status == REFUND_STATUS_FAILURE) cr_assert(may_be_failure(&at), "round %d", round);
    if (!is_clear(&at)) cr_assert_eq(verdict->refund_status, REFUND_STATUS_PENDING, "round %d", round);
    if (verdict->attempt_class == CLASS_ACCEPTED && differs(&at.answer, &at.refund)) {
      cr_assert_eq(verdict->refund_status, REFUND_STATUS_MANUAL_REVIEW, "round %d", round);
    }
    follow(&at, false, round);
    follow(&at, true, round);
    successes += verdict->refund_status == REFUND_STATUS_SUCCESS;
    failures += verdict->refund_status == REFUND_STATUS_FAILURE;
    exchanging_close(&at);
  }
  cr_expect(successes > 300 && failures > 1000, "the law was put to the test: %d and %d", successes, failures);
}

Test(ambiguity, of_each_http_status_is_as_the_rules_have_it) {
  for (int http = 0; http < 700; http++) {
    struct exchanging at;
    exchanging_open(&at, FLOW_REFUND, http);
    exchanging_says(&at, REFUND_STATUS_SUCCESS);
    bool undecided = is_undecided(http) || http == 409;
    enum attempt_class expected = http == 429 ? CLASS_REFUSED : undecided ? CLASS_AMBIGUOUS : CLASS_ACCEPTED;
    cr_expect_eq(exchanging_judge(&at)->attempt_class, expected, "HTTP %d", http);
    exchanging_close(&at);
  }
}
