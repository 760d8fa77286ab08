#include "domain/refund.h"

#include <string.h>

#include "document/document.h"
#include "refund_toolkit.h"

static const char *const flow_names[FLOW_KINDS] = {"refund", "refund_sync", "refund_lookup", "access_token"};

const char *flow_name(enum flow_kind flow) {
  return flow_names[flow];
}

bool flow_find(refund_text name, enum flow_kind *flow) {
  for (int i = 0; i < FLOW_KINDS; i++) {
    if (refund_is(name, flow_names[i])) {
      *flow = (enum flow_kind)i;
      return true;
    }
  }
  return false;
}

const refund_flow *flow_of(const refund_descriptor *descriptor, enum flow_kind flow) {
  for (size_t i = 0; i < REFUND_MAX_FLOWS; i++) {
    if (strcmp(descriptor->flows[i].id, flow_name(flow)) == 0) return &descriptor->flows[i];
  }
  return NULL;
}

/* ---- Members ---- */

static const char *const kind_names[] = {"nothing",  "an object",     "an array", "text",
                                         "a number", "true or false", "null",     "XML"};

static bool wrong_kind(const char *name, const char *expected, const refund_node *value, struct error *error) {
  error_set(error, ERROR_INPUT, name, "%s has the wrong type", name);
  error_expected(error, "%s", expected);
  return error_found(error, "%s", kind_names[document_kind(value)]);
}

static bool has_control(refund_text text) {
  for (uint64_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size && (unsigned char)text.data[i + 1] < 0xA0) return true; /* C1 */
  }
  return false;
}

static bool read_text(struct arena *arena, const refund_node *value, const char *name, size_t greatest, bool free_text,
                      refund_text *out, struct error *error) {
  if (document_kind(value) != REFUND_KIND_STRING) return wrong_kind(name, "text", value, error);
  refund_text text = document_text(value);
  if (text.size == 0 || text.size > greatest) {
    error_set(error, ERROR_INPUT, name, "%s has the wrong length", name);
    error_expected(error, "1 to %zu bytes", greatest);
    return error_found(error, "%llu", (unsigned long long)text.size);
  }
  if (!free_text && has_control(text)) {
    error_set(error, ERROR_INPUT, name, "%s holds a control character", name);
    return error_expected(error, "text on one line");
  }
  *out = arena_copy(arena, text);
  return out->data != NULL || error_set(error, ERROR_HOST, NULL, "out of memory");
}

/* What a member's reader is handed. */
struct place {
  struct arena *arena;
  struct refund *refund;
  const char *name;
  struct error *error;
};

#define ID_READER(member, greatest, free_text)                                                         \
  static bool read_##member(const struct place *at, const refund_node *value) {                        \
    return read_text(at->arena, value, at->name, greatest, free_text, &at->refund->member, at->error); \
  }

ID_READER(refund_id, 128, false)
ID_READER(account, 128, false)
ID_READER(connector_transaction_id, 512, false)
ID_READER(connector_refund_id, 512, false)
ID_READER(reason, 1024, true)

static bool read_amount(const struct place *at, const refund_node *value, int64_t *amount) {
  if (document_kind(value) != REFUND_KIND_NUMBER) return wrong_kind(at->name, "a number", value, at->error);
  return money_read_minor(document_text(value), at->name, amount, at->error);
}

static bool read_refund_amount(const struct place *at, const refund_node *value) {
  return read_amount(at, value, &at->refund->refund_amount);
}

static bool read_payment_amount(const struct place *at, const refund_node *value) {
  return read_amount(at, value, &at->refund->payment_amount);
}

static bool read_currency(const struct place *at, const refund_node *value) {
  if (document_kind(value) != REFUND_KIND_STRING) return wrong_kind(at->name, "text", value, at->error);
  refund_text code = document_text(value);
  at->refund->currency = currency_find(code);
  if (at->refund->currency != NULL) return true;
  error_set(at->error, ERROR_INPUT, at->name, "currency is not a code of ISO 4217");
  error_expected(at->error, "three capital letters such as USD");
  return error_found(at->error, "%.*s", code.size > 12 ? 12 : (int)code.size, code.data);
}

static bool read_payment_disputed(const struct place *at, const refund_node *value) {
  if (document_kind(value) != REFUND_KIND_BOOLEAN) return wrong_kind(at->name, "true or false", value, at->error);
  if (refund_is(document_text(value), "false")) return true;
  error_set(at->error, ERROR_INPUT, at->name, "the payment is disputed: a refund now could pay the customer twice");
  return error_fix(at->error, "answer the dispute at the processor first");
}

static bool read_connector_metadata(const struct place *at, const refund_node *value) {
  if (document_kind(value) != REFUND_KIND_OBJECT) return wrong_kind(at->name, "an object", value, at->error);
  struct buffer canonical;
  buffer_open(&canonical, 0);
  bool done = document_canonical(value, &canonical);
  at->refund->connector_metadata = arena_copy(at->arena, document_source(value));
  at->refund->canonical_metadata = arena_copy(at->arena, buffer_text(&canonical));
  buffer_close(&canonical);
  return (done && at->refund->canonical_metadata.data != NULL) ||
         error_set(at->error, ERROR_HOST, NULL, "out of memory");
}

enum { NEEDS_REFUND = 1u << FLOW_REFUND | 1u << FLOW_REFUND_SYNC | 1u << FLOW_REFUND_LOOKUP };

static const struct member {
  const char *name;
  bool (*read)(const struct place *at, const refund_node *value);
  unsigned required_by; /* bits of flow kinds */
} members[] = {
    {"refund_id", read_refund_id, NEEDS_REFUND},
    {"account", read_account, 0}, /* required, but may come from elsewhere */
    {"connector_transaction_id", read_connector_transaction_id, NEEDS_REFUND},
    {"refund_amount", read_refund_amount, NEEDS_REFUND},
    {"payment_amount", read_payment_amount, NEEDS_REFUND},
    {"currency", read_currency, NEEDS_REFUND},
    {"connector_refund_id", read_connector_refund_id, 1u << FLOW_REFUND_SYNC},
    {"reason", read_reason, 0},
    {"payment_disputed", read_payment_disputed, 0},
    {"connector_metadata", read_connector_metadata, 0},
};
enum { MEMBERS = sizeof members / sizeof *members };

static bool unknown_member(refund_text name, struct error *error) {
  int size = name.size > 60 ? 60 : (int)name.size;
  char field[64] = "";
  memcpy(field, name.data, (size_t)size);
  error_set(error, ERROR_INPUT, field, "a refund has no member %.*s", size, name.data);
  return error_expected(error,
                        "refund_id, account, connector_transaction_id, refund_amount, payment_amount, currency, "
                        "reason, payment_disputed, connector_metadata, connector_refund_id");
}

static bool missing_member(const char *name, struct error *error) {
  error_set(error, ERROR_INPUT, name, "%s is missing", name);
  return error_fix(error, "add the member %s", name);
}

static bool read_member(const struct place *at, const refund_node *value, unsigned *seen) {
  for (size_t i = 0; i < MEMBERS; i++) {
    if (!refund_is(document_name(value), members[i].name)) continue;
    if (document_kind(value) == REFUND_KIND_NULL) return true; /* the same as absent */
    struct place place = *at;
    place.name = members[i].name;
    *seen |= 1u << i;
    return members[i].read(&place, value);
  }
  return unknown_member(document_name(value), at->error);
}

bool refund_from_node(struct arena *arena, const refund_node *object, enum flow_kind flow, const char *default_account,
                      struct refund *refund, struct error *error) {
  unsigned seen = 0;
  memset(refund, 0, sizeof *refund);
  refund->canonical_metadata = refund_text_of("{}");
  if (document_kind(object) != REFUND_KIND_OBJECT) return wrong_kind("refund", "an object", object, error);
  struct place at = {arena, refund, NULL, error};
  for (const refund_node *value = document_first(object); value != NULL; value = document_next(value)) {
    if (!read_member(&at, value, &seen)) return false;
  }
  for (size_t i = 0; i < MEMBERS; i++) {
    bool required = (members[i].required_by >> flow & 1u) != 0;
    if (required && (seen >> i & 1u) == 0) return missing_member(members[i].name, error);
  }
  if (flow == FLOW_REFUND) memset(&refund->connector_refund_id, 0, sizeof refund->connector_refund_id); /* is to come */
  if (refund->account.data == NULL && default_account != NULL) {
    refund->account = arena_copy(arena, refund_text_of(default_account));
  }
  return refund->account.data != NULL || missing_member("account", error);
}

bool refund_read(struct arena *arena, refund_text json, enum flow_kind flow, const char *default_account,
                 struct refund *refund, struct error *error) {
  const refund_node *root = document_read(arena, REFUND_JSON, json, error);
  return root != NULL && refund_from_node(arena, root, flow, default_account, refund, error);
}

struct digest refund_fingerprint(const struct refund *refund) {
  struct buffer content;
  refund_json json;
  buffer_open(&content, 0);
  refund_json_open(&json, &content.sink);
  refund_json_array(&json, NULL);
  refund_json_text(&json, NULL, refund->account);
  refund_json_text(&json, NULL, refund->connector_transaction_id);
  refund_json_integer(&json, NULL, refund->refund_amount);
  refund_json_string(&json, NULL, refund->currency->code);
  refund_json_raw(&json, NULL, refund->canonical_metadata);
  refund_json_end(&json);
  struct digest digest = digest_of(buffer_text(&content));
  buffer_close(&content);
  return digest;
}
