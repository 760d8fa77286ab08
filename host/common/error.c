#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the UTF-8 sequence that begins here; 0 if it is broken. */
static size_t whole_character(const char *text) {
  unsigned char lead = (unsigned char)text[0];
  size_t size = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
  for (size_t i = 1; i < size; i++) {
    if (((unsigned char)text[i] & 0xC0u) != 0x80u) return 0;
  }
  return size;
}

/* Takes out what is left of characters that were cut, here or by a precision in the format: the rest is still text. */
static void mend(char *text) {
  char *end = text;
  while (*text != '\0') {
    size_t size = whole_character(text);
    memmove(end, text, size);
    end += size;
    text += size == 0 ? 1 : size;
  }
  *end = '\0';
}

static void put(char *to, size_t room, const char *format, va_list arguments) {
  if (vsnprintf(to, room, format, arguments) < 0) to[0] = '\0';
  mend(to);
}

bool error_set(struct error *error, enum error_code code, const char *field, const char *format, ...) {
  if (error == NULL) return false;
  memset(error, 0, sizeof *error);
  error->code = code;
  if (field != NULL) snprintf(error->field, sizeof error->field, "%s", field);
  mend(error->field);
  va_list arguments;
  va_start(arguments, format);
  put(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return false;
}

#define SETTER(part)                                                \
  bool error_##part(struct error *error, const char *format, ...) { \
    if (error == NULL) return false;                                \
    va_list arguments;                                              \
    va_start(arguments, format);                                    \
    put(error->part, sizeof error->part, format, arguments);        \
    va_end(arguments);                                              \
    return false;                                                   \
  }

SETTER(expected)
SETTER(found)
SETTER(fix)

const char *error_code_name(enum error_code code) {
  static const char *const names[] = {"none",          "usage",         "input",     "account", "connector", "conflict",
                                      "over_captured", "over_captured", "not_found", "ledger",  "host"};
  return (size_t)code < sizeof names / sizeof *names ? names[code] : "host";
}
