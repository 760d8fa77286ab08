/* What there is to learn a refund's outcome with, by the descriptor and the account. */
#include <criterion/criterion.h>

#include "domain/recovery.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define SPAN (90 * SECOND)

static const struct account_settings as_declared = {true, -1, -1, SPAN};

static refund_descriptor reference_like(void) {
  refund_descriptor descriptor = {
      .flows = {REFUND_CREATES("POST", "", REFUND_NAMES_REFERENCE), REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID),
                REFUND_LOOKS_UP("GET", "", REFUND_NAMES_REFERENCE, 90, REFUND_FLOW_ABSENCE_FINAL)},
      .idempotency = REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 64), REFUND_HOURS(1), 5,
                                REFUND_KEY_KEEPS_2XX_ONLY),
      .reference = REFUND_UNIQUE_REFERENCES(REFUND_LENGTH(1, 64), REFUND_HOURS(2)),
  };
  return descriptor;
}

Test(means, takes_means_as_declared) {
  refund_descriptor descriptor = reference_like();
  struct means means;
  means_of(&descriptor, &as_declared, &means);
  cr_expect(means.key && means.key_keeps_2xx && means.unique_reference && means.sync && means.lookup);
  cr_expect(means.absence_final && !means.lookup_may_create && !means.reported);
  cr_expect_eq(means.key_window, HOUR);
  cr_expect_eq(means.reference_window, 2 * HOUR);
  cr_expect_eq(means.repeat_after, 5 * SECOND);
  cr_expect_eq(means.settle_delay, 90 * SECOND);
  cr_expect_eq(means.attempt_span, SPAN);
}

Test(means, assumes_nothing_that_is_not_declared) {
  refund_descriptor descriptor = reference_like();
  struct means means;
  descriptor.idempotency.window_seconds = REFUND_NOT_DECLARED;
  descriptor.idempotency.repeat_after_seconds = REFUND_NOT_DECLARED;
  descriptor.flows[2].visible_after_seconds = REFUND_NOT_DECLARED;
  descriptor.reference.window_seconds = REFUND_NOT_DECLARED;
  means_of(&descriptor, &as_declared, &means);
  cr_expect_eq(means.key_window, 0);
  cr_expect_eq(means.repeat_after, MINUTE);
  cr_expect_eq(means.settle_delay, 15 * MINUTE);
  cr_expect_eq(means.reference_window, 0);
  descriptor.reference.window_seconds = REFUND_FOR_EVER;
  means_of(&descriptor, &as_declared, &means);
  cr_expect_eq(means.reference_window, INT64_MAX);
}

Test(means, lets_the_account_decide) {
  refund_descriptor descriptor = reference_like();
  struct account_settings settings = {false, 0, HOUR, 2 * SPAN};
  struct means means;
  means_of(&descriptor, &settings, &means);
  cr_expect_not(means.key);
  cr_expect_eq(means.settle_delay, 0);
  cr_expect_eq(means.repeat_after, HOUR);
  cr_expect_eq(means.attempt_span, 2 * SPAN);
}

Test(means, has_no_key_without_a_carrier) {
  refund_descriptor descriptor = {.idempotency = REFUND_NO_IDEMPOTENCY};
  struct means means;
  means_of(&descriptor, &as_declared, &means);
  cr_expect_not(means.key);
  cr_expect(means.reported && !means.sync && !means.lookup && !means.unique_reference);
  cr_expect_eq(means.settle_delay, 15 * MINUTE);
}

Test(means, believes_an_absence_only_where_answers_name_our_reference_and_nothing_is_created) {
  static const struct {
    uint32_t flags;
    int32_t names;
    bool absence_final;
    bool may_create;
  } cases[] = {{REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFERENCE, true, false},
               {REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_PAYMENT, false, false},
               {REFUND_FLOW_ABSENCE_FINAL, REFUND_NAMES_REFUND_ID, false, false},
               {0, REFUND_NAMES_REFERENCE, false, false},
               {REFUND_FLOW_ABSENCE_FINAL | REFUND_FLOW_MAY_CREATE, REFUND_NAMES_REFERENCE, false, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refund_descriptor descriptor = reference_like();
    struct means means;
    descriptor.flows[2].flags = cases[i].flags;
    descriptor.flows[2].names = cases[i].names;
    means_of(&descriptor, &as_declared, &means);
    cr_expect_eq(means.absence_final, cases[i].absence_final, "case %zu", i);
    cr_expect_eq(means.lookup_may_create, cases[i].may_create, "case %zu", i);
  }
}
