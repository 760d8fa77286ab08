#include "document/document.h"

#include <stdlib.h>
#include <string.h>

#include "document/node.h"

/* ---- Reading ---- */

static const char *format_name(int32_t format) {
  static const char *const names[] = {[REFUND_JSON] = "JSON", [REFUND_XML] = "XML", [REFUND_FORM] = "a form"};
  bool known = format > 0 && (size_t)format < sizeof names / sizeof *names;
  return known ? names[format] : NULL;
}

static refund_text without_mark(refund_text text) {
  if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
    text.data += 3;
    text.size -= 3;
  }
  return text;
}

static const refund_node *read_copy(struct arena *arena, int32_t format, refund_text bytes, struct error *error) {
  bytes = without_mark(bytes);
  char *copy = arena_allocate(arena, bytes.size + 1);
  if (copy == NULL) {
    error_set(error, ERROR_INPUT, "", "the text cannot be read as %s: it needs more memory than it may have",
              format_name(format));
    return NULL;
  }
  if (bytes.size != 0) memcpy(copy, bytes.data, bytes.size);
  if (format == REFUND_JSON) return document_read_json(arena, copy, bytes.size, error);
  return document_read_form(arena, copy, bytes.size, error);
}

const refund_node *document_read(struct arena *arena, int32_t format, refund_text bytes, struct error *error) {
  if (format_name(format) == NULL) {
    error_set(error, ERROR_INPUT, "", "the text cannot be read: its format is unknown");
    error_expected(error, "JSON (1), XML (2) or a form (3)");
    error_found(error, "%d", (int)format);
    return NULL;
  }
  if (bytes.data == NULL) bytes = (refund_text){"", 0};
  if (bytes.size > DOCUMENT_SIZE) {
    error_set(error, ERROR_INPUT, "", "the text cannot be read as %s: it is too long", format_name(format));
    error_expected(error, "at most %d bytes", (int)DOCUMENT_SIZE);
    error_found(error, "%llu bytes", (unsigned long long)bytes.size);
    return NULL;
  }
  if (format == REFUND_XML) return document_read_xml(arena, bytes.data, bytes.size, error);
  return read_copy(arena, format, bytes, error);
}

/* ---- The tree ---- */

void document_append(struct document_parent *parent, struct refund_node *child) {
  if (parent->last == NULL) {
    parent->node->first = child;
  } else {
    parent->last->next = child;
  }
  parent->last = child;
  parent->count++;
}

static int by_name(const void *left, const void *right) {
  const refund_node *a = *(const refund_node *const *)left;
  const refund_node *b = *(const refund_node *const *)right;
  size_t shared = a->name_size < b->name_size ? a->name_size : b->name_size;
  int order = shared == 0 ? 0 : memcmp(a->name, b->name, shared);
  if (order != 0) return order;
  return (a->name_size > b->name_size) - (a->name_size < b->name_size);
}

const refund_node **document_sorted(const refund_node *parent, size_t count) {
  const refund_node **sorted = malloc((count + 1) * sizeof *sorted);
  if (sorted == NULL) return NULL;
  size_t at = 0;
  for (const refund_node *child = parent->first; child != NULL; child = child->next)
    sorted[at++] = child;
  qsort(sorted, count, sizeof *sorted, by_name);
  return sorted;
}

bool document_find_twice(const refund_node *parent, size_t count, const refund_node **one, const refund_node **other) {
  *one = *other = NULL;
  if (count < 2) return true;
  const refund_node **sorted = document_sorted(parent, count);
  if (sorted == NULL) return false;
  for (size_t i = 1; i < count && *one == NULL; i++) {
    if (by_name(&sorted[i - 1], &sorted[i]) != 0) continue;
    *one = sorted[i - 1];
    *other = sorted[i];
  }
  free(sorted);
  return true;
}

/* ---- Accessors ---- */

static refund_text text_or_none(const char *data, uint32_t size) {
  refund_text text = {data, data == NULL ? 0 : size};
  return text;
}

int32_t document_kind(const refund_node *node) {
  return node == NULL ? REFUND_KIND_NONE : node->kind;
}

refund_text document_name(const refund_node *node) {
  return node == NULL ? text_or_none(NULL, 0) : text_or_none(node->name, node->name_size);
}

refund_text document_text(const refund_node *node) {
  return node == NULL ? text_or_none(NULL, 0) : text_or_none(node->text, node->text_size);
}

refund_text document_source(const refund_node *node) {
  return node == NULL ? text_or_none(NULL, 0) : text_or_none(node->source, node->source_size);
}

const refund_node *document_first(const refund_node *node) {
  return node == NULL ? NULL : node->first;
}

const refund_node *document_next(const refund_node *node) {
  return node == NULL ? NULL : node->next;
}

/* ---- Finding ---- */

/* Is the step, once its "~1" and "~0" are undone, this name? A "~" before anything else is no step at all. */
static bool step_names(refund_text step, const refund_node *node) {
  size_t at = 0;
  for (size_t i = 0; i < step.size; i++, at++) {
    char wanted = step.data[i];
    if (wanted == '~') {
      char code = ++i < step.size ? step.data[i] : '\0';
      if (code != '0' && code != '1') return false;
      wanted = code == '1' ? '/' : '~';
    }
    if (at >= node->name_size || node->name[at] != wanted) return false;
  }
  return at == node->name_size;
}

/* kind: what the child must be; REFUND_KIND_NONE: anything. */
static const refund_node *child_named(const refund_node *parent, int32_t kind, refund_text step) {
  const refund_node *child = parent->first;
  while (child != NULL && !((kind == REFUND_KIND_NONE || child->kind == kind) && step_names(step, child))) {
    child = child->next;
  }
  return child;
}

/* An index as in RFC 6901: digits, no zero in front. */
static const refund_node *child_at(const refund_node *array, refund_text step) {
  if (step.size == 0 || step.size > 9 || (step.size > 1 && step.data[0] == '0')) return NULL;
  size_t index = 0;
  for (size_t i = 0; i < step.size; i++) {
    if (step.data[i] < '0' || step.data[i] > '9') return NULL;
    index = index * 10 + (size_t)(step.data[i] - '0');
  }
  const refund_node *child = array->first;
  for (; child != NULL && index > 0; index--)
    child = child->next;
  return child;
}

static const refund_node *child_of_element(const refund_node *element, refund_text step) {
  if (step.size == 0 || step.data[0] != '@') return child_named(element, REFUND_KIND_ELEMENT, step);
  refund_text attribute = {step.data + 1, step.size - 1};
  return child_named(element, REFUND_KIND_STRING, attribute);
}

static const refund_node *take_step(const refund_node *from, refund_text step) {
  switch (from->kind) {
    case REFUND_KIND_OBJECT:
      return child_named(from, REFUND_KIND_NONE, step);
    case REFUND_KIND_ARRAY:
      return child_at(from, step);
    case REFUND_KIND_ELEMENT:
      return child_of_element(from, step);
    default:
      return NULL;
  }
}

const refund_node *document_find(const refund_node *from, const char *path) {
  if (path == NULL) return NULL;
  if (*path == '\0') return from;
  while (from != NULL) {
    refund_text step = {path, strcspn(path, "/")};
    from = take_step(from, step);
    path += step.size;
    if (*path == '\0') break;
    path++;
  }
  return from;
}

/* ---- UTF-8 ---- */

/* Well-formed sequences by their first byte (Unicode, table 3-7): what the second byte may be, and how many follow in
 * all. The later ones are 80 to BF. */
static const struct sequence {
  unsigned char first;
  unsigned char last;
  unsigned char least;
  unsigned char greatest;
  unsigned char follow;
} sequences[] = {
    {0x00, 0x7F, 0x00, 0x00, 0}, {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
    {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
    {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
};

/* Bytes of the character in front; 0: it is none. */
static size_t character_size(const unsigned char *data, size_t size) {
  const struct sequence *sequence = sequences;
  const struct sequence *end = sequences + sizeof sequences / sizeof *sequences;
  while (sequence != end && (data[0] < sequence->first || data[0] > sequence->last))
    sequence++;
  if (sequence == end || sequence->follow >= size) return 0;
  for (size_t i = 1; i <= sequence->follow; i++) {
    unsigned char least = i == 1 ? sequence->least : 0x80;
    unsigned char greatest = i == 1 ? sequence->greatest : 0xBF;
    if (data[i] < least || data[i] > greatest) return 0;
  }
  return sequence->follow + 1u;
}

size_t document_utf8_prefix(refund_text text) {
  size_t at = 0;
  while (at < text.size) {
    size_t step = character_size((const unsigned char *)text.data + at, text.size - at);
    if (step == 0) break;
    at += step;
  }
  return at;
}

bool document_is_utf8(refund_text text) {
  return document_utf8_prefix(text) == text.size;
}

/* What is not printable ASCII becomes "?": whoever wrote the text should not get to write on the terminal. */
struct document_excerpt document_excerpt(const char *text, size_t size) {
  struct document_excerpt excerpt = {{0}};
  size_t shown = size < DOCUMENT_EXCERPT ? size : DOCUMENT_EXCERPT;
  for (size_t i = 0; i < shown; i++)
    excerpt.text[i] = (text[i] >= 0x20 && text[i] < 0x7F) ? text[i] : '?';
  if (shown < size) memcpy(excerpt.text + shown, "...", 3);
  return excerpt;
}
