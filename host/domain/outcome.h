/* What became of a refund, as the person and the JSON see it. */
#ifndef DOMAIN_OUTCOME_H
#define DOMAIN_OUTCOME_H

#include "common/buffer.h"
#include "domain/state.h"

struct outcome {
  refund_text refund_id;
  refund_text account;
  refund_text connector;
  refund_text connector_version;
  refund_text connector_transaction_id;
  refund_text connector_refund_id;
  int64_t refund_amount; /* minor units */
  const struct currency *currency;
  struct position position;
  int32_t refund_status;  /* REFUND_STATUS_* */
  int32_t reading;        /* REFUND_READING_*; 0: none */
  refund_text error_code; /* these four: not there where there is no error */
  refund_text error_message;
  refund_text error_reason;
  refund_text network_decline_code;
  refund_text warning;
  int http_status; /* 0: none */
  int64_t attempts;
  int64_t created_at; /* Unix milliseconds */
  int64_t updated_at;
  bool unrecorded; /* the ledger could not be written: it still says what was before */
};

bool outcome_has_error(const struct outcome *outcome);

/* One JSON object, no line end. The members are those of host/man/refund-host.1; payment_status is always "charged". */
void outcome_write(const struct outcome *outcome, struct buffer *out);

/* RFC 3339 in UTC with milliseconds, NUL-terminated. */
struct time_text {
  char text[32];
};
struct time_text time_show(int64_t unix_ms);

#endif
