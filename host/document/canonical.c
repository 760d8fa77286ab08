/* The canonical form of JSON: one text for all texts that say the same, so that a fingerprint of it tells whether two
 * refund objects do. Numbers stay as written: 10 and 10.0 are different texts to whoever signs or stores them. */
#include <stdlib.h>
#include <string.h>

#include "document/node.h"

static bool put_chars(struct buffer *out, const char *chars) {
  return buffer_write(out, chars, strlen(chars));
}

static bool put_escape(struct buffer *out, unsigned char c) {
  static const char shorts[0x20] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
  static const char digits[] = "0123456789abcdef";
  char letter = c >= 0x20 ? (char)c : shorts[c];
  if (letter != '\0') return buffer_write(out, (char[]){'\\', letter}, 2);
  return buffer_write(out, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
}

static bool put_string(struct buffer *out, const char *text, size_t size) {
  size_t written = 0;
  bool good = put_chars(out, "\"");
  for (size_t i = 0; i < size && good; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    good = buffer_write(out, text + written, i - written) && put_escape(out, c);
    written = i + 1;
  }
  return good && buffer_write(out, text + written, size - written) && put_chars(out, "\"");
}

static bool put_node(struct buffer *out, const refund_node *node);

static bool put_array(struct buffer *out, const refund_node *array) {
  bool good = put_chars(out, "[");
  for (const refund_node *item = array->first; item != NULL && good; item = item->next) {
    good = (item == array->first || put_chars(out, ",")) && put_node(out, item);
  }
  return good && put_chars(out, "]");
}

static bool put_object(struct buffer *out, const refund_node *object) {
  size_t count = 0;
  for (const refund_node *member = object->first; member != NULL; member = member->next)
    count++;
  const refund_node **sorted = document_sorted(object, count);
  if (sorted == NULL) return false;
  bool good = put_chars(out, "{");
  for (size_t i = 0; i < count && good; i++) {
    good = (i == 0 || put_chars(out, ",")) && put_string(out, sorted[i]->name, sorted[i]->name_size) &&
           put_chars(out, ":") && put_node(out, sorted[i]);
  }
  free(sorted);
  return good && put_chars(out, "}");
}

static bool put_node(struct buffer *out, const refund_node *node) {
  switch (node->kind) {
    case REFUND_KIND_OBJECT:
      return put_object(out, node);
    case REFUND_KIND_ARRAY:
      return put_array(out, node);
    case REFUND_KIND_STRING:
      return put_string(out, node->text, node->text_size);
    case REFUND_KIND_NUMBER:
    case REFUND_KIND_BOOLEAN:
      return buffer_write(out, node->text, node->text_size);
    case REFUND_KIND_NULL:
      return put_chars(out, "null");
    default: /* XML has no such form */
      return false;
  }
}

bool document_canonical(const refund_node *node, struct buffer *out) {
  return node != NULL && put_node(out, node);
}
