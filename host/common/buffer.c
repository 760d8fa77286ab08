#include "common/buffer.h"

#include <stdlib.h>
#include <string.h>

static int32_t sink_write(refund_bytes *sink, const void *data, uint64_t size) {
  return buffer_write((struct buffer *)(void *)sink, data, size) ? REFUND_OK : REFUND_SINK_REFUSED;
}

void buffer_open(struct buffer *buffer, size_t limit) {
  memset(buffer, 0, sizeof *buffer);
  buffer->sink.size = sizeof buffer->sink;
  buffer->sink.write = sink_write;
  buffer->limit = limit;
}

void buffer_close(struct buffer *buffer) {
  if (buffer->data != NULL) explicit_bzero(buffer->data, buffer->capacity);
  free(buffer->data);
  buffer->data = NULL;
  buffer->size = buffer->capacity = 0;
}

void buffer_reset(struct buffer *buffer) {
  buffer->size = 0;
  buffer->failed = false;
  if (buffer->data != NULL) buffer->data[0] = '\0';
}

/* A moved buffer leaves no copy behind: it may hold a credential. */
static bool grow(struct buffer *buffer, size_t needed) {
  size_t capacity = buffer->capacity == 0 ? 256 : buffer->capacity;
  while (capacity < needed)
    capacity *= 2;
  char *data = malloc(capacity);
  if (data == NULL) return false;
  if (buffer->size != 0) memcpy(data, buffer->data, buffer->size);
  if (buffer->data != NULL) explicit_bzero(buffer->data, buffer->capacity);
  free(buffer->data);
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

bool buffer_write(struct buffer *buffer, const void *data, size_t size) {
  if (buffer->failed) return false;
  size_t limit = buffer->limit == 0 ? SIZE_MAX / 4 : buffer->limit;
  if (size > limit - buffer->size || (size != 0 && data == NULL)) {
    buffer->failed = true;
    return false;
  }
  if (buffer->size + size + 1 > buffer->capacity && !grow(buffer, buffer->size + size + 1)) {
    buffer->failed = true;
    return false;
  }
  if (size != 0) memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  buffer->data[buffer->size] = '\0';
  return true;
}

refund_text buffer_text(const struct buffer *buffer) {
  refund_text text = {buffer->data == NULL ? "" : buffer->data, buffer->size};
  return text;
}
