/* What the parts of ledger_verify() share. */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include "ledger/rows.h"

struct check {
  struct ledger *ledger;
  ledger_wrong *told;
  void *context;
  struct ledger_checked *checked;
  bool only_damage; /* not what the facts of the world may have led to: copies, payments held beyond captured */
};

/* Tells one thing that is wrong, and counts it. */
void check_wrong(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each checks one row whose own checksum fits. False and an error only if the check could not be made. */
bool check_refund(struct check *check, const struct ledger_refund *refund, struct error *error);
bool check_payment(struct check *check, const struct ledger_payment *payment, struct error *error);

/* Everything but whether it is the original. */
bool check_ledger(struct check *check, struct error *error);

#endif
