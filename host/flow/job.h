/* One refund on its way. Between the files of this room only. */
#ifndef FLOW_JOB_H
#define FLOW_JOB_H

#include "connector/connector.h"
#include "domain/verdict.h"
#include "flow/flow.h"

enum step {
  STEP_JOIN,
  STEP_ADMIT,
  STEP_BUILD,
  STEP_TOKEN,
  STEP_TOKEN_WAIT,
  STEP_RECORD_ATTEMPT,
  STEP_SEND,
  STEP_WAIT,
  STEP_RECORD_REPLY,
  STEP_MAP,
  STEP_CHECK,
  STEP_SETTLE,
  STEP_AGAIN,
  STEP_TELL,
  STEP_GONE
};

struct open_connector {
  struct connector *connector;
  struct open_connector *next;
};

struct flow {
  struct flow_rooms rooms;
  struct open_connector *connectors;
  struct token *tokens;
  struct job *first;
  struct job *last;
};

enum group { GROUP_NONE, GROUP_WAITING, GROUP_DONE, GROUP_FAILED };

struct rows {
  struct ledger_refund record;
  struct ledger_attempt attempt;
  struct ledger_reply raw_reply;
};

struct job {
  enum step step;
  struct flow *flow;
  struct arena *arena;
  struct refund refund;
  const struct account *found_account; /* of that name, credentials not read; NULL: none */
  const struct account *account;       /* bound; NULL: join_error says why */
  struct connector *connector;
  struct error join_error;

  struct ledger_refund record; /* as it stands on disk, once admitted */
  struct ledger_attempt attempt;
  struct ledger_reply raw_reply;
  struct connector_input input;
  struct connector_request request;
  refund_text access_token; /* in hand; not there: none */
  struct transport_reply reply;

  struct answer answer;
  struct verdict verdict;
  enum fact fact; /* what settle applies */
  bool account_refused;
  int write_failures; /* of the reply or the outcome */
  bool unrecorded;    /* they could not be written: told, but not on disk */

  enum group group;   /* its part in the transaction at hand */
  struct rows before; /* what is on disk while that is open */
  bool not_known;     /* see flow_result */
  bool refused;       /* ends with `error` and without an outcome */
  struct error error;
  flow_told *told;
  void *context;
  struct job *next;
};

/* The steps. A step returns false when the refund ends here, with job->error set; what it wrote in the ledger is
 * undone. It may set job->step to go elsewhere than to the next one. */
bool step_join(struct job *job);
bool step_admit(struct job *job);
bool step_build(struct job *job);
bool step_token(struct job *job);
bool step_record_attempt(struct job *job);
bool step_send(struct job *job);
bool step_record_reply(struct job *job);
bool step_map(struct job *job);
bool step_check(struct job *job);
bool step_settle(struct job *job);
bool step_again(struct job *job);

/* What settle would have written, for telling it where the ledger cannot be written. */
void settle_in_memory(struct job *job);

/* Applies a fact to the record: state, what it holds of its payment, and the fact itself, in the ledger. */
bool record_fact(struct job *job, enum fact fact, refund_text note);
/* `text` without secrets: the account's, and what `request` has in headers that are marked sensitive. */
refund_text flow_mask(const struct account *account, const struct connector_request *request, struct arena *arena,
                      refund_text text, bool *changed);
refund_text job_mask(const struct job *job, refund_text text, bool *changed);

/* Hands what a connector built to the transport; `done` as in transport_send(). */
bool flow_send(struct flow *flow, const struct account *account, const struct connector_request *built,
               const refund_descriptor *descriptor, bool has_key, struct arena *arena, transport_done *done,
               void *context, struct error *error);

/* After a 401: was a token used, and not yet refreshed for this refund? Then it is given up, so that a new one is asked
 * for. */
bool job_can_refresh_token(const struct job *job);
void job_drop_token(struct job *job);
void flow_tokens_close(struct flow *flow);

/* Makes a failed build end in the ledger: the refund never left. */
void job_not_built(struct job *job, enum fact fact, const char *code);

struct connector *flow_connector(struct flow *flow, const char *id, struct error *error);
bool job_out_of_memory(struct job *job);
int64_t job_now(const struct job *job);

#endif
