/* refund-host request: the HTTP request that a connector would send. */
#include "cli/dry.h"
#include "document/document.h"
#include "refund_toolkit.h"

static const struct argp_option option_list[] = {
    {"account", DRY_ACCOUNT, "NAME", 0, "The account, where a line names none", 1},
    {"flow", DRY_FLOW, "FLOW", 0, "refund (default), refund_sync, refund_lookup or access_token", 1},
    {"now", DRY_NOW, "SECONDS", 0, "The time, in Unix seconds, with up to three decimals", 2},
    {"nonce", DRY_NONCE, "HEX64", 0, "The random bytes of a call, 32 in hex; else fresh ones a line", 2},
    {"access-token", DRY_ACCESS_TOKEN, "TEXT", 0, "The access token in hand", 2},
    {"show-secrets", DRY_SHOW_SECRETS, 0, 0, "Print credentials too, not ***", 3},
    {0},
};

static const struct argp argp = {option_list,
                                 dry_option,
                                 "[FILE|-]",
                                 "Reads refunds, one JSON object a line, and prints for each the HTTP request that its "
                                 "connector would send: method, "
                                 "url, headers, body. Sends nothing.",
                                 0,
                                 0,
                                 0};

static refund_text shown(const struct dry *dry, const struct account *account, struct arena *arena, refund_text text) {
  return dry->show_secrets ? text : account_mask(account, arena, text, MASK_SHOWN, NULL);
}

static void put_headers(refund_json *json, const struct dry *dry, const struct account *account, struct arena *arena,
                        const struct connector_request *request) {
  refund_json_object(json, "headers");
  for (size_t i = 0; i < request->header_count; i++) {
    const struct connector_header *header = &request->headers[i];
    refund_text name = arena_copy(arena, header->name);
    char *letters = (char *)(uintptr_t)name.data;
    for (uint64_t j = 0; j < name.size; j++) {
      if (letters[j] >= 'A' && letters[j] <= 'Z') letters[j] = (char)(letters[j] - 'A' + 'a');
    }
    bool hidden = header->sensitive && !dry->show_secrets;
    refund_json_text(json, name.data, hidden ? refund_text_of("***") : shown(dry, account, arena, header->value));
  }
  refund_json_end(json);
}

static void put_body(refund_json *json, const struct dry *dry, const struct account *account, struct arena *arena,
                     refund_text body) {
  struct buffer base64;
  if (body.data == NULL) {
    refund_json_null(json, "body");
    return;
  }
  refund_text text = shown(dry, account, arena, body);
  if (document_is_utf8(text)) {
    refund_json_text(json, "body", text);
    return;
  }
  buffer_open(&base64, 0);
  refund_put_base64(&base64.sink, text);
  refund_json_text(json, "body_base64", buffer_text(&base64));
  buffer_close(&base64);
}

static bool each(struct dry *dry, struct arena *arena, refund_text line, struct buffer *out, struct error *error) {
  struct refund refund;
  struct connector_input input;
  struct connector_request request;
  struct connector *connector;
  const struct account *account;
  refund_json json;
  if (!refund_read(arena, line, dry->flow, dry->account, &refund, error)) return false;
  if (!dry_input(dry, arena, &refund, &account, &connector, &input, error)) return false;
  if (connector_build(connector, &input, arena, &request, error) != REFUND_OK) {
    refund_text message = shown(dry, account, arena, refund_text_of(error->message));
    snprintf(error->message, sizeof error->message, "%s", arena_copy(arena, message).data);
    return false;
  }
  refund_json_open(&json, &out->sink);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "method", request.method);
  refund_json_text(&json, "url", shown(dry, account, arena, request.url));
  put_headers(&json, dry, account, arena, &request);
  put_body(&json, dry, account, arena, request.body);
  refund_json_end(&json);
  return true;
}

int command_request(struct cli *cli, int argc, char **argv) {
  struct dry dry = {.cli = cli};
  return cli_parse(cli, &argp, argc, argv, &dry) ? dry_run(&dry, each) : EXIT_BAD;
}
