/* application/x-www-form-urlencoded, as the URL standard of the WHATWG decodes it, but a bad escape or a field twice is
 * refused. Decoded in place: nothing gets longer. */
#include <string.h>

#include "document/node.h"
#include "refund_toolkit.h"

struct form {
  struct arena *arena;
  const char *start;
  struct error *error;
};

static bool refuse(const struct form *form, const char *at, const char *why) {
  error_set(form->error, ERROR_INPUT, "", "the text cannot be read as a form: %s", why);
  if (at != NULL) error_found(form->error, "this at byte %zu", (size_t)(at - form->start) + 1);
  return false;
}

static bool refuse_memory(const struct form *form) {
  return refuse(form, NULL, "it needs more memory than it may have");
}

static bool refuse_twice(const struct form *form, const refund_node *one, const refund_node *other) {
  const char *second = one->name > other->name ? one->name : other->name;
  struct document_excerpt name = document_excerpt(one->name, one->name_size);
  refuse(form, NULL, "a field is there twice");
  return error_found(form->error, "\"%s\" again at byte %zu", name.text, (size_t)(second - form->start) + 1);
}

/* False at a "%" without two digits behind it, which *bad then points to. */
static bool undo_escapes(char *text, size_t *size, const char **bad) {
  const char *end = text + *size;
  char *out = text;
  for (const char *at = text; at < end; at++) {
    if (*at != '%') {
      *out++ = *at == '+' ? ' ' : *at;
      continue;
    }
    int high = end - at > 2 ? refund_hex_digit(at[1]) : -1;
    int low = end - at > 2 ? refund_hex_digit(at[2]) : -1;
    if (high < 0 || low < 0) {
      *bad = at;
      return false;
    }
    *out++ = (char)(high * 16 + low);
    at += 2;
  }
  *size = (size_t)(out - text);
  return true;
}

static bool decode(const struct form *form, char *text, size_t *size) {
  const char *bad;
  if (!undo_escapes(text, size, &bad)) return refuse(form, bad, "a % has no two hexadecimal digits behind it");
  if (memchr(text, '\0', *size) != NULL) return refuse(form, text, "a name or value has the character U+0000");
  if (!document_is_utf8((refund_text){text, *size})) return refuse(form, text, "a name or value is not UTF-8");
  return true;
}

static bool add_field(const struct form *form, struct document_parent *fields, char *field, size_t size) {
  char *equals = memchr(field, '=', size);
  size_t name_size = equals == NULL ? size : (size_t)(equals - field);
  char *value = equals == NULL ? field + size : equals + 1;
  size_t value_size = equals == NULL ? 0 : size - name_size - 1;
  if (!decode(form, field, &name_size) || !decode(form, value, &value_size)) return false;
  struct refund_node *node = arena_allocate(form->arena, sizeof *node);
  if (node == NULL) return refuse_memory(form);
  field[name_size] = '\0'; /* where "=" or "&" stood, or what was decoded */
  value[value_size] = '\0';
  node->kind = REFUND_KIND_STRING;
  node->name = field;
  node->name_size = (uint32_t)name_size;
  node->text = value;
  node->text_size = (uint32_t)value_size;
  document_append(fields, node);
  return true;
}

/* Nothing between two "&" is no field. */
static bool add_fields(const struct form *form, struct document_parent *fields, char *at, char *end) {
  while (at < end) {
    char *stop = memchr(at, '&', (size_t)(end - at));
    if (stop == NULL) stop = end;
    if (stop > at && !add_field(form, fields, at, (size_t)(stop - at))) return false;
    at = stop + 1;
  }
  return true;
}

static bool check_names(const struct form *form, const struct document_parent *fields) {
  const refund_node *one;
  const refund_node *other;
  if (!document_find_twice(fields->node, fields->count, &one, &other)) return refuse_memory(form);
  return one == NULL || refuse_twice(form, one, other);
}

const refund_node *document_read_form(struct arena *arena, char *bytes, size_t size, struct error *error) {
  struct form form = {arena, bytes, error};
  struct document_parent fields = {.node = arena_allocate(arena, sizeof(struct refund_node))};
  if (fields.node == NULL) {
    refuse_memory(&form);
    return NULL;
  }
  fields.node->kind = REFUND_KIND_OBJECT;
  bool good = add_fields(&form, &fields, bytes, bytes + size) && check_names(&form, &fields);
  return good ? fields.node : NULL;
}
