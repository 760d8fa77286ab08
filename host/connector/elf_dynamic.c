#include "connector/elf_dynamic.h"

#include <string.h>

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#endif

/* The tags that are looked up by name. Where one stands twice, the last counts, as for the loader. */
struct tags {
  uint64_t strtab, strsz, symtab, syment, hash, gnu_hash;
  uint64_t rela, relasz, relaent, jmprel, pltrelsz, pltrel, relr, relrsz;
  uint64_t init_arraysz, preinit_array, textrel, flags, flags_1;
};

static const struct {
  int64_t tag;
  size_t offset;
} wanted[] = {
    {DT_STRTAB, offsetof(struct tags, strtab)},
    {DT_STRSZ, offsetof(struct tags, strsz)},
    {DT_SYMTAB, offsetof(struct tags, symtab)},
    {DT_SYMENT, offsetof(struct tags, syment)},
    {DT_HASH, offsetof(struct tags, hash)},
    {DT_GNU_HASH, offsetof(struct tags, gnu_hash)},
    {DT_RELA, offsetof(struct tags, rela)},
    {DT_RELASZ, offsetof(struct tags, relasz)},
    {DT_RELAENT, offsetof(struct tags, relaent)},
    {DT_JMPREL, offsetof(struct tags, jmprel)},
    {DT_PLTRELSZ, offsetof(struct tags, pltrelsz)},
    {DT_PLTREL, offsetof(struct tags, pltrel)},
    {DT_RELR, offsetof(struct tags, relr)},
    {DT_RELRSZ, offsetof(struct tags, relrsz)},
    {DT_INIT_ARRAYSZ, offsetof(struct tags, init_arraysz)},
    {DT_FLAGS, offsetof(struct tags, flags)},
    {DT_FLAGS_1, offsetof(struct tags, flags_1)},
};

static uint32_t word_at(const unsigned char *bytes, uint64_t index) {
  uint32_t word;
  memcpy(&word, bytes + index * sizeof word, sizeof word);
  return word;
}

Elf64_Dyn elf_dynamic_tag(const struct elf_dynamic *dynamic, size_t index) {
  Elf64_Dyn tag;
  memcpy(&tag, dynamic->tags.bytes + index * sizeof tag, sizeof tag);
  return tag;
}

Elf64_Sym elf_dynamic_symbol(const struct elf_dynamic *dynamic, size_t index) {
  Elf64_Sym symbol;
  memcpy(&symbol, dynamic->symbols.bytes + index * sizeof symbol, sizeof symbol);
  return symbol;
}

Elf64_Rela elf_dynamic_relocation(const struct elf_table *table, size_t index) {
  Elf64_Rela relocation;
  memcpy(&relocation, table->bytes + index * sizeof relocation, sizeof relocation);
  return relocation;
}

const char *elf_dynamic_string(const struct elf_dynamic *dynamic, uint64_t offset) {
  if (offset >= dynamic->strings.count) return NULL;
  const unsigned char *start = dynamic->strings.bytes + offset;
  return memchr(start, '\0', dynamic->strings.count - (size_t)offset) == NULL ? NULL : (const char *)start;
}

/* By address, not by the header's file offset: the loader reads what was mapped there. */
static bool open_tags(struct elf_dynamic *dynamic, const struct elf_file *file, struct error *error) {
  for (size_t i = 0; i < file->segment_count; i++) {
    Elf64_Phdr segment = elf_file_segment(file, i);
    if (segment.p_type != PT_DYNAMIC) continue;
    dynamic->tags.bytes = elf_file_at(file, segment.p_vaddr, segment.p_memsz);
    size_t room = (size_t)(segment.p_memsz / sizeof(Elf64_Dyn));
    if (dynamic->tags.bytes == NULL) break;
    for (size_t count = 0; count < room; count++) {
      if (elf_dynamic_tag(dynamic, count).d_tag != DT_NULL) continue;
      dynamic->tags.count = count;
      return true;
    }
  }
  return elf_file_damaged(error, "dynamic section");
}

static struct tags gather(const struct elf_dynamic *dynamic) {
  struct tags tags = {0};
  for (size_t i = 0; i < dynamic->tags.count; i++) {
    Elf64_Dyn tag = elf_dynamic_tag(dynamic, i);
    /* Of these it counts that they are there. */
    if (tag.d_tag == DT_TEXTREL) tags.textrel = 1;
    if (tag.d_tag == DT_PREINIT_ARRAY) tags.preinit_array = 1;
    for (size_t j = 0; j < sizeof wanted / sizeof *wanted; j++) {
      if (wanted[j].tag == tag.d_tag) memcpy((char *)&tags + wanted[j].offset, &tag.d_un.d_val, sizeof(uint64_t));
    }
  }
  return tags;
}

static bool open_table(struct elf_table *table, const struct elf_file *file, uint64_t address, uint64_t size,
                       size_t entry) {
  *table = (struct elf_table){0};
  if (size == 0) return true;
  table->bytes = elf_file_at(file, address, size);
  table->count = (size_t)(size / entry);
  return table->bytes != NULL && size % entry == 0;
}

static bool open_relocations(struct elf_dynamic *dynamic, const struct elf_file *file, const struct tags *tags,
                             struct error *error) {
  struct elf_table relative;
  bool entries =
      (tags->relasz == 0 || tags->relaent == sizeof(Elf64_Rela)) && (tags->pltrelsz == 0 || tags->pltrel == DT_RELA);
  if (!entries || !open_table(&dynamic->relocations, file, tags->rela, tags->relasz, sizeof(Elf64_Rela)) ||
      !open_table(&dynamic->jump_relocations, file, tags->jmprel, tags->pltrelsz, sizeof(Elf64_Rela)) ||
      !open_table(&relative, file, tags->relr, tags->relrsz, sizeof(uint64_t))) {
    return elf_file_damaged(error, "relocation table");
  }
  return true;
}

/* DT_HASH states the number of symbols. */
static bool count_hash(const struct elf_file *file, uint64_t address, uint64_t *count) {
  const unsigned char *table = elf_file_at(file, address, 2 * sizeof(uint32_t));
  if (table == NULL) return false;
  uint64_t words = UINT64_C(2) + word_at(table, 0) + word_at(table, 1);
  *count = word_at(table, 1);
  return elf_file_at(file, address, words * sizeof(uint32_t)) != NULL;
}

/* DT_GNU_HASH does not: the last symbol is the end of the chain that starts last. Symbols before `first` are not in
 * any chain, and are counted with it. */
static bool count_gnu_hash(const struct elf_file *file, uint64_t address, uint64_t *count) {
  const unsigned char *table = elf_file_at(file, address, 4 * sizeof(uint32_t));
  if (table == NULL) return false;
  uint64_t bucket_count = word_at(table, 0);
  uint64_t first = word_at(table, 1);
  uint64_t buckets = address + 4 * sizeof(uint32_t) + UINT64_C(8) * word_at(table, 2);
  const unsigned char *bucket = elf_file_at(file, buckets, bucket_count * sizeof(uint32_t));
  if (bucket == NULL) return false;
  uint64_t last = 0;
  for (uint64_t i = 0; i < bucket_count; i++) {
    if (word_at(bucket, i) > last) last = word_at(bucket, i);
  }
  *count = first;
  if (last == 0) return true;
  if (last < first) return false;
  uint64_t chains = buckets + bucket_count * sizeof(uint32_t);
  for (;; last++) {
    const unsigned char *link = elf_file_at(file, chains + (last - first) * sizeof(uint32_t), sizeof(uint32_t));
    if (link == NULL) return false;
    if ((word_at(link, 0) & 1u) != 0) break;
  }
  *count = last + 1;
  return true;
}

static bool open_symbols(struct elf_dynamic *dynamic, const struct elf_file *file, const struct tags *tags,
                         struct error *error) {
  uint64_t by_hash = 0;
  uint64_t by_gnu_hash = 0;
  if ((tags->hash == 0 && tags->gnu_hash == 0) || (tags->hash != 0 && !count_hash(file, tags->hash, &by_hash)) ||
      (tags->gnu_hash != 0 && !count_gnu_hash(file, tags->gnu_hash, &by_gnu_hash))) {
    return elf_file_damaged(error, "symbol hash table");
  }
  uint64_t count = by_hash > by_gnu_hash ? by_hash : by_gnu_hash;
  if (tags->syment != sizeof(Elf64_Sym) ||
      !open_table(&dynamic->symbols, file, tags->symtab, count * sizeof(Elf64_Sym), sizeof(Elf64_Sym))) {
    return elf_file_damaged(error, "symbol table");
  }
  return true;
}

bool elf_dynamic_open(struct elf_dynamic *dynamic, const struct elf_file *file, struct error *error) {
  *dynamic = (struct elf_dynamic){0};
  if (!open_tags(dynamic, file, error)) return false;
  struct tags tags = gather(dynamic);
  if (!open_table(&dynamic->strings, file, tags.strtab, tags.strsz, 1)) return elf_file_damaged(error, "string table");
  if (!open_relocations(dynamic, file, &tags, error) || !open_symbols(dynamic, file, &tags, error)) return false;
  dynamic->init_array_size = tags.init_arraysz;
  dynamic->preinit_array = tags.preinit_array != 0;
  dynamic->text_relocations = tags.textrel != 0 || (tags.flags & DF_TEXTREL) != 0;
  dynamic->program = (tags.flags_1 & DF_1_PIE) != 0;
  return true;
}
