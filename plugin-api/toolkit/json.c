/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

#include <string.h>

/* ---- JSON ---- */

static void json_put(refund_json *json, refund_text text) {
  if (json->code == REFUND_OK) json->code = refund_put(json->sink, text);
}

static void json_puts(refund_json *json, const char *string) {
  json_put(json, refund_text_of(string));
}

int32_t refund_put_json(refund_bytes *sink, refund_text text) {
  static const char hex[] = "0123456789abcdef";
  int32_t code = REFUND_OK;
  uint64_t begin = 0;
  for (uint64_t i = 0; i < text.size && code == REFUND_OK; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    refund_text plain = {text.data + begin, i - begin};
    char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    refund_text escaped = {escape, 6};
    if (c == '"' || c == '\\') {
      escape[1] = (char)c;
      escaped.size = 2;
    } else if (c == '\n') {
      escape[1] = 'n';
      escaped.size = 2;
    }
    code = refund_put(sink, plain);
    if (code == REFUND_OK) code = refund_put(sink, escaped);
    begin = i + 1;
  }
  refund_text last = {text.data + begin, text.size - begin};
  return code == REFUND_OK ? refund_put(sink, last) : code;
}

static void json_quoted(refund_json *json, refund_text text) {
  json_puts(json, "\"");
  if (json->code == REFUND_OK) json->code = refund_put_json(json->sink, text);
  json_puts(json, "\"");
}

/* What stands before a value: comma and name. A name where none belongs, or none where one does, is misuse; so is a
 * second root. */
static void json_before(refund_json *json, const char *name) {
  uint64_t bit = (uint64_t)1 << json->depth;
  int is_member = json->depth > 0 && (json->is_array & bit) == 0;
  int second = (json->has_items & bit) != 0;
  int misuse = (name != NULL) != is_member || (json->depth == 0 && second);
  if (misuse && json->code == REFUND_OK) json->code = REFUND_INTERNAL;
  if (second) json_puts(json, ",");
  json->has_items |= bit;
  if (name != NULL) {
    json_quoted(json, refund_text_of(name));
    json_puts(json, ":");
  }
}

void refund_json_open(refund_json *json, refund_bytes *sink) {
  memset(json, 0, sizeof *json);
  json->sink = sink;
}

static void json_begin(refund_json *json, const char *name, int array) {
  json_before(json, name);
  json_puts(json, array ? "[" : "{");
  if (json->depth == 63) {
    if (json->code == REFUND_OK) json->code = REFUND_INTERNAL;
    return;
  }
  json->depth++;
  uint64_t bit = (uint64_t)1 << json->depth;
  json->has_items &= ~bit;
  json->is_array = array ? json->is_array | bit : json->is_array & ~bit;
}

void refund_json_object(refund_json *json, const char *name) {
  json_begin(json, name, 0);
}

void refund_json_array(refund_json *json, const char *name) {
  json_begin(json, name, 1);
}

void refund_json_end(refund_json *json) {
  if (json->depth == 0) {
    if (json->code == REFUND_OK) json->code = REFUND_INTERNAL;
    return;
  }
  json_puts(json, (json->is_array >> json->depth & 1) != 0 ? "]" : "}");
  json->depth--;
}

int32_t refund_json_end_all(refund_json *json) {
  while (json->depth > 0)
    refund_json_end(json);
  return json->code;
}

void refund_json_text(refund_json *json, const char *name, refund_text text) {
  if (text.data == NULL) return;
  json_before(json, name);
  json_quoted(json, text);
}

void refund_json_string(refund_json *json, const char *name, const char *string) {
  refund_json_text(json, name, refund_text_of(string));
}

void refund_json_integer(refund_json *json, const char *name, int64_t number) {
  json_before(json, name);
  if (json->code == REFUND_OK) json->code = refund_put_integer(json->sink, number);
}

void refund_json_major(refund_json *json, const char *name, int64_t amount, int32_t exponent) {
  json_before(json, name);
  if (json->code == REFUND_OK) json->code = refund_put_major(json->sink, amount, exponent);
}

void refund_json_major_text(refund_json *json, const char *name, int64_t amount, int32_t exponent) {
  json_before(json, name);
  json_puts(json, "\"");
  if (json->code == REFUND_OK) json->code = refund_put_major(json->sink, amount, exponent);
  json_puts(json, "\"");
}

void refund_json_boolean(refund_json *json, const char *name, int value) {
  json_before(json, name);
  json_puts(json, value ? "true" : "false");
}

void refund_json_null(refund_json *json, const char *name) {
  json_before(json, name);
  json_puts(json, "null");
}

void refund_json_raw(refund_json *json, const char *name, refund_text json_text) {
  if (json_text.data == NULL) return;
  json_before(json, name);
  json_put(json, json_text);
}
