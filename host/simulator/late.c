#include "simulator/late.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct held {
  struct held *next;
  struct MHD_Connection *connection;
  struct timespec due;
};

/* All wait equally long, so the first in is the first out. */
struct late {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  unsigned seconds;
  struct held *first;
  struct held *last;
  bool released;
};

static bool is_due(const struct held *held) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec > held->due.tv_sec || (now.tv_sec == held->due.tv_sec && now.tv_nsec >= held->due.tv_nsec);
}

static void let_go_first_locked(struct late *late) {
  struct held *held = late->first;
  late->first = held->next;
  if (late->first == NULL) late->last = NULL;
  MHD_resume_connection(held->connection);
  free(held);
}

static void *run(void *context) {
  struct late *late = context;
  pthread_mutex_lock(&late->mutex);
  while (!late->released) {
    if (late->first == NULL) {
      pthread_cond_wait(&late->changed, &late->mutex);
    } else if (is_due(late->first)) {
      let_go_first_locked(late);
    } else {
      struct timespec due = late->first->due;
      pthread_cond_timedwait(&late->changed, &late->mutex, &due);
    }
  }
  while (late->first != NULL)
    let_go_first_locked(late);
  pthread_mutex_unlock(&late->mutex);
  return NULL;
}

struct late *late_start(unsigned seconds) {
  struct late *late = calloc(1, sizeof *late);
  if (late == NULL) return NULL;
  late->seconds = seconds;
  pthread_mutex_init(&late->mutex, NULL);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&late->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  if (pthread_create(&late->thread, NULL, run, late) == 0) return late;
  pthread_cond_destroy(&late->changed);
  pthread_mutex_destroy(&late->mutex);
  free(late);
  return NULL;
}

bool late_hold(struct late *late, struct MHD_Connection *connection) {
  struct held *held = calloc(1, sizeof *held);
  if (held == NULL) return false;
  held->connection = connection;
  clock_gettime(CLOCK_MONOTONIC, &held->due);
  held->due.tv_sec += late->seconds;
  pthread_mutex_lock(&late->mutex);
  bool holds = !late->released;
  if (holds) {
    MHD_suspend_connection(connection);
    if (late->last == NULL) {
      late->first = held;
    } else {
      late->last->next = held;
    }
    late->last = held;
    pthread_cond_signal(&late->changed);
  }
  pthread_mutex_unlock(&late->mutex);
  if (!holds) free(held);
  return holds;
}

void late_release(struct late *late) {
  pthread_mutex_lock(&late->mutex);
  late->released = true;
  pthread_cond_signal(&late->changed);
  pthread_mutex_unlock(&late->mutex);
  pthread_join(late->thread, NULL);
}

void late_stop(struct late *late) {
  pthread_cond_destroy(&late->changed);
  pthread_mutex_destroy(&late->mutex);
  free(late);
}
