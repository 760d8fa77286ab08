/* No key, but our reference can be looked up, and an absence is final. */
#include "flows.h"

REFUND_CONNECTOR("crash_lookup", "1.0.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFERENCE), CRASH_SYNC,
                              CRASH_LOOKUP),
                 REFUND_NO_IDEMPOTENCY, CRASH_REFERENCE, REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&named_table, &sync_table, &lookup_table));
