/* Every connector's map_response over foreign bytes: an input is a line "CONNECTOR FLOW STATUS", a line with the
 * refund, and the answer's body. Whatever comes, the host's verdict on what was not understood is never success or
 * failure. The connectors' own cases are the beginning: with MAPPER_SEEDS=FOLDER they are written there first. Their
 * accounts are what is signed and decrypted with. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "connector/connector.h"
#include "domain/verdict.h"
#include "refund_toolkit.h"

enum { CONNECTORS = 128, HEAD = 4096 };

static struct connector *connectors[CONNECTORS];
static const struct account *accounts[CONNECTORS];
static size_t count;
static struct catalog *catalog; /* kept: the connectors are its */

static void give_up(const char *what, const char *why) {
  fprintf(stderr, "fuzz-mappers: %s: %s\n", what, why);
  exit(1);
}

/* ---- The cases ---- */

static cJSON *read_cases(const char *name) {
  static char text[1 << 20];
  char path[512];
  snprintf(path, sizeof path, SOURCE_DIR "/plugins/%s/%s.cases.json", name, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) give_up(path, "cannot be read");
  size_t size = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[size] = '\0';
  cJSON *cases = cJSON_Parse(text);
  if (cases == NULL) give_up(path, "is not JSON");
  return cases;
}

static void write_seed(const char *folder, const char *connector, int number, const cJSON *one) {
  char path[512];
  const cJSON *response = cJSON_GetObjectItem(one, "response");
  const char *body = cJSON_GetStringValue(cJSON_GetObjectItem(response, "body"));
  char *request = cJSON_PrintUnformatted(cJSON_GetObjectItem(one, "request"));
  snprintf(path, sizeof path, "%s/%s-%d", folder, connector, number);
  FILE *file = fopen(path, "w");
  if (file == NULL) give_up(path, "cannot be written");
  fprintf(file, "%s %s %d\n%s\n%s", connector, cJSON_GetStringValue(cJSON_GetObjectItem(one, "flow")),
          (int)cJSON_GetNumberValue(cJSON_GetObjectItem(response, "status")), request, body == NULL ? "" : body);
  fclose(file);
  cJSON_free(request);
}

static void write_seeds(const char *connector, const cJSON *cases) {
  const char *folder = getenv("MAPPER_SEEDS");
  const cJSON *one;
  int number = 0;
  if (folder == NULL) return;
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(cases, "cases")) {
    write_seed(folder, connector, number++, one);
  }
}

/* ---- The connectors, and for each the account of its cases ---- */

static void add_account(cJSON *file, const char *connector, cJSON *cases) {
  cJSON *account = cJSON_AddObjectToObject(file, connector);
  cJSON *base_url = cJSON_DetachItemFromObject(cases, "base_url");
  cJSON_AddStringToObject(account, "connector", connector);
  cJSON_AddStringToObject(account, "environment", "sandbox");
  if (base_url != NULL) cJSON_AddItemToObject(account, "base_url", base_url);
  cJSON_AddItemToObject(account, "credentials", cJSON_DetachItemFromObject(cases, "account"));
}

static void bind_accounts(const cJSON *file) {
  struct error error = {0};
  char path[] = "/tmp/fuzz-mappers-XXXXXX"; /* of this user alone */
  char *text = cJSON_PrintUnformatted(file);
  int created = mkstemp(path);
  if (created < 0 || write(created, text, strlen(text)) != (ssize_t)strlen(text)) give_up(path, "cannot be written");
  close(created);
  static struct accounts *office; /* kept: the accounts are its */
  office = accounts_open(path, &error);
  unlink(path);
  for (size_t i = 0; office != NULL && i < count; i++) {
    const refund_descriptor *descriptor = connector_descriptor(connectors[i]);
    accounts[i] = accounts_bind(office, refund_text_of(descriptor->id), descriptor, &error);
    if (accounts[i] == NULL) give_up(descriptor->id, error.message);
  }
  if (office == NULL) give_up(path, error.message);
  cJSON_free(text);
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerInitialize(int *argument_count, char ***arguments) {
  static const char *const directories[] = {PLUGINS_DIR};
  struct catalog_options options = {directories, 1, false, NULL};
  struct error error = {0};
  cJSON *file = cJSON_CreateObject();
  cJSON *each = cJSON_AddObjectToObject(file, "accounts");
  (void)argument_count;
  (void)arguments;
  catalog = catalog_open(&options, &error);
  for (size_t i = 0; catalog != NULL && i < catalog_count(catalog) && count < CONNECTORS; i++) {
    const char *id = catalog_entry(catalog, i)->descriptor.id;
    connectors[count] = connector_open(catalog, id, &error);
    if (connectors[count] == NULL) continue;
    cJSON *cases = read_cases(id);
    write_seeds(id, cases);
    add_account(each, id, cases);
    cJSON_Delete(cases);
    count++;
  }
  if (count == 0) give_up(PLUGINS_DIR, error.message);
  bind_accounts(file);
  cJSON_Delete(file);
  return 0;
}

/* ---- One input ---- */

/* Past the two lines in front; 0: there are none. */
static size_t head_of(const uint8_t *data, size_t size) {
  size_t lines = 0;
  for (size_t i = 0; i < size && i < HEAD; i++) {
    lines += data[i] == '\n';
    if (lines == 2) return i + 1;
  }
  return 0;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
/* The body changes; now and then the status in front of it. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  static const char *const statuses[] = {"200", "201", "202", "204", "302", "400", "401", "402",
                                         "403", "404", "408", "409", "422", "429", "500", "502"};
  size_t head = head_of(data, size);
  uint8_t *line_end = head == 0 ? NULL : memchr(data, '\n', head);
  if (line_end == NULL || line_end - data < 3) return LLVMFuzzerMutate(data, size, most);
  if (seed % 8 == 0) memcpy(line_end - 3, statuses[seed / 8 % (sizeof statuses / sizeof *statuses)], 3);
  return head + LLVMFuzzerMutate(data + head, size - head, most - head);
}

static void check(const struct verdict *verdict, const struct answer *answer, int status) {
  bool final = verdict->refund_status == REFUND_STATUS_SUCCESS ||
               (verdict->refund_status == REFUND_STATUS_FAILURE && !verdict->about_account);
  if (final && (answer->reading == 0 || status >= 500 || status == 429 || status < 200)) abort();
}

static void map(struct connector *connector, const struct connector_input *input, const refund_http_response *response,
                struct arena *arena) {
  struct answer answer;
  struct verdict verdict;
  connector_map(connector, input, response, arena, &answer);
  if (input->refund == NULL) return;
  struct exchange exchange = {.flow = input->flow,
                              .transmissions = 1,
                              .complete = true,
                              .http_status = response->status,
                              .answer = &answer,
                              .refund = input->refund,
                              .descriptor = connector_descriptor(connector),
                              .sent_reference = input->reference,
                              .sent_key = input->idempotency_key};
  verdict_of(arena, &exchange, &verdict);
  check(&verdict, &answer, response->status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char head[HEAD + 1] = "";
  char name[32], flow[24];
  int status;
  struct refund refund;
  struct error error = {0};
  struct connector_input input = {.environment = REFUND_SANDBOX,
                                  .refund_time_ms = INT64_C(1700000000000),
                                  .attempt_time_ms = INT64_C(1700000000000)};
  size_t body = head_of(data, size);
  memcpy(head, data, body);
  if (body == 0 || sscanf(head, "%31s %23s %3d", name, flow, &status) != 3) return 0;
  if (status < 100 || !flow_find(refund_text_of(flow), &input.flow)) return 0;
  size_t which = 0;
  while (which < count && strcmp(connector_descriptor(connectors[which])->id, name) != 0)
    which++;
  if (which == count || flow_of(connector_descriptor(connectors[which]), input.flow) == NULL) return 0;
  struct arena *arena = arena_open(0);
  refund_http_response response = {
      .size = sizeof response, .status = status, .body = {(const char *)data + body, size - body}};
  refund_text asked = refund_text_of(strchr(head, '\n') + 1);
  if (input.flow == FLOW_ACCESS_TOKEN || refund_read(arena, asked, input.flow, name, &refund, &error)) {
    input.refund = input.flow == FLOW_ACCESS_TOKEN ? NULL : &refund;
    input.values = accounts[which]->values;
    input.value_count = accounts[which]->value_count;
    input.base_urls = accounts[which]->base_urls;
    input.base_url_count = accounts[which]->base_url_count;
    if (input.refund != NULL) connector_name(connector_descriptor(connectors[which]), &input, arena);
    map(connectors[which], &input, &response, arena);
  }
  arena_close(arena);
  return 0;
}
