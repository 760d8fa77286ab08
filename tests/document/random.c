/* The law of a reader: whatever tree is written, by whatever of the spellings that the format allows, the same tree is
 * read back. Trees and spellings are random, from a seed that a failure names. */
#include <stdint.h>
#include <stdio.h>

#include "reading.h"

enum { SEEDS = 3000, CHILDREN = 5, DEPTH = 5, TEXT = 48 };

/* ---- Chance ---- */

static uint64_t state;

static unsigned chance(unsigned below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)((state >> 20) % below);
}

/* ---- The model ---- */

struct model {
  int32_t kind;
  char name[TEXT]; /* as it should be read */
  char text[TEXT];
  size_t count;
  struct model *children[CHILDREN];
};

static const char *const characters[] = {"a",
                                         "b",
                                         "Z",
                                         "0",
                                         " ",
                                         "\"",
                                         "\\",
                                         "/",
                                         "&",
                                         "<",
                                         ">",
                                         "'",
                                         "%",
                                         "+",
                                         "=",
                                         "~",
                                         "\n",
                                         "\t",
                                         "\xC3\xA9",
                                         "\xDF\xBF",
                                         "\xE2\x82\xAC",
                                         "\xEF\xBF\xBD",
                                         "@",
                                         "\xF0\x9F\x98\x80",
                                         "\xF4\x8F\xBF\xBD"};

static void random_text(char *to) {
  to[0] = '\0';
  for (unsigned i = chance(9); i > 0; i--) {
    strcat(to, characters[chance(sizeof characters / sizeof *characters)]);
  }
}

static void random_number(char *to) {
  static const char *const wholes[] = {"0", "-0", "7", "-12", "9007199254740993"};
  static const char *const rests[] = {"", ".0", ".50", "e5", "E-7", ".1e+2"};
  strcat(strcpy(to, wholes[chance(5)]), rests[chance(6)]);
}

static struct model *make(int32_t kind) {
  struct model *model = calloc(1, sizeof *model);
  cr_assert_not_null(model);
  model->kind = kind;
  return model;
}

static void discard(struct model *model) {
  for (size_t i = 0; i < model->count; i++)
    discard(model->children[i]);
  free(model);
}

/* A number behind the text makes the name the only one of its siblings. */
static void name_child(struct model *parent, struct model *child, bool plain) {
  char name[TEXT] = "n";
  if (!plain) random_text(name);
  snprintf(child->name, sizeof child->name, "%.40s%zu", name, parent->count);
  parent->children[parent->count++] = child;
}

static struct model *random_json(int depth) {
  int32_t kind = (int32_t)(depth == 0 ? 3 + chance(4) : 1 + chance(6));
  struct model *model = make(kind);
  if (kind == REFUND_KIND_STRING) random_text(model->text);
  if (kind == REFUND_KIND_NUMBER) random_number(model->text);
  if (kind == REFUND_KIND_BOOLEAN) strcpy(model->text, chance(2) == 0 ? "true" : "false");
  if (kind > REFUND_KIND_ARRAY) return model;
  for (unsigned i = chance(CHILDREN + 1); i > 0; i--)
    name_child(model, random_json(depth - 1), false);
  return model;
}

static struct model *random_xml(int depth) {
  struct model *model = make(REFUND_KIND_ELEMENT);
  random_text(model->text);
  unsigned attributes = chance(3);
  unsigned elements = depth == 0 ? 0 : chance(3);
  for (unsigned i = 0; i < attributes + elements; i++) {
    struct model *child = i < attributes ? make(REFUND_KIND_STRING) : random_xml(depth - 1);
    if (i < attributes) random_text(child->text);
    name_child(model, child, true);
  }
  return model;
}

static struct model *random_form(void) {
  struct model *model = make(REFUND_KIND_OBJECT);
  for (unsigned i = chance(CHILDREN + 1); i > 0; i--) {
    struct model *field = make(REFUND_KIND_STRING);
    random_text(field->text);
    name_child(model, field, false);
  }
  return model;
}

/* ---- Writing, each time in another spelling ---- */

static void put(struct buffer *out, const char *string) {
  cr_assert(buffer_write(out, string, strlen(string)));
}

static void put_space(struct buffer *out) {
  static const char *const spaces[] = {"", "", " ", "\n", "\t\r\n"};
  put(out, spaces[chance(5)]);
}

/* The character in front of `text`; returns its bytes. */
static size_t take(const char *text, uint32_t *code) {
  unsigned char lead = (unsigned char)text[0];
  size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  *code = size == 1 ? lead : lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; i++)
    *code = *code << 6 | ((unsigned char)text[i] & 0x3Fu);
  return size;
}

static void put_json_string(struct buffer *out, const char *text) {
  put(out, "\"");
  while (*text != '\0') {
    uint32_t code;
    size_t size = take(text, &code);
    char escape[16];
    snprintf(escape, sizeof escape, chance(2) == 0 ? "\\u%04x" : "\\u%04X", (unsigned)code);
    if (code > 0xFFFF) {
      unsigned rest = (unsigned)code - 0x10000;
      snprintf(escape, sizeof escape, "\\u%04x\\u%04X", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    }
    if (code == '/' && chance(2) == 0) strcpy(escape, "\\/");
    if (code == '\n' && chance(2) == 0) strcpy(escape, "\\n");
    bool raw = code >= 0x20 && code != '"' && code != '\\' && chance(3) != 0;
    cr_assert(raw ? buffer_write(out, text, size) : buffer_write(out, escape, strlen(escape)));
    text += size;
  }
  put(out, "\"");
}

static void put_json(struct buffer *out, const struct model *model) {
  put_space(out);
  if (model->kind == REFUND_KIND_STRING) put_json_string(out, model->text);
  if (model->kind == REFUND_KIND_NULL) put(out, "null");
  if (model->kind == REFUND_KIND_NUMBER || model->kind == REFUND_KIND_BOOLEAN) put(out, model->text);
  if (model->kind <= REFUND_KIND_ARRAY) {
    bool object = model->kind == REFUND_KIND_OBJECT;
    put(out, object ? "{" : "[");
    for (size_t i = 0; i < model->count; i++) {
      if (i != 0) put(out, ",");
      put_space(out);
      if (object) put_json_string(out, model->children[i]->name);
      put_space(out);
      if (object) put(out, ":");
      put_json(out, model->children[i]);
    }
    put_space(out);
    put(out, object ? "}" : "]");
  }
  put_space(out);
}

/* In an attribute, XML turns raw line breaks and tabs into spaces: there they are always escaped. */
static void put_xml_text(struct buffer *out, const char *text, bool attribute) {
  while (*text != '\0') {
    uint32_t code;
    size_t size = take(text, &code);
    char escape[16];
    snprintf(escape, sizeof escape, chance(2) == 0 ? "&#%u;" : "&#x%X;", (unsigned)code);
    if (code == '&' && chance(2) == 0) strcpy(escape, "&amp;");
    if (code == '<' && chance(2) == 0) strcpy(escape, "&lt;");
    bool raw = strchr("&<>'\"\t\n", (int)(code < 0x80 ? code : 'a')) == NULL && chance(3) != 0;
    if (code == '\n' && !attribute) raw = true;
    bool cdata = !attribute && size > 1 && chance(3) == 0;
    if (cdata) put(out, "<![CDATA[");
    cr_assert(raw || cdata ? buffer_write(out, text, size) : buffer_write(out, escape, strlen(escape)));
    if (cdata) put(out, "]]>");
    text += size;
  }
}

/* The text comes in front of, or behind, the elements: either way it is the element's own. */
static void put_xml(struct buffer *out, const struct model *model, const char *name) {
  bool text_first = chance(2) == 0;
  put(out, "<");
  put(out, name);
  size_t at = 0;
  for (; at < model->count && model->children[at]->kind == REFUND_KIND_STRING; at++) {
    put(out, " ");
    put(out, model->children[at]->name);
    put(out, "=\"");
    put_xml_text(out, model->children[at]->text, true);
    put(out, "\"");
  }
  put(out, ">");
  if (text_first) put_xml_text(out, model->text, false);
  for (; at < model->count; at++)
    put_xml(out, model->children[at], model->children[at]->name);
  if (!text_first) put_xml_text(out, model->text, false);
  if (chance(2) == 0) put(out, "<!-- -->");
  put(out, "</");
  put(out, name);
  put(out, ">");
}

static void put_form_text(struct buffer *out, const char *text) {
  for (; *text != '\0'; text++) {
    char escape[8];
    snprintf(escape, sizeof escape, chance(2) == 0 ? "%%%02x" : "%%%02X", (unsigned char)*text);
    if (*text == ' ' && chance(2) == 0) strcpy(escape, "+");
    bool raw = strchr("%+=& ", *text) == NULL && (*text & 0x80) == 0 && chance(3) != 0;
    cr_assert(raw ? buffer_write(out, text, 1) : buffer_write(out, escape, strlen(escape)));
  }
}

static void put_form(struct buffer *out, const struct model *model) {
  for (size_t i = 0; i < model->count; i++) {
    if (i != 0) put(out, "&");
    put_form_text(out, model->children[i]->name);
    if (model->children[i]->text[0] != '\0' || chance(2) == 0) put(out, "=");
    put_form_text(out, model->children[i]->text);
  }
}

/* ---- Comparing ---- */

static bool has_text(int32_t kind) {
  return kind > REFUND_KIND_ARRAY && kind != REFUND_KIND_NULL;
}

static bool same(const struct model *model, const refund_node *node) {
  if (document_kind(node) != model->kind) return false;
  refund_text text = document_text(node);
  if (has_text(model->kind) ? !reading_is(text, model->text) : text.data != NULL) return false;
  const refund_node *child = document_first(node);
  for (size_t i = 0; i < model->count; i++, child = document_next(child)) {
    if (!same(model->children[i], child)) return false;
    if (model->kind != REFUND_KIND_ARRAY && !reading_is(document_name(child), model->children[i]->name)) return false;
  }
  return child == NULL;
}

static struct reading read_back(int32_t format, const struct model *model, unsigned seed) {
  struct buffer out;
  buffer_open(&out, 0);
  if (format == REFUND_JSON) put_json(&out, model);
  if (format == REFUND_XML) put_xml(&out, model, "root");
  if (format == REFUND_FORM) put_form(&out, model);
  struct reading reading = reading_open(format, buffer_text(&out));
  cr_assert(same(model, reading.root), "seed %u: %s; %s\n%s", seed, reading.error.message, reading.error.found,
            buffer_text(&out).data);
  buffer_close(&out);
  return reading;
}

static struct model *start(int32_t format, unsigned seed) {
  state = seed * 0x9E3779B97F4A7C15u;
  if (format == REFUND_JSON) return random_json(DEPTH);
  return format == REFUND_XML ? random_xml(DEPTH) : random_form();
}

static void check_reading_back(int32_t format) {
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    struct model *model = start(format, seed);
    struct reading reading = read_back(format, model, seed);
    reading_close(&reading);
    discard(model);
  }
}

Test(document_random, json_written_is_json_read, .timeout = 60) {
  check_reading_back(REFUND_JSON);
}

Test(document_random, xml_written_is_xml_read, .timeout = 60) {
  check_reading_back(REFUND_XML);
}

Test(document_random, forms_written_are_forms_read, .timeout = 60) {
  check_reading_back(REFUND_FORM);
}

/* Two spellings of one tree have one canonical form, and that form reads as the same tree. */
Test(document_random, the_canonical_form_does_not_depend_on_the_spelling, .timeout = 60) {
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    struct model *model = start(REFUND_JSON, seed);
    struct reading one = read_back(REFUND_JSON, model, seed);
    struct reading other = read_back(REFUND_JSON, model, seed);
    struct buffer first;
    struct buffer second;
    struct buffer third;
    buffer_open(&first, 0);
    buffer_open(&second, 0);
    buffer_open(&third, 0);
    cr_assert(document_canonical(one.root, &first) && document_canonical(other.root, &second));
    cr_assert(reading_is(buffer_text(&second), first.data), "seed %u", seed);
    struct reading again = reading_open(REFUND_JSON, buffer_text(&first));
    cr_assert(document_canonical(again.root, &third), "seed %u", seed);
    cr_assert(reading_is(buffer_text(&third), first.data), "seed %u", seed);
    buffer_close(&first);
    buffer_close(&second);
    buffer_close(&third);
    reading_close(&one);
    reading_close(&other);
    reading_close(&again);
    discard(model);
  }
}
