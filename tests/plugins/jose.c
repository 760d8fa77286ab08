#include "plugins/jose.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16384, HALF_KEY = 16, IV = 16, TAG = 16 };

struct bytes {
  unsigned char data[ROOM];
  size_t size;
};

/* ---- base64url ---- */

static bool decode(const char *text, size_t size, struct bytes *out) {
  static char padded[ROOM];
  size_t whole = (size + 3) / 4 * 4;
  if (whole + 1 > sizeof padded) return false;
  for (size_t i = 0; i < whole; i++)
    padded[i] = i >= size ? '=' : text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
  int decoded = EVP_DecodeBlock(out->data, (const unsigned char *)padded, (int)whole);
  out->size = decoded < 0 ? 0 : (size_t)decoded - (whole - size);
  return decoded >= 0;
}

static char *put_encoded(char *to, const void *data, size_t size) {
  int written = EVP_EncodeBlock((unsigned char *)to, data, (int)size);
  for (; written > 0 && to[written - 1] == '='; written--) {
  }
  for (int i = 0; i < written; i++)
    to[i] = to[i] == '+' ? '-' : to[i] == '/' ? '_' : to[i];
  return to + written;
}

/* `text` at its dots, decoded, into exactly `count` parts. */
static bool take_apart(const char *text, struct bytes *parts, int count) {
  for (int i = 0; i < count; i++) {
    size_t size = strcspn(text, ".");
    if ((text[size] == '.') != (i + 1 < count) || !decode(text, size, &parts[i])) return false;
    text += size + 1;
  }
  return true;
}

/* ---- Keys ---- */

static EVP_PKEY *key_of(const cJSON *keys, const char *end) {
  const cJSON *one;
  EVP_PKEY *key = NULL;
  cJSON_ArrayForEach(one, keys) {
    size_t size = strlen(one->string);
    if (size < strlen(end) || strcmp(one->string + size - strlen(end), end) != 0) continue;
    BIO *pem = BIO_new_mem_buf(one->valuestring, -1);
    key = strstr(end, "private") != NULL ? PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL)
                                         : PEM_read_bio_PUBKEY(pem, NULL, NULL, NULL);
    BIO_free(pem);
  }
  cr_assert_not_null(key, "test_keys has no readable %s", end);
  return key;
}

/* ---- RSA: PSS with salts of 32 bytes, OAEP with SHA-1 ---- */

static void set_pss(EVP_PKEY_CTX *options) {
  EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
}

static bool is_signed(const cJSON *keys, const char *input, size_t size, const struct bytes *signature) {
  EVP_PKEY *key = key_of(keys, "_signing_public_key");
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, key);
  set_pss(options);
  bool right = EVP_DigestVerify(context, signature->data, signature->size, (const unsigned char *)input, size) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return right;
}

static void sign(const cJSON *keys, const char *input, size_t size, struct bytes *signature) {
  EVP_PKEY *key = key_of(keys, "_signing_private_key");
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, key);
  set_pss(options);
  signature->size = sizeof signature->data;
  cr_assert_eq(EVP_DigestSign(context, signature->data, &signature->size, (const unsigned char *)input, size), 1);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
}

static bool unwrap(const cJSON *keys, const struct bytes *wrapped, struct bytes *out) {
  EVP_PKEY *key = key_of(keys, "_encryption_private_key");
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  EVP_PKEY_decrypt_init(context);
  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
  out->size = sizeof out->data;
  bool right = EVP_PKEY_decrypt(context, out->data, &out->size, wrapped->data, wrapped->size) == 1;
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  return right && out->size == 2 * HALF_KEY;
}

static void wrap(const cJSON *keys, const unsigned char *secret, struct bytes *out) {
  EVP_PKEY *key = key_of(keys, "_encryption_public_key");
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  EVP_PKEY_encrypt_init(context);
  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
  out->size = sizeof out->data;
  cr_assert_eq(EVP_PKEY_encrypt(context, out->data, &out->size, secret, 2 * HALF_KEY), 1);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
}

/* ---- A128CBC-HS256 ---- */

static void cbc(const unsigned char *key, const unsigned char *iv, const void *in, size_t size, int encrypts,
                struct bytes *out) {
  int first = 0, last = 0;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  cr_assert_eq(EVP_CipherInit_ex(context, EVP_aes_128_cbc(), NULL, key, iv, encrypts), 1);
  cr_assert_eq(EVP_CipherUpdate(context, out->data, &first, in, (int)size), 1);
  cr_assert_eq(EVP_CipherFinal_ex(context, out->data + first, &last), 1);
  EVP_CIPHER_CTX_free(context);
  out->size = (size_t)(first + last);
}

/* Over the header as it is written, IV, ciphertext, and the header's length in bits. */
static void tag_of(const unsigned char *key, const char *header, size_t header_size, const unsigned char *iv,
                   const struct bytes *sealed, unsigned char *mac) {
  static unsigned char text[2 * ROOM];
  unsigned char bits[8] = {0, 0, 0, 0, 0, 0, (unsigned char)(header_size * 8 >> 8), (unsigned char)(header_size * 8)};
  size_t size = 0;
  const struct {
    const void *data;
    size_t size;
  } parts[] = {{header, header_size}, {iv, IV}, {sealed->data, sealed->size}, {bits, sizeof bits}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    memcpy(text + size, parts[i].data, parts[i].size);
    size += parts[i].size;
  }
  HMAC(EVP_sha256(), key, HALF_KEY, text, size, mac, NULL);
}

/* ---- Both together ---- */

static cJSON *json_of(const struct bytes *bytes) {
  return cJSON_ParseWithLength((const char *)bytes->data, bytes->size);
}

bool jose_open(const cJSON *keys, const char *body, struct jose *opened) {
  enum { HEADER, WRAPPED, VECTOR, SEALED, MARK, PARTS };
  static struct bytes part[PARTS], key, jws, inner[3];
  unsigned char mac[EVP_MAX_MD_SIZE];
  memset(opened, 0, sizeof *opened);
  if (!take_apart(body, part, PARTS) || part[VECTOR].size != IV || part[MARK].size != TAG) return false;
  if (!unwrap(keys, &part[WRAPPED], &key)) return false;
  tag_of(key.data, body, strcspn(body, "."), part[VECTOR].data, &part[SEALED], mac);
  if (memcmp(mac, part[MARK].data, TAG) != 0) return false;
  cbc(key.data + HALF_KEY, part[VECTOR].data, part[SEALED].data, part[SEALED].size, 0, &jws);
  jws.data[jws.size] = '\0';
  const char *text = (const char *)jws.data;
  const char *signature = strrchr(text, '.');
  if (!take_apart(text, inner, 3) || !is_signed(keys, text, (size_t)(signature - text), &inner[2])) return false;
  opened->outer = json_of(&part[HEADER]);
  opened->inner = json_of(&inner[0]);
  opened->claims = json_of(&inner[1]);
  opened->text = strndup((const char *)inner[1].data, inner[1].size);
  return true;
}

void jose_close(struct jose *opened) {
  cJSON_Delete(opened->outer);
  cJSON_Delete(opened->inner);
  cJSON_Delete(opened->claims);
  free(opened->text);
}

char *jose_reveal(const cJSON *keys, const char *body) {
  struct jose opened;
  if (keys == NULL || !jose_open(keys, body, &opened)) return strdup(body);
  char *text = opened.text;
  opened.text = NULL;
  jose_close(&opened);
  return text;
}

char *jose_seal(const cJSON *keys, const char *claims) {
  static const char outer[] = "{\"enc\":\"A128CBC-HS256\",\"alg\":\"RSA-OAEP\"}";
  static const char inner[] = "{\"typ\":\"JWT\",\"alg\":\"PS256\"}";
  static struct bytes signature, wrapped, sealed;
  static char jws[ROOM];
  unsigned char secret[2 * HALF_KEY + IV], mac[EVP_MAX_MD_SIZE];
  const unsigned char *iv = secret + 2 * HALF_KEY;
  char *jwe = calloc(1, ROOM);
  cr_assert(RAND_bytes(secret, sizeof secret) == 1 && strlen(claims) < ROOM / 4);
  char *end = put_encoded(jws, inner, strlen(inner));
  *end++ = '.';
  end = put_encoded(end, claims, strlen(claims));
  sign(keys, jws, (size_t)(end - jws), &signature);
  *end++ = '.';
  end = put_encoded(end, signature.data, signature.size);
  cbc(secret + HALF_KEY, iv, jws, (size_t)(end - jws), 1, &sealed);
  wrap(keys, secret, &wrapped);
  end = put_encoded(jwe, outer, strlen(outer));
  tag_of(secret, jwe, (size_t)(end - jwe), iv, &sealed, mac);
  *end++ = '.';
  end = put_encoded(end, wrapped.data, wrapped.size);
  *end++ = '.';
  end = put_encoded(end, iv, IV);
  *end++ = '.';
  end = put_encoded(end, sealed.data, sealed.size);
  *end++ = '.';
  end = put_encoded(end, mac, TAG);
  *end = '\0';
  return jwe;
}
