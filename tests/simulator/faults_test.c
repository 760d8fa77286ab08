#include "simulator/faults.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "simulator/books.h"

#define OPEN(seed, ...)                                                                                                \
  faults_open((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (seed), \
              NULL)

static const char *draw(struct faults *faults, const char *request) {
  const struct fault *fault = faults_draw(faults, "a", request, strlen(request));
  return fault == NULL ? "" : fault->name;
}

/* How many of 10,000 requests, each for the first time, suffer the fault. */
static int share(struct faults *faults, const char *name) {
  int hits = 0;
  for (int i = 0; i < 10000; i++) {
    char request[16];
    snprintf(request, sizeof request, "r%d", i);
    hits += strcmp(draw(faults, request), name) == 0;
  }
  return hits;
}

Test(faults, every_kind_is_known_and_strikes_always_without_a_rate) {
  static const char *const kinds[] = {"reset-before", "reset-after", "500-before",     "500-after",    "429",
                                      "token-401",    "truncate",    "html",           "empty",        "slow",
                                      "pending",      "failed",      "unknown-status", "wrong-amount", "wrong-currency",
                                      "no-id"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct faults *faults = OPEN(i, kinds[i]);
    cr_assert_not_null(faults, "%s", kinds[i]);
    for (int j = 0; j < 50; j++)
      cr_expect_str_eq(draw(faults, "x"), kinds[i]);
    faults_close(faults);
  }
}

Test(faults, none_strikes_where_none_was_asked_for) {
  struct faults *faults = faults_open(NULL, 0, 1, NULL);
  cr_assert_not_null(faults);
  cr_expect_str_eq(draw(faults, "x"), "");
  faults_close(faults);
}

Test(faults, bad_options_are_refused_with_a_fix) {
  static const char *const bad[] = {"",
                                    "zorb",
                                    "slow=",
                                    "slow=x",
                                    "slow=1.1",
                                    "slow=-0.1",
                                    "slow=101%",
                                    "slow=%",
                                    "slow=.5",
                                    "slow=1.",
                                    "slow=0x1",
                                    "slow=nan",
                                    "slow=1e0",
                                    "slow= 0.5",
                                    "slow=0.5.5",
                                    "slow=0,5",
                                    "Slow",
                                    "slow ",
                                    "=1",
                                    "slow=2",
                                    "slow=50%%",
                                    "slow=Once",
                                    "slow=0.0000001",
                                    "slow=0.00001%",
                                    "slow=99999999999999999999"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct error error = {0};
    cr_expect_null(faults_open(&bad[i], 1, 1, &error), "%s", bad[i]);
    cr_expect_eq(error.code, ERROR_USAGE);
    cr_expect_str_eq(error.field, "--fault");
    cr_expect_str_eq(error.found, bad[i]);
    cr_expect_null(strstr(error.message, "add up"), "%s", error.message);
    cr_expect(strstr(error.expected, "wrong-currency") != NULL && error.fix[0] != '\0');
  }
}

Test(faults, rates_that_add_up_to_more_than_one_are_refused) {
  struct error error = {0};
  const char *const full[] = {"slow=0.7", "429=30%"};
  const char *const over[] = {"slow=0.7", "429=30.0001%"};
  struct faults *faults = faults_open(full, 2, 1, &error);
  cr_expect_not_null(faults);
  faults_close(faults);
  cr_expect_null(faults_open(over, 2, 1, &error));
  cr_expect_str_eq(error.found, "429=30.0001%");
}

Test(faults, rates_are_kept) {
  struct faults *faults = OPEN(7, "slow=0.2", "429=5%", "html=0");
  int slow = share(faults, "slow");
  cr_expect(slow > 1800 && slow < 2200, "%d", slow);
  faults_close(faults);
  faults = OPEN(7, "slow=0.2", "429=5%", "html=0");
  int limited = share(faults, "429");
  cr_expect(limited > 400 && limited < 600, "%d", limited);
  faults_close(faults);
  faults = OPEN(7, "slow=0.2", "429=5%", "html=0");
  cr_expect_eq(share(faults, "html"), 0);
  faults_close(faults);
}

Test(faults, a_repeat_draws_anew) {
  struct faults *faults = OPEN(7, "slow=0.5");
  int hits = 0;
  for (int i = 0; i < 1000; i++)
    hits += *draw(faults, "x") != '\0';
  cr_expect(hits > 400 && hits < 600, "%d", hits);
  faults_close(faults);
}

Test(faults, the_same_requests_suffer_the_same_in_any_order) {
  enum { REQUESTS = 64, TIMES = 3 };
  const char *drawn[REQUESTS][TIMES];
  struct faults *forward = OPEN(42, "slow=0.3", "empty=0.3");
  struct faults *backward = OPEN(42, "slow=0.3", "empty=0.3");
  char request[8];
  for (int time = 0; time < TIMES; time++) {
    for (int i = 0; i < REQUESTS; i++) {
      snprintf(request, sizeof request, "%d", i);
      drawn[i][time] = draw(forward, request);
    }
  }
  for (int i = REQUESTS - 1; i >= 0; i--) {
    snprintf(request, sizeof request, "%d", i);
    for (int time = 0; time < TIMES; time++)
      cr_expect_str_eq(draw(backward, request), drawn[i][time]);
  }
  faults_close(forward);
  faults_close(backward);
}

Test(faults, another_seed_draws_otherwise) {
  struct faults *one = OPEN(1, "slow=0.5");
  struct faults *two = OPEN(2, "slow=0.5");
  int same = 0;
  for (int i = 0; i < 1000; i++) {
    char request[8];
    snprintf(request, sizeof request, "%d", i);
    same += strcmp(draw(one, request), draw(two, request)) == 0;
  }
  cr_expect(same > 400 && same < 600, "%d", same);
  faults_close(one);
  faults_close(two);
}

Test(faults, once_strikes_each_request_at_its_own_time) {
  struct faults *faults = OPEN(1, "reset-before=once", "500-after=once");
  cr_expect_str_eq(draw(faults, "x"), "reset-before");
  cr_expect_str_eq(draw(faults, "y"), "reset-before");
  cr_expect_str_eq(draw(faults, "x"), "500-after");
  cr_expect_str_eq(draw(faults, "x"), "");
  cr_expect_str_eq(draw(faults, "y"), "500-after");
  cr_expect_str_eq(draw(faults, "y"), "");
  faults_close(faults);
}

Test(faults, a_rate_takes_over_after_once) {
  struct faults *faults = OPEN(1, "pending", "reset-after=once");
  cr_expect_str_eq(draw(faults, "x"), "reset-after");
  cr_expect_str_eq(draw(faults, "x"), "pending");
  faults_close(faults);
}

static struct echo echo_of(const char *kind, const char *currency) {
  static char id[] = "id";
  struct payment payment = {0};
  memcpy(payment.currency, currency, 4);
  struct refund refund = {.id = id, .amount = 500, .payment = &payment};
  struct faults *faults = faults_open(&kind, 1, 1, NULL);
  struct echo echo = faults_echo(faults_draw(faults, "a", "", 0), &refund);
  faults_close(faults);
  return echo;
}

Test(faults, the_echo_is_wrong_in_one_way_only) {
  struct echo truth = echo_of("slow", "USD");
  cr_expect(truth.amount == 500 && strcmp(truth.currency, "USD") == 0 && truth.id != NULL);
  struct echo amount = echo_of("wrong-amount", "USD");
  cr_expect(amount.amount == 501 && strcmp(amount.currency, "USD") == 0 && amount.id != NULL);
  struct echo currency = echo_of("wrong-currency", "USD");
  cr_expect(currency.amount == 500 && strcmp(currency.currency, "EUR") == 0 && currency.id != NULL);
  cr_expect_str_eq(echo_of("wrong-currency", "EUR").currency, "USD");
  struct echo nameless = echo_of("no-id", "USD");
  cr_expect(nameless.amount == 500 && strcmp(nameless.currency, "USD") == 0 && nameless.id == NULL);
}
