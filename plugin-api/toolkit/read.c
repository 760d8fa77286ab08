/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

static const refund_text nothing = {NULL, 0};

/* ---- Reading ---- */

int refund_read_major(refund_text text, int32_t exponent, int64_t *amount) {
  uint64_t at = 0;
  uint64_t magnitude = 0;
  int32_t decimals = -1; /* none seen yet: no point */
  int digits = 0;
  if (text.data == NULL || exponent < 0 || exponent > 18) return 0;
  int negative = text.size > 0 && text.data[0] == '-';
  for (at = (uint64_t)negative; at < text.size; at++) {
    char c = text.data[at];
    if (c == '.' && decimals < 0 && digits > 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9') return 0;
    digits++;
    if (decimals >= exponent) { /* beyond what the currency has: only zeros say the same */
      if (c != '0') return 0;
      continue;
    }
    if (decimals >= 0) decimals++;
    if (magnitude > ((uint64_t)INT64_MAX - (uint64_t)(c - '0')) / 10) return 0;
    magnitude = magnitude * 10 + (uint64_t)(c - '0');
  }
  if (digits == 0 || text.data[text.size - 1] == '.') return 0;
  for (int32_t i = decimals < 0 ? 0 : decimals; i < exponent; i++) {
    if (magnitude > (uint64_t)INT64_MAX / 10) return 0;
    magnitude *= 10;
  }
  *amount = negative ? -(int64_t)magnitude : (int64_t)magnitude;
  return 1;
}

int refund_read_integer(refund_text text, int64_t *number) {
  for (uint64_t i = 0; i < text.size; i++) {
    if (text.data[i] == '.') return 0;
  }
  return refund_read_major(text, 0, number);
}

static int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

int refund_read_base64(refund_text text, char *out, uint64_t *size) {
  uint64_t left = text.size;
  uint32_t group = 0;
  uint32_t bits = 0;
  *size = 0;
  if (left % 4 == 0) {
    for (int i = 0; i < 2 && left > 0 && text.data[left - 1] == '='; i++)
      left--;
  }
  if (left % 4 == 1) return 0;
  for (uint64_t i = 0; i < left; i++) {
    int value = base64_value(text.data[i]);
    if (value < 0) return 0;
    group = group << 6 | (uint32_t)value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[(*size)++] = (char)(unsigned char)(group >> bits & 255u);
  }
  return (group & ((1u << bits) - 1u)) == 0; /* bits that are left over must say nothing */
}

refund_text refund_decode_base64(const refund_call *call, refund_text text) {
  char *out = text.data == NULL ? NULL : (char *)call->host->allocate(call, text.size + 1);
  refund_text bytes = {out, 0};
  return out != NULL && refund_read_base64(text, out, &bytes.size) ? bytes : nothing;
}

int refund_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

refund_text refund_decode_hex(const refund_call *call, refund_text text) {
  if (text.data == NULL || text.size % 2 != 0) return nothing;
  char *out = (char *)call->host->allocate(call, text.size / 2 + 1);
  if (out == NULL) return nothing;
  for (uint64_t i = 0; i < text.size; i += 2) {
    int high = refund_hex_digit(text.data[i]);
    int low = refund_hex_digit(text.data[i + 1]);
    if (high < 0 || low < 0) return nothing;
    out[i / 2] = (char)(unsigned char)(high * 16 + low);
  }
  refund_text bytes = {out, text.size / 2};
  return bytes;
}

refund_text refund_decode_percent(const refund_call *call, refund_text text) {
  if (text.data == NULL) return nothing;
  char *out = (char *)call->host->allocate(call, text.size + 1);
  if (out == NULL) return nothing;
  uint64_t written = 0;
  for (uint64_t i = 0; i < text.size; i++) {
    if (text.data[i] != '%') {
      out[written++] = text.data[i];
      continue;
    }
    if (text.size - i < 3) return nothing;
    int high = refund_hex_digit(text.data[i + 1]);
    int low = refund_hex_digit(text.data[i + 2]);
    if (high < 0 || low < 0) return nothing;
    out[written++] = (char)(unsigned char)(high * 16 + low);
    i += 2;
  }
  refund_text decoded = {out, written};
  return decoded;
}
