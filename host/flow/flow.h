/* The shared refund flow, the same for every processor; the only room that knows the order of steps:
 *
 *   admit -> build -> record the attempt -> send -> record the raw reply -> map -> check -> settle -> tell
 *
 * Every arrow points forward, and each step marked so in flow.c is durable before the next begins. Many refunds are
 * under way at once: what is ready for the ledger in a turn goes to disk in one transaction. One thread. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "account/account.h"
#include "common/outside.h"
#include "connector/catalog.h"
#include "domain/outcome.h"
#include "domain/refund.h"
#include "ledger/ledger.h"
#include "transport/transport.h"

struct flow;

/* All are borrowed and outlive the flow. */
struct flow_rooms {
  struct catalog *catalog;
  struct accounts *accounts;
  struct ledger *ledger;
  struct transport *transport;
  const struct outside *outside;
};

/* How one refund ended, for now. Dead when the callback returns. */
struct flow_result {
  const struct outcome *outcome; /* NULL: it was refused, see error */
  struct error error;            /* with an outcome: ERROR_ACCOUNT if the processor refused the account, ERROR_LEDGER if
                                    the outcome could not be recorded, else none */
  bool not_known;                /* the ledger failed in a way that leaves open whether the refund is on record */
};
typedef void flow_told(void *context, const struct flow_result *result);

struct flow *flow_open(const struct flow_rooms *rooms, struct error *error);
void flow_close(struct flow *flow);

/* Takes a refund in; it is copied. `told` is called once, from flow_run(). */
bool flow_submit(struct flow *flow, const struct refund *refund, flow_told *told, void *context, struct error *error);

/* Works until every refund that was taken in has been told. */
void flow_run(struct flow *flow);

/* What a connector's call is handed of an account and a refund (NULL for access_token); key, reference, times and seeds
 * are left to the caller. All is borrowed. */
struct connector_input;
void flow_input(const struct account *account, const struct refund *refund, enum flow_kind flow,
                struct connector_input *input);

/* A refund on record, as the person sees it. Texts are borrowed from the record. */
struct outcome flow_outcome(const struct ledger_refund *record);

#endif
