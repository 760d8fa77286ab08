/* The API of the reference connector: what a plain, well-behaved processor would offer.
 * POST /refunds {"payment_id","amount","reason"?,"reference"?}, GET /refunds/{id}, GET /refunds?reference= */
#include <string.h>

#include "simulator/api.h"

static const double LARGEST_AMOUNT = 999999999999999.0; /* the books' fifteen digits */

struct words {
  unsigned status;
  const char *code;
  const char *message;
};

static const struct words refusals[REFUSAL_COUNT] = {
    [REFUSAL_UNAUTHORIZED] = {401, "unauthorized", "The bearer key is missing or not known."},
    [REFUSAL_KEY_INVALID] = {400, "invalid_request", "Idempotency-Key must have 1 to 255 characters."},
    [REFUSAL_KEY_REUSED] = {409, "idempotency_key_reused", "This Idempotency-Key came with another request before."},
    [REFUSAL_RATE] = {429, "rate_limited", "Too many requests; nothing was done."},
    [REFUSAL_SERVER] = {500, "internal_error", "Something went wrong at our end."},
};

static const struct words verdicts[] = {
    [BOOKS_NO_PAYMENT] = {404, "payment_not_found", "There is no payment of this id."},
    [BOOKS_ALREADY_REFUNDED] = {422, "already_refunded", "The payment has been refunded in full."},
    [BOOKS_TOO_MUCH] = {422, "amount_exceeds_captured", "The amount is larger than what the payment has left."},
};

static void say(const struct words *words, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  cJSON *error = cJSON_AddObjectToObject(json, "error");
  cJSON_AddStringToObject(error, "code", words->code);
  cJSON_AddStringToObject(error, "message", words->message);
  answer_json(answer, words->status, json);
}

static void refuse(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)call;
  say(&refusals[refusal], answer);
}

static bool refuse_request(struct answer *answer, const char *message) {
  say(&(struct words){400, "invalid_request", message}, answer);
  return false;
}

static cJSON *render(const struct refund *refund, const struct fault *fault) {
  struct echo echo = faults_echo(fault, refund);
  cJSON *json = cJSON_CreateObject();
  if (echo.id != NULL) cJSON_AddStringToObject(json, "id", echo.id);
  cJSON_AddStringToObject(json, "status", refund->status);
  answer_add_integer(json, "amount", echo.amount);
  cJSON_AddStringToObject(json, "currency", echo.currency);
  cJSON_AddStringToObject(json, "payment_id", refund->payment->id);
  answer_add_string(json, "reference", refund->reference);
  return json;
}

/* A text that may be left out or null; false if it is something else. */
static bool read_text(const cJSON *body, const char *name, const char **text) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, name);
  *text = cJSON_GetStringValue(item);
  return item == NULL || cJSON_IsNull(item) || *text != NULL;
}

static bool read_order(const cJSON *body, struct order *order, struct answer *answer) {
  const char *reason = NULL; /* goes nowhere */
  if (!cJSON_IsObject(body)) return refuse_request(answer, "The body must be a JSON object.");
  if (!read_text(body, "payment_id", &order->payment) || order->payment == NULL || *order->payment == '\0')
    return refuse_request(answer, "payment_id must be a string and not empty.");
  const cJSON *amount = cJSON_GetObjectItemCaseSensitive(body, "amount");
  double value = cJSON_IsNumber(amount) ? amount->valuedouble : 0;
  if (!(value >= 1 && value <= LARGEST_AMOUNT) || value != (double)(int64_t)value)
    return refuse_request(answer, "amount must be a whole number of minor units, 1 or more.");
  order->amount = (int64_t)value;
  if (!read_text(body, "reference", &order->reference) || !read_text(body, "reason", &reason))
    return refuse_request(answer, "reference and reason, if given, must be strings.");
  if (order->reference == NULL) order->reference = order->key; /* else the key is what names the refund */
  return true;
}

static void carry_out(const struct call *call, const struct order *order, struct answer *answer) {
  struct refund *refund = NULL;
  enum verdict verdict = books_refund(call->books, order, &refund);
  if (verdict == BOOKS_NO_MEMORY) {
    refuse(REFUSAL_SERVER, call, answer);
    return;
  }
  answer->executed = true;
  answer->refund = refund;
  if (verdict == BOOKS_REFUNDED) {
    answer_json(answer, 201, render(refund, call->fault));
  } else {
    say(&verdicts[verdict], answer);
  }
}

static void create(const struct call *call, struct answer *answer) {
  struct order order = {.api = reference_api.name,
                        .prefix = "rf_",
                        .status = call_first_status(call),
                        .key = call->key,
                        .now = call->now};
  const char *end = NULL;
  cJSON *body = cJSON_ParseWithOpts(call->body, &end, true);
  if (body == NULL || end != call->body + call->body_size) {
    refuse_request(answer, "The body is not JSON.");
  } else if (read_order(body, &order, answer)) {
    carry_out(call, &order, answer);
  }
  cJSON_Delete(body);
}

static void get(const struct call *call, struct answer *answer) {
  struct refund *refund = books_find(call->books, reference_api.name, call->tail);
  if (refund == NULL) {
    say(&(struct words){404, "refund_not_found", "There is no refund of this id."}, answer);
    return;
  }
  books_sync(refund);
  answer_json(answer, 200, render(refund, NULL));
}

static void list(const struct call *call, struct answer *answer) {
  const char *reference = call->query(call->connection, "reference");
  if (reference == NULL || *reference == '\0') {
    refuse_request(answer, "reference must be given.");
    return;
  }
  cJSON *json = cJSON_CreateObject();
  cJSON *data = cJSON_AddArrayToObject(json, "data");
  const struct refund *refund = books_newest_of_reference(call->books, reference);
  for (; refund != NULL; refund = refund->older_of_reference) {
    if (strcmp(refund->api, reference_api.name) == 0) cJSON_AddItemToArray(data, render(refund, NULL));
  }
  cJSON_AddBoolToObject(json, "has_more", false);
  answer_json(answer, 200, json);
}

static const struct route routes[] = {
    {"POST", "/refunds", create, true},
    {"GET", "/refunds/{id}", get, false},
    {"GET", "/refunds", list, false},
};

const struct api reference_api = {
    .name = "reference", .routes = routes, .route_count = sizeof routes / sizeof *routes, .refuse = refuse};
