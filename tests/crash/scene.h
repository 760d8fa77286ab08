/* Where the crash tests happen: a ledger, an account of one connector, and the simulator in this process; and what
 * ledger and simulator say afterwards, compared in SQL. */
#ifndef CRASH_SCENE_H
#define CRASH_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "simulator/simulator.h"
#include "support/program.h"

/* Begins every command of these tests. */
#define WITH "--plugins " CRASH_PLUGINS " --json "

struct scene {
  struct place place;
  struct simulator *simulator;
  const char *connector;
};

/* An account "a" of the connector at a simulator with these options. */
struct scene scene_open(const char *connector, struct simulator_options options);
void scene_close(struct scene *scene);

/* Rewrites the account. `base_url` NULL: the simulator's; `timeout`: seconds of the program's clock. */
void scene_account(const struct scene *scene, const char *base_url, const char *api_key, int timeout);

/* The clocks of the programs that are run from now on: so many times as fast as the world's, and the wall clock off by
 * so much. Attempts' time-outs are the fast clock's too. */
void scene_clock(int64_t speed, int64_t offset_ms);
/* Programs that are run from now on die at the N-th step of this name ("*": of any); NULL: they live. */
void scene_die(const char *point, int number);
/* The operating system misbehaves for them: see shim.c; NULL: not. */
void scene_shim(const char *kind, int number);

/* A command whose words and end are of no interest. */
void scene_run(const struct scene *scene, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `refund` of so many cents of a payment of 10.00 USD. */
struct run scene_refund(const struct scene *scene, const char *refund_id, const char *payment, int amount);

/* A file of refunds for `batch`, one JSON object a line, from number `from` to before `to`: r000017 and so on, five of
 * each payment (pay_1 has the first five): 100, 100, 150, 150 and 100 cents of 10.00 USD, so that a refund too many has
 * room to show. */
void scene_write_batch(const struct scene *scene, const char *name, int from, int to);

/* `resume` and `sync --open`, again and again, until no refund is new, sending or unknown; or for so many rounds. */
void scene_settle(const struct scene *scene, int rounds);

/* The one number (or text, for free()) that a query gives; -1 (or "") if there is no such ledger, table or row. Besides
 * the ledger's tables there is made(refund_id, made_id, payment, amount, status, posts): what the simulator made. The
 * ledger is left as it was found, its write-ahead log too. Not while any program runs. */
long long scene_number(const struct scene *scene, const char *sql);
char *scene_text(const struct scene *scene, const char *sql);

/* The state that the ledger has a refund in; "" for none. For free(). */
char *scene_state(const struct scene *scene, const char *refund_id);

/* What the simulator counted: "posts", "gets", "refunds_created", "replayed". */
long long scene_requests(const struct scene *scene, const char *counter);

#endif
