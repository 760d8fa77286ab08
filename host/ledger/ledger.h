/* The durable journal: what was asked, what may have been sent, what came back, what became of it. SQLite now (WAL,
 * synchronous=FULL); nothing above this header knows SQL.
 *
 * Rows are never deleted. Every row carries a checksum over its fields; the facts of a refund are chained. A read that
 * finds a row changed from outside is an error that names it. Amounts are minor units, times Unix milliseconds. Texts
 * that are read live in the arena that was handed in. One thread; several processes may share a file. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "common/arena.h"
#include "common/error.h"
#include "common/outside.h"
#include "domain/state.h"

struct ledger;

/* Opens it, or makes it (mode 0600, its folder 0700) and says so in *created: true for exactly one opener, the one that
 * made its tables. An empty file holds no ledger yet. Refused on a network file system. After a process that could not
 * write its last words, everything is verified first. */
struct ledger *ledger_open(const char *path, const struct outside *outside, bool *created, struct error *error);
/* Opens one that is there, for reading only. */
struct ledger *ledger_open_readonly(const char *path, const struct outside *outside, struct error *error);
void ledger_close(struct ledger *ledger);

/* Is this a copy, or was it restored from a backup? Each commit counts the ledger's generation on, in it and in
 * LEDGER.owners beside it; a ledger that is behind, or that has another file's LEDGER.owners or none, does not know
 * what was sent since. Then nothing may be sent. False and an error. */
bool ledger_is_original(struct ledger *ledger, struct error *error);
/* Takes it as the original from now on. Outside of a transaction. */
bool ledger_accept_copy(struct ledger *ledger, struct error *error);

/* A transaction that no other process can step into: behind a lock on LEDGER.turn, for which processes queue. The first
 * one makes this process an owner. After a commit that failed it is not known whether it is recorded, and the ledger
 * can only be written again after ledger_reopen(). */
bool ledger_begin(struct ledger *ledger, struct error *error);
bool ledger_commit(struct ledger *ledger, struct error *error);
void ledger_rollback(struct ledger *ledger);

/* After a commit that failed for want of space: forgets what SQLite has in memory. True if it can be written again;
 * false after any other failed commit, for a page that was read back from memory proves nothing. */
bool ledger_reopen(struct ledger *ledger, struct error *error);

/* ---- Its own thread ---- */

/* Runs `work` on the ledger's thread, then calls `wake` there, which asks nothing of the ledger. One at a time: refused
 * while any is under way. Till then the caller uses nothing of the ledger, nor what the work uses. Who finds the ledger
 * idle finds both ended; ledger_close() waits for them. Signals do not reach that thread. */
typedef void ledger_work(void *context);
bool ledger_start(struct ledger *ledger, ledger_work *work, ledger_work *wake, void *context, struct error *error);
/* Has the work that was started ended? Once true, its effects are visible to the caller. */
bool ledger_is_idle(struct ledger *ledger);

/* ---- Owners: a number for each process that writes, never used again ---- */

int64_t ledger_owner(const struct ledger *ledger); /* ours; 0 before the first transaction */
/* Decided by a lock that the system lets go of when its process ends, never by time. */
bool ledger_owner_lives(struct ledger *ledger, int64_t owner);

/* Room on its file system for `bytes` more, besides a reserve. False and an error. */
bool ledger_has_room(struct ledger *ledger, int64_t bytes, struct error *error);

/* One refund's part of a transaction: undone by itself, the others' stay. */
bool ledger_part_begin(struct ledger *ledger, struct error *error);
bool ledger_part_end(struct ledger *ledger, struct error *error);
void ledger_part_undo(struct ledger *ledger);

/* ---- Rows. `row` is 0 until it was put for the first time. ---- */

/* The guard: what one payment was captured for, and how much of it refunds hold. */
struct ledger_payment {
  int64_t row;
  refund_text scope;
  refund_text connector_transaction_id;
  refund_text currency;
  int64_t captured_amount;
  int64_t held_amount;
  int64_t created_at;
  int64_t updated_at;
};

struct ledger_refund {
  int64_t row;
  refund_text refund_id;
  refund_text fingerprint;
  refund_text account;
  refund_text scope;
  refund_text connector;
  refund_text connector_version; /* of the last attempt */
  int64_t environment;           /* REFUND_SANDBOX or REFUND_PRODUCTION */
  refund_text base_url;          /* of the first attempt; later ones are only made to the same */
  refund_text account_digest;    /* of the account's values that are not secret, at the first attempt */
  refund_text connector_transaction_id;
  refund_text connector_refund_id; /* once set, it never changes */
  refund_text unique_refund_id;    /* the same, where the processor's ids are unique */
  int64_t refund_amount;
  int64_t payment_amount; /* as this refund claimed it */
  int64_t held_amount;    /* the larger of asked and echoed while it holds; 0 when it does not */
  refund_text currency;
  refund_text reason;
  refund_text connector_metadata;
  refund_text idempotency_key;
  refund_text reference;
  refund_text refund_seed; /* 32 bytes */
  int64_t refund_time_ms;
  struct position position;
  int64_t reading;     /* REFUND_READING_*; 0: none */
  int64_t http_status; /* of the last answer; 0: none */
  int64_t attempts;
  int64_t token_refreshes; /* access tokens fetched anew after a 401; at most one */
  int64_t tries;           /* attempts that did nothing, of the retry budget */
  int64_t tried_ms;        /* how long they took; pauses do not count */
  int64_t absences;        /* look-ups that found nothing, since the last attempt and after the settle delay: 0 to 2 */
  int64_t absent_at;       /* when the first of them was */
  int64_t restored_at;     /* since then it may have been sent without this ledger's knowing; 0: not */
  refund_text error_code;
  refund_text error_message;
  refund_text error_reason;
  refund_text network_decline_code;
  refund_text warning;
  int64_t owner;     /* who works on it; 0: nobody */
  int64_t revision;  /* counts the writes of this row */
  int64_t facts;     /* how many there are */
  refund_text chain; /* checksum of the last one */
  int64_t created_at;
  int64_t updated_at;
};

/* One transmission that may have happened, recorded before its first byte. Not the request but what it was made from;
 * of the request only a digest, with the account's secrets replaced by their fields' names. */
struct ledger_attempt {
  int64_t row;
  int64_t refund; /* ledger_refund.row */
  int64_t number; /* from 1 */
  refund_text flow;
  refund_text attempt_class; /* empty while it is under way */
  refund_text attempt_seed;
  int64_t attempt_time_ms;
  refund_text boot_id; /* with uptime_ms: its age within one boot */
  int64_t uptime_ms;
  refund_text connector_version;
  refund_text connector_sha256;
  refund_text request_digest; /* not there if the connector declares that no two requests are alike */
  int64_t owner;
  int64_t transmissions;
  int64_t http_status;
  refund_text problem;
  int64_t disproved; /* 1: two exact look-ups say that it never arrived */
  int64_t ended_at;  /* 0 while it is under way */
};

/* A raw reply, recorded before it is read, so that a mended connector can read it again. */
struct ledger_reply {
  int64_t row;
  int64_t refund;
  int64_t attempt; /* ledger_attempt.row; 0: of a look-up or sync */
  refund_text flow;
  int64_t http_status;
  refund_text headers;     /* JSON: [[name, value], ...] */
  refund_text body;        /* as it came, but for masked secrets */
  refund_text body_digest; /* of what came */
  int64_t masked;          /* 1: a secret was masked, so it is never mapped again */
  int64_t mapped;          /* 1: it has led to a fact */
  int64_t received_at;
};

/* Why a refund is in its state: one row a change, chained. */
struct ledger_fact {
  int64_t row;
  int64_t refund;
  int64_t number;
  refund_text fact;
  refund_text state; /* the state it led to */
  refund_text detail;
  int64_t attempt; /* ledger_attempt.row; 0: none */
  refund_text note;
  refund_text previous; /* checksum of the fact before */
  int64_t at;
};

enum ledger_found { LEDGER_FAILED = -1, LEDGER_NONE = 0, LEDGER_FOUND = 1 };

enum ledger_found ledger_find_refund(struct ledger *ledger, refund_text refund_id, struct arena *arena,
                                     struct ledger_refund *refund, struct error *error);
/* Where the processor's refund ids are unique: the refund that has this one. */
enum ledger_found ledger_find_by_processor(struct ledger *ledger, const struct ledger_refund *like, refund_text id,
                                           struct arena *arena, struct ledger_refund *refund, struct error *error);
enum ledger_found ledger_find_payment(struct ledger *ledger, refund_text scope, refund_text connector_transaction_id,
                                      refund_text currency, struct arena *arena, struct ledger_payment *payment,
                                      struct error *error);

/* In the order they were recorded. */
bool ledger_attempts_of(struct ledger *ledger, int64_t refund, struct arena *arena, struct ledger_attempt **attempts,
                        size_t *count, struct error *error);
bool ledger_replies_of(struct ledger *ledger, int64_t refund, struct arena *arena, struct ledger_reply **replies,
                       size_t *count, struct error *error);
bool ledger_facts_of(struct ledger *ledger, int64_t refund, struct arena *arena, struct ledger_fact **facts,
                     size_t *count, struct error *error);
/* The time of the latest fact of all; 0: none. A wall clock behind it was set back. */
bool ledger_latest(struct ledger *ledger, int64_t *latest_ms, struct error *error);

/* Inserts a row, or rewrites it. Putting a refund counts its revision on, and fails if the row is no longer at the
 * revision it was read at. */
bool ledger_put_payment(struct ledger *ledger, struct ledger_payment *payment, struct error *error);
bool ledger_put_refund(struct ledger *ledger, struct ledger_refund *refund, struct error *error);
bool ledger_put_attempt(struct ledger *ledger, struct ledger_attempt *attempt, struct error *error);
bool ledger_put_reply(struct ledger *ledger, struct ledger_reply *reply, struct error *error);
/* Adds a fact and takes the refund's chain on; the refund is to be put after it. `arena` holds the new chain's text. */
bool ledger_add_fact(struct ledger *ledger, struct arena *arena, struct ledger_refund *refund, const char *fact,
                     int64_t attempt, refund_text note, struct error *error);

/* The scopes that refunds of a connector were admitted under. `each` returns false to stop; its text is dead
 * afterwards. */
enum ledger_found ledger_find_scope(struct ledger *ledger, refund_text connector, refund_text scope,
                                    struct error *error);
bool ledger_add_scope(struct ledger *ledger, refund_text connector, refund_text scope, struct error *error);
typedef bool ledger_each_scope_fn(void *context, refund_text scope);
bool ledger_each_scope(struct ledger *ledger, refund_text connector, ledger_each_scope_fn *each, void *context,
                       struct error *error);

/* The scope has no account any more, and none is to come: recorded with its time. NONE: there is no such scope. */
enum ledger_found ledger_forget_scope(struct ledger *ledger, refund_text connector, refund_text scope,
                                      struct error *error);

/* Refunds in the order they were recorded; with `attention`, those of payments held beyond captured come first. A NULL
 * filter, or a member that is zero, takes all. `each` returns false to stop. */
#define LEDGER_IN(state) (1u << (state))
struct ledger_filter {
  unsigned states; /* LEDGER_IN() of each */
  const char *account;
  bool attention; /* what needs a person: manual_review of ours or theirs, unknown, and payments held beyond captured */
  refund_text scope;
  refund_text connector_transaction_id;
  refund_text currency;
  refund_text connector_refund_id;
  int64_t created_from; /* at this time or later */
};
typedef bool ledger_each(void *context, const struct ledger_refund *refund);
bool ledger_list(struct ledger *ledger, const struct ledger_filter *filter, ledger_each *each, void *context,
                 struct error *error);
/* Payments of this id, in whatever scope and currency. */
typedef bool ledger_each_payment(void *context, const struct ledger_payment *payment);
bool ledger_list_payments(struct ledger *ledger, refund_text connector_transaction_id, ledger_each_payment *each,
                          void *context, struct error *error);

/* ---- Verify ---- */

/* Checks everything that can be checked from the ledger alone: the file, every row's checksum, each refund's chain of
 * facts and that its facts lead to its state, attempts and keys, that the guard's sums are those of its refunds, and
 * that no admission went beyond captured. `told` hears each thing that is wrong, one sentence each. False and an error
 * if it could not be read through. */
struct ledger_checked {
  int64_t refunds;
  int64_t payments;
  int64_t attempts;
  int64_t facts;
  int64_t wrong;
};
typedef void ledger_wrong(void *context, const char *sentence);
bool ledger_verify(struct ledger *ledger, ledger_wrong *told, void *context, struct ledger_checked *checked,
                   struct error *error);

#endif
