/* Building a request and mapping a reply, in process: nanoseconds a call of every connector, with the first refund of
 * its cases whose reply is text. Beside them what cJSON or expat take to read the same reply and throw it away. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "account/account.h"
#include "common/file.h"
#include "connector/connector.h"
#include "flow/flow.h"
#include "refund_toolkit.h"

enum { ROUNDS = 5, LEAST_NS = 200000000, BATCH = 64, CASES_LIMIT = 4 * 1024 * 1024, HEADERS = 64 };

#define ACCOUNTS BENCH_DIR "/calls.json"

enum what { BUILD, MAP, BOTH, READ, WHATS };

/* One connector and what it is called with. */
struct bench {
  struct connector *connector;
  struct accounts *accounts;
  struct refund refund;
  struct connector_input input;
  refund_http_response response;
  refund_header headers[HEADERS];
  double ns[WHATS][ROUNDS];
};

static _Noreturn void give_up(const char *id, const char *what, const char *why) {
  fprintf(stderr, "bench-calls: %s: %s: %s\n", id, what, why);
  exit(1);
}

/* ---- What is called ---- */

static bool build_once(const struct bench *bench, struct arena *arena) {
  struct connector_request request;
  struct error error = {0};
  return connector_build(bench->connector, &bench->input, arena, &request, &error) == REFUND_OK;
}

static bool map_once(const struct bench *bench, struct arena *arena) {
  struct answer answer;
  connector_map(bench->connector, &bench->input, &bench->response, arena, &answer);
  return answer.code == REFUND_OK;
}

static bool read_once(const struct bench *bench) {
  refund_text body = bench->response.body;
  if (body.size > 0 && body.data[0] == '<') {
    XML_Parser parser = XML_ParserCreate(NULL);
    bool read = XML_Parse(parser, body.data, (int)body.size, XML_TRUE) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return read;
  }
  cJSON *root = cJSON_ParseWithLength(body.data, body.size);
  cJSON_Delete(root);
  return root != NULL;
}

/* An arena is opened and closed with each call, as for each refund of the flow. */
static bool call_once(const struct bench *bench, enum what what) {
  if (what == READ) return read_once(bench);
  struct arena *arena = arena_open(0);
  bool done = (what == MAP || build_once(bench, arena)) && (what == BUILD || map_once(bench, arena));
  arena_close(arena);
  return done;
}

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure(const struct bench *bench, enum what what) {
  double calls = 0;
  double passed = 0;
  double begin = now_ns();
  while (passed < LEAST_NS) {
    for (int i = 0; i < BATCH; i++)
      call_once(bench, what);
    calls += BATCH;
    passed = now_ns() - begin;
  }
  return passed / calls;
}

/* ---- What it is called with ---- */

static const char *text_of(const cJSON *object, const char *member) {
  return cJSON_GetStringValue(cJSON_GetObjectItem(object, member));
}

static cJSON *read_cases(const char *id, struct arena *arena) {
  char path[4096];
  refund_text text;
  struct error error = {0};
  snprintf(path, sizeof path, SOURCE_DIR "/plugins/%s/%s.cases.json", id, id);
  if (!file_read(arena, path, CASES_LIMIT, &text, &error)) give_up(id, path, error.message);
  cJSON *cases = cJSON_ParseWithLength(text.data, text.size);
  if (cases == NULL) give_up(id, path, "is no JSON");
  return cases;
}

static const cJSON *first_refund(const char *id, const cJSON *cases) {
  const cJSON *one;
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(cases, "cases")) {
    const char *flow = text_of(one, "flow");
    if (flow != NULL && strcmp(flow, "refund") == 0 && text_of(cJSON_GetObjectItem(one, "response"), "body") != NULL) {
      return one;
    }
  }
  give_up(id, "its cases", "none is a refund with a reply in text");
}

static void write_accounts(const char *id, const cJSON *cases) {
  cJSON *root = cJSON_CreateObject();
  cJSON *account = cJSON_AddObjectToObject(cJSON_AddObjectToObject(root, "accounts"), "case");
  const cJSON *base_url = cJSON_GetObjectItem(cases, "base_url");
  const char *environment = text_of(cases, "environment");
  cJSON_AddStringToObject(account, "connector", id);
  cJSON_AddStringToObject(account, "environment", environment == NULL ? "sandbox" : environment);
  if (base_url != NULL) cJSON_AddItemToObject(account, "base_url", cJSON_Duplicate(base_url, true));
  cJSON_AddItemToObject(account, "credentials", cJSON_Duplicate(cJSON_GetObjectItem(cases, "account"), true));
  char *text = cJSON_Print(root);
  unlink(ACCOUNTS);
  int file = open(ACCOUNTS, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 || text == NULL || dprintf(file, "%s\n", text) < 0) give_up(id, ACCOUNTS, strerror(errno));
  close(file);
  cJSON_free(text);
  cJSON_Delete(root);
}

static void prepare_refund(struct bench *bench, const char *id, cJSON *request, struct arena *arena) {
  struct error error = {0};
  refund_text token = arena_copy(arena, refund_text_of(text_of(request, "access_token")));
  cJSON_DeleteItemFromObject(request, "access_token");
  char *text = cJSON_PrintUnformatted(request);
  if (!refund_read(arena, refund_text_of(text), FLOW_REFUND, "case", &bench->refund, &error)) {
    give_up(id, "its refund", error.message);
  }
  cJSON_free(text);
  const refund_descriptor *descriptor = connector_descriptor(bench->connector);
  const struct account *account = accounts_bind(bench->accounts, refund_text_of("case"), descriptor, &error);
  if (account == NULL) give_up(id, "its account", error.message);
  flow_input(account, &bench->refund, FLOW_REFUND, &bench->input);
  connector_name(descriptor, &bench->input, arena);
  bench->input.access_token = token;
  bench->input.attempt = 1;
  bench->input.refund_time_ms = bench->input.attempt_time_ms = INT64_C(1700000000000);
}

static void prepare_response(struct bench *bench, const char *id, const cJSON *response, struct arena *arena) {
  const cJSON *header;
  uint64_t count = 0;
  cJSON_ArrayForEach(header, cJSON_GetObjectItem(response, "headers")) {
    if (count == HEADERS) give_up(id, "its reply", "too many headers");
    bench->headers[count].name = arena_copy(arena, refund_text_of(header->string));
    bench->headers[count++].value = arena_copy(arena, refund_text_of(header->valuestring));
  }
  bench->response.size = sizeof bench->response;
  bench->response.status = (int32_t)cJSON_GetNumberValue(cJSON_GetObjectItem(response, "status"));
  bench->response.headers = bench->headers;
  bench->response.header_count = count;
  bench->response.body = arena_copy(arena, refund_text_of(text_of(response, "body")));
}

static struct bench *bench_open(struct catalog *catalog, const char *id, struct arena *arena) {
  struct error error = {0};
  struct bench *bench = arena_allocate(arena, sizeof *bench);
  cJSON *cases = read_cases(id, arena);
  const cJSON *one = first_refund(id, cases);
  write_accounts(id, cases);
  bench->connector = connector_open(catalog, id, &error);
  if (bench->connector == NULL) give_up(id, "it cannot be loaded", error.message);
  bench->accounts = accounts_open(ACCOUNTS, &error);
  if (bench->accounts == NULL) give_up(id, ACCOUNTS, error.message);
  prepare_refund(bench, id, cJSON_GetObjectItem(one, "request"), arena);
  prepare_response(bench, id, cJSON_GetObjectItem(one, "response"), arena);
  cJSON_Delete(cases);
  for (int what = BUILD; what <= BOTH; what++) {
    if (!call_once(bench, (enum what)what)) give_up(id, "the call", what == BUILD ? "builds nothing" : "maps nothing");
  }
  return bench;
}

static void bench_close(struct bench *bench) {
  connector_close(bench->connector);
  accounts_close(bench->accounts);
}

/* ---- The table ---- */

static int by_size(const void *a, const void *b) {
  double one = *(const double *)a;
  double two = *(const double *)b;
  return (one > two) - (one < two);
}

static double median(double *values) {
  qsort(values, ROUNDS, sizeof *values, by_size);
  return values[ROUNDS / 2];
}

static void tell(struct bench *bench) {
  const char *id = connector_descriptor(bench->connector)->id;
  double map = median(bench->ns[MAP]);
  printf("| %s | %.0f | %.0f | %.0f | ", id, median(bench->ns[BUILD]), map, median(bench->ns[BOTH]));
  if (read_once(bench)) {
    double read = median(bench->ns[READ]);
    printf("%.0f | %.2f |\n", read, map / read);
  } else {
    printf("- | - |\n");
  }
}

int main(void) {
  static const char *const directories[] = {PLUGINS_DIR};
  struct catalog_options options = {directories, 1, false, NULL};
  struct error error = {0};
  struct catalog *catalog = catalog_open(&options, &error);
  if (catalog == NULL) give_up("connectors", PLUGINS_DIR, error.message);
  size_t count = catalog_count(catalog);
  struct arena *arena = arena_open(0);
  struct bench **benches = arena_allocate(arena, (count + 1) * sizeof *benches);
  for (size_t i = 0; i < count; i++) {
    const struct catalog_entry *entry = catalog_entry(catalog, i);
    if (!entry->accepted) give_up(entry->path, "it was refused", entry->refusal.message);
    benches[i] = bench_open(catalog, entry->descriptor.id, arena);
  }
  for (int round = 0; round < ROUNDS; round++) {
    for (size_t i = 0; i < count; i++) {
      for (int what = 0; what < WHATS; what++)
        benches[i]->ns[what][round] = measure(benches[i], (enum what)what);
    }
  }
  printf("| ns a call, median of %d rounds | build | map | together | cJSON, expat | map to these |\n", ROUNDS);
  printf("| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (size_t i = 0; i < count; i++) {
    tell(benches[i]);
    bench_close(benches[i]);
  }
  unlink(ACCOUNTS);
  arena_close(arena);
  catalog_close(catalog);
  return 0;
}
