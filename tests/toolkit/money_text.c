/* Amounts as major-unit text: written with all their decimals, read without rounding. */
#include "fake.h"

enum { ROUNDS = 20000 };
#define GREATEST INT64_C(9007199254740991) /* 2^53 - 1 */

static refund_text written(struct paper *paper, int64_t amount, int32_t exponent) {
  paper_open(paper);
  cr_expect_eq(refund_put_major(&paper->sink, amount, exponent), REFUND_OK);
  return paper_text(paper);
}

Test(money_text, is_written_with_all_decimals_of_the_exponent) {
  static const struct {
    int64_t amount;
    int32_t exponent;
    const char *text;
  } cases[] = {
      {1000, 2, "10.00"},
      {1000, 0, "1000"},
      {1, 3, "0.001"},
      {0, 2, "0.00"},
      {0, 0, "0"},
      {-5, 2, "-0.05"},
      {-1234, 3, "-1.234"},
      {99, 2, "0.99"},
      {100, 2, "1.00"},
      {12345, 4, "1.2345"},
      {GREATEST, 2, "90071992547409.91"},
      {1, 18, "0.000000000000000001"},
      {INT64_MAX, 0, "9223372036854775807"},
      {INT64_MAX, 2, "92233720368547758.07"},
      {INT64_MAX, 18, "9.223372036854775807"},
      {INT64_MIN, 0, "-9223372036854775808"},
      {INT64_MIN, 2, "-92233720368547758.08"},
      {INT64_MIN, 18, "-9.223372036854775808"},
  };
  struct paper paper;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refund_text text = written(&paper, cases[i].amount, cases[i].exponent);
    cr_expect(refund_is(text, cases[i].text), "expected %s, found %.*s", cases[i].text, (int)text.size, text.data);
  }
}

Test(money_text, has_no_exponent_below_0_or_above_18) {
  struct paper paper;
  int64_t amount = 77;
  paper_open(&paper);
  cr_expect_eq(refund_put_major(&paper.sink, 1, -1), REFUND_INTERNAL);
  cr_expect_eq(refund_put_major(&paper.sink, 1, 19), REFUND_INTERNAL);
  cr_expect_eq(paper.size, 0);
  cr_expect_not(refund_read_major(T("1"), -1, &amount));
  cr_expect_not(refund_read_major(T("1"), 19, &amount));
}

Test(money_text, reads_back_what_was_written_for_every_exponent) {
  struct paper paper;
  uint64_t seed = 20240229;
  for (int32_t exponent = 0; exponent <= 18; exponent++) {
    for (int round = 0; round < ROUNDS; round++) {
      int64_t amount = (int64_t)(chance(&seed) % (uint64_t)GREATEST) + 1;
      if (round % 3 == 1) amount %= 100000;
      if (round % 5 == 0) amount = -amount;
      int64_t again = 0;
      refund_text text = written(&paper, amount, exponent);
      cr_assert(refund_read_major(text, exponent, &again), "%.*s", (int)text.size, text.data);
      cr_assert_eq(again, amount, "%.*s at %d", (int)text.size, text.data, exponent);
    }
  }
}

Test(money_text, reads_back_the_ends_of_the_range) {
  static const int64_t ends[] = {0, 1, GREATEST, INT64_MAX - 1, INT64_MAX, -INT64_MAX};
  struct paper paper;
  for (int32_t exponent = 0; exponent <= 18; exponent++) {
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
      int64_t again = 5;
      cr_assert(refund_read_major(written(&paper, ends[i], exponent), exponent, &again));
      cr_assert_eq(again, ends[i]);
    }
  }
}

Test(money_text, is_refused_where_it_does_not_fit_int64) {
  int64_t amount = 77;
  cr_expect_not(refund_read_major(T("9223372036854775808"), 0, &amount));
  cr_expect_not(refund_read_major(T("92233720368547758.08"), 2, &amount));
  cr_expect_not(refund_read_major(T("92233720368547759"), 2, &amount));
  cr_expect_not(refund_read_major(T("99999999999999999999999999"), 0, &amount));
  cr_expect_not(refund_read_integer(T("18446744073709551617"), &amount), "2^64 + 1 is not 1");
  cr_expect_eq(amount, 77, "a refusal leaves the amount alone");
}

Test(money_text, may_have_fewer_decimals_or_more_zeros) {
  static const struct {
    const char *text;
    int32_t exponent;
    int64_t amount;
  } cases[] = {{"10", 2, 1000},
               {"10.5", 2, 1050},
               {"10.50", 2, 1050},
               {"10.500", 2, 1050},
               {"10.000", 0, 10},
               {"0.0010", 3, 1},
               {"-1.5", 2, -150},
               {"007", 0, 7},
               {"0", 2, 0},
               {"-0.00", 2, 0},
               {"1.0000000000000000000000000", 2, 100}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t amount = 77;
    cr_expect(refund_read_major(refund_text_of(cases[i].text), cases[i].exponent, &amount), "%s", cases[i].text);
    cr_expect_eq(amount, cases[i].amount, "%s", cases[i].text);
  }
}

Test(money_text, is_nothing_but_digits_a_point_and_a_minus) {
  static const char *const wrong[] = {
      "",     "-",        ".",      ".5",    "5.",           "-.5", "+1",  "1e3",   "1E3",   "1.5e1",
      "0x10", " 1",       "1 ",     "1,00",  "1.2.3",        "--1", "1-",  "1.-5",  "NaN",   "inf",
      "1_0",  "\xD9\xA1", "10.001", "0.001", "1.0000000001", "..",  "-5.", "1.00.", "10 USD"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t amount = 77;
    cr_expect_not(refund_read_major(refund_text_of(wrong[i]), 2, &amount), "%s", wrong[i]);
    cr_expect_eq(amount, 77, "%s", wrong[i]);
  }
  int64_t amount = 77;
  cr_expect_not(refund_read_major(NOT_THERE, 2, &amount));
  cr_expect_not(refund_read_major(T("1\0"), 2, &amount));
  cr_expect_not(refund_read_major(T("1.5"), 0, &amount));
}

Test(money_text, reads_integers_without_any_point) {
  int64_t number = 0;
  cr_expect(refund_read_integer(T("1000"), &number) && number == 1000);
  cr_expect(refund_read_integer(T("-12"), &number) && number == -12);
  cr_expect(refund_read_integer(T("9223372036854775807"), &number) && number == INT64_MAX);
  static const char *const wrong[] = {"", "1.0", "1.", "+1", "1e3", "-", " 1"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cr_expect_not(refund_read_integer(refund_text_of(wrong[i]), &number), "%s", wrong[i]);
  }
  cr_expect_not(refund_read_integer(NOT_THERE, &number));
}
