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

/* ---- Every request: a document to the one URL ---- */

static int32_t get_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put(url, refund_base(call, 0));
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  return refund_add_basic(call, headers, refund_account(call, "api_username"), refund_account(call, "api_password"));
}

static void begin_document(const refund_call *call, refund_xml *xml, refund_bytes *body) {
  refund_puts(body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<!DOCTYPE paymentService PUBLIC \"-//WorldPay//DTD WorldPay PaymentService v1//EN\" "
              "\"http://dtd.worldpay.com/paymentService_v1.dtd\">\n");
  refund_xml_open(xml, body);
  refund_xml_begin(xml, "paymentService");
  refund_xml_attribute(xml, "version", refund_text_of("1.4"));
  refund_xml_attribute(xml, "merchantCode", refund_account(call, "merchant_code"));
}

static int32_t end_document(refund_xml *xml) {
  while (xml->depth > 0)
    refund_xml_end(xml);
  return xml->code;
}

/* ---- Errors: in the reply itself or in the order's status, with HTTP 200 ---- */

static const refund_node *error_in(const refund_call *call, const refund_node *root) {
  const refund_node *error = refund_node_at(call, root, "reply/error");
  return error != NULL ? error : refund_node_at(call, root, "reply/orderStatus/error");
}

/* 1 is an internal error whose outcome is open, 9 the idempotency service; the others are refusals. */
static int32_t map_error(const refund_call *call, const refund_node *error, refund_result *result) {
  refund_text code = refund_text_at(call, error, "@code");
  refund_text message = refund_text_at(call, error, "");
  int32_t reading = REFUND_READING_REJECTED;
  int64_t number;
  if (!refund_read_integer(code, &number)) return REFUND_MALFORMED_RESPONSE;
  if (refund_is(code, "1")) reading = REFUND_READING_STATUS;
  if (refund_is(code, "9") && refund_contains_nocase(message, "in progress")) reading = REFUND_READING_IN_PROGRESS;
  result->text(result, REFUND_TEXT_ERROR_CODE, code);
  result->text(result, REFUND_TEXT_ERROR_MESSAGE, message);
  result->text(result, REFUND_TEXT_ERROR_REASON, message);
  return result->reading(result, reading, REFUND_STATUS_PENDING);
}

/* ---- refund ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_buffer value, exponent;
  refund_xml xml;
  if (call->exponent != 0 && call->exponent != 2 && call->exponent != 3) {
    return refund_invalid(call, "currency", "Worldpay takes currencies with 0, 2 or 3 decimals only");
  }
  refund_buffer_open(&value, call);
  refund_put_integer(&value.sink, call->refund_amount);
  refund_buffer_open(&exponent, call);
  refund_put_integer(&exponent.sink, call->exponent);
  begin_document(call, &xml, body);
  refund_xml_begin(&xml, "modify");
  refund_xml_begin(&xml, "orderModification");
  refund_xml_attribute(&xml, "orderCode", call->connector_transaction_id);
  refund_xml_begin(&xml, "refund");
  refund_xml_begin(&xml, "amount");
  refund_xml_attribute(&xml, "value", refund_buffer_text(&value));
  refund_xml_attribute(&xml, "currencyCode", call->currency);
  refund_xml_attribute(&xml, "exponent", refund_buffer_text(&exponent));
  return end_document(&xml);
}

/* The key is there only where the account says that Worldpay has switched it on. */
static int32_t refund_headers_with_key(const refund_call *call, const refund_http_request *request,
                                       refund_headers *headers) {
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

static int32_t sync_body(const refund_call *call, refund_bytes *body) {
  refund_xml xml;
  begin_document(call, &xml, body);
  refund_xml_begin(&xml, "inquiry");
  refund_xml_begin(&xml, "orderInquiry");
  refund_xml_attribute(&xml, "orderCode", call->connector_refund_id);
  return end_document(&xml);
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_XML, response);
  const refund_node *status = refund_node_at(call, root, "reply/orderStatus");
  const refund_node *payment = refund_node_at(call, status, "payment");
  const refund_node *error = error_in(call, root);
  refund_text event = refund_text_at(call, payment, "lastEvent");
  if (error != NULL) return map_error(call, error, result);
  if (payment == NULL) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, status, "@orderCode"));
  if (refund_is(event, "REFUND_FAILED")) {
    refund_text description = refund_text_at(call, payment, "ISO8583ReturnCode/@description");
    result->text(result, REFUND_TEXT_ERROR_CODE, refund_text_at(call, payment, "ISO8583ReturnCode/@code"));
    result->text(result, REFUND_TEXT_ERROR_MESSAGE, description);
    result->text(result, REFUND_TEXT_ERROR_REASON, description);
  }
  return refund_say_status(result, REFUND_WORDS(event_words), event);
}

static const refund_vtable refund_table = {refund_headers_with_key, get_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, get_url, sync_body, map_sync};

/* Inquiries lag by minutes. A key is kept 1 to 365 days, as agreed with Worldpay: nothing is assumed. */
REFUND_CONNECTOR("worldpayxml", "1.0.0", "refund-host",
                 "https://developer.worldpay.com/docs/wwpg/manage/modificationrequests", REFUND_FLAGS(0),
                 REFUND_FIELDS({"api_username", "XML user name", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                               {"api_password", "XML password", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                               {"merchant_code", "merchant code", REFUND_FIELD_REQUIRED, 0},
                               {"idempotency", "\"true\" where Worldpay has switched keys on", 0, 0}),
                 REFUND_BASE_URLS({"api", "https://secure-test.worldpay.com/jsp/merchant/xml/paymentService.jsp",
                                   "https://secure.worldpay.com/jsp/merchant/xml/paymentService.jsp"}),
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", "text/xml", 0, REFUND_NAMES_PAYMENT, 0),
                              REFUND_FLOW("refund_sync", "POST", "text/xml", 0, REFUND_NAMES_PAYMENT, 300)),
                 REFUND_IDEMPOTENCY_UUID(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_NOT_DECLARED, REFUND_NOT_DECLARED,
                                         0, "idempotency"),
                 REFUND_REFERENCE(1, 128, "", 0, 0), REFUND_ISO_CURRENCIES, REFUND_TABLES(&refund_table, &sync_table));
