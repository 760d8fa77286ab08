#include "simulator/xml.h"

#include <string.h>

static const char blanks[] = " \t\r\n";

static const struct {
  const char *reference;
  char character;
} references[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

enum { REFERENCES = sizeof references / sizeof *references };

const char *xml_find(const char *document, const char *name) {
  size_t size = strlen(name);
  for (const char *at = strchr(document, '<'); at != NULL; at = strchr(at + 1, '<')) {
    const char *end = at + 1 + size;
    if (strncmp(at + 1, name, size) == 0 && *end != '\0' && strchr(" \t\r\n/>", *end) != NULL) return end;
  }
  return NULL;
}

/* Copies what stands between the quotes. false: a reference that is none, or no room. */
static bool resolve(const char *from, size_t size, char value[static XML_VALUE]) {
  size_t used = 0;
  const char *end = from + size;
  while (from < end) {
    if (used == XML_VALUE - 1) return false;
    size_t i = 0;
    while (*from == '&' && i < REFERENCES &&
           strncmp(from, references[i].reference, strlen(references[i].reference)) != 0)
      i++;
    if (i == REFERENCES) return false;
    value[used++] = *from == '&' ? references[i].character : *from;
    from += *from == '&' ? strlen(references[i].reference) : 1;
  }
  value[used] = '\0';
  return true;
}

bool xml_attribute(const char *tag, const char *name, char value[static XML_VALUE]) {
  const char *at = tag + strspn(tag, blanks);
  while (*at != '\0' && *at != '>' && *at != '/') {
    size_t name_size = strcspn(at, "= \t\r\n/>");
    const char *equals = at + name_size + strspn(at + name_size, blanks);
    if (name_size == 0 || *equals != '=') return false;
    const char *quote = equals + 1 + strspn(equals + 1, blanks);
    if (*quote != '"' && *quote != '\'') return false;
    const char *end = strchr(quote + 1, *quote);
    if (end == NULL) return false;
    if (strlen(name) == name_size && memcmp(at, name, name_size) == 0)
      return resolve(quote + 1, (size_t)(end - quote - 1), value);
    at = end + 1 + strspn(end + 1, blanks);
  }
  return false;
}

void xml_write(FILE *file, const char *text) {
  for (; *text != '\0'; text++) {
    size_t i = 0;
    while (i < REFERENCES && references[i].character != *text)
      i++;
    if (i == REFERENCES) {
      fputc(*text, file);
    } else {
      fputs(references[i].reference, file);
    }
  }
}
