/* The JSON writer: order, commas and escapes by themselves, and a code that says when it was misused. */
#include "fake.h"

struct page {
  struct paper paper;
  refund_json json;
};

static void page_open(struct page *page) {
  paper_open(&page->paper);
  refund_json_open(&page->json, &page->paper.sink);
}

#define expect_page(page, literal)                    \
  do {                                                \
    cr_expect_eq((page)->json.code, REFUND_OK);       \
    expect_text(paper_text(&(page)->paper), literal); \
  } while (0)

Test(json, keeps_the_order_of_the_calls_and_puts_commas_between) {
  struct page page;
  page_open(&page);
  refund_json *json = &page.json;
  refund_json_object(json, NULL);
  refund_json_string(json, "z", "last comes first");
  refund_json_integer(json, "amount", -1000);
  refund_json_array(json, "list");
  refund_json_integer(json, NULL, 1);
  refund_json_object(json, NULL);
  refund_json_end(json);
  refund_json_array(json, NULL);
  refund_json_end(json);
  refund_json_text(json, NULL, T("two"));
  refund_json_end(json);
  refund_json_boolean(json, "yes", 7);
  refund_json_boolean(json, "no", 0);
  refund_json_null(json, "nothing");
  refund_json_raw(json, "raw", T("{\"a\": 1}"));
  refund_json_end(json);
  expect_page(&page,
              "{\"z\":\"last comes first\",\"amount\":-1000,\"list\":[1,{},[],\"two\"],\"yes\":true,\"no\":false,"
              "\"nothing\":null,\"raw\":{\"a\": 1}}");
}

Test(json, writes_amounts_exactly_as_number_or_text) {
  struct page page;
  page_open(&page);
  refund_json_array(&page.json, NULL);
  refund_json_major(&page.json, NULL, 1000, 2);
  refund_json_major_text(&page.json, NULL, 1000, 2);
  refund_json_major(&page.json, NULL, 5, 3);
  refund_json_major(&page.json, NULL, INT64_MIN, 0);
  refund_json_major_text(&page.json, NULL, 7, 0);
  refund_json_end(&page.json);
  expect_page(&page, "[10.00,\"10.00\",0.005,-9223372036854775808,\"7\"]");
}

Test(json, escapes_quotes_backslashes_and_controls_in_names_and_values) {
  struct page page;
  page_open(&page);
  refund_json_object(&page.json, NULL);
  refund_json_text(&page.json, "a\"b\\", T("\"\\/\n\r\t\x01\x1F\0 \x7F\xC3\xA9"));
  refund_json_end(&page.json);
  expect_page(&page, "{\"a\\\"b\\\\\":\"\\\"\\\\/\\n\\u000d\\u0009\\u0001\\u001f\\u0000 \x7F\xC3\xA9\"}");
}

Test(json, writes_nothing_for_text_that_is_not_there_and_no_comma_either) {
  struct page page;
  page_open(&page);
  refund_json_object(&page.json, NULL);
  refund_json_text(&page.json, "a", NOT_THERE);
  refund_json_string(&page.json, "b", NULL);
  refund_json_raw(&page.json, "c", NOT_THERE);
  refund_json_text(&page.json, "empty", T(""));
  refund_json_text(&page.json, "d", NOT_THERE);
  refund_json_string(&page.json, "e", "f");
  refund_json_end(&page.json);
  expect_page(&page, "{\"empty\":\"\",\"e\":\"f\"}");
}

Test(json, may_be_one_plain_value) {
  struct page page;
  page_open(&page);
  refund_json_integer(&page.json, NULL, 5);
  expect_page(&page, "5");
}

Test(json, starts_each_level_without_a_comma) {
  struct page page;
  page_open(&page);
  refund_json_array(&page.json, NULL);
  for (int i = 0; i < 3; i++) {
    refund_json_array(&page.json, NULL);
    refund_json_integer(&page.json, NULL, i);
    refund_json_end(&page.json);
  }
  refund_json_end(&page.json);
  expect_page(&page, "[[0],[1],[2]]");
}

/* ---- Misuse ---- */

Test(json, is_misused_by_a_value_without_a_name_in_an_object) {
  struct page page;
  page_open(&page);
  refund_json_object(&page.json, NULL);
  refund_json_integer(&page.json, NULL, 1);
  cr_expect_eq(page.json.code, REFUND_INTERNAL);
}

Test(json, is_misused_by_a_name_in_an_array_or_at_the_root) {
  struct page page;
  page_open(&page);
  refund_json_array(&page.json, NULL);
  refund_json_integer(&page.json, "a", 1);
  cr_expect_eq(page.json.code, REFUND_INTERNAL);
  page_open(&page);
  refund_json_object(&page.json, "a");
  cr_expect_eq(page.json.code, REFUND_INTERNAL);
}

Test(json, is_misused_by_one_end_too_many) {
  struct page page;
  page_open(&page);
  refund_json_object(&page.json, NULL);
  refund_json_end(&page.json);
  cr_expect_eq(page.json.code, REFUND_OK);
  refund_json_end(&page.json);
  cr_expect_eq(page.json.code, REFUND_INTERNAL);
}

Test(json, is_misused_by_a_second_root) {
  struct page page;
  page_open(&page);
  refund_json_integer(&page.json, NULL, 1);
  refund_json_object(&page.json, NULL);
  cr_expect_eq(page.json.code, REFUND_INTERNAL);
  expect_text(paper_text(&page.paper), "1");
}

Test(json, nests_63_levels_and_no_more) {
  struct page page;
  page_open(&page);
  for (int i = 0; i < 63; i++)
    refund_json_array(&page.json, NULL);
  cr_expect_eq(page.json.code, REFUND_OK);
  refund_json_array(&page.json, NULL);
  cr_expect_eq(page.json.code, REFUND_INTERNAL);
  page_open(&page);
  for (int i = 0; i < 63; i++)
    refund_json_array(&page.json, NULL);
  for (int i = 0; i < 63; i++)
    refund_json_end(&page.json);
  cr_expect_eq(page.json.code, REFUND_OK);
  cr_expect_eq(page.paper.size, 126);
}

Test(json, ends_all_that_is_open_and_says_how_it_went) {
  struct page page;
  page_open(&page);
  cr_expect_eq(refund_json_end_all(&page.json), REFUND_OK, "nothing is open");
  refund_json_object(&page.json, NULL);
  refund_json_array(&page.json, "a");
  refund_json_object(&page.json, NULL);
  refund_json_integer(&page.json, "n", 1);
  cr_expect_eq(refund_json_end_all(&page.json), REFUND_OK);
  expect_text(paper_text(&page.paper), "{\"a\":[{\"n\":1}]}");
  cr_expect_eq(refund_json_end_all(&page.json), REFUND_OK);
  refund_json_end(&page.json);
  cr_expect_eq(refund_json_end_all(&page.json), REFUND_INTERNAL, "one end too many stays an error");
  page_open(&page);
  page.paper.limit = 3;
  refund_json_object(&page.json, NULL);
  refund_json_array(&page.json, "a");
  cr_expect_eq(refund_json_end_all(&page.json), REFUND_SINK_REFUSED);
}

/* ---- Refusal ---- */

static void write_all(refund_json *json) {
  refund_json_object(json, NULL);
  refund_json_text(json, "t\n", T("a\"b"));
  refund_json_integer(json, "i", 1);
  refund_json_major(json, "m", 1, 2);
  refund_json_major_text(json, "x", 1, 2);
  refund_json_boolean(json, "b", 1);
  refund_json_null(json, "n");
  refund_json_raw(json, "r", T("[]"));
  refund_json_array(json, "a");
  refund_json_end(json);
  refund_json_end(json);
}

Test(json, keeps_the_first_refusal_of_the_sink_and_writes_no_more) {
  struct page page;
  page_open(&page);
  write_all(&page.json);
  cr_assert_eq(page.json.code, REFUND_OK);
  size_t whole = page.paper.size;
  for (size_t limit = 0; limit < whole; limit++) {
    page_open(&page);
    page.paper.limit = limit;
    write_all(&page.json);
    cr_expect_eq(page.json.code, REFUND_SINK_REFUSED, "limit %zu", limit);
    cr_expect_eq(page.paper.written_after_refusal, 0, "limit %zu", limit);
  }
}

Test(json, keeps_a_refusal_over_a_later_misuse) {
  struct page page;
  page_open(&page);
  page.paper.limit = 0;
  refund_json_object(&page.json, NULL);
  refund_json_integer(&page.json, NULL, 1);
  cr_expect_eq(page.json.code, REFUND_SINK_REFUSED);
}
