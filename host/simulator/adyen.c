/* Adyen's refunds, in the shape of its Checkout API, version 68: an answer only says that the request was received, and
 * nobody can ask later. Amounts are in Adyen's own smallest unit.
 * https://docs.adyen.com/api-explorer/Checkout/68/post/payments/(paymentPspReference)/refunds
 * POST /v68/payments/{id}/refunds */
#include <string.h>

#include "simulator/api.h"
#include "simulator/bodies.h"
#include "simulator/credentials.h"
#include "simulator/money.h"

enum { REFERENCE_SIZE = 80 };

/* https://docs.adyen.com/development-resources/currency-codes */
static const struct money_unit units[] = {{"CLP", 2}, {"ISK", 2}, {"CVE", 0}, {"IDR", 0}};

static const char *const reasons[] = {"FRAUD", "CUSTOMER REQUEST", "RETURN", "DUPLICATE", "OTHER"};

/* Whatever became of it. */
static const struct answer_word status_words[] = {
    {"succeeded", "received"}, {"pending", "received"}, {"failed", "received"}};

struct words {
  unsigned status;
  const char *code;
  const char *type;
  const char *message;
};

static const struct words refusals[REFUSAL_COUNT] = {
    [REFUSAL_UNAUTHORIZED] = {401, "000", "security", "HTTP Status Response - Unauthorized"},
    [REFUSAL_KEY_INVALID] = {422, "702", "validation", "The idempotency key must have 1 to 64 characters"},
    [REFUSAL_KEY_REUSED] = {422, "704", "validation", "request already processed or in progress"},
    [REFUSAL_RATE] = {429, "903", "internal", "Too many requests"},
    [REFUSAL_SERVER] = {500, "905", "internal", "An internal error has occurred"},
};

static const struct words verdicts[] = {
    [BOOKS_NO_PAYMENT] = {422, "167", "validation", "Original pspReference required for this operation"},
    [BOOKS_OTHER_CURRENCY] = {422, "138", "validation", "Unsupported currency specified"},
    [BOOKS_ALREADY_REFUNDED] = {422, "137", "validation", "Insufficient balance on payment"},
    [BOOKS_TOO_MUCH] = {422, "137", "validation", "Insufficient balance on payment"},
    [BOOKS_NO_MEMORY] = {500, "905", "internal", "An internal error has occurred"},
};

static void say(const struct words *words, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  answer_add_integer(json, "status", words->status);
  cJSON_AddStringToObject(json, "errorCode", words->code);
  cJSON_AddStringToObject(json, "message", words->message);
  cJSON_AddStringToObject(json, "errorType", words->type);
  answer_json(answer, words->status, json);
}

static void refuse(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)call;
  say(&refusals[refusal], answer);
}

static bool refuse_request(struct answer *answer, unsigned status, const char *code, const char *message) {
  say(&(struct words){status, code, "validation", message}, answer);
  return false;
}

static unsigned decimals_of(const char *currency) {
  return money_own_decimals(units, sizeof units / sizeof *units, currency);
}

static bool is_reason(const char *reason) {
  for (size_t i = 0; reason != NULL && i < sizeof reasons / sizeof *reasons; i++) {
    if (strcmp(reason, reasons[i]) == 0) return true;
  }
  return reason == NULL;
}

static bool read_order(const cJSON *body, struct order *order, struct answer *answer) {
  const char *merchant = body_text_at(body, "merchantAccount");
  const char *reason = NULL;
  if (merchant == NULL || *merchant == '\0') return refuse_request(answer, 403, "901", "Invalid Merchant Account");
  order->currency = body_text_at(body, "amount/currency");
  if (order->currency == NULL) return refuse_request(answer, 422, "138", "Unsupported currency specified");
  if (!body_amount(body_at(body, "amount/value"), &order->amount) ||
      !money_rescale(&order->amount, decimals_of(order->currency), money_decimals(order->currency)))
    return refuse_request(answer, 422, "137", "Invalid amount specified");
  if (!body_text(body, "reference", &order->reference) ||
      (order->reference != NULL && strlen(order->reference) > REFERENCE_SIZE))
    return refuse_request(answer, 422, "130", "Reference must be a text of at most 80 characters");
  if (!body_text(body, "merchantRefundReason", &reason) || !is_reason(reason))
    return refuse_request(answer, 422, "702", "Unexpected value for merchantRefundReason");
  return true;
}

static cJSON *render(const struct call *call, const struct refund *refund, const char *merchant) {
  struct echo echo = faults_echo(call->fault, refund);
  int64_t value = echo.amount;
  money_rescale(&value, money_decimals(refund->payment->currency), decimals_of(refund->payment->currency));
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "merchantAccount", merchant);
  cJSON_AddStringToObject(json, "paymentPspReference", refund->payment->id);
  if (refund->reference != NULL) cJSON_AddStringToObject(json, "reference", refund->reference);
  if (echo.id != NULL) cJSON_AddStringToObject(json, "pspReference", echo.id);
  cJSON_AddStringToObject(json, "status",
                          answer_word(status_words, sizeof status_words / sizeof *status_words, refund->status));
  cJSON *amount = cJSON_AddObjectToObject(json, "amount");
  cJSON_AddStringToObject(amount, "currency", echo.currency);
  answer_add_integer(amount, "value", value);
  return json;
}

static void create(const struct call *call, struct answer *answer) {
  struct order order = {.api = adyen_api.name,
                        .prefix = "",
                        .payment = call->id,
                        .status = call_first_status(call),
                        .key = call->key,
                        .now = call->now};
  cJSON *body = body_parse(call);
  if (!cJSON_IsObject(body)) {
    refuse_request(answer, 400, "702", "The request could not be read as JSON");
  } else if (read_order(body, &order, answer)) {
    enum verdict verdict = call_refund(call, &order, answer);
    if (verdict == BOOKS_REFUNDED) {
      answer_json(answer, 201, render(call, answer->refund, body_text_at(body, "merchantAccount")));
    } else {
      say(&verdicts[verdict], answer);
    }
  }
  cJSON_Delete(body);
}

static const struct route routes[] = {{"POST", "/v68/payments/{id}/refunds", create, ROUTE_REFUND, NULL}};

const struct api adyen_api = {.name = "adyen",
                              .routes = routes,
                              .route_count = sizeof routes / sizeof *routes,
                              .refuse = refuse,
                              .admits = credentials_api_key,
                              .key_header = "Idempotency-Key",
                              .key_size = 64};
