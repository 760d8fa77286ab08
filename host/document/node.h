/* The inside of a tree, and what the readers of the three formats share. For host/document/ alone: everybody else has
 * document.h. */
#ifndef DOCUMENT_NODE_H
#define DOCUMENT_NODE_H

#include <stddef.h>

#include "document/document.h"

/* 64 bytes, because hostile text can ask for a node with every second byte. Sizes fit 32 bits: no text is longer than
 * DOCUMENT_SIZE, or twice that where ISO-8859-1 becomes UTF-8. */
struct refund_node {
  struct refund_node *first;
  struct refund_node *next;
  const char *name;   /* NULL: has none */
  const char *text;   /* NULL: not there */
  const char *source; /* NULL: not JSON */
  uint32_t name_size;
  uint32_t text_size;
  uint32_t source_size;
  int32_t kind;
};

/* A node whose children are still coming. */
struct document_parent {
  struct refund_node *node;
  struct refund_node *last;
  size_t count;
};

void document_append(struct document_parent *parent, struct refund_node *child);

/* The readers. `bytes` is a copy in the arena that the tree may point into, without a byte order mark; a form's is
 * decoded in place. XML gets the caller's bytes, mark and all: expat reads the encoding from them. */
const refund_node *document_read_json(struct arena *arena, char *bytes, size_t size, struct error *error);
const refund_node *document_read_form(struct arena *arena, char *bytes, size_t size, struct error *error);
const refund_node *document_read_xml(struct arena *arena, const char *bytes, size_t size, struct error *error);

/* Bytes of the longest start of `text` that is UTF-8; its size if all is. */
size_t document_utf8_prefix(refund_text text);

/* The `count` children of a node by their names' bytes. From malloc(): the caller frees. NULL when out of memory. */
const refund_node **document_sorted(const refund_node *parent, size_t count);

/* Looks for two children of one name, in n log n steps whatever the names are. False when out of memory; else *one and
 * *other are such a pair, or NULL. */
bool document_find_twice(const refund_node *parent, size_t count, const refund_node **one, const refund_node **other);

/* Foreign text in an error: at most 20 bytes of it, nothing that would act on a terminal. */
enum { DOCUMENT_EXCERPT = 20 };
struct document_excerpt {
  char text[DOCUMENT_EXCERPT + sizeof "..."];
};
struct document_excerpt document_excerpt(const char *text, size_t size);

#endif
