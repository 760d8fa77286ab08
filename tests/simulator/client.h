/* A caller of the simulator, for its tests. */
#ifndef TESTS_SIMULATOR_CLIENT_H
#define TESTS_SIMULATOR_CLIENT_H

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdbool.h>

#include "simulator/simulator.h"

#define HEADERS(...)                \
  (const char *const[]) {           \
    __VA_ARGS__, (const char *)NULL \
  }

#define FAULTS(...)                             \
  .faults = (const char *const[]){__VA_ARGS__}, \
  .fault_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

#define PAYMENTS(...)                             \
  .payments = (const char *const[]){__VA_ARGS__}, \
  .payment_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

struct response {
  CURLcode code;
  long status;
  char body[65536];
  size_t size;
  char content_type[64];
  bool replayed;
  long retry_after;
  cJSON *json; /* NULL: the body is none */
};

/* On a free port; fails the test if it does not start. */
struct simulator *client_start(struct simulator_options options);

/* With bearer key "test"; `key` and `body` may be NULL. */
struct response *client_send(const struct simulator *simulator, const char *method, const char *path, const char *key,
                             const char *body);
struct response *client_send_as(const struct simulator *simulator, const char *bearer, const char *method,
                                const char *path, const char *key, const char *body);

/* Any request, with headers as they stand ("Name: value"), NULL behind the last. */
struct response *client_request(const struct simulator *simulator, const char *method, const char *path,
                                const char *const *headers, const char *body);
void client_free(struct response *response);

/* A member's text, or its number as text; "" if it is not there. Path with slashes and indices: "error/code",
 * "data/0/id". The text lives until the response is freed. */
const char *client_text(const struct response *response, const char *path);

/* Sends, asserts status and the member's text, frees. */
void client_expect(const struct simulator *simulator, const char *method, const char *path, const char *key,
                   const char *body, long status, const char *member, const char *text);

/* A number of GET /simulator/books, "requests/posts". */
int client_books(const struct simulator *simulator, const char *path);

#endif
