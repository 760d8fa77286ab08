/* SPDX-License-Identifier: Apache-2.0
 * The generic refund API, and the connector to copy for a processor of your own. */
#include <refund_toolkit.h>

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  return refund_add_bearer(call, headers, refund_account(call, "api_key"));
}

/* {"error":{"code","message"}}. A key that came before with other content says that a first request arrived; any other
 * conflict, that one may be at work. */
static int32_t map_error(const refund_call *call, const refund_node *error, int32_t status, refund_result *result) {
  refund_text code = refund_text_at(call, error, "code");
  refund_text message = refund_text_at(call, error, "message");
  int32_t reading = status == 409 ? REFUND_READING_IN_PROGRESS : REFUND_READING_REJECTED;
  if (!refund_there(code)) return REFUND_MALFORMED_RESPONSE;
  if (refund_is(code, "idempotency_key_reused")) reading = REFUND_READING_DUPLICATE;
  return refund_say_error(result, reading, code, message, message);
}

/* {"id","status"}, perhaps with "amount", "currency" and "reference", which the host compares. */
static int32_t map_refund(const refund_call *call, const refund_node *refund, refund_result *result) {
  if (refund_node_at(call, refund, "id") == NULL && refund_node_at(call, refund, "status") == NULL) {
    return REFUND_MALFORMED_RESPONSE;
  }
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, refund, "id"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, refund, "reference"));
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, refund, "currency"));
  refund_say_amount(result, refund_text_at(call, refund, "amount"));
  return refund_say_status(result, refund_default_words, refund_default_word_count,
                           refund_text_at(call, refund, "status"));
}

/* ---- refund: POST /refunds ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_json json;
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "payment_id", call->connector_transaction_id);
  refund_json_integer(&json, "amount", call->refund_amount);
  refund_json_text(&json, "reason", call->reason);
  refund_json_end(&json);
  return json.code;
}

static int32_t refund_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  refund_text no_id = {NULL, 0};
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/refunds", no_id, "");
}

static int32_t refund_headers_with_key(const refund_call *call, const refund_http_request *request,
                                       refund_headers *headers) {
  get_headers(call, request, headers);
  return refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  refund_say_replay(result, response, "Idempotent-Replayed");
  if (error == NULL && response->status >= 400 && refund_node_at(call, root, "id") == NULL) {
    return REFUND_MALFORMED_RESPONSE; /* an error in a form of its own */
  }
  return error != NULL ? map_error(call, error, response->status, result) : map_refund(call, root, result);
}

/* ---- refund_sync: GET /refunds/{id} ---- */

static int32_t sync_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/refunds/", call->connector_refund_id, "");
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is(refund_text_at(call, root, "error/code"), "refund_not_found")) return refund_say_not_found(result, 1);
  return map_response(call, response, result);
}

/* ---- refund_lookup: GET /refunds?reference=, {"data":[refund],"has_more":false}; the reference is our key ---- */

static int32_t lookup_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/refunds?reference=", call->reference, "");
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  if (error != NULL) return map_error(call, error, response->status, result);
  if (refund_kind_at(call, root, "data") != REFUND_KIND_ARRAY) return REFUND_MALFORMED_RESPONSE;
  for (const refund_node *refund = refund_first_at(call, root, "data"); refund != NULL;
       refund = refund_next(call, refund)) {
    if (refund_same(refund_text_at(call, refund, "reference"), call->reference)) {
      return map_refund(call, refund, result);
    }
  }
  return refund_say_not_found(result, refund_is(refund_text_at(call, root, "has_more"), "false"));
}

static const refund_vtable refund_table = {refund_headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {get_headers, lookup_url, refund_no_body, map_lookup};

/* The account gives the base URL: there is no processor of this name. */
REFUND_CONNECTOR(
    "reference", "1.0.0", "refund-host", "", REFUND_FLAGS(REFUND_IDS_UNIQUE),
    REFUND_FIELDS({"api_key", "bearer key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}),
    REFUND_BASE_URLS({"api", "", ""}),
    REFUND_FLOWS(REFUND_FLOW("refund", "POST", "application/json", 0, REFUND_NAMES_REFUND_ID, 0),
                 REFUND_FLOW("refund_sync", "GET", "", 0, REFUND_NAMES_REFUND_ID, 0),
                 REFUND_FLOW("refund_lookup", "GET", "", REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFERENCE, 60)),
    REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "Idempotency-Key", 1, 128, "", 86400, 0, REFUND_KEY_COMPARES_BODY, ""),
    REFUND_REFERENCE(1, 128, "", 0, 0), REFUND_ISO_CURRENCIES,
    REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
