/* crypto/1: ciphers. A whole text in one call. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "connector/crypto.h"

enum mode { PADDED, UNPADDED, GCM };

/* 12 bytes is what GCM is made for; some processors use 16. */
enum { BLOCK_MOST = 16, TAG = 16, GCM_IV_LEAST = 12, GCM_IV_MOST = 16 };

struct algorithm {
  const char *name;
  const EVP_CIPHER *(*cipher)(void);
  enum mode mode;
  size_t key;   /* bytes */
  size_t block; /* bytes; but for GCM, of the initialisation vector too */
};

static const struct algorithm algorithms[] = {
    {"AES-128-CBC", EVP_aes_128_cbc, PADDED, 16, 16},
    {"AES-256-CBC", EVP_aes_256_cbc, PADDED, 32, 16},
    {"DES-EDE3-CBC", EVP_des_ede3_cbc, PADDED, 24, 8},
    {"AES-128-CBC-NOPAD", EVP_aes_128_cbc, UNPADDED, 16, 16},
    {"AES-256-CBC-NOPAD", EVP_aes_256_cbc, UNPADDED, 32, 16},
    {"DES-EDE3-CBC-NOPAD", EVP_des_ede3_cbc, UNPADDED, 24, 8},
    {"AES-128-GCM", EVP_aes_128_gcm, GCM, 16, 1},
    {"AES-256-GCM", EVP_aes_256_gcm, GCM, 32, 1},
};

/* One operation: what the caller gave, checked, and where the result grows. */
struct operation {
  const struct algorithm *algorithm;
  bool encrypts;
  refund_text key;
  refund_text iv;
  refund_text additional;
  refund_text data; /* without the tag */
  const char *tag;  /* to be checked; GCM, decrypting */
  unsigned char *result;
  size_t size;
};

/* ---- Checking ---- */

static const struct algorithm *find_algorithm(const char *name) {
  for (size_t i = 0; name != NULL && i < sizeof algorithms / sizeof *algorithms; i++) {
    if (strcmp(algorithms[i].name, name) == 0) return &algorithms[i];
  }
  return NULL;
}

static int32_t check_key(const refund_call *call, const struct operation *operation) {
  const struct algorithm *algorithm = operation->algorithm;
  bool gcm = algorithm->mode == GCM;
  size_t least = gcm ? GCM_IV_LEAST : algorithm->block;
  size_t most = gcm ? GCM_IV_MOST : algorithm->block;
  if (operation->key.size != algorithm->key) {
    return crypto_refuse(call, REFUND_INVALID_INPUT, "the key for %s has %llu bytes instead of %zu", algorithm->name,
                         (unsigned long long)operation->key.size, algorithm->key);
  }
  if (operation->iv.size < least || operation->iv.size > most) {
    return crypto_refuse(call, REFUND_INVALID_INPUT,
                         "the initialisation vector for %s has %llu bytes instead of %zu to %zu", algorithm->name,
                         (unsigned long long)operation->iv.size, least, most);
  }
  if (operation->additional.size != 0 && !gcm) {
    return crypto_refuse(call, REFUND_INVALID_INPUT, "%s authenticates no additional data", algorithm->name);
  }
  return REFUND_OK;
}

/* Sets the tag apart. */
static int32_t check_data(const refund_call *call, struct operation *operation) {
  const struct algorithm *algorithm = operation->algorithm;
  bool decrypts = !operation->encrypts;
  bool right = operation->data.size % algorithm->block == 0;
  if (algorithm->mode == PADDED) right = operation->encrypts || (right && operation->data.size != 0);
  if (algorithm->mode == GCM && decrypts) right = operation->data.size >= TAG;
  if (!right) {
    return crypto_refuse(call, REFUND_INVALID_INPUT, "%llu bytes are no length of data for %s",
                         (unsigned long long)operation->data.size, algorithm->name);
  }
  if (algorithm->mode == GCM && decrypts) {
    operation->data.size -= TAG;
    operation->tag = operation->data.data + operation->data.size;
  }
  return REFUND_OK;
}

/* ---- Carrying out ---- */

static bool start(EVP_CIPHER_CTX *context, const struct operation *operation) {
  const struct algorithm *algorithm = operation->algorithm;
  int encrypts = operation->encrypts ? 1 : 0;
  int iv_size = (int)operation->iv.size;
  const unsigned char *key = (const unsigned char *)operation->key.data;
  const unsigned char *iv = (const unsigned char *)operation->iv.data;
  if (EVP_CipherInit_ex(context, algorithm->cipher(), NULL, NULL, NULL, encrypts) != 1) return false;
  if (algorithm->mode == GCM && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, iv_size, NULL) != 1) {
    return false;
  }
  if (EVP_CipherInit_ex(context, NULL, NULL, key, iv, encrypts) != 1) return false;
  return algorithm->mode != UNPADDED || EVP_CIPHER_CTX_set_padding(context, 0) == 1;
}

/* OpenSSL takes a call without output for additional data, and without input for nothing at all. */
static bool feed(EVP_CIPHER_CTX *context, struct operation *operation) {
  int written = 0;
  const unsigned char *additional = (const unsigned char *)operation->additional.data;
  const unsigned char *data = (const unsigned char *)operation->data.data;
  if (operation->additional.size != 0 &&
      EVP_CipherUpdate(context, NULL, &written, additional, (int)operation->additional.size) != 1) {
    return false;
  }
  if (operation->data.size == 0) return true;
  if (EVP_CipherUpdate(context, operation->result, &written, data, (int)operation->data.size) != 1) return false;
  operation->size = (size_t)written;
  return true;
}

/* False too when padding or tag is wrong. */
static bool finish(EVP_CIPHER_CTX *context, struct operation *operation) {
  bool gcm = operation->algorithm->mode == GCM;
  if (operation->tag != NULL) {
    unsigned char tag[TAG];
    memcpy(tag, operation->tag, TAG);
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1) return false;
  }
  int written = 0;
  if (EVP_CipherFinal_ex(context, operation->result + operation->size, &written) != 1) return false;
  operation->size += (size_t)written;
  if (!gcm || !operation->encrypts) return true;
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, operation->result + operation->size) != 1) return false;
  operation->size += TAG;
  return true;
}

static int32_t carry_out(const refund_call *call, struct operation *operation, refund_bytes *out) {
  int32_t code = REFUND_INTERNAL;
  const char *name = operation->algorithm->name;
  size_t room = operation->data.size + BLOCK_MOST + TAG;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  operation->result = OPENSSL_zalloc(room);
  if (context == NULL || operation->result == NULL) {
    crypto_refuse(call, code, "no memory for %s", name);
  } else if (!start(context, operation)) {
    code = crypto_refuse(call, REFUND_NOT_SUPPORTED, "this host's cryptographic library refuses %s", name);
  } else if (!feed(context, operation) || !finish(context, operation)) {
    code = operation->encrypts
               ? crypto_refuse(call, REFUND_INTERNAL, "%s failed", name)
               : crypto_refuse(call, REFUND_MALFORMED_RESPONSE, "the data is not of this key and %s", name);
  } else {
    code = out->write(out, operation->result, operation->size);
  }
  EVP_CIPHER_CTX_free(context);
  OPENSSL_clear_free(operation->result, room);
  return code;
}

static int32_t run(const refund_call *call, const char *name, struct operation *operation, refund_bytes *out) {
  operation->algorithm = find_algorithm(name);
  if (operation->algorithm == NULL) {
    return crypto_refuse(call, REFUND_NOT_SUPPORTED, "crypto/1 has no cipher %.32s", name == NULL ? "" : name);
  }
  if (!crypto_takes(call, &operation->key) || !crypto_takes(call, &operation->iv) ||
      !crypto_takes(call, &operation->additional) || !crypto_takes(call, &operation->data)) {
    return REFUND_INVALID_INPUT;
  }
  int32_t code = check_key(call, operation);
  if (code == REFUND_OK) code = check_data(call, operation);
  return code == REFUND_OK ? carry_out(call, operation, out) : code;
}

int32_t crypto_encrypt(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                       refund_text additional, refund_text data, refund_bytes *out) {
  struct operation operation = {.encrypts = true, .key = key, .iv = iv, .additional = additional, .data = data};
  return run(call, algorithm, &operation, out);
}

int32_t crypto_decrypt(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                       refund_text additional, refund_text data, refund_bytes *out) {
  struct operation operation = {.encrypts = false, .key = key, .iv = iv, .additional = additional, .data = data};
  return run(call, algorithm, &operation, out);
}
