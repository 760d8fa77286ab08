/* refund-host refund: one refund, end to end. */
#include <string.h>

#include "cli/many.h"
#include "common/file.h"
#include "document/document.h"
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
  KEY_METADATA_JSON
};

enum { METADATA_ENTRIES = 64, FILE_LIMIT = 1024 * 1024 };

struct options {
  const char *file;
  const char *texts[TEXT_KEYS];
  const char *metadata[METADATA_ENTRIES];
  size_t metadata_count;
  const char *metadata_json;
  struct office_options office;
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
    OFFICE_ROW_RETRY,
    OFFICE_ROW_CAPTURED_MAY_GROW,
    OFFICE_ROW_WAIT,
    OFFICE_ROW_CACERT,
    OFFICE_ROW_NEW_LEDGER,
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
    case ARGP_KEY_ARG:
      return cli_take_one(&options->file, argument);
    default:
      return office_option(key, argument, &options->office);
  }
}

static const struct argp argp = {
    option_list,
    take_option,
    "[FILE|-]",
    "Sends one refund, described by options or by one JSON object in FILE, and tells what became of it. Asking again "
    "with the same id gives the same answer and sends nothing, unless it was not sent yet.",
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

/* ---- Sending ---- */

static bool hand_in(void *work, size_t index, struct flow *flow, flow_told *told, void *context, struct error *error) {
  const struct refund *refund = work;
  (void)index;
  return flow_submit(flow, refund, told, context, error);
}

static int send_refund(struct cli *cli, struct options *options, struct refund *refund) {
  struct error error = {0};
  struct office office = office_of(cli, &options->office);
  struct many many = {hand_in, refund, &refund->refund_id, 1, false};
  options->office.flow.refusals_to_pause = 1;
  bool ready = office_open_network(&office, &error) && office_begin_ledger(&office, &refund->account, 1, &error);
  int status = ready ? many_run(&office, &many) : cli_error(cli, &error);
  office_close(&office);
  return status;
}

int command_refund(struct cli *cli, int argc, char **argv) {
  struct options options = {0};
  struct refund refund;
  struct error error = {0};
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  struct arena *arena = arena_open(0);
  if (arena == NULL) {
    error_set(&error, ERROR_HOST, NULL, "out of memory");
    return cli_error(cli, &error);
  }
  bool ready = office_check(&options.office, &error) && read_refund(&options, arena, &refund, &error);
  int status = ready ? send_refund(cli, &options, &refund) : cli_error(cli, &error);
  arena_close(arena);
  return status;
}
