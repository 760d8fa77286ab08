/* Where a ledger is: on which file system, and how much room that has. */
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "ledger/rows.h"

enum { RESERVE = 16 * 1024 * 1024, MIB = 1024 * 1024 };

/* Locks on these are not those that SQLite and we rely on, or their memory is not shared between machines. */
bool ledger_is_far(int64_t file_system) {
  static const uint32_t far[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, AFS_SUPER_MAGIC,
                                 AFS_FS_MAGIC,    CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC, V9FS_MAGIC};
  for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
    if ((uint32_t)file_system == far[i]) return true;
  }
  return false;
}

/* Of the file, or of the first folder above it that is there. */
bool ledger_check_place(const char *path, struct error *error) {
  struct statfs system;
  char *at = strdup(path);
  if (at == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  int found = statfs(at, &system);
  for (char *slash = strrchr(at, '/'); found != 0 && slash != NULL && slash != at; slash = strrchr(at, '/')) {
    *slash = '\0';
    found = statfs(at, &system);
  }
  if (found != 0) found = statfs(at[0] == '/' ? "/" : ".", &system);
  free(at);
  if (found != 0 || !ledger_is_far(system.f_type)) return true;
  error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s is on a network file system", path);
  error_expected(error, "a local one: two machines could send the same refund");
  return error_fix(error, "put it on a disk of this machine");
}

bool ledger_has_room(struct ledger *ledger, int64_t bytes, struct error *error) {
  struct statvfs system;
  if (statvfs(ledger_real_path(ledger), &system) != 0) {
    return error_set(error, ERROR_LEDGER, "--ledger", "the disk of the ledger %s cannot be asked for room: %s",
                     ledger->path, strerror(errno));
  }
  uint64_t wanted = (uint64_t)bytes + RESERVE;
  uint64_t block = system.f_frsize == 0 ? 1 : system.f_frsize;
  if (bytes >= 0 && wanted / block < system.f_bavail) return true;
  error_set(error, ERROR_LEDGER, "--ledger", "the disk of the ledger %s has no room for what is to come", ledger->path);
  error_expected(error, "%llu MiB", (unsigned long long)(wanted / MIB + 1));
  error_found(error, "%llu MiB", (unsigned long long)(system.f_bavail * block / MIB));
  return error_fix(error, "free space on its disk");
}
