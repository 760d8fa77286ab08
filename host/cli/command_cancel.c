/* refund-host cancel ID: a refund that was not sent is not to be sent. */
#include "cli/office.h"
#include "refund_toolkit.h"

static error_t take_option(int key, char *argument, struct argp_state *state) {
  return key == ARGP_KEY_ARG ? cli_take_one(state->input, argument) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    0,    take_option,
    "ID", "Ends a refund that is new, so that it is never sent. One that may have been sent cannot be canceled.",
    0,    0,
    0};

int command_cancel(struct cli *cli, int argc, char **argv) {
  const char *id = NULL;
  struct error error = {0};
  struct office_options options = {0};
  struct office office = office_of(cli, &options);
  struct office_ending ending = {cli, EXIT_HOST, false};
  if (!cli_parse(cli, &argp, argc, argv, &id)) return EXIT_BAD;
  bool done = (id != NULL || cli_missing(cli, "ID", "refund_id", &error)) && office_open_ledger(&office, &error) &&
              flow_cancel(&office.rooms, refund_text_of(id), office_tell, &ending, &error);
  office_close(&office);
  return done ? ending.status : cli_error(cli, &error);
}
