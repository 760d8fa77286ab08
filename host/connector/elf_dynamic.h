/* The dynamic section of a shared object: what the loader would do on its behalf, and the symbols it exports. Pure and
 * bounds-checked like elf_file.h, which it builds on. */
#ifndef CONNECTOR_ELF_DYNAMIC_H
#define CONNECTOR_ELF_DYNAMIC_H

#include "connector/elf_file.h"

/* A part of the file that tags speak of; NULL and 0 where it is not there. */
struct elf_table {
  const unsigned char *bytes;
  size_t count; /* entries; of the strings: bytes */
};

struct elf_dynamic {
  struct elf_table tags; /* up to DT_NULL */
  struct elf_table strings;
  struct elf_table symbols;
  struct elf_table relocations;
  struct elf_table jump_relocations;
  uint64_t init_array_size; /* bytes */
  bool preinit_array;
  bool text_relocations;
  bool program;
};

/* Finds the tables; each of them lies inside the file. */
bool elf_dynamic_open(struct elf_dynamic *dynamic, const struct elf_file *file, struct error *error);

Elf64_Dyn elf_dynamic_tag(const struct elf_dynamic *dynamic, size_t index);
Elf64_Sym elf_dynamic_symbol(const struct elf_dynamic *dynamic, size_t index);
Elf64_Rela elf_dynamic_relocation(const struct elf_table *table, size_t index);

/* A string of the string table, NUL-terminated; NULL if it does not end inside. */
const char *elf_dynamic_string(const struct elf_dynamic *dynamic, uint64_t offset);

#endif
