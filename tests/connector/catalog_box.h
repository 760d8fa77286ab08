/* A catalog of what is in a box, and the parts that every refusal must have. */
#ifndef TESTS_CONNECTOR_CATALOG_BOX_H
#define TESTS_CONNECTOR_CATALOG_BOX_H

#include "connector/box.h"
#include "connector/catalog.h"

static inline struct catalog *open_one(const char *directory, bool direct_load, struct error *error) {
  const char *directories[] = {directory};
  memset(error, 0, sizeof *error);
  return catalog_open(&(struct catalog_options){directories, 1, direct_load, NULL}, error);
}

static inline struct catalog *open_box(const struct box *box) {
  struct error error;
  struct catalog *catalog = open_one(box->path, false, &error);
  cr_assert(catalog != NULL, "%s: %s", error.message, error.found);
  return catalog;
}

static inline void explained(const struct error *error, const char *message, const char *whose) {
  cr_expect(strstr(error->message, message) != NULL, "%s: expected '%s', found '%s'", whose, message, error->message);
  cr_expect(error->expected[0] != '\0' && error->found[0] != '\0' && error->fix[0] != '\0', "%s: %s", whose,
            error->message);
}

#endif
