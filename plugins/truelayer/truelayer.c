/* SPDX-License-Identifier: Apache-2.0
 * TrueLayer, Payments API v3: refunds of open banking payments; what moves money is signed with the merchant's own key.
 * https://docs.truelayer.com/docs/refund-a-payment */
#include <refund_toolkit.h>

static const refund_word status_words[] = {
    {"pending", REFUND_STATUS_PENDING},    /* created, not yet sent to the payment scheme */
    {"authorized", REFUND_STATUS_PENDING}, /* sent to it */
    {"executed", REFUND_STATUS_SUCCESS},   /* a bank may still return it: then it fails late */
    {"failed", REFUND_STATUS_FAILURE},
};

/* Titles of problems. After all others, conflicts and errors of TrueLayer or a provider, nothing is decided:
 * https://docs.truelayer.com/docs/payments-api-errors */
static const refund_word title_readings[] = {
    {"Unauthenticated", REFUND_READING_ACCOUNT_REFUSED}, /* token or signature */
    {"Forbidden", REFUND_READING_ACCOUNT_REFUSED},       /* what the token may do */
    {"Invalid Parameters", REFUND_READING_REJECTED},
    {"Invalid State", REFUND_READING_REJECTED},
    {"Not Found", REFUND_READING_REJECTED},
    {"Idempotency-Key Reuse", REFUND_READING_DUPLICATE}, /* our key with another body: a first request arrived */
    {"Rate Limit Exceeded", REFUND_READING_REFUSED_BEFORE_PROCESSING},
};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_REFERENCE, "metadata/refund_id"},
    {REFUND_TEXT_CURRENCY, "currency"},
    {REFUND_TEXT_ERROR_CODE, "failure_reason"},
    {REFUND_TEXT_ERROR_MESSAGE, "failure_reason"},
    {REFUND_TEXT_ERROR_REASON, "failure_reason"},
};

#define JSON "application/json; charset=UTF-8"

/* ---- Every answer: a refund, or a problem (RFC 7807) ---- */

static int32_t map_problem(const refund_call *call, const refund_node *problem, refund_result *result) {
  refund_text title = refund_text_at(call, problem, "title");
  const char *details = refund_node_at(call, problem, "errors") != NULL ? "errors" : "title";
  int32_t reading = refund_meaning_of(REFUND_WORDS(title_readings), title, REFUND_READING_IN_PROGRESS);
  if (!refund_there(title)) return REFUND_MALFORMED_RESPONSE;
  return refund_say_error(result, reading, title, refund_source_at(call, problem, details),
                          refund_text_at(call, problem, "detail"));
}

static int32_t map_refund(const refund_call *call, const refund_node *refund, refund_result *result) {
  if (!refund_there(refund_text_at(call, refund, "id"))) return map_problem(call, refund, result);
  refund_say_texts(call, result, refund, REFUND_WORDS(refund_places));
  refund_say_amount(result, refund_text_at(call, refund, "amount_in_minor"));
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, refund, "status"));
}

/* ---- refund: POST /v3/payments/{id}/refunds, in the currency of the payment ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  const refund_value values[] = {{"on_statement", refund_cut(call->connector_transaction_id, 35)}};
  return refund_fill_with(call, body, REFUND_AS_JSON,
                          "{'amount_in_minor':$amount,'reference':'$on_statement',"
                          "'metadata':{'refund_id':'$reference'}}",
                          REFUND_VALUES(values));
}

REFUND_URL(refund_url, 0, "/v3/payments/$connector_transaction_id/refunds");

/* Tl-Signature: method, path, key header and body, signed apart from them. */
static int32_t signed_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  const refund_value sent[] = {{"path", refund_url_target(request->url)}, {"body", request->body}};
  refund_text header =
      refund_filled(call, REFUND_AS_JSON,
                    "{'alg':'ES512','kid':'$account.kid','tl_version':'2','tl_headers':'Idempotency-Key'}", NULL, 0);
  refund_text payload =
      refund_filled(call, REFUND_AS_TEXT, "POST $path\nIdempotency-Key: $idempotency_key\n$body", REFUND_VALUES(sent));
  int32_t code = refund_add_token(call, headers);
  if (code != REFUND_OK) return code;
  refund_text key = refund_decode_base64(call, refund_account(call, "private_key"));
  refund_text signature = refund_jws_detached(call, "ES512", header, payload, key);
  if (!refund_there(signature)) {
    return refund_invalid(call, "private_key", "expected the PEM text of an EC P-521 private key, in base64");
  }
  refund_add_header(headers, "Idempotency-Key", call->idempotency_key);
  return refund_add_header(headers, "Tl-Signature", signature);
}

/* {"id"}: accepted, without a status. */
static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  refund_text id = refund_text_at(call, root, "id");
  if (refund_node_at(call, root, "status") != NULL || !refund_there(id)) return map_refund(call, root, result);
  result->text(result, REFUND_TEXT_REFUND_ID, id);
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING);
}

/* ---- refund_sync: GET /v3/payments/{id}/refunds/{refund}, not signed ---- */

REFUND_URL(sync_url, 0, "/v3/payments/$connector_transaction_id/refunds/$connector_refund_id");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is_nocase(refund_text_at(call, root, "title"), "Not Found")) return refund_say_not_found(result, 1);
  return map_refund(call, root, result);
}

/* ---- refund_lookup: all refunds of the payment, ours by metadata.refund_id ---- */

/* Of several of ours, one that did not fail. */
static int rank(const refund_call *call, const refund_node *refund) {
  if (!refund_same(refund_text_at(call, refund, "metadata/refund_id"), call->reference)) return 0;
  return refund_is_nocase(refund_text_at(call, refund, "status"), "failed") ? 1 : 2;
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *found = refund_pick(call, root, "items", rank);
  if (found != NULL) return map_refund(call, found, result);
  if (refund_kind_at(call, root, "items") != REFUND_KIND_ARRAY) return map_problem(call, root, result);
  /* No page but the first is known; TrueLayer's other lists name the next one so. */
  return refund_say_not_found(result, !refund_there(refund_text_at(call, root, "pagination/next_cursor")));
}

/* ---- access_token: POST /connect/token ---- */

REFUND_BODY(token_body, REFUND_AS_FORM,
            "grant_type=client_credentials&client_id=$account.client_id&client_secret=$account.client_secret"
            "&scope=payments");
REFUND_URL(token_url, 1, "/connect/token");

static int32_t map_token(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_there(refund_text_at(call, root, "access_token"))) return refund_say_token(call, result, root);
  return refund_say_error_by(call, result, NULL, 0, REFUND_READING_REJECTED, root, "error", "error_description",
                             "error_details/reason");
}

static const refund_vtable refund_table = {signed_headers, refund_url, refund_body, map_response};
static const refund_vtable sync_table = {refund_only_token, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {refund_only_token, refund_url, refund_no_body, map_lookup};
static const refund_vtable token_table = {refund_no_headers, token_url, token_body, map_token};

/* A key is kept for 30 days; the same body gets the same answer, another is refused, a concurrent repeat gets 409:
 * https://docs.truelayer.com/docs/idempotency-for-payment-requests. How soon a refund is found is not said: no absence
 * is final. The signature differs from call to call, but it is a header: body and URL of repeats are compared. */
REFUND_CONNECTOR("truelayer", "1.0.0", "refund-host", "https://docs.truelayer.com/docs/refund-a-payment",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE | REFUND_FAILS_LATE),
                 REFUND_FIELDS(REFUND_REQUIRED("client_id", "OAuth client id"),
                               REFUND_REQUIRED_SECRET("client_secret", "OAuth client secret"),
                               REFUND_REQUIRED_SECRET("private_key", "signing key: base64 of the PEM text"),
                               REFUND_REQUIRED("kid", "id of the signing key at TrueLayer"),
                               REFUND_OPTIONAL("merchant_account_id", "merchant account; not used for refunds"),
                               REFUND_OPTIONAL("account_holder_name", "its holder; not used for refunds")),
                 REFUND_BASE_URLS({"api", "https://api.truelayer-sandbox.com", "https://api.truelayer.com"},
                                  {"auth", "https://auth.truelayer-sandbox.com", "https://auth.truelayer.com"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_SYNCS("GET", JSON, REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("GET", JSON, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED, 0),
                              REFUND_GETS_TOKEN("POST", REFUND_CONTENT_FORM)),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 128), REFUND_DAYS(30),
                            REFUND_AT_ONCE, REFUND_KEY_COMPARES_BODY),
                 REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table, &lookup_table, &token_table));
