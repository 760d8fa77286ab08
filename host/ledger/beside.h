/* The two files beside a ledger, named after its real path. LEDGER.turn: who holds its lock may write; others queue.
 * LEDGER.owners: a living owner N holds byte OWNERS_FROM + N of it; its first line marks the ledger as the original.
 *
 * Locks are OFD locks: the system lets go of them when the last descriptor of the file is closed, so at the end of the
 * process at the latest; both are opened close-on-exec. Between the files of this room only. */
#ifndef LEDGER_BESIDE_H
#define LEDGER_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

struct beside {
  int owners; /* -1: not there */
  int turn;   /* -1: for reading only */
};

/* Makes what is missing, mode 0600, unless for reading only. False and errno; to be closed in any case. */
bool beside_open(struct beside *beside, const char *ledger, bool readonly);
void beside_close(struct beside *beside);

/* Waits for the turn, however long others have it. False and errno. */
bool beside_take_turn(struct beside *beside);
void beside_leave_turn(struct beside *beside);

/* *taken false: a living process has this number. False and errno. */
bool beside_take_owner(struct beside *beside, int64_t owner, bool *taken);
bool beside_owner_lives(struct beside *beside, int64_t owner);

/* The first line. It is written after each commit without a sync, so it may be behind the ledger, but not ahead. */
struct mark {
  char ledger_id[33];
  int64_t generation;
  uint64_t inode; /* of the ledger's file */
  bool copied;    /* the ledger was not the original when it was written to */
  bool broken;    /* a commit failed, and not for want of space: it is to be verified first */
};
bool mark_read(const struct beside *beside, struct mark *mark);        /* false: there is none */
bool mark_write(const struct beside *beside, const struct mark *mark); /* false and errno */
/* To the disk, with the file's name in its folder: once, so that a loss of power does not take the whole file. */
void mark_sync(const struct beside *beside, const char *ledger);

#endif
