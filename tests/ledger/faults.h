/* A disk that fails: SQLite's system layer with writes and syncs that can be made to. */
#ifndef TESTS_LEDGER_FAULTS_H
#define TESTS_LEDGER_FAULTS_H

struct faults {
  int write; /* errno of every write; 0: they work */
  int sync;
};

/* From now on all databases that this process opens are on it. The faults are read at each call. */
struct faults *faults_install(void);

#endif
