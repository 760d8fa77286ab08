#include "cli/many.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "refund_toolkit.h"

/* Signals reach no context; only these two stand outside of any. */
static struct flow *volatile running;
static volatile sig_atomic_t stopped;

static void stop(int signal) {
  (void)signal;
  stopped = 1;
  if (running != NULL) flow_stop(running);
}

/* The second signal ends the program as if there were no handler: what was sent is in the ledger. */
static void heed_signals(struct flow *flow) {
  struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  running = flow;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

/* An account that is paused, and how many refunds it leaves. */
struct paused {
  struct error error;
  size_t count;
  struct paused *next;
  char account[129];
};

struct crowd {
  const struct office *office;
  const struct many *many;
  struct flow *flow;
  struct ticket *tickets;
  struct paused *paused;
  size_t begun;
  size_t ended;
  enum exit_status status;
};

/* One refund's place in the crowd. */
struct ticket {
  struct crowd *crowd;
  size_t index;
};

static void ended(struct crowd *crowd, int status) {
  crowd->ended++;
  crowd->status = cli_worse(crowd->status, (enum exit_status)status);
}

static int say_error(const struct ticket *ticket, const struct error *error) {
  const struct many *many = ticket->crowd->many;
  const struct cli *cli = ticket->crowd->office->cli;
  return many->brief ? cli_error_of(cli, many->ids[ticket->index], error) : cli_error(cli, error);
}

static struct paused *paused_of(struct crowd *crowd, const struct flow_result *result) {
  refund_text account = result->outcome->account;
  for (struct paused *paused = crowd->paused; paused != NULL; paused = paused->next) {
    if (refund_is(account, paused->account)) return paused;
  }
  struct paused *paused = calloc(1, sizeof *paused);
  if (paused == NULL) return NULL;
  snprintf(paused->account, sizeof paused->account, "%s", account.data);
  paused->error = result->error;
  paused->next = crowd->paused;
  crowd->paused = paused;
  return paused;
}

/* With the processor's words, if any of its refunds heard them. */
static void note_paused(struct crowd *crowd, const struct flow_result *result) {
  struct paused *paused = paused_of(crowd, result);
  refund_text words = result->outcome->error_message;
  if (paused == NULL) return;
  paused->count++;
  if (refund_there(words) && paused->error.found[0] == '\0') error_found(&paused->error, "%s", words.data);
}

static int say_result(const struct ticket *ticket, const struct flow_result *result) {
  struct crowd *crowd = ticket->crowd;
  const struct cli *cli = crowd->office->cli;
  if (result->outcome == NULL) {
    int status = say_error(ticket, &result->error);
    return result->not_known ? EXIT_UNKNOWN : status;
  }
  int status = crowd->many->brief ? cli_outcome_line(cli, result->outcome) : cli_outcome(cli, result->outcome);
  if (result->beside != NULL) cli_beside(cli, result->beside);
  if (result->error.code == ERROR_NONE) return status;
  if (result->paused) {
    note_paused(crowd, result);
  } else {
    cli_say_error(&result->error);
  }
  return EXIT_HOST;
}

static void told(void *context, const struct flow_result *result);

static void hand_in_next(struct crowd *crowd) {
  const struct many *many = crowd->many;
  while (crowd->begun < many->count && !stopped) {
    struct error error = {0};
    struct ticket *ticket = &crowd->tickets[crowd->begun++];
    *ticket = (struct ticket){crowd, crowd->begun - 1};
    if (many->hand_in(many->work, ticket->index, crowd->flow, told, ticket, &error)) return;
    ended(crowd, say_error(ticket, &error));
  }
}

static void told(void *context, const struct flow_result *result) {
  const struct ticket *ticket = context;
  ended(ticket->crowd, say_result(ticket, result));
  hand_in_next(ticket->crowd);
}

/* ---- What is left ---- */

static void say_paused(struct crowd *crowd) {
  while (crowd->paused != NULL) {
    struct paused *paused = crowd->paused;
    cli_say_error(&paused->error);
    fprintf(stderr, "refund-host: %zu refund%s of account %s left as they are\n", paused->count,
            paused->count == 1 ? "" : "s", paused->account);
    crowd->paused = paused->next;
    free(paused);
  }
}

static void say_left(struct crowd *crowd) {
  size_t left = crowd->many->count - crowd->ended;
  say_paused(crowd);
  if (left == 0) return;
  fprintf(stderr, "refund-host: stopped; %zu of %zu refunds were not begun\n  fix:      the same command goes on\n",
          left, crowd->many->count);
  crowd->status = cli_worse(crowd->status, EXIT_OPEN);
}

/* While it works, so that it can be mended. */
static void say_trouble(void *context, const struct error *error) {
  (void)context;
  cli_say_error(error);
}

int many_run(struct office *office, const struct many *many) {
  struct crowd crowd = {.office = office, .many = many, .status = EXIT_SUCCEEDED};
  struct error error = {0};
  crowd.tickets = calloc(many->count + 1, sizeof *crowd.tickets);
  if (crowd.tickets == NULL) {
    error_set(&error, ERROR_HOST, NULL, "out of memory");
  } else {
    struct flow_options options = office->options->flow;
    options.trouble = say_trouble;
    crowd.flow = flow_open(&office->rooms, &options, &error);
  }
  if (crowd.flow == NULL) {
    free(crowd.tickets);
    return cli_error(office->cli, &error);
  }
  heed_signals(crowd.flow);
  for (size_t i = 0; i < office->options->at_once; i++)
    hand_in_next(&crowd);
  flow_run(crowd.flow);
  running = NULL;
  flow_close(crowd.flow);
  say_left(&crowd);
  free(crowd.tickets);
  return (int)crowd.status;
}
