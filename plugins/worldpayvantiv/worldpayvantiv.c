/* SPDX-License-Identifier: Apache-2.0
 * Worldpay eComm (Vantiv, Litle; cnpAPI): the id that we give a credit is what it is looked up by; whether it was
 * settled says another host, in JSON. http://support.worldpay.com/support/CNP-API/content/introduction.htm */
#include <refund_toolkit.h>

/* response of a credit. All that are not here are declines; see map_code for 251, Duplicate Transaction. */
static const refund_word credit_words[] = {
    {"000", REFUND_STATUS_PENDING},      /* Approved: settles in a batch */
    {"001", REFUND_STATUS_PENDING},      /* Transaction Received */
    {"010", REFUND_STATUS_UNRECOGNIZED}, /* Partially Approved */
    {"011", REFUND_STATUS_UNRECOGNIZED}, /* Offline Approval */
    {"013", REFUND_STATUS_UNRECOGNIZED}, /* Offline Approval (unable to go online) */
    {"363", REFUND_STATUS_SUCCESS},      /* Auto-void on refund: the deposit and its refund are both voided */
    {"370", REFUND_STATUS_PENDING},      /* Internal System Error: refund_sync tells */
};

/* response of a whole answer that has nothing else in it */
static const refund_word outer_readings[] = {
    {"1", REFUND_READING_REJECTED},                  /* the XML is not valid */
    {"2", REFUND_READING_REJECTED},                  /* Invalid XML */
    {"3", REFUND_READING_ACCOUNT_REFUSED},           /* Invalid credentials */
    {"4", REFUND_READING_REFUSED_BEFORE_PROCESSING}, /* Connection limit exceeded */
    {"5", REFUND_READING_REJECTED},                  /* Objectionable content detected */
};

/* response of a queryTransaction. 150 has the credit in it, all others are about the query. */
static const refund_word query_readings[] = {
    {"151", REFUND_READING_ABSENT},      /* Original transaction not found */
    {"152", REFUND_READING_IN_PROGRESS}, /* Original transaction found but response not yet available */
};

/* paymentStatus of the reporting host. A decline has a code of credit_words. */
static const refund_word payment_words[] = {
    {"PROCESSED_SUCCESSFULLY", REFUND_STATUS_SUCCESS},
    {"NOT_YET_PROCESSED", REFUND_STATUS_PENDING},
    {"STATUS_UNAVAILABLE", REFUND_STATUS_PENDING},
};

static const refund_place payment_places[] = {
    {REFUND_TEXT_REFUND_ID, "paymentId"},
    {REFUND_TEXT_CURRENCY, "paymentDetail/purchaseCurrency"},
};

/* ---- Every request: who asks, and one transaction ---- */

/* The credit's id attribute, 1 to 36 characters; call->reference is refund_id where that fits behind the prefix. */
static refund_text credit_id(const refund_call *call) {
  int fits = refund_same(call->reference, call->refund_id);
  if (fits) return REFUND_CONCAT(call, refund_text_of("refund_"), call->refund_id);
  return refund_cut(refund_hex_text(call, refund_digest(call, "SHA-256", call->refund_id)), 36);
}

#define REQUEST(transaction)                                                                                      \
  "<?xml version='1.0' encoding='UTF-8'?>"                                                                        \
  "<cnpOnlineRequest version='12.30' xmlns='http://www.vantivcnp.com/schema' merchantId='$account.merchant_id'>"  \
  "<authentication><user>$account.user</user><password>$account.password</password></authentication>" transaction \
  "</cnpOnlineRequest>"

static int32_t put_request(const refund_call *call, refund_bytes *body, const char *request) {
  refund_text group = refund_account(call, "report_group");
  const refund_value values[] = {{"id", credit_id(call)}, {"group", refund_either(group, refund_text_of("rtpGrp"))}};
  if (refund_cut(group, 25).size < group.size) {
    return refund_invalid(call, "report_group", "Worldpay takes at most 25 characters as report group");
  }
  return refund_fill_with(call, body, REFUND_AS_XML, request, REFUND_VALUES(values));
}

/* ---- Every answer: XML, some of it in a JSON string ---- */

static const refund_node *read_answer(const refund_call *call, const refund_http_response *response) {
  refund_text body = response->body;
  if (refund_starts_with(body, "\"")) body = refund_text_at(call, refund_read_text(call, REFUND_JSON, body), "");
  const refund_node *root = refund_read_text(call, REFUND_XML, body);
  return refund_is(refund_name_of(call, root), "cnpOnlineResponse") ? root : NULL;
}

static int is_valid(const refund_call *call, const refund_node *root) {
  return refund_is(refund_text_at(call, root, "@response"), "0");
}

static int32_t map_outer(const refund_call *call, const refund_node *root, refund_result *result) {
  int32_t reading = refund_meaning_of(REFUND_WORDS(outer_readings), refund_text_at(call, root, "@response"), 0);
  if (reading == 0) return REFUND_MALFORMED_RESPONSE;
  if (refund_contains_nocase(refund_text_at(call, root, "@message"), "system error")) {
    reading = REFUND_READING_IN_PROGRESS; /* also comes as 1: nobody knows what was done */
  }
  return refund_say_error_at(call, result, reading, root, "@response", "@message", "@message");
}

static int32_t map_code(refund_result *result, refund_text code, refund_text message) {
  int32_t status = refund_meaning_of(REFUND_WORDS(credit_words), code, REFUND_STATUS_FAILURE);
  if (refund_is(code, "251")) return refund_say_error(result, REFUND_READING_DUPLICATE, code, message, message);
  if (status == REFUND_STATUS_FAILURE) return refund_say_failure(result, code, message, message);
  return result->reading(result, REFUND_READING_STATUS, status);
}

static int32_t map_credit(const refund_call *call, const refund_node *credit, refund_result *result) {
  refund_text id = refund_text_at(call, credit, "@id");
  refund_text code = refund_text_at(call, credit, "response");
  int64_t number;
  if (code.size != 3 || !refund_read_integer(code, &number) || number < 0) return REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, credit, "cnpTxnId"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_same(id, credit_id(call)) ? call->reference : id);
  result->text(result, REFUND_TEXT_STATUS_WORD, code);
  return map_code(result, code, refund_text_at(call, credit, "message"));
}

/* ---- refund: credit. No currency goes out: it is the account's. ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  int32_t code = refund_check_currency(call, "currency");
  if (code != REFUND_OK) return code;
  return put_request(call, body,
                     REQUEST("<credit id='$id' reportGroup='$group'><cnpTxnId>$connector_transaction_id</cnpTxnId>"
                             "<amount>$amount</amount></credit>"));
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = read_answer(call, response);
  const refund_node *credit = refund_node_at(call, root, "creditResponse");
  if (credit == NULL) return map_outer(call, root, result);
  return is_valid(call, root) ? map_credit(call, credit, result) : REFUND_MALFORMED_RESPONSE;
}

/* ---- refund_sync: the reporting host ---- */

REFUND_URL(sync_url, 1, "/reports/dtrPaymentStatus/$connector_refund_id");
REFUND_BASIC(sync_headers, "user", "password");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *detail = refund_node_at(call, root, "paymentDetail");
  refund_text word = refund_text_at(call, root, "paymentStatus");
  if (!refund_there(word)) return REFUND_MALFORMED_RESPONSE;
  if (refund_is(word, "PAYMENT_STATUS_NOT_FOUND")) return refund_say_not_found(result, 1);
  refund_say_texts(call, result, root, REFUND_WORDS(payment_places));
  refund_say_major(call, result, refund_text_at(call, detail, "amount"));
  if (!refund_is(word, "TRANSACTION_DECLINED")) return refund_say_status(result, REFUND_WORDS(payment_words), word);
  return map_code(result, refund_text_at(call, detail, "responseReasonCode"),
                  refund_text_at(call, detail, "responseReasonMessage"));
}

/* ---- refund_lookup: queryTransaction by the credit's id ---- */

static int32_t lookup_body(const refund_call *call, refund_bytes *body) {
  return put_request(call, body,
                     REQUEST("<queryTransaction id='$id' reportGroup='$group'><origId>$id</origId>"
                             "<origActionType>R</origActionType></queryTransaction>"));
}

/* Before a duplicate comes what it duplicates, before a decline the duplicate: it says that there is more. */
static int rank(const refund_call *call, const refund_node *item) {
  refund_text code = refund_text_at(call, item, "response");
  if (!refund_is(refund_name_of(call, item), "creditResponse")) return 0;
  if (refund_is(code, "251")) return 2;
  return refund_meaning_of(REFUND_WORDS(credit_words), code, REFUND_STATUS_FAILURE) == REFUND_STATUS_FAILURE ? 1 : 3;
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = read_answer(call, response);
  const refund_node *query = refund_node_at(call, root, "queryTransactionResponse");
  if (query == NULL) query = refund_node_at(call, root, "queryTransactionUnavailableResponse");
  if (query == NULL) return map_outer(call, root, result);
  refund_text code = refund_text_at(call, query, "response");
  const refund_node *credit = refund_pick(call, query, "results_max10", rank);
  if (!is_valid(call, root)) return REFUND_MALFORMED_RESPONSE;
  if (refund_is(code, "150")) return credit != NULL ? map_credit(call, credit, result) : REFUND_MALFORMED_RESPONSE;
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, query, "cnpTxnId"));
  return refund_say_error_by(call, result, REFUND_WORDS(query_readings), REFUND_READING_REJECTED, query, "response",
                             "message", "message");
}

static const refund_vtable refund_table = {refund_no_headers, refund_url_is_base, refund_body, map_response};
static const refund_vtable sync_table = {sync_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {refund_no_headers, refund_url_is_base, lookup_body, map_lookup};

/* Duplicates are looked for during two days, but it is said that some are missed: neither a key nor a unique
 * reference. A query sees one site only and may miss what the other processed: an absence is not final. */
REFUND_CONNECTOR(
    "worldpayvantiv", "1.0.0", "refund-host",
    "http://support.worldpay.com/support/CNP-API/content/creditransaction.htm", REFUND_FLAGS(REFUND_IDS_UNIQUE),
    REFUND_FIELDS(REFUND_REQUIRED_SECRET("user", "API user"), REFUND_REQUIRED_SECRET("password", "API password"),
                  REFUND_REQUIRED("merchant_id", "merchantId"),
                  REFUND_OPTIONAL("report_group", "reportGroup; \"rtpGrp\" if not given"),
                  REFUND_OPTIONAL("currency", "the merchant's; refuses another")),
    REFUND_BASE_URLS({"api", "https://transact.vantivprelive.com/vap/communicator/online",
                      "https://transact.vantivcnp.com/vap/communicator/online"},
                     {"lookup", "https://onlinessr.vantivprelive.com", "https://onlinessr.vantivcnp.com"}),
    REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_XML, REFUND_NAMES_REFERENCE),
                 REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID),
                 REFUND_LOOKS_UP("POST", REFUND_CONTENT_XML, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED, 0)),
    REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 29)), REFUND_ISO_CURRENCIES,
    REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
