/* A connector's surroundings without a host: a call with scratch memory, and sinks that keep what they are given and
 * refuse when told to. */
#ifndef TESTS_TOOLKIT_FAKE_H
#define TESTS_TOOLKIT_FAKE_H

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refund_toolkit.h"

#define T(literal) ((refund_text){"" literal, sizeof(literal) - 1})
#define NOT_THERE ((refund_text){NULL, 0})

#define expect_text(text, literal)                                                                             \
  do {                                                                                                         \
    refund_text is = (text);                                                                                   \
    cr_expect(is.data != NULL && is.size == sizeof(literal) - 1 && memcmp(is.data, literal, is.size) == 0,     \
              "expected \"%s\", found \"%.*s\"", literal, (int)is.size, is.data == NULL ? "(none)" : is.data); \
  } while (0)

/* ---- The call ---- */

enum { BLOCKS = 4096 };

struct fake {
  refund_call call; /* first: a call's address is its fake's */
  refund_host host;
  void *blocks[BLOCKS]; /* each of just its size, so that a sanitizer sees a step beyond it */
  size_t block_count;
  size_t allocations_allowed;
  char field[64]; /* of the last fail() */
  char message[256];
};

static inline struct fake *fake_of(const refund_call *call) {
  return (struct fake *)(uintptr_t)call;
}

static inline void *fake_allocate(const refund_call *call, uint64_t size) {
  struct fake *fake = fake_of(call);
  if (fake->block_count == BLOCKS || fake->block_count >= fake->allocations_allowed) return NULL;
  return fake->blocks[fake->block_count++] = calloc(1, size == 0 ? 1 : size);
}

static inline void fake_fail(const refund_call *call, refund_text field, refund_text message) {
  struct fake *fake = fake_of(call);
  snprintf(fake->field, sizeof fake->field, "%.*s", (int)field.size, field.data);
  snprintf(fake->message, sizeof fake->message, "%.*s", (int)message.size, message.data);
}

static inline struct fake *fake_open(void) {
  struct fake *fake = calloc(1, sizeof *fake);
  fake->host = (refund_host){.size = sizeof fake->host, .allocate = fake_allocate, .fail = fake_fail};
  fake->call.size = sizeof fake->call;
  fake->call.host = &fake->host;
  fake->allocations_allowed = SIZE_MAX;
  return fake;
}

static inline void fake_close(struct fake *fake) {
  for (size_t i = 0; i < fake->block_count; i++)
    free(fake->blocks[i]);
  free(fake);
}

/* ---- Sinks ---- */

/* Takes bytes up to `limit`; from its first refusal on it would take more again, so a writer that goes on is seen. */
struct paper {
  refund_bytes sink; /* first */
  char text[8192];
  size_t size;
  size_t limit;
  int refusals;
  int written_after_refusal;
};

static inline int32_t paper_write(refund_bytes *sink, const void *data, uint64_t size) {
  struct paper *paper = (struct paper *)(void *)sink;
  if (paper->refusals > 0) paper->written_after_refusal++;
  if (size > paper->limit - paper->size) {
    paper->refusals++;
    return REFUND_SINK_REFUSED;
  }
  if (size > 0) memcpy(paper->text + paper->size, data, size);
  paper->size += size;
  return REFUND_OK;
}

static inline void paper_open(struct paper *paper) {
  memset(paper, 0, sizeof *paper);
  paper->sink.size = sizeof paper->sink;
  paper->sink.write = paper_write;
  paper->limit = sizeof paper->text;
}

static inline refund_text paper_text(const struct paper *paper) {
  return (refund_text){paper->text, paper->size};
}

/* ---- Chance, from a seed that a failure can name ---- */

static inline uint64_t chance(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 3;
}

#endif
