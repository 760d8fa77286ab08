#include "connector/catalog.h"

#include <elf.h>
#include <sched.h>

#include "connector/box.h"

static struct catalog *open_one(const char *directory, bool direct_load, struct error *error) {
  const char *directories[] = {directory};
  memset(error, 0, sizeof *error);
  return catalog_open(&(struct catalog_options){directories, 1, direct_load, NULL}, error);
}

static struct catalog *open_box(const struct box *box) {
  struct error error;
  struct catalog *catalog = open_one(box->path, false, &error);
  cr_assert(catalog != NULL, "%s: %s", error.message, error.found);
  return catalog;
}

static void explained(const struct error *error, const char *message, const char *whose) {
  cr_expect(strstr(error->message, message) != NULL, "%s: expected '%s', found '%s'", whose, message, error->message);
  cr_expect(error->expected[0] != '\0' && error->found[0] != '\0' && error->fix[0] != '\0', "%s: %s", whose,
            error->message);
}

/* Does a mapping whose name holds `text` hold this address? */
static bool mapped_from(const void *address, const char *text) {
  char line[1024];
  bool found = false;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long first = 0;
    unsigned long last = 0;
    sscanf(line, "%lx-%lx", &first, &last);
    if ((uintptr_t)address >= first && (uintptr_t)address < last) found = strstr(line, text) != NULL;
  }
  fclose(maps);
  return found;
}

static unsigned count_descriptors(void) {
  unsigned count = 0;
  DIR *stream = opendir("/proc/self/fd");
  while (readdir(stream) != NULL)
    count++;
  closedir(stream);
  return count;
}

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

Test(catalog, loads_good_connectors_from_a_copy) {
  static const char *const animals[] = {"good", "good-sysv", "good-gnu", "good-newer"};
  struct box box = box_open();
  for (size_t i = 0; i < 4; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s.so", animals[i]);
    box_put_animal(&box, animals[i], name);
  }
  struct catalog *catalog = open_box(&box);
  cr_assert_eq(catalog_count(catalog), 4);
  for (size_t i = 0; i < 4; i++) {
    const struct catalog_entry *entry = catalog_entry(catalog, i);
    const refund_vtable *const *tables = NULL;
    const refund_vtable *const *again = NULL;
    struct error error = {.code = ERROR_NONE};
    cr_assert(entry->accepted && entry->described, "%s: %s", entry->path, entry->refusal.message);
    cr_assert(catalog_load(catalog, entry, &tables, &error), "%s: %s", entry->path, error.message);
    char name[64];
    snprintf(name, sizeof name, "connector:%s", entry->descriptor.id);
    cr_expect(mapped_from(tables[0], name), "%s", name);
    cr_expect(mapped_from((const void *)(uintptr_t)tables[0]->map_response, name), "%s", name);
    cr_expect(catalog_load(catalog, entry, &again, &error) && again == tables);
    cr_expect_eq(strlen(entry->sha256), 64);
  }
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, loads_every_connector_of_this_build) {
  struct box box = box_open();
  DIR *stream = opendir(PLUGINS_DIR);
  cr_assert(stream != NULL);
  unsigned put = 0;
  for (struct dirent *found = readdir(stream); found != NULL; found = readdir(stream)) {
    size_t size = strlen(found->d_name);
    if (size < 4 || strcmp(found->d_name + size - 3, ".so") != 0) continue;
    char path[512];
    snprintf(path, sizeof path, PLUGINS_DIR "/%.200s", found->d_name);
    struct bytes bytes = box_read(path);
    box_put(&box, found->d_name, bytes.data, bytes.size);
    free(bytes.data);
    put++;
  }
  closedir(stream);
  struct catalog *catalog = open_box(&box);
  cr_assert(put > 0 && catalog_count(catalog) == put);
  for (size_t i = 0; i < put; i++) {
    const struct catalog_entry *entry = catalog_entry(catalog, i);
    const refund_vtable *const *tables = NULL;
    struct error error = {.code = ERROR_NONE};
    cr_expect(entry->accepted, "%s: %s: %s, %s", entry->path, entry->refusal.message, entry->refusal.expected,
              entry->refusal.found);
    if (entry->accepted) cr_expect(catalog_load(catalog, entry, &tables, &error), "%s: %s", entry->path, error.message);
  }
  catalog_close(catalog);
  box_close(&box);
}

/* Overwriting or truncating the file under a mapping is what kills other hosts. */
Test(catalog, keeps_what_it_loaded_whatever_becomes_of_the_file) {
  struct box box = box_open();
  struct error error;
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  struct catalog *catalog = open_box(&box);
  const refund_vtable *const *tables = NULL;
  cr_assert(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error), "%s", error.message);
  refund_vtable table = *tables[0];
  unsigned char code[16];
  memcpy(code, (const void *)(uintptr_t)table.map_response, sizeof code);

  struct bytes bytes = box_read(path);
  memset(bytes.data, 0xCC, bytes.size);
  int file = open(path, O_WRONLY);
  cr_assert_eq(write(file, bytes.data, bytes.size), (ssize_t)bytes.size);
  cr_expect_eq(memcmp(code, (const void *)(uintptr_t)table.map_response, sizeof code), 0);
  cr_assert_eq(ftruncate(file, 0), 0);
  close(file);
  cr_expect_eq(memcmp(&table, tables[0], sizeof table), 0);
  cr_expect_eq(memcmp(code, (const void *)(uintptr_t)table.map_response, sizeof code), 0);
  free(bytes.data);
  catalog_close(catalog);
  cr_expect_eq(memcmp(&table, tables[0], sizeof table), 0, "closing the catalog unloads nothing");
  box_close(&box);
}

Test(catalog, seals_the_copy_against_every_change) {
  struct box box = box_open();
  struct error error;
  bool seen = false;
  box_put_animal(&box, "good", "good.so");
  struct catalog *catalog = open_box(&box);
  const refund_vtable *const *tables = NULL;
  cr_assert(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error), "%s", error.message);
  for (int fd = 0; fd < 1024; fd++) {
    char path[32];
    char target[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (readlink(path, target, sizeof target - 1) < 0 || strncmp(target, "/memfd:connector:good", 21) != 0) continue;
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    seen = true;
    cr_expect_eq(fcntl(fd, F_GET_SEALS) & seals, seals);
    cr_expect_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    cr_expect_lt(pwrite(fd, "x", 1, 0), 0);
    cr_expect_lt(ftruncate(fd, 0), 0);
  }
  cr_expect(seen);
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, loads_the_same_id_from_two_catalogs_apart) {
  struct box box = box_open();
  struct error error;
  const refund_vtable *const *tables[2] = {NULL, NULL};
  box_put_animal(&box, "good", "good.so");
  for (size_t i = 0; i < 2; i++) {
    struct catalog *catalog = open_box(&box);
    cr_assert(catalog_load(catalog, catalog_entry(catalog, 0), &tables[i], &error), "%s", error.message);
    catalog_close(catalog);
  }
  cr_expect_neq(tables[0], tables[1], "the second got the copy of the first");
  box_close(&box);
}

Test(catalog, refuses_to_load_a_file_that_was_replaced_since_it_was_listed) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  const refund_vtable *const *tables;
  box_put_animal(&box, "good", "good.so");
  struct catalog *catalog = open_box(&box);
  box_put_animal(&box, "good-gnu", "good.so");
  cr_expect_not(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error));
  explained(&error, "was replaced", "good");
  box_put_animal(&box, "two-symbols", "good.so");
  cr_expect_not(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error));
  explained(&error, "other things than its descriptor", "good");
  box_put_animal(&box, "good", "good.so");
  cr_expect(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error), "%s", error.message);
  catalog_close(catalog);
  box_close(&box);
}

/* The descriptor is the same, the code is not: only a digest that was shown can tell. */
Test(catalog, loads_only_what_has_the_digest_it_has_shown) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  const refund_vtable *const *tables;
  struct bytes bytes = box_zoo("good");
  box_put(&box, "good.so", bytes.data, bytes.size);
  struct catalog *catalog = open_box(&box);
  cr_assert(catalog_digest(catalog, catalog_entry(catalog, 0), &error));
  bytes.data[EI_PAD]++;
  box_put(&box, "good.so", bytes.data, bytes.size);
  cr_expect_not(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error));
  explained(&error, "was replaced", "good");
  free(bytes.data);
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, loads_the_file_itself_for_a_debugger) {
  struct box box = box_open();
  struct error error;
  const refund_vtable *const *tables = NULL;
  box_put_animal(&box, "good", "good.so");
  struct catalog *catalog = open_one(box.path, true, &error);
  cr_assert(catalog != NULL);
  cr_assert(catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error), "%s", error.message);
  cr_expect(mapped_from(tables[0], "/good.so"));
  catalog_close(catalog);
  box_close(&box);
}

/* A root directory without /proc: needs the right to change it. */
Test(catalog, says_in_one_sentence_that_proc_is_missing) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  const refund_vtable *const *tables;
  box_put_animal(&box, "good", "good.so");
  struct catalog *catalog = open_box(&box);
  int root = open("/", O_RDONLY | O_DIRECTORY);
  if (chroot(box.path) != 0 && (unshare(CLONE_NEWUSER) != 0 || chroot(box.path) != 0)) {
    box_close(&box);
    cr_skip_test("neither root nor user namespaces");
  }
  bool loaded = catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error);
  cr_assert(fchdir(root) == 0 && chroot(".") == 0);
  cr_expect_not(loaded);
  explained(&error, "/proc is not there", "good");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, takes_exact_names_only_and_sorts_them) {
  static const char *const names[] = {"b.so", "a.so", "Z.so", ".hidden.so", "c.so.dpkg-new", "d.so.1", ".so", "e.so~"};
  struct box box = box_open();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    box_put(&box, names[i], "x", 1);
  struct catalog *catalog = open_box(&box);
  cr_assert_eq(catalog_count(catalog), 3);
  static const char *const expected[] = {"/Z.so", "/a.so", "/b.so"};
  for (size_t i = 0; i < 3; i++) {
    cr_expect_str_eq(catalog_entry(catalog, i)->path + strlen(box.path), expected[i]);
  }
  cr_expect(catalog_entry(catalog, 3) == NULL);
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, refuses_what_is_not_a_regular_file) {
  struct box box = box_open();
  char path[512];
  char target[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", target);
  box_path(&box, "link.so", path);
  cr_assert_eq(symlink(target, path), 0);
  box_path(&box, "nowhere.so", path);
  cr_assert_eq(symlink("/nowhere", path), 0);
  box_path(&box, "folder.so", path);
  cr_assert_eq(mkdir(path, 0755), 0);
  box_path(&box, "pipe.so", path);
  cr_assert_eq(mkfifo(path, 0644), 0);
  struct catalog *catalog = open_box(&box);
  cr_assert_eq(catalog_count(catalog), 5);
  explained(&catalog_entry(catalog, 0)->refusal, "not a regular file", "folder");
  cr_expect(catalog_entry(catalog, 1)->accepted);
  explained(&catalog_entry(catalog, 2)->refusal, "symbolic link", "link");
  explained(&catalog_entry(catalog, 3)->refusal, "symbolic link", "nowhere");
  explained(&catalog_entry(catalog, 4)->refusal, "not a regular file", "pipe");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, refuses_files_that_others_may_write_to) {
  static const mode_t modes[] = {0646, 0664, 0666};
  struct box box = box_open();
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  for (size_t i = 0; i < 3; i++) {
    cr_assert_eq(chmod(path, modes[i]), 0);
    struct catalog *catalog = open_box(&box);
    cr_expect_not(catalog_entry(catalog, 0)->accepted);
    explained(&catalog_entry(catalog, 0)->refusal, "written to by others", "good");
    catalog_close(catalog);
  }
  box_close(&box);
}

Test(catalog, refuses_files_and_directories_of_other_users) {
  if (geteuid() != 0) cr_skip_test("only root can give files away");
  struct box box = box_open();
  struct error error;
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  cr_assert_eq(chown(path, 4711, 4711), 0);
  struct catalog *catalog = open_box(&box);
  explained(&catalog_entry(catalog, 0)->refusal, "belongs to another user", "good");
  catalog_close(catalog);
  cr_assert_eq(chown(box.path, 4711, 4711), 0);
  cr_expect(open_one(box.path, false, &error) == NULL);
  explained(&error, "belongs to another user", "directory");
  box_close(&box);
}

Test(catalog, refuses_files_beyond_the_limit_without_reading_them) {
  struct box box = box_open();
  char path[512];
  box_put_animal(&box, "good", "good.so");
  box_path(&box, "good.so", path);
  cr_assert_eq(truncate(path, (off_t)64 * 1024 * 1024 + 1), 0);
  struct catalog *catalog = open_box(&box);
  explained(&catalog_entry(catalog, 0)->refusal, "too large", "good");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, refuses_directories_that_are_missing_or_open_to_others) {
  struct box box = box_open();
  struct error error;
  cr_assert_eq(chmod(box.path, 0775), 0);
  cr_expect(open_one(box.path, false, &error) == NULL);
  explained(&error, "written to by others", "directory");
  box_close(&box);
  cr_expect(open_one(box.path, false, &error) == NULL);
  explained(&error, "cannot be opened", "directory");
  cr_expect_str_eq(error.field, box.path);
}

Test(catalog, refuses_the_later_of_two_files_with_one_id_and_names_both) {
  struct box first = box_open();
  struct box second = box_open();
  struct error error;
  box_put_animal(&first, "good", "z.so");
  box_put_animal(&second, "good", "a.so");
  const char *directories[] = {first.path, second.path, first.path};
  struct catalog *catalog = catalog_open(&(struct catalog_options){directories, 3, false, NULL}, &error);
  cr_assert_eq(catalog_count(catalog), 2, "a directory that is named twice is read once");
  cr_expect(catalog_entry(catalog, 0)->accepted);
  const struct catalog_entry *later = catalog_entry(catalog, 1);
  cr_expect(!later->accepted && later->described);
  explained(&later->refusal, "the connector id good is taken", "a.so");
  cr_expect(strstr(later->refusal.message, first.path) != NULL && strstr(later->refusal.message, second.path) != NULL);
  catalog_close(catalog);
  box_close(&first);
  box_close(&second);
}

Test(catalog, finds_by_id_and_says_what_is_there_instead) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  box_put_animal(&box, "good", "one.so");
  box_put_animal(&box, "good-gnu", "two.so");
  box_put_animal(&box, "newer-needed", "three.so");
  box_put_animal(&box, "truncated", "four.so");
  struct catalog *catalog = open_box(&box);
  const struct catalog_entry *found = catalog_find(catalog, "good_gnu", &error);
  cr_assert(found != NULL);
  cr_expect_str_eq(found->descriptor.id, "good_gnu");
  cr_expect(catalog_find(catalog, "acme", &error) == NULL);
  explained(&error, "no connector has the id acme", "acme");
  cr_expect_str_eq(error.expected, "good, good_gnu");
  cr_expect(catalog_find(catalog, "newer_needed", &error) == NULL);
  explained(&error, "was refused: connector needs ABI 0.10", "newer_needed");
  cr_expect(catalog_find(catalog, "four", &error) == NULL);
  explained(&error, "was refused: the file is shorter than it says", "four");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, says_that_nothing_is_installed) {
  struct box box = box_open();
  struct error error = {.code = ERROR_NONE};
  struct catalog *catalog = open_box(&box);
  cr_expect_eq(catalog_count(catalog), 0);
  cr_expect(catalog_find(catalog, "acme", &error) == NULL);
  explained(&error, "no connector has the id acme", "acme");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, gives_the_sha256_of_any_file) {
  struct box box = box_open();
  struct error error;
  box_put(&box, "abc.so", "abc", 3);
  struct catalog *catalog = open_box(&box);
  cr_assert(catalog_digest(catalog, catalog_entry(catalog, 0), &error));
  cr_expect_str_eq(catalog_entry(catalog, 0)->sha256,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  catalog_close(catalog);
  box_close(&box);
}

Test(catalog, leaves_no_descriptor_open_but_those_of_loaded_copies) {
  struct box box = box_open();
  struct error error;
  const refund_vtable *const *tables;
  box_put_animal(&box, "good", "good.so");
  box_put_animal(&box, "text", "text.so");
  box_put_animal(&box, "missing-function", "missing.so");
  unsigned before = count_descriptors();
  struct catalog *catalog = open_box(&box);
  catalog_load(catalog, catalog_entry(catalog, 0), &tables, &error);
  catalog_load(catalog, catalog_entry(catalog, 1), &tables, &error);
  catalog_close(catalog);
  cr_expect_eq(count_descriptors(), before + 1);
  box_close(&box);
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
