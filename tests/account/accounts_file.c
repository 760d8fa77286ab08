/* The accounts file: whose it may be, what it may hold, and a sentence for each way to get it wrong. */
#include "office.h"

enum { NOBODY = 65534 };

#define GOOD "{\"accounts\": {\"demo\": {\"connector\": \"acme\", \"environment\": \"sandbox\", \"credentials\": {}}}}"

Test(accounts_file, is_read_into_accounts_with_their_defaults) {
  struct office office = office_open();
  cr_assert(office_read(&office,
                        "{\"accounts\": {"
                        "\"demo\": {\"connector\": \"acme\", \"environment\": \"sandbox\", \"credentials\": {}},"
                        "\"live\": {\"connector\": \"other\", \"environment\": \"production\", \"credentials\": {},"
                        " \"scope\": \"shop\","
                        " \"isolation\": \"none\", \"base_url\": null}}}"),
            "%s", office.error.message);
  const struct account *demo = accounts_find(office.accounts, (refund_text){"demo", 4}, &office.error);
  cr_assert_not_null(demo);
  cr_expect(text_is(demo->connector, "acme"));
  cr_expect(text_is(demo->scope, "demo"));
  cr_expect_eq(demo->environment, REFUND_SANDBOX);
  const struct account *live = accounts_find(office.accounts, (refund_text){"live", 4}, &office.error);
  cr_assert_not_null(live);
  cr_expect(text_is(live->scope, "shop"));
  cr_expect_eq(live->environment, REFUND_PRODUCTION);
  office_close(&office);
}

Test(accounts_file, names_the_accounts_there_are_when_asked_for_another) {
  struct office office = office_open();
  cr_assert(office_read(&office, GOOD));
  cr_expect_null(accounts_find(office.accounts, (refund_text){"Demo", 4}, &office.error));
  cr_expect_eq(office.error.code, ERROR_ACCOUNT);
  cr_expect_not_null(strstr(office.error.message, "there is no account Demo in "));
  cr_expect_str_eq(office.error.expected, "one of: demo");
  cr_expect_not_null(strstr(office.error.fix, office.path));
  cr_expect_null(office_bind(&office, "nobody"));
  office_close(&office);
}

Test(accounts_file, knows_the_scopes_of_each_connector) {
  struct office office = office_open();
  cr_assert(office_read(&office,
                        "{\"accounts\": {"
                        "\"demo\": {\"connector\": \"acme\", \"environment\": \"sandbox\", \"credentials\": {}},"
                        "\"live\": {\"connector\": \"other\", \"environment\": \"production\", \"credentials\": {},"
                        " \"scope\": \"shop\"}}}"));
  static const struct {
    const char *connector, *scope;
    bool there;
  } cases[] = {{"acme", "demo", true}, {"other", "shop", true}, {"acme", "shop", false}, {"other", "live", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refund_text connector = {cases[i].connector, strlen(cases[i].connector)};
    refund_text scope = {cases[i].scope, strlen(cases[i].scope)};
    cr_expect_eq(accounts_have_scope(office.accounts, connector, scope), cases[i].there, "%s %s", cases[i].connector,
                 cases[i].scope);
  }
  office_close(&office);
}

/* ---- Whose it is ---- */

Test(accounts_file, that_others_may_read_or_change_is_refused) {
  static const mode_t modes[] = {0644, 0660, 0620, 0604, 0602, 0666};
  struct office office = office_open();
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    char found[16];
    office_write(&office, "accounts.json", GOOD, modes[i]);
    cr_expect_null(accounts_open(office.path, &office.error), "%o", modes[i]);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.field, "--accounts");
    cr_expect_not_null(strstr(office.error.message, "can be read or changed by others, and it holds secrets"));
    snprintf(found, sizeof found, "mode 0%o", modes[i]);
    cr_expect_str_eq(office.error.found, found);
  }
  office_close(&office);
}

Test(accounts_file, may_be_read_by_its_group_only_if_root_owns_it) {
  struct office office = office_open();
  office_write(&office, "accounts.json", GOOD, 0640);
  office.accounts = accounts_open(office.path, &office.error);
  cr_expect_eq(office.accounts != NULL, geteuid() == 0, "%s", office.error.message);
  office_close(&office);
}

Test(accounts_file, of_another_user_is_refused) {
  struct office office = office_open();
  office_write(&office, "accounts.json", GOOD, 0600);
  if (geteuid() != 0 || chown(office.path, NOBODY, NOBODY) != 0) {
    office_close(&office);
    cr_skip_test("only root can give a file away");
  }
  cr_expect_null(accounts_open(office.path, &office.error));
  cr_expect_not_null(strstr(office.error.message, "belongs to another user"));
  cr_expect_str_eq(office.error.found, "user 65534");
  office_close(&office);
}

Test(accounts_file, that_is_missing_is_an_account_error) {
  struct office office = office_open();
  cr_expect_null(accounts_open(office.path, &office.error));
  cr_expect_eq(office.error.code, ERROR_ACCOUNT);
  cr_expect_not_null(strstr(office.error.message, "cannot open "));
  office_close(&office);
}

/* ---- What it holds ---- */

Test(accounts_file, of_another_shape_is_refused_with_its_own_sentence) {
  static const struct {
    const char *text, *field, *message;
  } cases[] = {
      {"", "--accounts", "accounts.json: "},
      {"{\"accounts\": {}", NULL, ""},
      {"{\"accounts\": {}} x", NULL, ""},
      {"{\"accounts\": {\"a\": {}, \"a\": {}}}", NULL, "two members of one name"},
      {"[]", "accounts", "does not hold exactly the member accounts"},
      {"{}", "accounts", "does not hold exactly the member accounts"},
      {"{\"accounts\": []}", "accounts", "does not hold exactly the member accounts"},
      {"{\"accounts\": {}, \"more\": 1}", "accounts", "does not hold exactly the member accounts"},
      {"{\"Accounts\": {}}", "accounts", "does not hold exactly the member accounts"},
      {"{\"accounts\": {\"demo\": 1}}", "account", "account demo: account has the wrong type or value"},
      {"{\"accounts\": {\"demo\": null}}", "account", "account demo: account has the wrong type or value"},
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_not(office_read(&office, cases[i].text), "%s", cases[i].text);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT, "%s", cases[i].text);
    cr_expect_not_null(strstr(office.error.message, cases[i].message), "%s: %s", cases[i].text, office.error.message);
    if (cases[i].field != NULL) cr_expect_str_eq(office.error.field, cases[i].field);
  }
  office_close(&office);
}

/* `with`: the members of the account "demo"; each must be refused for `field`. */
Test(accounts_file, with_a_wrong_member_is_refused_with_its_own_sentence) {
  static const struct {
    const char *with, *field, *message, *expected;
  } cases[] = {
#define C "\"connector\": \"acme\""
#define E "\"environment\": \"sandbox\""
#define K "\"credentials\": {}"
      {E "," K, "connector", "account demo: connector is missing", NULL},
      {C "," K, "environment", "account demo: environment is missing", NULL},
      {C "," E, "credentials", "account demo: credentials is missing", NULL},
      {C "," K ",\"environment\": null", "environment", "account demo: environment is missing", NULL},
      {C "," K ",\"environment\": \"live\"", "environment", "account demo: environment has the wrong type or value",
       "\"sandbox\" or \"production\""},
      {C "," K ",\"environment\": \"Sandbox\"", "environment", "account demo: environment has the wrong type or value",
       "\"sandbox\" or \"production\""},
      {C "," K ",\"environment\": true", "environment", "account demo: environment has the wrong type or value", NULL},
      {E "," K ",\"connector\": 1", "connector", "account demo: connector has the wrong type or value", NULL},
      {E "," K ",\"connector\": \"\"", "connector", "account demo: connector has the wrong type or value", NULL},
      {C "," E ",\"credentials\": \"key\"", "credentials", "account demo: credentials has the wrong type or value",
       "an object"},
      {C "," E "," K ",\"base_url\": 1", "base_url", "account demo: base_url has the wrong type or value",
       "a URL, or an object of URLs by host name"},
      {C "," E "," K ",\"base_url\": []", "base_url", "account demo: base_url has the wrong type or value", NULL},
      {C "," E "," K ",\"scope\": 1", "scope", "account demo: scope has the wrong type or value", "text"},
      {C "," E "," K ",\"scope\": \"\"", "scope", "account demo: scope has the wrong type or value", "text"},
      {C "," E "," K ",\"limits\": 1", "limits", "account demo: limits has the wrong type or value", "an object"},
      {C "," E "," K ",\"isolation\": \"worker\"", "isolation", "account demo: isolation", NULL},
      {C "," E "," K ",\"isolation\": 0", "isolation", "account demo: isolation", NULL},
      {C "," E "," K ",\"api_key\": \"k\"", "api_key", "account demo: an account has no member api_key",
       "connector, environment, credentials, base_url, scope, limits, isolation"},
      {C "," E "," K ",\"Scope\": \"x\"", "Scope", "account demo: an account has no member Scope", NULL},
      {C "," E "," K ",\"scopes\": null", "scopes", "account demo: an account has no member scopes", NULL},
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[1024];
    snprintf(text, sizeof text, "{\"accounts\": {\"demo\": {%s}}}", cases[i].with);
    cr_expect_not(office_read(&office, text), "%s", cases[i].with);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
    cr_expect_str_eq(office.error.field, cases[i].field, "%s", cases[i].with);
    cr_expect_eq(strncmp(office.error.message, cases[i].message, strlen(cases[i].message)), 0, "%s",
                 office.error.message);
    if (cases[i].expected != NULL) cr_expect_str_eq(office.error.expected, cases[i].expected);
    cr_expect(office.error.expected[0] != '\0' || office.error.fix[0] != '\0', "%s", cases[i].with);
  }
  office_close(&office);
}

/* A wrong account is found whatever stands before it. */
Test(accounts_file, is_checked_to_its_last_account) {
  struct office office = office_open();
  cr_expect_not(office_read(&office,
                            "{\"accounts\": {\"a\": {\"connector\": \"acme\", \"environment\": \"sandbox\","
                            " \"credentials\": {}}, \"b\": {\"connector\": \"acme\"}}}"));
  cr_expect_str_eq(office.error.message, "account b: environment is missing");
  office_close(&office);
}

Test(accounts_file, never_shows_a_credential_in_an_error) {
  static const char *const wrong[] = {
      "\"credentials\": {\"api_key\": \"hunter2-hunter2\"}, \"more\": 1",
      "\"credentials\": {\"api_key\": \"hunter2-hunter2\", \"other\": \"hunter2-hunter2\"}",
      "\"credentials\": {\"api_key\": {\"text\": \"hunter2-hunter2\"}}",
      "\"credentials\": {\"api_key\": \"hunter2-hunter2\", \"keys\": \"hunter2-hunter2\"}",
      "\"credentials\": {\"password\": \"hunter2-hunter2\"}",
  };
  struct office office = office_open();
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    bool read = office_read_demo(&office, wrong[i]);
    if (read) cr_expect_null(office_bind(&office, "demo"), "%s", wrong[i]);
    cr_expect_null(memmem(&office.error, sizeof office.error, "hunter2", 7), "%s", wrong[i]);
    cr_expect_eq(office.error.code, ERROR_ACCOUNT);
  }
  office_close(&office);
}
