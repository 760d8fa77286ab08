/* Errors as values: their parts, and that they are always text, however they had to be cut. */
#include "common/error.h"

#include <criterion/criterion.h>
#include <string.h>

/* Whole sequences of UTF-8, by their lead bytes. */
static bool is_whole(const char *text) {
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
    int more = *at < 0x80 ? 0 : *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : -1;
    if (more < 0) return false;
    for (at++; more > 0; more--, at++) {
      if ((*at & 0xC0) != 0x80) return false;
    }
  }
  return true;
}

Test(error, has_a_code_a_field_a_sentence_and_three_parts) {
  struct error error;
  cr_expect_not(error_set(&error, ERROR_INPUT, "currency", "%s is %d", "it", 7));
  cr_expect_not(error_expected(&error, "a %s", "thing"));
  cr_expect_not(error_found(&error, "b"));
  cr_expect_not(error_fix(&error, "c"));
  cr_expect_eq(error.code, ERROR_INPUT);
  cr_expect_str_eq(error.field, "currency");
  cr_expect_str_eq(error.message, "it is 7");
  cr_expect_str_eq(error.expected, "a thing");
  cr_expect_str_eq(error.found, "b");
  cr_expect_str_eq(error.fix, "c");
}

Test(error, set_anew_keeps_nothing_of_the_old_one) {
  struct error error;
  error_set(&error, ERROR_INPUT, "currency", "one");
  error_expected(&error, "a");
  error_found(&error, "b");
  error_fix(&error, "c");
  error_set(&error, ERROR_HOST, NULL, "two");
  cr_expect_str_empty(error.field);
  cr_expect_str_empty(error.expected);
  cr_expect_str_empty(error.found);
  cr_expect_str_empty(error.fix);
}

Test(error, may_be_of_no_interest) {
  cr_expect_not(error_set(NULL, ERROR_INPUT, "field", "message"));
  cr_expect_not(error_expected(NULL, "x"));
  cr_expect_not(error_found(NULL, "x"));
  cr_expect_not(error_fix(NULL, "x"));
}

Test(error, codes_have_the_names_of_the_json_output) {
  static const struct {
    enum error_code code;
    const char *name;
  } names[] = {{ERROR_NONE, "none"},
               {ERROR_USAGE, "usage"},
               {ERROR_INPUT, "input"},
               {ERROR_ACCOUNT, "account"},
               {ERROR_CONNECTOR, "connector"},
               {ERROR_CONFLICT, "conflict"},
               {ERROR_NOT_FOUND, "not_found"},
               {ERROR_LEDGER, "ledger"},
               {ERROR_HOST, "host"},
               {ERROR_OVER_CAPTURED, "over_captured"},
               {ERROR_OVER_HELD, "over_captured"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    cr_expect_str_eq(error_code_name(names[i].code), names[i].name);
  }
  cr_expect_str_eq(error_code_name((enum error_code)(ERROR_HOST + 1)), "host");
}

/* Every length around the limit, with characters of one to four bytes: the end never splits one, and nothing is lost
 * that fits. */
Test(error, is_cut_between_two_characters) {
  static const char *const characters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  for (size_t kind = 0; kind < 4; kind++) {
    size_t width = strlen(characters[kind]);
    for (size_t lead = 0; lead < 4; lead++) {
      char text[1200] = "";
      struct error error;
      memset(text, 'x', lead);
      while (strlen(text) + width < sizeof text)
        strcat(text, characters[kind]);
      error_set(&error, ERROR_INPUT, text, "%s", text);
      error_expected(&error, "%s", text);
      const char *const parts[] = {error.field, error.message, error.expected};
      const size_t rooms[] = {sizeof error.field, sizeof error.message, sizeof error.expected};
      for (size_t i = 0; i < 3; i++) {
        cr_expect(is_whole(parts[i]), "part %zu, %zu bytes a character, %zu before", i, width, lead);
        cr_expect_eq(strncmp(parts[i], text, strlen(parts[i])), 0);
        cr_expect_gt(strlen(parts[i]) + width, rooms[i] - 1, "part %zu: %zu bytes", i, strlen(parts[i]));
      }
    }
  }
}

Test(error, that_just_fits_is_not_cut) {
  char text[384];
  struct error error = {0};
  memset(text, 'x', sizeof text);
  memcpy(text + 381, "\xC3\xA9", 3);
  error_found(&error, "%s", text);
  cr_expect_str_eq(error.found, text);
}

/* A precision in the format counts bytes; what it left of a character is no text. */
Test(error, holds_no_broken_character_of_a_cut_excerpt) {
  struct error error;
  error_set(&error, ERROR_INPUT, "na\xC3", "there is no account %.2s\xE2\x82 here", "a\xC3\xA9");
  error_found(&error, "%.3s", "\xF0\x9F\x98\x80");
  cr_expect_str_eq(error.field, "na");
  cr_expect_str_eq(error.message, "there is no account a here");
  cr_expect_str_empty(error.found);
}
