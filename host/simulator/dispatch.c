#include "simulator/dispatch.h"

#include <string.h>

static void serve_books(const struct call *call, struct answer *answer) {
  answer_json(answer, 200, books_print(call->books));
}

static void serve_counters(const struct call *call, struct answer *answer) {
  answer_json(answer, 200, books_print_counters(call->books));
}

static void revoke_tokens(const struct call *call, struct answer *answer) {
  cJSON *json = cJSON_CreateObject();
  answer_add_integer(json, "revoked", bearers_revoke(call->bearers));
  answer_json(answer, 200, json);
}

static const struct route own_routes[] = {
    {"GET", "/simulator/books", serve_books, ROUTE_OTHER, NULL},
    {"GET", "/simulator/requests", serve_counters, ROUTE_OTHER, NULL},
    {"POST", "/simulator/revoke-tokens", revoke_tokens, ROUTE_OTHER, NULL},
};

static const struct api own_api = {
    .name = "simulator", .routes = own_routes, .route_count = sizeof own_routes / sizeof *own_routes};

static const struct api *const apis[] = {&own_api,    &reference_api,    &stripe_api,      &adyen_api,
                                         &paypal_api, &paypal_token_api, &cybersource_api, &worldpayxml_api};

const char *call_first_status(const struct call *call) {
  return call->fault != NULL && call->fault->status != NULL ? call->fault->status : "succeeded";
}

bool call_sees(const struct call *call, const struct api *api, const struct refund *refund) {
  return strcmp(refund->api, api->name) == 0 && refund->visible <= call->clock;
}

struct refund *call_find(const struct call *call, const struct api *api, const char *id) {
  struct refund *refund = books_find(call->books, api->name, id);
  return refund != NULL && call_sees(call, api, refund) ? refund : NULL;
}

enum verdict call_refund(const struct call *call, const struct order *order, struct answer *answer) {
  enum verdict verdict = books_refund(call->books, order, &answer->refund);
  answer->executed = verdict != BOOKS_NO_MEMORY;
  if (answer->refund != NULL)
    answer->refund->visible = call->clock + call->traits->slow_commit + call->traits->list_lag;
  return verdict;
}

/* Where the path says what the route says; {id} is one segment that is not empty. */
static bool matches(const struct route *route, struct call *call) {
  static const char hole[] = "{id}";
  call->id[0] = '\0';
  if (strcmp(route->method, call->method) != 0) return false;
  const char *found = strstr(route->path, hole);
  if (found == NULL) return strcmp(route->path, call->path) == 0;
  size_t before = (size_t)(found - route->path);
  if (strncmp(route->path, call->path, before) != 0) return false;
  size_t size = strcspn(call->path + before, "/");
  if (size == 0 || size >= sizeof call->id || strcmp(call->path + before + size, found + sizeof hole - 1) != 0)
    return false;
  memcpy(call->id, call->path + before, size);
  call->id[size] = '\0';
  return true;
}

static const struct route *find_route(struct call *call, const struct api **api) {
  for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) {
    for (size_t j = 0; j < apis[i]->route_count; j++) {
      const struct route *route = &apis[i]->routes[j];
      if (!matches(route, call) || (route->takes != NULL && !route->takes(call))) continue;
      *api = apis[i];
      return route;
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

static const struct fault *draw(const struct dispatch *dispatch, const struct api *api, const struct call *call) {
  if (call->key != NULL) return faults_draw(dispatch->faults, api->name, call->key, strlen(call->key));
  return faults_draw(dispatch->faults, api->name, call->body, call->body_size);
}

/* Lets the fault have its way with an answer that is otherwise complete, or with none. */
static void spoil(const struct api *api, const struct fault *fault, const struct call *call, struct answer *answer) {
  answer->fault = fault;
  answer->delivery = fault->delivery;
  answer->delay += fault->delay;
  if (fault->refusal != REFUSAL_NONE) api->refuse(fault->refusal, call, answer);
  if (fault->page != NULL) answer_text(answer, 200, fault->page, fault->content_type);
  answer->retry_after = fault->retry_after;
}

/* The answer that is known for the key by now. */
static const struct reply *recall(const struct api *api, const struct call *call) {
  struct reply *reply = call->key == NULL ? NULL : books_recall(call->books, api->name, call->key);
  return reply != NULL && reply->from <= call->clock && call->clock < reply->until ? reply : NULL;
}

static bool is_same_request(const struct reply *reply, const struct call *call) {
  return reply->request_size == call->body_size && memcmp(reply->request, call->body, call->body_size) == 0;
}

static void repeat(const struct api *api, const struct reply *reply, const struct call *call, struct answer *answer) {
  if (api->repeat != NULL && reply->refund != NULL) {
    api->repeat(call, reply->refund, answer);
  } else {
    answer_text(answer, reply->status, reply->body, reply->content_type);
  }
  answer->executed = true;
  answer->replayed = true;
  books_counters(call->books)->replayed++;
  if (reply->refund != NULL) reply->refund->posts++;
}

/* Of several that are worked on at a time under one key, the first to come has it. */
static bool keeps(const struct api *api, const struct call *call, const struct answer *answer) {
  bool good = answer->status / 100 == 2;
  if (!answer->executed || call->key == NULL || answer->body == NULL) return false;
  if (!good && (api->keeps_2xx || call->traits->keeps_2xx)) return false;
  const struct reply *other = books_recall(call->books, api->name, call->key);
  return other == NULL || other->until <= call->clock;
}

static void carry_out(const struct api *api, const struct route *route, const struct call *call,
                      struct answer *answer) {
  const struct traits *traits = call->traits;
  route->serve(call, answer);
  if (answer->refund != NULL) answer->fault = call->fault;
  if (answer->executed) answer->delay = traits->slow_commit;
  if (!keeps(api, call, answer)) return;
  int64_t commit = call->clock + traits->slow_commit;
  struct reply reply = {.request = (char *)call->body,
                        .request_size = call->body_size,
                        .status = answer->status,
                        .body = answer->body,
                        .content_type = answer->content_type,
                        .refund = answer->refund,
                        .from = commit,
                        .until = traits->key_window == 0 ? INT64_MAX : commit + traits->key_window};
  if (!books_keep(call->books, api->name, call->key, &reply)) api->refuse(REFUSAL_SERVER, call, answer);
}

/* What strikes before goes before the key, as a broken line or a gateway does: it knows nothing of keys. */
static void make_refund(const struct dispatch *dispatch, const struct api *api, const struct route *route,
                        struct call *call, struct answer *answer) {
  if (call->key != NULL && (*call->key == '\0' || strlen(call->key) > api->key_size)) {
    api->refuse(REFUSAL_KEY_INVALID, call, answer);
    return;
  }
  const struct fault *fault = draw(dispatch, api, call);
  if (fault != NULL && fault->stage == FAULT_BEFORE) {
    spoil(api, fault, call, answer);
    return;
  }
  const struct reply *reply = recall(api, call);
  if (reply != NULL && !is_same_request(reply, call)) {
    api->refuse(REFUSAL_KEY_REUSED, call, answer);
    return;
  }
  call->fault = fault != NULL && fault->stage == FAULT_REFUND ? fault : NULL;
  if (reply != NULL) {
    repeat(api, reply, call, answer);
  } else {
    carry_out(api, route, call, answer);
  }
  if (fault != NULL && fault->stage == FAULT_DELIVERY && answer->executed) spoil(api, fault, call, answer);
}

static void count(struct books *books, const struct call *call) {
  if (strcmp(call->method, "POST") == 0) books_counters(books)->posts++;
  if (strcmp(call->method, "GET") == 0) books_counters(books)->gets++;
}

static void prepare(const struct dispatch *dispatch, const struct api *api, struct call *call) {
  bool has_key = api != NULL && api->key_header != NULL && !dispatch->traits.no_keys;
  call->key = has_key ? call->header(call->connection, api->key_header) : NULL;
  call->api_key = dispatch->api_key;
  call->books = dispatch->books;
  call->bearers = dispatch->bearers;
  call->traits = &dispatch->traits;
  call->fault = NULL;
}

void dispatch_call(const struct dispatch *dispatch, struct call *call, struct answer *answer) {
  const struct api *api = NULL;
  const struct route *route = find_route(call, &api);
  bool open = api != NULL && api->admits == NULL;
  prepare(dispatch, api, call);
  books_lock(dispatch->books);
  if (!open) count(dispatch->books, call);
  if (route == NULL) {
    refuse_route(call, answer);
  } else if (!open && !api->admits(call)) {
    api->refuse(REFUSAL_UNAUTHORIZED, call, answer);
  } else if (route->kind == ROUTE_REFUND) {
    make_refund(dispatch, api, route, call, answer);
  } else if (route->kind == ROUTE_LOOKUP && dispatch->traits.no_lookup) {
    api->refuse(REFUSAL_NO_LOOKUP, call, answer);
  } else {
    route->serve(call, answer);
  }
  answer->refund = NULL; /* not to be seen without the lock */
  books_unlock(dispatch->books);
}
