/* A key that is forgotten after half an hour and keeps answers of success only; then the look-up has to tell. */
#include "flows.h"

REFUND_CONNECTOR("crash_both", "1.0.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", "application/json", 0, REFUND_NAMES_REFERENCE, 0),
                              CRASH_SYNC, CRASH_LOOKUP),
                 REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "Idempotency-Key", 1, 128, "", 1800, 60,
                                    REFUND_KEY_COMPARES_BODY | REFUND_KEY_KEEPS_2XX_ONLY, ""),
                 CRASH_REFERENCE, REFUND_ISO_CURRENCIES, REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
