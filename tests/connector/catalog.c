/* What is listed: the names, files and folders that are taken, and what is found by id. */
#include "connector/catalog_box.h"

Test(catalog, takes_exact_names_only_and_sorts_them) {
  static const char *const names[] = {"b.so", "a.so", "Z.so", ".hidden.so", "c.so.dpkg-new", "d.so.1", ".so", "e.so~"};
  struct box box = box_open();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    box_put(&box, names[i], "x", 1);
  struct catalog *catalog = open_box(&box);
  cr_assert_eq(catalog_count(catalog), 3);
  static const char *const expected[] = {"/Z.so", "/a.so", "/b.so"};
  for (size_t i = 0; i < 3; i++) {
    cr_expect_str_eq(catalog_entry(catalog, i)->path + strlen(box.path), expected[i]);
  }
  cr_expect(catalog_entry(catalog, 3) == NULL);
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, refuses_what_is_not_a_regular_file) {
  struct box box = box_open();
  char path[512];
  char target[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", target);
  box_path(&box, "link.so", path);
  cr_assert_eq(symlink(target, path), 0);
  box_path(&box, "nowhere.so", path);
  cr_assert_eq(symlink("/nowhere", path), 0);
  box_path(&box, "folder.so", path);
  cr_assert_eq(mkdir(path, 0755), 0);
  box_path(&box, "pipe.so", path);
  cr_assert_eq(mkfifo(path, 0644), 0);
  struct catalog *catalog = open_box(&box);
  cr_assert_eq(catalog_count(catalog), 5);
  explained(&catalog_entry(catalog, 0)->refusal, "not a regular file", "folder");
  cr_expect(catalog_entry(catalog, 1)->accepted);
  explained(&catalog_entry(catalog, 2)->refusal, "symbolic link", "link");
  explained(&catalog_entry(catalog, 3)->refusal, "symbolic link", "nowhere");
  explained(&catalog_entry(catalog, 4)->refusal, "not a regular file", "pipe");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, refuses_files_that_others_may_write_to) {
  static const mode_t modes[] = {0646, 0664, 0666};
  struct box box = box_open();
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  for (size_t i = 0; i < 3; i++) {
    cr_assert_eq(chmod(path, modes[i]), 0);
    struct catalog *catalog = open_box(&box);
    cr_expect_not(catalog_entry(catalog, 0)->accepted);
    explained(&catalog_entry(catalog, 0)->refusal, "written to by others", "good");
    catalog_close(catalog);
  }
  box_close(&box);
}

Test(catalog, refuses_files_and_directories_of_other_users) {
  if (geteuid() != 0) cr_skip_test("only root can give files away");
  struct box box = box_open();
  struct error error;
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  cr_assert_eq(chown(path, 4711, 4711), 0);
  struct catalog *catalog = open_box(&box);
  explained(&catalog_entry(catalog, 0)->refusal, "belongs to another user", "good");
  catalog_close(catalog);
  cr_assert_eq(chown(box.path, 4711, 4711), 0);
  cr_expect(open_one(box.path, false, &error) == NULL);
  explained(&error, "belongs to another user", "directory");
  box_close(&box);
}

Test(catalog, refuses_files_beyond_the_limit_without_reading_them) {
  struct box box = box_open();
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  cr_assert_eq(truncate(path, (off_t)64 * 1024 * 1024 + 1), 0);
  struct catalog *catalog = open_box(&box);
  explained(&catalog_entry(catalog, 0)->refusal, "too large", "good");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, refuses_directories_that_are_missing_or_open_to_others) {
  struct box box = box_open();
  struct error error;
  cr_assert_eq(chmod(box.path, 0775), 0);
  cr_expect(open_one(box.path, false, &error) == NULL);
  explained(&error, "written to by others", "directory");
  box_close(&box);
  cr_expect(open_one(box.path, false, &error) == NULL);
  explained(&error, "cannot be opened", "directory");
  cr_expect_str_eq(error.field, box.path);
}

Test(catalog, refuses_the_later_of_two_files_with_one_id_and_names_both) {
  struct box first = box_open();
  struct box second = box_open();
  struct error error;
  box_put_animal(&first, "good", "z.so");
  box_put_animal(&second, "good", "a.so");
  const char *directories[] = {first.path, second.path, first.path};
  struct catalog *catalog = catalog_open(&(struct catalog_options){directories, 3, false, NULL}, &error);
  cr_assert_eq(catalog_count(catalog), 2, "a directory that is named twice is read once");
  cr_expect(catalog_entry(catalog, 0)->accepted);
  const struct catalog_entry *later = catalog_entry(catalog, 1);
  cr_expect(!later->accepted && later->described);
  explained(&later->refusal, "the connector id good is taken", "a.so");
  cr_expect(strstr(later->refusal.message, first.path) != NULL && strstr(later->refusal.message, second.path) != NULL);
  catalog_close(catalog);
  box_close(&first);
  box_close(&second);
}

Test(catalog, finds_by_id_and_says_what_is_there_instead) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  box_put_animal(&box, "good", "one.so");
  box_put_animal(&box, "good-gnu", "two.so");
  box_put_animal(&box, "newer-needed", "three.so");
  box_put_animal(&box, "truncated", "four.so");
  struct catalog *catalog = open_box(&box);
  const struct catalog_entry *found = catalog_find(catalog, "good_gnu", &error);
  cr_assert(found != NULL);
  cr_expect_str_eq(found->descriptor.id, "good_gnu");
  cr_expect(catalog_find(catalog, "acme", &error) == NULL);
  explained(&error, "no connector has the id acme", "acme");
  cr_expect_str_eq(error.expected, "good, good_gnu");
  cr_expect(catalog_find(catalog, "newer_needed", &error) == NULL);
  explained(&error, "was refused: connector needs ABI 0.10", "newer_needed");
  cr_expect(catalog_find(catalog, "four", &error) == NULL);
  explained(&error, "was refused: the file is shorter than it says", "four");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, says_that_nothing_is_installed) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  struct catalog *catalog = open_box(&box);
  cr_expect_eq(catalog_count(catalog), 0);
  cr_expect(catalog_find(catalog, "acme", &error) == NULL);
  explained(&error, "no connector has the id acme", "acme");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, gives_the_sha256_of_any_file) {
  struct box box = box_open();
  struct error error;
  box_put(&box, "abc.so", "abc", 3);
  struct catalog *catalog = open_box(&box);
  cr_assert(catalog_digest(catalog, catalog_entry(catalog, 0), &error));
  cr_expect_str_eq(catalog_entry(catalog, 0)->sha256,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  catalog_close(catalog);
  box_close(&box);
}
