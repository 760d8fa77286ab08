/* refund-host status ID: what the ledger knows of one refund. */
#include "cli/cli.h"
#include "flow/flow.h"
#include "refund_toolkit.h"

static error_t take_option(int key, char *argument, struct argp_state *state) {
  return key == ARGP_KEY_ARG ? cli_take_one(state->input, argument) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    0,    take_option,
    "ID", "Tells what the ledger knows of one refund; asks no processor. The exit status says its state.",
    0,    0,
    0};

static int show(struct cli *cli, struct ledger *ledger, struct arena *arena, const char *id, struct error *error) {
  struct ledger_refund record;
  switch (ledger_find_refund(ledger, refund_text_of(id), arena, &record, error)) {
    case LEDGER_FOUND: {
      struct outcome outcome = flow_outcome(&record);
      return cli_outcome(cli, &outcome);
    }
    case LEDGER_NONE:
      error_set(error, ERROR_NOT_FOUND, "refund_id", "refund %.128s is not in the ledger %s", id, cli_ledger_path(cli));
      return cli_error(cli, error);
    default:
      return cli_error(cli, error);
  }
}

int command_status(struct cli *cli, int argc, char **argv) {
  const char *id = NULL;
  struct error error = {0};
  if (!cli_parse(cli, &argp, argc, argv, &id)) return EXIT_BAD;
  if (id == NULL) {
    cli_missing(cli, "ID", "refund_id", &error);
    return cli_error(cli, &error);
  }
  struct arena *arena = arena_open(0);
  struct ledger *ledger = arena == NULL ? NULL : ledger_open_readonly(cli_ledger_path(cli), &cli->outside, &error);
  if (arena == NULL) error_set(&error, ERROR_HOST, NULL, "out of memory");
  int status = ledger == NULL ? cli_error(cli, &error) : show(cli, ledger, arena, id, &error);
  ledger_close(ledger);
  arena_close(arena);
  return status;
}
