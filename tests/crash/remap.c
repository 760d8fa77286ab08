/* A connector is exchanged for another version: the answers that the former could not read are still there, and what it
 * sent is not repeated otherwise. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crash/scene.h"

enum { REFUNDS = 4 }; /* fewer than open the breaker */

static void drop_in(const struct scene *scene, const char *from) {
  char command[600];
  snprintf(command, sizeof command,
           "mkdir -p %s/drop && install -m 644 %s/crash_keys.so %s/drop/next && mv %s/drop/next %s/drop/crash_keys.so",
           scene->place.folder, from, scene->place.folder, scene->place.folder, scene->place.folder);
  cr_assert_eq(system(command), 0);
}

Test(remap, settles_what_a_broken_mapper_left_without_one_request) {
  struct scene scene = scene_open("crash_keys", (struct simulator_options){0});
  const char *folder = scene.place.folder;
  scene_write_batch(&scene, "batch.jsonl", 0, REFUNDS);
  drop_in(&scene, CRASH_BROKEN);
  run(&scene.place, NULL, "--plugins %s/drop --json batch --yes %s/batch.jsonl", folder, folder);
  cr_assert_eq(scene_number(&scene, "SELECT count(*) FROM refund WHERE state = 'unknown'"), REFUNDS);
  cr_assert_geq(scene_number(&scene, "SELECT count(DISTINCT refund) FROM reply"), REFUNDS);
  cr_expect_eq(scene_requests(&scene, "refunds_created"), REFUNDS);
  long long posts = scene_requests(&scene, "posts");
  long long gets = scene_requests(&scene, "gets");
  drop_in(&scene, CRASH_PLUGINS);
  struct run remap = run(&scene.place, NULL, "--plugins %s/drop --json remap", folder);
  cr_expect_eq(remap.status, 0, "%s%s", remap.out, remap.err);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM refund WHERE state = 'succeeded'"), REFUNDS);
  cr_expect_eq(scene_number(&scene,
                            "SELECT count(*) FROM refund JOIN made USING (refund_id)"
                            " WHERE connector_refund_id = made_id"),
               REFUNDS);
  cr_expect_eq(scene_requests(&scene, "posts"), posts);
  cr_expect_eq(scene_requests(&scene, "gets"), gets);
  cr_expect_eq(run(&scene.place, NULL, "--plugins %s/drop --json verify", folder).status, 0);
  scene_close(&scene);
}

/* Under the same key another body is another request. */
Test(repeat, that_would_be_another_request_is_not_sent) {
  static const char *const faults[] = {"reset-after"};
  struct scene scene = scene_open("crash_keys", (struct simulator_options){.faults = faults, .fault_count = 1});
  const char *folder = scene.place.folder;
  scene_clock(1000, 0);
  cr_assert_eq(scene_refund(&scene, "r1", "pay_1", 400).status, 5);
  long long posts = scene_requests(&scene, "posts");
  drop_in(&scene, CRASH_OTHER);
  struct run resume = run(&scene.place, NULL, "--plugins %s/drop --json resume", folder);
  cr_expect_eq(resume.status, 6, "%s%s", resume.out, resume.err);
  cr_expect_not_null(strstr(resume.out, "builds another request"), "%s", resume.out);
  cr_expect_eq(scene_requests(&scene, "posts"), posts);
  scene_close(&scene);
}
