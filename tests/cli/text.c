#include "cli/text.h"

#include <string.h>

size_t parts_in(const char *text, const char *part) {
  size_t count = 0;
  while ((text = strstr(text, part)) != NULL) {
    count++;
    text += strlen(part);
  }
  return count;
}

size_t lines_in(const char *text) {
  return parts_in(text, "\n");
}
