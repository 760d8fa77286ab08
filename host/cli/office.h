/* What a command needs that acts on refunds: accounts, connectors, network and ledger, and the options of all that. */
#ifndef CLI_OFFICE_H
#define CLI_OFFICE_H

#include "cli/cli.h"
#include "flow/flow.h"

struct office_options {
  const char *ca_file;
  bool new_ledger;
  bool restored;           /* take a copied or restored ledger as the original */
  const char *wait;        /* these two as given; read by office_check() */
  const char *concurrency; /* NULL: the default */
  struct flow_options flow;
  size_t at_once; /* refunds in the flow */
};

enum {
  OFFICE_CACERT = 0x200,
  OFFICE_NEW_LEDGER,
  OFFICE_WAIT,
  OFFICE_CONCURRENCY,
  OFFICE_RETRY,
  OFFICE_CAPTURED_MAY_GROW
};

/* Rows of a command's options, in its help group 2. */
#define OFFICE_ROW_CACERT \
  { "cacert", OFFICE_CACERT, "FILE", 0, "Trust these certificates instead of the system's", 2 }
#define OFFICE_ROW_NEW_LEDGER \
  { "new-ledger", OFFICE_NEW_LEDGER, 0, 0, "With a production account: yes, begin a new ledger", 2 }
#define OFFICE_ROW_WAIT \
  { "wait", OFFICE_WAIT, "SECONDS", 0, "After this time tell how it stands, instead of working on", 2 }
#define OFFICE_ROW_CONCURRENCY \
  { "concurrency", OFFICE_CONCURRENCY, "N", 0, "So many refunds at a time; 32 if not given", 2 }
#define OFFICE_ROW_RETRY \
  { "retry", OFFICE_RETRY, 0, 0, "What failed because it was not sent is tried again", 2 }
#define OFFICE_ROW_CAPTURED_MAY_GROW                                                                                  \
  {                                                                                                                   \
    "captured-may-grow", OFFICE_CAPTURED_MAY_GROW, 0, 0, "Take over a captured amount that is larger than on record", \
        2                                                                                                             \
  }

/* So many refusals of an account pause it, where many refunds are at work; a single one tells of the first. */
enum { OFFICE_REFUSALS = 3 };

/* Takes those options. ARGP_ERR_UNKNOWN: it is none of them. */
error_t office_option(int key, char *argument, struct office_options *options);
/* Reads what was given; to be called once after parsing. */
bool office_check(struct office_options *options, struct error *error);

struct office {
  struct cli *cli;
  const struct office_options *options;
  struct flow_rooms rooms;
};

/* Begins one, with nothing open. `options` is borrowed. */
struct office office_of(struct cli *cli, const struct office_options *options);
/* Whatever was opened, after failures too. */
void office_close(struct office *office);

/* Accounts, connectors and network. */
bool office_open_network(struct office *office, struct error *error);
/* A ledger that is there, for writing. One that is a copy or was restored is refused, for it does not know what was
 * sent since; or taken as the original, if the options say so. */
bool office_open_ledger(struct office *office, struct error *error);
/* The same, and makes it where there is none: for refunds of these accounts. After office_open_network(). */
bool office_begin_ledger(struct office *office, const refund_text *accounts, size_t count, struct error *error);

/* What a person's word led to: says the outcome, and keeps the exit status. */
struct office_ending {
  struct cli *cli;
  int status;
  bool brief; /* as text: one line */
};
flow_told office_tell; /* its context is one of these */

#endif
