#include "crash/scene.h"

#include <curl/curl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"

/* Of the fast clock: some seconds here. One that never ends is to fail, not to hang. */
enum { REFUNDS_OF_PAYMENT = 5, PAUSE_US = 50000, PATIENCE_S = 5000 };

static const int amounts[REFUNDS_OF_PAYMENT] = {100, 100, 150, 150, 100};

/* ---- The scene ---- */

struct scene scene_open(const char *connector, struct simulator_options options) {
  struct error error = {0};
  struct scene scene = {.place = place_make(), .connector = connector};
  scene.simulator = simulator_start(&options, &error);
  if (scene.simulator == NULL) {
    fprintf(stderr, "the simulator did not start: %s\n", error.message);
    abort();
  }
  scene_account(&scene, NULL, "key_of_the_account", 600);
  return scene;
}

void scene_close(struct scene *scene) {
  simulator_stop(scene->simulator);
  place_remove(&scene->place);
}

void scene_account(const struct scene *scene, const char *base_url, const char *api_key, int timeout) {
  char text[1024];
  char own[64];
  snprintf(own, sizeof own, "http://127.0.0.1:%u", simulator_port(scene->simulator));
  snprintf(text, sizeof text,
           "{\"accounts\": {\"a\": {\"connector\": \"%s\", \"environment\": \"sandbox\", \"base_url\": \"%s\","
           " \"limits\": {\"connect_timeout\": %d, \"timeout\": %d}, \"credentials\": {\"api_key\": \"%s\"}}}}",
           scene->connector, base_url == NULL ? own : base_url, timeout, timeout, api_key);
  place_write(&scene->place, "accounts.json", text, 0600);
}

void scene_clock(int64_t speed, int64_t offset_ms) {
  static long long origin;
  char text[80];
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (origin == 0) origin = (long long)now.tv_sec * 1000;
  snprintf(text, sizeof text, "%lld:%lld:%lld", (long long)speed, origin, (long long)offset_ms);
  setenv("REFUND_HOST_TEST_CLOCK", text, 1);
}

static void set_counted(const char *name, const char *word, int number) {
  char text[80];
  snprintf(text, sizeof text, "%s:%d", word == NULL ? "" : word, number);
  if (word == NULL) {
    unsetenv(name);
  } else {
    setenv(name, text, 1);
  }
}

void scene_die(const char *point, int number) {
  set_counted("REFUND_HOST_TEST_DIE", point, number);
}

void scene_shim(const char *kind, int number) {
  set_counted("CRASH_SHIM", kind, number);
  setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1); /* the shim stands before a sanitizer's library */
  if (kind == NULL) {
    unsetenv("LD_PRELOAD");
  } else {
    setenv("LD_PRELOAD", CRASH_SHIM, 1);
  }
}

/* ---- Acting ---- */

struct run scene_refund(const struct scene *scene, const char *refund_id, const char *payment, int amount) {
  return run(&scene->place, NULL,
             WITH
             "refund --account a --refund-id %s --transaction-id %s --amount-minor %d --payment-amount-minor 1000 "
             "--currency USD",
             refund_id, payment, amount);
}

void scene_write_batch(const struct scene *scene, const char *name, int from, int to) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", scene->place.folder, name);
  FILE *file = fopen(path, "w");
  if (file == NULL) abort();
  for (int i = from; i < to; i++) {
    fprintf(file,
            "{\"refund_id\":\"r%06d\",\"account\":\"a\",\"connector_transaction_id\":\"pay_%d\",\"refund_amount\":%d,"
            "\"payment_amount\":1000,\"currency\":\"USD\"}\n",
            i, i / REFUNDS_OF_PAYMENT + 1, amounts[i % REFUNDS_OF_PAYMENT]);
  }
  fclose(file);
}

void scene_run(const struct scene *scene, const char *format, ...) {
  char command[200];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(command, sizeof command, format, arguments);
  va_end(arguments);
  struct run result = run(&scene->place, NULL, WITH "%s", command);
  run_forget(&result);
}

void scene_settle(const struct scene *scene, int rounds) {
  for (int i = 0; i < rounds; i++) {
    scene_run(scene, "resume --wait %d", PATIENCE_S);
    if (scene_number(scene, "SELECT count(*) FROM refund WHERE state IN ('new', 'sending', 'unknown')") == 0) return;
    scene_run(scene, "sync --open");
    usleep(PAUSE_US);
  }
}

/* ---- Evidence ---- */

static size_t take(char *data, size_t size, size_t count, void *buffer) {
  return buffer_write(buffer, data, size * count) ? size * count : 0;
}

static void read_simulator(const struct scene *scene, const char *what, struct buffer *text) {
  char url[100];
  CURL *curl = curl_easy_init();
  snprintf(url, sizeof url, "http://127.0.0.1:%u/simulator/%s", simulator_port(scene->simulator), what);
  buffer_open(text, 0);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
  if (curl_easy_perform(curl) != CURLE_OK) abort();
  curl_easy_cleanup(curl);
}

long long scene_requests(const struct scene *scene, const char *counter) {
  struct buffer text;
  read_simulator(scene, "requests", &text);
  cJSON *json = cJSON_Parse(buffer_text(&text).data);
  long long number = json_number(json, counter);
  cJSON_Delete(json);
  buffer_close(&text);
  return number;
}

static const char made_table[] =
    "CREATE TABLE made AS SELECT value ->> 'reference' AS refund_id, value ->> 'id' AS made_id, value ->> 'payment' AS"
    " payment, value ->> 'amount' AS amount, value ->> 'status' AS status, value ->> 'posts' AS posts"
    " FROM json_each(?, '$.refunds')";

static void make_made(const struct scene *scene, sqlite3 *database) {
  sqlite3_stmt *statement = NULL;
  struct buffer books;
  read_simulator(scene, "books", &books);
  sqlite3_prepare_v2(database, made_table, -1, &statement, NULL);
  sqlite3_bind_text64(statement, 1, books.data, books.size, SQLITE_STATIC, SQLITE_UTF8);
  if (sqlite3_step(statement) != SQLITE_DONE) abort();
  sqlite3_finalize(statement);
  buffer_close(&books);
}

static sqlite3 *evidence_open(const struct scene *scene, const char *sql) {
  sqlite3 *database = NULL;
  char attach[200];
  sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL);
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  if (strstr(sql, "made") != NULL) make_made(scene, database); /* the books of thousands take a while */
  snprintf(attach, sizeof attach, "ATTACH 'file:%s?mode=rw' AS ledger", scene->place.ledger);
  sqlite3_exec(database, attach, NULL, NULL, NULL); /* there may be none */
  return database;
}

char *scene_text(const struct scene *scene, const char *sql) {
  sqlite3 *database = evidence_open(scene, sql);
  sqlite3_stmt *statement = NULL;
  char *text = NULL;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
    const unsigned char *found = sqlite3_column_text(statement, 0);
    text = found == NULL ? NULL : strdup((const char *)found);
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return text == NULL ? strdup("") : text;
}

long long scene_number(const struct scene *scene, const char *sql) {
  char *text = scene_text(scene, sql);
  long long number = *text == '\0' ? -1 : strtoll(text, NULL, 10);
  free(text);
  return number;
}

char *scene_state(const struct scene *scene, const char *refund_id) {
  char sql[200];
  snprintf(sql, sizeof sql, "SELECT state FROM refund WHERE refund_id = '%s'", refund_id);
  return scene_text(scene, sql);
}
