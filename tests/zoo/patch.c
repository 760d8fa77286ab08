/* zoo-patch CHANGE GOOD OUT: writes the good connector with one change that linkers do not make on demand. */
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image {
  unsigned char *bytes;
  size_t size;
};

static Elf64_Ehdr *header_of(struct image *image) {
  return (void *)image->bytes;
}

/* The first segment of that type that has all of `flags`. */
static Elf64_Phdr *segment_of(struct image *image, unsigned type, unsigned flags) {
  Elf64_Phdr *segments = (void *)(image->bytes + header_of(image)->e_phoff);
  for (unsigned i = 0; i < header_of(image)->e_phnum; i++) {
    if (segments[i].p_type == type && (segments[i].p_flags & flags) == flags) return &segments[i];
  }
  fprintf(stderr, "zoo-patch: no such segment\n");
  exit(1);
}

static void other_machine(struct image *image) {
  header_of(image)->e_machine = header_of(image)->e_machine == EM_X86_64 ? EM_AARCH64 : EM_X86_64;
}

static void other_class(struct image *image) {
  image->bytes[EI_CLASS] = ELFCLASS32;
}

static void other_type(struct image *image) {
  header_of(image)->e_type = ET_EXEC;
}

static void truncated(struct image *image) {
  image->size /= 2;
}

static void empty(struct image *image) {
  image->size = 0;
}

static void text(struct image *image) {
  static const char words[] = "#!/bin/sh\necho This is not a shared object.\n";
  memcpy(image->bytes, words, sizeof words - 1);
  image->size = sizeof words - 1;
}

static void executable_stack(struct image *image) {
  segment_of(image, PT_GNU_STACK, 0)->p_flags |= PF_X;
}

static void no_stack(struct image *image) {
  segment_of(image, PT_GNU_STACK, 0)->p_type = PT_NULL;
}

static void writable_code(struct image *image) {
  segment_of(image, PT_LOAD, PF_X)->p_flags |= PF_W;
}

static void program(struct image *image) {
  Elf64_Phdr *segment = segment_of(image, PT_DYNAMIC, 0);
  Elf64_Dyn *tags = (void *)(image->bytes + segment->p_offset);
  for (size_t i = 0; i < segment->p_filesz / sizeof *tags; i++) {
    if (tags[i].d_tag == DT_FLAGS_1) tags[i].d_un.d_val |= DF_1_PIE;
  }
}

static const struct {
  const char *name;
  void (*apply)(struct image *image);
} changes[] = {
    {"other-machine", other_machine},
    {"other-class", other_class},
    {"other-type", other_type},
    {"truncated", truncated},
    {"empty", empty},
    {"text", text},
    {"executable-stack", executable_stack},
    {"no-stack", no_stack},
    {"writable-code", writable_code},
    {"position-independent-program", program},
};

static bool read_whole(struct image *image, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) return false;
  image->size = (size_t)ftell(file);
  image->bytes = malloc(image->size);
  rewind(file);
  bool whole = image->bytes != NULL && fread(image->bytes, 1, image->size, file) == image->size;
  fclose(file);
  return whole;
}

static bool write_whole(const struct image *image, const char *path) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) return false;
  bool whole = fwrite(image->bytes, 1, image->size, file) == image->size;
  return fclose(file) == 0 && whole;
}

int main(int count, char **arguments) {
  struct image image = {0};
  bool done = false;
  if (count == 4 && read_whole(&image, arguments[2])) {
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
      if (strcmp(changes[i].name, arguments[1]) != 0) continue;
      changes[i].apply(&image);
      done = write_whole(&image, arguments[3]);
    }
  }
  free(image.bytes);
  if (!done) fprintf(stderr, "usage: zoo-patch CHANGE GOOD OUT\n");
  return done ? 0 : 1;
}
