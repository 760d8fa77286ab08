/* Two equal partial refunds of one payment, the second of which dies at every step, at a processor that can only be
 * asked for the payment: neither is ever taken for the other. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <curl/curl.h>
#include <string.h>

#include "crash/scene.h"

enum { SPEED = 1000, ROUNDS = 20, MORE_THAN_THERE_ARE = 60, HOUR = 3600 * 1000 };

struct twins {
  char connector[16];
  char trait[24];   /* "": none */
  int64_t ahead_ms; /* our clock, of the processor's, which writes its dates without a zone */
};

ParameterizedTestParameters(twins, are_never_taken_for_each_other) {
  static struct twins cases[] = {
      {"crash_list", "", 0},
      {"crash_list", "", HOUR},
      {"crash_list", "", 14 * HOUR},
      {"crash_list", "", -12 * HOUR},
      {"crash_loose", "", 0},
      {"crash_event", "identity=payment", 0},
      {"crash_event", "identity=payment", HOUR},
  };
  return cr_make_param_array(struct twins, cases, sizeof cases / sizeof *cases);
}

/* What may not be, whatever happened; each counts the refunds of which it is true. */
static const struct {
  const char *what;
  const char *sql;
} wrongs[] = {
    {"made twice",
     "SELECT count(*) FROM (SELECT 1 FROM made GROUP BY refund_id HAVING count(*) > 1 OR max(posts) > 1)"},
    {"succeeded and not made",
     "SELECT count(*) FROM refund WHERE state = 'succeeded' AND refund_id NOT IN (SELECT refund_id FROM made)"},
    {"made and not held", "SELECT count(*) FROM refund JOIN made USING (refund_id) WHERE held_amount = 0"},
    {"has the other's refund id",
     "SELECT count(*) FROM refund JOIN made ON made_id = connector_refund_id WHERE refund.refund_id <> made.refund_id"
     " AND connector <> 'crash_event'"},
};

static void expect_nothing_wrong(const struct scene *scene, const struct twins *what, int step) {
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    cr_expect_eq(scene_number(scene, wrongs[i].sql), 0, "%s, %lld h ahead, death %d: %s", what->connector,
                 (long long)what->ahead_ms / HOUR, step, wrongs[i].what);
  }
  cr_expect_eq(scene_number(scene, "SELECT count(*) FROM refund WHERE refund_id = 'a' AND state = 'succeeded'"), 1);
  cr_expect_eq(run(&scene->place, "", WITH "verify").status, 0, "%s: death %d", what->connector, step);
}

ParameterizedTest(struct twins *what, twins, are_never_taken_for_each_other) {
  int deaths = 0;
  for (int step = 1; step < MORE_THAN_THERE_ARE; step++) {
    const char *const faults[] = {what->trait};
    struct simulator_options options = {.faults = faults, .fault_count = what->trait[0] == '\0' ? 0 : 1};
    struct scene scene = scene_open(what->connector, options);
    scene_clock(SPEED, what->ahead_ms);
    cr_assert_eq(scene_refund(&scene, "a", "pay_1", 300).status, 0);
    scene_die("*", step);
    struct run killed = scene_refund(&scene, "b", "pay_1", 300);
    scene_die(NULL, 0);
    deaths += killed.status < 0;
    scene_settle(&scene, ROUNDS);
    expect_nothing_wrong(&scene, what, step);
    scene_close(&scene);
    if (killed.status >= 0) break;
  }
  cr_expect(deaths > 0 && deaths < MORE_THAN_THERE_ARE - 1, "%d deaths", deaths);
}

static size_t take_nothing(char *data, size_t size, size_t count, void *context) {
  (void)data, (void)context;
  return size * count;
}

/* Somebody else refunds the payment too, without our knowing. */
static void refund_elsewhere(const struct scene *scene) {
  char url[60];
  CURL *curl = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Authorization: Bearer key_of_the_account");
  snprintf(url, sizeof url, "http://127.0.0.1:%u/refunds", simulator_port(scene->simulator));
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_nothing);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{\"payment_id\":\"pay_1\",\"amount\":300}");
  cr_assert_eq(curl_easy_perform(curl), CURLE_OK);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
}

Test(twins, that_others_made_leave_a_lost_refund_to_a_person) {
  struct scene scene = scene_open("crash_list", (struct simulator_options){0});
  scene_clock(SPEED, 0);
  cr_assert_eq(scene_refund(&scene, "a", "pay_1", 100).status, 0);
  scene_die("before send", 1);
  scene_refund(&scene, "b", "pay_1", 300);
  scene_die(NULL, 0);
  refund_elsewhere(&scene);
  refund_elsewhere(&scene);
  cr_assert_eq(scene_requests(&scene, "refunds_created"), 3);
  scene_run(&scene, "resume");
  scene_run(&scene, "sync --open");
  cr_expect_str_eq(scene_state(&scene, "b"), "manual_review");
  cr_expect_eq(scene_requests(&scene, "posts"), 3);
  scene_close(&scene);
}
