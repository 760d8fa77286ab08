/* SPDX-License-Identifier: Apache-2.0
 * Rapyd: the signature covers URL, clock, a salt and the exact body, with the secret both as key and inside the text.
 * https://docs.rapyd.net/en/create-refund.html */
#include <refund_toolkit.h>

/* Canceled, by Cancel Refund, may come after Completed. */
static const refund_word status_words[] = {
    {"Pending", REFUND_STATUS_PENDING}, {"Completed", REFUND_STATUS_SUCCESS}, {"Rejected", REFUND_STATUS_FAILURE},
    {"Error", REFUND_STATUS_FAILURE},   {"Canceled", REFUND_STATUS_FAILURE},  {"Cancelled", REFUND_STATUS_FAILURE},
};

/* Error codes that are no refusal of this refund. https://docs.rapyd.net/en/rapyd-error-codes.html */
static const refund_word error_readings[] = {
    {"MISSING_AUTHENTICATION_HEADERS", REFUND_READING_ACCOUNT_REFUSED},
    {"UNAUTHENTICATED_API_CALL", REFUND_READING_ACCOUNT_REFUSED},
    {"REQUEST_UNDER_REVIEW", REFUND_READING_IN_PROGRESS}, /* a person at Rapyd decides */
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_CURRENCY, "currency"},
    {REFUND_TEXT_ERROR_CODE, "failure_code"},
    {REFUND_TEXT_ERROR_MESSAGE, "failure_reason"},
};

/* ---- Every request is signed: https://docs.rapyd.net/en/request-signatures.html ---- */

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_text access = refund_account(call, "access_key");
  refund_text secret = refund_account(call, "secret_key");
  refund_text seed = {(const char *)call->attempt_seed, 9}; /* 12 characters */
  refund_text salt = refund_base64url_text(call, seed);
  refund_text timestamp = refund_integer_text(call, call->attempt_time_ms / 1000);
  refund_text method = refund_text_of(refund_there(request->body) ? "post" : "get");
  refund_text signed_text =
      REFUND_CONCAT(call, method, refund_url_target(request->url), salt, timestamp, access, secret, request->body);
  refund_text mac = refund_hex_text(call, refund_hmac(call, "SHA-256", secret, signed_text));
  refund_text signature = refund_base64_text(call, mac); /* of the hex digits, not of the bytes */
  if (!refund_there(signed_text) || !refund_there(signature)) return REFUND_INTERNAL;
  refund_add_secret_header(headers, "access_key", access);
  refund_add_header(headers, "salt", salt);
  refund_add_header(headers, "timestamp", timestamp);
  return refund_add_secret_header(headers, "signature", signature);
}

/* ---- Every answer: {"status":{"status":"SUCCESS"},"data":{...}}, or "ERROR" and no data, also with HTTP 200 ---- */

/* Keys are one space for all requests: one that a payment had gives the payment's answer, which is none to a refund. */
static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *status = refund_node_at(call, root, "status");
  const refund_node *data = refund_node_at(call, root, "data");
  refund_text said = refund_text_at(call, status, "status");
  int has_data = refund_kind_at(call, data, "") == REFUND_KIND_OBJECT;
  int is_ours = refund_same(refund_text_at(call, data, "payment"), call->connector_transaction_id);
  if (refund_is(said, "ERROR") && !has_data) {
    int is_about_key = refund_contains_nocase(refund_text_at(call, status, "error_code"), "idempotency");
    int32_t otherwise = is_about_key ? REFUND_READING_DUPLICATE : REFUND_READING_REJECTED;
    return refund_say_error_by(call, result, REFUND_WORDS(error_readings), otherwise, status, "error_code", "status",
                               "message");
  }
  if (!refund_is(said, "SUCCESS") || !is_ours) return REFUND_MALFORMED_RESPONSE;
  refund_say_texts(call, result, data, REFUND_WORDS(refund_places));
  refund_say_major(call, result, refund_text_at(call, data, "amount"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, data, "status"));
}

/* ---- refund: POST /v1/refunds ---- */

REFUND_BODY(refund_body, REFUND_AS_JSON,
            "{'payment':'$connector_transaction_id','amount':'$major','currency':'$currency'}");
REFUND_URL(refund_url, 0, "/v1/refunds");

/* Sent whether or not the account says that it is honoured: so the reference, which has the same form as the key. */
static int32_t headers_with_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "idempotency", call->reference);
  return get_headers(call, request, headers);
}

/* ---- refund_sync: GET /v1/refunds/:refund ---- */

REFUND_URL(sync_url, 0, "/v1/refunds/$connector_refund_id");

static const refund_vtable refund_table = {headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_response};

/* Keys are for Create Payment, until Rapyd's support opens them to all requests: then kept for 24 hours. Whether errors
 * are kept and what a concurrent repeat meets is not published. https://docs.rapyd.net/en/idempotency.html */
REFUND_CONNECTOR("rapyd", "1.0.0", "refund-host", "https://docs.rapyd.net/en/create-refund.html",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("access_key", "access key (rak_...)"),
                               REFUND_REQUIRED_SECRET("secret_key", "secret key (rsk_...)"),
                               REFUND_OPTIONAL("idempotency", "\"true\" where Rapyd honours keys on refunds")),
                 REFUND_BASE_URLS({"api", "https://sandboxapi.rapyd.net", "https://api.rapyd.net"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_SYNCS("GET", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID)),
                 REFUND_KEY_WHERE("idempotency", REFUND_KEY_HEADER, "idempotency", REFUND_LENGTH(1, 64), REFUND_DAYS(1),
                                  REFUND_NOT_DECLARED, REFUND_KEY_KEEPS_2XX_ONLY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 64)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table));
