/* The processor of the model: what it may do with a request, and when. */
#include "model.h"

static void take(struct search *search, struct node next, bool waited_for, enum reply reply, const char *what) {
  if (!waited_for) {
    model_step(search, &next, false, what);
    return;
  }
  struct node lost = next;
  next.worker = WORKER_ANSWERED;
  next.worker_reply = (uint8_t)reply;
  model_step(search, &next, false, what);
  lost.worker = WORKER_ANSWERED;
  lost.worker_reply = REPLY_LOST;
  model_step(search, &lost, false, what);
}

struct doing {
  const char *what;
  enum reply reply;
  enum object object;
  bool good; /* answered with 2xx */
};
static const struct doing doings[] = {
    {"is rejected", REPLY_REJECTED, OBJECT_NONE, false},
    {"breaks before anything is done", REPLY_BROKEN, OBJECT_NONE, false},
    {"breaks after money moved", REPLY_BROKEN, OBJECT_PAID, false},
    {"is paid", REPLY_SUCCESS, OBJECT_PAID, true},
    {"is pending", REPLY_PENDING, OBJECT_PENDING, true},
    {"fails", REPLY_FAILURE, OBJECT_FAILED, true},
};

static void carry_out(struct search *search, const struct node *node, bool waited_for) {
  const struct means *means = &model_world(search)->means;
  for (size_t i = 0; i < sizeof doings / sizeof *doings; i++) {
    const struct doing *doing = &doings[i];
    struct node next = *node;
    if (doing->object != OBJECT_NONE) {
      next.object = (uint8_t)doing->object;
      next.object_is_new = true;
      if (doing->object != OBJECT_FAILED) next.moved++;
    }
    if (means->key && (doing->good || !means->key_keeps_2xx)) {
      next.stored = (uint8_t)doing->reply;
      next.stored_is_old = false;
    }
    /* To declare REFUND_KEY_KEEPS_2XX_ONLY is to say that such an answer is not lost, and comes to the last request. */
    bool has_to_be_heard = doing->object == OBJECT_PAID && !doing->good && means->key_keeps_2xx;
    if (!has_to_be_heard) {
      take(search, next, waited_for, doing->reply, doing->what);
    } else if (waited_for && node->travelling == 0) {
      next.worker = WORKER_WRITTEN;
      next.worker_reply = next.attempt[node->attempts - 1].reply = (uint8_t)doing->reply;
      model_step(search, &next, false, doing->what);
    }
  }
}

static void arrive(struct search *search, const struct node *node, bool waited_for) {
  const struct world *world = model_world(search);
  enum reply mark = world->says_replay ? REPLY_REPLAYED : REPLY_NONE;
  /* By whatever stands before the key: a rate limit, a gateway, the access rights. */
  take(search, *node, waited_for, REPLY_REFUSED, "is refused unprocessed");
  take(search, *node, waited_for, REPLY_REJECTED, "is rejected at the gate");
  if (node->stored != REPLY_NONE) take(search, *node, waited_for, node->stored | mark, "is answered from the store");
  if (node->stored != REPLY_NONE && !node->stored_is_old) return;
  if (world->means.unique_reference && node->object != OBJECT_NONE) {
    take(search, *node, waited_for, REPLY_DUPLICATE, "is a duplicate");
  } else {
    carry_out(search, node, waited_for);
  }
}

static void settle(struct search *search, const struct node *node) {
  struct node next = *node;
  if (node->object == OBJECT_PENDING) {
    next.object = OBJECT_PAID;
    model_step(search, &next, false, "the processor pays");
    next.object = OBJECT_FAILED;
    next.moved--;
    model_step(search, &next, false, "the processor gives up");
  } else if (node->object == OBJECT_PAID) {
    next.object = OBJECT_FAILED;
    next.moved--;
    next.reversed = true;
    model_step(search, &next, false, "the processor takes it back");
  }
}

void model_processor(struct search *search, const struct node *node) {
  struct node next = *node;
  if (node->travelling > 0) {
    next.travelling--;
    arrive(search, &next, false);
  }
  if (node->waited_for) {
    next = *node;
    next.waited_for = false;
    arrive(search, &next, true);
  }
  settle(search, node);
  /* No attempt, no look and no request takes as long as a step of the clock. */
  bool busy = node->worker != WORKER_IDLE || node->look != REPLY_NONE || node->travelling > 0;
  if (busy || node->clock == CLOCKS - 1) return;
  next = *node;
  next.clock++;
  next.object_is_new = false;
  next.stored_is_old = node->stored != REPLY_NONE && (node->stored_is_old || next.clock == KEY_ENDS);
  model_step(search, &next, false, "time passes");
}
