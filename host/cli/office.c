#include "cli/office.h"

#include <string.h>
#include <sys/stat.h>

#include "refund_toolkit.h"

enum { AT_ONCE = 32, AT_ONCE_GREATEST = 10000 };

/* ---- Options ---- */

error_t office_option(int key, char *argument, struct office_options *options) {
  switch (key) {
    case OFFICE_CACERT:
      options->ca_file = argument;
      return 0;
    case OFFICE_NEW_LEDGER:
      options->new_ledger = true;
      return 0;
    case OFFICE_WAIT:
      options->wait = argument;
      return 0;
    case OFFICE_CONCURRENCY:
      options->concurrency = argument;
      return 0;
    case OFFICE_RETRY:
      options->flow.retry = true;
      return 0;
    case OFFICE_CAPTURED_MAY_GROW:
      options->flow.captured_may_grow = true;
      return 0;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static bool check_wait(struct office_options *options, struct error *error) {
  if (options->wait == NULL) return true;
  int64_t *wait = &options->flow.wait_ms;
  bool read = refund_read_major(refund_text_of(options->wait), 3, wait) != 0;
  if (read && *wait > 0 && *wait <= INT64_C(1000) * 60 * 60 * 24 * 366) return true;
  error_set(error, ERROR_USAGE, "--wait", "--wait is not a time to wait");
  error_expected(error, "seconds such as 60 or 0.5");
  return error_found(error, "%.60s", options->wait);
}

bool office_check(struct office_options *options, struct error *error) {
  int64_t at_once = AT_ONCE;
  bool read = options->concurrency == NULL || refund_read_integer(refund_text_of(options->concurrency), &at_once) != 0;
  if (!read || at_once < 1 || at_once > AT_ONCE_GREATEST) {
    error_set(error, ERROR_USAGE, "--concurrency", "--concurrency is not a number of refunds");
    error_expected(error, "1 to %d", AT_ONCE_GREATEST);
    return error_found(error, "%.60s", options->concurrency);
  }
  options->at_once = (size_t)at_once;
  return check_wait(options, error);
}

/* ---- Rooms ---- */

struct office office_of(struct cli *cli, const struct office_options *options) {
  return (struct office){.cli = cli, .options = options, .rooms = {.outside = &cli->outside}};
}

void office_close(struct office *office) {
  ledger_close(office->rooms.ledger);
  transport_close(office->rooms.transport);
  catalog_close(office->rooms.catalog);
  accounts_close(office->rooms.accounts);
}

bool office_open_network(struct office *office, struct error *error) {
  struct transport_options network = {office->options->ca_file, "refund-host/" REFUND_HOST_VERSION};
  return (office->rooms.accounts = cli_accounts(office->cli, error)) != NULL &&
         (office->rooms.catalog = cli_catalog(office->cli, error)) != NULL &&
         (office->rooms.transport = transport_open(&network, error)) != NULL;
}

static bool open_ledger(struct office *office, bool *created, struct error *error) {
  struct ledger **ledger = &office->rooms.ledger;
  *ledger = ledger_open(cli_ledger_path(office->cli), &office->cli->outside, created, error);
  if (*ledger == NULL) return false;
  if (!office->options->restored) return ledger_is_original(*ledger, error);
  /* In this order: whoever dies in between finds a copy still. */
  return flow_restore(&office->rooms, error) && ledger_accept_copy(*ledger, error);
}

bool office_open_ledger(struct office *office, struct error *error) {
  bool created = false;
  struct ledger *there = ledger_open_readonly(cli_ledger_path(office->cli), &office->cli->outside, error);
  ledger_close(there);
  return there != NULL && open_ledger(office, &created, error);
}

/* A ledger that was lost or mistyped must not begin again from nothing with real money; and none is made for a refund
 * that could not be admitted anyway. */
static bool may_begin(const struct office *office, refund_text name, struct error *error) {
  const struct flow_rooms *rooms = &office->rooms;
  const struct account *account = accounts_find(rooms->accounts, name, error);
  const struct catalog_entry *entry =
      account == NULL ? NULL : catalog_find(rooms->catalog, account->connector.data, error);
  if (entry == NULL || accounts_bind(rooms->accounts, name, &entry->descriptor, error) == NULL) return false;
  if (office->options->new_ledger || account->environment != REFUND_PRODUCTION) return true;
  error_set(error, ERROR_LEDGER, "--ledger", "there is no ledger at %s, and account %s is for production",
            cli_ledger_path(office->cli), account->name.data);
  return error_fix(error, "check the path; if this is to be a new ledger, add --new-ledger");
}

bool office_begin_ledger(struct office *office, const refund_text *accounts, size_t count, struct error *error) {
  struct stat status;
  const char *path = cli_ledger_path(office->cli);
  bool created = false;
  bool there = stat(path, &status) == 0 && status.st_size > 0;
  for (size_t i = 0; i < count && !there; i++) {
    if (!may_begin(office, accounts[i], error)) return false;
  }
  bool opened = open_ledger(office, &created, error);
  if (created) fprintf(stderr, "refund-host: made a new ledger at %s\n", path);
  return opened;
}

void office_tell(void *context, const struct flow_result *result) {
  struct office_ending *ending = context;
  ending->status = (ending->brief ? cli_outcome_line : cli_outcome)(ending->cli, result->outcome);
}
