/* Time and randomness, through their one seam. */
#include "common/outside.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

Test(outside, of_the_system_tells_the_time_in_milliseconds) {
  struct outside outside = outside_system();
  int64_t before = (int64_t)time(NULL) * 1000 - 1000;
  int64_t now = outside.now_ms(&outside);
  cr_expect(now >= before && now <= before + 60000, "%lld", (long long)now);
  int64_t up = outside.uptime_ms(&outside);
  cr_expect(up > 0 && up <= outside.uptime_ms(&outside));
}

Test(outside, fixed_stands_still_but_for_the_uptime) {
  struct outside outside = outside_fixed(1700000000123);
  cr_expect_eq(outside.now_ms(&outside), 1700000000123);
  cr_expect_eq(outside.now_ms(&outside), 1700000000123);
  struct outside copy = outside;
  cr_expect_eq(copy.now_ms(&copy), 1700000000123, "a copy tells the same time");
  cr_expect_gt(outside.uptime_ms(&outside), 0);
}

Test(outside, gives_random_bytes_that_differ_from_call_to_call) {
  struct outside outside = outside_system();
  unsigned char a[32] = {0};
  unsigned char b[32] = {0};
  unsigned char none[32] = {0};
  cr_expect(outside.random(&outside, a, sizeof a));
  cr_expect(outside.random(&outside, b, sizeof b));
  cr_expect_neq(memcmp(a, b, sizeof a), 0);
  cr_expect_neq(memcmp(a, none, sizeof a), 0);
  cr_expect(outside.random(&outside, a, 0));
}

Test(outside, knows_its_boot_by_a_line_without_its_end) {
  struct outside outside = outside_system();
  cr_expect_null(strchr(outside.boot_id, '\n'));
  cr_expect(outside.boot_id[0] == '\0' || strlen(outside.boot_id) == 36, "%s", outside.boot_id);
}
