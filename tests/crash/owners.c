/* Many processes at one ledger, and one that is gone. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash/scene.h"

Test(owners, sixteen_that_refund_60_of_100_let_one_refund_leave) {
  enum { PROCESSES = 16 };
  struct scene scene = scene_open("crash_keys", (struct simulator_options){0});
  pid_t processes[PROCESSES];
  int counts[8] = {0};
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  for (int i = 0; i < PROCESSES; i++) {
    processes[i] = run_start(&scene.place, nowhere,
                             WITH
                             "refund --account a --refund-id p%d --transaction-id pay_1 --amount 6.00 "
                             "--payment-amount 10.00 --currency USD",
                             i);
  }
  for (int i = 0; i < PROCESSES; i++)
    counts[wait_for(processes[i]) & 7]++;
  close(nowhere);
  cr_expect_eq(counts[0], 1, "%d succeeded", counts[0]);
  cr_expect_eq(counts[2], PROCESSES - 1, "%d were refused", counts[2]);
  cr_expect_eq(scene_requests(&scene, "posts"), 1);
  cr_expect_eq(scene_number(&scene, "SELECT held_amount FROM payment"), 600);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM attempt"), 1);
  scene_close(&scene);
}

static void wait_for_posts(const struct scene *scene, long long posts) {
  while (scene_requests(scene, "posts") < posts)
    usleep(5000);
}

/* The processor takes three seconds over each; so the second process sees them only if it knows that the first is dead,
 * not that it is slow. */
Test(owners, that_were_killed_leave_their_attempts_to_the_next_one_at_once) {
  enum { REFUNDS = 4, LINES = 8, SPEED = 1000 };
  static const char *const faults[] = {"slow=once"};
  struct scene scene = scene_open("crash_keys", (struct simulator_options){.faults = faults, .fault_count = 1});
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  scene_clock(SPEED, 0);
  scene_write_batch(&scene, "batch.jsonl", 0, LINES);
  pid_t owner =
      run_start(&scene.place, nowhere, WITH "batch --yes --concurrency %d %s/batch.jsonl", REFUNDS, scene.place.folder);
  wait_for_posts(&scene, REFUNDS);
  kill(owner, SIGKILL);
  cr_expect_eq(wait_for(owner), -1);
  close(nowhere);
  long long left = scene_number(&scene, "SELECT count(*) FROM attempt WHERE ended_at = 0");
  cr_assert_geq(left, 1);
  run(&scene.place, NULL, WITH "resume --wait 1");
  cr_expect_eq(
      scene_number(&scene,
                   "SELECT count(*) FROM attempt WHERE ended_at = 0 AND owner = (SELECT min(owner) FROM attempt)"),
      0, "of %lld attempts", left);
  scene_run(&scene, "batch --yes %s/batch.jsonl", scene.place.folder); /* with the lines that were not read yet */
  scene_settle(&scene, 40);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM refund WHERE state <> 'succeeded'"), 0);
  cr_expect_eq(scene_requests(&scene, "refunds_created"), LINES);
  scene_close(&scene);
}

/* While it lives, nobody else touches what it sends, however long that takes. */
Test(owners, that_live_keep_their_attempts) {
  static const char *const faults[] = {"slow"};
  struct scene scene = scene_open("crash_keys", (struct simulator_options){.faults = faults, .fault_count = 1});
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  pid_t owner = run_start(&scene.place, nowhere,
                          WITH
                          "refund --account a --refund-id r1 --transaction-id pay_1 --amount 6.00 "
                          "--payment-amount 10.00 --currency USD");
  wait_for_posts(&scene, 1);
  run(&scene.place, NULL, WITH "resume --wait 1");
  cr_expect_eq(scene_requests(&scene, "posts"), 1);
  cr_expect_eq(wait_for(owner), 0);
  cr_expect_eq(scene_number(&scene, "SELECT count(*) FROM attempt"), 1);
  close(nowhere);
  scene_close(&scene);
}

/* It is the only word there will ever be: this processor cannot be asked. */
Test(owners, that_died_with_an_answer_on_disk_leave_it_to_be_read_though_others_of_the_payment_come_first) {
  struct scene scene = scene_open("crash_bare", (struct simulator_options){0});
  cr_assert_eq(scene_refund(&scene, "r0", "pay_0", 100).status, 0);
  scene_die("after commit", 3);
  scene_refund(&scene, "r1", "pay_1", 400);
  scene_die(NULL, 0);
  cr_assert_eq(scene_number(&scene,
                            "SELECT count(*) FROM refund JOIN reply ON reply.refund = refund.id"
                            " WHERE refund_id = 'r1' AND state = 'sending' AND mapped = 0"),
               1);
  scene_refund(&scene, "r2", "pay_1", 100);
  scene_run(&scene, "resume --wait 20");
  cr_expect_str_eq(scene_state(&scene, "r1"), "succeeded");
  scene_run(&scene, "resume --wait 20");
  cr_expect_str_eq(scene_state(&scene, "r2"), "succeeded");
  cr_expect_eq(scene_requests(&scene, "posts"), 3);
  scene_close(&scene);
}

/* A renamed account kept its scope, and so its payments; who is to read the answer is not known any more. */
Test(owners, that_cannot_end_an_attempt_do_not_wait_for_it, .timeout = 60) {
  char text[600];
  struct scene scene = scene_open("crash_bare", (struct simulator_options){0});
  cr_assert_eq(scene_refund(&scene, "r0", "pay_0", 100).status, 0);
  scene_die("after commit", 3);
  scene_refund(&scene, "r1", "pay_1", 400);
  scene_die(NULL, 0);
  snprintf(text, sizeof text,
           "{\"accounts\": {\"b\": {\"connector\": \"crash_bare\", \"environment\": \"sandbox\", \"scope\": \"a\","
           " \"base_url\": \"http://127.0.0.1:%u\", \"credentials\": {\"api_key\": \"key_of_the_account\"}}}}",
           simulator_port(scene.simulator));
  place_write(&scene.place, "accounts.json", text, 0600);
  scene_die("after commit", 1);
  scene_run(&scene,
            "refund --account b --refund-id r2 --transaction-id pay_1 --amount 1.00 --payment-amount 10.00"
            " --currency USD");
  scene_die(NULL, 0);
  scene_run(&scene, "resume");
  cr_expect_str_eq(scene_state(&scene, "r2"), "new");
  cr_expect_eq(scene_requests(&scene, "posts"), 2);
  scene_close(&scene);
}
