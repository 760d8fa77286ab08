#include "domain/verdict.h"

#include <string.h>

#include "document/document.h"
#include "refund_toolkit.h"

enum { BODY_SHOWN = 1000 }; /* bytes */

const char *attempt_class_name(enum attempt_class attempt_class) {
  static const char *const names[CLASSES] = {"A", "A'", "B", "C", "C'", "D", "absent"};
  return names[attempt_class];
}

const char *reading_name(int32_t reading) {
  static const char *const names[] = {
      NULL, "status", "rejected", "duplicate", "in_progress", "refused_before_processing", "absent"};
  return reading >= 0 && reading <= REFUND_READING_ABSENT ? names[reading] : NULL;
}

const char *refund_status_name(int32_t refund_status) {
  static const char *const names[] = {"pending", "success", "pending", "failure", "manual_review"};
  return refund_status >= 0 && refund_status <= REFUND_STATUS_MANUAL_REVIEW ? names[refund_status] : "pending";
}

/* At most `greatest` bytes of a foreign text, ending at a character's end. */
static refund_text excerpt(refund_text text, uint64_t greatest) {
  if (text.size <= greatest) return text;
  text.size = greatest;
  while (text.size > 0 && ((unsigned char)text.data[text.size] & 0xC0u) == 0x80u)
    text.size--;
  return text;
}

/* ---- Class ---- */

/* Answers that say "later" or nothing at all, whatever the body says. 429 is apart: it was refused unprocessed. */
static bool is_undecided_status(int status) {
  return status < 200 || (status >= 300 && status < 400) || status == 408 || status == 423 || status == 425 ||
         status >= 500;
}

/* A refusal of the credentials proves that nothing was done. What reads as anything but a refusal is left to its
 * reading. */
static bool is_about_account(const struct exchange *exchange, const struct answer *answer) {
  if (answer->reading == REFUND_READING_ACCOUNT_REFUSED) return true;
  bool unread = answer->reading == 0;
  bool refusal =
      answer->reading == REFUND_READING_REJECTED || answer->reading == REFUND_READING_REFUSED_BEFORE_PROCESSING;
  if (exchange->http_status == 401 || (refusal && refund_is(answer->error_code, "invalid_client"))) {
    return unread || refusal;
  }
  /* An unread 403 may be a filter's on the way back: without a key, that is no ground to send again. */
  bool has_key = refund_there(exchange->sent_key);
  return exchange->http_status == 403 && ((unread && has_key) || (refusal && !refund_there(answer->error_code)));
}

static enum attempt_class class_of_reading(int32_t reading, enum flow_kind flow) {
  switch (reading) {
    case REFUND_READING_STATUS:
      return CLASS_ACCEPTED;
    case REFUND_READING_REJECTED:
      return CLASS_REJECTED;
    case REFUND_READING_DUPLICATE:
      return CLASS_DUPLICATE;
    case REFUND_READING_REFUSED_BEFORE_PROCESSING:
      return CLASS_REFUSED;
    case REFUND_READING_ABSENT:
      return flow == FLOW_REFUND ? CLASS_AMBIGUOUS : CLASS_ABSENT;
    default:
      return CLASS_AMBIGUOUS;
  }
}

/* Where refund ids are unique, the payment's own is none: the answer speaks of the payment, whose status is not the
 * refund's. */
static bool is_about_payment(const struct exchange *exchange) {
  const struct answer *answer = exchange->answer;
  bool unique = exchange->descriptor != NULL && (exchange->descriptor->flags & REFUND_IDS_UNIQUE) != 0;
  return unique && answer != NULL && exchange->refund != NULL && refund_there(answer->refund_id) &&
         refund_same(answer->refund_id, exchange->refund->connector_transaction_id);
}

static enum attempt_class classify(const struct exchange *exchange, struct verdict *verdict) {
  if (exchange->transmissions == 0) return CLASS_NOT_SENT;
  if (!exchange->complete) return CLASS_AMBIGUOUS;
  if (is_undecided_status(exchange->http_status)) return CLASS_AMBIGUOUS;
  if (exchange->http_status == 429) {
    verdict->reading = REFUND_READING_REFUSED_BEFORE_PROCESSING;
    return CLASS_REFUSED;
  }
  verdict->reading = exchange->answer->reading;
  if (verdict->reading == REFUND_READING_ACCOUNT_REFUSED) verdict->reading = REFUND_READING_REJECTED;
  verdict->about_account = is_about_account(exchange, exchange->answer);
  if (verdict->about_account) return CLASS_REFUSED;
  if (is_about_payment(exchange)) return CLASS_AMBIGUOUS;
  enum attempt_class read = class_of_reading(exchange->answer->reading, exchange->flow);
  bool complete = exchange->http_status < 300 || exchange->http_status == 404;
  if (read == CLASS_ABSENT && !complete) return CLASS_AMBIGUOUS; /* an error proves no absence */
  bool decides = read == CLASS_REJECTED || read == CLASS_DUPLICATE;
  return exchange->http_status == 409 && !decides ? CLASS_AMBIGUOUS : read; /* a conflict is no success */
}

/* ---- Error ---- */

/* Codes of our own, where the processor gave none. */
static refund_text fallback_code(struct arena *arena, const struct exchange *exchange) {
  int status = exchange->http_status;
  if (exchange->transmissions == 0) return refund_text_of("NOT_SENT");
  if (!exchange->complete) return refund_text_of("NO_RESPONSE");
  bool by_status = status == 401 || status == 429;
  if (by_status && exchange->answer->reading == 0) return arena_format(arena, "%d", status);
  if (is_undecided_status(status)) return arena_format(arena, "%d", status);
  if (exchange->answer->reading == 0) return refund_text_of("RESPONSE_DESERIALIZATION_FAILED");
  refund_text none = {NULL, 0};
  return none;
}

/* As the fact sheets of connectors have it. */
static const char *server_error(int status) {
  static const char *const names[] = {"internal_server_error", "not_implemented", "bad_gateway", "service_unavailable",
                                      "gateway_timeout"};
  return status >= 500 && status <= 504 ? names[status - 500] : NULL;
}

static refund_text fallback_message(struct arena *arena, const struct exchange *exchange) {
  if (!exchange->complete) return exchange->problem;
  const char *name = server_error(exchange->http_status);
  if (name != NULL) return refund_text_of(name);
  if (is_about_payment(exchange)) return refund_text_of("the processor answered with the payment's id as the refund's");
  if (exchange->answer->reading == 0) {
    return arena_format(arena, "the processor's answer (HTTP %d) could not be read", exchange->http_status);
  }
  if (is_undecided_status(exchange->http_status) || exchange->http_status == 429) {
    return arena_format(arena, "the processor answered HTTP %d", exchange->http_status);
  }
  refund_text none = {NULL, 0};
  return none;
}

static void take_error(struct arena *arena, const struct exchange *exchange, struct verdict *verdict) {
  const struct answer *answer = exchange->answer;
  if (answer != NULL) {
    verdict->error_code = answer->error_code;
    verdict->error_message = answer->error_message;
    verdict->error_reason = answer->error_reason;
    verdict->network_decline_code = answer->network_decline_code;
  }
  bool settled = verdict->attempt_class == CLASS_ACCEPTED || verdict->attempt_class == CLASS_ABSENT;
  if (settled) return;
  if (verdict->error_code.data == NULL) verdict->error_code = fallback_code(arena, exchange);
  if (verdict->error_message.data == NULL) verdict->error_message = fallback_message(arena, exchange);
  bool shown = answer != NULL && answer->reading == 0 && exchange->http_status >= 500 && refund_there(exchange->body);
  if (shown && document_is_utf8(exchange->body)) {
    verdict->error_reason = arena_copy(arena, excerpt(exchange->body, BODY_SHOWN));
  }
}

/* ---- Check: amount, currency, ids ---- */

static refund_text amount_contradiction(struct arena *arena, const struct exchange *exchange) {
  const struct answer *answer = exchange->answer;
  const struct currency *currency = exchange->refund->currency;
  const refund_currency *rule = money_rule(exchange->descriptor, currency);
  int64_t asked;
  refund_text none = {NULL, 0};
  if (answer->amount_text.data != NULL) {
    refund_text theirs = excerpt(answer->amount_text, 40);
    return arena_format(arena, "asked for %s, the processor answered \"%.*s\", which is no such amount",
                        money_show(exchange->refund->refund_amount, currency->exponent, currency->code).text,
                        (int)theirs.size, theirs.data);
  }
  if (!money_to_processor(exchange->refund->refund_amount, currency, rule, &asked, NULL)) return none;
  bool same_amount = !answer->has_amount || answer->amount == asked;
  bool same = currency_agrees(answer->currency, currency);
  if (same_amount && same) return none;
  int32_t exponent = money_exponent(currency, rule);
  char code[8] = "";
  refund_text echoed = excerpt(answer->currency, sizeof code - 1);
  if (!refund_there(echoed)) echoed = refund_text_of(currency->code);
  for (size_t i = 0; i < echoed.size; i++) {
    char c = echoed.data[i];
    code[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
  }
  return arena_format(arena, "asked for %s, the processor answered %s",
                      money_show(asked, exponent, currency->code).text,
                      money_show(answer->has_amount ? answer->amount : asked, exponent, code).text);
}

static refund_text id_contradiction(struct arena *arena, const struct exchange *exchange) {
  const struct answer *answer = exchange->answer;
  const struct refund *refund = exchange->refund;
  refund_text none = {NULL, 0};
  if (refund_there(answer->reference) && !refund_same(answer->reference, refund->refund_id) &&
      !refund_same(answer->reference, exchange->sent_reference) &&
      !refund_same(answer->reference, exchange->sent_key)) {
    refund_text theirs = excerpt(answer->reference, 100);
    return arena_format(arena, "asked for %s, the processor answered for %.*s", refund->refund_id.data,
                        (int)theirs.size, theirs.data);
  }
  if (refund_there(answer->refund_id) && refund_there(refund->connector_refund_id) &&
      !refund_same(answer->refund_id, refund->connector_refund_id)) {
    refund_text theirs = excerpt(answer->refund_id, 100);
    return arena_format(arena, "asked for the processor's refund %s, it answered for %.*s",
                        refund->connector_refund_id.data, (int)theirs.size, theirs.data);
  }
  return none;
}

static void check(struct arena *arena, const struct exchange *exchange, struct verdict *verdict) {
  refund_text difference = amount_contradiction(arena, exchange);
  if (difference.data == NULL) difference = id_contradiction(arena, exchange);
  if (difference.data == NULL) return;
  verdict->contradicts = true;
  verdict->refund_status = REFUND_STATUS_MANUAL_REVIEW;
  if (verdict->error_message.data == NULL) verdict->error_message = refund_text_of("the answer contradicts the refund");
  verdict->error_reason = difference;
}

/* ---- Status ---- */

static refund_text no_status(struct arena *arena, refund_text word) {
  if (!refund_there(word)) return refund_text_of("the answer has no status: taken as pending");
  word = excerpt(word, 60);
  return arena_format(arena, "the status word \"%.*s\" is not known: taken as pending", (int)word.size, word.data);
}

static int32_t accepted_status(struct arena *arena, const struct exchange *exchange, struct verdict *verdict) {
  const struct answer *answer = exchange->answer;
  switch (answer->status) {
    case REFUND_STATUS_SUCCESS:
      if (refund_there(answer->refund_id) || refund_there(exchange->refund->connector_refund_id)) {
        return REFUND_STATUS_SUCCESS;
      }
      verdict->warning = refund_text_of("the processor says success but names no refund id: taken as pending");
      return REFUND_STATUS_PENDING;
    case REFUND_STATUS_FAILURE:
    case REFUND_STATUS_MANUAL_REVIEW:
    case REFUND_STATUS_PENDING:
      return answer->status;
    default:
      verdict->warning =
          answer->unknown_value
              ? refund_text_of("the connector says something that this version does not know: taken as pending")
              : no_status(arena, answer->status_word);
      return REFUND_STATUS_PENDING;
  }
}

/* Of the refusals of an account, an unread 403 says too little to a person: it may be a firewall's. */
static bool is_clear_refusal(const struct exchange *exchange, const struct verdict *verdict) {
  return verdict->about_account && (exchange->http_status == 401 || exchange->answer->reading != 0);
}

static int32_t status_of(struct arena *arena, const struct exchange *exchange, struct verdict *verdict) {
  bool is_refund = exchange->flow == FLOW_REFUND;
  switch (verdict->attempt_class) {
    case CLASS_ACCEPTED:
      return accepted_status(arena, exchange, verdict);
    case CLASS_REJECTED:
      return is_refund ? REFUND_STATUS_FAILURE : REFUND_STATUS_PENDING;
    case CLASS_REFUSED:
      return is_refund && is_clear_refusal(exchange, verdict) ? REFUND_STATUS_FAILURE : REFUND_STATUS_PENDING;
    default:
      return REFUND_STATUS_PENDING;
  }
}

/* What an answer is about, in words of a later version, is not said. */
static void take_marks(const struct answer *answer, struct verdict *verdict) {
  bool known = answer->names >= REFUND_NAMES_NOTHING && answer->names <= REFUND_NAMES_PAYMENT;
  verdict->names = known ? answer->names : REFUND_NAMES_NOTHING;
  verdict->replayed = answer->replayed;
}

/* What answers our own request names our refund, also where it fails or leaves us in doubt; of looks only one that
 * found it. */
static bool gives_id(const struct exchange *exchange, const struct verdict *verdict) {
  bool did_nothing = verdict->attempt_class == CLASS_REFUSED || verdict->attempt_class == CLASS_NOT_SENT;
  bool is_ours = exchange->flow == FLOW_REFUND ? !did_nothing : verdict->attempt_class == CLASS_ACCEPTED;
  return exchange->answer != NULL && is_ours && !is_about_payment(exchange);
}

void verdict_of(struct arena *arena, const struct exchange *exchange, struct verdict *verdict) {
  memset(verdict, 0, sizeof *verdict);
  verdict->flow = exchange->flow;
  verdict->attempt_class = classify(exchange, verdict);
  if (exchange->answer != NULL) take_marks(exchange->answer, verdict);
  take_error(arena, exchange, verdict);
  if (gives_id(exchange, verdict)) verdict->connector_refund_id = exchange->answer->refund_id;
  if (exchange->refund == NULL) return;
  if (refund_there(exchange->refund->connector_refund_id)) {
    verdict->connector_refund_id = exchange->refund->connector_refund_id; /* once set, it never changes */
  }
  verdict->refund_status = status_of(arena, exchange, verdict);
  if (verdict->attempt_class == CLASS_ACCEPTED) check(arena, exchange, verdict);
}

static bool has_error(const struct verdict *verdict) {
  return refund_there(verdict->error_code) || refund_there(verdict->error_message) ||
         refund_there(verdict->error_reason) || refund_there(verdict->network_decline_code);
}

/* ---- Fact ---- */

static enum fact rejected_fact(const struct verdict *verdict, const struct circumstances *circumstances) {
  if (!circumstances->earlier_unknown) return FACT_REJECTED;
  return verdict->replayed && circumstances->same_key ? FACT_REJECTED_REPLAY : FACT_REJECTED_LATER;
}

static enum fact accepted_fact(const struct verdict *verdict) {
  switch (verdict->refund_status) {
    case REFUND_STATUS_SUCCESS:
      return FACT_SAID_SUCCESS;
    case REFUND_STATUS_FAILURE:
      return FACT_SAID_FAILURE;
    case REFUND_STATUS_MANUAL_REVIEW:
      return FACT_SAID_REVIEW;
    default:
      break;
  }
  bool said_nothing = !refund_there(verdict->connector_refund_id) && has_error(verdict);
  return said_nothing ? FACT_AMBIGUOUS : FACT_SAID_PENDING;
}

/* A stored answer to what was never sent before: somebody else used our key. If that one was refused unprocessed,
 * nothing is lost. */
static bool is_foreign(const struct verdict *verdict, const struct circumstances *circumstances) {
  bool did_nothing = verdict->attempt_class == CLASS_NOT_SENT || verdict->attempt_class == CLASS_REFUSED;
  return verdict->replayed && !did_nothing && !circumstances->earlier_sent && !circumstances->earlier_unknown;
}

enum fact verdict_fact(const struct verdict *verdict, const struct circumstances *circumstances) {
  if (verdict->contradicts) return FACT_CONTRADICTION;
  bool is_attempt = verdict->flow == FLOW_REFUND || circumstances->may_create;
  if (!is_attempt) return verdict->attempt_class == CLASS_ACCEPTED ? accepted_fact(verdict) : FACTS;
  if (is_foreign(verdict, circumstances)) return FACT_CONTRADICTION;
  switch (verdict->attempt_class) {
    case CLASS_NOT_SENT:
    case CLASS_REFUSED:
      return circumstances->earlier_unknown ? FACT_UNSENT_AFTER_UNKNOWN : FACT_UNSENT;
    case CLASS_REJECTED:
      return rejected_fact(verdict, circumstances);
    case CLASS_ACCEPTED:
      return accepted_fact(verdict);
    default:
      return FACT_AMBIGUOUS;
  }
}

void verdict_explain_replay(struct verdict *verdict) {
  verdict->contradicts = true;
  verdict->refund_status = REFUND_STATUS_MANUAL_REVIEW;
  verdict->error_message =
      refund_text_of("the processor repeated a stored answer to a refund that was never sent before");
  verdict->error_reason = refund_text_of("the idempotency key was used before, by another ledger or another system");
}
