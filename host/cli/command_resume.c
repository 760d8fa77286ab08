/* refund-host resume: finish what a process left. */
#include "cli/take_up.h"

enum { KEY_RESTORED = 1 };

static const struct argp_option option_list[] = {
    {"restored", KEY_RESTORED, 0, 0,
     "The ledger is a copy or was restored: take it as the original, and first ask about all that may have been sent",
     1},
    OFFICE_ROW_WAIT,
    OFFICE_ROW_CONCURRENCY,
    OFFICE_ROW_CACERT,
    {0},
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct take_up *what = state->input;
  switch (key) {
    case KEY_RESTORED:
      what->office.restored = true;
      return 0;
    case ARGP_KEY_ARG:
      return cli_take_one(&what->id, argument);
    default:
      return office_option(key, argument, &what->office);
  }
}

static const struct argp argp = {option_list,
                                 take_option,
                                 "[ID]",
                                 "Takes up one refund, or all that are new, sending or unknown: sends what was not "
                                 "sent, and repeats or looks up what "
                                 "may have been, where that is safe.",
                                 0,
                                 0,
                                 0};

int command_resume(struct cli *cli, int argc, char **argv) {
  struct take_up what = {.aim = AIM_RESUME,
                         .states = LEDGER_IN(STATE_NEW) | LEDGER_IN(STATE_SENDING) | LEDGER_IN(STATE_UNKNOWN)};
  struct error error;
  if (!cli_parse(cli, &argp, argc, argv, &what)) return EXIT_BAD;
  if (!what.office.restored || what.id == NULL) return take_up_run(cli, &what);
  error_set(&error, ERROR_USAGE, "--restored", "after --restored all refunds are taken up, not one");
  error_fix(&error, "leave the ID out");
  return cli_error(cli, &error);
}
