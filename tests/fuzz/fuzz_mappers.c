/* Every installed connector's map_response over foreign bytes: the first byte picks connector and flow, the second the
 * HTTP status. Whatever comes, the host's verdict on what was not understood is never success or failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector/connector.h"
#include "domain/verdict.h"
#include "refund_toolkit.h"

enum { CONNECTORS = 128 };

static struct connector *connectors[CONNECTORS];
static size_t count;
static struct catalog *catalog; /* kept: the connectors are its */

static void open_all(void) {
  static const char *const directories[] = {PLUGINS_DIR};
  struct catalog_options options = {directories, 1, false, NULL};
  struct error error = {0};
  catalog = catalog_open(&options, &error);
  for (size_t i = 0; catalog != NULL && i < catalog_count(catalog) && count < CONNECTORS; i++) {
    connectors[count] = connector_open(catalog, catalog_entry(catalog, i)->descriptor.id, &error);
    if (connectors[count] != NULL) count++;
  }
  if (count > 0) return;
  fprintf(stderr, "no connector in %s could be loaded: %s\n", PLUGINS_DIR, error.message);
  exit(1);
}

static void check(const struct verdict *verdict, const struct answer *answer, int status) {
  bool final = verdict->refund_status == REFUND_STATUS_SUCCESS ||
               (verdict->refund_status == REFUND_STATUS_FAILURE && !verdict->about_account);
  if (final && (answer->reading == 0 || status >= 500 || status == 429 || status < 200)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int statuses[] = {200, 201, 202, 204, 302, 400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 502};
  static const refund_text base = {"https://api.example.com", 23};
  if (count == 0) open_all();
  if (size < 2) return 0;
  struct arena *arena = arena_open(0);
  struct refund refund = {.refund_id = refund_text_of("r_001"),
                          .connector_transaction_id = refund_text_of("pi_1"),
                          .connector_refund_id = refund_text_of("re_1"),
                          .currency = currency_find(refund_text_of("USD")),
                          .refund_amount = 400,
                          .payment_amount = 1000};
  struct connector_input input = {.flow = (enum flow_kind)(data[0] % 3),
                                  .refund = &refund,
                                  .base_urls = &base,
                                  .base_url_count = 1,
                                  .environment = REFUND_SANDBOX};
  struct connector *connector = connectors[data[0] / 3 % count];
  refund_http_response response = {.size = sizeof response,
                                   .status = statuses[data[1] % (sizeof statuses / sizeof *statuses)],
                                   .body = {(const char *)data + 2, size - 2}};
  struct answer answer;
  struct verdict verdict;
  if (input.flow != FLOW_REFUND_SYNC) refund.connector_refund_id.data = NULL;
  connector_name(connector_descriptor(connector), &input, arena);
  connector_map(connector, &input, &response, arena, &answer);
  struct exchange exchange = {.flow = input.flow,
                              .transmissions = 1,
                              .complete = true,
                              .http_status = response.status,
                              .answer = &answer,
                              .refund = &refund,
                              .descriptor = connector_descriptor(connector),
                              .sent_reference = input.reference,
                              .sent_key = input.idempotency_key};
  verdict_of(arena, &exchange, &verdict);
  check(&verdict, &answer, response.status);
  arena_close(arena);
  return 0;
}
