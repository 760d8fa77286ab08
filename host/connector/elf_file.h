/* The bytes of a shared object, read with every offset checked. Pure: no I/O, nothing is allocated. A file that passes
 * elf_file_open() can be mapped by the dynamic loader without running off its end (which is SIGBUS, not an error). */
#ifndef CONNECTOR_ELF_FILE_H
#define CONNECTOR_ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* What a segment is protected by. Linkers lay out for pages of this size or a multiple of it. */
#define ELF_FILE_PAGE UINT64_C(4096)

/* Borrows the bytes, which need no alignment. */
struct elf_file {
  const unsigned char *bytes;
  size_t size;
  size_t segment_offset;
  size_t segment_count;
};

/* Class, machine and kind are this host's; every segment lies inside the file, in order and apart from the others, none
 * is both writable and executable, and the stack is not executable. */
bool elf_file_open(struct elf_file *file, const void *bytes, size_t size, struct error *error);

Elf64_Phdr elf_file_segment(const struct elf_file *file, size_t index);

/* The segment that is loaded at this range of addresses, its zeroed tail included. False: there is none. */
bool elf_file_covering(const struct elf_file *file, uint64_t address, uint64_t size, Elf64_Phdr *segment);

/* The bytes that are loaded at `address`: all `size` of them come from the file, and from one segment. Else NULL. */
const unsigned char *elf_file_at(const struct elf_file *file, uint64_t address, uint64_t size);

/* Sets the error of a file that contradicts itself: `part` is what was being read. Returns false. */
bool elf_file_damaged(struct error *error, const char *part);

#endif
