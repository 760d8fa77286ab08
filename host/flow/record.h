/* A fact becomes a state in the ledger, whoever learned it: an attempt, a look-up, a report or a person. */
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include "ledger/ledger.h"

/* Where it is written, within a transaction that is open; what is made for it lives in the arena. */
struct record_place {
  struct ledger *ledger;
  const struct outside *outside;
  struct arena *arena;
};

/* Applies a fact to a record as it stands on disk: its state, the fact in its chain, and what it holds of its payment
 * (`held`, minor units, where the new state holds at all). A fact that does not apply is recorded and leaves the state.
 * `attempt` is a row, or 0. False and an error: the transaction is to be undone, and the record is worth nothing. */
bool record_apply(const struct record_place *place, struct ledger_refund *record, enum fact fact, int64_t held,
                  int64_t attempt, refund_text note, struct error *error);

#endif
