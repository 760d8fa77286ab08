/* Is this ledger the original? A copy or a backup does not know what was sent since it was made. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/rows.h"

static uint64_t inode_of(const struct ledger *ledger) {
  struct stat status;
  return stat(ledger_real_path(ledger), &status) == 0 ? status.st_ino : 0;
}

static bool read_identity(struct ledger *ledger, struct arena *arena, struct ledger_identity *identity,
                          struct error *error) {
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  switch (ledger_find(ledger, &identity_table, "ORDER BY id LIMIT 1", NULL, 0, arena, identity, error)) {
    case LEDGER_FOUND:
      return true;
    case LEDGER_FAILED:
      return false;
    case LEDGER_NONE:
      break;
  }
  error_set(error, ERROR_LEDGER, "--ledger", "the ledger %s has lost its id", ledger->path);
  return error_fix(error, "restore it from a backup");
}

/* NULL: it is the original. `mark` NULL: there is none, as with a ledger that was just made. */
static const char *doubt(const struct mark *mark, const struct ledger_identity *identity, uint64_t inode) {
  if (mark == NULL) return identity->generation <= 1 ? NULL : "no LEDGER.owners beside it";
  if (mark->copied) return "it was no original when it was last written to";
  if (identity->ledger_id.data == NULL || strcmp(mark->ledger_id, identity->ledger_id.data) != 0) {
    return "the LEDGER.owners of another ledger beside it";
  }
  if (mark->generation > identity->generation) return "a ledger that is behind what LEDGER.owners says";
  return mark->inode != inode ? "another file than the one that LEDGER.owners names" : NULL;
}

static struct mark mark_of(const struct ledger_identity *identity, uint64_t inode) {
  struct mark mark = {.generation = identity->generation, .inode = inode};
  if (identity->ledger_id.data != NULL) snprintf(mark.ledger_id, sizeof mark.ledger_id, "%s", identity->ledger_id.data);
  return mark;
}

/* The mark is read first: it is written after the commit that it tells of, so it cannot be ahead by that. */
bool ledger_is_original(struct ledger *ledger, struct error *error) {
  struct mark mark;
  struct ledger_identity identity;
  bool marked = mark_read(&ledger->beside, &mark);
  struct arena *arena = arena_open(0);
  bool read = read_identity(ledger, arena, &identity, error);
  const char *why = read ? doubt(marked ? &mark : NULL, &identity, inode_of(ledger)) : NULL;
  arena_close(arena);
  if (!read || why == NULL) return read;
  error_set(error, ERROR_LEDGER, "--ledger",
            "the ledger %s was copied or restored, so it may not know what was sent since", ledger->path);
  error_found(error, "%s", why);
  return error_fix(error, "end whatever still uses the original, then: refund-host resume --restored");
}

bool ledger_accept_copy(struct ledger *ledger, struct error *error) {
  struct mark before;
  struct ledger_identity identity;
  if (!ledger_take_turn(ledger, error)) return false;
  struct arena *arena = arena_open(0);
  bool accepted = read_identity(ledger, arena, &identity, error);
  if (accepted) {
    struct mark mark = mark_of(&identity, inode_of(ledger));
    mark.broken = mark_read(&ledger->beside, &before) && before.broken;
    accepted = mark_write(&ledger->beside, &mark);
    if (!accepted)
      error_set(error, ERROR_LEDGER, "--ledger", "%s.owners cannot be written: %s", ledger->path, strerror(errno));
    mark_sync(&ledger->beside, ledger_real_path(ledger));
  }
  arena_close(arena);
  ledger_rollback(ledger);
  return accepted;
}

/* What stands beside a ledger that is being made is of one that was there before. */
bool ledger_count_generation(struct ledger *ledger, struct mark *mark, struct error *error) {
  struct mark before;
  struct ledger_identity identity;
  uint64_t inode = inode_of(ledger);
  struct arena *arena = arena_open(0);
  bool counted = read_identity(ledger, arena, &identity, error);
  if (counted) {
    bool marked = identity.generation > 0 && mark_read(&ledger->beside, &before);
    bool copied = doubt(marked ? &before : NULL, &identity, inode) != NULL;
    identity.generation++;
    counted = ledger_put(ledger, &identity_table, &identity, "1", error);
    *mark = mark_of(&identity, inode);
    mark->copied = copied;
    mark->broken = marked && before.broken;
  }
  arena_close(arena);
  return counted;
}

/* One that died after it made the tables and before it wrote the mark left no copy. */
bool ledger_mark_new(struct ledger *ledger, struct error *error) {
  struct mark mark;
  if (mark_read(&ledger->beside, &mark)) return true;
  return !ledger_is_original(ledger, NULL) || ledger_accept_copy(ledger, error);
}

void ledger_mark_broken(struct ledger *ledger, bool broken) {
  struct mark mark;
  if (!mark_read(&ledger->beside, &mark)) mark = (struct mark){.ledger_id = "-", .copied = true};
  mark.broken = broken;
  mark_write(&ledger->beside, &mark);
}
