/* SPDX-License-Identifier: Apache-2.0
 * Templates: bodies and URLs as they stand on the processor's page, with $names in them. */
#include "refund_toolkit.h"

#include <string.h>

static const refund_text nothing = {NULL, 0};

/* ---- What a name stands for ---- */

/* 0: it is no name of a call's text. */
static int of_call(const refund_call *call, refund_text name, refund_text *text) {
  const struct {
    const char *name;
    refund_text text;
  } members[] = {
      {"refund_id", call->refund_id},
      {"reference", call->reference},
      {"idempotency_key", call->idempotency_key},
      {"connector_transaction_id", call->connector_transaction_id},
      {"connector_refund_id", call->connector_refund_id},
      {"currency", call->currency},
      {"currency_number", call->currency_number},
      {"reason", call->reason},
  };
  for (uint64_t i = 0; i < sizeof members / sizeof *members; i++) {
    if (!refund_is(name, members[i].name)) continue;
    *text = members[i].text;
    return 1;
  }
  if (refund_is(name, "amount")) *text = refund_integer_text(call, call->refund_amount);
  if (refund_is(name, "exponent")) *text = refund_integer_text(call, call->exponent);
  if (refund_is(name, "major")) *text = refund_major_text(call);
  return text->data != NULL;
}

/* What follows `prefix`, as a string of C; NULL if the name does not begin so. */
static const char *after(const refund_call *call, refund_text name, const char *prefix) {
  uint64_t size = (uint64_t)strlen(prefix);
  if (!refund_starts_with(name, prefix)) return NULL;
  char *rest = (char *)call->host->allocate(call, name.size - size + 1); /* zeroed */
  if (rest != NULL) memcpy(rest, name.data + size, name.size - size);
  return rest;
}

/* connector_metadata/NAME, or the name itself, as the caller knows it. */
static int32_t refuse_missing(const refund_call *call, refund_text name) {
  const char *path = after(call, name, "metadata.");
  refund_text field =
      path == NULL ? name : REFUND_CONCAT(call, refund_text_of("connector_metadata/"), refund_text_of(path));
  call->host->fail(call, field, REFUND_CONCAT(call, field, refund_text_of(" is missing: this processor needs it")));
  return REFUND_INVALID_INPUT;
}

enum { NO_NAME, OF_CALL, OF_VALUES };

/* What a name stands for; not there if the refund has no such text. */
static int find(const refund_call *call, refund_text name, const refund_value *values, uint64_t count,
                refund_text *text) {
  *text = nothing;
  for (uint64_t i = 0; i < count; i++) {
    if (!refund_is(name, values[i].name)) continue;
    *text = values[i].text;
    return OF_VALUES;
  }
  const char *field = after(call, name, "account.");
  const char *path = after(call, name, "metadata.");
  if (field != NULL) *text = refund_account(call, field);
  if (path != NULL) *text = refund_metadata(call, path);
  return field != NULL || path != NULL || of_call(call, name, text) ? OF_CALL : NO_NAME;
}

/* ---- Writing ---- */

struct filling {
  refund_bytes *sink;
  int32_t as;
  int in_string; /* of JSON */
};

static uint64_t digits_at(refund_text text, uint64_t at) {
  uint64_t end = at;
  while (end < text.size && text.data[end] >= '0' && text.data[end] <= '9')
    end++;
  return end - at;
}

/* As JSON writes them, without an exponent. */
static int is_number(refund_text text) {
  uint64_t begin = text.size > 0 && text.data[0] == '-';
  uint64_t whole = digits_at(text, begin);
  uint64_t end = begin + whole;
  if (whole == 0 || (whole > 1 && text.data[begin] == '0')) return 0;
  if (end == text.size) return 1;
  uint64_t decimals = digits_at(text, end + 1);
  return text.data[end] == '.' && decimals > 0 && end + 1 + decimals == text.size;
}

static int32_t put_value(const struct filling *filling, refund_text text) {
  switch (filling->as) {
    case REFUND_AS_JSON:
      if (filling->in_string) return refund_put_json(filling->sink, text);
      return is_number(text) ? refund_put(filling->sink, text) : REFUND_INTERNAL;
    case REFUND_AS_XML:
      return refund_put_xml(filling->sink, text);
    case REFUND_AS_FORM:
    case REFUND_AS_URL:
      return refund_put_percent(filling->sink, text);
    default:
      return refund_put(filling->sink, text);
  }
}

static int is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The name behind a "$"; `*at` moves past it. "${...}" may hold any character but "}"; else a full stop at its end
 * belongs to the text behind it. */
static refund_text name_at(const char **at) {
  int braced = **at == '{';
  const char *begin = *at += braced;
  while (**at != '\0' && (braced ? **at != '}' : is_of_name(**at)))
    ++*at;
  while (!braced && *at > begin && (*at)[-1] == '.')
    --*at;
  refund_text name = {begin, (uint64_t)(*at - begin)};
  if (braced && **at != '\0') ++*at;
  return name;
}

/* Literal text, up to what has a meaning of its own. Returns where it stopped. */
static const char *put_literal(struct filling *filling, const char *at, int32_t *code) {
  int quotes = filling->as == REFUND_AS_JSON || filling->as == REFUND_AS_XML;
  refund_text run = {at, (uint64_t)strcspn(at, quotes ? "$[]'\"" : "$[]")};
  *code = refund_put(filling->sink, run);
  at += run.size;
  if (*at != '\'' && *at != '"') return at;
  filling->in_string = !filling->in_string;
  if (*code == REFUND_OK) *code = refund_puts(filling->sink, "\"");
  return at + 1;
}

/* A "$name", or the beginning of a "$?name[". Where that is not there, `*at` moves to the end of its brackets. */
static int32_t put_name(const refund_call *call, const struct filling *filling, const char **at, int *in_section,
                        const refund_value *values, uint64_t count) {
  refund_text text;
  int optional = **at == '?';
  *at += optional;
  refund_text name = name_at(at);
  int found = find(call, name, values, count, &text);
  if (found == NO_NAME) return REFUND_INTERNAL;
  if (!optional && text.data != NULL) return put_value(filling, text);
  if (!optional) return found == OF_VALUES ? REFUND_INVALID_INPUT : refuse_missing(call, name); /* its maker told why */
  if (*in_section || **at != '[') return REFUND_INTERNAL;
  ++*at;
  *in_section = 1;
  if (!refund_there(text)) *at += strcspn(*at, "[]");
  return REFUND_OK;
}

int32_t refund_fill_with(const refund_call *call, refund_bytes *sink, int32_t as, const char *template_text,
                         const refund_value *values, uint64_t count) {
  struct filling filling = {sink, as, 0};
  int in_section = 0;
  int32_t code = REFUND_OK;
  for (const char *at = template_text; *at != '\0' && code == REFUND_OK;) {
    if (at[0] == '$' && at[1] != '$') {
      at++;
      code = put_name(call, &filling, &at, &in_section, values, count);
    } else if (in_section && (*at == '[' || *at == ']')) {
      code = *at++ == ']' ? REFUND_OK : REFUND_INTERNAL;
      in_section = 0;
    } else if (*at == '$' || *at == '[' || *at == ']') {
      code = sink->write(sink, at, 1);
      at += *at == '$' ? 2 : 1;
    } else {
      at = put_literal(&filling, at, &code);
    }
  }
  return code == REFUND_OK && in_section ? REFUND_INTERNAL : code;
}

int32_t refund_fill(const refund_call *call, refund_bytes *sink, int32_t as, const char *template_text) {
  return refund_fill_with(call, sink, as, template_text, NULL, 0);
}

refund_text refund_filled(const refund_call *call, int32_t as, const char *template_text, const refund_value *values,
                          uint64_t count) {
  refund_buffer buffer;
  refund_buffer_open(&buffer, call);
  int32_t code = refund_fill_with(call, &buffer.sink, as, template_text, values, count);
  return code == REFUND_OK ? refund_buffer_text(&buffer) : nothing;
}

int32_t refund_fill_url(const refund_call *call, refund_bytes *url, uint64_t base, const char *template_text) {
  int32_t code = refund_put(url, refund_base(call, base));
  return code == REFUND_OK ? refund_fill(call, url, REFUND_AS_URL, template_text) : code;
}
