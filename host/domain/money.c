#include "domain/money.h"

#include <stdio.h>
#include <string.h>

#include "refund_toolkit.h"

/* How much of a foreign text an error shows. */
static int shown(refund_text text) {
  return text.size > 40 ? 40 : (int)text.size;
}

static bool is_digits(refund_text text) {
  for (uint64_t i = 0; i < text.size; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
  }
  return text.size > 0;
}

/* Leading zeros are refused: nobody writes them by intent, and 010 is 8 to some. */
static bool check_amount(refund_text text, const char *field, bool read, const int64_t *amount, struct error *error) {
  if (read && *amount > 0 && *amount <= MONEY_GREATEST) return true;
  error_set(error, ERROR_INPUT, field, "%s is not an amount that can be refunded", field);
  error_expected(error, "1 to %lld minor units", (long long)MONEY_GREATEST);
  error_found(error, "%.*s", shown(text), text.data);
  return error_fix(error, "give an amount within these bounds");
}

bool money_read_minor(refund_text text, const char *field, int64_t *amount, struct error *error) {
  if (!is_digits(text) || (text.size > 1 && text.data[0] == '0')) {
    error_set(error, ERROR_INPUT, field, "%s is not a whole number of minor units written as plain digits", field);
    error_expected(error, "digits only, such as 1000 for 10.00 USD");
    error_found(error, "%.*s", shown(text), text.data == NULL ? "" : text.data);
    return error_fix(error, "write it without sign, point, exponent and leading zeros");
  }
  bool read = refund_read_integer(text, amount) != 0;
  return check_amount(text, field, read, amount, error);
}

/* What the author of "10" or "10.0" USD probably meant: their digits with the right number of decimals. */
static void suggest(refund_text text, const struct currency *currency, struct error *error) {
  int64_t amount;
  if (refund_read_major(text, currency->exponent, &amount) && amount > 0) {
    error_fix(error, "write %s", money_show(amount, currency->exponent, currency->code).text);
  } else {
    error_fix(error, "write the amount in %s with %u decimals", currency->code, currency->exponent);
  }
}

bool money_read_major(refund_text text, const struct currency *currency, const char *field, int64_t *amount,
                      struct error *error) {
  const char *point = text.data == NULL ? NULL : memchr(text.data, '.', text.size);
  size_t whole = point == NULL ? text.size : (size_t)(point - text.data);
  size_t decimals = point == NULL ? 0 : text.size - whole - 1;
  refund_text before = {text.data, whole};
  refund_text after = {point == NULL ? NULL : point + 1, decimals};
  bool well_formed = is_digits(before) && (whole == 1 || text.data[0] != '0') &&
                     (currency->exponent == 0 ? point == NULL : point != NULL && is_digits(after)) &&
                     decimals == currency->exponent;
  if (!well_formed) {
    error_set(error, ERROR_INPUT, field, "%s does not show exactly the decimals of %s", field, currency->code);
    error_expected(error, "digits with %u decimals", currency->exponent);
    error_found(error, "%.*s", shown(text), text.data == NULL ? "" : text.data);
    suggest(text, currency, error);
    return false;
  }
  bool read = refund_read_major(text, currency->exponent, amount) != 0;
  return check_amount(text, field, read, amount, error);
}

struct money_text money_show(int64_t amount, int32_t exponent, const char *code) {
  struct money_text shown_text;
  struct buffer buffer;
  buffer_open(&buffer, sizeof shown_text.text - 1);
  refund_put_major(&buffer.sink, amount, exponent);
  refund_puts(&buffer.sink, " ");
  refund_puts(&buffer.sink, code);
  snprintf(shown_text.text, sizeof shown_text.text, "%s", buffer_text(&buffer).data);
  buffer_close(&buffer);
  return shown_text;
}

/* 10^n for 0 <= n <= 6, the span between any two exponents here. */
static int64_t power_of_ten(int n) {
  int64_t power = 1;
  for (int i = 0; i < n; i++)
    power *= 10;
  return power;
}

int32_t money_exponent(const struct currency *currency, const refund_currency *rule) {
  return rule == NULL ? currency->exponent : rule->exponent;
}

bool money_to_processor(int64_t amount, const struct currency *currency, const refund_currency *rule, int64_t *out,
                        struct error *error) {
  *out = amount;
  if (rule == NULL) return true;
  int more = (int)rule->exponent - (int)currency->exponent;
  int64_t factor = power_of_ten(more < 0 ? -more : more);
  bool fits = more < 0 ? amount % factor == 0 : amount <= INT64_MAX / factor;
  if (fits) *out = more < 0 ? amount / factor : amount * factor;
  if (fits && (rule->multiple < 2 || *out % rule->multiple == 0)) return true;
  error_set(error, ERROR_INPUT, "refund_amount", "the processor cannot refund %s",
            money_show(amount, currency->exponent, currency->code).text);
  int64_t step = rule->multiple < 2 ? 1 : rule->multiple;
  int64_t least = more < 0 ? step * factor : step;
  if (more > 0) least = step <= factor ? 1 : step / factor;
  error_expected(error, "a multiple of %s", money_show(least, currency->exponent, currency->code).text);
  return error_found(error, "%s", money_show(amount, currency->exponent, currency->code).text);
}

int64_t money_held_for(int64_t amount, const struct currency *currency, const refund_currency *rule) {
  int more = rule == NULL ? 0 : (int)rule->exponent - (int)currency->exponent;
  int64_t factor = power_of_ten(more < 0 ? -more : more);
  if (amount <= 0) return 0;
  if (more < 0) return amount > MONEY_GREATEST / factor ? MONEY_GREATEST : amount * factor;
  int64_t up = amount / factor + (amount % factor != 0);
  return up > MONEY_GREATEST ? MONEY_GREATEST : up;
}

const refund_currency *money_rule(const refund_descriptor *descriptor, const struct currency *currency) {
  for (size_t i = 0; i < REFUND_MAX_CURRENCIES && descriptor->currencies[i].code[0] != '\0'; i++) {
    if (memcmp(descriptor->currencies[i].code, currency->code, 3) == 0) return &descriptor->currencies[i];
  }
  return NULL;
}
