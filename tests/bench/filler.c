/* SPDX-License-Identifier: Apache-2.0
 * A connector of ordinary size that no benchmark calls: it only lies in the folder with the others. FILLER_ID is its
 * id. */
#include <refund_toolkit.h>

static const refund_word status_words[] = {
    {"completed", REFUND_STATUS_SUCCESS},
    {"processing", REFUND_STATUS_PENDING},
    {"failed", REFUND_STATUS_FAILURE},
};

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  refund_add_bearer(call, headers, refund_account(call, "api_key"));
  return refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
}

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_json json;
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "payment", call->connector_transaction_id);
  refund_json_integer(&json, "amount", call->refund_amount);
  refund_json_text(&json, "currency", call->currency);
  refund_json_text(&json, "reference", call->refund_id);
  refund_json_end(&json);
  return json.code;
}

static int32_t refund_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  refund_put(url, refund_base(call, 0));
  refund_puts(url, "/payments/");
  refund_put_percent(url, call->connector_transaction_id);
  return refund_puts(url, "/refunds");
}

static int32_t sync_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  refund_url(call, request, url);
  refund_puts(url, "/");
  return refund_put_percent(url, call->connector_refund_id);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text code = refund_text_at(call, root, "error/code");
  refund_text message = refund_text_at(call, root, "error/message");
  if (refund_there(code)) return refund_say_error(result, REFUND_READING_REJECTED, code, message, message);
  if (refund_node_at(call, root, "id") == NULL) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, root, "id"));
  refund_say_amount(result, refund_text_at(call, root, "amount"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

static const refund_vtable refund_table = {get_headers, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_response};

REFUND_CONNECTOR(FILLER_ID, "1.0.0", "refund-host", "", REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS({"api_key", "bearer key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}),
                 REFUND_BASE_URLS({"api", "https://api.example.com", "https://sandbox.example.com"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFUND_ID),
                              REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID)),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 128), REFUND_DAYS(1), REFUND_AT_ONCE,
                            REFUND_KEY_COMPARES_BODY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table));
