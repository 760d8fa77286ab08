/* What persons and processors' reports say of refunds: facts without an attempt. One transaction each. */
#include "flow/flow.h"
#include "flow/record.h"
#include "refund_toolkit.h"

/* One such transaction. */
struct word {
  struct record_place place;
  struct ledger_refund record;
  struct error *error;
};

static bool word_begin(struct word *word, const struct flow_rooms *rooms, struct error *error) {
  *word = (struct word){.place = {rooms->ledger, rooms->outside, arena_open(0)}, .error = error};
  if (word->place.arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  if (ledger_begin(rooms->ledger, error)) return true;
  arena_close(word->place.arena);
  return false;
}

/* Keeps it if it is good so far. Told is only what is on disk. */
static bool word_end(struct word *word, bool good, flow_told *told, void *context) {
  bool kept = good && ledger_commit(word->place.ledger, word->error);
  if (!kept) ledger_rollback(word->place.ledger);
  if (kept && told != NULL) {
    struct outcome outcome = flow_outcome(&word->record);
    struct flow_result result = {.outcome = &outcome};
    told(context, &result);
  }
  arena_close(word->place.arena);
  return kept;
}

static bool find(struct word *word, refund_text refund_id) {
  enum ledger_found found =
      ledger_find_refund(word->place.ledger, refund_id, word->place.arena, &word->record, word->error);
  if (found == LEDGER_NONE) {
    error_set(word->error, ERROR_NOT_FOUND, "refund_id", "refund %.128s is not on record", refund_id.data);
  }
  return found == LEDGER_FOUND;
}

/* What is shown of the refund from now on is why it is where it is now, not what an answer said before. */
static void explain(struct ledger_refund *record, refund_text message, refund_text reason) {
  refund_text none = {NULL, 0};
  record->error_code = record->network_decline_code = record->warning = none;
  record->error_message = message;
  record->error_reason = reason;
}

static bool apply(struct word *word, enum fact fact, refund_text note) {
  struct ledger_refund *record = &word->record;
  int64_t held = record->held_amount > record->refund_amount ? record->held_amount : record->refund_amount;
  return record_apply(&word->place, record, fact, held, 0, note, word->error);
}

static struct money_text show(refund_text currency, int64_t amount) {
  const struct currency *known = currency_find(currency);
  return money_show(amount, known == NULL ? 0 : known->exponent, currency.data);
}

/* ---- resolve ---- */

static bool is_so_already(enum state state, bool succeeded) {
  return succeeded ? state == STATE_SUCCEEDED : state == STATE_FAILED || state == STATE_FAILED_LATE;
}

static bool in_flight(struct word *word) {
  const struct ledger_refund *record = &word->record;
  bool lives = ledger_owner_lives(word->place.ledger, record->owner);
  error_set(word->error, ERROR_CONFLICT, "refund_id",
            lives ? "refund %s is being sent by another process" : "the process that sent refund %s ended on the way",
            record->refund_id.data);
  return error_fix(word->error, lives ? "wait till it has ended" : "refund-host resume %s first, it may tell",
                   record->refund_id.data);
}

static bool cannot_be_resolved(struct word *word, bool succeeded) {
  const struct ledger_refund *record = &word->record;
  error_set(word->error, ERROR_CONFLICT, "refund_id", "refund %s cannot be resolved as %s", record->refund_id.data,
            succeeded ? "succeeded" : "failed");
  error_expected(word->error, "state unknown, pending or manual_review");
  error_found(word->error, "state %s", state_name(record->position.state));
  return error_fix(word->error, record->position.state == STATE_NEW
                                    ? "it was not sent: cancel it, or ask for it again to send it"
                                    : "what the processor's report says of it is recorded by refund-host settle");
}

/* Whoever takes back that money was refunded has to mean this refund. */
static bool check_repeated(struct word *word, bool succeeded, int64_t amount) {
  const struct ledger_refund *record = &word->record;
  bool needed = record->position.state == STATE_SUCCEEDED && !succeeded;
  if (amount == record->refund_amount || (amount == 0 && !needed)) return true;
  if (amount == 0) {
    error_set(word->error, ERROR_USAGE, "--amount", "refund %s succeeded; to call it failed, repeat its amount",
              record->refund_id.data);
  } else {
    error_set(word->error, ERROR_INPUT, "--amount", "the amount is not that of refund %s", record->refund_id.data);
    error_found(word->error, "%s", show(record->currency, amount).text);
  }
  return error_expected(word->error, "%s", show(record->currency, record->refund_amount).text);
}

static bool check_note(refund_text note, struct error *error) {
  if (refund_there(note)) return true;
  error_set(error, ERROR_USAGE, "--note", "a note is missing");
  return error_fix(error, "say how it is known, with --note TEXT");
}

static bool resolve(struct word *word, bool succeeded, int64_t amount_repeated, refund_text note) {
  struct position to;
  enum fact fact = succeeded ? FACT_OPERATOR_SUCCEEDED : FACT_OPERATOR_FAILED;
  const struct ledger_refund *record = &word->record;
  if (record->position.state == STATE_SENDING) return in_flight(word);
  if (!check_repeated(word, succeeded, amount_repeated)) return false;
  if (is_so_already(record->position.state, succeeded)) return true;
  if (!state_next(record->position, fact, &to)) return cannot_be_resolved(word, succeeded);
  refund_text none = {NULL, 0};
  explain(&word->record, succeeded ? none : note, none);
  return apply(word, fact, note);
}

bool flow_resolve(const struct flow_rooms *rooms, refund_text refund_id, bool succeeded, refund_text note,
                  int64_t amount_repeated, flow_told *told, void *context, struct error *error) {
  struct word word;
  if (!check_note(note, error) || !word_begin(&word, rooms, error)) return false;
  bool good = find(&word, refund_id) && resolve(&word, succeeded, amount_repeated, note);
  return word_end(&word, good, told, context);
}

/* ---- cancel ---- */

static bool cancel(struct word *word) {
  refund_text none = {NULL, 0};
  const struct ledger_refund *record = &word->record;
  if (record->position.state == STATE_FAILED && record->position.detail == DETAIL_CANCELED) return true;
  if (record->position.state == STATE_NEW) {
    explain(&word->record, none, none);
    return apply(word, FACT_CANCEL, none);
  }
  error_set(word->error, ERROR_CONFLICT, "refund_id", "refund %s cannot be canceled: %s", record->refund_id.data,
            state_is_open(record->position.state) ? "it may have been sent" : "it has ended");
  error_expected(word->error, "state new");
  return error_found(word->error, "state %s", state_name(record->position.state));
}

/* Another process may be about to send it: its attempt is not recorded then, as the record is another one. */
bool flow_cancel(const struct flow_rooms *rooms, refund_text refund_id, flow_told *told, void *context,
                 struct error *error) {
  struct word word;
  if (!word_begin(&word, rooms, error)) return false;
  bool good = find(&word, refund_id) && cancel(&word);
  return word_end(&word, good, told, context);
}

/* ---- settle ---- */

struct holders {
  struct arena *arena;
  refund_text id;
  refund_text found; /* the refund that has it, as its processor's ids are unique */
  size_t count;      /* of those */
  size_t others;     /* that have it where they are not */
};

static bool take_holder(void *context, const struct ledger_refund *record) {
  struct holders *holders = context;
  if (!refund_same(record->unique_refund_id, holders->id)) {
    holders->others++;
    return true;
  }
  holders->count++;
  holders->found = arena_copy(holders->arena, record->refund_id);
  return true;
}

static bool find_by_processor(struct word *word, refund_text id) {
  struct holders holders = {.arena = word->place.arena, .id = id};
  struct ledger_filter filter = {.connector_refund_id = id};
  if (!ledger_list(word->place.ledger, &filter, take_holder, &holders, word->error)) return false;
  if (holders.count == 1 && holders.found.data != NULL) return find(word, holders.found);
  if (holders.count == 0 && holders.others == 0) {
    return error_set(word->error, ERROR_NOT_FOUND, "connector_refund_id",
                     "no refund on record has the processor's id %.200s", id.data);
  }
  error_set(word->error, ERROR_CONFLICT, "connector_refund_id", "the processor's id %.200s does not say which refund",
            id.data);
  error_expected(word->error, "one refund, of a processor whose ids are unique");
  error_found(word->error, "%zu that have it, %zu of them where ids are unique", holders.count + holders.others,
              holders.count);
  return error_fix(word->error, "give the refund_id");
}

/* Given both ids, they must be of one refund. */
static bool check_processors_id(struct word *word, refund_text id) {
  struct ledger_refund other;
  const struct ledger_refund *record = &word->record;
  if (!refund_there(id) || refund_same(record->connector_refund_id, id)) return true;
  bool has_another = refund_there(record->connector_refund_id);
  enum ledger_found taken =
      has_another ? LEDGER_NONE
                  : ledger_find_by_processor(word->place.ledger, record, id, word->place.arena, &other, word->error);
  if (taken == LEDGER_FAILED) return false;
  if (taken == LEDGER_NONE && !has_another) return true;
  error_set(word->error, ERROR_CONFLICT, "connector_refund_id", "the two ids are not of one refund: %s and %.200s",
            record->refund_id.data, id.data);
  if (has_another) return error_expected(word->error, "%.200s", record->connector_refund_id.data);
  return error_found(word->error, "%.200s is that of refund %s", id.data, other.refund_id.data);
}

static bool may_have_been_sent(struct position position) {
  bool unsent =
      position.detail == DETAIL_NOT_SENT || position.detail == DETAIL_UNSUPPORTED || position.detail == DETAIL_CANCELED;
  return position.state != STATE_NEW && !(position.state == STATE_FAILED && unsent);
}

static bool settle(struct word *word, const struct flow_report *report) {
  struct position to;
  const struct ledger_refund *record = &word->record;
  enum fact fact = report->succeeded ? FACT_REPORTED_SUCCESS : FACT_REPORTED_FAILURE;
  if (!may_have_been_sent(record->position)) {
    error_set(word->error, ERROR_CONFLICT, "refund_id", "refund %s was not sent, so no report can be about it",
              record->refund_id.data);
    return error_found(word->error, "state %s %s", state_name(record->position.state),
                       state_detail_name(record->position.detail));
  }
  if (!state_next(record->position, fact, &to)) return true; /* it agrees */
  refund_text none = {NULL, 0};
  if (to.state == STATE_MANUAL_REVIEW) {
    explain(&word->record,
            refund_text_of(report->succeeded ? "the processor's report says that it succeeded, though it had failed"
                                             : "the processor's report says that it failed, though it had succeeded"),
            report->note);
  } else {
    explain(&word->record, report->succeeded ? none : refund_text_of("failed, by the processor's report"),
            report->succeeded ? none : report->note);
  }
  return apply(word, fact, report->note);
}

bool flow_settle(const struct flow_rooms *rooms, const struct flow_report *report, flow_told *told, void *context,
                 struct error *error) {
  struct word word;
  if (!word_begin(&word, rooms, error)) return false;
  bool found = refund_there(report->refund_id)
                   ? find(&word, report->refund_id) && check_processors_id(&word, report->connector_refund_id)
                   : find_by_processor(&word, report->connector_refund_id);
  return word_end(&word, found && settle(&word, report), told, context);
}

/* ---- The captured amount of a payment ---- */

struct choice {
  struct word *word;
  refund_text scope;
  refund_text currency;
  struct ledger_payment payment;
  size_t count;
};

static bool take_payment(void *context, const struct ledger_payment *payment) {
  struct choice *choice = context;
  struct arena *arena = choice->word->place.arena;
  if (refund_there(choice->scope) && !refund_same(choice->scope, payment->scope)) return true;
  if (refund_there(choice->currency) && !refund_same(choice->currency, payment->currency)) return true;
  choice->count++;
  choice->payment = *payment;
  choice->payment.scope = arena_copy(arena, payment->scope);
  choice->payment.connector_transaction_id = arena_copy(arena, payment->connector_transaction_id);
  choice->payment.currency = arena_copy(arena, payment->currency);
  return true;
}

static bool choose(struct choice *choice, refund_text payment, struct error *error) {
  if (!ledger_list_payments(choice->word->place.ledger, payment, take_payment, choice, error)) return false;
  if (choice->count == 1) {
    return choice->payment.currency.data != NULL || error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  if (choice->count == 0) {
    return error_set(error, ERROR_NOT_FOUND, "payment", "payment %.200s is not on record so", payment.data);
  }
  error_set(error, ERROR_USAGE, "payment", "payment %.200s is on record %zu times", payment.data, choice->count);
  return error_fix(error, "say which with --scope and --currency; refund-host payment %.200s shows them", payment.data);
}

struct latest {
  struct arena *arena;
  refund_text refund_id;
};

static bool take_latest(void *context, const struct ledger_refund *record) {
  struct latest *latest = context;
  latest->refund_id = arena_copy(latest->arena, record->refund_id);
  return true;
}

/* The change stands in the chain of the payment's latest refund, as payments have none of their own. */
static bool record_captured(struct word *word, const struct ledger_payment *payment, int64_t before, refund_text note) {
  struct record_place *place = &word->place;
  struct latest latest = {.arena = place->arena};
  struct ledger_filter filter = {.scope = payment->scope,
                                 .connector_transaction_id = payment->connector_transaction_id,
                                 .currency = payment->currency};
  if (!ledger_list(place->ledger, &filter, take_latest, &latest, word->error) || !find(word, latest.refund_id)) {
    return false;
  }
  refund_text told =
      arena_format(place->arena, "%s captured, before %s: %.*s", show(payment->currency, payment->captured_amount).text,
                   show(payment->currency, before).text, (int)note.size, note.data);
  return ledger_add_fact(place->ledger, place->arena, &word->record, "captured", 0, told, word->error) &&
         ledger_put_refund(place->ledger, &word->record, word->error);
}

static bool set_captured(struct word *word, struct ledger_payment *payment, int64_t captured, refund_text note) {
  int64_t before = payment->captured_amount;
  if (captured == before) return true;
  if (captured < payment->held_amount) {
    error_set(word->error, ERROR_CONFLICT, "--captured", "refunds hold more than that of payment %.200s",
              payment->connector_transaction_id.data);
    error_expected(word->error, "at least %s, which refunds hold", show(payment->currency, payment->held_amount).text);
    error_found(word->error, "%s", show(payment->currency, captured).text);
    return error_fix(word->error, "refunds that failed give their amounts back: resolve them first");
  }
  payment->captured_amount = captured;
  payment->updated_at = word->place.outside->now_ms(word->place.outside);
  return ledger_put_payment(word->place.ledger, payment, word->error) && record_captured(word, payment, before, note);
}

bool flow_set_captured(const struct flow_rooms *rooms, refund_text payment, refund_text scope, refund_text currency,
                       int64_t captured, refund_text note, struct error *error) {
  struct word word;
  struct choice choice = {.word = &word, .scope = scope, .currency = currency};
  if (!check_note(note, error) || !word_begin(&word, rooms, error)) return false;
  bool good = choose(&choice, payment, error) && set_captured(&word, &choice.payment, captured, note);
  return word_end(&word, good, NULL, NULL);
}

/* ---- A restored ledger ---- */

struct listed {
  refund_text refund_id;
  struct listed *next;
};
struct listing {
  struct arena *arena;
  struct listed *last;
  bool failed;
};

static bool take_listed(void *context, const struct ledger_refund *record) {
  struct listing *listing = context;
  bool refused = record->position.state == STATE_FAILED && record->position.detail != DETAIL_NOT_SENT;
  if (refused) return true; /* it was not sent again */
  struct listed *listed = arena_allocate(listing->arena, sizeof *listed);
  listing->failed = listed == NULL || (listed->refund_id = arena_copy(listing->arena, record->refund_id)).data == NULL;
  if (listing->failed) return false;
  listed->next = listing->last;
  listing->last = listed;
  return true;
}

bool flow_restore(const struct flow_rooms *rooms, struct error *error) {
  struct word word;
  struct ledger_filter filter = {.states = LEDGER_IN(STATE_NEW) | LEDGER_IN(STATE_SENDING) | LEDGER_IN(STATE_UNKNOWN) |
                                           LEDGER_IN(STATE_FAILED)};
  refund_text none = {NULL, 0};
  if (!word_begin(&word, rooms, error)) return false;
  struct listing listing = {.arena = word.place.arena};
  bool good = ledger_list(rooms->ledger, &filter, take_listed, &listing, error);
  if (listing.failed) good = error_set(error, ERROR_HOST, NULL, "out of memory");
  for (struct listed *listed = listing.last; listed != NULL && good; listed = listed->next) {
    good = find(&word, listed->refund_id);
    word.record.restored_at = rooms->outside->now_ms(rooms->outside);
    good = good && apply(&word, FACT_RESTORED, none);
  }
  return word_end(&word, good, NULL, NULL);
}
