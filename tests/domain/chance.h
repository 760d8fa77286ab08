/* Chance from a seed, so that a failure can be had again. */
#ifndef TESTS_DOMAIN_CHANCE_H
#define TESTS_DOMAIN_CHANCE_H

#include <stdint.h>

static inline uint64_t chance(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 3;
}

#endif
