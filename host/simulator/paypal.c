/* PayPal's refunds of captured payments, in the shape of its Payments API v2, with the access tokens that they need. A
 * repeat is told the refund's present state; what was refused is tried anew.
 * https://developer.paypal.com/docs/api/payments/v2/
 * POST /v1/oauth2/token, POST /v2/payments/captures/{id}/refund, GET /v2/payments/refunds/{id} */
#include <string.h>
#include <strings.h>

#include "simulator/api.h"
#include "simulator/bodies.h"
#include "simulator/credentials.h"
#include "simulator/decimal.h"
#include "simulator/money.h"

/* https://developer.paypal.com/reference/currency-codes/ */
static const struct money_unit units[] = {{"HUF", 0}, {"TWD", 0}};

static const struct answer_word status_words[] = {
    {"succeeded", "COMPLETED"}, {"pending", "PENDING"}, {"failed", "FAILED"}, {"zorbed", "ZORBED"}};

struct words {
  unsigned status;
  const char *name;
  const char *issue; /* NULL: no details */
  const char *description;
};

static const struct words verdicts[] = {
    [BOOKS_NO_PAYMENT] = {404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID",
                          "Specified resource ID does not exist. Please check the resource ID and try again."},
    [BOOKS_OTHER_CURRENCY] = {422, "UNPROCESSABLE_ENTITY", "REFUND_CAPTURE_CURRENCY_MISMATCH",
                              "Refund must be in the same currency as the capture."},
    [BOOKS_ALREADY_REFUNDED] = {422, "UNPROCESSABLE_ENTITY", "CAPTURE_FULLY_REFUNDED",
                                "The capture has already been fully refunded."},
    [BOOKS_TOO_MUCH] = {422, "UNPROCESSABLE_ENTITY", "REFUND_AMOUNT_EXCEEDED",
                        "The refund amount must be less than or equal to the capture amount that has not yet been "
                        "refunded."},
    [BOOKS_NO_MEMORY] = {500, "INTERNAL_SERVER_ERROR", NULL, "An internal server error has occurred."},
};

static const struct words refusals[REFUSAL_COUNT] = {
    [REFUSAL_KEY_INVALID] = {400, "INVALID_REQUEST", "INVALID_STRING_LENGTH",
                             "PayPal-Request-Id must have 1 to 108 characters."},
    [REFUSAL_KEY_REUSED] = {422, "UNPROCESSABLE_ENTITY", "DUPLICATE_REQUEST_ID",
                            "The value of PayPal-Request-Id header has already been used."},
    [REFUSAL_RATE] = {429, "RATE_LIMIT_REACHED", NULL, "Too many requests. Blocked due to rate limiting."},
    [REFUSAL_SERVER] = {500, "INTERNAL_SERVER_ERROR", NULL, "An internal server error has occurred."},
};

static void say(const struct words *words, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "name", words->name);
  cJSON_AddStringToObject(json, "message", words->description);
  cJSON_AddStringToObject(json, "debug_id", "5d0a3e5c1f2b4");
  if (words->issue != NULL) {
    cJSON *detail = cJSON_CreateObject();
    cJSON_AddStringToObject(detail, "issue", words->issue);
    cJSON_AddStringToObject(detail, "description", words->description);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "details"), detail);
  }
  cJSON_AddArrayToObject(json, "links");
  answer_json(answer, words->status, json);
}

static bool refuse_request(struct answer *answer, const char *issue, const char *description) {
  say(&(struct words){400, "INVALID_REQUEST", issue, description}, answer);
  return false;
}

/* About credentials PayPal speaks as OAuth does. */
static void refuse_credentials(struct answer *answer, const char *error, const char *description) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "error", error);
  cJSON_AddStringToObject(json, "error_description", description);
  answer_json(answer, 401, json);
}

static void refuse(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)call;
  if (refusal == REFUSAL_UNAUTHORIZED) {
    refuse_credentials(answer, "invalid_token", "Token signature verification failed");
  } else {
    say(&refusals[refusal], answer);
  }
}

static bool has_token(const struct call *call) {
  const char *token = credentials_of_scheme(call, "Bearer");
  return token != NULL && bearers_know(call->bearers, token, call->clock);
}

/* ---- Refunds ---- */

static unsigned decimals_of(const char *currency) {
  return money_own_decimals(units, sizeof units / sizeof *units, currency);
}

/* Without an amount all that is left is refunded. */
static bool read_order(const cJSON *body, struct order *order, struct answer *answer) {
  if (body_at(body, "amount") == NULL) return true;
  const char *value = body_text_at(body, "amount/value");
  order->currency = body_text_at(body, "amount/currency_code");
  if (value == NULL || order->currency == NULL)
    return refuse_request(answer, "MISSING_REQUIRED_PARAMETER", "A required field or parameter is missing.");
  unsigned decimals = decimals_of(order->currency);
  bool read = decimal_parse(value, strlen(value), decimals, &order->amount);
  if (!read && decimals == 0 && strchr(value, '.') != NULL)
    return refuse_request(answer, "DECIMALS_NOT_SUPPORTED", "Currency does not support decimals.");
  if (!read || !money_rescale(&order->amount, decimals, money_decimals(order->currency)))
    return refuse_request(answer, "INVALID_PARAMETER_SYNTAX", "The value of the amount is not understood.");
  if (order->amount == 0)
    return refuse_request(answer, "CANNOT_BE_ZERO_OR_NEGATIVE", "The amount must be greater than zero.");
  return true;
}

static cJSON *render(const struct refund *refund, const struct fault *fault, bool whole) {
  struct echo echo = faults_echo(fault, refund);
  const char *currency = refund->payment->currency;
  int64_t value = echo.amount;
  money_rescale(&value, money_decimals(currency), decimals_of(currency));
  cJSON *json = cJSON_CreateObject();
  if (echo.id != NULL) cJSON_AddStringToObject(json, "id", echo.id);
  cJSON_AddStringToObject(json, "status",
                          answer_word(status_words, sizeof status_words / sizeof *status_words, refund->status));
  if (whole) {
    cJSON *amount = cJSON_AddObjectToObject(json, "amount");
    cJSON_AddStringToObject(amount, "currency_code", echo.currency);
    answer_add_major(amount, "value", value, decimals_of(currency));
  }
  cJSON_AddArrayToObject(json, "links");
  return json;
}

/* Unless asked for, only what is new is told. */
static bool wants_whole(const struct call *call) {
  const char *preference = call->header(call->connection, "Prefer");
  return preference != NULL && strcasecmp(preference, "return=representation") == 0;
}

static void repeat(const struct call *call, const struct refund *refund, struct answer *answer) {
  answer_json(answer, 200, render(refund, call->fault, wants_whole(call)));
}

static void create(const struct call *call, struct answer *answer) {
  struct order order = {.api = paypal_api.name,
                        .prefix = "R",
                        .payment = call->id,
                        .status = call_first_status(call),
                        .key = call->key,
                        .now = call->now};
  cJSON *body = call->body_size == 0 ? cJSON_CreateObject() : body_parse(call);
  if (!cJSON_IsObject(body)) {
    refuse_request(answer, "MALFORMED_REQUEST_JSON", "The request JSON is not well formed.");
  } else if (read_order(body, &order, answer)) {
    enum verdict verdict = call_refund(call, &order, answer);
    if (verdict == BOOKS_REFUNDED) {
      answer_json(answer, 201, render(answer->refund, call->fault, wants_whole(call)));
    } else {
      say(&verdicts[verdict], answer);
    }
  }
  cJSON_Delete(body);
}

static void get(const struct call *call, struct answer *answer) {
  struct refund *refund = call_find(call, &paypal_api, call->id);
  if (refund == NULL) {
    say(&verdicts[BOOKS_NO_PAYMENT], answer);
    return;
  }
  books_sync(refund);
  answer_json(answer, 200, render(refund, NULL, true));
}

static const struct route routes[] = {
    {"POST", "/v2/payments/captures/{id}/refund", create, ROUTE_REFUND, NULL},
    {"GET", "/v2/payments/refunds/{id}", get, ROUTE_OTHER, NULL},
};

const struct api paypal_api = {.name = "paypal",
                               .routes = routes,
                               .route_count = sizeof routes / sizeof *routes,
                               .refuse = refuse,
                               .admits = has_token,
                               .key_header = "PayPal-Request-Id",
                               .key_size = 108,
                               .keeps_2xx = true,
                               .repeat = repeat};

/* ---- Access tokens ---- */

static void refuse_client(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)refusal;
  (void)call;
  refuse_credentials(answer, "invalid_client", "Client Authentication failed");
}

static void issue(const struct call *call, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  if (strstr(call->body, "grant_type=client_credentials") == NULL) {
    cJSON_AddStringToObject(json, "error", "unsupported_grant_type");
    cJSON_AddStringToObject(json, "error_description", "Grant Type is NULL");
    answer_json(answer, 400, json);
    return;
  }
  cJSON_AddStringToObject(json, "scope", "https://uri.paypal.com/services/payments/refund");
  cJSON_AddStringToObject(json, "access_token", bearers_issue(call->bearers, call->clock));
  cJSON_AddStringToObject(json, "token_type", "Bearer");
  cJSON_AddStringToObject(json, "app_id", "APP-80W284485P519543T");
  answer_add_integer(json, "expires_in", bearers_lifetime(call->bearers));
  answer_json(answer, 200, json);
}

static const struct route token_routes[] = {{"POST", "/v1/oauth2/token", issue, ROUTE_OTHER, NULL}};

const struct api paypal_token_api = {.name = "paypal-token",
                                     .routes = token_routes,
                                     .route_count = sizeof token_routes / sizeof *token_routes,
                                     .refuse = refuse_client,
                                     .admits = credentials_basic};
