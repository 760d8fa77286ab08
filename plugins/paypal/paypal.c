/* SPDX-License-Identifier: Apache-2.0
 * PayPal, Payments API v2: refund of a captured payment. https://developer.paypal.com/docs/api/payments/v2/ */
#include <refund_toolkit.h>

static const refund_word status_words[] = {
    {"COMPLETED", REFUND_STATUS_SUCCESS},
    {"PENDING", REFUND_STATUS_PENDING},
    {"FAILED", REFUND_STATUS_FAILURE},
    {"CANCELLED", REFUND_STATUS_FAILURE},
};

/* Names of errors, and issues in their details, that are no refusal of this refund. */
static const refund_word error_readings[] = {
    {"RESOURCE_CONFLICT", REFUND_READING_IN_PROGRESS},
    {"PREVIOUS_REQUEST_IN_PROGRESS", REFUND_READING_IN_PROGRESS},
    {"DUPLICATE_REQUEST_ID", REFUND_READING_DUPLICATE},
};

static const refund_place refund_places[] = {{REFUND_TEXT_REFUND_ID, "id"},
                                             {REFUND_TEXT_CURRENCY, "amount/currency_code"}};

/* ---- Every request and answer ---- */

/* The token and, on behalf of a merchant, an unsigned JWT: {"alg":"none"} and who acts for whom, in standard base64. */
static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  int32_t code = refund_only_token(call, request, headers);
  if (code != REFUND_OK || !refund_there(refund_account(call, "payer_id"))) return code;
  refund_text who =
      refund_filled(call, REFUND_AS_JSON, "{'iss':'$account.client_id','payer_id':'$account.payer_id'}", NULL, 0);
  refund_value values[] = {{"none", refund_base64_text(call, refund_text_of("{\"alg\":\"none\"}"))},
                           {"who", refund_base64_text(call, who)}};
  return refund_add_secret_header(headers, "PayPal-Auth-Assertion",
                                  refund_filled(call, REFUND_AS_TEXT, "${none}.${who}.", REFUND_VALUES(values)));
}

/* {"name","message","details":[{"issue","description"}]}: every description; without any, the message. */
static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text name = refund_text_at(call, root, "name");
  refund_text issue = refund_text_at(call, root, "details/0/issue");
  refund_text reason = refund_text_at(call, root, "message");
  const refund_node *detail = refund_first_at(call, root, "details");
  int32_t reading = refund_meaning_of(REFUND_WORDS(error_readings), name, REFUND_READING_REJECTED);
  refund_buffer descriptions;
  refund_buffer_open(&descriptions, call);
  for (; detail != NULL; detail = refund_next(call, detail)) {
    refund_text description = refund_text_at(call, detail, "description");
    int32_t one = refund_meaning_of(REFUND_WORDS(error_readings), refund_text_at(call, detail, "issue"), reading);
    if (reading != REFUND_READING_DUPLICATE) reading = one; /* which goes before any other */
    if (!refund_there(description)) continue;
    refund_puts(&descriptions.sink, "description - ");
    refund_put(&descriptions.sink, description);
    refund_puts(&descriptions.sink, " ;");
  }
  if (!refund_there(name)) return REFUND_MALFORMED_RESPONSE;
  if (descriptions.size > 0) reason = refund_buffer_text(&descriptions);
  return refund_say_error(result, reading, issue, issue, reason);
}

/* {"error","error_description"}, about credentials or a token */
static int32_t map_oauth(const refund_call *call, const refund_node *root, int32_t reading, refund_result *result) {
  if (!refund_there(refund_text_at(call, root, "error"))) return map_error(call, root, result);
  return refund_say_error_at(call, result, reading, root, "error", "error", "error_description");
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (!refund_there(refund_text_at(call, root, "id"))) {
    if (response->status != 401) return map_error(call, root, result);
    return map_oauth(call, root, REFUND_READING_REFUSED_BEFORE_PROCESSING, result); /* a stale token */
  }
  refund_say_texts(call, result, root, REFUND_WORDS(refund_places));
  refund_say_major(call, result, refund_text_at(call, root, "amount/value"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

/* ---- refund: POST /v2/payments/captures/{capture_id}/refund ---- */

/* Without the amount PayPal refunds all. */
REFUND_BODY(refund_body, REFUND_AS_JSON, "{'amount':{'currency_code':'$currency','value':'$major'}}");
REFUND_URL(refund_url, 0,
           refund_there(refund_metadata(call, "capture_id"))
               ? "/v2/payments/captures/$metadata.capture_id/refund"
               : "/v2/payments/captures/$connector_transaction_id/refund");

static int32_t headers_with_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Prefer", refund_text_of("return=representation")); /* else the amount is left out */
  refund_add_header(headers, "PayPal-Request-Id", call->idempotency_key);
  return get_headers(call, request, headers);
}

/* ---- refund_sync: GET /v2/payments/refunds/{id} ---- */

REFUND_URL(sync_url, 0, "/v2/payments/refunds/$connector_refund_id");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text name = refund_text_at(call, root, "name");
  int missing = refund_is(name, "RESOURCE_NOT_FOUND") || refund_is(name, "INVALID_RESOURCE_ID");
  return missing ? refund_say_not_found(result, 1) : map_response(call, response, result);
}

/* ---- access_token: POST /v1/oauth2/token ---- */

REFUND_URL(token_url, 0, "/v1/oauth2/token");
REFUND_BASIC(token_headers, "client_id", "client_secret");

static int32_t map_token(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_there(refund_text_at(call, root, "access_token"))) return refund_say_token(call, result, root);
  return map_oauth(call, root, REFUND_READING_REJECTED, result);
}

static const refund_vtable refund_table = {headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable token_table = {token_headers, token_url, refund_client_credentials, map_token};

/* A key is kept for 45 days; a repeat gives the refund's present state, a refused first try is tried anew.
 * Units: https://developer.paypal.com/reference/currency-codes/ */
REFUND_CONNECTOR("paypal", "1.0.0", "refund-host", "https://developer.paypal.com/docs/api/payments/v2/#captures_refund",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED("client_id", "REST app client id"),
                               REFUND_REQUIRED_SECRET("client_secret", "REST app secret"),
                               REFUND_OPTIONAL_SECRET("payer_id", "merchant on whose behalf a partner refunds")),
                 REFUND_BASE_URLS({"api", "https://api-m.sandbox.paypal.com", "https://api-m.paypal.com"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID),
                              REFUND_GETS_TOKEN("POST", REFUND_CONTENT_FORM)),
                 REFUND_KEY(REFUND_KEY_HEADER, "PayPal-Request-Id", REFUND_LENGTH(1, 108), REFUND_DAYS(45),
                            REFUND_AT_ONCE, REFUND_KEY_KEEPS_2XX_ONLY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 127)), REFUND_CURRENCIES({"HUF", 0, 1}, {"TWD", 0, 1}),
                 REFUND_TABLES(&refund_table, &sync_table, &token_table));
