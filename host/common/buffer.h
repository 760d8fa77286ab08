/* Bytes that grow, up to a limit, and then refuse: the host's side of a sink. Also where the toolkit's writers write
 * when the host itself makes JSON. */
#ifndef COMMON_BUFFER_H
#define COMMON_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "refund_connector.h"

struct buffer {
  refund_bytes sink; /* first: a sink's address is its buffer's */
  char *data;        /* with a NUL behind it; NULL while nothing was written */
  size_t size;
  size_t capacity;
  size_t limit;
  bool failed; /* over the limit or out of memory; stays so, what was written stays */
};

/* limit 0: none but memory. */
void buffer_open(struct buffer *buffer, size_t limit);
void buffer_close(struct buffer *buffer); /* overwrites what it held: it may have been secret */
void buffer_reset(struct buffer *buffer); /* empty again, memory kept */
bool buffer_write(struct buffer *buffer, const void *data, size_t size);
refund_text buffer_text(const struct buffer *buffer); /* there, even if empty; valid until the next write */

#endif
