/* What makes two requests with one refund id the same. */
#include <criterion/criterion.h>
#include <string.h>

#include "domain/refund.h"

#define GOOD                                                                                                \
  "{\"refund_id\":\"r1\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":600," \
  "\"payment_amount\":1000,\"currency\":\"USD\",\"connector_metadata\":{\"a\":\"1\",\"b\":[1,2]}}"

static struct digest fingerprint(const char *json) {
  struct arena *arena = arena_open(0);
  struct refund refund;
  struct error error;
  cr_assert(refund_read(arena, (refund_text){json, strlen(json)}, FLOW_REFUND, NULL, &refund, &error), "%s: %s", json,
            error.message);
  struct digest digest = refund_fingerprint(&refund);
  arena_close(arena);
  return digest;
}

static void same(const char *json) {
  cr_expect_str_eq(fingerprint(json).hex, fingerprint(GOOD).hex, "%s", json);
}

static void other(const char *json) {
  cr_expect_str_neq(fingerprint(json).hex, fingerprint(GOOD).hex, "%s", json);
}

#define REFUND(account, payment, amount, captured, currency, rest)                            \
  "{\"refund_id\":\"r1\",\"account\":\"" account "\",\"connector_transaction_id\":\"" payment \
  "\",\"refund_amount\":" amount ",\"payment_amount\":" captured ",\"currency\":\"" currency "\"" rest "}"
#define METADATA ",\"connector_metadata\":{\"a\":\"1\",\"b\":[1,2]}"

Test(fingerprint, is_the_same_for_the_same_content) {
  same(GOOD);
  same(REFUND("demo", "pi_1", "600", "1000", "USD", METADATA));
  cr_expect_eq(strlen(fingerprint(GOOD).hex), 64);
}

Test(fingerprint, changes_with_account_payment_amount_currency_and_metadata) {
  other(REFUND("demo2", "pi_1", "600", "1000", "USD", METADATA));
  other(REFUND("demo", "pi_2", "600", "1000", "USD", METADATA));
  other(REFUND("demo", "pi_1", "601", "1000", "USD", METADATA));
  other(REFUND("demo", "pi_1", "600", "1000", "EUR", METADATA));
  other(REFUND("demo", "pi_1", "600", "1000", "USD", ""));
  other(REFUND("demo", "pi_1", "600", "1000", "USD", ",\"connector_metadata\":{}"));
  other(REFUND("demo", "pi_1", "600", "1000", "USD", ",\"connector_metadata\":{\"a\":\"1\",\"b\":[2,1]}"));
  other(REFUND("demo", "pi_1", "600", "1000", "USD", ",\"connector_metadata\":{\"a\":1,\"b\":[1,2]}"));
  other(REFUND("demo", "pi_1", "600", "1000", "USD", ",\"connector_metadata\":{\"a\":\"1\",\"b\":[1,2],\"c\":null}"));
}

Test(fingerprint, does_not_change_with_what_may_be_said_differently_the_second_time) {
  same(REFUND("demo", "pi_1", "600", "1000", "USD", METADATA ",\"reason\":\"another\""));
  same(REFUND("demo", "pi_1", "600", "2000", "USD", METADATA));
  same(REFUND("demo", "pi_1", "600", "1000", "USD", METADATA ",\"payment_disputed\":false"));
  same(REFUND("demo", "pi_1", "600", "1000", "USD", METADATA ",\"connector_refund_id\":\"re_1\""));
}

Test(fingerprint, does_not_change_with_the_spelling_of_the_json) {
  same(
      " { \"currency\" : \"USD\" , \"payment_amount\": 1000,\n\"refund_amount\": 600, \"connector_transaction_id\":"
      " \"pi_1\", \"account\":\"d\\u0065mo\", \"refund_id\":\"r1\", \"connector_metadata\" : "
      "{ \"b\" : [ 1 , 2 ] ,\t\"\\u0061\":\"1\" } }");
}

Test(fingerprint, of_no_metadata_and_of_empty_metadata_is_one) {
  cr_expect_str_eq(fingerprint(REFUND("demo", "pi_1", "600", "1000", "USD", "")).hex,
                   fingerprint(REFUND("demo", "pi_1", "600", "1000", "USD", ",\"connector_metadata\":{ }")).hex);
}

/* Joined without a border, ("ab", "c") and ("a", "bc") would be one. */
Test(fingerprint, keeps_neighbouring_members_apart) {
  cr_expect_str_neq(fingerprint(REFUND("ab", "c", "1", "9", "USD", "")).hex,
                    fingerprint(REFUND("a", "bc", "1", "9", "USD", "")).hex);
  cr_expect_str_neq(fingerprint(REFUND("a", "b", "11", "99", "USD", "")).hex,
                    fingerprint(REFUND("a", "b1", "1", "99", "USD", "")).hex);
  cr_expect_str_neq(fingerprint(REFUND("a\\\",\\\"b", "c", "1", "9", "USD", "")).hex,
                    fingerprint(REFUND("a", "b\\\",\\\"c", "1", "9", "USD", "")).hex);
}
