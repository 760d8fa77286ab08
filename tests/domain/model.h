/* A model of one refund: our durable record, a process that may die at any step, another one that looks, an operator,
 * and a processor that may do or lose anything that the rules allow it to. Each step is one of these moving; the search
 * takes all of them in every order. */
#ifndef TESTS_DOMAIN_MODEL_H
#define TESTS_DOMAIN_MODEL_H

#include "domain/recovery.h"
#include "domain/verdict.h"

enum { ATTEMPTS = 3, CLOCKS = 6 };

/* What the processor offers, as declared to the host. */
struct world {
  const char *name;
  struct means means;
  bool says_replay; /* a stored answer is marked as such */
  int attempts;     /* as many at most */
  bool restores;    /* the ledger may be lost */
};

enum reply {
  REPLY_NONE,
  REPLY_UNSENT, /* it did not leave */
  REPLY_LOST,
  REPLY_REFUSED,
  REPLY_REJECTED,
  REPLY_BROKEN, /* 5xx */
  REPLY_DUPLICATE,
  REPLY_SUCCESS,
  REPLY_PENDING,
  REPLY_FAILURE,
  REPLY_ABSENT, /* to a look */
  REPLIES,
  REPLY_REPLAYED = 0x40 /* with one of the above */
};

enum object { OBJECT_NONE, OBJECT_PENDING, OBJECT_PAID, OBJECT_FAILED };

/* The clock's steps are longer than an attempt, a settle delay and the time between two absences; a key's window ends
 * at KEY_ENDS, and the last step is beyond every budget. */
enum { KEY_ENDS = 3 };

enum worker {
  WORKER_IDLE,     /* or dead: the next process takes over what it left */
  WORKER_RECORDED, /* the attempt is on disk */
  WORKER_WAITING,  /* the request left */
  WORKER_ANSWERED, /* the reply is in memory */
  WORKER_WRITTEN   /* the reply is on disk */
};

enum { UNDER_WAY = CLASSES };

/* Bytes only, so that two nodes are equal if their bytes are. */
struct node {
  /* On disk. */
  uint8_t state;
  uint8_t detail;
  uint8_t attempts;
  struct {
    uint8_t attempt_class; /* or UNDER_WAY */
    uint8_t disproved;
    uint8_t at;
    uint8_t spoils_key; /* its answer was none of those that every processor keeps */
    uint8_t reply;      /* on disk, not mapped yet */
    uint8_t same_key;
    uint8_t creates; /* it is a look-up that may create */
  } attempt[ATTEMPTS];
  uint8_t absences;
  uint8_t absent_at;
  uint8_t has_refund_id;
  uint8_t restored;            /* from a backup made before the first attempt; when, plus one */
  uint8_t forgotten_disproved; /* what was sent before that is known to have done nothing */
  /* In memory of two processes. */
  uint8_t worker;
  uint8_t worker_reply;
  uint8_t look; /* the reply to a look, not yet applied */
  uint8_t look_counts;
  uint8_t look_attempts; /* how many there were when it was asked */
  /* Outside. */
  uint8_t clock;
  uint8_t operator_spoke;
  uint8_t travelling; /* requests that nobody waits for any more */
  uint8_t waited_for; /* one more that somebody waits for */
  uint8_t object;
  uint8_t object_is_new; /* a look may not find it yet */
  uint8_t moved;         /* how often money moved or is about to */
  uint8_t reversed;
  uint8_t stored;        /* the answer under our key */
  uint8_t stored_is_old; /* it may be forgotten */
};

struct search;

/* Hands in what may come next. `by_person`: not by itself. */
void model_step(struct search *search, const struct node *next, bool by_person, const char *what);
/* What the law forbids in a single step. */
void model_forbid(struct search *search, bool forbidden, const char *law);
const struct world *model_world(const struct search *search);

void model_processor(struct search *search, const struct node *node);
void model_host(struct search *search, const struct node *node);

bool model_may_have_arrived(const struct node *node, int attempt);
struct history model_history(const struct node *node, int without);
int64_t model_time(unsigned clock);

#endif
