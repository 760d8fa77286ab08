/* A ledger for one test, rows to put into it, and plain SQL beside it. */
#ifndef TESTS_LEDGER_BOOK_H
#define TESTS_LEDGER_BOOK_H

#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "support/program.h"

#define NOW_MS INT64_C(1700000000123)

struct outside outside_of_tests(void); /* its clock stands at NOW_MS */

/* At place->ledger, made if it is not there. Fails the test if it cannot be opened. */
struct ledger *book_open(const struct place *place);

refund_text text_number(const char *prefix, int n); /* "prefix-n"; lives as long as the test */

/* Rows with every column filled, that differ by `n`: refund "r-N" of payment "pay-N" in the account "demo". */
struct ledger_payment payment_number(int n);
struct ledger_refund refund_number(int n);

/* Each in a transaction of its own that must succeed. */
void book_put_refund(struct ledger *ledger, struct ledger_refund *refund);
void book_put_payment(struct ledger *ledger, struct ledger_payment *payment);

/* Refund n and all that belongs to it, as these facts leave it: "admitted" comes before them by itself; each
 * FACT_ATTEMPT has an attempt of this class, with a reply. Nothing in it is wrong. */
void book_put_story(struct ledger *ledger, int n, const char *attempt_class, const enum fact *facts, size_t count);
/* "r-1" succeeded, "r-2" failed, "r-3" new, "r-4" unknown; then it is closed. */
void book_make_sound(const struct place *place);

/* The bytes of one file become those of another, which is made if it is not there. No ledger may be open there. */
void book_copy(const char *from, const char *to);

enum ledger_found book_find(struct ledger *ledger, const char *refund_id, struct arena *arena,
                            struct ledger_refund *refund);
bool book_has(struct ledger *ledger, const char *refund_id);

/* SQL on a connection of its own, as a stranger would; fails the test on an error. The number is the first column of
 * the first row, -1 if there is none. */
int64_t book_sql(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* fork(); the child does not outlive a test that gives up, nor a minute. */
pid_t book_fork(void);
/* Waits for a forked child and returns its exit status, or 128 and its signal. */
int child_status(pid_t child);

#endif
