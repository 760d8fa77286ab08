/* A disk that is full, read-only, torn or damaged: nothing is sent that is not recorded, nothing twice, and a sentence
 * says what is wrong. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash/matrix.h"

enum { SPEED = 1000, MORE_THAN_THERE_ARE = 200 };

/* Each strikes the N-th write or sync of one refund, for every N there is. Of the many writes each kind of connector
 * has its third. */
static const struct {
  const char *kind;
  int step;
} strikes[] = {{"sync-fails", 1}, {"sync-kills", 1}, {"torn", 3}, {"full", 3}};

struct strike_case {
  int strike;
  int connector;
};

ParameterizedTestParameters(disk, that_fails_at_any_write_ends_as_the_matrix_says) {
  static struct strike_case cases[12];
  for (int i = 0; i < 12; i++)
    cases[i] = (struct strike_case){i / 3, i % 3};
  return cr_make_param_array(struct strike_case, cases, 12);
}

/* What cannot be recorded was not refused by anybody: whoever asks again with the same id must not be told so. */
static void expect_no_refusal(const struct run *result, const char *kind, int number) {
  cr_expect(result->status != 2 && result->status != 4, "%s:%d is told as a refusal: %d %s", kind, number,
            result->status, result->out);
  if (result->status <= 0) return;
  cr_expect(strstr(result->out, "ledger") != NULL || strstr(result->err, "ledger") != NULL, "%s:%d says: %s%s", kind,
            number, result->out, result->err);
}

ParameterizedTest(struct strike_case *what, disk, that_fails_at_any_write_ends_as_the_matrix_says) {
  const char *kind = strikes[what->strike].kind;
  int step = strikes[what->strike].step;
  int number = step == 1 ? 1 : 1 + what->connector;
  for (; number < MORE_THAN_THERE_ARE; number += step) {
    struct scene scene = scene_open(matrix_connectors[what->connector], (struct simulator_options){0});
    scene_clock(SPEED, 0);
    scene_shim(kind, number);
    struct run result = scene_refund(&scene, "r1", "pay_1", 400);
    scene_shim(NULL, 0);
    bool struck = strstr(result.err, "struck") != NULL;
    if (struck) {
      if (result.status >= 0) expect_no_refusal(&result, kind, number);
      cr_expect(
          scene_number(&scene, "SELECT count(*) FROM made") <= scene_number(&scene, "SELECT count(*) FROM attempt") ||
              scene_requests(&scene, "posts") == 0,
          "%s:%d: sent and not recorded", kind, number);
      matrix_expect(&scene, what->connector, kind, number);
    }
    scene_close(&scene);
    if (!struck) break;
  }
  cr_expect(number > step && number < MORE_THAN_THERE_ARE, "%s struck %d times", kind, number - 1);
}

Test(disk, that_is_read_only_or_has_no_room_sends_nothing) {
  static const char *const kinds[] = {"read-only", "no-room"};
  for (size_t i = 0; i < 2; i++) {
    struct scene scene = scene_open("crash_keys", (struct simulator_options){0});
    cr_assert_eq(scene_refund(&scene, "r0", "pay_1", 100).status, 0);
    long long posts = scene_requests(&scene, "posts");
    scene_shim(kinds[i], 1);
    struct run result = scene_refund(&scene, "r1", "pay_1", 400);
    scene_shim(NULL, 0);
    cr_expect_not_null(strstr(result.err, "struck"), "%s", kinds[i]);
    cr_expect(result.status == 1 || result.status == 3, "%s: %d %s", kinds[i], result.status, result.out);
    cr_expect_not_null(strstr(result.out, "ledger"), "%s: %s", kinds[i], result.out);
    cr_expect_eq(scene_requests(&scene, "posts"), posts, "%s", kinds[i]);
    cr_expect_eq(scene_refund(&scene, "r1", "pay_1", 400).status, 0, "%s: mended", kinds[i]);
    scene_close(&scene);
  }
}

/* ---- A flipped bit ---- */

struct image {
  char path[200];
  char *bytes;
  size_t size;
};

static struct image image_read(const struct scene *scene, const char *ending) {
  struct image image = {0};
  snprintf(image.path, sizeof image.path, "%s%s", scene->place.ledger, ending);
  FILE *file = fopen(image.path, "rb");
  if (file == NULL) return image;
  fseek(file, 0, SEEK_END);
  image.size = (size_t)ftell(file);
  rewind(file);
  image.bytes = malloc(image.size + 1);
  cr_assert_eq(fread(image.bytes, 1, image.size, file), image.size);
  fclose(file);
  return image;
}

/* In place, so that owner and mode stay. */
static void image_write(const struct image *image) {
  if (image->bytes == NULL) return;
  FILE *file = fopen(image->path, "r+b");
  cr_assert_not_null(file, "%s", image->path);
  cr_assert_eq(fwrite(image->bytes, 1, image->size, file), image->size);
  fclose(file);
  cr_assert_eq(truncate(image->path, (off_t)image->size), 0);
}

/* 600 of 1000 are gone. Whatever bit flips, another 600 do not leave, and the first is not sent again. Every byte of
 * the payment's and the refund's rows would take minutes: a step that is prime to the pages' size visits all kinds. */
Test(disk, a_flipped_bit_lets_no_money_out, .timeout = 300) {
  enum { STRIDE = 691 };
  struct scene scene = scene_open("crash_keys", (struct simulator_options){0});
  cr_assert_eq(scene_refund(&scene, "r1", "pay_1", 600).status, 0);
  cr_assert_eq(scene_refund(&scene, "r2", "pay_1", 600).status, 2);
  cr_assert_eq(scene_number(&scene, "SELECT held_amount FROM payment"), 600);
  run(&scene.place, NULL, WITH "list"); /* its end leaves no write-ahead log */
  struct image ledger = image_read(&scene, "");
  struct image owners = image_read(&scene, ".owners");
  cr_assert_gt(ledger.size, 0);
  char journal[200];
  snprintf(journal, sizeof journal, "%s-wal", scene.place.ledger);
  cr_assert_neq(access(journal, F_OK), 0, "the log is still there");
  for (size_t at = 0; at < ledger.size; at += STRIDE) {
    char bit = (char)(1u << (at / STRIDE % 8));
    ledger.bytes[at] ^= bit;
    image_write(&ledger);
    image_write(&owners);
    scene_refund(&scene, "r1", "pay_1", 600);
    scene_refund(&scene, "r2", "pay_1", 600);
    cr_assert_eq(scene_requests(&scene, "posts"), 1, "bit %d of byte %zu", at / STRIDE % 8, at);
    ledger.bytes[at] ^= bit;
    unlink(journal);
  }
  image_write(&ledger);
  image_write(&owners);
  cr_expect_eq(run(&scene.place, NULL, WITH "verify").status, 0, "put back as it was");
  scene_close(&scene);
}

/* Where SQLite itself sees nothing wrong: an amount that became another one. */
Test(disk, a_flipped_bit_in_a_row_is_named_by_verify) {
  struct scene scene = scene_open("crash_keys", (struct simulator_options){0});
  char command[300];
  cr_assert_eq(scene_refund(&scene, "flipped-one", "pay_1", 600).status, 0);
  run(&scene.place, NULL, WITH "list");
  snprintf(command, sizeof command, "sed -i 's/flipped-one/flipped-onf/g' %s", scene.place.ledger);
  cr_assert_eq(system(command), 0);
  struct run verify = run(&scene.place, NULL, WITH "verify");
  cr_expect_neq(verify.status, 0);
  cr_expect(strstr(verify.out, "flipped-on") != NULL || strstr(verify.err, "flipped-on") != NULL ||
                strstr(verify.out, "refund") != NULL,
            "%s%s", verify.out, verify.err);
  cr_expect_neq(scene_refund(&scene, "r2", "pay_1", 100).status, 0, "the payment is stopped");
  cr_expect_eq(scene_requests(&scene, "posts"), 1);
  scene_close(&scene);
}
