/* The one seam through which time and randomness come in, so that tests can fix them. Programs that are built with the
 * tests also let the environment move the clock and end the process at a named point; others do not have that code. */
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
  int64_t speed;        /* of both clocks; 1 but in tests */
  int64_t origin_ms;    /* both clocks run from here when they are fast; Unix milliseconds */
  int64_t offset_ms;    /* of now_ms() */
};

/* How long a span of these clocks takes in the world, where the waiting is done. */
int64_t outside_real_ms(const struct outside *outside, int64_t span_ms);

/* A step of the work is about to happen or has happened. In programs built with the tests,
 * REFUND_HOST_TEST_DIE="POINT:N" ends the process by SIGKILL at the N-th time of that point ("*": of any). */
void outside_reach(const char *point);

/* The system's clocks and random source. In programs built with the tests, REFUND_HOST_TEST_CLOCK="SPEED:ORIGIN:OFFSET"
 * (a factor, Unix milliseconds, milliseconds) makes the clocks run fast from ORIGIN on and the wall clock differ. */
struct outside outside_system(void);

/* For tests of what takes a struct outside: a clock that stands at now_ms; randomness still from the system. */
struct outside outside_fixed(int64_t now_ms);

#endif
