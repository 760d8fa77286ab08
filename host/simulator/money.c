#include "simulator/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { USUAL_DECIMALS = 2 };

static const int64_t LARGEST = INT64_C(999999999999999);

static const struct money_unit unusual[] = {
    {"BIF", 0}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"ISK", 0}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"PYG", 0},
    {"RWF", 0}, {"UGX", 0}, {"UYI", 0}, {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0}, {"BHD", 3},
    {"IQD", 3}, {"JOD", 3}, {"KWD", 3}, {"LYD", 3}, {"OMR", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4},
};

static const struct money_unit *find(const struct money_unit *units, size_t count, const char *currency) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(units[i].currency, currency) == 0) return &units[i];
  }
  return NULL;
}

unsigned money_decimals(const char *currency) {
  const struct money_unit *unit = find(unusual, sizeof unusual / sizeof *unusual, currency);
  return unit == NULL ? USUAL_DECIMALS : unit->decimals;
}

unsigned money_own_decimals(const struct money_unit *units, size_t count, const char *currency) {
  const struct money_unit *unit = find(units, count, currency);
  return unit == NULL ? money_decimals(currency) : unit->decimals;
}

bool money_rescale(int64_t *amount, unsigned from, unsigned to) {
  for (; from < to; from++) {
    *amount *= 10;
    if (*amount > LARGEST) return false;
  }
  for (; from > to; from--) {
    if (*amount % 10 != 0) return false;
    *amount /= 10;
  }
  return true;
}

void money_print(char text[static MONEY_TEXT], int64_t amount, unsigned decimals) {
  int64_t unit = 1;
  for (unsigned i = 0; i < decimals; i++)
    unit *= 10;
  if (decimals == 0) {
    snprintf(text, MONEY_TEXT, "%" PRId64, amount);
  } else {
    snprintf(text, MONEY_TEXT, "%" PRId64 ".%0*" PRId64, amount / unit, (int)decimals, amount % unit);
  }
}
