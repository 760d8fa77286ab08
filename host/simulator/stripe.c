/* Stripe's refunds, in the shape of its version 2022-11-15 (https://docs.stripe.com/api/refunds). Amounts are in
 * Stripe's own smallest unit; a payment is told from a charge by its id, as Stripe does.
 * POST /v1/refunds, GET /v1/refunds/{id}, GET /v1/refunds?payment_intent=|charge=&limit= */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/api.h"
#include "simulator/credentials.h"
#include "simulator/form.h"

enum { METADATA_COUNT = 50, METADATA_NAME = 40, METADATA_VALUE = 500, LIST_DEFAULT = 10, LIST_LIMIT = 100 };

static const char REQUEST_ERROR[] = "invalid_request_error";

/* A request's form; `metadata` is owned, the texts live in the decoded body. */
struct form {
  const char *amount;
  const char *payment_intent;
  const char *charge;
  const char *reason;
  const char *ignored;
  cJSON *metadata;
};

/* Stripe refuses a parameter that it does not know. */
static const struct {
  const char *name;
  size_t place;
} parameters[] = {
    {"amount", offsetof(struct form, amount)},
    {"payment_intent", offsetof(struct form, payment_intent)},
    {"charge", offsetof(struct form, charge)},
    {"reason", offsetof(struct form, reason)},
    {"refund_application_fee", offsetof(struct form, ignored)},
    {"reverse_transfer", offsetof(struct form, ignored)},
    {"instructions_email", offsetof(struct form, ignored)},
};

static const char *const reasons[] = {"duplicate", "fraudulent", "requested_by_customer"};

/* `code` and `param` may be NULL. Returns false, for `return say(...)` where a check fails. */
__attribute__((format(printf, 6, 7))) static bool say(struct answer *answer, unsigned status, const char *type,
                                                      const char *code, const char *param, const char *format, ...) {
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  cJSON *json = cJSON_CreateObject();
  cJSON *error = cJSON_AddObjectToObject(json, "error");
  if (code != NULL) cJSON_AddStringToObject(error, "code", code);
  cJSON_AddStringToObject(error, "message", message);
  if (param != NULL) cJSON_AddStringToObject(error, "param", param);
  cJSON_AddStringToObject(error, "type", type);
  answer_json(answer, status, json);
  return false;
}

static const struct {
  unsigned status;
  const char *type;
  const char *code;
  const char *message;
} refusals[REFUSAL_COUNT] = {
    [REFUSAL_UNAUTHORIZED] = {401, REQUEST_ERROR, NULL, "Invalid API Key provided."},
    [REFUSAL_KEY_INVALID] = {400, REQUEST_ERROR, NULL, "Idempotency keys must have 1 to 255 characters."},
    [REFUSAL_KEY_REUSED] = {400, "idempotency_error", NULL,
                            "Keys for idempotent requests can only be used with the same parameters they were first "
                            "used with. Try another key if you meant to execute a different request."},
    [REFUSAL_RATE] = {429, REQUEST_ERROR, "rate_limit", "Too many requests hit the API too quickly."},
    [REFUSAL_SERVER] = {500, "api_error", NULL, "An unknown error occurred."},
    [REFUSAL_NO_LOOKUP] = {404, REQUEST_ERROR, NULL, "Unrecognized request URL."},
};

static void refuse(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)call;
  say(answer, refusals[refusal].status, refusals[refusal].type, refusals[refusal].code, NULL, "%s",
      refusals[refusal].message);
}

static bool is_charge(const char *id) {
  return strncmp(id, "ch_", 3) == 0 || strncmp(id, "py_", 3) == 0;
}

/* metadata[NAME] */
static bool read_metadata(struct form *form, struct form_field *field, struct answer *answer) {
  static const char opening[] = "metadata[";
  char *name = field->name + sizeof opening - 1;
  size_t size = strlen(name);
  name[size - 1] = '\0';
  if (size - 1 > METADATA_NAME || strlen(field->value) > METADATA_VALUE ||
      cJSON_GetArraySize(form->metadata) >= METADATA_COUNT)
    return say(answer, 400, REQUEST_ERROR, NULL, "metadata",
               "Metadata is limited to %d keys of %d characters, each value to %d.", METADATA_COUNT, METADATA_NAME,
               METADATA_VALUE);
  cJSON_DeleteItemFromObjectCaseSensitive(form->metadata, name);
  cJSON_AddStringToObject(form->metadata, name, field->value);
  return true;
}

static bool is_metadata(const char *name) {
  size_t size = strlen(name);
  return size > sizeof "metadata[]" - 1 && strncmp(name, "metadata[", sizeof "metadata[" - 1) == 0 &&
         name[size - 1] == ']';
}

static bool read_field(struct form *form, struct form_field *field, struct answer *answer) {
  if (is_metadata(field->name)) return read_metadata(form, field, answer);
  for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
    if (strcmp(field->name, parameters[i].name) != 0) continue;
    const char **place = (const char **)(void *)((char *)form + parameters[i].place);
    *place = field->value;
    return true;
  }
  return say(answer, 400, REQUEST_ERROR, "parameter_unknown", field->name, "Received unknown parameter: %s",
             field->name);
}

static bool read_form(struct form *form, char *body, struct answer *answer) {
  struct form_field field;
  enum form_result result;
  while ((result = form_next(&body, &field)) == FORM_FIELD) {
    if (!read_field(form, &field, answer)) return false;
  }
  return result == FORM_END || say(answer, 400, REQUEST_ERROR, NULL, NULL, "Invalid request body encoding.");
}

static bool check_reason(const char *reason, struct answer *answer) {
  if (reason == NULL) return true;
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    if (strcmp(reason, reasons[i]) == 0) return true;
  }
  return say(answer, 400, REQUEST_ERROR, NULL, "reason",
             "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer");
}

static bool read_order(const struct form *form, struct order *order, struct answer *answer) {
  if (form->payment_intent == NULL && form->charge == NULL)
    return say(answer, 400, REQUEST_ERROR, "parameter_missing", "charge",
               "One of the following params should be provided for this request: payment_intent or charge.");
  if (form->payment_intent != NULL && form->charge != NULL)
    return say(answer, 400, REQUEST_ERROR, NULL, NULL,
               "You may only specify one of these parameters: payment_intent, charge.");
  order->payment = form->charge == NULL ? form->payment_intent : form->charge;
  bool whole = form->amount == NULL; /* order->amount stays 0 */
  if (!whole && !books_parse_amount(form->amount, strlen(form->amount), &order->amount))
    return say(answer, 400, REQUEST_ERROR, "parameter_invalid_integer", "amount", "Invalid integer: %s", form->amount);
  if (!whole && order->amount == 0)
    return say(answer, 400, REQUEST_ERROR, "parameter_invalid_integer", "amount", "Invalid positive integer");
  order->reference = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(form->metadata, "order_id"));
  return check_reason(form->reason, answer);
}

static cJSON *render(const struct refund *refund, const struct fault *fault) {
  struct echo echo = faults_echo(fault, refund);
  char currency[sizeof echo.currency] = "";
  for (size_t i = 0; i < 3; i++)
    currency[i] = (char)(echo.currency[i] | 0x20);
  const char *payment = refund->payment->id;
  cJSON *json = cJSON_Parse(refund->details);
  if (echo.id != NULL) cJSON_AddStringToObject(json, "id", echo.id);
  cJSON_AddStringToObject(json, "object", "refund");
  answer_add_integer(json, "amount", echo.amount);
  cJSON_AddNullToObject(json, "balance_transaction");
  answer_add_string(json, "charge", is_charge(payment) ? payment : NULL);
  answer_add_integer(json, "created", refund->created);
  cJSON_AddStringToObject(json, "currency", currency);
  answer_add_string(json, "payment_intent", is_charge(payment) ? NULL : payment);
  cJSON_AddStringToObject(json, "status", refund->status);
  if (strcmp(refund->status, "failed") == 0)
    cJSON_AddStringToObject(json, "failure_reason", "expired_or_canceled_card");
  return json;
}

static bool refuse_payment(struct answer *answer, bool as_charge, const char *id) {
  const char *param = as_charge ? "charge" : "payment_intent";
  return say(answer, 404, REQUEST_ERROR, "resource_missing", param, "No such %s: '%s'", param, id);
}

static void refuse_too_much(const struct call *call, const struct order *order, struct answer *answer) {
  const struct payment *payment = books_payment(call->books, order->payment);
  bool over_captured = order->amount > payment->captured;
  int64_t left = over_captured ? payment->captured : payment->captured - payment->refunded;
  say(answer, 400, REQUEST_ERROR, NULL, "amount", "Refund amount (%" PRId64 ") is greater than %s (%" PRId64 ")",
      order->amount, over_captured ? "charge amount" : "unrefunded amount on charge", left);
}

static void carry_out(const struct call *call, const struct order *order, bool as_charge, struct answer *answer) {
  enum verdict verdict = BOOKS_NO_PAYMENT;
  answer->executed = true;
  if (is_charge(order->payment) == as_charge) verdict = call_refund(call, order, answer);
  switch (verdict) {
    case BOOKS_REFUNDED:
      answer_json(answer, 200, render(answer->refund, call->fault));
      break;
    case BOOKS_NO_PAYMENT:
    case BOOKS_OTHER_CURRENCY: /* never: the request says none */
      refuse_payment(answer, as_charge, order->payment);
      break;
    case BOOKS_ALREADY_REFUNDED:
      say(answer, 400, REQUEST_ERROR, "charge_already_refunded", NULL, "Charge %s has already been refunded.",
          order->payment);
      break;
    case BOOKS_TOO_MUCH:
      refuse_too_much(call, order, answer);
      break;
    case BOOKS_NO_MEMORY:
      refuse(REFUSAL_SERVER, call, answer);
      break;
  }
}

/* What the books do not know of but the answers repeat. */
static char *print_details(const struct form *form) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddItemReferenceToObject(json, "metadata", form->metadata);
  answer_add_string(json, "reason", form->reason);
  char *details = cJSON_PrintUnformatted(json);
  cJSON_Delete(json);
  return details;
}

static void create(const struct call *call, struct answer *answer) {
  struct form form = {.metadata = cJSON_CreateObject()};
  struct order order = {
      .api = stripe_api.name, .prefix = "re_", .status = call_first_status(call), .key = call->key, .now = call->now};
  char *details = NULL;
  char *body = strdup(call->body);
  if (body == NULL || strlen(body) != call->body_size) {
    say(answer, 400, REQUEST_ERROR, NULL, NULL, "Invalid request body encoding.");
    goto cleanup;
  }
  if (!read_form(&form, body, answer) || !read_order(&form, &order, answer)) goto cleanup;
  order.details = details = print_details(&form);
  carry_out(call, &order, form.charge != NULL, answer);
cleanup:
  free(details);
  free(body);
  cJSON_Delete(form.metadata);
}

static void get(const struct call *call, struct answer *answer) {
  struct refund *refund = call_find(call, &stripe_api, call->id);
  if (refund == NULL) {
    say(answer, 404, REQUEST_ERROR, "resource_missing", "id", "No such refund: '%s'", call->id);
    return;
  }
  books_sync(refund);
  answer_json(answer, 200, render(refund, NULL));
}

static bool read_limit(const struct call *call, int64_t *limit, struct answer *answer) {
  const char *text = call->query(call->connection, "limit");
  *limit = LIST_DEFAULT;
  if (text == NULL || (books_parse_amount(text, strlen(text), limit) && *limit >= 1 && *limit <= LIST_LIMIT))
    return true;
  return say(answer, 400, REQUEST_ERROR, "parameter_invalid_integer", "limit", "The limit must be 1 to %d.",
             LIST_LIMIT);
}

/* The payment whose refunds are wanted, NULL: all are. */
static bool read_filter(const struct call *call, const struct payment **payment, struct answer *answer) {
  const char *charge = call->query(call->connection, "charge");
  const char *id = charge != NULL ? charge : call->query(call->connection, "payment_intent");
  *payment = NULL;
  if (id == NULL) return true;
  if (is_charge(id) == (charge != NULL)) *payment = books_payment(call->books, id);
  return *payment != NULL || refuse_payment(answer, charge != NULL, id);
}

/* Returns whether there are more than `limit`. */
static bool add_refunds(cJSON *data, const struct call *call, const struct payment *payment, int64_t limit) {
  const struct refund *refund = payment == NULL ? books_newest(call->books) : payment->newest;
  for (; refund != NULL; refund = payment == NULL ? refund->older : refund->older_of_payment) {
    if (!call_sees(call, &stripe_api, refund)) continue;
    if (limit-- == 0) return true;
    cJSON_AddItemToArray(data, render(refund, NULL));
  }
  return false;
}

static void list(const struct call *call, struct answer *answer) {
  int64_t limit = 0;
  const struct payment *payment = NULL;
  if (!read_limit(call, &limit, answer) || !read_filter(call, &payment, answer)) return;
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "object", "list");
  cJSON *data = cJSON_AddArrayToObject(json, "data");
  cJSON_AddBoolToObject(json, "has_more", add_refunds(data, call, payment, limit));
  cJSON_AddStringToObject(json, "url", "/v1/refunds");
  answer_json(answer, 200, json);
}

static const struct route routes[] = {
    {"POST", "/v1/refunds", create, ROUTE_REFUND, NULL},
    {"GET", "/v1/refunds/{id}", get, ROUTE_OTHER, NULL},
    {"GET", "/v1/refunds", list, ROUTE_LOOKUP, NULL},
};

const struct api stripe_api = {.name = "stripe",
                               .routes = routes,
                               .route_count = sizeof routes / sizeof *routes,
                               .refuse = refuse,
                               .admits = credentials_bearer,
                               .key_header = "Idempotency-Key",
                               .key_size = 255};
