/* A refund as the caller asks for it. Plain values, validated member by member; whether the payment has that much left
 * is the flow's question (the guard). */
#ifndef DOMAIN_REFUND_H
#define DOMAIN_REFUND_H

#include "common/arena.h"
#include "common/error.h"
#include "domain/digest.h"
#include "domain/money.h"

/* The flows of refund_connector.h that this host knows. */
enum flow_kind { FLOW_REFUND, FLOW_REFUND_SYNC, FLOW_REFUND_LOOKUP, FLOW_ACCESS_TOKEN, FLOW_KINDS };
const char *flow_name(enum flow_kind flow);
bool flow_find(refund_text name, enum flow_kind *flow);
/* What a connector declares of it; NULL: it has no such flow. */
const refund_flow *flow_of(const refund_descriptor *descriptor, enum flow_kind flow);

/* Texts live in the arena that the refund was read into, NUL-terminated; data NULL: not given. */
struct refund {
  refund_text refund_id;
  refund_text account;
  refund_text connector_transaction_id;
  refund_text connector_refund_id;
  refund_text reason;
  refund_text connector_metadata;  /* the JSON object, as the caller wrote it */
  refund_text canonical_metadata;  /* in canonical form; "{}" if not given */
  const struct currency *currency; /* NULL: not given (access_token only) */
  int64_t refund_amount;           /* minor units */
  int64_t payment_amount;          /* captured, minor units */
};

/* Reads one JSON object, and nothing after it. Members and limits: host/man/refund-host.1. `flow` says which are
 * required: for access_token none, for refund_sync also connector_refund_id. `default_account` (may be NULL) stands in
 * for a missing account. False and an error that names the member. */
bool refund_read(struct arena *arena, refund_text json, enum flow_kind flow, const char *default_account,
                 struct refund *refund, struct error *error);
bool refund_from_node(struct arena *arena, const refund_node *object, enum flow_kind flow, const char *default_account,
                      struct refund *refund, struct error *error);

/* What makes two requests with one refund id the same: account, payment, amount, currency and metadata. */
struct digest refund_fingerprint(const struct refund *refund);

#endif
