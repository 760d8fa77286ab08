/* Preloaded into refund-host: the operating system misbehaves, once or from some call on, for the files of a ledger.
 * CRASH_SHIM="KIND:N", N counting from 1 over the calls that the kind is about:
 *   sync-fails    the N-th fdatasync or fsync says EIO
 *   sync-kills    so it does, and at the next write or sync the process is killed
 *   full          from the N-th write on there is no space
 *   torn          the N-th write leaves half of what it should, and the process is killed
 *   no-room       the file system says that it has no room (N: any)
 *   read-only     nothing opens for writing (N: any)
 *   other-boot    the system was started anew since (N: any)
 * Says "crash shim: struck" on standard error when it does. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static _Atomic long writes;
static _Atomic long syncs;
static _Atomic bool doomed;

/* The number behind the kind, 0 if it is another kind that is wanted. */
static long wanted(const char *kind) {
  const char *text = getenv("CRASH_SHIM");
  size_t size = strlen(kind);
  return text == NULL || strncmp(text, kind, size) != 0 || text[size] != ':' ? 0 : strtol(text + size + 1, NULL, 10);
}

static void strike(void) {
  static const char line[] = "crash shim: struck\n";
  ssize_t written = NEXT(write)(STDERR_FILENO, line, sizeof line - 1);
  (void)written;
}

static bool is_ledger(const char *path) {
  return strstr(path, "/ledger.db") != NULL;
}

static bool is_of_ledger(int fd) {
  char link[64];
  char path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = '\0';
  return is_ledger(path);
}

static void end_if_doomed(void) {
  if (doomed) kill(getpid(), SIGKILL);
}

static int sync_or_fail(int fd, int (*real)(int)) {
  if (!is_of_ledger(fd)) return real(fd);
  end_if_doomed();
  long number = ++syncs;
  bool kills = number == wanted("sync-kills");
  if (!kills && number != wanted("sync-fails")) return real(fd);
  strike();
  doomed = kills;
  errno = EIO;
  return -1;
}

int fdatasync(int fd) {
  return sync_or_fail(fd, NEXT(fdatasync));
}

int fsync(int fd) {
  return sync_or_fail(fd, NEXT(fsync));
}

/* How much of a write is done; negative: all. */
static ssize_t share(int fd, size_t size) {
  if (!is_of_ledger(fd)) return -1;
  end_if_doomed();
  long number = ++writes;
  long full_from = wanted("full");
  if (full_from != 0 && number >= full_from) return 0;
  return number == wanted("torn") ? (ssize_t)(size / 2) : -1;
}

static ssize_t cut_short(ssize_t written, ssize_t done) {
  strike();
  if (done > 0 || wanted("torn") != 0) kill(getpid(), SIGKILL);
  (void)written;
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  ssize_t done = share(fd, size);
  if (done < 0) return NEXT(pwrite64)(fd, data, size, at);
  return cut_short(done == 0 ? 0 : NEXT(pwrite64)(fd, data, (size_t)done, at), done);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return pwrite64(fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size) {
  ssize_t done = share(fd, size);
  if (done < 0) return NEXT(write)(fd, data, size);
  return cut_short(done == 0 ? 0 : NEXT(write)(fd, data, (size_t)done), done);
}

static int answer_room(int code, struct statvfs *room) {
  if (code == 0 && wanted("no-room") != 0) {
    strike();
    room->f_bavail = room->f_bfree = 0;
  }
  return code;
}

int statvfs(const char *path, struct statvfs *room) {
  return answer_room(NEXT(statvfs)(path, room), room);
}

int fstatvfs(int fd, struct statvfs *room) {
  return answer_room(NEXT(fstatvfs)(fd, room), room);
}

static bool refuses(const char *path, int flags) {
  if ((flags & O_ACCMODE) == O_RDONLY || !is_ledger(path) || wanted("read-only") == 0) return false;
  strike();
  errno = EROFS;
  return true;
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return refuses(path, flags) ? -1 : NEXT(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return refuses(path, flags) ? -1 : NEXT(open64)(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
  static char boot[] = "00000000-1111-2222-3333-444444444444\n";
  if (wanted("other-boot") == 0 || strcmp(path, "/proc/sys/kernel/random/boot_id") != 0) return NEXT(fopen)(path, mode);
  strike();
  return fmemopen(boot, sizeof boot - 1, "r");
}
