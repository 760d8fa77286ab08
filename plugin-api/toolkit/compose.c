/* SPDX-License-Identifier: Apache-2.0
 * Text made in scratch memory: the writers of write.c into a buffer. */
#include "refund_toolkit.h"

static const refund_text nothing = {NULL, 0};

static refund_text made(const refund_buffer *buffer, int32_t code) {
  return code == REFUND_OK ? refund_buffer_text(buffer) : nothing;
}

refund_text refund_concat(const refund_call *call, const refund_text *parts, uint64_t count) {
  refund_buffer buffer;
  int32_t code = REFUND_OK;
  refund_buffer_open(&buffer, call);
  for (uint64_t i = 0; i < count && code == REFUND_OK; i++)
    code = refund_put(&buffer.sink, parts[i]);
  return made(&buffer, code);
}

refund_text refund_cut(refund_text text, uint64_t characters) {
  uint64_t size = 0;
  for (uint64_t seen = 0; size < text.size; size++) {
    if (((unsigned char)text.data[size] & 0xC0u) == 0x80u) continue; /* goes on with the one before */
    if (seen++ == characters) break;
  }
  refund_text cut = {text.data, size};
  return cut;
}

refund_text refund_integer_text(const refund_call *call, int64_t number) {
  refund_buffer buffer;
  refund_buffer_open(&buffer, call);
  return made(&buffer, refund_put_integer(&buffer.sink, number));
}

refund_text refund_major_text(const refund_call *call) {
  refund_buffer buffer;
  refund_buffer_open(&buffer, call);
  return made(&buffer, refund_put_major(&buffer.sink, call->refund_amount, call->exponent));
}

refund_text refund_date_text(const refund_call *call, int64_t time_ms, int32_t form) {
  refund_buffer buffer;
  refund_buffer_open(&buffer, call);
  return made(&buffer, refund_put_date(&buffer.sink, time_ms, form));
}

refund_text refund_uuid_text(const refund_call *call, const uint8_t *seed) {
  refund_buffer buffer;
  refund_buffer_open(&buffer, call);
  return made(&buffer, refund_put_uuid(&buffer.sink, seed));
}

/* Bytes that are not there have no encoding: an algorithm that failed must not look like an empty result. */
static refund_text encoded(const refund_call *call, refund_text bytes, int32_t (*put)(refund_bytes *, refund_text)) {
  refund_buffer buffer;
  if (bytes.data == NULL) return nothing;
  refund_buffer_open(&buffer, call);
  return made(&buffer, put(&buffer.sink, bytes));
}

refund_text refund_base64_text(const refund_call *call, refund_text bytes) {
  return encoded(call, bytes, refund_put_base64);
}

refund_text refund_base64url_text(const refund_call *call, refund_text bytes) {
  return encoded(call, bytes, refund_put_base64url);
}

refund_text refund_hex_text(const refund_call *call, refund_text bytes) {
  return encoded(call, bytes, refund_put_hex);
}
