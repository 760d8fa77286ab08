/* SPDX-License-Identifier: Apache-2.0
 * Checkout.com: a refund is only accepted at first (202); what became of it stands in the payment's list of actions.
 * https://www.checkout.com/docs/payments/manage-payments/refund-a-payment */
#include <refund_toolkit.h>

/* `approved` of an action. */
static const refund_word approved_words[] = {{"true", REFUND_STATUS_SUCCESS}, {"false", REFUND_STATUS_FAILURE}};

enum { NOT_OURS, PERHAPS_OURS, OURS_DECLINED, OURS };

/* `type` of an action. Captures and others may carry any reference. */
static const refund_word types[] = {
    {"Authorization", NOT_OURS}, {"Capture", NOT_OURS}, {"Card Verification", NOT_OURS},
    {"Payout", NOT_OURS},        {"Refund", OURS},      {"Return", NOT_OURS},
    {"Void", NOT_OURS},
};

/* What an empty answer says, by its HTTP status. 409: a request with our key is being worked on. */
static const refund_pair empty_answers[] = {
    {"401", "Invalid api key"},       {"403", "Refund not allowed"},
    {"404", "Payment not found"},     {"409", "Conflict with another request being processed"},
    {"422", "Invalid data was sent"},
};

static const refund_place accepted_places[] = {{REFUND_TEXT_REFUND_ID, "action_id"},
                                               {REFUND_TEXT_REFERENCE, "reference"}};
static const refund_place action_places[] = {{REFUND_TEXT_REFUND_ID, "id"}, {REFUND_TEXT_REFERENCE, "reference"}};
static const refund_place declined_places[] = {{REFUND_TEXT_ERROR_CODE, "response_code"},
                                               {REFUND_TEXT_ERROR_MESSAGE, "response_summary"}};

/* ---- Host and key: two platforms ---- */

enum { SHARED_HOST, OWN_HOST };

static uint64_t host_of(const refund_call *call) {
  return refund_there(refund_base(call, OWN_HOST)) ? OWN_HOST : SHARED_HOST;
}

/* Keys of the previous platform are a UUID after "sk_" or "sk_test_"; those of today hold no hyphen. */
static int is_previous_key(refund_text key) {
  uint64_t prefix = refund_starts_with(key, "sk_test_") ? 8 : 3;
  if (!refund_starts_with(key, "sk_") || key.size != prefix + 36) return 0;
  const char *uuid = key.data + prefix;
  return uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-';
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_text key = refund_account(call, "api_secret");
  (void)request;
  if (is_previous_key(key)) return refund_add_secret_header(headers, "Authorization", key);
  return refund_add_bearer(call, headers, key);
}

/* {"error_type","error_codes":[]}, or nothing at all */
static int32_t map_error(const refund_call *call, const refund_http_response *response, const refund_node *root,
                         refund_result *result) {
  int32_t reading = response->status == 409 ? REFUND_READING_IN_PROGRESS : REFUND_READING_REJECTED;
  refund_text code = refund_text_at(call, root, "error_codes/0");
  refund_text reason = refund_join(call, root, "error_codes", "", " & ");
  if (!refund_there(code)) code = reason = refund_text_at(call, root, "error_type");
  if (response->body.size == 0) {
    refund_text status = refund_integer_text(call, response->status);
    code = reason = refund_text_of(refund_translate(REFUND_WORDS(empty_answers), status, NULL));
  }
  return refund_there(code) ? refund_say_error(result, reading, code, code, reason) : REFUND_MALFORMED_RESPONSE;
}

/* ---- refund: POST /payments/{id}/refunds ---- */

/* Without an amount, the whole rest goes back. */
static int32_t refund_body(const refund_call *call, refund_bytes *body) {
  if (refund_is(call->currency, "CLF")) {
    return refund_invalid(call, "currency", "Checkout.com's units of CLF are not certain: refund it in the dashboard");
  }
  return refund_fill(call, body, REFUND_AS_JSON, "{'amount':$amount,'reference':'$reference'}");
}

REFUND_URL(refund_url, host_of(call), "/payments/$connector_transaction_id/refunds");

static int32_t headers_with_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_add_header(headers, "Cko-Idempotency-Key", call->idempotency_key);
  return get_headers(call, request, headers);
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  if (!refund_there(refund_text_at(call, root, "action_id"))) return map_error(call, response, root, result);
  refund_say_texts(call, result, root, REFUND_WORDS(accepted_places));
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING);
}

/* ---- refund_sync and refund_lookup: the payment's actions, ours by its id or by our reference ---- */

REFUND_URL(actions_url, host_of(call), "/payments/$connector_transaction_id/actions");

/* Of several, one that was not declined. Perhaps ours: without a type, of our reference in another case or with a type
 * that is not known, or without a reference and not of another amount. */
static int rank_action(const refund_call *call, const refund_node *action) {
  refund_text type = refund_text_at(call, action, "type");
  refund_text reference = refund_text_at(call, action, "reference");
  int32_t by_type = refund_meaning_of(REFUND_WORDS(types), type, PERHAPS_OURS);
  int64_t amount;
  if (by_type == NOT_OURS) return NOT_OURS;
  if (refund_there(call->connector_refund_id)) {
    return refund_same(refund_text_at(call, action, "id"), call->connector_refund_id) ? by_type : NOT_OURS;
  }
  if (by_type == OURS && refund_same(reference, call->reference)) {
    return refund_is(refund_text_at(call, action, "approved"), "false") ? OURS_DECLINED : OURS;
  }
  if (!refund_there(type) || refund_same_nocase(reference, call->reference)) return PERHAPS_OURS;
  if (refund_there(reference)) return NOT_OURS;
  int is_read = refund_read_integer(refund_text_at(call, action, "amount"), &amount);
  return is_read && amount != call->refund_amount ? NOT_OURS : PERHAPS_OURS;
}

static int32_t map_action(const refund_call *call, const refund_node *action, refund_result *result) {
  refund_text approved = refund_text_at(call, action, "approved");
  refund_say_texts(call, result, action, REFUND_WORDS(action_places));
  refund_say_amount(result, refund_text_at(call, action, "amount"));
  if (refund_is(approved, "false")) refund_say_texts(call, result, action, REFUND_WORDS(declined_places));
  if (!refund_there(approved)) return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING);
  return refund_say_status(result, REFUND_WORDS(approved_words), approved);
}

static int32_t map_actions(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *action = refund_pick(call, root, "", rank_action);
  int rank = action == NULL ? NOT_OURS : rank_action(call, action);
  if (refund_kind_at(call, root, "") != REFUND_KIND_ARRAY) return map_error(call, response, root, result);
  if (rank >= OURS_DECLINED) return map_action(call, action, result);
  if (!refund_there(call->connector_refund_id)) return refund_say_not_found(result, rank == NOT_OURS);
  return refund_say_error(result, REFUND_READING_IN_PROGRESS, refund_text_of("RESPONSE_HANDLING_FAILED"),
                          refund_text_of("the payment has no such refund"), (refund_text){NULL, 0});
}

static const refund_vtable refund_table = {headers_with_key, refund_url, refund_body, map_response};
static const refund_vtable actions_table = {get_headers, actions_url, refund_no_body, map_actions};

/* Keys are kept a day after a 2xx; of two at once one gets 409; 30 seconds between them are advised. When an action is
 * listed is not said, and a key guards for a day only: an absence is not final. Units:
 * https://www.checkout.com/docs/resources/calculating-the-amount (CLP with two decimals, always 00; three-decimal
 * currencies end in 0). */
REFUND_CONNECTOR(
    "checkout", "1.0.0", "refund-host", "https://www.checkout.com/docs/payments/manage-payments/refund-a-payment",
    REFUND_FLAGS(REFUND_IDS_UNIQUE),
    REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_secret", "secret key (sk_...)"),
                  REFUND_OPTIONAL("api_key", "public key (pk_...), not used for refunds"),
                  REFUND_OPTIONAL("processing_channel_id", "processing channel, not used for refunds"),
                  REFUND_OPTIONAL("subdomain", "prefix of the account's own host")),
    REFUND_BASE_URLS({"api", "https://api.sandbox.checkout.com", "https://api.checkout.com"},
                     {"own", "https://{subdomain}.api.sandbox.checkout.com", "https://{subdomain}.api.checkout.com"}),
    REFUND_FLOWS(REFUND_CREATES("POST", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE),
                 REFUND_SYNCS("GET", REFUND_CONTENT_JSON, REFUND_NAMES_REFUND_ID),
                 REFUND_LOOKS_UP("GET", REFUND_CONTENT_JSON, REFUND_NAMES_REFERENCE, REFUND_NOT_DECLARED, 0)),
    REFUND_KEY(REFUND_KEY_HEADER, "Cko-Idempotency-Key", REFUND_LENGTH(1, 64), REFUND_DAYS(1), 30,
               REFUND_KEY_KEEPS_2XX_ONLY),
    REFUND_REFERENCES(REFUND_LENGTH(1, 80)),
    REFUND_CURRENCIES({"CLP", 2, 100}, {"BHD", 3, 10}, {"IQD", 3, 10}, {"JOD", 3, 10}, {"KWD", 3, 10}, {"LYD", 3, 10},
                      {"OMR", 3, 10}, {"TND", 3, 10}),
    REFUND_TABLES(&refund_table, &actions_table, &actions_table));
