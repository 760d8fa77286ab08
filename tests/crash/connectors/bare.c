/* Neither a key nor a look-up: what is lost stays so. */
#include "flows.h"

REFUND_CONNECTOR("crash_bare", "1.0.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFUND_ID), CRASH_SYNC),
                 REFUND_NO_IDEMPOTENCY, CRASH_REFERENCE, REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&named_table, &sync_table));
