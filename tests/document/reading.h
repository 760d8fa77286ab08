/* What the tests of the document reader share: an arena, a document read into it, and short ways to ask. */
#ifndef TESTS_DOCUMENT_READING_H
#define TESTS_DOCUMENT_READING_H

#include <criterion/criterion.h>
#include <string.h>

#include "document/document.h"

struct reading {
  struct arena *arena;
  const refund_node *root;
  struct error error;
};

static inline refund_text reading_text(const char *string) {
  return (refund_text){string, strlen(string)};
}

/* The bytes come from a block of just their size, so that the sanitizer sees a step beyond it. */
static inline struct reading reading_open(int32_t format, refund_text bytes) {
  struct reading reading = {.arena = arena_open(0)};
  char *exact = malloc(bytes.size == 0 ? 1 : bytes.size);
  if (bytes.size != 0) memcpy(exact, bytes.data, bytes.size);
  reading.root = document_read(reading.arena, format, (refund_text){exact, bytes.size}, &reading.error);
  free(exact);
  return reading;
}

static inline void reading_close(struct reading *reading) {
  arena_close(reading->arena);
}

static inline bool reading_is(refund_text text, const char *string) {
  return text.data != NULL && text.size == strlen(string) && memcmp(text.data, string, text.size) == 0;
}

static inline bool reading_accepts(int32_t format, const char *string) {
  struct reading reading = reading_open(format, reading_text(string));
  reading_close(&reading);
  return reading.root != NULL;
}

/* Refused, and said so as ERROR_INPUT with a reason. */
static inline bool reading_refuses(int32_t format, refund_text bytes) {
  struct reading reading = reading_open(format, bytes);
  reading_close(&reading);
  return reading.root == NULL && reading.error.code == ERROR_INPUT && reading.error.message[0] != '\0';
}

/* With every room from too little to enough: refused with ERROR_INPUT, until it is read. */
static inline void reading_in_every_room(int32_t format, const char *string) {
  bool read = false;
  for (size_t limit = 16; !read; limit += 16) {
    struct arena *arena = arena_open(limit);
    struct error error = {0};
    read = document_read(arena, format, reading_text(string), &error) != NULL;
    cr_expect(read ? limit > 16 : error.code == ERROR_INPUT, "limit %zu", limit);
    cr_assert_lt(limit, 4096);
    arena_close(arena);
  }
}

/* Does the text at `path` read like this? NULL: it should not be there. */
static inline bool reading_has(const refund_node *root, const char *path, const char *string) {
  refund_text text = document_text(document_find(root, path));
  return string == NULL ? text.data == NULL : reading_is(text, string);
}

#endif
