/* The refund as JSON: what is taken, and for each way to write it wrong its own sentence and field. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "domain/refund.h"

struct reading {
  struct arena *arena;
  bool read;
  struct refund refund;
  struct error error;
};

static struct reading read_bytes(const char *json, size_t size, enum flow_kind flow, const char *account) {
  struct reading reading = {.arena = arena_open(0)};
  reading.read = refund_read(reading.arena, (refund_text){json, size}, flow, account, &reading.refund, &reading.error);
  return reading;
}

static struct reading read(const char *json) {
  return read_bytes(json, strlen(json), FLOW_REFUND, NULL);
}

static void done(struct reading *reading) {
  arena_close(reading->arena);
}

static bool is(refund_text text, const char *string) {
  return text.data != NULL && text.size == strlen(string) && memcmp(text.data, string, text.size) == 0;
}

/* A good refund, with `value` (JSON) in place of the member's, or beside the others; NULL: without the member. */
static const char *with(const char *member, const char *value) {
  static const char *const good[][2] = {
      {"refund_id", "\"r1\""},  {"account", "\"demo\""},    {"connector_transaction_id", "\"pi_1\""},
      {"refund_amount", "600"}, {"payment_amount", "1000"}, {"currency", "\"USD\""}};
  static char json[4096];
  size_t size = 0;
  bool placed = false;
  size += (size_t)snprintf(json + size, sizeof json - size, "{");
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    bool same = strcmp(good[i][0], member) == 0;
    placed = placed || same;
    if (same && value == NULL) continue;
    size += (size_t)snprintf(json + size, sizeof json - size, "%s\"%s\":%s", size > 1 ? "," : "", good[i][0],
                             same ? value : good[i][1]);
  }
  if (!placed) size += (size_t)snprintf(json + size, sizeof json - size, ",\"%s\":%s", member, value);
  snprintf(json + size, sizeof json - size, "}");
  return json;
}

/* ---- What is taken ---- */

Test(refund, is_read_member_by_member) {
  struct reading reading = read(
      "{\"refund_id\":\"r \\u00e9\",\"account\":\"demo\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":600,"
      "\"payment_amount\":9007199254740991,\"currency\":\"JPY\",\"reason\":\"late\\nand "
      "cold\",\"payment_disputed\":false,"
      "\"connector_metadata\":{ \"b\": 1.0, \"a\": \"x\" },\"connector_refund_id\":\"re_1\"}");
  const struct refund *refund = &reading.refund;
  cr_assert(reading.read, "%s", reading.error.message);
  cr_expect(is(refund->refund_id, "r \xC3\xA9"));
  cr_expect(is(refund->account, "demo"));
  cr_expect(is(refund->connector_transaction_id, "pi_1"));
  cr_expect_null(refund->connector_refund_id.data, "of a refund that is to be made there is none yet");
  cr_expect(is(refund->reason, "late\nand cold"));
  cr_expect(is(refund->connector_metadata, "{ \"b\": 1.0, \"a\": \"x\" }"), "it reaches the connector as it came");
  cr_expect(is(refund->canonical_metadata, "{\"a\":\"x\",\"b\":1.0}"));
  cr_expect_str_eq(refund->currency->code, "JPY");
  cr_expect_eq(refund->refund_amount, 600);
  cr_expect_eq(refund->payment_amount, MONEY_GREATEST);
  done(&reading);
}

Test(refund, that_was_made_has_the_processors_id_in_the_other_flows) {
  const char *json = with("connector_refund_id", "\"re_1\"");
  struct reading reading = read_bytes(json, strlen(json), FLOW_REFUND_SYNC, NULL);
  cr_expect(reading.read && is(reading.refund.connector_refund_id, "re_1"));
  done(&reading);
  reading = read_bytes(json, strlen(json), FLOW_REFUND_LOOKUP, NULL);
  cr_expect(reading.read && is(reading.refund.connector_refund_id, "re_1"));
  done(&reading);
}

Test(refund, may_leave_out_what_is_optional) {
  struct reading reading = read(with("account", "\"demo\""));
  cr_assert(reading.read, "%s", reading.error.message);
  cr_expect_null(reading.refund.reason.data);
  cr_expect_null(reading.refund.connector_metadata.data);
  cr_expect_null(reading.refund.connector_refund_id.data);
  cr_expect(is(reading.refund.canonical_metadata, "{}"));
  done(&reading);
}

Test(refund, takes_null_for_absent) {
  static const char *const optional[] = {"reason", "payment_disputed", "connector_metadata", "connector_refund_id"};
  for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
    struct reading reading = read(with(optional[i], "null"));
    cr_expect(reading.read, "%s: %s", optional[i], reading.error.message);
    cr_expect(is(reading.refund.canonical_metadata, "{}"));
    done(&reading);
  }
}

Test(refund, has_ids_of_up_to_their_greatest_length_in_bytes) {
  static const struct {
    const char *member;
    size_t greatest;
  } members[] = {{"refund_id", 128},
                 {"account", 128},
                 {"connector_transaction_id", 512},
                 {"connector_refund_id", 512},
                 {"reason", 1024}};
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    for (size_t more = 0; more < 2; more++) {
      size_t size = members[i].greatest + more;
      char value[1100];
      char found[16];
      memset(value, 'x', sizeof value);
      value[0] = '"';
      memcpy(value + size - 1, "\xC3\xA9\"", 4); /* a character of two bytes at the end: bytes count */
      struct reading reading = read(with(members[i].member, value));
      cr_expect_eq(reading.read, more == 0, "%s of %zu bytes: %s", members[i].member, size, reading.error.message);
      snprintf(found, sizeof found, "%zu", size);
      if (more == 1) cr_expect_str_eq(reading.error.found, found);
      done(&reading);
    }
  }
}

Test(refund, takes_the_default_account_only_where_none_is_given) {
  const char *json = with("account", NULL);
  struct reading reading = read_bytes(json, strlen(json), FLOW_REFUND, "standby");
  cr_expect(reading.read && is(reading.refund.account, "standby"));
  done(&reading);
  json = with("account", "null");
  reading = read_bytes(json, strlen(json), FLOW_REFUND, "standby");
  cr_expect(reading.read && is(reading.refund.account, "standby"));
  done(&reading);
  json = with("account", "\"demo\"");
  reading = read_bytes(json, strlen(json), FLOW_REFUND, "standby");
  cr_expect(reading.read && is(reading.refund.account, "demo"));
  done(&reading);
}

/* ---- What is refused ---- */

static void refused(const char *json, size_t size, const char *field, const char *message) {
  struct reading reading = read_bytes(json, size, FLOW_REFUND, NULL);
  cr_expect_not(reading.read, "%s", json);
  cr_expect_eq(reading.error.code, ERROR_INPUT, "%s", json);
  if (field != NULL) cr_expect_str_eq(reading.error.field, field, "%s", json);
  cr_expect_not_null(strstr(reading.error.message, message), "%s: %s", json, reading.error.message);
  done(&reading);
}

Test(refund, refuses_each_wrong_member_with_its_own_sentence) {
  static const struct {
    const char *member, *value, *message;
  } cases[] = {
      {"refund_id", NULL, "refund_id is missing"},
      {"refund_id", "null", "refund_id is missing"},
      {"refund_id", "7", "refund_id has the wrong type"},
      {"refund_id", "\"\"", "refund_id has the wrong length"},
      {"refund_id", "\"a\\u0001b\"", "refund_id holds a control character"},
      {"refund_id", "\"a\\nb\"", "refund_id holds a control character"},
      {"refund_id", "\"a\\u007fb\"", "refund_id holds a control character"},
      {"refund_id", "\"a\\u0085b\"", "refund_id holds a control character"},
      {"account", NULL, "account is missing"},
      {"account", "[]", "account has the wrong type"},
      {"account", "\"a\\tb\"", "account holds a control character"},
      {"connector_transaction_id", NULL, "connector_transaction_id is missing"},
      {"connector_transaction_id", "{}", "connector_transaction_id has the wrong type"},
      {"connector_transaction_id", "\"\"", "connector_transaction_id has the wrong length"},
      {"connector_transaction_id", "\"pi\\r\\nX: y\"", "connector_transaction_id holds a control character"},
      {"connector_refund_id", "5", "connector_refund_id has the wrong type"},
      {"connector_refund_id", "\"\\u001b[0m\"", "connector_refund_id holds a control character"},
      {"refund_amount", NULL, "refund_amount is missing"},
      {"refund_amount", "null", "refund_amount is missing"},
      {"refund_amount", "\"10\"", "refund_amount has the wrong type"},
      {"refund_amount", "true", "refund_amount has the wrong type"},
      {"refund_amount", "0", "refund_amount is not an amount that can be refunded"},
      {"refund_amount", "-1", "refund_amount is not a whole number of minor units written as plain digits"},
      {"refund_amount", "-0", "refund_amount is not a whole number of minor units written as plain digits"},
      {"refund_amount", "1e3", "refund_amount is not a whole number of minor units written as plain digits"},
      {"refund_amount", "1E+3", "refund_amount is not a whole number of minor units written as plain digits"},
      {"refund_amount", "10.0", "refund_amount is not a whole number of minor units written as plain digits"},
      {"refund_amount", "9007199254740992", "refund_amount is not an amount that can be refunded"},
      {"refund_amount", "99999999999999999999999", "refund_amount is not an amount that can be refunded"},
      {"payment_amount", NULL, "payment_amount is missing"},
      {"payment_amount", "0", "payment_amount is not an amount that can be refunded"},
      {"payment_amount", "1000.5", "payment_amount is not a whole number of minor units written as plain digits"},
      {"payment_amount", "\"1000\"", "payment_amount has the wrong type"},
      {"currency", NULL, "currency is missing"},
      {"currency", "\"usd\"", "currency is not a code of ISO 4217"},
      {"currency", "\"XXX\"", "currency is not a code of ISO 4217"},
      {"currency", "\"\"", "currency is not a code of ISO 4217"},
      {"currency", "\"US\"", "currency is not a code of ISO 4217"},
      {"currency", "\"USDT\"", "currency is not a code of ISO 4217"},
      {"currency", "840", "currency has the wrong type"},
      {"reason", "false", "reason has the wrong type"},
      {"reason", "\"\"", "reason has the wrong length"},
      {"payment_disputed", "true", "the payment is disputed: a refund now could pay the customer twice"},
      {"payment_disputed", "\"false\"", "payment_disputed has the wrong type"},
      {"payment_disputed", "0", "payment_disputed has the wrong type"},
      {"connector_metadata", "[]", "connector_metadata has the wrong type"},
      {"connector_metadata", "\"{}\"", "connector_metadata has the wrong type"},
      {"connector_metadata", "1", "connector_metadata has the wrong type"},
      {"amount", "1", "a refund has no member amount"},
      {"Refund_id", "\"x\"", "a refund has no member Refund_id"},
      {"unknown", "null", "a refund has no member unknown"},
      {"", "1", "a refund has no member "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *json = with(cases[i].member, cases[i].value);
    refused(json, strlen(json), cases[i].member, cases[i].message);
  }
}

Test(refund, says_what_was_expected_and_found) {
  static const struct {
    const char *member, *value, *expected, *found;
  } cases[] = {
      {"refund_id", "[]", "text", "an array"},
      {"refund_amount", "\"10\"", "a number", "text"},
      {"refund_amount", "1e3", "digits only, such as 1000 for 10.00 USD", "1e3"},
      {"refund_amount", "0", "1 to 9007199254740991 minor units", "0"},
      {"currency", "\"usd\"", "three capital letters such as USD", "usd"},
      {"payment_disputed", "1", "true or false", "a number"},
      {"connector_metadata", "[]", "an object", "an array"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct reading reading = read(with(cases[i].member, cases[i].value));
    cr_expect_str_eq(reading.error.expected, cases[i].expected, "%s", cases[i].member);
    cr_expect_str_eq(reading.error.found, cases[i].found, "%s", cases[i].member);
    done(&reading);
  }
}

Test(refund, refuses_text_that_is_no_single_json_object) {
  static const struct {
    const char *json, *message;
  } cases[] = {
      {"", ""},
      {"[]", "refund has the wrong type"},
      {"\"x\"", "refund has the wrong type"},
      {"null", "refund has the wrong type"},
      {"{\"refund_amount\":010}", ""},
      {"{\"refund_amount\":+1}", ""},
      {"{\"refund_amount\":.5}", ""},
      {"{\"refund_amount\":NaN}", ""},
      {"{\"refund_id\":\"r1\",}", ""},
      {"{'refund_id':'r1'}", ""},
      {"{} {}", ""},
      {"{}x", ""},
      {"{", ""},
      {"{\"refund_id\":\"a\\u0000b\"}", ""},
      {"{\"refund_id\":\"a\\ud800b\"}", ""},
      {"{\"refund_id\":\"\xFF\"}", ""},
      {"{\"refund_id\":\"\xC3\"}", ""},
      {"{\"refund_id\":\"\xED\xA0\x80\"}", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refused(cases[i].json, strlen(cases[i].json), NULL, cases[i].message);
  }
  refused("{}\0", 3, NULL, "");
  refused("{\"a\0\":1}", 8, NULL, "");
}

Test(refund, refuses_a_member_given_twice_even_with_the_same_value) {
  static const char *const members[][2] = {
      {"refund_id", "\"r1\""}, {"refund_amount", "600"}, {"currency", "\"USD\""}, {"reason", "null"}};
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    char json[1024];
    const char *good = with(members[i][0], members[i][1]);
    snprintf(json, sizeof json, "%.*s,\"%s\":%s}", (int)strlen(good) - 1, good, members[i][0], members[i][1]);
    struct reading reading = read(json);
    cr_expect_not(reading.read, "%s", json);
    cr_expect_not_null(strstr(reading.error.message, "an object has two members of one name"));
    cr_expect_not_null(strstr(reading.error.found, members[i][0]), "%s", reading.error.found);
    done(&reading);
  }
  const char *json = with("connector_metadata", "{\"a\":1,\"a\":1}");
  refused(json, strlen(json), NULL, "an object has two members of one name");
}

/* The name is cut in the sentence; it must stay text. */
Test(refund, names_a_long_unknown_member_without_breaking_a_character) {
  char name[200] = "x";
  while (strlen(name) < 100)
    strcat(name, "\xC3\xA9");
  struct reading reading = read(with(name, "1"));
  cr_expect_not(reading.read);
  cr_expect_eq(strlen(reading.error.field), 59, "%s", reading.error.field);
  cr_expect_eq(strncmp(reading.error.field, name, 59), 0);
  cr_expect_str_eq(reading.error.message + strlen("a refund has no member "), reading.error.field);
  done(&reading);
}

/* ---- Flows ---- */

Test(flow, says_which_members_are_required) {
  const char *json = with("account", "\"demo\"");
  struct reading reading = read_bytes(json, strlen(json), FLOW_REFUND_SYNC, NULL);
  cr_expect_not(reading.read);
  cr_expect_str_eq(reading.error.message, "connector_refund_id is missing");
  done(&reading);
  reading = read_bytes(json, strlen(json), FLOW_REFUND_LOOKUP, NULL);
  cr_expect(reading.read);
  done(&reading);
  reading = read_bytes("{\"account\":\"demo\"}", 18, FLOW_ACCESS_TOKEN, NULL);
  cr_expect(reading.read, "%s", reading.error.message);
  done(&reading);
  reading = read_bytes("{}", 2, FLOW_ACCESS_TOKEN, "demo");
  cr_expect(reading.read, "%s", reading.error.message);
  done(&reading);
}

Test(flow, is_found_by_the_name_it_has_in_the_abi) {
  for (int i = 0; i < FLOW_KINDS; i++) {
    enum flow_kind found = FLOW_KINDS;
    const char *name = flow_name((enum flow_kind)i);
    cr_expect(flow_find((refund_text){name, strlen(name)}, &found) && found == (enum flow_kind)i);
  }
  enum flow_kind flow = FLOW_REFUND;
  cr_expect_not(flow_find((refund_text){"Refund", 6}, &flow));
  cr_expect_not(flow_find((refund_text){"refund_", 7}, &flow));
  cr_expect_not(flow_find((refund_text){NULL, 0}, &flow));
}
