/* Our side of the model: the tables of host/domain, joined as host/flow joins them. */
#include <string.h>

#include "model.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

int64_t model_time(unsigned clock) {
  static const int64_t times[CLOCKS] = {0, 20 * MINUTE, 40 * MINUTE, 26 * HOUR, 27 * HOUR, 9 * 24 * HOUR};
  return times[clock];
}

static struct moment moment_at(unsigned clock) {
  return (struct moment){model_time(clock), model_time(clock), {"boot", 4}};
}

/* ---- What is on record ---- */

bool model_may_have_arrived(const struct node *node, int attempt) {
  uint8_t attempt_class = node->attempt[attempt].attempt_class;
  bool says_so = attempt_class == UNDER_WAY || attempt_class == CLASS_AMBIGUOUS || attempt_class == CLASS_DUPLICATE ||
                 attempt_class == CLASS_ACCEPTED;
  return says_so && !node->attempt[attempt].disproved;
}

struct history model_history(const struct node *node, int without) {
  struct history history = {
      .position = {(enum state)node->state, (enum state_detail)node->detail},
      .has_refund_id = node->has_refund_id,
      .absences = node->absences,
      .absent_at = model_time(node->absent_at),
  };
  if (node->restored) {
    history.sent = !node->forgotten_disproved;
    history.key_spent = true;
    history.first = moment_at(0);
    history.last = moment_at(node->restored - 1u);
  }
  for (int i = 0; i < node->attempts; i++) {
    if (i == without) continue;
    history.last = moment_at(node->attempt[i].at);
    history.duplicate = node->attempt[i].attempt_class == CLASS_DUPLICATE;
    history.rejected_later = history.sent && node->attempt[i].attempt_class == CLASS_REJECTED;
    if (!model_may_have_arrived(node, i)) continue;
    if (!history.sent) history.first = history.last;
    history.sent = true;
    history.key_spent = history.key_spent || node->attempt[i].spoils_key;
  }
  return history;
}

static bool apply(struct node *node, enum fact fact) {
  struct position from = {(enum state)node->state, (enum state_detail)node->detail};
  struct position to;
  bool moves = fact != FACTS && state_next(from, fact, &to);
  if (!moves) return false;
  node->state = (uint8_t)to.state;
  node->detail = (uint8_t)to.detail;
  return true;
}

/* ---- An answer ---- */

static struct verdict verdict_on(enum reply reply, enum flow_kind flow) {
  static const struct {
    enum attempt_class attempt_class;
    int32_t refund_status;
  } meanings[REPLIES] = {
      [REPLY_UNSENT] = {CLASS_NOT_SENT, REFUND_STATUS_PENDING},
      [REPLY_LOST] = {CLASS_AMBIGUOUS, REFUND_STATUS_PENDING},
      [REPLY_REFUSED] = {CLASS_REFUSED, REFUND_STATUS_PENDING},
      [REPLY_REJECTED] = {CLASS_REJECTED, REFUND_STATUS_FAILURE},
      [REPLY_BROKEN] = {CLASS_AMBIGUOUS, REFUND_STATUS_PENDING},
      [REPLY_DUPLICATE] = {CLASS_DUPLICATE, REFUND_STATUS_PENDING},
      [REPLY_SUCCESS] = {CLASS_ACCEPTED, REFUND_STATUS_SUCCESS},
      [REPLY_PENDING] = {CLASS_ACCEPTED, REFUND_STATUS_PENDING},
      [REPLY_FAILURE] = {CLASS_ACCEPTED, REFUND_STATUS_FAILURE},
      [REPLY_ABSENT] = {CLASS_ABSENT, REFUND_STATUS_PENDING},
  };
  unsigned plain = (unsigned)reply % REPLY_REPLAYED;
  bool accepted = meanings[plain].attempt_class == CLASS_ACCEPTED;
  return (struct verdict){
      .flow = flow,
      .attempt_class = meanings[plain].attempt_class,
      .refund_status = meanings[plain].refund_status,
      .replayed = (reply & REPLY_REPLAYED) != 0,
      .connector_refund_id = accepted ? (refund_text){"re_1", 4} : (refund_text){NULL, 0},
  };
}

static bool was_sent_before(const struct node *node, int last) {
  bool sent = node->restored != 0;
  for (int i = 0; i < last; i++)
    sent = sent || node->attempt[i].attempt_class != CLASS_NOT_SENT;
  return sent;
}

static bool was_disproved(const struct node *node) {
  bool disproved = node->forgotten_disproved;
  for (int i = 0; i < node->attempts; i++)
    disproved = disproved || node->attempt[i].disproved;
  return disproved;
}

/* The answer to the last attempt leads where the tables say; the worker has done its work. */
static void conclude(struct search *search, struct node next, enum reply reply, const char *what) {
  int last = next.attempts - 1;
  enum flow_kind flow = next.attempt[last].creates ? FLOW_REFUND_LOOKUP : FLOW_REFUND;
  struct verdict verdict = verdict_on(reply, flow);
  struct circumstances circumstances = {
      .earlier_sent = was_sent_before(&next, last),
      .earlier_unknown = model_history(&next, last).sent,
      .same_key = next.attempt[last].same_key && !was_disproved(&next),
      .may_create = next.attempt[last].creates,
  };
  enum fact fact = verdict_fact(&verdict, &circumstances);
  next.attempt[last].attempt_class = (uint8_t)verdict.attempt_class;
  next.attempt[last].spoils_key = reply == REPLY_BROKEN || reply == REPLY_DUPLICATE;
  next.attempt[last].reply = next.worker_reply = REPLY_NONE;
  next.worker = WORKER_IDLE;
  if (verdict.attempt_class == CLASS_ACCEPTED) next.has_refund_id = true;
  struct node spent = next;
  bool was_sending = next.state == STATE_SENDING;
  bool moved = apply(&next, fact);
  model_forbid(search, was_sending && !moved, "an answer to an attempt under way leads nowhere");
  model_step(search, &next, false, what);
  if (fact != FACT_UNSENT) return;
  apply(&spent, verdict.attempt_class == CLASS_REFUSED ? FACT_REFUSED_SPENT : FACT_UNSENT_SPENT);
  model_step(search, &spent, false, "the budget of tries is spent");
}

/* ---- The worker ---- */

/* Nothing without key or reference goes out while one before it may have done something. */
static void check_further_request(struct search *search, const struct node *node) {
  const struct means *means = &model_world(search)->means;
  for (int i = 0; i < node->attempts - 1; i++) {
    bool protected = means->key || means->unique_reference;
    model_forbid(search, !protected && model_may_have_arrived(node, i), "a further request without key or reference");
  }
}

static void die(struct search *search, const struct node *node) {
  struct node next = *node;
  next.worker = WORKER_IDLE;
  next.worker_reply = REPLY_NONE;
  next.travelling = (uint8_t)(node->travelling + node->waited_for);
  next.waited_for = false;
  model_step(search, &next, false, "the process dies");
}

static void work(struct search *search, const struct node *node) {
  struct node next = *node;
  switch (node->worker) {
    case WORKER_RECORDED:
      check_further_request(search, node);
      next.worker = WORKER_WAITING;
      next.waited_for = true;
      model_step(search, &next, false, "the request leaves");
      conclude(search, *node, REPLY_UNSENT, "it did not leave");
      break;
    case WORKER_WAITING:
      if (!node->waited_for) break;
      next.travelling++;
      next.waited_for = false;
      next.worker = WORKER_ANSWERED;
      next.worker_reply = REPLY_LOST;
      model_step(search, &next, false, "nobody waits for it any longer");
      break;
    case WORKER_ANSWERED:
      next.attempt[node->attempts - 1].reply = node->worker_reply;
      next.worker = WORKER_WRITTEN;
      model_step(search, &next, false, "the reply is on disk");
      break;
    case WORKER_WRITTEN:
      conclude(search, *node, (enum reply)node->worker_reply, "the reply is mapped");
      break;
    default:
      return;
  }
  die(search, node);
}

static void begin_attempt(struct search *search, const struct node *node, const struct plan *plan) {
  struct node next = *node;
  if (node->attempts == model_world(search)->attempts) return;
  next.attempt[node->attempts].attempt_class = UNDER_WAY;
  next.attempt[node->attempts].at = node->clock;
  next.attempt[node->attempts].same_key = plan->same_key;
  next.attempt[node->attempts].creates = plan->move == MOVE_LOOKUP;
  next.attempts++;
  next.absences = next.absent_at = 0;
  next.worker = WORKER_RECORDED;
  bool moved = apply(&next, FACT_ATTEMPT);
  model_forbid(search, !moved, "an attempt from a state that has none");
  model_step(search, &next, false, plan->move == MOVE_SEND ? "an attempt" : "a repeat");
}

/* ---- Looks ---- */

static enum reply object_reply(const struct node *node) {
  static const enum reply replies[] = {REPLY_ABSENT, REPLY_PENDING, REPLY_SUCCESS, REPLY_FAILURE};
  return replies[node->object];
}

static void ask(struct search *search, const struct node *node, const struct plan *plan) {
  const struct means *means = &model_world(search)->means;
  struct node next = *node;
  model_forbid(search, !model_history(node, -1).sent && node->state != STATE_FAILED, "a look at what was not sent");
  next.look_counts = plan->counts;
  next.look_attempts = node->attempts;
  next.look = (uint8_t)object_reply(node);
  bool by_list = plan->move == MOVE_LOOKUP && !means->absence_final;
  if (by_list && node->object != OBJECT_NONE) next.look = REPLY_PENDING; /* adopted; its status is asked for next */
  model_step(search, &next, false, "it is looked up");
  next.look = REPLY_REFUSED;
  model_step(search, &next, false, "the look is refused");
  if (plan->move == MOVE_SYNC || (!by_list && !node->object_is_new)) return;
  next.look = REPLY_ABSENT;
  model_step(search, &next, false, "it is not found yet");
}

static void count_absence(struct search *search, struct node *next, const struct now *now) {
  bool counts = next->look_counts && next->state == STATE_UNKNOWN && next->look_attempts == next->attempts;
  if (!counts) return;
  if (next->absences == 0) next->absent_at = next->clock;
  next->absences++;
  struct history history = model_history(next, -1);
  enum fact fact = absence_fact(&model_world(search)->means, &history, now);
  for (int i = 0; i < next->attempts && fact == FACT_ABSENT_RESENDABLE; i++)
    next->attempt[i].disproved = true;
  if (fact == FACT_ABSENT_RESENDABLE && next->restored) next->forgotten_disproved = true;
  if (next->absences == 2) next->absences = next->absent_at = 0;
  apply(next, fact);
}

static void conclude_look(struct search *search, const struct node *node, const struct now *now) {
  struct node next = *node;
  struct verdict verdict = verdict_on((enum reply)node->look, FLOW_REFUND_LOOKUP);
  bool ours = node->state == STATE_MANUAL_REVIEW && node->detail == DETAIL_OURS; /* then it is only shown */
  if (!ours && node->look == REPLY_ABSENT) count_absence(search, &next, now);
  if (!ours && node->look != REPLY_ABSENT) {
    if (verdict.attempt_class == CLASS_ACCEPTED) next.has_refund_id = true;
    apply(&next, verdict_fact(&verdict, &(struct circumstances){0}));
  }
  next.look = next.look_counts = next.look_attempts = 0;
  model_step(search, &next, false, "what was found is on disk");
  next = *node;
  next.look = next.look_counts = next.look_attempts = 0;
  model_step(search, &next, false, "what was found is lost");
}

/* ---- Plans ---- */

static void follow_plan(struct search *search, const struct node *node, const struct now *now, bool may_repeat) {
  const struct means *means = &model_world(search)->means;
  struct history history = model_history(node, -1);
  struct node next = *node;
  struct plan plan;
  plan_of(means, &history, now, may_repeat, &plan);
  bool creates = plan.move == MOVE_LOOKUP && means->lookup_may_create;
  bool sends = plan.move == MOVE_SEND || plan.move == MOVE_REPEAT || creates;
  model_forbid(search, sends && !may_repeat, "something is sent where it was only to be asked");
  if (sends) {
    begin_attempt(search, node, &plan);
  } else if ((plan.move == MOVE_LOOKUP || plan.move == MOVE_SYNC) && node->look == REPLY_NONE) {
    ask(search, node, &plan);
  } else if (plan.move == MOVE_REVIEW && apply(&next, FACT_BUDGET_SPENT)) {
    model_step(search, &next, false, plan.reason);
  }
}

static void take_up(struct search *search, const struct node *node, const struct now *now) {
  if (node->worker != WORKER_IDLE) return;
  if (node->state == STATE_SENDING) {
    uint8_t reply = node->attempt[node->attempts - 1].reply;
    conclude(search, *node, reply == REPLY_NONE ? REPLY_LOST : (enum reply)reply, "another process takes it over");
    return;
  }
  struct now set_back = {{now->moment.wall_ms, 0, {"other", 5}}, now->moment.wall_ms + 1};
  follow_plan(search, node, now, true);
  follow_plan(search, node, now, false);
  follow_plan(search, node, &set_back, true);
}

/* ---- People ---- */

static void hear(struct search *search, const struct node *node, enum fact fact, unsigned allowed, const char *what) {
  struct node next = *node;
  if (!apply(&next, fact)) return;
  model_forbid(search, (allowed & (1u << node->state)) == 0, what);
  next.operator_spoke = true;
  model_step(search, &next, true, what);
}

#define IN(state) (1u << STATE_##state)

static void speak(struct search *search, const struct node *node) {
  unsigned open = IN(UNKNOWN) | IN(PENDING) | IN(MANUAL_REVIEW);
  struct node next = *node;
  if (!node->operator_spoke && !node->restored && node->worker == WORKER_IDLE) {
    hear(search, node, FACT_OPERATOR_SUCCEEDED, open, "an operator says succeeded");
    hear(search, node, FACT_OPERATOR_FAILED, open | IN(SUCCEEDED), "an operator says failed");
    hear(search, node, FACT_CANCEL, IN(NEW), "an operator cancels");
    hear(search, node, FACT_RETRY, IN(FAILED), "it is asked for again");
    hear(search, node, FACT_NOT_BUILT, IN(NEW), "it cannot be built");
  }
  bool reported = node->object == OBJECT_PAID || node->object == OBJECT_FAILED;
  if (!reported) return;
  apply(&next, node->object == OBJECT_PAID ? FACT_REPORTED_SUCCESS : FACT_REPORTED_FAILURE);
  model_step(search, &next, false, "the processor reports it");
}

/* The ledger is lost, and a copy from before the first attempt takes its place. */
static void restore(struct search *search, const struct node *node) {
  struct node next = *node;
  if (!model_world(search)->restores || node->restored || node->attempts == 0 || node->operator_spoke) return;
  memset(next.attempt, 0, sizeof next.attempt);
  next.attempts = next.absences = next.absent_at = next.has_refund_id = 0;
  next.worker = next.worker_reply = next.look = next.look_counts = next.look_attempts = 0;
  next.travelling = (uint8_t)(node->travelling + node->waited_for);
  next.waited_for = false;
  next.restored = (uint8_t)(node->clock + 1);
  next.state = STATE_NEW;
  next.detail = DETAIL_NONE;
  apply(&next, FACT_RESTORED);
  model_step(search, &next, true, "the ledger is restored");
}

void model_host(struct search *search, const struct node *node) {
  struct now now = {moment_at(node->clock), model_time(node->clock)};
  work(search, node);
  take_up(search, node, &now);
  if (node->look != REPLY_NONE) conclude_look(search, node, &now);
  speak(search, node);
  restore(search, node);
}
