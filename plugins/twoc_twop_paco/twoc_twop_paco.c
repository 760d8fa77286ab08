/* SPDX-License-Identifier: Apache-2.0
 * 2C2P Payment Air Controller (PACO): requests and answers are signed and then encrypted, with four RSA keys; answers
 * speak of the order, not of one refund. https://devzone.2c2p.com/reference/refund */
#include <refund_toolkit.h>
#include <string.h>

#define CONTENT_JOSE "application/jose"
#define SUCCESS_CODE "PC-B050000" /* of the call; what became of the refund stands beside it */

/* Payment status and step: https://devzone.2c2p.com/docs/payment-step. Those that are not here (settled, approved,
 * voided ...) say nothing of a refund. That page calls R,RR rejected and R,RE not approved in time; others who connect
 * to PACO take R,RR for open. Evidence that conflicts decides nothing: both are pending. */
static const refund_word state_words[] = {
    {"R,RP3", REFUND_STATUS_PENDING}, /* bank approval */
    {"R,RF", REFUND_STATUS_SUCCESS},
    {"R,RR", REFUND_STATUS_PENDING},  /* refund rejected? */
    {"R,RP2", REFUND_STATUS_PENDING}, /* third-party review */
    {"R,RP", REFUND_STATUS_PENDING},  /* review */
    {"P,RP", REFUND_STATUS_PENDING},  /* not on that page */
    {"R,RE", REFUND_STATUS_PENDING},  /* not approved in time? */
    {"F,VF", REFUND_STATUS_FAILURE},
    {"F,AM", REFUND_STATUS_FAILURE},
    {"F,CR", REFUND_STATUS_FAILURE},
    {"F,PR", REFUND_STATUS_FAILURE},
    {"F,PT", REFUND_STATUS_PENDING}, /* timeout: perhaps the bank did it */
    {"F,FF", REFUND_STATUS_FAILURE},
    {"F,RJ", REFUND_STATUS_FAILURE},
    {"F,SE", REFUND_STATUS_PENDING}, /* system error */
    /* The response code, where there is no state: */
    {SUCCESS_CODE, REFUND_STATUS_PENDING},
    {"PC-B050001", REFUND_STATUS_PENDING}, /* pending */
};

static const refund_place error_places[] = {
    {REFUND_TEXT_ERROR_CODE, "responseCode"},
    {REFUND_TEXT_ERROR_MESSAGE, "responseDescription"},
    {REFUND_TEXT_ERROR_REASON, "responseDescription"},
};

/* ---- Every request: its headers. The password is for those to whom 2C2P gave one. ---- */

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_text user = refund_account(call, "username"), token = refund_account(call, "access_token");
  int is_plain = refund_is(call->flow, "refund_sync");
  (void)request;
  if (refund_there(user)) refund_add_basic(call, headers, user, refund_account(call, "password"));
  if (is_plain) refund_add_secret_header(headers, "apikey", token);
  refund_add_secret_header(headers, "token", token);
  return refund_add_header(headers, "Accept", refund_text_of(is_plain ? REFUND_CONTENT_JSON : CONTENT_JOSE));
}

/* ---- Every answer: what its content says ---- */

static const refund_node *order_in(const refund_call *call, const refund_node *content) {
  static const char *const blocks[] = {"data/paymentResult", "data/paymentIncompleteResult", "data/0"};
  for (int i = 0; i < 3; i++) {
    if (refund_kind_at(call, content, blocks[i]) == REFUND_KIND_OBJECT) return refund_node_at(call, content, blocks[i]);
  }
  return refund_node_at(call, content, "data");
}

/* The bank's, else PACO's own; NULL: none. */
static const refund_node *error_in(const refund_call *call, const refund_node *content) {
  const refund_node *order = order_in(call, content);
  const refund_node *said[] = {refund_node_at(call, order, "priorPaymentResponseDetails"),
                               refund_node_at(call, order, "pspResponse"),
                               refund_node_at(call, content, "apiResponse")};
  for (int i = 0; i < 3; i++) {
    refund_text code = refund_text_at(call, said[i], "responseCode");
    if (refund_there(code) && !refund_is(code, "00") && !refund_is(code, SUCCESS_CODE)) return said[i];
  }
  return NULL;
}

static int says(const refund_call *call, const refund_node *content, const char *words) {
  return refund_contains_nocase(refund_text_at(call, content, "apiResponse/responseDescription"), words) ||
         refund_contains_nocase(refund_text_at(call, content, "message"), words);
}

static int32_t map_refusal(const refund_call *call, const refund_node *content, refund_result *result) {
  const refund_node *error = error_in(call, content);
  int has_code = error != NULL || refund_there(refund_text_at(call, content, "error"));
  int32_t reading = says(call, content, "duplicate")       ? REFUND_READING_DUPLICATE /* of requestMessageID */
                    : says(call, content, "access denied") ? REFUND_READING_ACCOUNT_REFUSED
                    : has_code                             ? REFUND_READING_REJECTED
                                                           : REFUND_READING_IN_PROGRESS; /* a gateway's words? */
  const char *description = "responseDescription";
  if (error != NULL) return refund_say_error_at(call, result, reading, error, "responseCode", description, description);
  if (!refund_there(refund_text_at(call, content, "message"))) return REFUND_MALFORMED_RESPONSE;
  return refund_say_error_at(call, result, reading, content, "error", "message", "message");
}

/* HTTP 202: somebody at the merchant has to approve it first. An order that is refunded although our call failed was
 * refunded before. An inquiry's state is of the order: ours only if refunded whole, and no refund fails by it. */
static int32_t map_content(const refund_call *call, const refund_node *content, int32_t http, refund_result *result) {
  const refund_node *order = order_in(call, content);
  refund_text number = refund_text_at(call, order, "orderNo");
  refund_text code = refund_text_at(call, content, "apiResponse/responseCode");
  refund_text step = refund_text_at(call, order, "paymentStatusInfo/paymentStep");
  refund_text word =
      REFUND_CONCAT(call, refund_text_at(call, order, "paymentStatusInfo/paymentStatus"), refund_text_of(","), step);
  if (http >= 400 || says(call, content, "duplicate")) return map_refusal(call, content, result);
  if (!refund_there(step)) word = code;
  if (!refund_there(word)) return REFUND_MALFORMED_RESPONSE;
  if (refund_there(number) && !refund_same(number, refund_metadata(call, "original_order_no"))) {
    return REFUND_MALFORMED_RESPONSE; /* of another order */
  }
  int32_t status = refund_meaning_of(REFUND_WORDS(state_words), word, REFUND_STATUS_UNRECOGNIZED);
  int has_failed = refund_there(code) && !refund_is(code, SUCCESS_CODE);
  int is_inquiry = refund_is(call->flow, "refund_sync");
  if (http == 202 || (status == REFUND_STATUS_SUCCESS && has_failed)) status = REFUND_STATUS_PENDING;
  if (is_inquiry && status == REFUND_STATUS_FAILURE) status = REFUND_STATUS_PENDING;
  if (is_inquiry && status == REFUND_STATUS_SUCCESS && call->refund_amount != call->payment_amount) {
    status = REFUND_STATUS_MANUAL_REVIEW;
  }
  if (status == REFUND_STATUS_FAILURE) result->text(result, REFUND_TEXT_ERROR_CODE, word);
  if (status != REFUND_STATUS_SUCCESS) {
    refund_say_texts(call, result, error_in(call, content), REFUND_WORDS(error_places));
  }
  result->text(result, REFUND_TEXT_STATUS_WORD, word);
  return result->reading(result, REFUND_READING_STATUS, status);
}

/* ---- Every answer: its envelope ---- */

/* The clock is that of the attempt's start: the answer may have come as late as the longest timeout of an account. */
static int is_current(const refund_call *call, const refund_node *claims) {
  enum { GRACE = 60, LONGEST_TIMEOUT = 600 };
  refund_text not_before = refund_text_at(call, claims, "nbf");
  int64_t begin = 0, end, now = call->attempt_time_ms / 1000;
  if (refund_there(not_before) && !refund_read_integer(not_before, &begin)) return 0;
  return refund_read_integer(refund_text_at(call, claims, "exp"), &end) && end >= now - GRACE &&
         begin <= now + LONGEST_TIMEOUT + GRACE;
}

/* NULL: not sealed for us, not signed by PACO, meant for somebody else or of another time. */
static const refund_node *open_answer(const refund_call *call, refund_text body) {
  refund_text audience = refund_either(refund_account(call, "response_audience"), refund_account(call, "access_token"));
  refund_text jws = refund_jwe_open(call, body, refund_account(call, "merchant_encryption_private_key"));
  refund_text claims = refund_jws_payload(call, "PS256", jws, refund_account(call, "paco_signing_public_key"));
  const refund_node *root = refund_read_text(call, REFUND_JSON, claims);
  const refund_node *content = refund_node_at(call, root, "response");
  if (!refund_same(refund_text_at(call, root, "aud"), audience) || !is_current(call, root)) return NULL;
  return content != NULL ? content : root;
}

static refund_text bare(refund_text body) {
  static const char around[] = " \t\r\n\"";
  while (body.size > 0 && strchr(around, body.data[body.size - 1]) != NULL)
    body.size--;
  for (; body.size > 0 && strchr(around, *body.data) != NULL; body.size--)
    body.data++;
  return body;
}

/* ---- refund: signed, then sealed ---- */

REFUND_URL(refund_url, 0, "/api/2.0/Refund/refund");

static int32_t put_claims(const refund_call *call, refund_bytes *claims) {
  int64_t now = call->attempt_time_ms / 1000;
  refund_text digits = refund_integer_text(call, call->refund_amount);
  refund_text zeros = {"000000000000", digits.size < 12 ? 12 - digits.size : 0};
  const refund_value values[] = {
      {"now", refund_integer_text(call, now)},
      {"end", refund_integer_text(call, now + 300)},
      {"time", refund_date_text(call, call->attempt_time_ms, REFUND_DATE_ISO)},
      {"description", refund_cut(call->reason, 50)},
      {"digits", REFUND_CONCAT(call, zeros, digits)},
      {"maker", refund_either(refund_metadata(call, "maker_id"), refund_text_of("merchant"))},
  };
  if (digits.size > 12) return refund_invalid(call, "refund_amount", "PACO takes at most 12 digits");
  if (call->exponent != 0 && call->exponent != 2 && call->exponent != 3) {
    return refund_invalid(call, "currency", "PACO takes currencies with 0, 2 or 3 decimals only");
  }
  return refund_fill_with(
      call, claims, REFUND_AS_JSON,
      "{'iss':'$account.access_token','aud':'PacoAudience','CompanyApiKey':'$account.access_token',"
      "'iat':$now,'nbf':$now,'exp':$end,"
      "'request':{"
      "'apiRequest':{'requestMessageID':'$reference','requestDateTime':'$time','language':'en-US'},"
      "'officeId':'$account.office_id','orderNo':'$metadata.original_order_no'"
      "$?reason[,'productDescription':'$description'],"
      "'refundAmount':{'amountText':'$digits','currencyCode':'$currency','decimalPlaces':$exponent,'amount':$major},"
      "'localMakerChecker':{'maker':{'username':'$maker'}}}}",
      REFUND_VALUES(values));
}

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_buffer claims;
  refund_buffer_open(&claims, call);
  int32_t code = put_claims(call, &claims.sink);
  if (code != REFUND_OK) return code;
  refund_text jws = refund_jws(call, "PS256", refund_text_of("{\"alg\":\"PS256\",\"typ\":\"JWT\"}"),
                               refund_buffer_text(&claims), refund_account(call, "merchant_signing_private_key"));
  if (jws.data == NULL) {
    return refund_invalid(call, "merchant_signing_private_key", "it cannot sign: expected a private RSA key in PEM");
  }
  refund_text jwe = refund_jwe_seal(call, refund_account(call, "paco_kid"), jws,
                                    refund_account(call, "paco_encryption_public_key"), call->attempt_seed);
  if (jwe.data != NULL) return refund_put(body, jwe);
  return refund_invalid(call, "paco_encryption_public_key", "it cannot encrypt: expected a public RSA key in PEM");
}

/* What is not signed is only believed to be a refusal. */
static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *content = open_answer(call, bare(response->body));
  if (content == NULL && response->status >= 400) content = refund_read_body(call, REFUND_JSON, response);
  refund_text id = refund_text_at(call, order_in(call, content), "invoiceNo2C2P");
  refund_text echo = refund_text_at(call, content, "apiResponse/responseToRequestMessageId");
  if (!refund_there(id) && response->status < 400) id = call->refund_id; /* PACO asks by the order in any case */
  result->text(result, REFUND_TEXT_REFUND_ID, id);
  result->text(result, REFUND_TEXT_REFERENCE, refund_same_nocase(echo, call->reference) ? call->reference : echo);
  return map_content(call, content, response->status, result);
}

/* ---- refund_sync: the state of the order, in plain JSON ---- */

REFUND_URL(sync_url, 0, "/api/2.0/Inquiry/transactionStatus?orderNo=$metadata.original_order_no");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  return map_content(call, refund_read_body(call, REFUND_JSON, response), response->status, result);
}

static const refund_vtable refund_table = {get_headers, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};

/* Whether a second message with our id is refused, and how soon an inquiry shows a refund, is not documented. */
REFUND_CONNECTOR("twoc_twop_paco", "1.0.0", "refund-host", "https://devzone.2c2p.com/reference/refund", REFUND_FLAGS(0),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("access_token", "company token"),
                               REFUND_REQUIRED("office_id", "office id"),
                               REFUND_REQUIRED("paco_kid", "id of PACO's encryption key"),
                               REFUND_REQUIRED_SECRET("merchant_signing_private_key", "PEM: signs requests"),
                               REFUND_REQUIRED_SECRET("merchant_encryption_private_key", "PEM: opens answers"),
                               REFUND_REQUIRED("paco_signing_public_key", "PEM: checks answers"),
                               REFUND_REQUIRED("paco_encryption_public_key", "PEM: seals requests"),
                               REFUND_OPTIONAL("response_audience", "aud of answers, if not the company token"),
                               REFUND_OPTIONAL("username", "of HTTP Basic, where 2C2P gave one"),
                               REFUND_OPTIONAL_SECRET("password", "of HTTP Basic")),
                 REFUND_BASE_URLS({"api", "https://core.demo-paco.2c2p.com", "https://core.paco.2c2p.com"}),
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", CONTENT_JOSE, REFUND_FLOW_FRESH_BODY | REFUND_FLOW_RANDOM,
                                          REFUND_NAMES_PAYMENT, 0),
                              REFUND_SYNCS("GET", REFUND_CONTENT_JSON, REFUND_NAMES_PAYMENT)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_UUID), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table));
