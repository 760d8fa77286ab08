/* Whose an answer is: the refund's, another one's, or nobody can tell. The ledger knows whose the others are. */
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 }; /* processors' dates have no zone, and their clocks are their own */

struct finding {
  const struct candidate *one; /* that may be ours */
  int unowned;                 /* of our amount and currency, and no other refund's */
};

static bool is_like_ours(const struct job *job, const struct candidate *candidate) {
  const struct currency *currency = job->refund.currency;
  int64_t asked;
  const refund_currency *rule = money_rule(connector_descriptor(job->connector), currency);
  return currency_agrees(candidate->currency, currency) &&
         money_to_processor(job->refund.refund_amount, currency, rule, &asked, NULL) && candidate->amount == asked;
}

/* Dates only take an entry out; they never make an absence. */
static bool is_new_enough(const struct job *job, const struct candidate *candidate) {
  return candidate->time_ms == 0 || candidate->time_ms >= job->history.first.wall_ms - DAY_MS;
}

struct owners {
  int64_t ours;
  bool other;
};

static bool take_owner(void *context, const struct ledger_refund *refund) {
  struct owners *owners = context;
  owners->other = refund->row != owners->ours;
  return !owners->other;
}

static bool is_owned(struct job *job, refund_text id, bool *owned) {
  struct owners owners = {.ours = job->record.row};
  struct ledger_filter filter = {.scope = job->record.scope,
                                 .connector_transaction_id = job->record.connector_transaction_id,
                                 .connector_refund_id = id};
  bool listed = ledger_list(job->flow->rooms.ledger, &filter, take_owner, &owners, &job->error);
  *owned = owners.other;
  return listed;
}

static bool find_candidates(struct job *job, struct finding *finding) {
  for (const struct candidate *candidate = job->answer.candidates; candidate != NULL; candidate = candidate->next) {
    bool owned;
    if (!is_like_ours(job, candidate)) continue;
    if (!is_owned(job, candidate->refund_id, &owned)) return false;
    if (owned) continue;
    finding->unowned++;
    if (is_new_enough(job, candidate)) finding->one = candidate;
  }
  return true;
}

struct rivals {
  const struct job *job;
  bool any;
};

static bool is_rival(void *context, const struct ledger_refund *other) {
  struct rivals *rivals = context;
  const struct ledger_refund *ours = &rivals->job->record;
  bool nameless = !refund_there(other->connector_refund_id) && other->attempts > 0;
  rivals->any = other->row != ours->row && nameless && other->refund_amount == ours->refund_amount;
  return !rivals->any;
}

/* Another refund of the same amount whose own entry it may be. */
static bool find_rivals(struct job *job, bool *any) {
  struct rivals rivals = {job, false};
  struct ledger_filter filter = {
      .states = LEDGER_IN(STATE_SENDING) | LEDGER_IN(STATE_UNKNOWN) | LEDGER_IN(STATE_PENDING) |
                LEDGER_IN(STATE_SUCCEEDED) | LEDGER_IN(STATE_MANUAL_REVIEW),
      .scope = job->record.scope,
      .connector_transaction_id = job->record.connector_transaction_id,
      .currency = job->record.currency,
  };
  bool listed = ledger_list(job->flow->rooms.ledger, &filter, is_rival, &rivals, &job->error);
  *any = rivals.any;
  return listed;
}

static void adopt(struct job *job, const struct candidate *candidate) {
  job->verdict.attempt_class = CLASS_ACCEPTED;
  job->verdict.names = REFUND_NAMES_REFUND_ID;
  job->verdict.reading = REFUND_READING_STATUS;
  job->verdict.refund_status = REFUND_STATUS_PENDING;
  job->verdict.connector_refund_id = job_mask(job, candidate->refund_id, NULL);
  job->fact = FACT_SAID_PENDING;
  job->adopted = true;
  job->note = refund_text_of("adopted: the payment's only refund of this amount that is nobody else's");
}

bool job_adopt(struct job *job) {
  struct finding finding = {NULL, 0};
  bool rivals = false;
  bool searches = job->record.position.state == STATE_UNKNOWN || job->record.position.state == STATE_PENDING;
  if (job->answer.candidates == NULL || !searches || refund_there(job->record.connector_refund_id)) return true;
  if (!find_candidates(job, &finding) || !find_rivals(job, &rivals)) return false;
  if (finding.unowned == 0) return true;
  if (finding.unowned == 1 && finding.one != NULL && !rivals) {
    adopt(job, finding.one);
    return true;
  }
  job->verdict.attempt_class = CLASS_AMBIGUOUS;
  job->verdict.names = REFUND_NAMES_NOTHING;
  job->ambiguous = true; /* the ledger says so, not the answer */
  job->fact = FACT_CONTRADICTION;
  job->verdict.error_message = refund_text_of("the payment has refunds that could be this one or another");
  return true;
}

/* ---- Is it about this refund? ---- */

/* A look-up that found something, but neither by our reference nor by an id that the processor gave us. */
static bool is_unnamed(const struct job *job) {
  bool is_lookup = job->kind == FLOW_REFUND_LOOKUP && job->attempt.row == 0;
  int32_t names = job->verdict.names;
  bool by_id = names == REFUND_NAMES_REFUND_ID && (job->history.has_refund_id || job->adopted);
  return is_lookup && !by_id && names != REFUND_NAMES_REFERENCE && names != REFUND_NAMES_PAYMENT;
}

static bool says_outcome(const struct job *job) {
  bool is_look = job->attempt.row == 0; /* whose amount may be another refund's */
  return job->fact == FACT_SAID_SUCCESS || job->fact == FACT_SAID_FAILURE || job->fact == FACT_SAID_PENDING ||
         job->fact == FACT_SAID_REVIEW || (is_look && job->fact == FACT_CONTRADICTION);
}

static void take_nothing(struct job *job, const char *why) {
  memset(&job->verdict.connector_refund_id, 0, sizeof job->verdict.connector_refund_id);
  job->verdict.warning = refund_text_of(why);
  job->fact = FACTS;
}

/* An answer that speaks of the payment says this refund's outcome only while no other of the payment may have been
 * accepted. To our own request it says at least that it was taken in hand. */
static bool check_names(struct job *job) {
  bool alone = true;
  if (!says_outcome(job)) return true;
  if (is_unnamed(job) && !job->ambiguous) {
    take_nothing(job, "the look-up found a refund, but does not say that it is this one");
    return true;
  }
  if (job->verdict.names != REFUND_NAMES_PAYMENT) return true;
  if (!job_is_alone(job, &alone)) return false;
  if (alone) return true;
  take_nothing(job, "the answer speaks of the payment, which has other refunds: a report or an event has to tell");
  if (job->attempt.row != 0) job->fact = FACT_SAID_PENDING;
  return true;
}

/* A refund id that another refund has: one of the two is not what it seems. */
static bool check_owner(struct job *job) {
  struct ledger_refund other;
  refund_text id = job->verdict.connector_refund_id;
  bool unique = (connector_descriptor(job->connector)->flags & REFUND_IDS_UNIQUE) != 0;
  if (!unique || !refund_there(id)) return true;
  switch (ledger_find_by_processor(job->flow->rooms.ledger, &job->record, id, job->arena, &other, &job->error)) {
    case LEDGER_FAILED:
      return false;
    case LEDGER_FOUND:
      if (other.row == job->record.row) return true;
      job->fact = FACT_CONTRADICTION;
      job->verdict.error_message = refund_text_of("the answer contradicts the refund");
      job->verdict.error_reason =
          arena_format(job->arena, "the processor's refund %s belongs to refund %s", id.data, other.refund_id.data);
      return true;
    case LEDGER_NONE:
      job->record.unique_refund_id = id;
      break;
  }
  return true;
}

bool job_identify(struct job *job) {
  return check_names(job) && check_owner(job);
}
