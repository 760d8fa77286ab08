/* SPDX-License-Identifier: Apache-2.0
 * Braintree (PayPal), GraphQL API: all calls are a POST to one URL, and refusals come with HTTP 200.
 * https://developer.paypal.com/braintree/graphql/reference/mutations/refund-transaction */
#include <refund_toolkit.h>

/* PaymentStatus. Until SETTLED a refund can still be voided or declined. */
static const refund_word status_words[] = {
    {"AUTHORIZATION_EXPIRED", REFUND_STATUS_FAILURE},
    {"AUTHORIZED", REFUND_STATUS_PENDING},
    {"AUTHORIZING", REFUND_STATUS_PENDING},
    {"FAILED", REFUND_STATUS_FAILURE},
    {"GATEWAY_REJECTED", REFUND_STATUS_FAILURE},
    {"PROCESSOR_DECLINED", REFUND_STATUS_FAILURE},
    {"SETTLED", REFUND_STATUS_SUCCESS},
    {"SETTLEMENT_CONFIRMED", REFUND_STATUS_PENDING},
    {"SETTLEMENT_DECLINED", REFUND_STATUS_FAILURE},
    {"SETTLEMENT_PENDING", REFUND_STATUS_PENDING},
    {"SETTLING", REFUND_STATUS_PENDING},
    {"SUBMITTED_FOR_SETTLEMENT", REFUND_STATUS_PENDING},
    {"VOIDED", REFUND_STATUS_FAILURE},
};

/* extensions.errorClass. After all others, INTERNAL and SERVICE_AVAILABILITY, it may have been done. */
static const refund_word error_classes[] = {
    {"AUTHENTICATION", REFUND_READING_ACCOUNT_REFUSED},
    {"AUTHORIZATION", REFUND_READING_REJECTED},
    {"NOT_FOUND", REFUND_READING_REJECTED},
    {"NOT_IMPLEMENTED", REFUND_READING_REJECTED},
    {"RESOURCE_LIMIT", REFUND_READING_REFUSED_BEFORE_PROCESSING},
    {"UNSUPPORTED_CLIENT", REFUND_READING_REJECTED},
    {"VALIDATION", REFUND_READING_REJECTED},
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_REFERENCE, "orderId"},
    {REFUND_TEXT_CURRENCY, "amount/currencyCode"},
};

/* ---- Every request and answer ---- */

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  refund_add_basic(call, headers, refund_account(call, "public_key"), refund_account(call, "private_key"));
  return refund_add_header(headers, "Braintree-Version", refund_text_of("2019-01-01"));
}

/* VALIDATION of our key: it came before, with other input, or is being worked on. */
static int32_t reading_of(const refund_call *call, const refund_node *error) {
  refund_text error_class = refund_text_at(call, error, "extensions/errorClass");
  refund_text input = refund_join(call, error, "extensions/inputPath", "", "/");
  if (refund_is(error_class, "VALIDATION") && refund_contains_nocase(input, "apirequestkey")) {
    return REFUND_READING_DUPLICATE;
  }
  return refund_meaning_of(REFUND_WORDS(error_classes), error_class, REFUND_READING_IN_PROGRESS);
}

/* Errors that are read differently decide nothing together. */
static int32_t map_errors(const refund_call *call, const refund_node *root, refund_result *result) {
  const refund_node *first = refund_first_at(call, root, "errors");
  int32_t reading = reading_of(call, first);
  for (const refund_node *error = first; error != NULL; error = refund_next(call, error)) {
    if (reading_of(call, error) != reading) reading = REFUND_READING_IN_PROGRESS;
  }
  return refund_say_error(result, reading, refund_text_at(call, first, "extensions/legacyCode"),
                          refund_text_at(call, first, "message"), refund_join(call, root, "errors", "message", " "));
}

/* What is not GraphQL's: the gateway's own error, or a plain text, which decides nothing but with 401. */
static int32_t map_other(const refund_call *call, const refund_node *root, int32_t status, refund_result *result) {
  static const char *const lists[] = {"errors/errors", "errors/transaction/errors",
                                      "errors/transaction/creditCard/errors"};
  const refund_node *error = refund_node_at(call, root, "apiErrorResponse");
  if (refund_first_at(call, root, "errors") != NULL) return map_errors(call, root, result);
  if (status < 400) return REFUND_MALFORMED_RESPONSE;
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    const refund_node *first = refund_first_at(call, error, lists[i]);
    if (!refund_there(refund_text_at(call, first, "code"))) continue;
    return refund_say_error(result, REFUND_READING_REJECTED, refund_text_at(call, first, "code"),
                            refund_text_at(call, first, "message"), refund_text_at(call, error, "message"));
  }
  if (!refund_there(refund_text_at(call, root, "errors"))) return REFUND_MALFORMED_RESPONSE;
  int32_t reading = status == 401 ? REFUND_READING_ACCOUNT_REFUSED : REFUND_READING_IN_PROGRESS;
  return refund_say_error_at(call, result, reading, root, NULL, "errors", "errors");
}

static int32_t map_refund(const refund_call *call, const refund_node *refund, refund_result *result) {
  refund_text word = refund_text_at(call, refund, "status");
  refund_say_texts(call, result, refund, REFUND_WORDS(refund_places));
  refund_say_major(call, result, refund_text_at(call, refund, "amount/value"));
  if (refund_meaning_of(REFUND_WORDS(status_words), word, 0) == REFUND_STATUS_FAILURE) {
    result->text(result, REFUND_TEXT_ERROR_CODE, word);
  }
  return refund_say_status(result, REFUND_WORDS(status_words), word);
}

/* ---- refund: refundTransaction ---- */

/* A refund may name another merchant account than the account's, with its currency: one without the other would leave
 * the guard blind. Without an amount, all that was paid goes back. */
static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_text merchant = refund_metadata(call, "merchant_account_id");
  refund_text currency = refund_metadata(call, "merchant_config_currency");
  if (!refund_there(merchant) && !refund_there(currency)) {
    merchant = refund_account(call, "merchant_account_id");
    currency = refund_account(call, "merchant_config_currency");
  }
  if (!refund_there(merchant) || !refund_same_nocase(call->currency, currency)) {
    return refund_invalid(call, "currency",
                          "the merchant account is not known to have this currency; name one that has, by both "
                          "merchant_account_id and merchant_config_currency, in the account or in connector_metadata");
  }
  const refund_value values[] = {{"merchant", merchant}};
  return refund_fill_with(
      call, body, REFUND_AS_JSON,
      "{'query':'mutation refundTransaction($$input:  RefundTransactionInput!) { refundTransaction(input: $$input) "
      "{clientMutationId refund { id legacyId amount { value currencyCode } status } } }',"
      "'variables':{'input':{'transactionId':'$connector_transaction_id','apiRequestKey':'$idempotency_key',"
      "'refund':{'amount':'$major','merchantAccountId':'$merchant','orderId':'$reference'}}}}",
      REFUND_VALUES(values));
}

/* A refund beside errors: the money moves. */
static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *refund = refund_node_at(call, root, "data/refundTransaction/refund");
  if (refund_there(refund_text_at(call, refund, "id"))) return map_refund(call, refund, result);
  return map_other(call, root, response->status, result);
}

/* ---- refund_sync and refund_lookup: a search, by its id or by our order id ---- */

#define SEARCH(criterion)                                                                                     \
  "{'query':'query($$input: RefundSearchInput!) { search { refunds(input: $$input, first: 1) { edges { node " \
  "{ id status createdAt amount { value currencyCode } orderId } } } } }',"                                   \
  "'variables':{'input':{" criterion "}}}"

REFUND_BODY(sync_body, REFUND_AS_JSON, SEARCH("'id':{'is':'$connector_refund_id'}"));
REFUND_BODY(lookup_body, REFUND_AS_JSON, SEARCH("'orderId':{'is':'$reference'}"));

static int32_t map_search(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *edges = refund_node_at(call, root, "data/search/refunds/edges");
  const refund_node *refund = refund_node_at(call, edges, "0/node");
  int by_id = refund_there(call->connector_refund_id);
  int is_ours = by_id || refund_same(refund_text_at(call, refund, "orderId"), call->reference);
  if (is_ours && refund_there(refund_text_at(call, refund, "id"))) return map_refund(call, refund, result);
  if (refund_first_at(call, root, "errors") != NULL || refund_kind_at(call, edges, "") != REFUND_KIND_ARRAY) {
    return map_other(call, root, response->status, result);
  }
  if (!by_id) return refund_say_not_found(result, refund_first_at(call, edges, "") == NULL);
  return refund_say_error(result, REFUND_READING_IN_PROGRESS, refund_text_of("RESPONSE_HANDLING_FAILED"),
                          refund_text_of("the search finds no refund of this id"), (refund_text){NULL, 0});
}

static const refund_vtable refund_table = {get_headers, refund_url_is_base, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, refund_url_is_base, sync_body, map_search};
static const refund_vtable lookup_table = {get_headers, refund_url_is_base, lookup_body, map_search};

/* A key counts for 30 days from the end of its first call; a repeat has to wait for that end. The merchant account is
 * not declared a secret: two accounts that only differ in it can refund one payment, and so have to share a scope. */
REFUND_CONNECTOR("braintree", "1.0.0", "refund-host",
                 "https://developer.paypal.com/braintree/graphql/reference/mutations/refund-transaction",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED("public_key", "public key"),
                               REFUND_REQUIRED_SECRET("private_key", "private key"),
                               REFUND_REQUIRED("merchant_account_id", "merchant account that refunds are booked on"),
                               REFUND_REQUIRED("merchant_config_currency", "currency of that merchant account")),
                 REFUND_BASE_URLS({"api", "https://payments.sandbox.braintree-api.com/graphql",
                                   "https://payments.braintree-api.com/graphql"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE),
                              REFUND_SYNCS("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED,
                                              REFUND_FLOW_ABSENCE_FINAL)),
                 REFUND_KEY(REFUND_KEY_BODY, "apiRequestKey", REFUND_LENGTH(1, 255), REFUND_DAYS(30),
                            REFUND_NOT_DECLARED, REFUND_KEY_COMPARES_BODY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 255)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
