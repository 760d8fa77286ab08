/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

/* ---- crypto/1 in short ---- */

static const refund_text nothing = {NULL, 0};

const refund_crypto_1 *refund_crypto(const refund_call *call) {
  return (const refund_crypto_1 *)call->host->get_interface(call->host, REFUND_CRYPTO_1);
}

refund_text refund_digest(const refund_call *call, const char *algorithm, refund_text data) {
  refund_buffer out;
  refund_buffer_open(&out, call);
  int32_t code = refund_crypto(call)->digest(call, algorithm, data, &out.sink);
  return code == REFUND_OK ? refund_buffer_text(&out) : nothing;
}

refund_text refund_hmac(const refund_call *call, const char *algorithm, refund_text key, refund_text data) {
  refund_buffer out;
  refund_buffer_open(&out, call);
  int32_t code = refund_crypto(call)->hmac(call, algorithm, key, data, &out.sink);
  return code == REFUND_OK ? refund_buffer_text(&out) : nothing;
}

refund_text refund_cipher(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                          refund_text data) {
  refund_buffer out;
  refund_buffer_open(&out, call);
  int32_t code = refund_crypto(call)->encrypt(call, algorithm, key, iv, nothing, data, &out.sink);
  return code == REFUND_OK ? refund_buffer_text(&out) : nothing;
}
