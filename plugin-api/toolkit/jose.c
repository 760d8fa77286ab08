/* SPDX-License-Identifier: Apache-2.0
 * JSON Object Signing and Encryption in compact form: RFC 7515, 7516, 7518. */
#include "refund_toolkit.h"

#include <string.h>

static const refund_text nothing = {NULL, 0};
static const refund_text dot = {".", 1};

/* ---- JWS: header.payload.signature ---- */

static refund_text sign(const refund_call *call, const char *algorithm, refund_text input, refund_text key) {
  refund_buffer out;
  if (strcmp(algorithm, "HS256") == 0) return refund_hmac(call, "SHA-256", key, input);
  refund_buffer_open(&out, call);
  int32_t code = refund_crypto(call)->sign(call, algorithm, key, input, &out.sink);
  return code == REFUND_OK ? refund_buffer_text(&out) : nothing;
}

static refund_text signing_input(const refund_call *call, refund_text header, refund_text payload) {
  return REFUND_CONCAT(call, refund_base64url_text(call, header), dot, refund_base64url_text(call, payload));
}

refund_text refund_jws(const refund_call *call, const char *algorithm, refund_text header, refund_text payload,
                       refund_text key) {
  refund_text input = signing_input(call, header, payload);
  if (header.data == NULL || payload.data == NULL) return nothing;
  refund_text signature = refund_base64url_text(call, sign(call, algorithm, input, key));
  return signature.data == NULL ? nothing : REFUND_CONCAT(call, input, dot, signature);
}

refund_text refund_jws_detached(const refund_call *call, const char *algorithm, refund_text header, refund_text payload,
                                refund_text key) {
  refund_text signature = refund_base64url_text(call, sign(call, algorithm, signing_input(call, header, payload), key));
  if (header.data == NULL || payload.data == NULL || signature.data == NULL) return nothing;
  return REFUND_CONCAT(call, refund_base64url_text(call, header), dot, dot, signature);
}

/* Cuts `text` at its dots into exactly `count` parts. */
static int cut_at_dots(refund_text text, refund_text *parts, int count) {
  int part = 0;
  if (text.data == NULL) return 0;
  for (uint64_t begin = 0, i = 0; i <= text.size; i++) {
    if (i < text.size && text.data[i] != '.') continue;
    if (part == count) return 0;
    parts[part].data = text.data + begin;
    parts[part++].size = i - begin;
    begin = i + 1;
  }
  return part == count;
}

/* A header; NULL too where it has "crit", extensions that have to be understood: none is (RFC 7515, 4.1.11). */
static const refund_node *read_header(const refund_call *call, refund_text part) {
  const refund_node *header = refund_read_text(call, REFUND_JSON, refund_decode_base64(call, part));
  return refund_node_at(call, header, "crit") == NULL ? header : NULL;
}

refund_text refund_jws_payload(const refund_call *call, const char *algorithm, refund_text jws, refund_text key) {
  refund_text part[3];
  if (!cut_at_dots(jws, part, 3)) return nothing;
  refund_text signature = refund_decode_base64(call, part[2]);
  refund_text input = {jws.data, part[0].size + 1 + part[1].size};
  if (!refund_is(refund_text_at(call, read_header(call, part[0]), "alg"), algorithm)) return nothing;
  int32_t code = refund_crypto(call)->verify(call, algorithm, key, input, signature);
  return code == REFUND_OK ? refund_decode_base64(call, part[1]) : nothing;
}

/* ---- JWE: header.encrypted_key.iv.ciphertext.tag ---- */

enum { HALF_KEY = 16, KEY = 32, IV = 16, TAG = 16 };

static refund_text slice(refund_text bytes, uint64_t begin, uint64_t size) {
  refund_text part = {bytes.data + begin, size};
  return part;
}

/* A128CBC-HS256 (RFC 7518, 5.2): the first half of the key authenticates, the second encrypts. */
static refund_text tag_of(const refund_call *call, refund_text key, refund_text header, refund_text iv,
                          refund_text ciphertext) {
  char bits[8];
  for (int i = 0; i < 8; i++)
    bits[i] = (char)(unsigned char)(header.size * 8 >> (56 - 8 * i) & 255u);
  refund_text length = {bits, sizeof bits};
  refund_text mac =
      refund_hmac(call, "SHA-256", slice(key, 0, HALF_KEY), REFUND_CONCAT(call, header, iv, ciphertext, length));
  return mac.data == NULL ? nothing : slice(mac, 0, TAG);
}

refund_text refund_jwe_seal(const refund_call *call, refund_text key_id, refund_text content, refund_text public_key,
                            const uint8_t *seed) {
  if (content.data == NULL) return nothing;
  refund_text random = {(const char *)seed, 32};
  refund_text key = refund_hmac(call, "SHA-256", random, refund_text_of("key"));
  refund_text iv = refund_hmac(call, "SHA-256", random, refund_text_of("iv"));
  refund_buffer header, wrapped;
  refund_json json;
  if (key.data == NULL || iv.data == NULL) return nothing;
  iv.size = IV;
  refund_buffer_open(&wrapped, call);
  if (refund_crypto(call)->wrap_key(call, "RSA-OAEP", public_key, key, &wrapped.sink) != REFUND_OK) return nothing;
  refund_buffer_open(&header, call);
  refund_json_open(&json, &header.sink);
  refund_json_object(&json, NULL);
  refund_json_string(&json, "alg", "RSA-OAEP");
  refund_json_string(&json, "enc", "A128CBC-HS256");
  refund_json_text(&json, "kid", key_id);
  refund_json_end(&json);
  refund_text head = refund_base64url_text(call, refund_buffer_text(&header));
  refund_text sealed = refund_cipher(call, "AES-128-CBC", slice(key, HALF_KEY, HALF_KEY), iv, content);
  refund_text tag = sealed.data == NULL ? nothing : tag_of(call, key, head, iv, sealed);
  if (tag.data == NULL) return nothing;
  return REFUND_CONCAT(call, head, dot, refund_base64url_text(call, refund_buffer_text(&wrapped)), dot,
                       refund_base64url_text(call, iv), dot, refund_base64url_text(call, sealed), dot,
                       refund_base64url_text(call, tag));
}

refund_text refund_jwe_open(const refund_call *call, refund_text jwe, refund_text private_key) {
  refund_text part[5];
  refund_buffer key, content;
  if (!cut_at_dots(jwe, part, 5)) return nothing;
  const refund_node *header = read_header(call, part[0]);
  if (!refund_is(refund_text_at(call, header, "alg"), "RSA-OAEP")) return nothing;
  if (!refund_is(refund_text_at(call, header, "enc"), "A128CBC-HS256")) return nothing;
  refund_text wrapped = refund_decode_base64(call, part[1]);
  refund_text iv = refund_decode_base64(call, part[2]);
  refund_text sealed = refund_decode_base64(call, part[3]);
  refund_text tag = refund_decode_base64(call, part[4]);
  if (wrapped.data == NULL || iv.size != IV || sealed.data == NULL || tag.size != TAG) return nothing;
  refund_buffer_open(&key, call);
  int32_t code = refund_crypto(call)->unwrap_key(call, "RSA-OAEP", private_key, wrapped, &key.sink);
  if (code != REFUND_OK || key.size != KEY) return nothing;
  if (!refund_same(tag_of(call, refund_buffer_text(&key), part[0], iv, sealed), tag)) return nothing;
  refund_buffer_open(&content, call);
  code = refund_crypto(call)->decrypt(call, "AES-128-CBC", slice(refund_buffer_text(&key), HALF_KEY, HALF_KEY), iv,
                                      nothing, sealed, &content.sink);
  return code == REFUND_OK ? refund_buffer_text(&content) : nothing;
}
