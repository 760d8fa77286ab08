/* What a connector read in one answer, as plain data: it may have crossed from another process. Texts live in the arena
 * of whoever asked. */
#ifndef DOMAIN_ANSWER_H
#define DOMAIN_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "refund_connector.h"

struct candidate {
  refund_text refund_id;
  refund_text currency;
  int64_t amount; /* the processor's units */
  int64_t time_ms;
  struct candidate *next;
};

struct answer {
  int32_t code;       /* REFUND_OK, or why it could not be read */
  int32_t reading;    /* REFUND_READING_*; 0: none */
  int32_t status;     /* REFUND_STATUS_* */
  int32_t names;      /* REFUND_NAMES_* */
  bool unknown_value; /* a reading or status that this host does not know */
  bool replayed;
  bool has_amount;
  int64_t amount;     /* as echoed, in the processor's units */
  int64_t expires_in; /* seconds; 0: not said */
  refund_text refund_id;
  refund_text reference;
  refund_text status_word;
  refund_text error_code;
  refund_text error_message;
  refund_text error_reason;
  refund_text network_decline_code;
  refund_text amount_text; /* an echo that is no number; there: it contradicts */
  refund_text currency;    /* as echoed */
  refund_text access_token;
  struct candidate *candidates;
};

#endif
