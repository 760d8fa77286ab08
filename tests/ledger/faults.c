#include "ledger/faults.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { KINDS = 8 };

/* SQLite has other methods for the log than for the file; a kind begins with what stands in for its methods. */
struct kind {
  sqlite3_io_methods failing;
  const sqlite3_io_methods *whole;
};

static struct {
  struct faults faults;
  sqlite3_vfs *system;
  sqlite3_vfs vfs;
  struct kind kinds[KINDS];
} disk;

static const sqlite3_io_methods *whole_of(const sqlite3_file *file) {
  return ((const struct kind *)(const void *)file->pMethods)->whole;
}

static int write_or_fail(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at) {
  if (disk.faults.write == 0) return whole_of(file)->xWrite(file, bytes, size, at);
  errno = disk.faults.write;
  return errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE; /* as SQLite's own does */
}

static int sync_or_fail(sqlite3_file *file, int flags) {
  if (disk.faults.sync == 0) return whole_of(file)->xSync(file, flags);
  errno = disk.faults.sync;
  return SQLITE_IOERR_FSYNC;
}

static int open_failing(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  struct kind *kind = disk.kinds;
  int code = disk.system->xOpen(disk.system, name, file, flags, out);
  if (file->pMethods == NULL) return code;
  while (kind->whole != NULL && kind->whole != file->pMethods)
    kind++;
  cr_assert_lt(kind - disk.kinds, KINDS);
  kind->whole = file->pMethods;
  kind->failing = *kind->whole;
  kind->failing.xWrite = write_or_fail;
  kind->failing.xSync = sync_or_fail;
  file->pMethods = &kind->failing;
  return code;
}

struct faults *faults_install(void) {
  disk.system = sqlite3_vfs_find(NULL);
  disk.vfs = *disk.system;
  disk.vfs.zName = "failing";
  disk.vfs.pNext = NULL;
  disk.vfs.xOpen = open_failing;
  cr_assert_eq(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
  return &disk.faults;
}

/* Stands before the C library's in this program. */
__attribute__((visibility("default"))) int statfs(const char *path, struct statfs *status) {
  int code = (int)syscall(SYS_statfs, path, status);
  if (code == 0 && disk.faults.far) status->f_type = NFS_SUPER_MAGIC;
  return code;
}
