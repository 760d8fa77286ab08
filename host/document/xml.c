/* XML through expat. What a document type declaration could change in a document - entities, parameter entities,
 * attribute defaults - is refused where it is declared; a declaration that only names an external one is passed over,
 * because old interfaces still send it, and never loaded. */
#include <expat.h>
#include <string.h>

#include "document/node.h"

struct level {
  struct document_parent element;
  struct buffer text; /* kept from one element of this level to the next */
};

struct xml {
  XML_Parser parser;
  struct arena *arena;
  struct error *error;
  const char *bytes;
  struct refund_node *root;
  int depth;
  bool has_doctype;
  bool in_doctype;
  bool failed;
  struct level levels[DOCUMENT_DEPTH];
};

/* ---- Refusing ---- */

static void say_where(struct xml *xml) {
  error_found(xml->error, "this at line %lu, column %lu", (unsigned long)XML_GetCurrentLineNumber(xml->parser),
              (unsigned long)XML_GetCurrentColumnNumber(xml->parser) + 1);
}

/* expat may call some handlers once more after it was stopped: they look at `failed`. */
static void refuse(struct xml *xml, const char *why) {
  if (xml->failed) return;
  xml->failed = true;
  error_set(xml->error, ERROR_INPUT, "", "the text cannot be read as XML: %s", why);
  say_where(xml);
  XML_StopParser(xml->parser, XML_FALSE);
}

static void refuse_memory(struct xml *xml) {
  refuse(xml, "it needs more memory than it may have");
}

/* ---- The document type declaration ---- */

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                               int has_subset) {
  struct xml *xml = data;
  (void)name, (void)system, (void)public, (void)has_subset;
  xml->has_doctype = xml->in_doctype = true;
}

static void XMLCALL on_doctype_end(void *data) {
  struct xml *xml = data;
  xml->in_doctype = false;
}

/* Sees every token that no other handler takes: inside the declaration, these, before they have any effect. */
static void XMLCALL on_other(void *data, const XML_Char *text, int size) {
  struct xml *xml = data;
  static const char *const refused[] = {"%", "<!ENTITY", "<!ATTLIST"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused && xml->in_doctype; i++) {
    size_t length = strlen(refused[i]);
    if ((size_t)size < length || memcmp(text, refused[i], length) != 0) continue;
    refuse(xml, "its document type declares entities or attributes");
  }
}

/* A reference that expat would pass over because an external declaration could have defined it. */
static void XMLCALL on_skipped_entity(void *data, const XML_Char *name, int is_parameter) {
  (void)name, (void)is_parameter;
  refuse(data, "it has an entity other than the five of XML");
}

/* In an attribute's value expat passes over such a reference without a word, so the tag itself has to be looked at. In
 * UTF-16 this refuses more than it must, never less. */
static bool has_foreign_entity(const char *tag, size_t size) {
  static const char *const known[] = {"#", "amp;", "lt;", "gt;", "quot;", "apos;"};
  const char *end = tag + size;
  for (const char *at = tag; (at = memchr(at, '&', (size_t)(end - at))) != NULL;) {
    at++;
    bool good = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && !good; i++) {
      size_t length = strlen(known[i]);
      good = (size_t)(end - at) >= length && memcmp(at, known[i], length) == 0;
    }
    if (!good) return true;
  }
  return false;
}

static bool tag_is_plain(struct xml *xml) {
  if (!xml->has_doctype) return true;
  const char *tag = xml->bytes + XML_GetCurrentByteIndex(xml->parser);
  return !has_foreign_entity(tag, (size_t)XML_GetCurrentByteCount(xml->parser));
}

/* ---- Elements ---- */

static bool set_text(struct xml *xml, struct refund_node *node, refund_text text) {
  node->text = text.size == 0 ? "" : arena_copy(xml->arena, text).data;
  node->text_size = (uint32_t)text.size;
  return node->text != NULL;
}

/* Namespaces are not expat's business here: it would copy the whole URI to every name that is in it, so that a document
 * of 4 MiB could ask for a terabyte. Without them a name may have any colons; what has no local name is refused. */
static bool name_is_qualified(const XML_Char *name) {
  const char *colon = strchr(name, ':');
  return colon == NULL || (colon != name && colon[1] != '\0' && strchr(colon + 1, ':') == NULL);
}

static bool names_are_qualified(const XML_Char *element, const XML_Char **attributes) {
  bool good = name_is_qualified(element);
  for (; attributes[0] != NULL && good; attributes += 2)
    good = name_is_qualified(attributes[0]);
  return good;
}

static struct refund_node *make_node(struct xml *xml, int32_t kind, const XML_Char *full_name) {
  const char *colon = strchr(full_name, ':');
  const char *name = colon == NULL ? full_name : colon + 1;
  struct refund_node *node = arena_allocate(xml->arena, sizeof *node);
  if (node == NULL) return NULL;
  node->kind = kind;
  node->name_size = (uint32_t)strlen(name);
  node->name = arena_copy(xml->arena, (refund_text){name, node->name_size}).data;
  return node->name == NULL ? NULL : node;
}

static bool declares_namespace(const XML_Char *name) {
  static const char word[] = "xmlns";
  size_t size = sizeof word - 1;
  return strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == ':');
}

static bool add_attributes(struct xml *xml, struct document_parent *element, const XML_Char **attributes) {
  for (; attributes[0] != NULL; attributes += 2) {
    if (declares_namespace(attributes[0])) continue;
    struct refund_node *node = make_node(xml, REFUND_KIND_STRING, attributes[0]);
    if (node == NULL || !set_text(xml, node, (refund_text){attributes[1], strlen(attributes[1])})) return false;
    document_append(element, node);
  }
  return true;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
  struct xml *xml = data;
  if (xml->failed) return;
  if (xml->depth == DOCUMENT_DEPTH) {
    refuse(xml, "it is nested too deeply");
    error_expected(xml->error, "at most %d levels", (int)DOCUMENT_DEPTH);
    return;
  }
  if (!names_are_qualified(name, attributes)) {
    refuse(xml, "a name has a colon where none belongs");
    return;
  }
  if (!tag_is_plain(xml)) {
    on_skipped_entity(xml, name, 0);
    return;
  }
  struct level *level = &xml->levels[xml->depth++];
  buffer_reset(&level->text);
  level->element = (struct document_parent){.node = make_node(xml, REFUND_KIND_ELEMENT, name)};
  if (level->element.node == NULL || !add_attributes(xml, &level->element, attributes)) {
    refuse_memory(xml);
  } else if (xml->depth == 1) {
    xml->root = level->element.node;
  } else {
    document_append(&level[-1].element, level->element.node);
  }
}

static void XMLCALL on_text(void *data, const XML_Char *text, int size) {
  struct xml *xml = data;
  if (xml->failed) return;
  if (!buffer_write(&xml->levels[xml->depth - 1].text, text, (size_t)size)) refuse_memory(xml);
}

static void XMLCALL on_end(void *data, const XML_Char *name) {
  struct xml *xml = data;
  (void)name;
  if (xml->failed) return;
  struct level *level = &xml->levels[--xml->depth];
  if (!set_text(xml, level->element.node, buffer_text(&level->text))) refuse_memory(xml);
}

/* ---- The parser ---- */

static void set_handlers(struct xml *xml) {
  XML_SetUserData(xml->parser, xml);
  XML_SetElementHandler(xml->parser, on_start, on_end);
  XML_SetCharacterDataHandler(xml->parser, on_text);
  XML_SetDoctypeDeclHandler(xml->parser, on_doctype, on_doctype_end);
  XML_SetSkippedEntityHandler(xml->parser, on_skipped_entity);
  XML_SetDefaultHandler(xml->parser, on_other);
}

const refund_node *document_read_xml(struct arena *arena, const char *bytes, size_t size, struct error *error) {
  struct xml xml = {.arena = arena, .error = error, .bytes = bytes};
  xml.parser = XML_ParserCreate(NULL);
  if (xml.parser == NULL) {
    error_set(error, ERROR_INPUT, "", "the text cannot be read as XML: it needs more memory than it may have");
    return NULL;
  }
  for (size_t i = 0; i < DOCUMENT_DEPTH; i++)
    buffer_open(&xml.levels[i].text, 2 * DOCUMENT_SIZE);
  set_handlers(&xml);
  if (XML_Parse(xml.parser, bytes, (int)size, XML_TRUE) != XML_STATUS_OK) {
    refuse(&xml, XML_ErrorString(XML_GetErrorCode(xml.parser)));
  }
  for (size_t i = 0; i < DOCUMENT_DEPTH; i++)
    buffer_close(&xml.levels[i].text);
  XML_ParserFree(xml.parser);
  return xml.failed ? NULL : xml.root;
}
