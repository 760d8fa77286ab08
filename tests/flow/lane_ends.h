/* All the ways in which an attempt ends for a lane. */
#ifndef TESTS_FLOW_LANE_ENDS_H
#define TESTS_FLOW_LANE_ENDS_H

#include "flow/lane.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, START = 5 * MINUTE };

/* By a letter. */
static const struct {
  char letter;
  struct lane_end end;
} ends[] = {
    {'A', {.attempt_class = CLASS_NOT_SENT}},
    {'U', {.attempt_class = CLASS_NOT_SENT, .unreachable = true}},
    {'B', {.attempt_class = CLASS_AMBIGUOUS}},
    {'5', {.attempt_class = CLASS_AMBIGUOUS, .http_status = 502}},
    {'T', {.attempt_class = CLASS_REFUSED, .http_status = 500}}, /* a 5xx is no answer, whoever classed it */
    {'r', {.attempt_class = CLASS_REFUSED, .http_status = 429, .retry_after = LANE_RETRY_AFTER_GREATEST}},
    {'R', {.attempt_class = CLASS_REFUSED, .http_status = 429, .retry_after = LANE_RETRY_AFTER_GREATEST + 1}},
    {'S', {.attempt_class = CLASS_AMBIGUOUS, .http_status = 503, .retry_after = 20 * MINUTE}},
    {'a', {.attempt_class = CLASS_REFUSED, .http_status = 401, .about_account = true}},
    {'C', {.attempt_class = CLASS_REJECTED, .http_status = 400, .retry_after = 20 * MINUTE}},
    {'c', {.attempt_class = CLASS_DUPLICATE, .http_status = 409}},
    {'D', {.attempt_class = CLASS_ACCEPTED, .http_status = 202, .retry_after = 20 * MINUTE}},
    {'0', {.attempt_class = CLASS_ABSENT, .http_status = 404}},
};

static inline void end(struct lane *lane, char letter, int64_t now) {
  size_t i = 0;
  while (ends[i].letter != letter)
    i++;
  lane_end(lane, &ends[i].end, now);
}

#endif
