/* A thread that runs one thing after the other. Between the files of this room only. */
#ifndef LEDGER_WORKER_H
#define LEDGER_WORKER_H

#include <pthread.h>

#include "ledger/ledger.h"

struct worker {
  pthread_t thread;
  pthread_mutex_t mutex; /* over all below */
  pthread_cond_t changed;
  bool started;
  bool ends;
  ledger_work *work; /* NULL: idle */
  ledger_work *wake;
  void *context;
};

void worker_open(struct worker *worker);
void worker_close(struct worker *worker); /* waits for what is under way, and its wake */

#endif
