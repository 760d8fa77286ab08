/* No key, and nothing to ask for but the list of a payment's refunds, in which nothing of ours stands. */
#include "flows.h"

#ifndef LIST_ID
#define LIST_ID "crash_list"
#define LIST_ACCOUNT CRASH_ACCOUNT
#endif

static int32_t list_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put_url(url, refund_base(call, 0), "/refunds?payment_id=", call->connector_transaction_id, "");
}

static int64_t two_digits(const char *at) {
  return (at[0] - '0') * 10 + (at[1] - '0');
}

/* "2026-07-18 00:18:03" of no zone, read as UTC: what else. Days by H. Hinnant's days_from_civil. */
static int64_t time_of(refund_text text) {
  const char *at = text.data;
  if (text.size != 19) return 0;
  int64_t month = two_digits(at + 5);
  int64_t year = two_digits(at) * 100 + two_digits(at + 2) - (month <= 2);
  int64_t era_year = year % 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + two_digits(at + 8) - 1;
  int64_t days = year / 400 * 146097 + era_year * 365 + era_year / 4 - era_year / 100 + day_of_year - 719468;
  return (((days * 24 + two_digits(at + 11)) * 60 + two_digits(at + 14)) * 60 + two_digits(at + 17)) * 1000;
}

static int32_t map_list(const refund_call *call, const refund_http_response *response, refund_result *result) {
  const refund_node *root = refund_read_body(call, REFUND_JSON, response);
  const refund_node *error = refund_node_at(call, root, "error");
  if (error != NULL) return map_error(call, error, response->status, result);
  if (refund_kind_at(call, root, "data") != REFUND_KIND_ARRAY) return REFUND_MALFORMED_RESPONSE;
  for (const refund_node *refund = refund_first_at(call, root, "data"); refund != NULL;
       refund = refund_next(call, refund)) {
    refund_text currency = refund_text_at(call, refund, "currency");
    int64_t amount = 0;
    if (!refund_read_integer(refund_text_at(call, refund, "amount"), &amount)) return REFUND_MALFORMED_RESPONSE;
    if (amount != call->refund_amount || !refund_same(currency, call->currency)) continue;
    result->candidate(result, refund_text_at(call, refund, "id"), amount, currency,
                      time_of(refund_text_at(call, refund, "created")));
  }
  return refund_say_not_found(result, refund_is(refund_text_at(call, root, "has_more"), "false"));
}

static const refund_vtable list_table = {refund_only_api_key, list_url, refund_no_body, map_list};

REFUND_CONNECTOR(LIST_ID, "1.0.0", "refund-host", "", LIST_ACCOUNT,
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFUND_ID), CRASH_SYNC,
                              REFUND_LOOKS_UP("GET", "", REFUND_NAMES_PAYMENT, REFUND_MINUTES(1), 0)),
                 REFUND_NO_IDEMPOTENCY, CRASH_REFERENCE, REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&named_table, &sync_table, &list_table));
