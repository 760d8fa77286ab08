/* Worldpay's XML API, over the wire. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "simulator/xml.h"

#define PATH "/jsp/merchant/xml/paymentService.jsp"
#define DOCUMENT(content)                                                                                    \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE paymentService PUBLIC "                             \
  "\"-//WorldPay//DTD WorldPay PaymentService v1//EN\" \"http://dtd.worldpay.com/paymentService_v1.dtd\">\n" \
  "<paymentService version=\"1.4\" merchantCode=\"M\">" content "</paymentService>"
#define REFUND(order, value, currency, exponent)                                               \
  DOCUMENT("<modify><orderModification orderCode=\"" order "\"><refund><amount value=\"" value \
           "\" currencyCode=\"" currency "\" exponent=\"" exponent "\"/></refund></orderModification></modify>")
#define INQUIRY(order) DOCUMENT("<inquiry><orderInquiry orderCode=\"" order "\"/></inquiry>")

static const char basic[] = "Authorization: Basic dXNlcjpwYXNz";
static const char full[] = REFUND("pay_1", "400", "USD", "2");

static void expect_with(const struct simulator *simulator, const char *key, const char *body, long status,
                        const char *part) {
  struct response *response = client_request(simulator, "POST", PATH, HEADERS(basic, key), body);
  cr_expect_eq(response->status, status, "%s: %ld %s", body, response->status, response->body);
  cr_expect_not_null(strstr(response->body, part), "%s: %s", body, response->body);
  client_free(response);
}

static void expect(const struct simulator *simulator, const char *body, const char *part) {
  expect_with(simulator, NULL, body, 200, part);
}

Test(worldpayxml, a_refund_is_received_and_the_order_asked_for) {
  struct simulator *simulator = client_start((struct simulator_options){PAYMENTS("a&\"b=500:JPY")});
  struct response *made = client_request(simulator, "POST", PATH, HEADERS(basic), full);
  cr_expect_eq(made->status, 200);
  cr_expect_str_eq(made->content_type, "text/xml");
  cr_expect_not_null(strstr(made->body,
                            "<reply><ok><refundReceived orderCode=\"pay_1\"><amount value=\"400\" currencyCode=\"USD\" "
                            "exponent=\"2\" debitCreditIndicator=\"credit\"/></refundReceived></ok></reply>"),
                     "%s", made->body);
  expect(simulator, INQUIRY("pay_1"), "<orderStatus orderCode=\"pay_1\"><payment>");
  expect(simulator, INQUIRY("pay_1"), "<lastEvent>REFUNDED</lastEvent>");
  expect(simulator, INQUIRY("pay_2"), "<lastEvent>CAPTURED</lastEvent>");
  expect(simulator, REFUND("a&amp;&quot;b", "500", "JPY", "0"), "orderCode=\"a&amp;&quot;b\"");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 2);
  client_free(made);
  simulator_stop(simulator);
}

Test(worldpayxml, refusals_come_with_200_in_the_reply) {
  static const char *const cases[][2] = {
      {REFUND("no", "1", "USD", "2"), "<error code=\"5\"><![CDATA[Could not find payment for order]]></error>"},
      {REFUND("pay_1", "1001", "USD", "2"), "Refund amount too high"},
      {REFUND("pay_1", "1", "EUR", "2"), "Refund currency does not match"},
      {REFUND("pay_1", "1", "USD", "0"), "<error code=\"3\">"},
      {REFUND("pay_1", "0", "USD", "2"), "<error code=\"3\">"},
      {REFUND("pay_1", "1.0", "USD", "2"), "<error code=\"3\">"},
      {REFUND("&bad;", "1", "USD", "2"), "<error code=\"5\">"},
      {DOCUMENT("<modify><orderModification orderCode=\"pay_1\"></orderModification></modify>"), "<error code=\"2\">"},
      {DOCUMENT("<modify><orderModification"), "<error code=\"2\">"},
      {"<orderModification orderCode=\"pay_1\"><refund><amount value=\"1\" currencyCode=\"USD\" exponent=\"2",
       "<error code=\"2\">"},
      {INQUIRY("no"), "Could not find payment"},
      {DOCUMENT("<inquiry><orderInquiry/></inquiry>"), "<error code=\"2\">"},
      {"", "<error code=\"2\">"},
  };
  struct simulator *simulator = client_start((struct simulator_options){0});
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect(simulator, cases[i][0], cases[i][1]);
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 0);
  simulator_stop(simulator);
}

Test(worldpayxml, a_wrong_password_is_a_page_with_401) {
  struct simulator *simulator = client_start((struct simulator_options){.api_key = "other"});
  struct response *refused = client_request(simulator, "POST", PATH, HEADERS(basic), full);
  cr_expect_eq(refused->status, 401);
  cr_expect_str_eq(refused->content_type, "text/html");
  client_free(refused);
  simulator_stop(simulator);
}

Test(worldpayxml, a_repeat_with_a_key_is_replayed_as_xml) {
  struct simulator *simulator = client_start((struct simulator_options){0});
  expect_with(simulator, "Idempotency-Key: k", full, 200, "refundReceived");
  struct response *again = client_request(simulator, "POST", PATH, HEADERS(basic, "Idempotency-Key: k"), full);
  cr_expect(again->replayed);
  cr_expect_str_eq(again->content_type, "text/xml");
  expect_with(simulator, "Idempotency-Key: k", REFUND("pay_1", "1", "USD", "2"), 200, "<error code=\"9\">");
  cr_expect_eq(client_books(simulator, "requests/refunds_created"), 1);
  client_free(again);
  simulator_stop(simulator);
}

Test(worldpayxml, the_last_event_follows_the_newest_refund) {
  static const char *const cases[][2] = {{"pending", "SENT_FOR_REFUND"},
                                         {"failed", "REFUND_FAILED</lastEvent><ISO8583ReturnCode code=\"5\""},
                                         {"unknown-status", "ZORBED"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct simulator *simulator = client_start((struct simulator_options){FAULTS(cases[i][0])});
    expect(simulator, full, "refundReceived");
    expect(simulator, INQUIRY("pay_1"), cases[i][1]);
    simulator_stop(simulator);
  }
}

Test(worldpayxml, faults_leave_inquiries_alone) {
  struct simulator *simulator = client_start((struct simulator_options){FAULTS("500-before")});
  expect_with(simulator, NULL, full, 500, "<html>");
  expect(simulator, INQUIRY("pay_1"), "CAPTURED");
  simulator_stop(simulator);
}

Test(worldpayxml, attributes_are_found_and_resolved) {
  static const char *const good[][2] = {
      {" a=\"1\">", "1"}, {" b='x>y' a = '&lt;&amp;&apos;'/>", "<&'"}, {"\n\tb=\"a='2'\" a=\"\" />", ""}};
  static const char *const bad[] = {"",       ">",           " b=\"1\">",     " a>",       " a=1>",
                                    " a=\"1", " a=\"&x;\">", " ><c a=\"1\">", "/ a=\"1\">"};
  char value[XML_VALUE];
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    cr_expect(xml_attribute(good[i][0], "a", value), "%s", good[i][0]);
    cr_expect_str_eq(value, good[i][1]);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect_not(xml_attribute(bad[i], "a", value), "%s", bad[i]);
  cr_expect_null(xml_find("<ab><a", "a"));
  cr_expect_str_eq(xml_find("<ab><a >", "a"), " >");
}
