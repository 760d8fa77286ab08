/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

#include <string.h>

/* ---- Writing ---- */

int32_t refund_put_url(refund_bytes *url, refund_text base, const char *path, refund_text id, const char *rest) {
  int32_t code = refund_put(url, base);
  if (code == REFUND_OK) code = refund_puts(url, path);
  if (code == REFUND_OK) code = refund_put_percent(url, id);
  return code == REFUND_OK ? refund_puts(url, rest) : code; /* `rest` may be empty: then it tells nothing */
}

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
  if (form < REFUND_DATE_HTTP || form > REFUND_DATE_DIGITS) return REFUND_INTERNAL;
  civil_from_days(days, &year, &month, &day);
  if (year < 0 || year > 9999) return REFUND_INTERNAL;
  const char *dash = form == REFUND_DATE_DIGITS ? "" : "-";
  const char *colon = form == REFUND_DATE_DIGITS ? "" : ":";
  if (http) {
    sink->write(sink, weekdays + 3 * ((days % 7 + 7) % 7), 3);
    refund_puts(sink, ", ");
    put_padded(sink, day, 2);
    refund_puts(sink, " ");
    sink->write(sink, months + 3 * (month - 1), 3);
    refund_puts(sink, " ");
    put_padded(sink, year, 4);
    refund_puts(sink, " ");
  } else {
    put_padded(sink, year, 4);
    refund_puts(sink, dash);
    put_padded(sink, month, 2);
    refund_puts(sink, dash);
    put_padded(sink, day, 2);
    if (form == REFUND_DATE_ISO) refund_puts(sink, "T");
  }
  put_padded(sink, clock / 3600, 2);
  refund_puts(sink, colon);
  put_padded(sink, clock / 60 % 60, 2);
  refund_puts(sink, colon);
  int32_t code = put_padded(sink, clock % 60, 2);
  return form == REFUND_DATE_DIGITS ? code : refund_puts(sink, http ? " GMT" : "Z");
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
