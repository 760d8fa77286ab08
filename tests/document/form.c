#include <stdio.h>

#include "reading.h"

static struct reading read_form(const char *string) {
  return reading_open(REFUND_FORM, reading_text(string));
}

Test(document_form, is_an_object_of_strings) {
  struct reading reading = read_form("RESULT=0&RESPMSG=Approved+%26+done&note=caf%c3%A9&EMPTY=&flag");
  cr_assert_not_null(reading.root, "%s", reading.error.message);
  cr_expect_eq(document_kind(reading.root), REFUND_KIND_OBJECT);
  cr_expect_eq(document_kind(document_find(reading.root, "RESULT")), REFUND_KIND_STRING);
  cr_expect(reading_has(reading.root, "RESULT", "0"));
  cr_expect(reading_has(reading.root, "RESPMSG", "Approved & done"));
  cr_expect(reading_has(reading.root, "note", "caf\xC3\xA9"));
  cr_expect(reading_has(reading.root, "EMPTY", ""));
  cr_expect(reading_has(reading.root, "flag", ""));
  cr_expect(reading_is(document_name(document_first(reading.root)), "RESULT"));
  cr_expect_null(document_source(document_first(reading.root)).data);
  reading_close(&reading);
}

Test(document_form, decodes_names_and_splits_at_the_first_equals_sign) {
  struct reading reading = read_form(
      "\xEF\xBB\xBF"
      "a%5Bb%5D=x=y&c+d=%3D%2B+%25&&e=\xC3\xA9&");
  cr_expect(reading_has(reading.root, "a[b]", "x=y"));
  cr_expect(reading_has(reading.root, "c d", "=+ %"));
  cr_expect(reading_has(reading.root, "e", "\xC3\xA9"));
  reading_close(&reading);
  cr_expect(reading_accepts(REFUND_FORM, "&&a=1&&&b=2&&"), "nothing between two & is no field");
  reading = read_form("");
  cr_expect_eq(document_kind(reading.root), REFUND_KIND_OBJECT);
  cr_expect_null(document_first(reading.root));
  reading_close(&reading);
}

Test(document_form, refuses_bad_escapes_and_what_is_not_text) {
  static const char *const cases[] = {"a=%",   "a=%4",  "a=%4&b=1", "a=%zz",  "a=%4g",       "%=1",         "a=%00",
                                      "%00=a", "a=%FF", "a=%C3",    "a=\xFF", "%ED%A0%80=1", "a=%C3&b=%A9", "a=% 1"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_FORM, reading_text(cases[i])), "%s", cases[i]);
  }
  cr_expect(reading_refuses(REFUND_FORM, (refund_text){"a=\0", 3}));
}

Test(document_form, refuses_a_field_twice_however_it_is_spelled) {
  cr_expect(reading_refuses(REFUND_FORM, reading_text("a=1&a=1")));
  cr_expect(reading_refuses(REFUND_FORM, reading_text("a=1&b=2&%61=3")));
  cr_expect(reading_refuses(REFUND_FORM, reading_text("a+b=1&a%20b=2")));
  cr_expect(reading_refuses(REFUND_FORM, reading_text("=1&=2")));
  cr_expect(reading_accepts(REFUND_FORM, "a=1&A=1&aa=1&=1"));
}

Test(document_form, says_the_byte_and_the_field) {
  struct reading reading = read_form("status=1&status=2");
  cr_expect_str_eq(reading.error.found, "\"status\" again at byte 10");
  reading_close(&reading);
  reading = read_form("ok=1&secret=%zz");
  cr_expect_str_eq(reading.error.found, "this at byte 13");
  cr_expect_null(strstr(reading.error.message, "secret"));
  reading_close(&reading);
}

Test(document_form, reads_100000_fields_in_time, .timeout = 20) {
  char *form = malloc(100000 * 16);
  size_t size = 0;
  for (int i = 0; i < 100000; i++)
    size += (size_t)sprintf(form + size, "&f%d=%d", i, i);
  struct reading reading = reading_open(REFUND_FORM, (refund_text){form, size});
  cr_expect(reading_has(reading.root, "f99999", "99999"));
  reading_close(&reading);
  free(form);
}

Test(document_form, refuses_when_the_arena_does) {
  reading_in_every_room(REFUND_FORM, "a=1&b=2&c=%41");
}
