#include "client.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct simulator *client_start(struct simulator_options options) {
  struct error error = {0};
  struct simulator *simulator = simulator_start(&options, &error);
  cr_assert_not_null(simulator, "%s", error.message);
  return simulator;
}

static size_t take_body(char *data, size_t size, size_t count, void *context) {
  struct response *response = context;
  if (size * count > sizeof response->body - 1 - response->size) return 0;
  memcpy(response->body + response->size, data, size * count);
  response->size += size * count;
  return size * count;
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
  struct response *response = context;
  char line[256];
  snprintf(line, sizeof line, "%.*s", (int)(size * count), data);
  line[strcspn(line, "\r\n")] = '\0';
  if (strcasecmp(line, "Idempotent-Replayed: true") == 0) response->replayed = true;
  if (strncasecmp(line, "Retry-After: ", 13) == 0) response->retry_after = strtol(line + 13, NULL, 10);
  if (strncasecmp(line, "Content-Type: ", 14) == 0)
    snprintf(response->content_type, sizeof response->content_type, "%.40s", line + 14);
  return size * count;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value) {
  char line[1024];
  if (value == NULL) return list;
  snprintf(line, sizeof line, *value == '\0' ? "%s;%s" : "%s: %s", name, value); /* libcurl's way to say "empty" */
  return curl_slist_append(list, line);
}

static struct response *perform(const struct simulator *simulator, const char *method, const char *path,
                                struct curl_slist *headers, const char *body) {
  struct response *response = calloc(1, sizeof *response);
  CURL *curl = curl_easy_init();
  char url[1024];
  snprintf(url, sizeof url, "http://127.0.0.1:%u%s", simulator_port(simulator), path);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (body != NULL) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, response);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, response);
  response->code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response->status);
  response->json = cJSON_Parse(response->body);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return response;
}

struct response *client_request(const struct simulator *simulator, const char *method, const char *path,
                                const char *const *headers, const char *body) {
  struct curl_slist *list = NULL;
  for (; *headers != NULL; headers++)
    list = curl_slist_append(list, *headers);
  return perform(simulator, method, path, list, body);
}

struct response *client_send_as(const struct simulator *simulator, const char *bearer, const char *method,
                                const char *path, const char *key, const char *body) {
  struct curl_slist *headers = add_header(NULL, "Authorization", bearer);
  headers = add_header(headers, "Idempotency-Key", key);
  return perform(simulator, method, path, headers, body);
}

struct response *client_send(const struct simulator *simulator, const char *method, const char *path, const char *key,
                             const char *body) {
  return client_send_as(simulator, "Bearer test", method, path, key, body);
}

void client_free(struct response *response) {
  cJSON_Delete(response->json);
  free(response);
}

static cJSON *step(const cJSON *json, const char *name) {
  return cJSON_IsArray(json) ? cJSON_GetArrayItem(json, atoi(name)) : cJSON_GetObjectItemCaseSensitive(json, name);
}

const char *client_text(const struct response *response, const char *path) {
  char names[256];
  char *rest = NULL;
  cJSON *json = response->json;
  snprintf(names, sizeof names, "%s", path);
  for (char *name = strtok_r(names, "/", &rest); name != NULL && json != NULL; name = strtok_r(NULL, "/", &rest))
    json = step(json, name);
  if (cJSON_IsString(json)) return json->valuestring;
  if (cJSON_IsBool(json)) return cJSON_IsTrue(json) ? "true" : "false";
  if (!cJSON_IsNumber(json)) return "";
  /* Kept with the node, so that it is freed with it. */
  free(json->valuestring);
  json->valuestring = malloc(24);
  snprintf(json->valuestring, 24, "%.0f", json->valuedouble);
  return json->valuestring;
}

void client_expect(const struct simulator *simulator, const char *method, const char *path, const char *key,
                   const char *body, long status, const char *member, const char *text) {
  struct response *response = client_send(simulator, method, path, key, body);
  cr_expect_eq(response->status, status, "%s %s %s: status %ld, curl %d: %s", method, path, body == NULL ? "" : body,
               response->status, (int)response->code, response->body);
  cr_expect_str_eq(client_text(response, member), text, "%s %s %s: %s", method, path, body == NULL ? "" : body,
                   response->body);
  client_free(response);
}

int client_books(const struct simulator *simulator, const char *path) {
  struct response *response = client_send_as(simulator, NULL, "GET", "/simulator/books", NULL, NULL);
  cr_assert_eq(response->status, 200);
  int value = atoi(client_text(response, path));
  client_free(response);
  return value;
}
