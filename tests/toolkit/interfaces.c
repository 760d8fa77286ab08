/* The short ways to the host's interfaces: they ask the host by name, and pass on what it answers. */
#include "fake.h"

/* A document of two nodes: the root, and what "a" finds. */
struct refund_node {
  const char *text;
};
static const refund_node root = {"root"};
static const refund_node child = {"child"};

static int32_t parse(const refund_call *call, int32_t format, refund_text bytes, const refund_node **out) {
  (void)call;
  *out = &root;
  return format == REFUND_JSON && refund_is(bytes, "{}") ? REFUND_OK : REFUND_MALFORMED_RESPONSE;
}

static const refund_node *find(const refund_node *from, const char *path) {
  if (path[0] == '\0') return from;
  return from == &root && strcmp(path, "a") == 0 ? &child : NULL;
}

static int32_t kind(const refund_node *node) {
  return node == NULL ? REFUND_KIND_NONE : node == &root ? REFUND_KIND_OBJECT : REFUND_KIND_STRING;
}

static refund_text text_of_node(const refund_node *node) {
  return refund_text_of(node == NULL ? NULL : node->text);
}

static const refund_node *first(const refund_node *node) {
  return node == &child ? &root : NULL;
}

static const refund_node *next(const refund_node *node) {
  return node == &root ? &child : NULL;
}

static refund_text source_of_node(const refund_node *node) {
  refund_text none = {NULL, 0};
  return node == &root ? T("{ \"a b\" :\t[1 ,\n\"\\\\\", \"c\\\" d\" ] }\r") : node == &child ? T("7") : none;
}

static const refund_document_1 document = {.size = sizeof document,
                                           .parse = parse,
                                           .find = find,
                                           .kind = kind,
                                           .text = text_of_node,
                                           .source = source_of_node,
                                           .first = first,
                                           .next = next};
static const refund_crypto_1 crypto = {.size = sizeof crypto};

static const void *get_interface(const refund_host *host, const char *id) {
  (void)host;
  if (strcmp(id, "document/1") == 0) return &document;
  return strcmp(id, "crypto/1") == 0 ? &crypto : NULL;
}

Test(interfaces, are_asked_for_by_name) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  cr_expect_eq(refund_crypto(&fake->call), &crypto);
  fake_close(fake);
}

Test(interfaces, read_a_body_and_find_in_it) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  refund_http_response response = {.size = sizeof response, .body = T("{}")};
  const refund_node *node = refund_read_body(&fake->call, REFUND_JSON, &response);
  cr_expect_eq(node, &root);
  cr_expect_eq(refund_node_at(&fake->call, node, "a"), &child);
  expect_text(refund_text_at(&fake->call, node, "a"), "child");
  cr_expect_eq(refund_kind_at(&fake->call, node, "a"), REFUND_KIND_STRING);
  cr_expect_eq(refund_first_at(&fake->call, node, "a"), &root);
  cr_expect_eq(refund_next(&fake->call, node), &child);
  fake_close(fake);
}

Test(interfaces, answer_not_there_for_what_is_not_there) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  cr_expect_null(refund_node_at(&fake->call, &root, "b"));
  cr_expect_null(refund_text_at(&fake->call, &root, "b").data);
  cr_expect_eq(refund_kind_at(&fake->call, &root, "b"), REFUND_KIND_NONE);
  cr_expect_null(refund_first_at(&fake->call, &root, "b"));
  cr_expect_null(refund_next(&fake->call, NULL));
  fake_close(fake);
}

/* Blanks in strings are their own, and an escaped quote ends none. */
Test(interfaces, show_a_value_without_the_blanks_between_its_parts) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  expect_text(refund_source_at(&fake->call, &root, ""), "{\"a b\":[1,\"\\\\\",\"c\\\" d\"]}");
  expect_text(refund_source_at(&fake->call, &root, "a"), "7");
  cr_expect_null(refund_source_at(&fake->call, &root, "b").data);
  fake->allocations_allowed = fake->block_count;
  cr_expect_null(refund_source_at(&fake->call, &root, "a").data);
  fake_close(fake);
}

Test(interfaces, find_a_member_of_the_metadata) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  cr_expect_null(refund_metadata(&fake->call, "a").data, "none was given");
  fake->call.connector_metadata = T("{}");
  expect_text(refund_metadata(&fake->call, "a"), "child");
  cr_expect_null(refund_metadata(&fake->call, "b").data);
  fake->call.connector_metadata = T("[");
  cr_expect_null(refund_metadata(&fake->call, "a").data);
  fake_close(fake);
}

/* The reader may have set a root before it gave up. */
Test(interfaces, give_no_root_of_a_body_that_cannot_be_read) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  refund_http_response response = {.size = sizeof response, .body = T("<html>")};
  cr_expect_null(refund_read_body(&fake->call, REFUND_JSON, &response));
  fake_close(fake);
}
