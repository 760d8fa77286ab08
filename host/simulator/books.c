#include "simulator/books.h"

#include <inttypes.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/answer.h"
#include "simulator/decimal.h"

enum { DEFAULT_CAPTURED = 1000, SYNCS_UNTIL_SUCCEEDED = 2 };

static const char default_currency[] = "USD";
static const char *const default_prefixes[] = {"pi_", "ch_", "py_", "pay_"};

struct reference {
  char *name;
  struct refund *newest;
};

/* The trees are tsearch()'s; whatever is in one begins with the name it is found by. */
struct books {
  pthread_mutex_t mutex;
  uint64_t run;
  void *payments;
  void *refunds;
  void *references;
  void *replies;
  struct payment *first_payment;
  struct payment *last_payment;
  struct refund *newest;
  struct refund *oldest;
  struct counters counters;
};

static int by_name(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static void *find(void *const *tree, const char *name) {
  void *node = tfind(&name, tree, by_name);
  return node == NULL ? NULL : *(void **)node;
}

struct books *books_open(uint64_t run) {
  struct books *books = calloc(1, sizeof *books);
  if (books == NULL) return NULL;
  books->run = run;
  pthread_mutex_init(&books->mutex, NULL);
  return books;
}

static void free_payment(void *item) {
  struct payment *payment = item;
  free(payment->id);
  free(payment);
}

static void free_refund(void *item) {
  struct refund *refund = item;
  free(refund->id);
  free(refund->reference);
  free(refund->key);
  free(refund->details);
  free(refund);
}

static void free_reference(void *item) {
  struct reference *reference = item;
  free(reference->name);
  free(reference);
}

static void free_reply(void *item) {
  struct reply *reply = item;
  free(reply->name);
  free(reply->request);
  free(reply->body);
  free(reply);
}

void books_close(struct books *books) {
  if (books == NULL) return;
  tdestroy(books->replies, free_reply);
  tdestroy(books->references, free_reference);
  tdestroy(books->refunds, free_refund);
  tdestroy(books->payments, free_payment);
  pthread_mutex_destroy(&books->mutex);
  free(books);
}

void books_lock(struct books *books) {
  pthread_mutex_lock(&books->mutex);
}

void books_unlock(struct books *books) {
  pthread_mutex_unlock(&books->mutex);
}

struct counters *books_counters(struct books *books) {
  return &books->counters;
}

bool books_parse_amount(const char *text, size_t size, int64_t *amount) {
  return decimal_parse(text, size, 0, amount);
}

static struct payment *add_payment(struct books *books, const char *id, size_t id_size) {
  struct payment *payment = calloc(1, sizeof *payment);
  if (payment == NULL) return NULL;
  payment->id = strndup(id, id_size);
  payment->captured = DEFAULT_CAPTURED;
  memcpy(payment->currency, default_currency, sizeof payment->currency);
  if (payment->id == NULL || tsearch(payment, &books->payments, by_name) == NULL) {
    free_payment(payment);
    return NULL;
  }
  if (books->last_payment == NULL) {
    books->first_payment = payment;
  } else {
    books->last_payment->next = payment;
  }
  books->last_payment = payment;
  return payment;
}

static bool exists_by_default(const char *id) {
  for (size_t i = 0; i < sizeof default_prefixes / sizeof *default_prefixes; i++) {
    size_t size = strlen(default_prefixes[i]);
    if (strncmp(id, default_prefixes[i], size) != 0) continue;
    const char *number = id + size;
    return *number != '\0' && number[strspn(number, "0123456789")] == '\0';
  }
  return false;
}

struct payment *books_payment(struct books *books, const char *id) {
  struct payment *payment = find(&books->payments, id);
  if (payment != NULL || !exists_by_default(id)) return payment;
  return add_payment(books, id, strlen(id));
}

static bool is_currency(const char *text) {
  for (size_t i = 0; i < 3; i++) {
    if (text[i] < 'A' || text[i] > 'Z') return false;
  }
  return text[3] == '\0';
}

bool books_declare(struct books *books, const char *declaration, struct error *error) {
  const char *equals = strrchr(declaration, '=');
  const char *colon = equals == NULL ? NULL : strchr(equals, ':');
  int64_t captured = 0;
  if (colon == NULL || equals == declaration ||
      !books_parse_amount(equals + 1, (size_t)(colon - equals - 1), &captured) || !is_currency(colon + 1)) {
    error_set(error, ERROR_USAGE, "--payment", "a payment of the simulator is not understood");
    error_expected(error, "ID=AMOUNT:CURRENCY, AMOUNT in minor units, at most %d digits, CURRENCY three capitals",
                   DECIMAL_DIGITS);
    error_found(error, "%s", declaration);
    return error_fix(error, "write for example --payment order-7=2500:EUR for 25.00 EUR");
  }
  char *id = strndup(declaration, (size_t)(equals - declaration));
  struct payment *payment = id == NULL ? NULL : find(&books->payments, id);
  if (payment == NULL && id != NULL) payment = add_payment(books, id, strlen(id));
  free(id);
  if (payment == NULL) return error_set(error, ERROR_HOST, "--payment", "out of memory");
  payment->captured = captured;
  memcpy(payment->currency, colon + 1, sizeof payment->currency);
  return true;
}

static bool copy(char **to, const char *text) {
  *to = text == NULL ? NULL : strdup(text);
  return text == NULL || *to != NULL;
}

static bool moves_money(const struct refund *refund) {
  return strcmp(refund->status, "failed") != 0;
}

/* Hangs the refund into its reference's chain; one without a reference is in none. */
static bool file_by_reference(struct books *books, struct refund *refund) {
  if (refund->reference == NULL) return true;
  struct reference *reference = find(&books->references, refund->reference);
  if (reference == NULL) {
    reference = calloc(1, sizeof *reference);
    if (reference == NULL) return false;
    if (!copy(&reference->name, refund->reference) || tsearch(reference, &books->references, by_name) == NULL) {
      free_reference(reference);
      return false;
    }
  }
  refund->older_of_reference = reference->newest;
  reference->newest = refund;
  return true;
}

static struct refund *new_refund(struct books *books, const struct order *order, struct payment *payment) {
  struct refund *refund = calloc(1, sizeof *refund);
  if (refund == NULL) return NULL;
  refund->api = order->api;
  refund->payment = payment;
  refund->amount = order->amount == 0 ? payment->captured - payment->refunded : order->amount;
  refund->status = order->status;
  refund->created = order->now;
  refund->posts = 1;
  bool whole = asprintf(&refund->id, "%s%010" PRIx64 "%06" PRIu64, order->prefix, books->run & UINT64_C(0xffffffffff),
                        books->counters.refunds_created + 1) > 0;
  if (!whole) refund->id = NULL;
  whole = copy(&refund->reference, order->reference) && whole;
  whole = copy(&refund->key, order->key) && whole;
  whole = copy(&refund->details, order->details) && whole;
  if (!whole || tsearch(refund, &books->refunds, by_name) == NULL) {
    free_refund(refund);
    return NULL;
  }
  return refund;
}

enum verdict books_refund(struct books *books, const struct order *order, struct refund **made) {
  *made = NULL;
  struct payment *payment = books_payment(books, order->payment);
  if (payment == NULL) return BOOKS_NO_PAYMENT;
  if (order->currency != NULL && strcmp(order->currency, payment->currency) != 0) return BOOKS_OTHER_CURRENCY;
  int64_t left = payment->captured - payment->refunded;
  if (left <= 0) return BOOKS_ALREADY_REFUNDED;
  if (order->amount > left) return BOOKS_TOO_MUCH;
  struct refund *refund = new_refund(books, order, payment);
  if (refund == NULL) return BOOKS_NO_MEMORY;
  if (!file_by_reference(books, refund)) {
    tdelete(refund, &books->refunds, by_name);
    free_refund(refund);
    return BOOKS_NO_MEMORY;
  }
  refund->older_of_payment = payment->newest;
  payment->newest = refund;
  if (moves_money(refund)) payment->refunded += refund->amount;
  refund->older = books->newest;
  if (books->newest == NULL) {
    books->oldest = refund;
  } else {
    books->newest->newer = refund;
  }
  books->newest = refund;
  books->counters.refunds_created++;
  *made = refund;
  return BOOKS_REFUNDED;
}

struct refund *books_find(struct books *books, const char *api, const char *id) {
  struct refund *refund = find(&books->refunds, id);
  return refund != NULL && strcmp(refund->api, api) == 0 ? refund : NULL;
}

struct refund *books_newest(struct books *books) {
  return books->newest;
}

struct refund *books_newest_of_reference(struct books *books, const char *reference) {
  struct reference *found = find(&books->references, reference);
  return found == NULL ? NULL : found->newest;
}

void books_sync(struct refund *refund) {
  refund->syncs++;
  if (refund->syncs >= SYNCS_UNTIL_SUCCEEDED && strcmp(refund->status, "pending") == 0) refund->status = "succeeded";
}

/* Two APIs may be given the same key: each has its own. */
static char *reply_name(const char *api, const char *key) {
  char *name;
  return asprintf(&name, "%s\n%s", api, key) < 0 ? NULL : name;
}

struct reply *books_recall(struct books *books, const char *api, const char *key) {
  char *name = reply_name(api, key);
  struct reply *reply = name == NULL ? NULL : find(&books->replies, name);
  free(name);
  return reply;
}

bool books_keep(struct books *books, const char *api, const char *key, const struct reply *reply) {
  struct reply *kept = calloc(1, sizeof *kept);
  if (kept == NULL) return false;
  kept->name = reply_name(api, key);
  kept->request = malloc(reply->request_size + 1);
  kept->request_size = reply->request_size;
  kept->status = reply->status;
  kept->content_type = reply->content_type;
  kept->refund = reply->refund;
  kept->from = reply->from;
  kept->until = reply->until;
  bool whole = copy(&kept->body, reply->body) && kept->name != NULL && kept->request != NULL;
  if (whole && reply->request_size != 0) memcpy(kept->request, reply->request, reply->request_size);
  void *node = whole ? tsearch(kept, &books->replies, by_name) : NULL;
  if (node == NULL) {
    free_reply(kept);
    return false;
  }
  struct reply **place = node;
  if (*place != kept) free_reply(*place);
  *place = kept;
  return true;
}

static cJSON *print_payment(const struct payment *payment) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "id", payment->id);
  answer_add_integer(json, "captured", payment->captured);
  answer_add_integer(json, "refunded", payment->refunded);
  cJSON_AddStringToObject(json, "currency", payment->currency);
  return json;
}

static cJSON *print_refund(const struct refund *refund) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "id", refund->id);
  cJSON_AddStringToObject(json, "api", refund->api);
  answer_add_string(json, "reference", refund->reference);
  cJSON_AddStringToObject(json, "payment", refund->payment->id);
  answer_add_integer(json, "amount", refund->amount);
  cJSON_AddStringToObject(json, "currency", refund->payment->currency);
  cJSON_AddStringToObject(json, "status", refund->status);
  answer_add_string(json, "idempotency_key", refund->key);
  answer_add_integer(json, "posts", refund->posts);
  return json;
}

cJSON *books_print_counters(const struct books *books) {
  cJSON *json = cJSON_CreateObject();
  answer_add_integer(json, "posts", (int64_t)books->counters.posts);
  answer_add_integer(json, "gets", (int64_t)books->counters.gets);
  answer_add_integer(json, "refunds_created", (int64_t)books->counters.refunds_created);
  answer_add_integer(json, "replayed", (int64_t)books->counters.replayed);
  return json;
}

cJSON *books_print(const struct books *books) {
  cJSON *json = cJSON_CreateObject();
  cJSON *payments = cJSON_AddArrayToObject(json, "payments");
  for (const struct payment *payment = books->first_payment; payment != NULL; payment = payment->next)
    cJSON_AddItemToArray(payments, print_payment(payment));
  cJSON *refunds = cJSON_AddArrayToObject(json, "refunds");
  for (const struct refund *refund = books->oldest; refund != NULL; refund = refund->newer)
    cJSON_AddItemToArray(refunds, print_refund(refund));
  cJSON_AddItemToObject(json, "requests", books_print_counters(books));
  return json;
}
