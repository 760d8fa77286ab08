/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

static const refund_text nothing = {NULL, 0};

/* ---- Headers ---- */

int32_t refund_add_header(refund_headers *headers, const char *name, refund_text value) {
  return headers->add(headers, refund_text_of(name), value, 0);
}

int32_t refund_add_secret_header(refund_headers *headers, const char *name, refund_text value) {
  return headers->add(headers, refund_text_of(name), value, REFUND_HEADER_SENSITIVE);
}

/* Half a credential is none: the processor would take it for a wrong one. */
static int32_t add_authorization(refund_headers *headers, int32_t code, refund_text value) {
  return code != REFUND_OK ? code : refund_add_secret_header(headers, "Authorization", value);
}

int32_t refund_add_bearer(const refund_call *call, refund_headers *headers, refund_text token) {
  refund_buffer value;
  refund_buffer_open(&value, call);
  int32_t code = refund_puts(&value.sink, "Bearer ");
  if (code == REFUND_OK) code = refund_put(&value.sink, token);
  return add_authorization(headers, code, refund_buffer_text(&value));
}

int32_t refund_add_basic(const refund_call *call, refund_headers *headers, refund_text user, refund_text password) {
  refund_buffer pair;
  refund_buffer value;
  refund_buffer_open(&pair, call);
  refund_buffer_open(&value, call);
  int32_t code = refund_put(&pair.sink, user);
  if (code == REFUND_OK) code = refund_puts(&pair.sink, ":");
  if (code == REFUND_OK) code = refund_put(&pair.sink, password);
  if (code == REFUND_OK) code = refund_puts(&value.sink, "Basic ");
  if (code == REFUND_OK) code = refund_put_base64(&value.sink, refund_buffer_text(&pair));
  return add_authorization(headers, code, refund_buffer_text(&value));
}

int32_t refund_add_token(const refund_call *call, refund_headers *headers) {
  return refund_there(call->access_token) ? refund_add_bearer(call, headers, call->access_token) : REFUND_TOKEN_NEEDED;
}

/* ---- Words of theirs ---- */

const refund_word refund_default_words[] = {
    {"succeeded", REFUND_STATUS_SUCCESS},  {"completed", REFUND_STATUS_SUCCESS}, {"pending", REFUND_STATUS_PENDING},
    {"processing", REFUND_STATUS_PENDING}, {"failed", REFUND_STATUS_FAILURE},
};
const uint64_t refund_default_word_count = sizeof refund_default_words / sizeof *refund_default_words;

/* The word of a table, or for one that ends in a star whatever begins so. */
static int fits(refund_text word, const char *pattern) {
  refund_text start = refund_text_of(pattern);
  if (start.size == 0 || start.data[start.size - 1] != '*') return refund_same_nocase(word, start);
  start.size--;
  if (word.size > start.size) word.size = start.size;
  return refund_same_nocase(word, start);
}

int32_t refund_meaning_of(const refund_word *words, uint64_t count, refund_text word, int32_t otherwise) {
  for (uint64_t i = 0; i < count; i++) {
    if (fits(word, words[i].word)) return words[i].meaning;
  }
  return otherwise;
}

/* ---- Saying what an answer means ---- */

int32_t refund_say_status(refund_result *result, const refund_word *words, uint64_t count, refund_text word) {
  result->text(result, REFUND_TEXT_STATUS_WORD, word);
  return result->reading(result, REFUND_READING_STATUS,
                         refund_meaning_of(words, count, word, REFUND_STATUS_UNRECOGNIZED));
}

void refund_say_texts(const refund_call *call, refund_result *result, const refund_node *from,
                      const refund_place *places, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    refund_text text = refund_text_at(call, from, places[i].path);
    if (refund_there(text)) result->text(result, places[i].field, text);
  }
}

void refund_say_replay(refund_result *result, const refund_http_response *response, const char *name) {
  if (refund_is_nocase(refund_find_header(response, name), "true")) {
    result->number(result, REFUND_NUMBER_REPLAYED, 1);
  }
}

static void say_error_texts(refund_result *result, refund_text code, refund_text message, refund_text reason) {
  result->text(result, REFUND_TEXT_ERROR_CODE, code);
  result->text(result, REFUND_TEXT_ERROR_MESSAGE, message);
  result->text(result, REFUND_TEXT_ERROR_REASON, reason);
}

int32_t refund_say_error(refund_result *result, int32_t reading, refund_text code, refund_text message,
                         refund_text reason) {
  say_error_texts(result, code, message, reason);
  return result->reading(result, reading, REFUND_STATUS_UNRECOGNIZED);
}

int32_t refund_say_failure(refund_result *result, refund_text code, refund_text message, refund_text reason) {
  say_error_texts(result, code, message, reason);
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_FAILURE);
}

static refund_text text_at_if(const refund_call *call, const refund_node *from, const char *path) {
  return path == NULL ? nothing : refund_text_at(call, from, path);
}

int32_t refund_say_error_at(const refund_call *call, refund_result *result, int32_t reading, const refund_node *from,
                            const char *code, const char *message, const char *reason) {
  return refund_say_error(result, reading, text_at_if(call, from, code), text_at_if(call, from, message),
                          text_at_if(call, from, reason));
}

int32_t refund_say_error_by(const refund_call *call, refund_result *result, const refund_word *words, uint64_t count,
                            int32_t otherwise, const refund_node *from, const char *code, const char *message,
                            const char *reason) {
  refund_text word = refund_text_at(call, from, code);
  int32_t reading = refund_meaning_of(words, count, word, otherwise);
  if (!refund_there(word)) return REFUND_MALFORMED_RESPONSE;
  return refund_say_error_at(call, result, reading, from, code, message, reason);
}

void refund_say_amount(refund_result *result, refund_text amount) {
  int64_t number;
  if (refund_read_major(amount, 0, &number)) {
    result->number(result, REFUND_NUMBER_AMOUNT, number);
  } else {
    result->text(result, REFUND_TEXT_AMOUNT, amount);
  }
}

void refund_say_major(const refund_call *call, refund_result *result, refund_text amount) {
  int64_t number;
  if (refund_read_major(amount, call->exponent, &number)) {
    result->number(result, REFUND_NUMBER_AMOUNT, number);
  } else {
    result->text(result, REFUND_TEXT_AMOUNT, amount);
  }
}

int32_t refund_say_token(const refund_call *call, refund_result *result, const refund_node *root) {
  int64_t seconds;
  result->text(result, REFUND_TEXT_ACCESS_TOKEN, refund_text_at(call, root, "access_token"));
  if (refund_read_integer(refund_text_at(call, root, "expires_in"), &seconds)) {
    result->number(result, REFUND_NUMBER_EXPIRES_IN, seconds);
  }
  return result->reading(result, REFUND_READING_STATUS, REFUND_STATUS_SUCCESS);
}

int32_t refund_say_not_found(refund_result *result, int list_was_complete) {
  return result->reading(result, list_was_complete ? REFUND_READING_ABSENT : REFUND_READING_IN_PROGRESS,
                         REFUND_STATUS_UNRECOGNIZED);
}
