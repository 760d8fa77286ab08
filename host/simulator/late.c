#include "simulator/late.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct held {
  struct held *next;
  struct MHD_Connection *connection;
  struct timespec due;
};

/* The first is the one that is due first. */
struct late {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  struct held *first;
  bool released;
};

static bool is_earlier(const struct timespec *one, const struct timespec *other) {
  return one->tv_sec < other->tv_sec || (one->tv_sec == other->tv_sec && one->tv_nsec < other->tv_nsec);
}

static bool is_due(const struct held *held) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return !is_earlier(&now, &held->due);
}

static void let_go_first_locked(struct late *late) {
  struct held *held = late->first;
  late->first = held->next;
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

struct late *late_start(void) {
  struct late *late = calloc(1, sizeof *late);
  if (late == NULL) return NULL;
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

static struct timespec time_in(int64_t milliseconds) {
  struct timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  due.tv_sec += milliseconds / 1000;
  due.tv_nsec += milliseconds % 1000 * 1000000;
  if (due.tv_nsec >= 1000000000) {
    due.tv_sec++;
    due.tv_nsec -= 1000000000;
  }
  return due;
}

static void queue_locked(struct late *late, struct held *held) {
  struct held **place = &late->first;
  while (*place != NULL && !is_earlier(&held->due, &(*place)->due))
    place = &(*place)->next;
  held->next = *place;
  *place = held;
}

bool late_hold(struct late *late, struct MHD_Connection *connection, int64_t milliseconds) {
  struct held *held = calloc(1, sizeof *held);
  if (held == NULL) return false;
  held->connection = connection;
  held->due = time_in(milliseconds);
  pthread_mutex_lock(&late->mutex);
  bool holds = !late->released;
  if (holds) {
    MHD_suspend_connection(connection);
    queue_locked(late, held);
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
