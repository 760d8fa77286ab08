#include "crash/matrix.h"

#include <criterion/criterion.h>
#include <string.h>

enum { ROUNDS = 60, SPEED = 1000 };

const char *const disk_names[DISKS] = {"nothing", "new", "sending", "replied", "mapped"};
const char *const matrix_connectors[3] = {"crash_keys", "crash_lookup", "crash_bare"};

/* Without key and look-up, a refund that may have been sent is for a person. */
static const char *const ends[DISKS][3] = {
    [DISK_NOTHING] = {"succeeded", "succeeded", "succeeded"},
    [DISK_NEW] = {"succeeded", "succeeded", "succeeded"},
    [DISK_SENDING] = {"succeeded", "succeeded", "manual_review"},
    [DISK_REPLIED] = {"succeeded", "succeeded", "succeeded"},
    [DISK_MAPPED] = {"succeeded", "succeeded", "succeeded"},
};

enum on_disk matrix_look(const struct scene *scene) {
  char *state = scene_state(scene, "r1");
  bool replied = scene_number(scene, "SELECT count(*) FROM reply WHERE mapped = 0") > 0;
  enum on_disk disk = *state == '\0'                  ? DISK_NOTHING
                      : strcmp(state, "new") == 0     ? DISK_NEW
                      : strcmp(state, "sending") != 0 ? DISK_MAPPED
                      : replied                       ? DISK_REPLIED
                                                      : DISK_SENDING;
  free(state);
  return disk;
}

static void ask_again(const struct scene *scene, const char *where) {
  long long posts = scene_requests(scene, "posts");
  char *before = scene_state(scene, "r1");
  struct run again = scene_refund(scene, "r1", "pay_1", 400);
  cr_expect_str_eq(json_text(json_line(again.out), "state"), before, "%s: %s", where, again.out);
  cr_expect_eq(scene_requests(scene, "posts"), posts, "%s: a settled refund was sent", where);
  free(before);
}

void matrix_expect(const struct scene *scene, int connector, const char *point, int step) {
  char where[120];
  enum on_disk disk = matrix_look(scene);
  snprintf(where, sizeof where, "%s, death %d at %s, %s on disk", scene->connector, step, point, disk_names[disk]);
  scene_clock(SPEED, 0);
  if (disk == DISK_NOTHING) {
    cr_expect_eq(scene_requests(scene, "posts"), 0, "%s: it was sent", where);
    scene_refund(scene, "r1", "pay_1", 400);
  }
  scene_settle(scene, ROUNDS);
  char *state = scene_state(scene, "r1");
  cr_expect_str_eq(state, ends[disk][connector], "%s: %s", where, state);
  long long made = scene_number(scene, "SELECT count(*) FROM made");
  long long greatest = scene_number(scene, "SELECT coalesce(max(posts), 0) FROM made");
  cr_expect(made == 1 || (made == 0 && strcmp(state, "manual_review") == 0), "%s: %lld made", where, made);
  if (strcmp(scene->connector, "crash_keys") != 0) cr_expect_leq(greatest, 1, "%s: sent %lld times", where, greatest);
  ask_again(scene, where);
  struct run verify = run(&scene->place, NULL, WITH "verify");
  cr_expect_eq(verify.status, 0, "%s: %s%s", where, verify.out, verify.err);
  free(state);
}
