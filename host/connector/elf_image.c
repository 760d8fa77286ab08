#include "connector/elf_image.h"

#include <stdalign.h>
#include <string.h>

#include "connector/elf_dynamic.h"
#include "refund_connector.h"

#if defined(__x86_64__)
#define RELOCATION_IFUNC R_X86_64_IRELATIVE
#elif defined(__aarch64__)
#define RELOCATION_IFUNC R_AARCH64_IRELATIVE
#endif

/* A build of the host with a sanitizer takes connectors built with it: their runtime and the constructor that
 * registers them. No other build does. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

#define SYMBOL "refund_connector"
#define NEEDED_FIX \
  "link without it: what a connector needs beyond the C runtime it gets from the host (crypto/1, document/1)"

/* Tags by which the loader would take other files than those on the list below, or take them from elsewhere. */
static const struct {
  int64_t tag;
  const char *name;
  const char *what;
  const char *fix;
} refused_tags[] = {
    {DT_RPATH, "DT_RPATH", "brings its own search path for libraries", "link without -rpath"},
    {DT_RUNPATH, "DT_RUNPATH", "brings its own search path for libraries", "link without -rpath"},
    {DT_FILTER, "DT_FILTER", "stands in for another library and loads it", "link without -F and --filter"},
    {DT_AUXILIARY, "DT_AUXILIARY", "loads another library over its own symbols", "link without -f and --auxiliary"},
    {DT_AUDIT, "DT_AUDIT", "loads a library that watches the loader", "link without --audit"},
    {DT_DEPAUDIT, "DT_DEPAUDIT", "loads a library that watches the loader", "link without --depaudit"},
};

/* What a connector may need. A prefix stands for its versions and machines. */
static const struct {
  const char *name;
  bool prefix;
  bool sanitizer;
} needed_libraries[] = {
    {"libc.so.6", false, false},     {"libm.so.6", false, false},      {"ld-linux-", true, false},
    {"libgcc_s.so.1", false, false}, {"libstdc++.so.6", false, false}, {"libasan.so.", true, true},
    {"libubsan.so.", true, true},    {"libtsan.so.", true, true},      {"liblsan.so.", true, true},
    {"libclang_rt.", true, true},
};

static bool library_allowed(const char *name) {
  if (strchr(name, '/') != NULL) return false;
  for (size_t i = 0; i < sizeof needed_libraries / sizeof *needed_libraries; i++) {
    if (needed_libraries[i].sanitizer && !SANITIZED) continue;
    const char *allowed = needed_libraries[i].name;
    bool same = needed_libraries[i].prefix ? strncmp(name, allowed, strlen(allowed)) == 0 : strcmp(name, allowed) == 0;
    if (same) return true;
  }
  return false;
}

static bool check_needed(const struct elf_dynamic *dynamic, uint64_t offset, struct error *error) {
  const char *name = elf_dynamic_string(dynamic, offset);
  if (name == NULL) return elf_file_damaged(error, "string table");
  if (library_allowed(name)) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the connector needs a library that connectors may not use");
  error_expected(error, "libc.so.6, libm.so.6, ld-linux-*.so.*, libgcc_s.so.1, libstdc++.so.6 and no other");
  /* Whoever wrote the file chose the name; only plain characters of it are shown. */
  bool plain = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-/") == strlen(name);
  error_found(error, "%.200s", plain ? name : "a name with odd characters");
  return error_fix(error, NEEDED_FIX);
}

static bool check_tags(const struct elf_dynamic *dynamic, struct error *error) {
  for (size_t i = 0; i < dynamic->tags.count; i++) {
    Elf64_Dyn tag = elf_dynamic_tag(dynamic, i);
    for (size_t j = 0; j < sizeof refused_tags / sizeof *refused_tags; j++) {
      if (refused_tags[j].tag != tag.d_tag) continue;
      error_set(error, ERROR_CONNECTOR, NULL, "the connector %s", refused_tags[j].what);
      error_expected(error, "no %s in the dynamic section", refused_tags[j].name);
      error_found(error, "%s", refused_tags[j].name);
      return error_fix(error, "%s", refused_tags[j].fix);
    }
    if (tag.d_tag == DT_NEEDED && !check_needed(dynamic, tag.d_un.d_val, error)) return false;
  }
  if (!dynamic->program) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the file is a program, not a shared object");
  error_expected(error, "a shared object");
  error_found(error, "DF_1_PIE in the dynamic section");
  return error_fix(error, "link the connector with -shared instead of -pie");
}

static bool refuse_text_relocations(struct error *error) {
  error_set(error, ERROR_CONNECTOR, NULL,
            "the connector has text relocations: its code is rewritten when it is loaded");
  error_expected(error, "position-independent code");
  error_found(error, "relocations in memory that is not writable");
  return error_fix(error, "compile every part with -fPIC, static libraries too, and link with -Wl,-z,text");
}

static bool refuse_ifunc(struct error *error) {
  error_set(error, ERROR_CONNECTOR, NULL,
            "the connector has indirect functions (IFUNC), code that runs while it is loaded");
  error_expected(error, "no IFUNC symbol and no IRELATIVE relocation");
  error_found(error, "at least one");
  return error_fix(error, "remove ifunc and target_clones attributes, also from static libraries that it links");
}

static bool check_relocations(const struct elf_file *file, const struct elf_dynamic *dynamic,
                              const struct elf_table *table, struct error *error) {
  for (size_t i = 0; i < table->count; i++) {
    Elf64_Rela relocation = elf_dynamic_relocation(table, i);
    uint64_t type = ELF64_R_TYPE(relocation.r_info);
    if (type == 0) continue; /* R_*_NONE on every machine */
    if (type == RELOCATION_IFUNC) return refuse_ifunc(error);
    if (ELF64_R_SYM(relocation.r_info) >= dynamic->symbols.count && ELF64_R_SYM(relocation.r_info) != 0) {
      return elf_file_damaged(error, "relocation table");
    }
    Elf64_Phdr segment;
    if (!elf_file_covering(file, relocation.r_offset, sizeof(uint64_t), &segment)) {
      return elf_file_damaged(error, "relocation table");
    }
    if ((segment.p_flags & PF_W) == 0) return refuse_text_relocations(error);
  }
  return true;
}

static bool refuse_symbols(size_t defined, struct error *error) {
  error_set(error, ERROR_CONNECTOR, NULL,
            defined == 0 ? "the file exports nothing, so it is no connector"
                         : "the file exports other things than its descriptor");
  error_expected(error, "exactly one exported symbol, the data object " SYMBOL);
  error_found(error, defined == 1 ? "one of another name or kind" : "%zu exported symbols", defined);
  return error_fix(error, "define it with REFUND_CONNECTOR() and link with -Wl,--version-script=connector.map");
}

/* Every symbol is looked at, those outside the hash chains too: a relocation can still name them. */
static bool find_descriptor(const struct elf_dynamic *dynamic, Elf64_Sym *descriptor, struct error *error) {
  size_t defined = 0;
  for (size_t i = 1; i < dynamic->symbols.count; i++) {
    Elf64_Sym symbol = elf_dynamic_symbol(dynamic, i);
    if (symbol.st_shndx == SHN_UNDEF) continue;
    if (ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC) return refuse_ifunc(error);
    if (ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) continue; /* not exported: section symbols of old linkers */
    *descriptor = symbol;
    defined++;
  }
  if (defined != 1) return refuse_symbols(defined, error);
  const char *name = elf_dynamic_string(dynamic, descriptor->st_name);
  if (name == NULL) return elf_file_damaged(error, "string table");
  bool ours = strcmp(name, SYMBOL) == 0 && ELF64_ST_TYPE(descriptor->st_info) == STT_OBJECT &&
              descriptor->st_shndx < SHN_LORESERVE;
  return ours || refuse_symbols(1, error);
}

/* The loader protects whole pages, from the one where RELRO starts to the last that it fills. */
static bool inside_relro(const struct elf_file *file, uint64_t address, uint64_t size) {
  for (size_t i = 0; i < file->segment_count; i++) {
    Elf64_Phdr segment = elf_file_segment(file, i);
    if (segment.p_type != PT_GNU_RELRO || segment.p_memsz > UINT64_MAX - segment.p_vaddr) continue;
    uint64_t start = segment.p_vaddr / ELF_FILE_PAGE * ELF_FILE_PAGE;
    uint64_t end = (segment.p_vaddr + segment.p_memsz) / ELF_FILE_PAGE * ELF_FILE_PAGE;
    if (address >= start && address <= end && size <= end - address) return true;
  }
  return false;
}

static bool check_place(const struct elf_file *file, const Elf64_Sym *symbol, struct elf_image *image,
                        struct error *error) {
  const unsigned char *bytes = elf_file_at(file, symbol->st_value, symbol->st_size);
  if (bytes == NULL || symbol->st_value % alignof(refund_descriptor) != 0) {
    return elf_file_damaged(error, "descriptor");
  }
  Elf64_Phdr segment = {0};
  elf_file_covering(file, symbol->st_value, symbol->st_size, &segment);
  if ((segment.p_flags & PF_W) != 0 && !inside_relro(file, symbol->st_value, symbol->st_size)) {
    error_set(error, ERROR_CONNECTOR, NULL, "the connector's descriptor lies in memory that stays writable");
    error_expected(error, "a constant object that is read-only after relocation (inside PT_GNU_RELRO)");
    error_found(error, SYMBOL " in a writable segment");
    return error_fix(error, "define it with REFUND_CONNECTOR(), give it no section, and link with -Wl,-z,relro,-z,now");
  }
  image->offset = (size_t)(bytes - file->bytes);
  image->address = symbol->st_value;
  image->size = (size_t)symbol->st_size;
  return true;
}

/* Does it call one of the runtimes whose instrumentation brings a constructor of its own? */
static bool is_instrumented(const struct elf_dynamic *dynamic) {
  static const char *const starts[] = {"__asan_init", "__tsan_init", "__msan_init", "__hwasan_init"};
  for (size_t i = 1; i < dynamic->symbols.count; i++) {
    Elf64_Sym symbol = elf_dynamic_symbol(dynamic, i);
    const char *name = symbol.st_shndx == SHN_UNDEF ? elf_dynamic_string(dynamic, symbol.st_name) : NULL;
    for (size_t j = 0; name != NULL && j < sizeof starts / sizeof *starts; j++) {
      if (strcmp(name, starts[j]) == 0) return true;
    }
  }
  return false;
}

/* One entry is the compiler's own (frame_dummy of crtbeginS.o); it does nothing without transactional memory. */
static bool check_constructors(const struct elf_dynamic *dynamic, struct error *error) {
  uint64_t entries = dynamic->init_array_size / sizeof(Elf64_Addr);
  if (entries <= 1 && !dynamic->preinit_array) return true;
  if (SANITIZED && !dynamic->preinit_array && is_instrumented(dynamic)) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the connector has code that runs when it is loaded");
  error_expected(error, "no constructors: at most the compiler's own entry in DT_INIT_ARRAY, no DT_PREINIT_ARRAY");
  error_found(error, "%llu entries in DT_INIT_ARRAY%s", (unsigned long long)entries,
              dynamic->preinit_array ? " and a DT_PREINIT_ARRAY" : "");
  return error_fix(error, "remove constructor functions, C++ objects with static storage, coverage and sanitizers");
}

bool elf_image_inspect(struct elf_image *image, const void *bytes, size_t size, struct error *error) {
  struct elf_file file;
  struct elf_dynamic dynamic;
  Elf64_Sym descriptor = {0};
  *image = (struct elf_image){0};
  if (!elf_file_open(&file, bytes, size, error) || !elf_dynamic_open(&dynamic, &file, error)) return false;
  if (!check_tags(&dynamic, error)) return false;
  if (dynamic.text_relocations) return refuse_text_relocations(error);
  return find_descriptor(&dynamic, &descriptor, error) &&
         check_relocations(&file, &dynamic, &dynamic.relocations, error) &&
         check_relocations(&file, &dynamic, &dynamic.jump_relocations, error) &&
         check_place(&file, &descriptor, image, error) && check_constructors(&dynamic, error);
}
