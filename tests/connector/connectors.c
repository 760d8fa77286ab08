/* The connectors in use: each is opened once. */
#include "connector/connectors.h"

#include <criterion/criterion.h>
#include <string.h>

Test(connectors, each_is_opened_once_and_a_missing_one_each_time_said_to_be) {
  const char *directories[] = {PLUGINS_DIR};
  struct catalog_options options = {.directories = directories, .directory_count = 1};
  struct error error = {0};
  struct connectors connectors = {catalog_open(&options, &error), NULL};
  cr_assert_not_null(connectors.catalog, "%s", error.message);
  struct connector *stripe = connectors_get(&connectors, "stripe", &error);
  struct connector *reference = connectors_get(&connectors, "reference", &error);
  cr_assert_not_null(stripe, "%s", error.message);
  cr_assert_not_null(reference, "%s", error.message);
  cr_expect_str_eq(connector_descriptor(reference)->id, "reference");
  cr_expect_eq(connectors_get(&connectors, "stripe", &error), stripe);
  cr_expect_eq(connectors_get(&connectors, "reference", &error), reference);
  for (int i = 0; i < 2; i++) {
    memset(&error, 0, sizeof error);
    cr_expect_null(connectors_get(&connectors, "nobody", &error));
    cr_expect_eq(error.code, ERROR_CONNECTOR);
  }
  connectors_close(&connectors);
  catalog_close(connectors.catalog);
}
