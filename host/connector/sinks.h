/* Where a connector writes: the host's side of the ABI's sinks. Each copies, holds its limits and stays failed. */
#ifndef CONNECTOR_SINKS_H
#define CONNECTOR_SINKS_H

#include "connector/connector.h"
#include "domain/answer.h"

struct header_sink {
  refund_headers headers; /* first */
  struct arena *arena;
  struct connector_header *list; /* CONNECTOR_HEADER_LIMIT of them */
  size_t count;
  refund_text method; /* not there: the flow's */
  bool failed;
  char problem[160]; /* what was refused, one sentence */
};

void header_sink_open(struct header_sink *sink, struct arena *arena, struct connector_header *list);

struct result_sink {
  refund_result result; /* first */
  struct arena *arena;
  struct answer *answer;
  size_t candidates;
  bool read; /* a reading was given */
  bool failed;
};

void result_sink_open(struct result_sink *sink, struct arena *arena, struct answer *answer);

#endif
