/* JSON by RFC 8259, and no further: what two readers could understand differently is refused. */
#include <stdio.h>
#include <string.h>

#include "document/node.h"
#include "refund_toolkit.h"

struct json {
  struct arena *arena;
  const char *start;
  const char *at;
  const char *end;
  int depth; /* objects and arrays that are open */
  struct error *error;
};

static struct refund_node *read_value(struct json *json);

/* ---- Refusing ---- */

/* Characters, not bytes, are counted: that is what an editor shows. */
static void say_where(const struct json *json, const char *at, const char *found) {
  size_t line = 1;
  size_t column = 1;
  for (const char *c = json->start; c < at; c++) {
    if (*c == '\n') {
      line++;
      column = 1;
    } else if (((unsigned char)*c & 0xC0u) != 0x80u) {
      column++;
    }
  }
  error_found(json->error, "%s at line %zu, column %zu", found, line, column);
}

static bool refuse(struct json *json, const char *why) {
  return error_set(json->error, ERROR_INPUT, "", "the text cannot be read as JSON: %s", why);
}

/* Shows one byte at most: what stands there may be a credential that lost its quotes. */
static bool refuse_byte(struct json *json, const char *at, const char *why, const char *expected) {
  refuse(json, at < json->end ? why : "it ends too early");
  if (expected != NULL) error_expected(json->error, "%s", expected);
  char found[32] = "the end";
  if (at < json->end) {
    bool printable = *at >= 0x20 && *at < 0x7F;
    snprintf(found, sizeof found, printable ? "'%c'" : "the byte 0x%02X", (unsigned char)*at);
  }
  say_where(json, at, found);
  return false;
}

static bool refuse_unexpected(struct json *json, const char *expected) {
  return refuse_byte(json, json->at, "a character does not belong where it is", expected);
}

static bool refuse_memory(struct json *json) {
  return refuse(json, "it needs more memory than it may have");
}

static bool refuse_twice(struct json *json, const refund_node *one, const refund_node *other) {
  const char *second = one->source > other->source ? one->source : other->source;
  struct document_excerpt name = document_excerpt(one->name, one->name_size);
  refuse(json, "an object has two members of one name");
  char found[sizeof name + 32];
  snprintf(found, sizeof found, "\"%s\", again with the value", name.text);
  say_where(json, second, found);
  return false;
}

/* ---- Tokens ---- */

static void skip_space(struct json *json) {
  while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r')) {
    json->at++;
  }
}

static bool next_is(const struct json *json, char c) {
  return json->at < json->end && *json->at == c;
}

static bool next_is_digit(const struct json *json) {
  return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

static bool skip(struct json *json, char c) {
  bool there = next_is(json, c);
  if (there) json->at++;
  return there;
}

static bool skip_digits(struct json *json) {
  if (!next_is_digit(json)) return refuse_unexpected(json, "a digit");
  while (next_is_digit(json))
    json->at++;
  return true;
}

static bool skip_number(struct json *json) {
  skip(json, '-');
  if (!skip(json, '0') && !skip_digits(json)) return false;
  if (skip(json, '.') && !skip_digits(json)) return false;
  if (!skip(json, 'e') && !skip(json, 'E')) return true;
  if (!skip(json, '+')) skip(json, '-');
  return skip_digits(json);
}

/* ---- Strings ---- */

/* To the closing quote, which is not yet skipped. Escapes are only stepped over: what they say is looked at when they
 * are undone. */
static bool scan_string(struct json *json, bool *escapes) {
  *escapes = false;
  while (!next_is(json, '"')) {
    if (json->at >= json->end) return refuse_unexpected(json, "the string's closing quote");
    if ((unsigned char)*json->at < 0x20) {
      return refuse_byte(json, json->at, "a string has a control character", "an escape in its place");
    }
    bool escape = *json->at++ == '\\';
    if (escape) *escapes = true;
    if (escape && json->at < json->end) json->at++;
  }
  return true;
}

/* Four hexadecimal digits; UINT32_MAX if they are not. */
static uint32_t read_hex(const char *at, const char *end) {
  if (end - at < 4) return UINT32_MAX;
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    int digit = refund_hex_digit(at[i]);
    if (digit < 0) return UINT32_MAX;
    value = value * 16 + (uint32_t)digit;
  }
  return value;
}

static size_t put_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    to[0] = (char)code;
    return 1;
  }
  size_t follow = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
  to[0] = (char)(leads[follow] | (code >> (6 * follow)));
  for (size_t i = 1; i <= follow; i++)
    to[i] = (char)(0x80 | ((code >> (6 * (follow - i))) & 0x3F));
  return follow + 1;
}

/* `at` is behind "\u". A character beyond U+FFFF comes as two escapes, and each of the two alone means nothing. */
static bool undo_unicode(struct json *json, const char **at, const char *end, uint32_t *code) {
  const char *escape = *at - 2;
  *code = read_hex(*at, end);
  if (*code == UINT32_MAX) {
    return refuse_byte(json, escape, "a string has an escape that JSON does not know", "four hexadecimal digits");
  }
  *at += 4;
  if (*code == 0) return refuse_byte(json, escape, "a string has the character U+0000", NULL);
  if (*code < 0xD800 || *code > 0xDFFF) return true;
  bool pair = *code < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
  uint32_t low = pair ? read_hex(*at + 2, end) : 0;
  if (low < 0xDC00 || low > 0xDFFF) return refuse_byte(json, escape, "a string has half of a surrogate pair", NULL);
  *at += 6;
  *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

/* No escape is shorter than what it stands for, so `to` needs no more room than the string has. */
static bool undo_escapes(struct json *json, const char *at, const char *end, char *to, uint32_t *size) {
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  char *out = to;
  while (at < end) {
    if (*at != '\\') {
      *out++ = *at++;
      continue;
    }
    const char *letter = at[1] == '\0' ? NULL : strchr(letters, at[1]);
    uint32_t code = 0;
    if (letter != NULL) {
      code = (unsigned char)meanings[letter - letters];
    } else if (at[1] != 'u') {
      return refuse_byte(json, at + 1, "a string has an escape that JSON does not know",
                         "one of \" \\ / b f n r t u behind \\");
    }
    at += 2;
    if (letter == NULL && !undo_unicode(json, &at, end, &code)) return false;
    out += put_utf8(out, code);
  }
  *size = (uint32_t)(out - to);
  return true;
}

/* The next character is the opening quote. */
static bool read_string(struct json *json, const char **text, uint32_t *size) {
  const char *start = ++json->at;
  bool escapes;
  if (!scan_string(json, &escapes)) return false;
  const char *end = json->at++;
  *text = start;
  *size = (uint32_t)(end - start);
  char *plain = arena_allocate(json->arena, *size + (size_t)1); /* zeroed: a NUL stands behind the text */
  if (plain == NULL) return refuse_memory(json);
  *text = plain;
  if (escapes) return undo_escapes(json, start, end, plain, size);
  memcpy(plain, start, *size);
  return true;
}

/* ---- Objects and arrays ---- */

static bool read_member(struct json *json, struct document_parent *object) {
  if (!next_is(json, '"')) return refuse_unexpected(json, "a member's name in quotes");
  const char *name;
  uint32_t size;
  if (!read_string(json, &name, &size)) return false;
  skip_space(json);
  if (!skip(json, ':')) return refuse_unexpected(json, "':'");
  struct refund_node *member = read_value(json);
  if (member == NULL) return false;
  member->name = name;
  member->name_size = size;
  document_append(object, member);
  return true;
}

static bool read_item(struct json *json, struct document_parent *array) {
  struct refund_node *item = read_value(json);
  if (item == NULL) return false;
  document_append(array, item);
  return true;
}

static bool check_names(struct json *json, const struct document_parent *object) {
  const refund_node *one;
  const refund_node *other;
  if (!document_find_twice(object->node, object->count, &one, &other)) return refuse_memory(json);
  return one == NULL || refuse_twice(json, one, other);
}

static bool read_children(struct json *json, struct refund_node *node) {
  bool is_object = node->kind == REFUND_KIND_OBJECT;
  struct document_parent parent = {.node = node};
  char close = is_object ? '}' : ']';
  if (json->depth == DOCUMENT_DEPTH) {
    refuse_byte(json, json->at, "it is nested too deeply", NULL);
    return error_expected(json->error, "at most %d levels", (int)DOCUMENT_DEPTH);
  }
  json->depth++;
  json->at++;
  skip_space(json);
  while (!next_is(json, close) || parent.last != NULL) {
    if (!(is_object ? read_member(json, &parent) : read_item(json, &parent))) return false;
    skip_space(json);
    if (next_is(json, close)) break;
    if (!skip(json, ',')) return refuse_unexpected(json, is_object ? "',' or '}'" : "',' or ']'");
    skip_space(json);
  }
  json->at++;
  json->depth--;
  return !is_object || check_names(json, &parent);
}

/* ---- Values ---- */

static bool read_word(struct json *json) {
  static const char *const words[] = {"true", "false", "null"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t size = strlen(words[i]);
    if ((size_t)(json->end - json->at) < size || memcmp(json->at, words[i], size) != 0) continue;
    json->at += size;
    return true;
  }
  return refuse_unexpected(json, "a value");
}

static int32_t kind_by_first(char c) {
  switch (c) {
    case '{':
      return REFUND_KIND_OBJECT;
    case '[':
      return REFUND_KIND_ARRAY;
    case '"':
      return REFUND_KIND_STRING;
    case 't':
    case 'f':
      return REFUND_KIND_BOOLEAN;
    case 'n':
      return REFUND_KIND_NULL;
    default:
      return c == '-' || (c >= '0' && c <= '9') ? REFUND_KIND_NUMBER : REFUND_KIND_NONE;
  }
}

static bool read_as(struct json *json, struct refund_node *node) {
  switch (node->kind) {
    case REFUND_KIND_OBJECT:
    case REFUND_KIND_ARRAY:
      return read_children(json, node);
    case REFUND_KIND_STRING:
      return read_string(json, &node->text, &node->text_size);
    case REFUND_KIND_NUMBER:
      return skip_number(json);
    default:
      return read_word(json);
  }
}

static struct refund_node *read_value(struct json *json) {
  skip_space(json);
  int32_t kind = json->at < json->end ? kind_by_first(*json->at) : REFUND_KIND_NONE;
  if (kind == REFUND_KIND_NONE) {
    refuse_unexpected(json, "a value");
    return NULL;
  }
  struct refund_node *node = arena_allocate(json->arena, sizeof *node);
  if (node == NULL) {
    refuse_memory(json);
    return NULL;
  }
  node->kind = kind;
  node->source = json->at;
  if (!read_as(json, node)) return NULL;
  node->source_size = (uint32_t)(json->at - node->source);
  if (kind == REFUND_KIND_NUMBER || kind == REFUND_KIND_BOOLEAN) {
    node->text = arena_copy(json->arena, (refund_text){node->source, node->source_size}).data;
    node->text_size = node->source_size;
    if (node->text == NULL) {
      refuse_memory(json);
      return NULL;
    }
  }
  return node;
}

const refund_node *document_read_json(struct arena *arena, char *bytes, size_t size, struct error *error) {
  struct json json = {.arena = arena, .start = bytes, .at = bytes, .end = bytes + size, .error = error};
  size_t good = document_utf8_prefix((refund_text){bytes, size});
  if (good < size) {
    refuse_byte(&json, bytes + good, "it is not UTF-8", NULL);
    return NULL;
  }
  struct refund_node *root = read_value(&json);
  if (root == NULL) return NULL;
  skip_space(&json);
  if (json.at < json.end) {
    refuse_unexpected(&json, "nothing behind the value");
    return NULL;
  }
  return root;
}
