/* What one exchange with a processor proves: a pure function of what was sent, what came back and what the connector
 * read in it. The host alone decides this; a connector only reads. */
#ifndef DOMAIN_VERDICT_H
#define DOMAIN_VERDICT_H

#include "common/arena.h"
#include "domain/answer.h"
#include "domain/refund.h"
#include "domain/state.h"

enum attempt_class {
  CLASS_NOT_SENT,  /* A: certainly nothing left */
  CLASS_REFUSED,   /* A': an answer that proves that nothing was done */
  CLASS_AMBIGUOUS, /* B */
  CLASS_REJECTED,  /* C */
  CLASS_DUPLICATE, /* C' */
  CLASS_ACCEPTED,  /* D */
  CLASS_ABSENT,    /* a look-up found no such refund */
  CLASSES
};
const char *attempt_class_name(enum attempt_class attempt_class); /* "A", "A'" ... "absent" */

struct exchange {
  enum flow_kind flow;
  unsigned transmissions; /* how often the request was about to be written to a connection */
  bool complete;          /* a whole reply within the limits arrived */
  int http_status;        /* 0: none */
  refund_text problem;    /* why it is not complete, one sentence */
  refund_text body;       /* of the reply, to be shown where nothing read it */
  bool used_access_token;
  const struct answer *answer; /* NULL unless complete */
  const struct refund *refund; /* NULL for access_token */
  const refund_descriptor *descriptor;
  refund_text sent_reference; /* what the processor knows as our reference and key; may be not there */
  refund_text sent_key;
};

struct verdict {
  enum flow_kind flow;
  enum attempt_class attempt_class;
  int32_t reading;       /* as the host takes it; 0: nothing could be read */
  int32_t refund_status; /* of this exchange alone: REFUND_STATUS_SUCCESS .. MANUAL_REVIEW */
  bool about_account;    /* the refusal is about the account's credentials, not about this refund */
  bool contradicts;      /* amount, currency or ids differ from ours */
  bool replayed;         /* the processor says that this is a stored answer to an earlier request with our key */
  int32_t names;         /* what the answer is about: REFUND_NAMES_* */
  refund_text connector_refund_id;
  refund_text error_code;
  refund_text error_message;
  refund_text error_reason;
  refund_text network_decline_code;
  refund_text warning; /* for a person; empty: none */
};

void verdict_of(struct arena *arena, const struct exchange *exchange, struct verdict *verdict);

/* What became of a refund's other attempts than the one that was answered. */
struct circumstances {
  bool earlier_sent;    /* an earlier one may have arrived, whatever is known of it by now */
  bool earlier_unknown; /* another one may have moved money: it is not known to have done nothing */
  bool same_key;        /* and this one repeats it under a key that counts; none of them was disproved, or a stored
                           answer could be that one's */
  bool may_create;      /* of a look: it may itself have made the refund, so it was an attempt */
};

/* The fact that a refund on record is faced with. FACTS: none; of all that a look can say, only a status is one. */
enum fact verdict_fact(const struct verdict *verdict, const struct circumstances *circumstances);

/* Where verdict_fact() finds a contradiction that is none of amount, currency or ids: says to a person that somebody
 * else used our key. */
void verdict_explain_replay(struct verdict *verdict);

/* The word for a reading: "status" ... "absent"; NULL for none. And for a refund status: "success" ... */
const char *reading_name(int32_t reading);
const char *refund_status_name(int32_t refund_status);

#endif
