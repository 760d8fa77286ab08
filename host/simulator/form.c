#include "simulator/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "refund_toolkit.h"

static bool decode(char *text) {
  char *to = text;
  for (const char *from = text; *from != '\0'; from++, to++) {
    *to = *from == '+' ? ' ' : *from;
    if (*from != '%') continue;
    int high = refund_hex_digit(from[1]);
    int low = high < 0 ? -1 : refund_hex_digit(from[2]);
    if (low < 0 || high + low == 0) return false;
    *to = (char)(high * 16 + low);
    from += 2;
  }
  *to = '\0';
  return true;
}

enum form_result form_next(char **cursor, struct form_field *field) {
  char *start = *cursor;
  while (*start == '&')
    start++;
  if (*start == '\0') return FORM_END;
  char *end = strchrnul(start, '&');
  *cursor = *end == '\0' ? end : end + 1;
  *end = '\0';
  char *equals = strchrnul(start, '=');
  field->name = start;
  field->value = *equals == '\0' ? equals : equals + 1;
  *equals = '\0';
  return decode(field->name) && decode(field->value) ? FORM_FIELD : FORM_MALFORMED;
}
