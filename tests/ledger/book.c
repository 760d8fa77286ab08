#include "ledger/book.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "refund_toolkit.h"

enum { SQL_SIZE = 2000, PATIENCE_S = 60 };

struct outside outside_of_tests(void) {
  return outside_fixed(NOW_MS);
}

struct ledger *book_open(const struct place *place) {
  struct outside outside = outside_of_tests();
  struct error error = {0};
  bool created;
  struct ledger *ledger = ledger_open(place->ledger, &outside, &created, &error);
  cr_assert_not_null(ledger, "%s (%s)", error.message, error.found);
  return ledger;
}

refund_text text_number(const char *prefix, int n) {
  static struct arena *texts;
  if (texts == NULL) texts = arena_open(0);
  cr_assert_not_null(texts);
  return arena_format(texts, "%s-%d", prefix, n);
}

struct ledger_payment payment_number(int n) {
  return (struct ledger_payment){
      .scope = refund_text_of("demo"),
      .connector_transaction_id = text_number("pay", n),
      .currency = refund_text_of("EUR"),
      .captured_amount = 10000 + n,
      .held_amount = 6000,
      .created_at = 1000 + n,
      .updated_at = 2000 + n,
  };
}

struct ledger_refund refund_number(int n) {
  return (struct ledger_refund){
      .refund_id = text_number("r", n),
      .fingerprint = text_number("fingerprint", n),
      .account = refund_text_of("demo"),
      .scope = refund_text_of("demo"),
      .connector = refund_text_of("stripe"),
      .connector_version = refund_text_of("1.0"),
      .base_url = refund_text_of("https://api.example.com"),
      .account_digest = text_number("digest", n),
      .connector_transaction_id = text_number("pay", n),
      .connector_refund_id = text_number("re", n),
      .unique_refund_id = text_number("re", n),
      .refund_amount = 6000,
      .payment_amount = 10000 + n,
      .held_amount = 6000,
      .currency = refund_text_of("EUR"),
      .reason = refund_text_of("broken"),
      .connector_metadata = refund_text_of("{\"a\":1}"),
      .idempotency_key = text_number("key", n),
      .reference = text_number("reference", n),
      .refund_seed = refund_text_of("0123456789abcdef0123456789abcdef"),
      .refund_time_ms = 3000 + n,
      .position = {STATE_PENDING, DETAIL_NONE},
      .reading = 1,
      .http_status = 200,
      .attempts = 2,
      .token_refreshes = 1,
      .tries = 3,
      .tried_ms = 400 + n,
      .absences = 1,
      .absent_at = 4500 + n,
      .error_code = refund_text_of("code"),
      .error_message = refund_text_of("message"),
      .error_reason = refund_text_of("reason"),
      .network_decline_code = refund_text_of("51"),
      .warning = refund_text_of("warning"),
      .owner = 7,
      .created_at = 4000 + n,
      .updated_at = 5000 + n,
      .chain = refund_text_of("chain"),
  };
}

void book_put_refund(struct ledger *ledger, struct ledger_refund *refund) {
  struct error error = {0};
  cr_assert(ledger_begin(ledger, &error), "%s", error.message);
  cr_assert(ledger_put_refund(ledger, refund, &error), "%s (%s)", error.message, error.found);
  cr_assert(ledger_commit(ledger, &error), "%s", error.message);
}

void book_put_payment(struct ledger *ledger, struct ledger_payment *payment) {
  struct error error = {0};
  cr_assert(ledger_begin(ledger, &error), "%s", error.message);
  cr_assert(ledger_put_payment(ledger, payment, &error), "%s (%s)", error.message, error.found);
  cr_assert(ledger_commit(ledger, &error), "%s", error.message);
}

static void put_attempt(struct ledger *ledger, struct ledger_refund *refund, const char *attempt_class,
                        struct ledger_attempt *attempt) {
  refund_text text = refund_text_of("text");
  *attempt = (struct ledger_attempt){.refund = refund->row,
                                     .number = ++refund->attempts,
                                     .flow = refund_text_of("refund"),
                                     .attempt_class = refund_text_of(attempt_class),
                                     .attempt_seed = text,
                                     .attempt_time_ms = NOW_MS,
                                     .boot_id = text,
                                     .connector_version = text,
                                     .connector_sha256 = text,
                                     .request_digest = text,
                                     .problem = text,
                                     .transmissions = 1,
                                     .ended_at = NOW_MS};
  struct ledger_reply reply = {.refund = refund->row,
                               .flow = attempt->flow,
                               .headers = text,
                               .body = text,
                               .body_digest = text,
                               .mapped = 1,
                               .received_at = NOW_MS};
  struct error error = {0};
  cr_assert(ledger_put_attempt(ledger, attempt, &error), "%s (%s)", error.message, error.found);
  reply.attempt = attempt->row;
  cr_assert(ledger_put_reply(ledger, &reply, &error), "%s (%s)", error.message, error.found);
}

void book_put_story(struct ledger *ledger, int n, const char *attempt_class, const enum fact *facts, size_t count) {
  struct arena *arena = arena_open(0);
  struct ledger_refund refund = refund_number(n);
  struct ledger_payment payment = payment_number(n);
  struct ledger_attempt attempt = {.row = 0};
  struct error error = {0};
  refund.position = (struct position){STATE_NEW, DETAIL_NONE};
  refund.chain = (refund_text){NULL, 0};
  refund.attempts = 0;
  cr_assert(ledger_begin(ledger, &error), "%s", error.message);
  cr_assert(ledger_put_refund(ledger, &refund, &error), "%s (%s)", error.message, error.found);
  cr_assert(ledger_add_fact(ledger, arena, &refund, "admitted", 0, refund_text_of("note"), &error));
  for (size_t i = 0; i < count; i++) {
    if (facts[i] == FACT_ATTEMPT) put_attempt(ledger, &refund, attempt_class, &attempt);
    state_next(refund.position, facts[i], &refund.position);
    cr_assert(
        ledger_add_fact(ledger, arena, &refund, fact_name(facts[i]), attempt.row, refund_text_of("note"), &error));
  }
  refund.held_amount = payment.held_amount = state_holds(refund.position.state) ? refund.refund_amount : 0;
  cr_assert(ledger_put_refund(ledger, &refund, &error), "%s (%s)", error.message, error.found);
  cr_assert(ledger_put_payment(ledger, &payment, &error), "%s (%s)", error.message, error.found);
  cr_assert(ledger_commit(ledger, &error), "%s (%s)", error.message, error.found);
  arena_close(arena);
}

void book_make_sound(const struct place *place) {
  struct ledger *ledger = book_open(place);
  struct error error = {0};
  book_put_story(ledger, 1, "D", (enum fact[]){FACT_ATTEMPT, FACT_SAID_SUCCESS}, 2);
  book_put_story(ledger, 2, "C", (enum fact[]){FACT_ATTEMPT, FACT_REJECTED}, 2);
  book_put_story(ledger, 3, "", NULL, 0);
  book_put_story(ledger, 4, "B", (enum fact[]){FACT_ATTEMPT, FACT_AMBIGUOUS, FACT_ATTEMPT, FACT_AMBIGUOUS}, 4);
  cr_assert(ledger_begin(ledger, &error));
  cr_assert(ledger_add_scope(ledger, refund_text_of("stripe"), refund_text_of("demo"), &error), "%s", error.message);
  cr_assert(ledger_commit(ledger, &error));
  ledger_close(ledger);
}

void book_copy(const char *from, const char *to) {
  char bytes[4096];
  size_t size;
  FILE *source = fopen(from, "rb");
  FILE *target = fopen(to, "wb");
  cr_assert(source != NULL && target != NULL, "%s to %s", from, to);
  while ((size = fread(bytes, 1, sizeof bytes, source)) > 0)
    cr_assert_eq(fwrite(bytes, 1, size, target), size);
  fclose(source);
  cr_assert_eq(fclose(target), 0);
}

enum ledger_found book_find(struct ledger *ledger, const char *refund_id, struct arena *arena,
                            struct ledger_refund *refund) {
  struct error error = {0};
  enum ledger_found found = ledger_find_refund(ledger, refund_text_of(refund_id), arena, refund, &error);
  cr_assert_neq(found, LEDGER_FAILED, "%s", error.message);
  return found;
}

bool book_has(struct ledger *ledger, const char *refund_id) {
  struct arena *arena = arena_open(0);
  struct ledger_refund refund;
  bool found = book_find(ledger, refund_id, arena, &refund) == LEDGER_FOUND;
  arena_close(arena);
  return found;
}

int64_t book_sql(const char *path, const char *format, ...) {
  char sql[SQL_SIZE];
  sqlite3 *database = NULL;
  sqlite3_stmt *statement = NULL;
  int64_t number = -1;
  va_list arguments;
  va_start(arguments, format);
  cr_assert_lt(vsnprintf(sql, sizeof sql, format, arguments), SQL_SIZE);
  va_end(arguments);
  cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
  for (const char *rest = sql; *rest != '\0';) {
    cr_assert_eq(sqlite3_prepare_v2(database, rest, -1, &statement, &rest), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(database));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      if (number == -1) number = sqlite3_column_int64(statement, 0);
    }
    cr_assert_eq(code, SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(database));
    sqlite3_finalize(statement);
  }
  sqlite3_close(database);
  return number;
}

pid_t book_fork(void) {
  pid_t child = fork();
  cr_assert_geq(child, 0);
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(PATIENCE_S); /* an assertion that fails in a child leads nowhere */
  return 0;
}

int child_status(pid_t child) {
  int status = 0;
  cr_assert_eq(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
