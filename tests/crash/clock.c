/* A clock that cannot be trusted: a key is repeated only while its window is certainly open. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "crash/scene.h"

enum { SPEED = 1000, DAY = 86400 * 1000, WINDOW_US = 1800 * 1000000 / SPEED, ROUNDS = 60 };

/* crash_both's key is forgotten after 1800 s, here 1.8 s, and the processor then takes it for a new one. Its account
 * waits 600 s for an answer, so the last repeat goes out well before that. */
static const char *const faults[] = {"reset-after=once", "key-window=1.6"};

/* What happened between the attempt whose answer was lost, and `resume`. */
static const struct {
  const char *what;
  useconds_t passed_us;
  int64_t offset_ms;
  bool other_boot;
} cases[] = {
    {"the window passed", WINDOW_US, 0, false},
    {"the window passed, and the clock jumped back a day", WINDOW_US, -DAY, false},
    {"a restart, the window passed, and the clock jumped back a day", WINDOW_US, -DAY, true},
    {"a restart, and the window passed", WINDOW_US, 0, true},
};

Test(clock, that_jumps_back_opens_no_window_again) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct scene scene = scene_open("crash_both", (struct simulator_options){.faults = faults, .fault_count = 2});
    scene_clock(SPEED, 0);
    scene_die("after reply", 1); /* or with the connection that was reset: the answer is lost in both */
    struct run lost = scene_refund(&scene, "r1", "pay_1", 400);
    scene_die(NULL, 0);
    cr_assert_neq(lost.status, 0, "%s", cases[i].what);
    long long posts = scene_requests(&scene, "posts");
    usleep(cases[i].passed_us);
    scene_clock(SPEED, cases[i].offset_ms);
    if (cases[i].other_boot) scene_shim("other-boot", 1);
    scene_settle(&scene, ROUNDS);
    scene_shim(NULL, 0);
    char *state = scene_state(&scene, "r1");
    cr_expect_eq(scene_requests(&scene, "posts"), posts, "%s: sent again", cases[i].what);
    cr_expect_eq(scene_requests(&scene, "refunds_created"), 1, "%s", cases[i].what);
    cr_expect(strcmp(state, "succeeded") == 0, "%s: %s, and it can be looked up", cases[i].what, state);
    free(state);
    scene_close(&scene);
  }
}

/* The same with the window open: there the repeat is what settles it, or else the tests above would prove nothing. */
Test(clock, that_is_right_lets_an_open_window_be_used) {
  struct scene scene = scene_open("crash_keys", (struct simulator_options){.faults = faults, .fault_count = 1});
  scene_clock(SPEED, 0);
  scene_refund(&scene, "r1", "pay_1", 400);
  scene_settle(&scene, ROUNDS);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM refund WHERE state = 'succeeded'"), 1);
  cr_expect_eq(scene_requests(&scene, "posts"), 2);
  cr_expect_eq(scene_requests(&scene, "refunds_created"), 1);
  scene_close(&scene);
}
