#include "cli/lines.h"

#include <stdio.h>
#include <string.h>

bool line_is_blank(refund_text line) {
  for (uint64_t i = 0; i < line.size; i++) {
    if (strchr(" \t\r\n", line.data[i]) == NULL || line.data[i] == '\0') return false;
  }
  return true;
}

bool lines_next(struct lines *lines) {
  while (lines->rest.size > 0) {
    const char *end = memchr(lines->rest.data, '\n', lines->rest.size);
    uint64_t size = end == NULL ? lines->rest.size : (uint64_t)(end - lines->rest.data);
    uint64_t taken = end == NULL ? size : size + 1;
    lines->line = (refund_text){lines->rest.data, size};
    lines->rest = (refund_text){lines->rest.data + taken, lines->rest.size - taken};
    lines->number++;
    if (!line_is_blank(lines->line)) return true;
  }
  return false;
}

bool lines_are_whole(const char *path, refund_text text, struct error *error) {
  if (strcmp(path, "-") == 0 || text.size == 0 || text.data[text.size - 1] == '\n') return true;
  error_set(error, ERROR_INPUT, path, "the last line of %s has no line end: the file may have been cut there", path);
  return error_fix(error, "complete the file, or end its last line");
}

void line_named(struct error *error, size_t number) {
  char message[sizeof error->message];
  memcpy(message, error->message, sizeof message);
  snprintf(error->message, sizeof error->message, "line %zu: %.*s", number, (int)sizeof message - 40, message);
}
