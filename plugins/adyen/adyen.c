/* SPDX-License-Identifier: Apache-2.0
 * Adyen, Checkout API modifications: the answer only confirms the request; the outcome comes by webhook.
 * https://docs.adyen.com/api-explorer/Checkout/68/post/payments/(paymentPspReference)/refunds */
#include <refund_toolkit.h>

static const refund_word status_words[] = {{"received", REFUND_STATUS_PENDING}};

/* merchantRefundReason is an enumeration; free text of the caller becomes one of it, or OTHER. */
static const refund_pair reasons[] = {
    {"FRAUD", "FRAUD"},
    {"FRAUDULENT", "FRAUD"},
    {"CUSTOMER REQUEST", "CUSTOMER REQUEST"},
    {"REQUESTED BY CUSTOMER", "CUSTOMER REQUEST"},
    {"RETURN", "RETURN"},
    {"DUPLICATE", "DUPLICATE"},
};

/* "request already processed or in progress": nothing is decided by this answer. */
static const char in_progress[] = "704";

static int32_t get_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/v68/payments/", call->connector_transaction_id, "/refunds");
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  refund_add_secret_header(headers, "X-API-Key", refund_account(call, "api_key"));
  return refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
}

static int32_t build_request(const refund_call *call, refund_bytes *body) {
  refund_text reason = refund_replace(call, call->reason, "_-", ' ');
  refund_json json;
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "merchantAccount", refund_account(call, "merchant_account"));
  refund_json_object(&json, "amount");
  refund_json_text(&json, "currency", call->currency);
  refund_json_integer(&json, "value", call->refund_amount);
  refund_json_end(&json);
  if (refund_there(reason)) {
    refund_json_string(&json, "merchantRefundReason", refund_translate(REFUND_WORDS(reasons), reason, "OTHER"));
  }
  refund_json_text(&json, "reference", call->reference);
  refund_json_end(&json);
  return json.code;
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text code = refund_text_at(call, root, "errorCode");
  refund_text message = refund_text_at(call, root, "message");
  if (refund_there(code)) {
    int32_t reading = refund_is(code, in_progress) ? REFUND_READING_IN_PROGRESS : REFUND_READING_REJECTED;
    return refund_say_error(result, reading, code, message, message);
  }
  if (refund_there(refund_text_at(call, root, "errorType"))) return REFUND_MALFORMED_RESPONSE; /* without its code */
  if (!refund_there(refund_text_at(call, root, "pspReference"))) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, root, "pspReference"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, root, "reference"));
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, root, "amount/currency"));
  refund_say_amount(result, refund_text_at(call, root, "amount/value"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

static const refund_vtable refund_table = {get_headers, get_url, build_request, map_response};

/* Keys: https://docs.adyen.com/development-resources/api-idempotency (at least 7 days; a concurrent repeat gets 704).
 * Units: https://docs.adyen.com/development-resources/currency-codes */
REFUND_CONNECTOR("adyen", "1.0.0", "refund-host", "https://docs.adyen.com/online-payments/refund",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
                 REFUND_FIELDS({"api_key", "API key of the web service user",
                                REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                               {"merchant_account", "merchant account code", REFUND_FIELD_REQUIRED, 0},
                               {"endpoint_prefix", "live URL prefix; needed in production", 0, 0},
                               {"review_key", "for disputes only", REFUND_FIELD_SECRET, 0}),
                 REFUND_BASE_URLS({"api", "https://checkout-test.adyen.com",
                                   "https://{endpoint_prefix}-checkout-live.adyenpayments.com/checkout"}),
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", "application/json", 0, REFUND_NAMES_REFERENCE, 0)),
                 REFUND_IDEMPOTENCY(REFUND_KEY_HEADER, "Idempotency-Key", 1, 64, "", 604800, 0, 0, ""),
                 REFUND_REFERENCE(1, 80, "", 0, 0),
                 REFUND_CURRENCIES({"CLP", 2, 1}, {"ISK", 2, 1}, {"CVE", 0, 1}, {"IDR", 0, 1}),
                 REFUND_TABLES(&refund_table));
