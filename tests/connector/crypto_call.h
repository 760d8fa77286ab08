/* What the tests of crypto/1 share: a call that keeps what fail() says, and bytes written in hexadecimal. */
#ifndef TESTS_CONNECTOR_CRYPTO_CALL_H
#define TESTS_CONNECTOR_CRYPTO_CALL_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "connector/crypto.h"

/* ---- A call that keeps what fail() says ---- */

static char last_failure[256];

static inline void keep_failure(const refund_call *call, refund_text field, refund_text message) {
  (void)call, (void)field;
  snprintf(last_failure, sizeof last_failure, "%.*s", (int)message.size, message.data);
}

static const refund_host host = {.size = sizeof host, .fail = keep_failure};
static const refund_call call = {.size = sizeof call, .host = &host};
static const refund_crypto_1 *const crypto = &crypto_interface;
static const refund_text none;

static inline refund_text text(const char *string) {
  return (refund_text){string, strlen(string)};
}

/* ---- Hexadecimal, so that vectors look as they are printed ---- */

struct bytes {
  char data[1024];
  size_t size;
};

static inline struct bytes of_hex(const char *hex) {
  struct bytes bytes = {.size = strlen(hex) / 2};
  for (size_t i = 0; i < bytes.size; i++) {
    unsigned value = 0;
    sscanf(hex + 2 * i, "%2x", &value);
    bytes.data[i] = (char)value;
  }
  return bytes;
}

static inline refund_text of(const struct bytes *bytes) {
  return (refund_text){bytes->data, bytes->size};
}

static inline bool holds(const struct buffer *buffer, const char *hex) {
  struct bytes bytes = of_hex(hex);
  return buffer->size == bytes.size && memcmp(buffer_text(buffer).data, bytes.data, bytes.size) == 0;
}

static inline bool same(const struct buffer *buffer, refund_text wanted) {
  return buffer->size == wanted.size && memcmp(buffer_text(buffer).data, wanted.data, wanted.size) == 0;
}

/* Stands for keys and data of any size. */
static const char secrets[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";

static inline refund_text part(size_t size) {
  return (refund_text){secrets, size};
}

#endif
