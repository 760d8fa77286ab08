/* Verifying one refund: its facts, its attempts, what it holds. */
#include <stdlib.h>
#include <string.h>

#include "ledger/verify.h"
#include "refund_toolkit.h"

static const char *id_of(const struct ledger_refund *refund) {
  return refund->refund_id.data == NULL ? "" : refund->refund_id.data;
}

/* ---- Facts ---- */

/* A name that is none of the table's changes nothing, as a fact that does not apply. */
static struct position follow(struct position from, const struct ledger_fact *fact) {
  struct position to = from;
  for (int i = 0; i < FACTS; i++) {
    if (refund_is(fact->fact, fact_name((enum fact)i))) state_next(from, (enum fact)i, &to);
  }
  return to;
}

static bool stands_at(const struct ledger_fact *fact, struct position position) {
  return refund_is(fact->state, state_name(position.state)) &&
         refund_is(fact->detail, state_detail_name(position.detail));
}

static bool is_chained(refund_text previous, const struct checksum *checksum) {
  return checksum->hex[0] == '\0' ? previous.data == NULL : refund_is(previous, checksum->hex);
}

/* The first thing that is wrong with the facts: what comes after it follows from it. */
static bool check_facts(struct check *check, const struct ledger_refund *refund, const struct ledger_fact *facts,
                        size_t count, struct error *error) {
  struct checksum checksum = {""};
  struct position position = {STATE_NEW, DETAIL_NONE};
  if (refund->facts != (int64_t)count || count == 0) {
    check_wrong(check, "refund %.100s has %zu facts on record and not %lld", id_of(refund), count,
                (long long)refund->facts);
    return true;
  }
  for (size_t i = 0; i < count; i++) {
    const struct ledger_fact *fact = &facts[i];
    if (fact->number != (int64_t)i + 1 || !is_chained(fact->previous, &checksum)) {
      check_wrong(check, "the facts of refund %.100s are no chain at number %zu", id_of(refund), i + 1);
      return true;
    }
    if (i > 0) position = follow(position, fact);
    if ((i == 0 && !refund_is(fact->fact, "admitted")) || !stands_at(fact, position)) {
      check_wrong(check, "fact %zu of refund %.100s does not lead to %.20s", i + 1, id_of(refund),
                  fact->state.data == NULL ? "" : fact->state.data);
      return true;
    }
    if (!table_checksum(&fact_table, fact, &checksum)) return error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  if (!is_chained(refund->chain, &checksum)) {
    check_wrong(check, "refund %.100s does not name its last fact", id_of(refund));
  } else if (position.state != refund->position.state || position.detail != refund->position.detail) {
    check_wrong(check, "refund %.100s is %s, but its facts lead to %s", id_of(refund),
                state_name(refund->position.state), state_name(position.state));
  }
  return true;
}

/* ---- Attempts ---- */

/* May it have reached the processor, and been accepted there? */
static bool may_have_arrived(const struct ledger_attempt *attempt) {
  static const char *const classes[] = {"", "B", "C'", "D"};
  if (attempt->disproved == 1) return false;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
    if (refund_is(attempt->attempt_class, classes[i])) return true;
  }
  return attempt->attempt_class.data == NULL;
}

static bool says_nothing_was_sent(struct position position) {
  return position.state == STATE_NEW || (position.state == STATE_FAILED &&
                                         (position.detail == DETAIL_NOT_SENT || position.detail == DETAIL_UNSUPPORTED));
}

/* By one connector the same request is built each time. One without a digest is different each time by design. */
static bool differ(const struct ledger_attempt *first, const struct ledger_attempt *second) {
  return refund_there(first->request_digest) && refund_there(second->request_digest) &&
         refund_same(first->flow, second->flow) && refund_same(first->connector_sha256, second->connector_sha256) &&
         !refund_is(first->attempt_class, "A") && !refund_is(second->attempt_class, "A") &&
         !refund_same(first->request_digest, second->request_digest);
}

static void check_attempts(struct check *check, const struct ledger_refund *refund,
                           const struct ledger_attempt *attempts, size_t count) {
  size_t under_way = 0;
  bool arrived = false;
  if (refund->attempts != (int64_t)count) {
    check_wrong(check, "refund %.100s has %zu attempts on record and not %lld", id_of(refund), count,
                (long long)refund->attempts);
  }
  for (size_t i = 0; i < count; i++) {
    const struct ledger_attempt *attempt = &attempts[i];
    if (attempt->number != (int64_t)i + 1) {
      check_wrong(check, "attempt %zu of refund %.100s has the number %lld", i + 1, id_of(refund),
                  (long long)attempt->number);
    }
    under_way += attempt->attempt_class.size == 0;
    arrived = arrived || may_have_arrived(attempt);
    if (i > 0 && differ(&attempts[i - 1], attempt)) {
      check_wrong(check, "attempt %zu of refund %.100s sent another request than the one before", i + 1, id_of(refund));
    }
  }
  if (under_way > 1) check_wrong(check, "refund %.100s has %zu attempts under way", id_of(refund), under_way);
  if (under_way > 0 && refund->position.state != STATE_SENDING) {
    check_wrong(check, "refund %.100s is %s with an attempt under way", id_of(refund),
                state_name(refund->position.state));
  }
  if (arrived && says_nothing_was_sent(refund->position)) {
    check_wrong(check, "refund %.100s is %s, but an attempt of it may have arrived", id_of(refund),
                state_name(refund->position.state));
  }
}

/* ---- The refund itself ---- */

static void check_held(struct check *check, const struct ledger_refund *refund) {
  bool holds = state_holds(refund->position.state);
  if (holds ? refund->held_amount >= refund->refund_amount : refund->held_amount == 0) return;
  check_wrong(check, "refund %.100s over %lld is %s, but holds %lld", id_of(refund), (long long)refund->refund_amount,
              state_name(refund->position.state), (long long)refund->held_amount);
}

bool check_refund(struct check *check, const struct ledger_refund *refund, struct error *error) {
  struct ledger_fact *facts;
  struct ledger_attempt *attempts;
  size_t count;
  struct error why = {0};
  bool made = true;
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  check_held(check, refund);
  if (refund->unique_refund_id.data != NULL && !refund_same(refund->unique_refund_id, refund->connector_refund_id)) {
    check_wrong(check, "refund %.100s has two refund ids of its processor", id_of(refund));
  }
  if (ledger_attempts_of(check->ledger, refund->row, arena, &attempts, &count, &why)) {
    check_attempts(check, refund, attempts, count);
  } else {
    check_wrong(check, "the attempts of refund %.100s cannot be read: %s", id_of(refund), why.message);
  }
  if (ledger_facts_of(check->ledger, refund->row, arena, &facts, &count, &why)) {
    made = check_facts(check, refund, facts, count, error);
  } else {
    check_wrong(check, "the facts of refund %.100s cannot be read: %s", id_of(refund), why.message);
  }
  arena_close(arena);
  return made;
}
