/* A processor's report in CSV, and a Retry-After header, on anything. Reading comes to an end, line numbers rise,
 * fields are text of the report; a wait is never negative and never longer than a clock can bear. */
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "flow/lane.h"

static const int64_t longest_ms = INT64_C(8100) * 366 * 24 * 3600 * 1000; /* to the end of the year 9999 */

static void require(bool promise) {
  if (!promise) abort();
}

static void read_report(refund_text text) {
  struct csv csv = {.rest = text, .arena = arena_open(0)};
  size_t last = 0;
  uint64_t bytes = 0;
  enum csv_found found;
  struct error error;
  if (csv.arena == NULL) return;
  while ((found = csv_next(&csv, &error)) != CSV_END) {
    require(found == CSV_BAD || csv.number > last);
    last = csv.number;
    require(csv.count <= CSV_FIELDS);
    for (size_t i = 0; found == CSV_RECORD && i < csv.count; i++) {
      require(csv.fields[i].data[csv.fields[i].size] == '\0');
      bytes += csv.fields[i].size;
    }
  }
  require(bytes <= text.size);
  arena_close(csv.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  refund_text text = {(const char *)data, size};
  read_report(text);
  int64_t wait = lane_retry_after(text, INT64_C(1700000000000));
  require(wait >= 0 && wait <= longest_ms);
  return 0;
}
