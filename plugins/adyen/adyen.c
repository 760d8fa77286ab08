/* SPDX-License-Identifier: Apache-2.0
 * Adyen, Checkout API modifications: the answer only confirms the request; the outcome comes by webhook.
 * https://docs.adyen.com/api-explorer/Checkout/68/post/payments/(paymentPspReference)/refunds */
#include <refund_toolkit.h>

static const refund_word status_words[] = {{"received", REFUND_STATUS_PENDING}};

static const refund_word error_readings[] = {
    {"704", REFUND_READING_IN_PROGRESS}, /* "request already processed or in progress" */
};

/* merchantRefundReason is an enumeration; free text of the caller becomes one of it, or OTHER. */
static const refund_pair reasons[] = {
    {"FRAUD", "FRAUD"},
    {"FRAUDULENT", "FRAUD"},
    {"CUSTOMER REQUEST", "CUSTOMER REQUEST"},
    {"REQUESTED BY CUSTOMER", "CUSTOMER REQUEST"},
    {"RETURN", "RETURN"},
    {"DUPLICATE", "DUPLICATE"},
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "pspReference"},
    {REFUND_TEXT_REFERENCE, "reference"},
    {REFUND_TEXT_CURRENCY, "amount/currency"},
};

/* ---- refund: POST /v68/payments/{pspReference}/refunds ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_text reason = refund_replace(call, call->reason, "_-", ' ');
  const char *word = refund_there(reason) ? refund_translate(REFUND_WORDS(reasons), reason, "OTHER") : NULL;
  refund_value values[] = {{"word", refund_text_of(word)}};
  return refund_fill_with(call, body, REFUND_AS_JSON,
                          "{'merchantAccount':'$account.merchant_account',"
                          "'amount':{'currency':'$currency','value':$amount},"
                          "$?word['merchantRefundReason':'$word',]'reference':'$reference'}",
                          REFUND_VALUES(values));
}

REFUND_URL(refund_url, 0, "/v68/payments/$connector_transaction_id/refunds");

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  refund_add_secret_header(headers, "X-API-Key", refund_account(call, "api_key"));
  return refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
}

/* {"pspReference","status"}, or an error {"errorCode","message","errorType"} */
static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  int is_error =
      refund_there(refund_text_at(call, root, "errorCode")) || refund_there(refund_text_at(call, root, "errorType"));
  if (is_error || !refund_there(refund_text_at(call, root, "pspReference"))) {
    return refund_say_error_by(call, result, REFUND_WORDS(error_readings), REFUND_READING_REJECTED, root, "errorCode",
                               "message", "message");
  }
  refund_say_texts(call, result, root, REFUND_WORDS(refund_places));
  refund_say_amount(result, refund_text_at(call, root, "amount/value"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

static const refund_vtable refund_table = {get_headers, refund_url, refund_body, map_response};

/* Keys: https://docs.adyen.com/development-resources/api-idempotency (at least 7 days; a concurrent repeat gets 704).
 * Units: https://docs.adyen.com/development-resources/currency-codes */
REFUND_CONNECTOR("adyen", "1.0.0", "refund-host", "https://docs.adyen.com/online-payments/refund",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_key", "API key of the web service user"),
                               REFUND_REQUIRED("merchant_account", "merchant account code"),
                               REFUND_OPTIONAL("endpoint_prefix", "live URL prefix; needed in production"),
                               REFUND_OPTIONAL_SECRET("review_key", "for disputes only")),
                 REFUND_BASE_URLS({"api", "https://checkout-test.adyen.com",
                                   "https://{endpoint_prefix}-checkout-live.adyenpayments.com/checkout"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE)),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 64), REFUND_DAYS(7), REFUND_AT_ONCE,
                            0),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 80)),
                 REFUND_CURRENCIES({"CLP", 2, 1}, {"ISK", 2, 1}, {"CVE", 0, 1}, {"IDR", 0, 1}),
                 REFUND_TABLES(&refund_table));
