/* refund-host refund: one refund, end to end. */
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "common/file.h"
#include "document/document.h"
#include "flow/flow.h"
#include "refund_toolkit.h"

enum {
  KEY_ACCOUNT = 1,
  KEY_REFUND_ID,
  KEY_TRANSACTION_ID,
  KEY_AMOUNT,
  KEY_AMOUNT_MINOR,
  KEY_PAYMENT_AMOUNT,
  KEY_PAYMENT_AMOUNT_MINOR,
  KEY_CURRENCY,
  KEY_REASON,
  TEXT_KEYS, /* those before have one text each */
  KEY_METADATA,
  KEY_METADATA_JSON,
  KEY_CACERT,
  KEY_NEW_LEDGER
};

enum { METADATA_ENTRIES = 64, FILE_LIMIT = 1024 * 1024 };

struct options {
  const char *file;
  const char *texts[TEXT_KEYS];
  const char *metadata[METADATA_ENTRIES];
  size_t metadata_count;
  const char *metadata_json;
  const char *ca_file;
  bool new_ledger;
  bool any;  /* a refund was described by options */
  int twice; /* a key that came twice; 0: none */
};

static const struct argp_option option_list[] = {
    {"account", KEY_ACCOUNT, "NAME", 0, "The account of the accounts file", 1},
    {"refund-id", KEY_REFUND_ID, "ID", 0, "Your id of this refund: the same id never pays twice", 1},
    {"transaction-id", KEY_TRANSACTION_ID, "ID", 0, "The payment, at the processor", 1},
    {"amount", KEY_AMOUNT, "10.00", 0, "How much, with exactly the currency's decimals", 1},
    {"amount-minor", KEY_AMOUNT_MINOR, "1000", 0, "The same in minor units", 1},
    {"payment-amount", KEY_PAYMENT_AMOUNT, "10.00", 0, "How much was captured in all", 1},
    {"payment-amount-minor", KEY_PAYMENT_AMOUNT_MINOR, "1000", 0, "The same in minor units", 1},
    {"currency", KEY_CURRENCY, "USD", 0, "ISO 4217", 1},
    {"reason", KEY_REASON, "TEXT", 0, "Where the processor takes one", 1},
    {"metadata", KEY_METADATA, "NAME=TEXT", 0, "What the connector wants besides; may be repeated", 1},
    {"metadata-json", KEY_METADATA_JSON, "OBJECT", 0, "The same as a JSON object", 1},
    {"cacert", KEY_CACERT, "FILE", 0, "Trust these certificates instead of the system's", 2},
    {"new-ledger", KEY_NEW_LEDGER, 0, 0, "With a production account: yes, begin a new ledger", 2},
    {0},
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  if (key > 0 && key < TEXT_KEYS) {
    if (options->texts[key] != NULL) options->twice = key;
    options->texts[key] = argument;
    options->any = options->any || key != KEY_ACCOUNT;
    return 0;
  }
  switch (key) {
    case KEY_METADATA:
      if (options->metadata_count == METADATA_ENTRIES) return EINVAL;
      options->metadata[options->metadata_count++] = argument;
      options->any = true;
      return 0;
    case KEY_METADATA_JSON:
      options->metadata_json = argument;
      options->any = true;
      return 0;
    case KEY_CACERT:
      options->ca_file = argument;
      return 0;
    case KEY_NEW_LEDGER:
      options->new_ledger = true;
      return 0;
    case ARGP_KEY_ARG:
      if (options->file != NULL) return EINVAL;
      options->file = argument;
      return 0;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp = {
    option_list,
    take_option,
    "[FILE|-]",
    "Sends one refund, described by options or by one JSON object in FILE, and tells what became of it. Asking again "
    "with the same id gives the same answer and sends nothing.",
    0,
    0,
    0};

/* ---- The refund that the options describe, as the JSON object that FILE would hold ---- */

/* An amount comes in major or minor units, not both. */
static bool put_amount(refund_json *json, const struct options *options, int major, int minor, const char *member,
                       const char *option, const struct currency *currency, struct error *error) {
  int64_t amount;
  char minor_option[40];
  const char *major_text = options->texts[major];
  const char *minor_text = options->texts[minor];
  snprintf(minor_option, sizeof minor_option, "%s-minor", option);
  if (major_text != NULL && minor_text != NULL) {
    error_set(error, ERROR_USAGE, option, "%s and %s-minor say the same thing", option, option);
    return error_fix(error, "give one of them");
  }
  if (major_text == NULL && minor_text == NULL) return true; /* said to be missing later, by its name */
  bool read = major_text != NULL ? money_read_major(refund_text_of(major_text), currency, option, &amount, error)
                                 : money_read_minor(refund_text_of(minor_text), minor_option, &amount, error);
  if (read) refund_json_integer(json, member, amount);
  return read;
}

static bool put_metadata(refund_json *json, const struct options *options, struct error *error) {
  if (options->metadata_json != NULL && options->metadata_count > 0) {
    error_set(error, ERROR_USAGE, "--metadata-json", "--metadata and --metadata-json cannot be combined");
    return error_fix(error, "put all of it into --metadata-json");
  }
  if (options->metadata_json != NULL) {
    struct arena *arena = arena_open(0);
    bool read =
        arena != NULL && document_read(arena, REFUND_JSON, refund_text_of(options->metadata_json), error) != NULL;
    arena_close(arena);
    if (!read && error != NULL) snprintf(error->field, sizeof error->field, "--metadata-json");
    if (!read) return false;
  }
  refund_json_raw(json, "connector_metadata", refund_text_of(options->metadata_json));
  if (options->metadata_count == 0) return true;
  refund_json_object(json, "connector_metadata");
  for (size_t i = 0; i < options->metadata_count; i++) {
    const char *equals = strchr(options->metadata[i], '=');
    char name[128];
    if (equals == NULL || equals == options->metadata[i] || equals - options->metadata[i] >= (long)sizeof name) {
      error_set(error, ERROR_USAGE, "--metadata", "--metadata %.60s has no name and text", options->metadata[i]);
      return error_expected(error, "NAME=TEXT");
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - options->metadata[i]), options->metadata[i]);
    refund_json_string(json, name, equals + 1);
  }
  refund_json_end(json);
  return true;
}

static bool describe(const struct options *options, struct buffer *out, struct error *error) {
  refund_json json;
  const char *code = options->texts[KEY_CURRENCY];
  const struct currency *currency = currency_find(refund_text_of(code));
  if (currency == NULL && (options->texts[KEY_AMOUNT] != NULL || options->texts[KEY_PAYMENT_AMOUNT] != NULL)) {
    error_set(error, code == NULL ? ERROR_USAGE : ERROR_INPUT, "--currency", "--currency is %s",
              code == NULL ? "missing" : "not a code of ISO 4217");
    error_expected(error, "three capital letters such as USD");
    return code != NULL && error_found(error, "%.12s", code);
  }
  refund_json_open(&json, &out->sink);
  refund_json_object(&json, NULL);
  refund_json_string(&json, "refund_id", options->texts[KEY_REFUND_ID]);
  refund_json_string(&json, "connector_transaction_id", options->texts[KEY_TRANSACTION_ID]);
  refund_json_string(&json, "currency", code);
  refund_json_string(&json, "reason", options->texts[KEY_REASON]);
  bool put = put_amount(&json, options, KEY_AMOUNT, KEY_AMOUNT_MINOR, "refund_amount", "--amount", currency, error) &&
             put_amount(&json, options, KEY_PAYMENT_AMOUNT, KEY_PAYMENT_AMOUNT_MINOR, "payment_amount",
                        "--payment-amount", currency, error) &&
             put_metadata(&json, options, error);
  refund_json_end(&json);
  return put;
}

static const char *option_name(int key) {
  size_t i = 0;
  while (option_list[i].key != key)
    i++;
  return option_list[i].name;
}

static bool read_refund(const struct options *options, struct arena *arena, struct refund *refund,
                        struct error *error) {
  struct buffer described;
  refund_text text;
  if (options->twice != 0) {
    char name[40];
    snprintf(name, sizeof name, "--%s", option_name(options->twice));
    error_set(error, ERROR_USAGE, name, "the option %s was given twice", name);
    return error_fix(error, "give it once");
  }
  if (options->file != NULL && options->any) {
    error_set(error, ERROR_USAGE, options->file, "the refund comes from %s and from options", options->file);
    return error_fix(error, "use one of them");
  }
  if (options->file != NULL) {
    return file_read(arena, options->file, FILE_LIMIT, &text, error) &&
           refund_read(arena, text, FLOW_REFUND, options->texts[KEY_ACCOUNT], refund, error);
  }
  if (!options->any) {
    error_set(error, ERROR_USAGE, NULL, "no refund was given");
    return error_fix(error,
                     "give --account, --refund-id and the other options, or FILE; see refund-host refund --help");
  }
  buffer_open(&described, 0);
  bool read = describe(options, &described, error) &&
              refund_read(arena, buffer_text(&described), FLOW_REFUND, options->texts[KEY_ACCOUNT], refund, error);
  buffer_close(&described);
  return read;
}

/* ---- The rooms ---- */

/* A ledger that was lost or mistyped must not begin again from nothing with real money; and none is made for a refund
 * that could not be admitted anyway. */
static bool may_begin_ledger(const char *path, const struct options *options, const struct refund *refund,
                             const struct flow_rooms *rooms, struct error *error) {
  struct stat status;
  if (stat(path, &status) == 0 && status.st_size > 0) return true;
  const struct account *account = accounts_find(rooms->accounts, refund->account, error);
  const struct catalog_entry *entry =
      account == NULL ? NULL : catalog_find(rooms->catalog, account->connector.data, error);
  if (entry == NULL || accounts_bind(rooms->accounts, refund->account, &entry->descriptor, error) == NULL) return false;
  if (options->new_ledger || account->environment != REFUND_PRODUCTION) return true;
  error_set(error, ERROR_LEDGER, "--ledger", "there is no ledger at %s, and account %s is for production", path,
            account->name.data);
  error_fix(error, "check the path; if this is to be a new ledger, add --new-ledger");
  return false;
}

struct ending {
  const struct cli *cli;
  int status;
};

static void told(void *context, const struct flow_result *result) {
  struct ending *ending = context;
  if (result->outcome == NULL) {
    ending->status = cli_error(ending->cli, &result->error);
    if (result->not_known) ending->status = EXIT_UNKNOWN;
    return;
  }
  ending->status = cli_outcome(ending->cli, result->outcome);
  if (result->error.code == ERROR_NONE) return;
  fprintf(stderr, "refund-host: %s\n  fix:      %s\n", result->error.message, result->error.fix);
  ending->status = EXIT_HOST;
}

static bool send_refund(struct cli *cli, const struct options *options, const struct refund *refund, int *status,
                        struct error *error) {
  struct flow_rooms rooms = {.outside = &cli->outside};
  struct transport_options network = {options->ca_file, "refund-host/" REFUND_HOST_VERSION};
  struct flow *flow = NULL;
  struct ending ending = {cli, EXIT_HOST};
  const char *path = cli_ledger_path(cli);
  bool created = false;
  bool done = false;
  rooms.accounts = cli_accounts(cli, error);
  if (rooms.accounts == NULL) goto cleanup;
  rooms.catalog = cli_catalog(cli, error);
  if (rooms.catalog == NULL || !may_begin_ledger(path, options, refund, &rooms, error)) goto cleanup;
  rooms.transport = transport_open(&network, error);
  if (rooms.transport == NULL) goto cleanup;
  rooms.ledger = ledger_open(path, &cli->outside, &created, error);
  if (rooms.ledger == NULL) goto cleanup;
  if (created) fprintf(stderr, "refund-host: made a new ledger at %s\n", path);
  flow = flow_open(&rooms, &(struct flow_options){.refusals_to_pause = 1}, error);
  if (flow == NULL || !flow_submit(flow, refund, told, &ending, error)) goto cleanup;
  flow_run(flow);
  *status = ending.status;
  done = true;
cleanup:
  flow_close(flow);
  ledger_close(rooms.ledger);
  transport_close(rooms.transport);
  catalog_close(rooms.catalog);
  accounts_close(rooms.accounts);
  return done;
}

int command_refund(struct cli *cli, int argc, char **argv) {
  struct options options = {0};
  struct refund refund;
  struct error error = {0};
  int status = EXIT_HOST;
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  struct arena *arena = arena_open(0);
  if (arena == NULL) {
    error_set(&error, ERROR_HOST, NULL, "out of memory");
    return cli_error(cli, &error);
  }
  if (!read_refund(&options, arena, &refund, &error) || !send_refund(cli, &options, &refund, &status, &error)) {
    status = cli_error(cli, &error);
  }
  arena_close(arena);
  return status;
}
