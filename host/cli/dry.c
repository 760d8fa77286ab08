#include "cli/dry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lines.h"
#include "flow/flow.h"
#include "refund_toolkit.h"

enum { LINE_LIMIT = 8 * 1024 * 1024 };

error_t dry_option(int key, char *argument, struct argp_state *state) {
  struct dry *dry = state->input;
  switch (key) {
    case DRY_ACCOUNT:
      dry->account = argument;
      return 0;
    case DRY_FLOW:
      dry->flow_text = argument;
      return 0;
    case DRY_NOW:
      dry->now_text = argument;
      return 0;
    case DRY_NONCE:
      dry->nonce_text = argument;
      return 0;
    case DRY_ACCESS_TOKEN:
      dry->access_token = argument;
      return 0;
    case DRY_SHOW_SECRETS:
      dry->show_secrets = true;
      return 0;
    case ARGP_KEY_ARG:
      return cli_take_one(&dry->file, argument);
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

/* ---- Options ---- */

static bool check_flow(struct dry *dry, struct error *error) {
  if (dry->flow_text == NULL || flow_find(refund_text_of(dry->flow_text), &dry->flow)) return true;
  error_set(error, ERROR_USAGE, "--flow", "there is no flow %.60s", dry->flow_text);
  return error_expected(error, "refund, refund_sync, refund_lookup, access_token");
}

/* Unix seconds with up to three decimals. */
static bool check_now(struct dry *dry, struct error *error) {
  if (dry->now_text == NULL) return true;
  bool read = refund_read_major(refund_text_of(dry->now_text), 3, &dry->now_ms) != 0;
  if (read && dry->now_ms >= 0 && dry->now_ms < INT64_C(253402300800000)) return true;
  error_set(error, ERROR_USAGE, "--now", "--now is not a time");
  error_expected(error, "Unix seconds such as 1700000000 or 1700000000.123");
  return error_found(error, "%.60s", dry->now_text);
}

static bool check_nonce(struct dry *dry, struct error *error) {
  bool read = dry->nonce_text == NULL || strlen(dry->nonce_text) == 2 * sizeof dry->nonce;
  for (size_t i = 0; dry->nonce_text != NULL && read && i < sizeof dry->nonce; i++) {
    int high = refund_hex_digit(dry->nonce_text[2 * i]);
    int low = refund_hex_digit(dry->nonce_text[2 * i + 1]);
    read = high >= 0 && low >= 0;
    if (read) dry->nonce[i] = (uint8_t)(high * 16 + low);
  }
  if (read) return true;
  error_set(error, ERROR_USAGE, "--nonce", "--nonce is not 32 bytes in hex");
  error_expected(error, "64 hex digits");
  return error_found(error, "%.80s", dry->nonce_text);
}

/* ---- What a connector is handed ---- */

int64_t dry_now(const struct dry *dry) {
  return dry->now_text != NULL ? dry->now_ms : dry->cli->outside.now_ms(&dry->cli->outside);
}

bool dry_input(struct dry *dry, struct arena *arena, const struct refund *refund, const struct account **account,
               struct connector **connector, struct connector_input *input, struct error *error) {
  const struct account *found = accounts_find(dry->accounts, refund->account, error);
  if (found == NULL) return false;
  *connector = connectors_get(&dry->connectors, found->connector.data, error);
  if (*connector == NULL) return false;
  const refund_descriptor *descriptor = connector_descriptor(*connector);
  *account = accounts_bind(dry->accounts, refund->account, descriptor, error);
  if (*account == NULL) return false;
  flow_input(*account, dry->flow == FLOW_ACCESS_TOKEN ? NULL : refund, dry->flow, input);
  if (input->refund != NULL) connector_name(descriptor, input, arena);
  input->access_token = refund_text_of(dry->access_token);
  input->refund_time_ms = input->attempt_time_ms = dry_now(dry);
  const struct outside *outside = &dry->cli->outside;
  if (dry->nonce_text != NULL) {
    memcpy(input->refund_seed, dry->nonce, sizeof dry->nonce);
    memcpy(input->attempt_seed, dry->nonce, sizeof dry->nonce);
  } else if (!outside->random(outside, input->refund_seed, sizeof input->refund_seed) ||
             !outside->random(outside, input->attempt_seed, sizeof input->attempt_seed)) {
    return error_set(error, ERROR_HOST, NULL, "the system gives no random bytes");
  }
  return true;
}

/* ---- Lines ---- */

static bool do_line(struct dry *dry, dry_line *each, refund_text line, struct error *error) {
  struct buffer out;
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  buffer_open(&out, 0);
  bool good = line.size > LINE_LIMIT
                  ? error_set(error, ERROR_INPUT, NULL, "the line is longer than %d bytes", LINE_LIMIT)
                  : each(dry, arena, line, &out, error);
  if (good) cli_print(&out);
  buffer_close(&out);
  arena_close(arena);
  return good;
}

/* A bad line gets its error in its place, as JSON like the lines around it. */
static int do_lines(struct dry *dry, dry_line *each, FILE *input) {
  char *line = NULL;
  size_t room = 0;
  ssize_t size;
  enum exit_status status = EXIT_SUCCEEDED;
  struct cli as_json = *dry->cli;
  as_json.json = true;
  while ((size = getline(&line, &room, input)) >= 0) {
    struct error error = {0};
    refund_text text = {line, (uint64_t)size};
    if (text.size > 0 && line[text.size - 1] == '\n') text.size--;
    if (line_is_blank(text) || do_line(dry, each, text, &error)) continue;
    status = cli_worse(status, (enum exit_status)cli_error(&as_json, &error));
  }
  if (ferror(input)) {
    struct error error;
    error_set(&error, ERROR_INPUT, dry->file, "the input could not be read to its end: %s", strerror(errno));
    status = cli_worse(status, (enum exit_status)cli_error(&as_json, &error));
  }
  if (line != NULL) explicit_bzero(line, room);
  free(line);
  return (int)status;
}

int dry_run(struct dry *dry, dry_line *each) {
  struct error error = {0};
  int status = EXIT_BAD;
  bool from_file = dry->file != NULL && strcmp(dry->file, "-") != 0;
  FILE *input = stdin;
  bool ready = check_flow(dry, &error) && check_now(dry, &error) && check_nonce(dry, &error);
  if (ready && from_file && (input = fopen(dry->file, "re")) == NULL) {
    ready = error_set(&error, ERROR_INPUT, dry->file, "cannot open %s: %s", dry->file, strerror(errno));
  }
  ready = ready && (dry->accounts = cli_accounts(dry->cli, &error)) != NULL &&
          (dry->connectors.catalog = cli_catalog(dry->cli, &error)) != NULL;
  status = ready ? do_lines(dry, each, input) : cli_error(dry->cli, &error);
  if (from_file && input != NULL) fclose(input);
  connectors_close(&dry->connectors);
  catalog_close(dry->connectors.catalog);
  accounts_close(dry->accounts);
  return status;
}
