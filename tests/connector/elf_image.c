#include "connector/elf_image.h"

#include <elf.h>

#include "connector/box.h"
#include "refund_connector.h"

static bool accepts(struct bytes bytes, struct error *error) {
  struct elf_image image;
  memset(error, 0, sizeof *error);
  return elf_image_inspect(&image, bytes.data, bytes.size, error);
}

/* Refused, with all three parts of the explanation. */
static void refused(struct bytes bytes, const char *message) {
  struct error error;
  cr_expect_not(accepts(bytes, &error), "accepted, expected: %s", message);
  cr_expect(strstr(error.message, message) != NULL, "expected '%s', found '%s'", message, error.message);
  cr_expect(error.expected[0] != '\0' && error.found[0] != '\0' && error.fix[0] != '\0', "%s", message);
  cr_expect_eq(error.code, ERROR_CONNECTOR);
}

static Elf64_Ehdr *header_of(struct bytes bytes) {
  return (void *)bytes.data;
}

static Elf64_Phdr *segment_of(struct bytes bytes, unsigned type, unsigned flags) {
  Elf64_Phdr *segments = (void *)(bytes.data + header_of(bytes)->e_phoff);
  for (unsigned i = 0; i < header_of(bytes)->e_phnum; i++) {
    if (segments[i].p_type == type && (segments[i].p_flags & flags) == flags) return &segments[i];
  }
  cr_assert_fail("no such segment");
  return NULL;
}

static Elf64_Dyn *tag_of(struct bytes bytes, int64_t tag) {
  Elf64_Dyn *tags = (void *)(bytes.data + segment_of(bytes, PT_DYNAMIC, 0)->p_offset);
  while (tags->d_tag != tag) {
    cr_assert_neq(tags->d_tag, DT_NULL);
    tags++;
  }
  return tags;
}

/* The tables of names and symbols lie in the first segment, where address and offset are the same. */
static unsigned char *table_of(struct bytes bytes, int64_t tag) {
  return bytes.data + tag_of(bytes, tag)->d_un.d_val;
}

static Elf64_Sym *descriptor_symbol(struct bytes bytes) {
  Elf64_Sym *symbol = (void *)table_of(bytes, DT_SYMTAB);
  while (symbol->st_shndx == SHN_UNDEF)
    symbol++;
  return symbol;
}

Test(elf_image, finds_the_descriptor_by_either_kind_of_symbol_table) {
  static const char *const animals[] = {"good", "good-sysv", "good-gnu"};
  for (size_t i = 0; i < sizeof animals / sizeof *animals; i++) {
    struct bytes bytes = box_zoo(animals[i]);
    struct elf_image image;
    struct error error = {.code = ERROR_NONE};
    cr_assert(elf_image_inspect(&image, bytes.data, bytes.size, &error), "%s: %s", animals[i], error.message);
    cr_expect_str_eq((const char *)bytes.data + image.offset, REFUND_MAGIC);
    cr_expect_eq(image.size, sizeof(refund_descriptor));
    free(bytes.data);
  }
}

Test(elf_image, reads_bytes_that_are_not_aligned) {
  struct bytes bytes = box_zoo("good");
  unsigned char *moved = malloc(bytes.size + 1);
  memcpy(moved + 1, bytes.data, bytes.size);
  struct error error;
  cr_expect(accepts((struct bytes){moved + 1, bytes.size}, &error), "%s", error.message);
  free(moved);
  free(bytes.data);
}

/* In memory of exactly that size, so that a sanitizer sees each read behind the end. */
Test(elf_image, refuses_every_prefix_of_a_good_connector) {
  struct bytes bytes = box_zoo("good");
  struct error error;
  for (size_t size = 0; size < bytes.size; size++) {
    struct bytes prefix = {malloc(size + (size == 0)), size};
    memcpy(prefix.data, bytes.data, size);
    cr_assert_not(accepts(prefix, &error), "%zu of %zu bytes were accepted", size, bytes.size);
    cr_assert(error.message[0] != '\0' && error.fix[0] != '\0');
    free(prefix.data);
  }
  free(bytes.data);
}

Test(elf_image, survives_any_damage) {
  struct bytes good = box_zoo("good");
  struct bytes bytes = {malloc(good.size), good.size};
  struct error error;
  uint64_t state = 1;
  for (unsigned round = 0; round < 20000; round++) {
    memcpy(bytes.data, good.data, good.size);
    for (unsigned i = 0; i < 4; i++) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      size_t within = (state >> 62) == 0 ? good.size : 2048; /* mostly the headers and tables in front */
      bytes.data[(state >> 33) % within] = (unsigned char)(state >> 24);
    }
    accepts(bytes, &error);
  }
  free(bytes.data);
  free(good.data);
}

Test(elf_image, refuses_what_is_no_shared_object_of_this_machine) {
  struct bytes bytes = box_zoo("good");
  header_of(bytes)->e_machine = EM_RISCV;
  refused(bytes, "another processor");
  header_of(bytes)->e_ident[EI_CLASS] = ELFCLASS32;
  refused(bytes, "another kind of machine");
  header_of(bytes)->e_ident[EI_MAG0] = 0;
  refused(bytes, "not a shared object");
  free(bytes.data);
}

Test(elf_image, refuses_a_segment_past_the_end_of_the_file) {
  struct bytes bytes = box_zoo("good");
  segment_of(bytes, PT_LOAD, PF_W)->p_offset += 0x100000;
  refused(bytes, "shorter than it says");
  free(bytes.data);
}

Test(elf_image, refuses_segments_that_the_loader_would_map_over_each_other) {
  struct bytes bytes = box_zoo("good");
  Elf64_Phdr *code = segment_of(bytes, PT_LOAD, PF_X);
  code->p_vaddr -= 0x1000;
  refused(bytes, "list of segments");
  code->p_vaddr += 0x1000;
  code->p_memsz = code->p_filesz - 1;
  refused(bytes, "list of segments");
  free(bytes.data);
}

Test(elf_image, refuses_two_dynamic_sections) {
  struct bytes bytes = box_zoo("good");
  segment_of(bytes, PT_NOTE, 0)->p_type = PT_DYNAMIC;
  refused(bytes, "list of segments");
  free(bytes.data);
}

Test(elf_image, refuses_two_protected_parts) {
  struct bytes bytes = box_zoo("good");
  segment_of(bytes, PT_NOTE, 0)->p_type = PT_GNU_RELRO;
  refused(bytes, "list of segments");
  free(bytes.data);
}

Test(elf_image, refuses_a_dynamic_section_without_an_end) {
  struct bytes bytes = box_zoo("good");
  Elf64_Phdr *dynamic = segment_of(bytes, PT_DYNAMIC, 0);
  dynamic->p_memsz = dynamic->p_filesz = 5 * sizeof(Elf64_Dyn);
  refused(bytes, "dynamic section");
  free(bytes.data);
}

/* A relocation can name a symbol that no hash chain holds. */
Test(elf_image, counts_symbols_that_stand_before_the_hashed_ones) {
  struct bytes bytes = box_zoo("good-gnu");
  Elf64_Sym *symbols = (void *)table_of(bytes, DT_SYMTAB);
  cr_assert_eq(symbols[1].st_shndx, SHN_UNDEF);
  symbols[1].st_shndx = 1;
  refused(bytes, "other things than its descriptor");
  free(bytes.data);
}

Test(elf_image, refuses_a_descriptor_of_another_name) {
  struct bytes bytes = box_zoo("good");
  unsigned char *strings = table_of(bytes, DT_STRTAB);
  unsigned char *name = memmem(strings, tag_of(bytes, DT_STRSZ)->d_un.d_val, "refund_connector", 16);
  name[15] = 'x';
  refused(bytes, "other things than its descriptor");
  free(bytes.data);
}

Test(elf_image, refuses_hash_tables_that_lead_out_of_the_file) {
  struct bytes bytes = box_zoo("good-gnu");
  uint32_t *hash = (void *)table_of(bytes, DT_GNU_HASH);
  uint32_t buckets = hash[0];
  hash[0] = UINT32_MAX;
  refused(bytes, "symbol hash table");
  hash[0] = buckets;
  for (uint32_t i = 0; i < buckets; i++)
    hash[4 + 2 * hash[2] + i] = UINT32_MAX;
  refused(bytes, "symbol hash table");
  free(bytes.data);
  bytes = box_zoo("good-sysv");
  hash = (void *)table_of(bytes, DT_HASH);
  hash[1] = UINT32_MAX;
  refused(bytes, "symbol hash table");
  hash[1] = 1000; /* table and symbols would overlap what follows, and leave the segment */
  refused(bytes, "");
  free(bytes.data);
}

Test(elf_image, refuses_a_needed_library_by_path_or_with_an_unreadable_name) {
  struct bytes bytes = box_zoo("needs-library");
  unsigned char *strings = table_of(bytes, DT_STRTAB);
  unsigned char *name = memmem(strings, tag_of(bytes, DT_STRSZ)->d_un.d_val, "libzoo-other", 12);
  memcpy(name, "ld-linux-/\0", 11);
  refused(bytes, "may not use");
  memcpy(name, "lib\033[2Jo.so\0", 12);
  refused(bytes, "may not use");
  struct error error;
  accepts(bytes, &error);
  cr_expect(strchr(error.found, '\033') == NULL);
  memcpy(name, "libm.so.6\0", 10);
  cr_expect(accepts(bytes, &error), "%s", error.message);
  free(bytes.data);
}

Test(elf_image, refuses_constructors_in_either_list) {
  struct bytes bytes = box_zoo("good");
  Elf64_Dyn *size = tag_of(bytes, DT_INIT_ARRAYSZ);
  size->d_un.d_val = 16;
  refused(bytes, "code that runs when it is loaded");
  size->d_un.d_val = 8;
  tag_of(bytes, DT_FINI_ARRAY)->d_tag = DT_PREINIT_ARRAY;
  refused(bytes, "code that runs when it is loaded");
  free(bytes.data);
}

Test(elf_image, refuses_relocations_of_code_even_where_no_tag_admits_them) {
  struct bytes bytes = box_zoo("good");
  Elf64_Rela *relocations = (void *)table_of(bytes, DT_RELA);
  relocations[0].r_offset = segment_of(bytes, PT_LOAD, PF_X)->p_vaddr;
  refused(bytes, "text relocations");
  relocations[0].r_offset = UINT64_MAX - 3;
  refused(bytes, "relocation table");
  free(bytes.data);
}

Test(elf_image, refuses_a_descriptor_outside_the_protected_part) {
  struct bytes bytes = box_zoo("good");
  segment_of(bytes, PT_GNU_RELRO, 0)->p_memsz -= 0x1000;
  refused(bytes, "stays writable");
  free(bytes.data);
}

/* The zeroed tail of a segment is not in the file: nothing there could be inspected. */
Test(elf_image, refuses_a_descriptor_that_is_not_in_the_file) {
  struct bytes bytes = box_zoo("good");
  Elf64_Sym *symbol = (void *)table_of(bytes, DT_SYMTAB);
  while (symbol->st_shndx == SHN_UNDEF)
    symbol++;
  symbol->st_size += 0x1000;
  refused(bytes, "descriptor");
  free(bytes.data);
}

Test(elf_image, refuses_text_relocations_that_a_tag_admits) {
  struct bytes bytes = box_zoo("good");
  tag_of(bytes, DT_FLAGS)->d_un.d_val |= DF_TEXTREL;
  refused(bytes, "text relocations");
  tag_of(bytes, DT_FLAGS)->d_un.d_val = 0;
  tag_of(bytes, DT_FINI_ARRAY)->d_tag = DT_TEXTREL;
  refused(bytes, "text relocations");
  free(bytes.data);
}

Test(elf_image, refuses_an_indirect_function_among_the_symbols) {
  struct bytes bytes = box_zoo("good");
  descriptor_symbol(bytes)->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC);
  refused(bytes, "IFUNC");
  free(bytes.data);
}

Test(elf_image, refuses_a_descriptor_that_is_not_aligned) {
  struct bytes bytes = box_zoo("good");
  descriptor_symbol(bytes)->st_value += 4;
  refused(bytes, "descriptor");
  free(bytes.data);
}

/* Old linkers leave symbols of sections behind; nothing outside can name them. */
Test(elf_image, does_not_count_local_symbols) {
  struct bytes bytes = box_zoo("good");
  struct error error;
  Elf64_Sym *symbols = (void *)table_of(bytes, DT_SYMTAB);
  symbols[1].st_shndx = 1;
  symbols[1].st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION);
  cr_expect(accepts(bytes, &error), "%s", error.message);
  free(bytes.data);
}
