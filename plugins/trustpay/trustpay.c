/* SPDX-License-Identifier: Apache-2.0
 * TrustPay: two APIs on two hosts. connector_metadata.payment_method chooses: bank_redirect and bank_transfer are for
 * the one for banks, which wants an access token; all else is for the card gateway. https://doc.trustpay.eu/aapi */
#include <refund_toolkit.h>

enum { SUCCESS = REFUND_STATUS_SUCCESS, PENDING = REFUND_STATUS_PENDING, FAILURE = REFUND_STATUS_FAILURE };

/* paymentStatus of the card gateway: ACI's result codes, by their patterns where they are of success. 000.400.03*: done
 * in part; 700.400.200: more than is left; 900.100.*: the result is not certain. */
static const refund_word card_words[] = {
    {"000.000.*", SUCCESS},   {"000.100.1*", SUCCESS},  {"000.200.000", PENDING}, {"000.3*", SUCCESS},
    {"000.400.03*", PENDING}, {"000.400.0*", SUCCESS},  {"000.400.100", SUCCESS}, {"000.6*", SUCCESS},
    {"100.100.600", FAILURE}, {"100.350.100", FAILURE}, {"100.380.401", FAILURE}, {"100.380.501", FAILURE},
    {"100.390.103", FAILURE}, {"100.390.105", FAILURE}, {"100.390.111", FAILURE}, {"100.390.112", FAILURE},
    {"100.390.115", FAILURE}, {"100.390.118", FAILURE}, {"100.400.304", FAILURE}, {"100.550.312", FAILURE},
    {"200.300.404", FAILURE}, {"300.100.100", FAILURE}, {"400.001.301", FAILURE}, {"400.001.600", FAILURE},
    {"400.001.601", FAILURE}, {"400.001.602", FAILURE}, {"400.001.603", FAILURE}, {"400.003.600", FAILURE},
    {"700.400.200", FAILURE}, {"700.500.001", FAILURE}, {"700.500.003", FAILURE}, {"800.100.100", FAILURE},
    {"800.100.151", FAILURE}, {"800.100.152", FAILURE}, {"800.100.153", FAILURE}, {"800.100.155", FAILURE},
    {"800.100.157", FAILURE}, {"800.100.158", FAILURE}, {"800.100.160", FAILURE}, {"800.100.162", FAILURE},
    {"800.100.163", FAILURE}, {"800.100.165", FAILURE}, {"800.100.168", FAILURE}, {"800.100.170", FAILURE},
    {"800.100.171", FAILURE}, {"800.100.172", FAILURE}, {"800.100.190", FAILURE}, {"800.100.202", FAILURE},
    {"800.100.203", FAILURE}, {"800.120.100", FAILURE}, {"800.300.102", FAILURE}, {"800.300.401", FAILURE},
    {"800.700.100", FAILURE}, {"900.100.100", PENDING}, {"900.100.300", PENDING}};

/* ResultCode of the API for banks; AdditionalInfo is its name. 1132004: not enough balance. */
static const refund_word bank_words[] = {
    {"1001000", SUCCESS}, {"1112008", FAILURE}, {"1112009", FAILURE}, {"1122006", FAILURE}, {"1130000", PENDING},
    {"1130001", PENDING}, {"1130002", PENDING}, {"1130003", PENDING}, {"1130004", PENDING}, {"1130005", PENDING},
    {"113200*", FAILURE}, {"1132010", FAILURE}, {"1132011", FAILURE}, {"1132012", FAILURE}, {"1132013", FAILURE},
    {"1132014", FAILURE}, {"1133000", FAILURE}, {"1133001", FAILURE}, {"1133002", FAILURE}, {"1133003", FAILURE},
    {"1133004", FAILURE}, {"1152000", FAILURE}};

/* Status in PaymentInformation. */
static const refund_word bank_sync_words[] = {
    {"Paid", SUCCESS}, {"Rejected", FAILURE}, {"Authorized", PENDING}, {"Authorizing", PENDING}, {"Pending", PENDING}};

static const refund_place bank_places[] = {
    {REFUND_TEXT_REFUND_ID, "References/PaymentRequestId"},
    {REFUND_TEXT_REFERENCE, "References/MerchantReference"},
    {REFUND_TEXT_CURRENCY, "Amount/Currency"},
};

/* ---- Which of the two ---- */

enum { CARD_HOST, BANK_HOST };

static int is_bank(const refund_call *call) {
  refund_text method = refund_metadata(call, "payment_method");
  return refund_is_nocase(method, "bank_redirect") || refund_is_nocase(method, "bank_transfer");
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  if (!is_bank(call)) return refund_add_secret_header(headers, "X-Api-Key", refund_account(call, "api_key"));
  refund_add_header(headers, "Content-Type", refund_text_of(REFUND_CONTENT_JSON));
  return refund_add_token(call, headers);
}

/* An answer to a refund that gives the payment's id names no refund: asked for by it, the payment would answer. */
static void say_id(const refund_call *call, refund_result *result, refund_text id) {
  int is_payment = !refund_there(call->connector_refund_id) && refund_same(id, call->connector_transaction_id);
  if (!is_payment) result->text(result, REFUND_TEXT_REFUND_ID, id);
}

/* ---- Answers of the card gateway, to a refund and to a sync ---- */

/* {"status":-1,"description","errors":[{"code","description"}]} */
static int is_refused(const refund_call *call, const refund_node *root) {
  return refund_first_at(call, root, "errors") != NULL || refund_is(refund_text_at(call, root, "status"), "-1");
}

static int32_t map_card_error(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text all = refund_join(call, root, "errors", "description", " & ");
  result->text(result, REFUND_TEXT_ERROR_REASON, refund_either(all, refund_text_at(call, root, "description")));
  return refund_say_error_by(call, result, NULL, 0, REFUND_READING_REJECTED, root, "errors/0/code",
                             "errors/0/description", NULL);
}

/* {"status":1,"instanceId","paymentStatus","paymentDescription"} */
static int32_t map_card(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text id = refund_text_at(call, root, "instanceId");
  refund_text word = refund_text_at(call, root, "paymentStatus");
  refund_text said = refund_text_at(call, root, "paymentDescription");
  int32_t status = refund_meaning_of(REFUND_WORDS(card_words), word, REFUND_STATUS_UNRECOGNIZED);
  int refused = is_refused(call, root);
  if (refused && !refund_there(word)) return map_card_error(call, root, result);
  if (refused ? status == SUCCESS : !refund_there(word) && !refund_there(id)) return REFUND_MALFORMED_RESPONSE;
  if (refund_is(word, "800.110.100")) return refund_say_error(result, REFUND_READING_DUPLICATE, word, said, said);
  say_id(call, result, id);
  result->text(result, REFUND_TEXT_STATUS_WORD, word);
  if (status == FAILURE) return refund_say_failure(result, word, said, said);
  return result->reading(result, REFUND_READING_STATUS, status);
}

/* ---- Answers of the API for banks ---- */

/* {"ResultInfo":{"ResultCode","AdditionalInfo"}} */
static int32_t map_bank_error(const refund_call *call, const refund_node *root, int32_t reading,
                              refund_result *result) {
  const refund_node *info = refund_node_at(call, root, "ResultInfo");
  return refund_say_error_by(call, result, NULL, 0, reading, info, "ResultCode", "AdditionalInfo", "AdditionalInfo");
}

/* {"PaymentRequestId","ResultInfo"}; without an id refused, if the code is known to say so. */
static int32_t map_bank(const refund_call *call, const refund_node *root, int32_t http_status, refund_result *result) {
  refund_text id = refund_text_at(call, root, "PaymentRequestId");
  refund_text code = refund_text_at(call, root, "ResultInfo/ResultCode");
  refund_text info = refund_text_at(call, root, "ResultInfo/AdditionalInfo");
  int32_t status = refund_meaning_of(REFUND_WORDS(bank_words), code, REFUND_STATUS_UNRECOGNIZED);
  int32_t reading = status == FAILURE ? REFUND_READING_REJECTED : REFUND_READING_IN_PROGRESS;
  if (refund_is(code, "1133000")) reading = REFUND_READING_ACCOUNT_REFUSED;   /* InvalidAuthentication */
  if (http_status == 401) reading = REFUND_READING_REFUSED_BEFORE_PROCESSING; /* the token is stale */
  if (!refund_there(id)) return map_bank_error(call, root, reading, result);
  say_id(call, result, id);
  result->text(result, REFUND_TEXT_STATUS_WORD, code);
  if (status == FAILURE) return refund_say_failure(result, code, code, info);
  return result->reading(result, REFUND_READING_STATUS, status);
}

/* {"PaymentInformation"}, or an error. */
static int32_t map_bank_sync(const refund_call *call, const refund_node *root, refund_result *result) {
  const refund_node *payment = refund_node_at(call, root, "PaymentInformation");
  const refund_node *reason = refund_node_at(call, payment, "StatusReasonInformation/Reason");
  refund_text code = refund_text_at(call, reason, "Code");
  refund_text said = refund_text_at(call, reason, "RejectReason");
  refund_text word = refund_text_at(call, payment, "Status");
  if (payment == NULL) return map_bank_error(call, root, REFUND_READING_REJECTED, result);
  refund_say_texts(call, result, payment, REFUND_WORDS(bank_places));
  refund_say_major(call, result, refund_text_at(call, payment, "Amount/Amount"));
  result->text(result, REFUND_TEXT_STATUS_WORD, word);
  if (refund_is(word, "Rejected")) return refund_say_failure(result, code, code, said);
  return refund_say_status(result, REFUND_WORDS(bank_sync_words), word);
}

/* ---- refund: by the instance, or by the payment ---- */

#define CARD_REFUND "instanceId=$connector_transaction_id&amount=$major&currency=$currency&reference=$reference"
#define BANK_REFUND                                                                      \
  "{'merchantIdentification':{'ProjectId':'$account.project_id'},'paymentInformation':{" \
  "'Amount':{'Amount':'$major','Currency':'$currency'},'References':{'MerchantReference':'$reference'}}}"

REFUND_BODY(refund_body, is_bank(call) ? REFUND_AS_JSON : REFUND_AS_FORM, is_bank(call) ? BANK_REFUND : CARD_REFUND);
REFUND_URL(refund_url, is_bank(call) ? BANK_HOST : CARD_HOST,
           is_bank(call) ? "/api/Payments/Payment/$connector_transaction_id/Refund" : "/api/v1/Refund");

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  return is_bank(call) ? map_bank(call, root, response->status, result) : map_card(call, root, result);
}

/* ---- refund_sync: the same, by the refund ---- */

REFUND_URL(sync_url, is_bank(call) ? BANK_HOST : CARD_HOST,
           is_bank(call) ? "/api/Payments/Payment/$connector_refund_id" : "/api/v1/instance/$connector_refund_id");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text error = refund_text_at(call, root, is_bank(call) ? "ResultInfo/ResultCode" : "errors/0/code");
  if (response->status == 404 && refund_there(error)) return refund_say_not_found(result, 1);
  return is_bank(call) ? map_bank_sync(call, root, result) : map_card(call, root, result);
}

/* ---- access_token, for banks ---- */

REFUND_URL(token_url, BANK_HOST, "/api/oauth2/token");
REFUND_BASIC(token_headers, "project_id", "secret_key");

static int32_t map_token(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  int whole = refund_there(refund_text_at(call, root, "access_token")) &&
              refund_there(refund_text_at(call, root, "expires_in"));
  return whole ? refund_say_token(call, result, root) : map_bank_error(call, root, REFUND_READING_REJECTED, result);
}

static const refund_vtable refund_table = {get_headers, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable token_table = {token_headers, token_url, refund_client_credentials, map_token};

/* No key, and a reference that is not known to be checked: nothing is sent twice. The API for banks has one host. */
REFUND_CONNECTOR("trustpay", "1.0.0", "refund-host", "https://doc.trustpay.eu/aapi", REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_key", "key of the card gateway"),
                               REFUND_REQUIRED("project_id", "project id, for banks"),
                               REFUND_REQUIRED_SECRET("secret_key", "secret key, for banks")),
                 REFUND_BASE_URLS({"api", "https://test-tpgw.trustpay.eu", "https://tpgw.trustpay.eu"},
                                  {"auth", "https://aapi.trustpay.eu", "https://aapi.trustpay.eu"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_FORM, REFUND_NAMES_REFUND_ID),
                              REFUND_SYNCS("GET", REFUND_CONTENT_FORM, REFUND_NAMES_REFUND_ID),
                              REFUND_GETS_TOKEN("POST", REFUND_CONTENT_FORM)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table, &token_table));
