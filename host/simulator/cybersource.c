/* CyberSource's refunds, in the shape of its REST API: signed (what is signed is not checked), no idempotency keys, a
 * search by the merchant's reference.
 * https://developer.cybersource.com/api-reference-assets/index.html
 * POST /pts/v2/payments/{id}/refunds, GET /tss/v2/transactions/{id}, POST /tss/v2/searches */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "simulator/api.h"
#include "simulator/bodies.h"
#include "simulator/credentials.h"
#include "simulator/decimal.h"
#include "simulator/money.h"

enum { REFERENCE_SIZE = 50, LIST_DEFAULT = 20, LIST_LIMIT = 2500 };

/* The answer to the request, and the later ones. */
static const struct answer_word first_words[] = {
    {"succeeded", "PENDING"}, {"pending", "PENDING"}, {"failed", "DECLINED"}, {"zorbed", "ZORBED"}};
static const struct answer_word later_words[] = {
    {"succeeded", "TRANSMITTED"}, {"pending", "PENDING"}, {"failed", "DECLINED"}, {"zorbed", "ZORBED"}};
static const struct answer_word reply_codes[] = {
    {"succeeded", "1"}, {"pending", "1"}, {"failed", "0"}, {"zorbed", "-1"}};
static const struct answer_word reply_flags[] = {
    {"succeeded", "SOK"}, {"pending", "SOK"}, {"failed", "DCARDREFUSED"}, {"zorbed", "ZORBED"}};

#define WORD(table, refund) answer_word((table), sizeof(table) / sizeof *(table), (refund)->status)

struct words {
  unsigned status;
  const char *word;
  const char *reason;
  const char *message;
};

static const struct words verdicts[] = {
    [BOOKS_OTHER_CURRENCY] = {400, "INVALID_REQUEST", "INVALID_DATA", "The currency is not that of the payment."},
    [BOOKS_ALREADY_REFUNDED] = {400, "INVALID_REQUEST", "INVALID_AMOUNT", "The payment has been refunded in full."},
    [BOOKS_TOO_MUCH] = {400, "INVALID_REQUEST", "INVALID_AMOUNT", "The amount is more than the payment has left."},
    [BOOKS_NO_MEMORY] = {502, "SERVER_ERROR", "SYSTEM_ERROR", "General system failure."},
};

static const struct words refusals[REFUSAL_COUNT] = {
    [REFUSAL_RATE] = {429, "SERVER_ERROR", "RATE_LIMIT_EXCEEDED", "Too many requests."},
    [REFUSAL_SERVER] = {502, "SERVER_ERROR", "SYSTEM_ERROR", "General system failure."},
};

static void say(const struct words *words, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "status", words->word);
  cJSON_AddStringToObject(json, "reason", words->reason);
  cJSON_AddStringToObject(json, "message", words->message);
  answer_json(answer, words->status, json);
}

static void refuse_missing(struct answer *answer, const char *message) {
  cJSON *json = cJSON_CreateObject();
  cJSON *error = cJSON_CreateObject();
  cJSON_AddStringToObject(error, "type", "notFound");
  cJSON_AddStringToObject(error, "message", message);
  cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "errors"), error);
  answer_json(answer, 404, json);
}

static void refuse_credentials(struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(cJSON_AddObjectToObject(json, "response"), "rmsg", "Authentication Failed");
  answer_json(answer, 401, json);
}

static void refuse(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)call;
  if (refusal == REFUSAL_UNAUTHORIZED) {
    refuse_credentials(answer);
  } else if (refusal == REFUSAL_NO_LOOKUP) {
    say(&(struct words){404, "INVALID_REQUEST", "NOT_SUPPORTED", "Searches are not switched on."}, answer);
  } else {
    say(&refusals[refusal], answer);
  }
}

static bool refuse_field(struct answer *answer, const char *field, const char *reason) {
  cJSON *json = cJSON_CreateObject();
  cJSON *detail = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "status", "INVALID_REQUEST");
  cJSON_AddStringToObject(json, "reason", reason);
  cJSON_AddStringToObject(json, "message", "Declined - One or more fields in the request contains invalid data.");
  cJSON_AddStringToObject(detail, "field", field);
  cJSON_AddStringToObject(detail, "reason", reason);
  cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "details"), detail);
  answer_json(answer, 400, json);
  return false;
}

static void add_time(cJSON *json, int64_t seconds) {
  char text[32];
  time_t when = (time_t)seconds;
  struct tm parts;
  gmtime_r(&when, &parts);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  cJSON_AddStringToObject(json, "submitTimeUtc", text);
}

static void add_reference(cJSON *json, const struct refund *refund) {
  cJSON *reference = cJSON_AddObjectToObject(json, "clientReferenceInformation");
  if (refund->reference != NULL) cJSON_AddStringToObject(reference, "code", refund->reference);
}

static void add_error(cJSON *json, const struct refund *refund) {
  if (strcmp(refund->status, "failed") != 0) return;
  cJSON *error = cJSON_AddObjectToObject(json, "errorInformation");
  cJSON_AddStringToObject(error, "reason", "PROCESSOR_DECLINED");
  cJSON_AddStringToObject(error, "message", "Decline - General decline of the card.");
}

/* ---- Refunds ---- */

static bool read_order(const cJSON *body, struct order *order, struct answer *answer) {
  static const char field[] = "orderInformation.amountDetails.totalAmount";
  const char *amount = body_text_at(body, "orderInformation/amountDetails/totalAmount");
  order->currency = body_text_at(body, "orderInformation/amountDetails/currency");
  if (amount == NULL) return refuse_field(answer, field, "MISSING_FIELD");
  if (order->currency == NULL) return refuse_field(answer, "orderInformation.amountDetails.currency", "MISSING_FIELD");
  if (!decimal_parse(amount, strlen(amount), money_decimals(order->currency), &order->amount) || order->amount == 0)
    return refuse_field(answer, field, "INVALID_DATA");
  const cJSON *reference = body_at(body, "clientReferenceInformation");
  if (!body_text(reference, "code", &order->reference) ||
      (order->reference != NULL && strlen(order->reference) > REFERENCE_SIZE))
    return refuse_field(answer, "clientReferenceInformation.code", "INVALID_DATA");
  return true;
}

static cJSON *render(const struct refund *refund, const struct fault *fault) {
  struct echo echo = faults_echo(fault, refund);
  cJSON *json = cJSON_CreateObject();
  if (echo.id != NULL) cJSON_AddStringToObject(json, "id", echo.id);
  add_time(json, refund->created);
  cJSON_AddStringToObject(json, "status", WORD(first_words, refund));
  add_reference(json, refund);
  cJSON *amount = cJSON_AddObjectToObject(json, "refundAmountDetails");
  answer_add_major(amount, "refundAmount", echo.amount, money_decimals(refund->payment->currency));
  cJSON_AddStringToObject(amount, "currency", echo.currency);
  add_error(json, refund);
  return json;
}

static void carry_out(const struct call *call, const struct order *order, struct answer *answer) {
  enum verdict verdict = call_refund(call, order, answer);
  if (verdict == BOOKS_REFUNDED) {
    answer_json(answer, 201, render(answer->refund, call->fault));
  } else if (verdict == BOOKS_NO_PAYMENT) {
    refuse_missing(answer, "The requested resource does not exist");
  } else {
    say(&verdicts[verdict], answer);
  }
}

static void create(const struct call *call, struct answer *answer) {
  struct order order = {.api = cybersource_api.name,
                        .prefix = "7212",
                        .payment = call->id,
                        .status = call_first_status(call),
                        .now = call->now};
  cJSON *body = body_parse(call);
  if (!cJSON_IsObject(body)) {
    refuse_field(answer, "body", "INVALID_DATA");
  } else if (read_order(body, &order, answer)) {
    carry_out(call, &order, answer);
  }
  cJSON_Delete(body);
}

static void get(const struct call *call, struct answer *answer) {
  struct refund *refund = call_find(call, &cybersource_api, call->id);
  if (refund == NULL) {
    refuse_missing(answer, "The requested resource does not exist");
    return;
  }
  books_sync(refund);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "id", refund->id);
  add_time(json, refund->created);
  add_reference(json, refund);
  cJSON_AddStringToObject(cJSON_AddObjectToObject(json, "applicationInformation"), "status", WORD(later_words, refund));
  add_error(json, refund);
  answer_json(answer, 200, json);
}

/* ---- Searches ---- */

static cJSON *summarize(const struct refund *refund) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "id", refund->id);
  add_time(json, refund->created);
  add_reference(json, refund);
  cJSON *application = cJSON_CreateObject();
  cJSON_AddStringToObject(application, "name", "ics_credit");
  cJSON_AddStringToObject(application, "rCode", WORD(reply_codes, refund));
  cJSON_AddStringToObject(application, "rFlag", WORD(reply_flags, refund));
  cJSON *information = cJSON_AddObjectToObject(json, "applicationInformation");
  cJSON_AddItemToArray(cJSON_AddArrayToObject(information, "applications"), application);
  cJSON *amount = cJSON_AddObjectToObject(cJSON_AddObjectToObject(json, "orderInformation"), "amountDetails");
  answer_add_major(amount, "totalAmount", refund->amount, money_decimals(refund->payment->currency));
  cJSON_AddStringToObject(amount, "currency", refund->payment->currency);
  add_error(json, refund);
  return json;
}

/* The reference that is asked for: "clientReferenceInformation.code:REFERENCE", in double quotes or not. */
static bool read_query(const cJSON *body, char reference[static REFERENCE_SIZE + 1]) {
  static const char opening[] = "clientReferenceInformation.code:";
  const char *query = body_text_at(body, "query");
  if (query == NULL || strncmp(query, opening, sizeof opening - 1) != 0) return false;
  const char *value = query + sizeof opening - 1;
  size_t size = strlen(value);
  if (size >= 2 && value[0] == '"' && value[size - 1] == '"') {
    value++;
    size -= 2;
  }
  if (size == 0 || size > REFERENCE_SIZE) return false;
  memcpy(reference, value, size);
  reference[size] = '\0';
  return true;
}

static bool read_limit(const cJSON *body, int64_t *limit) {
  const cJSON *item = body_at(body, "limit");
  *limit = LIST_DEFAULT;
  return item == NULL || (body_amount(item, limit) && *limit <= LIST_LIMIT);
}

static void list(const struct call *call, const char *reference, int64_t limit, struct answer *answer) {
  char id[32];
  int64_t total = 0;
  cJSON *summaries = cJSON_CreateArray();
  const struct refund *refund = books_newest_of_reference(call->books, reference);
  for (; refund != NULL; refund = refund->older_of_reference) {
    if (!call_sees(call, &cybersource_api, refund)) continue;
    if (total++ < limit) cJSON_AddItemToArray(summaries, summarize(refund));
  }
  int count = cJSON_GetArraySize(summaries);
  cJSON *json = cJSON_CreateObject();
  snprintf(id, sizeof id, "%" PRId64, call->clock);
  cJSON_AddStringToObject(json, "searchId", id);
  answer_add_integer(json, "count", count);
  answer_add_integer(json, "totalCount", total);
  if (count == 0) {
    cJSON_Delete(summaries);
  } else {
    cJSON_AddItemToObject(cJSON_AddObjectToObject(json, "_embedded"), "transactionSummaries", summaries);
  }
  answer_json(answer, 201, json);
}

static void search(const struct call *call, struct answer *answer) {
  char reference[REFERENCE_SIZE + 1];
  int64_t limit = 0;
  cJSON *body = body_parse(call);
  if (!read_query(body, reference)) {
    refuse_field(answer, "query", "INVALID_DATA");
  } else if (body_text_at(body, "sort") == NULL) {
    refuse_field(answer, "sort", "MISSING_FIELD");
  } else if (!read_limit(body, &limit)) {
    refuse_field(answer, "limit", "INVALID_DATA");
  } else {
    list(call, reference, limit, answer);
  }
  cJSON_Delete(body);
}

static const struct route routes[] = {
    {"POST", "/pts/v2/payments/{id}/refunds", create, ROUTE_REFUND, NULL},
    {"GET", "/tss/v2/transactions/{id}", get, ROUTE_OTHER, NULL},
    {"POST", "/tss/v2/searches", search, ROUTE_LOOKUP, NULL},
};

const struct api cybersource_api = {.name = "cybersource",
                                    .routes = routes,
                                    .route_count = sizeof routes / sizeof *routes,
                                    .refuse = refuse,
                                    .admits = credentials_signed};
