#include "connector/catalog.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connector/descriptor.h"
#include "connector/elf_image.h"
#include "connector/loaded_image.h"
#include "connector/plugin_file.h"
#include "connector/sealed_copy.h"

struct file {
  struct catalog_entry entry;
  int directory; /* borrowed from the catalog */
  char *path;
  const char *name;                   /* the end of path */
  const refund_vtable *const *tables; /* once loaded */
};

struct catalog {
  bool direct_load;
  catalog_loaded *loaded;
  int *directories;
  size_t directory_count;
  struct file **files; /* apart from each other, so that an entry stays where it is */
  size_t count;
};

static bool no_memory(struct error *error) {
  return error_set(error, ERROR_HOST, NULL, "out of memory");
}

/* ---- Opening: what is there? ---- */

/* Inspects the bytes; *descriptor and *described as of descriptor_read(). */
static bool inspect(const struct plugin_bytes *bytes, struct elf_image *image, refund_descriptor *descriptor,
                    bool *described, struct error *error) {
  *described = false;
  return elf_image_inspect(image, bytes->data, bytes->size, error) &&
         descriptor_read(descriptor, described, bytes->data + image->offset, image->size, error);
}

static const struct file *holder_of(const struct catalog *catalog, const char *id) {
  for (size_t i = 0; i < catalog->count; i++) {
    const struct catalog_entry *entry = &catalog->files[i]->entry;
    if (entry->accepted && strcmp(entry->descriptor.id, id) == 0) return catalog->files[i];
  }
  return NULL;
}

static bool check_unique(const struct catalog *catalog, const struct file *file, struct error *error) {
  const struct file *holder = holder_of(catalog, file->entry.descriptor.id);
  if (holder == NULL) return true;
  error_set(error, ERROR_CONNECTOR, file->path, "the connector id %s is taken: %s comes before %s",
            file->entry.descriptor.id, holder->path, file->path);
  error_expected(error, "each id in one file only");
  error_found(error, "%s in %s and in %s", file->entry.descriptor.id, holder->path, file->path);
  return error_fix(error, "remove one of the two files");
}

static struct file *file_make(int directory, const char *parent, const char *name) {
  struct file *file = calloc(1, sizeof *file);
  if (file == NULL) return NULL;
  size_t parent_size = strlen(parent);
  while (parent_size > 1 && parent[parent_size - 1] == '/')
    parent_size--;
  int size = asprintf(&file->path, "%.*s/%s", (int)parent_size, parent, name);
  if (size < 0) {
    free(file);
    return NULL;
  }
  file->directory = directory;
  file->name = file->path + (size_t)size - strlen(name);
  file->entry.path = file->path;
  return file;
}

/* One file; never fails for what is in it: then the entry says why it was refused. */
static bool add_file(struct catalog *catalog, struct plugin_bytes *bytes, int directory, const char *parent,
                     const char *name) {
  struct file **grown = realloc(catalog->files, (catalog->count + 1) * sizeof *grown);
  if (grown == NULL) return false;
  catalog->files = grown;
  struct file *file = file_make(directory, parent, name);
  if (file == NULL) return false;
  struct catalog_entry *entry = &file->entry;
  struct elf_image image;
  entry->accepted = plugin_file_read(bytes, directory, name, file->path, &entry->refusal) &&
                    inspect(bytes, &image, &entry->descriptor, &entry->described, &entry->refusal) &&
                    check_unique(catalog, file, &entry->refusal);
  if (!entry->described) memset(&entry->descriptor, 0, sizeof entry->descriptor);
  catalog->files[catalog->count++] = file;
  return true;
}

/* The same directory under two names would refuse each of its connectors as its own double. */
static bool is_open(const struct catalog *catalog, int directory) {
  struct stat status;
  struct stat other;
  if (fstat(directory, &status) != 0) return false;
  for (size_t i = 0; i < catalog->directory_count; i++) {
    if (fstat(catalog->directories[i], &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino) {
      return true;
    }
  }
  return false;
}

static bool add_directory(struct catalog *catalog, struct plugin_bytes *bytes, const char *path, struct error *error) {
  bool added = false;
  char **names = NULL;
  size_t count = 0;
  int directory = plugin_directory_open(path, error);
  if (directory < 0) return false;
  if (is_open(catalog, directory)) {
    close(directory);
    return true;
  }
  catalog->directories[catalog->directory_count++] = directory;
  if (!plugin_directory_list(directory, path, &names, &count, error)) return false;
  for (size_t i = 0; i < count; i++) {
    if (!add_file(catalog, bytes, directory, path, names[i])) {
      no_memory(error);
      goto cleanup;
    }
  }
  added = true;

cleanup:
  plugin_directory_free(names, count);
  return added;
}

struct catalog *catalog_open(const struct catalog_options *options, struct error *error) {
  bool opened = false;
  struct plugin_bytes bytes = {0};
  struct catalog *catalog = calloc(1, sizeof *catalog);
  if (catalog == NULL) {
    no_memory(error);
    return NULL;
  }
  catalog->direct_load = options->direct_load;
  catalog->loaded = options->loaded;
  catalog->directories = calloc(options->directory_count + 1, sizeof *catalog->directories);
  if (catalog->directories == NULL) {
    no_memory(error);
    goto cleanup;
  }
  for (size_t i = 0; i < options->directory_count; i++) {
    if (!add_directory(catalog, &bytes, options->directories[i], error)) goto cleanup;
  }
  opened = true;

cleanup:
  plugin_bytes_close(&bytes);
  if (opened) return catalog;
  catalog_close(catalog);
  return NULL;
}

/* Copies that were mapped keep their descriptors: the loader knows them by their number, and would take a new copy that
 * got the same number for the old one. */
void catalog_close(struct catalog *catalog) {
  if (catalog == NULL) return;
  for (size_t i = 0; i < catalog->directory_count; i++)
    close(catalog->directories[i]);
  for (size_t i = 0; i < catalog->count; i++) {
    free(catalog->files[i]->path);
    free(catalog->files[i]);
  }
  free(catalog->directories);
  free(catalog->files);
  free(catalog);
}

/* ---- Looking up ---- */

size_t catalog_count(const struct catalog *catalog) {
  return catalog->count;
}

const struct catalog_entry *catalog_entry(const struct catalog *catalog, size_t index) {
  return index < catalog->count ? &catalog->files[index]->entry : NULL;
}

/* Is this what somebody who asks for `id` means: by its descriptor, or by its file's name? */
static bool is_meant(const struct file *file, const char *id) {
  if (file->entry.described) return strcmp(file->entry.descriptor.id, id) == 0;
  return strlen(file->name) == strlen(id) + 3 && strncmp(file->name, id, strlen(id)) == 0;
}

static void say_what_is_there(const struct catalog *catalog, const char *id, struct error *error) {
  char list[sizeof error->expected] = "";
  size_t size = 0;
  for (size_t i = 0; i < catalog->count && size < sizeof list; i++) {
    const struct catalog_entry *entry = &catalog->files[i]->entry;
    if (!entry->accepted) continue;
    size += (size_t)snprintf(list + size, sizeof list - size, "%s%s", size == 0 ? "" : ", ", entry->descriptor.id);
  }
  if (size >= sizeof list) memcpy(list + sizeof list - 4, "...", 4);
  error_set(error, ERROR_CONNECTOR, "connector", "no connector has the id %s", id);
  error_expected(error, "%s", list[0] == '\0' ? "a connector to be installed" : list);
  error_found(error, "%s", id);
  error_fix(error, "install it into a connector directory, or correct the id");
}

const struct catalog_entry *catalog_find(const struct catalog *catalog, const char *id, struct error *error) {
  const struct file *holder = holder_of(catalog, id);
  if (holder != NULL) return &holder->entry;
  for (size_t i = 0; i < catalog->count; i++) {
    const struct catalog_entry *entry = &catalog->files[i]->entry;
    if (!is_meant(catalog->files[i], id)) continue;
    error_set(error, ERROR_CONNECTOR, "connector", "the connector %s (%s) was refused: %s", id, entry->path,
              entry->refusal.message);
    error_expected(error, "%s", entry->refusal.expected);
    error_found(error, "%s", entry->refusal.found);
    error_fix(error, "%s", entry->refusal.fix);
    return NULL;
  }
  say_what_is_there(catalog, id, error);
  return NULL;
}

/* ---- Loading ---- */

static struct file *file_of(const struct catalog *catalog, const struct catalog_entry *entry) {
  for (size_t i = 0; i < catalog->count; i++) {
    if (&catalog->files[i]->entry == entry) return catalog->files[i];
  }
  return NULL;
}

static bool digest(const struct plugin_bytes *bytes, char text[65], struct error *error) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(bytes->data, bytes->size, sum, &size, EVP_sha256(), NULL) != 1 || size != 32) {
    return error_set(error, ERROR_HOST, NULL, "SHA-256 cannot be computed");
  }
  for (size_t i = 0; i < size; i++)
    snprintf(text + 2 * i, 3, "%02x", sum[i]);
  return true;
}

/* Reads the file once more (eighty of them are not kept in memory) and inspects what it is now. It must still be what
 * was listed: the host has planned with that. */
static bool reread(struct file *file, struct plugin_bytes *bytes, struct elf_image *image, struct error *error) {
  struct catalog_entry *entry = &file->entry;
  refund_descriptor descriptor;
  bool described;
  char sum[sizeof entry->sha256] = "";
  if (!plugin_file_read(bytes, file->directory, file->name, file->path, error) ||
      !inspect(bytes, image, &descriptor, &described, error) || !digest(bytes, sum, error)) {
    return false;
  }
  bool same = memcmp(&descriptor, &entry->descriptor, sizeof descriptor) == 0 &&
              (entry->sha256[0] == '\0' || strcmp(sum, entry->sha256) == 0);
  if (!same) {
    error_set(error, ERROR_CONNECTOR, file->path, "the connector %s was replaced since the host started",
              entry->descriptor.id);
    error_expected(error, "%s %s as it was found", entry->descriptor.id, entry->descriptor.version);
    error_found(error, "%s %s, another file", descriptor.id, descriptor.version);
    return error_fix(error, "start refund-host again");
  }
  memcpy(entry->sha256, sum, sizeof sum);
  return true;
}

/* The copy is made of the very bytes that were inspected. Its descriptor is kept once it is mapped. */
static const refund_descriptor *load_copy(const struct file *file, const struct plugin_bytes *bytes,
                                          struct loaded_request *request, bool *mapped, struct error *error) {
  char path[SEALED_COPY_PATH_SIZE];
  const refund_descriptor *loaded = NULL;
  int copy = sealed_copy_make(file->entry.descriptor.id, bytes->data, bytes->size, error);
  if (copy < 0) return NULL;
  if (sealed_copy_path(copy, path, error)) {
    request->file = path;
    loaded = loaded_image_open(request, mapped, error);
  }
  if (!*mapped) close(copy);
  return loaded;
}

static bool load(const struct catalog *catalog, struct file *file, struct plugin_bytes *bytes, bool *mapped,
                 struct error *error) {
  struct elf_image image;
  if (!reread(file, bytes, &image, error)) return false;
  struct loaded_request request = {.file = file->path,
                                   .image = &image,
                                   .descriptor = bytes->data + image.offset,
                                   .flow_count = descriptor_flow_count(&file->entry.descriptor)};
  const refund_descriptor *loaded = catalog->direct_load ? loaded_image_open(&request, mapped, error)
                                                         : load_copy(file, bytes, &request, mapped, error);
  if (loaded != NULL) file->tables = loaded->tables;
  return loaded != NULL;
}

bool catalog_digest(struct catalog *catalog, const struct catalog_entry *entry, struct error *error) {
  struct file *file = file_of(catalog, entry);
  struct plugin_bytes bytes = {0};
  struct elf_image image;
  assert(file != NULL);
  if (entry->sha256[0] != '\0') return true;
  bool read = entry->accepted ? reread(file, &bytes, &image, error)
                              : plugin_file_read(&bytes, file->directory, file->name, file->path, error) &&
                                    digest(&bytes, file->entry.sha256, error);
  plugin_bytes_close(&bytes);
  return read;
}

bool catalog_load(struct catalog *catalog, const struct catalog_entry *entry, const refund_vtable *const **tables,
                  struct error *error) {
  struct file *file = file_of(catalog, entry);
  struct plugin_bytes bytes = {0};
  assert(file != NULL);
  *tables = NULL;
  if (!entry->accepted) {
    if (error != NULL) *error = entry->refusal;
    return false;
  }
  if (file->tables == NULL) {
    struct error refusal = {.code = ERROR_NONE};
    bool mapped = false;
    if (!load(catalog, file, &bytes, &mapped, &refusal)) {
      /* What is mapped stays, and so does its fault: the next one who asks is told the same. Others may pass. */
      if (mapped) {
        file->entry.accepted = false;
        file->entry.refusal = refusal;
      }
      if (error != NULL) *error = refusal;
    } else if (catalog->loaded != NULL) {
      catalog->loaded(&file->entry);
    }
    plugin_bytes_close(&bytes);
  }
  *tables = file->tables;
  return file->tables != NULL;
}
