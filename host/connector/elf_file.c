#include "connector/elf_file.h"

#include <string.h>

#include "refund_connector.h"

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define HOST_MACHINE EM_AARCH64
#endif

/* Above this no user address lies on either machine; sums of two such values cannot overflow. */
#define HIGHEST_ADDRESS (UINT64_C(1) << 48)

/* Linkers make about ten. A limit, because every look-up walks through them. */
#define MOST_SEGMENTS 64

static const struct {
  unsigned number;
  const char *name;
} machines[] = {
    {EM_386, "x86 (32 bits)"}, {EM_ARM, "ARM (32 bits)"}, {EM_X86_64, "x86-64"}, {EM_AARCH64, "aarch64"},
    {EM_PPC64, "ppc64"},       {EM_S390, "s390"},         {EM_RISCV, "RISC-V"},
};

static const char *machine_name(unsigned number) {
  for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
    if (machines[i].number == number) return machines[i].name;
  }
  return "another processor";
}

bool elf_file_damaged(struct error *error, const char *part) {
  error_set(error, ERROR_CONNECTOR, NULL, "the file is damaged: its %s is not where the file says", part);
  error_expected(error, "every part of a shared object inside its file");
  error_found(error, "%s outside of it, or cut short", part);
  return error_fix(error, "copy or build the connector again");
}

static bool check_kind(const unsigned char *bytes, size_t size, struct error *error) {
  if (size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the file is not a shared object");
  error_expected(error, "an ELF file");
  error_found(error, size == 0 ? "an empty file" : "something else");
  return error_fix(error, "remove it from the connector directory, or build the connector again");
}

static bool check_class(const Elf64_Ehdr *header, struct error *error) {
  if (header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the connector was built for another kind of machine");
  error_expected(error, "64 bits, little-endian");
  error_found(error, "%s, %s", header->e_ident[EI_CLASS] == ELFCLASS64 ? "64 bits" : "not 64 bits",
              header->e_ident[EI_DATA] == ELFDATA2LSB ? "little-endian" : "not little-endian");
  return error_fix(error, "install the connector that was built for %s", machine_name(HOST_MACHINE));
}

static bool check_machine(const Elf64_Ehdr *header, struct error *error) {
  if (header->e_machine == HOST_MACHINE) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the connector was built for another processor");
  error_expected(error, "%s (ELF machine %d)", machine_name(HOST_MACHINE), HOST_MACHINE);
  error_found(error, "%s (ELF machine %u)", machine_name(header->e_machine), (unsigned)header->e_machine);
  return error_fix(error, "install the connector that was built for %s", machine_name(HOST_MACHINE));
}

static bool check_type(const Elf64_Ehdr *header, struct error *error) {
  if (header->e_type == ET_DYN) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the file is no shared object but another kind of ELF file");
  error_expected(error, "ELF type %d (shared object)", ET_DYN);
  error_found(error, "ELF type %u", (unsigned)header->e_type);
  return error_fix(error, "link the connector with -shared");
}

/* Linkers put the section table last: nothing needs it, but where it is missing, the end of the file is. */
static bool check_length(const struct elf_file *file, uint64_t offset, uint64_t size, struct error *error) {
  if (offset <= file->size && size <= file->size - offset) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the file is shorter than it says");
  error_expected(error, "%llu bytes at %llu", (unsigned long long)size, (unsigned long long)offset);
  error_found(error, "%zu bytes in all", file->size);
  return error_fix(error, "copy the connector again, it arrived incomplete");
}

static bool open_header(struct elf_file *file, struct error *error) {
  if (!check_kind(file->bytes, file->size, error)) return false;
  Elf64_Ehdr header;
  if (file->size < sizeof header) return elf_file_damaged(error, "ELF header");
  memcpy(&header, file->bytes, sizeof header);
  if (!check_class(&header, error) || !check_machine(&header, error) || !check_type(&header, error)) return false;
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum > MOST_SEGMENTS ||
      header.e_phoff > file->size || header.e_phnum > (file->size - header.e_phoff) / sizeof(Elf64_Phdr)) {
    return elf_file_damaged(error, "program header table");
  }
  file->segment_offset = (size_t)header.e_phoff;
  file->segment_count = header.e_phnum;
  return check_length(file, header.e_shoff, (uint64_t)header.e_shnum * header.e_shentsize, error);
}

Elf64_Phdr elf_file_segment(const struct elf_file *file, size_t index) {
  Elf64_Phdr segment;
  memcpy(&segment, file->bytes + file->segment_offset + index * sizeof segment, sizeof segment);
  return segment;
}

/* The loader checks little of this itself: a segment past the end of the file is mapped, and the first access kills. */
static bool check_placement(const struct elf_file *file, const Elf64_Phdr *segment, uint64_t *end,
                            struct error *error) {
  if (!check_length(file, segment->p_offset, segment->p_filesz, error)) return false;
  bool sane = segment->p_filesz <= segment->p_memsz && segment->p_vaddr <= HIGHEST_ADDRESS &&
              segment->p_memsz <= HIGHEST_ADDRESS && segment->p_align % ELF_FILE_PAGE == 0 && segment->p_align != 0 &&
              (segment->p_align & (segment->p_align - 1)) == 0 &&
              (segment->p_vaddr - segment->p_offset) % segment->p_align == 0;
  bool apart = sane && segment->p_vaddr / ELF_FILE_PAGE * ELF_FILE_PAGE >= *end;
  if (!apart) return elf_file_damaged(error, "list of segments");
  *end = (segment->p_vaddr + segment->p_memsz + ELF_FILE_PAGE - 1) / ELF_FILE_PAGE * ELF_FILE_PAGE;
  return true;
}

static bool check_protection(const Elf64_Phdr *segment, struct error *error) {
  if ((segment->p_flags & PF_W) == 0 || (segment->p_flags & PF_X) == 0) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the connector has memory that is both writable and executable");
  error_expected(error, "code that cannot be written to");
  error_found(error, "a segment with both permissions");
  return error_fix(error, "link with -Wl,-z,separate-code and without -N or sections marked \"awx\"");
}

static bool check_stack(bool stated, bool executable, struct error *error) {
  if (stated && !executable) return true;
  error_set(error, ERROR_CONNECTOR, NULL, "the connector asks for an executable stack");
  error_expected(error, "a PT_GNU_STACK header that is not executable");
  error_found(error, stated ? "one that is executable" : "none, which means executable");
  return error_fix(error, "link with -Wl,-z,noexecstack, and end assembly files with .section .note.GNU-stack");
}

static bool check_segments(const struct elf_file *file, struct error *error) {
  uint64_t end = 0;
  size_t loaded = 0;
  size_t dynamic = 0;
  size_t relro = 0;
  bool stack_stated = false;
  bool stack_executable = false;
  for (size_t i = 0; i < file->segment_count; i++) {
    Elf64_Phdr segment = elf_file_segment(file, i);
    if (segment.p_type == PT_LOAD) {
      if (!check_placement(file, &segment, &end, error) || !check_protection(&segment, error)) return false;
      loaded++;
    }
    if (segment.p_type == PT_DYNAMIC) dynamic++;
    if (segment.p_type == PT_GNU_RELRO) relro++;
    if (segment.p_type == PT_GNU_STACK) {
      stack_stated = true;
      if ((segment.p_flags & PF_X) != 0) stack_executable = true;
    }
  }
  /* Of two the loader takes the last and other tools the first: nothing to be inspected. */
  if (loaded == 0 || dynamic != 1 || relro > 1) return elf_file_damaged(error, "list of segments");
  return check_stack(stack_stated, stack_executable, error);
}

bool elf_file_open(struct elf_file *file, const void *bytes, size_t size, struct error *error) {
  *file = (struct elf_file){.bytes = bytes, .size = size};
  return open_header(file, error) && check_segments(file, error);
}

static bool inside(uint64_t start, uint64_t room, uint64_t address, uint64_t size) {
  return address >= start && address - start <= room && size <= room - (address - start);
}

bool elf_file_covering(const struct elf_file *file, uint64_t address, uint64_t size, Elf64_Phdr *segment) {
  for (size_t i = 0; i < file->segment_count; i++) {
    *segment = elf_file_segment(file, i);
    if (segment->p_type == PT_LOAD && inside(segment->p_vaddr, segment->p_memsz, address, size)) return true;
  }
  return false;
}

const unsigned char *elf_file_at(const struct elf_file *file, uint64_t address, uint64_t size) {
  Elf64_Phdr segment;
  if (!elf_file_covering(file, address, size, &segment)) return NULL;
  if (!inside(segment.p_vaddr, segment.p_filesz, address, size)) return NULL;
  return file->bytes + segment.p_offset + (address - segment.p_vaddr);
}
