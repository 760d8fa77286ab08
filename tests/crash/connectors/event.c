/* The processor speaks of payments only: it can be asked for the last thing that befell one. Start the simulator with
 * identity=payment. */
#include "flows.h"

static int32_t payment_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/refunds/", call->connector_transaction_id, "");
}

static const refund_vtable event_table = {refund_only_api_key, payment_url, refund_no_body, map_sync};

REFUND_CONNECTOR("crash_event", "1.0.0", "refund-host", "", REFUND_FLAGS(0),
                 REFUND_FIELDS({"api_key", "bearer key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}),
                 REFUND_BASE_URLS({"api", "", ""}),
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_PAYMENT),
                              REFUND_SYNCS("GET", "", REFUND_NAMES_PAYMENT)),
                 REFUND_NO_IDEMPOTENCY, CRASH_REFERENCE, REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&named_table, &event_table));
