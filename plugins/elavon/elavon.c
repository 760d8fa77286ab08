/* SPDX-License-Identifier: Apache-2.0
 * Elavon Converge (VirtualMerchant): XML in a form field, flat XML back, all with HTTP 200. Nothing of ours goes along
 * with a return and it can be asked about by Elavon's id only, so a lost answer is for a person.
 * https://developer.elavon.com/na/docs/converge/1.0.0/integration-guide/transaction_types/credit_card/return */
#include <refund_toolkit.h>

/* ssl_trans_status of a return */
static const refund_word status_words[] = {
    {"PEN", REFUND_STATUS_PENDING},       /* pended */
    {"OPN", REFUND_STATUS_PENDING},       /* unpended, released, open */
    {"REV", REFUND_STATUS_MANUAL_REVIEW}, /* review */
    {"STL", REFUND_STATUS_SUCCESS},       /* settled */
    {"PST", REFUND_STATUS_FAILURE},       /* failed due to a post-authorisation rule */
    {"FPR", REFUND_STATUS_FAILURE},       /* failed due to fraud prevention rules */
    {"PRE", REFUND_STATUS_FAILURE},       /* failed due to a pre-authorisation rule */
};

/* errorCode. All others are refusals. */
static const refund_word error_readings[] = {
    {"3000", REFUND_READING_IN_PROGRESS}, /* Gateway not responding: as the next ones, it may have been carried out */
    {"3001", REFUND_READING_IN_PROGRESS}, /* Gateway generated error */
    {"3002", REFUND_READING_IN_PROGRESS}, /* Adapter generated error */
    {"3003", REFUND_READING_IN_PROGRESS}, /* Processing error */
    {"4000", REFUND_READING_ACCOUNT_REFUSED}, /* VID Not Supplied */
    {"4013", REFUND_READING_ACCOUNT_REFUSED}, /* PIN Not Supplied */
    {"4014", REFUND_READING_ACCOUNT_REFUSED}, /* Not Permitted: the terminal or the user */
    {"4016", REFUND_READING_ACCOUNT_REFUSED}, /* Permission Denied: the account */
    {"4017", REFUND_READING_IN_PROGRESS},     /* Time-Out */
    {"4019", REFUND_READING_ACCOUNT_REFUSED}, /* User ID not supplied */
    {"4022", REFUND_READING_IN_PROGRESS},     /* The system is unavailable */
    {"4025", REFUND_READING_ACCOUNT_REFUSED}, /* Invalid Credentials */
};

static const refund_place refund_places[] = {{REFUND_TEXT_REFUND_ID, "ssl_txn_id"},
                                             {REFUND_TEXT_CURRENCY, "ssl_transaction_currency"}};

/* ---- Every request: one form field to one URL ---- */

#define TRANSACTION(type, rest)                                     \
  "<txn><ssl_transaction_type>" type                                \
  "</ssl_transaction_type><ssl_account_id>$account.ssl_merchant_id" \
  "</ssl_account_id><ssl_user_id>$account.ssl_user_id</ssl_user_id><ssl_pin>$account.ssl_pin</ssl_pin>" rest "</txn>"

REFUND_URL(get_url, 0, "/processxml.do");

static int32_t put_transaction(const refund_call *call, refund_bytes *body, const char *transaction) {
  const refund_value values[] = {{"transaction", refund_filled(call, REFUND_AS_XML, transaction, NULL, 0)}};
  return refund_fill_with(call, body, REFUND_AS_FORM, "xmldata=$transaction", REFUND_VALUES(values));
}

/* ---- Every answer ---- */

static int is_return(const refund_call *call, const refund_node *transaction) {
  return refund_is_nocase(refund_text_at(call, transaction, "ssl_transaction_type"), "RETURN");
}

static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  return refund_say_error_by(call, result, REFUND_WORDS(error_readings), REFUND_READING_REJECTED, root, "errorCode",
                             "errorMessage", "errorName");
}

/* ---- refund: ccreturn. No currency goes out: a return is in that of the terminal. ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  int32_t code = refund_check_currency(call, "currency");
  if (code != REFUND_OK) return code;
  return put_transaction(call, body,
                         TRANSACTION("ccreturn",
                                     "<ssl_amount>$major</ssl_amount>"
                                     "<ssl_txn_id>$connector_transaction_id</ssl_txn_id>"));
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_XML, response);
  int64_t outcome;
  if (refund_there(refund_text_at(call, root, "errorCode"))) return map_error(call, root, result);
  if (!refund_read_integer(refund_text_at(call, root, "ssl_result"), &outcome)) return REFUND_MALFORMED_RESPONSE;
  refund_say_texts(call, result, root, REFUND_WORDS(refund_places));
  refund_say_major(call, result, refund_text_at(call, root, "ssl_amount"));
  if (outcome != 0) {
    return refund_say_failure(result, refund_text_at(call, root, "ssl_result"),
                              refund_text_at(call, root, "ssl_result_message"), (refund_text){NULL, 0});
  }
  return result->reading(result, REFUND_READING_STATUS,
                         is_return(call, root) ? REFUND_STATUS_SUCCESS : REFUND_STATUS_PENDING);
}

/* ---- refund_sync: txnquery, whose answer is a transaction or a list of them ---- */

static int32_t sync_body(const refund_call *call, refund_bytes *body) {
  return put_transaction(call, body, TRANSACTION("txnquery", "<ssl_txn_id>$connector_refund_id</ssl_txn_id>"));
}

static int is_asked_for(const refund_call *call, const refund_node *item) {
  return refund_same(refund_text_at(call, item, "ssl_txn_id"), call->connector_refund_id);
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_XML, response);
  int is_list = refund_is(refund_name_of(call, root), "txnlist");
  const refund_node *found = is_list ? refund_pick(call, root, "", is_asked_for) : root;
  refund_text word = refund_text_at(call, found, "ssl_trans_status");
  if (!is_list && !refund_is(refund_name_of(call, root), "txn")) return REFUND_MALFORMED_RESPONSE;
  if (refund_there(refund_text_at(call, root, "errorCode"))) return map_error(call, root, result);
  if (found == NULL) return REFUND_MALFORMED_RESPONSE;
  refund_say_texts(call, result, found, REFUND_WORDS(refund_places));
  refund_say_major(call, result, refund_text_at(call, found, "ssl_amount"));
  if (is_return(call, found)) return refund_say_status(result, REFUND_WORDS(status_words), word);
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING);
}

static const refund_vtable refund_table = {refund_no_headers, get_url, refund_body, map_response};
static const refund_vtable sync_table = {refund_no_headers, get_url, sync_body, map_sync};

/* An approved return is settled later, and may fail until then (PST). */
REFUND_CONNECTOR(
    "elavon", "1.0.0", "refund-host",
    "https://developer.elavon.com/na/docs/converge/1.0.0/integration-guide/transaction_types/credit_card/return",
    REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
    REFUND_FIELDS(REFUND_REQUIRED("ssl_merchant_id", "Converge account id"),
                  REFUND_REQUIRED_SECRET("ssl_user_id", "API user"), REFUND_REQUIRED_SECRET("ssl_pin", "terminal PIN"),
                  REFUND_OPTIONAL("currency", "the terminal's; refuses another")),
    REFUND_BASE_URLS({"api", "https://api.demo.convergepay.com/VirtualMerchantDemo",
                      "https://api.convergepay.com/VirtualMerchant"}),
    REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_FORM, REFUND_NAMES_REFUND_ID),
                 REFUND_SYNCS("POST", REFUND_CONTENT_FORM, REFUND_NAMES_REFUND_ID)),
    REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
    REFUND_TABLES(&refund_table, &sync_table));
