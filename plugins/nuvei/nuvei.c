/* SPDX-License-Identifier: Apache-2.0
 * Nuvei (formerly SafeCharge), REST API 1.0: every body carries a checksum over its own members and the secret.
 * https://docs.nuvei.com/documentation/features/financial-operations/refund/ */
#include <refund_toolkit.h>

/* transactionStatus, of the refund; status is the request's */
static const refund_word transaction_words[] = {
    {"APPROVED", REFUND_STATUS_SUCCESS},     {"DECLINED", REFUND_STATUS_FAILURE}, {"ERROR", REFUND_STATUS_FAILURE},
    {"Filter Error", REFUND_STATUS_FAILURE}, {"PENDING", REFUND_STATUS_PENDING},  {"PROCESSING", REFUND_STATUS_PENDING},
    {"REDIRECT", REFUND_STATUS_PENDING},
};

/* errCode, where it is no refusal of this refund: https://docs.nuvei.com/documentation/integration/response-handling */
static const refund_word error_readings[] = {
    {"1000", REFUND_READING_IN_PROGRESS},     /* general error */
    {"1001", REFUND_READING_ACCOUNT_REFUSED}, /* invalid checksum */
    {"1038", REFUND_READING_IN_PROGRESS},     /* communication error */
    {"9146", REFUND_READING_ABSENT},          /* no transaction details for the id; also when it is very new */
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "transactionId"},
    {REFUND_TEXT_REFERENCE, "clientUniqueId"},
    {REFUND_TEXT_CURRENCY, "processedCurrency"},
};
static const refund_place error_places[] = {
    {REFUND_TEXT_ERROR_CODE, "gwErrorCode"},
    {REFUND_TEXT_ERROR_MESSAGE, "gwErrorReason"},
    {REFUND_TEXT_ERROR_REASON, "gwErrorReason"},
};

/* ---- Every request and answer ---- */

#define MERCHANT "'merchantId':'$account.merchant_id','merchantSiteId':'$account.merchant_site_id'"
#define SIGNED "'timeStamp':'$time','checksum':'$checksum'"

/* `members`: those between merchantSiteId and timeStamp, in the order of the vendor's recipe. */
static int32_t fill_signed(const refund_call *call, refund_bytes *body, int64_t time_ms, const char *members,
                           const char *body_template) {
  refund_value values[] = {{"time", refund_date_text(call, time_ms, REFUND_DATE_DIGITS)},
                           {"members", refund_filled(call, REFUND_AS_TEXT, members, NULL, 0)},
                           {"checksum", {NULL, 0}}};
  refund_text text = refund_filled(call, REFUND_AS_TEXT,
                                   "$account.merchant_id$account.merchant_site_id$members$time$account.merchant_secret",
                                   REFUND_VALUES(values));
  if (refund_there(text)) values[2].text = refund_hex_text(call, refund_digest(call, "SHA-256", text));
  return refund_fill_with(call, body, REFUND_AS_JSON, body_template, REFUND_VALUES(values));
}

static int is_processing(const refund_call *call, const refund_node *transaction) {
  return refund_is(refund_text_at(call, transaction, "gwExtendedErrorCode"), "1003"); /* still */
}

/* {"status":"ERROR","errCode","reason"}. Beside a refund that did not fail, or without an error, it is no refusal. */
static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text code = refund_text_at(call, root, "errCode");
  refund_text word = refund_text_at(call, root, "transactionStatus");
  int32_t status = refund_meaning_of(REFUND_WORDS(transaction_words), word, REFUND_STATUS_UNRECOGNIZED);
  int32_t reading = refund_meaning_of(REFUND_WORDS(error_readings), code, REFUND_READING_REJECTED);
  if (!refund_is_nocase(refund_text_at(call, root, "status"), "ERROR")) return REFUND_MALFORMED_RESPONSE;
  if (refund_contains_nocase(refund_text_at(call, root, "reason"), "duplicate")) reading = REFUND_READING_DUPLICATE;
  if (refund_is(code, "0") || is_processing(call, root) || (refund_there(word) && status != REFUND_STATUS_FAILURE)) {
    reading = REFUND_READING_IN_PROGRESS;
    result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, root, "transactionId"));
  }
  return refund_say_error_by(call, result, NULL, 0, reading, root, "errCode", "reason", "reason");
}

/* A refund, at the top of the answer to it or inside the answer to a question. */
static int32_t map_transaction(const refund_call *call, const refund_node *transaction, refund_result *result) {
  refund_text word = refund_text_at(call, transaction, "transactionStatus");
  refund_text error = refund_text_at(call, transaction, "gwErrorCode");
  refund_say_texts(call, result, transaction, REFUND_WORDS(refund_places));
  refund_say_major(call, result, refund_text_at(call, transaction, "processedAmount"));
  if (refund_there(error) && !refund_is(error, "0")) {
    refund_say_texts(call, result, transaction, REFUND_WORDS(error_places));
  }
  if (is_processing(call, transaction)) return result->reading(result, REFUND_READING_IN_PROGRESS, 0);
  return refund_say_status(result, REFUND_WORDS(transaction_words), word);
}

/* ---- refund: refundTransaction.do ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  return fill_signed(
      call, body, call->refund_time_ms, "$idempotency_key$reference$major$currency$connector_transaction_id",
      "{" MERCHANT
      ",'clientRequestId':'$idempotency_key','clientUniqueId':'$reference',"
      "'amount':'$major','currency':'$currency','relatedTransactionId':'$connector_transaction_id'," SIGNED "}");
}

REFUND_URL(refund_url, 0, "/refundTransaction.do");

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  int is_done = refund_is_nocase(refund_text_at(call, root, "status"), "SUCCESS");
  return is_done ? map_transaction(call, root, result) : map_error(call, root, result);
}

/* ---- refund_sync and refund_lookup: getTransactionDetails.do, by both ids or by ours ---- */

static int32_t sync_body(const refund_call *call, refund_bytes *body) {
  return fill_signed(call, body, call->attempt_time_ms, "$connector_refund_id$reference",
                     "{" MERCHANT ",'transactionId':'$connector_refund_id','clientUniqueId':'$reference'," SIGNED "}");
}

static int32_t lookup_body(const refund_call *call, refund_bytes *body) {
  return fill_signed(call, body, call->attempt_time_ms, "$reference",
                     "{" MERCHANT ",'clientUniqueId':'$reference'," SIGNED "}");
}

REFUND_URL(ask_url, 0, "/getTransactionDetails.do");

/* Where `member` is there, is it `value`? */
static int agrees(const refund_call *call, const refund_node *details, const char *member, refund_text value) {
  refund_text said = refund_text_at(call, details, member);
  return !refund_there(said) || refund_same(said, value);
}

static int32_t map_details(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *details = refund_node_at(call, root, "transactionDetails");
  int is_done = refund_is_nocase(refund_text_at(call, root, "status"), "SUCCESS");
  if (!is_done || details == NULL) return map_error(call, root, result);
  int is_ours = refund_is_nocase(refund_text_at(call, details, "transactionType"), "Credit") &&
                agrees(call, details, "clientUniqueId", call->reference) &&
                agrees(call, details, "relatedTransactionId", call->connector_transaction_id);
  /* Another transaction may hide ours: that is no absence. */
  return is_ours ? map_transaction(call, details, result) : refund_say_not_found(result, 0);
}

static const refund_vtable refund_table = {refund_no_headers, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {refund_no_headers, ask_url, sync_body, map_details};
static const refund_vtable lookup_table = {refund_no_headers, ask_url, lookup_body, map_details};

/* That a repeated clientRequestId is refused depends on the account, and for how long is not said. Others of the site
 * may use a clientUniqueId that is the same text as ours, so an absence is not final. How old a timeStamp may be is not
 * said: a refund keeps its own; questions, asked for weeks, have the time of asking. */
REFUND_CONNECTOR(
    "nuvei", "1.0.0", "refund-host", "https://docs.nuvei.com/documentation/features/financial-operations/refund/",
    REFUND_FLAGS(REFUND_IDS_UNIQUE),
    REFUND_FIELDS(REFUND_REQUIRED("merchant_id", "merchant id"),
                  REFUND_REQUIRED("merchant_site_id", "merchant site id"),
                  REFUND_REQUIRED_SECRET("merchant_secret", "merchant secret key")),
    REFUND_BASE_URLS({"api", "https://ppp-test.nuvei.com/ppp/api/v1", "https://secure.safecharge.com/ppp/api/v1"}),
    REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE),
                 REFUND_FLOW("refund_sync", "POST", REFUND_CONTENT_JSON, REFUND_FLOW_FRESH_BODY, REFUND_NAMES_REFUND_ID,
                             REFUND_NOT_DECLARED),
                 REFUND_LOOKS_UP("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED,
                                 REFUND_FLOW_FRESH_BODY)),
    REFUND_KEY(REFUND_KEY_BODY, "clientRequestId", REFUND_LENGTH(1, 255), REFUND_NOT_DECLARED, REFUND_NOT_DECLARED, 0),
    REFUND_REFERENCES(REFUND_LENGTH(1, 45)), REFUND_ISO_CURRENCIES,
    REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
