/* refund-host list: what the ledger knows of all refunds. */
#include "cli/cli.h"
#include "flow/flow.h"

enum { KEY_STATE = 1, KEY_ACCOUNT, KEY_ATTENTION };

static const struct argp_option option_list[] = {
    {"state", KEY_STATE, "STATE", 0, "Only those in this state", 1},
    {"account", KEY_ACCOUNT, "NAME", 0, "Only those of this account", 1},
    {"attention", KEY_ATTENTION, 0, 0, "Only what is unknown or needs a person", 1},
    {0},
};

struct wanted {
  const char *state;
  struct ledger_filter filter;
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct wanted *wanted = state->input;
  switch (key) {
    case KEY_STATE:
      wanted->state = argument;
      return 0;
    case KEY_ACCOUNT:
      wanted->filter.account = argument;
      return 0;
    case KEY_ATTENTION:
      wanted->filter.attention = true;
      return 0;
    case ARGP_KEY_ARG:
      return EINVAL;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp = {
    option_list, take_option, 0, "Lists the refunds of the ledger in the order they came; asks no processor.", 0, 0, 0};

struct listing {
  const struct cli *cli;
  size_t count;
};

static bool show(void *context, const struct ledger_refund *record) {
  struct listing *listing = context;
  struct outcome outcome = flow_outcome(record);
  if (listing->cli->json) {
    cli_outcome(listing->cli, &outcome);
    return true;
  }
  if (listing->count++ == 0) {
    cli_row_titles();
  }
  cli_row(&outcome);
  putchar('\n');
  return true;
}

int command_list(struct cli *cli, int argc, char **argv) {
  struct wanted wanted = {0};
  struct listing listing = {cli, 0};
  struct error error = {0};
  enum state state;
  if (!cli_parse(cli, &argp, argc, argv, &wanted)) return EXIT_BAD;
  bool known = wanted.state != NULL && state_find(wanted.state, &state);
  if (known) wanted.filter.states = LEDGER_IN(state);
  if (wanted.state != NULL && !known) {
    error_set(&error, ERROR_USAGE, "--state", "there is no state %.60s", wanted.state);
    error_expected(&error, "new, sending, unknown, pending, succeeded, failed, failed_late, manual_review");
    return cli_error(cli, &error);
  }
  struct ledger *ledger = ledger_open_readonly(cli_ledger_path(cli), &cli->outside, &error);
  bool listed = ledger != NULL && ledger_list(ledger, &wanted.filter, show, &listing, &error);
  ledger_close(ledger);
  if (!listed) return cli_error(cli, &error);
  if (!cli->json && listing.count == 0) printf("No refunds.\n");
  return EXIT_SUCCEEDED;
}
