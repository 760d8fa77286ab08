/* SPDX-License-Identifier: Apache-2.0
 * CyberSource (Visa), REST Payments API, signed. https://developer.cybersource.com/api-reference-assets/index.html */
#include <refund_toolkit.h>

static const refund_word status_words[] = {
    {"PENDING", REFUND_STATUS_PENDING},         {"SUCCEEDED", REFUND_STATUS_SUCCESS},
    {"TRANSMITTED", REFUND_STATUS_SUCCESS},     {"DECLINED", REFUND_STATUS_FAILURE},
    {"INVALID_REQUEST", REFUND_STATUS_FAILURE}, {"FAILED", REFUND_STATUS_FAILURE},
    {"VOIDED", REFUND_STATUS_FAILURE},          {"CANCELLED", REFUND_STATUS_FAILURE},
};

/* rCode of a found credit: taken in hand (the sync then tells), or declined. */
static const refund_word search_words[] = {{"1", REFUND_STATUS_PENDING}, {"0", REFUND_STATUS_FAILURE}};

/* Reasons that are no refusal: a first request arrived, or the outcome is open. */
static const struct {
  const char *word;
  int32_t reading;
} error_readings[] = {
    {"DUPLICATE_REQUEST", REFUND_READING_DUPLICATE},
    {"SERVER_TIMEOUT", REFUND_READING_IN_PROGRESS},
    {"SERVICE_TIMEOUT", REFUND_READING_IN_PROGRESS},
    {"SYSTEM_ERROR", REFUND_READING_IN_PROGRESS},
};

/* ---- Signing. One of two ways, by the account:
 * https://developer.cybersource.com/docs/cybs/en-us/platform/developer/all/rest/
 * rest-getting-started/restgs-http-message-intro.html and restgs-jwt-message-intro.html ---- */

static refund_text key_of(const refund_call *call) {
  return refund_decode_base64(call, refund_account(call, "api_secret"));
}

static int32_t sign_http(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  int has_body = refund_there(request->body);
  refund_text merchant = refund_account(call, "merchant_account");
  refund_buffer date, digest, text, signature;
  refund_buffer_open(&date, call);
  refund_put_date(&date.sink, call->attempt_time_ms, REFUND_DATE_HTTP);
  refund_buffer_open(&digest, call);
  refund_puts(&digest.sink, "SHA-256=");
  refund_put_base64(&digest.sink, refund_digest(call, "SHA-256", request->body));

  refund_buffer_open(&text, call);
  refund_puts(&text.sink, "host: ");
  refund_put(&text.sink, refund_url_host(request->url));
  refund_puts(&text.sink, "\ndate: ");
  refund_put(&text.sink, refund_buffer_text(&date));
  refund_puts(&text.sink, has_body ? "\nrequest-target: post " : "\nrequest-target: get ");
  refund_put(&text.sink, refund_url_target(request->url));
  if (has_body) refund_puts(&text.sink, "\ndigest: ");
  if (has_body) refund_put(&text.sink, refund_buffer_text(&digest));
  refund_puts(&text.sink, "\nv-c-merchant-id: ");
  refund_put(&text.sink, merchant);
  refund_text mac = refund_hmac(call, "SHA-256", key_of(call), refund_buffer_text(&text));
  if (mac.data == NULL) return REFUND_INTERNAL;

  refund_buffer_open(&signature, call);
  refund_puts(&signature.sink, "keyid=\"");
  refund_put(&signature.sink, refund_account(call, "api_key"));
  refund_puts(&signature.sink, "\", algorithm=\"HmacSHA256\", headers=\"host date request-target ");
  refund_puts(&signature.sink, has_body ? "digest v-c-merchant-id\", signature=\"" : "v-c-merchant-id\", signature=\"");
  refund_put_base64(&signature.sink, mac);
  refund_puts(&signature.sink, "\"");
  refund_add_header(headers, "v-c-merchant-id", merchant);
  refund_add_header(headers, "Date", refund_buffer_text(&date));
  if (has_body) refund_add_header(headers, "Digest", refund_buffer_text(&digest));
  return refund_add_secret_header(headers, "Signature", refund_buffer_text(&signature));
}

static void put_claims(const refund_call *call, const refund_http_request *request, refund_bytes *out) {
  int64_t now = call->attempt_time_ms / 1000;
  refund_buffer digest, id;
  refund_json json;
  refund_json_open(&json, out);
  refund_json_object(&json, NULL);
  if (refund_there(request->body)) {
    refund_buffer_open(&digest, call);
    refund_put_base64(&digest.sink, refund_digest(call, "SHA-256", request->body));
    refund_json_text(&json, "digest", refund_buffer_text(&digest));
    refund_json_string(&json, "digest-algorithm", "SHA-256");
  }
  refund_json_integer(&json, "iat", now);
  refund_json_integer(&json, "exp", now + 120);
  refund_json_text(&json, "request-host", refund_url_hostname(request->url));
  refund_json_text(&json, "request-resource-path", refund_url_target(request->url));
  refund_json_string(&json, "request-method", refund_there(request->body) ? "post" : "get");
  refund_json_text(&json, "iss", refund_account(call, "merchant_account"));
  refund_buffer_open(&id, call);
  refund_put_uuid(&id.sink, call->attempt_seed);
  refund_json_text(&json, "jti", refund_buffer_text(&id));
  refund_json_string(&json, "v-c-jwt-version", "2");
  refund_json_text(&json, "v-c-merchant-id", refund_account(call, "merchant_account"));
  refund_json_end(&json);
}

static int32_t sign_jwt(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_buffer header, claims;
  refund_json json;
  refund_buffer_open(&header, call);
  refund_json_open(&json, &header.sink);
  refund_json_object(&json, NULL);
  refund_json_string(&json, "typ", "JWT");
  refund_json_string(&json, "alg", "HS256");
  refund_json_text(&json, "kid", refund_account(call, "api_key"));
  refund_json_end(&json);
  refund_buffer_open(&claims, call);
  put_claims(call, request, &claims.sink);
  return refund_add_bearer(
      call, headers, refund_jws(call, "HS256", refund_buffer_text(&header), refund_buffer_text(&claims), key_of(call)));
}

static int32_t sign(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_text auth = refund_account(call, "auth");
  if (!refund_there(key_of(call))) return refund_invalid(call, "api_secret", "the account's api_secret is not base64");
  if (!refund_there(auth) || refund_is(auth, "http_signature")) return sign_http(call, request, headers);
  if (refund_is(auth, "jwt")) return sign_jwt(call, request, headers);
  return refund_invalid(call, "auth", "the account's auth is neither http_signature nor jwt");
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Accept", refund_text_of("application/hal+json;charset=utf-8"));
  return sign(call, request, headers);
}

/* ---- Answers ---- */

/* The message, and each detail's field and reason. */
static refund_text reason_of(const refund_call *call, const refund_node *error) {
  const refund_node *detail = refund_first_at(call, error, "details");
  refund_buffer reason;
  const char *before = ", detailed_error_information: ";
  refund_buffer_open(&reason, call);
  refund_put(&reason.sink, refund_text_at(call, error, "message"));
  for (; detail != NULL; detail = refund_next(call, detail), before = ", ") {
    refund_puts(&reason.sink, before);
    refund_put(&reason.sink, refund_text_at(call, detail, "field"));
    refund_puts(&reason.sink, " : ");
    refund_put(&reason.sink, refund_text_at(call, detail, "reason"));
  }
  return refund_buffer_text(&reason);
}

/* {"errors":[{"type","message"}]}: no such thing, or not allowed. */
static refund_text errors_of(const refund_call *call, const refund_node *root) {
  refund_buffer text;
  refund_buffer_open(&text, call);
  for (const refund_node *error = refund_first_at(call, root, "errors"); error != NULL;
       error = refund_next(call, error)) {
    if (text.size > 0) refund_puts(&text.sink, " & ");
    refund_put(&text.sink, refund_text_at(call, error, "type"));
    refund_puts(&text.sink, ": ");
    refund_put(&text.sink, refund_text_at(call, error, "message"));
  }
  return refund_buffer_text(&text);
}

static const refund_node *error_of(const refund_call *call, const refund_node *root) {
  const refund_node *information = refund_node_at(call, root, "errorInformation");
  return information != NULL ? information : root;
}

static int32_t reading_of(const refund_call *call, const refund_node *root) {
  refund_text code = refund_text_at(call, error_of(call, root), "reason");
  for (size_t i = 0; i < sizeof error_readings / sizeof *error_readings; i++) {
    if (refund_is(code, error_readings[i].word)) return error_readings[i].reading;
  }
  return REFUND_READING_REJECTED;
}

static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  refund_text none = {NULL, 0};
  refund_text rmsg = refund_text_at(call, root, "response/rmsg");
  const refund_node *error = error_of(call, root);
  refund_text code = refund_text_at(call, error, "reason");
  if (refund_there(code)) {
    return refund_say_error(result, reading_of(call, root), code, refund_text_at(call, error, "message"),
                            reason_of(call, error));
  }
  if (refund_there(rmsg)) return refund_say_error(result, REFUND_READING_REJECTED, none, rmsg, rmsg);
  if (refund_first_at(call, root, "errors") == NULL) return REFUND_MALFORMED_RESPONSE;
  return refund_say_error(result, REFUND_READING_REJECTED, none, errors_of(call, root), errors_of(call, root));
}

/* Hands on the error that a refund object itself may carry. */
static void take_error(const refund_call *call, const refund_node *root, refund_result *result) {
  const refund_node *error = error_of(call, root);
  result->text(result, REFUND_TEXT_NETWORK_DECLINE_CODE,
               refund_text_at(call, root, "processorInformation/responseCode"));
  if (!refund_there(refund_text_at(call, error, "reason"))) return;
  result->text(result, REFUND_TEXT_ERROR_CODE, refund_text_at(call, error, "reason"));
  result->text(result, REFUND_TEXT_ERROR_MESSAGE, refund_text_at(call, error, "message"));
  result->text(result, REFUND_TEXT_ERROR_REASON, reason_of(call, error));
}

/* ---- refund: POST /pts/v2/payments/{id}/refunds ---- */

static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  refund_json json;
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_object(&json, "orderInformation");
  refund_json_object(&json, "amountDetails");
  refund_json_major_text(&json, "totalAmount", call->refund_amount, call->exponent);
  refund_json_text(&json, "currency", call->currency);
  refund_json_end(&json);
  refund_json_end(&json);
  refund_json_object(&json, "clientReferenceInformation");
  refund_json_text(&json, "code", call->reference);
  refund_json_end(&json);
  refund_json_end(&json);
  return json.code;
}

static int32_t refund_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/pts/v2/payments/", call->connector_transaction_id, "/refunds");
}

static int32_t map_refund(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (!refund_there(refund_text_at(call, root, "id"))) return map_error(call, root, result);
  take_error(call, root, result);
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, root, "id"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, root, "clientReferenceInformation/code"));
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, root, "refundAmountDetails/currency"));
  refund_say_major(call, result, refund_text_at(call, root, "refundAmountDetails/refundAmount"));
  if (reading_of(call, root) != REFUND_READING_REJECTED) {
    return result->reading(result, reading_of(call, root), REFUND_STATUS_UNRECOGNIZED);
  }
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

/* ---- refund_sync: GET /tss/v2/transactions/{id}; not found for some minutes after the refund ---- */

static int32_t sync_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/tss/v2/transactions/", call->connector_refund_id, "");
}

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is(refund_text_at(call, root, "errors/0/type"), "notFound")) return refund_say_not_found(result, 1);
  if (!refund_there(refund_text_at(call, root, "id"))) return map_error(call, root, result);
  take_error(call, root, result);
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, root, "id"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, root, "clientReferenceInformation/code"));
  return refund_say_status(result, REFUND_WORDS(status_words),
                           refund_text_at(call, root, "applicationInformation/status"));
}

/* ---- refund_lookup: POST /tss/v2/searches by our reference; ours is a credit of exactly that code ---- */

static int32_t lookup_body(const refund_call *call, refund_bytes *body) {
  refund_buffer query;
  refund_json json;
  refund_buffer_open(&query, call);
  refund_puts(&query.sink, "clientReferenceInformation.code:");
  refund_put(&query.sink, call->reference);
  refund_json_open(&json, body);
  refund_json_object(&json, NULL);
  refund_json_boolean(&json, "save", 0);
  refund_json_text(&json, "query", refund_buffer_text(&query));
  refund_json_integer(&json, "offset", 0);
  refund_json_integer(&json, "limit", 100);
  refund_json_string(&json, "sort", "submitTimeUtc:desc");
  refund_json_end(&json);
  return json.code;
}

static int32_t lookup_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  refund_put(url, refund_base(call, 0));
  return refund_puts(url, "/tss/v2/searches");
}

static int32_t lookup_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Accept", refund_text_of("application/json;charset=utf-8"));
  return sign(call, request, headers);
}

/* The credit among a summary's applications; the payment and its capture have other names. */
static const refund_node *credit_of(const refund_call *call, const refund_node *summary) {
  const refund_node *application = refund_first_at(call, summary, "applicationInformation/applications");
  while (application != NULL && !refund_is(refund_text_at(call, application, "name"), "ics_credit")) {
    application = refund_next(call, application);
  }
  return application;
}

static int32_t map_found(const refund_call *call, const refund_node *summary, refund_result *result) {
  const refund_node *credit = credit_of(call, summary);
  refund_text r_code = refund_text_at(call, credit, "rCode");
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_at(call, summary, "id"));
  result->text(result, REFUND_TEXT_REFERENCE, refund_text_at(call, summary, "clientReferenceInformation/code"));
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, summary, "orderInformation/amountDetails/currency"));
  refund_say_major(call, result, refund_text_at(call, summary, "orderInformation/amountDetails/totalAmount"));
  if (refund_is(r_code, "0")) result->text(result, REFUND_TEXT_ERROR_CODE, refund_text_at(call, credit, "rFlag"));
  return refund_say_status(result, REFUND_WORDS(search_words), r_code);
}

/* Of several: one that is taken in hand, else one that is not declined. */
static int rank(const refund_call *call, const refund_node *summary) {
  refund_text r_code = refund_text_at(call, credit_of(call, summary), "rCode");
  return refund_is(r_code, "1") ? 3 : refund_is(r_code, "0") ? 1 : 2;
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *found = NULL;
  int64_t seen = 0;
  int64_t total = -1;
  if (!refund_there(refund_text_at(call, root, "searchId"))) return map_error(call, root, result);
  for (const refund_node *summary = refund_first_at(call, root, "_embedded/transactionSummaries"); summary != NULL;
       summary = refund_next(call, summary), seen++) {
    refund_text code = refund_text_at(call, summary, "clientReferenceInformation/code");
    if (credit_of(call, summary) == NULL || !refund_same(code, call->reference)) continue;
    if (found == NULL || rank(call, summary) > rank(call, found)) found = summary;
  }
  refund_read_integer(refund_text_at(call, root, "totalCount"), &total);
  int complete = seen == total;
  if (found != NULL && (complete || rank(call, found) > 1)) return map_found(call, found, result);
  return refund_say_not_found(result, found == NULL && complete);
}

static const refund_vtable refund_table = {get_headers, refund_url, refund_body, map_refund};
static const refund_vtable sync_table = {get_headers, sync_url, refund_no_body, map_sync};
static const refund_vtable lookup_table = {lookup_headers, lookup_url, lookup_body, map_lookup};

#define JSON "application/json;charset=utf-8"

/* No key. The search is for reports: when a refund shows there is not promised, so an absence is not final. */
REFUND_CONNECTOR("cybersource", "1.0.0", "refund-host",
                 "https://developer.cybersource.com/api-reference-assets/index.html#payments_refund",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS({"api_key", "id of the shared secret", REFUND_FIELD_REQUIRED, 0},
                               {"api_secret", "the shared secret, in base64",
                                REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                               {"merchant_account", "merchant id", REFUND_FIELD_REQUIRED, 0},
                               {"auth", "http_signature (default) or jwt", 0, 0},
                               {"disable_avs", "payments only", 0, 0}, {"disable_cvn", "payments only", 0, 0}),
                 REFUND_BASE_URLS({"api", "https://apitest.cybersource.com", "https://api.cybersource.com"}),
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", JSON, 0, REFUND_NAMES_REFERENCE, 0),
                              REFUND_FLOW("refund_sync", "GET", "", 0, REFUND_NAMES_REFUND_ID, 900),
                              REFUND_FLOW("refund_lookup", "POST", JSON, 0, REFUND_NAMES_REFERENCE, 900)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCE(1, 50, "", 0, 0), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_table, &sync_table, &lookup_table));
