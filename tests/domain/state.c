/* The states and their transitions: every row of the engine's rules, and the law that nothing else moves a refund. */
#include "domain/state.h"

#include <criterion/criterion.h>
#include <string.h>

enum { DETAILS = DETAIL_KEEP, ANY = DETAIL_KEEP };

/* One line a state that a rule speaks of; `rule` in the words of the engine's rules. */
static const struct row {
  const char *rule;
  enum state from;
  int if_detail;
  enum fact fact;
  enum state to;
  enum state_detail detail;
} rows[] = {
    {"new: flow missing", STATE_NEW, ANY, FACT_UNSUPPORTED, STATE_FAILED, DETAIL_UNSUPPORTED},
    {"new: plugin refuses, build or host checks fail", STATE_NEW, ANY, FACT_NOT_BUILT, STATE_FAILED, DETAIL_NOT_SENT},
    {"new: attempt record durable", STATE_NEW, ANY, FACT_ATTEMPT, STATE_SENDING, DETAIL_NONE},
    {"new: cancel", STATE_NEW, ANY, FACT_CANCEL, STATE_FAILED, DETAIL_CANCELED},
    {"new: budget of unsent attempts spent", STATE_NEW, ANY, FACT_UNSENT_SPENT, STATE_FAILED, DETAIL_NOT_SENT},
    {"new: budget of refused attempts spent", STATE_NEW, ANY, FACT_REFUSED_SPENT, STATE_FAILED, DETAIL_REJECTED},
    {"new, in a ledger that was restored", STATE_NEW, ANY, FACT_RESTORED, STATE_UNKNOWN, DETAIL_NONE},
    {"any open: contradiction", STATE_NEW, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"new: yet the processor has it", STATE_NEW, ANY, FACT_SAID_PENDING, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"new: yet the processor has it", STATE_NEW, ANY, FACT_SAID_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"new: yet the processor has it", STATE_NEW, ANY, FACT_SAID_REVIEW, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"new: yet the processor has it", STATE_NEW, ANY, FACT_REPORTED_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},

    {"sending: A or A', budget left", STATE_SENDING, ANY, FACT_UNSENT, STATE_NEW, DETAIL_NONE},
    {"sending: A, budget spent", STATE_SENDING, ANY, FACT_UNSENT_SPENT, STATE_FAILED, DETAIL_NOT_SENT},
    {"sending: A', budget spent, the last word an answer", STATE_SENDING, ANY, FACT_REFUSED_SPENT, STATE_FAILED,
     DETAIL_REJECTED},
    {"sending: A or A', an earlier attempt unknown", STATE_SENDING, ANY, FACT_UNSENT_AFTER_UNKNOWN, STATE_UNKNOWN,
     DETAIL_NONE},
    {"sending: C, none earlier unknown", STATE_SENDING, ANY, FACT_REJECTED, STATE_FAILED, DETAIL_REJECTED},
    {"sending: C, an earlier attempt unknown", STATE_SENDING, ANY, FACT_REJECTED_LATER, STATE_UNKNOWN, DETAIL_NONE},
    {"sending: C replayed", STATE_SENDING, ANY, FACT_REJECTED_REPLAY, STATE_FAILED, DETAIL_REJECTED},
    {"sending: B, C', in progress", STATE_SENDING, ANY, FACT_AMBIGUOUS, STATE_UNKNOWN, DETAIL_NONE},
    {"sending: D, as its status says", STATE_SENDING, ANY, FACT_SAID_PENDING, STATE_PENDING, DETAIL_NONE},
    {"sending: D, as its status says", STATE_SENDING, ANY, FACT_SAID_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"sending: D, as its status says", STATE_SENDING, ANY, FACT_SAID_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {"sending: D, as its status says", STATE_SENDING, ANY, FACT_SAID_REVIEW, STATE_MANUAL_REVIEW, DETAIL_THEIRS},
    {"any open: contradiction", STATE_SENDING, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"owner dead, no key, no look-up", STATE_SENDING, ANY, FACT_BUDGET_SPENT, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"sending: account changed", STATE_SENDING, ANY, FACT_ACCOUNT_CHANGED, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"sending, in a ledger that was restored", STATE_SENDING, ANY, FACT_RESTORED, STATE_UNKNOWN, DETAIL_NONE},
    {"sending: settle", STATE_SENDING, ANY, FACT_REPORTED_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"sending: settle", STATE_SENDING, ANY, FACT_REPORTED_FAILURE, STATE_FAILED, DETAIL_REJECTED},

    {"unknown: a repeat is on disk", STATE_UNKNOWN, ANY, FACT_ATTEMPT, STATE_SENDING, DETAIL_NONE},
    {"unknown: still nothing known", STATE_UNKNOWN, ANY, FACT_AMBIGUOUS, STATE_UNKNOWN, DETAIL_NONE},
    {"unknown: a replay or look-up tells", STATE_UNKNOWN, ANY, FACT_SAID_PENDING, STATE_PENDING, DETAIL_NONE},
    {"unknown: a replay or look-up tells", STATE_UNKNOWN, ANY, FACT_SAID_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"unknown: a replay or look-up tells", STATE_UNKNOWN, ANY, FACT_SAID_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {"unknown: a replay or look-up tells", STATE_UNKNOWN, ANY, FACT_SAID_REVIEW, STATE_MANUAL_REVIEW, DETAIL_THEIRS},
    {"unknown: remap reads its only reply as C", STATE_UNKNOWN, ANY, FACT_REJECTED, STATE_FAILED, DETAIL_REJECTED},
    {"unknown: the rejection that was lost", STATE_UNKNOWN, ANY, FACT_REJECTED_REPLAY, STATE_FAILED, DETAIL_REJECTED},
    {"any open: contradiction", STATE_UNKNOWN, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"unknown: twice absent, may be sent again", STATE_UNKNOWN, ANY, FACT_ABSENT_RESENDABLE, STATE_NEW, DETAIL_NONE},
    {"unknown: twice absent, else", STATE_UNKNOWN, ANY, FACT_ABSENT_STUCK, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"unknown: budget spent", STATE_UNKNOWN, ANY, FACT_BUDGET_SPENT, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"unknown: account changed", STATE_UNKNOWN, ANY, FACT_ACCOUNT_CHANGED, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"unknown: settle", STATE_UNKNOWN, ANY, FACT_REPORTED_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"unknown: settle", STATE_UNKNOWN, ANY, FACT_REPORTED_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {"unknown: resolve", STATE_UNKNOWN, ANY, FACT_OPERATOR_SUCCEEDED, STATE_SUCCEEDED, DETAIL_BY_OPERATOR},
    {"unknown: resolve", STATE_UNKNOWN, ANY, FACT_OPERATOR_FAILED, STATE_FAILED, DETAIL_BY_OPERATOR},

    {"pending: sync", STATE_PENDING, ANY, FACT_SAID_PENDING, STATE_PENDING, DETAIL_NONE},
    {"pending: sync", STATE_PENDING, ANY, FACT_SAID_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"pending: sync", STATE_PENDING, ANY, FACT_SAID_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {"pending: sync", STATE_PENDING, ANY, FACT_SAID_REVIEW, STATE_MANUAL_REVIEW, DETAIL_THEIRS},
    {"any open: contradiction", STATE_PENDING, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"pending: budget spent", STATE_PENDING, ANY, FACT_BUDGET_SPENT, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"pending: account changed", STATE_PENDING, ANY, FACT_ACCOUNT_CHANGED, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"pending: settle", STATE_PENDING, ANY, FACT_REPORTED_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"pending: settle", STATE_PENDING, ANY, FACT_REPORTED_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {"pending: resolve", STATE_PENDING, ANY, FACT_OPERATOR_SUCCEEDED, STATE_SUCCEEDED, DETAIL_BY_OPERATOR},
    {"pending: resolve", STATE_PENDING, ANY, FACT_OPERATOR_FAILED, STATE_FAILED, DETAIL_BY_OPERATOR},

    {"succeeded: sync says failed or reversed", STATE_SUCCEEDED, ANY, FACT_SAID_FAILURE, STATE_FAILED_LATE,
     DETAIL_NONE},
    {"succeeded: contradicting facts", STATE_SUCCEEDED, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"succeeded: resolve --as failed", STATE_SUCCEEDED, ANY, FACT_OPERATOR_FAILED, STATE_FAILED_LATE,
     DETAIL_BY_OPERATOR},
    {"succeeded: settle says otherwise", STATE_SUCCEEDED, ANY, FACT_REPORTED_FAILURE, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"failed: settle says otherwise", STATE_FAILED, ANY, FACT_REPORTED_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"failed_late: settle says otherwise", STATE_FAILED_LATE, ANY, FACT_REPORTED_SUCCESS, STATE_MANUAL_REVIEW,
     DETAIL_OURS},
    {"failed: contradicting facts", STATE_FAILED, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"failed_late: contradicting facts", STATE_FAILED_LATE, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"failed: the processor says succeeded", STATE_FAILED, ANY, FACT_SAID_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"failed_late: the same", STATE_FAILED_LATE, ANY, FACT_SAID_SUCCESS, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"failed(not_sent): --retry", STATE_FAILED, DETAIL_NOT_SENT, FACT_RETRY, STATE_NEW, DETAIL_NONE},

    {"theirs: polled like pending", STATE_MANUAL_REVIEW, DETAIL_THEIRS, FACT_SAID_PENDING, STATE_PENDING, DETAIL_NONE},
    {"theirs: polled like pending", STATE_MANUAL_REVIEW, DETAIL_THEIRS, FACT_SAID_SUCCESS, STATE_SUCCEEDED,
     DETAIL_NONE},
    {"theirs: polled like pending", STATE_MANUAL_REVIEW, DETAIL_THEIRS, FACT_SAID_FAILURE, STATE_FAILED,
     DETAIL_REJECTED},
    {"manual_review: contradiction", STATE_MANUAL_REVIEW, ANY, FACT_CONTRADICTION, STATE_MANUAL_REVIEW, DETAIL_OURS},
    {"manual_review: settle", STATE_MANUAL_REVIEW, ANY, FACT_REPORTED_SUCCESS, STATE_SUCCEEDED, DETAIL_NONE},
    {"manual_review: settle", STATE_MANUAL_REVIEW, ANY, FACT_REPORTED_FAILURE, STATE_FAILED, DETAIL_REJECTED},
    {"manual_review: resolve", STATE_MANUAL_REVIEW, ANY, FACT_OPERATOR_SUCCEEDED, STATE_SUCCEEDED, DETAIL_BY_OPERATOR},
    {"manual_review: resolve", STATE_MANUAL_REVIEW, ANY, FACT_OPERATOR_FAILED, STATE_FAILED, DETAIL_BY_OPERATOR},
};
enum { ROWS = sizeof rows / sizeof *rows };

static const struct row *row_of(struct position from, enum fact fact) {
  for (size_t i = 0; i < ROWS; i++) {
    bool detail = rows[i].if_detail == ANY || rows[i].if_detail == (int)from.detail;
    if (rows[i].from == from.state && rows[i].fact == fact && detail) return &rows[i];
  }
  return NULL;
}

#define EACH(from, fact)                                                 \
  for (struct position from = {0, 0}; from.state < STATES; from.state++) \
    for (from.detail = 0; (int)from.detail < DETAILS; from.detail++)     \
      for (enum fact fact = 0; fact < FACTS; fact++)

Test(state, moves_by_every_rule_of_the_table) {
  EACH(from, fact) {
    const struct row *row = row_of(from, fact);
    struct position to = {STATE_NEW, DETAIL_NONE};
    if (row == NULL) continue;
    cr_expect(state_next(from, fact, &to), "%s", row->rule);
    cr_expect(to.state == row->to && to.detail == row->detail, "%s: %s(%s)", row->rule, state_name(to.state),
              state_detail_name(to.detail));
  }
}

Test(state, moves_by_nothing_else) {
  EACH(from, fact) {
    struct position to = {STATE_NEW, DETAIL_NONE};
    if (row_of(from, fact) != NULL) continue;
    cr_expect_not(state_next(from, fact, &to), "%s(%s) by %s", state_name(from.state), state_detail_name(from.detail),
                  fact_name(fact));
    cr_expect(to.state == from.state && to.detail == from.detail, "%s by %s", state_name(from.state), fact_name(fact));
  }
}

/* ---- Laws that hold whatever the table says ---- */

Test(state, final_never_becomes_new_except_unsent_and_asked_for_again) {
  EACH(from, fact) {
    struct position to;
    bool settled = from.state == STATE_SUCCEEDED || from.state == STATE_FAILED || from.state == STATE_FAILED_LATE ||
                   from.state == STATE_MANUAL_REVIEW;
    if (!settled || !state_next(from, fact, &to)) continue;
    bool asked_again = from.state == STATE_FAILED && from.detail == DETAIL_NOT_SENT && fact == FACT_RETRY;
    cr_expect((to.state != STATE_NEW && to.state != STATE_SENDING) || asked_again, "%s(%s) by %s",
              state_name(from.state), state_detail_name(from.detail), fact_name(fact));
  }
}

/* What may have moved money is sent again only when a look-up disproved it, or as a repeat of a recorded attempt. */
Test(state, unknown_or_pending_becomes_new_only_by_absence) {
  EACH(from, fact) {
    struct position to;
    bool sent = from.state == STATE_UNKNOWN || from.state == STATE_PENDING;
    if (!sent || !state_next(from, fact, &to)) continue;
    cr_expect(to.state != STATE_NEW || fact == FACT_ABSENT_RESENDABLE, "%s by %s", state_name(from.state),
              fact_name(fact));
  }
}

Test(state, that_may_have_moved_money_fails_only_by_a_word_on_it) {
  EACH(from, fact) {
    struct position to;
    bool sent = from.state == STATE_UNKNOWN || from.state == STATE_PENDING || from.state == STATE_MANUAL_REVIEW;
    if (!sent || !state_next(from, fact, &to) || to.state != STATE_FAILED) continue;
    bool word = fact == FACT_SAID_FAILURE || fact == FACT_REPORTED_FAILURE;
    bool rejected = fact == FACT_REJECTED_REPLAY || (fact == FACT_REJECTED && from.state == STATE_UNKNOWN);
    cr_expect(word || rejected || fact == FACT_OPERATOR_FAILED, "%s by %s", state_name(from.state), fact_name(fact));
    cr_expect(to.detail != DETAIL_NOT_SENT && to.detail != DETAIL_UNSUPPORTED && to.detail != DETAIL_CANCELED);
  }
}

Test(state, success_comes_only_from_the_processor_its_report_or_an_operator) {
  EACH(from, fact) {
    struct position to;
    if (!state_next(from, fact, &to) || to.state != STATE_SUCCEEDED) continue;
    bool word = fact == FACT_SAID_SUCCESS || fact == FACT_REPORTED_SUCCESS;
    cr_expect(word || fact == FACT_OPERATOR_SUCCEEDED, "%s by %s", state_name(from.state), fact_name(fact));
    cr_expect_neq(from.state, STATE_NEW, "nothing succeeds that was not sent");
  }
}

/* Whatever is heard of a refund that we think was not paid, the amount is held until a person has looked. */
Test(state, that_is_unpaid_never_ignores_a_word_of_success) {
  static const enum fact words[] = {FACT_SAID_SUCCESS, FACT_REPORTED_SUCCESS, FACT_CONTRADICTION};
  static const enum state unpaid[] = {STATE_NEW, STATE_FAILED, STATE_FAILED_LATE};
  for (size_t i = 0; i < sizeof unpaid / sizeof *unpaid; i++) {
    for (size_t j = 0; j < sizeof words / sizeof *words; j++) {
      struct position to;
      cr_expect(state_next((struct position){unpaid[i], DETAIL_NONE}, words[j], &to), "%s", state_name(unpaid[i]));
      cr_expect(to.state == STATE_MANUAL_REVIEW && state_holds(to.state), "%s", state_name(unpaid[i]));
    }
  }
}

Test(state, of_a_success_is_not_moved_by_an_older_pending) {
  struct position from = {STATE_SUCCEEDED, DETAIL_NONE};
  struct position to;
  cr_expect_not(state_next(from, FACT_SAID_PENDING, &to));
  cr_expect_eq(to.state, STATE_SUCCEEDED);
}

/* ---- What the states mean ---- */

Test(state, says_what_it_holds_and_what_the_person_is_told) {
  static const struct {
    const char *name;
    enum state state;
    bool holds;
    bool open;
    int32_t refund_status;
  } meanings[] = {
      {"new", STATE_NEW, true, true, REFUND_STATUS_PENDING},
      {"sending", STATE_SENDING, true, true, REFUND_STATUS_PENDING},
      {"unknown", STATE_UNKNOWN, true, true, REFUND_STATUS_PENDING},
      {"pending", STATE_PENDING, true, true, REFUND_STATUS_PENDING},
      {"succeeded", STATE_SUCCEEDED, true, false, REFUND_STATUS_SUCCESS},
      {"failed", STATE_FAILED, false, false, REFUND_STATUS_FAILURE},
      {"failed_late", STATE_FAILED_LATE, false, false, REFUND_STATUS_FAILURE},
      {"manual_review", STATE_MANUAL_REVIEW, true, false, REFUND_STATUS_MANUAL_REVIEW},
  };
  cr_expect_eq(sizeof meanings / sizeof *meanings, STATES);
  for (size_t i = 0; i < STATES; i++) {
    enum state found = STATES;
    cr_expect_str_eq(state_name(meanings[i].state), meanings[i].name);
    cr_expect(state_find(meanings[i].name, &found) && found == meanings[i].state);
    cr_expect_eq(state_holds(meanings[i].state), meanings[i].holds, "%s", meanings[i].name);
    cr_expect_eq(state_is_open(meanings[i].state), meanings[i].open, "%s", meanings[i].name);
    cr_expect_eq(state_refund_status(meanings[i].state), meanings[i].refund_status, "%s", meanings[i].name);
  }
  enum state found;
  cr_expect_not(state_find("Pending", &found));
  cr_expect_not(state_find("", &found));
}

Test(state, details_and_facts_have_one_name_each) {
  static const char *const details[] = {"",         "rejected",    "not_sent", "unsupported",
                                        "canceled", "by_operator", "ours",     "theirs"};
  for (int i = 0; i < DETAILS; i++)
    cr_expect_str_eq(state_detail_name((enum state_detail)i), details[i]);
  for (int i = 0; i < FACTS; i++) {
    cr_expect_str_not_empty(fact_name((enum fact)i));
    for (int j = 0; j < i; j++)
      cr_expect_str_neq(fact_name((enum fact)i), fact_name((enum fact)j));
  }
  cr_expect_str_eq(fact_name(FACT_UNSUPPORTED), "unsupported");
  cr_expect_str_eq(fact_name(FACT_CONTRADICTION), "contradiction");
  cr_expect_str_eq(fact_name(FACT_CANCEL), "cancel");
}
