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

int refund_is_nocase(refund_text text, const char *string) {
  refund_text other = refund_text_of(string);
  if (text.data == NULL || other.data == NULL || text.size != other.size) return 0;
  for (uint64_t i = 0; i < text.size; i++) {
    if (lower(text.data[i]) != lower(other.data[i])) return 0;
  }
  return 1;
}

int refund_starts_with(refund_text text, const char *prefix) {
  size_t size = strlen(prefix);
  return text.data != NULL && text.size >= size && memcmp(text.data, prefix, size) == 0;
}

int refund_there(refund_text text) {
  return text.data != NULL && text.size != 0;
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

/* ---- Writing ---- */

int32_t refund_put(refund_bytes *sink, refund_text text) {
  return text.size == 0 ? REFUND_OK : sink->write(sink, text.data, text.size);
}

int32_t refund_puts(refund_bytes *sink, const char *string) {
  return refund_put(sink, refund_text_of(string));
}

/* The digits of any int64_t, INT64_MIN too; returns where they begin. `end` points past 20 writable bytes. */
static char *digits_before(char *end, uint64_t magnitude) {
  do {
    *--end = (char)('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  return end;
}

static uint64_t magnitude_of(int64_t number) {
  return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

int32_t refund_put_integer(refund_bytes *sink, int64_t number) {
  char digits[24];
  char *end = digits + sizeof digits;
  char *begin = digits_before(end, magnitude_of(number));
  if (number < 0) *--begin = '-';
  return sink->write(sink, begin, (uint64_t)(end - begin));
}

int32_t refund_put_major(refund_bytes *sink, int64_t amount, int32_t exponent) {
  char text[48];
  char *end = text + sizeof text;
  if (exponent < 0 || exponent > 18) return REFUND_INTERNAL;
  uint64_t rest = magnitude_of(amount);
  char *begin = end;
  for (int32_t i = 0; i < exponent; i++) {
    *--begin = (char)('0' + rest % 10);
    rest /= 10;
  }
  if (exponent > 0) *--begin = '.';
  begin = digits_before(begin, rest);
  if (amount < 0) *--begin = '-';
  return sink->write(sink, begin, (uint64_t)(end - begin));
}

static int is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int32_t refund_put_percent(refund_bytes *sink, refund_text text) {
  static const char hex[] = "0123456789ABCDEF";
  int32_t code = REFUND_OK;
  uint64_t begin = 0;
  for (uint64_t i = 0; i < text.size && code == REFUND_OK; i++) {
    if (is_unreserved(text.data[i])) continue;
    unsigned char byte = (unsigned char)text.data[i];
    char escape[3] = {'%', hex[byte >> 4], hex[byte & 15]};
    if (i > begin) code = sink->write(sink, text.data + begin, i - begin);
    if (code == REFUND_OK) code = sink->write(sink, escape, 3);
    begin = i + 1;
  }
  if (code == REFUND_OK && text.size > begin) code = sink->write(sink, text.data + begin, text.size - begin);
  return code;
}

static int32_t put_base64(refund_bytes *sink, refund_text bytes, const char *last_two, int padded) {
  static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  int32_t code = REFUND_OK;
  for (uint64_t i = 0; i < bytes.size && code == REFUND_OK; i += 3) {
    uint64_t left = bytes.size - i < 3 ? bytes.size - i : 3;
    uint32_t group = 0;
    for (uint64_t j = 0; j < 3; j++)
      group = group << 8 | (j < left ? (unsigned char)bytes.data[i + j] : 0u);
    char quad[4];
    for (int j = 0; j < 4; j++) {
      uint32_t six = group >> (18 - 6 * j) & 63u;
      quad[j] = six < 62 ? common[six] : last_two[six - 62];
    }
    for (uint64_t j = left + 1; j < 4; j++)
      quad[j] = '=';
    code = sink->write(sink, quad, padded ? 4 : left + 1);
  }
  return code;
}

int32_t refund_put_base64(refund_bytes *sink, refund_text bytes) {
  return put_base64(sink, bytes, "+/", 1);
}

int32_t refund_put_base64url(refund_bytes *sink, refund_text bytes) {
  return put_base64(sink, bytes, "-_", 0);
}

int32_t refund_put_hex(refund_bytes *sink, refund_text bytes) {
  static const char hex[] = "0123456789abcdef";
  int32_t code = REFUND_OK;
  for (uint64_t i = 0; i < bytes.size && code == REFUND_OK; i++) {
    unsigned char byte = (unsigned char)bytes.data[i];
    char pair[2] = {hex[byte >> 4], hex[byte & 15]};
    code = sink->write(sink, pair, 2);
  }
  return code;
}

static const char *xml_escape(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\r':
      return "&#13;";
    default:
      return NULL;
  }
}

int32_t refund_put_xml(refund_bytes *sink, refund_text text) {
  int32_t code = REFUND_OK;
  uint64_t begin = 0;
  for (uint64_t i = 0; i < text.size && code == REFUND_OK; i++) {
    const char *escape = xml_escape(text.data[i]);
    if (escape == NULL) continue;
    if (i > begin) code = sink->write(sink, text.data + begin, i - begin);
    if (code == REFUND_OK) code = refund_puts(sink, escape);
    begin = i + 1;
  }
  if (code == REFUND_OK && text.size > begin) code = sink->write(sink, text.data + begin, text.size - begin);
  return code;
}

/* Days since 1970 to a date of the Gregorian calendar; the year of the arithmetic begins in March. */
static void civil_from_days(int64_t days, int64_t *year, int *month, int *day) {
  int64_t shifted = days + 719468;
  int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int64_t day_of_era = shifted - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month_from_march = (5 * day_of_year + 2) / 153;
  *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  *year = year_of_era + era * 400 + (*month <= 2);
}

/* The last `width` digits of a number, with zeros in front. */
static int32_t put_padded(refund_bytes *sink, int64_t number, int width) {
  char digits[8];
  for (int i = width; i > 0; i--, number /= 10)
    digits[i - 1] = (char)('0' + number % 10);
  return sink->write(sink, digits, (uint64_t)width);
}

int32_t refund_put_date(refund_bytes *sink, int64_t time_ms, int32_t form) {
  static const char weekdays[] = "ThuFriSatSunMonTueWed"; /* 1 January 1970 was a Thursday */
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int64_t seconds = time_ms / 1000 - (time_ms % 1000 < 0); /* rounded down, before 1970 too */
  int64_t days = seconds / 86400 - (seconds % 86400 < 0);
  int64_t clock = seconds - days * 86400;
  int http = form == REFUND_DATE_HTTP;
  int64_t year;
  int month, day;
  if (form != REFUND_DATE_HTTP && form != REFUND_DATE_ISO) return REFUND_INTERNAL;
  civil_from_days(days, &year, &month, &day);
  if (year < 0 || year > 9999) return REFUND_INTERNAL;
  if (http) {
    sink->write(sink, weekdays + 3 * ((days % 7 + 7) % 7), 3);
    refund_puts(sink, ", ");
    put_padded(sink, day, 2);
    refund_puts(sink, " ");
    sink->write(sink, months + 3 * (month - 1), 3);
    refund_puts(sink, " ");
    put_padded(sink, year, 4);
  } else {
    put_padded(sink, year, 4);
    refund_puts(sink, "-");
    put_padded(sink, month, 2);
    refund_puts(sink, "-");
    put_padded(sink, day, 2);
  }
  refund_puts(sink, http ? " " : "T");
  put_padded(sink, clock / 3600, 2);
  refund_puts(sink, ":");
  put_padded(sink, clock / 60 % 60, 2);
  refund_puts(sink, ":");
  put_padded(sink, clock % 60, 2);
  return refund_puts(sink, http ? " GMT" : "Z");
}

int32_t refund_put_uuid(refund_bytes *sink, const uint8_t *seed) {
  uint8_t bytes[16];
  static const int ends[] = {4, 6, 8, 10, 16};
  int32_t code = REFUND_OK;
  int at = 0;
  memcpy(bytes, seed, sizeof bytes);
  bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
  bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
  for (int i = 0; i < 5 && code == REFUND_OK; i++) {
    refund_text part = {(const char *)bytes + at, (uint64_t)(ends[i] - at)};
    if (i > 0) refund_puts(sink, "-");
    code = refund_put_hex(sink, part);
    at = ends[i];
  }
  return code;
}

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

static int hex_value(char c) {
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
    int high = hex_value(text.data[i]);
    int low = hex_value(text.data[i + 1]);
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
    int high = hex_value(text.data[i + 1]);
    int low = hex_value(text.data[i + 2]);
    if (high < 0 || low < 0) return nothing;
    out[written++] = (char)(unsigned char)(high * 16 + low);
    i += 2;
  }
  refund_text decoded = {out, written};
  return decoded;
}

/* ---- JSON ---- */

static void json_put(refund_json *json, refund_text text) {
  if (json->code == REFUND_OK) json->code = refund_put(json->sink, text);
}

static void json_puts(refund_json *json, const char *string) {
  json_put(json, refund_text_of(string));
}

static void json_quoted(refund_json *json, refund_text text) {
  static const char hex[] = "0123456789abcdef";
  uint64_t begin = 0;
  json_puts(json, "\"");
  for (uint64_t i = 0; i < text.size; i++) {
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
    json_put(json, plain);
    json_put(json, escaped);
    begin = i + 1;
  }
  refund_text last = {text.data + begin, text.size - begin};
  json_put(json, last);
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

/* ---- Forms ---- */

void refund_form_open(refund_form_writer *form, refund_bytes *sink) {
  form->sink = sink;
  form->count = 0;
  form->code = REFUND_OK;
}

void refund_form_text(refund_form_writer *form, const char *name, refund_text text) {
  if (text.data == NULL) return;
  if (form->code == REFUND_OK && form->count++ > 0) form->code = refund_puts(form->sink, "&");
  if (form->code == REFUND_OK) form->code = refund_put_percent(form->sink, refund_text_of(name));
  if (form->code == REFUND_OK) form->code = refund_puts(form->sink, "=");
  if (form->code == REFUND_OK) form->code = refund_put_percent(form->sink, text);
}

void refund_form_string(refund_form_writer *form, const char *name, const char *string) {
  refund_form_text(form, name, refund_text_of(string));
}

void refund_form_integer(refund_form_writer *form, const char *name, int64_t number) {
  refund_form_string(form, name, "");
  if (form->code == REFUND_OK) form->code = refund_put_integer(form->sink, number);
}

/* ---- XML ---- */

static void xml_puts(refund_xml *xml, const char *string) {
  if (xml->code == REFUND_OK) xml->code = refund_puts(xml->sink, string);
}

static void xml_leave_tag(refund_xml *xml) {
  if (xml->in_tag) xml_puts(xml, ">");
  xml->in_tag = 0;
}

void refund_xml_open(refund_xml *xml, refund_bytes *sink) {
  memset(xml, 0, sizeof *xml);
  xml->sink = sink;
}

void refund_xml_begin(refund_xml *xml, const char *name) {
  xml_leave_tag(xml);
  if (xml->depth == (int32_t)(sizeof xml->open / sizeof *xml->open)) {
    if (xml->code == REFUND_OK) xml->code = REFUND_INTERNAL;
    return;
  }
  xml->open[xml->depth++] = name;
  xml_puts(xml, "<");
  xml_puts(xml, name);
  xml->in_tag = 1;
}

void refund_xml_attribute(refund_xml *xml, const char *name, refund_text value) {
  if (value.data == NULL) return;
  if (!xml->in_tag && xml->code == REFUND_OK) xml->code = REFUND_INTERNAL;
  xml_puts(xml, " ");
  xml_puts(xml, name);
  xml_puts(xml, "=\"");
  if (xml->code == REFUND_OK) xml->code = refund_put_xml(xml->sink, value);
  xml_puts(xml, "\"");
}

void refund_xml_text(refund_xml *xml, refund_text text) {
  xml_leave_tag(xml);
  if (xml->code == REFUND_OK) xml->code = refund_put_xml(xml->sink, text);
}

void refund_xml_end(refund_xml *xml) {
  if (xml->depth == 0) {
    if (xml->code == REFUND_OK) xml->code = REFUND_INTERNAL;
    return;
  }
  const char *name = xml->open[--xml->depth];
  if (xml->in_tag) {
    xml_puts(xml, "/>");
    xml->in_tag = 0;
    return;
  }
  xml_puts(xml, "</");
  xml_puts(xml, name);
  xml_puts(xml, ">");
}

void refund_xml_element(refund_xml *xml, const char *name, refund_text text) {
  if (text.data == NULL) return;
  refund_xml_begin(xml, name);
  refund_xml_text(xml, text);
  refund_xml_end(xml);
}

/* ---- Headers ---- */

int32_t refund_add_header(refund_headers *headers, const char *name, refund_text value) {
  return headers->add(headers, refund_text_of(name), value, 0);
}

int32_t refund_add_secret_header(refund_headers *headers, const char *name, refund_text value) {
  return headers->add(headers, refund_text_of(name), value, REFUND_HEADER_SENSITIVE);
}

/* Half a credential is none: the processor would take it for a wrong one. */
static int32_t add_authorization(refund_headers *headers, int32_t code, refund_text value) {
  return code != REFUND_OK ? code : refund_add_secret_header(headers, "Authorization", value);
}

int32_t refund_add_bearer(const refund_call *call, refund_headers *headers, refund_text token) {
  refund_buffer value;
  refund_buffer_open(&value, call);
  int32_t code = refund_puts(&value.sink, "Bearer ");
  if (code == REFUND_OK) code = refund_put(&value.sink, token);
  return add_authorization(headers, code, refund_buffer_text(&value));
}

int32_t refund_add_basic(const refund_call *call, refund_headers *headers, refund_text user, refund_text password) {
  refund_buffer pair;
  refund_buffer value;
  refund_buffer_open(&pair, call);
  refund_buffer_open(&value, call);
  int32_t code = refund_put(&pair.sink, user);
  if (code == REFUND_OK) code = refund_puts(&pair.sink, ":");
  if (code == REFUND_OK) code = refund_put(&pair.sink, password);
  if (code == REFUND_OK) code = refund_puts(&value.sink, "Basic ");
  if (code == REFUND_OK) code = refund_put_base64(&value.sink, refund_buffer_text(&pair));
  return add_authorization(headers, code, refund_buffer_text(&value));
}

/* ---- Status words ---- */

const refund_word refund_default_words[] = {
    {"succeeded", REFUND_STATUS_SUCCESS},  {"completed", REFUND_STATUS_SUCCESS}, {"pending", REFUND_STATUS_PENDING},
    {"processing", REFUND_STATUS_PENDING}, {"failed", REFUND_STATUS_FAILURE},
};
const uint64_t refund_default_word_count = sizeof refund_default_words / sizeof *refund_default_words;

int32_t refund_status_of(const refund_word *words, uint64_t count, refund_text word) {
  for (uint64_t i = 0; i < count; i++) {
    if (refund_is_nocase(word, words[i].word)) return words[i].status;
  }
  return REFUND_STATUS_UNRECOGNIZED;
}

int32_t refund_say_status(refund_result *result, const refund_word *words, uint64_t count, refund_text word) {
  result->text(result, REFUND_TEXT_STATUS_WORD, word);
  return result->reading(result, REFUND_READING_STATUS, refund_status_of(words, count, word));
}

int32_t refund_say_error(refund_result *result, int32_t reading, refund_text code, refund_text message,
                         refund_text reason) {
  result->text(result, REFUND_TEXT_ERROR_CODE, code);
  result->text(result, REFUND_TEXT_ERROR_MESSAGE, message);
  result->text(result, REFUND_TEXT_ERROR_REASON, reason);
  return result->reading(result, reading, REFUND_STATUS_UNRECOGNIZED);
}

void refund_say_amount(refund_result *result, refund_text amount) {
  int64_t number;
  if (refund_read_major(amount, 0, &number)) {
    result->number(result, REFUND_NUMBER_AMOUNT, number);
  } else {
    result->text(result, REFUND_TEXT_AMOUNT, amount);
  }
}

void refund_say_major(const refund_call *call, refund_result *result, refund_text amount) {
  int64_t number;
  if (refund_read_major(amount, call->exponent, &number)) {
    result->number(result, REFUND_NUMBER_AMOUNT, number);
  } else {
    result->text(result, REFUND_TEXT_AMOUNT, amount);
  }
}

int32_t refund_say_token(const refund_call *call, refund_result *result, const refund_node *root) {
  int64_t seconds;
  result->text(result, REFUND_TEXT_ACCESS_TOKEN, refund_text_at(call, root, "access_token"));
  if (refund_read_integer(refund_text_at(call, root, "expires_in"), &seconds)) {
    result->number(result, REFUND_NUMBER_EXPIRES_IN, seconds);
  }
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_SUCCESS);
}

int32_t refund_say_not_found(refund_result *result, int list_was_complete) {
  return result->reading(result, list_was_complete ? REFUND_READING_ABSENT : REFUND_READING_IN_PROGRESS,
                         REFUND_STATUS_UNRECOGNIZED);
}

int32_t refund_no_body(const refund_call *call, refund_bytes *body) {
  (void)call;
  (void)body;
  return REFUND_OK;
}

/* ---- Host interfaces ---- */

static const refund_document_1 *document_of(const refund_call *call) {
  return (const refund_document_1 *)call->host->get_interface(call->host, REFUND_DOCUMENT_1);
}

const refund_crypto_1 *refund_crypto(const refund_call *call) {
  return (const refund_crypto_1 *)call->host->get_interface(call->host, REFUND_CRYPTO_1);
}

const refund_node *refund_read_body(const refund_call *call, int32_t format, const refund_http_response *response) {
  const refund_node *root = NULL;
  return document_of(call)->parse(call, format, response->body, &root) == REFUND_OK ? root : NULL;
}

const refund_node *refund_node_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->find(from, path);
}

refund_text refund_text_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->text(refund_node_at(call, from, path));
}

int32_t refund_kind_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->kind(refund_node_at(call, from, path));
}

const refund_node *refund_first_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->first(refund_node_at(call, from, path));
}

const refund_node *refund_next(const refund_call *call, const refund_node *node) {
  return document_of(call)->next(node);
}

refund_text refund_metadata(const refund_call *call, const char *path) {
  const refund_node *root = NULL;
  if (call->connector_metadata.data == NULL) return nothing;
  if (document_of(call)->parse(call, REFUND_JSON, call->connector_metadata, &root) != REFUND_OK) return nothing;
  return refund_text_at(call, root, path);
}
