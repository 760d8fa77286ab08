/* What a connector gets by name. The call is the test's own, so is what call.c otherwise says: where its memory is. */
#include "connector/interfaces.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "connector/crypto.h"

struct test_call {
  refund_call call; /* first */
  struct arena *arena;
};

/* Weak, so that tests which link call.c can be in one program with these; the arena stands in the same place there. */
__attribute__((weak)) struct arena *call_arena(const refund_call *call) {
  return ((const struct test_call *)(const void *)call)->arena;
}

static char last_failure[1024];

static void keep_failure(const refund_call *call, refund_text field, refund_text message) {
  (void)call, (void)field;
  snprintf(last_failure, sizeof last_failure, "%.*s", (int)message.size, message.data);
}

static const refund_host host = {.size = sizeof host, .fail = keep_failure};

static refund_text text(const char *string) {
  return (refund_text){string, strlen(string)};
}

Test(connector_interfaces, are_found_by_name_and_revision) {
  const refund_crypto_1 *crypto = interfaces_find(REFUND_CRYPTO_1);
  const refund_document_1 *document = interfaces_find(REFUND_DOCUMENT_1);
  cr_assert_eq(crypto, &crypto_interface);
  cr_assert_not_null(document);
  cr_expect_eq(crypto->size, sizeof *crypto);
  cr_expect_eq(document->size, sizeof *document);
  static const char *const unknown[] = {NULL, "", "crypto", "crypto/2", "Crypto/1", "document/10", "document/"};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    cr_expect_null(interfaces_find(unknown[i]));
}

Test(connector_interfaces, have_no_empty_place) {
  static const char *const ids[] = {REFUND_CRYPTO_1, REFUND_DOCUMENT_1};
  for (size_t i = 0; i < 2; i++) {
    uint64_t places[9];
    memcpy(places, interfaces_find(ids[i]), sizeof places);
    for (size_t at = 1; at < 9; at++)
      cr_expect_neq(places[at], 0, "%s, place %zu", ids[i], at);
  }
}

Test(connector_interfaces, documents_live_in_the_memory_of_the_call) {
  struct test_call test = {{.size = sizeof test.call, .host = &host}, arena_open(0)};
  const refund_document_1 *document = interfaces_find(REFUND_DOCUMENT_1);
  const refund_node *root = NULL;
  cr_assert_eq(document->parse(&test.call, REFUND_JSON, text("{\"data\":[{\"id\":7}]}"), &root), REFUND_OK);
  const refund_node *id = document->find(root, "data/0/id");
  cr_expect_eq(document->kind(id), REFUND_KIND_NUMBER);
  cr_expect(strncmp(document->text(id).data, "7", document->text(id).size) == 0);
  cr_expect_eq(document->name(id).size, 2);
  cr_expect_eq(document->source(document->first(root)).size, strlen("[{\"id\":7}]"));
  cr_expect_null(document->next(id));
  arena_close(test.arena);
}

Test(connector_interfaces, an_unreadable_document_says_why_and_leaves_no_root) {
  struct test_call test = {{.size = sizeof test.call, .host = &host}, arena_open(0)};
  const refund_document_1 *document = interfaces_find(REFUND_DOCUMENT_1);
  const refund_node *root = (const refund_node *)(const void *)&test;
  cr_expect_eq(document->parse(&test.call, REFUND_JSON, text("{\"a\":1,\"a\":2}"), &root), REFUND_MALFORMED_RESPONSE);
  cr_expect_null(root);
  cr_expect_not_null(strstr(last_failure, "two members of one name"), "%s", last_failure);
  cr_expect_not_null(strstr(last_failure, "line 1, column 12"), "%s", last_failure);
  cr_expect_eq(document->parse(&test.call, 9, text("{}"), &root), REFUND_MALFORMED_RESPONSE);
  arena_close(test.arena);
}
