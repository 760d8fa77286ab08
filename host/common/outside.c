#include "common/outside.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_now(const struct outside *outside) {
  int64_t now = read_clock(CLOCK_REALTIME);
  if (outside->speed != 1) now = outside->origin_ms + (now - outside->origin_ms) * outside->speed;
  return now + outside->offset_ms;
}

static int64_t system_uptime(const struct outside *outside) {
  return read_clock(CLOCK_BOOTTIME) * outside->speed;
}

static int64_t fixed_now(const struct outside *outside) {
  return outside->fixed_now_ms;
}

static bool system_random(const struct outside *outside, void *bytes, size_t size) {
  (void)outside;
  size_t done = 0;
  while (done < size) {
    ssize_t got = getrandom((char *)bytes + done, size - done, 0);
    if (got < 0 && errno != EINTR) return false;
    if (got > 0) done += (size_t)got;
  }
  return true;
}

int64_t outside_real_ms(const struct outside *outside, int64_t span_ms) {
  return span_ms / outside->speed;
}

#ifdef REFUND_HOST_TEST_SEAMS
static void read_test_clock(struct outside *outside) {
  const char *text = getenv("REFUND_HOST_TEST_CLOCK");
  long long speed;
  long long origin;
  long long offset;
  if (text == NULL || sscanf(text, "%lld:%lld:%lld", &speed, &origin, &offset) != 3 || speed < 1) return;
  outside->speed = speed;
  outside->origin_ms = origin;
  outside->offset_ms = offset;
}

void outside_reach(const char *point) {
  static _Atomic long times;
  const char *wanted = getenv("REFUND_HOST_TEST_DIE");
  const char *colon = wanted == NULL ? NULL : strrchr(wanted, ':');
  if (colon == NULL) return;
  size_t size = (size_t)(colon - wanted);
  bool is_it = (size == 1 && wanted[0] == '*') || (strlen(point) == size && memcmp(wanted, point, size) == 0);
  if (is_it && ++times == strtol(colon + 1, NULL, 10)) kill(getpid(), SIGKILL);
}
#else
static void read_test_clock(struct outside *outside) {
  (void)outside;
}

void outside_reach(const char *point) {
  (void)point;
}
#endif

struct outside outside_system(void) {
  struct outside outside = {.now_ms = system_now, .uptime_ms = system_uptime, .random = system_random, .speed = 1};
  read_test_clock(&outside);
  FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
  if (file != NULL) {
    if (fgets(outside.boot_id, sizeof outside.boot_id, file) == NULL) outside.boot_id[0] = '\0';
    outside.boot_id[strcspn(outside.boot_id, "\n")] = '\0';
    fclose(file);
  }
  return outside;
}

struct outside outside_fixed(int64_t now_ms) {
  struct outside outside = outside_system();
  outside.now_ms = fixed_now;
  outside.fixed_now_ms = now_ms;
  return outside;
}
