/* Credentials: the places where they may stand, and the check against the fields that the connector names. */
#include "office.h"

#define KEY "\"api_key\": \"secret\""

Test(credentials, are_bound_by_field_and_map_entry) {
  struct office office = office_open();
  const struct account *account = office_demo(
      &office, "\"credentials\": {" KEY ", \"merchant\": \"42\", \"keys\": {\"USD\": \"u\", \"EUR\": \"e\"}}");
  cr_assert_not_null(account, "%s", office.error.message);
  cr_expect(text_is(office_value(account, "api_key", NULL), "secret"));
  cr_expect(text_is(office_value(account, "merchant", NULL), "42"));
  cr_expect(text_is(office_value(account, "keys", "USD"), "u"));
  cr_expect(text_is(office_value(account, "keys", "EUR"), "e"));
  cr_expect_eq(account->value_count, 4);
  cr_expect_eq(account->secret_count, 3, "all but the merchant number");
  cr_expect_eq(office_bind(&office, "demo"), account, "and only once");
  cr_expect_eq(account->value_count, 4);
  office_close(&office);
}

/* ---- Sources ---- */

Test(credentials, may_come_from_the_environment) {
  struct office office = office_open();
  setenv("ACME_TEST_KEY", "from outside", 1);
  const struct account *account = office_demo(&office, "\"credentials\": {\"api_key\": {\"env\": \"ACME_TEST_KEY\"}}");
  cr_assert_not_null(account, "%s", office.error.message);
  cr_expect(text_is(office_value(account, "api_key", NULL), "from outside"));
  unsetenv("ACME_TEST_KEY");
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"env\": \"ACME_TEST_KEY\"}}"));
  cr_expect_str_eq(office.error.field, "api_key");
  cr_expect_str_eq(office.error.message,
                   "api_key is to come from the environment variable ACME_TEST_KEY, which is not set");
  cr_expect_str_eq(office.error.fix, "set ACME_TEST_KEY, or change the account");
  office_close(&office);
}

/* One final newline is an editor's. */
Test(credentials, may_come_from_a_file_without_one_final_newline) {
  static const struct {
    const char *content, *value;
  } cases[] = {{"secret", "secret"},
               {"secret\n", "secret"},
               {" secret ", " secret "},
               {"-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n\n",
                "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n"}};
  struct office office = office_open();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char members[256];
    office_write(&office, "key", cases[i].content, 0600);
    snprintf(members, sizeof members, "\"credentials\": {\"api_key\": {\"file\": \"%s/key\"}}", office.folder);
    const struct account *account = office_demo(&office, members);
    cr_assert_not_null(account, "%s", office.error.message);
    cr_expect(text_is(office_value(account, "api_key", NULL), cases[i].value), "%s", cases[i].content);
  }
  office_close(&office);
}

/* Only a header that is refused would show it, and then blame the connector. */
Test(credentials, on_more_than_one_line_are_refused_unless_they_are_pem) {
  static const char *const contents[] = {"secret\n\n", "secret\r\n", "a\nb", "a\tb", "a\x7F", "\n\n"};
  struct office office = office_open();
  for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
    office_write(&office, "key", contents[i], 0600);
    cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"file\": \"key\"}}"), "%s", contents[i]);
    cr_expect_str_eq(office.error.field, "api_key");
    cr_expect_str_eq(office.error.message, "account demo: api_key holds a line break or another control character");
    cr_expect_str_not_empty(office.error.found);
    cr_expect_str_not_empty(office.error.fix);
  }
  setenv("ACME_TEST_KEY", "from outside\n", 1);
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"env\": \"ACME_TEST_KEY\"}}"),
                 "only files lose their newline");
  office_close(&office);
}

Test(credentials, of_a_relative_file_are_looked_for_beside_the_accounts_file) {
  struct office office = office_open();
  office_write(&office, "key", "beside", 0600);
  const struct account *account = office_demo(&office, "\"credentials\": {\"api_key\": {\"file\": \"key\"}}");
  cr_assert_not_null(account, "%s", office.error.message);
  cr_expect(text_is(office_value(account, "api_key", NULL), "beside"));
  office_close(&office);
}

Test(credentials, of_a_file_keep_the_rules_for_secret_files) {
  struct office office = office_open();
  office_write(&office, "key", "secret", 0644);
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"file\": \"key\"}}"));
  cr_expect_eq(office.error.code, ERROR_ACCOUNT);
  cr_expect_str_eq(office.error.field, "api_key");
  cr_expect_not_null(strstr(office.error.message, "can be read or changed by others"));
  cr_expect_str_eq(office.error.found, "mode 0644");
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"file\": \"missing\"}}"));
  cr_expect_not_null(strstr(office.error.message, "cannot open "));
  office_write(&office, "key", "\xFFsecret", 0600);
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"file\": \"key\"}}"));
  cr_expect_str_eq(office.error.message, "key holds bytes that are not text");
  office_close(&office);
}

Test(credentials, may_come_from_the_services_credentials_folder) {
  struct office office = office_open();
  const char *members = "\"credentials\": {\"api_key\": {\"credential\": \"acme.key\"}}";
  office_write(&office, "acme.key", "passed in\n", 0400);
  setenv("CREDENTIALS_DIRECTORY", office.folder, 1);
  const struct account *account = office_demo(&office, members);
  cr_assert_not_null(account, "%s", office.error.message);
  cr_expect(text_is(office_value(account, "api_key", NULL), "passed in"));
  unsetenv("CREDENTIALS_DIRECTORY");
  cr_expect_null(office_demo(&office, members));
  cr_expect_str_eq(office.error.message, "api_key is to come from the credential acme.key, which cannot be looked for");
  cr_expect_not_null(strstr(office.error.fix, "LoadCredential=acme.key"));
  office_close(&office);
}

Test(credentials, are_not_looked_for_outside_the_credentials_folder) {
  static const char *const names[] = {"../accounts.json", "/etc/hostname", "a/b", "..", ".",
                                      "./acme.key",       "//acme.key"};
  struct office office = office_open();
  office_write(&office, "acme.key", "within reach", 0600);
  setenv("CREDENTIALS_DIRECTORY", office.folder, 1);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char members[256];
    snprintf(members, sizeof members, "\"credentials\": {\"api_key\": {\"credential\": \"%s\"}}", names[i]);
    cr_expect_null(office_demo(&office, members), "%s", names[i]);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
  }
  unsetenv("CREDENTIALS_DIRECTORY");
  office_close(&office);
}

/* ---- Against the descriptor ---- */

Test(credentials, that_do_not_fit_the_connector_are_refused_with_their_own_sentence) {
  static const struct {
    const char *credentials, *field, *message, *expected;
  } cases[] = {
      {"{}", "api_key", "account demo: the credential api_key is missing", "api_key: secret key"},
      {"{\"merchant\": \"42\"}", "api_key", "account demo: the credential api_key is missing", "api_key: secret key"},
      {"{" KEY ", \"pin\": \"1\"}", "pin", "account demo: connector acme has no credential pin",
       "api_key, merchant, prefix, password, keys"},
      {"{" KEY ", \"Merchant\": \"1\"}", "Merchant", "account demo: connector acme has no credential Merchant", NULL},
      {"{\"api_key\": \"\"}", "api_key", "account demo: api_key is empty", "secret key"},
      {"{" KEY ", \"merchant\": \"\"}", "merchant", "account demo: merchant is empty", "merchant number"},
      {"{\"api_key\": 5}", "api_key", "account demo: api_key is neither text nor a place where the text stands", NULL},
      {"{\"api_key\": null}", "api_key", "account demo: api_key is neither text nor a place where the text stands",
       NULL},
      {"{\"api_key\": []}", "api_key", "account demo: api_key is neither text nor a place where the text stands", NULL},
      {"{\"api_key\": {}}", "api_key", "account demo: api_key is neither text nor a place where the text stands", NULL},
      {"{\"api_key\": {\"vault\": \"x\"}}", "api_key",
       "account demo: api_key is neither text nor a place where the text stands",
       "text, {\"env\": \"VAR\"}, {\"file\": \"PATH\"} or {\"credential\": \"NAME\"}"},
      {"{\"api_key\": {\"env\": \"A\", \"file\": \"b\"}}", "api_key",
       "account demo: api_key is neither text nor a place where the text stands", NULL},
      {"{\"api_key\": {\"env\": 1}}", "api_key",
       "account demo: api_key is neither text nor a place where the text stands", NULL},
      {"{" KEY ", \"keys\": \"k\"}", "keys", "account demo: keys is not an object", "{NAME: VALUE, ...}"},
      {"{" KEY ", \"keys\": {\"USD\": \"\"}}", "keys", "account demo: keys is empty", NULL},
      {"{" KEY ", \"keys\": {\"USD\": 1}}", "keys",
       "account demo: keys is neither text nor a place where the text stands", NULL},
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char members[512];
    snprintf(members, sizeof members, "\"credentials\": %s", cases[i].credentials);
    cr_expect_null(office_demo(&office, members), "%s", cases[i].credentials);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.field, cases[i].field);
    cr_expect_str_eq(office.error.message, cases[i].message);
    if (cases[i].expected != NULL) cr_expect_str_eq(office.error.expected, cases[i].expected);
  }
  office_close(&office);
}

Test(credentials, of_an_empty_file_or_variable_are_empty) {
  struct office office = office_open();
  office_write(&office, "key", "\n", 0600);
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"file\": \"key\"}}"));
  cr_expect_str_eq(office.error.message, "account demo: api_key is empty");
  setenv("ACME_TEST_KEY", "", 1);
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"env\": \"ACME_TEST_KEY\"}}"));
  cr_expect_str_eq(office.error.message, "account demo: api_key is empty");
  office_close(&office);
}

Test(credentials, of_a_required_map_need_an_entry) {
  struct office office = office_open();
  office.descriptor.fields[4].flags |= REFUND_FIELD_REQUIRED;
  cr_expect_null(office_demo(&office, "\"credentials\": {" KEY ", \"keys\": {}}"));
  cr_expect_str_eq(office.error.message, "account demo: the credential keys is missing");
  cr_expect_not_null(office_demo(&office, "\"credentials\": {" KEY ", \"keys\": {\"USD\": \"u\"}}"));
  office_close(&office);
}

Test(credentials, of_a_map_have_at_most_64_entries) {
  struct office office = office_open();
  for (int entries = 64; entries <= 65; entries++) {
    char members[4096];
    size_t size = (size_t)snprintf(members, sizeof members, "\"credentials\": {" KEY ", \"keys\": {");
    for (int i = 0; i < entries; i++) {
      size += (size_t)snprintf(members + size, sizeof members - size, "%s\"K%d\": \"v\"", i == 0 ? "" : ", ", i);
    }
    snprintf(members + size, sizeof members - size, "}}");
    cr_expect_eq(office_demo(&office, members) != NULL, entries == 64);
  }
  cr_expect_str_eq(office.error.message, "account demo: keys has too many entries");
  office_close(&office);
}

/* A refused account may be mended outside and bound again. */
Test(credentials, are_read_anew_after_a_refusal) {
  struct office office = office_open();
  unsetenv("ACME_TEST_KEY");
  cr_expect_null(office_demo(&office, "\"credentials\": {\"api_key\": {\"env\": \"ACME_TEST_KEY\"}}"));
  setenv("ACME_TEST_KEY", "now", 1);
  const struct account *account = office_bind(&office, "demo");
  cr_assert_not_null(account);
  cr_expect_eq(account->value_count, 1);
  cr_expect_eq(account->secret_count, 1);
  office_close(&office);
}

/* ---- Two accounts that are one merchant ---- */

static bool two(struct office *office, const char *first, const char *second) {
  char text[1024];
  snprintf(text, sizeof text,
           "{\"accounts\": {\"a\": {\"environment\": \"sandbox\", %s}, \"b\": {\"environment\": \"sandbox\", %s}}}",
           first, second);
  cr_assert(office_read(office, text), "%s", office->error.message);
  return office_bind(office, "a") != NULL;
}

#define ACME(key, more) "\"connector\": \"acme\", \"credentials\": {\"api_key\": " key "}" more

Test(scope, must_be_shared_by_accounts_with_the_same_secrets) {
  struct office office = office_open();
  cr_expect_not(two(&office, ACME("\"k\"", ""), ACME("\"k\"", "")));
  cr_expect_eq(office.error.code, ERROR_ACCOUNT);
  cr_expect_str_eq(office.error.field, "scope");
  cr_expect_str_eq(office.error.message,
                   "accounts a and b have the same credentials but not the same scope, so one payment could be "
                   "refunded twice");
  cr_expect_str_eq(office.error.fix, "give both the same scope");
  cr_expect_not(two(&office, ACME("\"k\"", ", \"scope\": \"x\""), ACME("\"k\"", ", \"scope\": \"y\"")));
  cr_expect(two(&office, ACME("\"k\"", ", \"scope\": \"x\""), ACME("\"k\"", ", \"scope\": \"x\"")));
  cr_expect(two(&office, ACME("\"k\"", ", \"scope\": \"b\""), ACME("\"k\"", "")), "a scope may be the other's name");
  office_close(&office);
}

Test(scope, is_ones_own_where_the_secrets_or_the_connector_differ) {
  struct office office = office_open();
  cr_expect(two(&office, ACME("\"k\"", ""), ACME("\"l\"", "")));
  cr_expect(two(&office, ACME("\"k\"", ""), "\"connector\": \"other\", \"credentials\": {\"api_key\": \"k\"}"));
  cr_expect(two(&office, ACME("\"k\"", ""), ACME("{\"env\": \"NOT_SET_ANYWHERE\"}", "")), "%s", office.error.message);
  office_close(&office);
}

Test(scope, sees_equal_secrets_wherever_they_stand) {
  struct office office = office_open();
  setenv("ACME_TEST_KEY", "k", 1);
  cr_expect_not(two(&office, ACME("\"k\"", ""), ACME("{\"env\": \"ACME_TEST_KEY\"}", "")));
  office_close(&office);
}

Test(scope, ignores_what_is_not_secret_and_compares_all_that_is) {
  struct office office = office_open();
  cr_expect_not(two(&office, ACME("\"k\", \"merchant\": \"1\"", ""), ACME("\"k\", \"merchant\": \"2\"", "")));
  cr_expect(two(&office, ACME("\"k\", \"password\": \"1\"", ""), ACME("\"k\", \"password\": \"2\"", "")));
  cr_expect(two(&office, ACME("\"k\", \"password\": \"1\"", ""), ACME("\"k\"", "")));
  office_close(&office);
}

/* A connector whose only secrets stand in a map has merchants too. */
Test(scope, compares_the_secrets_of_a_map) {
  struct office office = office_open();
  office.descriptor.fields[0].flags = 0;
#define KEYS(entries) "\"connector\": \"acme\", \"credentials\": {\"keys\": {" entries "}}"
  cr_expect_not(two(&office, KEYS("\"USD\": \"u\", \"EUR\": \"e\""), KEYS("\"EUR\": \"e\", \"USD\": \"u\"")));
  cr_expect(two(&office, KEYS("\"USD\": \"u\""), KEYS("\"USD\": \"v\"")));
  cr_expect(two(&office, KEYS("\"USD\": \"u\""), KEYS("\"EUR\": \"u\"")));
  cr_expect(two(&office, KEYS("\"USD\": \"u\""), KEYS("\"USD\": \"u\", \"EUR\": \"e\"")));
  office_close(&office);
}
