/* Reads foreign text into a read-only tree: JSON, XML, forms. The one reader for processors' answers (connectors get
 * it as document/1), refund objects and the accounts file.
 *
 * Strict, and bounded: valid UTF-8 without U+0000, no member twice, nothing after the end, at most DOCUMENT_DEPTH
 * levels, at most DOCUMENT_SIZE bytes; XML without document type declarations' entities and nothing external. A number
 * keeps its text, because refund ids of more than 2^53 come as JSON numbers. A byte order mark in front is skipped.
 * Names and texts have a NUL behind them (not counted), but for document_source(), which is a slice.
 * The tree lives in the arena it was read into; `bytes` may be freed after the call. No I/O, thread-safe. */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H

#include "common/arena.h"
#include "common/error.h"

enum { DOCUMENT_DEPTH = 64, DOCUMENT_SIZE = 4 * 1024 * 1024 };

/* format: REFUND_JSON, REFUND_XML or REFUND_FORM. NULL, and an error (ERROR_INPUT) that says where and why: line and
 * column for JSON and XML. */
const refund_node *document_read(struct arena *arena, int32_t format, refund_text bytes, struct error *error);

/* As specified for document/1 in refund_connector.h. All take NULL. */
const refund_node *document_find(const refund_node *from, const char *path);
int32_t document_kind(const refund_node *node);
refund_text document_name(const refund_node *node);
refund_text document_text(const refund_node *node);
refund_text document_source(const refund_node *node);
const refund_node *document_first(const refund_node *node);
const refund_node *document_next(const refund_node *node);

/* JSON in canonical form, for fingerprints: members sorted by their names' bytes, no spaces, strings with the fewest
 * escapes, numbers as written. Appends to `out`; false when that refuses. */
#include "common/buffer.h"
bool document_canonical(const refund_node *node, struct buffer *out);

/* Is it UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool document_is_utf8(refund_text text);

#endif
