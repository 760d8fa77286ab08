/* The shared refund flow, the same for every processor; the only room that knows the order of steps:
 *
 *   admit -> build -> record the attempt -> send -> record the raw reply -> map -> check -> settle -> tell
 *
 * Every arrow points forward, and each step marked so in flow.c is durable before the next begins. Many refunds are
 * under way at once: what is ready for the ledger in a turn goes to disk in one transaction, on the ledger's own
 * thread. All calls come from one thread but flow_stop(). */
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

/* What goes wrong while it works, and may be mended meanwhile. */
typedef void flow_trouble(void *context, const struct error *error);

struct flow_options {
  bool captured_may_grow; /* a larger captured amount than on record is taken over: there were partial captures */
  bool retry;             /* what ended as not sent is taken up again */
  bool apply;             /* of remap: a different verdict on a reply that was understood counts */
  int refusals_to_pause;  /* so many refusals of its credentials in a row pause an account */
  flow_trouble *trouble;  /* may be NULL */
  void *trouble_context;
  int64_t wait_ms; /* then all is told as it stands; 0: no limit */
};

/* How one refund ended, for now. Dead when the callback returns. */
struct flow_result {
  const struct outcome *outcome; /* NULL: it was refused, see error */
  struct error error; /* with an outcome: ERROR_ACCOUNT or ERROR_CONNECTOR if it cannot go on, ERROR_LEDGER if the
                         outcome could not be recorded, else none */
  bool paused;        /* its account is: the error says why */
  bool not_known;     /* the ledger failed in a way that leaves open whether the refund is on record */
  const struct outcome *beside; /* what the processor or a mapper says now, where it does not count; NULL: nothing */
};
typedef void flow_told(void *context, const struct flow_result *result);

struct flow *flow_open(const struct flow_rooms *rooms, const struct flow_options *options, struct error *error);
void flow_close(struct flow *flow);

/* Takes a refund in; it is copied. `told` is called once, from flow_run(); it may hand in another. */
bool flow_submit(struct flow *flow, const struct refund *refund, flow_told *told, void *context, struct error *error);

/* Takes up a refund that is on record:
 *   RESUME  finishes what a process left: sends what is new and nobody's, repeats or looks up what is unknown
 *   SYNC    asks the processor about it, if it is open; changes nothing that is final or reviewed by us
 *   FORCE   asks about final states too, if any attempt was sent
 *   REMAP   maps its stored replies again with the connector that is installed now; asks nobody */
enum flow_aim { AIM_REFUND, AIM_RESUME, AIM_SYNC, AIM_FORCE, AIM_REMAP };
bool flow_take_up(struct flow *flow, refund_text refund_id, enum flow_aim aim, flow_told *told, void *context,
                  struct error *error);

/* Works until every refund that was taken in has been told, or until flow_stop(). */
void flow_run(struct flow *flow);
/* Ends soon: nothing more is sent, what is under way is ended and told. May be called by a signal handler. */
void flow_stop(struct flow *flow);

/* ---- A person's word: without network, one transaction each ----
 * They need the ledger and the outside only. False and an error: nothing was told, and nothing changed, unless the
 * commit itself failed. What is so already changes nothing. */

/* A person says what became of a refund. `amount_repeated` (minor units, 0: not given) must be the refund's where
 * money that was reported as refunded is said not to be. */
bool flow_resolve(const struct flow_rooms *rooms, refund_text refund_id, bool succeeded, refund_text note,
                  int64_t amount_repeated, flow_told *told, void *context, struct error *error);
/* A refund that was not sent is not to be sent. */
bool flow_cancel(const struct flow_rooms *rooms, refund_text refund_id, flow_told *told, void *context,
                 struct error *error);
/* One line of a processor's report. By our id, or by the processor's where that is unique in the ledger; of both, the
 * processor's must not be another refund's. */
struct flow_report {
  refund_text refund_id;
  refund_text connector_refund_id;
  bool succeeded;
  refund_text note;
};
bool flow_settle(const struct flow_rooms *rooms, const struct flow_report *report, flow_told *told, void *context,
                 struct error *error);
/* Mends the captured amount on record of a payment, but not to less than refunds hold. Scope or currency not there:
 * only if there is but one. */
bool flow_set_captured(const struct flow_rooms *rooms, refund_text payment, refund_text scope, refund_text currency,
                       int64_t captured, refund_text note, struct error *error);
/* A ledger that was copied or restored goes on: what is new or open may have been sent meanwhile, so it is unknown. */
bool flow_restore(const struct flow_rooms *rooms, struct error *error);

/* What a connector's call is handed of an account and a refund (NULL for access_token); key, reference, times and seeds
 * are left to the caller. All is borrowed. */
struct connector_input;
void flow_input(const struct account *account, const struct refund *refund, enum flow_kind flow,
                struct connector_input *input);

/* A refund on record, as the person sees it. Texts are borrowed from the record. */
struct outcome flow_outcome(const struct ledger_refund *record);

#endif
