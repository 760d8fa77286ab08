/* A key that is forgotten after half an hour and keeps answers of success only; then the look-up has to tell. */
#include "flows.h"

REFUND_CONNECTOR("crash_both", "1.0.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFERENCE), CRASH_SYNC,
                              CRASH_LOOKUP),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 128), REFUND_MINUTES(30),
                            REFUND_MINUTES(1), REFUND_KEY_COMPARES_BODY | REFUND_KEY_KEEPS_2XX_ONLY),
                 CRASH_REFERENCE, REFUND_ISO_CURRENCIES, REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
