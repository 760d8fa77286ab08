#include "common/outside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_now(const struct outside *outside) {
  (void)outside;
  return read_clock(CLOCK_REALTIME);
}

static int64_t system_uptime(const struct outside *outside) {
  (void)outside;
  return read_clock(CLOCK_BOOTTIME);
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

struct outside outside_system(void) {
  struct outside outside = {.now_ms = system_now, .uptime_ms = system_uptime, .random = system_random};
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
