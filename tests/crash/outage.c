/* The processor cannot be reached, or refuses the account, while a thousand refunds wait: the account pauses, nothing
 * is given up, and all goes out when it is mended. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "crash/scene.h"

enum { SPEED = 1000, REFUNDS = 1000, FEW = 200, HOST_ERROR = 1 };

struct outage {
  char name[16];
  char base_url[64]; /* "": the simulator's */
  char api_key[16];
};

ParameterizedTestParameters(outage, of_an_account_leaves_its_refunds_new_and_they_go_out_later) {
  static struct outage cases[] = {
      {"dns", "https://nonexistent.invalid", "good"},
      {"connect", "http://127.0.0.1:1", "good"},
      {"revoked", "", "revoked"},
  };
  return cr_make_param_array(struct outage, cases, 3);
}

ParameterizedTest(struct outage *what, outage, of_an_account_leaves_its_refunds_new_and_they_go_out_later,
                  .timeout = 300) {
  struct scene scene = scene_open("crash_keys", (struct simulator_options){0});
  scene_write_batch(&scene, "batch.jsonl", 0, REFUNDS);
  scene_account(&scene, what->base_url[0] == '\0' ? NULL : what->base_url, what->api_key, 600);
  scene_clock(SPEED, 0);
  struct run batch = run(&scene.place, NULL, WITH "batch --yes %s/batch.jsonl", scene.place.folder);
  cr_expect_eq(batch.status, HOST_ERROR, "%s: %d", what->name, batch.status);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM refund WHERE state = 'new'"), REFUNDS, "%s", what->name);
  cr_expect_lt(scene_requests(&scene, "posts"), FEW, "%s: an account that pauses does not hammer", what->name);
  scene_account(&scene, NULL, "good", 600);
  struct run resume = run(&scene.place, NULL, WITH "resume");
  cr_expect_eq(resume.status, 0, "%s: %.300s%.300s", what->name, resume.out, resume.err);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM refund WHERE state = 'succeeded'"), REFUNDS, "%s",
               what->name);
  cr_expect_eq(scene_requests(&scene, "refunds_created"), REFUNDS, "%s", what->name);
  scene_close(&scene);
}
