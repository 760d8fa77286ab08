/* refund-host forget SCOPE: its accounts are gone, and none is to come. */
#include "cli/office.h"
#include "refund_toolkit.h"

enum { KEY_CONNECTOR = 1 };

static const struct argp_option option_list[] = {
    {"connector", KEY_CONNECTOR, "NAME", 0, "The connector that its refunds went through", 1},
    {0},
};

struct options {
  const char *scope;
  const char *connector;
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  switch (key) {
    case KEY_CONNECTOR:
      options->connector = argument;
      return 0;
    case ARGP_KEY_ARG:
      return cli_take_one(&options->scope, argument);
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp = {
    option_list,
    take_option,
    "SCOPE",
    "Records that a scope (by default an account's name) has no account any more, so that others of its connector may "
    "begin. Not for an account that was renamed: that keeps the scope, or its payments could be refunded twice.",
    0,
    0,
    0};

/* An account that has it is not gone. */
static bool is_gone(struct office *office, const struct options *options, struct error *error) {
  office->rooms.accounts = cli_accounts(office->cli, error);
  if (office->rooms.accounts == NULL) return false;
  refund_text scope = refund_text_of(options->scope);
  if (!accounts_have_scope(office->rooms.accounts, refund_text_of(options->connector), scope)) return true;
  error_set(error, ERROR_CONFLICT, "scope", "scope %.100s has an account of connector %.60s", options->scope,
            options->connector);
  return error_fix(error, "take the account out of the accounts file first");
}

static bool forget(struct office *office, const struct options *options, struct error *error) {
  struct ledger *ledger = office->rooms.ledger;
  if (!ledger_begin(ledger, error)) return false;
  enum ledger_found found =
      ledger_forget_scope(ledger, refund_text_of(options->connector), refund_text_of(options->scope), error);
  if (found == LEDGER_FOUND && ledger_commit(ledger, error)) return true;
  ledger_rollback(ledger);
  if (found != LEDGER_NONE) return false;
  return error_set(error, ERROR_NOT_FOUND, "scope", "the ledger has no scope %.100s of connector %.60s", options->scope,
                   options->connector);
}

int command_forget(struct cli *cli, int argc, char **argv) {
  struct options options = {0};
  struct error error = {0};
  struct office_options none = {0};
  struct office office = office_of(cli, &none);
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  bool done = (options.scope != NULL || cli_missing(cli, "SCOPE", "scope", &error)) &&
              (options.connector != NULL || cli_missing(cli, "SCOPE --connector NAME", "--connector", &error)) &&
              is_gone(&office, &options, &error) && office_open_ledger(&office, &error) &&
              forget(&office, &options, &error);
  office_close(&office);
  if (!done) return cli_error(cli, &error);
  fprintf(stderr, "refund-host: scope %s of connector %s is forgotten\n", options.scope, options.connector);
  return EXIT_SUCCEEDED;
}
