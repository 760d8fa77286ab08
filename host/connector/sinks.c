#include "connector/sinks.h"

#include <stdio.h>
#include <string.h>

#include "connector/descriptor_content.h"
#include "document/document.h"
#include "refund_toolkit.h"

enum { NAME_LIMIT = 128, VALUE_LIMIT = 16 * 1024, TEXT_LIMIT = 16 * 1024, CANDIDATE_LIMIT = 1000 };

/* ---- Headers ---- */

static const char *const hosts_own[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection",          "Expect",          "Upgrade",
    "TE",   "Trailer",        "Keep-Alive",        "Proxy-Authorization", "Proxy-Connection"};

static const char *header_problem(refund_text name, refund_text value) {
  if (name.data == NULL || name.size > NAME_LIMIT || !descriptor_content_is_token(name))
    return "a header name that is not a token";
  for (size_t i = 0; i < sizeof hosts_own / sizeof *hosts_own; i++) {
    if (refund_is_nocase(name, hosts_own[i])) return "a header that only the host may set";
  }
  if (value.data == NULL || value.size > VALUE_LIMIT) return "a header without a value, or with one over 16 KiB";
  for (uint64_t i = 0; i < value.size; i++) {
    unsigned char c = (unsigned char)value.data[i];
    if ((c < 0x20 && c != '\t') || c == 0x7F) return "a header value with a control character";
  }
  return NULL;
}

static int32_t refuse(struct header_sink *sink, const char *problem, refund_text name) {
  if (!sink->failed) {
    int size = name.data == NULL ? 0 : (int)(name.size > 40 ? 40 : name.size);
    char shown[48] = "";
    for (int i = 0; i < size; i++)
      shown[i] = name.data[i] > ' ' && name.data[i] < 0x7F ? name.data[i] : '?';
    snprintf(sink->problem, sizeof sink->problem, "%s: \"%s\"", problem, shown);
  }
  sink->failed = true;
  return REFUND_SINK_REFUSED;
}

static int32_t add_header(refund_headers *headers, refund_text name, refund_text value, uint32_t flags) {
  struct header_sink *sink = (struct header_sink *)(void *)headers;
  if (sink->failed) return REFUND_SINK_REFUSED;
  const char *problem = header_problem(name, value);
  if (problem == NULL && sink->count == CONNECTOR_HEADER_LIMIT) problem = "more than 64 headers";
  if (problem != NULL) return refuse(sink, problem, name);
  struct connector_header *header = &sink->list[sink->count++];
  header->name = arena_copy(sink->arena, name);
  header->value = arena_copy(sink->arena, value);
  header->sensitive = (flags & REFUND_HEADER_SENSITIVE) != 0;
  if (header->name.data == NULL || header->value.data == NULL) return refuse(sink, "out of memory", name);
  return REFUND_OK;
}

static int32_t set_method(refund_headers *headers, refund_text method) {
  struct header_sink *sink = (struct header_sink *)(void *)headers;
  if (sink->failed) return REFUND_SINK_REFUSED;
  if (!descriptor_content_is_method(method)) return refuse(sink, "a method that is not capital letters", method);
  sink->method = arena_copy(sink->arena, method);
  return sink->method.data != NULL ? REFUND_OK : refuse(sink, "out of memory", method);
}

void header_sink_open(struct header_sink *sink, struct arena *arena, struct connector_header *list) {
  memset(sink, 0, sizeof *sink);
  sink->headers.size = sizeof sink->headers;
  sink->headers.add = add_header;
  sink->headers.method = set_method;
  sink->arena = arena;
  sink->list = list;
}

/* ---- Result ---- */

/* A connector may hand on bytes that are no text; people and JSON get "?" in their place. */
static refund_text copy_text(struct arena *arena, refund_text text) {
  refund_text copy = arena_copy(arena, text);
  if (copy.data == NULL || document_is_utf8(copy)) return copy;
  char *data = (char *)(uintptr_t)copy.data;
  for (uint64_t i = 0; i < copy.size; i++) {
    unsigned char c = (unsigned char)data[i];
    if (c == 0 || c >= 0x80) data[i] = '?';
  }
  return copy;
}

static refund_text *text_place(struct answer *answer, int32_t field) {
  switch (field) {
    case REFUND_TEXT_REFUND_ID:
      return &answer->refund_id;
    case REFUND_TEXT_REFERENCE:
      return &answer->reference;
    case REFUND_TEXT_STATUS_WORD:
      return &answer->status_word;
    case REFUND_TEXT_ERROR_CODE:
      return &answer->error_code;
    case REFUND_TEXT_ERROR_MESSAGE:
      return &answer->error_message;
    case REFUND_TEXT_ERROR_REASON:
      return &answer->error_reason;
    case REFUND_TEXT_NETWORK_DECLINE_CODE:
      return &answer->network_decline_code;
    case REFUND_TEXT_CURRENCY:
      return &answer->currency;
    case REFUND_TEXT_ACCESS_TOKEN:
      return &answer->access_token;
    case REFUND_TEXT_AMOUNT:
      return &answer->amount_text;
    default:
      return NULL;
  }
}

static struct result_sink *open_sink(refund_result *result) {
  struct result_sink *sink = (struct result_sink *)(void *)result;
  return sink->failed ? NULL : sink;
}

static int32_t fail_sink(struct result_sink *sink) {
  sink->failed = true;
  return REFUND_SINK_REFUSED;
}

/* Ids are compared, so they are taken whole or not at all; words for people are cut. */
static int32_t set_text(refund_result *result, int32_t field, refund_text value) {
  struct result_sink *sink = open_sink(result);
  if (sink == NULL) return REFUND_SINK_REFUSED;
  refund_text *place = text_place(sink->answer, field);
  if (place == NULL || !refund_there(value)) return REFUND_OK;
  bool is_error = field >= REFUND_TEXT_ERROR_CODE && field <= REFUND_TEXT_NETWORK_DECLINE_CODE;
  if (value.size > TEXT_LIMIT) {
    if (!is_error) return fail_sink(sink);
    value.size = TEXT_LIMIT;
    while (value.size > 0 && ((unsigned char)value.data[value.size] & 0xC0u) == 0x80u)
      value.size--;
  }
  *place = copy_text(sink->arena, value);
  return place->data == NULL ? fail_sink(sink) : REFUND_OK;
}

static int32_t set_number(refund_result *result, int32_t field, int64_t value) {
  struct result_sink *sink = open_sink(result);
  if (sink == NULL) return REFUND_SINK_REFUSED;
  struct answer *answer = sink->answer;
  switch (field) {
    case REFUND_NUMBER_AMOUNT:
      answer->has_amount = true;
      answer->amount = value;
      break;
    case REFUND_NUMBER_NAMES:
      answer->names = (int32_t)value;
      break;
    case REFUND_NUMBER_REPLAYED:
      answer->replayed = value != 0;
      break;
    case REFUND_NUMBER_EXPIRES_IN:
      answer->expires_in = value;
      break;
    default:
      break;
  }
  return REFUND_OK;
}

/* A reading or status of a later version is one that we do not understand: pending, with a warning. */
static int32_t set_reading(refund_result *result, int32_t reading, int32_t status) {
  struct result_sink *sink = open_sink(result);
  if (sink == NULL) return REFUND_SINK_REFUSED;
  if (sink->read) return fail_sink(sink); /* two readings are none */
  sink->read = true;
  bool known = reading >= REFUND_READING_STATUS && reading <= REFUND_READING_ACCOUNT_REFUSED;
  bool known_status = status >= REFUND_STATUS_UNRECOGNIZED && status <= REFUND_STATUS_MANUAL_REVIEW;
  sink->answer->reading = known ? reading : REFUND_READING_STATUS;
  sink->answer->status = known && known_status ? status : REFUND_STATUS_UNRECOGNIZED;
  sink->answer->unknown_value = !known || !known_status;
  return REFUND_OK;
}

static int32_t add_candidate(refund_result *result, refund_text refund_id, int64_t amount, refund_text currency,
                             int64_t time_ms) {
  struct result_sink *sink = open_sink(result);
  if (sink == NULL) return REFUND_SINK_REFUSED;
  struct candidate *candidate = arena_allocate(sink->arena, sizeof *candidate);
  if (candidate == NULL || sink->candidates == CANDIDATE_LIMIT) return fail_sink(sink);
  candidate->refund_id = copy_text(sink->arena, refund_id);
  candidate->currency = copy_text(sink->arena, currency);
  candidate->amount = amount;
  candidate->time_ms = time_ms;
  candidate->next = sink->answer->candidates;
  sink->answer->candidates = candidate;
  sink->candidates++;
  return REFUND_OK;
}

void result_sink_open(struct result_sink *sink, struct arena *arena, struct answer *answer) {
  memset(sink, 0, sizeof *sink);
  sink->result.size = sizeof sink->result;
  sink->result.reading = set_reading;
  sink->result.text = set_text;
  sink->result.number = set_number;
  sink->result.candidate = add_candidate;
  sink->arena = arena;
  sink->answer = answer;
}
