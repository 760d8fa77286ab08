/* The files of a connector directory, read so that nobody but their owner can have changed them, and so that changing
 * them meanwhile does no harm: into memory of our own, never mapped. */
#ifndef CONNECTOR_PLUGIN_FILE_H
#define CONNECTOR_PLUGIN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define PLUGIN_FILE_LIMIT ((size_t)64 * 1024 * 1024)

/* Grows and is used again for the next file. Start with zeros; release with plugin_bytes_close(). */
struct plugin_bytes {
  unsigned char *data;
  size_t size;
  size_t capacity;
};

/* The descriptor of an open directory that only root or the effective user can write to, or -1. */
int plugin_directory_open(const char *path, struct error *error);

/* The names in it that are exactly *.so, sorted by their bytes; release with plugin_directory_free(). */
bool plugin_directory_list(int directory, const char *path, char ***names, size_t *count, struct error *error);
void plugin_directory_free(char **names, size_t count);

/* Reads a regular file, without following a link. Errors are ERROR_CONNECTOR; `path` is for their texts. */
bool plugin_file_read(struct plugin_bytes *bytes, int directory, const char *name, const char *path,
                      struct error *error);
void plugin_bytes_close(struct plugin_bytes *bytes);

#endif
