/* crash_keys as somebody changed it later: it builds another body. */
#include "flows.h"

static const refund_vtable other_table = {headers_with_key, refund_url, named_body, map_response};

REFUND_CONNECTOR("crash_keys", "1.1.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFUND_ID), CRASH_SYNC),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 128), REFUND_DAYS(1),
                            REFUND_MINUTES(1), REFUND_KEY_COMPARES_BODY),
                 CRASH_REFERENCE, REFUND_ISO_CURRENCIES, REFUND_TABLES(&other_table, &sync_table));
