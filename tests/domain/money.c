/* Amounts for and from people: every currency, every spelling. Integers only. */
#include "domain/money.h"

#include <criterion/criterion.h>
#include <string.h>

#include "chance.h"

static refund_text text_of(const char *string) {
  return (refund_text){string, string == NULL ? 0 : strlen(string)};
}

static const struct currency *currency(const char *code) {
  const struct currency *found = currency_find(text_of(code));
  cr_assert_not_null(found, "%s", code);
  return found;
}

/* ---- The table ---- */

/* ISO 4217 names these as having other than two decimals; all others have two. */
static int exponent_of(const char *code) {
  static const char *const zero[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
                                     "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
  static const char *const three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  static const char *const four[] = {"CLF", "UYW"};
  for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) {
    if (strcmp(zero[i], code) == 0) return 0;
  }
  for (size_t i = 0; i < sizeof three / sizeof *three; i++) {
    if (strcmp(three[i], code) == 0) return 3;
  }
  for (size_t i = 0; i < sizeof four / sizeof *four; i++) {
    if (strcmp(four[i], code) == 0) return 4;
  }
  return 2;
}

Test(currency, has_the_decimals_of_iso_4217) {
  size_t others = 0;
  for (size_t i = 0; i < currency_count(); i++) {
    cr_expect_eq(currency_at(i)->exponent, exponent_of(currency_at(i)->code), "%s", currency_at(i)->code);
    others += currency_at(i)->exponent != 2;
  }
  cr_expect_eq(others, 26, "each of those that differ is in the table");
}

Test(currency, stands_once_in_order_with_three_letters_and_three_digits) {
  for (size_t i = 0; i < currency_count(); i++) {
    const struct currency *at = currency_at(i);
    cr_expect(strspn(at->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && strlen(at->code) == 3, "%s", at->code);
    cr_expect(strspn(at->number, "0123456789") == 3 && strlen(at->number) == 3, "%s", at->code);
    cr_expect(i == 0 || strcmp(currency_at(i - 1)->code, at->code) < 0, "%s", at->code);
    for (size_t j = 0; j < i; j++) {
      bool same = strcmp(currency_at(j)->number, at->number) == 0;
      bool successor = strcmp(currency_at(j)->code, "ANG") == 0 && strcmp(at->code, "XCG") == 0;
      cr_expect(!same || successor, "%s and %s", currency_at(j)->code, at->code);
    }
  }
}

Test(currency, is_found_in_capitals_only) {
  for (size_t i = 0; i < currency_count(); i++) {
    cr_expect_eq(currency_find(text_of(currency_at(i)->code)), currency_at(i));
  }
  static const char *const wrong[] = {"usd", "Usd", "US", "USDX", "", "XXX", "XTS", "840", "US\xC3\x84", "XAU"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_null(currency_find(text_of(wrong[i])), "%s", wrong[i]);
  cr_expect_null(currency_find(text_of(NULL)));
}

/* ---- The law ---- */

/* What money_show writes, money_read_major reads: for every currency, up to 2^53 - 1. */
static void returns(int64_t amount, const struct currency *of) {
  struct money_text shown = money_show(amount, of->exponent, of->code);
  char *space = strchr(shown.text, ' ');
  int64_t again = 0;
  struct error error;
  cr_assert(space != NULL && strcmp(space + 1, of->code) == 0, "%s", shown.text);
  refund_text digits = {shown.text, (uint64_t)(space - shown.text)};
  cr_assert(money_read_major(digits, of, "--amount", &again, &error), "%s: %s", shown.text, error.message);
  cr_assert_eq(again, amount, "%s", shown.text);
}

Test(suffered, active_merchant_4160_shown_and_read_is_the_identity_for_every_currency) {
  uint64_t seed = 1;
  for (size_t i = 0; i < currency_count(); i++) {
    static const int64_t corners[] = {
        1, 9, 10, 99, 100, 101, 999, 1000, 9999, 10000, 10001, MONEY_GREATEST - 1, MONEY_GREATEST};
    for (size_t j = 0; j < sizeof corners / sizeof *corners; j++)
      returns(corners[j], currency_at(i));
    for (int round = 0; round < 500; round++) {
      int64_t span = round % 2 == 0 ? MONEY_GREATEST : 1000000;
      returns((int64_t)(chance(&seed) % (uint64_t)span) + 1, currency_at(i));
    }
  }
}

/* Above 2^53 a double holds only every second integer; the neighbours below it must stay apart. */
Test(money, keeps_neighbours_apart_at_the_greatest_amount) {
  cr_expect_str_eq(money_show(MONEY_GREATEST, 2, "USD").text, "90071992547409.91 USD");
  cr_expect_str_eq(money_show(MONEY_GREATEST - 1, 2, "USD").text, "90071992547409.90 USD");
  cr_expect_str_eq(money_show(INT64_MAX, 3, "KWD").text, "9223372036854775.807 KWD");
  cr_expect_str_eq(money_show(INT64_MIN, 0, "JPY").text, "-9223372036854775808 JPY");
  cr_expect_str_eq(money_show(-5, 2, "USD").text, "-0.05 USD");
}

/* ---- Minor units ---- */

Test(minor_units, are_plain_digits_from_1_to_the_greatest) {
  static const struct {
    const char *text;
    int64_t amount;
  } cases[] = {{"1", 1}, {"1000", 1000}, {"9007199254740991", MONEY_GREATEST}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t amount = 0;
    struct error error;
    cr_expect(money_read_minor(text_of(cases[i].text), "refund_amount", &amount, &error), "%s", cases[i].text);
    cr_expect_eq(amount, cases[i].amount);
  }
}

/* Refused for that field, with all three parts of the explanation. */
static void explains(const struct error *error, const char *field, const char *text) {
  cr_expect_eq(error->code, ERROR_INPUT, "%s", text);
  cr_expect_str_eq(error->field, field, "%s", text);
  cr_expect_not_null(strstr(error->message, field), "%s: %s", text, error->message);
  cr_expect_str_not_empty(error->expected, "%s", text);
  cr_expect_str_not_empty(error->fix, "%s", text);
  cr_expect_eq(strncmp(error->found, text, strlen(error->found)), 0, "%s: %s", text, error->found);
  cr_expect(error->found[0] != '\0' || text[0] == '\0', "%s", text);
}

Test(minor_units, written_in_any_other_way_are_refused_with_an_explanation) {
  static const char *const wrong[] = {"",
                                      "0",
                                      "-1",
                                      "+1",
                                      "1.0",
                                      "10.00",
                                      "1e3",
                                      "1E3",
                                      "0x10",
                                      "010",
                                      "00",
                                      " 1",
                                      "1 ",
                                      "1,000",
                                      "1_0",
                                      "\"1\"",
                                      "NaN",
                                      "one",
                                      "-0",
                                      "0.5",
                                      ".5",
                                      "9007199254740992",
                                      "99999999999999999999",
                                      "18446744073709551617"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t amount = 0;
    struct error error;
    cr_expect_not(money_read_minor(text_of(wrong[i]), "refund_amount", &amount, &error), "%s", wrong[i]);
    explains(&error, "refund_amount", wrong[i]);
  }
}

/* ---- Major units ---- */

Test(major_units, show_exactly_the_currencys_own_decimals) {
  static const struct {
    const char *text, *code;
    int64_t amount;
  } cases[] = {{"10.00", "USD", 1000},
               {"0.01", "USD", 1},
               {"1000", "JPY", 1000},
               {"1.000", "KWD", 1000},
               {"0.001", "BHD", 1},
               {"1", "KRW", 1},
               {"1.2345", "CLF", 12345},
               {"5.250", "IQD", 5250},
               {"90071992547409.91", "USD", MONEY_GREATEST},
               {"9007199254740991", "JPY", MONEY_GREATEST}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t amount = 0;
    struct error error;
    cr_expect(money_read_major(text_of(cases[i].text), currency(cases[i].code), "--amount", &amount, &error), "%s %s",
              cases[i].text, cases[i].code);
    cr_expect_eq(amount, cases[i].amount, "%s %s", cases[i].text, cases[i].code);
  }
}

Test(major_units, written_in_any_other_way_are_refused_with_an_explanation) {
  static const struct {
    const char *text, *code;
  } wrong[] = {{"10", "USD"},
               {"10.0", "USD"},
               {"10.000", "USD"},
               {"10.", "USD"},
               {".10", "USD"},
               {"1.00", "JPY"},
               {"1.", "JPY"},
               {"1.00", "KWD"},
               {"1.0000", "KWD"},
               {"010.00", "USD"},
               {"-10.00", "USD"},
               {"+10.00", "USD"},
               {"1e3", "USD"},
               {"1e3", "JPY"},
               {"10,00", "USD"},
               {"1,000.00", "USD"},
               {"10.00 ", "USD"},
               {" 10.00", "USD"},
               {"", "USD"},
               {"$10.00", "USD"},
               {"1.0.0", "USD"},
               {"0x1.00", "USD"},
               {"0.00", "USD"},
               {"0", "JPY"},
               {"00.10", "USD"},
               {"90071992547409.92", "USD"},
               {"9007199254740992", "JPY"},
               {"99999999999999999999.00", "USD"},
               {"1.0e", "USD"},
               {"1.-0", "USD"},
               {"--amount", "USD"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t amount = 0;
    struct error error;
    cr_expect_not(money_read_major(text_of(wrong[i].text), currency(wrong[i].code), "--amount", &amount, &error),
                  "%s %s", wrong[i].text, wrong[i].code);
    explains(&error, "--amount", wrong[i].text);
  }
}

Test(major_units, are_refused_with_the_right_spelling_where_it_is_clear) {
  static const struct {
    const char *text, *code, *fix;
  } cases[] = {{"10", "USD", "write 10.00 USD"},
               {"10.0", "USD", "write 10.00 USD"},
               {"10.5", "USD", "write 10.50 USD"},
               {"1.00", "JPY", "write 1 JPY"},
               {"1.00", "KWD", "write 1.000 KWD"},
               {"010.00", "USD", "write 10.00 USD"},
               {"10.001", "USD", "write the amount in USD with 2 decimals"},
               {"1.50", "JPY", "write the amount in JPY with 0 decimals"},
               {"-5.00", "USD", "write the amount in USD with 2 decimals"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t amount = 0;
    struct error error;
    cr_expect_not(money_read_major(text_of(cases[i].text), currency(cases[i].code), "--amount", &amount, &error));
    cr_expect_str_eq(error.fix, cases[i].fix, "%s %s", cases[i].text, cases[i].code);
  }
}

Test(major_units, may_be_absent_only_with_an_explanation) {
  int64_t amount = 0;
  struct error error;
  cr_expect_not(money_read_major(text_of(NULL), currency("USD"), "--amount", &amount, &error));
  explains(&error, "--amount", "");
  cr_expect_not(money_read_minor(text_of(NULL), "--amount-minor", &amount, &error));
  explains(&error, "--amount-minor", "");
}
