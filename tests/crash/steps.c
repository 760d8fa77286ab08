/* A death at every single step of one refund, one by one, for each kind of connector. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "crash/matrix.h"

enum { SPEED = 1000, MORE_THAN_THERE_ARE = 60 };

ParameterizedTestParameters(steps, a_death_at_each_of_them_ends_as_the_matrix_says) {
  static int connectors[] = {0, 1, 2};
  return cr_make_param_array(int, connectors, 3);
}

ParameterizedTest(int *connector, steps, a_death_at_each_of_them_ends_as_the_matrix_says) {
  unsigned seen = 0;
  int deaths = 0;
  for (int step = 1; step < MORE_THAN_THERE_ARE; step++) {
    struct scene scene = scene_open(matrix_connectors[*connector], (struct simulator_options){0});
    scene_clock(SPEED, 0);
    scene_die("*", step);
    struct run killed = scene_refund(&scene, "r1", "pay_1", 400);
    scene_die(NULL, 0);
    if (killed.status >= 0) {
      cr_expect_eq(killed.status, 0, "it lived: %s", killed.out);
      scene_close(&scene);
      break;
    }
    deaths++;
    seen |= 1u << matrix_look(&scene);
    matrix_expect(&scene, *connector, "*", step);
    scene_close(&scene);
  }
  cr_expect(deaths > 0 && deaths < MORE_THAN_THERE_ARE - 1, "%d deaths", deaths);
  for (int disk = 0; disk < DISKS; disk++)
    cr_expect((seen >> disk & 1u) != 0, "no death left the disk with: %s", disk_names[disk]);
}

/* The reply was never read and the refund is at the processor: the one case that costs money. */
Test(steps, the_answer_that_is_lost_with_its_process_is_found_again) {
  for (int connector = 0; connector < 3; connector++) {
    struct scene scene = scene_open(matrix_connectors[connector], (struct simulator_options){0});
    scene_clock(SPEED, 0);
    scene_die("after reply", 1);
    cr_assert_eq(scene_refund(&scene, "r1", "pay_1", 400).status, -1);
    scene_die(NULL, 0);
    cr_expect_eq(scene_requests(&scene, "refunds_created"), 1);
    cr_expect_eq(matrix_look(&scene), DISK_SENDING);
    matrix_expect(&scene, connector, "after reply", 1);
    scene_close(&scene);
  }
}
