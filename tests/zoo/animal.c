/* Every animal of the zoo that a compiler can make: a good connector, but for what CMakeLists.txt defines. Its code
 * must never run, so each function ends the process. */
#include <refund_connector.h>
#include <stdlib.h>

#ifndef ANIMAL_MAGIC
#define ANIMAL_MAGIC REFUND_MAGIC
#endif
#ifndef ANIMAL_POINTER_BYTES
#define ANIMAL_POINTER_BYTES 8
#endif
#ifndef ANIMAL_BYTE_ORDER
#define ANIMAL_BYTE_ORDER 1
#endif
#ifndef ANIMAL_MAJOR
#define ANIMAL_MAJOR REFUND_ABI_MAJOR
#endif
#ifndef ANIMAL_BUILT
#define ANIMAL_BUILT REFUND_ABI_MINOR
#endif
#ifndef ANIMAL_NEEDED
#define ANIMAL_NEEDED REFUND_ABI_MINOR_NEEDED
#endif
#ifndef ANIMAL_SIZE
#define ANIMAL_SIZE sizeof(refund_descriptor)
#endif
#ifndef ANIMAL_INLINE_SIZE
#define ANIMAL_INLINE_SIZE offsetof(refund_descriptor, tables)
#endif
#ifndef ANIMAL_FEATURES
#define ANIMAL_FEATURES 0
#endif
#ifndef ANIMAL_ID
#define ANIMAL_ID ANIMAL
#endif
#ifndef ANIMAL_URL
#define ANIMAL_URL "https://api.example.com"
#endif
#ifndef ANIMAL_FLOW
#define ANIMAL_FLOW "refund"
#endif
#ifndef ANIMAL_GET_URL
#define ANIMAL_GET_URL get_url
#endif
#ifndef ANIMAL_TABLE
#define ANIMAL_TABLE &table
#endif

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)call, (void)request, (void)headers;
  abort();
}

__attribute__((unused)) static int32_t get_url(const refund_call *call, const refund_http_request *request,
                                               refund_bytes *url) {
  (void)call, (void)request, (void)url;
  abort();
}

static int32_t build_request(const refund_call *call, refund_bytes *body) {
  (void)call, (void)body;
#ifdef ANIMAL_MISSING_FUNCTION
  extern int32_t zoo_that_nobody_has(void);
  return zoo_that_nobody_has();
#endif
#ifdef ANIMAL_OTHER_LIBRARY
  extern int zoo_other(void);
  return zoo_other();
#endif
  abort();
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  (void)call, (void)response, (void)result;
  abort();
}

#ifdef ANIMAL_FOREIGN_FUNCTION
#undef ANIMAL_GET_URL
#define ANIMAL_GET_URL \
  (int32_t(*)(const refund_call *, const refund_http_request *, refund_bytes *))(void (*)(void)) abort
#endif

__attribute__((unused)) static const refund_vtable table = {get_headers, ANIMAL_GET_URL, build_request, map_response};

#ifdef ANIMAL_FOREIGN_TABLE
extern char **environ;
#undef ANIMAL_TABLE
#define ANIMAL_TABLE (const refund_vtable *)(const void *)&environ
#endif

#ifdef ANIMAL_SECTION
__attribute__((section(ANIMAL_SECTION)))
#endif
#ifdef ANIMAL_NO_SYMBOL
#define refund_connector hidden
__attribute__((used, visibility("hidden")))
#endif
#ifdef ANIMAL_FUNCTION_SYMBOL
#define refund_connector hidden
__attribute__((used)) static
#endif
    const refund_descriptor refund_connector = {
        .magic = ANIMAL_MAGIC,
        .pointer_bytes = ANIMAL_POINTER_BYTES,
        .byte_order = ANIMAL_BYTE_ORDER,
        .abi_major = ANIMAL_MAJOR,
        .abi_minor_built = ANIMAL_BUILT,
        .abi_minor_needed = ANIMAL_NEEDED,
        .size = ANIMAL_SIZE,
        .inline_size = ANIMAL_INLINE_SIZE,
        .features_needed = ANIMAL_FEATURES,
        .id = ANIMAL_ID,
        .version = "1.2.3",
        .vendor = "The Zoo",
        .source = "https://docs.example.com",
        .fields = {{"api_key", "key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}},
        .base_urls = {{"api", ANIMAL_URL, "https://live.example.com"}},
        .flows = {{.id = ANIMAL_FLOW, .method = "POST", .names = REFUND_NAMES_REFERENCE}},
        .idempotency = {REFUND_KEY_HEADER, 0, "Idempotency-Key", {1, 255, REFUND_FORM_TEXT, ""}, 86400, 0, ""},
        .reference = {{1, 128, REFUND_FORM_TEXT, ""}, 0, 0},
#ifdef ANIMAL_NEWER
        .flags = 0x80000000u,
        .reserved = {1, 2, 3},
#endif
        .tables = {ANIMAL_TABLE},
};
#undef refund_connector

#ifdef ANIMAL_FUNCTION_SYMBOL
/* By its name in the object file: in C the name belongs to the object that the header declares. */
REFUND_EXPORT int zoo_function(void) __asm__("refund_connector");
int zoo_function(void) {
  abort();
}
#endif

#ifdef ANIMAL_SECOND_SYMBOL
REFUND_EXPORT int zoo_second = 2;
#endif

#ifdef ANIMAL_IFUNC
static void nothing(void) {}

__attribute__((used)) static void (*resolve(void))(void) {
  abort();
  return nothing;
}

static void chosen(void) __attribute__((ifunc("resolve")));
void (*const zoo_chosen)(void) __attribute__((used)) = chosen;
#endif

#ifdef ANIMAL_CONSTRUCTOR
__attribute__((constructor)) static void construct(void) {
  abort();
}
#endif

#ifdef ANIMAL_TEXT_RELOCATION
/* An address within the code, which can only be known once it is loaded. */
__asm__(
    ".pushsection .text\n"
    ".balign 8\n"
    "1: .quad 1b\n"
    ".popsection\n");
#endif
