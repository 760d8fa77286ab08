/* An account meets its connector: credentials are read and checked against the fields that the descriptor names, base
 * URLs are filled in. */
#include <string.h>

#include "account/parts.h"
#include "common/buffer.h"
#include "common/url.h"
#include "document/document.h"
#include "refund_toolkit.h"

enum { MAP_ENTRIES = 64 };

static bool out_of_memory(struct error *error) {
  return error_set(error, ERROR_HOST, NULL, "out of memory");
}

/* ---- Fields ---- */

static const refund_account_field *field_named(const refund_descriptor *descriptor, refund_text name) {
  for (size_t i = 0; i < REFUND_MAX_FIELDS && descriptor->fields[i].name[0] != '\0'; i++) {
    if (refund_is(name, descriptor->fields[i].name)) return &descriptor->fields[i];
  }
  return NULL;
}

/* The value of a field, the first one of a map; not there if the account has none. */
static refund_text value_of(const struct account *account, refund_text field) {
  refund_text none = {NULL, 0};
  for (uint64_t i = 0; i < account->value_count; i++) {
    if (refund_same(account->values[i].field, field)) return account->values[i].value;
  }
  return none;
}

static bool no_such_field(const struct entry *entry, const refund_descriptor *descriptor, refund_text name,
                          struct error *error) {
  struct buffer names;
  buffer_open(&names, 300);
  for (size_t i = 0; i < REFUND_MAX_FIELDS && descriptor->fields[i].name[0] != '\0'; i++) {
    if (i > 0) refund_puts(&names.sink, ", ");
    refund_puts(&names.sink, descriptor->fields[i].name);
  }
  error_set(error, ERROR_ACCOUNT, name.data, "account %s: connector %s has no credential %.60s",
            entry->account.name.data, descriptor->id, name.data);
  error_expected(error, "%s", buffer_text(&names).data);
  buffer_close(&names);
  return false;
}

/* A line break at the end of a key file would only show when a header is refused, and then blame the connector. Keys in
 * PEM have lines. */
static bool check_text(const struct entry *entry, const refund_account_field *field, refund_text value,
                       struct error *error) {
  if (!document_is_utf8(value)) {
    error_set(error, ERROR_ACCOUNT, field->name, "account %s: %s holds bytes that are not text",
              entry->account.name.data, field->name);
    return error_expected(error, "UTF-8");
  }
  if (memmem(value.data, value.size, "-----BEGIN ", 11) != NULL) return true;
  for (uint64_t i = 0; i < value.size; i++) {
    unsigned char c = (unsigned char)value.data[i];
    if (c >= 0x20 && c != 0x7F) continue;
    error_set(error, ERROR_ACCOUNT, field->name, "account %s: %s holds a line break or another control character",
              entry->account.name.data, field->name);
    error_found(error, "byte 0x%02X at place %llu of %llu", c, (unsigned long long)i + 1,
                (unsigned long long)value.size);
    return error_fix(error, "write it on one line; a file may end with one line break");
  }
  return true;
}

/* The longest first: where one secret begins another, masking the shorter one would leave the other's end standing. */
static void add_secret(struct account *account, const refund_account_value *value) {
  uint64_t at = account->secret_count++;
  for (; at > 0 && account->secrets[2 * at - 1].size < value->value.size; at--) {
    account->secrets[2 * at] = account->secrets[2 * at - 2];
    account->secrets[2 * at + 1] = account->secrets[2 * at - 1];
  }
  account->secrets[2 * at] = value->field;
  account->secrets[2 * at + 1] = value->value;
}

static bool add_value(struct accounts *accounts, struct entry *entry, const refund_account_field *field,
                      refund_text key, const refund_node *value, struct error *error) {
  struct account *account = &entry->account;
  refund_account_value *to = &account->values[account->value_count];
  to->field = refund_text_of(field->name);
  to->key = key;
  if (!credential_read(accounts, entry, value, field->name, &to->value, error)) return false;
  if (!refund_there(to->value)) {
    error_set(error, ERROR_ACCOUNT, field->name, "account %s: %s is empty", account->name.data, field->name);
    return error_expected(error, "%s", field->title);
  }
  if (!check_text(entry, field, to->value, error)) return false;
  account->value_count++;
  if ((field->flags & REFUND_FIELD_SECRET) != 0) add_secret(account, to);
  return true;
}

static bool add_map(struct accounts *accounts, struct entry *entry, const refund_account_field *field,
                    const refund_node *map, struct error *error) {
  size_t count = 0;
  if (document_kind(map) != REFUND_KIND_OBJECT) {
    error_set(error, ERROR_ACCOUNT, field->name, "account %s: %s is not an object", entry->account.name.data,
              field->name);
    return error_expected(error, "{NAME: VALUE, ...}");
  }
  for (const refund_node *value = document_first(map); value != NULL; value = document_next(value)) {
    if (++count > MAP_ENTRIES) {
      error_set(error, ERROR_ACCOUNT, field->name, "account %s: %s has too many entries", entry->account.name.data,
                field->name);
      return error_expected(error, "at most %d", MAP_ENTRIES);
    }
    if (!add_value(accounts, entry, field, document_name(value), value, error)) return false;
  }
  return true;
}

static bool bind_credentials(struct accounts *accounts, struct entry *entry, const refund_descriptor *descriptor,
                             struct error *error) {
  size_t room = (size_t)REFUND_MAX_FIELDS * MAP_ENTRIES;
  entry->account.values = arena_allocate(accounts->arena, room * sizeof *entry->account.values);
  entry->account.secrets = arena_allocate(accounts->arena, 2 * room * sizeof *entry->account.secrets);
  if (entry->account.values == NULL || entry->account.secrets == NULL) return out_of_memory(error);
  for (const refund_node *value = document_first(entry->credentials); value != NULL; value = document_next(value)) {
    const refund_account_field *field = field_named(descriptor, document_name(value));
    refund_text no_key = {NULL, 0};
    if (field == NULL) return no_such_field(entry, descriptor, document_name(value), error);
    bool added = (field->flags & REFUND_FIELD_MAP) != 0 ? add_map(accounts, entry, field, value, error)
                                                        : add_value(accounts, entry, field, no_key, value, error);
    if (!added) return false;
  }
  for (size_t i = 0; i < REFUND_MAX_FIELDS && descriptor->fields[i].name[0] != '\0'; i++) {
    const refund_account_field *field = &descriptor->fields[i];
    if ((field->flags & REFUND_FIELD_REQUIRED) == 0) continue;
    if (value_of(&entry->account, refund_text_of(field->name)).data != NULL) continue;
    error_set(error, ERROR_ACCOUNT, field->name, "account %s: the credential %s is missing", entry->account.name.data,
              field->name);
    error_expected(error, "%s: %s", field->name, field->title);
    return error_fix(error, "add it to credentials in %s", accounts->path);
  }
  return true;
}

/* ---- Base URLs ---- */

static bool is_host_part(refund_text text) {
  for (uint64_t i = 0; i < text.size; i++) {
    char c = text.data[i];
    bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!fine) return false;
  }
  return text.size > 0;
}

/* "{field}" becomes the account's value, which must be such as a host's label holds: it decides who gets the secret. */
static bool fill_in(const struct account *account, const char *pattern, struct buffer *out, struct error *error) {
  while (*pattern != '\0') {
    const char *close_brace = *pattern == '{' ? strchr(pattern, '}') : NULL;
    if (close_brace == NULL) {
      buffer_write(out, pattern++, 1);
      continue;
    }
    refund_text field = {pattern + 1, (uint64_t)(close_brace - pattern - 1)};
    refund_text value = value_of(account, field);
    if (!is_host_part(value)) {
      error_set(error, ERROR_ACCOUNT, NULL, "account %s: the processor's host needs %.*s", account->name.data,
                (int)field.size, field.data);
      return error_expected(error, "letters, digits, - and _ in the credential %.*s", (int)field.size, field.data);
    }
    refund_put(&out->sink, value);
    pattern = close_brace + 1;
  }
  return true;
}

/* Does the host hang on an optional field, which `account` (NULL: no account) leaves out? */
static bool hangs_on_absent_field(const struct account *account, const refund_descriptor *descriptor,
                                  const char *pattern) {
  for (const char *open = pattern; (open = strchr(open, '{')) != NULL; open++) {
    const char *close_brace = strchr(open, '}');
    refund_text name = {open + 1, close_brace == NULL ? 0 : (uint64_t)(close_brace - open - 1)};
    const refund_account_field *field = field_named(descriptor, name);
    if (field == NULL || (field->flags & REFUND_FIELD_REQUIRED) != 0) continue;
    if (account == NULL || value_of(account, name).data == NULL) return true;
  }
  return false;
}

/* What the account says for a host, or NULL. A text stands for the first host. */
static const refund_node *override_of(const struct entry *entry, const refund_descriptor *descriptor, size_t index) {
  if (document_kind(entry->base_url) == REFUND_KIND_STRING) return index == 0 ? entry->base_url : NULL;
  return document_find(entry->base_url, descriptor->base_urls[index].name);
}

static bool check_base_url(const struct account *account, const char *host, refund_text *text, struct error *error) {
  struct url url;
  while (text->size > 0 && text->data[text->size - 1] == '/')
    text->size--;
  const char *problem = url_read(*text, &url);
  if (problem == NULL && url.query.data != NULL) problem = "it has a query";
  if (problem == NULL) return true;
  error_set(error, ERROR_ACCOUNT, "base_url", "account %s: the base URL of host %s cannot be used: %s",
            account->name.data, host, problem);
  error_expected(error, "https://host[:port][/path], or http:// on this machine");
  error_found(error, "%.*s", text->size > 100 ? 100 : (int)text->size, text->data);
  if (error != NULL) url_hide_users(error->found);
  return false;
}

static bool bind_base_url(struct accounts *accounts, struct entry *entry, const refund_descriptor *descriptor,
                          size_t index, struct error *error) {
  struct account *account = &entry->account;
  const refund_base_url *own = &descriptor->base_urls[index];
  const refund_node *override = override_of(entry, descriptor, index);
  const char *pattern = account->environment == REFUND_SANDBOX ? own->sandbox : own->production;
  const struct account *giver = entry->base_url == NULL ? account : NULL; /* base_url goes before all fields */
  struct buffer text;
  /* A host of an optional field is not there without it; the first host always is. */
  if (override == NULL && index > 0 && hangs_on_absent_field(giver, descriptor, pattern)) return true;
  if (override == NULL && entry->base_url != NULL) {
    error_set(error, ERROR_ACCOUNT, "base_url", "account %s: base_url leaves out the host %s", account->name.data,
              own->name);
    error_expected(error, "a URL for every host of connector %s, or none", descriptor->id);
    return error_fix(error, "write base_url as an object with the member %s too", own->name);
  }
  buffer_open(&text, 4096);
  bool filled = override != NULL ? refund_put(&text.sink, document_text(override)) == REFUND_OK
                                 : fill_in(account, pattern, &text, error);
  account->base_urls[index] = arena_copy(accounts->arena, buffer_text(&text));
  buffer_close(&text);
  if (!filled) return false;
  if (account->base_urls[index].size == 0 && override == NULL) {
    error_set(error, ERROR_ACCOUNT, "base_url", "account %s: connector %s has no host of its own for %s",
              account->name.data, descriptor->id, account->environment == REFUND_SANDBOX ? "sandbox" : "production");
    return error_fix(error, "add base_url to the account");
  }
  return check_base_url(account, own->name, &account->base_urls[index], error);
}

static bool unknown_host(const struct entry *entry, const refund_descriptor *descriptor, struct error *error) {
  if (document_kind(entry->base_url) != REFUND_KIND_OBJECT) return false;
  for (const refund_node *url = document_first(entry->base_url); url != NULL; url = document_next(url)) {
    bool known = false;
    for (size_t i = 0; i < REFUND_MAX_BASE_URLS && descriptor->base_urls[i].name[0] != '\0'; i++) {
      known = known || refund_is(document_name(url), descriptor->base_urls[i].name);
    }
    if (known) continue;
    error_set(error, ERROR_ACCOUNT, "base_url", "account %s: connector %s has no host %.60s", entry->account.name.data,
              descriptor->id, document_name(url).data);
    return true;
  }
  return false;
}

static bool bind_base_urls(struct accounts *accounts, struct entry *entry, const refund_descriptor *descriptor,
                           struct error *error) {
  entry->account.base_urls = arena_allocate(accounts->arena, REFUND_MAX_BASE_URLS * sizeof *entry->account.base_urls);
  if (entry->account.base_urls == NULL) return out_of_memory(error);
  if (unknown_host(entry, descriptor, error)) return false;
  size_t count = 0;
  while (count < REFUND_MAX_BASE_URLS && descriptor->base_urls[count].name[0] != '\0') {
    if (!bind_base_url(accounts, entry, descriptor, count, error)) return false;
    count++;
  }
  entry->account.base_url_count = count;
  return true;
}

/* ---- Two accounts that are one merchant ---- */

/* Does the other account hold this value of ours in the same place? An unreadable credential is not the same. */
static bool holds(struct accounts *accounts, const struct entry *other, const refund_account_value *ours) {
  refund_text theirs = {NULL, 0};
  const refund_node *value = document_find(other->credentials, ours->field.data);
  if (ours->key.data != NULL) {
    const refund_node *map = value;
    value = document_kind(map) == REFUND_KIND_OBJECT ? document_first(map) : NULL;
    while (value != NULL && !refund_same(document_name(value), ours->key))
      value = document_next(value);
  }
  return value != NULL && credential_read(accounts, other, value, ours->field.data, &theirs, NULL) &&
         refund_same(ours->value, theirs);
}

/* How many secret values the other account's credentials spell out. */
static uint64_t count_secrets(const struct entry *other, const refund_descriptor *descriptor) {
  uint64_t count = 0;
  for (const refund_node *value = document_first(other->credentials); value != NULL; value = document_next(value)) {
    const refund_account_field *field = field_named(descriptor, document_name(value));
    if (field == NULL || (field->flags & REFUND_FIELD_SECRET) == 0) continue;
    if ((field->flags & REFUND_FIELD_MAP) == 0) count++;
    if ((field->flags & REFUND_FIELD_MAP) == 0 || document_kind(value) != REFUND_KIND_OBJECT) continue;
    for (const refund_node *item = document_first(value); item != NULL; item = document_next(item))
      count++;
  }
  return count;
}

/* Do two accounts of one connector hold the same secrets, all of them? */
static bool same_secrets(struct accounts *accounts, const struct entry *a, const struct entry *b,
                         const refund_descriptor *descriptor) {
  if (a->account.secret_count == 0 || a->account.secret_count != count_secrets(b, descriptor)) return false;
  for (uint64_t i = 0; i < a->account.value_count; i++) {
    const refund_account_value *ours = &a->account.values[i];
    bool secret = (field_named(descriptor, ours->field)->flags & REFUND_FIELD_SECRET) != 0;
    if (secret && !holds(accounts, b, ours)) return false;
  }
  return true;
}

static bool check_scopes(struct accounts *accounts, const struct entry *entry, const refund_descriptor *descriptor,
                         struct error *error) {
  for (const struct entry *other = accounts->first; other != NULL; other = other->next) {
    if (other == entry || !refund_same(other->account.connector, entry->account.connector)) continue;
    if (refund_same(other->account.scope, entry->account.scope)) continue;
    if (!same_secrets(accounts, entry, other, descriptor)) continue;
    error_set(
        error, ERROR_ACCOUNT, "scope",
        "accounts %s and %s have the same credentials but not the same scope, so one payment could be refunded twice",
        entry->account.name.data, other->account.name.data);
    return error_fix(error, "give both the same scope");
  }
  return true;
}

const struct account *accounts_bind(struct accounts *accounts, refund_text name, const refund_descriptor *descriptor,
                                    struct error *error) {
  struct entry *entry = accounts_entry(accounts, name, error);
  if (entry == NULL) return NULL;
  if (entry->bound) return &entry->account;
  entry->account.value_count = entry->account.secret_count = 0;
  entry->bound = bind_credentials(accounts, entry, descriptor, error) &&
                 bind_base_urls(accounts, entry, descriptor, error) && check_scopes(accounts, entry, descriptor, error);
  return entry->bound ? &entry->account : NULL;
}
