/* Reading whole files, with the rules for those that hold secrets. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/error.h"

/* A secret file is a regular file, owned by root or the effective user, not writable by group or others, not readable
 * by others, and readable by its group only if owned by root. `field` names it in the error, of code `code`. */
bool file_read_secret(struct arena *arena, const char *path, enum error_code code, const char *field, refund_text *out,
                      struct error *error);

/* Any file, or standard input for "-". Up to `limit` bytes. */
bool file_read(struct arena *arena, const char *path, size_t limit, refund_text *out, struct error *error);

#endif
