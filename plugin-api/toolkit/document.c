/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

/* ---- document/1 in short ---- */

static const refund_text nothing = {NULL, 0};

static const refund_document_1 *document_of(const refund_call *call) {
  return (const refund_document_1 *)call->host->get_interface(call->host, REFUND_DOCUMENT_1);
}

const refund_node *refund_read_text(const refund_call *call, int32_t format, refund_text text) {
  const refund_node *root = NULL;
  if (text.data == NULL) return NULL;
  return document_of(call)->parse(call, format, text, &root) == REFUND_OK ? root : NULL;
}

const refund_node *refund_read_body(const refund_call *call, int32_t format, const refund_http_response *response) {
  return refund_read_text(call, format, response->body);
}

const refund_node *refund_node_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->find(from, path);
}

refund_text refund_text_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->text(refund_node_at(call, from, path));
}

int32_t refund_kind_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->kind(refund_node_at(call, from, path));
}

const refund_node *refund_first_at(const refund_call *call, const refund_node *from, const char *path) {
  return document_of(call)->first(refund_node_at(call, from, path));
}

const refund_node *refund_next(const refund_call *call, const refund_node *node) {
  return document_of(call)->next(node);
}

refund_text refund_name_of(const refund_call *call, const refund_node *node) {
  return document_of(call)->name(node);
}

refund_text refund_source_at(const refund_call *call, const refund_node *from, const char *path) {
  refund_text source = document_of(call)->source(refund_node_at(call, from, path));
  char *out = source.data == NULL ? NULL : (char *)call->host->allocate(call, source.size);
  refund_text compact = {out, 0};
  int in_string = 0;
  if (out == NULL) return nothing;
  for (uint64_t i = 0; i < source.size; i++) {
    char c = source.data[i];
    int is_escape = in_string && c == '\\' && i + 1 < source.size;
    if (!in_string && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
    if (c == '"') in_string = !in_string;
    out[compact.size++] = c;
    if (is_escape) out[compact.size++] = source.data[++i]; /* what is escaped ends no string */
  }
  return compact;
}

refund_text refund_metadata(const refund_call *call, const char *path) {
  const refund_node *root = refund_read_text(call, REFUND_JSON, call->connector_metadata);
  return root == NULL ? nothing : refund_text_at(call, root, path);
}

/* ---- Lists ---- */

const refund_node *refund_pick(const refund_call *call, const refund_node *from, const char *list, refund_rank rank) {
  const refund_node *best = NULL;
  int highest = 0;
  for (const refund_node *item = refund_first_at(call, from, list); item != NULL; item = refund_next(call, item)) {
    int found = rank(call, item);
    if (found <= highest) continue;
    best = item;
    highest = found;
  }
  return best;
}

refund_text refund_join(const refund_call *call, const refund_node *from, const char *list, const char *path,
                        const char *between) {
  refund_buffer joined;
  int count = 0;
  refund_buffer_open(&joined, call);
  for (const refund_node *item = refund_first_at(call, from, list); item != NULL; item = refund_next(call, item)) {
    refund_text text = refund_text_at(call, item, path);
    if (text.data == NULL) continue;
    if (count++ > 0) refund_puts(&joined.sink, between);
    refund_put(&joined.sink, text);
  }
  return count == 0 ? nothing : refund_buffer_text(&joined);
}
