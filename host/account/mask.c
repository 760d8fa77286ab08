#include <string.h>

#include "account/account.h"
#include "common/buffer.h"
#include "refund_toolkit.h"

enum { LEAST_SECRET = 8 }; /* shorter ones would blank out ordinary words */

static bool is_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Writes `text` to `out` with every stand-alone `secret` replaced. True if there was one. */
static bool replace(refund_text text, refund_text secret, refund_text replacement, struct buffer *out) {
  uint64_t at = 0;
  bool changed = false;
  while (at < text.size) {
    const char *hit = memmem(text.data + at, text.size - at, secret.data, secret.size);
    if (hit == NULL) break;
    uint64_t begin = (uint64_t)(hit - text.data);
    uint64_t end = begin + secret.size;
    bool alone = (begin == 0 || !is_word(text.data[begin - 1])) && (end == text.size || !is_word(text.data[end]));
    uint64_t keep = alone ? begin : begin + 1;
    buffer_write(out, text.data + at, keep - at);
    if (alone) refund_put(&out->sink, replacement);
    changed = changed || alone;
    at = alone ? end : keep;
  }
  buffer_write(out, text.data + at, text.size - at);
  return changed;
}

typedef int32_t encoder(refund_bytes *sink, refund_text text);
static encoder *const encoders[] = {refund_put, refund_put_base64, refund_put_percent};

static refund_text mask_secret(struct arena *arena, refund_text text, refund_text secret, refund_text replacement,
                               bool *changed) {
  for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
    struct buffer form;
    struct buffer out;
    buffer_open(&form, 0);
    buffer_open(&out, 0);
    encoders[i](&form.sink, secret);
    if (replace(text, buffer_text(&form), replacement, &out)) {
      refund_text masked = arena_copy(arena, buffer_text(&out));
      *changed = true;
      text = masked.data == NULL ? refund_text_of("***") : masked; /* out of memory: rather nothing than a secret */
    }
    buffer_close(&form);
    buffer_close(&out);
  }
  return text;
}

refund_text account_mask(const struct account *account, struct arena *arena, refund_text text, enum mask mask,
                         bool *changed) {
  bool found = false;
  for (uint64_t i = 0; i < account->secret_count && refund_there(text); i++) {
    refund_text field = account->secrets[2 * i];
    refund_text secret = account->secrets[2 * i + 1];
    if (mask == MASK_REPLY && secret.size < LEAST_SECRET) continue;
    refund_text replacement =
        mask == MASK_DIGEST ? arena_format(arena, "{%s}", field.data) : refund_text_of("***");
    text = mask_secret(arena, text, secret, replacement, &found);
  }
  if (changed != NULL) *changed = found;
  return text;
}
