/* crypto/1, digests and ciphers: against the answers that their specifications give. */
#include "connector/crypto_call.h"

/* ---- Digests: FIPS 180-4 and RFC 1321 ---- */

Test(connector_crypto, digests_as_the_standards_say) {
  static const char *const cases[][3] = {
      {"MD5", "", "d41d8cd98f00b204e9800998ecf8427e"},
      {"MD5", "abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"SHA-1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {"SHA-256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"SHA-256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"SHA-384", "abc",
       "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
      {"SHA-512", "abc",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
       "454d4423643ce80e2a9ac94fa54ca49f"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct buffer out;
    buffer_open(&out, 0);
    cr_expect_eq(crypto->digest(&call, cases[i][0], text(cases[i][1]), &out.sink), REFUND_OK);
    cr_expect(holds(&out, cases[i][2]), "%s of \"%s\"", cases[i][0], cases[i][1]);
    buffer_close(&out);
  }
}

/* ---- HMAC: RFC 4231 (cases 1, 2 and 6) and RFC 2202 ---- */

#define KEY_0B_16 "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
#define KEY_0B_20 KEY_0B_16 "0b0b0b0b"
#define JEFE "4a656665"
#define WHAT "what do ya want for nothing?"

Test(connector_crypto, hmacs_as_the_rfcs_say) {
  static const char *const cases[][4] = {
      {"MD5", KEY_0B_16, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"},
      {"SHA-1", KEY_0B_20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
      {"SHA-256", KEY_0B_20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"SHA-384", KEY_0B_20, "Hi There",
       "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
      {"SHA-512", KEY_0B_20, "Hi There",
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4"
       "be9d914eeb61f1702e696c203a126854"},
      {"SHA-256", JEFE, WHAT, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bytes key = of_hex(cases[i][1]);
    struct buffer out;
    buffer_open(&out, 0);
    cr_expect_eq(crypto->hmac(&call, cases[i][0], of(&key), text(cases[i][2]), &out.sink), REFUND_OK);
    cr_expect(holds(&out, cases[i][3]), "%s of \"%s\"", cases[i][0], cases[i][2]);
    buffer_close(&out);
  }
}

Test(connector_crypto, hmacs_with_a_key_longer_than_a_block) {
  char key[131];
  memset(key, 0xAA, sizeof key);
  struct buffer out;
  buffer_open(&out, 0);
  refund_text data = text("Test Using Larger Than Block-Size Key - Hash Key First");
  cr_expect_eq(crypto->hmac(&call, "SHA-256", (refund_text){key, sizeof key}, data, &out.sink), REFUND_OK);
  cr_expect(holds(&out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
  buffer_close(&out);
}

Test(connector_crypto, refuses_an_hmac_without_a_key_but_takes_an_empty_one) {
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect_eq(crypto->hmac(&call, "SHA-256", none, text("x"), &out.sink), REFUND_INVALID_INPUT);
  cr_expect_eq(out.size, 0);
  cr_expect_eq(crypto->hmac(&call, "SHA-256", text(""), none, &out.sink), REFUND_OK);
  cr_expect(holds(&out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
  buffer_close(&out);
}

/* ---- Ciphers ---- */

#define AES_128_KEY "2b7e151628aed2a6abf7158809cf4f3c"
#define AES_256_KEY "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define AES_IV "000102030405060708090a0b0c0d0e0f"
#define AES_DATA "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
#define ZERO_8 "0000000000000000"
#define ZERO_16 ZERO_8 ZERO_8
#define ZERO_12 ZERO_8 "00000000"
#define GCM_DATA                                                                                     \
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" \
  "b16aedf5aa0de657ba637b39"

/* SP 800-38A F.2; the Triple DES example of SP 800-67; the GCM submission's test cases 1, 4, 13 and 14. */
static const struct vector {
  const char *algorithm, *key, *iv, *additional, *plain, *cipher;
} vectors[] = {
    {"AES-128-CBC-NOPAD", AES_128_KEY, AES_IV, "", AES_DATA,
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
    {"AES-256-CBC-NOPAD", AES_256_KEY, AES_IV, "", AES_DATA,
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    {"DES-EDE3-CBC-NOPAD", "0123456789abcdef23456789abcdef01456789abcdef0123", ZERO_8, "", "5468652071756663",
     "a826fd8ce53b855f"},
    {"AES-128-GCM", ZERO_16, ZERO_12, "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
    {"AES-128-GCM", "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_DATA,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
     "1ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {"AES-256-GCM", ZERO_16 ZERO_16, ZERO_12, "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"AES-256-GCM", ZERO_16 ZERO_16, ZERO_12, "", ZERO_16,
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
};

static int32_t run_vector(const struct vector *vector, bool encrypts, struct buffer *out) {
  struct bytes key = of_hex(vector->key);
  struct bytes iv = of_hex(vector->iv);
  struct bytes additional = of_hex(vector->additional);
  struct bytes data = of_hex(encrypts ? vector->plain : vector->cipher);
  return (encrypts ? crypto->encrypt : crypto->decrypt)(&call, vector->algorithm, of(&key), of(&iv), of(&additional),
                                                        of(&data), &out->sink);
}

Test(connector_crypto, encrypts_and_decrypts_as_the_standards_say) {
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    struct buffer out;
    buffer_open(&out, 0);
    cr_expect_eq(run_vector(&vectors[i], true, &out), REFUND_OK, "%s", last_failure);
    cr_expect(holds(&out, vectors[i].cipher), "%s, case %zu", vectors[i].algorithm, i);
    buffer_reset(&out);
    cr_expect_eq(run_vector(&vectors[i], false, &out), REFUND_OK, "%s", last_failure);
    cr_expect(holds(&out, vectors[i].plain), "%s, case %zu", vectors[i].algorithm, i);
    buffer_close(&out);
  }
}

/* Redsys derives a key per order: its published test key, and an order padded with zeros. */
Test(connector_crypto, derives_the_order_key_of_redsys) {
  struct bytes key = of_hex("324f66f7c21f11b9663dfae9b1ac2dec19b139bb7df097af");
  struct bytes iv = of_hex(ZERO_8);
  char order[16] = "1447961844";
  refund_text padded = {order, sizeof order};
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect_eq(crypto->encrypt(&call, "DES-EDE3-CBC-NOPAD", of(&key), of(&iv), none, padded, &out.sink), REFUND_OK);
  cr_expect(holds(&out, "dfcb79666e518e554737271df0dbad72"));
  struct buffer mac;
  buffer_open(&mac, 0);
  refund_text parameters = text("eyJEU19NRVJDSEFOVF9PUkRFUiI6IjE0NDc5NjE4NDQifQ==");
  cr_expect_eq(crypto->hmac(&call, "SHA-256", buffer_text(&out), parameters, &mac.sink), REFUND_OK);
  cr_expect(holds(&mac, "e535e1973e4c1773502ee624292e80dfe1881174b3a35bee01705bd2167f0686"));
  buffer_close(&mac);
  buffer_close(&out);
}

static const struct cipher {
  const char *algorithm;
  size_t key, iv, block; /* block 0: GCM */
} ciphers[] = {{"AES-128-CBC", 16, 16, 16}, {"AES-256-CBC", 32, 16, 16}, {"DES-EDE3-CBC", 24, 8, 8},
               {"AES-128-GCM", 16, 12, 0},  {"AES-256-GCM", 32, 12, 0},  {"AES-256-GCM", 32, 16, 0}};

Test(connector_crypto, pads_and_takes_every_length_back) {
  for (size_t i = 0; i < sizeof ciphers / sizeof *ciphers; i++) {
    for (size_t size = 0; size <= 33; size++) {
      const struct cipher *c = &ciphers[i];
      struct buffer sealed;
      struct buffer opened;
      buffer_open(&sealed, 0);
      buffer_open(&opened, 0);
      refund_text data = size == 0 ? none : part(size);
      cr_expect_eq(crypto->encrypt(&call, c->algorithm, part(c->key), part(c->iv), none, data, &sealed.sink),
                   REFUND_OK);
      cr_expect_eq(sealed.size, c->block == 0 ? size + 16 : size / c->block * c->block + c->block);
      refund_text back = buffer_text(&sealed);
      cr_expect_eq(crypto->decrypt(&call, c->algorithm, part(c->key), part(c->iv), none, back, &opened.sink),
                   REFUND_OK);
      cr_expect(same(&opened, part(size)), "%s, %zu bytes", c->algorithm, size);
      buffer_close(&sealed);
      buffer_close(&opened);
    }
  }
}

Test(connector_crypto, refuses_wrong_lengths) {
  static const struct {
    const char *algorithm;
    size_t key, iv, additional, data;
    bool encrypts;
  } cases[] = {
      {"AES-128-CBC", 15, 16, 0, 5, true},        {"AES-128-CBC", 32, 16, 0, 5, true},
      {"AES-256-CBC", 16, 16, 0, 5, true},        {"AES-128-CBC", 16, 12, 0, 5, true},
      {"AES-128-CBC", 16, 0, 0, 5, true},         {"AES-128-CBC", 16, 16, 4, 5, true},
      {"DES-EDE3-CBC", 16, 8, 0, 5, true},        {"DES-EDE3-CBC", 24, 16, 0, 5, true},
      {"DES-EDE3-CBC-NOPAD", 24, 8, 0, 7, true},  {"AES-128-CBC-NOPAD", 16, 16, 0, 17, true},
      {"AES-128-CBC", 16, 16, 0, 15, false},      {"AES-128-CBC", 16, 16, 0, 0, false},
      {"AES-128-CBC-NOPAD", 16, 16, 0, 8, false}, {"AES-128-GCM", 16, 11, 0, 5, true},
      {"AES-128-GCM", 16, 17, 0, 5, true},        {"AES-256-GCM", 16, 12, 0, 5, true},
      {"AES-128-GCM", 16, 12, 0, 15, false},      {"AES-128-GCM", 0, 12, 0, 5, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct buffer out;
    buffer_open(&out, 0);
    last_failure[0] = '\0';
    int32_t code = (cases[i].encrypts ? crypto->encrypt : crypto->decrypt)(
        &call, cases[i].algorithm, part(cases[i].key), part(cases[i].iv), part(cases[i].additional),
        part(cases[i].data), &out.sink);
    cr_expect_eq(code, REFUND_INVALID_INPUT, "case %zu", i);
    cr_expect_neq(last_failure[0], '\0', "case %zu", i);
    cr_expect_null(strstr(last_failure, "0123"), "%s", last_failure);
    cr_expect_eq(out.size, 0);
    buffer_close(&out);
  }
}

/* Any bit of what GCM protects, turned over: nothing comes out. */
Test(connector_crypto, gives_out_nothing_of_what_was_tampered_with) {
  const struct vector *vector = &vectors[4];
  struct bytes key = of_hex(vector->key);
  struct bytes iv = of_hex(vector->iv);
  struct bytes additional = of_hex(vector->additional);
  struct bytes data = of_hex(vector->cipher);
  struct bytes *const parts[] = {&key, &iv, &additional, &data};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    for (size_t at = 0; at < parts[i]->size; at++) {
      struct buffer out;
      buffer_open(&out, 0);
      parts[i]->data[at] = (char)(parts[i]->data[at] ^ 0x10);
      int32_t code =
          crypto->decrypt(&call, vector->algorithm, of(&key), of(&iv), of(&additional), of(&data), &out.sink);
      parts[i]->data[at] = (char)(parts[i]->data[at] ^ 0x10);
      cr_expect_eq(code, REFUND_MALFORMED_RESPONSE, "part %zu, byte %zu", i, at);
      cr_expect_eq(out.size, 0);
      buffer_close(&out);
    }
  }
}

Test(connector_crypto, refuses_padding_that_is_wrong) {
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect_eq(crypto->encrypt(&call, "AES-128-CBC-NOPAD", part(16), part(16), none, part(32), &out.sink), REFUND_OK);
  struct buffer opened;
  buffer_open(&opened, 0);
  cr_expect_eq(crypto->decrypt(&call, "AES-128-CBC", part(16), part(16), none, buffer_text(&out), &opened.sink),
               REFUND_MALFORMED_RESPONSE);
  cr_expect_eq(opened.size, 0);
  buffer_close(&opened);
  buffer_close(&out);
}

/* ---- What it does not have ---- */

Test(connector_crypto, has_no_other_algorithms) {
  static const char *const names[] = {NULL,          "",     "sha-256", "SHA256", "SHA-224",           "AES-192-CBC",
                                      "AES-128-ECB", "none", "HS256",   "RSA1_5", "AES-128-GCM-NOPAD", "EdDSA",
                                      "SHA-2560"};
  struct buffer out;
  buffer_open(&out, 0);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *name = names[i];
    last_failure[0] = '\0';
    cr_expect_eq(crypto->digest(&call, name, none, &out.sink), REFUND_NOT_SUPPORTED);
    cr_expect_neq(last_failure[0], '\0');
    cr_expect_eq(crypto->hmac(&call, name, part(4), none, &out.sink), REFUND_NOT_SUPPORTED);
    cr_expect_eq(crypto->encrypt(&call, name, part(16), part(16), none, none, &out.sink), REFUND_NOT_SUPPORTED);
    cr_expect_eq(crypto->decrypt(&call, name, part(16), part(16), none, none, &out.sink), REFUND_NOT_SUPPORTED);
    cr_expect_eq(crypto->sign(&call, name, none, none, &out.sink), REFUND_NOT_SUPPORTED);
    cr_expect_eq(crypto->verify(&call, name, none, none, none), REFUND_NOT_SUPPORTED);
    cr_expect_eq(crypto->wrap_key(&call, name, none, none, &out.sink), REFUND_NOT_SUPPORTED);
    cr_expect_eq(crypto->unwrap_key(&call, name, none, none, &out.sink), REFUND_NOT_SUPPORTED);
  }
  cr_expect_eq(out.size, 0);
  buffer_close(&out);
}
