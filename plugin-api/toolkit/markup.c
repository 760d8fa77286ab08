/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

#include <string.h>

/* ---- Forms ---- */

void refund_form_open(refund_form_writer *form, refund_bytes *sink) {
  form->sink = sink;
  form->count = 0;
  form->code = REFUND_OK;
}

void refund_form_text(refund_form_writer *form, const char *name, refund_text text) {
  if (text.data == NULL) return;
  if (form->code == REFUND_OK && form->count++ > 0) form->code = refund_puts(form->sink, "&");
  if (form->code == REFUND_OK) form->code = refund_put_percent(form->sink, refund_text_of(name));
  if (form->code == REFUND_OK) form->code = refund_puts(form->sink, "=");
  if (form->code == REFUND_OK) form->code = refund_put_percent(form->sink, text);
}

void refund_form_string(refund_form_writer *form, const char *name, const char *string) {
  refund_form_text(form, name, refund_text_of(string));
}

void refund_form_integer(refund_form_writer *form, const char *name, int64_t number) {
  refund_form_string(form, name, "");
  if (form->code == REFUND_OK) form->code = refund_put_integer(form->sink, number);
}

/* ---- XML ---- */

static void xml_puts(refund_xml *xml, const char *string) {
  if (xml->code == REFUND_OK) xml->code = refund_puts(xml->sink, string);
}

static void xml_leave_tag(refund_xml *xml) {
  if (xml->in_tag) xml_puts(xml, ">");
  xml->in_tag = 0;
}

void refund_xml_open(refund_xml *xml, refund_bytes *sink) {
  memset(xml, 0, sizeof *xml);
  xml->sink = sink;
}

void refund_xml_begin(refund_xml *xml, const char *name) {
  xml_leave_tag(xml);
  if (xml->depth == (int32_t)(sizeof xml->open / sizeof *xml->open)) {
    if (xml->code == REFUND_OK) xml->code = REFUND_INTERNAL;
    return;
  }
  xml->open[xml->depth++] = name;
  xml_puts(xml, "<");
  xml_puts(xml, name);
  xml->in_tag = 1;
}

void refund_xml_attribute(refund_xml *xml, const char *name, refund_text value) {
  if (value.data == NULL) return;
  if (!xml->in_tag && xml->code == REFUND_OK) xml->code = REFUND_INTERNAL;
  xml_puts(xml, " ");
  xml_puts(xml, name);
  xml_puts(xml, "=\"");
  if (xml->code == REFUND_OK) xml->code = refund_put_xml(xml->sink, value);
  xml_puts(xml, "\"");
}

void refund_xml_text(refund_xml *xml, refund_text text) {
  xml_leave_tag(xml);
  if (xml->code == REFUND_OK) xml->code = refund_put_xml(xml->sink, text);
}

void refund_xml_end(refund_xml *xml) {
  if (xml->depth == 0) {
    if (xml->code == REFUND_OK) xml->code = REFUND_INTERNAL;
    return;
  }
  const char *name = xml->open[--xml->depth];
  if (xml->in_tag) {
    xml_puts(xml, "/>");
    xml->in_tag = 0;
    return;
  }
  xml_puts(xml, "</");
  xml_puts(xml, name);
  xml_puts(xml, ">");
}

int32_t refund_xml_end_all(refund_xml *xml) {
  while (xml->depth > 0)
    refund_xml_end(xml);
  return xml->code;
}

void refund_xml_element(refund_xml *xml, const char *name, refund_text text) {
  if (text.data == NULL) return;
  refund_xml_begin(xml, name);
  refund_xml_text(xml, text);
  refund_xml_end(xml);
}

void refund_xml_cdata(refund_xml *xml, refund_text text) {
  uint64_t begin = 0;
  xml_leave_tag(xml);
  if (text.data == NULL) return;
  xml_puts(xml, "<![CDATA[");
  for (uint64_t i = 0; i + 3 <= text.size; i++) {
    refund_text before = {text.data + begin, i + 2 - begin};
    if (memcmp(text.data + i, "]]>", 3) != 0) continue;
    if (xml->code == REFUND_OK) xml->code = refund_put(xml->sink, before);
    xml_puts(xml, "]]><![CDATA[");
    begin = i + 2;
  }
  refund_text rest = {text.data + begin, text.size - begin};
  if (xml->code == REFUND_OK && text.size > begin) xml->code = refund_put(xml->sink, rest);
  xml_puts(xml, "]]>");
}
