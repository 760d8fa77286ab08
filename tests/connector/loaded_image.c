/* The proofs after loading, each with something that the inspection before it would not let through. */
#include "connector/loaded_image.h"

#include <dlfcn.h>
#include <link.h>

#include "connector/box.h"

struct subject {
  char path[512];
  struct elf_image image;
  refund_descriptor descriptor; /* as it stands in the file */
};

/* Where the symbol lies in a file that elf_image_inspect() may refuse: the loader says it. */
static struct subject subject_of(const char *animal) {
  struct subject subject = {.path = ""};
  struct link_map *map = NULL;
  snprintf(subject.path, sizeof subject.path, ZOO_DIR "/%s/%s.so", animal, animal);
  void *handle = dlopen(subject.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  cr_assert(handle != NULL, "%s", dlerror());
  const char *symbol = dlsym(handle, "refund_connector");
  cr_assert(symbol != NULL && dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0);
  subject.image.address = (uint64_t)((uintptr_t)symbol - map->l_addr);
  memcpy(&subject.descriptor, symbol, sizeof subject.descriptor);
  return subject;
}

static const refund_descriptor *load(const struct subject *subject, struct error *error) {
  bool mapped = false;
  memset(error, 0, sizeof *error);
  const refund_descriptor *loaded = loaded_image_open(
      &(struct loaded_request){subject->path, &subject->image, &subject->descriptor, 1}, &mapped, error);
  cr_expect(mapped);
  cr_expect(loaded != NULL || (error->expected[0] != '\0' && error->found[0] != '\0' && error->fix[0] != '\0'));
  return loaded;
}

Test(loaded_image, accepts_what_is_as_it_was_inspected) {
  struct subject subject = subject_of("good");
  struct error error;
  const refund_descriptor *loaded = load(&subject, &error);
  cr_assert(loaded != NULL, "%s: %s", error.message, error.found);
  cr_expect_str_eq(loaded->id, "good");
  cr_expect(loaded->tables[0] != NULL);
}

Test(loaded_image, refuses_a_symbol_at_another_place_than_the_inspected_one) {
  struct subject subject = subject_of("good");
  struct error error;
  subject.image.address += 8;
  cr_expect(load(&subject, &error) == NULL);
  cr_expect(strstr(error.message, "another refund_connector") != NULL, "%s", error.message);
}

/* The symbol of a library that the plugin needs: dlsym() finds it as willingly as the plugin's own. */
Test(loaded_image, refuses_a_symbol_that_belongs_to_another_object) {
  /* The borrowed one finds its library by name once that is loaded. */
  cr_assert(dlopen(ZOO_DIR "/libzoo-lender.so", RTLD_NOW | RTLD_LOCAL) != NULL);
  struct subject subject = subject_of("borrowed");
  struct error error;
  cr_expect(load(&subject, &error) == NULL);
  cr_expect(strstr(error.message, "another refund_connector") != NULL, "%s", error.message);
}

Test(loaded_image, refuses_other_bytes_than_the_inspected_ones) {
  struct subject subject = subject_of("good");
  struct error error;
  subject.descriptor.reserved[511] ^= 1;
  cr_expect(load(&subject, &error) == NULL);
  cr_expect(strstr(error.message, "is not what was inspected") != NULL, "%s", error.message);
}

Test(loaded_image, refuses_a_descriptor_in_writable_memory) {
  static const char *const animals[] = {"no-relro", "own-section"};
  for (size_t i = 0; i < 2; i++) {
    struct subject subject = subject_of(animals[i]);
    struct error error;
    cr_expect(load(&subject, &error) == NULL, "%s", animals[i]);
    cr_expect(strstr(error.message, "can be written to") != NULL, "%s: %s", animals[i], error.message);
  }
}

Test(loaded_image, says_what_the_loader_said) {
  struct subject subject = {.path = ZOO_DIR "/text/text.so"};
  bool mapped = true;
  struct error error = {.code = ERROR_NONE};
  cr_expect(loaded_image_open(&(struct loaded_request){subject.path, &subject.image, &subject.descriptor, 1}, &mapped,
                              &error) == NULL);
  cr_expect_not(mapped);
  cr_expect(strstr(error.message, "cannot be loaded") != NULL);
  cr_expect(error.found[0] != '\0' && strstr(error.found, subject.path) == NULL, "%s", error.found);
}
