/* Text made in scratch memory, and short ways through lists. */
#include "fake.h"

/* ---- Side by side, and cut ---- */

Test(concat, puts_texts_side_by_side_without_those_that_are_not_there) {
  struct fake *fake = fake_open();
  expect_text(REFUND_CONCAT(&fake->call, T("a"), T("b\0c"), T("d")), "ab\0cd");
  expect_text(REFUND_CONCAT(&fake->call, T("a"), NOT_THERE, T("b")), "ab");
  expect_text(REFUND_CONCAT(&fake->call, NOT_THERE, T(""), NOT_THERE), "");
  expect_text(REFUND_CONCAT(&fake->call, NOT_THERE), "");
  expect_text(refund_concat(&fake->call, NULL, 0), "");
  fake_close(fake);
}

Test(concat, copies_what_it_was_given) {
  struct fake *fake = fake_open();
  char text[] = "abc";
  refund_text copy = REFUND_CONCAT(&fake->call, refund_text_of(text));
  text[0] = 'x';
  expect_text(copy, "abc");
  fake_close(fake);
}

Test(concat, is_not_there_wherever_memory_ends) {
  char large[300];
  refund_text long_text = {large, sizeof large};
  memset(large, 'x', sizeof large);
  for (size_t allowed = 0;; allowed++) {
    struct fake *fake = fake_open();
    fake->allocations_allowed = allowed;
    refund_text text = REFUND_CONCAT(&fake->call, T("a"), long_text, long_text, long_text, long_text, T("b"));
    bool whole = text.data != NULL;
    cr_expect(!whole || text.size == 2 + 4 * sizeof large, "%zu allocations: %d bytes", allowed, (int)text.size);
    cr_assert_lt(allowed, 100);
    fake_close(fake);
    if (whole) break;
    cr_expect_eq(text.size, 0);
  }
}

Test(cut, counts_characters_and_not_bytes) {
  expect_text(refund_cut(T("abc"), 2), "ab");
  expect_text(refund_cut(T("abc"), 3), "abc");
  expect_text(refund_cut(T("abc"), 4), "abc");
  expect_text(refund_cut(T("abc"), UINT64_MAX), "abc");
  expect_text(refund_cut(T("abc"), 0), "");
  expect_text(refund_cut(T(""), 3), "");
  expect_text(refund_cut(T("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"), 1), "\xC3\xA9");
  expect_text(refund_cut(T("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"), 2), "\xC3\xA9\xE2\x82\xAC");
  expect_text(refund_cut(T("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"), 3), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  expect_text(refund_cut(T("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"), 4), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
  cr_expect_null(refund_cut(NOT_THERE, 3).data);
  cr_expect_eq(refund_cut(NOT_THERE, 3).size, 0);
}

/* ---- The writers, as texts ---- */

Test(made, texts_are_those_of_the_writers) {
  static const uint8_t seed[16] = {0};
  struct fake *fake = fake_open();
  fake->call.refund_amount = 1050;
  fake->call.exponent = 2;
  expect_text(refund_integer_text(&fake->call, -7), "-7");
  expect_text(refund_major_text(&fake->call), "10.50");
  expect_text(refund_date_text(&fake->call, 1721261883999, REFUND_DATE_DIGITS), "20240718001803");
  expect_text(refund_uuid_text(&fake->call, seed), "00000000-0000-4000-8000-000000000000");
  expect_text(refund_base64_text(&fake->call, T("\xFB\xFF")), "+/8=");
  expect_text(refund_base64url_text(&fake->call, T("\xFB\xFF")), "-_8");
  expect_text(refund_hex_text(&fake->call, T("\xFB\xFF")), "fbff");
  expect_text(refund_base64_text(&fake->call, T("")), "");
  fake_close(fake);
}

Test(made, texts_are_not_there_if_what_they_are_of_is_not_or_cannot_be_written) {
  static const uint8_t seed[16] = {0};
  struct fake *fake = fake_open();
  cr_expect_null(refund_base64_text(&fake->call, NOT_THERE).data);
  cr_expect_null(refund_base64url_text(&fake->call, NOT_THERE).data);
  cr_expect_null(refund_hex_text(&fake->call, NOT_THERE).data);
  cr_expect_null(refund_date_text(&fake->call, INT64_MAX, REFUND_DATE_ISO).data);
  fake->call.exponent = 19;
  cr_expect_null(refund_major_text(&fake->call).data);
  fake->call.exponent = 2;
  fake->allocations_allowed = 0;
  cr_expect_null(refund_integer_text(&fake->call, 1).data);
  cr_expect_null(refund_major_text(&fake->call).data);
  cr_expect_null(refund_date_text(&fake->call, 0, REFUND_DATE_HTTP).data);
  cr_expect_null(refund_uuid_text(&fake->call, seed).data);
  cr_expect_null(refund_base64_text(&fake->call, T("a")).data);
  cr_expect_null(refund_hex_text(&fake->call, T("a")).data);
  fake_close(fake);
}

static int32_t hmac(const refund_call *call, const char *algorithm, refund_text key, refund_text data,
                    refund_bytes *out) {
  (void)call, (void)algorithm, (void)key, (void)data;
  return refund_puts(out, "0123456789abcdef0123456789abcdef");
}

static int32_t wrap_key(const refund_call *call, const char *algorithm, refund_text public_key, refund_text key,
                        refund_bytes *out) {
  (void)call, (void)algorithm, (void)public_key, (void)key;
  return refund_puts(out, "wrapped");
}

static int32_t encrypt(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                       refund_text additional, refund_text data, refund_bytes *out) {
  (void)call, (void)algorithm, (void)key, (void)iv, (void)additional, (void)data;
  return refund_puts(out, "sixteen bytes...");
}

static const void *any_crypto(const refund_host *host, const char *id) {
  static const refund_crypto_1 crypto = {.size = sizeof crypto, .hmac = hmac, .wrap_key = wrap_key, .encrypt = encrypt};
  (void)host;
  return strcmp(id, REFUND_CRYPTO_1) == 0 ? &crypto : NULL;
}

/* A part that failed, and so is not there, must not be signed or sealed as an empty one. */
Test(made, jose_of_what_is_not_there_is_not_there) {
  static const uint8_t seed[32] = {0};
  struct fake *fake = fake_open();
  fake->host.get_interface = any_crypto;
  cr_expect_not_null(refund_jws(&fake->call, "HS256", T("{}"), T(""), T("k")).data);
  cr_expect_null(refund_jws(&fake->call, "HS256", T("{}"), NOT_THERE, T("k")).data);
  cr_expect_null(refund_jws(&fake->call, "HS256", NOT_THERE, T("x"), T("k")).data);
  cr_expect_not_null(refund_jws_detached(&fake->call, "HS256", T("{}"), T(""), T("k")).data);
  cr_expect_null(refund_jws_detached(&fake->call, "HS256", T("{}"), NOT_THERE, T("k")).data);
  cr_expect_null(refund_jws_detached(&fake->call, "HS256", NOT_THERE, T("x"), T("k")).data);
  cr_expect_not_null(refund_jwe_seal(&fake->call, T("id"), T(""), T("k"), seed).data);
  cr_expect_null(refund_jwe_seal(&fake->call, T("id"), NOT_THERE, T("k"), seed).data);
  fake_close(fake);
}

/* ---- Lists: a root with the list "items", whose items have the text "word" ---- */

enum { ITEMS = 4 };

struct refund_node {
  const char *word;
  int rank;
  const refund_node *next;
};
static refund_node items[ITEMS];
static const refund_node root = {.rank = -1}, list = {.rank = -2}, words[ITEMS];
static size_t item_count;

static const refund_node *find(const refund_node *from, const char *path) {
  if (from == &root && strcmp(path, "items") == 0) return &list;
  if (from == NULL || from == &root || from == &list || strcmp(path, "word") != 0) return NULL;
  return from->word == NULL ? NULL : &words[from - items];
}

static refund_text text_of_node(const refund_node *node) {
  return refund_text_of(node == NULL ? NULL : items[node - words].word);
}

static const refund_node *first(const refund_node *node) {
  return node == &list && item_count > 0 ? items : NULL;
}

static const refund_node *next(const refund_node *node) {
  return node->next;
}

static const refund_document_1 document = {
    .size = sizeof document, .find = find, .text = text_of_node, .first = first, .next = next};

static const void *only_document(const refund_host *host, const char *id) {
  (void)host;
  return strcmp(id, REFUND_DOCUMENT_1) == 0 ? &document : NULL;
}

static struct fake *open_list(size_t count, const char *const *with_words, const int *ranks) {
  struct fake *fake = fake_open();
  fake->host.get_interface = only_document;
  item_count = count;
  for (size_t i = 0; i < count; i++) {
    items[i] = (refund_node){.word = with_words == NULL ? NULL : with_words[i],
                             .rank = ranks == NULL ? 0 : ranks[i],
                             .next = i + 1 < count ? &items[i + 1] : NULL};
  }
  return fake;
}

static int rank_of(const refund_call *call, const refund_node *item) {
  (void)call;
  return item->rank;
}

Test(pick, takes_the_first_of_the_highest_rank) {
  static const struct {
    int ranks[ITEMS];
    size_t count;
    int picked; /* -1: none */
  } cases[] = {{{1, 2, 3, 2}, 4, 2}, {{2, 2, 2, 1}, 4, 0}, {{0, -1, 1, 1}, 4, 2}, {{0, 0, 0, 0}, 4, -1},
               {{-5, -1}, 2, -1},    {{7}, 1, 0},          {{0, 0, 0, 9}, 4, 3},  {{0}, 0, -1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct fake *fake = open_list(cases[i].count, NULL, cases[i].ranks);
    const refund_node *expected = cases[i].picked < 0 ? NULL : &items[cases[i].picked];
    cr_expect_eq(refund_pick(&fake->call, &root, "items", rank_of), expected, "case %zu", i);
    cr_expect_null(refund_pick(&fake->call, &root, "others", rank_of));
    cr_expect_null(refund_pick(&fake->call, NULL, "items", rank_of));
    fake_close(fake);
  }
}

Test(join, puts_the_texts_of_a_list_side_by_side) {
  static const char *const three[] = {"a", "b", "c"};
  struct fake *fake = open_list(3, three, NULL);
  expect_text(refund_join(&fake->call, &root, "items", "word", ", "), "a, b, c");
  expect_text(refund_join(&fake->call, &root, "items", "word", ""), "abc");
  fake_close(fake);
  fake = open_list(1, three, NULL);
  expect_text(refund_join(&fake->call, &root, "items", "word", ", "), "a");
  fake_close(fake);
}

/* An item without the text leaves no gap; an empty text is one. */
Test(join, leaves_out_what_is_not_there) {
  static const char *const gaps[] = {NULL, "b", NULL, "d"};
  static const char *const empty[] = {"", "b", ""};
  static const char *const none[] = {NULL, NULL};
  struct fake *fake = open_list(4, gaps, NULL);
  expect_text(refund_join(&fake->call, &root, "items", "word", ", "), "b, d");
  fake_close(fake);
  fake = open_list(3, empty, NULL);
  expect_text(refund_join(&fake->call, &root, "items", "word", ","), ",b,");
  fake_close(fake);
  fake = open_list(2, none, NULL);
  cr_expect_null(refund_join(&fake->call, &root, "items", "word", ", ").data);
  fake_close(fake);
  fake = open_list(0, NULL, NULL);
  cr_expect_null(refund_join(&fake->call, &root, "items", "word", ", ").data);
  cr_expect_null(refund_join(&fake->call, &root, "others", "word", ", ").data);
  fake_close(fake);
}

Test(join, is_not_there_if_memory_is_refused) {
  static const char *const two[] = {"a", "b"};
  struct fake *fake = open_list(2, two, NULL);
  fake->allocations_allowed = 0;
  cr_expect_null(refund_join(&fake->call, &root, "items", "word", ", ").data);
  fake_close(fake);
}
