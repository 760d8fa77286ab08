/* From argv to a command. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct cli_command commands[] = {
    {"refund", command_refund, "one refund, end to end"},
    {"status", command_status, "what the ledger knows of one refund"},
    {"list", command_list, "what the ledger knows of all"},
    {"connectors", command_connectors, "what is installed, and why one was refused"},
    {"request", command_request, "print the HTTP request that a connector would send"},
    {"outcome", command_outcome, "map a processor's reply from a file"},
    {"simulator", command_simulator, "the built-in stand-in processor"},
};

static const char doc[] =
    "Gives customers their money back through any payment processor.\v"
    "Commands:\n"
    "  refund       one refund, end to end\n"
    "  status ID    what the ledger knows of one refund\n"
    "  list         what the ledger knows of all\n"
    "  connectors   what is installed, and why one was refused\n"
    "  request      print the HTTP request that a connector would send\n"
    "  outcome      map a processor's reply from a file\n"
    "  simulator    the built-in stand-in processor\n\n"
    "Each has its own --help. The manual: man refund-host.";

struct top {
  int command_at; /* index in argv; 0: none */
  bool version;
};

static error_t take_top(int key, char *argument, struct argp_state *state) {
  struct top *top = state->input;
  (void)argument;
  switch (key) {
    case 'V':
      top->version = true;
      return 0;
    case ARGP_KEY_ARG:
      top->command_at = state->next - 1;
      state->next = state->argc; /* the rest is the command's */
      return 0;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_option top_options[] = {{"version", 'V', 0, 0, "The program's version", 1}, {0}};
static const struct argp top_argp = {top_options, take_top, "COMMAND ...", doc, 0, 0, 0};

static int no_such_command(const struct cli *cli, const char *name) {
  struct error error;
  if (name == NULL) {
    error_set(&error, ERROR_USAGE, NULL, "no command was given");
  } else {
    error_set(&error, ERROR_USAGE, NULL, "there is no command %.60s in this version", name);
  }
  error_expected(&error, "refund, status, list, connectors, request, outcome, simulator");
  error_fix(&error, "see refund-host --help");
  return cli_error(cli, &error);
}

/* A program that was started without standard streams must not write its JSON into a socket that got their number. */
static bool reserve_streams(void) {
  int descriptor;
  do {
    descriptor = open("/dev/null", O_RDWR);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor < 0) return false;
  close(descriptor);
  return true;
}

/* What was said may be lost on a full disk; what was done is in the ledger. */
static int finish(int status) {
  if (fflush(stdout) == 0 && ferror(stdout) == 0) return status;
  fprintf(stderr,
          "refund-host: standard output could not be written: %s\n  fix:      what was done is in the ledger; "
          "ask refund-host status ID\n",
          strerror(errno));
  return EXIT_HOST;
}

/* A core file would hold credentials. The leak checker of sanitizer builds needs to look into its process. */
static void forbid_core_files(void) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

int cli_run(int argc, char **argv) {
  if (!reserve_streams()) return EXIT_HOST;
  forbid_core_files();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN); /* a full quota is an error of a write, not the end of us */
  struct cli cli = {.json = isatty(STDOUT_FILENO) == 0, .outside = outside_system()};
  struct top top = {0};
  argp_err_exit_status = EXIT_BAD;
  if (!cli_parse(&cli, &top_argp, argc, argv, &top)) return EXIT_BAD;
  if (top.version) {
    printf("refund-host %s (connector ABI %d.%d)\n", REFUND_HOST_VERSION, REFUND_ABI_MAJOR, REFUND_ABI_MINOR);
    return finish(EXIT_SUCCEEDED);
  }
  if (top.command_at == 0) return no_such_command(&cli, NULL);
  const char *name = argv[top.command_at];
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(commands[i].name, name) != 0) continue;
    cli.command = argv[top.command_at];
    return finish(commands[i].run(&cli, argc - top.command_at, argv + top.command_at));
  }
  return no_such_command(&cli, name);
}
