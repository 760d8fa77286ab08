/* The writers of forms and of XML. */
#include "fake.h"

/* ---- Forms ---- */

Test(form, keeps_the_order_and_encodes_names_and_values) {
  struct paper paper;
  refund_form_writer form;
  paper_open(&paper);
  refund_form_open(&form, &paper.sink);
  refund_form_string(&form, "payment_intent", "pi_1");
  refund_form_integer(&form, "amount", -50);
  refund_form_text(&form, "metadata[refund id]", T("a&b=c d+\xC3\xA9"));
  refund_form_string(&form, "empty", "");
  cr_expect_eq(form.code, REFUND_OK);
  expect_text(paper_text(&paper),
              "payment_intent=pi_1&amount=-50&metadata%5Brefund%20id%5D=a%26b%3Dc%20d%2B%C3%A9&empty=");
}

Test(form, writes_nothing_for_what_is_not_there) {
  struct paper paper;
  refund_form_writer form;
  paper_open(&paper);
  refund_form_open(&form, &paper.sink);
  refund_form_text(&form, "a", NOT_THERE);
  refund_form_string(&form, "b", NULL);
  refund_form_string(&form, "c", "1");
  refund_form_text(&form, "d", NOT_THERE);
  refund_form_integer(&form, "e", 2);
  expect_text(paper_text(&paper), "c=1&e=2");
}

static void write_form(refund_form_writer *form) {
  refund_form_string(form, "a b", "c d");
  refund_form_integer(form, "amount", 1000);
  refund_form_text(form, "t", T("&&"));
}

Test(form, keeps_the_first_refusal_of_the_sink_and_writes_no_more) {
  struct paper paper;
  refund_form_writer form;
  paper_open(&paper);
  refund_form_open(&form, &paper.sink);
  write_form(&form);
  size_t whole = paper.size;
  for (size_t limit = 0; limit < whole; limit++) {
    paper_open(&paper);
    paper.limit = limit;
    refund_form_open(&form, &paper.sink);
    write_form(&form);
    cr_expect_eq(form.code, REFUND_SINK_REFUSED, "limit %zu", limit);
    cr_expect_eq(paper.written_after_refusal, 0, "limit %zu", limit);
  }
}

/* ---- XML ---- */

static void xml_start(refund_xml *xml, struct paper *paper) {
  paper_open(paper);
  refund_xml_open(xml, &paper->sink);
}

Test(xml, nests_elements_with_attributes_and_text) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  refund_xml_begin(&xml, "refund");
  refund_xml_attribute(&xml, "id", T("r<\"1\">&'"));
  refund_xml_attribute(&xml, "none", NOT_THERE);
  refund_xml_begin(&xml, "empty");
  refund_xml_end(&xml);
  refund_xml_element(&xml, "amount", T("10.00"));
  refund_xml_element(&xml, "reason", NOT_THERE);
  refund_xml_begin(&xml, "note");
  refund_xml_text(&xml, T("a<b>&c\r\n"));
  refund_xml_text(&xml, T("d"));
  refund_xml_end(&xml);
  refund_xml_end(&xml);
  cr_expect_eq(xml.code, REFUND_OK);
  expect_text(paper_text(&paper),
              "<refund id=\"r&lt;&quot;1&quot;&gt;&amp;&apos;\"><empty/><amount>10.00</amount>"
              "<note>a&lt;b&gt;&amp;c&#13;\nd</note></refund>");
}

Test(xml, escapes_all_five_and_leaves_other_bytes) {
  struct paper paper;
  paper_open(&paper);
  cr_expect_eq(refund_put_xml(&paper.sink, T("&<>\"'")), REFUND_OK);
  cr_expect_eq(refund_put_xml(&paper.sink, T("plain \xC3\xA9")), REFUND_OK);
  cr_expect_eq(refund_put_xml(&paper.sink, T("")), REFUND_OK);
  expect_text(paper_text(&paper), "&amp;&lt;&gt;&quot;&apos;plain \xC3\xA9");
}

Test(xml, is_misused_by_an_attribute_after_the_start_tag) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  refund_xml_begin(&xml, "a");
  refund_xml_text(&xml, T("x"));
  refund_xml_attribute(&xml, "late", T("1"));
  cr_expect_eq(xml.code, REFUND_INTERNAL);
  expect_text(paper_text(&paper), "<a>x");
}

Test(xml, is_misused_by_one_end_too_many) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  refund_xml_begin(&xml, "a");
  refund_xml_end(&xml);
  cr_expect_eq(xml.code, REFUND_OK);
  refund_xml_end(&xml);
  cr_expect_eq(xml.code, REFUND_INTERNAL);
}

Test(xml, nests_32_levels_and_no_more) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  for (int i = 0; i < 32; i++)
    refund_xml_begin(&xml, "a");
  cr_expect_eq(xml.code, REFUND_OK);
  refund_xml_begin(&xml, "a");
  cr_expect_eq(xml.code, REFUND_INTERNAL);
  xml_start(&xml, &paper);
  for (int i = 0; i < 32; i++)
    refund_xml_begin(&xml, "a");
  for (int i = 0; i < 32; i++)
    refund_xml_end(&xml);
  cr_expect_eq(xml.code, REFUND_OK);
}

static void expect_cdata(refund_text text, const char *expected) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  refund_xml_begin(&xml, "a");
  refund_xml_cdata(&xml, text);
  refund_xml_end(&xml);
  cr_expect_eq(xml.code, REFUND_OK);
  cr_expect(refund_is(paper_text(&paper), expected), "expected %s, found %.*s", expected, (int)paper.size, paper.text);
}

Test(xml, cdata_is_one_section_that_nothing_inside_can_end) {
  expect_cdata(T("<b>&amp;</b>"), "<a><![CDATA[<b>&amp;</b>]]></a>");
  expect_cdata(T(""), "<a><![CDATA[]]></a>");
  expect_cdata(NOT_THERE, "<a></a>");
  expect_cdata(T("]"), "<a><![CDATA[]]]></a>");
  expect_cdata(T("]]"), "<a><![CDATA[]]]]></a>");
  expect_cdata(T("x]]>y"), "<a><![CDATA[x]]]]><![CDATA[>y]]></a>");
  expect_cdata(T("]]>y"), "<a><![CDATA[]]]]><![CDATA[>y]]></a>");
  expect_cdata(T("x]]>"), "<a><![CDATA[x]]]]><![CDATA[>]]></a>");
  expect_cdata(T("]]>"), "<a><![CDATA[]]]]><![CDATA[>]]></a>");
  expect_cdata(T("]]>]]>"), "<a><![CDATA[]]]]><![CDATA[>]]]]><![CDATA[>]]></a>");
  expect_cdata(T("x]]>y]]>z"), "<a><![CDATA[x]]]]><![CDATA[>y]]]]><![CDATA[>z]]></a>");
  expect_cdata(T("]]]]>>"), "<a><![CDATA[]]]]]]><![CDATA[>>]]></a>");
  expect_cdata(T("] ]>]] >"), "<a><![CDATA[] ]>]] >]]></a>");
}

Test(xml, ends_all_that_is_open_and_says_how_it_went) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  cr_expect_eq(refund_xml_end_all(&xml), REFUND_OK, "nothing is open");
  refund_xml_begin(&xml, "a");
  refund_xml_begin(&xml, "b");
  refund_xml_text(&xml, T("x"));
  refund_xml_begin(&xml, "c");
  cr_expect_eq(refund_xml_end_all(&xml), REFUND_OK);
  expect_text(paper_text(&paper), "<a><b>x<c/></b></a>");
  cr_expect_eq(refund_xml_end_all(&xml), REFUND_OK);
  refund_xml_end(&xml);
  cr_expect_eq(refund_xml_end_all(&xml), REFUND_INTERNAL, "one end too many stays an error");
}

static void write_xml(refund_xml *xml) {
  refund_xml_begin(xml, "a");
  refund_xml_attribute(xml, "b", T("<c>"));
  refund_xml_element(xml, "d", T("e & f"));
  refund_xml_begin(xml, "g");
  refund_xml_cdata(xml, T("h]]>i"));
  refund_xml_end_all(xml);
}

Test(xml, keeps_the_first_refusal_of_the_sink_and_writes_no_more) {
  struct paper paper;
  refund_xml xml;
  xml_start(&xml, &paper);
  write_xml(&xml);
  size_t whole = paper.size;
  for (size_t limit = 0; limit < whole; limit++) {
    xml_start(&xml, &paper);
    paper.limit = limit;
    write_xml(&xml);
    cr_expect_eq(xml.code, REFUND_SINK_REFUSED, "limit %zu", limit);
    cr_expect_eq(paper.written_after_refusal, 0, "limit %zu", limit);
  }
}
