/* refund-host payment ID: what was captured of a payment and what refunds hold of it; and mending the first. */
#include "cli/office.h"
#include "refund_toolkit.h"

enum { KEY_CAPTURED = 1, KEY_NOTE, KEY_SCOPE, KEY_CURRENCY, KEYS };

static const struct argp_option option_list[] = {
    {"captured", KEY_CAPTURED, "1000", 0, "So much was captured in all, in minor units", 1},
    {"note", KEY_NOTE, "TEXT", 0, "With --captured: how that is known; kept in the ledger", 1},
    {"scope", KEY_SCOPE, "SCOPE", 0, "The payment of this scope only (an account's name, or its scope)", 1},
    {"currency", KEY_CURRENCY, "USD", 0, "The payment of this currency only", 1},
    {0},
};

struct options {
  const char *id;
  const char *texts[KEYS];
  int64_t captured; /* 0: not to be changed */
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  if (key > 0 && key < KEYS) options->texts[key] = argument;
  if (key > 0 && key < KEYS) return 0;
  return key == ARGP_KEY_ARG ? cli_take_one(&options->id, argument) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    option_list,
    take_option,
    "ID",
    "Shows what was captured of a payment, what refunds hold of it, and these refunds; asks no processor. With "
    "--captured the figure on record is mended; it cannot be less than refunds hold.",
    0,
    0,
    0};

static bool check(struct options *options, struct error *error) {
  const char *captured = options->texts[KEY_CAPTURED];
  bool noted = options->texts[KEY_NOTE] != NULL;
  if (captured != NULL && noted) {
    return money_read_minor(refund_text_of(captured), "--captured", &options->captured, error);
  }
  if (captured == NULL && !noted) return true;
  error_set(error, ERROR_USAGE, noted ? "--captured" : "--note", "%s is missing", noted ? "--captured" : "--note");
  return error_expected(error, "--captured N and --note TEXT, or neither");
}

/* ---- Showing ---- */

struct listing {
  struct cli *cli;
  struct ledger *ledger;
  const struct options *options;
  refund_json *json; /* of the payment at hand; NULL: as text */
  size_t count;
  enum exit_status status;
  struct error error;
};

static bool show_refund(void *context, const struct ledger_refund *record) {
  struct listing *listing = context;
  struct outcome outcome = flow_outcome(record);
  if (listing->json == NULL) {
    cli_row(&outcome);
    putchar('\n');
    return true;
  }
  struct buffer inner;
  buffer_open(&inner, 0);
  outcome_write(&outcome, &inner);
  refund_json_raw(listing->json, NULL, buffer_text(&inner));
  buffer_close(&inner);
  return true;
}

static bool show_refunds(struct listing *listing, const struct ledger_payment *payment) {
  struct ledger_filter filter = {.scope = payment->scope,
                                 .connector_transaction_id = payment->connector_transaction_id,
                                 .currency = payment->currency};
  return ledger_list(listing->ledger, &filter, show_refund, listing, &listing->error);
}

static bool write_payment(struct listing *listing, const struct ledger_payment *payment) {
  struct buffer line;
  refund_json json;
  buffer_open(&line, 0);
  refund_json_open(&json, &line.sink);
  listing->json = &json;
  refund_json_object(&json, NULL);
  refund_json_text(&json, "connector_transaction_id", payment->connector_transaction_id);
  refund_json_text(&json, "scope", payment->scope);
  refund_json_text(&json, "currency", payment->currency);
  refund_json_integer(&json, "captured_amount", payment->captured_amount);
  refund_json_integer(&json, "held_amount", payment->held_amount);
  refund_json_integer(&json, "left_amount", payment->captured_amount - payment->held_amount);
  refund_json_array(&json, "refunds");
  bool listed = show_refunds(listing, payment);
  refund_json_end(&json);
  refund_json_end(&json);
  if (listed) cli_print(&line);
  buffer_close(&line);
  return listed;
}

static bool say_payment(struct listing *listing, const struct ledger_payment *payment) {
  const struct currency *currency = currency_find(payment->currency);
  int exponent = currency == NULL ? 0 : currency->exponent;
  int64_t left = payment->captured_amount - payment->held_amount;
  printf("Payment %s, scope %s: %s captured, ", payment->connector_transaction_id.data, payment->scope.data,
         money_show(payment->captured_amount, exponent, payment->currency.data).text);
  printf("%s held by refunds, ", money_show(payment->held_amount, exponent, payment->currency.data).text);
  printf("%s left%s.\n", money_show(left < 0 ? 0 : left, exponent, payment->currency.data).text,
         left < 0 ? ": a person has to look, more was refunded than captured" : "");
  cli_row_titles();
  return show_refunds(listing, payment);
}

static bool is_wanted(const struct options *options, const struct ledger_payment *payment) {
  const char *scope = options->texts[KEY_SCOPE];
  const char *currency = options->texts[KEY_CURRENCY];
  return (scope == NULL || refund_is(payment->scope, scope)) &&
         (currency == NULL || refund_is(payment->currency, currency));
}

static bool show_payment(void *context, const struct ledger_payment *payment) {
  struct listing *listing = context;
  if (!is_wanted(listing->options, payment)) return true;
  listing->count++;
  if (payment->held_amount > payment->captured_amount) listing->status = EXIT_PERSON;
  return listing->cli->json ? write_payment(listing, payment) : say_payment(listing, payment);
}

static int show(struct listing *listing) {
  struct error *error = &listing->error;
  bool listed =
      ledger_list_payments(listing->ledger, refund_text_of(listing->options->id), show_payment, listing, error);
  if (listed && error->code == ERROR_NONE && listing->count == 0) {
    error_set(error, ERROR_NOT_FOUND, "payment", "payment %.200s is not on record so", listing->options->id);
  }
  return listed && error->code == ERROR_NONE ? (int)listing->status : cli_error(listing->cli, error);
}

int command_payment(struct cli *cli, int argc, char **argv) {
  struct options options = {0};
  struct office_options none = {0};
  struct office office = office_of(cli, &none);
  struct listing listing = {.cli = cli, .options = &options};
  struct error *error = &listing.error;
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  bool ready = (options.id != NULL || cli_missing(cli, "ID", "payment", error)) && check(&options, error);
  if (ready && options.captured > 0) {
    ready = office_open_ledger(&office, error) &&
            flow_set_captured(&office.rooms, refund_text_of(options.id), refund_text_of(options.texts[KEY_SCOPE]),
                              refund_text_of(options.texts[KEY_CURRENCY]), options.captured,
                              refund_text_of(options.texts[KEY_NOTE]), error);
  } else if (ready) {
    office.rooms.ledger = ledger_open_readonly(cli_ledger_path(cli), &cli->outside, error);
    ready = office.rooms.ledger != NULL;
  }
  listing.ledger = office.rooms.ledger;
  int status = ready ? show(&listing) : cli_error(cli, error);
  office_close(&office);
  return status;
}
