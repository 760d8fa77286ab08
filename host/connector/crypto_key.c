/* crypto/1: what needs an asymmetric key - signatures and wrapped keys. */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "connector/crypto.h"

/* Bytes of the largest coordinate: P-521. */
enum { COORDINATE_MOST = 66 };

/* The algorithms of RFC 7518, sections 3.3 to 3.5, and 4.3. */
struct algorithm {
  const char *name;
  const EVP_MD *(*digest)(void);
  int padding;       /* RSA_..._PADDING; 0: elliptic curve */
  int curve;         /* NID; 0: RSA */
  size_t coordinate; /* bytes of r, and of s */
};

static const struct algorithm signatures[] = {
    {"RS256", EVP_sha256, RSA_PKCS1_PADDING, 0, 0},           {"RS384", EVP_sha384, RSA_PKCS1_PADDING, 0, 0},
    {"RS512", EVP_sha512, RSA_PKCS1_PADDING, 0, 0},           {"PS256", EVP_sha256, RSA_PKCS1_PSS_PADDING, 0, 0},
    {"PS384", EVP_sha384, RSA_PKCS1_PSS_PADDING, 0, 0},       {"PS512", EVP_sha512, RSA_PKCS1_PSS_PADDING, 0, 0},
    {"ES256", EVP_sha256, 0, NID_X9_62_prime256v1, 32},       {"ES384", EVP_sha384, 0, NID_secp384r1, 48},
    {"ES512", EVP_sha512, 0, NID_secp521r1, COORDINATE_MOST},
};

static const struct algorithm wrappings[] = {
    {"RSA-OAEP", EVP_sha1, RSA_PKCS1_OAEP_PADDING, 0, 0},
    {"RSA-OAEP-256", EVP_sha256, RSA_PKCS1_OAEP_PADDING, 0, 0},
};

#define FIND(table, name) find(table, sizeof(table) / sizeof *(table), name)

static const struct algorithm *find(const struct algorithm *table, size_t count, const char *name) {
  for (size_t i = 0; name != NULL && i < count; i++) {
    if (strcmp(table[i].name, name) == 0) return &table[i];
  }
  return NULL;
}

static int32_t refuse_algorithm(const refund_call *call, const char *what, const char *name) {
  return crypto_refuse(call, REFUND_NOT_SUPPORTED, "crypto/1 has no %s %.32s", what, name == NULL ? "" : name);
}

/* ---- Keys ---- */

/* Without it, OpenSSL would ask on the terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *to, int room, int writing, void *data) {
  (void)to, (void)room, (void)writing, (void)data;
  return -1;
}

static EVP_PKEY *read_certificate(BIO *pem) {
  X509 *certificate = PEM_read_bio_X509(pem, NULL, no_passphrase, NULL);
  EVP_PKEY *key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
  X509_free(certificate);
  return key;
}

/* Where the last line has to be broken off: some processors hand out keys in which it hangs on the one before, and
 * OpenSSL does not read these. */
static size_t break_in(refund_text text) {
  const char *end = memmem(text.data, text.size, "-----END ", 9);
  bool hangs = end != NULL && end > text.data && end[-1] != '\n';
  return hangs ? (size_t)(end - text.data) : text.size;
}

static BIO *open_pem(refund_text text) {
  BIO *pem = BIO_new(BIO_s_mem()); /* wiped when it is freed */
  int head = (int)break_in(text);
  int rest = (int)text.size - head;
  if (pem == NULL) return NULL;
  BIO_set_flags(pem, BIO_FLAGS_NONCLEAR_RST); /* may be read twice */
  BIO_set_mem_eof_return(pem, 0);
  if (BIO_write(pem, text.data, head) == head &&
      (rest == 0 || (BIO_write(pem, "\n", 1) == 1 && BIO_write(pem, text.data + head, rest) == rest))) {
    return pem;
  }
  BIO_free(pem);
  return NULL;
}

static EVP_PKEY *read_key(refund_text text, bool is_private) {
  BIO *pem = open_pem(text);
  if (pem == NULL) return NULL;
  EVP_PKEY *key = is_private ? PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL)
                             : PEM_read_bio_PUBKEY(pem, NULL, no_passphrase, NULL);
  if (key == NULL && !is_private && BIO_reset(pem) == 1) key = read_certificate(pem);
  BIO_free(pem);
  return key;
}

static bool key_fits(const EVP_PKEY *key, const struct algorithm *algorithm) {
  if (algorithm->curve == 0) return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  char curve[64];
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) == 1 &&
         OBJ_sn2nid(curve) == algorithm->curve;
}

/* REFUND_OK and a key that the caller frees. */
static int32_t load_key(const refund_call *call, const struct algorithm *algorithm, refund_text text, bool is_private,
                        EVP_PKEY **key) {
  const char *which = is_private ? "private" : "public";
  if (!crypto_takes(call, &text)) return REFUND_INVALID_INPUT;
  *key = read_key(text, is_private);
  if (*key == NULL) {
    return crypto_refuse(call, REFUND_INVALID_INPUT,
                         "the %s key cannot be read: it should be PEM, without a passphrase", which);
  }
  ERR_clear_error(); /* of the form that was tried first */
  if (key_fits(*key, algorithm)) return REFUND_OK;
  EVP_PKEY_free(*key);
  *key = NULL;
  return crypto_refuse(call, REFUND_INVALID_INPUT, "the %s key is of another kind than %s needs", which,
                       algorithm->name);
}

/* ---- Signatures of elliptic curves: DER inside OpenSSL, r and s side by side outside ---- */

static bool raw_of_der(const unsigned char *der, size_t size, unsigned char *raw, size_t coordinate) {
  ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
  if (signature == NULL) return false;
  bool good = BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, (int)coordinate) >= 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + coordinate, (int)coordinate) >= 0;
  ECDSA_SIG_free(signature);
  return good;
}

/* From OPENSSL_malloc(); NULL when out of memory. */
static unsigned char *der_of_raw(const unsigned char *raw, size_t coordinate, size_t *size) {
  unsigned char *der = NULL;
  ECDSA_SIG *signature = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(raw, (int)coordinate, NULL);
  BIGNUM *s = BN_bin2bn(raw + coordinate, (int)coordinate, NULL);
  if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
    r = s = NULL; /* the signature's now */
    int length = i2d_ECDSA_SIG(signature, &der);
    *size = length < 0 ? 0 : (size_t)length;
  }
  BN_free(r);
  BN_free(s);
  ECDSA_SIG_free(signature);
  return der;
}

/* ---- Signing ---- */

static bool set_padding(EVP_PKEY_CTX *context, const struct algorithm *algorithm) {
  if (algorithm->padding == 0) return true;
  if (EVP_PKEY_CTX_set_rsa_padding(context, algorithm->padding) != 1) return false;
  return algorithm->padding != RSA_PKCS1_PSS_PADDING ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool make_signature(EVP_MD_CTX *context, const struct algorithm *algorithm, EVP_PKEY *key, refund_text data,
                           unsigned char **signature, size_t *size) {
  const unsigned char *bytes = (const unsigned char *)data.data;
  EVP_PKEY_CTX *options = NULL;
  if (EVP_DigestSignInit(context, &options, algorithm->digest(), NULL, key) != 1 || !set_padding(options, algorithm) ||
      EVP_DigestSign(context, NULL, size, bytes, data.size) != 1) {
    return false;
  }
  *signature = OPENSSL_malloc(*size);
  return *signature != NULL && EVP_DigestSign(context, *signature, size, bytes, data.size) == 1;
}

static int32_t hand_out_signature(const refund_call *call, const struct algorithm *algorithm,
                                  const unsigned char *signature, size_t size, refund_bytes *out) {
  if (algorithm->curve == 0) return out->write(out, signature, size);
  unsigned char raw[2 * COORDINATE_MOST];
  if (!raw_of_der(signature, size, raw, algorithm->coordinate)) {
    return crypto_refuse(call, REFUND_INTERNAL, "%s failed", algorithm->name);
  }
  return out->write(out, raw, 2 * algorithm->coordinate);
}

int32_t crypto_sign(const refund_call *call, const char *name, refund_text private_key, refund_text data,
                    refund_bytes *out) {
  const struct algorithm *algorithm = FIND(signatures, name);
  if (algorithm == NULL) return refuse_algorithm(call, "signature", name);
  if (!crypto_takes(call, &data)) return REFUND_INVALID_INPUT;
  EVP_PKEY *key = NULL;
  int32_t code = load_key(call, algorithm, private_key, true, &key);
  if (code != REFUND_OK) return code;
  unsigned char *signature = NULL;
  size_t size = 0;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (context != NULL && make_signature(context, algorithm, key, data, &signature, &size)) {
    code = hand_out_signature(call, algorithm, signature, size, out);
  } else {
    code = crypto_refuse(call, REFUND_INVALID_INPUT, "the private key cannot sign with %s", algorithm->name);
  }
  OPENSSL_free(signature);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return code;
}

/* ---- Verifying ---- */

static bool signature_is_right(const struct algorithm *algorithm, EVP_PKEY *key, refund_text data,
                               const unsigned char *signature, size_t size) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  bool right = context != NULL && EVP_DigestVerifyInit(context, &options, algorithm->digest(), NULL, key) == 1 &&
               set_padding(options, algorithm) &&
               EVP_DigestVerify(context, signature, size, (const unsigned char *)data.data, data.size) == 1;
  EVP_MD_CTX_free(context);
  return right;
}

static bool curve_signature_is_right(const struct algorithm *algorithm, EVP_PKEY *key, refund_text data,
                                     refund_text signature) {
  if (signature.size != 2 * algorithm->coordinate) return false;
  size_t size = 0;
  unsigned char *der = der_of_raw((const unsigned char *)signature.data, algorithm->coordinate, &size);
  bool right = der != NULL && signature_is_right(algorithm, key, data, der, size);
  OPENSSL_free(der);
  return right;
}

int32_t crypto_verify(const refund_call *call, const char *name, refund_text public_key, refund_text data,
                      refund_text signature) {
  const struct algorithm *algorithm = FIND(signatures, name);
  if (algorithm == NULL) return refuse_algorithm(call, "signature", name);
  if (!crypto_takes(call, &data) || !crypto_takes(call, &signature)) return REFUND_INVALID_INPUT;
  EVP_PKEY *key = NULL;
  int32_t code = load_key(call, algorithm, public_key, false, &key);
  if (code != REFUND_OK) return code;
  const unsigned char *bytes = (const unsigned char *)signature.data;
  bool right = algorithm->curve == 0 ? signature_is_right(algorithm, key, data, bytes, signature.size)
                                     : curve_signature_is_right(algorithm, key, data, signature);
  if (!right) code = crypto_refuse(call, REFUND_MALFORMED_RESPONSE, "the %s signature is not right", algorithm->name);
  EVP_PKEY_free(key);
  return code;
}

/* ---- Wrapping ---- */

typedef int transform(EVP_PKEY_CTX *context, unsigned char *out, size_t *out_size, const unsigned char *in,
                      size_t in_size);

static bool set_oaep(EVP_PKEY_CTX *context, const struct algorithm *algorithm) {
  return EVP_PKEY_CTX_set_rsa_padding(context, algorithm->padding) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, algorithm->digest()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithm->digest()) == 1;
}

/* The result is from OPENSSL_malloc() and *size bytes; NULL: refused by OpenSSL. */
static unsigned char *apply(EVP_PKEY_CTX *context, transform *function, refund_text data, size_t *size) {
  const unsigned char *in = (const unsigned char *)data.data;
  size_t room = 0;
  if (function(context, NULL, &room, in, data.size) != 1) return NULL;
  unsigned char *result = OPENSSL_malloc(room);
  *size = room;
  if (result == NULL || function(context, result, size, in, data.size) == 1) return result;
  OPENSSL_clear_free(result, room);
  return NULL;
}

/* Wipes and frees the result. */
static int32_t hand_out(refund_bytes *out, unsigned char *result, size_t size) {
  int32_t code = out->write(out, result, size);
  OPENSSL_clear_free(result, size);
  return code;
}

static int32_t refuse_wrapping(const refund_call *call, const struct algorithm *algorithm, const EVP_PKEY *key,
                               refund_text data) {
  (void)key, (void)data;
  return crypto_refuse(call, REFUND_INVALID_INPUT, "the key is too long to be wrapped by %s with this public key",
                       algorithm->name);
}

static int32_t refuse_unwrapping(const refund_call *call, const struct algorithm *algorithm, const EVP_PKEY *key,
                                 refund_text wrapped) {
  if (wrapped.size == (uint64_t)EVP_PKEY_get_size(key)) {
    return crypto_refuse(call, REFUND_MALFORMED_RESPONSE, "the wrapped key is not of this private key and %s",
                         algorithm->name);
  }
  return crypto_refuse(call, REFUND_INVALID_INPUT, "the wrapped key has %llu bytes instead of %d",
                       (unsigned long long)wrapped.size, EVP_PKEY_get_size(key));
}

struct direction {
  bool is_private; /* the key that it needs */
  int (*begin)(EVP_PKEY_CTX *context);
  transform *transform;
  int32_t (*refuse)(const refund_call *call, const struct algorithm *algorithm, const EVP_PKEY *key, refund_text data);
};

static const struct direction to_wrap = {false, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, refuse_wrapping};
static const struct direction to_unwrap = {true, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, refuse_unwrapping};

static int32_t wrap_or_unwrap(const refund_call *call, const struct direction *direction, const char *name,
                              refund_text key_text, refund_text data, refund_bytes *out) {
  const struct algorithm *algorithm = FIND(wrappings, name);
  if (algorithm == NULL) return refuse_algorithm(call, "key wrapping", name);
  if (!crypto_takes(call, &data)) return REFUND_INVALID_INPUT;
  EVP_PKEY *key = NULL;
  int32_t code = load_key(call, algorithm, key_text, direction->is_private, &key);
  if (code != REFUND_OK) return code;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  unsigned char *result = NULL;
  size_t size = 0;
  if (context != NULL && direction->begin(context) == 1 && set_oaep(context, algorithm)) {
    result = apply(context, direction->transform, data, &size);
  }
  code = result != NULL ? hand_out(out, result, size) : direction->refuse(call, algorithm, key, data);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  return code;
}

int32_t crypto_wrap(const refund_call *call, const char *name, refund_text public_key, refund_text key,
                    refund_bytes *out) {
  return wrap_or_unwrap(call, &to_wrap, name, public_key, key, out);
}

int32_t crypto_unwrap(const refund_call *call, const char *name, refund_text private_key, refund_text wrapped,
                      refund_bytes *out) {
  return wrap_or_unwrap(call, &to_unwrap, name, private_key, wrapped, out);
}
