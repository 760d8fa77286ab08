/* SPDX-License-Identifier: Apache-2.0
 * Stripe: refunds are objects of their own, with our id in their metadata. https://docs.stripe.com/api/refunds */
#include <refund_toolkit.h>

static const refund_word status_words[] = {
    {"succeeded", REFUND_STATUS_SUCCESS},
    {"pending", REFUND_STATUS_PENDING},
    {"requires_action", REFUND_STATUS_MANUAL_REVIEW}, /* of the customer, e.g. to give a bank account */
    {"failed", REFUND_STATUS_FAILURE},
    {"canceled", REFUND_STATUS_FAILURE},
};

/* Error types and codes that are no refusal of this refund: https://docs.stripe.com/api/idempotent_requests */
static const refund_word error_readings[] = {
    {"idempotency_error", REFUND_READING_DUPLICATE}, /* our key with other parameters: a first request arrived */
    {"idempotency_key_in_use", REFUND_READING_IN_PROGRESS},
    {"lock_timeout", REFUND_READING_REFUSED_BEFORE_PROCESSING},
    {"rate_limit", REFUND_READING_REFUSED_BEFORE_PROCESSING},
    {"api_error", REFUND_READING_IN_PROGRESS}, /* trouble at Stripe, whatever the code and the HTTP status */
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_REFERENCE, "metadata/order_id"},
    {REFUND_TEXT_CURRENCY, "currency"},
    {REFUND_TEXT_ERROR_MESSAGE, "failure_reason"},
    {REFUND_TEXT_ERROR_REASON, "failure_reason"},
};

/* ---- Every request and answer ---- */

/* The payment is named by a payment intent or, if it has that form, by its charge. */
static int is_charge(const refund_call *call) {
  refund_text payment = call->connector_transaction_id;
  return refund_starts_with(payment, "ch_") || refund_starts_with(payment, "py_");
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  refund_add_header(headers, "Stripe-Version", refund_text_of("2022-11-15"));
  return refund_add_bearer(call, headers, refund_account(call, "api_key"));
}

/* {"type","code","message","decline_code"} */
static int32_t map_error(const refund_call *call, const refund_node *error, int32_t status, refund_result *result) {
  refund_text type = refund_text_at(call, error, "type");
  refund_text code = refund_text_at(call, error, "code");
  refund_text reason = refund_text_at(call, error, "message");
  refund_text decline = refund_text_at(call, error, "decline_code");
  int32_t reading = status == 409 ? REFUND_READING_IN_PROGRESS : REFUND_READING_REJECTED;
  if (!refund_there(type) && !refund_there(code)) return REFUND_MALFORMED_RESPONSE;
  reading = refund_meaning_of(REFUND_WORDS(error_readings), type, reading);
  if (!refund_is(type, "api_error")) reading = refund_meaning_of(REFUND_WORDS(error_readings), code, reading);
  if (refund_there(decline)) {
    reason = REFUND_CONCAT(call, refund_text_of("message - "), reason, refund_text_of(", decline_code - "), decline);
  }
  result->text(result, REFUND_TEXT_NETWORK_DECLINE_CODE, refund_text_at(call, error, "network_decline_code"));
  return refund_say_error(result, reading, code, refund_text_at(call, error, "message"), reason);
}

static int32_t map_refund(const refund_call *call, const refund_node *refund, refund_result *result) {
  if (!refund_is(refund_text_at(call, refund, "object"), "refund")) return REFUND_MALFORMED_RESPONSE;
  refund_say_texts(call, result, refund, REFUND_WORDS(refund_places));
  refund_say_amount(result, refund_text_at(call, refund, "amount"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, refund, "status"));
}

/* ---- refund: POST /v1/refunds ---- */

/* Without an amount Stripe refunds the whole rest. */
#define OUR_ID "&metadata%5Border_id%5D=$refund_id&metadata%5Bis_refund_id_as_reference%5D=true"

REFUND_BODY(refund_body, REFUND_AS_FORM,
            is_charge(call) ? "amount=$amount&charge=$connector_transaction_id" OUR_ID
                            : "amount=$amount&payment_intent=$connector_transaction_id" OUR_ID);
REFUND_URL(refund_url, 0, "/v1/refunds");

static int32_t headers_with_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
  return get_headers(call, request, headers);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  refund_say_replay(result, response, "Idempotent-Replayed");
  return error != NULL ? map_error(call, error, response->status, result) : map_refund(call, root, result);
}

/* ---- refund_sync: GET /v1/refunds/{id} ---- */

REFUND_URL(sync_url, 0, "/v1/refunds/$connector_refund_id");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is(refund_text_at(call, root, "error/code"), "resource_missing")) return refund_say_not_found(result, 1);
  return map_response(call, response, result);
}

/* ---- refund_lookup: the payment's refunds, ours by metadata.order_id ---- */

#define LIST(payment) "/v1/refunds?" payment "=$connector_transaction_id&limit=100"

REFUND_URL(lookup_url, 0, is_charge(call) ? LIST("charge") : LIST("payment_intent"));

/* Of several, one that moved money. */
static int rank(const refund_call *call, const refund_node *refund) {
  refund_text status = refund_text_at(call, refund, "status");
  if (!refund_same(refund_text_at(call, refund, "metadata/order_id"), call->refund_id)) return 0;
  return refund_is(status, "failed") || refund_is(status, "canceled") ? 1 : 2;
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *found = refund_pick(call, root, "data", rank);
  if (refund_node_at(call, root, "error") != NULL) return map_response(call, response, result);
  if (refund_kind_at(call, root, "data") != REFUND_KIND_ARRAY) return REFUND_MALFORMED_RESPONSE;
  if (found != NULL) return map_refund(call, found, result);
  return refund_say_not_found(result, refund_is(refund_text_at(call, root, "has_more"), "false"));
}

static const refund_vtable refund_table = {headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {get_headers, lookup_url, refund_no_body, map_lookup};

/* Keys are kept for at least a day, all answers that were carried out; a concurrent repeat gets 409.
 * Units: https://docs.stripe.com/currencies#special-cases (amounts that end in 00 or 0; MGA in whole units). */
REFUND_CONNECTOR("stripe", "1.0.0", "refund-host", "https://docs.stripe.com/api/refunds",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_key", "secret or restricted key (sk_... or rk_...)")),
                 REFUND_BASE_URLS({"api", "https://api.stripe.com", "https://api.stripe.com"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_FORM, REFUND_NAMES_REFERENCE),
                              REFUND_SYNCS("GET", REFUND_CONTENT_FORM, REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("GET", REFUND_CONTENT_FORM, REFUND_NAMES_REFERENCE, REFUND_MINUTES(1),
                                              REFUND_FLOW_ABSENCE_FINAL)),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 255), REFUND_DAYS(1), REFUND_AT_ONCE,
                            REFUND_KEY_COMPARES_BODY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 500)),
                 REFUND_CURRENCIES({"ISK", 2, 100}, {"UGX", 2, 100}, {"MGA", 0, 1}, {"BHD", 3, 10}, {"JOD", 3, 10},
                                   {"KWD", 3, 10}, {"OMR", 3, 10}, {"TND", 3, 10}),
                 REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
