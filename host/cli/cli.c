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
    {"refund", "", command_refund, "one refund, end to end"},
    {"batch", "FILE", command_batch, "many, from JSON lines"},
    {"status", "ID", command_status, "what the ledger knows of one refund"},
    {"list", "", command_list, "what the ledger knows of all"},
    {"resume", "[ID]", command_resume, "finish what a process left, and what is unknown"},
    {"sync", "[ID]", command_sync, "ask processors about refunds"},
    {"remap", "[ID]", command_remap, "read stored replies again, with the connector installed now"},
    {"resolve", "ID", command_resolve, "a person's word on what became of a refund"},
    {"settle", "FILE", command_settle, "outcomes from a processor's report"},
    {"cancel", "ID", command_cancel, "a refund that was not sent is not to be sent"},
    {"payment", "ID", command_payment, "a payment's captured amount: show it, mend it"},
    {"forget", "SCOPE", command_forget, "a scope whose accounts are gone for good"},
    {"verify", "", command_verify, "check the whole ledger"},
    {"connectors", "", command_connectors, "what is installed, and why one was refused"},
    {"request", "", command_request, "print the HTTP request that a connector would send"},
    {"outcome", "", command_outcome, "map a processor's reply from a file"},
    {"simulator", "", command_simulator, "the built-in stand-in processor"},
};
enum { COMMANDS = sizeof commands / sizeof *commands, DOC_SIZE = 4096 };

/* What --help says above the options and, behind the vertical tab, below them. */
static void describe(char doc[DOC_SIZE]) {
  size_t size =
      (size_t)snprintf(doc, DOC_SIZE, "Gives customers their money back through any payment processor.\vCommands:\n");
  for (size_t i = 0; i < COMMANDS; i++) {
    char name[40];
    snprintf(name, sizeof name, "%s %s", commands[i].name, commands[i].argument);
    size += (size_t)snprintf(doc + size, DOC_SIZE - size, "  %-13s %s\n", name, commands[i].does);
  }
  snprintf(doc + size, DOC_SIZE - size, "\nEach has its own --help. The manual: man refund-host.");
}

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

static int no_such_command(const struct cli *cli, const char *name) {
  struct error error;
  if (name == NULL) {
    error_set(&error, ERROR_USAGE, NULL, "no command was given");
  } else {
    error_set(&error, ERROR_USAGE, NULL, "there is no command %.60s in this version", name);
  }
  char names[sizeof error.expected] = "";
  for (size_t i = 0, size = 0; i < COMMANDS && size < sizeof names; i++) {
    size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", i == 0 ? "" : ", ", commands[i].name);
  }
  error_expected(&error, "%s", names);
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
  char doc[DOC_SIZE];
  describe(doc);
  const struct argp top_argp = {top_options, take_top, "COMMAND ...", doc, 0, 0, 0};
  argp_err_exit_status = EXIT_BAD;
  if (!cli_parse(&cli, &top_argp, argc, argv, &top)) return EXIT_BAD;
  if (top.version) {
    printf("refund-host %s (connector ABI %d.%d)\n", REFUND_HOST_VERSION, REFUND_ABI_MAJOR, REFUND_ABI_MINOR);
    return finish(EXIT_SUCCEEDED);
  }
  if (top.command_at == 0) return no_such_command(&cli, NULL);
  const char *name = argv[top.command_at];
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(commands[i].name, name) != 0) continue;
    cli.command = argv[top.command_at];
    return finish(commands[i].run(&cli, argc - top.command_at, argv + top.command_at));
  }
  return no_such_command(&cli, name);
}
