/* A connector that can be called: plain data in, plain data out. Whether it runs in this process or elsewhere is this
 * room's business; nobody above can tell. A connector is called by one thread at a time. */
#ifndef CONNECTOR_CONNECTOR_H
#define CONNECTOR_CONNECTOR_H

#include "common/arena.h"
#include "connector/catalog.h"
#include "domain/answer.h"
#include "domain/refund.h"

enum {
  CONNECTOR_BODY_LIMIT = 1024 * 1024, /* bytes of a request's body */
  CONNECTOR_HEADER_LIMIT = 64         /* headers of a request */
};

struct connector;

/* Finds and loads it. Lives as long as the catalog. NULL and an error. */
struct connector *connector_open(struct catalog *catalog, const char *id, struct error *error);
void connector_close(struct connector *connector);

const refund_descriptor *connector_descriptor(const struct connector *connector);
const char *connector_sha256(const struct connector *connector); /* of the code that runs */
/* All that a call may depend on. The same input gives the same request (but for flows that declare themselves random).
 */
struct connector_input {
  enum flow_kind flow;
  const struct refund *refund; /* NULL for access_token */
  int32_t environment;
  const refund_account_value *values;
  uint64_t value_count;
  const refund_text *base_urls;
  uint64_t base_url_count;
  refund_text idempotency_key;
  refund_text reference;
  refund_text access_token;
  int32_t attempt; /* from 1 */
  int64_t refund_time_ms;
  int64_t attempt_time_ms;
  uint8_t refund_seed[32];
  uint8_t attempt_seed[32];
};

/* Fills in the idempotency key and the reference as the descriptor declares them, from refund_id. No key where there is
 * none, or where the account does not say that it is switched on. */
void connector_name(const refund_descriptor *descriptor, struct connector_input *input, struct arena *arena);

struct connector_header {
  refund_text name;
  refund_text value;
  bool sensitive;
};

struct connector_request {
  refund_text method;
  refund_text url;
  refund_text body; /* not there: none is sent */
  struct connector_header *headers;
  size_t header_count;
};

/* Builds the HTTP request, and checks it: the URL is on one of the base URLs, headers are well-formed and none of the
 * host's own, the body is within its limit. Texts live in `arena`. REFUND_OK, or the connector's code with an error
 * (field: as the connector named it). */
int32_t connector_build(struct connector *connector, const struct connector_input *input, struct arena *arena,
                        struct connector_request *request, struct error *error);

/* What the connector reads in a reply. Never fails: what cannot be read has answer->code != REFUND_OK and no reading.
 * Texts live in `arena`, NUL-terminated, and are valid UTF-8. */
void connector_map(struct connector *connector, const struct connector_input *input,
                   const refund_http_response *response, struct arena *arena, struct answer *answer);

#endif
