/* Access tokens that were issued. Calls take turns (the books' lock). */
#ifndef SIMULATOR_BEARERS_H
#define SIMULATOR_BEARERS_H

#include <stdbool.h>
#include <stdint.h>

struct bearers;

/* `run` goes into the tokens: those of another run are not known. `lifetime`: seconds. NULL when out of memory. */
struct bearers *bearers_open(uint64_t run, int64_t lifetime);
void bearers_close(struct bearers *bearers);

int64_t bearers_lifetime(const struct bearers *bearers);

/* `clock`: milliseconds. NULL when out of memory; valid until they are revoked. */
const char *bearers_issue(struct bearers *bearers, int64_t clock);

/* Issued, not expired, not revoked. */
bool bearers_know(const struct bearers *bearers, const char *token, int64_t clock);

/* How many there were. */
unsigned bearers_revoke(struct bearers *bearers);

#endif
