/* SPDX-License-Identifier: Apache-2.0
 * PayPal, Payments API v2: refund of a captured payment. https://developer.paypal.com/docs/api/payments/v2/ */
#include <refund_toolkit.h>

static const refund_word status_words[] = {
    {"COMPLETED", REFUND_STATUS_SUCCESS},
    {"PENDING", REFUND_STATUS_PENDING},
    {"FAILED", REFUND_STATUS_FAILURE},
    {"CANCELLED", REFUND_STATUS_FAILURE},
};

/* Issues and names that are no refusal of this refund. */
static const struct {
  const char *word;
  int32_t reading;
} error_readings[] = {
    {"RESOURCE_CONFLICT", REFUND_READING_IN_PROGRESS},
    {"PREVIOUS_REQUEST_IN_PROGRESS", REFUND_READING_IN_PROGRESS},
    {"DUPLICATE_REQUEST_ID", REFUND_READING_DUPLICATE},
};

/* On behalf of a merchant: an unsigned JWT, {"alg":"none"} and who acts for whom, in standard base64. */
static int32_t add_assertion(const refund_call *call, refund_headers *headers) {
  refund_text payer = refund_account(call, "payer_id");
  refund_buffer claims;
  refund_buffer assertion;
  refund_json json;
  if (!refund_there(payer)) return REFUND_OK;
  refund_buffer_open(&claims, call);
  refund_json_open(&json, &claims.sink);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "iss", refund_account(call, "client_id"));
  refund_json_text(&json, "payer_id", payer);
  refund_json_end(&json);
  refund_buffer_open(&assertion, call);
  refund_put_base64(&assertion.sink, refund_text_of("{\"alg\":\"none\"}"));
  refund_puts(&assertion.sink, ".");
  refund_put_base64(&assertion.sink, refund_buffer_text(&claims));
  refund_puts(&assertion.sink, ".");
  return refund_add_secret_header(headers, "PayPal-Auth-Assertion", refund_buffer_text(&assertion));
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  if (!refund_there(call->access_token)) return REFUND_TOKEN_NEEDED;
  refund_add_bearer(call, headers, call->access_token);
  return add_assertion(call, headers);
}

/* Every description, one after another; without any, the message. */
static refund_text reason_of(const refund_call *call, const refund_node *root) {
  refund_buffer reason;
  refund_buffer_open(&reason, call);
  for (const refund_node *detail = refund_first_at(call, root, "details"); detail != NULL;
       detail = refund_next(call, detail)) {
    refund_text description = refund_text_at(call, detail, "description");
    if (!refund_there(description)) continue;
    refund_puts(&reason.sink, "description - ");
    refund_put(&reason.sink, description);
    refund_puts(&reason.sink, " ;");
  }
  return reason.size > 0 ? refund_buffer_text(&reason) : refund_text_at(call, root, "message");
}

static int32_t reading_of(const refund_call *call, const refund_node *root) {
  int32_t reading = REFUND_READING_REJECTED;
  for (size_t i = 0; i < sizeof error_readings / sizeof *error_readings; i++) {
    const char *word = error_readings[i].word;
    if (refund_is(refund_text_at(call, root, "name"), word)) reading = error_readings[i].reading;
    for (const refund_node *detail = refund_first_at(call, root, "details"); detail != NULL;
         detail = refund_next(call, detail)) {
      if (refund_is(refund_text_at(call, detail, "issue"), word)) reading = error_readings[i].reading;
    }
  }
  return reading;
}

/* {"name","message","details":[{"issue","description"}]} */
static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text issue = refund_text_at(call, root, "details/0/issue");
  if (!refund_there(refund_text_at(call, root, "name"))) return REFUND_MALFORMED_RESPONSE;
  return refund_say_error(result, reading_of(call, root), issue, issue, reason_of(call, root));
}

/* {"error","error_description"}, about credentials or a token */
static int32_t map_oauth_error(const refund_call *call, const refund_node *root, int32_t reading,
                               refund_result *result) {
  refund_text error = refund_text_at(call, root, "error");
  if (!refund_there(error)) return map_error(call, root, result);
  return refund_say_error(result, reading, error, error, refund_text_at(call, root, "error_description"));
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (!refund_there(refund_text_at(call, root, "id"))) {
    int stale = response->status == 401;
    return stale ? map_oauth_error(call, root, REFUND_READING_REFUSED_BEFORE_PROCESSING, result)
                 : map_error(call, root, result);
  }
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, root, "id"));
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, root, "amount/currency_code"));
  refund_say_major(call, result, refund_text_at(call, root, "amount/value"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

/* ---- refund: POST /v2/payments/captures/{capture_id}/refund ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_json json;
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_object(&json, "amount"); /* without it PayPal refunds all */
  refund_json_text(&json, "currency_code", call->currency);
  refund_json_major_text(&json, "value", call->refund_amount, call->exponent);
  refund_json_end(&json);
  refund_json_end(&json);
  return json.code;
}

static int32_t refund_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  refund_text capture = refund_metadata(call, "capture_id");
  (void)request;
  if (!refund_there(capture)) capture = call->connector_transaction_id;
  return refund_put_url(url, refund_base(call, 0), "/v2/payments/captures/", capture, "/refund");
}

static int32_t refund_headers_with_key(const refund_call *call, const refund_http_request *request,
                                       refund_headers *headers) {
  refund_add_header(headers, "Prefer", refund_text_of("return=representation")); /* else the amount is left out */
  refund_add_header(headers, "PayPal-Request-Id", call->idempotency_key);
  return get_headers(call, request, headers);
}

/* ---- refund_sync: GET /v2/payments/refunds/{id} ---- */

static int32_t sync_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/v2/payments/refunds/", call->connector_refund_id, "");
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text name = refund_text_at(call, root, "name");
  int missing = refund_is(name, "RESOURCE_NOT_FOUND") || refund_is(name, "INVALID_RESOURCE_ID");
  return missing ? refund_say_not_found(result, 1) : map_response(call, response, result);
}

/* ---- access_token: POST /v1/oauth2/token ---- */

static int32_t token_body(const refund_call *call, refund_bytes *body) {
  (void)call;
  return refund_puts(body, "grant_type=client_credentials");
}

static int32_t token_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  refund_put(url, refund_base(call, 0));
  return refund_puts(url, "/v1/oauth2/token");
}

static int32_t token_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  return refund_add_basic(call, headers, refund_account(call, "client_id"), refund_account(call, "client_secret"));
}

static int32_t map_token(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_there(refund_text_at(call, root, "access_token"))) return refund_say_token(call, result, root);
  return map_oauth_error(call, root, REFUND_READING_REJECTED, result);
}

static const refund_vtable refund_table = {refund_headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable token_table = {token_headers, token_url, token_body, map_token};

/* A key is kept for 45 days; a repeat gives the refund's present state, a refused first try is tried anew.
 * Units: https://developer.paypal.com/reference/currency-codes/ */
REFUND_CONNECTOR("paypal", "1.0.0", "refund-host", "https://developer.paypal.com/docs/api/payments/v2/#captures_refund",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS({"client_id", "REST app client id", REFUND_FIELD_REQUIRED, 0},
                               {"client_secret", "REST app secret", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                               {"payer_id", "merchant on whose behalf a partner refunds", REFUND_FIELD_SECRET, 0}),
                 REFUND_BASE_URLS({"api", "https://api-m.sandbox.paypal.com", "https://api-m.paypal.com"}),
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", "application/json", 0, REFUND_NAMES_REFUND_ID, 0),
                              REFUND_FLOW("refund_sync", "GET", "", 0, REFUND_NAMES_REFUND_ID, REFUND_NOT_DECLARED),
                              REFUND_FLOW("access_token", "POST", "application/x-www-form-urlencoded", 0,
                                          REFUND_NAMES_NOTHING, REFUND_NOT_DECLARED)),
                 REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "PayPal-Request-Id", 1, 108, "", 3888000, 0,
                                    REFUND_KEY_KEEPS_2XX_ONLY, ""),
                 REFUND_REFERENCE(1, 127, "", 0, 0), REFUND_CURRENCIES({"HUF", 0, 1}, {"TWD", 0, 1}),
                 REFUND_TABLES(&refund_table, &sync_table, &token_table));
