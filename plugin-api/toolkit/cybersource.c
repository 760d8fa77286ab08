/* SPDX-License-Identifier: Apache-2.0
 * CyberSource's platform: how it is asked, and what its answers say. Signing is in cybersource_sign.c.
 * https://developer.cybersource.com/api-reference-assets/index.html#payments_refund */
#include "refund_toolkit.h"

static const refund_word status_words[] = {
    {"PENDING", REFUND_STATUS_PENDING},         {"SUCCEEDED", REFUND_STATUS_SUCCESS},
    {"TRANSMITTED", REFUND_STATUS_SUCCESS},     {"DECLINED", REFUND_STATUS_FAILURE},
    {"INVALID_REQUEST", REFUND_STATUS_FAILURE}, {"FAILED", REFUND_STATUS_FAILURE},
    {"VOIDED", REFUND_STATUS_FAILURE},          {"CANCELLED", REFUND_STATUS_FAILURE},
};

/* Reasons that are no refusal: a first request arrived, or the outcome is open. */
static const refund_word reason_readings[] = {
    {"DUPLICATE_REQUEST", REFUND_READING_DUPLICATE},
    {"SERVER_TIMEOUT", REFUND_READING_IN_PROGRESS},
    {"SERVICE_TIMEOUT", REFUND_READING_IN_PROGRESS},
    {"SYSTEM_ERROR", REFUND_READING_IN_PROGRESS},
};

/* rCode of a found credit: taken in hand (the sync then tells), or declined. */
static const refund_word credit_words[] = {{"1", REFUND_STATUS_PENDING}, {"0", REFUND_STATUS_FAILURE}};

static const refund_place refund_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_REFERENCE, "clientReferenceInformation/code"},
    {REFUND_TEXT_NETWORK_DECLINE_CODE, "processorInformation/responseCode"},
};
static const refund_place error_places[] = {{REFUND_TEXT_ERROR_CODE, "reason"}, {REFUND_TEXT_ERROR_MESSAGE, "message"}};
static const refund_place found_places[] = {
    {REFUND_TEXT_REFUND_ID, "id"},
    {REFUND_TEXT_REFERENCE, "clientReferenceInformation/code"},
    {REFUND_TEXT_CURRENCY, "orderInformation/amountDetails/currency"},
};

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Accept", refund_text_of("application/hal+json;charset=utf-8"));
  return refund_cybersource_sign(call, request, headers);
}

/* ---- Errors: {"errorInformation":{"reason","message","details"}}, the same without that envelope,
 * {"response":{"rmsg"}}, or {"errors":[{"type","message"}]} ---- */

static const refund_node *error_of(const refund_call *call, const refund_node *root) {
  const refund_node *information = refund_node_at(call, root, "errorInformation");
  return information != NULL ? information : root;
}

static int32_t reading_of(const refund_call *call, const refund_node *root) {
  refund_text reason = refund_text_at(call, error_of(call, root), "reason");
  return refund_meaning_of(REFUND_WORDS(reason_readings), reason, REFUND_READING_REJECTED);
}

/* The message, and each detail's field and reason. */
static refund_text text_of(const refund_call *call, const refund_node *error) {
  const refund_node *detail = refund_first_at(call, error, "details");
  const char *before = ", detailed_error_information: ";
  refund_buffer text;
  refund_buffer_open(&text, call);
  refund_put(&text.sink, refund_text_at(call, error, "message"));
  for (; detail != NULL; detail = refund_next(call, detail), before = ", ") {
    refund_puts(&text.sink, before);
    refund_put(&text.sink, refund_text_at(call, detail, "field"));
    refund_puts(&text.sink, " : ");
    refund_put(&text.sink, refund_text_at(call, detail, "reason"));
  }
  return refund_buffer_text(&text);
}

/* No such thing, or not allowed. */
static refund_text text_of_list(const refund_call *call, const refund_node *error) {
  const char *before = "";
  refund_buffer text;
  refund_buffer_open(&text, call);
  for (; error != NULL; error = refund_next(call, error), before = " & ") {
    refund_puts(&text.sink, before);
    refund_put(&text.sink, refund_text_at(call, error, "type"));
    refund_puts(&text.sink, ": ");
    refund_put(&text.sink, refund_text_at(call, error, "message"));
  }
  return refund_buffer_text(&text);
}

static int32_t map_error(const refund_call *call, const refund_node *root, refund_result *result) {
  const refund_node *error = error_of(call, root);
  const refund_node *list = refund_first_at(call, root, "errors");
  refund_text code = refund_text_at(call, error, "reason");
  refund_text message = refund_text_at(call, root, "response/rmsg");
  refund_text none = {NULL, 0};
  if (refund_there(code)) {
    return refund_say_error(result, reading_of(call, root), code, refund_text_at(call, error, "message"),
                            text_of(call, error));
  }
  if (!refund_there(message) && list == NULL) return REFUND_MALFORMED_RESPONSE;
  if (!refund_there(message)) message = text_of_list(call, list);
  return refund_say_error(result, REFUND_READING_REJECTED, none, message, message);
}

/* What a refund and its sync have in common; a refund may carry an error of its own. */
static void say_refund(const refund_call *call, const refund_node *root, refund_result *result) {
  const refund_node *error = error_of(call, root);
  refund_say_texts(call, result, root, REFUND_WORDS(refund_places));
  if (!refund_there(refund_text_at(call, error, "reason"))) return;
  refund_say_texts(call, result, error, REFUND_WORDS(error_places));
  result->text(result, REFUND_TEXT_ERROR_REASON, text_of(call, error));
}

/* ---- refund: POST /pts/v2/payments/{id}/refunds ---- */

REFUND_BODY(refund_body, REFUND_AS_JSON,
            "{'orderInformation':{'amountDetails':{'totalAmount':'$major','currency':'$currency'}},"
            "'clientReferenceInformation':{'code':'$reference'}}");

REFUND_URL(refund_url, 0, "/pts/v2/payments/$connector_transaction_id/refunds");

static int32_t map_refund(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (!refund_there(refund_text_at(call, root, "id"))) return map_error(call, root, result);
  say_refund(call, root, result);
  result->text(result, REFUND_TEXT_CURRENCY, refund_text_at(call, root, "refundAmountDetails/currency"));
  refund_say_major(call, result, refund_text_at(call, root, "refundAmountDetails/refundAmount"));
  if (reading_of(call, root) != REFUND_READING_REJECTED) {
    return result->reading(result, reading_of(call, root), REFUND_STATUS_UNRECOGNIZED);
  }
  return refund_say_status(result, REFUND_WORDS(status_words), refund_text_at(call, root, "status"));
}

/* ---- refund_sync: GET /tss/v2/transactions/{id}; not found for some minutes after the refund ---- */

REFUND_URL(sync_url, 0, "/tss/v2/transactions/$connector_refund_id");

static int32_t map_sync(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (refund_is(refund_text_at(call, root, "errors/0/type"), "notFound")) return refund_say_not_found(result, 1);
  if (!refund_there(refund_text_at(call, root, "id"))) return map_error(call, root, result);
  say_refund(call, root, result);
  return refund_say_status(result, REFUND_WORDS(status_words),
                           refund_text_at(call, root, "applicationInformation/status"));
}

/* ---- refund_lookup: POST /tss/v2/searches by our reference; ours is a credit of exactly that code ---- */

REFUND_BODY(lookup_body, REFUND_AS_JSON,
            "{'save':false,'query':'clientReferenceInformation.code:$reference','offset':0,'limit':100,"
            "'sort':'submitTimeUtc:desc'}");

REFUND_URL(lookup_url, 0, "/tss/v2/searches");

static int32_t lookup_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Accept", refund_text_of("application/json;charset=utf-8"));
  return refund_cybersource_sign(call, request, headers);
}

/* The payment and its capture, found by the same code, have other names. */
static int is_credit(const refund_call *call, const refund_node *application) {
  return refund_is(refund_text_at(call, application, "name"), "ics_credit");
}

static const refund_node *credit_of(const refund_call *call, const refund_node *summary) {
  return refund_pick(call, summary, "applicationInformation/applications", is_credit);
}

/* Of several: one that is taken in hand, else one that is not declined. */
static int rank(const refund_call *call, const refund_node *summary) {
  const refund_node *credit = credit_of(call, summary);
  refund_text r_code = refund_text_at(call, credit, "rCode");
  refund_text code = refund_text_at(call, summary, "clientReferenceInformation/code");
  if (credit == NULL || !refund_same(code, call->reference)) return 0;
  return refund_is(r_code, "1") ? 3 : refund_is(r_code, "0") ? 1 : 2;
}

static int32_t map_found(const refund_call *call, const refund_node *summary, refund_result *result) {
  const refund_node *credit = credit_of(call, summary);
  refund_text r_code = refund_text_at(call, credit, "rCode");
  refund_say_texts(call, result, summary, REFUND_WORDS(found_places));
  refund_say_major(call, result, refund_text_at(call, summary, "orderInformation/amountDetails/totalAmount"));
  if (refund_is(r_code, "0")) result->text(result, REFUND_TEXT_ERROR_CODE, refund_text_at(call, credit, "rFlag"));
  return refund_say_status(result, REFUND_WORDS(credit_words), r_code);
}

static int has_all(const refund_call *call, const refund_node *root) {
  int64_t seen = 0;
  int64_t total = -1;
  const refund_node *summary = refund_first_at(call, root, "_embedded/transactionSummaries");
  for (; summary != NULL; summary = refund_next(call, summary))
    seen++;
  return refund_read_integer(refund_text_at(call, root, "totalCount"), &total) && seen == total;
}

static int32_t map_lookup(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *found = refund_pick(call, root, "_embedded/transactionSummaries", rank);
  int complete = has_all(call, root);
  if (!refund_there(refund_text_at(call, root, "searchId"))) return map_error(call, root, result);
  if (found != NULL && (complete || rank(call, found) > 1)) return map_found(call, found, result);
  return refund_say_not_found(result, found == NULL && complete);
}

const refund_vtable refund_cybersource_refund = {get_headers, refund_url, refund_body, map_refund};
const refund_vtable refund_cybersource_sync = {get_headers, sync_url, refund_no_body, map_sync};
const refund_vtable refund_cybersource_lookup = {lookup_headers, lookup_url, lookup_body, map_lookup};
