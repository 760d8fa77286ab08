/* One exchange with a processor, as the tests of the verdict make it: a refund of 10.00 USD, answered. */
#ifndef TESTS_DOMAIN_EXCHANGING_H
#define TESTS_DOMAIN_EXCHANGING_H

#include <criterion/criterion.h>
#include <string.h>

#include "domain/verdict.h"

#define T(literal) ((refund_text){"" literal, sizeof(literal) - 1})

struct exchanging {
  struct arena *arena;
  refund_descriptor descriptor;
  struct refund refund;
  struct answer answer;
  struct exchange exchange;
  struct verdict verdict;
};

/* A whole reply of that HTTP status; what it says is the caller's to fill in. */
static inline void exchanging_open(struct exchanging *at, enum flow_kind flow, int http_status) {
  memset(at, 0, sizeof *at);
  at->arena = arena_open(0);
  at->refund.refund_id = T("r1");
  at->refund.connector_transaction_id = T("pi_1");
  at->refund.currency = currency_find(T("USD"));
  at->refund.refund_amount = 1000;
  at->refund.payment_amount = 5000;
  at->exchange = (struct exchange){.flow = flow,
                                   .transmissions = 1,
                                   .complete = true,
                                   .http_status = http_status,
                                   .answer = &at->answer,
                                   .refund = &at->refund,
                                   .descriptor = &at->descriptor,
                                   .sent_reference = T("ref-r1"),
                                   .sent_key = T("key-r1")};
}

static inline const struct verdict *exchanging_judge(struct exchanging *at) {
  verdict_of(at->arena, &at->exchange, &at->verdict);
  return &at->verdict;
}

static inline void exchanging_close(struct exchanging *at) {
  arena_close(at->arena);
}

/* The connector read a status, with the processor's refund id. */
static inline void exchanging_says(struct exchanging *at, int32_t status) {
  at->answer.reading = REFUND_READING_STATUS;
  at->answer.status = status;
  at->answer.refund_id = T("re_1");
}

/* The fact that a first attempt leads to, or a repeat under another key than that of an unknown one. */
static inline enum fact exchanging_fact(const struct verdict *verdict, bool earlier_unknown) {
  return verdict_fact(verdict,
                      &(struct circumstances){.earlier_sent = earlier_unknown, .earlier_unknown = earlier_unknown});
}

static inline const char *exchanging_fact_name(enum fact fact) {
  return fact == FACTS ? "nothing" : fact_name(fact);
}

#endif
