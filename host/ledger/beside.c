#include "ledger/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWNERS_FROM = 4096, TURN_AT = 0, LINE_SIZE = 101 };

/* ---- The files ---- */

static int open_beside(const char *ledger, const char *ending, bool readonly) {
  char *path;
  if (asprintf(&path, "%s%s", ledger, ending) < 0) return -1;
  int descriptor = open(path, readonly ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0 && !readonly) fchmod(descriptor, 0600); /* whatever the umask took away */
  if (descriptor < 0 && !readonly && errno == EEXIST) descriptor = open(path, O_RDWR | O_CLOEXEC);
  free(path);
  return descriptor;
}

bool beside_open(struct beside *beside, const char *ledger, bool readonly) {
  beside->owners = open_beside(ledger, ".owners", readonly);
  if (readonly) return beside->owners >= 0 || errno == ENOENT;
  if (beside->owners >= 0) beside->turn = open_beside(ledger, ".turn", false);
  return beside->turn >= 0;
}

void beside_close(struct beside *beside) {
  if (beside->owners >= 0) close(beside->owners);
  if (beside->turn >= 0) close(beside->turn);
  beside->owners = beside->turn = -1;
}

/* ---- Locks ---- */

static struct flock byte_at(short type, int64_t at) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
}

bool beside_take_turn(struct beside *beside) {
  struct flock turn = byte_at(F_WRLCK, TURN_AT);
  int done;
  do {
    done = fcntl(beside->turn, F_OFD_SETLKW, &turn);
  } while (done != 0 && errno == EINTR);
  return done == 0;
}

void beside_leave_turn(struct beside *beside) {
  struct flock turn = byte_at(F_UNLCK, TURN_AT);
  fcntl(beside->turn, F_OFD_SETLK, &turn);
}

bool beside_take_owner(struct beside *beside, int64_t owner, bool *taken) {
  struct flock byte = byte_at(F_WRLCK, OWNERS_FROM + owner);
  *taken = fcntl(beside->owners, F_OFD_SETLK, &byte) == 0;
  return *taken || errno == EAGAIN || errno == EACCES;
}

/* What cannot be asked is taken to live: its refunds wait, none is sent twice. */
bool beside_owner_lives(struct beside *beside, int64_t owner) {
  struct flock byte = byte_at(F_WRLCK, OWNERS_FROM + owner);
  if (beside->owners < 0) return false;
  return fcntl(beside->owners, F_OFD_GETLK, &byte) != 0 || byte.l_type != F_UNLCK;
}

/* ---- The mark: a line of one length, so that the next one covers it ---- */

bool mark_read(const struct beside *beside, struct mark *mark) {
  char line[LINE_SIZE + 1] = "";
  char copied[9];
  char broken[9];
  long long generation;
  unsigned long long inode;
  if (beside->owners < 0 || pread(beside->owners, line, LINE_SIZE, 0) != LINE_SIZE || line[LINE_SIZE - 1] != '\n' ||
      sscanf(line, "%32s %lld %llu %8s %8s", mark->ledger_id, &generation, &inode, copied, broken) != 5) {
    return false;
  }
  mark->generation = generation;
  mark->inode = inode;
  mark->copied = strcmp(copied, "copied") == 0;
  mark->broken = strcmp(broken, "broken") == 0;
  return true;
}

bool mark_write(const struct beside *beside, const struct mark *mark) {
  char line[LINE_SIZE + 1];
  int size = snprintf(line, sizeof line, "%-32.32s %20lld %20llu %-12s %-12s\n", mark->ledger_id,
                      (long long)mark->generation, (unsigned long long)mark->inode,
                      mark->copied ? "copied" : "original", mark->broken ? "broken" : "whole");
  return size == LINE_SIZE && pwrite(beside->owners, line, LINE_SIZE, 0) == LINE_SIZE;
}

void mark_sync(const struct beside *beside, const char *ledger) {
  char *folder = strdup(ledger);
  char *slash = folder == NULL ? NULL : strrchr(folder, '/');
  fsync(beside->owners);
  if (slash != NULL) {
    slash[slash == folder] = '\0';
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
      fsync(descriptor);
      close(descriptor);
    }
  }
  free(folder);
}
