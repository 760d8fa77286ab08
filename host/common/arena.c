#include "common/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 * 1024, ALIGNMENT = 16 };

struct block {
  struct block *next;
  size_t used;
  size_t room;
  size_t unused; /* keeps `bytes` aligned */
  unsigned char bytes[];
};

struct arena {
  struct block *blocks; /* the current one first */
  size_t used;
  size_t limit;
};

struct arena *arena_open(size_t limit) {
  struct arena *arena = calloc(1, sizeof *arena);
  if (arena != NULL) arena->limit = limit;
  return arena;
}

void arena_close(struct arena *arena) {
  if (arena == NULL) return;
  for (struct block *block = arena->blocks; block != NULL;) {
    struct block *next = block->next;
    explicit_bzero(block->bytes, block->used); /* it may have held a credential */
    free(block);
    block = next;
  }
  free(arena);
}

void *arena_allocate(struct arena *arena, size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (rounded == 0) rounded = ALIGNMENT;
  if (arena->limit != 0 && rounded > arena->limit - arena->used) return NULL;
  struct block *block = arena->blocks;
  if (block == NULL || rounded > block->room - block->used) {
    size_t room = rounded > BLOCK ? rounded : BLOCK;
    block = calloc(1, sizeof *block + room);
    if (block == NULL) return NULL;
    block->room = room;
    block->next = arena->blocks;
    arena->blocks = block;
  }
  void *memory = block->bytes + block->used;
  block->used += rounded;
  arena->used += rounded;
  return memory;
}

refund_text arena_copy(struct arena *arena, refund_text text) {
  refund_text copy = {NULL, 0};
  if (text.data == NULL) return copy;
  char *data = arena_allocate(arena, text.size + 1);
  if (data == NULL) return copy;
  if (text.size != 0) memcpy(data, text.data, text.size);
  copy.data = data;
  copy.size = text.size;
  return copy;
}

refund_text arena_format(struct arena *arena, const char *format, ...) {
  refund_text text = {NULL, 0};
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int size = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char *data = size < 0 ? NULL : arena_allocate(arena, (size_t)size + 1);
  if (data != NULL) {
    vsnprintf(data, (size_t)size + 1, format, again);
    text.data = data;
    text.size = (uint64_t)size;
  }
  va_end(again);
  return text;
}
