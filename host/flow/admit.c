/* Joining a refund with its account and connector, and admitting it: once, and never beyond what was captured. */
#include <stdlib.h>
#include <string.h>

#include "flow/job.h"
#include "refund_toolkit.h"

static struct flow_account *own_account(struct flow *flow, const struct account *account) {
  for (struct flow_account *own = flow->accounts; own != NULL; own = own->next) {
    if (own->account == account) return own;
  }
  struct flow_account *own = calloc(1, sizeof *own);
  if (own == NULL) return NULL;
  own->account = account;
  lane_open(&own->lane, &account->limits, flow->options.refusals_to_pause);
  own->next = flow->accounts;
  flow->accounts = own;
  return own;
}

/* What the connector and the account offer for finding out what became of a refund. */
static void read_means(struct job *job) {
  const struct account_limits *limits = &job->account->limits;
  struct connector_input input;
  flow_input(job->account, &job->refund, FLOW_REFUND, &input);
  connector_name(connector_descriptor(job->connector), &input, job->arena);
  struct account_settings settings = {
      .key_switched_on = refund_there(input.idempotency_key),
      .settle_delay = limits->settle_delay_ms,
      .repeat_after = limits->repeat_after_ms,
      .attempt_span = limits->timeout_ms,
  };
  means_of(connector_descriptor(job->connector), &settings, &job->means);
}

/* A failure here counts only for what has to be sent or asked: all else is answered from the ledger, whatever became of
 * the account. */
bool step_join(struct job *job) {
  struct flow *flow = job->flow;
  const struct account *account = accounts_find(flow->rooms.accounts, job->refund.account, &job->join_error);
  job->step = job->aim == AIM_REFUND ? STEP_ADMIT : STEP_PLAN;
  if (account == NULL) return true;
  job->found_account = account;
  job->connector = connectors_get(&flow->connectors, account->connector.data, &job->join_error);
  if (job->connector == NULL) return true;
  account =
      accounts_bind(flow->rooms.accounts, job->refund.account, connector_descriptor(job->connector), &job->join_error);
  if (account == NULL) return true;
  job->own = own_account(flow, account);
  if (job->own == NULL) return job_out_of_memory(job);
  job->account = account;
  job->tried_from = lane_budget_clock(&job->own->lane, flow_clock(flow));
  read_means(job);
  return true;
}

/* ---- Known already ---- */

static bool conflict(struct job *job) {
  const struct ledger_refund *record = &job->record;
  const struct currency *currency = currency_find(record->currency);
  error_set(&job->error, ERROR_CONFLICT, "refund_id", "refund %s is on record with other content",
            record->refund_id.data);
  error_expected(
      &job->error, "%s of payment %.80s, account %.60s",
      money_show(record->refund_amount, currency == NULL ? 0 : currency->exponent, record->currency.data).text,
      record->connector_transaction_id.data, record->account.data);
  error_found(&job->error, "%s of payment %.80s, account %.60s",
              money_show(job->refund.refund_amount, job->refund.currency->exponent, job->refund.currency->code).text,
              job->refund.connector_transaction_id.data, job->refund.account.data);
  return error_fix(&job->error, "repeat it as it was, or give the new refund an id of its own");
}

/* A sandbox result is no answer for production, nor one connector's for another. */
bool job_account_changed(struct job *job) {
  static const char *const environments[] = {"", "sandbox", "production"};
  const struct ledger_refund *record = &job->record;
  const struct account *account = job->found_account;
  if (account == NULL || (refund_same(record->connector, account->connector) &&
                          refund_same(record->scope, account->scope) && record->environment == account->environment)) {
    return false;
  }
  error_set(&job->error, ERROR_CONFLICT, "account", "account %.100s is not what it was when refund %s was recorded",
            account->name.data, record->refund_id.data);
  error_expected(&job->error, "connector %s, %s, scope %.60s", record->connector.data,
                 environments[record->environment % 3], record->scope.data);
  error_found(&job->error, "connector %s, %s, scope %.60s", account->connector.data, environments[account->environment],
              account->scope.data);
  error_fix(&job->error, "give the refund an id of its own, or an account of its own to the other environment");
  return true;
}

static bool same_content(const struct job *job) {
  struct digest fingerprint = refund_fingerprint(&job->refund);
  return refund_is(job->record.fingerprint, fingerprint.hex);
}

static bool guard(struct job *job);
static bool check_ceilings(struct job *job);

/* Its amount is free again, so the guard is asked anew. */
static bool retry(struct job *job) {
  refund_text note = {NULL, 0};
  if (!check_ceilings(job) || !job_read_history(job)) return false;
  job->record.tries = job->record.tried_ms = 0;
  job->step = STEP_GATE;
  if (!guard(job)) return false;
  job->record.held_amount = job->record.refund_amount; /* the guard has it */
  job->record.owner = ledger_owner(job->flow->rooms.ledger);
  if (!record_fact(job, FACT_RETRY, job->note)) return false;
  if (job->record.restored_at == 0) return true;
  job->step = STEP_PLAN; /* somebody may have done so before */
  return record_fact(job, FACT_RESTORED, note) && job_read_history(job);
}

/* What nobody works on goes on from where it was left; all else is answered as it stands. */
static bool recall(struct job *job) {
  bool ours = false;
  const struct position *position = &job->record.position;
  if (!same_content(job)) return conflict(job);
  if (job_account_changed(job)) return false;
  bool not_sent = position->state == STATE_FAILED && position->detail == DETAIL_NOT_SENT;
  bool unfinished = position->state == STATE_NEW || position->state == STATE_SENDING;
  job->step = STEP_TELL;
  if (!unfinished && !(not_sent && job->flow->options.retry)) return true;
  if (job->account == NULL) {
    job->error = job->join_error;
    return position->state == STATE_SENDING;
  }
  if (not_sent) return retry(job);
  if (!job_take_over(job, &ours)) return false;
  if (ours) job->step = STEP_PLAN;
  return true;
}

/* ---- The guard ---- */

static struct money_text show(const struct job *job, int64_t amount) {
  return money_show(amount, job->refund.currency->exponent, job->refund.currency->code);
}

static bool over_captured(struct job *job, int64_t captured, int64_t held) {
  if (held > captured) {
    error_set(&job->error, ERROR_OVER_HELD, "payment", "payment %.100s was refunded beyond what was captured",
              job->refund.connector_transaction_id.data);
    error_expected(&job->error, "at most %s", show(job, captured).text);
    error_found(&job->error, "%s", show(job, held).text);
    return error_fix(&job->error, "a person has to look: refund-host list --attention");
  }
  error_set(&job->error, ERROR_OVER_CAPTURED, "refund_amount", "payment %.100s has only %s left to refund, not %s",
            job->refund.connector_transaction_id.data, show(job, captured - held).text,
            show(job, job->refund.refund_amount).text);
  error_expected(&job->error, "at most %s: %s captured, %s held by other refunds", show(job, captured - held).text,
                 show(job, captured).text, show(job, held).text);
  return error_found(&job->error, "%s", show(job, job->refund.refund_amount).text);
}

static bool is_grown(const struct job *job, int64_t captured) {
  return job->flow->options.captured_may_grow && job->refund.payment_amount > captured;
}

static bool other_captured(struct job *job, int64_t captured) {
  error_set(&job->error, ERROR_CONFLICT, "payment_amount", "payment %.100s is on record with another captured amount",
            job->refund.connector_transaction_id.data);
  error_expected(&job->error, "%s", show(job, captured).text);
  error_found(&job->error, "%s", show(job, job->refund.payment_amount).text);
  return error_fix(&job->error,
                   "give the amount that was captured in all; if more was captured since, add "
                   "--captured-may-grow; if the record is wrong, refund-host payment mends it");
}

/* The account's own ceilings. */
static bool ceiling_of(const struct job *job, const struct account_ceiling *ceilings, size_t count, int64_t *amount) {
  for (size_t i = 0; i < count; i++) {
    if (!refund_is(ceilings[i].currency, job->refund.currency->code)) continue;
    *amount = ceilings[i].amount;
    return true;
  }
  return false;
}

struct day {
  int64_t total;
};

static bool add_to_day(void *context, const struct ledger_refund *refund) {
  struct day *day = context;
  bool counts = state_holds(refund->position.state) && day->total <= MONEY_GREATEST;
  if (counts) day->total += refund->refund_amount;
  return true;
}

static bool beyond(struct job *job, const char *member, int64_t ceiling, int64_t found) {
  error_set(&job->error, ERROR_OVER_CAPTURED, member, "account %.100s does not allow this refund: %s",
            job->account->name.data, member);
  error_expected(&job->error, "at most %s", show(job, ceiling).text);
  error_found(&job->error, "%s", show(job, found).text);
  return error_fix(&job->error, "have the account's limits raised if this is right");
}

static bool check_ceilings(struct job *job) {
  enum { DAY_MS = 24 * 60 * 60 * 1000 };
  const struct account_limits *limits = &job->account->limits;
  int64_t amount = job->refund.refund_amount;
  int64_t ceiling;
  struct day day = {0};
  if (ceiling_of(job, limits->max_refund, limits->max_refund_count, &ceiling) && amount > ceiling) {
    return beyond(job, "max_refund", ceiling, amount);
  }
  if (!ceiling_of(job, limits->day_total, limits->day_total_count, &ceiling)) return true;
  struct ledger_filter filter = {.account = job->account->name.data,
                                 .currency = refund_text_of(job->refund.currency->code),
                                 .created_from = job_now(job) - DAY_MS};
  if (!ledger_list(job->flow->rooms.ledger, &filter, add_to_day, &day, &job->error)) return false;
  return day.total + amount <= ceiling || beyond(job, "day_total", ceiling, day.total + amount);
}

/* Stops at a scope of the ledger that no account has any more: that of an account that was renamed. */
static bool scope_has_account(void *context, refund_text scope) {
  struct job *job = context;
  if (accounts_have_scope(job->flow->rooms.accounts, job->account->connector, scope)) return true;
  error_set(&job->error, ERROR_ACCOUNT, "scope",
            "account %.100s is new to the ledger, but no account has the ledger's scope %.*s of connector %s any more",
            job->account->name.data, scope.size > 100 ? 100 : (int)scope.size, scope.data,
            job->account->connector.data);
  error_expected(&job->error,
                 "every scope of the ledger to have an account: if one was renamed, its guard would be lost");
  return error_fix(&job->error, "give the renamed account \"scope\": \"%.*s\"",
                   scope.size > 100 ? 100 : (int)scope.size, scope.data);
}

static bool check_scope(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  const struct account *account = job->account;
  switch (ledger_find_scope(ledger, account->connector, account->scope, &job->error)) {
    case LEDGER_FAILED:
      return false;
    case LEDGER_FOUND:
      return true;
    case LEDGER_NONE:
      break;
  }
  return ledger_each_scope(ledger, account->connector, scope_has_account, job, &job->error) &&
         job->error.code == ERROR_NONE && ledger_add_scope(ledger, account->connector, account->scope, &job->error);
}

/* The payment's refunds, as their own rows tell it. */
struct audit {
  refund_text refund_id;
  int64_t held;
  bool twin;
};

static bool audit_one(void *context, const struct ledger_refund *refund) {
  struct audit *audit = context;
  audit->held += refund->held_amount;
  audit->twin = audit->twin || refund_same(refund->refund_id, audit->refund_id);
  return true;
}

/* An index that was damaged finds nothing, and says so as if there were nothing. By another one every refund of the
 * payment is read: none may be ours already, and together they hold what the payment's row says. */
static bool audit(struct job *job, const struct ledger_payment *payment, bool is_retry) {
  struct audit audit = {.refund_id = job->refund.refund_id};
  struct ledger_filter filter = {.scope = payment->scope,
                                 .connector_transaction_id = payment->connector_transaction_id,
                                 .currency = payment->currency};
  if (!ledger_list(job->flow->rooms.ledger, &filter, audit_one, &audit, &job->error)) return false;
  if (audit.held == payment->held_amount && audit.twin == is_retry) return true;
  error_set(&job->error, ERROR_LEDGER, "--ledger",
            "the ledger contradicts itself about payment %.100s: nothing is sent",
            payment->connector_transaction_id.data);
  return error_fix(&job->error, "see refund-host verify, and restore it from a backup");
}

static bool guard(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  const struct refund *refund = &job->refund;
  struct ledger_payment payment = {0};
  enum ledger_found found =
      ledger_find_payment(ledger, job->account->scope, refund->connector_transaction_id,
                          refund_text_of(refund->currency->code), job->arena, &payment, &job->error);
  if (found == LEDGER_FAILED) return false;
  if (found == LEDGER_NONE) {
    payment.scope = job->account->scope;
    payment.connector_transaction_id = refund->connector_transaction_id;
    payment.currency = refund_text_of(refund->currency->code);
    payment.captured_amount = refund->payment_amount;
    payment.created_at = job_now(job);
  }
  if (!audit(job, &payment, job->record.row != 0)) return false;
  if (is_grown(job, payment.captured_amount)) {
    job->note = arena_format(job->arena, "captured %lld instead of %lld", (long long)refund->payment_amount,
                             (long long)payment.captured_amount);
    payment.captured_amount = refund->payment_amount;
  }
  if (payment.captured_amount != refund->payment_amount) return other_captured(job, payment.captured_amount);
  /* Over-held payments have less than nothing left; both figures are at most 2^53 - 1 a refund. */
  if (refund->refund_amount > payment.captured_amount - payment.held_amount) {
    return over_captured(job, payment.captured_amount, payment.held_amount);
  }
  payment.held_amount += refund->refund_amount;
  payment.updated_at = job_now(job);
  return ledger_put_payment(ledger, &payment, &job->error);
}

/* ---- A new one ---- */

static bool describe(struct job *job) {
  const struct outside *outside = job->flow->rooms.outside;
  const refund_descriptor *descriptor = connector_descriptor(job->connector);
  struct ledger_refund *record = &job->record;
  const struct refund *refund = &job->refund;
  char *seed = arena_allocate(job->arena, 32);
  refund_text seed_text = {seed, 32};
  if (seed == NULL) return job_out_of_memory(job);
  if (!outside->random(outside, seed, 32)) {
    return error_set(&job->error, ERROR_HOST, NULL, "the system gives no random bytes");
  }
  memset(record, 0, sizeof *record);
  record->refund_id = refund->refund_id;
  record->fingerprint = arena_copy(job->arena, refund_text_of(refund_fingerprint(refund).hex));
  record->account = refund->account;
  record->scope = job->account->scope;
  record->connector = refund_text_of(descriptor->id);
  record->connector_version = refund_text_of(descriptor->version);
  record->environment = job->account->environment;
  record->connector_transaction_id = refund->connector_transaction_id;
  record->refund_amount = refund->refund_amount;
  record->payment_amount = refund->payment_amount;
  record->held_amount = refund->refund_amount;
  record->currency = refund_text_of(refund->currency->code);
  record->reason = refund->reason;
  record->connector_metadata = refund->connector_metadata;
  flow_input(job->account, refund, FLOW_REFUND, &job->input);
  connector_name(descriptor, &job->input, job->arena);
  record->idempotency_key = job->input.idempotency_key;
  record->reference = job->input.reference;
  record->refund_seed = seed_text;
  record->refund_time_ms = job_now(job);
  record->position.state = STATE_NEW;
  record->owner = ledger_owner(job->flow->rooms.ledger);
  record->created_at = record->updated_at = job_now(job);
  return record->fingerprint.data != NULL || job_out_of_memory(job);
}

/* The row is put twice: the fact needs its number, and it the fact's checksum. */
static bool record_new(struct job *job) {
  struct ledger *ledger = job->flow->rooms.ledger;
  return describe(job) && ledger_put_refund(ledger, &job->record, &job->error) &&
         ledger_add_fact(ledger, job->arena, &job->record, "admitted", 0, job->note, &job->error) &&
         ledger_put_refund(ledger, &job->record, &job->error);
}

/* Nothing is recorded that the caller would not hear of. */
static bool not_begun(struct job *job) {
  error_set(&job->error, ERROR_HOST, NULL, "refund %s was not begun: the program was told to end",
            job->refund.refund_id.data);
  return error_fix(&job->error, "ask again with the same id");
}

bool step_admit(struct job *job) {
  job->step = STEP_GATE;
  switch (ledger_find_refund(job->flow->rooms.ledger, job->refund.refund_id, job->arena, &job->record, &job->error)) {
    case LEDGER_FAILED:
      return false;
    case LEDGER_FOUND:
      return recall(job);
    case LEDGER_NONE:
      break;
  }
  if (job->account == NULL) {
    job->error = job->join_error;
    return false;
  }
  if (job->flow->stop) return not_begun(job);
  return check_scope(job) && check_ceilings(job) && guard(job) && record_new(job);
}
