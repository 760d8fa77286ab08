/* An accounts file in a folder of its own, and the descriptor of a connector that its accounts are bound to. */
#ifndef TESTS_ACCOUNT_OFFICE_H
#define TESTS_ACCOUNT_OFFICE_H

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/account.h"

struct office {
  char folder[64];
  char path[128];
  refund_descriptor descriptor;
  struct accounts *accounts;
  struct error error;
};

static inline struct office office_open(void) {
  struct office office = {
      .folder = "/tmp/account-test-XXXXXX",
      .descriptor = {
          .id = "acme",
          .fields = {{"api_key", "secret key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                     {"merchant", "merchant number", 0, 0},
                     {"prefix", "prefix of the host", 0, 0},
                     {"password", "password", REFUND_FIELD_SECRET, 0},
                     {"keys", "a key for each currency", REFUND_FIELD_MAP | REFUND_FIELD_SECRET, 0}},
          .base_urls = {{"api", "https://sandbox.example.com", "https://api.example.com"}},
      }};
  cr_assert_not_null(mkdtemp(office.folder));
  snprintf(office.path, sizeof office.path, "%s/accounts.json", office.folder);
  return office;
}

static inline void office_write(const struct office *office, const char *name, const char *text, mode_t mode) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", office->folder, name);
  unlink(path); /* one that may only be read is in the way */
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file, "%s", path);
  fputs(text, file);
  fclose(file);
  cr_assert_eq(chmod(path, mode), 0);
}

/* Reads the text as the accounts file. */
static inline bool office_read(struct office *office, const char *text) {
  office_write(office, "accounts.json", text, 0600);
  accounts_close(office->accounts);
  memset(&office->error, 0, sizeof office->error);
  office->accounts = accounts_open(office->path, &office->error);
  return office->accounts != NULL;
}

/* A file of one account "demo" with these members besides connector and environment. */
static inline bool office_read_demo(struct office *office, const char *members) {
  char text[8192];
  snprintf(text, sizeof text, "{\"accounts\": {\"demo\": {\"connector\": \"acme\", \"environment\": \"sandbox\", %s}}}",
           members);
  return office_read(office, text);
}

static inline const struct account *office_bind(struct office *office, const char *name) {
  memset(&office->error, 0, sizeof office->error);
  return accounts_bind(office->accounts, (refund_text){name, strlen(name)}, &office->descriptor, &office->error);
}

/* Reads and binds the account "demo" with these members. */
static inline const struct account *office_demo(struct office *office, const char *members) {
  cr_assert(office_read_demo(office, members), "%s", office->error.message);
  return office_bind(office, "demo");
}

static inline void office_close(struct office *office) {
  char command[128];
  accounts_close(office->accounts);
  snprintf(command, sizeof command, "rm -r %s", office->folder);
  cr_expect_eq(system(command), 0);
}

static inline bool text_is(refund_text text, const char *string) {
  return text.data != NULL && text.size == strlen(string) && memcmp(text.data, string, text.size) == 0;
}

/* The value of a field, and of an entry of a map; not there if the account has none. */
static inline refund_text office_value(const struct account *account, const char *field, const char *key) {
  for (uint64_t i = 0; i < account->value_count; i++) {
    const refund_account_value *value = &account->values[i];
    bool same_key = key == NULL ? value->key.data == NULL : text_is(value->key, key);
    if (same_key && text_is(value->field, field)) return value->value;
  }
  return (refund_text){NULL, 0};
}

#endif
