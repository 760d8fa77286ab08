/* Every connector: what goes out again is what went out, byte for byte, unless it declares that it is not. A body made
 * of the attempt's time or seed would have no repeat sent, ever. */
#include <criterion/criterion.h>
#include <string.h>

#include "account/account.h"
#include "connector/connector.h"
#include "plugins/cases_file.h"
#include "refund_toolkit.h"

struct built {
  struct connector *connector;
  const struct account *account;
  struct arena *arena;
};

/* The request of an attempt, the tenth a week after the first. */
static struct connector_request build(const struct built *with, const struct refund *refund, const char *token,
                                      int attempt) {
  struct error error = {0};
  struct connector_request request = {0};
  const struct account *account = with->account;
  struct connector_input input = {.flow = FLOW_REFUND,
                                  .refund = refund,
                                  .environment = account->environment,
                                  .values = account->values,
                                  .value_count = account->value_count,
                                  .base_urls = account->base_urls,
                                  .base_url_count = account->base_url_count,
                                  .access_token = refund_text_of(token),
                                  .attempt = attempt,
                                  .refund_time_ms = INT64_C(1700000000000),
                                  .attempt_time_ms = INT64_C(1700000000000) + attempt * INT64_C(67200000)};
  memset(input.attempt_seed, attempt, sizeof input.attempt_seed);
  connector_name(connector_descriptor(with->connector), &input, with->arena);
  int32_t code = connector_build(with->connector, &input, with->arena, &request, &error);
  cr_expect_eq(code, REFUND_OK, "%s: %s", connector_descriptor(with->connector)->id, error.message);
  return request;
}

static void expect_same(const struct built *with, const cJSON *one) {
  struct refund refund;
  struct error error = {0};
  const cJSON *wanted = cJSON_GetObjectItem(one, "request");
  const char *token = json_text(wanted, "access_token");
  cJSON *line = cJSON_Duplicate(wanted, true);
  cJSON_DeleteItemFromObject(line, "access_token");
  char *text = cJSON_PrintUnformatted(line);
  cr_assert(refund_read(with->arena, refund_text_of(text), FLOW_REFUND, "case", &refund, &error), "%s", error.message);
  struct connector_request first = build(with, &refund, token, 1);
  struct connector_request tenth = build(with, &refund, token, 10);
  const char *id = connector_descriptor(with->connector)->id;
  cr_expect(refund_same(first.url, tenth.url), "%s %s: another URL", id, json_text(one, "id"));
  cr_expect(refund_same(first.body, tenth.body), "%s %s: another body\n%.*s\n%.*s", id, json_text(one, "id"),
            (int)first.body.size, first.body.data, (int)tenth.body.size, tenth.body.data);
  free(text);
  cJSON_Delete(line);
}

/* False: no two requests of it are alike, and it says so. */
static bool expect_repeats(struct catalog *catalog, const char *name) {
  struct error error = {0};
  struct place place = place_make();
  const cJSON *cases = cases_read(name);
  const cJSON *one;
  struct built with = {connector_open(catalog, name, &error), NULL, arena_open(0)};
  cr_assert_not_null(with.connector, "%s: %s", name, error.message);
  const refund_descriptor *descriptor = connector_descriptor(with.connector);
  bool varies = (flow_of(descriptor, FLOW_REFUND)->flags & (REFUND_FLOW_FRESH_BODY | REFUND_FLOW_RANDOM)) != 0;
  cases_account(&place, cases, NULL);
  struct accounts *accounts = accounts_open(place.accounts, &error);
  cr_assert_not_null(accounts, "%s", error.message);
  with.account = accounts_bind(accounts, refund_text_of("case"), descriptor, &error);
  cr_assert_not_null(with.account, "%s: %s", name, error.message);
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(cases, "cases")) {
    if (!varies && strcmp(json_text(one, "flow"), "refund") == 0) expect_same(&with, one);
  }
  arena_close(with.arena);
  connector_close(with.connector);
  accounts_close(accounts);
  place_remove(&place);
  return !varies;
}

Test(attempts, are_alike_unless_declared_otherwise, .timeout = 120) {
  static struct name names[CONNECTORS];
  static const char *const directories[] = {PLUGINS_DIR};
  struct catalog_options options = {directories, 1, false, NULL};
  struct error error = {0};
  struct catalog *catalog = catalog_open(&options, &error);
  cr_assert_not_null(catalog, "%s", error.message);
  int alike = 0;
  size_t count = cases_names(names);
  for (size_t i = 0; i < count; i++)
    alike += expect_repeats(catalog, names[i].text);
  cr_expect_geq(alike, 5);
  catalog_close(catalog);
}
