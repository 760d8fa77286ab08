#include "simulator/credentials.h"

#include <string.h>
#include <strings.h>

#include "simulator/api.h"

enum { SECRET_SIZE = 1024 };

static bool is_taken(const char *secret) {
  return secret != NULL && *secret != '\0' && strcmp(secret, "revoked") != 0;
}

static bool is_right(const struct call *call, const char *secret) {
  if (call->api_key == NULL) return is_taken(secret);
  return secret != NULL && strcmp(secret, call->api_key) == 0;
}

const char *credentials_of_scheme(const struct call *call, const char *scheme) {
  const char *header = call->header(call->connection, "Authorization");
  size_t size = strlen(scheme);
  if (header == NULL || strncasecmp(header, scheme, size) != 0 || header[size] != ' ') return NULL;
  return header + size + 1;
}

bool credentials_bearer(const struct call *call) {
  return is_right(call, credentials_of_scheme(call, "Bearer"));
}

bool credentials_api_key(const struct call *call) {
  return is_right(call, call->header(call->connection, "X-API-Key"));
}

/* Standard base64 with its padding. false: it is none, has a NUL in it, or does not fit. */
static bool decode_base64(const char *text, char out[static SECRET_SIZE]) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t data = strcspn(text, "=");
  size_t padding = strlen(text) - data;
  size_t used = 0;
  unsigned bits = 0;
  if ((data + padding) % 4 != 0 || padding > 2 || data / 4 * 3 + 3 >= SECRET_SIZE) return false;
  for (size_t i = 0; i < data; i++) {
    const char *digit = strchr(digits, text[i]);
    if (digit == NULL) return false;
    bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffff;
    if (i % 4 != 0) out[used++] = (char)(bits >> (6 - i % 4 * 2) & 0xff);
  }
  out[used] = '\0';
  return strlen(out) == used && text[data + strspn(text + data, "=")] == '\0';
}

bool credentials_basic(const struct call *call) {
  char pair[SECRET_SIZE];
  const char *text = credentials_of_scheme(call, "Basic");
  if (text == NULL || !decode_base64(text, pair)) return false;
  char *colon = strchr(pair, ':');
  return colon != NULL && is_right(call, colon + 1);
}

bool credentials_signed(const struct call *call) {
  static const char opening[] = "keyid=\"";
  const char *signature = call->header(call->connection, "Signature");
  if (signature == NULL) return is_taken(credentials_of_scheme(call, "Bearer"));
  const char *start = strstr(signature, opening);
  if (start == NULL || strstr(signature, "signature=\"") == NULL) return false;
  start += sizeof opening - 1;
  size_t size = strcspn(start, "\"");
  char secret[SECRET_SIZE];
  if (size >= sizeof secret) return false;
  memcpy(secret, start, size);
  secret[size] = '\0';
  return is_right(call, secret);
}
