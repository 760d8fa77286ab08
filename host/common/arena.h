/* Memory that is freed all at once: of one refund, one document, one connector call.
 * An arena belongs to one thread at a time. */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

#include "refund_connector.h"

struct arena;

/* limit: bytes it may hand out in all; 0: none. NULL when out of memory. */
struct arena *arena_open(size_t limit);
void arena_close(struct arena *arena);

/* Zeroed, aligned to 16 bytes; NULL over the limit or out of memory. */
void *arena_allocate(struct arena *arena, size_t size);

/* A copy with a NUL behind it (not counted); text that is not there stays so. Not-there too when out of memory: callers
 * that must tell the two apart look at text.data. */
refund_text arena_copy(struct arena *arena, refund_text text);

/* Formatted text, NUL-terminated; not there when out of memory. */
refund_text arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
