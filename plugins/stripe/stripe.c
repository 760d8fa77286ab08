/* SPDX-License-Identifier: Apache-2.0
 * Stripe: refunds are objects of their own under /v1/refunds. https://docs.stripe.com/api/refunds */
#include <refund_toolkit.h>

/* requires_action: the customer has to do something, e.g. give a bank account. */
static const refund_word status_words[] = {
    {"succeeded", REFUND_STATUS_SUCCESS},
    {"pending", REFUND_STATUS_PENDING},
    {"requires_action", REFUND_STATUS_MANUAL_REVIEW},
    {"failed", REFUND_STATUS_FAILURE},
    {"canceled", REFUND_STATUS_FAILURE},
};

/* Error types and codes that are no refusal of this refund: https://docs.stripe.com/api/idempotent_requests */
static const struct {
  const char *word;
  int32_t reading;
} error_readings[] = {
    {"idempotency_error", REFUND_READING_DUPLICATE}, /* our key with other parameters: a first request arrived */
    {"idempotency_key_in_use", REFUND_READING_IN_PROGRESS},
    {"lock_timeout", REFUND_READING_REFUSED_BEFORE_PROCESSING},
    {"rate_limit", REFUND_READING_REFUSED_BEFORE_PROCESSING},
    {"api_error", REFUND_READING_IN_PROGRESS}, /* trouble at Stripe, whatever the HTTP status */
};

/* The payment is named by a payment intent or, if it has that form, by its charge. */
static const char *payment_field(const refund_call *call) {
  int is_charge = refund_starts_with(call->connector_transaction_id, "ch_") ||
                  refund_starts_with(call->connector_transaction_id, "py_");
  return is_charge ? "charge" : "payment_intent";
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  refund_add_bearer(call, headers, refund_account(call, "api_key"));
  return refund_add_header(headers, "Stripe-Version", refund_text_of("2022-11-15"));
}

static refund_text reason_of(const refund_call *call, refund_text message, refund_text decline_code) {
  refund_buffer reason;
  if (!refund_there(decline_code)) return message;
  refund_buffer_open(&reason, call);
  refund_puts(&reason.sink, "message - ");
  refund_put(&reason.sink, message);
  refund_puts(&reason.sink, ", decline_code - ");
  refund_put(&reason.sink, decline_code);
  return refund_buffer_text(&reason);
}

static int32_t map_error(const refund_call *call, const refund_node *error, int32_t status, refund_result *result) {
  refund_text type = refund_text_at(call, error, "type");
  refund_text code = refund_text_at(call, error, "code");
  refund_text message = refund_text_at(call, error, "message");
  int32_t reading = status == 409 ? REFUND_READING_IN_PROGRESS : REFUND_READING_REJECTED;
  if (!refund_there(type) && !refund_there(code)) return REFUND_MALFORMED_RESPONSE;
  for (size_t i = 0; i < sizeof error_readings / sizeof *error_readings; i++) {
    const char *word = error_readings[i].word;
    if (refund_is(type, word) || refund_is(code, word)) reading = error_readings[i].reading;
  }
  result->text(result, REFUND_TEXT_NETWORK_DECLINE_CODE, refund_text_at(call, error, "network_decline_code"));
  return refund_say_error(result, reading, code, message,
                          reason_of(call, message, refund_text_at(call, error, "decline_code")));
}

static int32_t map_refund(const refund_call *call, const refund_node *refund, refund_result *result) {
  refund_text failure = refund_text_at(call, refund, "failure_reason");
  if (!refund_is(refund_text_at(call, refund, "object"), "refund")) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, refund, "id"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, refund, "metadata/order_id"));
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, refund, "currency"));
  result->text(result, REFUND_TEXT_ERROR_MESSAGE, failure);
  result->text(result, REFUND_TEXT_ERROR_REASON, failure);
  refund_say_amount(result, refund_text_at(call, refund, "amount"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, refund, "status"));
}

/* ---- refund: POST /v1/refunds ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_form_writer form;
  refund_form_open(&form, body);
  refund_form_integer(&form, "amount", call->refund_amount); /* without it Stripe refunds the whole rest */
  refund_form_text(&form, payment_field(call), call->connector_transaction_id);
  refund_form_text(&form, "metadata[order_id]", call->refund_id);
  refund_form_string(&form, "metadata[is_refund_id_as_reference]", "true");
  return form.code;
}

static int32_t refund_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  refund_text no_id = {NULL, 0};
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/v1/refunds", no_id, "");
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
  return error != NULL ? map_error(call, error, response->status, result) : map_refund(call, root, result);
}

/* ---- refund_sync: GET /v1/refunds/{id} ---- */

static int32_t sync_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/v1/refunds/", call->connector_refund_id, "");
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is(refund_text_at(call, root, "error/code"), "resource_missing")) return refund_say_not_found(result, 1);
  return map_response(call, response, result);
}

/* ---- refund_lookup: the payment's refunds, ours by metadata.order_id ---- */

static int32_t lookup_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  refund_url(call, request, url);
  refund_puts(url, "?");
  refund_puts(url, payment_field(call));
  refund_puts(url, "=");
  refund_put_percent(url, call->connector_transaction_id);
  return refund_puts(url, "&limit=100");
}

static int has_failed(const refund_call *call, const refund_node *refund) {
  refund_text status = refund_text_at(call, refund, "status");
  return refund_is(status, "failed") || refund_is(status, "canceled");
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *found = NULL;
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  if (error != NULL) return map_error(call, error, response->status, result);
  if (refund_kind_at(call, root, "data") != REFUND_KIND_ARRAY) return REFUND_MALFORMED_RESPONSE;
  for (const refund_node *refund = refund_first_at(call, root, "data"); refund != NULL;
       refund = refund_next(call, refund)) {
    if (!refund_same(refund_text_at(call, refund, "metadata/order_id"), call->refund_id)) continue;
    if (found == NULL || has_failed(call, found)) found = refund; /* of several, one that moved money */
  }
  if (found != NULL) return map_refund(call, found, result);
  return refund_say_not_found(result, refund_is(refund_text_at(call, root, "has_more"), "false"));
}

static const refund_vtable refund_table = {refund_headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {get_headers, lookup_url, refund_no_body, map_lookup};

#define FORM "application/x-www-form-urlencoded"

/* Keys are kept for at least a day, all answers that were carried out; a concurrent repeat gets 409. Units:
 * https://docs.stripe.com/currencies#special-cases (ISK and UGX with two decimals, always 00; three-decimal currencies
 * end in 0; MGA in whole units). */
REFUND_CONNECTOR(
    "stripe", "1.0.0", "refund-host", "https://docs.stripe.com/api/refunds",
    REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
    REFUND_FIELDS({"api_key", "secret or restricted key (sk_... or rk_...)",
                   REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}),
    REFUND_BASE_URLS({"api", "https://api.stripe.com", "https://api.stripe.com"}),
    REFUND_FLOWS(REFUND_FLOW("refund", "POST", FORM, 0, REFUND_NAMES_REFERENCE, 0),
                 REFUND_FLOW("refund_sync", "GET", FORM, 0, REFUND_NAMES_REFUND_ID, 0),
                 REFUND_FLOW("refund_lookup", "GET", FORM, REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFERENCE, 60)),
    REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "Idempotency-Key", 1, 255, "", 86400, 0, REFUND_KEY_COMPARES_BODY, ""),
    REFUND_REFERENCE(1, 500, "", 0, 0),
    REFUND_CURRENCIES({"ISK", 2, 100}, {"UGX", 2, 100}, {"MGA", 0, 1}, {"BHD", 3, 10}, {"JOD", 3, 10}, {"KWD", 3, 10},
                      {"OMR", 3, 10}, {"TND", 3, 10}),
    REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
