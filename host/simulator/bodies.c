#include "simulator/bodies.h"

#include <string.h>

#include "simulator/api.h"

enum { NAME_SIZE = 64 };

static const double LARGEST_AMOUNT = 999999999999999.0;

cJSON *body_parse(const struct call *call) {
  const char *end = NULL;
  cJSON *body = cJSON_ParseWithOpts(call->body, &end, true);
  if (body != NULL && end == call->body + call->body_size) return body;
  cJSON_Delete(body);
  return NULL;
}

bool body_amount(const cJSON *item, int64_t *amount) {
  double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
  if (!(value >= 1 && value <= LARGEST_AMOUNT) || value != (double)(int64_t)value) return false;
  *amount = (int64_t)value;
  return true;
}

bool body_text(const cJSON *object, const char *name, const char **text) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  *text = cJSON_GetStringValue(item);
  return item == NULL || cJSON_IsNull(item) || *text != NULL;
}

const cJSON *body_at(const cJSON *object, const char *path) {
  while (object != NULL && *path != '\0') {
    char name[NAME_SIZE] = "";
    size_t size = strcspn(path, "/");
    if (size >= sizeof name) return NULL;
    memcpy(name, path, size);
    object = cJSON_GetObjectItemCaseSensitive(object, name);
    path += size + (path[size] == '/');
  }
  return object;
}

const char *body_text_at(const cJSON *object, const char *path) {
  return cJSON_GetStringValue(body_at(object, path));
}
