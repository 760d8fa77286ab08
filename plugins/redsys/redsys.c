/* SPDX-License-Identifier: Apache-2.0
 * Redsys (TPV Virtual): messages are signed with a key that each order has; refunds have no id but that order.
 * https://pagosonline.redsys.es/desarrolladores.html */
#include <refund_toolkit.h>
#include <string.h>

/* Ds_Response. Whatever else there is from 0100 to 9996 is a refusal. errorCode SIS0051 is 9051 here, and so on. */
static const refund_word response_words[] = {
    {"0900", REFUND_STATUS_SUCCESS},
    {"0400", REFUND_STATUS_UNRECOGNIZED}, /* a reversal: accepted, no answer in time, accepted late */
    {"0480", REFUND_STATUS_UNRECOGNIZED},
    {"0481", REFUND_STATUS_UNRECOGNIZED},
    {"0913", REFUND_STATUS_PENDING}, /* this order was sent before */
    {"9051", REFUND_STATUS_PENDING},
    {"9001", REFUND_STATUS_PENDING}, /* trouble at Redsys: internal, generic, database, Java */
    {"9002", REFUND_STATUS_PENDING},
    {"9034", REFUND_STATUS_PENDING},
    {"9038", REFUND_STATUS_PENDING},
    {"9997", REFUND_STATUS_PENDING}, /* another operation with this card is under way */
    {"9998", REFUND_STATUS_PENDING},
    {"9999", REFUND_STATUS_PENDING},
};

/* errorCode where no refund of the account would fare better */
static const refund_word account_errors[] = {
    {"SIS0026", REFUND_READING_ACCOUNT_REFUSED}, /* no such merchant or terminal */
    {"SIS0028", REFUND_READING_ACCOUNT_REFUSED}, /* closed */
    {"SIS0042", REFUND_READING_ACCOUNT_REFUSED}, /* wrong signature */
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "Ds_Order"},
    {REFUND_TEXT_STATUS_WORD, "Ds_Response"},
    {REFUND_TEXT_CURRENCY, "Ds_Currency"},
};

/* ---- Every request: a content and its signature ---- */

#define SIGNED_BY "HMAC_SHA256_V1" /* the order in 3DES, filled up with zero bytes, is the key of an HMAC */

static refund_text sign(const refund_call *call, refund_text text) {
  static const char zeros[8];
  refund_text key = refund_decode_base64(call, refund_account(call, "sha256_pwd"));
  refund_text order = call->connector_transaction_id;
  refund_text iv = {zeros, sizeof zeros}, rest = {zeros, -order.size % sizeof zeros};
  refund_text order_key = refund_cipher(call, "DES-EDE3-CBC-NOPAD", key, iv, REFUND_CONCAT(call, order, rest));
  return !refund_there(order_key) ? order_key : refund_hmac(call, "SHA-256", order_key, text);
}

static int32_t put_signed(const refund_call *call, refund_bytes *body, int32_t as, refund_text content,
                          const char *message) {
  const refund_value values[] = {{"content", content}, {"signature", refund_base64_text(call, sign(call, content))}};
  uint64_t order_size = call->connector_transaction_id.size;
  if (order_size < 4 || order_size > 12) {
    return refund_invalid(call, "connector_transaction_id", "expected the payment's order, of 4 to 12 characters");
  }
  if (refund_decode_base64(call, refund_account(call, "sha256_pwd")).size != 24) {
    return refund_invalid(call, "sha256_pwd", "expected the base64 text of a key of 24 bytes, as Redsys shows it");
  }
  return refund_fill_with(call, body, as, message, REFUND_VALUES(values));
}

/* ---- Every answer ---- */

static int32_t status_of(refund_text response) {
  int64_t number;
  int refused = response.size == 4 && refund_read_integer(response, &number) && number >= 100;
  return refund_meaning_of(REFUND_WORDS(response_words), response,
                           refused ? REFUND_STATUS_FAILURE : REFUND_STATUS_UNRECOGNIZED);
}

static int is_another(refund_text said, refund_text asked) {
  return refund_there(said) && !refund_same(said, asked);
}

static int32_t say_refund(const refund_call *call, refund_result *result, const refund_node *refund, int32_t status) {
  refund_text response = refund_text_at(call, refund, "Ds_Response");
  refund_say_texts(call, result, refund, REFUND_WORDS(refund_places));
  refund_say_amount(result, refund_text_at(call, refund, "Ds_Amount"));
  if (status == REFUND_STATUS_FAILURE) return refund_say_failure(result, response, response, (refund_text){NULL, 0});
  return result->reading(result, REFUND_READING_STATUS, status);
}

/* ---- refund: signed JSON ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_text parameters = refund_base64_text(
      call, refund_filled(call, REFUND_AS_JSON,
                          "{'DS_MERCHANT_AMOUNT':'$amount','DS_MERCHANT_CURRENCY':'$currency_number',"
                          "'DS_MERCHANT_MERCHANTCODE':'$account.merchant_id',"
                          "'DS_MERCHANT_ORDER':'$connector_transaction_id',"
                          "'DS_MERCHANT_TERMINAL':'$account.terminal_id','DS_MERCHANT_TRANSACTIONTYPE':'3'}",
                          NULL, 0));
  return put_signed(call, body, REFUND_AS_JSON, parameters,
                    "{'Ds_SignatureVersion':'" SIGNED_BY
                    "','Ds_MerchantParameters':'$content','Ds_Signature':'$signature'}");
}

REFUND_URL(refund_url, 0, "/sis/rest/trataPeticionREST");

static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text code = refund_text_at(call, root, "errorCode");
  refund_text description = refund_text_at(call, root, "errorCodeDescription");
  if (!refund_starts_with(code, "SIS0") || code.size != 7) return REFUND_MALFORMED_RESPONSE;
  refund_text number = {code.data + 4, 3};
  int refused = status_of(REFUND_CONCAT(call, refund_text_of("9"), number)) == REFUND_STATUS_FAILURE;
  int32_t reading = refund_meaning_of(REFUND_WORDS(account_errors), code,
                                      refused ? REFUND_READING_REJECTED : REFUND_READING_IN_PROGRESS);
  return refund_say_error(result, reading, code, refund_either(description, code), description);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text encoded = refund_text_at(call, root, "Ds_MerchantParameters");
  refund_text signature = refund_decode_base64(call, refund_text_at(call, root, "Ds_Signature"));
  if (encoded.data == NULL) return map_error(call, root, result);
  if (!refund_same(sign(call, encoded), signature)) return REFUND_MALFORMED_RESPONSE;
  const refund_node *refund = refund_read_text(call, REFUND_JSON, refund_decode_base64(call, encoded));
  if (!refund_same(refund_text_at(call, refund, "Ds_Order"), call->connector_transaction_id) ||
      is_another(refund_text_at(call, refund, "Ds_TransactionType"), refund_text_of("3"))) {
    return REFUND_MALFORMED_RESPONSE;
  }
  return say_refund(call, result, refund, status_of(refund_text_at(call, refund, "Ds_Response")));
}

/* ---- refund_sync, refund_lookup: a list of the order's refunds, by SOAP ---- */

static int32_t list_body(const refund_call *call, refund_bytes *body) {
  refund_text version = refund_filled(call, REFUND_AS_XML,
                                      "<Version Ds_Version='0.0'><Message><Transaction>"
                                      "<Ds_MerchantCode>$account.merchant_id</Ds_MerchantCode>"
                                      "<Ds_Terminal>$account.terminal_id</Ds_Terminal>"
                                      "<Ds_Order>$connector_transaction_id</Ds_Order>"
                                      "<Ds_TransactionType>3</Ds_TransactionType>"
                                      "</Transaction></Message></Version>",
                                      NULL, 0);
  return put_signed(call, body, REFUND_AS_TEXT, version,
                    REFUND_SOAP("web", "http://webservices.apl02.redsys.es",
                                "<web:consultaOperaciones><cadenaXML><![CDATA[<Messages>$content"
                                "<Signature>$signature</Signature><SignatureVersion>" SIGNED_BY
                                "</SignatureVersion></Messages>]]></cadenaXML></web:consultaOperaciones>"));
}

REFUND_URL(list_url, 0, "/apl02/services/SerClsWSConsulta");

static int32_t list_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)call, (void)request;
  return refund_add_header(headers, "SOAPAction", refund_text_of("consultaOperaciones"));
}

/* Whether an entry is known to be of this time's day or later. */
static int is_since(const refund_call *call, const refund_node *entry, int64_t time_ms) {
  refund_text date = refund_text_at(call, entry, "Ds_Date"), day = refund_date_text(call, time_ms, REFUND_DATE_ISO);
  return date.size == 10 && day.size > 10 && memcmp(date.data, day.data, 10) >= 0;
}

/* 1: may be ours, for nothing in the list names a refund. 0: is another's. -1: cannot be told. */
static int may_be_ours(const refund_call *call, const refund_node *entry) {
  refund_text currency = refund_text_at(call, entry, "Ds_Currency");
  int64_t amount;
  if (!refund_is(refund_name_of(call, entry), "Response")) return 0;
  if (is_another(refund_text_at(call, entry, "Ds_Order"), call->connector_transaction_id)) return 0;
  if (is_another(refund_text_at(call, entry, "Ds_TransactionType"), refund_text_of("3"))) return 0;
  if (is_another(currency, call->currency_number)) return 0;
  if (!refund_there(currency) || !refund_read_integer(refund_text_at(call, entry, "Ds_Amount"), &amount)) return -1;
  if (amount != call->refund_amount) return 0;
  /* Ours may never have arrived, and its id is the order's: an older one is not taken for it. Dates have no zone, hence
   * the day. */
  return is_since(call, entry, call->refund_time_ms - 86400000) ? 1 : -1;
}

static int32_t entry_status(const refund_call *call, const refund_node *entry) {
  refund_text response = refund_text_at(call, entry, "Ds_Response");
  int ended = !is_another(refund_text_at(call, entry, "Ds_State"), refund_text_of("F"));
  return ended && refund_there(response) ? status_of(response) : REFUND_STATUS_PENDING;
}

/* The latest that may be ours; but nothing is decided where another that did not fail may be too. A refusal may be the
 * answer to an earlier refund: it decides only of one that was answered, by the one entry, of that day or later. */
static int32_t map_entries(const refund_call *call, const refund_node *message, refund_result *result) {
  const refund_node *latest = NULL;
  refund_text latest_time = {NULL, 0};
  int unclear = 0, count = 0, rivals = 0;
  for (const refund_node *entry = refund_first_at(call, message, ""); entry != NULL; entry = refund_next(call, entry)) {
    refund_text time =
        REFUND_CONCAT(call, refund_text_at(call, entry, "Ds_Date"), refund_text_at(call, entry, "Ds_Hour"));
    int later = time.size == 18 && (latest_time.size != 18 || memcmp(time.data, latest_time.data, 18) > 0);
    int found = may_be_ours(call, entry);
    unclear |= found < 0;
    if (found <= 0) continue;
    count++;
    rivals += entry_status(call, entry) != REFUND_STATUS_FAILURE;
    if (latest != NULL && !later) continue;
    latest = entry;
    latest_time = time;
  }
  if (latest == NULL) return refund_say_not_found(result, !unclear);
  int32_t status = entry_status(call, latest);
  int decides = refund_there(call->connector_refund_id) && count == 1 && is_since(call, latest, call->refund_time_ms);
  if (unclear || rivals > 1 || (status == REFUND_STATUS_FAILURE && !decides)) return refund_say_not_found(result, 0);
  return say_refund(call, result, latest, status);
}

static int32_t map_list(const refund_call *call, const refund_http_response *response, refund_result *result) {
  refund_text list = refund_text_at(call, refund_read_body(call, REFUND_XML, response),
                                    "Body/consultaOperacionesResponse/consultaOperacionesReturn");
  const refund_node *message = refund_node_at(call, refund_read_text(call, REFUND_XML, list), "Version/Message");
  refund_text error = refund_text_at(call, message, "ErrorMsg/Ds_ErrorCode");
  if (refund_node_at(call, message, "Response") != NULL) return map_entries(call, message, result);
  if (!refund_there(error)) return REFUND_MALFORMED_RESPONSE;
  int none = refund_is(error, "XML0024");
  return refund_say_error(result, none ? REFUND_READING_ABSENT : REFUND_READING_IN_PROGRESS, error, error, error);
}

static const refund_vtable refund_table = {refund_no_headers, refund_url, refund_body, map_response};
static const refund_vtable list_table = {list_headers, list_url, list_body, map_list};

/* The answer to a refund is about that refund, a list about the payment. How soon a list has it is not said. */
REFUND_CONNECTOR("redsys", "1.0.0", "refund-host", "https://pagosonline.redsys.es/desarrolladores.html",
                 REFUND_FLAGS(0),
                 REFUND_FIELDS(REFUND_REQUIRED("merchant_id", "merchant code (FUC)"),
                               REFUND_REQUIRED("terminal_id", "terminal number"),
                               REFUND_REQUIRED_SECRET("sha256_pwd", "key for SHA-256, in base64")),
                 REFUND_BASE_URLS({"api", "https://sis-t.redsys.es:25443", "https://sis.redsys.es"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_NOTHING),
                              REFUND_SYNCS("POST", REFUND_CONTENT_SOAP, REFUND_NAMES_PAYMENT),
                              REFUND_LOOKS_UP("POST", REFUND_CONTENT_SOAP, REFUND_NAMES_PAYMENT, REFUND_NOT_DECLARED,
                                              0)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &list_table, &list_table));
