/* Masking: a secret that stands by itself is replaced, as is, in base64 and percent-encoded; words that only hold its
 * letters are not. */
#include "office.h"

struct desk {
  struct arena *arena;
  refund_text secrets[16];
  struct account account;
};

static void desk_open(struct desk *desk) {
  memset(desk, 0, sizeof *desk);
  desk->arena = arena_open(0);
  desk->account.secrets = desk->secrets;
}

static void desk_add(struct desk *desk, const char *field, const char *secret) {
  uint64_t i = desk->account.secret_count++;
  desk->secrets[2 * i] = (refund_text){field, strlen(field)};
  desk->secrets[2 * i + 1] = (refund_text){secret, strlen(secret)};
}

static void masks(struct desk *desk, enum mask mask, const char *text, const char *expected) {
  bool changed = false;
  refund_text masked = account_mask(&desk->account, desk->arena, (refund_text){text, strlen(text)}, mask, &changed);
  cr_expect(text_is(masked, expected), "expected %s, found %.*s", expected, (int)masked.size, masked.data);
  cr_expect_eq(changed, strcmp(text, expected) != 0, "%s", text);
  if (!changed) cr_expect_eq(masked.data, text, "the text itself, not a copy");
}

Test(mask, replaces_a_secret_between_non_word_characters_only) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "api_key", "sk_live_1234");
  masks(&desk, MASK_REPLY, "sk_live_1234", "***");
  masks(&desk, MASK_REPLY, "{\"key\":\"sk_live_1234\"}", "{\"key\":\"***\"}");
  masks(&desk, MASK_REPLY, "a sk_live_1234 b sk_live_1234", "a *** b ***");
  masks(&desk, MASK_REPLY, "sk_live_1234,sk_live_1234", "***,***");
  masks(&desk, MASK_REPLY, "\xC3\xA9sk_live_1234\xC3\xA9", "\xC3\xA9***\xC3\xA9");
  masks(&desk, MASK_REPLY, "-sk_live_1234-", "-***-");
  masks(&desk, MASK_REPLY, "xsk_live_1234", "xsk_live_1234");
  masks(&desk, MASK_REPLY, "sk_live_12345", "sk_live_12345");
  masks(&desk, MASK_REPLY, "_sk_live_1234", "_sk_live_1234");
  masks(&desk, MASK_REPLY, "sk_live_1234_", "sk_live_1234_");
  masks(&desk, MASK_REPLY, "sk_live_123", "sk_live_123");
  masks(&desk, MASK_REPLY, "SK_LIVE_1234", "SK_LIVE_1234");
  masks(&desk, MASK_REPLY, "xsk_live_1234 sk_live_1234", "xsk_live_1234 ***");
  masks(&desk, MASK_REPLY, "", "");
  arena_close(desk.arena);
}

Test(mask, finds_a_secret_that_overlaps_a_false_start) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "api_key", "ab-ab-ab");
  masks(&desk, MASK_REPLY, "xab-ab-ab-ab", "xab-***");
  masks(&desk, MASK_REPLY, "ab-ab-ab-ab", "***-ab");
  arena_close(desk.arena);
}

Test(mask, replaces_a_secret_in_base64_and_percent_encoded) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "password", "p&ss w/rd?");
  masks(&desk, MASK_REPLY, "as is: p&ss w/rd?.", "as is: ***.");
  masks(&desk, MASK_REPLY, "Authorization: Basic cCZzcyB3L3JkPw==", "Authorization: Basic ***");
  masks(&desk, MASK_REPLY, "a=1&password=p%26ss%20w%2Frd%3F&b=2", "a=1&password=***&b=2");
  masks(&desk, MASK_REPLY, "p&ss w/rd? cCZzcyB3L3JkPw== p%26ss%20w%2Frd%3F", "*** *** ***");
  masks(&desk, MASK_REPLY, "xcCZzcyB3L3JkPw==", "xcCZzcyB3L3JkPw==");
  arena_close(desk.arena);
}

Test(mask, replaces_a_secret_in_the_other_spellings_of_a_request_and_its_reply) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "password", "p&ss \"w/rd\"<>");
  masks(&desk, MASK_REPLY, "as a form: p%26ss+%22w%2Frd%22%3C%3E", "as a form: ***");
  masks(&desk, MASK_REPLY, "in lower case: p%26ss%20%22w%2frd%22%3c%3e", "in lower case: ***");
  masks(&desk, MASK_REPLY, "{\"password\":\"p&ss \\\"w/rd\\\"<>\"}", "{\"password\":\"***\"}");
  masks(&desk, MASK_REPLY, "<p>p&amp;ss &quot;w/rd&quot;&lt;&gt;</p>", "<p>***</p>");
  arena_close(desk.arena);
}

/* The letter before it belongs to an escape, not to a word. */
Test(mask, replaces_a_secret_that_travels_in_a_document_inside_another) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "pin", "P&<N \"1'2");
  masks(&desk, MASK_SHOWN, "x=%3Cp%3EP%26amp%3B%26lt%3BN%20%26quot%3B1%26apos%3B2%3C", "x=%3Cp%3E***%3C");
  masks(&desk, MASK_SHOWN, "x=%3cp%3eP%26amp%3b%26lt%3bN%20%26quot%3b1%26apos%3b2%3c", "x=%3cp%3e***%3c");
  masks(&desk, MASK_SHOWN, "x=%3Cp%3EP%26amp%3B%26lt%3BN+%26quot%3B1%26apos%3B2%3C", "x=%3Cp%3E***%3C");
  masks(&desk, MASK_SHOWN, "j=%22P%26%3CN%20%5C%221%272%22", "j=%22***%22");
  masks(&desk, MASK_SHOWN, "j=%22P%26%3CN+%5C%221%272%22", "j=%22***%22");
  masks(&desk, MASK_SHOWN, "\"{\\\"p\\\":\\\"P&<N \\\\\\\"1'2\\\"}\"", "\"{\\\"p\\\":\\\"***\\\"}\"");
  masks(&desk, MASK_SHOWN, "&lt;p&gt;P&amp;amp;&amp;lt;N &amp;quot;1&amp;apos;2&lt;", "&lt;p&gt;***&lt;");
  masks(&desk, MASK_SHOWN, "\"<p>P&amp;&lt;N &quot;1&apos;2</p>\"", "\"<p>***</p>\"");
  masks(&desk, MASK_SHOWN, "t=UCY8TiAiMScy", "t=***");
  arena_close(desk.arena);
}

Test(mask, sees_a_secret_behind_an_escape) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "api_key", "sk_live_1234");
  masks(&desk, MASK_REPLY, "key%3Dsk_live_1234", "key%3D***");
  masks(&desk, MASK_REPLY, "\"line\\nsk_live_1234\"", "\"line\\n***\"");
  masks(&desk, MASK_REPLY, "\"\\u003dsk_live_1234\"", "\"\\u003d***\"");
  arena_close(desk.arena);
}

/* Of our own requests we know that it is the secret, whatever stands around it. */
Test(mask, replaces_a_long_secret_inside_words_of_our_own_requests) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "api_key", "sk_live_1234");
  masks(&desk, MASK_SHOWN, "xsk_live_1234y", "x***y");
  masks(&desk, MASK_DIGEST, "xsk_live_1234y", "x{api_key}y");
  masks(&desk, MASK_REPLY, "xsk_live_1234y", "xsk_live_1234y");
  desk.account.secret_count = 0;
  desk_add(&desk, "pin", "1234567");
  masks(&desk, MASK_SHOWN, "x1234567y", "x1234567y");
  arena_close(desk.arena);
}

Test(mask, takes_one_secret_that_is_not_the_accounts_own) {
  struct arena *arena = arena_open(0);
  bool changed = false;
  refund_text text = {"Bearer token-of-today", 21};
  cr_expect(text_is(account_mask_one(arena, text, (refund_text){"token-of-today", 14}, &changed), "Bearer ***"));
  cr_expect(changed);
  cr_expect_eq(account_mask_one(arena, text, (refund_text){"token", 5}, &changed).data, text.data);
  cr_expect_not(changed, "from eight bytes on");
  cr_expect_eq(account_mask_one(arena, text, (refund_text){NULL, 0}, &changed).data, text.data);
  cr_expect_not(changed);
  cr_expect_null(account_mask_one(arena, (refund_text){NULL, 0}, (refund_text){"token-of-today", 14}, &changed).data);
  arena_close(arena);
}

/* A short secret would blank out ordinary words of a reply; of our own requests we know where it stands. */
Test(mask, leaves_secrets_of_fewer_than_eight_bytes_in_replies_alone) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "pin", "1234567");
  masks(&desk, MASK_REPLY, "pin 1234567", "pin 1234567");
  masks(&desk, MASK_SHOWN, "pin 1234567", "pin ***");
  masks(&desk, MASK_DIGEST, "pin 1234567", "pin {pin}");
  desk.account.secret_count = 0;
  desk_add(&desk, "pin", "12345678");
  masks(&desk, MASK_REPLY, "pin 12345678", "pin ***");
  desk.account.secret_count = 0;
  desk_add(&desk, "pin", "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
  masks(&desk, MASK_REPLY, "\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"", "\"***\"");
  arena_close(desk.arena);
}

Test(mask, for_a_digest_tells_the_secrets_apart_by_their_fields) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "user", "jane");
  desk_add(&desk, "pin", "7");
  masks(&desk, MASK_DIGEST, "<u>jane</u><p>7</p><a>70</a>", "<u>{user}</u><p>{pin}</p><a>70</a>");
  masks(&desk, MASK_SHOWN, "<u>jane</u><p>7</p>", "<u>***</u><p>***</p>");
  arena_close(desk.arena);
}

Test(mask, replaces_nothing_where_there_is_no_secret) {
  struct desk desk;
  desk_open(&desk);
  masks(&desk, MASK_SHOWN, "sk_live_1234", "sk_live_1234");
  refund_text none = account_mask(&desk.account, desk.arena, (refund_text){NULL, 0}, MASK_SHOWN, NULL);
  cr_expect_null(none.data);
  arena_close(desk.arena);
}

Test(mask, takes_a_nul_in_the_text_for_a_character) {
  struct desk desk;
  bool changed = false;
  desk_open(&desk);
  desk_add(&desk, "api_key", "sk_live_1234");
  refund_text masked =
      account_mask(&desk.account, desk.arena, (refund_text){"a\0sk_live_1234\0b", 16}, MASK_REPLY, &changed);
  cr_expect(changed && masked.size == 7 && memcmp(masked.data, "a\0***\0b", 7) == 0);
  arena_close(desk.arena);
}

/* With no memory for the masked copy, rather nothing than the secret. */
Test(mask, shows_nothing_when_memory_is_refused) {
  struct desk desk;
  desk_open(&desk);
  desk_add(&desk, "api_key", "sk_live_1234");
  struct arena *small = arena_open(1);
  refund_text masked = account_mask(&desk.account, small, (refund_text){"a sk_live_1234", 14}, MASK_REPLY, NULL);
  cr_expect_null(masked.data == NULL ? NULL : memmem(masked.data, masked.size, "live", 4));
  arena_close(small);
  arena_close(desk.arena);
}

/* ---- As the file gave them ---- */

/* One secret may begin another; masking the shorter one first would leave the other's end standing. */
Test(mask, of_an_account_takes_the_longer_secret_first_whatever_their_order) {
  static const char *const orders[] = {
      "\"credentials\": {\"api_key\": \"merchant1\", \"password\": \"merchant1-part-two\"}",
      "\"credentials\": {\"password\": \"merchant1-part-two\", \"api_key\": \"merchant1\"}"};
  for (size_t i = 0; i < 2; i++) {
    struct office office = office_open();
    struct arena *arena = arena_open(0);
    const struct account *account = office_demo(&office, orders[i]);
    cr_assert_not_null(account, "%s", office.error.message);
    refund_text text = {"p=merchant1-part-two&k=merchant1", 32};
    cr_expect(text_is(account_mask(account, arena, text, MASK_REPLY, NULL), "p=***&k=***"));
    cr_expect(text_is(account_mask(account, arena, text, MASK_DIGEST, NULL), "p={password}&k={api_key}"));
    arena_close(arena);
    office_close(&office);
  }
}

Test(mask, of_an_account_leaves_what_is_no_secret) {
  struct office office = office_open();
  struct arena *arena = arena_open(0);
  const struct account *account =
      office_demo(&office,
                  "\"credentials\": {\"api_key\": \"long secret key\", \"merchant\": \"merchant-number\","
                  " \"keys\": {\"USD\": \"dollar secret\"}}");
  cr_assert_not_null(account, "%s", office.error.message);
  refund_text text = {"long secret key; merchant-number; dollar secret", 47};
  cr_expect(text_is(account_mask(account, arena, text, MASK_SHOWN, NULL), "***; merchant-number; ***"));
  arena_close(arena);
  office_close(&office);
}
