/* Comma-separated values (RFC 4180): fields in quotes may hold commas, line ends and, doubled, quotes. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include "common/arena.h"
#include "common/error.h"

enum { CSV_FIELDS = 16 };

/* Begins as {text, .arena}. */
struct csv {
  refund_text rest; /* not looked at yet */
  struct arena *arena;
  char *room;                     /* for one field, as long as the whole text */
  size_t next;                    /* the line that comes next, less one */
  size_t number;                  /* of the line that the record begins in, from 1 */
  refund_text fields[CSV_FIELDS]; /* NUL-terminated, in the arena */
  size_t count;
};

enum csv_found { CSV_BAD = -1, CSV_END = 0, CSV_RECORD = 1 };
/* The next record that is not an empty line. After a bad one comes the line behind it. */
enum csv_found csv_next(struct csv *csv, struct error *error);

#endif
