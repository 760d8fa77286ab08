/* SPDX-License-Identifier: Apache-2.0
 * Bambora Asia-Pacific (IP Payments, now Worldline): a document in CDATA inside SOAP, and one in escaped text back.
 * https://dev-apac.bambora.com/apis.html */
#include <refund_toolkit.h>

/* ResponseCode. No others are published: then a decline is known by its DeclinedCode, which approvals leave blank. */
static const refund_word response_codes[] = {{"0", REFUND_STATUS_SUCCESS}, {"1", REFUND_STATUS_FAILURE}};

static const refund_place response_places[] = {
    {REFUND_TEXT_REFUND_ID, "Receipt"}, /* what is declined has one, too */
    {REFUND_TEXT_STATUS_WORD, "ResponseCode"},
    {REFUND_TEXT_NETWORK_DECLINE_CODE, "DeclinedCode"},
    {REFUND_TEXT_ERROR_MESSAGE, "DeclinedMessage"},
    {REFUND_TEXT_ERROR_REASON, "DeclinedMessage"},
};

/* ---- Every request: one document to the one URL. Its values are escaped, so that none ends the CDATA. ---- */

#define NAME_SPACE "http://www.ippayments.com.au/interface/api/dts"
#define SECURITY "<Security><UserName>$account.username</UserName><Password>$account.password</Password></Security>"

REFUND_URL(get_url, 0, "/dts.asmx");

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  const char *action =
      refund_is(call->flow, "refund") ? NAME_SPACE "/SubmitSingleRefund" : NAME_SPACE "/QueryTransaction";
  (void)request;
  return refund_add_header(headers, "SOAPAction", refund_text_of(action));
}

/* ---- Every answer: a document in the text at `path`; NULL unless it is of this name ---- */

static const refund_node *document_in(const refund_call *call, const refund_http_response *response, const char *path,
                                      const char *name) {
  const refund_node *soap = refund_read_body(call, REFUND_XML, response);
  const refund_node *document = refund_read_text(call, REFUND_XML, refund_text_at(call, soap, path));
  return refund_is(refund_name_of(call, document), name) ? document : NULL;
}

static int32_t status_of(const refund_call *call, const refund_node *transaction) {
  int32_t status = refund_meaning_of(REFUND_WORDS(response_codes), refund_text_at(call, transaction, "ResponseCode"),
                                     REFUND_STATUS_UNRECOGNIZED);
  if (!refund_there(refund_text_at(call, transaction, "DeclinedCode"))) return status;
  return status == REFUND_STATUS_SUCCESS ? REFUND_STATUS_UNRECOGNIZED : REFUND_STATUS_FAILURE;
}

static int32_t map_transaction(const refund_call *call, const refund_node *transaction, refund_result *result) {
  refund_text response_code = refund_text_at(call, transaction, "ResponseCode");
  refund_text code = refund_either(refund_text_at(call, transaction, "DeclinedCode"), response_code);
  int32_t status = status_of(call, transaction);
  if (!refund_there(response_code)) return REFUND_MALFORMED_RESPONSE;
  if (status != REFUND_STATUS_SUCCESS) result->text(result, REFUND_TEXT_ERROR_CODE, code);
  refund_say_texts(call, result, transaction, REFUND_WORDS(response_places));
  return result->reading(result, REFUND_READING_STATUS, status);
}

/* ---- refund: SubmitSingleRefund, in the currency of the account, which no element names ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  if (!refund_is(call->currency, "AUD") && !refund_is(call->currency, "NZD")) {
    return refund_invalid(call, "currency", "Bambora Asia-Pacific refunds AUD and NZD only");
  }
  int32_t code = refund_check_currency(call, "currency");
  if (code != REFUND_OK) return code;
  return refund_fill(
      call, body, REFUND_AS_XML,
      REFUND_SOAP("dts", NAME_SPACE,
                  "<dts:SubmitSingleRefund><dts:trnXML><![CDATA["
                  "<Refund><CustRef>$reference</CustRef><Receipt>$connector_transaction_id</Receipt>"
                  "<Amount>$amount</Amount>" SECURITY "</Refund>]]></dts:trnXML></dts:SubmitSingleRefund>"));
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  static const char path[] = "Body/SubmitSingleRefundResponse/SubmitSingleRefundResult";
  return map_transaction(call, document_in(call, response, path, "Response"), result);
}

/* ---- refund_sync: QueryTransaction by the receipt; answers every transaction that meets the criteria ---- */

#define QUERY(criterion)                                                                                \
  REFUND_SOAP("dts", NAME_SPACE,                                                                        \
              "<dts:QueryTransaction><dts:queryXML><![CDATA["                                           \
              "<QueryTransaction><Criteria><AccountNumber>$account.account_number</AccountNumber>"      \
              "<TrnStartTimestamp>2024-06-23 00:00:00</TrnStartTimestamp>"                              \
              "<TrnEndTimestamp>2099-12-31 23:59:59</TrnEndTimestamp>" criterion "</Criteria>" SECURITY \
              "</QueryTransaction>]]></dts:queryXML></dts:QueryTransaction>")

REFUND_BODY(sync_body, REFUND_AS_XML, QUERY("<Receipt>$connector_refund_id</Receipt>"));

static const refund_node *list_in(const refund_call *call, const refund_http_response *response) {
  return document_in(call, response, "Body/QueryTransactionResponse/QueryTransactionResult", "QueryResponse");
}

static int has_receipt(const refund_call *call, const refund_node *transaction, refund_text id) {
  return refund_same(refund_text_at(call, transaction, "Receipt"), id);
}

/* Without the one asked for, an empty list, or one of the payment alone, is an absence; of others it cannot be read. */
static int32_t map_found(const refund_call *call, const refund_node *list, const refund_node *found,
                         refund_result *result) {
  if (found != NULL) return map_transaction(call, found, result);
  if (list == NULL) return REFUND_MALFORMED_RESPONSE;
  for (const refund_node *one = refund_first_at(call, list, ""); one != NULL; one = refund_next(call, one)) {
    int is_other = !has_receipt(call, one, call->connector_transaction_id);
    if (refund_kind_at(call, one, "") == REFUND_KIND_ELEMENT && is_other) return REFUND_MALFORMED_RESPONSE;
  }
  return refund_say_not_found(result, 1);
}

static int is_asked_for(const refund_call *call, const refund_node *transaction) {
  return has_receipt(call, transaction, call->connector_refund_id);
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *list = list_in(call, response);
  return map_found(call, list, refund_pick(call, list, "", is_asked_for), result);
}

/* ---- refund_lookup: the same by our CustRef, which answers do not repeat ---- */

REFUND_BODY(lookup_body, REFUND_AS_XML, QUERY("<CustRef>$reference</CustRef>"));

enum { NOT_OURS, UNCLEAR, APPROVED };

/* Should the payment have our CustRef, it is no refund all the same. Nor may be what was declined: an earlier attempt
 * to pay may have it, too. */
static int rank(const refund_call *call, const refund_node *transaction) {
  if (has_receipt(call, transaction, call->connector_transaction_id)) return NOT_OURS;
  if (!refund_there(refund_text_at(call, transaction, "Receipt"))) return NOT_OURS;
  return status_of(call, transaction) == REFUND_STATUS_SUCCESS ? APPROVED : UNCLEAR;
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *list = list_in(call, response);
  const refund_node *found = refund_pick(call, list, "", rank);
  if (found != NULL && rank(call, found) == UNCLEAR) return refund_say_not_found(result, 0);
  for (const refund_node *one = refund_first_at(call, list, ""); one != NULL; one = refund_next(call, one)) {
    int is_second = one != found && rank(call, one) == APPROVED;
    if (is_second) return refund_say_not_found(result, 0); /* nothing says which of them is ours */
  }
  return map_found(call, list, found, result);
}

static const refund_vtable refund_table = {get_headers, get_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, get_url, sync_body, map_sync};
static const refund_vtable lookup_table = {get_headers, get_url, lookup_body, map_lookup};

/* CustRef is for reports: a second refund with the same one is carried out. The account number stands in queries only;
 * a wrong one finds nothing, so that no absence is final. How soon a refund is found is not said. */
REFUND_CONNECTOR(
    "bamboraapac", "1.0.0", "refund-host", "https://dev-apac.bambora.com/apis.html", REFUND_FLAGS(REFUND_IDS_UNIQUE),
    REFUND_FIELDS(REFUND_REQUIRED("username", "API user name"), REFUND_REQUIRED_SECRET("password", "API password"),
                  REFUND_REQUIRED("account_number", "account number"),
                  REFUND_OPTIONAL("currency", "the account's; refuses another")),
    REFUND_BASE_URLS({"api", "https://demo.ippayments.com.au/interface/api",
                      "https://www.bambora.co.nz/interface/api"}),
    REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_SOAP, REFUND_NAMES_REFUND_ID),
                 REFUND_SYNCS("POST", REFUND_CONTENT_SOAP, REFUND_NAMES_REFUND_ID),
                 REFUND_LOOKS_UP("POST", REFUND_CONTENT_SOAP, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED, 0)),
    REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 64)), REFUND_ISO_CURRENCIES,
    REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
