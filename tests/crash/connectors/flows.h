/* What the connectors of the crash tests are made of: the flows of the reference connector, without its descriptor, and
 * a few that offer less. Each connector differs from the others in what it declares. */
#ifndef CRASH_CONNECTORS_FLOWS_H
#define CRASH_CONNECTORS_FLOWS_H

#include <refund_toolkit.h>

#pragma push_macro("REFUND_CONNECTOR")
#undef REFUND_CONNECTOR
#define REFUND_CONNECTOR(...) extern const refund_descriptor refund_connector
#include "../../../plugins/reference/reference.c"
#undef REFUND_CONNECTOR
#pragma pop_macro("REFUND_CONNECTOR")

#define CRASH_ACCOUNT                                                                           \
  REFUND_FLAGS(REFUND_IDS_UNIQUE),                                                              \
      REFUND_FIELDS({"api_key", "bearer key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}), \
      REFUND_BASE_URLS({"api", "", ""})
#define CRASH_SYNC REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID)
#define CRASH_LOOKUP REFUND_LOOKS_UP("GET", "", REFUND_NAMES_REFERENCE, REFUND_MINUTES(1), REFUND_FLOW_ABSENCE_FINAL)
#define CRASH_REFERENCE REFUND_REFERENCES(REFUND_LENGTH(1, 128))

/* Our reference in the body and no key: so the simulator's books name the refund, whatever the connector makes of it.
 */
static inline int32_t named_body(const refund_call *call, refund_bytes *body) {
  refund_json json;
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "payment_id", call->connector_transaction_id);
  refund_json_integer(&json, "amount", call->refund_amount);
  refund_json_text(&json, "reference", call->reference);
  refund_json_end(&json);
  return json.code;
}

static const refund_vtable named_table = {refund_only_api_key, refund_url, named_body, map_response};

#endif
