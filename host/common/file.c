#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"

enum { SECRET_LIMIT = 4 * 1024 * 1024 };

static bool read_all(struct arena *arena, int descriptor, const char *path, size_t limit, refund_text *out,
                     struct error *error) {
  char block[16 * 1024];
  struct buffer buffer;
  ssize_t got;
  bool done = false;
  buffer_open(&buffer, limit);
  while ((got = read(descriptor, block, sizeof block)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      error_set(error, ERROR_INPUT, path, "cannot read %s: %s", path, strerror(errno));
      goto cleanup;
    }
    if (!buffer_write(&buffer, block, (size_t)got)) {
      error_set(error, ERROR_INPUT, path, "%s is too large", path);
      error_expected(error, "at most %zu bytes", limit);
      goto cleanup;
    }
  }
  *out = arena_copy(arena, buffer_text(&buffer));
  done = out->data != NULL || error_set(error, ERROR_HOST, NULL, "out of memory");
cleanup:
  explicit_bzero(block, sizeof block);
  buffer_close(&buffer);
  return done;
}

bool file_read(struct arena *arena, const char *path, size_t limit, refund_text *out, struct error *error) {
  if (strcmp(path, "-") == 0) return read_all(arena, STDIN_FILENO, "standard input", limit, out, error);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return error_set(error, ERROR_INPUT, path, "cannot open %s: %s", path, strerror(errno));
  bool done = read_all(arena, descriptor, path, limit, out, error);
  close(descriptor);
  return done;
}

static bool check_secret(int descriptor, const char *path, enum error_code code, const char *field,
                         struct error *error) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return error_set(error, code, field, "%s is not a regular file", path);
  }
  unsigned mode = (unsigned)status.st_mode & 07777u;
  if (status.st_uid != 0 && status.st_uid != geteuid()) {
    error_set(error, code, field, "%s belongs to another user", path);
    error_expected(error, "owned by root or by user %u", (unsigned)geteuid());
    error_found(error, "user %u", (unsigned)status.st_uid);
    return error_fix(error, "chown it to the user that runs this program");
  }
  unsigned forbidden = status.st_uid == 0 ? 0026u : 0066u; /* write: group, others; read: others, group unless root's */
  if ((mode & forbidden) == 0) return true;
  error_set(error, code, field, "%s can be read or changed by others, and it holds secrets", path);
  error_expected(error, "mode 0600%s", status.st_uid == 0 ? " or 0640" : "");
  error_found(error, "mode 0%03o", mode);
  return error_fix(error, "chmod 600 %s", path);
}

bool file_read_secret(struct arena *arena, const char *path, enum error_code code, const char *field, refund_text *out,
                      struct error *error) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) {
    error_set(error, code, field, "cannot open %s: %s", path, strerror(errno));
    return false;
  }
  bool done =
      check_secret(descriptor, path, code, field, error) && read_all(arena, descriptor, path, SECRET_LIMIT, out, error);
  if (!done && error != NULL) error->code = code;
  close(descriptor);
  return done;
}
