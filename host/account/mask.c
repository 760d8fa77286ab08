#include <string.h>

#include "account/account.h"
#include "common/buffer.h"
#include "refund_toolkit.h"

enum { LEAST_SECRET = 8 }; /* shorter ones would blank out ordinary words */

/* ---- Where a secret stands alone ---- */

static bool is_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* A letter that belongs to an escape ("%3E", "\n", "\u0020") is no letter of a word. */
static bool after_escape(refund_text text, uint64_t begin) {
  const char *at = text.data + begin;
  if (begin >= 3 && at[-3] == '%') return true;
  if (begin >= 2 && at[-2] == '\\') return true;
  return begin >= 6 && at[-6] == '\\' && at[-5] == 'u';
}

static bool stands_alone(refund_text text, uint64_t begin, uint64_t end) {
  bool before = begin == 0 || !is_word(text.data[begin - 1]) || after_escape(text, begin);
  return before && (end == text.size || !is_word(text.data[end]));
}

/* Writes `text` to `out` with every `secret` replaced. True if there was one. */
static bool replace(refund_text text, refund_text secret, refund_text replacement, bool anywhere, struct buffer *out) {
  uint64_t at = 0;
  bool changed = false;
  while (at < text.size) {
    const char *hit = memmem(text.data + at, text.size - at, secret.data, secret.size);
    if (hit == NULL) break;
    uint64_t begin = (uint64_t)(hit - text.data);
    uint64_t end = begin + secret.size;
    bool taken = anywhere || stands_alone(text, begin, end);
    uint64_t keep = taken ? begin : begin + 1;
    buffer_write(out, text.data + at, keep - at);
    if (taken) refund_put(&out->sink, replacement);
    changed = changed || taken;
    at = taken ? end : keep;
  }
  buffer_write(out, text.data + at, text.size - at);
  return changed;
}

/* ---- The forms in which a secret travels ---- */

/* As clients write forms: "+" for a blank, the rest percent-encoded. */
static int32_t put_form(refund_bytes *sink, refund_text text) {
  int32_t code = REFUND_OK;
  for (uint64_t i = 0; i < text.size && code == REFUND_OK; i++) {
    refund_text one = {text.data + i, 1};
    code = text.data[i] == ' ' ? refund_puts(sink, "+") : refund_put_percent(sink, one);
  }
  return code;
}

static int32_t put_lower_percent(refund_bytes *sink, refund_text text) {
  int32_t code = REFUND_OK;
  for (uint64_t i = 0; i < text.size && code == REFUND_OK; i++) {
    struct buffer escape;
    refund_text one = {text.data + i, 1};
    buffer_open(&escape, 8);
    refund_put_percent(&escape.sink, one);
    for (size_t j = 0; escape.size > 1 && j < escape.size; j++) {
      if (escape.data[j] >= 'A' && escape.data[j] <= 'F') escape.data[j] = (char)(escape.data[j] - 'A' + 'a');
    }
    code = refund_put(sink, buffer_text(&escape));
    buffer_close(&escape);
  }
  return code;
}

typedef int32_t encoder(refund_bytes *sink, refund_text text);

/* The second in the first: a document may travel in a form, or in a string of another. */
static const struct {
  encoder *outer;
  encoder *inner;
} encodings[] = {
    {refund_put, refund_put},
    {refund_put_base64, refund_put},
    {refund_put_base64url, refund_put},
    {refund_put_percent, refund_put},
    {put_lower_percent, refund_put},
    {put_form, refund_put},
    {refund_put_json, refund_put},
    {refund_put_xml, refund_put},
    {refund_put_percent, refund_put_xml},
    {put_lower_percent, refund_put_xml},
    {put_form, refund_put_xml},
    {refund_put_percent, refund_put_json},
    {put_lower_percent, refund_put_json},
    {put_form, refund_put_json},
    {refund_put_json, refund_put_json},
    {refund_put_xml, refund_put_xml},
    {refund_put_json, refund_put_xml},
};

/* Of letters, digits, "-", "." and "_" alone, a secret looks the same in all encodings but the first three. */
static size_t encodings_of(refund_text secret) {
  enum { WHERE_PLAIN = 3 };
  for (uint64_t i = 0; i < secret.size; i++) {
    char c = secret.data[i];
    bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._", c) != NULL;
    if (!plain || c == '\0') return sizeof encodings / sizeof *encodings;
  }
  return WHERE_PLAIN;
}

static bool encode(size_t i, refund_text secret, struct buffer *form) {
  struct buffer inner;
  buffer_open(&inner, 0);
  bool encoded = encodings[i].inner(&inner.sink, secret) == REFUND_OK &&
                 encodings[i].outer(&form->sink, buffer_text(&inner)) == REFUND_OK;
  buffer_close(&inner);
  return encoded;
}

static refund_text mask_secret(struct arena *arena, refund_text text, refund_text secret, refund_text replacement,
                               bool anywhere, bool *changed) {
  size_t count = encodings_of(secret);
  for (size_t i = 0; i < count; i++) {
    struct buffer form;
    struct buffer out;
    buffer_open(&form, 0);
    buffer_open(&out, 0);
    bool encoded = encode(i, secret, &form);
    bool is_raw = i > 0 && refund_same(buffer_text(&form), secret); /* looked for already */
    if (!encoded) {
      text = refund_text_of("***"); /* rather nothing than a secret */
      *changed = true;
    } else if (!is_raw && replace(text, buffer_text(&form), replacement, anywhere, &out)) {
      refund_text masked = arena_copy(arena, buffer_text(&out));
      *changed = true;
      text = masked.data == NULL || out.failed ? refund_text_of("***") : masked;
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
    bool is_long = secret.size >= LEAST_SECRET;
    if (mask == MASK_REPLY && !is_long) continue;
    refund_text replacement = mask == MASK_DIGEST ? arena_format(arena, "{%s}", field.data) : refund_text_of("***");
    text = mask_secret(arena, text, secret, replacement, mask != MASK_REPLY && is_long, &found);
  }
  if (changed != NULL) *changed = found;
  return text;
}

refund_text account_mask_one(struct arena *arena, refund_text text, refund_text secret, bool *changed) {
  *changed = false;
  if (!refund_there(text) || secret.data == NULL || secret.size < LEAST_SECRET) return text;
  return mask_secret(arena, text, secret, refund_text_of("***"), false, changed);
}
