/* Times and UUIDs as processors want them. */
#include <time.h>

#include "fake.h"

/* The same moment, without what stands between the digits. */
static void expect_digits_of(const char *iso, const struct paper *paper) {
  char digits[64];
  size_t size = 0;
  for (; *iso != '\0'; iso++) {
    if (*iso >= '0' && *iso <= '9') digits[size++] = *iso;
  }
  cr_expect(size == 14 && paper->size == 14 && memcmp(digits, paper->text, 14) == 0, "%.*s", (int)paper->size,
            paper->text);
}

static void dates(int64_t time_ms, const char *http, const char *iso) {
  struct paper paper;
  paper_open(&paper);
  cr_expect_eq(refund_put_date(&paper.sink, time_ms, REFUND_DATE_HTTP), REFUND_OK);
  cr_expect(refund_is(paper_text(&paper), http), "%.*s", (int)paper.size, paper.text);
  paper_open(&paper);
  cr_expect_eq(refund_put_date(&paper.sink, time_ms, REFUND_DATE_ISO), REFUND_OK);
  cr_expect(refund_is(paper_text(&paper), iso), "%.*s", (int)paper.size, paper.text);
  paper_open(&paper);
  cr_expect_eq(refund_put_date(&paper.sink, time_ms, REFUND_DATE_DIGITS), REFUND_OK);
  expect_digits_of(iso, &paper);
}

Test(date, is_in_utc_by_rfc_9110_or_rfc_3339) {
  dates(1721261883000, "Thu, 18 Jul 2024 00:18:03 GMT", "2024-07-18T00:18:03Z");
  dates(1721261883999, "Thu, 18 Jul 2024 00:18:03 GMT", "2024-07-18T00:18:03Z");
  dates(784111777000, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z");
  dates(0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z");
  dates(-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59Z");
  dates(-86400000, "Wed, 31 Dec 1969 00:00:00 GMT", "1969-12-31T00:00:00Z");
  dates(951782400000, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00Z");
  dates(253402300799000, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z");
}

/* The C library as the oracle, over four thousand years. */
Test(date, agrees_with_the_calendar_on_any_day) {
  uint64_t seed = 1582;
  for (int round = 0; round < 20000; round++) {
    time_t seconds = (time_t)(chance(&seed) % 126230400000u) - 62135596800;
    struct tm utc;
    char http[64];
    char iso[64];
    cr_assert_not_null(gmtime_r(&seconds, &utc));
    if (utc.tm_year < -900) continue; /* strftime() writes years before 1000 without zeros */
    strftime(http, sizeof http, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%SZ", &utc);
    dates((int64_t)seconds * 1000 + 7, http, iso);
  }
}

Test(date, of_no_year_with_four_digits_or_of_no_form_is_misuse) {
  struct paper paper;
  paper_open(&paper);
  cr_expect_eq(refund_put_date(&paper.sink, 253402300800000, REFUND_DATE_ISO), REFUND_INTERNAL);
  cr_expect_eq(refund_put_date(&paper.sink, INT64_MAX, REFUND_DATE_ISO), REFUND_INTERNAL);
  cr_expect_eq(refund_put_date(&paper.sink, INT64_MIN, REFUND_DATE_HTTP), REFUND_INTERNAL);
  cr_expect_eq(refund_put_date(&paper.sink, 0, 0), REFUND_INTERNAL);
  cr_expect_eq(refund_put_date(&paper.sink, 0, 4), REFUND_INTERNAL);
  cr_expect_eq(paper.size, 0);
}

Test(uuid, is_version_4_of_rfc_9562_made_of_the_seed) {
  static const uint8_t zeros[16] = {0};
  uint8_t seed[16];
  struct paper paper;
  paper_open(&paper);
  cr_expect_eq(refund_put_uuid(&paper.sink, zeros), REFUND_OK);
  expect_text(paper_text(&paper), "00000000-0000-4000-8000-000000000000");
  for (uint8_t i = 0; i < 16; i++)
    seed[i] = (uint8_t)(0xF0 + i);
  paper_open(&paper);
  cr_expect_eq(refund_put_uuid(&paper.sink, seed), REFUND_OK);
  expect_text(paper_text(&paper), "f0f1f2f3-f4f5-46f7-b8f9-fafbfcfdfeff");
}

/* Sinks stay failed, so the last code tells. */
Test(uuid, and_date_end_with_the_refusal_of_the_sink) {
  static const uint8_t seed[16] = {0};
  struct fake *fake = fake_open();
  refund_buffer buffer;
  fake->allocations_allowed = 0;
  refund_buffer_open(&buffer, &fake->call);
  cr_expect_eq(refund_put_uuid(&buffer.sink, seed), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_date(&buffer.sink, 0, REFUND_DATE_HTTP), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_date(&buffer.sink, 0, REFUND_DATE_ISO), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_date(&buffer.sink, 0, REFUND_DATE_DIGITS), REFUND_SINK_REFUSED);
  fake_close(fake);
}
