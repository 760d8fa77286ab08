/* What resume, sync and remap share: refunds that are on record go through the flow again. */
#ifndef CLI_TAKE_UP_H
#define CLI_TAKE_UP_H

#include "cli/office.h"

/* In which a person may ask the processor; besides what `resume` takes up. */
#define TAKE_UP_OPEN \
  (LEDGER_IN(STATE_SENDING) | LEDGER_IN(STATE_UNKNOWN) | LEDGER_IN(STATE_PENDING) | LEDGER_IN(STATE_MANUAL_REVIEW))

struct take_up {
  const char *id;  /* NULL: all that are in `states` */
  unsigned states; /* LEDGER_IN() of each */
  enum flow_aim aim;
  struct office_options office;
};

/* Returns the exit status: that of the worst. */
int take_up_run(struct cli *cli, struct take_up *what);

#endif
