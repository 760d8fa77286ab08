#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts at the start of a UTF-8 sequence, so that what is left is still text. */
static void put(char *to, size_t room, const char *format, va_list arguments) {
  int size = vsnprintf(to, room, format, arguments);
  if (size < 0) {
    to[0] = '\0';
  } else if ((size_t)size >= room) {
    size_t end = room - 1;
    while (end > 0 && ((unsigned char)to[end - 1] & 0xC0u) == 0x80u) end--;
    if (end > 0 && ((unsigned char)to[end - 1] & 0x80u) != 0) end--;
    to[end] = '\0';
  }
}

bool error_set(struct error *error, enum error_code code, const char *field, const char *format, ...) {
  if (error == NULL) return false;
  memset(error, 0, sizeof *error);
  error->code = code;
  if (field != NULL) snprintf(error->field, sizeof error->field, "%s", field);
  va_list arguments;
  va_start(arguments, format);
  put(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return false;
}

#define SETTER(part)                                             \
  bool error_##part(struct error *error, const char *format, ...) { \
    if (error == NULL) return false;                             \
    va_list arguments;                                           \
    va_start(arguments, format);                                 \
    put(error->part, sizeof error->part, format, arguments);     \
    va_end(arguments);                                           \
    return false;                                                \
  }

SETTER(expected)
SETTER(found)
SETTER(fix)

const char *error_code_name(enum error_code code) {
  static const char *const names[] = {"none",     "usage",         "input",     "account", "connector",
                                      "conflict", "over_captured", "not_found", "ledger",  "host"};
  return (size_t)code < sizeof names / sizeof *names ? names[code] : "host";
}
