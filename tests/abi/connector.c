/* A connector that uses the descriptor macro; it must compile without a warning in every standard, as C and as C++. */
#include <refund_connector.h>

static int32_t get_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)call;
  (void)request;
  (void)headers;
  return REFUND_OK;
}

static int32_t get_url(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return url->write(url, call->base_urls[0].data, call->base_urls[0].size);
}

static int32_t build_request(const refund_call *call, refund_bytes *body) {
  (void)body;
  return REFUND_HAS(call, refund_call, base_url_count) ? REFUND_OK : REFUND_INTERNAL;
}

static int32_t map_response(const refund_call *call, const refund_http_response *response, refund_result *result) {
  (void)call;
  (void)response;
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_PENDING);
}

static const refund_vtable table = {get_headers, get_url, build_request, map_response};

REFUND_CONNECTOR("acme", "1.0.0", "Example Ltd", "https://docs.example.com/refunds", REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS({"api_key", "secret key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                               {"region", "eu or us", 0, 0}),
                 REFUND_BASE_URLS({"api", "https://{region}.example.com", "https://api.example.com"}),
                 REFUND_FLOWS(REFUND_FLOW("refund", "POST", "application/json", 0, REFUND_NAMES_REFERENCE, 0),
                              REFUND_FLOW("refund_sync", "GET", "", 0, REFUND_NAMES_REFUND_ID, REFUND_NOT_DECLARED)),
                 REFUND_IDEMPOTENCY_UUID(REFUND_KEY_BODY, "request_id", 86400, REFUND_NOT_DECLARED, 0, ""),
                 REFUND_REFERENCE_UUID(1, 0), REFUND_CURRENCIES({"KWD", 3, 10}), REFUND_TABLES(&table, &table));
