/* A ledger that was copied or restored does not know what was sent since, and that is noticed. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

static struct place place;

static void make_book(void) {
  place = place_make();
  book_make_sound(&place);
}

TestSuite(ledger_original, .init = make_book);

static void write_some(const struct place *at, int first, int count) {
  struct ledger *ledger = book_open(at);
  for (int n = first; n < first + count; n++) {
    struct ledger_refund refund = refund_number(n);
    book_put_refund(ledger, &refund);
  }
  ledger_close(ledger);
}

static bool is_original(const struct place *at, struct error *error) {
  struct ledger *ledger = book_open(at);
  memset(error, 0, sizeof *error);
  bool is = ledger_is_original(ledger, error);
  ledger_close(ledger);
  return is;
}

static void expect_original(const struct place *at) {
  struct error error;
  cr_expect(is_original(at, &error), "%s: %s", error.message, error.found);
}

static void expect_copy(const struct place *at, const char *found) {
  struct outside outside = outside_of_tests();
  struct error error;
  cr_expect_not(is_original(at, &error));
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(error.code, ERROR_LEDGER);
    cr_expect_not_null(strstr(error.message, "was copied or restored"), "%s", error.message);
    cr_expect_str_eq(error.found, found);
    cr_expect_not_null(strstr(error.fix, "--restored"));
    struct ledger *readonly = ledger_open_readonly(at->ledger, &outside, &error);
    cr_expect_not(ledger_is_original(readonly, &error));
    ledger_close(readonly);
  }
}

/* "NAME" in the folder of the test; with `owners`, the file beside it as well. */
static struct place copy(const char *name, bool owners) {
  struct place to = place;
  char from_owners[300];
  char to_owners[300];
  snprintf(to.ledger, sizeof to.ledger, "%s/%s", place.folder, name);
  snprintf(from_owners, sizeof from_owners, "%s.owners", place.ledger);
  snprintf(to_owners, sizeof to_owners, "%s.owners", to.ledger);
  book_copy(place.ledger, to.ledger);
  if (owners) book_copy(from_owners, to_owners);
  return to;
}

Test(ledger_original, is_one_that_was_made_and_written_here) {
  struct place fresh = place_make();
  struct error error = {0};
  expect_original(&fresh);
  expect_original(&place);
  struct ledger *first = book_open(&place);
  struct ledger *second = book_open(&place);
  struct ledger_refund refund = refund_number(10);
  book_put_refund(first, &refund);
  refund = refund_number(11);
  book_put_refund(second, &refund);
  cr_expect(ledger_is_original(first, &error), "%s", error.found);
  cr_expect(ledger_is_original(second, &error), "%s", error.found);
  cr_assert(ledger_begin(first, NULL));
  cr_expect(ledger_is_original(first, &error), "%s", error.found);
  ledger_rollback(first);
  ledger_close(first);
  ledger_close(second);
  expect_original(&place);
}

Test(ledger_original, counts_only_commits_that_wrote) {
  struct ledger *ledger = book_open(&place);
  book_sql(place.ledger, "SELECT 1");
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_commit(ledger, NULL));
  int64_t generation = book_sql(place.ledger, "SELECT generation FROM ledger");
  cr_assert(ledger_begin(ledger, NULL));
  cr_assert(ledger_commit(ledger, NULL));
  cr_expect_eq(book_sql(place.ledger, "SELECT generation FROM ledger"), generation);
  struct ledger_refund refund = refund_number(10);
  book_put_refund(ledger, &refund);
  cr_expect_eq(book_sql(place.ledger, "SELECT generation FROM ledger"), generation + 1);
  ledger_close(ledger);
}

Test(ledger_original, is_no_copy_of_the_file) {
  struct place to = copy("copy.db", false);
  expect_copy(&to, "no LEDGER.owners beside it");
  expect_original(&place);
}

Test(ledger_original, is_no_copy_of_the_folder) {
  struct place to = copy("copy.db", true);
  expect_copy(&to, "another file than the one that LEDGER.owners names");
}

Test(ledger_original, is_none_that_is_older_in_the_same_file) {
  struct place kept = copy("kept.db", false);
  write_some(&place, 10, 2);
  book_copy(kept.ledger, place.ledger);
  expect_copy(&place, "a ledger that is behind what LEDGER.owners says");
}

Test(ledger_original, is_none_that_was_put_in_its_place) {
  struct place kept = copy("kept.db", false);
  cr_assert_eq(rename(kept.ledger, place.ledger), 0);
  expect_copy(&place, "another file than the one that LEDGER.owners names");
}

Test(ledger_original, is_none_beside_anothers_owners) {
  struct place other = place_make();
  char from[300];
  char to[300];
  write_some(&other, 1, 2);
  snprintf(from, sizeof from, "%s.owners", other.ledger);
  snprintf(to, sizeof to, "%s.owners", place.ledger);
  book_copy(from, to);
  expect_copy(&place, "the LEDGER.owners of another ledger beside it");
}

/* Else it would be the original as soon as it had caught up. */
Test(ledger_original, does_not_become_one_by_being_written) {
  struct place kept = copy("kept.db", false);
  write_some(&place, 10, 2);
  book_copy(kept.ledger, place.ledger);
  write_some(&place, 20, 5);
  expect_copy(&place, "it was no original when it was last written to");
  write_some(&kept, 20, 1);
  expect_copy(&kept, "it was no original when it was last written to");
}

Test(ledger_original, becomes_one_by_being_accepted) {
  struct place file = copy("file.db", false);
  struct place folder = copy("folder.db", true);
  struct place kept = copy("kept.db", false);
  write_some(&place, 10, 2);
  book_copy(kept.ledger, place.ledger);
  write_some(&kept, 20, 2);
  struct place *all[] = {&file, &folder, &place, &kept};
  for (int i = 0; i < 4; i++) {
    struct error error = {0};
    struct ledger *ledger = book_open(all[i]);
    cr_expect_not(ledger_is_original(ledger, NULL));
    cr_expect(ledger_accept_copy(ledger, &error), "%s", error.message);
    cr_expect(ledger_is_original(ledger, &error), "%s", error.found);
    ledger_close(ledger);
    write_some(all[i], 30, 2);
    expect_original(all[i]);
  }
}

/* One that was made where another had been: that one's LEDGER.owners is still there. */
Test(ledger_original, is_one_that_was_made_in_anothers_place) {
  cr_assert_eq(unlink(place.ledger), 0);
  ledger_close(book_open(&place));
  expect_original(&place);
  write_some(&place, 10, 2);
  expect_original(&place);
}

static void write_and_die(const char *at, int n) {
  setenv("REFUND_HOST_TEST_DIE", at, 1);
  struct ledger *ledger = book_open(&place);
  struct ledger_refund refund = refund_number(n);
  book_put_refund(ledger, &refund);
  _exit(0);
}

/* Between the commit and the mark, and before both. */
Test(ledger_original, stays_one_after_a_death_at_any_point) {
  static const struct {
    const char *point;
    bool has;
  } cases[] = {{"after commit:1", true}, {"before commit:1", false}};
  for (int i = 0; i < 2; i++) {
    char id[16];
    snprintf(id, sizeof id, "r-%d", 10 + i);
    pid_t child = book_fork();
    if (child == 0) write_and_die(cases[i].point, 10 + i);
    cr_assert_eq(child_status(child), 128 + SIGKILL);
    expect_original(&place);
    struct ledger *ledger = book_open(&place);
    cr_expect_eq(book_has(ledger, id), cases[i].has);
    ledger_close(ledger);
  }
  write_some(&place, 20, 1);
  expect_original(&place);
}

Test(ledger_original, is_one_whose_maker_died_before_it_was_marked) {
  static const char *const points[] = {"before commit:1", "after commit:1"};
  for (int i = 0; i < 2; i++) {
    place = place_make();
    pid_t child = book_fork();
    if (child == 0) write_and_die(points[i], 1);
    cr_assert_eq(child_status(child), 128 + SIGKILL);
    child = book_fork();
    if (child == 0) write_and_die("after commit:1", 1); /* so did the next, after its first commit */
    cr_assert_eq(child_status(child), 128 + SIGKILL);
    expect_original(&place);
    write_some(&place, 2, 2);
    expect_original(&place);
  }
}
