/* What is sent back for one request, and the ways in which it may get lost. */
#ifndef SIMULATOR_ANSWER_H
#define SIMULATOR_ANSWER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct fault;
struct refund;

/* What every API must be able to refuse, each in its own form. */
enum refusal {
  REFUSAL_NONE,
  REFUSAL_UNAUTHORIZED,
  REFUSAL_KEY_INVALID, /* of the idempotency key */
  REFUSAL_KEY_REUSED,
  REFUSAL_RATE,
  REFUSAL_SERVER,
  REFUSAL_NO_LOOKUP, /* not supported */
  REFUSAL_COUNT
};

enum delivery {
  DELIVER_WHOLE,
  DELIVER_HALF, /* announced whole, cut half way */
  DELIVER_RESET /* no answer at all: the connection is reset */
};

struct answer {
  unsigned status;
  char *body;               /* malloc'ed; NULL: none could be made */
  const char *content_type; /* NULL: JSON */
  unsigned retry_after;     /* seconds; 0: not said */
  bool executed;            /* not a failed validation: kept under the idempotency key */
  bool replayed;
  enum delivery delivery;
  int64_t delay;             /* milliseconds until it is delivered */
  struct refund *refund;     /* the one made, valid under the books' lock; NULL: none */
  const struct fault *fault; /* the one that took effect; NULL: none */
};

/* Both replace what the answer said before. `json` is consumed; text is copied. */
void answer_json(struct answer *answer, unsigned status, cJSON *json);
void answer_text(struct answer *answer, unsigned status, const char *text, const char *content_type);
void answer_clear(struct answer *answer);

/* Money as a JSON number to the last digit, which a double would not be. */
void answer_add_integer(cJSON *object, const char *name, int64_t value);

/* An amount as text in major units: "10.00". */
void answer_add_major(cJSON *object, const char *name, int64_t amount, unsigned decimals);

/* A string, or null where there is none. */
void answer_add_string(cJSON *object, const char *name, const char *value);

/* An API's word for what the books say. */
struct answer_word {
  const char *status;
  const char *word;
};

/* What is not in the table stays as it is. */
const char *answer_word(const struct answer_word *words, size_t count, const char *status);

#endif
