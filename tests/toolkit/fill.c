/* Templates: what names stand for, how it is escaped, and what is refused. */
#include "fake.h"

static struct fake *fake;
static struct paper paper;

static void open_call(void) {
  static const refund_account_value account[] = {{{"key", 3}, {NULL, 0}, {"k/1", 3}}};
  static const refund_text bases[] = {{"https://api.example.com/v1", 26}};
  fake = fake_open();
  fake->call.refund_id = T("r\"1");
  fake->call.connector_transaction_id = T("p/<1>");
  fake->call.currency = T("USD");
  fake->call.refund_amount = 1005;
  fake->call.exponent = 2;
  fake->call.account = account;
  fake->call.account_count = 1;
  fake->call.base_urls = bases;
  fake->call.base_url_count = 1;
  paper_open(&paper);
}

static void close_call(void) {
  fake_close(fake);
}

TestSuite(fill, .init = open_call, .fini = close_call);

static int32_t fill(int32_t as, const char *text) {
  return refund_fill(&fake->call, &paper.sink, as, text);
}

Test(fill, json_has_texts_in_quotes_and_numbers_outside) {
  cr_expect_eq(fill(REFUND_AS_JSON, "{'id':'$refund_id','a':$amount,'m':'$major','n':$major,'c':[\"$currency\"]}"),
               REFUND_OK);
  expect_text(paper_text(&paper), "{\"id\":\"r\\\"1\",\"a\":1005,\"m\":\"10.05\",\"n\":10.05,\"c\":[\"USD\"]}");
}

Test(fill, json_takes_no_text_for_a_number) {
  cr_expect_eq(fill(REFUND_AS_JSON, "{'id':$refund_id}"), REFUND_INTERNAL);
  expect_text(paper_text(&paper), "{\"id\":");
}

Test(fill, xml_and_forms_and_urls_escape_each_in_their_way) {
  cr_expect_eq(fill(REFUND_AS_XML, "<a b='$currency'>$connector_transaction_id</a>"), REFUND_OK);
  cr_expect_eq(fill(REFUND_AS_FORM, "&p=$connector_transaction_id&q='1'"), REFUND_OK);
  cr_expect_eq(fill(REFUND_AS_TEXT, " $connector_transaction_id"), REFUND_OK);
  expect_text(paper_text(&paper), "<a b=\"USD\">p/&lt;1&gt;</a>&p=p%2F%3C1%3E&q='1' p/<1>");
}

Test(fill, a_url_begins_with_its_base) {
  cr_expect_eq(refund_fill_url(&fake->call, &paper.sink, 0, "/payments/$connector_transaction_id/x?k=$account.key"),
               REFUND_OK);
  expect_text(paper_text(&paper), "https://api.example.com/v1/payments/p%2F%3C1%3E/x?k=k%2F1");
}

Test(fill, names_end_where_they_do_or_where_the_brace_does) {
  cr_expect_eq(fill(REFUND_AS_TEXT, "${currency}s $currency-$$$exponent$$"), REFUND_OK);
  expect_text(paper_text(&paper), "USDs USD-$2$");
}

Test(fill, a_full_stop_is_inside_a_name_but_not_its_end) {
  cr_expect_eq(fill(REFUND_AS_TEXT, "$account.key. $currency... ${currency}.x $exponent."), REFUND_OK);
  expect_text(paper_text(&paper), "k/1. USD... USD.x 2.");
  cr_expect_eq(fill(REFUND_AS_TEXT, "$."), REFUND_INTERNAL);
  cr_expect_eq(fill(REFUND_AS_TEXT, "$account."), REFUND_INTERNAL);
}

Test(fill, soap_is_an_envelope_with_a_body_in_any_kind_of_template) {
  static const char envelope[] =
      "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:web=\"http://example.com/\">"
      "<soapenv:Header/><soapenv:Body><web:ask>USD</web:ask></soapenv:Body></soapenv:Envelope>";
  static const int32_t kinds[] = {REFUND_AS_XML, REFUND_AS_TEXT};
  for (size_t i = 0; i < 2; i++) {
    paper_open(&paper);
    cr_expect_eq(fill(kinds[i], REFUND_SOAP("web", "http://example.com/", "<web:ask>$currency</web:ask>")), REFUND_OK);
    expect_text(paper_text(&paper), envelope);
  }
}

REFUND_URL(payment_url, 0, "/payments/$connector_transaction_id");
REFUND_BODY(amount_body, REFUND_AS_JSON, "{'amount':$amount}");

Test(fill, a_template_alone_makes_a_function_for_a_vtable) {
  const refund_vtable table = {refund_no_headers, payment_url, amount_body, NULL};
  cr_expect_eq(table.get_url(&fake->call, NULL, &paper.sink), REFUND_OK);
  cr_expect_eq(table.build_request(&fake->call, &paper.sink), REFUND_OK);
  expect_text(paper_text(&paper), "https://api.example.com/v1/payments/p%2F%3C1%3E{\"amount\":1005}");
  fake->call.connector_transaction_id = NOT_THERE;
  cr_expect_eq(table.get_url(&fake->call, NULL, &paper.sink), REFUND_INVALID_INPUT);
}

Test(fill, own_values_go_before_the_calls) {
  const refund_value values[] = {{"currency", T("eur")}, {"card.last", T("1111")}};
  cr_expect_eq(
      refund_fill_with(&fake->call, &paper.sink, REFUND_AS_TEXT, "$currency $card.last", REFUND_VALUES(values)),
      REFUND_OK);
  expect_text(paper_text(&paper), "eur 1111");
  expect_text(refund_filled(&fake->call, REFUND_AS_XML, "<$card.last>", REFUND_VALUES(values)), "<1111>");
}

Test(fill, what_is_missing_is_refused_by_name) {
  cr_expect_eq(fill(REFUND_AS_TEXT, "a $reason b"), REFUND_INVALID_INPUT);
  cr_expect_str_eq(fake->field, "reason");
  cr_expect_eq(fill(REFUND_AS_TEXT, "$metadata.card"), REFUND_INVALID_INPUT);
  cr_expect_str_eq(fake->field, "connector_metadata/card");
  cr_expect_str_eq(fake->message, "connector_metadata/card is missing: this processor needs it");
  cr_expect_eq(fill(REFUND_AS_TEXT, "$account.site"), REFUND_INVALID_INPUT);
  cr_expect_null(refund_filled(&fake->call, REFUND_AS_TEXT, "$reason", NULL, 0).data);
}

Test(fill, a_name_that_there_is_not_is_the_authors_mistake) {
  cr_expect_eq(fill(REFUND_AS_TEXT, "$refnud_id"), REFUND_INTERNAL);
  cr_expect_eq(fill(REFUND_AS_TEXT, "$?raeson[x]"), REFUND_INTERNAL);
  cr_expect_eq(fill(REFUND_AS_TEXT, "$ x"), REFUND_INTERNAL);
  cr_expect_str_eq(fake->field, "", "nobody else is blamed");
}

Test(fill, what_its_maker_has_refused_is_not_blamed_again) {
  const refund_value values[] = {{"inner", refund_filled(&fake->call, REFUND_AS_TEXT, "$metadata.card", NULL, 0)}};
  cr_expect_eq(refund_fill_with(&fake->call, &paper.sink, REFUND_AS_TEXT, "$inner", REFUND_VALUES(values)),
               REFUND_INVALID_INPUT);
  cr_expect_str_eq(fake->field, "connector_metadata/card");
}

Test(fill, a_number_is_as_json_writes_it) {
  static const char *const numbers[] = {"0", "-0", "10.05", "-7", "0.50"};
  static const char *const others[] = {"", "-", ".", "007", "1.2.3", "1-", "1.", ".5", "1e5", "+1", "--1", "1 ", "0x1"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    const refund_value values[] = {{"n", refund_text_of(numbers[i])}};
    cr_expect_eq(refund_fill_with(&fake->call, &paper.sink, REFUND_AS_JSON, "$n", REFUND_VALUES(values)), REFUND_OK,
                 "%s", numbers[i]);
  }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    const refund_value values[] = {{"n", refund_text_of(others[i])}};
    cr_expect_eq(refund_fill_with(&fake->call, &paper.sink, REFUND_AS_JSON, "$n", REFUND_VALUES(values)),
                 REFUND_INTERNAL, "%s", others[i]);
  }
}

Test(fill, an_optional_part_needs_its_name_and_no_other) {
  cr_expect_eq(fill(REFUND_AS_JSON, "{'a':[1]$?reason[,'r':'$reason']$?currency[,'c':'$currency']}"), REFUND_OK);
  expect_text(paper_text(&paper), "{\"a\":[1],\"c\":\"USD\"}");
  cr_expect_eq(fill(REFUND_AS_JSON, "$?reason"), REFUND_INTERNAL);
  static const char *const misused[] = {"$?reason[[1]]", "$?currency[[1]]", "$?currency[$?currency[1]]", "$?reason[1",
                                        "$?currency[1"};
  for (size_t i = 0; i < sizeof misused / sizeof *misused; i++)
    cr_expect_eq(fill(REFUND_AS_JSON, misused[i]), REFUND_INTERNAL, "%s", misused[i]);
}

Test(fill, passes_on_the_refusal_of_its_sink_at_every_byte) {
  static const char text[] = "{'id':'$refund_id','a':$amount}";
  fill(REFUND_AS_JSON, text);
  size_t size = paper.size;
  for (size_t limit = 0; limit < size; limit++) {
    paper_open(&paper);
    paper.limit = limit;
    cr_expect_eq(fill(REFUND_AS_JSON, text), REFUND_SINK_REFUSED, "%zu", limit);
    cr_expect_eq(paper.written_after_refusal, 0, "%zu", limit);
  }
}

Test(fill, without_memory_is_refused) {
  fake->allocations_allowed = 0;
  cr_expect_neq(fill(REFUND_AS_TEXT, "$amount"), REFUND_OK);
  cr_expect_null(refund_filled(&fake->call, REFUND_AS_TEXT, "x", NULL, 0).data);
}
