/* A key for a day, and no look-up: what is lost is sent again. */
#include "flows.h"

REFUND_CONNECTOR("crash_keys", "1.0.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", "application/json", 0, REFUND_NAMES_REFUND_ID, 0),
                              CRASH_SYNC),
                 REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "Idempotency-Key", 1, 128, "", 86400, 60,
                                    REFUND_KEY_COMPARES_BODY, ""),
                 CRASH_REFERENCE, REFUND_ISO_CURRENCIES, REFUND_TABLES(&refund_table, &sync_table));
