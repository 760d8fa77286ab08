#include "flow/record.h"

/* What the payment's refunds hold follows from the refund's state. */
static bool hold(const struct record_place *place, const struct ledger_refund *record, int64_t before,
                 struct error *error) {
  struct ledger_payment payment;
  if (before == record->held_amount) return true;
  enum ledger_found found = ledger_find_payment(place->ledger, record->scope, record->connector_transaction_id,
                                                record->currency, place->arena, &payment, error);
  if (found == LEDGER_NONE) {
    error_set(error, ERROR_LEDGER, NULL, "the payment of refund %s is not on record", record->refund_id.data);
  }
  if (found != LEDGER_FOUND) return false;
  payment.held_amount += record->held_amount - before;
  payment.updated_at = record->updated_at;
  return ledger_put_payment(place->ledger, &payment, error);
}

bool record_apply(const struct record_place *place, struct ledger_refund *record, enum fact fact, int64_t held,
                  int64_t attempt, refund_text note, struct error *error) {
  int64_t before = record->held_amount;
  state_next(record->position, fact, &record->position);
  record->held_amount = state_holds(record->position.state) ? held : 0;
  record->updated_at = place->outside->now_ms(place->outside);
  return hold(place, record, before, error) &&
         ledger_add_fact(place->ledger, place->arena, record, fact_name(fact), attempt, note, error) &&
         ledger_put_refund(place->ledger, record, error);
}
