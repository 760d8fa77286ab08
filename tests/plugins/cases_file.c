#include "plugins/cases_file.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

size_t cases_names(struct name *names) {
  size_t count = 0;
  DIR *folder = opendir(SOURCE_DIR "/plugins");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL && count < CONNECTORS;) {
    if (entry->d_name[0] == '.' || strchr(entry->d_name, '.') != NULL) continue;
    snprintf(names[count++].text, sizeof names->text, "%.60s", entry->d_name);
  }
  if (folder != NULL) closedir(folder);
  return count;
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = calloc(1, (size_t)size + 1);
  size_t got = fread(text, 1, (size_t)size, file);
  fclose(file);
  return got == (size_t)size ? text : NULL;
}

const cJSON *cases_read(const char *name) {
  char path[512];
  snprintf(path, sizeof path, SOURCE_DIR "/plugins/%s/%s.cases.json", name, name);
  char *text = read_file(path);
  cr_assert_not_null(text, "connector %s has no cases beside it: %s", name, path);
  const cJSON *cases = json_line(text);
  free(text);
  return cases;
}

/* One URL for every host that the connector has. */
static cJSON *everywhere(const struct place *place, const char *connector, const char *url) {
  cJSON *urls = cJSON_CreateObject();
  const cJSON *host;
  struct run shown = run(place, NULL, "--plugins %s connectors show %s", PLUGINS_DIR, connector);
  cJSON_ArrayForEach(host, cJSON_GetObjectItem(json_line(shown.out), "hosts"))
      cJSON_AddStringToObject(urls, json_text(host, "name"), url);
  return urls;
}

void cases_account(const struct place *place, const cJSON *cases, const char *base_url) {
  cJSON *file = cJSON_CreateObject();
  cJSON *account = cJSON_AddObjectToObject(cJSON_AddObjectToObject(file, "accounts"), "case");
  const cJSON *environment = cJSON_GetObjectItem(cases, "environment");
  const cJSON *own_url = cJSON_GetObjectItem(cases, "base_url");
  cJSON_AddStringToObject(account, "connector", json_text(cases, "connector"));
  cJSON_AddStringToObject(account, "environment", environment == NULL ? "sandbox" : environment->valuestring);
  if (base_url != NULL) {
    cJSON_AddItemToObject(account, "base_url", everywhere(place, json_text(cases, "connector"), base_url));
  } else if (own_url != NULL) {
    cJSON_AddItemToObject(account, "base_url", cJSON_Duplicate(own_url, true));
  }
  cJSON_AddItemToObject(account, "credentials", cJSON_Duplicate(cJSON_GetObjectItem(cases, "account"), true));
  char *text = cJSON_PrintUnformatted(file);
  place_write(place, "accounts.json", text, 0600);
  free(text);
  cJSON_Delete(file);
}
