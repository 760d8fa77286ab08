/* The ledger's own thread: one thing after the other, handed over and back. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "ledger/book.h"
#include "refund_toolkit.h"

struct job {
  struct place place;
  struct ledger *ledger;
  pthread_t thread;
  int woken[2]; /* a byte from `wake` */
  int go[2];    /* a byte lets the work go on */
  int n;
  int done;
  bool signals_blocked;
};

static struct job job;

static void open_job(void) {
  job = (struct job){.place = place_make(), .thread = pthread_self()};
  cr_assert(pipe(job.woken) == 0 && pipe(job.go) == 0);
  job.ledger = book_open(&job.place);
}

TestSuite(ledger_worker, .init = open_job);

static void write_one(void *context) {
  struct job *at = context;
  struct ledger_refund refund = refund_number(++at->n);
  sigset_t blocked;
  at->thread = pthread_self();
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  at->signals_blocked = sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGINT) == 1;
  book_put_refund(at->ledger, &refund);
  at->done++;
}

static void wait_to_go(void *context) {
  struct job *at = context;
  char byte;
  if (read(at->go[0], &byte, 1) == 1) at->done++;
}

static void wake(void *context) {
  struct job *at = context;
  if (write(at->woken[1], "w", 1) != 1) _exit(9);
}

static void wait_for_wake(void) {
  char byte;
  cr_assert_eq(read(job.woken[0], &byte, 1), 1);
}

static void let_go(void) {
  cr_assert_eq(write(job.go[1], "g", 1), 1);
}

Test(ledger_worker, runs_the_work_elsewhere_and_wakes_when_it_is_done) {
  struct error error = {0};
  sigset_t before;
  sigset_t after;
  cr_expect(ledger_is_idle(job.ledger));
  pthread_sigmask(SIG_BLOCK, NULL, &before);
  cr_assert(ledger_start(job.ledger, write_one, wake, &job, &error), "%s", error.message);
  pthread_sigmask(SIG_BLOCK, NULL, &after);
  wait_for_wake();
  cr_expect(ledger_is_idle(job.ledger));
  cr_expect_not(pthread_equal(job.thread, pthread_self()));
  cr_expect(job.signals_blocked);
  cr_expect_eq(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM), "the caller's stay as they were");
  cr_expect_eq(job.done, 1);
  cr_expect(book_has(job.ledger, "r-1"));
  ledger_close(job.ledger);
}

Test(ledger_worker, takes_no_second_work_while_it_is_at_one) {
  struct error error = {0};
  cr_assert(ledger_start(job.ledger, wait_to_go, wake, &job, &error));
  cr_expect_not(ledger_is_idle(job.ledger));
  cr_expect_not(ledger_start(job.ledger, write_one, wake, &job, &error));
  cr_expect_eq(error.code, ERROR_LEDGER);
  let_go();
  wait_for_wake();
  cr_expect_eq(job.done, 1);
  cr_expect(ledger_start(job.ledger, write_one, wake, &job, &error));
  wait_for_wake();
  cr_expect_eq(job.done, 2);
  ledger_close(job.ledger);
}

/* By turns on both sides, without a wake in between: idle alone hands it back. */
Test(ledger_worker, hands_the_ledger_back_and_forth) {
  for (int i = 1; i <= 50; i++) {
    struct ledger_refund refund = refund_number(1000 + i);
    cr_assert(ledger_start(job.ledger, write_one, wake, &job, NULL));
    while (!ledger_is_idle(job.ledger))
      poll(NULL, 0, 1);
    cr_expect_eq(job.done, i);
    book_put_refund(job.ledger, &refund);
  }
  ledger_close(job.ledger);
  cr_expect_eq(book_sql(job.place.ledger, "SELECT count(*) FROM refund"), 100);
}

Test(ledger_worker, ends_its_work_before_the_ledger_is_closed) {
  cr_assert(ledger_start(job.ledger, wait_to_go, wake, &job, NULL));
  let_go();
  ledger_close(job.ledger);
  cr_expect_eq(job.done, 1);
  wait_for_wake();
}
