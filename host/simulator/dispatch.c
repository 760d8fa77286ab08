#include "simulator/dispatch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEY_SIZE = 255 };

static void serve_books(const struct call *call, struct answer *answer) {
  answer_json(answer, 200, books_print(call->books));
}

static const struct route own_routes[] = {{"GET", "/simulator/books", serve_books, false}};
static const struct api own_api = {
    .name = "simulator", .routes = own_routes, .route_count = sizeof own_routes / sizeof *own_routes, .open = true};

static const struct api *const apis[] = {&own_api, &reference_api, &stripe_api};

const char *call_first_status(const struct call *call) {
  return call->fault != NULL && call->fault->status != NULL ? call->fault->status : "succeeded";
}

/* Where the path says what the route says; {id} is one segment that is not empty. */
static bool matches(const struct route *route, struct call *call) {
  if (strcmp(route->method, call->method) != 0) return false;
  size_t fixed = strcspn(route->path, "{");
  if (strncmp(route->path, call->path, fixed) != 0) return false;
  call->tail = call->path + fixed;
  bool wants_tail = route->path[fixed] != '\0';
  return wants_tail ? *call->tail != '\0' && strchr(call->tail, '/') == NULL : *call->tail == '\0';
}

static const struct route *find_route(struct call *call, const struct api **api) {
  for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) {
    for (size_t j = 0; j < apis[i]->route_count; j++) {
      if (!matches(&apis[i]->routes[j], call)) continue;
      *api = apis[i];
      return &apis[i]->routes[j];
    }
  }
  return NULL;
}

static void refuse_route(const struct call *call, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  cJSON *error = cJSON_AddObjectToObject(json, "error");
  cJSON_AddStringToObject(error, "code", "route_not_found");
  cJSON_AddStringToObject(error, "message", "The simulator has no such method and path.");
  cJSON_AddStringToObject(error, "method", call->method);
  cJSON_AddStringToObject(error, "path", call->path);
  answer_json(answer, 404, json);
}

static bool may(const struct dispatch *dispatch, const struct call *call) {
  static const char scheme[] = "Bearer ";
  if (call->authorization == NULL || strncasecmp(call->authorization, scheme, sizeof scheme - 1) != 0) return false;
  const char *key = call->authorization + sizeof scheme - 1;
  if (dispatch->api_key != NULL) return strcmp(key, dispatch->api_key) == 0;
  return *key != '\0' && strcmp(key, "revoked") != 0;
}

static const struct fault *draw(const struct dispatch *dispatch, const struct api *api, const struct call *call) {
  if (call->key != NULL) return faults_draw(dispatch->faults, api->name, call->key, strlen(call->key));
  return faults_draw(dispatch->faults, api->name, call->body, call->body_size);
}

/* Lets the fault have its way with an answer that is otherwise complete, or with none. */
static void spoil(const struct api *api, const struct fault *fault, const struct call *call, struct answer *answer) {
  answer->fault = fault;
  answer->delivery = fault->delivery;
  if (fault->refusal != REFUSAL_NONE) api->refuse(fault->refusal, call, answer);
  if (fault->page != NULL) answer_text(answer, 200, fault->page, fault->content_type);
  answer->retry_after = fault->retry_after;
}

static void repeat(const struct reply *reply, struct books *books, struct answer *answer) {
  answer_text(answer, reply->status, reply->body, NULL);
  answer->executed = true;
  answer->replayed = true;
  books_counters(books)->replayed++;
  if (reply->refund != NULL) reply->refund->posts++;
}

static void carry_out(const struct api *api, const struct route *route, struct call *call, struct answer *answer) {
  route->serve(call, answer);
  if (answer->refund != NULL) answer->fault = call->fault;
  if (!answer->executed || call->key == NULL || answer->body == NULL) return;
  struct reply reply = {.request = (char *)call->body,
                        .request_size = call->body_size,
                        .status = answer->status,
                        .body = answer->body,
                        .refund = answer->refund};
  if (!books_keep(call->books, api->name, call->key, &reply)) api->refuse(REFUSAL_SERVER, call, answer);
}

/* What strikes before goes before the key, as a broken line or a gateway does: it knows nothing of keys. */
static void make_refund(const struct dispatch *dispatch, const struct api *api, const struct route *route,
                        struct call *call, struct answer *answer) {
  if (call->key != NULL && (*call->key == '\0' || strlen(call->key) > KEY_SIZE)) {
    api->refuse(REFUSAL_KEY_INVALID, call, answer);
    return;
  }
  const struct fault *fault = draw(dispatch, api, call);
  if (fault != NULL && fault->stage == FAULT_BEFORE) {
    spoil(api, fault, call, answer);
    return;
  }
  const struct reply *reply = call->key == NULL ? NULL : books_recall(call->books, api->name, call->key);
  if (reply != NULL &&
      (reply->request_size != call->body_size || memcmp(reply->request, call->body, call->body_size) != 0)) {
    api->refuse(REFUSAL_KEY_REUSED, call, answer);
    return;
  }
  call->fault = fault != NULL && fault->stage == FAULT_REFUND ? fault : NULL;
  if (reply != NULL) {
    repeat(reply, call->books, answer);
  } else {
    carry_out(api, route, call, answer);
  }
  if (fault != NULL && fault->stage == FAULT_DELIVERY && answer->executed) spoil(api, fault, call, answer);
}

static void count(struct books *books, const struct call *call) {
  if (strcmp(call->method, "POST") == 0) books_counters(books)->posts++;
  if (strcmp(call->method, "GET") == 0) books_counters(books)->gets++;
}

void dispatch_call(const struct dispatch *dispatch, struct call *call, struct answer *answer) {
  const struct api *api = NULL;
  const struct route *route = find_route(call, &api);
  call->books = dispatch->books;
  call->fault = NULL;
  books_lock(dispatch->books);
  if (api == NULL || !api->open) count(dispatch->books, call);
  if (route == NULL) {
    refuse_route(call, answer);
  } else if (!api->open && !may(dispatch, call)) {
    api->refuse(REFUSAL_UNAUTHORIZED, call, answer);
  } else if (route->makes_refund) {
    make_refund(dispatch, api, route, call, answer);
  } else {
    route->serve(call, answer);
  }
  answer->refund = NULL; /* not to be seen without the lock */
  books_unlock(dispatch->books);
}
