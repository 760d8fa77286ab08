/* Connectors that load and then misbehave, each in one way, as CMakeLists.txt defines. Whatever the answer says, this
 * one calls it a success with the refund id "liar". */
#include <refund_toolkit.h>

#ifndef LIAR_URL
#define LIAR_URL ""
#endif
#ifndef LIAR_HEADER
#define LIAR_HEADER "X-Liar"
#endif
#ifndef LIAR_VALUE
#define LIAR_VALUE "yes"
#endif
#ifndef LIAR_BODY_SIZE
#define LIAR_BODY_SIZE 2
#endif
#ifndef LIAR_BUILD_SCRATCH
#define LIAR_BUILD_SCRATCH 1
#endif
#ifndef LIAR_MAP_SCRATCH
#define LIAR_MAP_SCRATCH 1
#endif
#ifndef LIAR_BUILD_CODE
#define LIAR_BUILD_CODE REFUND_OK
#endif
#ifndef LIAR_MAP_CODE
#define LIAR_MAP_CODE REFUND_OK
#endif
#ifndef LIAR_READING
#define LIAR_READING REFUND_READING_STATUS
#endif
#ifndef LIAR_STATUS
#define LIAR_STATUS REFUND_STATUS_SUCCESS
#endif

/* As an author writes who does not look whether memory was given. */
static void use_scratch(const refund_call *call, uint64_t size) {
  call->host->allocate(call, size);
}

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)call, (void)request;
  refund_add_header(headers, LIAR_HEADER, refund_text_of(LIAR_VALUE)); /* what it returns is ignored, as authors do */
  return REFUND_OK;
}

static int32_t get_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  if (LIAR_URL[0] != '\0') return refund_puts(url, LIAR_URL);
  refund_put(url, refund_base(call, 0));
  refund_puts(url, "/refunds");
  return refund_put(url, call->connector_refund_id); /* which only a sync has */
}

static int32_t build_request(const refund_call *call, refund_bytes *body) {
  if (LIAR_BUILD_CODE == REFUND_INVALID_INPUT) {
    return refund_invalid(call, "connector_metadata/capture_id", "capture_id is missing from connector_metadata");
  }
  use_scratch(call, LIAR_BUILD_SCRATCH);
  for (int i = 0; i < LIAR_BODY_SIZE; i++)
    refund_puts(body, "x");
  return LIAR_BUILD_CODE;
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  (void)response;
  use_scratch(call, LIAR_MAP_SCRATCH);
  result->text(result, REFUND_TEXT_REFUND_ID, refund_text_of("liar"));
  result->reading(result, LIAR_READING, LIAR_STATUS);
  return LIAR_MAP_CODE;
}

static const refund_vtable table = {get_headers, get_url, build_request, map_response};

REFUND_CONNECTOR(LIAR, "1.0.0", "The Zoo", "", REFUND_FLAGS(0),
                 REFUND_FIELDS({"api_key", "key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}),
                 REFUND_BASE_URLS({"api", "", ""}),
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFERENCE),
                              REFUND_LOOKS_UP("GET", "", REFUND_NAMES_REFERENCE, REFUND_AT_ONCE, 0)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 128)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&table, &table));
