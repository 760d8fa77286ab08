/* SPDX-License-Identifier: Apache-2.0
 * Worldpay Worldwide Payment Gateway ("XML Direct"): one endpoint for all; answers speak of the order, not of one
 * refund. https://developer.worldpay.com/docs/wwpg/manage/modificationrequests */
#include <refund_toolkit.h>

/* lastEvent of an order. Those of its payment say nothing of a refund yet. */
static const refund_word event_words[] = {
    {"REFUNDED", REFUND_STATUS_SUCCESS},
    {"REFUNDED_BY_MERCHANT", REFUND_STATUS_SUCCESS},
    {"SENT_FOR_REFUND", REFUND_STATUS_PENDING},
    {"REFUND_WEBFORM_ISSUED", REFUND_STATUS_PENDING}, /* the shopper has to give bank details */
    {"REFUND_FAILED", REFUND_STATUS_FAILURE},
    {"REFUND_EXPIRED", REFUND_STATUS_FAILURE},
    {"CAPTURED", REFUND_STATUS_PENDING},
    {"SETTLED", REFUND_STATUS_PENDING},
    {"AUTHORISED", REFUND_STATUS_PENDING},
    {"CANCELLED", REFUND_STATUS_PENDING},
    {"REFUSED", REFUND_STATUS_PENDING},
    {"EXPIRED", REFUND_STATUS_PENDING},
    {"ERROR", REFUND_STATUS_PENDING},
};

static const refund_place error_places[] = {
    {REFUND_TEXT_ERROR_CODE, "@code"}, {REFUND_TEXT_ERROR_MESSAGE, ""}, {REFUND_TEXT_ERROR_REASON, ""}};
static const refund_place failure_places[] = {
    {REFUND_TEXT_ERROR_CODE, "ISO8583ReturnCode/@code"},
    {REFUND_TEXT_ERROR_MESSAGE, "ISO8583ReturnCode/@description"},
    {REFUND_TEXT_ERROR_REASON, "ISO8583ReturnCode/@description"},
};

/* ---- Every request: a document to the one URL ---- */

#define DOCUMENT(content)                                                              \
  "<?xml version='1.0' encoding='UTF-8'?>\n"                                           \
  "<!DOCTYPE paymentService PUBLIC '-//WorldPay//DTD WorldPay PaymentService v1//EN' " \
  "'http://dtd.worldpay.com/paymentService_v1.dtd'>\n"                                 \
  "<paymentService version='1.4' merchantCode='$account.merchant_code'>" content "</paymentService>"

REFUND_BASIC(get_headers, "api_username", "api_password");

/* ---- Every answer: errors, in the reply itself or in the order's status, with HTTP 200 ---- */

static const refund_node *error_in(const refund_call *call, const refund_node *root) {
  const refund_node *error = refund_node_at(call, root, "reply/error");
  return error != NULL ? error : refund_node_at(call, root, "reply/orderStatus/error");
}

/* 1 is an internal error whose outcome is open, 9 the idempotency service; the others are refusals. */
static int32_t map_error(const refund_call *call, const refund_node *error, refund_result *result) {
  refund_text code = refund_text_at(call, error, "@code");
  int32_t reading = REFUND_READING_REJECTED;
  int64_t number;
  if (!refund_read_integer(code, &number)) return REFUND_MALFORMED_RESPONSE;
  if (refund_is(code, "1")) reading = REFUND_READING_STATUS;
  if (refund_is(code, "9") && refund_contains_nocase(refund_text_at(call, error, ""), "in progress")) {
    reading = REFUND_READING_IN_PROGRESS;
  }
  refund_say_texts(call, result, error, REFUND_WORDS(error_places));
  return result->reading(result, reading, REFUND_STATUS_PENDING);
}

/* ---- refund ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  if (call->exponent != 0 && call->exponent != 2 && call->exponent != 3) {
    return refund_invalid(call, "currency", "Worldpay takes currencies with 0, 2 or 3 decimals only");
  }
  return refund_fill(call, body, REFUND_AS_XML,
                     DOCUMENT("<modify><orderModification orderCode='$connector_transaction_id'><refund>"
                              "<amount value='$amount' currencyCode='$currency' exponent='$exponent'/>"
                              "</refund></orderModification></modify>"));
}

/* The key is there only where the account says that Worldpay has switched it on. */
static int32_t headers_with_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  if (refund_there(call->idempotency_key)) refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
  return get_headers(call, request, headers);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_XML, response);
  const refund_node *received = refund_node_at(call, root, "reply/ok/refundReceived");
  const refund_node *error = error_in(call, root);
  refund_text order = refund_text_at(call, received, "@orderCode");
  if (error != NULL) return received == NULL ? map_error(call, error, result) : REFUND_MALFORMED_RESPONSE;
  if (!refund_same(order, call->connector_transaction_id)) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, order);
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, received, "amount/@currencyCode"));
  refund_say_amount(result, refund_text_at(call, received, "amount/@value"));
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING); /* received is not yet refunded */
}

/* ---- refund_sync: the order's last event ---- */

REFUND_BODY(sync_body, REFUND_AS_XML, DOCUMENT("<inquiry><orderInquiry orderCode='$connector_refund_id'/></inquiry>"));

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_XML, response);
  const refund_node *status = refund_node_at(call, root, "reply/orderStatus");
  const refund_node *payment = refund_node_at(call, status, "payment");
  const refund_node *error = error_in(call, root);
  refund_text event = refund_text_at(call, payment, "lastEvent");
  if (error != NULL) return map_error(call, error, result);
  if (payment == NULL) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, status, "@orderCode"));
  if (refund_is(event, "REFUND_FAILED")) refund_say_texts(call, result, payment, REFUND_WORDS(failure_places));
  return refund_say_status(result, REFUND_WORDS(event_words), event);
}

static const refund_vtable refund_table = {headers_with_key, refund_url_is_base, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, refund_url_is_base, sync_body, map_sync};

/* Inquiries lag by minutes. A key is kept 1 to 365 days, as agreed with Worldpay: nothing is assumed. */
REFUND_CONNECTOR("worldpayxml", "1.0.0", "refund-host",
                 "https://developer.worldpay.com/docs/wwpg/manage/modificationrequests", REFUND_FLAGS(0),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_username", "XML user name"),
                               REFUND_REQUIRED_SECRET("api_password", "XML password"),
                               REFUND_REQUIRED("merchant_code", "merchant code"),
                               REFUND_OPTIONAL("idempotency", "\"true\" where Worldpay has switched keys on")),
                 REFUND_BASE_URLS({"api", "https://secure-test.worldpay.com/jsp/merchant/xml/paymentService.jsp",
                                   "https://secure.worldpay.com/jsp/merchant/xml/paymentService.jsp"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_XML, REFUND_NAMES_PAYMENT),
                              REFUND_SYNCS("POST", REFUND_CONTENT_XML, REFUND_NAMES_PAYMENT)),
                 REFUND_KEY_WHERE("idempotency", REFUND_KEY_HEADER, "Idempotency-Key", REFUND_UUID, REFUND_NOT_DECLARED,
                                  REFUND_NOT_DECLARED, 0),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table));
