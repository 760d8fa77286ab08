#include "reading.h"

static struct reading read_json(const char *string) {
  return reading_open(REFUND_JSON, reading_text(string));
}

Test(document_tree, answers_not_there_for_no_node) {
  cr_expect_null(document_find(NULL, "a"));
  cr_expect_null(document_find(NULL, ""));
  cr_expect_eq(document_kind(NULL), REFUND_KIND_NONE);
  cr_expect_null(document_name(NULL).data);
  cr_expect_null(document_text(NULL).data);
  cr_expect_null(document_source(NULL).data);
  cr_expect_null(document_first(NULL));
  cr_expect_null(document_next(NULL));
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect_not(document_canonical(NULL, &out));
  buffer_close(&out);
}

Test(document_tree, finds_by_names_indexes_and_escaped_steps) {
  struct reading reading = read_json(
      "{\"data\":[{\"id\":\"x\"},{\"id\":\"y\"}],\"a/b\":1,\"m~n\":2,\"~1\":3,\"\":{\"\":4},\"@t\":5,\"0\":6,\"~\":7}");
  static const char *const cases[][2] = {
      {"data/0/id", "x"}, {"data/1/id", "y"}, {"a~1b", "1"}, {"m~0n", "2"}, {"~01", "3"},
      {"/", "4"},         {"@t", "5"},        {"0", "6"},    {"~0", "7"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_has(reading.root, cases[i][0], cases[i][1]), "%s", cases[i][0]);
  }
  cr_expect_eq(document_find(reading.root, ""), reading.root);
  reading_close(&reading);
}

Test(document_tree, finds_nothing_where_nothing_is) {
  struct reading reading = read_json("{\"data\":[10,11],\"s\":\"t\",\"n\":null,\"ab\":1,\"m~n\":2,\"~1\":3}");
  static const char *const paths[] = {"x",
                                      "data/2",
                                      "data/00",
                                      "data/01",
                                      "data/-1",
                                      "data/-",
                                      "data/1x",
                                      "data/",
                                      "data/0/",
                                      "s/0",
                                      "n/x",
                                      "/data",
                                      "a",
                                      "abc",
                                      "m~n",
                                      "~1",
                                      "~2",
                                      "ab~",
                                      "data//0",
                                      "data/4294967296",
                                      "data/18446744073709551616",
                                      "s/",
                                      "@s",
                                      "Data"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    cr_expect_null(document_find(reading.root, paths[i]), "%s", paths[i]);
  }
  cr_expect_null(document_find(reading.root, NULL));
  reading_close(&reading);
}

/* ---- Canonical form ---- */

static void expect_canonical(const char *json, const char *canonical) {
  struct reading reading = read_json(json);
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect(document_canonical(reading.root, &out), "%s", json);
  cr_expect(reading_is(buffer_text(&out), canonical), "%s gave %s", json, buffer_text(&out).data);
  buffer_close(&out);
  reading_close(&reading);
}

Test(document_tree, canonical_form_sorts_members_by_bytes_and_drops_spaces) {
  expect_canonical(" { \"b\" : [ 1 , 2 ] , \"a\" : { } , \"B\":null,\"ab\":true, \"\":false} ",
                   "{\"\":false,\"B\":null,\"a\":{},\"ab\":true,\"b\":[1,2]}");
  expect_canonical("{\"\xEF\xBF\xBF\":1,\"\xF0\x90\x80\x80\":2,\"z\":3}",
                   "{\"z\":3,\"\xEF\xBF\xBF\":1,\"\xF0\x90\x80\x80\":2}");
  expect_canonical("[]", "[]");
}

Test(document_tree, canonical_form_escapes_only_what_it_must) {
  expect_canonical("\"\\u0041\\/\\u00e9\\u007f\"", "\"A/\xC3\xA9\x7F\"");
  expect_canonical("\"\\u0022\\u005c\\u0008\\u000c\\u000a\\u000d\\u0009\\u0001\\u001F\"",
                   "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"");
  expect_canonical("{\"\\u000a\":\"x\"}", "{\"\\n\":\"x\"}");
}

Test(document_tree, canonical_form_keeps_numbers_as_written) {
  expect_canonical("[1.0,1,1e0,-0]", "[1.0,1,1e0,-0]");
}

Test(document_tree, canonical_form_stops_when_the_buffer_refuses) {
  struct reading reading = read_json("{\"a\":[1,\"two\",true,null],\"b\":{}}");
  struct buffer out;
  buffer_open(&out, 0);
  cr_assert(document_canonical(reading.root, &out));
  size_t size = out.size;
  buffer_close(&out);
  for (size_t limit = 1; limit <= size; limit++) {
    buffer_open(&out, limit);
    cr_expect_eq(document_canonical(reading.root, &out), limit == size, "limit %zu", limit);
    buffer_close(&out);
  }
  reading_close(&reading);
}

Test(document_tree, xml_has_no_canonical_form) {
  struct reading reading = reading_open(REFUND_XML, reading_text("<a/>"));
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect_not(document_canonical(reading.root, &out));
  buffer_close(&out);
  reading_close(&reading);
}

/* ---- UTF-8 ---- */

Test(document_tree, takes_the_borders_of_utf8) {
  static const char *const cases[] = {"", "a\x7F", "\xC2\x80\xDF\xBF",
                                      "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
                                      "\xF0\x90\x80\x80\xF3\xBF\xBF\xBF\xF4\x8F\xBF\xBF"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(document_is_utf8(reading_text(cases[i])), "case %zu", i);
  }
  cr_expect(document_is_utf8((refund_text){NULL, 0}));
  cr_expect(document_is_utf8((refund_text){"\0", 1}));
}

Test(document_tree, refuses_what_is_not_utf8) {
  static const char *const cases[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x7F",
                                      "\xC2\xC0",
                                      "\xE0\x9F\xBF",
                                      "\xE1\x80",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xF1\x80\x80",
                                      "\xFF",
                                      "\xE2\x28\xA1",
                                      "\xE2\x82\x28",
                                      "a\xF1\x80\x80\x7F"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_not(document_is_utf8(reading_text(cases[i])), "case %zu", i);
  }
}

/* Every code point, encoded here by arithmetic: in exactly when it is no surrogate. */
Test(document_tree, agrees_with_the_definition_for_every_code_point) {
  for (unsigned code = 0x800; code <= 0x10FFFF; code++) {
    char c[4];
    size_t size = code < 0x10000 ? 3 : 4;
    c[0] = (char)(size == 3 ? 0xE0 | (code >> 12) : 0xF0 | (code >> 18));
    for (size_t i = 1; i < size; i++)
      c[i] = (char)(0x80 | ((code >> (6 * (size - 1 - i))) & 0x3F));
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    cr_assert_eq(document_is_utf8((refund_text){c, size}), !surrogate, "U+%04X", code);
  }
}
