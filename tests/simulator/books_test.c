#include "simulator/books.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct order order_of(const char *payment, int64_t amount) {
  return (struct order){.api = "a", .prefix = "x_", .payment = payment, .amount = amount, .status = "succeeded"};
}

static enum verdict refund(struct books *books, const char *payment, int64_t amount) {
  struct order order = order_of(payment, amount);
  struct refund *made;
  return books_refund(books, &order, &made);
}

static struct refund *make(struct books *books, struct order order) {
  struct refund *made = NULL;
  cr_assert_eq(books_refund(books, &order, &made), BOOKS_REFUNDED);
  return made;
}

Test(books, payments_of_the_default_ids_exist) {
  static const char *const known[] = {"pi_1", "ch_20", "py_0", "pay_12345678901234567890"};
  static const char *const unknown[] = {"", "pi_", "pi_1a", "pi_x", "po_1", "pay_-1", "pi_1 ", "Pi_1"};
  struct books *books = books_open(1);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    struct payment *payment = books_payment(books, known[i]);
    cr_assert_not_null(payment, "%s", known[i]);
    cr_expect_eq(payment->captured, 1000);
    cr_expect_str_eq(payment->currency, "USD");
    cr_expect_eq(books_payment(books, known[i]), payment, "the same payment the second time");
  }
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    cr_expect_null(books_payment(books, unknown[i]), "%s", unknown[i]);
  books_close(books);
}

Test(books, declared_payments_exist_and_override) {
  struct books *books = books_open(1);
  cr_assert(books_declare(books, "order=7=2500:EUR", NULL));
  cr_assert(books_declare(books, "pi_1=5:JPY", NULL));
  cr_assert(books_declare(books, "pi_1=6:JPY", NULL));
  cr_expect_eq(books_payment(books, "order=7")->captured, 2500);
  cr_expect_str_eq(books_payment(books, "order=7")->currency, "EUR");
  cr_expect_eq(books_payment(books, "pi_1")->captured, 6);
  cr_expect_str_eq(books_payment(books, "pi_1")->currency, "JPY");
  books_close(books);
}

Test(books, malformed_declarations_are_refused_with_a_fix) {
  static const char *const bad[] = {
      "",       "x",        "x=1",      "=1:USD",    "x=:USD",   "x=1:",       "x=1:usd",
      "x=1:US", "x=1:USDT", "x=-1:USD", "x=1.5:USD", "x=1 :USD", "x=1:U\303D", "x=1234567890123456:USD"};
  struct books *books = books_open(1);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct error error = {0};
    cr_expect_not(books_declare(books, bad[i], &error), "%s", bad[i]);
    cr_expect_eq(error.code, ERROR_USAGE);
    cr_expect_str_eq(error.field, "--payment");
    cr_expect_eq(strncmp(error.found, bad[i], 3), 0, "%s", error.found); /* bytes that are no text are not shown */
    cr_expect(error.expected[0] != '\0' && error.fix[0] != '\0');
  }
  books_close(books);
}

Test(books, refunds_stop_at_what_was_captured) {
  struct books *books = books_open(1);
  cr_expect_eq(refund(books, "pi_1", 1001), BOOKS_TOO_MUCH);
  cr_expect_eq(refund(books, "pi_1", 600), BOOKS_REFUNDED);
  cr_expect_eq(refund(books, "pi_1", 401), BOOKS_TOO_MUCH);
  cr_expect_eq(refund(books, "pi_1", INT64_MAX), BOOKS_TOO_MUCH);
  cr_expect_eq(refund(books, "pi_1", 400), BOOKS_REFUNDED);
  cr_expect_eq(refund(books, "pi_1", 1), BOOKS_ALREADY_REFUNDED);
  cr_expect_eq(refund(books, "pi_x", 1), BOOKS_NO_PAYMENT);
  cr_expect_eq(books_payment(books, "pi_1")->refunded, 1000);
  cr_expect_eq(books_counters(books)->refunds_created, 2);
  books_close(books);
}

Test(books, no_amount_means_the_rest) {
  struct books *books = books_open(1);
  refund(books, "pi_1", 300);
  cr_expect_eq(make(books, order_of("pi_1", 0))->amount, 700);
  books_close(books);
}

Test(books, a_failed_refund_leaves_the_money) {
  struct books *books = books_open(1);
  struct order order = order_of("pi_1", 1000);
  order.status = "failed";
  make(books, order);
  cr_expect_eq(books_payment(books, "pi_1")->refunded, 0);
  cr_expect_eq(refund(books, "pi_1", 1000), BOOKS_REFUNDED);
  books_close(books);
}

Test(books, ids_differ_within_a_run_and_between_runs) {
  struct books *books = books_open(1);
  struct books *later = books_open(2);
  const char *first = make(books, order_of("pi_1", 1))->id;
  const char *second = make(books, order_of("pi_1", 1))->id;
  const char *other = make(later, order_of("pi_1", 1))->id;
  cr_expect_eq(strncmp(first, "x_", 2), 0);
  cr_expect_str_neq(first, second);
  cr_expect_str_neq(first, other);
  books_close(books);
  books_close(later);
}

Test(books, a_refund_is_shown_to_its_own_api_only) {
  struct books *books = books_open(1);
  struct refund *made = make(books, order_of("pi_1", 1));
  cr_expect_eq(books_find(books, "a", made->id), made);
  cr_expect_null(books_find(books, "b", made->id));
  cr_expect_null(books_find(books, "a", "x_none"));
  books_close(books);
}

Test(books, chains_run_from_the_newest_to_the_oldest) {
  struct books *books = books_open(1);
  struct order order = order_of("pi_1", 1);
  order.reference = "r";
  struct refund *first = make(books, order);
  struct refund *elsewhere = make(books, order_of("pi_2", 1));
  struct refund *second = make(books, order);
  cr_expect_eq(books_payment(books, "pi_1")->newest, second);
  cr_expect_eq(second->older_of_payment, first);
  cr_expect_null(first->older_of_payment);
  cr_expect_eq(books_newest_of_reference(books, "r"), second);
  cr_expect_eq(second->older_of_reference, first);
  cr_expect_null(books_newest_of_reference(books, "s"));
  cr_expect_eq(books_newest(books), second);
  cr_expect_eq(second->older, elsewhere);
  books_close(books);
}

Test(books, pending_succeeds_at_the_second_sync_and_nothing_else_does) {
  struct books *books = books_open(1);
  struct order order = order_of("pi_1", 1);
  order.status = "pending";
  struct refund *pending = make(books, order);
  order.status = "zorbed";
  struct refund *odd = make(books, order);
  books_sync(pending);
  cr_expect_str_eq(pending->status, "pending");
  books_sync(pending);
  cr_expect_str_eq(pending->status, "succeeded");
  books_sync(odd);
  books_sync(odd);
  cr_expect_str_eq(odd->status, "zorbed");
  books_close(books);
}

Test(books, an_answer_is_kept_under_its_key_for_its_api) {
  struct books *books = books_open(1);
  char request[] = "body\0more";
  struct reply reply = {.request = request, .request_size = sizeof request, .status = 422, .body = "no"};
  cr_expect_null(books_recall(books, "a", "k"));
  cr_assert(books_keep(books, "a", "k", &reply));
  struct reply *kept = books_recall(books, "a", "k");
  cr_assert_not_null(kept);
  cr_expect_eq(kept->status, 422);
  cr_expect_str_eq(kept->body, "no");
  cr_assert_eq(kept->request_size, sizeof request);
  cr_expect_arr_eq(kept->request, request, sizeof request);
  cr_expect_null(books_recall(books, "b", "k"));
  cr_expect_null(books_recall(books, "a", "K"));
  books_close(books);
}

Test(books, amounts_are_digits_and_nothing_else) {
  static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1234567890123456"};
  int64_t amount = 0;
  cr_expect(books_parse_amount("999999999999999", 15, &amount));
  cr_expect_eq(amount, INT64_C(999999999999999));
  cr_expect(books_parse_amount("12:USD", 2, &amount));
  cr_expect_eq(amount, 12);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect_not(books_parse_amount(bad[i], strlen(bad[i]), &amount), "%s", bad[i]);
}

Test(books, print_shows_what_happened) {
  struct books *books = books_open(0);
  struct order order = order_of("pi_1", 7);
  order.reference = "r\"1";
  order.key = "k";
  make(books, order);
  cJSON *json = books_print(books);
  char *text = cJSON_PrintUnformatted(json);
  cr_expect_str_eq(text,
                   "{\"payments\":[{\"id\":\"pi_1\",\"captured\":1000,\"refunded\":7,\"currency\":\"USD\"}],"
                   "\"refunds\":[{\"id\":\"x_0000000000000001\",\"api\":\"a\",\"reference\":\"r\\\"1\","
                   "\"payment\":\"pi_1\",\"amount\":7,\"currency\":\"USD\",\"status\":\"succeeded\","
                   "\"idempotency_key\":\"k\",\"posts\":1}],"
                   "\"requests\":{\"posts\":0,\"gets\":0,\"refunds_created\":1,\"replayed\":0}}");
  free(text);
  cJSON_Delete(json);
  books_close(books);
}

enum { THREADS = 4, TRIES = 500 };

static void *refund_often(void *context) {
  struct books *books = context;
  for (int i = 0; i < TRIES; i++) {
    books_lock(books);
    refund(books, "pi_1", 1);
    books_unlock(books);
  }
  return NULL;
}

Test(books, threads_together_refund_no_more_than_was_captured) {
  struct books *books = books_open(1);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, refund_often, books);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  cr_expect_eq(books_counters(books)->refunds_created, 1000);
  cr_expect_eq(books_payment(books, "pi_1")->refunded, 1000);
  books_close(books);
}
