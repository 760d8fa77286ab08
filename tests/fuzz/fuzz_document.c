/* The document reader on anything. The first byte picks the format; the rest is the text. What is read must keep the
 * promises of document.h, and its canonical form must be a fixed point. */
#include <stdlib.h>
#include <string.h>

#include "document/document.h"

enum { PATH = 4096, ARENA = 64 * 1024 * 1024 };

static void require(bool promise) {
  if (!promise) abort();
}

static bool is_text(refund_text text) {
  return text.data == NULL ? text.size == 0 : document_is_utf8(text) && memchr(text.data, '\0', text.size) == NULL;
}

/* ---- Every node ---- */

static void check_kind(int32_t format, const refund_node *node, int32_t parent) {
  int32_t kind = document_kind(node);
  bool is_parent = kind == REFUND_KIND_OBJECT || kind == REFUND_KIND_ARRAY || kind == REFUND_KIND_ELEMENT;
  bool has_text = kind >= REFUND_KIND_STRING && kind != REFUND_KIND_NULL;
  require(kind > REFUND_KIND_NONE && kind <= REFUND_KIND_ELEMENT);
  require(is_parent || document_first(node) == NULL);
  require(has_text == (document_text(node).data != NULL));
  require((format == REFUND_JSON) == (document_source(node).data != NULL));
  bool has_name = kind == REFUND_KIND_ELEMENT || parent == REFUND_KIND_OBJECT || parent == REFUND_KIND_ELEMENT;
  require(has_name == (document_name(node).data != NULL));
}

/* Appends "/step" to the path, spelled as find() wants it; false where there is no room. */
static bool add_step(char *path, const refund_node *node, int32_t parent) {
  size_t at = strlen(path);
  refund_text name = document_name(node);
  if (at + 2 * name.size + 4 > PATH) return false;
  if (at != 0) path[at++] = '/';
  if (parent == REFUND_KIND_ELEMENT && document_kind(node) == REFUND_KIND_STRING) path[at++] = '@';
  for (size_t i = 0; i < name.size; i++) {
    bool special = name.data[i] == '/' || name.data[i] == '~';
    if (special) path[at++] = '~';
    path[at++] = special ? (name.data[i] == '/' ? '1' : '0') : name.data[i];
  }
  path[at] = '\0';
  return true;
}

/* Members have one name each, so the path leads back; of an element's children it leads to the first of that name. */
static void check_found(const refund_node *from, const refund_node *node, int32_t parent) {
  char path[PATH] = "";
  if (!add_step(path, node, parent) || path[0] == '\0') return;
  const refund_node *found = document_find(from, path);
  require(found != NULL);
  require(parent == REFUND_KIND_ELEMENT ? document_kind(found) == document_kind(node) : found == node);
}

static void check_tree(int32_t format, const refund_node *node, int32_t parent, int depth) {
  require(depth <= DOCUMENT_DEPTH + 1);
  check_kind(format, node, parent);
  require(is_text(document_name(node)) && is_text(document_text(node)) && is_text(document_source(node)));
  int32_t kind = document_kind(node);
  size_t count = 0;
  for (const refund_node *child = document_first(node); child != NULL; child = document_next(child)) {
    check_tree(format, child, kind, depth + 1);
    if (kind != REFUND_KIND_ARRAY && count++ < 64) check_found(node, child, kind);
  }
}

/* ---- Laws ---- */

static void check_source(struct arena *arena, const refund_node *node) {
  const refund_node *again = document_read(arena, REFUND_JSON, document_source(node), NULL);
  require(again != NULL && document_kind(again) == document_kind(node));
}

static void check_canonical(struct arena *arena, const refund_node *root) {
  struct buffer first;
  struct buffer second;
  buffer_open(&first, 0);
  buffer_open(&second, 0);
  require(document_canonical(root, &first));
  if (first.size <= DOCUMENT_SIZE) { /* a form's percents may grow into escapes */
    const refund_node *again = document_read(arena, REFUND_JSON, buffer_text(&first), NULL);
    require(again != NULL && document_canonical(again, &second));
    require(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
  }
  buffer_close(&first);
  buffer_close(&second);
}

/* The bytes as a path, too: nothing that find() is asked may lead it astray. */
static void find_anything(const refund_node *root, const uint8_t *data, size_t size) {
  char path[64];
  size_t length = size < sizeof path - 1 ? size : sizeof path - 1;
  memcpy(path, data + size - length, length);
  path[length] = '\0';
  document_find(root, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  int32_t format = REFUND_JSON + data[0] % 3;
  struct arena *arena = arena_open(ARENA);
  if (arena == NULL) return 0;
  struct error error = {0};
  refund_text bytes = {(const char *)data + 1, size - 1};
  const refund_node *root = document_read(arena, format, bytes, &error);
  if (root == NULL) {
    require(error.code == ERROR_INPUT && error.message[0] != '\0');
  } else {
    check_tree(format, root, REFUND_KIND_NONE, 1);
    if (format == REFUND_JSON) check_source(arena, root);
    if (format != REFUND_XML) check_canonical(arena, root);
    find_anything(root, data + 1, size - 1);
  }
  arena_close(arena);
  return 0;
}
