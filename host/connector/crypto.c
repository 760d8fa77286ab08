#include "connector/crypto.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Shared by the three files ---- */

int32_t crypto_refuse(const refund_call *call, int32_t code, const char *format, ...) {
  char message[256];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (size < 0) message[0] = '\0';
  ERR_clear_error();
  refund_text none = {NULL, 0};
  call->host->fail(call, none, (refund_text){message, strlen(message)});
  return code;
}

/* The margin is for what a cipher adds: a block, a tag. */
bool crypto_takes(const refund_call *call, refund_text *text) {
  if (text->data == NULL) *text = (refund_text){"", 0};
  if (text->size <= INT_MAX - 64) return true;
  crypto_refuse(call, REFUND_INVALID_INPUT, "the data is too long for an operation of crypto/1");
  return false;
}

/* ---- Digests ---- */

static const EVP_MD *find_digest(const char *algorithm) {
  static const struct {
    const char *name;
    const EVP_MD *(*digest)(void);
  } digests[] = {
      {"MD5", EVP_md5}, {"SHA-1", EVP_sha1}, {"SHA-256", EVP_sha256}, {"SHA-384", EVP_sha384}, {"SHA-512", EVP_sha512},
  };
  for (size_t i = 0; algorithm != NULL && i < sizeof digests / sizeof *digests; i++) {
    if (strcmp(digests[i].name, algorithm) == 0) return digests[i].digest();
  }
  return NULL;
}

static int32_t refuse_digest(const refund_call *call, const char *algorithm) {
  return crypto_refuse(call, REFUND_NOT_SUPPORTED, "crypto/1 has no digest %.32s", algorithm == NULL ? "" : algorithm);
}

static int32_t digest(const refund_call *call, const char *algorithm, refund_text data, refund_bytes *out) {
  const EVP_MD *kind = find_digest(algorithm);
  if (kind == NULL) return refuse_digest(call, algorithm);
  if (!crypto_takes(call, &data)) return REFUND_INVALID_INPUT;
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  /* A library that runs in FIPS mode knows MD5 by name and then refuses it. */
  if (EVP_Digest(data.data, data.size, value, &size, kind, NULL) != 1) return refuse_digest(call, algorithm);
  return out->write(out, value, size);
}

/* An empty key is a key, but one that is not there is a field forgotten. */
static int32_t hmac(const refund_call *call, const char *algorithm, refund_text key, refund_text data,
                    refund_bytes *out) {
  const EVP_MD *kind = find_digest(algorithm);
  if (kind == NULL) return refuse_digest(call, algorithm);
  if (key.data == NULL) return crypto_refuse(call, REFUND_INVALID_INPUT, "the key of the HMAC is not there");
  if (!crypto_takes(call, &key) || !crypto_takes(call, &data)) return REFUND_INVALID_INPUT;
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(kind, key.data, (int)key.size, (const unsigned char *)data.data, data.size, value, &size) == NULL) {
    return refuse_digest(call, algorithm);
  }
  return out->write(out, value, size);
}

const refund_crypto_1 crypto_interface = {
    .size = sizeof(refund_crypto_1),
    .digest = digest,
    .hmac = hmac,
    .encrypt = crypto_encrypt,
    .decrypt = crypto_decrypt,
    .sign = crypto_sign,
    .verify = crypto_verify,
    .wrap_key = crypto_wrap,
    .unwrap_key = crypto_unwrap,
};
