/* Money: integers of minor units, and a currency of ISO 4217. No floating point anywhere. */
#ifndef DOMAIN_MONEY_H
#define DOMAIN_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/error.h"

/* 2^53 - 1: what every JSON reader of ours and of others holds exactly. */
#define MONEY_GREATEST INT64_C(9007199254740991)

struct currency {
  char code[4];
  char number[4];
  uint8_t exponent; /* decimals of the minor unit */
};

/* Letters in capitals only. NULL if ISO 4217 has no such currency. */
const struct currency *currency_find(refund_text code);
/* Does what a processor echoed, letters in any case or digits, say this currency? What is not there agrees. */
bool currency_agrees(refund_text echoed, const struct currency *currency);
/* The whole table, to walk over: 0 to currency_count() - 1. */
size_t currency_count(void);
const struct currency *currency_at(size_t index);

/* Plain digits within 1 .. MONEY_GREATEST. `field` names the member or option in the error. */
bool money_read_minor(refund_text text, const char *field, int64_t *amount, struct error *error);

/* Major units with exactly the currency's own decimals: 10.00 USD, 1000 JPY, 1.000 KWD. */
bool money_read_major(refund_text text, const struct currency *currency, const char *field, int64_t *amount,
                      struct error *error);

/* "10.00 USD" for a person. The text is NUL-terminated and fits. */
struct money_text {
  char text[40];
};
struct money_text money_show(int64_t amount, int32_t exponent, const char *code);

/* A processor's own units (refund_currency of its descriptor), where they differ from ISO 4217. `rule` NULL: they do
 * not. False and an error if the amount cannot be said in them. */
bool money_to_processor(int64_t amount, const struct currency *currency, const refund_currency *rule, int64_t *out,
                        struct error *error);
/* And back: the ISO amount that an amount in them takes from the payment, rounded up, at most MONEY_GREATEST. */
int64_t money_held_for(int64_t amount, const struct currency *currency, const refund_currency *rule);
int32_t money_exponent(const struct currency *currency, const refund_currency *rule);
/* The rule of a descriptor for a currency, or NULL. */
const refund_currency *money_rule(const refund_descriptor *descriptor, const struct currency *currency);

#endif
