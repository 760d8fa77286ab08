/* Arenas and buffers: what they hand out, their limits, and that they stay failed. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "common/arena.h"
#include "common/buffer.h"

/* ---- Arena ---- */

Test(arena, hands_out_zeroed_and_aligned_memory_that_does_not_overlap) {
  static const size_t sizes[] = {1, 16, 17, 0, 100, 16 * 1024, 15, 40000, 3, 16 * 1024 - 16, 33};
  enum { COUNT = sizeof sizes / sizeof *sizes };
  struct arena *arena = arena_open(0);
  unsigned char *memory[COUNT];
  for (size_t i = 0; i < COUNT; i++) {
    memory[i] = arena_allocate(arena, sizes[i]);
    cr_assert_not_null(memory[i]);
    cr_expect_eq((uintptr_t)memory[i] % 16, 0);
    for (size_t j = 0; j < sizes[i]; j++)
      cr_assert_eq(memory[i][j], 0);
    memset(memory[i], (int)i + 1, sizes[i]);
  }
  for (size_t i = 0; i < COUNT; i++) {
    for (size_t j = 0; j < sizes[i]; j++)
      cr_assert_eq(memory[i][j], i + 1);
  }
  arena_close(arena);
}

Test(arena, refuses_what_is_over_its_limit_and_goes_on_below_it) {
  struct arena *arena = arena_open(64);
  cr_expect_not_null(arena_allocate(arena, 48));
  cr_expect_null(arena_allocate(arena, 17));
  cr_expect_not_null(arena_allocate(arena, 16));
  cr_expect_null(arena_allocate(arena, 0));
  cr_expect_null(arena_copy(arena, (refund_text){"x", 1}).data);
  cr_expect_null(arena_format(arena, "%s", "x").data);
  arena_close(arena);
}

Test(arena, counts_small_pieces_against_its_limit) {
  struct arena *arena = arena_open(1024 * 1024);
  size_t count = 0;
  while (arena_allocate(arena, 1) != NULL)
    count++;
  cr_expect_eq(count, 1024 * 1024 / 16);
  arena_close(arena);
}

Test(arena, refuses_a_size_that_no_memory_has) {
  struct arena *arena = arena_open(0);
  cr_expect_null(arena_allocate(arena, SIZE_MAX));
  cr_expect_null(arena_allocate(arena, SIZE_MAX - 15));
  cr_expect_null(arena_allocate(arena, SIZE_MAX / 2 + 1));
  cr_expect_not_null(arena_allocate(arena, 1));
  arena_close(arena);
  arena_close(NULL);
}

Test(arena, copies_text_with_a_nul_behind_it) {
  struct arena *arena = arena_open(0);
  refund_text copy = arena_copy(arena, (refund_text){"a\0bcd", 3});
  cr_expect_eq(copy.size, 3);
  cr_expect_eq(memcmp(copy.data, "a\0b", 4), 0);
  cr_expect_null(arena_copy(arena, (refund_text){NULL, 0}).data);
  refund_text empty = arena_copy(arena, (refund_text){"x", 0});
  cr_expect(empty.data != NULL && empty.size == 0 && empty.data[0] == '\0');
  arena_close(arena);
}

Test(arena, formats_text_of_any_length) {
  struct arena *arena = arena_open(0);
  refund_text text = arena_format(arena, "%s-%05d", "a", 42);
  cr_expect_eq(text.size, 7);
  cr_expect_str_eq(text.data, "a-00042");
  cr_expect_eq(arena_format(arena, "%100000d", 1).size, 100000);
  arena_close(arena);
}

/* ---- Buffer ---- */

Test(buffer, is_there_and_empty_before_the_first_write) {
  struct buffer buffer;
  buffer_open(&buffer, 0);
  cr_expect_not_null(buffer_text(&buffer).data);
  cr_expect_eq(buffer_text(&buffer).size, 0);
  buffer_close(&buffer);
}

Test(buffer, keeps_bytes_in_order_with_a_nul_behind_them) {
  struct buffer buffer;
  buffer_open(&buffer, 0);
  for (int i = 0; i < 10000; i++) {
    char c = (char)('a' + i % 26);
    cr_assert(buffer_write(&buffer, &c, 1));
    cr_assert_eq(buffer.data[buffer.size], '\0');
  }
  for (int i = 0; i < 10000; i++)
    cr_assert_eq(buffer.data[i], 'a' + i % 26);
  cr_expect_eq(buffer.size, 10000);
  buffer_close(&buffer);
  cr_expect_null(buffer.data);
}

Test(buffer, takes_its_limit_exactly_and_stays_failed_beyond_it) {
  struct buffer buffer;
  buffer_open(&buffer, 5);
  cr_expect(buffer_write(&buffer, "abcde", 5));
  cr_expect(buffer_write(&buffer, "", 0));
  cr_expect_not(buffer_write(&buffer, "f", 1));
  cr_expect(buffer.failed);
  cr_expect_not(buffer_write(&buffer, "", 0), "it must not come back to life");
  cr_expect_str_eq(buffer_text(&buffer).data, "abcde");
  buffer_close(&buffer);
  buffer_open(&buffer, 5);
  cr_expect_not(buffer_write(&buffer, "abcdef", 6));
  cr_expect_eq(buffer.size, 0, "nothing is written in part");
  buffer_close(&buffer);
}

Test(buffer, refuses_sizes_and_pointers_that_cannot_be) {
  struct buffer buffer;
  buffer_open(&buffer, 0);
  cr_expect_not(buffer_write(&buffer, "x", SIZE_MAX));
  buffer_close(&buffer);
  buffer_open(&buffer, 0);
  cr_expect_not(buffer_write(&buffer, NULL, 1));
  buffer_close(&buffer);
  buffer_open(&buffer, 0);
  cr_expect(buffer_write(&buffer, NULL, 0));
  buffer_close(&buffer);
}

Test(buffer, is_empty_and_alive_again_after_a_reset) {
  struct buffer buffer;
  buffer_open(&buffer, 5);
  buffer_write(&buffer, "secret", 6);
  buffer_reset(&buffer);
  cr_expect(buffer_write(&buffer, "abc", 3));
  buffer_reset(&buffer);
  cr_expect_eq(buffer.size, 0);
  cr_expect_str_eq(buffer_text(&buffer).data, "", "its text ends where it ends");
  cr_expect(buffer_write(&buffer, "x", 1));
  cr_expect_str_eq(buffer_text(&buffer).data, "x");
  buffer_close(&buffer);
}

Test(buffer, is_a_sink_with_the_sinks_codes) {
  struct buffer buffer;
  buffer_open(&buffer, 3);
  cr_expect_eq(buffer.sink.size, sizeof(refund_bytes));
  cr_expect_eq(buffer.sink.write(&buffer.sink, "abc", 3), REFUND_OK);
  cr_expect_eq(buffer.sink.write(&buffer.sink, "d", 1), REFUND_SINK_REFUSED);
  cr_expect_eq(buffer.sink.write(&buffer.sink, "", 0), REFUND_SINK_REFUSED);
  cr_expect_str_eq(buffer_text(&buffer).data, "abc");
  buffer_close(&buffer);
}
