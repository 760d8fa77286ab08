/* An account's limits: what they are by default, what they may be, and a sentence for each way to get one wrong. */
#include "office.h"

static bool read_limits(struct office *office, const char *limits) {
  char members[4096];
  snprintf(members, sizeof members, "\"credentials\": {}, \"limits\": %s", limits);
  return office_read_demo(office, members);
}

static struct account_limits limits_of(struct office *office, const char *text) {
  cr_assert(read_limits(office, text), "%s", office->error.message);
  const struct account *account = accounts_find(office->accounts, (refund_text){"demo", 4}, &office->error);
  cr_assert_not_null(account);
  return account->limits;
}

Test(limits, have_defaults) {
  static const char *const none[] = {"null", "{}", "{\"timeout\": null, \"rate\": null, \"day_total\": null}"};
  struct office office = office_open();
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    struct account_limits limits = limits_of(&office, none[i]);
    cr_expect_eq(limits.connect_timeout_ms, 10000);
    cr_expect_eq(limits.timeout_ms, 60000);
    cr_expect_eq(limits.retry_budget_ms, 900000);
    cr_expect_eq(limits.settle_delay_ms, ACCOUNT_NOT_SAID);
    cr_expect_eq(limits.repeat_after_ms, ACCOUNT_NOT_SAID);
    cr_expect_eq(limits.rate, 0);
    cr_expect_eq(limits.concurrency, 0);
    cr_expect_eq(limits.max_refund_count, 0);
    cr_expect_eq(limits.day_total_count, 0);
  }
  office_close(&office);
}

Test(limits, are_read_each_into_its_own_place) {
  struct office office = office_open();
  struct account_limits limits =
      limits_of(&office,
                "{\"connect_timeout\": 2, \"timeout\": 3, \"retry_budget\": 4, \"settle_delay\": 5,"
                " \"repeat_after\": 6, \"rate\": 7, \"concurrency\": 8, \"max_refund\": {\"EUR\": 9},"
                " \"day_total\": {\"JPY\": 10, \"KWD\": 9007199254740991}}");
  cr_expect_eq(limits.connect_timeout_ms, 2000);
  cr_expect_eq(limits.timeout_ms, 3000);
  cr_expect_eq(limits.retry_budget_ms, 4000);
  cr_expect_eq(limits.settle_delay_ms, 5000);
  cr_expect_eq(limits.repeat_after_ms, 6000);
  cr_expect_eq(limits.rate, 7);
  cr_expect_eq(limits.concurrency, 8);
  cr_assert_eq(limits.max_refund_count, 1);
  cr_expect(text_is(limits.max_refund[0].currency, "EUR"));
  cr_expect_eq(limits.max_refund[0].amount, 9);
  cr_assert_eq(limits.day_total_count, 2);
  cr_expect(text_is(limits.day_total[0].currency, "JPY"));
  cr_expect_eq(limits.day_total[0].amount, 10);
  cr_expect(text_is(limits.day_total[1].currency, "KWD"));
  cr_expect_eq(limits.day_total[1].amount, INT64_C(9007199254740991));
  office_close(&office);
}

Test(limits, that_are_numbers_have_bounds) {
  static const struct {
    const char *name;
    long long least, greatest;
    const char *expected;
  } rows[] = {
      {"connect_timeout", 1, 600, "whole seconds, 1 to 600"},
      {"timeout", 1, 600, "whole seconds, 1 to 600"},
      {"retry_budget", 1, 86400, "whole seconds, 1 to 86400"},
      {"settle_delay", 0, 86400, "whole seconds, 0 to 86400"},
      {"repeat_after", 0, 86400, "whole seconds, 0 to 86400"},
      {"rate", 1, 10000, "whole attempts in a second, 1 to 10000"},
      {"concurrency", 1, 10000, "whole attempts at a time, 1 to 10000"},
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[100], message[100];
    snprintf(message, sizeof message, "account demo: %s has the wrong type or value", rows[i].name);
    for (int end = 0; end < 2; end++) {
      snprintf(text, sizeof text, "{\"%s\": %lld}", rows[i].name, end == 0 ? rows[i].least : rows[i].greatest);
      cr_expect(read_limits(&office, text), "%s: %s", text, office.error.message);
      snprintf(text, sizeof text, "{\"%s\": %lld}", rows[i].name, end == 0 ? rows[i].least - 1 : rows[i].greatest + 1);
      cr_expect_not(read_limits(&office, text), "%s", text);
      cr_expect_eq(office.error.code, ERROR_ACCOUNT);
      cr_expect_str_eq(office.error.field, rows[i].name);
      cr_expect_str_eq(office.error.message, message);
      cr_expect_str_eq(office.error.expected, rows[i].expected);
    }
    static const char *const wrong[] = {"1.5", "1e1", "\"5\"", "true", "{}", "[5]", "99999999999999999999"};
    for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++) {
      snprintf(text, sizeof text, "{\"%s\": %s}", rows[i].name, wrong[j]);
      cr_expect_not(read_limits(&office, text), "%s", text);
      cr_expect_str_eq(office.error.message, message);
    }
  }
  office_close(&office);
}

Test(limits, that_are_wrong_are_refused_with_their_own_sentence) {
  static const struct {
    const char *text, *field, *message, *expected;
  } rows[] = {
      {"1", "limits", "account demo: limits has the wrong type or value", "an object"},
      {"{\"speed\": 1}", "limits", "account demo: limits has no member speed",
       "connect_timeout, timeout, retry_budget, settle_delay, repeat_after, rate, concurrency, max_refund, day_total"},
      {"{\"speed\": null}", "limits", "account demo: limits has no member speed", NULL},
      {"{\"max_refund\": 1000}", "max_refund", "account demo: max_refund has the wrong type or value",
       "an object of minor units by currency, such as {\"EUR\": 100000}"},
      {"{\"day_total\": [1000]}", "day_total", "account demo: day_total has the wrong type or value", NULL},
      {"{\"max_refund\": {\"EURO\": 1}}", "max_refund",
       "account demo: max_refund names the currency EURO, which ISO 4217 does not",
       "three capital letters, such as EUR"},
      {"{\"day_total\": {\"eur\": 1}}", "day_total",
       "account demo: day_total names the currency eur, which ISO 4217 does not", NULL},
      {"{\"max_refund\": {\"EUR\": 1, \"USD\": 0}}", "max_refund",
       "account demo: max_refund does not say the most of USD in minor units", "plain digits, 1 to 9007199254740991"},
      {"{\"day_total\": {\"EUR\": 9007199254740992}}", "day_total",
       "account demo: day_total does not say the most of EUR in minor units", NULL},
      {"{\"day_total\": {\"EUR\": 10.00}}", "day_total", "account demo: day_total does not say the most of EUR", NULL},
      {"{\"day_total\": {\"EUR\": 1e3}}", "day_total", "account demo: day_total does not say the most of EUR", NULL},
      {"{\"day_total\": {\"EUR\": -1}}", "day_total", "account demo: day_total does not say the most of EUR", NULL},
      {"{\"day_total\": {\"EUR\": \"1\"}}", "day_total", "account demo: day_total does not say the most of EUR", NULL},
      {"{\"day_total\": {\"EUR\": null}}", "day_total", "account demo: day_total does not say the most of EUR", NULL},
      {"{\"day_total\": {\"EUR\": 1, \"EUR\": 1}}", "--accounts", "", NULL},
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    cr_expect_not(read_limits(&office, rows[i].text), "%s", rows[i].text);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.field, rows[i].field, "%s", rows[i].text);
    cr_expect_eq(strncmp(office.error.message, rows[i].message, strlen(rows[i].message)), 0, "%s",
                 office.error.message);
    if (rows[i].expected != NULL) cr_expect_str_eq(office.error.expected, rows[i].expected);
  }
  office_close(&office);
}

Test(limits, of_more_currencies_than_there_is_room_for_are_refused) {
  static const char *const currencies[] = {"AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD",
                                           "BDT", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN",
                                           "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK"};
  struct office office = office_open();
  for (size_t count = ACCOUNT_CEILINGS; count <= ACCOUNT_CEILINGS + 1; count++) {
    char text[1024] = "{\"max_refund\": {";
    size_t size = strlen(text);
    for (size_t i = 0; i < count; i++)
      size += (size_t)snprintf(text + size, sizeof text - size, "%s\"%s\": 1", i == 0 ? "" : ", ", currencies[i]);
    snprintf(text + size, sizeof text - size, "}}");
    cr_expect_eq(read_limits(&office, text), count == ACCOUNT_CEILINGS, "%s", office.error.message);
  }
  cr_expect_str_eq(office.error.message, "account demo: max_refund has too many currencies");
  cr_expect_str_eq(office.error.expected, "32 at most");
  office_close(&office);
}
