/* What is refused, and with which words: every wrong animal of the zoo. */
#include "connector/catalog_box.h"

/* What each animal of the zoo is refused with. Every function of an animal ends the process: that the test gets to its
 * end shows that none of their code ran, neither in listing nor in loading. */
static const struct {
  const char *animal;
  const char *message;
} refused_when_listed[] = {
    {"bad-magic", "not a connector's descriptor"},
    {"bad-pointers", "another kind of machine"},
    {"bad-byte-order", "another kind of machine"},
    {"other-major", "connector was built for ABI 1.2, this host offers 0.9"},
    {"newer-needed", "connector needs ABI 0.10, this host offers 0.9"},
    {"unknown-feature", "features that this host does not have"},
    {"short-descriptor", "shorter than any of this ABI"},
    {"long-descriptor", "shorter than it says"},
    {"bad-inline-size", "not where they have to be"},
    {"bad-id", "other characters than an id may have"},
    {"no-refund", "cannot refund"},
    {"clear-text", "in the clear"},
    {"two-symbols", "other things than its descriptor"},
    {"named-version", "other things than its descriptor"},
    {"function-symbol", "other things than its descriptor"},
    {"no-symbol", "exports nothing"},
    {"needs-library", "needs a library"},
    {"borrowed", "needs a library"},
    {"auxiliary", "loads another library over its own symbols"},
    {"filter", "stands in for another library"},
    {"audit", "watches the loader"},
    {"depaudit", "watches the loader"},
    {"rpath", "search path"},
    {"runpath", "search path"},
    {"ifunc", "IFUNC"},
    {"constructor", "code that runs when it is loaded"},
    {"text-relocations", "text relocations"},
    {"no-relro", "stays writable"},
    {"own-section", "stays writable"},
    {"other-machine", "another processor"},
    {"other-class", "another kind of machine"},
    {"other-type", "another kind of ELF file"},
    {"position-independent-program", "a program"},
    {"truncated", "shorter than it says"},
    {"empty", "not a shared object"},
    {"text", "not a shared object"},
    {"executable-stack", "executable stack"},
    {"no-stack", "executable stack"},
    {"writable-code", "both writable and executable"},
};

static const struct {
  const char *animal;
  const char *message;
} refused_when_loaded[] = {
    {"null-table", "has no function table of this connector"},
    {"null-function", "get_url of the flow refund is no function of this connector"},
    {"foreign-table", "has no function table of this connector"},
    {"foreign-function", "get_url of the flow refund is no function of this connector"},
    {"missing-function", "cannot be loaded"},
};

Test(catalog, refuses_what_is_wrong_when_listing_without_running_it) {
  for (size_t i = 0; i < sizeof refused_when_listed / sizeof *refused_when_listed; i++) {
    const char *animal = refused_when_listed[i].animal;
    struct box box = box_open();
    box_put_animal(&box, animal, "animal.so");
    box_put_animal(&box, "good", "other.so");
    struct catalog *catalog = open_box(&box);
    cr_assert_eq(catalog_count(catalog), 2);
    const struct catalog_entry *entry = catalog_entry(catalog, 0);
    cr_expect_not(entry->accepted, "%s was accepted", animal);
    cr_expect_eq(entry->refusal.code, ERROR_CONNECTOR);
    cr_expect(entry->described || entry->descriptor.id[0] == '\0', "%s: an id that may not be shown", animal);
    explained(&entry->refusal, refused_when_listed[i].message, animal);
    cr_expect(catalog_entry(catalog, 1)->accepted, "%s stopped a good one", animal);

    const refund_vtable *const *tables;
    struct error error = {.code = ERROR_NONE};
    cr_expect_not(catalog_load(catalog, entry, &tables, &error), "%s was loaded", animal);
    explained(&error, refused_when_listed[i].message, animal);
    catalog_close(catalog);
    box_close(&box);
  }
}

Test(catalog, refuses_wrong_function_tables_when_loading_and_remembers_it) {
  for (size_t i = 0; i < sizeof refused_when_loaded / sizeof *refused_when_loaded; i++) {
    const char *animal = refused_when_loaded[i].animal;
    struct box box = box_open();
    box_put_animal(&box, animal, "animal.so");
    struct catalog *catalog = open_box(&box);
    const struct catalog_entry *entry = catalog_entry(catalog, 0);
    cr_expect(entry->accepted, "%s: %s", animal, entry->refusal.message);
    for (unsigned round = 0; round < 2; round++) {
      const refund_vtable *const *tables;
      struct error error = {.code = ERROR_NONE};
      cr_expect_not(catalog_load(catalog, entry, &tables, &error), "%s was loaded", animal);
      cr_expect(tables == NULL);
      explained(&error, refused_when_loaded[i].message, animal);
      cr_expect_eq(entry->accepted, strcmp(animal, "missing-function") == 0, "%s: only what was mapped stays refused",
                   animal);
    }
    catalog_close(catalog);
    box_close(&box);
  }
}

/* Where the folder or the file's mode is what is wrong, the zoo is looked at in place. */
Test(catalog, refuses_what_lies_wrong_in_the_zoo) {
  static const struct {
    const char *folder;
    size_t count;
    size_t refused; /* its index */
    const char *message;
  } folders[] = {{"world-writable", 1, 0, "written to by others"},
                 {"symlink", 1, 0, "symbolic link"},
                 {"folder", 1, 0, "not a regular file"},
                 {"same-id", 2, 1, "the connector id good is taken"},
                 {"leftovers", 0, 0, ""}};
  struct stat status;
  cr_assert_eq(stat(ZOO_DIR "/good", &status), 0);
  if (status.st_uid != 0 && status.st_uid != geteuid()) cr_skip_test("the zoo was built by another user");
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    char path[512];
    struct error error;
    snprintf(path, sizeof path, ZOO_DIR "/%s/", folders[i].folder);
    struct catalog *catalog = open_one(path, false, &error);
    cr_assert(catalog != NULL, "%s: %s", path, error.message);
    cr_expect_eq(catalog_count(catalog), folders[i].count, "%s", path);
    for (size_t j = 0; j < catalog_count(catalog); j++) {
      const struct catalog_entry *entry = catalog_entry(catalog, j);
      cr_expect_eq(entry->accepted, j != folders[i].refused, "%s", entry->path);
      cr_expect(strstr(entry->path, "//") == NULL, "%s", entry->path);
      if (!entry->accepted) explained(&entry->refusal, folders[i].message, entry->path);
    }
    catalog_close(catalog);
  }
}
