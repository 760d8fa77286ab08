/* refund-host sync: ask processors about refunds. */
#include "cli/take_up.h"

enum { KEY_OPEN = 1, KEY_FORCE };

static const struct argp_option option_list[] = {
    {"open", KEY_OPEN, 0, 0, "All that are unknown, pending or in manual_review; those being sent are told as they are",
     1},
    {"force", KEY_FORCE, 0, 0, "With ID: also if it has ended", 1},
    OFFICE_ROW_WAIT,
    OFFICE_ROW_CONCURRENCY,
    OFFICE_ROW_CACERT,
    {0},
};

struct options {
  struct take_up what;
  bool open;
  bool force;
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  switch (key) {
    case KEY_OPEN:
      options->open = true;
      return 0;
    case KEY_FORCE:
      options->force = true;
      return 0;
    case ARGP_KEY_ARG:
      return cli_take_one(&options->what.id, argument);
    default:
      return office_option(key, argument, &options->what.office);
  }
}

static const struct argp argp = {
    option_list,
    take_option,
    "[ID]",
    "Asks the processor about one refund or, with --open, about all that may still move; sends nothing again. What is "
    "read about a refund that needs a person is shown beside it.",
    0,
    0,
    0};

static bool check(const struct options *options, struct error *error) {
  if ((options->what.id != NULL) != options->open && !(options->open && options->force)) return true;
  error_set(error, ERROR_USAGE, options->force ? "--force" : "--open",
            options->what.id == NULL && !options->open ? "it was not said about which refunds to ask"
            : options->what.id == NULL                 ? "--force is for one refund"
                                                       : "one refund and --open cannot be combined");
  return error_expected(error, "ID, ID --force or --open");
}

int command_sync(struct cli *cli, int argc, char **argv) {
  struct options options = {.what.states = TAKE_UP_OPEN};
  struct error error;
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  options.what.aim = options.force ? AIM_FORCE : AIM_SYNC;
  return check(&options, &error) ? take_up_run(cli, &options.what) : cli_error(cli, &error);
}
