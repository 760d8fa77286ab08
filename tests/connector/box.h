/* A private folder to put connectors into: what the zoo holds, under any name, owned and protected as the test wants.
 */
#ifndef TESTS_CONNECTOR_BOX_H
#define TESTS_CONNECTOR_BOX_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOX_UNUSED __attribute__((unused))

struct box {
  char path[64];
};

struct bytes {
  unsigned char *data;
  size_t size;
};

static BOX_UNUSED struct bytes box_read(const char *path) {
  struct bytes bytes = {0};
  FILE *file = fopen(path, "rb");
  cr_assert(file != NULL, "%s is missing", path);
  fseek(file, 0, SEEK_END);
  bytes.size = (size_t)ftell(file);
  rewind(file);
  bytes.data = malloc(bytes.size + 1);
  cr_assert_eq(fread(bytes.data, 1, bytes.size, file), bytes.size);
  fclose(file);
  return bytes;
}

/* A file of the zoo: build/tests/zoo/ANIMAL/ANIMAL.so. */
static BOX_UNUSED struct bytes box_zoo(const char *animal) {
  char path[512];
  snprintf(path, sizeof path, ZOO_DIR "/%s/%s.so", animal, animal);
  return box_read(path);
}

static BOX_UNUSED struct box box_open(void) {
  struct box box = {"/tmp/refund-host-box-XXXXXX"};
  cr_assert(mkdtemp(box.path) != NULL);
  return box;
}

static BOX_UNUSED void box_path(const struct box *box, const char *name, char path[512]) {
  snprintf(path, 512, "%s/%s", box->path, name);
}

static BOX_UNUSED void box_put(const struct box *box, const char *name, const void *data, size_t size) {
  char path[512];
  box_path(box, name, path);
  FILE *file = fopen(path, "wb");
  cr_assert(file != NULL);
  cr_assert_eq(fwrite(data, 1, size, file), size);
  fclose(file);
  cr_assert_eq(chmod(path, 0644), 0);
}

static BOX_UNUSED void box_put_animal(const struct box *box, const char *animal, const char *name) {
  struct bytes bytes = box_zoo(animal);
  box_put(box, name, bytes.data, bytes.size);
  free(bytes.data);
}

static BOX_UNUSED void box_close(struct box *box) {
  DIR *stream = opendir(box->path);
  for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      unlinkat(dirfd(stream), entry->d_name, entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    }
  }
  closedir(stream);
  rmdir(box->path);
}

#endif
