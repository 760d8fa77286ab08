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

/* Most of the parts; `acme` stands for a connector written with the short ones. */
REFUND_CONNECTOR("acme", "1.0.0", "Example Ltd", "https://docs.example.com/refunds", REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_key", "secret key"), REFUND_OPTIONAL("region", "eu or us")),
                 REFUND_BASE_URLS({"api", "https://{region}.example.com", "https://api.example.com"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFERENCE),
                              REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("GET", "", REFUND_NAMES_REFERENCE, REFUND_MINUTES(15),
                                              REFUND_FLOW_ABSENCE_FINAL),
                              REFUND_GETS_TOKEN("POST", "application/x-www-form-urlencoded")),
                 REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 255), REFUND_DAYS(7), REFUND_AT_ONCE,
                            REFUND_KEY_COMPARES_BODY),
                 REFUND_REFERENCES(REFUND_LENGTH_OF(1, 40, "A-Za-z0-9")), REFUND_CURRENCIES({"KWD", 3, 10}),
                 REFUND_TABLES(&table, &table, &table, &table));

/* Those that it leaves out. */
extern const refund_flow other_flows[2];
extern const refund_idempotency other_keys[3];
extern const refund_reference other_references[1];

const refund_flow other_flows[2] = {
    REFUND_FLOW("refund", "POST", "application/json", REFUND_FLOW_RANDOM, REFUND_NAMES_REFERENCE, 0),
    REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID)};
const refund_idempotency other_keys[3] = {
    REFUND_KEY(REFUND_KEY_BODY, "request_id", REFUND_UUID, REFUND_HOURS(1), REFUND_MINUTES(1), 0),
    REFUND_KEY_WHERE("keys", REFUND_KEY_HEADER, "Key", REFUND_UUID, REFUND_NOT_DECLARED, REFUND_NOT_DECLARED, 0),
    REFUND_NO_IDEMPOTENCY};
const refund_reference other_references[1] = {REFUND_UNIQUE_REFERENCES(REFUND_UUID, REFUND_HOURS(8))};
