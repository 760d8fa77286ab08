/* Where an account's requests go: the connector's own hosts, filled in, or the account's. */
#include "office.h"

#define KEY "\"credentials\": {\"api_key\": \"secret\"}"

static void two_hosts(struct office *office) {
  office->descriptor.base_urls[1] =
      (refund_base_url){"tokens", "https://tokens.sandbox.example.com", "https://tokens.example.com"};
}

static void is_at(struct office *office, const char *members, const char *first, const char *second) {
  const struct account *account = office_demo(office, members);
  cr_assert_not_null(account, "%s: %s", members, office->error.message);
  cr_expect_eq(account->base_url_count, second == NULL ? 1 : 2);
  cr_expect(text_is(account->base_urls[0], first), "%.*s", (int)account->base_urls[0].size, account->base_urls[0].data);
  if (second != NULL) cr_expect(text_is(account->base_urls[1], second), "%s", account->base_urls[1].data);
}

Test(base_url, is_the_connectors_own_for_the_environment) {
  struct office office = office_open();
  is_at(&office, KEY, "https://sandbox.example.com", NULL);
  cr_assert(office_read(
      &office, "{\"accounts\": {\"demo\": {\"connector\": \"acme\", \"environment\": \"production\"," KEY "}}}"));
  const struct account *account = office_bind(&office, "demo");
  cr_assert_not_null(account);
  cr_expect(text_is(account->base_urls[0], "https://api.example.com"));
  office_close(&office);
}

Test(base_url, of_the_account_stands_for_the_first_host_without_a_final_slash) {
  struct office office = office_open();
  is_at(&office, KEY ", \"base_url\": \"http://127.0.0.1:8080\"", "http://127.0.0.1:8080", NULL);
  is_at(&office, KEY ", \"base_url\": \"https://proxy.example.com/acme/\"", "https://proxy.example.com/acme", NULL);
  is_at(&office, KEY ", \"base_url\": {\"api\": \"https://proxy.example.com//\"}", "https://proxy.example.com", NULL);
  is_at(&office, KEY ", \"base_url\": null", "https://sandbox.example.com", NULL);
  office_close(&office);
}

Test(base_url, may_be_an_object_of_all_hosts) {
  struct office office = office_open();
  two_hosts(&office);
  is_at(&office, KEY, "https://sandbox.example.com", "https://tokens.sandbox.example.com");
  is_at(&office, KEY ", \"base_url\": {\"tokens\": \"http://localhost:2/t\", \"api\": \"http://localhost:1\"}",
        "http://localhost:1", "http://localhost:2/t");
  office_close(&office);
}

Test(base_url, that_leaves_out_a_host_is_refused_naming_it) {
  static const char *const partial[] = {"\"https://proxy.example.com\"", "{\"api\": \"https://proxy.example.com\"}"};
  struct office office = office_open();
  two_hosts(&office);
  for (size_t i = 0; i < sizeof partial / sizeof *partial; i++) {
    char members[256];
    snprintf(members, sizeof members, KEY ", \"base_url\": %s", partial[i]);
    cr_expect_null(office_demo(&office, members));
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.field, "base_url");
    cr_expect_str_eq(office.error.message, "account demo: base_url leaves out the host tokens");
    cr_expect_str_eq(office.error.expected, "a URL for every host of connector acme, or none");
    cr_expect_str_eq(office.error.fix, "write base_url as an object with the member tokens too");
  }
  cr_expect_null(office_demo(&office, KEY ", \"base_url\": {\"tokens\": \"https://proxy.example.com\"}"));
  cr_expect_str_eq(office.error.message, "account demo: base_url leaves out the host api");
  office_close(&office);
}

Test(base_url, for_a_host_that_the_connector_does_not_have_is_refused) {
  static const char *const names[] = {"token", "API", ""};
  struct office office = office_open();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char members[256];
    char message[128];
    snprintf(members, sizeof members,
             KEY ", \"base_url\": {\"api\": \"https://a.example\", \"%s\": \"https://b.example\"}", names[i]);
    snprintf(message, sizeof message, "account demo: connector acme has no host %s", names[i]);
    cr_expect_null(office_demo(&office, members), "%s", members);
    cr_expect_str_eq(office.error.message, message);
    cr_expect_str_eq(office.error.field, "base_url");
  }
  office_close(&office);
}

Test(base_url, that_money_may_not_travel_over_is_refused_with_the_reason) {
  static const struct {
    const char *url, *reason;
  } cases[] = {
      {"\"http://api.example.com\"", "it is http, which is only for this machine itself; elsewhere use https"},
      {"\"api.example.com\"", "it does not begin with https://"},
      {"\"https://user@api.example.com\"", "it has a user name"},
      {"\"https://api.example.com?x=1\"", "it has a query"},
      {"\"https://api.example.com/#x\"", "it has a fragment"},
      {"\"https://api.example.com:0\"", "its port is not a number from 1 to 65535"},
      {"\"https://api.example.com/a b\"", "it holds a space, a control character or a byte that is not ASCII"},
      {"\"https://{prefix}.example.com\"", "it has no host"},
      {"\"\"", "it is empty"},
      {"\"/\"", "it is empty"},
      {"{\"api\": 5}", "it does not begin with https://"},
      {"{\"api\": null}", "it is empty"},
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char members[256];
    char message[256];
    snprintf(members, sizeof members, KEY ", \"base_url\": %s", cases[i].url);
    snprintf(message, sizeof message, "account demo: the base URL of host api cannot be used: %s", cases[i].reason);
    cr_expect_null(office_demo(&office, members), "%s", cases[i].url);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.field, "base_url");
    cr_expect_str_eq(office.error.message, message);
    cr_expect_str_eq(office.error.expected, "https://host[:port][/path], or http:// on this machine");
  }
  office_close(&office);
}

Test(base_url, is_needed_where_the_connector_has_no_host_of_its_own) {
  struct office office = office_open();
  office.descriptor.base_urls[0].sandbox[0] = '\0';
  cr_expect_null(office_demo(&office, KEY));
  cr_expect_str_eq(office.error.message, "account demo: connector acme has no host of its own for sandbox");
  cr_expect_str_eq(office.error.fix, "add base_url to the account");
  is_at(&office, KEY ", \"base_url\": \"https://mine.example.com\"", "https://mine.example.com", NULL);
  office_close(&office);
}

/* ---- {field} ---- */

Test(base_url, is_filled_in_from_the_accounts_fields) {
  struct office office = office_open();
  office.descriptor.base_urls[0] =
      (refund_base_url){"api", "https://{prefix}-test.example.com/m/{merchant}", "https://{prefix}.example.com"};
  is_at(&office, "\"credentials\": {\"api_key\": \"s\", \"prefix\": \"Shop-1_x\", \"merchant\": \"42\"}",
        "https://Shop-1_x-test.example.com/m/42", NULL);
  office_close(&office);
}

/* It decides who gets the secret: "evil.com/" in front of ".example.com" would send it there. */
Test(base_url, is_not_filled_in_with_anything_that_leaves_its_label) {
  static const char *const wrong[] = {"evil.com/", "evil.com#", "evil.com?", "a@evil.com/", "evil.com:1/", "a.b",
                                      "a b",       "a%2f",      "{prefix}",  "\\u00e9",     "a\\\\b"};
  struct office office = office_open();
  office.descriptor.base_urls[0] = (refund_base_url){"api", "https://{prefix}.example.com", ""};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char members[256];
    snprintf(members, sizeof members, "\"credentials\": {\"api_key\": \"s\", \"prefix\": \"%s\"}", wrong[i]);
    cr_expect_null(office_demo(&office, members), "%s", wrong[i]);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.message, "account demo: the processor's host needs prefix");
    cr_expect_str_eq(office.error.expected, "letters, digits, - and _ in the credential prefix");
  }
  cr_expect_null(office_demo(&office, KEY), "and not with nothing");
  cr_expect_str_eq(office.error.message, "account demo: the processor's host needs prefix");
  office_close(&office);
}

/* A host of an optional field is not there without it; the others keep their places. */
Test(base_url, of_a_later_host_is_not_there_without_its_field) {
  struct office office = office_open();
  office.descriptor.base_urls[1] = (refund_base_url){"own", "https://{prefix}.example.com", ""};
  office.descriptor.base_urls[2] = (refund_base_url){"last", "https://last.example.com", ""};
  const struct account *account = office_demo(&office, KEY);
  cr_assert_not_null(account, "%s", office.error.message);
  cr_expect_eq(account->base_url_count, 3);
  cr_expect_null(account->base_urls[1].data);
  cr_expect(text_is(account->base_urls[2], "https://last.example.com"));
  account = office_demo(&office, "\"credentials\": {\"api_key\": \"s\", \"prefix\": \"shop\"}");
  cr_assert_not_null(account, "%s", office.error.message);
  cr_expect(text_is(account->base_urls[1], "https://shop.example.com"));
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": \"s\", \"prefix\": \"a.b\"}"));
  office_close(&office);
}

/* The account's own URL goes before all others: a field that is there as well must not lead around a proxy. */
Test(base_url, of_the_account_goes_before_a_later_host_of_an_optional_field) {
  static const char *const one[] = {"\"http://localhost:1\"", "{\"api\": \"http://localhost:1\"}"};
  static const char credentials[] = "\"credentials\": {\"api_key\": \"s\", \"prefix\": \"shop\"}";
  struct office office = office_open();
  char members[256];
  office.descriptor.base_urls[1] = (refund_base_url){"own", "https://{prefix}.example.com", ""};
  for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
    snprintf(members, sizeof members, "%s, \"base_url\": %s", credentials, one[i]);
    const struct account *account = office_demo(&office, members);
    cr_assert_not_null(account, "%s", office.error.message);
    cr_expect(text_is(account->base_urls[0], "http://localhost:1"));
    cr_expect_null(account->base_urls[1].data);
  }
  snprintf(members, sizeof members,
           "%s, \"base_url\": {\"api\": \"http://localhost:1\", \"own\": \"http://localhost:2\"}", credentials);
  is_at(&office, members, "http://localhost:1", "http://localhost:2");
  office.descriptor.fields[2].flags = REFUND_FIELD_REQUIRED;
  snprintf(members, sizeof members, "%s, \"base_url\": %s", credentials, one[0]);
  cr_expect_null(office_demo(&office, members), "a host that is always there needs a URL too");
  cr_expect_str_eq(office.error.message, "account demo: base_url leaves out the host own");
  office_close(&office);
}
