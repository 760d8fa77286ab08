#include "cli/desk.h"

#include <criterion/criterion.h>
#include <curl/curl.h>

#include "common/buffer.h"

struct desk desk_open(const char *fault) {
  struct desk desk;
  struct error error = {0};
  const char *faults[] = {fault};
  struct simulator_options options = {.faults = faults, .fault_count = fault == NULL ? 0 : 1, .seed = 1};
  desk.place = place_make();
  desk.simulator = simulator_start(&options, &error);
  cr_assert_not_null(desk.simulator, "%s", error.message);
  desk.port = simulator_port(desk.simulator);
  place_accounts(&desk.place, desk.port);
  return desk;
}

void desk_close(struct desk *desk) {
  simulator_stop(desk->simulator);
}

static size_t take(char *data, size_t size, size_t count, void *buffer) {
  return buffer_write(buffer, data, size * count) ? size * count : 0;
}

long long desk_books(const struct desk *desk, const char *path) {
  char url[100];
  struct buffer text;
  CURL *curl = curl_easy_init();
  snprintf(url, sizeof url, "http://127.0.0.1:%u/simulator/books", desk->port);
  buffer_open(&text, 0);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
  cr_assert_eq(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
  long long number = json_number(json_line(text.data), path);
  buffer_close(&text);
  return number;
}

struct run desk_refund(const struct desk *desk, const char *account, const char *refund_id, const char *amount,
                       const char *more) {
  return run(&desk->place, NULL,
             "--plugins %s --plugins %s/liars refund --account %s --refund-id %s --transaction-id pi_1 --amount %s "
             "--payment-amount 10.00 --currency USD %s",
             PLUGINS_DIR, ZOO_DIR, account, refund_id, amount, more == NULL ? "" : more);
}
