#include "simulator/faults.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/books.h"
#include "simulator/decimal.h"

static const char bad_gateway[] =
    "<html>\n<head><title>502 Bad Gateway</title></head>\n"
    "<body><center><h1>502 Bad Gateway</h1></center><hr></body>\n</html>\n";

static const struct fault table[] = {
    {.name = "reset-before", .stage = FAULT_BEFORE, .delivery = DELIVER_RESET},
    {.name = "500-before", .stage = FAULT_BEFORE, .refusal = REFUSAL_SERVER},
    {.name = "token-401", .stage = FAULT_BEFORE, .refusal = REFUSAL_UNAUTHORIZED},
    {.name = "429", .stage = FAULT_BEFORE, .refusal = REFUSAL_RATE, .retry_after = 1},
    {.name = "pending", .stage = FAULT_REFUND, .status = "pending"},
    {.name = "failed", .stage = FAULT_REFUND, .status = "failed"},
    {.name = "unknown-status", .stage = FAULT_REFUND, .status = "zorbed"},
    {.name = "wrong-amount", .stage = FAULT_REFUND, .amount_off = 1},
    {.name = "wrong-currency", .stage = FAULT_REFUND, .other_currency = true},
    {.name = "no-id", .stage = FAULT_REFUND, .no_id = true},
    {.name = "reset-after", .stage = FAULT_DELIVERY, .delivery = DELIVER_RESET},
    {.name = "500-after", .stage = FAULT_DELIVERY, .refusal = REFUSAL_SERVER},
    {.name = "truncate", .stage = FAULT_DELIVERY, .delivery = DELIVER_HALF},
    {.name = "html", .stage = FAULT_DELIVERY, .page = bad_gateway, .content_type = "text/html"},
    {.name = "empty", .stage = FAULT_DELIVERY, .page = ""},
    {.name = "slow", .stage = FAULT_DELIVERY, .delay = 3000},
};

enum { KINDS = sizeof table / sizeof *table, MILLION = 1000000, MILLIONTH_DIGITS = 6 };

struct rate {
  const struct fault *fault;
  bool once;
  uint32_t millionths; /* 0 if once */
};

struct visitor {
  uint64_t request;
  unsigned times;
};

struct faults {
  uint64_t seed;
  struct traits traits;
  void *visitors; /* tsearch()'s tree */
  uint64_t sum;   /* of the rates */
  size_t count;
  struct rate rates[];
};

static bool refuse(struct error *error, const char *option, const char *message) {
  char names[256] = "";
  for (size_t i = 0; i < KINDS; i++) {
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i == 0 ? "" : ", ", table[i].name);
  }
  error_set(error, ERROR_USAGE, "--fault", "%s", message);
  error_expected(error, "KIND, KIND=RATE or KIND=once, KIND one of: %s; or " TRAITS_OPTIONS, names);
  error_found(error, "%s", option);
  return error_fix(error, "write for example --fault reset-after=0.2, --fault reset-after=20%% or --fault slow");
}

static const struct fault *find_kind(const char *name, size_t size) {
  for (size_t i = 0; i < KINDS; i++) {
    if (strlen(table[i].name) == size && memcmp(table[i].name, name, size) == 0) return &table[i];
  }
  return NULL;
}

static bool parse_rate(const char *text, struct rate *rate) {
  size_t size = strlen(text);
  bool percent = size != 0 && text[size - 1] == '%';
  int64_t value = 0;
  if (!decimal_parse(text, percent ? size - 1 : size, MILLIONTH_DIGITS, &value)) return false;
  if (percent && value % 100 != 0) return false;
  if (percent) value /= 100;
  if (value > MILLION) return false;
  rate->millionths = (uint32_t)value;
  return true;
}

static bool parse(const char *option, struct rate *rate, struct error *error) {
  const char *equals = strchr(option, '=');
  rate->fault = find_kind(option, equals == NULL ? strlen(option) : (size_t)(equals - option));
  if (rate->fault == NULL) return refuse(error, option, "no fault of the simulator has this name");
  rate->millionths = MILLION;
  if (equals == NULL) return true;
  if (strcmp(equals + 1, "once") == 0) {
    rate->once = true;
    rate->millionths = 0;
    return true;
  }
  if (!parse_rate(equals + 1, rate)) return refuse(error, option, "the rate of a fault is not 0 to 1 or 0% to 100%");
  return true;
}

/* Files the option where it belongs. */
static bool take(struct faults *faults, const char *option, struct error *error) {
  enum traits_reading reading = traits_read(&faults->traits, option, error);
  if (reading != TRAITS_OTHER) return reading == TRAITS_TAKEN;
  struct rate *rate = &faults->rates[faults->count];
  if (!parse(option, rate, error)) return false;
  faults->sum += rate->millionths;
  faults->count++;
  if (faults->sum <= MILLION) return true;
  refuse(error, option, "with this one the rates of the faults add up to more than 1");
  return error_fix(error, "a request suffers one fault at most: give rates, as in --fault 429=0.5 --fault slow=0.5");
}

struct faults *faults_open(const char *const *options, size_t count, uint64_t seed, struct error *error) {
  struct faults *faults = calloc(1, sizeof *faults + count * sizeof *faults->rates);
  if (faults == NULL) {
    error_set(error, ERROR_HOST, "--fault", "out of memory");
    return NULL;
  }
  faults->seed = seed;
  for (size_t i = 0; i < count; i++) {
    if (take(faults, options[i], error)) continue;
    faults_close(faults);
    return NULL;
  }
  return faults;
}

const struct traits *faults_traits(const struct faults *faults) {
  return &faults->traits;
}

void faults_close(struct faults *faults) {
  if (faults == NULL) return;
  tdestroy(faults->visitors, free);
  free(faults);
}

/* The finisher of SplitMix64: each bit of the input moves each of the output. */
static uint64_t mix(uint64_t value) {
  value += UINT64_C(0x9e3779b97f4a7c15);
  value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
  return value ^ (value >> 31);
}

/* FNV-1a. */
static uint64_t digest(uint64_t start, const void *data, size_t size) {
  const unsigned char *bytes = data;
  uint64_t value = start;
  for (size_t i = 0; i < size; i++)
    value = (value ^ bytes[i]) * UINT64_C(0x100000001b3);
  return value;
}

static int by_request(const void *left, const void *right) {
  const struct visitor *a = left;
  const struct visitor *b = right;
  return (a->request > b->request) - (a->request < b->request);
}

/* How often the request has come, this time included. */
static unsigned count_visit(struct faults *faults, uint64_t request) {
  struct visitor wanted = {.request = request};
  void *node = tfind(&wanted, &faults->visitors, by_request);
  struct visitor *visitor = node == NULL ? calloc(1, sizeof *visitor) : *(struct visitor **)node;
  if (visitor == NULL) return 1;
  visitor->request = request;
  unsigned times = ++visitor->times;
  if (node == NULL && tsearch(visitor, &faults->visitors, by_request) == NULL) free(visitor);
  return times;
}

const struct fault *faults_draw(struct faults *faults, const char *api, const void *request, size_t size) {
  if (faults->count == 0) return NULL;
  uint64_t id = digest(digest(UINT64_C(0xcbf29ce484222325), api, strlen(api) + 1), request, size);
  unsigned times = count_visit(faults, id);
  unsigned once = 0;
  for (size_t i = 0; i < faults->count; i++) {
    if (faults->rates[i].once && ++once == times) return faults->rates[i].fault;
  }
  uint64_t number = mix(mix(mix(faults->seed) ^ id) + times) % MILLION;
  for (size_t i = 0; i < faults->count; i++) {
    if (number < faults->rates[i].millionths) return faults->rates[i].fault;
    number -= faults->rates[i].millionths;
  }
  return NULL;
}

struct echo faults_echo(const struct fault *fault, const struct refund *refund) {
  struct echo echo = {.id = refund->id, .amount = refund->amount};
  memcpy(echo.currency, refund->payment->currency, sizeof echo.currency);
  if (fault == NULL) return echo;
  echo.amount += fault->amount_off;
  if (fault->no_id) echo.id = NULL;
  if (fault->other_currency) memcpy(echo.currency, strcmp(echo.currency, "EUR") == 0 ? "USD" : "EUR", 4);
  return echo;
}
