/* Units of money. The books count ISO 4217's minor units; a processor may have decimals of its own for a currency, or
 * write major units. */
#ifndef SIMULATOR_MONEY_H
#define SIMULATOR_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A processor's own decimals of a currency. */
struct money_unit {
  char currency[4];
  unsigned decimals;
};

enum { MONEY_TEXT = 32 };

/* Of ISO 4217. */
unsigned money_decimals(const char *currency);

/* The processor's own, else those of ISO 4217. */
unsigned money_own_decimals(const struct money_unit *units, size_t count, const char *currency);

/* From a unit of some decimals to one of others. false: it does not go without a rest, or has too many digits. */
bool money_rescale(int64_t *amount, unsigned from, unsigned to);

/* "10.00" of 1000 with two decimals. */
void money_print(char text[static MONEY_TEXT], int64_t amount, unsigned decimals);

#endif
