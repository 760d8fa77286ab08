/* crash_keys as it was before somebody mended it: it reads no answer at all. */
#include "flows.h"

static int32_t cannot_read(const refund_call *call, const refund_http_response *response, refund_result *result) {
  (void)call;
  (void)response;
  (void)result;
  return REFUND_MALFORMED_RESPONSE;
}

static const refund_vtable broken_table = {headers_with_key, refund_url, refund_body, cannot_read};
static const refund_vtable broken_sync = {refund_only_api_key, sync_url, refund_no_body, cannot_read};

REFUND_CONNECTOR("crash_keys", "0.9.0", "refund-host", "", CRASH_ACCOUNT,
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFUND_ID), CRASH_SYNC),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 128), REFUND_DAYS(1),
                            REFUND_MINUTES(1), REFUND_KEY_COMPARES_BODY),
                 CRASH_REFERENCE, REFUND_ISO_CURRENCIES, REFUND_TABLES(&broken_table, &broken_sync));
