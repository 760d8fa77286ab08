#include "connector/sealed_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

static bool refuse(struct error *error, const char *what) {
  error_set(error, ERROR_HOST, NULL, "%s", what);
  error_expected(error, "a kernel with memfd_create and file seals");
  error_found(error, "%s", strerror(errno));
  return error_fix(error, "allow both to the process, or use --direct-load");
}

/* Without execute permission: the loader maps, it does not execute, and hardened kernels refuse the other kind. Kernels
 * before 6.3 do not know the flag. */
static int create(const char *name) {
  int copy = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  return copy >= 0 || errno != EINVAL ? copy : memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static bool write_whole(int file, const unsigned char *bytes, size_t size) {
  while (size > 0) {
    ssize_t put = write(file, bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    size -= (size_t)put;
  }
  return true;
}

int sealed_copy_make(const char *id, const void *bytes, size_t size, struct error *error) {
  char name[64];
  snprintf(name, sizeof name, "connector:%s", id);
  int copy = create(name);
  if (copy < 0) {
    refuse(error, "memory for a connector cannot be set aside");
    return -1;
  }
  if (write_whole(copy, bytes, size) && fcntl(copy, F_ADD_SEALS, SEALS) == 0) return copy;
  refuse(error, "the copy of a connector cannot be written and sealed");
  close(copy);
  return -1;
}

bool sealed_copy_path(int copy, char path[SEALED_COPY_PATH_SIZE], struct error *error) {
  struct stat by_name;
  struct stat by_number;
  snprintf(path, SEALED_COPY_PATH_SIZE, "/proc/self/fd/%d", copy);
  if (stat(path, &by_name) == 0 && fstat(copy, &by_number) == 0 && by_name.st_ino == by_number.st_ino &&
      by_name.st_dev == by_number.st_dev) {
    return true;
  }
  error_set(error, ERROR_HOST, "/proc", "connectors are loaded through /proc/self/fd, but /proc is not there");
  error_expected(error, "a mounted /proc");
  error_found(error, "no %s", path);
  return error_fix(error, "mount it: mount -t proc proc /proc");
}
