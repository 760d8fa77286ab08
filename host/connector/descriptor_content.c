#include "connector/descriptor_content.h"

#include <string.h>

#include "domain/digest.h"
#include "refund_toolkit.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define TOKEN_CHARACTERS "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UUID_LENGTH 36
#define MOST_DECIMALS 6

/* One finding: the member, its place in its array (0: not in one), and the three parts. */
static bool refuse(struct error *error, const char *member, size_t place, const char *what, const char *expected,
                   const char *found, const char *fix) {
  if (place == 0) {
    error_set(error, ERROR_CONNECTOR, member, "%s %s", member, what);
  } else {
    error_set(error, ERROR_CONNECTOR, member, "%s (entry %zu) %s", member, place, what);
  }
  error_expected(error, "%s", expected);
  error_found(error, "%s", found[0] == '\0' ? "nothing" : found);
  return error_fix(error, "%s", fix);
}

bool descriptor_content_is_name(const char *text) {
  return text[0] != '\0' && text[strspn(text, NAME_CHARACTERS)] == '\0';
}

bool descriptor_content_is_method(refund_text text) {
  for (uint64_t i = 0; i < text.size; i++) {
    if (text.data[i] < 'A' || text.data[i] > 'Z') return false;
  }
  return refund_there(text) && text.size < sizeof((refund_flow *)0)->method;
}

bool descriptor_content_is_token(refund_text text) {
  for (uint64_t i = 0; i < text.size; i++) {
    if (memchr(TOKEN_CHARACTERS, text.data[i], strlen(TOKEN_CHARACTERS)) == NULL) return false;
  }
  return text.size > 0;
}

static bool check_identity(const refund_descriptor *descriptor, struct error *error) {
  if (!descriptor_content_is_name(descriptor->id)) {
    return refuse(error, "id", 0, "has other characters than an id may have", "a-z, 0-9 and _", descriptor->id,
                  "change the first argument of REFUND_CONNECTOR()");
  }
  if (descriptor->version[0] == '\0' || strchr(descriptor->version, ' ') != NULL) {
    return refuse(error, "version", 0, "is no usable version", "a text such as 1.0.0", descriptor->version,
                  "change the second argument of REFUND_CONNECTOR()");
  }
  return true;
}

/* Names of one array: all of the alphabet, each once, and nothing filled in behind the first empty one. The two
 * functions walk over structures of different size, hence the stride. */
static bool check_names(const char *member, const char *first, size_t stride, size_t filled, size_t capacity,
                        struct error *error) {
  for (size_t i = 0; i < capacity; i++) {
    const char *name = first + i * stride;
    if (i >= filled) {
      if (name[0] == '\0') continue;
      return refuse(error, member, i + 1, "stands behind an empty entry", "entries without gaps", name,
                    "move it up, or remove the empty entry");
    }
    if (!descriptor_content_is_name(name)) {
      return refuse(error, member, i + 1, "has other characters than a name may have", "a-z, 0-9 and _", name,
                    "rename it");
    }
    for (size_t j = 0; j < i; j++) {
      if (strcmp(first + j * stride, name) != 0) continue;
      return refuse(error, member, i + 1, "stands twice", "each name once", name, "remove or rename one of the two");
    }
  }
  return true;
}

static bool check_fields(const refund_descriptor *descriptor, struct error *error) {
  size_t count = descriptor_field_count(descriptor);
  if (!check_names("fields[].name", descriptor->fields[0].name, sizeof *descriptor->fields, count, REFUND_MAX_FIELDS,
                   error)) {
    return false;
  }
  /* A newer header may know more flags than this host; an older one cannot. */
  bool newer = descriptor->abi_minor_built > REFUND_ABI_MINOR;
  for (size_t i = 0; i < count && !newer; i++) {
    uint32_t known = REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET | REFUND_FIELD_MAP;
    if ((descriptor->fields[i].flags & ~known) == 0) continue;
    return refuse(error, "fields[].flags", i + 1, "has flags that do not exist", "REFUND_FIELD_ constants",
                  descriptor->fields[i].name, "correct the third member of the field");
  }
  return true;
}

static bool check_base_urls(const refund_descriptor *descriptor, struct error *error) {
  size_t count = descriptor_base_url_count(descriptor);
  if (!check_names("base_urls[].name", descriptor->base_urls[0].name, sizeof *descriptor->base_urls, count,
                   REFUND_MAX_BASE_URLS, error)) {
    return false;
  }
  if (strcmp(descriptor->base_urls[0].name, "api") != 0) {
    return refuse(error, "base_urls[].name", 1, "is not the API's host", "api", descriptor->base_urls[0].name,
                  "name the first of REFUND_BASE_URLS() \"api\"");
  }
  for (size_t i = 0; i < count; i++) {
    if (!descriptor_url_check(descriptor, "base_urls[].sandbox", descriptor->base_urls[i].sandbox, error) ||
        !descriptor_url_check(descriptor, "base_urls[].production", descriptor->base_urls[i].production, error)) {
      return false;
    }
  }
  return true;
}

static bool check_flow(const refund_descriptor *descriptor, size_t index, struct error *error) {
  const refund_flow *flow = &descriptor->flows[index];
  if (!descriptor_content_is_method(refund_text_of(flow->method))) {
    return refuse(error, "flows[].method", index + 1, "is no HTTP method", "capital letters such as POST", flow->method,
                  "correct the method of the flow in REFUND_FLOWS()");
  }
  bool newer = descriptor->abi_minor_built > REFUND_ABI_MINOR;
  if (!newer && (flow->names < REFUND_NAMES_NOTHING || flow->names > REFUND_NAMES_PAYMENT)) {
    return refuse(error, "flows[].names", index + 1, "does not say what an answer is about", "a REFUND_NAMES_ constant",
                  "another number", "correct what the flow names in REFUND_FLOWS()");
  }
  uint32_t known = REFUND_FLOW_ABSENCE_FINAL | REFUND_FLOW_MAY_CREATE | REFUND_FLOW_FRESH_BODY | REFUND_FLOW_RANDOM;
  if (!newer && (flow->flags & ~known) != 0) {
    return refuse(error, "flows[].flags", index + 1, "has flags that do not exist", "REFUND_FLOW_ constants", flow->id,
                  "correct the flags of the flow in REFUND_FLOWS()");
  }
  return true;
}

static bool check_flows(const refund_descriptor *descriptor, struct error *error) {
  size_t count = descriptor_flow_count(descriptor);
  bool refunds = false;
  if (!check_names("flows[].id", descriptor->flows[0].id, sizeof *descriptor->flows, count, REFUND_MAX_FLOWS, error)) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    if (!check_flow(descriptor, i, error)) return false;
    if (strcmp(descriptor->flows[i].id, "refund") == 0) refunds = true;
  }
  return refunds || refuse(error, "flows[].id", 0, "does not say refund once: the connector cannot refund",
                           "a flow with the id refund", descriptor->flows[0].id, "add it to REFUND_FLOWS()");
}

/* Ranges such as "A-Za-z0-9-": a range goes up, and what it is made of can stand in a header and in JSON as it is. */
static bool is_alphabet(const char *text) {
  for (const char *at = text; *at != '\0'; at++) {
    if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\') return false;
    if (at[1] == '-' && at[2] != '\0') {
      if (at[2] < *at || at[2] > '~') return false;
      at += 2;
    }
  }
  return true;
}

static bool check_form(const refund_form *form, const char *member, struct error *error) {
  static const char fix[] = "correct the lengths or the alphabet in REFUND_KEY() or REFUND_REFERENCES()";
  if (form->kind != REFUND_FORM_TEXT && form->kind != REFUND_FORM_UUID) {
    return refuse(error, member, 0, "is of a kind that this host does not know", "REFUND_FORM_TEXT or REFUND_FORM_UUID",
                  "another number", fix);
  }
  if (form->least > form->greatest || form->greatest == 0) {
    return refuse(error, member, 0, "has lengths that nothing can have", "at least 1, and the least first",
                  form->greatest == 0 ? "a greatest length of 0" : "a least length above the greatest", fix);
  }
  if (form->kind == REFUND_FORM_UUID && (form->least > UUID_LENGTH || form->greatest < UUID_LENGTH)) {
    return refuse(error, member, 0, "has lengths that no UUID has", "lengths that allow 36 characters", "others", fix);
  }
  if (!is_alphabet(form->alphabet)) {
    return refuse(error, member, 0, "has an alphabet that cannot be read", "ranges such as A-Za-z0-9-", form->alphabet,
                  fix);
  }
  if (!form_is_safe(form)) {
    return refuse(error, member, 0, "cannot hold a digest of every refund id",
                  "an alphabet with 0-9 and a-f, at most 64 characters required and at least 16 allowed",
                  form->alphabet[0] == '\0' ? "lengths that do not fit" : form->alphabet, fix);
  }
  return true;
}

static bool check_switch(const refund_descriptor *descriptor, struct error *error) {
  const char *name = descriptor->idempotency.switch_field;
  if (name[0] == '\0') return true;
  for (size_t i = 0; i < descriptor_field_count(descriptor); i++) {
    const refund_account_field *field = &descriptor->fields[i];
    if (strcmp(field->name, name) == 0 && (field->flags & REFUND_FIELD_MAP) == 0) return true;
  }
  return refuse(error, "idempotency.switch_field", 0, "is no text field of the account", "a name of REFUND_FIELDS()",
                name, "declare the field, or use REFUND_KEY() instead of REFUND_KEY_WHERE()");
}

static bool check_idempotency(const refund_descriptor *descriptor, struct error *error) {
  const refund_idempotency *key = &descriptor->idempotency;
  if (key->carrier == REFUND_KEY_NONE) return true;
  if (key->carrier != REFUND_KEY_HEADER && key->carrier != REFUND_KEY_BODY) {
    return refuse(error, "idempotency.carrier", 0, "is not known to this host",
                  "REFUND_KEY_NONE, REFUND_KEY_HEADER or REFUND_KEY_BODY", "another number",
                  "correct the carrier in REFUND_KEY()");
  }
  refund_text name = refund_text_of(key->name);
  bool named = key->carrier == REFUND_KEY_HEADER ? descriptor_content_is_token(name) : refund_there(name);
  if (!named) {
    return refuse(error, "idempotency.name", 0, "does not name the key's place",
                  key->carrier == REFUND_KEY_HEADER ? "a header name, such as Idempotency-Key" : "a member of the body",
                  key->name, "correct the name in REFUND_KEY()");
  }
  return check_form(&key->form, "idempotency.form", error) && check_switch(descriptor, error);
}

static bool check_currencies(const refund_descriptor *descriptor, struct error *error) {
  size_t count = descriptor_currency_count(descriptor);
  for (size_t i = 0; i < REFUND_MAX_CURRENCIES; i++) {
    const refund_currency *currency = &descriptor->currencies[i];
    if (i >= count && currency->code[0] == '\0') continue;
    if (i >= count || strspn(currency->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3) {
      return refuse(error, "currencies[].code", i + 1, "is no currency", "three capital letters, without gaps",
                    currency->code, "correct REFUND_CURRENCIES()");
    }
    if (currency->exponent > MOST_DECIMALS) {
      return refuse(error, "currencies[].exponent", i + 1, "is more than a currency has", "0 to 6 decimals",
                    currency->code, "correct REFUND_CURRENCIES()");
    }
    for (size_t j = 0; j < i; j++) {
      if (strcmp(descriptor->currencies[j].code, currency->code) != 0) continue;
      return refuse(error, "currencies[].code", i + 1, "stands twice", "each currency once", currency->code,
                    "remove one of the two");
    }
  }
  return true;
}

bool descriptor_content_check(const refund_descriptor *descriptor, struct error *error) {
  return check_identity(descriptor, error) && check_fields(descriptor, error) && check_base_urls(descriptor, error) &&
         check_flows(descriptor, error) && check_idempotency(descriptor, error) &&
         check_form(&descriptor->reference.form, "reference.form", error) && check_currencies(descriptor, error);
}
