/* Is this shared object one that the host may load, and where in it is its descriptor? Decided from the bytes of the
 * file: nothing is mapped or run. Finds mistakes, not malice. The rules: plugin-api/docs/loading.md. */
#ifndef CONNECTOR_ELF_IMAGE_H
#define CONNECTOR_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Where `refund_connector` lies; all of it comes from the file, and is read-only once relocated. */
struct elf_image {
  size_t offset;    /* in the file */
  uint64_t address; /* as linked: add the load address */
  size_t size;      /* bytes, as the symbol states */
};

/* Errors are ERROR_CONNECTOR, with expected, found and fix. Any bytes at all may be given. */
bool elf_image_inspect(struct elf_image *image, const void *bytes, size_t size, struct error *error);

#endif
