#include "connector/loaded_image.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS (sizeof(refund_vtable) / sizeof(uintptr_t))
#define SYMBOL "refund_connector"

/* The plugin's own segments, as the loader holds them. */
struct loaded_segments {
  const struct link_map *map;
  const ElfW(Phdr) * headers;
  size_t count;
};

static bool refuse(struct error *error, const char *what, const char *expected, const char *found, const char *fix) {
  error_set(error, ERROR_CONNECTOR, NULL, "%s", what);
  error_expected(error, "%s", expected);
  error_found(error, "%s", found);
  return error_fix(error, "%s", fix);
}

static int remember_segments(struct dl_phdr_info *info, size_t size, void *context) {
  struct loaded_segments *segments = context;
  (void)size;
  if (info->dlpi_addr != segments->map->l_addr || strcmp(info->dlpi_name, segments->map->l_name) != 0) return 0;
  segments->headers = info->dlpi_phdr;
  segments->count = info->dlpi_phnum;
  return 1;
}

static bool in_segments(const struct loaded_segments *segments, uintptr_t address, size_t size, unsigned flags) {
  for (size_t i = 0; i < segments->count; i++) {
    const ElfW(Phdr) *header = &segments->headers[i];
    uintptr_t start = segments->map->l_addr + header->p_vaddr;
    if (header->p_type != PT_LOAD || (header->p_flags & flags) != flags) continue;
    if (address >= start && address - start <= header->p_memsz && size <= header->p_memsz - (address - start)) {
      return true;
    }
  }
  return false;
}

/* dlsym() also searches what the plugin needs: a descriptor of another object must not pass for its own. */
static bool check_own(void *handle, const void *symbol, const struct elf_image *image, struct loaded_segments *segments,
                      struct error *error) {
  Dl_info info;
  struct link_map *owner = NULL;
  struct link_map *map = NULL;
  bool own = symbol != NULL && dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 &&
             dladdr1(symbol, &info, (void **)&owner, RTLD_DL_LINKMAP) != 0 && owner == map &&
             (uintptr_t)symbol == map->l_addr + image->address;
  if (own) {
    segments->map = map;
    dl_iterate_phdr(remember_segments, segments);
  }
  return (own && segments->count > 0) ||
         refuse(error, "the loader found another " SYMBOL " than the one that was inspected", "the connector's own",
                symbol == NULL ? "none" : "one at another place", "build the connector again, and report this");
}

static bool check_unchanged(const void *symbol, const void *inspected, struct error *error) {
  return memcmp(symbol, inspected, offsetof(refund_descriptor, tables)) == 0 ||
         refuse(error, "the connector's descriptor is not what was inspected", "the same bytes in file and memory",
                "others: relocations or another file changed it",
                "fill it with constants only; with --direct-load, start again after replacing the file");
}

static bool is_read_only(FILE *maps, uintptr_t start, uintptr_t end) {
  char *line = NULL;
  size_t room = 0;
  uintptr_t at = start;
  while (at < end && getline(&line, &room, maps) > 0) {
    unsigned long first = 0;
    unsigned long last = 0;
    char permissions[5] = "";
    if (sscanf(line, "%lx-%lx %4s", &first, &last, permissions) != 3) break;
    if (last <= at) continue;
    if (first > at || permissions[0] != 'r' || permissions[1] != '-') break;
    at = last;
  }
  free(line);
  return at >= end;
}

static bool check_read_only(const void *symbol, struct error *error) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) {
    return refuse(error, "whether a connector is protected is read from /proc/self/maps, but /proc is not there",
                  "a mounted /proc", "no /proc/self/maps", "mount it: mount -t proc proc /proc");
  }
  uintptr_t start = (uintptr_t)symbol;
  bool read_only = is_read_only(maps, start, start + sizeof(refund_descriptor));
  fclose(maps);
  return read_only || refuse(error, "the connector's descriptor lies in memory that can be written to",
                             "memory that is read-only after relocation", "memory that is writable",
                             "link the connector with -Wl,-z,relro,-z,now");
}

static bool check_table(const struct loaded_segments *segments, const refund_vtable *table, const refund_flow *flow,
                        struct error *error) {
  static const char *const names[FUNCTIONS] = {"get_headers", "get_url", "build_request", "map_response"};
  uintptr_t functions[FUNCTIONS];
  if (table == NULL || !in_segments(segments, (uintptr_t)table, sizeof *table, PF_R) ||
      (uintptr_t)table % _Alignof(refund_vtable) != 0) {
    error_set(error, ERROR_CONNECTOR, "tables", "the flow %s has no function table of this connector", flow->id);
    error_expected(error, "a pointer to a refund_vtable in the connector itself");
    error_found(error, table == NULL ? "NULL" : "a pointer that leads out of it");
    return error_fix(error, "give REFUND_TABLES() one table for each flow, in their order");
  }
  memcpy(functions, table, sizeof functions);
  for (size_t i = 0; i < FUNCTIONS; i++) {
    if (in_segments(segments, functions[i], 1, PF_X)) continue;
    error_set(error, ERROR_CONNECTOR, "tables", "%s of the flow %s is no function of this connector", names[i],
              flow->id);
    error_expected(error, "a pointer to a function in the connector itself");
    error_found(error, functions[i] == 0 ? "NULL" : "a pointer that leads out of it");
    return error_fix(error, "fill in all four functions of each refund_vtable");
  }
  return true;
}

static bool check_tables(const struct loaded_segments *segments, const refund_descriptor *descriptor, size_t count,
                         struct error *error) {
  for (size_t i = 0; i < count; i++) {
    if (!check_table(segments, descriptor->tables[i], &descriptor->flows[i], error)) return false;
  }
  return true;
}

const refund_descriptor *loaded_image_open(const struct loaded_request *request, bool *mapped, struct error *error) {
  struct loaded_segments segments = {0};
  /* NODELETE, and the handle is dropped: code that a thread may be in, or that left a destructor behind, stays. Not
   * DEEPBIND: it would give the plugin an allocator of its own. */
  void *handle = dlopen(request->file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  *mapped = handle != NULL;
  if (handle == NULL) {
    const char *reason = dlerror();
    size_t name_size = strlen(request->file);
    if (reason != NULL && strncmp(reason, request->file, name_size) == 0 && reason[name_size] == ':') {
      reason += name_size + 1 + (reason[name_size + 1] == ' '); /* the number of a copy says nothing to a person */
    }
    refuse(error, "the connector cannot be loaded", "a shared object whose every symbol the C runtime has",
           reason == NULL ? "no reason given" : reason,
           "build it on the oldest system that it is to run on, and link with -Wl,-z,defs");
    return NULL;
  }
  const void *symbol = dlsym(handle, SYMBOL);
  if (!check_own(handle, symbol, request->image, &segments, error)) return NULL;
  const refund_descriptor *descriptor = symbol;
  bool proven = check_unchanged(symbol, request->descriptor, error) && check_read_only(symbol, error) &&
                check_tables(&segments, descriptor, request->flow_count, error);
  return proven ? descriptor : NULL;
}
