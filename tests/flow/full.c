/* A disk that is full for a moment, just as a look-up is being settled. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ledger/faults.h"
#include "stage.h"

#define NOTHING "{\"data\":[],\"has_more\":false}"

static struct stage stage;
static struct faults *faults;
static pthread_t tester;
static atomic_int asked; /* for the time by the ledger's thread: twice while an absence is settled */
static int64_t (*system_now)(const struct outside *outside);

static int64_t now_while_full(const struct outside *outside) {
  bool settles = !pthread_equal(pthread_self(), tester);
  int times = settles ? ++asked : 0;
  if (times == 1) faults->write = ENOSPC;
  if (times == 3) faults->write = 0;
  return system_now(outside);
}

Test(full, a_disk_that_is_full_for_a_moment_leaves_no_attempt_to_be_disproved, .timeout = 60) {
  static const struct scripted script[] = {{.status = 0}, {.status = 200, .body = NOTHING}};
  faults = faults_install();
  stage_open(&stage);
  stage_script(&stage, script, 2);
  stage_refund(&stage, "r1");
  stage_pass(&stage, 61 * 1000);
  stage_take_up(&stage, "r1", AIM_SYNC);
  stage_pass(&stage, 5 * 60 * 1000);
  tester = pthread_self();
  system_now = stage.outside.now_ms;
  stage.outside.now_ms = now_while_full;
  cr_expect_eq(stage_take_up(&stage, "r1", AIM_SYNC).position.state, STATE_NEW);
  stage.outside.now_ms = system_now;
  cr_expect_eq(asked, 4, "settled twice");
  cr_expect_eq(stage_count(&stage, "SELECT absences FROM refund"), 2);
  cr_expect_eq(stage_count(&stage, "SELECT disproved FROM attempt"), 1);
  stage_close(&stage);
}
