#include "domain/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hex_of(const unsigned char *bytes, size_t size, char *out) {
  for (size_t i = 0; i < size; i++)
    snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* libcrypto fails here only when it is out of memory or built without the algorithm; nothing can go on then. */
static void hash(const EVP_MD *algorithm, refund_text a, refund_text b, unsigned char *out) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool done = context != NULL && EVP_DigestInit_ex(context, algorithm, NULL) == 1 &&
              EVP_DigestUpdate(context, a.data, a.size) == 1 && EVP_DigestUpdate(context, b.data, b.size) == 1 &&
              EVP_DigestFinal_ex(context, out, NULL) == 1;
  EVP_MD_CTX_free(context);
  if (!done) abort();
}

struct digest digest_of(refund_text bytes) {
  unsigned char raw[32];
  struct digest digest;
  refund_text none = {NULL, 0};
  hash(EVP_sha256(), bytes, none, raw);
  hex_of(raw, sizeof raw, digest.hex);
  return digest;
}

/* Is `c` in ranges such as "A-Za-z0-9-"? A minus at the end stands for itself. */
static bool in_alphabet(const char *ranges, char c) {
  for (const char *at = ranges; *at != '\0';) {
    if (at[1] == '-' && at[2] != '\0') {
      if (c >= at[0] && c <= at[2]) return true;
      at += 3;
    } else {
      if (c == *at) return true;
      at++;
    }
  }
  return false;
}

static bool fits(const refund_form *form, refund_text id) {
  static const char safe[] = "A-Za-z0-9._-";
  if (id.size < form->least || id.size > form->greatest) return false;
  for (uint64_t i = 0; i < id.size; i++) {
    if (!in_alphabet(safe, id.data[i])) return false;
    if (form->alphabet[0] != '\0' && !in_alphabet(form->alphabet, id.data[i])) return false;
  }
  return true;
}

static refund_text uuid_of(struct arena *arena, refund_text id) {
  static const unsigned char name_space[16] = {0x8e, 0x51, 0x2b, 0x0d, 0x7f, 0x64, 0x4c, 0x19,
                                               0xa3, 0x5e, 0x90, 0x27, 0xc4, 0x18, 0x6d, 0xf2};
  refund_text space = {(const char *)name_space, sizeof name_space};
  unsigned char raw[20];
  char hex[33];
  hash(EVP_sha1(), space, id, raw);
  raw[6] = (unsigned char)((raw[6] & 0x0F) | 0x50);
  raw[8] = (unsigned char)((raw[8] & 0x3F) | 0x80);
  hex_of(raw, 16, hex);
  return arena_format(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

refund_text form_apply(struct arena *arena, const refund_form *form, refund_text refund_id) {
  if (form->kind == REFUND_FORM_UUID) return uuid_of(arena, refund_id);
  if (fits(form, refund_id)) return arena_copy(arena, refund_id);
  struct digest digest = digest_of(refund_id);
  return arena_format(arena, "%.*s", form->greatest < 64 ? (int)form->greatest : 64, digest.hex);
}

bool form_is_safe(const refund_form *form) {
  enum { LEAST_DIGITS = 16, DIGITS = 64 };
  if (form->kind == REFUND_FORM_UUID) return true;
  if (form->greatest < LEAST_DIGITS || form->least > DIGITS) return false;
  for (const char *digit = "0123456789abcdef"; *digit != '\0' && form->alphabet[0] != '\0'; digit++) {
    if (!in_alphabet(form->alphabet, *digit)) return false;
  }
  return true;
}
