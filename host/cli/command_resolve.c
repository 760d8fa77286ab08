/* refund-host resolve ID: a person's word on what became of a refund. */
#include <string.h>

#include "cli/office.h"
#include "refund_toolkit.h"

enum { KEY_AS = 1, KEY_NOTE, KEY_AMOUNT, KEY_AMOUNT_MINOR, KEYS };

static const struct argp_option option_list[] = {
    {"as", KEY_AS, "succeeded|failed", 0, "What became of it", 1},
    {"note", KEY_NOTE, "TEXT", 0, "How that is known; kept in the ledger", 1},
    {"amount", KEY_AMOUNT, "10.00", 0, "Its amount once more: to call failed what had succeeded", 1},
    {"amount-minor", KEY_AMOUNT_MINOR, "1000", 0, "The same in minor units", 1},
    {0},
};

struct options {
  const char *id;
  const char *texts[KEYS];
  bool succeeded;
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
    "Records what a person knows of a refund that is unknown, pending or in manual_review. Money that was reported as "
    "refunded is only said not to be with the amount repeated.",
    0,
    0,
    0};

static bool check(struct options *options, struct error *error) {
  const char *as = options->texts[KEY_AS];
  options->succeeded = as != NULL && strcmp(as, "succeeded") == 0;
  if (!options->succeeded && (as == NULL || strcmp(as, "failed") != 0)) {
    error_set(error, ERROR_USAGE, "--as", as == NULL ? "--as is missing" : "--as is neither of its two words");
    return error_expected(error, "--as succeeded or --as failed");
  }
  if (options->texts[KEY_AMOUNT] == NULL || options->texts[KEY_AMOUNT_MINOR] == NULL) return true;
  error_set(error, ERROR_USAGE, "--amount", "--amount and --amount-minor say the same thing");
  return error_fix(error, "give one of them");
}

/* In the refund's own currency; 0 if it is not given. */
static bool read_amount(const struct options *options, struct office *office, int64_t *amount, struct error *error) {
  const char *major = options->texts[KEY_AMOUNT];
  const char *minor = options->texts[KEY_AMOUNT_MINOR];
  struct ledger_refund record;
  *amount = 0;
  if (minor != NULL) return money_read_minor(refund_text_of(minor), "--amount-minor", amount, error);
  if (major == NULL) return true;
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  enum ledger_found found =
      ledger_find_refund(office->rooms.ledger, refund_text_of(options->id), arena, &record, error);
  const struct currency *currency = found == LEDGER_FOUND ? currency_find(record.currency) : NULL;
  arena_close(arena);
  if (found == LEDGER_FAILED) return false;
  return currency == NULL || money_read_major(refund_text_of(major), currency, "--amount", amount, error);
}

static bool resolve(const struct options *options, struct office *office, struct office_ending *ending,
                    struct error *error) {
  int64_t amount;
  return read_amount(options, office, &amount, error) &&
         flow_resolve(&office->rooms, refund_text_of(options->id), options->succeeded,
                      refund_text_of(options->texts[KEY_NOTE]), amount, office_tell, ending, error);
}

int command_resolve(struct cli *cli, int argc, char **argv) {
  struct options options = {0};
  struct error error = {0};
  struct office_options none = {0};
  struct office office = office_of(cli, &none);
  struct office_ending ending = {cli, EXIT_HOST, false};
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  bool done = (options.id != NULL || cli_missing(cli, "ID", "refund_id", &error)) && check(&options, &error) &&
              office_open_ledger(&office, &error) && resolve(&options, &office, &ending, &error);
  office_close(&office);
  return done ? ending.status : cli_error(cli, &error);
}
