/* Reading JSON bodies. */
#ifndef SIMULATOR_BODIES_H
#define SIMULATOR_BODIES_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct call;

/* The whole body and nothing behind it; the caller's to delete. NULL: it is no JSON. */
cJSON *body_parse(const struct call *call);

/* A whole number, 1 or more, of the books' fifteen digits at most. */
bool body_amount(const cJSON *item, int64_t *amount);

/* A member that may be left out or null (then NULL); false if it is something else than text. */
bool body_text(const cJSON *object, const char *name, const char **text);

/* By a path, "orderInformation/amountDetails". NULL: not there. */
const cJSON *body_at(const cJSON *object, const char *path);

/* The text at a path. NULL: not there, or something else. */
const char *body_text_at(const cJSON *object, const char *path);

#endif
