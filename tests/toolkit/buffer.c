/* The sink in scratch memory, and the plain writers into any sink. */
#include "fake.h"

Test(buffer, is_there_and_empty_before_the_first_write) {
  struct fake *fake = fake_open();
  refund_buffer buffer;
  refund_buffer_open(&buffer, &fake->call);
  expect_text(refund_buffer_text(&buffer), "");
  cr_expect_eq(fake->block_count, 0);
  cr_expect_eq(buffer.sink.size, sizeof(refund_bytes));
  fake_close(fake);
}

Test(buffer, keeps_every_byte_in_order_however_it_grows) {
  struct fake *fake = fake_open();
  refund_buffer buffer;
  char expected[5000];
  uint64_t seed = 7;
  size_t size = 0;
  refund_buffer_open(&buffer, &fake->call);
  while (size < 4900) {
    size_t piece = chance(&seed) % 90;
    for (size_t i = 0; i < piece; i++)
      expected[size + i] = (char)chance(&seed);
    refund_text text = {expected + size, piece};
    cr_assert_eq(refund_put(&buffer.sink, text), REFUND_OK);
    size += piece;
  }
  cr_expect_eq(refund_buffer_text(&buffer).size, size);
  cr_expect_eq(memcmp(refund_buffer_text(&buffer).data, expected, size), 0);
  fake_close(fake);
}

Test(buffer, stays_failed_and_not_there_once_memory_was_refused) {
  struct fake *fake = fake_open();
  refund_buffer buffer;
  char much[512] = "";
  refund_buffer_open(&buffer, &fake->call);
  fake->allocations_allowed = 1;
  cr_expect_eq(refund_puts(&buffer.sink, "small"), REFUND_OK);
  cr_expect_eq(buffer.sink.write(&buffer.sink, much, sizeof much), REFUND_SINK_REFUSED);
  cr_expect_null(refund_buffer_text(&buffer).data);
  fake->allocations_allowed = 2;
  cr_expect_eq(refund_puts(&buffer.sink, "x"), REFUND_SINK_REFUSED, "it must not come back to life");
  cr_expect_null(refund_buffer_text(&buffer).data);
  fake_close(fake);
}

Test(buffer, refuses_a_size_that_no_memory_has) {
  struct fake *fake = fake_open();
  refund_buffer buffer;
  refund_buffer_open(&buffer, &fake->call);
  cr_expect_eq(buffer.sink.write(&buffer.sink, "x", UINT64_MAX), REFUND_SINK_REFUSED);
  cr_expect_eq(buffer.sink.write(&buffer.sink, "x", UINT64_MAX / 2), REFUND_SINK_REFUSED);
  cr_expect_eq(fake->block_count, 0);
  fake_close(fake);
}

/* ---- Plain writers ---- */

Test(put, writes_texts_and_strings_and_nothing_for_what_is_not_there) {
  struct paper paper;
  paper_open(&paper);
  cr_expect_eq(refund_put(&paper.sink, T("a\0b")), REFUND_OK);
  cr_expect_eq(refund_put(&paper.sink, NOT_THERE), REFUND_OK);
  cr_expect_eq(refund_puts(&paper.sink, NULL), REFUND_OK);
  cr_expect_eq(refund_puts(&paper.sink, "c"), REFUND_OK);
  expect_text(paper_text(&paper), "a\0bc");
}

Test(put, returns_the_refusal_of_the_sink) {
  struct paper paper;
  paper_open(&paper);
  paper.limit = 2;
  cr_expect_eq(refund_puts(&paper.sink, "abc"), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_integer(&paper.sink, 1000), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_major(&paper.sink, 1000, 2), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_base64(&paper.sink, T("abc")), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_base64url(&paper.sink, T("abc")), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_hex(&paper.sink, T("ab")), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_url(&paper.sink, T("https://a"), "/b/", T("c"), ""), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_put_url(&paper.sink, NOT_THERE, "", T("abc"), ""), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_no_body(NULL, &paper.sink), REFUND_OK);
}

/* Each writer's whole output is N bytes; with room for fewer it refuses, and does not write on after the refusal. */
Test(put, stops_at_the_first_refusal) {
  int32_t (*const writers[])(refund_bytes *, refund_text) = {refund_put_percent, refund_put_base64,
                                                             refund_put_base64url, refund_put_hex, refund_put_xml};
  for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
    struct paper whole;
    paper_open(&whole);
    cr_assert_eq(writers[i](&whole.sink, T("a&b<c d\xFF")), REFUND_OK);
    for (size_t limit = 0; limit < whole.size; limit++) {
      struct paper paper;
      paper_open(&paper);
      paper.limit = limit;
      cr_expect_eq(writers[i](&paper.sink, T("a&b<c d\xFF")), REFUND_SINK_REFUSED, "writer %zu, limit %zu", i, limit);
      cr_expect_eq(paper.written_after_refusal, 0, "writer %zu, limit %zu", i, limit);
    }
  }
}

Test(put, writes_integers_to_their_very_ends) {
  static const struct {
    int64_t number;
    const char *text;
  } cases[] = {{0, "0"},
               {7, "7"},
               {-7, "-7"},
               {10, "10"},
               {INT64_MAX, "9223372036854775807"},
               {INT64_MIN, "-9223372036854775808"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct paper paper;
    paper_open(&paper);
    cr_expect_eq(refund_put_integer(&paper.sink, cases[i].number), REFUND_OK);
    cr_expect(refund_is(paper_text(&paper), cases[i].text), "%s", cases[i].text);
  }
}
