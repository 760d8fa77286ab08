/* A place with a simulator: where the tests of the commands sit. */
#ifndef CLI_DESK_H
#define CLI_DESK_H

#include "simulator/simulator.h"
#include "support/program.h"

struct desk {
  struct place place;
  struct simulator *simulator;
  uint16_t port;
};

/* With one fault of the simulator, or none (NULL). */
struct desk desk_open(const char *fault);
void desk_close(struct desk *desk);

/* What the simulator's books say of a number by its path ("requests.posts"). */
long long desk_books(const struct desk *desk, const char *path);

/* One refund through an account, 10.00 USD captured: "refund --account ... --refund-id ID --amount AMOUNT" and more. */
struct run desk_refund(const struct desk *desk, const char *account, const char *refund_id, const char *amount,
                       const char *more);

#endif
