/* The one seam through which time and randomness come in, so that tests can fix them. */
#ifndef COMMON_OUTSIDE_H
#define COMMON_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outside {
  int64_t (*now_ms)(const struct outside *outside);    /* Unix milliseconds */
  int64_t (*uptime_ms)(const struct outside *outside); /* CLOCK_BOOTTIME: never set back within one boot */
  bool (*random)(const struct outside *outside, void *bytes, size_t size);
  char boot_id[40];     /* of this boot, for uptime_ms; empty where the system does not say */
  int64_t fixed_now_ms; /* for outside_fixed() */
};

/* The system's clocks and random source. */
struct outside outside_system(void);

/* A clock that stands at now_ms; randomness still from the system. */
struct outside outside_fixed(int64_t now_ms);

#endif
