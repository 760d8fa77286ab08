#include "account/account.h"

#include <stdlib.h>
#include <string.h>

#include "account/parts.h"
#include "common/file.h"
#include "document/document.h"
#include "refund_toolkit.h"

bool account_bad_value(const struct entry *entry, const char *member, const char *expected, struct error *error) {
  error_set(error, ERROR_ACCOUNT, member, "account %s: %s has the wrong type or value", entry->account.name.data,
            member);
  return error_expected(error, "%s", expected);
}

/* ---- One account's members ---- */

static bool read_connector(struct entry *entry, const refund_node *value, struct error *error) {
  entry->account.connector = document_text(value);
  bool there = document_kind(value) == REFUND_KIND_STRING && refund_there(entry->account.connector);
  return there || account_bad_value(entry, "connector", "the id of a connector", error);
}

static bool read_environment(struct entry *entry, const refund_node *value, struct error *error) {
  refund_text text = document_text(value);
  if (refund_is(text, "sandbox")) entry->account.environment = REFUND_SANDBOX;
  if (refund_is(text, "production")) entry->account.environment = REFUND_PRODUCTION;
  return entry->account.environment != 0 ||
         account_bad_value(entry, "environment", "\"sandbox\" or \"production\"", error);
}

static bool read_base_url(struct entry *entry, const refund_node *value, struct error *error) {
  int32_t kind = document_kind(value);
  entry->base_url = value;
  return kind == REFUND_KIND_STRING || kind == REFUND_KIND_OBJECT ||
         account_bad_value(entry, "base_url", "a URL, or an object of URLs by host name", error);
}

static bool read_scope(struct entry *entry, const refund_node *value, struct error *error) {
  entry->account.scope = document_text(value);
  bool there = document_kind(value) == REFUND_KIND_STRING && refund_there(entry->account.scope);
  return there || account_bad_value(entry, "scope", "text", error);
}

static bool read_credentials(struct entry *entry, const refund_node *value, struct error *error) {
  entry->credentials = value;
  return document_kind(value) == REFUND_KIND_OBJECT || account_bad_value(entry, "credentials", "an object", error);
}

/* Connectors run in process; the accounts file may already say so. */
static bool read_isolation(struct entry *entry, const refund_node *value, struct error *error) {
  return refund_is(document_text(value), "none") ||
         account_bad_value(entry, "isolation", "\"none\" in this version", error);
}

static const struct {
  const char *name;
  bool (*read)(struct entry *entry, const refund_node *value, struct error *error);
  bool required;
} members[] = {
    {"connector", read_connector, true},
    {"environment", read_environment, true},
    {"credentials", read_credentials, true},
    {"base_url", read_base_url, false},
    {"scope", read_scope, false},
    {"limits", account_read_limits, false},
    {"isolation", read_isolation, false},
};
enum { MEMBERS = sizeof members / sizeof *members };

static bool read_member(struct entry *entry, const refund_node *value, unsigned *seen, struct error *error) {
  for (size_t i = 0; i < MEMBERS; i++) {
    if (!refund_is(document_name(value), members[i].name)) continue;
    if (document_kind(value) == REFUND_KIND_NULL) return true; /* the same as absent */
    *seen |= 1u << i;
    return members[i].read(entry, value, error);
  }
  error_set(error, ERROR_ACCOUNT, document_name(value).data, "account %s: an account has no member %.60s",
            entry->account.name.data, document_name(value).data);
  return error_expected(error, "connector, environment, credentials, base_url, scope, limits, isolation");
}

static bool read_account(struct entry *entry, const refund_node *value, struct error *error) {
  unsigned seen = 0;
  entry->account.name = document_name(value);
  entry->account.scope = entry->account.name;
  account_default_limits(&entry->account.limits);
  if (document_kind(value) != REFUND_KIND_OBJECT) return account_bad_value(entry, "account", "an object", error);
  for (const refund_node *member = document_first(value); member != NULL; member = document_next(member)) {
    if (!read_member(entry, member, &seen, error)) return false;
  }
  for (size_t i = 0; i < MEMBERS; i++) {
    if (!members[i].required || (seen >> i & 1u) != 0) continue;
    error_set(error, ERROR_ACCOUNT, members[i].name, "account %s: %s is missing", entry->account.name.data,
              members[i].name);
    return error_fix(error, "add the member %s", members[i].name);
  }
  return true;
}

/* ---- The file ---- */

static bool read_accounts(struct accounts *accounts, const refund_node *root, struct error *error) {
  const refund_node *list = document_find(root, "accounts");
  if (document_kind(list) != REFUND_KIND_OBJECT || document_next(document_first(root)) != NULL) {
    error_set(error, ERROR_ACCOUNT, "accounts", "%s does not hold exactly the member accounts", accounts->path);
    return error_expected(error, "{\"accounts\": {\"NAME\": {...}}}");
  }
  for (const refund_node *value = document_first(list); value != NULL; value = document_next(value)) {
    struct entry *entry = arena_allocate(accounts->arena, sizeof *entry);
    if (entry == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
    entry->next = accounts->first;
    accounts->first = entry;
    if (!read_account(entry, value, error)) return false;
  }
  return true;
}

struct accounts *accounts_open(const char *path, struct error *error) {
  refund_text text;
  struct accounts *accounts = calloc(1, sizeof *accounts);
  if (accounts == NULL || (accounts->arena = arena_open(0)) == NULL) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
    goto failed;
  }
  accounts->path = arena_copy(accounts->arena, refund_text_of(path)).data;
  if (!file_read_secret(accounts->arena, path, ERROR_ACCOUNT, "--accounts", &text, error)) goto failed;
  const refund_node *root = document_read(accounts->arena, REFUND_JSON, text, error);
  if (root == NULL) {
    struct error problem = {0};
    if (error != NULL) problem = *error;
    error_set(error, ERROR_ACCOUNT, "--accounts", "%.300s: %.400s", path, problem.message);
    error_expected(error, "%s", problem.expected);
    error_found(error, "%s", problem.found);
    goto failed;
  }
  if (read_accounts(accounts, root, error)) return accounts;
failed:
  accounts_close(accounts);
  return NULL;
}

void accounts_close(struct accounts *accounts) {
  if (accounts == NULL) return;
  arena_close(accounts->arena);
  free(accounts);
}

struct entry *accounts_entry(struct accounts *accounts, refund_text name, struct error *error) {
  struct buffer names;
  for (struct entry *entry = accounts->first; entry != NULL; entry = entry->next) {
    if (refund_same(entry->account.name, name)) return entry;
  }
  buffer_open(&names, 300);
  for (struct entry *entry = accounts->first; entry != NULL; entry = entry->next) {
    if (names.size > 0) refund_puts(&names.sink, ", ");
    refund_put(&names.sink, entry->account.name);
  }
  error_set(error, ERROR_ACCOUNT, "account", "there is no account %.100s in %s", name.data, accounts->path);
  if (names.size > 0) error_expected(error, "one of: %s", buffer_text(&names).data);
  error_fix(error, "add the account to %s", accounts->path);
  buffer_close(&names);
  return NULL;
}

const struct account *accounts_find(struct accounts *accounts, refund_text name, struct error *error) {
  struct entry *entry = accounts_entry(accounts, name, error);
  return entry == NULL ? NULL : &entry->account;
}

bool accounts_have_scope(const struct accounts *accounts, refund_text connector, refund_text scope) {
  for (const struct entry *entry = accounts->first; entry != NULL; entry = entry->next) {
    if (refund_same(entry->account.connector, connector) && refund_same(entry->account.scope, scope)) return true;
  }
  return false;
}
