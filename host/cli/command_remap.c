/* refund-host remap: read stored replies again. */
#include "cli/take_up.h"

enum { KEY_APPLY = 1 };

static const struct argp_option option_list[] = {
    {"apply", KEY_APPLY, 0, 0, "A reply that was understood, and is read otherwise now, counts as it is read now", 1},
    OFFICE_ROW_CONCURRENCY,
    {0},
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct take_up *what = state->input;
  switch (key) {
    case KEY_APPLY:
      what->office.flow.apply = true;
      return 0;
    case ARGP_KEY_ARG:
      return cli_take_one(&what->id, argument);
    default:
      return office_option(key, argument, &what->office);
  }
}

static const struct argp argp = {
    option_list,
    take_option,
    "[ID]",
    "Maps the stored replies of one refund, or of all that are unknown, pending or in manual_review, with the "
    "connector that is installed now; asks no processor. Another reading of a reply that was understood is shown "
    "beside "
    "the refund.",
    0,
    0,
    0};

int command_remap(struct cli *cli, int argc, char **argv) {
  struct take_up what = {.aim = AIM_REMAP, .states = TAKE_UP_OPEN};
  return cli_parse(cli, &argp, argc, argv, &what) ? take_up_run(cli, &what) : EXIT_BAD;
}
