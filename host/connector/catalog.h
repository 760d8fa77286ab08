/* What is installed: finds connectors, inspects their files without running them, loads the ones that are used.
 * The rules and their reasons: plugin-api/docs/loading.md. Not thread-safe. */
#ifndef CONNECTOR_CATALOG_H
#define CONNECTOR_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "refund_connector.h"

struct catalog;

/* One file of a connector directory. Lives as long as the catalog. */
struct catalog_entry {
  const char *path;
  bool accepted;
  struct error refusal;         /* why not; ERROR_CONNECTOR */
  bool described;               /* the descriptor could be read, also of some that are refused */
  refund_descriptor descriptor; /* a copy, zero-filled past what the connector declares; tables are all NULL */
  char sha256[65];              /* of the file, lower-case hex; filled in by catalog_digest() and catalog_load() */
};

/* Told of each connector that was loaded, once; for a line in a log. */
typedef void catalog_loaded(const struct catalog_entry *entry);

struct catalog_options {
  const char *const *directories; /* in order of preference */
  size_t directory_count;
  bool direct_load;       /* load the file itself, not a sealed copy: for debuggers */
  catalog_loaded *loaded; /* may be NULL */
};

/* Opens each directory once and inspects every *.so in it; runs none of their code. A file that is refused is an entry
 * with its reason and stops no other. A directory that is missing, or that others may write to, is an error. */
struct catalog *catalog_open(const struct catalog_options *options, struct error *error);
void catalog_close(struct catalog *catalog); /* what was loaded stays mapped: nothing is ever unloaded */

size_t catalog_count(const struct catalog *catalog); /* in order of directory and name */
const struct catalog_entry *catalog_entry(const struct catalog *catalog, size_t index);

/* The accepted connector of that id. NULL and an error that says what is there instead, or why it was refused. */
const struct catalog_entry *catalog_find(const struct catalog *catalog, const char *id, struct error *error);

bool catalog_digest(struct catalog *catalog, const struct catalog_entry *entry, struct error *error);

/* Loads it (once) and gives its function tables, in the order of entry->descriptor.flows. */
bool catalog_load(struct catalog *catalog, const struct catalog_entry *entry, const refund_vtable *const **tables,
                  struct error *error);

#endif
