/* base64, base64url, hex and percent-encoding: the vectors of RFC 4648, and the law that decoding undoes encoding. */
#include "fake.h"

typedef int32_t encoder(refund_bytes *sink, refund_text text);
typedef refund_text decoder(const refund_call *call, refund_text text);

enum { ROUNDS = 3000, GREATEST_SIZE = 64 };

static void gives(encoder *encode, refund_text bytes, const char *expected) {
  struct paper paper;
  paper_open(&paper);
  cr_expect_eq(encode(&paper.sink, bytes), REFUND_OK);
  cr_expect(refund_is(paper_text(&paper), expected), "expected %s, found %.*s", expected, (int)paper.size, paper.text);
}

Test(base64, gives_the_vectors_of_rfc_4648) {
  gives(refund_put_base64, T(""), "");
  gives(refund_put_base64, T("f"), "Zg==");
  gives(refund_put_base64, T("fo"), "Zm8=");
  gives(refund_put_base64, T("foo"), "Zm9v");
  gives(refund_put_base64, T("foob"), "Zm9vYg==");
  gives(refund_put_base64, T("fooba"), "Zm9vYmE=");
  gives(refund_put_base64, T("foobar"), "Zm9vYmFy");
  gives(refund_put_base64, T("\xFB\xEF\xFF"), "++//");
}

Test(base64url, has_its_own_two_letters_and_no_padding) {
  gives(refund_put_base64url, T(""), "");
  gives(refund_put_base64url, T("f"), "Zg");
  gives(refund_put_base64url, T("fo"), "Zm8");
  gives(refund_put_base64url, T("foobar"), "Zm9vYmFy");
  gives(refund_put_base64url, T("\xFB\xEF\xFF"), "--__");
}

Test(hex, is_lower_case) {
  gives(refund_put_hex, T(""), "");
  gives(refund_put_hex, T("foobar"), "666f6f626172");
  gives(refund_put_hex, T("\x00\xAF\xFF"), "00afff");
}

Test(percent, leaves_the_unreserved_of_rfc_3986_and_nothing_else) {
  gives(refund_put_percent, T("AZaz09-._~"), "AZaz09-._~");
  gives(refund_put_percent, T("a b+c/d?e=f&g%h"), "a%20b%2Bc%2Fd%3Fe%3Df%26g%25h");
  gives(refund_put_percent, T("\xC3\xA9\0"), "%C3%A9%00");
  gives(refund_put_percent, T(""), "");
}

/* ---- The law ---- */

static void undoes(encoder *encode, decoder *decode, uint64_t seed) {
  struct fake *fake = fake_open();
  for (int round = 0; round < ROUNDS; round++) {
    char bytes[GREATEST_SIZE];
    struct paper paper;
    size_t size = chance(&seed) % (GREATEST_SIZE + 1);
    for (size_t i = 0; i < size; i++)
      bytes[i] = (char)chance(&seed);
    paper_open(&paper);
    cr_assert_eq(encode(&paper.sink, (refund_text){bytes, size}), REFUND_OK);
    char *exact = malloc(paper.size + 1);
    memcpy(exact, paper.text, paper.size);
    exact[paper.size] = '!';
    refund_text again = decode(&fake->call, (refund_text){exact, paper.size});
    cr_assert(again.data != NULL && again.size == size && memcmp(again.data, bytes, size) == 0, "round %d", round);
    free(exact);
  }
  fake_close(fake);
}

Test(base64, is_undone_by_decoding) {
  undoes(refund_put_base64, refund_decode_base64, 11);
  undoes(refund_put_base64url, refund_decode_base64, 12);
}

Test(hex, is_undone_by_decoding) {
  undoes(refund_put_hex, refund_decode_hex, 13);
}

Test(percent, is_undone_by_decoding) {
  undoes(refund_put_percent, refund_decode_percent, 14);
}

/* ---- What is malformed ---- */

static void refused(decoder *decode, refund_text text) {
  struct fake *fake = fake_open();
  cr_expect_null(decode(&fake->call, text).data, "%.*s was decoded", (int)text.size, text.data);
  fake_close(fake);
}

Test(base64, takes_both_alphabets_with_or_without_padding) {
  struct fake *fake = fake_open();
  expect_text(refund_decode_base64(&fake->call, T("++//")), "\xFB\xEF\xFF");
  expect_text(refund_decode_base64(&fake->call, T("--__")), "\xFB\xEF\xFF");
  expect_text(refund_decode_base64(&fake->call, T("Zg")), "f");
  expect_text(refund_decode_base64(&fake->call, T("Zg==")), "f");
  expect_text(refund_decode_base64(&fake->call, T("")), "");
  fake_close(fake);
}

Test(base64, is_decoded_into_room_of_the_texts_own_size) {
  static const char *const texts[] = {"Zg==", "Zm8", "Zm9vYmFy", ""};
  static const char *const expected[] = {"f", "fo", "foobar", ""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    refund_text text = refund_text_of(texts[i]);
    char *out = malloc(text.size + (text.size == 0));
    uint64_t size = 77;
    cr_expect(refund_read_base64(text, out, &size), "%s", texts[i]);
    cr_expect(refund_is((refund_text){out, size}, expected[i]), "%s", texts[i]);
    free(out);
  }
  char room[8];
  uint64_t size;
  cr_expect_not(refund_read_base64(T("Zh=="), room, &size));
  cr_expect_not(refund_read_base64(T("Zm9v!"), room, &size));
}

Test(base64, is_not_decoded_when_malformed) {
  static const char *const wrong[] = {"Z",      "Zm9vY", "Zg=",  "Zg===", "Z===",     "====",  "=",         "Zm=v",
                                      "Zm9v\n", "Zm 9v", "Zh==", "Zm9",   "Zg==Zg==", "Zm9v!", "\xC3\xA9=="};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    refused(refund_decode_base64, refund_text_of(wrong[i]));
  refused(refund_decode_base64, NOT_THERE);
}

Test(hex, has_these_digits_only) {
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  for (int c = 0; c < 256; c++) {
    const char *digit = c == 0 ? NULL : strchr(digits, c);
    cr_expect_eq(refund_hex_digit((char)c), digit == NULL ? -1 : (int)(digit - digits) % 16, "byte %d", c);
  }
}

Test(hex, is_not_decoded_when_malformed) {
  static const char *const wrong[] = {"0", "0g", "g0", "0x10", " 00", "00 ", "000"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    refused(refund_decode_hex, refund_text_of(wrong[i]));
  refused(refund_decode_hex, NOT_THERE);
  struct fake *fake = fake_open();
  expect_text(refund_decode_hex(&fake->call, T("aFFf")), "\xAF\xFF");
  expect_text(refund_decode_hex(&fake->call, T("")), "");
  fake_close(fake);
}

Test(percent, is_not_decoded_when_malformed) {
  static const char *const wrong[] = {"%", "%2", "a%", "a%2", "%zz", "%2x", "%%20", "% 20"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    refused(refund_decode_percent, refund_text_of(wrong[i]));
  refused(refund_decode_percent, NOT_THERE);
  struct fake *fake = fake_open();
  expect_text(refund_decode_percent(&fake->call, T("a+b%2f%2F")), "a+b//");
  fake_close(fake);
}

Test(decoding, gives_nothing_when_memory_is_refused) {
  struct fake *fake = fake_open();
  fake->allocations_allowed = 0;
  cr_expect_null(refund_decode_base64(&fake->call, T("Zg")).data);
  cr_expect_null(refund_decode_hex(&fake->call, T("00")).data);
  cr_expect_null(refund_decode_percent(&fake->call, T("a")).data);
  fake_close(fake);
}
