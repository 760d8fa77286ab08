/* Connections whose answer waits: laid aside, so that no serving thread waits with them. */
#ifndef SIMULATOR_LATE_H
#define SIMULATOR_LATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

struct late;

/* NULL when the system has no thread left. */
struct late *late_start(void);

/* Suspends the connection; its handler is called again after so many milliseconds. From the handler only. false: not
 * any more, as late_release() was called, or out of memory: answer at once. */
bool late_hold(struct late *late, struct MHD_Connection *connection, int64_t milliseconds);

/* Lets all go and holds none any more: before the daemon is stopped, which cannot stop with suspended ones. */
void late_release(struct late *late);

/* After the daemon was stopped. */
void late_stop(struct late *late);

#endif
