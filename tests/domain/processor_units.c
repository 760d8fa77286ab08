/* Amounts in a processor's own units, where they are not those of ISO 4217. The rules are Stripe's: ISK and UGX with
 * two decimals that are always 00, MGA without the decimals of ISO, three-decimal currencies in steps of ten. */
#include <criterion/criterion.h>
#include <string.h>

#include "chance.h"
#include "domain/money.h"

static const refund_currency rules[] = {{"ISK", 2, 100}, {"UGX", 2, 100}, {"MGA", 0, 1}, {"KWD", 3, 10}};

static const struct currency *currency(const char *code) {
  return currency_find((refund_text){code, 3});
}

Test(processor_units, are_those_of_iso_without_a_rule) {
  int64_t out = 0;
  struct error error;
  cr_expect(money_to_processor(1234, currency("USD"), NULL, &out, &error));
  cr_expect_eq(out, 1234);
  cr_expect_eq(money_exponent(currency("USD"), NULL), 2);
}

Test(processor_units, follow_the_rule_of_their_currency) {
  static const struct {
    size_t rule;
    int64_t amount, expected;
  } cases[] = {{0, 1000, 100000}, {0, 1, 100}, {1, 5, 500}, {2, 500, 5}, {2, 100, 1}, {3, 1230, 1230}, {3, 10, 10}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const refund_currency *rule = &rules[cases[i].rule];
    int64_t out = 0;
    struct error error;
    cr_expect(money_to_processor(cases[i].amount, currency(rule->code), rule, &out, &error), "%s", error.message);
    cr_expect_eq(out, cases[i].expected, "%lld %s", (long long)cases[i].amount, rule->code);
    cr_expect_eq(money_exponent(currency(rule->code), rule), rule->exponent);
  }
}

Test(processor_units, that_cannot_say_an_amount_refuse_it_with_the_step) {
  static const struct {
    size_t rule;
    int64_t amount;
    const char *message, *expected, *found;
  } cases[] = {
      {2, 150, "the processor cannot refund 1.50 MGA", "a multiple of 1.00 MGA", "1.50 MGA"},
      {2, 1, "the processor cannot refund 0.01 MGA", "a multiple of 1.00 MGA", "0.01 MGA"},
      {3, 1234, "the processor cannot refund 1.234 KWD", "a multiple of 0.010 KWD", "1.234 KWD"},
      {3, 5, "the processor cannot refund 0.005 KWD", "a multiple of 0.010 KWD", "0.005 KWD"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const refund_currency *rule = &rules[cases[i].rule];
    int64_t out = 0;
    struct error error;
    cr_expect_not(money_to_processor(cases[i].amount, currency(rule->code), rule, &out, &error));
    cr_expect_eq(error.code, ERROR_INPUT);
    cr_expect_str_eq(error.field, "refund_amount");
    cr_expect_str_eq(error.message, cases[i].message);
    cr_expect_str_eq(error.expected, cases[i].expected);
    cr_expect_str_eq(error.found, cases[i].found);
  }
}

Test(processor_units, take_steps_of_their_own_units) {
  refund_currency isk = {"ISK", 2, 500};
  int64_t out = 0;
  struct error error;
  cr_expect(money_to_processor(10, currency("ISK"), &isk, &out, &error) && out == 1000);
  cr_expect_not(money_to_processor(11, currency("ISK"), &isk, &out, &error));
  cr_expect_str_eq(error.expected, "a multiple of 5 ISK");
}

Test(processor_units, that_do_not_fit_int64_are_refused) {
  refund_currency wide = {"JPY", 6, 0};
  int64_t out = 0;
  struct error error;
  cr_expect_not(money_to_processor(MONEY_GREATEST * 1000, currency("JPY"), &wide, &out, &error));
  cr_expect(money_to_processor(9000000000000, currency("JPY"), &wide, &out, NULL) && out == 9000000000000000000);
}

/* To the processor and back is the identity, for every currency, every span of decimals and every amount that is taken.
 */
Test(suffered, active_merchant_4160_to_the_processors_units_and_back_is_the_identity) {
  uint64_t seed = 4217;
  for (size_t i = 0; i < currency_count(); i++) {
    for (uint16_t exponent = 0; exponent <= 6; exponent++) {
      refund_currency rule = {"", exponent, (uint16_t)(exponent == 3 ? 10 : 0)};
      for (int round = 0; round < 100; round++) {
        int64_t amount = (int64_t)(chance(&seed) % (uint64_t)MONEY_GREATEST) + 1;
        if (round % 2 == 0) amount = amount / 1000000 * 10000 + 10000;
        int64_t out = 0;
        if (!money_to_processor(amount, currency_at(i), &rule, &out, NULL)) continue;
        int64_t again = money_held_for(out, currency_at(i), &rule);
        cr_assert_eq(again, amount, "%s with %u decimals", currency_at(i)->code, exponent);
      }
    }
  }
}

Test(processor_units, are_found_in_the_descriptor_by_currency) {
  refund_descriptor descriptor = {.currencies = {{"ISK", 2, 100}, {"KWD", 3, 10}}};
  cr_expect_eq(money_rule(&descriptor, currency("KWD")), &descriptor.currencies[1]);
  cr_expect_null(money_rule(&descriptor, currency("USD")));
  for (size_t i = 0; i < REFUND_MAX_CURRENCIES; i++)
    memcpy(descriptor.currencies[i].code, "ISK", 4);
  cr_expect_null(money_rule(&descriptor, currency("USD")), "a full table ends at its end");
}

/* What is held of the payment is never less than what left. */
Test(processor_units, are_held_rounded_up_and_within_bounds) {
  cr_expect_eq(money_held_for(1000, currency("USD"), NULL), 1000);
  cr_expect_eq(money_held_for(100000, currency("ISK"), &rules[0]), 1000);
  cr_expect_eq(money_held_for(100001, currency("ISK"), &rules[0]), 1001);
  cr_expect_eq(money_held_for(1, currency("ISK"), &rules[0]), 1);
  cr_expect_eq(money_held_for(5, currency("MGA"), &rules[2]), 500);
  cr_expect_eq(money_held_for(0, currency("USD"), NULL), 0);
  cr_expect_eq(money_held_for(-5, currency("MGA"), &rules[2]), 0);
  cr_expect_eq(money_held_for(INT64_MIN, currency("ISK"), &rules[0]), 0);
  cr_expect_eq(money_held_for(INT64_MAX, currency("USD"), NULL), MONEY_GREATEST);
  cr_expect_eq(money_held_for(INT64_MAX, currency("MGA"), &rules[2]), MONEY_GREATEST);
  cr_expect_eq(money_held_for(INT64_MAX, currency("ISK"), &rules[0]), MONEY_GREATEST);
}
