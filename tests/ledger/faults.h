/* A disk that fails: SQLite's system layer with writes and syncs that can be made to; and one that is elsewhere. */
#ifndef TESTS_LEDGER_FAULTS_H
#define TESTS_LEDGER_FAULTS_H

#include <stdbool.h>

struct faults {
  int write; /* errno of every write; 0: they work */
  int sync;
  bool far; /* statfs() says NFS */
};

/* From now on all databases that this process opens are on it. The faults are read at each call. */
struct faults *faults_install(void);

#endif
