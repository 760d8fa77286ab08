/* Any file that lies in a connector directory: inspected as a shared object, and as far as that goes, its descriptor.
 *
 * Seeds: the connectors of the build, e.g. build-fuzz/tests/zoo/good/good.so and its neighbours; copy them into the
 * corpus folder. An input that starts with the descriptor's magic is read as a descriptor itself, so that its half is
 * reached without a whole file around it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "connector/descriptor.h"
#include "connector/elf_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted must hold what the rest of the host relies on. */
static void check_descriptor(const uint8_t *data, size_t size) {
  refund_descriptor descriptor;
  struct error error = {.code = ERROR_NONE};
  bool described;
  bool accepted = descriptor_read(&descriptor, &described, data, size, &error);
  if (accepted != (error.code == ERROR_NONE)) abort();
  if (described && memchr(descriptor.id, '\0', sizeof descriptor.id) == NULL) abort();
  if (accepted && (!described || descriptor_flow_count(&descriptor) == 0)) abort();
  if (!accepted && (error.message[0] == '\0' || error.fix[0] == '\0')) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct elf_image image;
  struct error error = {.code = ERROR_NONE};
  if (size >= sizeof REFUND_MAGIC && memcmp(data, REFUND_MAGIC, sizeof REFUND_MAGIC) == 0) {
    check_descriptor(data, size);
  } else if (elf_image_inspect(&image, data, size, &error)) {
    if (image.offset > size || image.size > size - image.offset) abort();
    check_descriptor(data + image.offset, image.size);
  } else if (error.code != ERROR_CONNECTOR || error.fix[0] == '\0') {
    abort();
  }
  return 0;
}
