/* crypto/1, signatures and wrapped keys: randomised, so mostly against itself, with keys made here. */
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "connector/crypto_call.h"

/* ---- Keys, made here ---- */

static EVP_PKEY *rsa_key(void) {
  static EVP_PKEY *key;
  if (key == NULL) key = EVP_RSA_gen(2048);
  return key;
}

enum form { PKCS8, TRADITIONAL, PUBLIC, PUBLIC_PKCS1, CERTIFICATE, ENCRYPTED, FORMS };

static X509 *certify(EVP_PKEY *key) {
  X509 *certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  cr_assert_gt(X509_sign(certificate, key, EVP_sha256()), 0);
  return certificate;
}

static refund_text pem(EVP_PKEY *key, enum form form) {
  static char texts[FORMS][8192];
  BIO *bio = BIO_new(BIO_s_mem());
  int good = 0;
  X509 *certificate = form == CERTIFICATE ? certify(key) : NULL;
  if (form == PKCS8) good = PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
  if (form == TRADITIONAL) good = PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
  if (form == PUBLIC) good = PEM_write_bio_PUBKEY(bio, key);
  if (form == CERTIFICATE) good = PEM_write_bio_X509(bio, certificate);
  if (form == ENCRYPTED) good = PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "pass", 4, NULL, NULL);
  if (form == PUBLIC_PKCS1) {
    unsigned char *der = NULL;
    int size = i2d_PublicKey(key, &der);
    good = PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, size) > 0;
    OPENSSL_free(der);
  }
  cr_assert(good == 1);
  int size = BIO_read(bio, texts[form], (int)sizeof texts[form]);
  BIO_free(bio);
  X509_free(certificate);
  return (refund_text){texts[form], (uint64_t)size};
}

/* ---- Signatures ---- */

static const struct signature {
  const char *algorithm;
  const char *curve; /* NULL: RSA */
  size_t size;
} signatures[] = {{"RS256", NULL, 256},   {"RS384", NULL, 256},   {"RS512", NULL, 256},
                  {"PS256", NULL, 256},   {"PS384", NULL, 256},   {"PS512", NULL, 256},
                  {"ES256", "P-256", 64}, {"ES384", "P-384", 96}, {"ES512", "P-521", 132}};

static EVP_PKEY *key_of(const struct signature *kind) {
  static EVP_PKEY *curves[3];
  if (kind->curve == NULL) return rsa_key();
  EVP_PKEY **key = &curves[kind - &signatures[6]];
  if (*key == NULL) *key = EVP_EC_gen(kind->curve);
  return *key;
}

static void sign_into(const struct signature *kind, enum form form, refund_text data, struct buffer *out) {
  buffer_open(out, 0);
  cr_assert_eq(crypto->sign(&call, kind->algorithm, pem(key_of(kind), form), data, &out->sink), REFUND_OK, "%s: %s",
               kind->algorithm, last_failure);
  cr_expect_eq(out->size, kind->size, "%s", kind->algorithm);
}

Test(connector_crypto_key, signs_what_it_verifies_with_every_form_of_key) {
  for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
    const struct signature *kind = &signatures[i];
    for (enum form form = PKCS8; form <= TRADITIONAL; form++) {
      struct buffer out;
      sign_into(kind, form, text("some data"), &out);
      for (enum form public = PUBLIC; public <= CERTIFICATE; public ++) {
        if (public == PUBLIC_PKCS1 && kind->curve != NULL) continue;
        refund_text key = pem(key_of(kind), public);
        cr_expect_eq(crypto->verify(&call, kind->algorithm, key, text("some data"), buffer_text(&out)), REFUND_OK,
                     "%s, form %d: %s", kind->algorithm, (int)public, last_failure);
      }
      buffer_close(&out);
    }
  }
}

Test(connector_crypto_key, tells_a_signature_that_is_not_right) {
  for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
    const struct signature *kind = &signatures[i];
    struct buffer out;
    sign_into(kind, PKCS8, text("some data"), &out);
    refund_text key = pem(key_of(kind), PUBLIC);
    const char *name = kind->algorithm;
    cr_expect_eq(crypto->verify(&call, name, key, text("other data"), buffer_text(&out)), REFUND_MALFORMED_RESPONSE);
    cr_expect_eq(crypto->verify(&call, name, key, text("some data"), none), REFUND_MALFORMED_RESPONSE);
    cr_expect_eq(crypto->verify(&call, name, key, text("some data"), (refund_text){out.data, out.size - 1}),
                 REFUND_MALFORMED_RESPONSE);
    out.data[out.size / 2] = (char)(out.data[out.size / 2] ^ 1);
    cr_expect_eq(crypto->verify(&call, name, key, text("some data"), buffer_text(&out)), REFUND_MALFORMED_RESPONSE);
    cr_expect_not_null(strstr(last_failure, name));
    memset(out.data, 0, out.size);
    cr_expect_eq(crypto->verify(&call, name, key, text("some data"), buffer_text(&out)), REFUND_MALFORMED_RESPONSE);
    buffer_close(&out);
  }
}

/* As `openssl ecparam -genkey` writes it. */
Test(connector_crypto_key, reads_a_key_behind_its_curve_parameters) {
  refund_text key = pem(key_of(&signatures[6]), TRADITIONAL);
  char file[2048];
  int size =
      snprintf(file, sizeof file, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n%.*s",
               (int)key.size, key.data);
  struct buffer out;
  buffer_open(&out, 0);
  cr_expect_eq(crypto->sign(&call, "ES256", (refund_text){file, (uint64_t)size}, text("x"), &out.sink), REFUND_OK, "%s",
               last_failure);
  buffer_close(&out);
}

/* The same text without the line break in front of its last line. */
static refund_text unbroken(refund_text pem) {
  static char texts[2][8192];
  static size_t turn;
  char *text = texts[turn++ % 2];
  const char *end = strstr(pem.data, "-----END ");
  size_t head = (size_t)(end - pem.data);
  memcpy(text, pem.data, head - 1);
  memcpy(text + head - 1, end, pem.size - head);
  return (refund_text){text, pem.size - 1};
}

Test(connector_crypto_key, reads_a_key_whose_last_line_hangs_on_the_one_before) {
  const struct signature *kind = &signatures[0];
  for (enum form form = PKCS8; form <= TRADITIONAL; form++) {
    struct buffer out;
    buffer_open(&out, 0);
    cr_expect_eq(crypto->sign(&call, "RS256", unbroken(pem(key_of(kind), form)), text("x"), &out.sink), REFUND_OK,
                 "form %d: %s", (int)form, last_failure);
    for (enum form public = PUBLIC; public <= CERTIFICATE; public ++) {
      refund_text key = unbroken(pem(key_of(kind), public));
      cr_expect_eq(crypto->verify(&call, "RS256", key, text("x"), buffer_text(&out)), REFUND_OK, "form %d: %s",
                   (int)public, last_failure);
    }
    buffer_close(&out);
  }
}

/* What an RS256 signer is given must not pass as PS256, nor as RS512. */
Test(connector_crypto_key, does_not_mix_algorithms_of_one_key) {
  for (size_t i = 0; i < 6; i++) {
    struct buffer out;
    sign_into(&signatures[i], PKCS8, text("some data"), &out);
    for (size_t j = 0; j < 6; j++) {
      int32_t code =
          crypto->verify(&call, signatures[j].algorithm, pem(rsa_key(), PUBLIC), text("some data"), buffer_text(&out));
      cr_expect_eq(code, i == j ? REFUND_OK : REFUND_MALFORMED_RESPONSE, "%zu as %zu", i, j);
    }
    buffer_close(&out);
  }
}

/* RFC 7515, A.3. */
Test(connector_crypto_key, verifies_the_es256_example_of_rfc_7515) {
  static const char key[] =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
      "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
      "-----END PUBLIC KEY-----\n";
  static const char input[] =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  struct bytes signature = of_hex(
      "0ed1215379636c483c2f7f155807d402a3b228033af97c7e17819ac3169ea665"
      "c50a07d38c3c70e5d8f12daf084a5480a66590c5f293509a8f3f7f8a83a354d5");
  cr_expect_eq(crypto->verify(&call, "ES256", text(key), text(input), of(&signature)), REFUND_OK, "%s", last_failure);
}

Test(connector_crypto_key, refuses_keys_that_do_not_fit_or_cannot_be_read) {
  struct buffer out;
  buffer_open(&out, 0);
  EVP_PKEY *curve = key_of(&signatures[6]);
  const struct {
    const char *algorithm;
    refund_text key;
  } cases[] = {
      {"RS256", none},
      {"RS256", text("not a key")},
      {"RS256", pem(rsa_key(), PUBLIC)},
      {"RS256", pem(rsa_key(), ENCRYPTED)},
      {"ES384", pem(curve, PKCS8)},
      {"RS256", pem(curve, PKCS8)},
      {"RS256", text("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n")},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    last_failure[0] = '\0';
    cr_expect_eq(crypto->sign(&call, cases[i].algorithm, cases[i].key, text("x"), &out.sink), REFUND_INVALID_INPUT,
                 "case %zu", i);
    cr_expect_neq(last_failure[0], '\0', "case %zu", i);
  }
  cr_expect_eq(crypto->sign(&call, "ES256", pem(rsa_key(), PKCS8), text("x"), &out.sink), REFUND_INVALID_INPUT);
  cr_expect_eq(crypto->verify(&call, "RS256", text("x"), text("x"), text("x")), REFUND_INVALID_INPUT);
  cr_expect_eq(crypto->verify(&call, "RS256", pem(rsa_key(), PKCS8), text("x"), text("x")), REFUND_INVALID_INPUT);
  cr_expect_eq(out.size, 0);
  buffer_close(&out);
}

/* ---- Wrapping ---- */

Test(connector_crypto_key, unwraps_what_it_wrapped) {
  static const char *const names[] = {"RSA-OAEP", "RSA-OAEP-256"};
  for (size_t i = 0; i < 2; i++) {
    struct buffer wrapped;
    struct buffer opened;
    buffer_open(&wrapped, 0);
    buffer_open(&opened, 0);
    cr_expect_eq(crypto->wrap_key(&call, names[i], pem(rsa_key(), CERTIFICATE), part(32), &wrapped.sink), REFUND_OK);
    cr_expect_eq(wrapped.size, 256);
    refund_text key = pem(rsa_key(), PKCS8);
    refund_text sealed = buffer_text(&wrapped);
    cr_expect_eq(crypto->unwrap_key(&call, names[i], key, sealed, &opened.sink), REFUND_OK, "%s", last_failure);
    cr_expect(same(&opened, part(32)));
    buffer_reset(&opened);
    cr_expect_eq(crypto->unwrap_key(&call, names[1 - i], key, sealed, &opened.sink), REFUND_MALFORMED_RESPONSE);
    sealed.size--;
    cr_expect_eq(crypto->unwrap_key(&call, names[i], key, sealed, &opened.sink), REFUND_INVALID_INPUT);
    cr_expect_eq(opened.size, 0);
    buffer_close(&wrapped);
    buffer_close(&opened);
  }
}

/* 2048 bits take 214 bytes with SHA-1 and 190 with SHA-256: 256 - 2 - 2 digests (RFC 8017, 7.1.1). */
Test(connector_crypto_key, refuses_to_wrap_more_than_the_key_takes) {
  static const struct {
    const char *algorithm;
    size_t most;
  } cases[] = {{"RSA-OAEP", 214}, {"RSA-OAEP-256", 190}};
  static const char long_key[256];
  for (size_t i = 0; i < 2; i++) {
    struct buffer out;
    buffer_open(&out, 0);
    refund_text key = {long_key, cases[i].most};
    cr_expect_eq(crypto->wrap_key(&call, cases[i].algorithm, pem(rsa_key(), PUBLIC), key, &out.sink), REFUND_OK);
    key.size++;
    cr_expect_eq(crypto->wrap_key(&call, cases[i].algorithm, pem(rsa_key(), PUBLIC), key, &out.sink),
                 REFUND_INVALID_INPUT);
    cr_expect_eq(out.size, 256);
    buffer_close(&out);
  }
}

/* ---- Sinks that refuse ---- */

Test(connector_crypto_key, passes_on_that_a_sink_refuses) {
  struct buffer out;
  buffer_open(&out, 1);
  cr_expect_eq(crypto->digest(&call, "MD5", none, &out.sink), REFUND_SINK_REFUSED);
  cr_expect_eq(crypto->hmac(&call, "MD5", part(4), none, &out.sink), REFUND_SINK_REFUSED);
  cr_expect_eq(crypto->encrypt(&call, "AES-128-CBC", part(16), part(16), none, none, &out.sink), REFUND_SINK_REFUSED);
  cr_expect_eq(crypto->sign(&call, "RS256", pem(rsa_key(), PKCS8), none, &out.sink), REFUND_SINK_REFUSED);
  cr_expect_eq(crypto->wrap_key(&call, "RSA-OAEP", pem(rsa_key(), PUBLIC), none, &out.sink), REFUND_SINK_REFUSED);
  buffer_close(&out);
}
