/* SPDX-License-Identifier: Apache-2.0
 * The generic refund API, and the connector to copy for a processor of your own. */
#include <refund_toolkit.h>

/* Status words are the toolkit's own: refund_default_words. */

/* A key that came before with other content says that a first request arrived. */
static const refund_word error_readings[] = {{"idempotency_key_reused", REFUND_READING_DUPLICATE}};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_REFERENCE, "reference"},
    {REFUND_TEXT_CURRENCY, "currency"},
};

/* ---- Every answer ---- */

/* {"error":{"code","message"}}; a conflict of any other code says that a first request may be at work. */
static int32_t map_error(const refund_call *call, const refund_node *error, int32_t status, refund_result *result) {
  int32_t otherwise = status == 409 ? REFUND_READING_IN_PROGRESS : REFUND_READING_REJECTED;
  return refund_say_error_by(call, result, REFUND_WORDS(error_readings), otherwise, error, "code", "message",
                             "message");
}

/* {"id","status"}, perhaps with "amount", "currency" and "reference", which the host compares. */
static int32_t map_refund(const refund_call *call, const refund_node *refund, refund_result *result) {
  refund_text status = refund_text_at(call, refund, "status");
  if (refund_node_at(call, refund, "id") == NULL && refund_node_at(call, refund, "status") == NULL) {
    return REFUND_MALFORMED_RESPONSE;
  }
  refund_say_texts(call, result, refund, REFUND_WORDS(refund_places));
  refund_say_amount(result, refund_text_at(call, refund, "amount"));
  return refund_say_status(result, refund_default_words, refund_default_word_count, status);
}

/* ---- refund: POST /refunds ---- */

REFUND_BODY(refund_body, REFUND_AS_JSON,
            "{'payment_id':'$connector_transaction_id','amount':$amount$?reason[,'reason':'$reason']}");
REFUND_URL(refund_url, 0, "/refunds");

static int32_t headers_with_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
  return refund_only_api_key(call, request, headers);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  refund_say_replay(result, response, "Idempotent-Replayed");
  if (error != NULL) return map_error(call, error, response->status, result);
  if (response->status >= 400 && refund_node_at(call, root, "id") == NULL) {
    return REFUND_MALFORMED_RESPONSE; /* an error in a form of its own */
  }
  return map_refund(call, root, result);
}

/* ---- refund_sync: GET /refunds/{id} ---- */

REFUND_URL(sync_url, 0, "/refunds/$connector_refund_id");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is(refund_text_at(call, root, "error/code"), "refund_not_found")) return refund_say_not_found(result, 1);
  return map_response(call, response, result);
}

/* ---- refund_lookup: GET /refunds?reference=, {"data":[refund],"has_more":false}; the reference is our key ---- */

REFUND_URL(lookup_url, 0, "/refunds?reference=$reference");

static int is_ours(const refund_call *call, const refund_node *refund) {
  return refund_same(refund_text_at(call, refund, "reference"), call->reference);
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  const refund_node *ours = refund_pick(call, root, "data", is_ours);
  if (error != NULL) return map_error(call, error, response->status, result);
  if (refund_kind_at(call, root, "data") != REFUND_KIND_ARRAY) return REFUND_MALFORMED_RESPONSE;
  if (ours != NULL) return map_refund(call, ours, result);
  return refund_say_not_found(result, refund_is(refund_text_at(call, root, "has_more"), "false"));
}

static const refund_vtable refund_table = {headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {refund_only_api_key, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {refund_only_api_key, lookup_url, refund_no_body, map_lookup};

/* The account gives the base URL: there is no processor of this name. */
REFUND_CONNECTOR("reference", "1.0.0", "refund-host", "", REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_key", "bearer key")), REFUND_BASE_URLS({"api", "", ""}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("GET", "", REFUND_NAMES_REFERENCE, REFUND_MINUTES(1),
                                              REFUND_FLOW_ABSENCE_FINAL)),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 128), REFUND_DAYS(1), REFUND_AT_ONCE,
                            REFUND_KEY_COMPARES_BODY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
