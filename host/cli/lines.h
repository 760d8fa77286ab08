/* Files of lines, read as a whole before anything is done with them. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "common/arena.h"
#include "common/error.h"

enum { LINES_FILE_LIMIT = 1024 * 1024 * 1024 };

/* Begins as {text}. */
struct lines {
  refund_text rest; /* not looked at yet */
  refund_text line; /* without its end */
  size_t number;    /* of the line, from 1 */
};
bool lines_next(struct lines *lines); /* the next one that is not blank */
bool line_is_blank(refund_text line);

/* A file whose last line has no end may have been cut there, in the middle of an amount. Not so standard input ("-"),
 * which tells when it breaks off. */
bool lines_are_whole(const char *path, refund_text text, struct error *error);

/* Says in the message which line it is. */
void line_named(struct error *error, size_t number);

#endif
