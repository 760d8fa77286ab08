/* Whole files, and the rules for those that hold secrets: regular, ours, and nobody else's to read or change. */
#include "common/file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

struct desk {
  struct arena *arena;
  char folder[64];
  char path[128];
  refund_text text;
  struct error error;
};

static struct desk desk_open(void) {
  struct desk desk = {.arena = arena_open(0), .folder = "/tmp/file-test-XXXXXX"};
  cr_assert_not_null(mkdtemp(desk.folder));
  snprintf(desk.path, sizeof desk.path, "%s/secret", desk.folder);
  return desk;
}

static void desk_write(struct desk *desk, const char *text, mode_t mode) {
  unlink(desk->path); /* one that may only be read is in the way */
  FILE *file = fopen(desk->path, "w");
  cr_assert_not_null(file);
  fputs(text, file);
  fclose(file);
  cr_assert_eq(chmod(desk->path, mode), 0);
}

static void desk_close(struct desk *desk) {
  if (rmdir(desk->path) != 0) unlink(desk->path);
  rmdir(desk->folder);
  arena_close(desk->arena);
}

static bool read_secret(struct desk *desk) {
  memset(&desk->error, 0, sizeof desk->error);
  return file_read_secret(desk->arena, desk->path, ERROR_ACCOUNT, "api_key", &desk->text, &desk->error);
}

/* Owned by another user than root and this process: what an ordinary user's file is to a service. */
static bool as_user(struct desk *desk, uid_t owner) {
  return geteuid() == 0 && chown(desk->path, owner, (gid_t)-1) == 0;
}

Test(secret_file, is_read_whole_with_nul_and_all) {
  struct desk desk = desk_open();
  desk_write(&desk, "line\nmore\n", 0600);
  cr_expect(read_secret(&desk), "%s", desk.error.message);
  cr_expect_eq(desk.text.size, 10);
  cr_expect_str_eq(desk.text.data, "line\nmore\n");
  desk_write(&desk, "", 0400);
  cr_expect(read_secret(&desk));
  cr_expect(desk.text.data != NULL && desk.text.size == 0);
  desk_close(&desk);
}

Test(secret_file, that_others_may_read_or_change_is_refused_with_its_mode) {
  static const mode_t modes[] = {0644, 0604, 0602, 0620, 0622, 0660, 0666, 0606, 0777, 0662};
  struct desk desk = desk_open();
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    char mode[16];
    desk_write(&desk, "secret", modes[i]);
    cr_expect_not(read_secret(&desk), "%o", modes[i]);
    cr_expect_eq(desk.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(desk.error.field, "api_key");
    cr_expect_not_null(strstr(desk.error.message, "can be read or changed by others, and it holds secrets"));
    snprintf(mode, sizeof mode, "mode 0%03o", modes[i]);
    cr_expect_str_eq(desk.error.found, mode);
    cr_expect_not_null(strstr(desk.error.expected, "mode 0600"));
    cr_expect_not_null(strstr(desk.error.fix, "chmod 600 "));
    cr_expect_null(strstr(desk.error.message, "secret\n"));
  }
  desk_close(&desk);
}

Test(secret_file, that_only_its_owner_may_read_is_taken) {
  static const mode_t modes[] = {0600, 0400, 0700};
  struct desk desk = desk_open();
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    desk_write(&desk, "secret", modes[i]);
    cr_expect(read_secret(&desk), "%o: %s", modes[i], desk.error.message);
  }
  desk_close(&desk);
}

/* 0640 root:service is how packages hand a secret to a service; of anybody else it is a leak. */
Test(secret_file, may_be_read_by_its_group_only_if_root_owns_it) {
  struct desk desk = desk_open();
  desk_write(&desk, "secret", 0640);
  if (geteuid() == 0) {
    cr_expect(read_secret(&desk), "%s", desk.error.message);
    desk_write(&desk, "secret", 0440);
    cr_expect(read_secret(&desk));
    desk_write(&desk, "secret", 0660);
    cr_expect_not(read_secret(&desk));
    cr_expect_str_eq(desk.error.expected, "mode 0600 or 0640");
  } else {
    cr_expect_not(read_secret(&desk));
    cr_expect_str_eq(desk.error.expected, "mode 0600");
  }
  desk_close(&desk);
}

/* The same rules for a process that is not root: it takes root's files and its own, each under its own modes. */
Test(secret_file, of_root_and_of_the_user_have_their_own_modes_for_a_service) {
  struct desk desk = desk_open();
  desk_write(&desk, "secret", 0640);
  if (geteuid() != 0) {
    desk_close(&desk);
    cr_skip_test("only root can become a service");
  }
  cr_assert_eq(chmod(desk.folder, 0755), 0);
  cr_assert_eq(chown(desk.path, 0, NOBODY), 0);
  cr_assert_eq(setegid(NOBODY), 0);
  cr_assert_eq(seteuid(NOBODY), 0);
  bool of_root = read_secret(&desk);
  cr_assert_eq(seteuid(0), 0);
  cr_assert_eq(chown(desk.path, NOBODY, NOBODY), 0);
  cr_assert_eq(seteuid(NOBODY), 0);
  bool of_user = read_secret(&desk);
  cr_assert_eq(seteuid(0), 0);
  cr_assert_eq(setegid(0), 0);
  cr_expect(of_root, "0640 root:service is the service's to read");
  cr_expect_not(of_user, "0640 service:service is readable by a group");
  cr_expect_str_eq(desk.error.found, "mode 0640");
  desk_close(&desk);
}

Test(secret_file, of_another_user_is_refused_even_to_root) {
  struct desk desk = desk_open();
  desk_write(&desk, "secret", 0600);
  if (!as_user(&desk, NOBODY)) {
    desk_close(&desk);
    cr_skip_test("only root can give a file away");
  }
  cr_expect_not(read_secret(&desk));
  cr_expect_not_null(strstr(desk.error.message, "belongs to another user"));
  cr_expect_str_eq(desk.error.expected, "owned by root or by user 0");
  cr_expect_str_eq(desk.error.found, "user 65534");
  cr_expect_str_eq(desk.error.fix, "chown it to the user that runs this program");
  desk_close(&desk);
}

Test(secret_file, is_a_regular_file) {
  struct desk desk = desk_open();
  cr_assert_eq(mkdir(desk.path, 0700), 0);
  cr_expect_not(read_secret(&desk));
  cr_expect_not_null(strstr(desk.error.message, "is not a regular file"));
  cr_assert_eq(rmdir(desk.path), 0);
  cr_assert_eq(mkfifo(desk.path, 0600), 0);
  cr_expect_not(read_secret(&desk), "and it does not wait for a writer");
  cr_expect_not_null(strstr(desk.error.message, "is not a regular file"));
  desk_close(&desk);
}

Test(secret_file, that_is_missing_is_named) {
  struct desk desk = desk_open();
  cr_expect_not(read_secret(&desk));
  cr_expect_eq(desk.error.code, ERROR_ACCOUNT);
  cr_expect_not_null(strstr(desk.error.message, desk.path));
  cr_expect_not_null(strstr(desk.error.message, "No such file"));
  desk_close(&desk);
}

Test(secret_file, keeps_the_callers_error_code_when_it_is_too_large) {
  struct desk desk = desk_open();
  desk_write(&desk, "x", 0600);
  cr_assert_eq(truncate(desk.path, 4 * 1024 * 1024 + 1), 0);
  cr_expect_not(read_secret(&desk));
  cr_expect_eq(desk.error.code, ERROR_ACCOUNT);
  cr_expect_not_null(strstr(desk.error.message, "is too large"));
  desk_close(&desk);
}

/* ---- Any file ---- */

Test(file, has_no_rules_but_its_size) {
  struct desk desk = desk_open();
  desk_write(&desk, "12345", 0666);
  cr_expect(file_read(desk.arena, desk.path, 5, &desk.text, &desk.error), "%s", desk.error.message);
  cr_expect_str_eq(desk.text.data, "12345");
  cr_expect_not(file_read(desk.arena, desk.path, 4, &desk.text, &desk.error));
  cr_expect_eq(desk.error.code, ERROR_INPUT);
  cr_expect_str_eq(desk.error.expected, "at most 4 bytes");
  desk_close(&desk);
}

Test(file, larger_than_one_block_is_read_whole) {
  struct desk desk = desk_open();
  desk_write(&desk, "x", 0600);
  cr_assert_eq(truncate(desk.path, 100000), 0);
  cr_expect(file_read(desk.arena, desk.path, 0, &desk.text, &desk.error));
  cr_expect_eq(desk.text.size, 100000);
  desk_close(&desk);
}

Test(file, may_be_standard_input) {
  struct desk desk = desk_open();
  desk_write(&desk, "from outside", 0600);
  cr_assert_not_null(freopen(desk.path, "r", stdin));
  cr_expect(file_read(desk.arena, "-", 100, &desk.text, &desk.error), "%s", desk.error.message);
  cr_expect_str_eq(desk.text.data, "from outside");
  desk_close(&desk);
}

Test(file, that_cannot_be_opened_or_read_is_named) {
  struct desk desk = desk_open();
  cr_expect_not(file_read(desk.arena, desk.path, 0, &desk.text, &desk.error));
  cr_expect_not_null(strstr(desk.error.message, "cannot open "));
  cr_expect_not(file_read(desk.arena, desk.folder, 0, &desk.text, &desk.error));
  cr_expect_not_null(strstr(desk.error.message, "cannot read "));
  cr_expect_str_eq(desk.error.field, desk.folder);
  desk_close(&desk);
}
