/* Bytes in a file without a name that nobody can change any more, for the dynamic loader to map. */
#ifndef CONNECTOR_SEALED_COPY_H
#define CONNECTOR_SEALED_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define SEALED_COPY_PATH_SIZE 32

/* The descriptor of the copy, called "connector:ID" in /proc/self/maps, or -1. */
int sealed_copy_make(const char *id, const void *bytes, size_t size, struct error *error);

/* The name to open it by. False where /proc is not mounted. */
bool sealed_copy_path(int copy, char path[SEALED_COPY_PATH_SIZE], struct error *error);

#endif
