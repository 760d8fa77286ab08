#include "simulator/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/money.h"

static void replace(struct answer *answer, unsigned status, char *body, const char *content_type) {
  free(answer->body);
  answer->status = status;
  answer->body = body;
  answer->content_type = content_type;
}

void answer_json(struct answer *answer, unsigned status, cJSON *json) {
  replace(answer, status, json == NULL ? NULL : cJSON_PrintUnformatted(json), NULL);
  cJSON_Delete(json);
}

void answer_text(struct answer *answer, unsigned status, const char *text, const char *content_type) {
  replace(answer, status, strdup(text), content_type);
}

void answer_clear(struct answer *answer) {
  free(answer->body);
  memset(answer, 0, sizeof *answer);
}

void answer_add_integer(cJSON *object, const char *name, int64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRId64, value);
  cJSON_AddRawToObject(object, name, digits);
}

void answer_add_major(cJSON *object, const char *name, int64_t amount, unsigned decimals) {
  char text[MONEY_TEXT];
  money_print(text, amount, decimals);
  cJSON_AddStringToObject(object, name, text);
}

const char *answer_word(const struct answer_word *words, size_t count, const char *status) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(words[i].status, status) == 0) return words[i].word;
  }
  return status;
}

void answer_add_string(cJSON *object, const char *name, const char *value) {
  if (value == NULL) {
    cJSON_AddNullToObject(object, name);
  } else {
    cJSON_AddStringToObject(object, name, value);
  }
}
