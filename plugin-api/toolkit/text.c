/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

#include <string.h>

static const refund_text nothing = {NULL, 0};

/* ---- Text ---- */

refund_text refund_text_of(const char *string) {
  refund_text text = {string, string == NULL ? 0 : (uint64_t)strlen(string)};
  return text;
}

int refund_same(refund_text a, refund_text b) {
  return a.data != NULL && b.data != NULL && a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int refund_is(refund_text text, const char *string) {
  return refund_same(text, refund_text_of(string));
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int refund_same_nocase(refund_text a, refund_text b) {
  if (a.data == NULL || b.data == NULL || a.size != b.size) return 0;
  for (uint64_t i = 0; i < a.size; i++) {
    if (lower(a.data[i]) != lower(b.data[i])) return 0;
  }
  return 1;
}

int refund_is_nocase(refund_text text, const char *string) {
  return refund_same_nocase(text, refund_text_of(string));
}

int refund_starts_with(refund_text text, const char *prefix) {
  size_t size = strlen(prefix);
  return text.data != NULL && text.size >= size && memcmp(text.data, prefix, size) == 0;
}

int refund_there(refund_text text) {
  return text.data != NULL && text.size != 0;
}

refund_text refund_either(refund_text first, refund_text second) {
  return refund_there(first) ? first : second;
}

int refund_contains_nocase(refund_text text, const char *part) {
  uint64_t size = (uint64_t)strlen(part);
  for (uint64_t i = 0; text.data != NULL && i + size <= text.size; i++) {
    refund_text slice = {text.data + i, size};
    if (refund_is_nocase(slice, part)) return 1;
  }
  return 0;
}

const char *refund_translate(const refund_pair *pairs, uint64_t count, refund_text word, const char *otherwise) {
  for (uint64_t i = 0; i < count; i++) {
    if (refund_is_nocase(word, pairs[i].from)) return pairs[i].to;
  }
  return otherwise;
}

refund_text refund_replace(const refund_call *call, refund_text text, const char *from, char to) {
  char *copy = text.data == NULL ? NULL : (char *)call->host->allocate(call, text.size + 1);
  if (copy == NULL) return nothing;
  for (uint64_t i = 0; i < text.size; i++) {
    copy[i] = text.data[i] != '\0' && strchr(from, text.data[i]) != NULL ? to : text.data[i];
  }
  refund_text replaced = {copy, text.size};
  return replaced;
}

/* ---- What the call brings ---- */

refund_text refund_account_entry(const refund_call *call, const char *field, refund_text key) {
  for (uint64_t i = 0; i < call->account_count; i++) {
    const refund_account_value *value = &call->account[i];
    int same_key = key.data == NULL ? value->key.data == NULL : refund_same(value->key, key);
    if (same_key && refund_is(value->field, field)) return value->value;
  }
  return nothing;
}

refund_text refund_account(const refund_call *call, const char *field) {
  return refund_account_entry(call, field, nothing);
}

refund_text refund_base(const refund_call *call, uint64_t index) {
  return index < call->base_url_count ? call->base_urls[index] : nothing;
}

refund_text refund_find_header(const refund_http_response *response, const char *name) {
  for (uint64_t i = 0; i < response->header_count; i++) {
    if (refund_is_nocase(response->headers[i].name, name)) return response->headers[i].value;
  }
  return nothing;
}

/* From behind "://" to the path, the query or the end. */
refund_text refund_url_host(refund_text url) {
  uint64_t begin = 0;
  while (begin + 3 <= url.size && memcmp(url.data + begin, "://", 3) != 0)
    begin++;
  begin += 3;
  if (begin > url.size) return nothing;
  uint64_t end = begin;
  while (end < url.size && url.data[end] != '/' && url.data[end] != '?')
    end++;
  refund_text host = {url.data + begin, end - begin};
  return host;
}

refund_text refund_url_hostname(refund_text url) {
  refund_text host = refund_url_host(url);
  for (uint64_t i = host.size; i > 0 && host.data[i - 1] != ']'; i--) {
    if (host.data[i - 1] == ':') host.size = i - 1;
  }
  return host;
}

refund_text refund_url_target(refund_text url) {
  refund_text host = refund_url_host(url);
  if (host.data == NULL) return nothing;
  uint64_t begin = (uint64_t)(host.data - url.data) + host.size;
  refund_text target = {url.data + begin, url.size - begin};
  return target;
}

int32_t refund_invalid(const refund_call *call, const char *field, const char *message) {
  call->host->fail(call, refund_text_of(field), refund_text_of(message));
  return REFUND_INVALID_INPUT;
}

int32_t refund_check_currency(const refund_call *call, const char *field) {
  refund_text expected = refund_account(call, field);
  if (!refund_there(expected) || refund_same_nocase(call->currency, expected)) return REFUND_OK;
  refund_text message = REFUND_CONCAT(call, refund_text_of("expected "), expected, refund_text_of(", the account's "),
                                      refund_text_of(field), refund_text_of(", found "), call->currency);
  call->host->fail(call, refund_text_of("currency"), message);
  return REFUND_INVALID_INPUT;
}

/* ---- A sink in scratch memory ---- */

static int32_t buffer_write(refund_bytes *sink, const void *data, uint64_t size) {
  refund_buffer *buffer = (refund_buffer *)(void *)sink;
  if (buffer->call == NULL || size > UINT64_MAX / 4) return REFUND_SINK_REFUSED;
  if (size > buffer->capacity - buffer->size) {
    uint64_t capacity = (buffer->size + size) * 2 + 64;
    char *grown = (char *)buffer->call->host->allocate(buffer->call, capacity);
    if (grown == NULL) {
      buffer->call = NULL; /* stays failed */
      return REFUND_SINK_REFUSED;
    }
    if (buffer->size != 0) memcpy(grown, buffer->data, buffer->size);
    buffer->data = grown;
    buffer->capacity = capacity;
  }
  if (size != 0) memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  return REFUND_OK;
}

void refund_buffer_open(refund_buffer *buffer, const refund_call *call) {
  memset(buffer, 0, sizeof *buffer);
  buffer->sink.size = sizeof buffer->sink;
  buffer->sink.write = buffer_write;
  buffer->call = call;
}

refund_text refund_buffer_text(const refund_buffer *buffer) {
  refund_text text = {buffer->data == NULL ? "" : buffer->data, buffer->size};
  return buffer->call == NULL ? nothing : text;
}
