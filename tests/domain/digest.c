/* Keys and references: refund_id in the form that a descriptor declares. The same for every attempt of one refund,
 * different between refunds. */
#include "domain/digest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_1 "f3d6f0d55b053fdeb0116c2eaffd74e9113b2fd19d7d0675fd8c87a430993b8d" /* SHA-256 of "order 1" */

static refund_text text_of(const char *string) {
  return (refund_text){string, strlen(string)};
}

static refund_form form(uint16_t least, uint16_t greatest, const char *alphabet) {
  refund_form made = {.least = least, .greatest = greatest, .kind = REFUND_FORM_TEXT};
  snprintf(made.alphabet, sizeof made.alphabet, "%s", alphabet);
  return made;
}

static void gives(refund_form how, const char *refund_id, const char *expected) {
  struct arena *arena = arena_open(0);
  refund_text key = form_apply(arena, &how, text_of(refund_id));
  cr_assert_not_null(key.data);
  cr_expect_str_eq(key.data, expected, "%s", refund_id);
  cr_expect_eq(key.size, strlen(expected));
  arena_close(arena);
}

Test(digest, is_sha_256_in_lower_case_hex) {
  cr_expect_str_eq(digest_of(text_of("abc")).hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  cr_expect_str_eq(digest_of(text_of("")).hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  cr_expect_str_eq(digest_of((refund_text){NULL, 0}).hex, digest_of(text_of("")).hex);
}

Test(form, is_the_refund_id_itself_where_it_fits) {
  gives(form(1, 255, ""), "Refund-1_a.b", "Refund-1_a.b");
  gives(form(1, 8, ""), "12345678", "12345678");
  gives(form(8, 8, ""), "12345678", "12345678");
  gives(form(1, 64, "A-Za-z0-9-"), "Refund-1", "Refund-1");
  gives(form(1, 64, "0-9"), "0123456789", "0123456789");
}

Test(form, is_the_digest_where_the_refund_id_is_too_long_or_too_short) {
  char cut[9] = "";
  memcpy(cut, digest_of(text_of("123456789")).hex, 8);
  gives(form(1, 8, ""), "123456789", cut);
  gives(form(25, 36, ""), "short", "f9b0078b5df596d2ea19010c001bbd009e65");
}

Test(form, is_the_digest_where_the_refund_id_has_other_characters) {
  gives(form(1, 255, ""), "order 1", ORDER_1);
  gives(form(1, 64, ""), "order 1", ORDER_1);
  gives(form(1, 36, ""), "order 1", "f3d6f0d55b053fdeb0116c2eaffd74e9113b");
  gives(form(1, 64, "A-Za-z0-9-"), "a_b", digest_of(text_of("a_b")).hex);
  gives(form(1, 64, "a-z"), "aBc", digest_of(text_of("aBc")).hex);
  gives(form(1, 64, "0-9"), "12/3", digest_of(text_of("12/3")).hex);
}

/* An alphabet may be wider than what every header and body takes as it is; the refund id may not. */
Test(form, never_lets_more_than_the_safe_characters_through) {
  static const char *const unsafe[] = {"a b", "a/b", "a+b", "a~b", "a\"b", "a\r\nb", "\xC3\xA9", "a:b", "a%b", "a,b"};
  for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++) {
    gives(form(1, 64, "!-~"), unsafe[i], digest_of(text_of(unsafe[i])).hex);
  }
}

Test(form, takes_a_minus_at_the_end_of_an_alphabet_for_itself) {
  gives(form(1, 64, "a-c-"), "a-b-c", "a-b-c");
  gives(form(1, 64, "ac-"), "a-c", "a-c");
  gives(form(1, 64, "ac-"), "abc", digest_of(text_of("abc")).hex);
}

Test(form, knows_no_letter_between_two_ranges) {
  refund_form hex = form(1, 64, "0-9a-f");
  gives(hex, "09af", "09af");
  gives(hex, "09ag", digest_of(text_of("09ag")).hex);
  gives(hex, "A", digest_of(text_of("A")).hex);
}

/* ---- UUIDs ---- */

static const refund_form uuid = {.least = 36, .greatest = 36, .kind = REFUND_FORM_UUID};

/* The name space is ours for ever: another one would make other keys of refunds already sent. */
Test(uuid, of_a_refund_id_never_changes) {
  gives(uuid, "refund-1", "69c897fb-c221-5702-94ad-887f70506164");
  gives(uuid, "", "57d00e19-d3df-59e2-a344-6c0727355011");
}

Test(uuid, is_version_5_of_rfc_9562_whatever_the_refund_id) {
  struct arena *arena = arena_open(0);
  for (int i = 0; i < 2000; i++) {
    char id[32];
    snprintf(id, sizeof id, "refund %d", i);
    refund_text key = form_apply(arena, &uuid, text_of(id));
    cr_assert_eq(key.size, 36);
    for (size_t at = 0; at < 36; at++) {
      bool dash = at == 8 || at == 13 || at == 18 || at == 23;
      cr_assert_not_null(strchr(dash ? "-" : "0123456789abcdef", key.data[at]), "%s", key.data);
    }
    cr_assert_eq(key.data[14], '5', "%s", key.data);
    cr_assert_not_null(strchr("89ab", key.data[19]), "%s", key.data);
  }
  arena_close(arena);
}

/* ---- Laws ---- */

static int order(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Ids as callers make them: short and long, plain and not, alike but for case, a space or their end. */
static void make_id(char *id, size_t size, int i) {
  static const char *const patterns[] = {
      "%d",       "order-%d", "Order-%d", "order %d",   "order_%d",
      "order/%d", "%d ",      "0%d",      "\xC3\xA9%d", "a.long.refund.id.of.some.shop.%d",
      "%d.",      "x:%d"};
  enum { PATTERNS = sizeof patterns / sizeof *patterns };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the patterns stand just above */
  snprintf(id, size, patterns[i % PATTERNS], 100 + i / PATTERNS);
#pragma GCC diagnostic pop
}

Test(form, gives_distinct_refund_ids_distinct_keys_and_the_same_one_the_same_again) {
  enum { IDS = 6000 };
  const refund_form forms[] = {form(1, 255, ""), form(1, 64, ""), form(25, 36, ""), form(1, 20, "A-Za-z0-9"), uuid};
  static const char *keys[IDS];
  for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
    struct arena *arena = arena_open(0);
    for (int i = 0; i < IDS; i++) {
      char id[64];
      make_id(id, sizeof id, i);
      refund_text key = form_apply(arena, &forms[f], text_of(id));
      refund_text again = form_apply(arena, &forms[f], text_of(id));
      cr_assert_str_eq(key.data, again.data);
      cr_assert(key.size >= forms[f].least && key.size <= forms[f].greatest, "%s", key.data);
      keys[i] = key.data;
    }
    qsort(keys, IDS, sizeof *keys, order);
    for (int i = 1; i < IDS; i++)
      cr_assert_str_neq(keys[i - 1], keys[i], "form %zu", f);
    arena_close(arena);
  }
}

Test(form, is_not_there_when_memory_is_refused) {
  struct arena *arena = arena_open(1);
  refund_form plain = form(1, 64, "");
  cr_expect_null(form_apply(arena, &plain, text_of("refund-1")).data);
  cr_expect_null(form_apply(arena, &plain, text_of("refund 1")).data);
  cr_expect_null(form_apply(arena, &uuid, text_of("refund-1")).data);
  arena_close(arena);
}

/* A form that cannot hold a digest of some length would give two refunds one key. */
Test(form, is_safe_if_it_can_name_every_refund_id_and_no_two_alike) {
  const refund_form safe[] = {form(1, 255, ""), form(1, 16, ""), form(64, 64, "A-Za-z0-9"), form(1, 20, "0-9a-f"),
                              uuid};
  const refund_form unsafe[] = {form(1, 15, ""),       form(65, 128, ""),  form(1, 64, "0-9"),
                                form(1, 64, "A-Z0-9"), form(1, 64, "a-z"), form(1, 64, "0-9a-e")};
  for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
    cr_expect(form_is_safe(&safe[i]), "%zu", i);
  for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
    cr_expect_not(form_is_safe(&unsafe[i]), "%zu", i);
}
