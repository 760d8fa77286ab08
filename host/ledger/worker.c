/* The ledger's thread: a commit waits for the disk, and those who exchange with processors need not wait with it. */
#include "ledger/worker.h"

#include <signal.h>
#include <string.h>

#include "ledger/rows.h"

void worker_open(struct worker *worker) {
  pthread_mutex_init(&worker->mutex, NULL);
  pthread_cond_init(&worker->changed, NULL);
}

void worker_close(struct worker *worker) {
  if (worker->started) {
    pthread_mutex_lock(&worker->mutex);
    worker->ends = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
  }
  pthread_cond_destroy(&worker->changed);
  pthread_mutex_destroy(&worker->mutex);
}

/* Who is woken finds the work idle, and `wake` at its end: he waits for the lock till then. */
static void *run(void *given) {
  struct worker *worker = given;
  pthread_mutex_lock(&worker->mutex);
  for (;;) {
    while (worker->work == NULL && !worker->ends)
      pthread_cond_wait(&worker->changed, &worker->mutex);
    if (worker->work == NULL) break;
    ledger_work *work = worker->work;
    ledger_work *wake = worker->wake;
    void *context = worker->context;
    pthread_mutex_unlock(&worker->mutex);
    work(context);
    pthread_mutex_lock(&worker->mutex);
    worker->work = NULL;
    wake(context);
  }
  pthread_mutex_unlock(&worker->mutex);
  return NULL;
}

/* Signals are for those who wait for them. */
static bool start(struct worker *worker, struct error *error) {
  sigset_t all;
  sigset_t before;
  if (worker->started) return true;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(&worker->thread, NULL, run, worker);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  worker->started = code == 0;
  if (worker->started) return true;
  return error_set(error, ERROR_HOST, NULL, "the system gives no thread: %s", strerror(code));
}

bool ledger_start(struct ledger *ledger, ledger_work *work, ledger_work *wake, void *context, struct error *error) {
  struct worker *worker = &ledger->worker;
  if (!start(worker, error)) return false;
  pthread_mutex_lock(&worker->mutex);
  bool idle = worker->work == NULL;
  if (idle) {
    worker->work = work;
    worker->wake = wake;
    worker->context = context;
    pthread_cond_signal(&worker->changed);
  }
  pthread_mutex_unlock(&worker->mutex);
  return idle || error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s is at work already", ledger->path);
}

bool ledger_is_idle(struct ledger *ledger) {
  pthread_mutex_lock(&ledger->worker.mutex);
  bool idle = ledger->worker.work == NULL;
  pthread_mutex_unlock(&ledger->worker.mutex);
  return idle;
}
