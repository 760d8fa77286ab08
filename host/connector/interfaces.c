#include "connector/interfaces.h"

#include <stdio.h>
#include <string.h>

#include "connector/crypto.h"
#include "document/document.h"

/* ---- document/1: document.h with a call's arena and a call's way to fail ---- */

static void say_unreadable(const refund_call *call, const struct error *error) {
  char message[sizeof error->message + sizeof error->found + 16];
  const char *found = error->found[0] == '\0' ? "" : ": found ";
  snprintf(message, sizeof message, "%s%s%s", error->message, found, error->found);
  refund_text none = {NULL, 0};
  call->host->fail(call, none, (refund_text){message, strlen(message)});
}

static int32_t parse(const refund_call *call, int32_t format, refund_text bytes, const refund_node **root) {
  struct error error;
  *root = document_read(call_arena(call), format, bytes, &error);
  if (*root != NULL) return REFUND_OK;
  say_unreadable(call, &error);
  return REFUND_MALFORMED_RESPONSE;
}

static const refund_document_1 document_interface = {
    .size = sizeof(refund_document_1),
    .parse = parse,
    .find = document_find,
    .kind = document_kind,
    .name = document_name,
    .text = document_text,
    .source = document_source,
    .first = document_first,
    .next = document_next,
};

/* ---- By name ---- */

static const struct {
  const char *id;
  const void *table;
} interfaces[] = {
    {REFUND_CRYPTO_1, &crypto_interface},
    {REFUND_DOCUMENT_1, &document_interface},
};

const void *interfaces_find(const char *id) {
  for (size_t i = 0; id != NULL && i < sizeof interfaces / sizeof *interfaces; i++) {
    if (strcmp(interfaces[i].id, id) == 0) return interfaces[i].table;
  }
  return NULL;
}
