/* refund-host outcome: what a processor's reply, from a file, means for a refund. */
#include <string.h>

#include "cli/dry.h"
#include "document/document.h"
#include "domain/verdict.h"
#include "refund_toolkit.h"

static const struct argp_option option_list[] = {
    {"account", DRY_ACCOUNT, "NAME", 0, "The account, where a line names none", 1},
    {"flow", DRY_FLOW, "FLOW", 0, "refund (default), refund_sync, refund_lookup or access_token", 1},
    {"now", DRY_NOW, "SECONDS", 0, "The time, in Unix seconds, with up to three decimals", 2},
    {0},
};

static const struct argp argp = {
    option_list,
    dry_option,
    "[FILE|-]",
    "Reads replies, one JSON object a line: {\"request\": {refund}, \"response\": {\"status\", \"headers\", \"body\" "
    "or "
    "\"body_base64\"}}, and prints for each the outcome that it has. Asks nobody and records nothing.",
    0,
    0,
    0};

enum { HEADERS = 200 };

/* ---- The reply ---- */

static bool bad_member(const char *member, const char *expected, struct error *error) {
  error_set(error, ERROR_INPUT, member, "%s is missing or of the wrong type", member);
  return error_expected(error, "%s", expected);
}

/* A misspelled member would change the verdict. */
static bool check_members(const refund_node *object, const char *const *known, size_t count, struct error *error) {
  for (const refund_node *member = document_first(object); member != NULL; member = document_next(member)) {
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
      found = refund_is(document_name(member), known[i]);
    if (found) continue;
    error_set(error, ERROR_INPUT, document_name(member).data, "there is no member %.60s here",
              document_name(member).data);
    return error_expected(error, count == 2 ? "request, response" : "status, headers, body or body_base64");
  }
  return true;
}

static bool read_body(const refund_node *response, struct arena *arena, refund_text *body, struct error *error) {
  const refund_node *text = document_find(response, "body");
  const refund_node *base64 = document_find(response, "body_base64");
  if (document_kind(base64) == REFUND_KIND_STRING && document_kind(text) == REFUND_KIND_STRING) {
    error_set(error, ERROR_INPUT, "body", "the response has body and body_base64");
    return error_fix(error, "give one of them");
  }
  if (document_kind(base64) == REFUND_KIND_STRING) {
    refund_text encoded = document_text(base64);
    char *bytes = arena_allocate(arena, encoded.size + 1);
    if (bytes == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
    body->data = bytes;
    return refund_read_base64(encoded, bytes, &body->size) || bad_member("body_base64", "base64", error);
  }
  *body = document_kind(text) == REFUND_KIND_STRING ? document_text(text) : refund_text_of("");
  int32_t kind = document_kind(text);
  return kind == REFUND_KIND_STRING || kind == REFUND_KIND_NULL || kind == REFUND_KIND_NONE ||
         bad_member("body", "text", error);
}

static bool read_headers(const refund_node *response, refund_header *headers, uint64_t *count, struct error *error) {
  const refund_node *list = document_find(response, "headers");
  *count = 0;
  for (const refund_node *header = document_first(list); header != NULL; header = document_next(header)) {
    if (document_kind(header) != REFUND_KIND_STRING || *count == HEADERS) {
      return bad_member("headers", "an object of texts", error);
    }
    headers[*count].name = document_name(header);
    headers[(*count)++].value = document_text(header);
  }
  return true;
}

static bool read_response(const refund_node *response, struct arena *arena, refund_http_response *out,
                          struct error *error) {
  int64_t status = 0;
  refund_header *headers = arena_allocate(arena, HEADERS * sizeof *headers);
  if (headers == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  static const char *const members[] = {"status", "headers", "body", "body_base64"};
  if (document_kind(response) != REFUND_KIND_OBJECT) return bad_member("response", "an object", error);
  if (!check_members(response, members, 4, error)) return false;
  const refund_node *status_node = document_find(response, "status");
  if (document_kind(status_node) != REFUND_KIND_NUMBER || !refund_read_integer(document_text(status_node), &status) ||
      status < 100 || status > 599) {
    return bad_member("status", "a number from 100 to 599", error);
  }
  memset(out, 0, sizeof *out);
  out->size = sizeof *out;
  out->status = (int32_t)status;
  out->headers = headers;
  return read_body(response, arena, &out->body, error) && read_headers(response, headers, &out->header_count, error);
}

/* ---- The outcome ---- */

/* Where a refund that was just sent (or, on a look-up, is open) goes by this one answer. */
static struct position position_of(const struct verdict *verdict, enum flow_kind flow) {
  struct position from = {flow == FLOW_REFUND ? STATE_SENDING : STATE_UNKNOWN, DETAIL_NONE};
  struct position to;
  enum fact fact = verdict_fact(verdict, &(struct circumstances){0});
  if (fact == FACT_UNSENT && verdict->refund_status == REFUND_STATUS_FAILURE) fact = FACT_REFUSED_SPENT;
  state_next(from, fact, &to);
  return to;
}

static void put_token(const struct answer *answer, const struct verdict *verdict, struct buffer *out) {
  refund_json json;
  refund_json_open(&json, &out->sink);
  refund_json_object(&json, NULL);
  if (answer->access_token.data == NULL) refund_json_null(&json, "access_token");
  refund_json_text(&json, "access_token", answer->access_token);
  if (answer->expires_in == 0) {
    refund_json_null(&json, "expires_in");
  } else {
    refund_json_integer(&json, "expires_in", answer->expires_in);
  }
  if (answer->access_token.data != NULL) {
    refund_json_null(&json, "error");
  } else {
    refund_json_object(&json, "error");
    refund_json_text(&json, "code", verdict->error_code);
    refund_json_text(&json, "message", verdict->error_message);
    refund_json_text(&json, "reason", verdict->error_reason);
    refund_json_end(&json);
  }
  refund_json_end(&json);
}

static void put_outcome(const struct dry *dry, const struct exchange *exchange, const struct verdict *verdict,
                        struct buffer *out) {
  const struct refund *refund = exchange->refund;
  struct outcome outcome = {
      .refund_id = refund->refund_id,
      .account = refund->account,
      .connector = refund_text_of(exchange->descriptor->id),
      .connector_version = refund_text_of(exchange->descriptor->version),
      .connector_transaction_id = refund->connector_transaction_id,
      .connector_refund_id = verdict->connector_refund_id,
      .refund_amount = refund->refund_amount,
      .currency = refund->currency,
      .position = position_of(verdict, exchange->flow),
      .refund_status = verdict->refund_status,
      .reading = verdict->reading,
      .error_code = verdict->error_code,
      .error_message = verdict->error_message,
      .error_reason = verdict->error_reason,
      .network_decline_code = verdict->network_decline_code,
      .warning = verdict->warning,
      .http_status = exchange->http_status,
      .attempts = 1,
      .created_at = dry_now(dry),
      .updated_at = dry_now(dry),
  };
  outcome_write(&outcome, out);
}

static bool each(struct dry *dry, struct arena *arena, refund_text line, struct buffer *out, struct error *error) {
  struct refund refund;
  struct connector_input input;
  struct connector *connector;
  const struct account *account;
  struct answer answer;
  struct verdict verdict;
  refund_http_response response;
  const refund_node *root = document_read(arena, REFUND_JSON, line, error);
  if (root == NULL) return false;
  static const char *const members[] = {"request", "response"};
  if (!check_members(root, members, 2, error)) return false;
  const refund_node *request = document_find(root, "request");
  if (request == NULL) return bad_member("request", "a refund object", error);
  if (!refund_from_node(arena, request, dry->flow, dry->account, &refund, error)) return false;
  if (!read_response(document_find(root, "response"), arena, &response, error)) return false;
  if (!dry_input(dry, arena, &refund, &account, &connector, &input, error)) return false;
  connector_map(connector, &input, &response, arena, &answer);
  struct exchange exchange = {
      .flow = dry->flow,
      .transmissions = 1,
      .complete = true,
      .http_status = response.status,
      .body = response.body,
      .answer = &answer,
      .refund = input.refund,
      .descriptor = connector_descriptor(connector),
      .sent_reference = input.reference,
      .sent_key = input.idempotency_key,
  };
  verdict_of(arena, &exchange, &verdict);
  if (dry->flow == FLOW_ACCESS_TOKEN) {
    put_token(&answer, &verdict, out);
  } else {
    put_outcome(dry, &exchange, &verdict, out);
  }
  return true;
}

int command_outcome(struct cli *cli, int argc, char **argv) {
  struct dry dry = {.cli = cli};
  return cli_parse(cli, &argp, argc, argv, &dry) ? dry_run(&dry, each) : EXIT_BAD;
}
