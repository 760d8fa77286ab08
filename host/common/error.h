/* What went wrong, as a value: what, expected against found, how to fix it. Nothing below cli/ prints. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stdbool.h>

/* The codes of the JSON error object; the program's exit status follows from them (cli/report.c). */
enum error_code {
  ERROR_NONE,
  ERROR_USAGE,         /* the command line */
  ERROR_INPUT,         /* a refund object, a file of ours */
  ERROR_ACCOUNT,       /* the accounts file, a credential */
  ERROR_CONNECTOR,     /* a plugin: missing, refused, or it answered nonsense */
  ERROR_CONFLICT,      /* the same refund id with other content */
  ERROR_OVER_CAPTURED, /* more than the payment has left */
  ERROR_OVER_HELD,     /* the same, of a payment that is over-refunded already: needs a person */
  ERROR_NOT_FOUND,
  ERROR_LEDGER,
  ERROR_HOST /* memory, the system, a bug */
};

struct error {
  enum error_code code;
  char field[128];    /* the member, option or file it is about; empty: none */
  char message[768];  /* one sentence for a person, without a final stop */
  char expected[384]; /* empty: nothing to say; so for the next two */
  char found[384];
  char fix[384];
};

/* Each sets its part, cut to fit at a character's end. error_set clears the others. They return false, so that a
 * caller can write `return error_set(...)`. `error` may be NULL. */
bool error_set(struct error *error, enum error_code code, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool error_expected(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_found(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_fix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "input", "over_captured" ... */
const char *error_code_name(enum error_code code);

#endif
