/* One refund on its way, and the flow that drives it. Between the files of this room only.
 *
 * A job stands at one step, in that step's queue, and belongs to one thread: the flow's, or while it is in a group the
 * ledger's. Nothing else is shared between the two. What the flow asks of all its jobs, wherever they are, it keeps for
 * itself (see job's end). */
#ifndef FLOW_JOB_H
#define FLOW_JOB_H

#include "connector/connector.h"
#include "connector/connectors.h"
#include "domain/recovery.h"
#include "domain/verdict.h"
#include "flow/flow.h"
#include "flow/lane.h"

enum step {
  STEP_ENTER,
  STEP_JOIN,
  STEP_ADMIT,
  STEP_LOAD,
  STEP_PLAN,
  STEP_STORED,
  STEP_GATE,
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
  STEP_NEXT,
  STEP_LATER,
  STEP_TELL,
  STEPS,
  STEP_GONE = STEPS
};

enum { IDS = 1024 };

struct queue {
  struct job *first;
  struct job *last;
};

/* What belongs to one account, for as long as the flow lives. */
struct flow_account {
  const struct account *account;
  struct lane lane;
  struct flow_account *next;
};

struct flow {
  struct flow_rooms rooms;
  struct flow_options options;
  struct connectors connectors;
  struct flow_account *accounts;
  struct token *tokens;
  struct queue queues[STEPS];
  struct queue group;     /* the jobs that are at the ledger's thread */
  bool group_broke;       /* their commit failed so that nothing can be written any more */
  bool writing;           /* they are: nothing of them is ours, nor the ledger */
  int64_t attempts_now;   /* under way as the group was handed over: so many replies may come */
  struct job *passing;    /* whose payments are busy with them */
  struct job *known[IDS]; /* jobs by their refund's id: one at a time works on a refund */
  size_t count;           /* jobs */
  int64_t deadline;       /* of the clock that is never set back; 0: none */
  _Atomic int stop;       /* set by flow_stop() */
  bool broken;            /* what was written last may not be on disk: nothing more is sent */
  size_t replies_waiting; /* to be written, as they could not be: nothing is admitted or sent meanwhile */
};

enum group { GROUP_WAITING, GROUP_DONE, GROUP_FAILED };

struct rows {
  struct ledger_refund record;
  struct ledger_attempt attempt;
  struct ledger_reply raw_reply;
};

struct job {
  enum step step;
  struct flow *flow;
  struct arena *arena;
  enum flow_aim aim;
  struct refund refund;
  const struct account *found_account; /* of that name, credentials not read; NULL: none */
  const struct account *account;       /* bound; NULL: join_error says why */
  struct connector *connector;
  struct flow_account *own; /* of that account */
  struct means means;
  struct error join_error;

  struct ledger_refund record; /* as it stands on disk, once admitted or loaded */
  struct history history;
  refund_text first_digest;        /* of the attempt that a repeat must equal; not there: none */
  struct ledger_reply *stored;     /* replies that are to be mapped again */
  struct ledger_attempt *attempts; /* all there are */
  size_t stored_count;
  size_t stored_next;
  size_t attempt_count;
  int64_t latest_ms;

  enum flow_kind kind; /* of the exchange at hand */
  bool is_repeat;
  bool same_key;         /* and under a key that counts */
  bool has_exchange;     /* settle has an exchange to settle */
  bool is_stored;        /* its reply was on disk already */
  bool earlier_unknown;  /* another attempt than the one at hand may have arrived */
  refund_text waits_for; /* another refund of its payment, of which nobody knows what became */
  int own_waits;         /* how often it met one that this process has in hand */
  bool look_counts;      /* an absence counts, if no attempt began since: */
  int64_t look_attempts;
  bool cannot_repeat; /* the connector builds another request now */
  bool adopted;       /* its id was found on a list, by this job */
  bool ambiguous;     /* a list holds what could be it or another one */
  bool repeated;      /* in this run; so the next two */
  bool looked;
  bool synced;
  bool in_lane;       /* it holds a place in its account's lane */
  int64_t tried_from; /* of the budget's clock: since when the time counts that is not in the record yet */
  struct ledger_attempt attempt;
  struct ledger_reply raw_reply;
  struct connector_input input;
  struct connector_request request;
  refund_text access_token; /* in hand; not there: none */
  struct transport_reply reply;

  struct answer answer;
  struct verdict verdict;
  enum fact fact;   /* what settle applies; FACTS: nothing of it changes the state */
  refund_text note; /* of the fact, where the verdict's message says too little */
  bool account_refused;
  bool can_refresh;    /* with another access token it may go out again at once */
  int64_t retry_after; /* milliseconds, as the processor asks; 0: it does not */
  int write_failures;  /* of the reply or the outcome */
  bool unrecorded;     /* they could not be written: told, but not on disk */

  enum group group;   /* its part in the transaction at hand */
  struct rows before; /* what is on disk while that is open */
  enum step then;     /* after STEP_LATER */
  int64_t wake_at;    /* of the clock that is never set back */
  struct outcome beside;
  bool has_beside;
  bool paused; /* these two: see flow_result */
  bool not_known;
  bool refused; /* ends with `error` and without an outcome */
  struct error error;
  flow_told *told;
  void *context;
  struct job *next; /* in its queue */

  /* The flow's alone, also while the ledger's thread has the job. */
  bool passes; /* it is in flow->passing; so the next two */
  refund_text passing_scope;
  refund_text passing_payment;
  struct job *next_passing;
  bool is_known;
  refund_text known_id;
  struct job *next_known;
};

/* ---- The steps, in flow.c's table. A step moves its job on with job->step. False: the refund ends here, with
 * job->error set; what it wrote in the ledger is undone. ---- */
bool step_enter(struct job *job);
bool step_join(struct job *job);
bool step_admit(struct job *job);
bool step_load(struct job *job);
bool step_plan(struct job *job);
bool step_stored(struct job *job);
bool step_gate(struct job *job);
bool step_build(struct job *job);
bool step_token(struct job *job);
bool step_record_attempt(struct job *job);
bool step_send(struct job *job);
bool step_record_reply(struct job *job);
bool step_map(struct job *job);
bool step_check(struct job *job);
bool step_settle(struct job *job);
bool step_next(struct job *job);

/* Hands all that stand at a durable step to the ledger's thread, if it is free. */
bool flow_write(struct flow *flow);
/* Takes them back once they are written, or could not be. */
void flow_take_written(struct flow *flow);
extern bool (*const durable_steps[STEPS])(struct job *job); /* NULL: not durable */

/* ---- Queues ---- */
void queue_put(struct queue *queue, struct job *job);
struct job *queue_take(struct queue *queue); /* NULL: empty */

/* ---- What the steps share ---- */

/* On record by now, and perhaps left by a process that ended: takes it over, reads what happened. In a transaction.
 * *ours is false if another living process works on it. */
bool job_take_over(struct job *job, bool *ours);
/* Is its account of another connector, environment or scope than when it was recorded? Then job->error says so. */
bool job_account_changed(struct job *job);
/* Reads its attempts and makes the history of them. In a transaction. */
bool job_read_history(struct job *job);
/* May this attempt go out, as far as the payment's other refunds go? In a transaction; takes over what a dead process
 * left of them. */
bool job_may_send(struct job *job, bool *may);
/* What looks at the payment only says this refund's outcome while no other of it may have been accepted. */
bool job_is_alone(struct job *job, bool *alone);
/* Candidates of a look-up become an adoption, an absence, or nothing that we can decide. In a transaction. */
bool job_adopt(struct job *job);
/* What an answer says counts only if it is about this refund. In a transaction. */
bool job_identify(struct job *job);
/* An attempt of another refund, whose process ended: from now on it is unknown what became of it. *answered: its reply
 * is on disk and has to be read first. In a transaction. */
bool job_release(struct job *job, refund_text refund_id, bool *answered);
/* Of the attempts on record: did one before that at hand leave? Was any disproved? May another have moved money? */
bool job_is_sent_before(const struct job *job);
bool job_is_any_disproved(const struct job *job);
bool job_is_other_unknown(const struct job *job);
struct ledger_attempt *job_attempt_of(struct job *job, int64_t row);
bool job_is_look(const struct job *job);
bool job_is_attempt(const struct job *job); /* recorded before it is sent */

/* Applies a fact to the record: state, what it holds of its payment, and the fact itself, in the ledger. */
bool record_fact(struct job *job, enum fact fact, refund_text note);
/* What settle would have written, for telling it where the ledger cannot be written. */
void settle_in_memory(struct job *job);
/* Makes a failed build end in the ledger: this refund never left. */
void job_not_built(struct job *job, enum fact fact, const char *code);
/* An attempt that did nothing: again, or was that the last one? */
enum fact job_unsent_fact(struct job *job);
/* The reply as it will be stored, secrets masked; done before the ledger's thread has it. */
bool job_prepare_reply(struct job *job);

/* `text` without secrets: the account's, and what `request` has in headers that are marked sensitive. */
refund_text flow_mask(const struct account *account, const struct connector_request *request, struct arena *arena,
                      refund_text text, bool *changed);
refund_text job_mask(const struct job *job, refund_text text, bool *changed);

/* Hands what a connector built to the transport; `done` as in transport_send(). */
bool flow_send(struct flow *flow, const struct account *account, const struct connector_request *built,
               const refund_descriptor *descriptor, bool has_key, struct arena *arena, transport_done *done,
               void *context, struct error *error);

/* As the processor asks in its answer, in milliseconds; 0: it does not. */
int64_t flow_retry_after(const struct flow *flow, const struct transport_reply *reply);

/* After a 401: was a token used, and not yet refreshed for this refund? Then it is given up, so that a new one is asked
 * for. */
bool job_can_refresh_token(const struct job *job);
void job_drop_token(struct job *job);
void flow_tokens_close(struct flow *flow);

/* The lane: a place in it is taken at the gate, and given back with what became of the attempt (NULL: none was made).
 */
void job_leave_lane(struct job *job, const struct lane_end *end);
void job_give_up_waiting(struct job *job); /* for a reply that should have come long ago */
bool job_enter_payment(struct job *job);   /* false: another refund of it is on its way */
void job_leave_payment(struct job *job);   /* its other refunds may be sent */

void job_later(struct job *job, int64_t span_ms, enum step then);
void job_forget_exchange(struct job *job); /* nothing of it may reach into the next one */
bool job_out_of_memory(struct job *job);
int64_t job_now(const struct job *job); /* wall clock */
struct now job_moment(const struct job *job);
int64_t flow_clock(const struct flow *flow); /* never set back */
bool flow_is_ending(const struct flow *flow);
/* The fields of the account that are not secret, as a digest: a refund is only repeated under the same. */
refund_text account_digest(const struct account *account, struct arena *arena);

#endif
