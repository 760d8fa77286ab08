/* Maps a connector that was inspected, and proves that what is mapped is what was inspected. The one place where code
 * of a connector can run. */
#ifndef CONNECTOR_LOADED_IMAGE_H
#define CONNECTOR_LOADED_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "connector/elf_image.h"
#include "refund_connector.h"

struct loaded_request {
  const char *file;              /* what dlopen() is given; holds a slash */
  const struct elf_image *image; /* of the bytes that were inspected */
  const void *descriptor;        /* in those bytes; all of image->size */
  size_t flow_count;
};

/* The descriptor as mapped, or NULL. *mapped: the file was mapped, which is for ever, also where a proof then fails:
 * its name must not be given to anything else. */
const refund_descriptor *loaded_image_open(const struct loaded_request *request, bool *mapped, struct error *error);

#endif
