/* The options that every command has, and parsing with argp so that errors are ours to word. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { KEY_PLUGINS = 0x1000, KEY_ACCOUNTS, KEY_LEDGER, KEY_ISOLATION, KEY_JSON, KEY_DIRECT_LOAD, KEY_VERBOSE };

static const struct argp_option common_options[] = {
    {0, 0, 0, 0, "Common options:", 90},
    {"plugins", KEY_PLUGINS, "DIR", 0, "Connectors are here; may be repeated", 91},
    {"accounts", KEY_ACCOUNTS, "FILE", 0, "The accounts file", 91},
    {"ledger", KEY_LEDGER, "FILE", 0, "The ledger", 91},
    {"isolation", KEY_ISOLATION, "none", 0, "Connectors run in this process (the only way in this version)", 91},
    {"json", KEY_JSON, 0, 0, "JSON, one object a line; also when standard output is no terminal", 91},
    {"direct-load", KEY_DIRECT_LOAD, 0, 0, "Load connectors from their files, not from sealed copies: for debuggers",
     92},
    {"verbose", KEY_VERBOSE, 0, 0, "Say on standard error which connector is loaded, from where, with its SHA-256", 92},
    {"help", 'h', 0, 0, "This text", 93},
    {0},
};

struct parsing {
  struct cli *cli;
  const struct argp *whole;
  void *own;
  struct error error;
};

static error_t take_common(int key, char *argument, struct argp_state *state) {
  struct parsing *parsing = state->input;
  struct cli *cli = parsing->cli;
  switch (key) {
    case KEY_PLUGINS:
      if (cli->directory_count == DIRECTORIES) {
        error_set(&parsing->error, ERROR_USAGE, "--plugins", "too many --plugins");
        error_expected(&parsing->error, "at most %d", DIRECTORIES);
        return EINVAL;
      }
      cli->directories[cli->directory_count++] = argument;
      return 0;
    case KEY_ACCOUNTS:
      cli->accounts = argument;
      return 0;
    case KEY_LEDGER:
      cli->ledger = argument;
      return 0;
    case KEY_JSON:
      cli->json = true;
      return 0;
    case KEY_VERBOSE:
      cli->verbose = true;
      return 0;
    case KEY_DIRECT_LOAD:
      cli->direct_load = true;
      return 0;
    case KEY_ISOLATION:
      if (strcmp(argument, "none") == 0) return 0;
      error_set(&parsing->error, ERROR_USAGE, "--isolation", "this version runs connectors in its own process only");
      error_expected(&parsing->error, "none");
      error_found(&parsing->error, "%.60s", argument);
      return EINVAL;
    case 'h': {
      char name[128];
      snprintf(name, sizeof name, "refund-host%s%s", cli->command == NULL ? "" : " ",
               cli->command == NULL ? "" : cli->command);
      argp_help(parsing->whole, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, name);
      exit(fflush(stdout) == 0 ? EXIT_SUCCEEDED : EXIT_HOST);
    }
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp common = {common_options, take_common, 0, 0, 0, 0, 0};

/* Is it an option that argp knows, so that only its value is missing? */
static bool is_known(const struct argp_option *options, const char *name, size_t size) {
  for (; options != NULL && (options->name != NULL || options->doc != NULL); options++) {
    if (options->name != NULL && strlen(options->name) == size && memcmp(options->name, name, size) == 0) return true;
  }
  return false;
}

static void say_bad_option(struct parsing *parsing, const struct argp *own, const struct argp_state *state) {
  const char *word = state->next > 0 && state->next <= state->argc ? state->argv[state->next - 1] : "?";
  const char *name = word + strspn(word, "-");
  size_t size = strcspn(name, "=");
  bool known = is_known(own->options, name, size) || is_known(common_options, name, size);
  if (word[0] != '-') {
    error_set(&parsing->error, ERROR_USAGE, word, "\"%.60s\" is one argument too many", word);
  } else if (known) {
    error_set(&parsing->error, ERROR_USAGE, word, "the option %.60s needs %s", word,
              strchr(word, '=') == NULL ? "a value" : "no value");
  } else {
    error_set(&parsing->error, ERROR_USAGE, word, "there is no option %.60s", word);
  }
  error_fix(&parsing->error, "see refund-host %s%s--help", parsing->cli->command == NULL ? "" : parsing->cli->command,
            parsing->cli->command == NULL ? "" : " ");
}

error_t cli_take_one(const char **into, char *argument) {
  if (*into != NULL) return EINVAL;
  *into = argument;
  return 0;
}

bool cli_missing(const struct cli *cli, const char *what, const char *field, struct error *error) {
  error_set(error, ERROR_USAGE, field, "the command needs %s", what);
  return error_expected(error, "refund-host %s %s", cli->command, what);
}

/* The parser around a command's own: hands it its input, and words what argp finds wrong. */
static const struct argp *own_argp(const struct parsing *parsing) {
  return parsing->whole->children[0].argp;
}

static error_t around(int key, char *argument, struct argp_state *state) {
  struct parsing *parsing = state->input;
  (void)argument;
  switch (key) {
    case ARGP_KEY_INIT:
      state->child_inputs[0] = parsing->own;
      state->child_inputs[1] = parsing;
      return 0;
    case ARGP_KEY_ERROR:
      if (parsing->error.code == ERROR_NONE) say_bad_option(parsing, own_argp(parsing), state);
      return 0;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

bool cli_parse(struct cli *cli, const struct argp *argp, int argc, char **argv, void *own) {
  struct argp_child children[] = {{argp, 0, NULL, 0}, {&common, 0, NULL, 90}, {0}};
  struct argp whole = {NULL, around, NULL, NULL, children, NULL, NULL};
  struct parsing parsing = {cli, &whole, own, {0}};
  unsigned flags = ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP | (cli->command == NULL ? ARGP_IN_ORDER : 0);
  error_t code = argp_parse(&whole, argc, argv, flags, NULL, &parsing);
  if (code == 0) return true;
  if (parsing.error.code == ERROR_NONE) error_set(&parsing.error, ERROR_USAGE, NULL, "bad arguments");
  cli_error(cli, &parsing.error);
  return false;
}
