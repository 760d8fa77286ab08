/* The API of the reference connector: what a plain, well-behaved processor would offer.
 * POST /refunds {"payment_id","amount","reason"?,"reference"?}, GET /refunds/{id}, GET /refunds?reference= and
 * GET /refunds?payment_id= */
#include <time.h>

#include "simulator/api.h"
#include "simulator/bodies.h"
#include "simulator/credentials.h"

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
    [REFUSAL_NO_LOOKUP] = {404, "not_supported", "Refunds cannot be looked up here."},
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

/* Without a zone, as many processors write it. */
static void add_created(cJSON *json, int64_t seconds) {
  char text[32];
  struct tm date;
  time_t time = (time_t)seconds;
  gmtime_r(&time, &date);
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &date);
  cJSON_AddStringToObject(json, "created", text);
}

/* A processor that names the payment only has one name for all its refunds. */
static cJSON *render(const struct call *call, const struct refund *refund, const struct fault *fault) {
  struct echo echo = faults_echo(fault, refund);
  bool anonymous = call->traits->names_payment;
  cJSON *json = cJSON_CreateObject();
  if (echo.id != NULL) cJSON_AddStringToObject(json, "id", anonymous ? refund->payment->id : echo.id);
  cJSON_AddStringToObject(json, "status", refund->status);
  answer_add_integer(json, "amount", echo.amount);
  cJSON_AddStringToObject(json, "currency", echo.currency);
  cJSON_AddStringToObject(json, "payment_id", refund->payment->id);
  answer_add_string(json, "reference", anonymous ? NULL : refund->reference);
  add_created(json, refund->created);
  return json;
}

static bool read_order(const cJSON *body, struct order *order, struct answer *answer) {
  const char *reason = NULL; /* goes nowhere */
  if (!cJSON_IsObject(body)) return refuse_request(answer, "The body must be a JSON object.");
  if (!body_text(body, "payment_id", &order->payment) || order->payment == NULL || *order->payment == '\0')
    return refuse_request(answer, "payment_id must be a string and not empty.");
  const cJSON *amount = cJSON_GetObjectItemCaseSensitive(body, "amount");
  if (!body_amount(amount, &order->amount))
    return refuse_request(answer, "amount must be a whole number of minor units, 1 or more.");
  if (!body_text(body, "reference", &order->reference) || !body_text(body, "reason", &reason))
    return refuse_request(answer, "reference and reason, if given, must be strings.");
  if (order->reference == NULL) order->reference = order->key; /* else the key is what names the refund */
  return true;
}

static void carry_out(const struct call *call, const struct order *order, struct answer *answer) {
  enum verdict verdict = call_refund(call, order, answer);
  if (verdict == BOOKS_NO_MEMORY) {
    refuse(REFUSAL_SERVER, call, answer);
  } else if (verdict == BOOKS_REFUNDED) {
    answer_json(answer, 201, render(call, answer->refund, call->fault));
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
  cJSON *body = body_parse(call);
  if (body == NULL) {
    refuse_request(answer, "The body is not JSON.");
  } else if (read_order(body, &order, answer)) {
    carry_out(call, &order, answer);
  }
  cJSON_Delete(body);
}

/* By its name: the refund's own, or where that is the payment's, of the newest. */
static struct refund *find(const struct call *call) {
  if (!call->traits->names_payment) return call_find(call, &reference_api, call->id);
  const struct payment *payment = books_payment(call->books, call->id);
  struct refund *refund = payment == NULL ? NULL : payment->newest;
  while (refund != NULL && !call_sees(call, &reference_api, refund))
    refund = refund->older_of_payment;
  return refund;
}

static void get(const struct call *call, struct answer *answer) {
  struct refund *refund = find(call);
  if (refund == NULL) {
    say(&(struct words){404, "refund_not_found", "There is no refund of this id."}, answer);
    return;
  }
  books_sync(refund);
  answer_json(answer, 200, render(call, refund, NULL));
}

static void add_seen(const struct call *call, const struct refund *refund, cJSON *data) {
  if (call_sees(call, &reference_api, refund)) cJSON_AddItemToArray(data, render(call, refund, NULL));
}

/* By our reference, or all of a payment; the newest first. */
static void list(const struct call *call, struct answer *answer) {
  const char *reference = call->query(call->connection, "reference");
  const char *payment_id = call->query(call->connection, "payment_id");
  if ((reference == NULL || *reference == '\0') && (payment_id == NULL || *payment_id == '\0')) {
    refuse_request(answer, "reference or payment_id must be given.");
    return;
  }
  cJSON *json = cJSON_CreateObject();
  cJSON *data = cJSON_AddArrayToObject(json, "data");
  const struct payment *payment = payment_id == NULL ? NULL : books_payment(call->books, payment_id);
  if (reference != NULL) {
    const struct refund *refund = books_newest_of_reference(call->books, reference);
    for (; refund != NULL; refund = refund->older_of_reference)
      add_seen(call, refund, data);
  } else if (payment != NULL) {
    for (const struct refund *refund = payment->newest; refund != NULL; refund = refund->older_of_payment)
      add_seen(call, refund, data);
  }
  cJSON_AddBoolToObject(json, "has_more", false);
  answer_json(answer, 200, json);
}

static const struct route routes[] = {
    {"POST", "/refunds", create, ROUTE_REFUND, NULL},
    {"GET", "/refunds/{id}", get, ROUTE_OTHER, NULL},
    {"GET", "/refunds", list, ROUTE_LOOKUP, NULL},
};

const struct api reference_api = {.name = "reference",
                                  .routes = routes,
                                  .route_count = sizeof routes / sizeof *routes,
                                  .refuse = refuse,
                                  .admits = credentials_bearer,
                                  .key_header = "Idempotency-Key",
                                  .key_size = 255};
