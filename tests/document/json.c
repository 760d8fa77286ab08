#include <stdio.h>

#include "reading.h"

#define BYTES(literal) ((refund_text){(literal), sizeof(literal) - 1})

static struct reading read_json(const char *string) {
  return reading_open(REFUND_JSON, reading_text(string));
}

/* ---- What is read ---- */

Test(document_json, tells_the_kinds_apart) {
  static const struct {
    const char *json;
    int32_t kind;
    const char *text;
  } cases[] = {
      {"{}", REFUND_KIND_OBJECT, NULL},        {"[]", REFUND_KIND_ARRAY, NULL},  {"\"a\"", REFUND_KIND_STRING, "a"},
      {"\"\"", REFUND_KIND_STRING, ""},        {"1", REFUND_KIND_NUMBER, "1"},   {"true", REFUND_KIND_BOOLEAN, "true"},
      {"false", REFUND_KIND_BOOLEAN, "false"}, {"null", REFUND_KIND_NULL, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct reading reading = read_json(cases[i].json);
    cr_assert_not_null(reading.root, "%s", cases[i].json);
    cr_expect_eq(document_kind(reading.root), cases[i].kind, "%s", cases[i].json);
    cr_expect(reading_has(reading.root, "", cases[i].text), "%s", cases[i].json);
    cr_expect(reading_is(document_source(reading.root), cases[i].json), "%s", cases[i].json);
    cr_expect_null(document_name(reading.root).data);
    reading_close(&reading);
  }
}

Test(document_json, keeps_numbers_as_written) {
  static const char *const numbers[] = {"0",
                                        "-0",
                                        "9007199254740993",
                                        "10.00",
                                        "-1.5",
                                        "1e10",
                                        "1E+400",
                                        "2e-7",
                                        "0.1",
                                        "123456789012345678901234567890"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct reading reading = read_json(numbers[i]);
    cr_expect(reading_has(reading.root, "", numbers[i]), "%s", numbers[i]);
    reading_close(&reading);
  }
}

Test(document_json, refuses_what_is_no_number) {
  static const char *const numbers[] = {"01",   "-",   "+1",       ".5",        "1.",    "1e", "1e+", "-01",   "0x10",
                                        "1.e5", "NaN", "Infinity", "-Infinity", "1_000", "00", "--1", "1.5.5", "1e5e5"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    cr_expect_not(reading_accepts(REFUND_JSON, numbers[i]), "%s", numbers[i]);
  }
}

Test(document_json, undoes_escapes) {
  static const char *const cases[][2] = {
      {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
      {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
      {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"},
      {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
      {"\"\\u07ff\\u0800\\uffff\\u007f\"", "\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\x7F"},
      {"\"plain \xE2\x82\xAC / \x7F\"", "plain \xE2\x82\xAC / \x7F"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct reading reading = read_json(cases[i][0]);
    cr_expect(reading_has(reading.root, "", cases[i][1]), "%s: %s", cases[i][0], reading.error.message);
    cr_expect(reading_is(document_source(reading.root), cases[i][0]), "%s", cases[i][0]);
    reading_close(&reading);
  }
}

Test(document_json, gives_members_and_items_in_document_order) {
  struct reading reading = read_json(" {\"z\" : [1 ,2, {\"x\":null}] ,\n\t\"a\":\"b\"}\r\n ");
  const refund_node *first = document_first(reading.root);
  cr_expect(reading_is(document_name(first), "z"));
  cr_expect(reading_is(document_source(first), "[1 ,2, {\"x\":null}]"));
  cr_expect(reading_is(document_name(document_next(first)), "a"));
  cr_expect_null(document_next(document_next(first)));
  cr_expect(reading_has(reading.root, "z/0", "1"));
  cr_expect(reading_has(reading.root, "z/1", "2"));
  cr_expect_eq(document_kind(document_find(reading.root, "z/2/x")), REFUND_KIND_NULL);
  cr_expect_null(document_name(document_find(reading.root, "z/0")).data);
  reading_close(&reading);
}

Test(document_json, outlives_the_bytes_it_was_read_from) {
  struct arena *arena = arena_open(0);
  char bytes[] = "{\"id\":\"re_1\",\"n\":12}";
  const refund_node *root = document_read(arena, REFUND_JSON, BYTES(bytes), NULL);
  memset(bytes, 'x', sizeof bytes);
  cr_expect(reading_has(root, "id", "re_1"));
  cr_expect(reading_has(root, "n", "12"));
  arena_close(arena);
}

Test(document_json, skips_one_byte_order_mark) {
  struct reading reading = read_json("\xEF\xBB\xBF{\"a\":1}");
  cr_expect(reading_has(reading.root, "a", "1"));
  cr_expect(reading_is(document_source(reading.root), "{\"a\":1}"));
  reading_close(&reading);
  cr_expect_not(reading_accepts(REFUND_JSON, "\xEF\xBB\xBF\xEF\xBB\xBF{}"));
  cr_expect_not(reading_accepts(REFUND_JSON, "{}\xEF\xBB\xBF"));
}

/* ---- What is refused ---- */

Test(document_json, refuses_what_the_grammar_does_not_have) {
  static const char *const cases[] = {
      "",
      " ",
      "{",
      "[",
      "\"",
      "]",
      "}",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{,}",
      "[1,]",
      "[,1]",
      "[1 2]",
      "{\"a\":1 \"b\":2}",
      "{a:1}",
      "{'a':1}",
      "'a'",
      "tru",
      "nul",
      "True",
      "[1]]",
      "{}{}",
      "1 2",
      "null,",
      "// c\n1",
      "/* */1",
      "{\"a\":1}#",
      "\"a\"b",
      "{1:2}",
      "{null:1}",
      "[\"a\"",
      "{\"a\":1",
      "{\"a\":[}",
      "[{]}",
      "{\"a\",1}",
      "[1;2]",
      "\f1",
      "\v1",
      "undefined",
      "{\"a\"::1}",
      "[1,,2]",
      "{\"a",
      "\"a\\\"",
      "truefalse",
      "nullx",
      "\xC2\xA0null",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_JSON, reading_text(cases[i])), "%s", cases[i]);
  }
}

Test(document_json, refuses_strings_with_bad_escapes_or_raw_controls) {
  static const char *const cases[] = {
      "\"\\a\"",
      "\"\\u12\"",
      "\"\\u12g4\"",
      "\"\\U0041\"",
      "\"\\",
      "\"\\u",
      "\"\\x41\"",
      "\"a\nb\"",
      "\"a\tb\"",
      "\"\x01\"",
      "\"\\u0000\"",
      "{\"\\u0000\":1}",
      "\"\\ud800\"",
      "\"\\udc00\"",
      "\"\\ud800x\"",
      "\"\\ud800\\u0041\"",
      "\"\\udc00\\ud800\"",
      "\"\\ud800\\ud800\"",
      "\"\\ud83d\\\\ude00\"",
      "\"\\\n\"",
      "\"\\\xC3\xA9\"",
      "\"\\ud83d\\ude0\"",
      "\"\\u 123\"",
      "\"\\u+123\"",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_JSON, reading_text(cases[i])), "%s", cases[i]);
  }
  cr_expect(reading_refuses(REFUND_JSON, BYTES("\"a\0b\"")));
  cr_expect(reading_refuses(REFUND_JSON, BYTES("\"\\\0\"")));
  cr_expect(reading_refuses(REFUND_JSON, BYTES("\"\\u\0\0\0\0\"")));
  cr_expect(reading_refuses(REFUND_JSON, BYTES("1\0")));
}

Test(document_json, refuses_bytes_that_are_not_utf8) {
  static const char *const cases[] = {"\"\xFF\"",     "\"\xC0\x80\"", "\"\xED\xA0\x80\"",
                                      "\"\xE9\"",     "\"\xE2\x82\"", "\"\xF4\x90\x80\x80\"",
                                      "{\"\xE9\":1}", "[1,\xE9]",     "\xFE\xFF"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_JSON, reading_text(cases[i])), "case %zu", i);
  }
}

Test(document_json, refuses_a_member_twice_however_it_is_spelled) {
  static const char *const cases[] = {
      "{\"a\":1,\"a\":1}",
      "{\"a\":1,\"b\":2,\"a\":3}",
      "{\"id\":1,\"\\u0069d\":2}",
      "{\"/\":1,\"\\/\":2}",
      "{\"\":1,\"\":2}",
      "[{\"x\":{\"a\":1,\"\\u0061\":1}}]",
      "{\"\xC3\xA9\":1,\"\\u00e9\":2}",
      "{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_JSON, reading_text(cases[i])), "%s", cases[i]);
  }
  cr_expect(reading_accepts(REFUND_JSON, "{\"a\":{\"a\":1},\"A\":1,\"aa\":1,\"\":1}"));
}

static bool accepts_nested(size_t levels, char open, char close) {
  char json[256];
  size_t at = 0;
  for (size_t i = 0; i < levels; i++)
    json[at++] = open;
  for (size_t i = 0; i < levels; i++)
    json[at++] = close;
  json[at] = '\0';
  return reading_accepts(REFUND_JSON, json);
}

Test(document_json, takes_64_levels_and_no_more) {
  cr_expect(accepts_nested(DOCUMENT_DEPTH, '[', ']'));
  cr_expect_not(accepts_nested(DOCUMENT_DEPTH + 1, '[', ']'));
}

Test(document_json, counts_levels_and_not_siblings) {
  char json[512] = "[[]";
  for (int i = 0; i < DOCUMENT_DEPTH; i++)
    strcat(json, ",{}");
  strcat(json, "]");
  cr_expect(reading_accepts(REFUND_JSON, json));
}

Test(document_json, takes_4_mib_and_no_more) {
  size_t size = DOCUMENT_SIZE;
  char *json = malloc(size + 1);
  memset(json, 'a', size + 1);
  json[0] = json[size - 1] = '"';
  struct reading reading = reading_open(REFUND_JSON, (refund_text){json, size});
  cr_expect_eq(document_text(reading.root).size, size - 2);
  reading_close(&reading);
  json[size - 1] = 'a';
  json[size] = '"';
  cr_expect(reading_refuses(REFUND_JSON, (refund_text){json, size + 1}));
  free(json);
}

Test(document_json, refuses_when_the_arena_does) {
  reading_in_every_room(REFUND_JSON, "{\"a\":[1,2,3,\"\\u0041\"],\"b\":{\"c\":null}}");
}

/* ---- Hostile input costs no more than its size ---- */

enum { MANY = 100000 };

Test(document_json, reads_100000_members_in_time, .timeout = 20) {
  char *json = malloc(MANY * 24);
  size_t size = (size_t)sprintf(json, "{");
  for (int i = 0; i < MANY; i++)
    size += (size_t)sprintf(json + size, "%s\"m%d\":%d", i == 0 ? "" : ",", i, i);
  size_t open = size;
  size += (size_t)sprintf(json + size, "}");
  struct reading reading = reading_open(REFUND_JSON, (refund_text){json, size});
  cr_expect(reading_has(reading.root, "m99999", "99999"));
  reading_close(&reading);
  size = open + (size_t)sprintf(json + open, ",\"m77\":0}");
  cr_expect(reading_refuses(REFUND_JSON, (refund_text){json, size}));
  free(json);
}

Test(document_json, reads_two_million_items_in_time, .timeout = 20) {
  size_t size = DOCUMENT_SIZE - 1;
  char *json = malloc(size);
  for (size_t i = 0; i < size; i++)
    json[i] = i % 2 == 0 ? ',' : '0';
  json[0] = '[';
  json[size - 1] = ']';
  struct reading reading = reading_open(REFUND_JSON, (refund_text){json, size});
  cr_expect_not_null(reading.root, "%s", reading.error.message);
  reading_close(&reading);
  free(json);
}

/* ---- What an error says ---- */

Test(document_json, says_line_column_and_what_was_expected) {
  struct reading reading = read_json("{\n  \"a\": 1,\n  \"\xC3\xA9\": x\n}");
  cr_expect_null(reading.root);
  cr_expect_eq(reading.error.code, ERROR_INPUT);
  cr_expect_str_eq(reading.error.found, "'x' at line 3, column 8");
  cr_expect_str_eq(reading.error.expected, "a value");
  reading_close(&reading);
}

Test(document_json, says_where_the_text_ends_too_early) {
  struct reading reading = read_json("[1,\n2");
  cr_expect_not_null(strstr(reading.error.message, "ends too early"));
  cr_expect_str_eq(reading.error.found, "the end at line 2, column 2");
  reading_close(&reading);
}

Test(document_json, names_the_member_that_is_there_twice) {
  struct reading reading = read_json("{\"b\":0,\"id\":1,\n\"id\":2}");
  cr_expect_str_eq(reading.error.found, "\"id\", again with the value at line 2, column 6");
  reading_close(&reading);
}

Test(document_json, echoes_little_of_foreign_text_and_no_controls) {
  struct reading reading = read_json("{\"\\u001b[31m secret secret secret\":1,\"\\u001b[31m secret secret secret\":2}");
  cr_expect_not_null(strstr(reading.error.found, "\"?[31m secret secret ...\""), "%s", reading.error.found);
  reading_close(&reading);
  reading = read_json("{\"api_key\": sk_live_0123456789}");
  cr_expect_str_eq(reading.error.found, "'s' at line 1, column 13");
  reading_close(&reading);
}

Test(document_json, refuses_an_unknown_format) {
  cr_expect(reading_refuses(0, reading_text("{}")));
  cr_expect(reading_refuses(4, reading_text("{}")));
  cr_expect(reading_refuses(-1, reading_text("{}")));
}

Test(document_json, takes_text_that_is_not_there_as_empty) {
  struct arena *arena = arena_open(0);
  struct error error;
  cr_expect_null(document_read(arena, REFUND_JSON, (refund_text){NULL, 0}, &error));
  cr_expect_eq(error.code, ERROR_INPUT);
  cr_expect_null(document_read(arena, REFUND_XML, (refund_text){NULL, 0}, &error));
  cr_expect_eq(document_kind(document_read(arena, REFUND_FORM, (refund_text){NULL, 0}, &error)), REFUND_KIND_OBJECT);
  arena_close(arena);
}
