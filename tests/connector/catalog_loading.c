/* What is loaded: from a sealed copy, the file that was listed, and nothing left open behind it. */
#include <elf.h>
#include <sched.h>

#include "connector/catalog_box.h"

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
