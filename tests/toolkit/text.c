/* Texts that may be not there, and what a call brings. */
#include "fake.h"

Test(text, of_a_string_ends_before_its_nul) {
  refund_text text = refund_text_of("abc");
  cr_expect_eq(text.size, 3);
  cr_expect_null(refund_text_of(NULL).data);
  cr_expect_eq(refund_text_of(NULL).size, 0);
  cr_expect_not_null(refund_text_of("").data);
}

Test(text, is_the_same_only_byte_for_byte) {
  cr_expect(refund_same(T("abc"), T("abc")));
  cr_expect_not(refund_same(T("abc"), T("abC")));
  cr_expect_not(refund_same(T("abc"), T("ab")));
  cr_expect_not(refund_same(T("ab"), T("abc")));
  cr_expect(refund_same(T("a\0b"), T("a\0b")));
  cr_expect_not(refund_same(T("a\0b"), T("a\0c")));
  cr_expect(refund_is(T("abc"), "abc"));
  cr_expect_not(refund_is(T("abc"), "abcd"));
}

Test(text, that_is_not_there_equals_nothing_not_even_itself) {
  cr_expect_not(refund_same(NOT_THERE, NOT_THERE));
  cr_expect_not(refund_same(NOT_THERE, T("")));
  cr_expect_not(refund_is(NOT_THERE, ""));
  cr_expect_not(refund_is(T("x"), NULL));
  cr_expect_not(refund_is_nocase(NOT_THERE, ""));
  cr_expect_not(refund_is_nocase(T(""), NULL));
  cr_expect_not(refund_starts_with(NOT_THERE, ""));
  cr_expect(refund_same(T(""), T("")));
}

Test(text, without_case_folds_ascii_letters_and_nothing_else) {
  cr_expect(refund_is_nocase(T("Content-TYPE"), "content-type"));
  cr_expect_not(refund_is_nocase(T("abc"), "abcd"));
  cr_expect(refund_same_nocase(T("A\0b"), T("a\0B")));
  cr_expect_not(refund_same_nocase(T("a\0b"), T("a\0c")));
  cr_expect_not(refund_same_nocase(T("a"), T("a\0")));
  cr_expect_not(refund_is_nocase(T("@[`{"), "`{@["));
  cr_expect_not(refund_is_nocase(T("\xC3\x89"), "\xC3\xA9"));
}

Test(text, starts_with_a_prefix_that_is_no_longer_than_it) {
  cr_expect(refund_starts_with(T("re_123"), "re_"));
  cr_expect(refund_starts_with(T("re_"), "re_"));
  cr_expect(refund_starts_with(T("x"), ""));
  cr_expect_not(refund_starts_with(T("re"), "re_"));
  cr_expect_not(refund_starts_with(T("Re_1"), "re_"));
}

Test(text, either_is_the_first_unless_it_is_empty) {
  expect_text(refund_either(T("a"), T("b")), "a");
  expect_text(refund_either(T(""), T("b")), "b");
  expect_text(refund_either(NOT_THERE, T("b")), "b");
  cr_expect_null(refund_either(T(""), NOT_THERE).data);
}

Test(text, is_there_when_it_is_not_empty) {
  cr_expect(refund_there(T("x")));
  cr_expect_not(refund_there(T("")));
  cr_expect_not(refund_there(NOT_THERE));
}

Test(text, contains_a_part_whatever_its_case) {
  cr_expect(refund_contains_nocase(T("Already Refunded."), "already refunded"));
  cr_expect(refund_contains_nocase(T("xxabc"), "abc"));
  cr_expect(refund_contains_nocase(T("abc"), "abc"));
  cr_expect_not(refund_contains_nocase(T("ab"), "abc"));
  cr_expect_not(refund_contains_nocase(T("ab c"), "abc"));
  cr_expect_not(refund_contains_nocase(NOT_THERE, ""));
}

Test(text, is_translated_by_the_first_pair_that_has_it) {
  static const refund_pair pairs[] = {{"visa", "V"}, {"VISA", "W"}, {"mastercard", "M"}};
  cr_expect_str_eq(refund_translate(pairs, 3, T("Visa"), "?"), "V");
  cr_expect_str_eq(refund_translate(pairs, 3, T("MasterCard"), "?"), "M");
  cr_expect_str_eq(refund_translate(pairs, 3, T("visa "), "?"), "?");
  cr_expect_str_eq(refund_translate(pairs, 3, NOT_THERE, "?"), "?");
  cr_expect_null(refund_translate(pairs, 0, T("visa"), NULL));
}

Test(text, with_characters_replaced_is_a_copy) {
  struct fake *fake = fake_open();
  refund_text text = T("a_b.c\0d_");
  expect_text(refund_replace(&fake->call, text, "_.", '-'), "a-b-c\0d-");
  expect_text(text, "a_b.c\0d_");
  expect_text(refund_replace(&fake->call, T(""), "_", '-'), "");
  cr_expect_null(refund_replace(&fake->call, NOT_THERE, "_", '-').data);
  fake->allocations_allowed = 0;
  cr_expect_null(refund_replace(&fake->call, text, "_", '-').data);
  fake_close(fake);
}

/* ---- Parts of a URL ---- */

Test(url, has_a_host_with_its_port_a_hostname_and_a_target) {
  static const struct {
    const char *url, *host, *hostname, *target;
  } cases[] = {
      {"https://api.example.com/v1/refunds?x=1", "api.example.com", "api.example.com", "/v1/refunds?x=1"},
      {"https://api.example.com:8443/v1", "api.example.com:8443", "api.example.com", "/v1"},
      {"https://api.example.com", "api.example.com", "api.example.com", ""},
      {"https://api.example.com?x=https://y/z", "api.example.com", "api.example.com", "?x=https://y/z"},
      {"http://[::1]:8080/v1", "[::1]:8080", "[::1]", "/v1"},
      {"http://[::1]/v1", "[::1]", "[::1]", "/v1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refund_text url = refund_text_of(cases[i].url);
    cr_expect(refund_is(refund_url_host(url), cases[i].host), "%s", cases[i].url);
    cr_expect(refund_is(refund_url_hostname(url), cases[i].hostname), "%s", cases[i].url);
    cr_expect(refund_is(refund_url_target(url), cases[i].target), "%s", cases[i].url);
  }
}

Test(url, has_no_parts_where_it_is_none) {
  static const char *const none[] = {"", "a", "https:/", "api.example.com/v1"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    cr_expect_null(refund_url_host(refund_text_of(none[i])).data, "%s", none[i]);
    cr_expect_null(refund_url_hostname(refund_text_of(none[i])).data, "%s", none[i]);
    cr_expect_null(refund_url_target(refund_text_of(none[i])).data, "%s", none[i]);
  }
  cr_expect_null(refund_url_host(NOT_THERE).data);
  cr_expect_null(refund_url_hostname(NOT_THERE).data);
  cr_expect_null(refund_url_target(NOT_THERE).data);
}

/* ---- What the call brings ---- */

#define VALUES                                                                      \
  {                                                                                 \
    {T("keys"), T("USD"), T("usd key")}, {T("api_key"), NOT_THERE, T("plain key")}, \
        {T("keys"), T("EUR"), T("eur key")},                                        \
  }

Test(call, finds_a_field_of_the_account_and_an_entry_of_a_map) {
  struct fake *fake = fake_open();
  const refund_account_value values[] = VALUES;
  fake->call.account = values;
  fake->call.account_count = 3;
  expect_text(refund_account(&fake->call, "api_key"), "plain key");
  expect_text(refund_account_entry(&fake->call, "keys", T("EUR")), "eur key");
  expect_text(refund_account_entry(&fake->call, "keys", T("USD")), "usd key");
  fake_close(fake);
}

Test(call, does_not_take_a_map_for_a_text_or_one_entry_for_another) {
  struct fake *fake = fake_open();
  const refund_account_value values[] = VALUES;
  fake->call.account = values;
  fake->call.account_count = 3;
  cr_expect_null(refund_account(&fake->call, "keys").data);
  cr_expect_null(refund_account_entry(&fake->call, "keys", T("GBP")).data);
  cr_expect_null(refund_account_entry(&fake->call, "api_key", T("USD")).data);
  cr_expect_null(refund_account(&fake->call, "API_KEY").data);
  fake->call.account_count = 0;
  cr_expect_null(refund_account(&fake->call, "api_key").data);
  fake_close(fake);
}

Test(call, gives_base_urls_in_the_descriptors_order) {
  const refund_text urls[] = {T("https://api.example.com"), T("https://token.example.com")};
  struct fake *fake = fake_open();
  fake->call.base_urls = urls;
  fake->call.base_url_count = 2;
  expect_text(refund_base(&fake->call, 0), "https://api.example.com");
  expect_text(refund_base(&fake->call, 1), "https://token.example.com");
  cr_expect_null(refund_base(&fake->call, 2).data);
  fake_close(fake);
}

Test(call, says_which_field_is_invalid) {
  struct fake *fake = fake_open();
  cr_expect_eq(refund_invalid(&fake->call, "connector_metadata/card", "a card is needed"), REFUND_INVALID_INPUT);
  cr_expect_str_eq(fake->field, "connector_metadata/card");
  cr_expect_str_eq(fake->message, "a card is needed");
  fake_close(fake);
}

Test(call, has_the_currency_of_its_account) {
  struct fake *fake = fake_open();
  refund_account_value values[] = {{T("currency"), NOT_THERE, T("usd")}, {T("none"), NOT_THERE, T("")}};
  fake->call.currency = T("EUR");
  cr_expect_eq(refund_check_currency(&fake->call, "currency"), REFUND_OK, "of an account without the field");
  fake->call.account = values;
  fake->call.account_count = 2;
  cr_expect_eq(refund_check_currency(&fake->call, "none"), REFUND_OK);
  cr_expect_str_eq(fake->field, "");
  cr_expect_eq(refund_check_currency(&fake->call, "currency"), REFUND_INVALID_INPUT);
  cr_expect_str_eq(fake->field, "currency");
  cr_expect_str_eq(fake->message, "expected usd, the account's currency, found EUR");
  fake->call.currency = T("USD");
  cr_expect_eq(refund_check_currency(&fake->call, "currency"), REFUND_OK);
  fake_close(fake);
}

Test(response, finds_the_first_header_of_a_name_whatever_its_case) {
  const refund_header headers[] = {
      {T("Date"), T("today")}, {T("request-ID"), T("first")}, {T("Request-Id"), T("second")}, {T("Empty"), T("")}};
  refund_http_response response = {.size = sizeof response, .headers = headers, .header_count = 4};
  expect_text(refund_find_header(&response, "Request-Id"), "first");
  expect_text(refund_find_header(&response, "DATE"), "today");
  expect_text(refund_find_header(&response, "empty"), "");
  cr_expect_null(refund_find_header(&response, "Request").data);
  response.header_count = 0;
  cr_expect_null(refund_find_header(&response, "Date").data);
}
