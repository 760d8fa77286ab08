/* What the stand-in processor knows: payments, refunds, idempotency keys with the answers kept under them.
 *
 * Amounts are minor units. To answer a request is one step that nobody may see half done (look at the key, carry out,
 * keep the answer), so the lock is the caller's: every function below but open and close is called between
 * books_lock() and books_unlock(), and what they return is valid until the unlock. */
#ifndef SIMULATOR_BOOKS_H
#define SIMULATOR_BOOKS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct books;

struct payment {
  char *id; /* first: it is looked up by it; so in struct refund */
  int64_t captured;
  int64_t refunded; /* failed refunds do not count */
  char currency[4]; /* upper case */
  struct refund *newest;
  struct payment *next; /* in the order in which they were first used */
};

struct refund {
  char *id;
  const char *api; /* the one that made it, and the only one that shows it */
  struct payment *payment;
  int64_t amount;
  const char *status;
  char *reference; /* the merchant's; NULL: none */
  char *key;       /* the idempotency key it came with; NULL: none */
  char *details;   /* a JSON object of the API's own; NULL: none */
  int64_t created; /* seconds since 1970 */
  int64_t visible; /* the clock from which on look-ups and syncs see it */
  unsigned posts;  /* that were answered with this refund: the first one and its repeats */
  unsigned syncs;
  struct refund *older_of_payment;
  struct refund *older_of_reference;
  struct refund *older;
  struct refund *newer;
};

/* A request to refund; all but `status` as the request has it. */
struct order {
  const char *api;
  const char *prefix; /* of the refund's id */
  const char *payment;
  int64_t amount;       /* 0: what is left */
  const char *currency; /* NULL: not said, the payment's */
  const char *status;   /* static: the refund's first status */
  const char *reference;
  const char *key;
  const char *details;
  int64_t now;
};

enum verdict {
  BOOKS_REFUNDED,
  BOOKS_NO_PAYMENT,
  BOOKS_OTHER_CURRENCY,
  BOOKS_ALREADY_REFUNDED,
  BOOKS_TOO_MUCH,
  BOOKS_NO_MEMORY
};

/* An answer kept under an idempotency key, and the request it answered. */
struct reply {
  char *name;
  char *request;
  size_t request_size;
  unsigned status;
  char *body;
  const char *content_type; /* static; NULL: JSON */
  struct refund *refund;    /* NULL: a refusal */
  int64_t from;             /* the clock at which the key becomes known, and that at which it is forgotten */
  int64_t until;
};

struct counters {
  uint64_t posts;
  uint64_t gets;
  uint64_t refunds_created;
  uint64_t replayed;
};

/* `run` goes into the refund ids: another run, other ids. NULL when out of memory. */
struct books *books_open(uint64_t run);
void books_close(struct books *books);
void books_lock(struct books *books);
void books_unlock(struct books *books);

/* "ID=AMOUNT:CURRENCY"; a later word about the same id counts. */
bool books_declare(struct books *books, const char *declaration, struct error *error);

/* Declared ones, and every pi_N, ch_N, py_N, pay_N (N: digits), which comes into being here. NULL: unknown. */
struct payment *books_payment(struct books *books, const char *id);

enum verdict books_refund(struct books *books, const struct order *order, struct refund **made);

/* NULL: no such refund of this API. */
struct refund *books_find(struct books *books, const char *api, const char *id);
struct refund *books_newest(struct books *books);
struct refund *books_newest_of_reference(struct books *books, const char *reference);

/* Somebody asked for this very refund: one that is pending has succeeded at the second asking. */
void books_sync(struct refund *refund);

/* NULL: nothing kept. Whether it is known by now is for the caller to see. */
struct reply *books_recall(struct books *books, const char *api, const char *key);

/* Copies it under the key, in place of what was there. false when out of memory. */
bool books_keep(struct books *books, const char *api, const char *key, const struct reply *reply);

struct counters *books_counters(struct books *books);

/* NULL when out of memory; the caller's to delete. The counters are a part of it that is quick to have. */
cJSON *books_print(const struct books *books);
cJSON *books_print_counters(const struct books *books);

/* Digits only, at most 15: exact in any reader's JSON numbers. */
bool books_parse_amount(const char *text, size_t size, int64_t *amount);

#endif
