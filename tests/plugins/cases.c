/* Every connector against the cases beside it: the request that it builds, and the outcome of each reply, both through
 * the program and its real .so file. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "plugins/cases_file.h"
#include "plugins/jose.h"

/* ---- Comparing by meaning ---- */

static bool is_same(refund_text a, refund_text b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static const refund_node *read_form(struct arena *arena, const char *text) {
  refund_text bytes = {text, strlen(text)};
  return document_read(arena, REFUND_FORM, bytes, NULL);
}

/* Names are unique in a form that the host reads. */
static bool same_form(const char *a, const char *b) {
  struct arena *arena = arena_open(0);
  const refund_node *one = read_form(arena, a);
  const refund_node *two = read_form(arena, b);
  bool same = one != NULL && two != NULL;
  int more = 0;
  for (const refund_node *field = document_first(two); field != NULL; field = document_next(field))
    more++;
  for (const refund_node *field = document_first(one); field != NULL && same; field = document_next(field)) {
    const refund_node *other = document_first(two);
    while (other != NULL && !is_same(document_name(other), document_name(field)))
      other = document_next(other);
    same = other != NULL && is_same(document_text(other), document_text(field));
    more--;
  }
  arena_close(arena);
  return same && more == 0;
}

static void drop_nulls(cJSON *json) {
  for (cJSON *item = json->child; item != NULL;) {
    cJSON *next = item->next;
    if (cJSON_IsNull(item) && cJSON_IsObject(json)) {
      cJSON_Delete(cJSON_DetachItemViaPointer(json, item));
    } else {
      drop_nulls(item);
    }
    item = next;
  }
}

/* The object that a path leads to ("/timeStamp", "params.UUID"), and the name of the member in it. */
static cJSON *parent_of(cJSON *json, const char *path, const char **name) {
  *name = path[0] == '/' ? path + 1 : path;
  for (const char *dot; json != NULL && (dot = strchr(*name, '.')) != NULL; *name = dot + 1) {
    char step[64];
    snprintf(step, sizeof step, "%.*s", (int)(dot - *name), *name);
    json = cJSON_GetObjectItemCaseSensitive(json, step);
  }
  return json;
}

/* Members that change, each of which has to be there: a test of the connector's own recomputes them. */
static bool drop_volatile(cJSON *json, const cJSON *paths) {
  const cJSON *path;
  cJSON_ArrayForEach(path, paths) {
    const char *name;
    cJSON *parent = parent_of(json, path->string, &name);
    cJSON *dropped = cJSON_DetachItemFromObjectCaseSensitive(parent, name);
    if (dropped == NULL) return false;
    cJSON_Delete(dropped);
  }
  return true;
}

static bool same_json(const char *a, const char *b, const cJSON *changing) {
  cJSON *one = cJSON_Parse(a);
  cJSON *two = cJSON_Parse(b);
  if (!drop_volatile(one, changing) || !drop_volatile(two, changing)) return false;
  if (one != NULL) drop_nulls(one);
  if (two != NULL) drop_nulls(two);
  bool same = one != NULL && two != NULL && cJSON_Compare(one, two, true);
  cJSON_Delete(one);
  cJSON_Delete(two);
  return same;
}

/* ---- XML: elements in order, attributes in any, text without the blanks around it ---- */

static refund_text trimmed(refund_text text) {
  while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]) != NULL)
    text.size--;
  while (text.size > 0 && strchr(" \t\r\n", text.data[0]) != NULL) {
    text.data++;
    text.size--;
  }
  return text;
}

static bool has_attribute(const refund_node *element, const refund_node *attribute) {
  for (const refund_node *own = document_first(element); own != NULL; own = document_next(own)) {
    if (document_kind(own) == REFUND_KIND_STRING && is_same(document_name(own), document_name(attribute))) {
      return is_same(document_text(own), document_text(attribute));
    }
  }
  return false;
}

static const refund_node *next_element(const refund_node *node) {
  while (node != NULL && document_kind(node) != REFUND_KIND_ELEMENT)
    node = document_next(node);
  return node;
}

static bool same_element(const refund_node *a, const refund_node *b) {
  int attributes = 0;
  if (!is_same(document_name(a), document_name(b))) return false;
  if (!is_same(trimmed(document_text(a)), trimmed(document_text(b)))) return false;
  for (const refund_node *at = document_first(a); at != NULL; at = document_next(at)) {
    if (document_kind(at) != REFUND_KIND_STRING) continue;
    attributes++;
    if (!has_attribute(b, at)) return false;
  }
  for (const refund_node *at = document_first(b); at != NULL; at = document_next(at)) {
    attributes -= document_kind(at) == REFUND_KIND_STRING;
  }
  const refund_node *one = next_element(document_first(a));
  const refund_node *two = next_element(document_first(b));
  while (one != NULL && two != NULL && same_element(one, two)) {
    one = next_element(document_next(one));
    two = next_element(document_next(two));
  }
  return attributes == 0 && one == NULL && two == NULL;
}

static bool same_xml(const char *a, const char *b) {
  struct arena *arena = arena_open(0);
  refund_text text_a = {a, strlen(a)};
  refund_text text_b = {b, strlen(b)};
  const refund_node *one = document_read(arena, REFUND_XML, text_a, NULL);
  const refund_node *two = document_read(arena, REFUND_XML, text_b, NULL);
  bool same = one != NULL && two != NULL && same_element(one, two);
  arena_close(arena);
  return same;
}

/* What is signed and encrypted, opened as the processor does. */
static void compare_jose(const char *id, const cJSON *keys, const cJSON *expected, const char *ours) {
  struct jose opened;
  const char *inner = json_text(expected, "body_inner");
  cr_assert(jose_open(keys, ours, &opened), "%s: the processor could not read %s", id, ours);
  cr_expect(same_json(inner, opened.text, cJSON_GetObjectItem(expected, "body_inner_volatile")),
            "%s: inside of the body\nexpected %s\nfound    %s", id, inner, opened.text);
  jose_close(&opened);
}

static void compare_body(const char *id, const cJSON *keys, const cJSON *expected, const cJSON *got) {
  const char *type = json_text(expected, "body_type");
  const char *body = json_text(expected, "body");
  const char *ours = json_text(got, "body");
  if (strcmp(type, "none") == 0) {
    cr_expect(cJSON_IsNull(cJSON_GetObjectItem(got, "body")), "%s: expected no body, got %s", id, ours);
  } else if (strcmp(type, "form") == 0) {
    cr_expect(same_form(body, ours), "%s: body\nexpected %s\nfound    %s", id, body, ours);
  } else if (strcmp(type, "xml") == 0) {
    cr_expect(same_xml(body, ours), "%s: body\nexpected %s\nfound    %s", id, body, ours);
  } else if (strcmp(type, "json") == 0) {
    cr_expect(same_json(body, ours, cJSON_GetObjectItem(expected, "body_volatile")),
              "%s: body\nexpected %s\nfound    %s", id, body, ours);
  } else if (strcmp(type, "jose") == 0) {
    compare_jose(id, keys, expected, ours);
  } else {
    cr_expect_fail("%s: this test does not know the body type %s", id, type);
  }
}

/* ---- One case ---- */

/* The refund of a case; the token that it has in hand goes by an option. */
static cJSON *refund_of(const cJSON *one, char *token, size_t room) {
  cJSON *refund = cJSON_Duplicate(cJSON_GetObjectItem(one, "request"), true);
  const char *in_hand = json_text(refund, "access_token");
  token[0] = '\0';
  if (in_hand[0] != '\0') snprintf(token, room, "--access-token %s", in_hand);
  cJSON_DeleteItemFromObject(refund, "access_token");
  return refund;
}

static char *line_of(const cJSON *json) {
  char *line = cJSON_PrintUnformatted(json);
  cr_assert_not_null(line);
  return line;
}

static void check_request(const struct place *place, const cJSON *keys, const cJSON *one) {
  const char *id = json_text(one, "id");
  const cJSON *http = cJSON_GetObjectItem(one, "http");
  const cJSON *header;
  char token[200];
  struct run result = run(place, line_of(refund_of(one, token, sizeof token)),
                          "--plugins %s request --account case --flow %s --now 1700000000 --show-secrets %s",
                          PLUGINS_DIR, json_text(one, "flow"), token);
  cr_assert_eq(result.status, 0, "%s: %s%s", id, result.out, result.err);
  const cJSON *got = json_line(result.out);
  cr_expect_str_eq(json_text(got, "method"), json_text(http, "method"), "%s", id);
  cr_expect_str_eq(json_text(got, "url"), json_text(http, "url"), "%s", id);
  cJSON_ArrayForEach(header, cJSON_GetObjectItem(http, "headers")) {
    if (strcmp(header->string, "host") == 0) continue; /* the HTTP client's */
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(got, "headers"), header->string));
    cr_expect(value != NULL, "%s: header %s is missing", id, header->string);
    if (value == NULL || !cJSON_IsString(header)) continue;
    cr_expect_str_eq(value, header->valuestring, "%s: header %s", id, header->string);
  }
  compare_body(id, keys, http, got);
}

static void expect_text(const char *id, const cJSON *expected, const cJSON *got, const char *path) {
  const char *want = json_text(expected, path);
  if (want[0] != '\0') cr_expect_str_eq(json_text(got, path), want, "%s: %s", id, path);
}

static void check_outcome(const struct place *place, const cJSON *one) {
  const char *id = json_text(one, "id");
  const cJSON *expect = cJSON_GetObjectItem(one, "expect");
  cJSON *line = cJSON_CreateObject();
  char token[200];
  cJSON_AddItemToObject(line, "request", refund_of(one, token, sizeof token));
  cJSON *response = cJSON_Duplicate(cJSON_GetObjectItem(one, "response"), true);
  cJSON_DeleteItemFromObject(response, "body_inner"); /* for people: what is encrypted in it */
  cJSON_AddItemToObject(line, "response", response);
  struct run result = run(place, line_of(line), "--plugins %s outcome --account case --flow %s --now 1700000000.5",
                          PLUGINS_DIR, json_text(one, "flow"));
  cr_assert_eq(result.status, 0, "%s: %s%s", id, result.out, result.err);
  const cJSON *got = json_line(result.out);
  if (strcmp(json_text(one, "flow"), "access_token") == 0) {
    cr_expect_str_eq(json_text(got, "access_token"), json_text(expect, "access_token"), "%s", id);
    cr_expect_eq(json_number(got, "expires_in"), json_number(expect, "expires_in"), "%s", id);
    return;
  }
  cr_expect_str_eq(json_text(got, "payment_status"), "charged", "%s", id);
  cr_expect_str_eq(json_text(got, "updated_at"), "2023-11-14T22:13:20.500Z", "%s", id);
  static const char *const compared[] = {"refund_status", "connector_refund_id", "reading",
                                         "error.code",    "error.message",       "error.reason"};
  for (size_t i = 0; i < sizeof compared / sizeof *compared; i++)
    expect_text(id, expect, got, compared[i]);
}

/* ---- All of a connector's ---- */

ParameterizedTestParameters(cases, every_case_passes) {
  static struct name names[CONNECTORS];
  return cr_make_param_array(struct name, names, cases_names(names));
}

ParameterizedTest(struct name *name, cases, every_case_passes) {
  const cJSON *one;
  int count = 0;
  struct place place = place_make();
  const cJSON *cases = cases_read(name->text);
  cases_account(&place, cases, NULL);
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(cases, "cases")) {
    check_request(&place, cJSON_GetObjectItem(cases, "test_keys"), one);
    check_outcome(&place, one);
    count++;
  }
  cr_assert_gt(count, 5, "%s", name->text);
}
