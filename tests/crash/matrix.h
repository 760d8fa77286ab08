/* The crash matrix of the engine: what is on disk after a death, and what must come of it, for each kind of connector.
 */
#ifndef CRASH_MATRIX_H
#define CRASH_MATRIX_H

#include "crash/scene.h"

enum on_disk {
  DISK_NOTHING, /* no row */
  DISK_NEW,
  DISK_SENDING, /* an attempt, and no reply */
  DISK_REPLIED, /* a reply that was not mapped */
  DISK_MAPPED,  /* the outcome */
  DISKS
};
extern const char *const disk_names[DISKS];

/* Of the refund r1. */
enum on_disk matrix_look(const struct scene *scene);

/* Which of the three: crash_keys, crash_lookup, crash_bare. */
extern const char *const matrix_connectors[3];

/* Starts the program again as a person would after a death, and expects what the matrix says: `resume` until r1 is
 * settled, its state, no second refund, the stored result when it is asked for once more, and a ledger that is whole.
 * `step` is for messages. */
void matrix_expect(const struct scene *scene, int connector, const char *point, int step);

#endif
