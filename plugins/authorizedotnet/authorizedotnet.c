/* SPDX-License-Identifier: Apache-2.0
 * Authorize.Net (Visa): one URL for all, credentials in the body. Its JSON is read by an XML schema, so members stand
 * in the schema's order, everywhere. https://developer.authorize.net/api/reference/index.html */
#include <refund_toolkit.h>

/* responseCode */
static const refund_word response_words[] = {
    {"1", REFUND_STATUS_PENDING},       /* approved: settles with the next batch */
    {"2", REFUND_STATUS_FAILURE},       /* declined */
    {"3", REFUND_STATUS_FAILURE},       /* error */
    {"4", REFUND_STATUS_MANUAL_REVIEW}, /* held for review */
};

/* transactionStatus */
static const refund_word transaction_words[] = {
    {"couldNotVoid", REFUND_STATUS_PENDING},
    {"declined", REFUND_STATUS_FAILURE},
    {"expired", REFUND_STATUS_FAILURE},
    {"failedReview", REFUND_STATUS_FAILURE},
    {"FDSAuthorizedPendingReview", REFUND_STATUS_MANUAL_REVIEW},
    {"FDSPendingReview", REFUND_STATUS_MANUAL_REVIEW},
    {"generalError", REFUND_STATUS_FAILURE},
    {"refundPendingSettlement", REFUND_STATUS_PENDING},
    {"refundSettledSuccessfully", REFUND_STATUS_SUCCESS},
    {"returnedItem", REFUND_STATUS_FAILURE},
    {"settlementError", REFUND_STATUS_FAILURE},
    {"underReview", REFUND_STATUS_MANUAL_REVIEW},
    {"voided", REFUND_STATUS_FAILURE},
    /* Of a charge, whose invoice number may be the same text as ours: */
    {"authorizedPendingCapture", REFUND_STATUS_UNRECOGNIZED},
    {"capturedPendingSettlement", REFUND_STATUS_UNRECOGNIZED},
};

/* Codes that are no refusal: https://developer.authorize.net/api/reference/responseCodes.html */
static const refund_word error_readings[] = {
    {"11", REFUND_READING_DUPLICATE},
    {"120", REFUND_READING_IN_PROGRESS}, /* timed out, and could not be voided; 121, 122: errors that could not be */
    {"121", REFUND_READING_IN_PROGRESS},
    {"122", REFUND_READING_IN_PROGRESS},
    {"E00001", REFUND_READING_IN_PROGRESS},
    {"E00007", REFUND_READING_ACCOUNT_REFUSED},
    {"E00040", REFUND_READING_ABSENT},
    {"E00053", REFUND_READING_IN_PROGRESS}, /* too busy */
    {"E00104", REFUND_READING_IN_PROGRESS}, /* in maintenance */
};

static const refund_place error_places[] = {
    {REFUND_TEXT_ERROR_CODE, "errors/0/errorCode"},
    {REFUND_TEXT_ERROR_MESSAGE, "errors/0/errorText"},
    {REFUND_TEXT_ERROR_REASON, "errors/0/errorText"},
};

/* ---- Every request and answer ---- */

#define SIGNED_IN "'merchantAuthentication':{'name':'$account.name','transactionKey':'$account.transaction_key'}"

/* The reading of all errors of a list. One without a code, and such as are read differently, decide nothing. */
static int32_t reading_of(const refund_call *call, const refund_node *from, const char *list, const char *code) {
  int32_t reading = 0;
  for (const refund_node *error = refund_first_at(call, from, list); error != NULL; error = refund_next(call, error)) {
    refund_text said = refund_text_at(call, error, code);
    int32_t one = refund_meaning_of(REFUND_WORDS(error_readings), said, REFUND_READING_REJECTED);
    if (!refund_there(said) || (reading != 0 && one != reading)) return REFUND_READING_IN_PROGRESS;
    reading = one;
  }
  return reading == 0 ? REFUND_READING_IN_PROGRESS : reading;
}

/* An answer about the request alone; with HTTP 4xx it may be the messages without what is around them. */
static int32_t map_messages(const refund_call *call, const refund_node *root, refund_result *result) {
  const refund_node *around = refund_node_at(call, root, "messages");
  const refund_node *messages = around != NULL ? around : root;
  if (!refund_is(refund_text_at(call, messages, "resultCode"), "Error")) return REFUND_MALFORMED_RESPONSE;
  return refund_say_error_by(call, result, NULL, 0, reading_of(call, messages, "message", "code"), messages,
                             "message/0/code", "message/0/text", NULL);
}

/* Where it says what it is, and of which payment: a refund of ours? */
static int is_refund(const refund_call *call, const refund_node *transaction) {
  refund_text type = refund_text_at(call, transaction, "transactionType");
  refund_text payment = refund_text_at(call, transaction, "refTransId");
  return (!refund_there(type) || refund_is(type, "refundTransaction")) &&
         (!refund_there(payment) || refund_same(payment, call->connector_transaction_id));
}

/* A transaction of ours. One that failed settles nothing: its settleAmount is 0.00. */
static int32_t map_transaction(const refund_call *call, const refund_node *transaction, const char *invoice,
                               refund_result *result) {
  refund_text status = refund_text_at(call, transaction, "transactionStatus");
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, transaction, "transId"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, transaction, invoice));
  if (refund_meaning_of(REFUND_WORDS(transaction_words), status, 0) != REFUND_STATUS_FAILURE) {
    refund_say_major(call, result, refund_text_at(call, transaction, "settleAmount"));
  }
  return refund_say_status(result, REFUND_WORDS(transaction_words), status);
}

/* ---- refund: createTransactionRequest ---- */

/* Nothing but the last four digits of a card ever leaves. */
static refund_text last_four(refund_text number) {
  refund_text none = {NULL, 0};
  if (number.size < 4) return none;
  refund_text last = {number.data + number.size - 4, 4};
  for (uint64_t i = 0; i < last.size; i++) {
    if (last.data[i] < '0' || last.data[i] > '9') return none;
  }
  return last;
}

/* creditCard is an object, or text that holds one. A duplicateWindow of 28800 seconds is the most there is: so long a
 * repeat is error 11. */
static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_text text = refund_metadata(call, "creditCard");
  const refund_node *metadata = refund_read_text(call, REFUND_JSON, call->connector_metadata);
  const refund_node *card =
      refund_there(text) ? refund_read_text(call, REFUND_JSON, text) : refund_node_at(call, metadata, "creditCard");
  refund_value values[] = {
      {"number", last_four(refund_text_at(call, card, "cardNumber"))},
      {"expires", refund_either(refund_text_at(call, card, "expirationDate"), refund_text_of("XXXX"))}};
  if (!refund_there(values[0].text)) {
    return refund_invalid(
        call, "connector_metadata/creditCard",
        "expected an object with cardNumber, which ends in the last four digits of the card that paid");
  }
  return refund_fill_with(
      call, body, REFUND_AS_JSON,
      "{'createTransactionRequest':{" SIGNED_IN
      ",'transactionRequest':{'transactionType':'refundTransaction','amount':$major,'currencyCode':'$currency',"
      "'payment':{'creditCard':{'cardNumber':'$number','expirationDate':'$expires'}},"
      "'refTransId':'$connector_transaction_id','order':{'invoiceNumber':'$reference'},"
      "'transactionSettings':{'setting':[{'settingName':'duplicateWindow','settingValue':'28800'}]}}}}",
      REFUND_VALUES(values));
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *answer = refund_node_at(call, root, "transactionResponse");
  refund_text code = refund_text_at(call, answer, "responseCode");
  refund_text id = refund_text_at(call, answer, "transId"); /* of what failed perhaps 0 */
  if (!refund_there(code)) return map_messages(call, root, result);
  if (!refund_is(id, "0")) result->text(result, REFUND_TEXT_REFUND_ID, id);
  refund_say_texts(call, result, answer, REFUND_WORDS(error_places));
  if (refund_meaning_of(REFUND_WORDS(response_words), code, 0) != REFUND_STATUS_FAILURE) {
    return refund_say_status(result, REFUND_WORDS(response_words), code);
  }
  return result->reading(result, reading_of(call, answer, "errors", "errorCode"), 0);
}

/* ---- refund_sync: getTransactionDetailsRequest ---- */

REFUND_BODY(sync_body, REFUND_AS_JSON,
            "{'getTransactionDetailsRequest':{" SIGNED_IN ",'transId':'$connector_refund_id'}}");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *transaction = refund_node_at(call, root, "transaction");
  if (transaction == NULL) return map_messages(call, root, result);
  if (!is_refund(call, transaction)) return REFUND_MALFORMED_RESPONSE;
  return map_transaction(call, transaction, "order/invoiceNumber", result);
}

/* ---- refund_lookup: getUnsettledTransactionListRequest, ours by its invoiceNumber ---- */

REFUND_BODY(lookup_body, REFUND_AS_JSON,
            "{'getUnsettledTransactionListRequest':{" SIGNED_IN
            ",'sorting':{'orderBy':'id','orderDescending':true},'paging':{'limit':1000,'offset':1}}}");

enum { NOT_OURS, OURS_FAILED, OURS };

/* Of several, one that did not fail; unlike a charge's, a word that is in no table may be a refund's. */
static int rank(const refund_call *call, const refund_node *transaction) {
  refund_text status = refund_text_at(call, transaction, "transactionStatus");
  int32_t meaning = refund_meaning_of(REFUND_WORDS(transaction_words), status, -1);
  int is_payment = refund_same(refund_text_at(call, transaction, "transId"), call->connector_transaction_id);
  if (!refund_same(refund_text_at(call, transaction, "invoiceNumber"), call->reference)) return NOT_OURS;
  if (is_payment || !is_refund(call, transaction) || meaning == REFUND_STATUS_UNRECOGNIZED) return NOT_OURS;
  return meaning == REFUND_STATUS_FAILURE ? OURS_FAILED : OURS;
}

static int is_complete(const refund_call *call, const refund_node *root) {
  int64_t total;
  int64_t seen = 0;
  const refund_node *one = refund_first_at(call, root, "transactions");
  for (; one != NULL; one = refund_next(call, one))
    seen++;
  if (!refund_read_integer(refund_text_at(call, root, "totalNumInResultSet"), &total)) {
    return seen == 0 && refund_is(refund_text_at(call, root, "messages/message/0/code"), "I00004"); /* no records */
  }
  return seen == total && seen < 1000; /* a full page may not be the last */
}

/* A list does not say what failed, our refund or a charge of the same invoice number: the sync tells, by the id. */
static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *found = refund_pick(call, root, "transactions", rank);
  if (!refund_is(refund_text_at(call, root, "messages/resultCode"), "Ok")) return map_messages(call, root, result);
  if (found == NULL) return refund_say_not_found(result, is_complete(call, root));
  if (rank(call, found) == OURS) return map_transaction(call, found, "invoiceNumber", result);
  if (!is_complete(call, root)) return refund_say_not_found(result, 0);
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, found, "transId"));
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING);
}

static const refund_vtable refund_table = {refund_no_headers, refund_url_is_base, refund_body, map_response};
static const refund_vtable sync_table = {refund_no_headers, refund_url_is_base, sync_body, map_sync};
static const refund_vtable lookup_table = {refund_no_headers, refund_url_is_base, lookup_body, map_lookup};

/* That a duplicateWindow holds for refunds is not said in so many words, so no repeat rests on it. With the day's batch
 * a refund leaves the list of the unsettled, so an absence is not final; when it enters is not said. */
REFUND_CONNECTOR("authorizedotnet", "1.0.0", "refund-host", "https://developer.authorize.net/api/reference/index.html",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED("name", "API login id"),
                               REFUND_REQUIRED_SECRET("transaction_key", "transaction key")),
                 REFUND_BASE_URLS({"api", "https://apitest.authorize.net/xml/v1/request.api",
                                   "https://api.authorize.net/xml/v1/request.api"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE),
                              REFUND_SYNCS("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED,
                                              0)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 20)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
