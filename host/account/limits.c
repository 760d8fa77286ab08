/* An account's limits: how long, how often and how much. */
#include "account/parts.h"
#include "document/document.h"
#include "domain/money.h"
#include "refund_toolkit.h"

enum { SECOND_MS = 1000, DAY_S = 24 * 60 * 60, TIMEOUT_GREATEST_S = 600, ATTEMPTS_GREATEST = 10000 };

struct number_limit {
  const char *name;
  int64_t *out;
  int64_t unit; /* what 1 in the file is there */
  int64_t least;
  int64_t greatest;
  const char *what;
};

static bool read_number(const struct entry *entry, const refund_node *value, const struct number_limit *limit,
                        struct error *error) {
  int64_t number = 0;
  bool read = document_kind(value) == REFUND_KIND_NUMBER && refund_read_integer(document_text(value), &number);
  if (!read || number < limit->least || number > limit->greatest) {
    account_bad_value(entry, limit->name, limit->what, error);
    return error_expected(error, "%s, %lld to %lld", limit->what, (long long)limit->least, (long long)limit->greatest);
  }
  *limit->out = number * limit->unit;
  return true;
}

struct ceiling_limit {
  const char *name;
  struct account_ceiling *out;
  size_t *count;
};

static bool bad_ceiling(const struct entry *entry, const char *limit, const refund_node *value, struct error *error) {
  error_set(error, ERROR_ACCOUNT, limit, "account %s: %s does not say the most of %.20s in minor units",
            entry->account.name.data, limit, document_name(value).data);
  return error_expected(error, "plain digits, 1 to %lld", (long long)MONEY_GREATEST);
}

static bool read_ceiling(const struct entry *entry, const struct ceiling_limit *limit, const refund_node *value,
                         struct error *error) {
  const struct currency *currency = currency_find(document_name(value));
  if (currency == NULL) {
    error_set(error, ERROR_ACCOUNT, limit->name, "account %s: %s names the currency %.20s, which ISO 4217 does not",
              entry->account.name.data, limit->name, document_name(value).data);
    return error_expected(error, "three capital letters, such as EUR");
  }
  if (*limit->count == ACCOUNT_CEILINGS) {
    error_set(error, ERROR_ACCOUNT, limit->name, "account %s: %s has too many currencies", entry->account.name.data,
              limit->name);
    return error_expected(error, "%d at most", ACCOUNT_CEILINGS);
  }
  struct account_ceiling *ceiling = &limit->out[(*limit->count)++];
  ceiling->currency = refund_text_of(currency->code);
  return (document_kind(value) == REFUND_KIND_NUMBER &&
          money_read_minor(document_text(value), limit->name, &ceiling->amount, NULL)) ||
         bad_ceiling(entry, limit->name, value, error);
}

/* That no currency stands there twice is the reader's own rule for members. */
static bool read_ceilings(const struct entry *entry, const refund_node *value, const struct ceiling_limit *limit,
                          struct error *error) {
  if (document_kind(value) != REFUND_KIND_OBJECT) {
    return account_bad_value(entry, limit->name, "an object of minor units by currency, such as {\"EUR\": 100000}",
                             error);
  }
  for (const refund_node *one = document_first(value); one != NULL; one = document_next(one)) {
    if (!read_ceiling(entry, limit, one, error)) return false;
  }
  return true;
}

static bool read_limit(struct entry *entry, const refund_node *value, struct error *error) {
  struct account_limits *limits = &entry->account.limits;
  const struct number_limit numbers[] = {
      {"connect_timeout", &limits->connect_timeout_ms, SECOND_MS, 1, TIMEOUT_GREATEST_S, "whole seconds"},
      {"timeout", &limits->timeout_ms, SECOND_MS, 1, TIMEOUT_GREATEST_S, "whole seconds"},
      {"retry_budget", &limits->retry_budget_ms, SECOND_MS, 1, DAY_S, "whole seconds"},
      {"settle_delay", &limits->settle_delay_ms, SECOND_MS, 0, DAY_S, "whole seconds"},
      {"repeat_after", &limits->repeat_after_ms, SECOND_MS, 0, DAY_S, "whole seconds"},
      {"rate", &limits->rate, 1, 1, ATTEMPTS_GREATEST, "whole attempts in a second"},
      {"concurrency", &limits->concurrency, 1, 1, ATTEMPTS_GREATEST, "whole attempts at a time"},
  };
  const struct ceiling_limit ceilings[] = {
      {"max_refund", limits->max_refund, &limits->max_refund_count},
      {"day_total", limits->day_total, &limits->day_total_count},
  };
  bool absent = document_kind(value) == REFUND_KIND_NULL;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (!refund_is(document_name(value), numbers[i].name)) continue;
    return absent || read_number(entry, value, &numbers[i], error);
  }
  for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
    if (!refund_is(document_name(value), ceilings[i].name)) continue;
    return absent || read_ceilings(entry, value, &ceilings[i], error);
  }
  error_set(error, ERROR_ACCOUNT, "limits", "account %s: limits has no member %.60s", entry->account.name.data,
            document_name(value).data);
  return error_expected(error,
                        "connect_timeout, timeout, retry_budget, settle_delay, repeat_after, rate, concurrency, "
                        "max_refund, day_total");
}

bool account_read_limits(struct entry *entry, const refund_node *value, struct error *error) {
  if (document_kind(value) != REFUND_KIND_OBJECT) return account_bad_value(entry, "limits", "an object", error);
  for (const refund_node *limit = document_first(value); limit != NULL; limit = document_next(limit)) {
    if (!read_limit(entry, limit, error)) return false;
  }
  return true;
}

void account_default_limits(struct account_limits *limits) {
  *limits = (struct account_limits){.connect_timeout_ms = 10 * SECOND_MS,
                                    .timeout_ms = 60 * SECOND_MS,
                                    .retry_budget_ms = 15 * 60 * SECOND_MS,
                                    .settle_delay_ms = ACCOUNT_NOT_SAID,
                                    .repeat_after_ms = ACCOUNT_NOT_SAID};
}
