/* One call of a connector's function: what it is handed, what is done with its return code, what is checked of what it
 * wrote. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/url.h"
#include "connector/connector.h"
#include "connector/interfaces.h"
#include "connector/sinks.h"
#include "refund_toolkit.h"

enum { SCRATCH_LIMIT = 4 * 1024 * 1024, TREE_LIMIT = 128 * 1024 * 1024, URL_LIMIT = 8 * 1024 };

struct connector {
  const struct catalog_entry *entry;
  const refund_vtable *const *tables;
};

/* A call, and what belongs to it alone. */
struct host_call {
  refund_call call; /* first: the connector's pointer is ours */
  struct arena *scratch;
  size_t allocated;
  bool exhausted; /* scratch memory was refused once: what the connector made of it may lack a part */
  char field[128];
  char message[512];
};

/* ---- What the host offers ---- */

static struct host_call *of(const refund_call *call) {
  return (struct host_call *)(uintptr_t)call;
}

struct arena *call_arena(const refund_call *call) {
  return of(call)->scratch;
}

static const void *get_interface(const refund_host *host, const char *id) {
  (void)host;
  return id == NULL ? NULL : interfaces_find(id);
}

static void *allocate(const refund_call *call, uint64_t size) {
  struct host_call *own = of(call);
  bool fits = !own->exhausted && size <= SCRATCH_LIMIT - own->allocated;
  void *memory = fits ? arena_allocate(own->scratch, size) : NULL;
  if (memory == NULL) own->exhausted = true;
  own->allocated += memory == NULL ? 0 : size;
  return memory;
}

static void put_text(char *to, size_t room, refund_text text) {
  snprintf(to, room, "%.*s", text.data == NULL ? 0 : (int)(text.size < room ? text.size : room - 1),
           text.data == NULL ? "" : text.data);
}

static void fail(const refund_call *call, refund_text field, refund_text message) {
  put_text(of(call)->field, sizeof of(call)->field, field);
  put_text(of(call)->message, sizeof of(call)->message, message);
}

static const refund_host host_functions = {
    .size = sizeof(refund_host),
    .abi_major = REFUND_ABI_MAJOR,
    .abi_minor = REFUND_ABI_MINOR,
    .features = 0,
    .get_interface = get_interface,
    .allocate = allocate,
    .fail = fail,
};

/* ---- The connector ---- */

struct connector *connector_open(struct catalog *catalog, const char *id, struct error *error) {
  const struct catalog_entry *entry = catalog_find(catalog, id, error);
  if (entry == NULL) return NULL;
  struct connector *connector = calloc(1, sizeof *connector);
  if (connector == NULL) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
    return NULL;
  }
  connector->entry = entry;
  if (catalog_load(catalog, entry, &connector->tables, error)) return connector;
  free(connector);
  return NULL;
}

void connector_close(struct connector *connector) {
  free(connector);
}

const refund_descriptor *connector_descriptor(const struct connector *connector) {
  return &connector->entry->descriptor;
}

const char *connector_sha256(const struct connector *connector) {
  return connector->entry->sha256;
}

/* Index of a flow in the descriptor; REFUND_MAX_FLOWS if there is none. */
static size_t flow_index(const struct connector *connector, enum flow_kind flow) {
  const refund_flow *flows = connector->entry->descriptor.flows;
  for (size_t i = 0; i < REFUND_MAX_FLOWS && flows[i].id[0] != '\0'; i++) {
    if (strcmp(flows[i].id, flow_name(flow)) == 0) return i;
  }
  return REFUND_MAX_FLOWS;
}

/* ---- Before the call ---- */

static bool key_is_switched_on(const refund_descriptor *descriptor, const struct connector_input *input) {
  const char *field = descriptor->idempotency.switch_field;
  if (field[0] == '\0') return true;
  for (uint64_t i = 0; i < input->value_count; i++) {
    if (!refund_is(input->values[i].field, field)) continue;
    return refund_is_nocase(input->values[i].value, "true") || refund_is_nocase(input->values[i].value, "yes");
  }
  return false;
}

void connector_name(const refund_descriptor *descriptor, struct connector_input *input, struct arena *arena) {
  refund_text none = {NULL, 0};
  bool has_key = descriptor->idempotency.carrier != REFUND_KEY_NONE && key_is_switched_on(descriptor, input);
  input->idempotency_key = has_key ? form_apply(arena, &descriptor->idempotency.form, input->refund->refund_id) : none;
  input->reference = form_apply(arena, &descriptor->reference.form, input->refund->refund_id);
}

static bool take_refund(refund_call *call, const struct connector_input *input, const refund_descriptor *descriptor,
                        struct error *error) {
  const struct refund *refund = input->refund;
  const struct currency *currency = refund->currency;
  if (currency == NULL) return true; /* access_token */
  const refund_currency *rule = money_rule(descriptor, currency);
  call->refund_id = refund->refund_id;
  call->connector_transaction_id = refund->connector_transaction_id;
  if (input->flow == FLOW_REFUND_SYNC) call->connector_refund_id = refund->connector_refund_id;
  call->currency = refund_text_of(currency->code);
  call->currency_number = refund_text_of(currency->number);
  call->reason = refund->reason;
  call->connector_metadata = refund->connector_metadata;
  call->exponent = money_exponent(currency, rule);
  bool whole = refund->refund_amount == refund->payment_amount;
  if ((descriptor->flags & REFUND_FULL_ONLY) != 0 && !whole) {
    error_set(error, ERROR_INPUT, "refund_amount", "%s refunds whole payments only", descriptor->id);
    error_expected(error, "%s", money_show(refund->payment_amount, currency->exponent, currency->code).text);
    return error_found(error, "%s", money_show(refund->refund_amount, currency->exponent, currency->code).text);
  }
  /* The captured amount need not be one that can be refunded: it is for telling full from partial. */
  if (!money_to_processor(refund->payment_amount, currency, rule, &call->payment_amount, NULL))
    call->payment_amount = 0;
  return money_to_processor(refund->refund_amount, currency, rule, &call->refund_amount, error);
}

static bool open_call(struct host_call *own, const struct connector *connector, const struct connector_input *input,
                      struct error *error) {
  memset(own, 0, sizeof *own);
  own->scratch = arena_open(TREE_LIMIT);
  if (own->scratch == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  refund_call *call = &own->call;
  call->size = sizeof *call;
  call->environment = input->environment;
  call->host = &host_functions;
  call->flow = refund_text_of(flow_name(input->flow));
  call->reference = input->reference;
  call->idempotency_key = input->idempotency_key;
  call->attempt = input->attempt;
  call->refund_time_ms = input->refund_time_ms;
  call->attempt_time_ms = input->attempt_time_ms;
  call->refund_seed = input->refund_seed;
  call->attempt_seed = input->attempt_seed;
  call->access_token = input->access_token;
  call->account = input->values;
  call->account_count = input->value_count;
  call->base_urls = input->base_urls;
  call->base_url_count = input->base_url_count;
  return input->refund == NULL || take_refund(call, input, &connector->entry->descriptor, error);
}

static void close_call(struct host_call *own) {
  arena_close(own->scratch);
}

/* ---- After the call ---- */

/* An error for a code that is not REFUND_OK: the connector's own words first. */
static int32_t refused(const struct host_call *own, const struct connector *connector, int32_t code,
                       const char *function, struct error *error) {
  static const char *const words[] = {"ok",
                                      "this refund cannot be sent as it is",
                                      "the processor has no such thing",
                                      "an access token is needed",
                                      "the answer cannot be read",
                                      "a limit of the host was reached",
                                      "internal error"};
  const char *id = connector->entry->descriptor.id;
  bool known = code > REFUND_OK && code <= REFUND_INTERNAL;
  enum error_code kind = code == REFUND_INVALID_INPUT ? ERROR_INPUT : ERROR_CONNECTOR;
  const char *said = own->message[0] != '\0' ? own->message : known ? words[code] : "an unknown return code";
  error_set(error, kind, own->field[0] == '\0' ? NULL : own->field, "%s: %s", id, said);
  if (code != REFUND_INVALID_INPUT && code != REFUND_NOT_SUPPORTED && code != REFUND_TOKEN_NEEDED) {
    error_found(error, "%s of connector %s returned %d", function, id, (int)code);
  }
  return known ? code : REFUND_INTERNAL;
}

static int32_t nonsense(const struct connector *connector, const char *function, const char *problem,
                        struct error *error) {
  error_set(error, ERROR_CONNECTOR, NULL, "connector %s: %s gave %s", connector->entry->descriptor.id, function,
            problem);
  error_fix(error, "this is a fault of the connector; nothing was sent");
  return REFUND_INTERNAL;
}

static int32_t check_url(const struct connector *connector, const struct connector_input *input, refund_text url_text,
                         struct error *error) {
  struct url url;
  struct buffer hosts;
  char phrase[160];
  const char *problem = url_read(url_text, &url);
  if (problem != NULL) {
    snprintf(phrase, sizeof phrase, "a URL that cannot be used: %s", problem);
    return nonsense(connector, "get_url", phrase, error);
  }
  for (uint64_t i = 0; i < input->base_url_count; i++) {
    if (url_is_below(url_text, input->base_urls[i])) return REFUND_OK;
  }
  nonsense(connector, "get_url", "a URL that is on none of its hosts", error);
  buffer_open(&hosts, 300);
  for (uint64_t i = 0; i < input->base_url_count; i++) {
    if (i > 0) refund_puts(&hosts.sink, ", ");
    refund_put(&hosts.sink, input->base_urls[i]);
  }
  error_expected(error, "below %s", buffer_text(&hosts).data);
  error_found(error, "%.*s", (int)url.origin.size, url.origin.data);
  buffer_close(&hosts);
  return REFUND_INTERNAL;
}

/* ---- The three functions that make a request, in order ---- */

/* What the steps share. */
struct making {
  struct connector *connector;
  const struct connector_input *input;
  struct host_call *own;
  const refund_vtable *table;
  const refund_flow *flow;
  struct arena *arena;
  struct connector_request *request;
  refund_http_request so_far;
  struct error *error;
};

static int32_t make_body(struct making *making) {
  struct buffer body;
  buffer_open(&body, CONNECTOR_BODY_LIMIT);
  int32_t code = making->table->build_request(&making->own->call, &body.sink);
  if (code != REFUND_OK) {
    code = refused(making->own, making->connector, code, "build_request", making->error);
  } else if (body.failed) {
    code = nonsense(making->connector, "build_request", "a body over 1 MiB", making->error);
  } else if (body.size > 0) {
    making->request->body = arena_copy(making->arena, buffer_text(&body));
    if (making->request->body.data == NULL) code = REFUND_INTERNAL;
  }
  buffer_close(&body);
  making->so_far.body = making->request->body;
  return code;
}

static int32_t make_url(struct making *making) {
  struct buffer url;
  buffer_open(&url, URL_LIMIT);
  int32_t code = making->table->get_url(&making->own->call, &making->so_far, &url.sink);
  if (code != REFUND_OK) {
    code = refused(making->own, making->connector, code, "get_url", making->error);
  } else if (url.failed) {
    code = nonsense(making->connector, "get_url", "a URL over 8 KiB", making->error);
  } else {
    code = check_url(making->connector, making->input, buffer_text(&url), making->error);
  }
  if (code == REFUND_OK) making->request->url = arena_copy(making->arena, buffer_text(&url));
  buffer_close(&url);
  making->so_far.url = making->request->url;
  return code;
}

static void default_content_type(struct making *making) {
  struct connector_request *request = making->request;
  for (size_t i = 0; i < request->header_count; i++) {
    if (refund_is_nocase(request->headers[i].name, "Content-Type")) return;
  }
  if (making->flow->content_type[0] == '\0') return;
  struct connector_header *header = &request->headers[request->header_count++];
  header->name = refund_text_of("Content-Type");
  header->value = arena_copy(making->arena, refund_text_of(making->flow->content_type));
  header->sensitive = false;
}

static int32_t make_headers(struct making *making) {
  struct header_sink sink;
  struct connector_request *request = making->request;
  /* One more than the sink takes, for the default content type. */
  request->headers = arena_allocate(making->arena, (CONNECTOR_HEADER_LIMIT + 1) * sizeof *request->headers);
  if (request->headers == NULL) return REFUND_INTERNAL;
  header_sink_open(&sink, making->arena, request->headers);
  int32_t code = making->table->get_headers(&making->own->call, &making->so_far, &sink.headers);
  if (sink.failed) return nonsense(making->connector, "get_headers", sink.problem, making->error);
  if (code != REFUND_OK) return refused(making->own, making->connector, code, "get_headers", making->error);
  request->header_count = sink.count;
  if (sink.method.data != NULL) request->method = sink.method;
  default_content_type(making);
  return REFUND_OK;
}

int32_t connector_build(struct connector *connector, const struct connector_input *input, struct arena *arena,
                        struct connector_request *request, struct error *error) {
  static int32_t (*const steps[])(struct making *) = {make_body, make_url, make_headers};
  struct host_call own;
  size_t index = flow_index(connector, input->flow);
  memset(request, 0, sizeof *request);
  if (index == REFUND_MAX_FLOWS) {
    error_set(error, ERROR_CONNECTOR, "flow", "connector %s has no flow %s", connector->entry->descriptor.id,
              flow_name(input->flow));
    return REFUND_NOT_SUPPORTED;
  }
  if (!open_call(&own, connector, input, error)) {
    close_call(&own);
    return REFUND_INVALID_INPUT;
  }
  struct making making = {connector,
                          input,
                          &own,
                          connector->tables[index],
                          &connector->entry->descriptor.flows[index],
                          arena,
                          request,
                          {.size = sizeof(refund_http_request)},
                          error};
  request->method = arena_copy(arena, refund_text_of(making.flow->method));
  making.so_far.method = request->method;
  int32_t code = request->method.data == NULL ? REFUND_INTERNAL : REFUND_OK;
  for (size_t i = 0; i < sizeof steps / sizeof *steps && code == REFUND_OK; i++)
    code = steps[i](&making);
  if (own.exhausted) code = nonsense(connector, "a function", "up: its scratch memory was used up", error);
  if (code == REFUND_INTERNAL && error != NULL && error->code == ERROR_NONE) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
  }
  close_call(&own);
  return code;
}

void connector_map(struct connector *connector, const struct connector_input *input,
                   const refund_http_response *response, struct arena *arena, struct answer *answer) {
  struct host_call own;
  struct result_sink sink;
  size_t index = flow_index(connector, input->flow);
  memset(answer, 0, sizeof *answer);
  answer->code = REFUND_NOT_SUPPORTED;
  if (index == REFUND_MAX_FLOWS) return;
  answer->names = connector->entry->descriptor.flows[index].names;
  if (open_call(&own, connector, input, NULL)) {
    result_sink_open(&sink, arena, answer);
    answer->code = connector->tables[index]->map_response(&own.call, response, &sink.result);
    if (sink.failed && answer->code == REFUND_OK) answer->code = REFUND_SINK_REFUSED;
    if (own.exhausted) answer->code = REFUND_INTERNAL;
  }
  close_call(&own);
  if (answer->code == REFUND_OK) return;
  int32_t code = answer->code;
  memset(answer, 0, sizeof *answer); /* what was said before it gave up counts for nothing */
  answer->code = code;
}
