/* Worldpay's Worldwide Payment Gateway ("XML Direct"): one address for all, and answers that speak of the order and
 * never of one refund. An inquiry tells of the order's newest refund.
 * https://developer.worldpay.com/docs/wwpg/manage/modificationrequests
 * POST /jsp/merchant/xml/paymentService.jsp */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/api.h"
#include "simulator/credentials.h"
#include "simulator/money.h"
#include "simulator/xml.h"

enum { KEY_SIZE = 64 };

static const char address[] = "/jsp/merchant/xml/paymentService.jsp";

static const struct answer_word events[] = {
    {"succeeded", "REFUNDED"}, {"pending", "SENT_FOR_REFUND"}, {"failed", "REFUND_FAILED"}, {"zorbed", "ZORBED"}};

struct words {
  int code;
  const char *message;
};

static const struct words verdicts[] = {
    [BOOKS_NO_PAYMENT] = {5, "Could not find payment for order"},
    [BOOKS_OTHER_CURRENCY] = {5, "Refund currency does not match"},
    [BOOKS_ALREADY_REFUNDED] = {5, "Refund amount too high"},
    [BOOKS_TOO_MUCH] = {5, "Refund amount too high"},
    [BOOKS_NO_MEMORY] = {1, "Internal error, please call the payment service"},
};

/* What does not come from the payment service itself is a page. */
static const struct {
  unsigned status;
  const char *page; /* NULL: words, as XML */
  struct words words;
} refusals[REFUSAL_COUNT] = {
    [REFUSAL_UNAUTHORIZED] = {401, "<html><body><h1>401 Unauthorized</h1></body></html>\n", {0, NULL}},
    [REFUSAL_KEY_INVALID] = {200, NULL, {9, "Invalid idempotency-key"}},
    [REFUSAL_KEY_REUSED] = {200, NULL, {9, "Invalid idempotency-key"}},
    [REFUSAL_RATE] = {429, "<html><body><h1>429 Too Many Requests</h1></body></html>\n", {0, NULL}},
    [REFUSAL_SERVER] = {500, "<html><body><h1>500 Internal Server Error</h1></body></html>\n", {0, NULL}},
};

/* ---- Documents ---- */

struct document {
  FILE *file;
  char *text;
  size_t size;
};

static bool begin(struct document *document) {
  *document = (struct document){0};
  document->file = open_memstream(&document->text, &document->size);
  if (document->file == NULL) return false;
  fputs(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE paymentService PUBLIC \"-//WorldPay//DTD WorldPay PaymentService v1//EN\" "
      "\"http://dtd.worldpay.com/paymentService_v1.dtd\">\n"
      "<paymentService version=\"1.4\" merchantCode=\"MERCHANT\"><reply>",
      document->file);
  return true;
}

static void end(struct document *document, struct answer *answer) {
  fputs("</reply></paymentService>\n", document->file);
  if (fclose(document->file) == 0) answer_text(answer, 200, document->text, "text/xml");
  free(document->text);
}

static void put_attribute(FILE *file, const char *name, const char *value) {
  fprintf(file, " %s=\"", name);
  xml_write(file, value);
  fputc('"', file);
}

static void put_amount(FILE *file, int64_t amount, const char *currency) {
  fprintf(file, "<amount value=\"%" PRId64 "\" currencyCode=\"%s\" exponent=\"%u\" debitCreditIndicator=\"credit\"/>",
          amount, currency, money_decimals(currency));
}

static void say(const struct words *words, struct answer *answer) {
  struct document document;
  if (!begin(&document)) return;
  fprintf(document.file, "<error code=\"%d\"><![CDATA[%s]]></error>", words->code, words->message);
  end(&document, answer);
}

static bool refuse_request(struct answer *answer, int code, const char *message) {
  say(&(struct words){code, message}, answer);
  return false;
}

static void refuse(enum refusal refusal, const struct call *call, struct answer *answer) {
  (void)call;
  if (refusals[refusal].page == NULL) {
    say(&refusals[refusal].words, answer);
  } else {
    answer_text(answer, refusals[refusal].status, refusals[refusal].page, "text/html");
  }
}

/* ---- Refunds ---- */

static bool is_modification(const struct call *call) {
  return xml_find(call->body, "orderModification") != NULL;
}

/* A request, as far as its texts live in it. */
struct modification {
  char order[XML_VALUE];
  char currency[XML_VALUE];
};

static bool read_amount(const char *tag, struct modification *modification, struct order *order) {
  char value[XML_VALUE];
  char exponent[XML_VALUE];
  int64_t decimals = 0;
  if (!xml_attribute(tag, "value", value) || !xml_attribute(tag, "currencyCode", modification->currency) ||
      !xml_attribute(tag, "exponent", exponent))
    return false;
  order->currency = modification->currency;
  return books_parse_amount(value, strlen(value), &order->amount) && order->amount != 0 &&
         books_parse_amount(exponent, strlen(exponent), &decimals) && decimals == money_decimals(order->currency);
}

static bool read_order(const struct call *call, struct modification *modification, struct order *order,
                       struct answer *answer) {
  const char *change = xml_find(call->body, "orderModification");
  const char *refund = xml_find(change, "refund");
  const char *amount = refund == NULL ? NULL : xml_find(refund, "amount");
  if (strlen(call->body) != call->body_size || strstr(change, "</paymentService>") == NULL || amount == NULL)
    return refuse_request(answer, 2, "Invalid XML: a refund with an amount is expected");
  if (!xml_attribute(change, "orderCode", modification->order))
    return refuse_request(answer, 5, "Order code is missing");
  order->payment = modification->order;
  if (!read_amount(amount, modification, order)) return refuse_request(answer, 3, "Invalid amount");
  return true;
}

static void render(const struct refund *refund, const struct fault *fault, struct answer *answer) {
  struct echo echo = faults_echo(fault, refund);
  struct document document;
  if (!begin(&document)) return;
  fputs("<ok><refundReceived", document.file);
  if (echo.id != NULL) put_attribute(document.file, "orderCode", refund->payment->id);
  fputc('>', document.file);
  put_amount(document.file, echo.amount, echo.currency);
  fputs("</refundReceived></ok>", document.file);
  end(&document, answer);
}

static void create(const struct call *call, struct answer *answer) {
  struct modification modification;
  struct order order = {.api = worldpayxml_api.name,
                        .prefix = "wp_",
                        .status = call_first_status(call),
                        .key = call->key,
                        .now = call->now};
  if (!read_order(call, &modification, &order, answer)) return;
  enum verdict verdict = call_refund(call, &order, answer);
  if (verdict == BOOKS_REFUNDED) {
    render(answer->refund, call->fault, answer);
  } else {
    say(&verdicts[verdict], answer);
  }
}

/* ---- Inquiries ---- */

static struct refund *newest_of(const struct call *call, const struct payment *payment) {
  struct refund *refund = payment->newest;
  while (refund != NULL && !call_sees(call, &worldpayxml_api, refund))
    refund = refund->older_of_payment;
  return refund;
}

static void tell(const struct payment *payment, const struct refund *refund, struct answer *answer) {
  const char *event = refund == NULL ? "CAPTURED" : answer_word(events, sizeof events / sizeof *events, refund->status);
  struct document document;
  if (!begin(&document)) return;
  fputs("<orderStatus", document.file);
  put_attribute(document.file, "orderCode", payment->id);
  fputs("><payment><paymentMethod>VISA-SSL</paymentMethod>", document.file);
  put_amount(document.file, payment->captured, payment->currency);
  fprintf(document.file, "<lastEvent>%s</lastEvent>", event);
  if (strcmp(event, "REFUND_FAILED") == 0)
    fputs("<ISO8583ReturnCode code=\"5\" description=\"REFUSED\"/>", document.file);
  fputs("</payment></orderStatus>", document.file);
  end(&document, answer);
}

static void inquire(const struct call *call, struct answer *answer) {
  char order[XML_VALUE];
  const char *tag = xml_find(call->body, "orderInquiry");
  if (tag == NULL || !xml_attribute(tag, "orderCode", order)) {
    refuse_request(answer, 2, "Invalid XML: a modification or an inquiry of an order is expected");
    return;
  }
  const struct payment *payment = books_payment(call->books, order);
  if (payment == NULL) {
    say(&verdicts[BOOKS_NO_PAYMENT], answer);
    return;
  }
  struct refund *refund = newest_of(call, payment);
  if (refund != NULL) books_sync(refund);
  tell(payment, refund, answer);
}

static const struct route routes[] = {
    {"POST", address, create, ROUTE_REFUND, is_modification},
    {"POST", address, inquire, ROUTE_OTHER, NULL},
};

const struct api worldpayxml_api = {.name = "worldpayxml",
                                    .routes = routes,
                                    .route_count = sizeof routes / sizeof *routes,
                                    .refuse = refuse,
                                    .admits = credentials_basic,
                                    .key_header = "Idempotency-Key",
                                    .key_size = KEY_SIZE};
