/* What the commands share: the options before and after a command's name, where files are, how things are said, and the
 * exit status. This room and serve/ are the only ones that print. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <argp.h>
#include <stdio.h>

#include "account/account.h"
#include "common/outside.h"
#include "connector/catalog.h"
#include "domain/outcome.h"
#include "domain/refund.h"

enum exit_status {
  EXIT_SUCCEEDED = 0,
  EXIT_HOST = 1,   /* a host error, or the account is refused */
  EXIT_BAD = 2,    /* usage, input, conflict, over the captured amount */
  EXIT_OPEN = 3,   /* pending, or not sent yet */
  EXIT_FAILED = 4, /* no money moved */
  EXIT_UNKNOWN = 5,
  EXIT_PERSON = 6 /* needs a person */
};

enum { DIRECTORIES = 16 };

struct cli {
  const char *directories[DIRECTORIES];
  size_t directory_count;
  char installed[4096]; /* a default directory, where none was given */
  const char *accounts; /* NULL: the default; also for ledger */
  const char *ledger;
  char accounts_default[4096];
  char ledger_default[4096];
  bool json;
  bool direct_load;
  bool verbose;
  struct outside outside;
  char *command; /* its name, for messages */
};

/* Runs a command line; returns the exit status. */
int cli_run(int argc, char **argv);

/* For a command that takes one argument, at ARGP_KEY_ARG: EINVAL for a second one. */
error_t cli_take_one(const char **into, char *argument);
/* An argument is missing: `what` it needs, as in its --help. False and an error. */
bool cli_missing(const struct cli *cli, const char *what, const char *field, struct error *error);

/* A command's own argp parser, whose input is `own`, with the common options behind it. False: an error was said,
 * return EXIT_BAD. */
bool cli_parse(struct cli *cli, const struct argp *argp, int argc, char **argv, void *own);

/* ---- Where things are ---- */
struct catalog *cli_catalog(struct cli *cli, struct error *error);
struct accounts *cli_accounts(struct cli *cli, struct error *error);
const char *cli_ledger_path(struct cli *cli);

/* ---- Saying ---- */

/* One JSON object on stdout, or sentences on stderr. Returns the exit status that belongs to the error. */
int cli_error(const struct cli *cli, const struct error *error);
int cli_error_of(const struct cli *cli, refund_text refund_id, const struct error *error); /* of one among many */
void cli_say_error(const struct error *error); /* always sentences on stderr: of what has an outcome besides */
int cli_outcome(const struct cli *cli, const struct outcome *outcome);
int cli_outcome_line(const struct cli *cli, const struct outcome *outcome); /* as text on one line */
/* What is said of it now, though it does not count: {"refund_id", "beside": outcome}, or a sentence on stderr. */
void cli_beside(const struct cli *cli, const struct outcome *beside);
void cli_row_titles(void);
void cli_row(const struct outcome *outcome); /* without a line end */
int cli_outcome_status(const struct outcome *outcome);
enum exit_status cli_worse(enum exit_status a, enum exit_status b);
void cli_print(const struct buffer *line); /* and a line end, at once */

/* ---- Commands: one file each. argv[0] is the command's name. ---- */
struct cli_command {
  const char *name;
  const char *argument; /* that it needs, for the list of commands */
  int (*run)(struct cli *cli, int argc, char **argv);
  const char *does;
};
int command_refund(struct cli *cli, int argc, char **argv);
int command_batch(struct cli *cli, int argc, char **argv);
int command_status(struct cli *cli, int argc, char **argv);
int command_list(struct cli *cli, int argc, char **argv);
int command_resume(struct cli *cli, int argc, char **argv);
int command_sync(struct cli *cli, int argc, char **argv);
int command_remap(struct cli *cli, int argc, char **argv);
int command_resolve(struct cli *cli, int argc, char **argv);
int command_settle(struct cli *cli, int argc, char **argv);
int command_cancel(struct cli *cli, int argc, char **argv);
int command_payment(struct cli *cli, int argc, char **argv);
int command_forget(struct cli *cli, int argc, char **argv);
int command_verify(struct cli *cli, int argc, char **argv);
int command_connectors(struct cli *cli, int argc, char **argv);
int command_request(struct cli *cli, int argc, char **argv);
int command_outcome(struct cli *cli, int argc, char **argv);
int command_simulator(struct cli *cli, int argc, char **argv);

#endif
