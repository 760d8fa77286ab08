#include "connector/plugin_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(struct error *error, const char *path, const char *what, const char *expected, const char *found,
                   const char *fix) {
  error_set(error, ERROR_CONNECTOR, path, "%s", what);
  error_expected(error, "%s", expected);
  error_found(error, "%s", found);
  return error_fix(error, "%s", fix);
}

static bool no_memory(struct error *error) {
  return error_set(error, ERROR_HOST, NULL, "out of memory");
}

/* Whoever can write here decides what code runs with the credentials. `thing`: "file" or "directory". */
static bool check_owner(const struct stat *status, const char *path, const char *thing, struct error *error) {
  if (status->st_uid != 0 && status->st_uid != geteuid()) {
    error_set(error, ERROR_CONNECTOR, path, "the connector %s belongs to another user", thing);
    error_expected(error, "root or user %lu as its owner", (unsigned long)geteuid());
    error_found(error, "user %lu", (unsigned long)status->st_uid);
    return error_fix(error, "chown it to root or to the user who runs refund-host");
  }
  if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    error_set(error, ERROR_CONNECTOR, path, "the connector %s can be written to by others", thing);
    error_expected(error, "permission to write for its owner only");
    error_found(error, "mode %04o", (unsigned)(status->st_mode & 07777));
    return error_fix(error, "chmod go-w it, after making sure that it is what you installed");
  }
  return true;
}

int plugin_directory_open(const char *path, struct error *error) {
  struct stat status;
  int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0 || fstat(directory, &status) != 0) {
    error_set(error, ERROR_CONNECTOR, path, "the connector directory %s cannot be opened", path);
    error_expected(error, "a directory that can be read");
    error_found(error, "%s", strerror(errno));
    error_fix(error, "create it, or name another one with --plugins");
  } else if (check_owner(&status, path, "directory", error)) {
    return directory;
  }
  if (directory >= 0) close(directory);
  return -1;
}

/* Exactly *.so: package managers and editors leave names such as foo.so.dpkg-new and .foo.so.swp behind. */
static bool is_plugin_name(const char *name) {
  size_t size = strlen(name);
  return name[0] != '.' && size > 3 && strcmp(name + size - 3, ".so") == 0;
}

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool append_name(char ***names, size_t *count, const char *name) {
  if ((*count & (*count - 1)) == 0) { /* full at each power of two */
    char **grown = realloc(*names, (*count == 0 ? 1 : *count * 2) * sizeof **names);
    if (grown == NULL) return false;
    *names = grown;
  }
  (*names)[*count] = strdup(name);
  if ((*names)[*count] == NULL) return false;
  (*count)++;
  return true;
}

bool plugin_directory_list(int directory, const char *path, char ***names, size_t *count, struct error *error) {
  bool listed = false;
  *names = NULL;
  *count = 0;
  int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (stream == NULL) {
    if (fd >= 0) close(fd);
    return refuse(error, path, "the connector directory cannot be read", "a directory that can be read",
                  strerror(errno), "give the user who runs refund-host permission to read it");
  }
  errno = 0;
  for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
    if (!is_plugin_name(entry->d_name)) continue;
    if (!append_name(names, count, entry->d_name)) {
      no_memory(error);
      goto cleanup;
    }
    errno = 0;
  }
  if (errno != 0) {
    refuse(error, path, "the connector directory cannot be read to its end", "a directory that can be read",
           strerror(errno), "check the file system");
    goto cleanup;
  }
  if (*count > 1) qsort(*names, *count, sizeof **names, by_bytes);
  listed = true;

cleanup:
  closedir(stream);
  if (!listed) {
    plugin_directory_free(*names, *count);
    *names = NULL;
    *count = 0;
  }
  return listed;
}

void plugin_directory_free(char **names, size_t count) {
  for (size_t i = 0; i < count; i++)
    free(names[i]);
  free(names);
}

static bool check_regular(const struct stat *status, const char *path, struct error *error) {
  if (!S_ISREG(status->st_mode)) {
    return refuse(error, path, "the connector is not a regular file", "a regular file",
                  S_ISDIR(status->st_mode) ? "a directory" : "a device, pipe or socket",
                  "remove it from the connector directory");
  }
  if ((unsigned long long)status->st_size <= PLUGIN_FILE_LIMIT) return true;
  error_set(error, ERROR_CONNECTOR, path, "the connector is too large");
  error_expected(error, "at most %zu bytes", PLUGIN_FILE_LIMIT);
  error_found(error, "%lld bytes", (long long)status->st_size);
  return error_fix(error, "strip it, or remove it from the connector directory");
}

static int open_file(int directory, const char *name, const char *path, struct error *error) {
  /* O_NONBLOCK: a pipe of that name must not make the host wait. */
  int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file >= 0) return file;
  if (errno == ELOOP) {
    refuse(error, path, "the connector is a symbolic link", "a regular file", "a symbolic link",
           "copy the file itself into the connector directory");
  } else {
    refuse(error, path, "the connector cannot be opened", "a regular file that can be read", strerror(errno),
           "give the user who runs refund-host permission to read it");
  }
  return -1;
}

static bool reserve(struct plugin_bytes *bytes, size_t size, struct error *error) {
  if (size <= bytes->capacity) return true;
  free(bytes->data);
  bytes->data = malloc(size);
  bytes->capacity = bytes->data == NULL ? 0 : size;
  return bytes->data != NULL || no_memory(error);
}

static bool read_whole(struct plugin_bytes *bytes, int file, size_t size, const char *path, struct error *error) {
  if (!reserve(bytes, size, error)) return false;
  while (bytes->size < size) {
    ssize_t got = read(file, bytes->data + bytes->size, size - bytes->size);
    if (got > 0) bytes->size += (size_t)got;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      return refuse(error, path, "the connector cannot be read to its end", "a file that stays as it is",
                    got < 0 ? strerror(errno) : "one that became shorter meanwhile",
                    "install connectors by renaming a complete file into place");
    }
  }
  return true;
}

bool plugin_file_read(struct plugin_bytes *bytes, int directory, const char *name, const char *path,
                      struct error *error) {
  bool read = false;
  struct stat status;
  bytes->size = 0;
  int file = open_file(directory, name, path, error);
  if (file < 0) return false;
  if (fstat(file, &status) != 0) {
    refuse(error, path, "the connector cannot be read", "a regular file", strerror(errno), "check the file system");
    goto cleanup;
  }
  read = check_regular(&status, path, error) && check_owner(&status, path, "file", error) &&
         read_whole(bytes, file, (size_t)status.st_size, path, error);

cleanup:
  close(file);
  return read;
}

void plugin_bytes_close(struct plugin_bytes *bytes) {
  free(bytes->data);
  *bytes = (struct plugin_bytes){0};
}
