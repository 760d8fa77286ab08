/* Calls of connectors without network and ledger: what request and outcome share. */
#ifndef CLI_DRY_H
#define CLI_DRY_H

#include "cli/cli.h"
#include "connector/connectors.h"

struct dry {
  struct cli *cli;
  const char *file;    /* NULL or "-": standard input */
  const char *account; /* stands in where a line names none */
  const char *access_token;
  const char *flow_text; /* these three as given; checked by dry_run() */
  const char *now_text;
  const char *nonce_text;
  enum flow_kind flow;
  int64_t now_ms;    /* only with now_text */
  uint8_t nonce[32]; /* only with nonce_text */
  bool show_secrets;
  struct accounts *accounts;
  struct connectors connectors; /* with the catalog */
};

enum { DRY_ACCOUNT = 0x100, DRY_FLOW, DRY_NOW, DRY_NONCE, DRY_ACCESS_TOKEN, DRY_SHOW_SECRETS };

/* The argp parser for those keys; its input is struct dry. Values are checked afterwards, by dry_run(). */
error_t dry_option(int key, char *argument, struct argp_state *state);

/* One line: false and an error if it is bad; then the error stands in its place and the next line follows. */
typedef bool dry_line(struct dry *dry, struct arena *arena, refund_text line, struct buffer *out, struct error *error);

/* Reads lines and prints what `each` makes of them; blank ones are skipped. Returns the exit status: 2 if any was bad.
 */
int dry_run(struct dry *dry, dry_line *each);

/* Binds the refund's account and fills in what a connector is handed. */
bool dry_input(struct dry *dry, struct arena *arena, const struct refund *refund, const struct account **account,
               struct connector **connector, struct connector_input *input, struct error *error);
int64_t dry_now(const struct dry *dry);

#endif
