/* How long one refund waits before its next try. */
#include <criterion/criterion.h>

#include "flow/lane.h"
#include "refund_toolkit.h"

/* Sun, 06 Nov 1994 08:49:37 GMT, the RFC's own example. */
static const int64_t example = INT64_C(784111777000);

Test(lane_wait, backs_off_exponentially_with_full_jitter) {
  static const struct {
    int64_t tries, greatest;
  } rows[] = {{1, 1000},   {2, 2000},    {3, 4000},    {4, 8000},      {8, 128000},
              {9, 256000}, {10, 300000}, {11, 300000}, {1000, 300000}, {INT64_MAX, 300000}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    cr_expect_eq(lane_backoff(rows[i].tries, 0), 0);
    cr_expect_eq(lane_backoff(rows[i].tries, UINT32_MAX), rows[i].greatest, "%lld", (long long)rows[i].tries);
    int64_t half = lane_backoff(rows[i].tries, UINT32_MAX / 2);
    cr_expect(half >= rows[i].greatest / 2 - 1 && half <= rows[i].greatest / 2 + 1, "%lld", (long long)half);
  }
}

Test(lane_wait, reads_a_retry_after_in_seconds) {
  static const struct {
    const char *text;
    int64_t wait;
  } rows[] = {{"0", 0},
              {"1", 1000},
              {"120", 120000},
              {"9999999999", INT64_C(9999999999000)},
              {"10000000000", 0},
              {"99999999999999999999999", 0},
              {"-1", 0},
              {"+1", 0},
              {"1.5", 0},
              {"1 s", 0},
              {" 1", 0},
              {"soon", 0},
              {"", 0}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int64_t wait = lane_retry_after(refund_text_of(rows[i].text), example);
    cr_expect_eq(wait, rows[i].wait, "\"%s\": %lld", rows[i].text, (long long)wait);
  }
  cr_expect_eq(lane_retry_after((refund_text){NULL, 0}, example), 0);
}

Test(lane_wait, reads_a_retry_after_in_each_form_of_a_date) {
  static const struct {
    const char *text;
    int64_t wait; /* from a minute before the example on */
  } rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 60000},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 60000},
      {"Sun Nov  6 08:49:37 1994", 60000},
      {"Wed Nov 16 08:49:37 1994", 864060000},
      {"Sun, 06 Nov 1994 08:48:37 GMT", 0}, /* now */
      {"Sun, 06 Nov 1994 08:48:36 GMT", 0},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"Mon, 07 Nov 1994 00:00:00 GMT", 54683000},
      {"Sat, 31 Dec 1994 23:59:60 GMT", INT64_C(4806683000)}, /* a leap second */
      {"Sun, 01 Jan 1995 00:00:00 GMT", INT64_C(4806683000)},
      {"Thu, 29 Feb 1996 00:00:00 GMT", INT64_C(41440283000)},
      {"Wednesday, 29-Feb-96 00:00:00 GMT", INT64_C(41440283000)}, /* who miscounts days may be right about the rest */
      {"Sunday, 06-Nov-44 08:49:37 GMT", INT64_C(1577923260000)},  /* 50 years ahead */
      {"Sunday, 06-Nov-45 08:49:37 GMT", 0},                       /* 1945 */
      {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(252618189082000)},
      {"Wed, 29 Feb 1995 00:00:00 GMT", 0},
      {"Mon, 31 Nov 1994 08:49:37 GMT", 0},
      {"Mon, 00 Dec 1994 08:49:37 GMT", 0},
      {"Tue, 06 Dec 1994 24:00:00 GMT", 0},
      {"Tue, 06 Dec 1994 08:60:37 GMT", 0},
      {"Tue, 06 Dec 1994 08:49:61 GMT", 0},
      {"Tue, 06 Dec 1994 08: 9:37 GMT", 0},
      {"Tue, 06 Dec 1994 08:49:37", 0},
      {"Tue, 06 Dec 1994 08:49:37 CET", 0},
      {"Tue, 06 Dec 1994 08:49:37 GMT ", 0},
      {"Tue, 6 Dec 1994 08:49:37 GMT", 0},
      {"Tue, +6 Dec 1994 08:49:37 GMT", 0},
      {"tue, 06 dec 1994 08:49:37 GMT", 0},
      {"Die, 06 Dez 1994 08:49:37 GMT", 0},
      {"Tuesday, 06-Dec-1994 08:49:37 GMT", 0},
      {"Tue Dec 6 08:49:37 1994", 0},
      {"1994-12-06T08:49:37Z", 0},
      {"Tue", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int64_t wait = lane_retry_after(refund_text_of(rows[i].text), example - 60000);
    cr_expect_eq(wait, rows[i].wait, "\"%s\": %lld", rows[i].text, (long long)wait);
  }
}
