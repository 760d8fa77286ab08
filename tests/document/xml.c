#include <stdio.h>

#include "reading.h"

static struct reading read_xml(const char *string) {
  return reading_open(REFUND_XML, reading_text(string));
}

Test(document_xml, finds_elements_attributes_and_text) {
  struct reading reading = read_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<reply code='A &amp; B'><refund "
      "id=\"r1\"><status>OK</status></refund>"
      "<refund id=\"r2\"/></reply>");
  cr_assert_not_null(reading.root, "%s", reading.error.message);
  cr_expect_eq(document_kind(reading.root), REFUND_KIND_ELEMENT);
  cr_expect(reading_is(document_name(reading.root), "reply"));
  cr_expect(reading_has(reading.root, "@code", "A & B"));
  cr_expect(reading_has(reading.root, "refund/@id", "r1"));
  cr_expect(reading_has(reading.root, "refund/status", "OK"));
  cr_expect_null(document_find(reading.root, "@id"));
  cr_expect_null(document_find(reading.root, "code"));
  cr_expect_null(document_find(reading.root, "refund/0"));
  cr_expect_null(document_source(reading.root).data);
  reading_close(&reading);
}

Test(document_xml, gives_attributes_first_and_then_child_elements) {
  struct reading reading = read_xml("<a x='1' y='2'>t<b/>u<c/></a>");
  static const struct {
    const char *name;
    int32_t kind;
  } expected[] = {
      {"x", REFUND_KIND_STRING}, {"y", REFUND_KIND_STRING}, {"b", REFUND_KIND_ELEMENT}, {"c", REFUND_KIND_ELEMENT}};
  const refund_node *child = document_first(reading.root);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++, child = document_next(child)) {
    cr_expect(reading_is(document_name(child), expected[i].name));
    cr_expect_eq(document_kind(child), expected[i].kind);
  }
  cr_expect_null(child);
  reading_close(&reading);
}

Test(document_xml, joins_an_elements_own_text_and_cdata) {
  struct reading reading =
      read_xml("<a> one <b>inner</b><!-- no -->two<![CDATA[ <&> ]]>&lt;&#x20AC;&#33;<?pi no?></a>");
  cr_expect(reading_has(reading.root, "", " one two <&> <\xE2\x82\xAC!"));
  cr_expect(reading_has(reading.root, "b", "inner"));
  reading_close(&reading);
  reading = read_xml("<a><b>x</b><b/><b></b></a>");
  cr_expect(reading_has(reading.root, "", ""));
  cr_expect(reading_is(document_text(document_next(document_find(reading.root, "b"))), ""));
  reading_close(&reading);
}

Test(document_xml, knows_names_without_their_namespace) {
  struct reading reading = read_xml(
      "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns='urn:x' s:v='1'><s:Body><Id>7</Id>"
      "</s:Body></s:Envelope>");
  cr_expect(reading_is(document_name(reading.root), "Envelope"));
  cr_expect(reading_has(reading.root, "Body/Id", "7"));
  cr_expect(reading_has(reading.root, "@v", "1"));
  cr_expect_null(document_find(reading.root, "@xmlns"));
  reading_close(&reading);
  reading = read_xml("<a xmlnsx='1' p:xmlns='2'/>");
  cr_expect(reading_has(reading.root, "@xmlnsx", "1"));
  cr_expect(reading_has(reading.root, "@xmlns", "2"));
  reading_close(&reading);
}

Test(document_xml, reads_latin1_and_skips_a_byte_order_mark) {
  struct reading reading = read_xml("<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xE9'>\xFC</a>");
  cr_expect(reading_has(reading.root, "", "\xC3\xBC"));
  cr_expect(reading_has(reading.root, "@b", "\xC3\xA9"));
  reading_close(&reading);
  reading = read_xml("\xEF\xBB\xBF<a>\xC3\xBC</a>");
  cr_expect(reading_has(reading.root, "", "\xC3\xBC"));
  reading_close(&reading);
}

Test(document_xml, refuses_other_encodings_and_bytes_that_are_not_utf8) {
  cr_expect(reading_refuses(REFUND_XML, reading_text("<?xml version='1.0' encoding='windows-1252'?><a/>")));
  cr_expect(reading_refuses(REFUND_XML, reading_text("<?xml version='1.0' encoding='none'?><a/>")));
  cr_expect(reading_refuses(REFUND_XML, reading_text("<a>\xE9</a>")));
  cr_expect(reading_refuses(REFUND_XML, reading_text("<a>\xED\xA0\x80</a>")));
  cr_expect(reading_refuses(REFUND_XML, reading_text("<a b='\xC0\x80'/>")));
}

Test(document_xml, refuses_what_is_not_well_formed) {
  static const char *const cases[] = {
      "",
      "text",
      "<a>",
      "<a></b>",
      "<a/><b/>",
      "<a/>x",
      "<a b='1' b='2'/>",
      "<a b=1/>",
      "<a b/>",
      "<a>&#0;</a>",
      "<a>&#1;</a>",
      "<a>\x01</a>",
      "<a>&</a>",
      "<a b='<'/>",
      "<a>]]></a>",
      "<a><b></a>",
      "<1/>",
      "<!-- -- --><a/>",
      "<a>&#xD800;</a>",
      " <?xml version='1.0'?><a/>",
      "<a:/>",
      "<:a/>",
      "<a:b:c/>",
      "<a :b='1'/>",
      "<a b:='1'/>",
      "<a xmlns:='u'/>",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_XML, reading_text(cases[i])), "%s", cases[i]);
  }
  cr_expect(reading_refuses(REFUND_XML, (refund_text){"<a>\0</a>", 8}));
}

Test(document_xml, passes_over_a_document_type_that_declares_nothing_of_effect) {
  static const char *const cases[] = {
      "<!DOCTYPE a><a>t</a>",
      "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a>t</a>",
      "<!DOCTYPE a PUBLIC \"-//Example//DTD v1//EN\" \"http://dtd.example.com/v1.dtd\"><a b='&lt;&#65;&amp;'>t</a>",
      "<!DOCTYPE a [<!ELEMENT a ANY><!-- % <!ENTITY --><?p %x;?><!NOTATION n SYSTEM \"%x;\">]><a>t</a>",
      "<!DOCTYPE a []><a>%t; &lt;&gt;&amp;&quot;&apos;</a>",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_accepts(REFUND_XML, cases[i]), "%s", cases[i]);
  }
}

/* expat hands a long comment over in pieces where it has to decode it; a piece is no reference because it begins so. */
Test(document_xml, takes_percent_signs_in_comments) {
  char xml[8192] = "<?xml version='1.0' encoding='ISO-8859-1'?><!DOCTYPE a><a><!--";
  size_t at = strlen(xml);
  memset(xml + at, '%', 6000);
  strcpy(xml + at + 6000, "-->t</a>");
  cr_expect(reading_accepts(REFUND_XML, xml));
}

Test(document_xml, refuses_every_declaration_and_use_of_an_entity) {
  static const char *const cases[] = {
      "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
      "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
      "<!DOCTYPE a [<!ENTITY amp '&#38;#38;'>]><a/>",
      "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
      "<!DOCTYPE a [<!ENTITY x PUBLIC 'p' 'file:///etc/passwd'>]><a/>",
      "<!DOCTYPE a [<!NOTATION n SYSTEM 'n'><!ENTITY x SYSTEM 'f' NDATA n>]><a/>",
      "<!DOCTYPE a [<!ENTITY % x '<!ENTITY y \"z\">'>%x;]><a>&y;</a>",
      "<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/passwd'>]><a/>",
      "<!DOCTYPE a [%x;]><a/>",
      "<?xml version='1.0' standalone='yes'?><!DOCTYPE a [%x;]><a/>",
      "<!DOCTYPE a SYSTEM 'x' [%x;<!ENTITY y 'z'>]><a b='&y;'/>",
      "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>",
      "<a>&x;</a>",
      "<a b='&x;'/>",
      "<!DOCTYPE a SYSTEM 'x'><a>&x;</a>",
      "<!DOCTYPE a SYSTEM 'x'><a b='&x;'/>",
      "<!DOCTYPE a SYSTEM 'x'><a><b c='1' d='&lt;&ltx;'/></a>",
      "<!DOCTYPE a PUBLIC 'p' 'x'><a b='&nbsp;'>t</a>",
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect(reading_refuses(REFUND_XML, reading_text(cases[i])), "%s", cases[i]);
  }
}

static bool accepts_levels(size_t levels) {
  char xml[1024] = "";
  for (size_t i = 0; i < levels; i++)
    strcat(xml, "<a>");
  for (size_t i = 0; i < levels; i++)
    strcat(xml, "</a>");
  return reading_accepts(REFUND_XML, xml);
}

Test(document_xml, takes_64_levels_and_no_more) {
  cr_expect(accepts_levels(DOCUMENT_DEPTH));
  cr_expect_not(accepts_levels(DOCUMENT_DEPTH + 1));
}

Test(document_xml, takes_4_mib_and_no_more) {
  size_t size = DOCUMENT_SIZE;
  char *xml = malloc(size + 1);
  memset(xml, ' ', size + 1);
  memcpy(xml, "<a>", 3);
  memcpy(xml + size - 4, "</a>", 4);
  struct reading reading = reading_open(REFUND_XML, (refund_text){xml, size});
  cr_expect_eq(document_text(reading.root).size, size - 7);
  reading_close(&reading);
  cr_expect(reading_refuses(REFUND_XML, (refund_text){xml, size + 1}));
  free(xml);
}

Test(document_xml, refuses_when_the_arena_does) {
  reading_in_every_room(REFUND_XML, "<a b='1' c='long enough to count'>text<d>more</d><e f='2'/></a>");
}

Test(document_xml, reads_a_million_elements_in_time, .timeout = 20) {
  size_t count = DOCUMENT_SIZE / 4 - 2;
  char *xml = malloc(DOCUMENT_SIZE);
  memcpy(xml, "<a>", 3);
  for (size_t i = 0; i < count; i++)
    memcpy(xml + 3 + 4 * i, "<b/>", 4);
  memcpy(xml + 3 + 4 * count, "</a>", 4);
  struct reading reading = reading_open(REFUND_XML, (refund_text){xml, 7 + 4 * count});
  cr_expect_not_null(reading.root, "%s", reading.error.message);
  reading_close(&reading);
  free(xml);
}

/* A URI of 2 MiB, and as many names in it as fit behind. */
Test(document_xml, reads_a_long_namespace_in_time, .timeout = 20) {
  char *xml = malloc(DOCUMENT_SIZE);
  size_t size = (size_t)sprintf(xml, "<a xmlns:p='");
  memset(xml + size, 'u', DOCUMENT_SIZE / 2);
  size += DOCUMENT_SIZE / 2;
  size += (size_t)sprintf(xml + size, "'>");
  while (size < DOCUMENT_SIZE - 64)
    size += (size_t)sprintf(xml + size, "<p:b p:c=''/>");
  size += (size_t)sprintf(xml + size, "</a>");
  struct reading reading = reading_open(REFUND_XML, (refund_text){xml, size});
  cr_expect_not_null(reading.root, "%s", reading.error.message);
  reading_close(&reading);
  free(xml);
}

Test(document_xml, says_line_and_column_but_nothing_of_the_text) {
  struct reading reading = read_xml("<a>\n <secret></b>\n</a>");
  cr_expect_not_null(strstr(reading.error.message, "XML"));
  cr_expect_not_null(strstr(reading.error.found, "line 2, column 1"), "%s", reading.error.found);
  cr_expect_null(strstr(reading.error.message, "secret"));
  reading_close(&reading);
}
