/* What users of other systems suffered, where it is about what every connector writes. All 26: see
 * tests/cli/suffered.c. */
#include <criterion/criterion.h>
#include <microhttpd.h>
#include <sqlite3.h>
#include <string.h>
#include <strings.h>

#include "common/buffer.h"
#include "plugins/cases_file.h"
#include "plugins/jose.h"
#include "refund_toolkit.h"

/* ---- The wire: a server that keeps the last POST, and gives an access token to whoever asks ---- */

struct wire {
  struct MHD_Daemon *daemon;
  uint16_t port;
  const char *header; /* the name of the one to keep */
  char value[200];
  struct buffer body;
};

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **request) {
  static const char token[] = "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
  struct wire *wire = context;
  (void)url, (void)method, (void)version;
  if (*request == NULL) {
    *request = wire;
    buffer_close(&wire->body);
    buffer_open(&wire->body, 0);
    return MHD_YES;
  }
  if (*size != 0) {
    buffer_write(&wire->body, data, *size);
    *size = 0;
    return MHD_YES;
  }
  const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, wire->header);
  snprintf(wire->value, sizeof wire->value, "%s", value == NULL ? "" : value);
  struct MHD_Response *response =
      MHD_create_response_from_buffer(sizeof token - 1, (void *)(uintptr_t)token, MHD_RESPMEM_PERSISTENT);
  enum MHD_Result queued = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return queued;
}

static void wire_open(struct wire *wire, const char *header) {
  memset(wire, 0, sizeof *wire);
  wire->port = free_port();
  wire->header = header;
  buffer_open(&wire->body, 0);
  wire->daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, wire->port, NULL, NULL, answer, wire, MHD_OPTION_END);
  cr_assert_not_null(wire->daemon);
}

static void wire_close(struct wire *wire) {
  MHD_stop_daemon(wire->daemon);
  buffer_close(&wire->body);
}

/* The refund of a connector's first case. */
static cJSON *first_refund(const cJSON *cases) {
  const cJSON *one;
  cJSON *refund = NULL;
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(cases, "cases")) {
    if (refund != NULL || strcmp(json_text(one, "flow"), "refund") != 0) continue;
    refund = cJSON_Duplicate(cJSON_GetObjectItem(one, "request"), true);
  }
  cr_assert_not_null(refund, "%s", json_text(cases, "connector"));
  return refund;
}

/* It, of `amount` of `paid` minor units, sent there. */
static void send_refund(struct wire *wire, const struct place *place, const cJSON *cases, int amount, int paid) {
  char url[64];
  cJSON *refund = first_refund(cases);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", wire->port);
  cases_account(place, cases, url);
  cJSON_DeleteItemFromObject(refund, "access_token");
  cJSON_DeleteItemFromObject(refund, "connector_refund_id");
  cJSON_ReplaceItemInObject(refund, "refund_amount", cJSON_CreateNumber(amount));
  cJSON_ReplaceItemInObject(refund, "payment_amount", cJSON_CreateNumber(paid));
  cJSON_AddStringToObject(refund, "account", "case");
  char *text = cJSON_PrintUnformatted(refund);
  struct run result = run(place, text, "--plugins %s refund -", PLUGINS_DIR);
  cr_assert_gt(wire->body.size, 0, "%s: %s%s", json_text(cases, "connector"), result.out, result.err);
  free(text);
  cJSON_Delete(refund);
}

/* ---- Amounts ---- */

/* The body, where it is encrypted what is in it, and behind it the JSON that its members hold in base64. */
static char *in_plain(const cJSON *cases, const char *body) {
  char *revealed = jose_reveal(cJSON_GetObjectItem(cases, "test_keys"), body);
  cJSON *json = cJSON_Parse(revealed);
  const cJSON *member;
  size_t size = strlen(revealed);
  char *plain = calloc(1, 2 * size + 1);
  cr_assert_not_null(plain);
  memcpy(plain, revealed, size);
  free(revealed);
  cJSON_ArrayForEach(member, json) {
    const char *text = cJSON_GetStringValue(member);
    uint64_t decoded = 0;
    if (text == NULL) continue;
    if (refund_read_base64(refund_text_of(text), plain + size, &decoded) && plain[size] == '{') size += decoded;
  }
  cJSON_Delete(json);
  plain[size] = '\0';
  return plain;
}

/* 7340033, 73400.33 and 7340.033 are one: the points are left out. */
static char *digits_of(const cJSON *cases, const char *body) {
  char *digits = in_plain(cases, body);
  char *at = digits;
  for (const char *from = digits; *from != '\0'; from++) {
    if (*from != '.') *at++ = *from;
  }
  *at = '\0';
  return digits;
}

Test(suffered, hyperswitch_prism_229_a_partial_refund_sends_its_own_amount, .timeout = 120) {
  static struct name names[CONNECTORS];
  size_t count = cases_names(names);
  cr_assert_gt(count, 5);
  for (size_t i = 0; i < count; i++) {
    struct wire wire;
    struct place place = place_make();
    wire_open(&wire, "Host");
    const cJSON *cases = cases_read(names[i].text);
    send_refund(&wire, &place, cases, 7340033, 7340034);
    char *digits = digits_of(cases, wire.body.data);
    cr_expect_not_null(strstr(digits, "7340033"), "%s: %s", names[i].text, digits);
    cr_expect_null(strstr(digits, "7340034"), "%s sends what was paid: %s", names[i].text, digits);
    free(digits);
    wire_close(&wire);
    place_remove(&place);
  }
}

static const struct {
  const char *code;
  const char *minor;
  const char *major;
} currencies[] = {
    {"JPY", "1000", "1000"},  {"KRW", "1000", "1000"},  {"KWD", "1230", "1.230"},
    {"BHD", "1230", "1.230"}, {"IQD", "1231", "1.231"}, {"CLF", "10001", "1.0001"},
};
enum { CURRENCIES = sizeof currencies / sizeof *currencies };

/* What the body must hold: minor units as integers, as form, JSON and attribute with their exponent; major units as
 * text. */
static const struct {
  const char *connector;
  const char *part[CURRENCIES];
} goldens[] = {
    {"stripe",
     {"amount=1000&payment_intent=", "amount=1000&payment_intent=", "amount=1230&payment_intent=",
      "amount=1230&payment_intent=", "amount=1231&payment_intent=", "amount=10001&payment_intent="}},
    {"reference",
     {"\"amount\":1000}", "\"amount\":1000}", "\"amount\":1230}", "\"amount\":1230}", "\"amount\":1231}",
      "\"amount\":10001}"}},
    {"adyen",
     {"\"amount\":{\"currency\":\"JPY\",\"value\":1000}", "\"amount\":{\"currency\":\"KRW\",\"value\":1000}",
      "\"amount\":{\"currency\":\"KWD\",\"value\":1230}", "\"amount\":{\"currency\":\"BHD\",\"value\":1230}",
      "\"amount\":{\"currency\":\"IQD\",\"value\":1231}", "\"amount\":{\"currency\":\"CLF\",\"value\":10001}"}},
    {"paypal",
     {"{\"amount\":{\"currency_code\":\"JPY\",\"value\":\"1000\"}}",
      "{\"amount\":{\"currency_code\":\"KRW\",\"value\":\"1000\"}}",
      "{\"amount\":{\"currency_code\":\"KWD\",\"value\":\"1.230\"}}",
      "{\"amount\":{\"currency_code\":\"BHD\",\"value\":\"1.230\"}}",
      "{\"amount\":{\"currency_code\":\"IQD\",\"value\":\"1.231\"}}",
      "{\"amount\":{\"currency_code\":\"CLF\",\"value\":\"1.0001\"}}"}},
    {"cybersource",
     {"{\"totalAmount\":\"1000\",\"currency\":\"JPY\"}", "{\"totalAmount\":\"1000\",\"currency\":\"KRW\"}",
      "{\"totalAmount\":\"1.230\",\"currency\":\"KWD\"}", "{\"totalAmount\":\"1.230\",\"currency\":\"BHD\"}",
      "{\"totalAmount\":\"1.231\",\"currency\":\"IQD\"}", "{\"totalAmount\":\"1.0001\",\"currency\":\"CLF\"}"}},
    {"authorizedotnet",
     {"\"amount\":1000,\"currencyCode\":\"JPY\"", "\"amount\":1000,\"currencyCode\":\"KRW\"",
      "\"amount\":1.230,\"currencyCode\":\"KWD\"", "\"amount\":1.230,\"currencyCode\":\"BHD\"",
      "\"amount\":1.231,\"currencyCode\":\"IQD\"", "\"amount\":1.0001,\"currencyCode\":\"CLF\""}},
    {"nuvei",
     {"\"amount\":\"1000\",\"currency\":\"JPY\"", "\"amount\":\"1000\",\"currency\":\"KRW\"",
      "\"amount\":\"1.230\",\"currency\":\"KWD\"", "\"amount\":\"1.230\",\"currency\":\"BHD\"",
      "\"amount\":\"1.231\",\"currency\":\"IQD\"", "\"amount\":\"1.0001\",\"currency\":\"CLF\""}},
    {"worldpayxml",
     {"<amount value=\"1000\" currencyCode=\"JPY\" exponent=\"0\"/>",
      "<amount value=\"1000\" currencyCode=\"KRW\" exponent=\"0\"/>",
      "<amount value=\"1230\" currencyCode=\"KWD\" exponent=\"3\"/>",
      "<amount value=\"1230\" currencyCode=\"BHD\" exponent=\"3\"/>",
      "<amount value=\"1231\" currencyCode=\"IQD\" exponent=\"3\"/>", "0, 2 or 3 decimals only"}},
    {"braintree",
     {"\"refund\":{\"amount\":\"1000\",", "\"refund\":{\"amount\":\"1000\",", "\"refund\":{\"amount\":\"1.230\",",
      "\"refund\":{\"amount\":\"1.230\",", "\"refund\":{\"amount\":\"1.231\",", "\"refund\":{\"amount\":\"1.0001\","}},
    {"checkout",
     {"{\"amount\":1000,", "{\"amount\":1000,", "{\"amount\":1230,", "{\"amount\":1230,", "cannot refund 1.231 IQD",
      "units of CLF are not certain"}},
    {"worldpayvantiv",
     {"<amount>1000</amount>", "<amount>1000</amount>", "<amount>1230</amount>", "<amount>1230</amount>",
      "<amount>1231</amount>", "<amount>10001</amount>"}},
    {"elavon",
     {"ssl_amount%3E1000%3C", "ssl_amount%3E1000%3C", "ssl_amount%3E1.230%3C", "ssl_amount%3E1.230%3C",
      "ssl_amount%3E1.231%3C", "ssl_amount%3E1.0001%3C"}},
    {"bamboraapac",
     {"AUD and NZD only", "AUD and NZD only", "AUD and NZD only", "AUD and NZD only", "AUD and NZD only",
      "AUD and NZD only"}},
    {"truelayer",
     {"{\"amount_in_minor\":1000,", "{\"amount_in_minor\":1000,", "{\"amount_in_minor\":1230,",
      "{\"amount_in_minor\":1230,", "{\"amount_in_minor\":1231,", "{\"amount_in_minor\":10001,"}},
    {"rapyd",
     {"\"amount\":\"1000\",\"currency\":\"JPY\"}", "\"amount\":\"1000\",\"currency\":\"KRW\"}",
      "\"amount\":\"1.230\",\"currency\":\"KWD\"}", "\"amount\":\"1.230\",\"currency\":\"BHD\"}",
      "\"amount\":\"1.231\",\"currency\":\"IQD\"}", "\"amount\":\"1.0001\",\"currency\":\"CLF\"}"}},
    {"trustpay",
     {"&amount=1000&currency=JPY&", "&amount=1000&currency=KRW&", "&amount=1.230&currency=KWD&",
      "&amount=1.230&currency=BHD&", "&amount=1.231&currency=IQD&", "&amount=1.0001&currency=CLF&"}},
    {"twoc_twop_paco",
     {"{\"amountText\":\"000000001000\",\"currencyCode\":\"JPY\",\"decimalPlaces\":0,\"amount\":1000}",
      "{\"amountText\":\"000000001000\",\"currencyCode\":\"KRW\",\"decimalPlaces\":0,\"amount\":1000}",
      "{\"amountText\":\"000000001230\",\"currencyCode\":\"KWD\",\"decimalPlaces\":3,\"amount\":1.230}",
      "{\"amountText\":\"000000001230\",\"currencyCode\":\"BHD\",\"decimalPlaces\":3,\"amount\":1.230}",
      "{\"amountText\":\"000000001231\",\"currencyCode\":\"IQD\",\"decimalPlaces\":3,\"amount\":1.231}",
      "0, 2 or 3 decimals only"}},
    {"redsys",
     {"\"DS_MERCHANT_AMOUNT\":\"1000\",\"DS_MERCHANT_CURRENCY\":\"392\"",
      "\"DS_MERCHANT_AMOUNT\":\"1000\",\"DS_MERCHANT_CURRENCY\":\"410\"",
      "\"DS_MERCHANT_AMOUNT\":\"1230\",\"DS_MERCHANT_CURRENCY\":\"414\"",
      "\"DS_MERCHANT_AMOUNT\":\"1230\",\"DS_MERCHANT_CURRENCY\":\"048\"",
      "\"DS_MERCHANT_AMOUNT\":\"1231\",\"DS_MERCHANT_CURRENCY\":\"368\"",
      "\"DS_MERCHANT_AMOUNT\":\"10001\",\"DS_MERCHANT_CURRENCY\":\"990\""}},
};

/* What the connector wants besides, as it is in its first case. */
static void metadata_of(const cJSON *cases, char *text, int room) {
  cJSON *refund = first_refund(cases);
  const cJSON *metadata = cJSON_GetObjectItem(refund, "connector_metadata");
  snprintf(text, (size_t)room, "{}");
  if (cJSON_IsObject(metadata)) cr_assert(cJSON_PrintPreallocated((cJSON *)(uintptr_t)metadata, text, room, false));
  cJSON_Delete(refund);
}

/* The account of an amount's currency, where it has one. */
static void account_in(const struct place *place, const cJSON *cases, const char *url, const char *currency) {
  static const char field[] = "merchant_config_currency";
  cJSON *account = cJSON_GetObjectItem(cases, "account");
  if (cJSON_HasObjectItem(account, field)) cJSON_ReplaceItemInObject(account, field, cJSON_CreateString(currency));
  cases_account(place, cases, url);
}

/* As `request` shows it, of minor units in JSON; and as `refund` sends it, of major units in options. All that was
 * paid, where the amount could be left out. */
static void expect_golden(struct wire *wire, const struct place *place, size_t i, size_t currency, const cJSON *cases) {
  char line[1024];
  char metadata[512];
  const char *code = currencies[currency].code;
  const char *part = goldens[i].part[currency];
  metadata_of(cases, metadata, sizeof metadata);
  snprintf(line, sizeof line,
           "{\"refund_id\":\"r1\",\"account\":\"case\",\"connector_transaction_id\":\"pi_1\",\"refund_amount\":%s,"
           "\"payment_amount\":%s,\"currency\":\"%s\",\"connector_metadata\":%s}",
           currencies[currency].minor, currencies[currency].minor, code, metadata);
  struct run shown = run(place, line, "--plugins %s request --access-token t", PLUGINS_DIR);
  struct run sent =
      run(place, NULL,
          "--plugins %s refund --account case --refund-id r%s --transaction-id pi_%s --amount %s "
          "--payment-amount %s --currency %s --metadata-json '%s'",
          PLUGINS_DIR, code, code, currencies[currency].major, currencies[currency].major, code, metadata);
  bool takes = shown.status == 0;
  const char *by_json = json_text(json_line(shown.out), takes ? "body" : "error.message");
  const char *by_options = takes ? wire->body.data : json_text(json_line(sent.out), "error.message");
  const char *connector = goldens[i].connector;
  cr_assert_not_null(by_options, "%s %s: nothing was sent: %s", connector, code, sent.out);
  char *plain_json = in_plain(cases, by_json);
  char *plain_options = in_plain(cases, by_options);
  cr_expect_not_null(strstr(plain_json, part), "%s %s: expected %s, found %s", connector, code, part, plain_json);
  cr_expect_not_null(strstr(plain_options, part), "%s %s: expected %s, sent %s", connector, code, part, plain_options);
  free(plain_json);
  free(plain_options);
}

Test(suffered, gumroad_3749_woocommerce_738_no_path_drops_or_bends_an_amount_without_or_with_three_decimals,
     .timeout = 120) {
  for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
    char url[64];
    struct wire wire;
    struct place place = place_make();
    const cJSON *cases = cases_read(goldens[i].connector);
    wire_open(&wire, "Host");
    snprintf(url, sizeof url, "http://127.0.0.1:%u", wire.port);
    for (size_t currency = 0; currency < CURRENCIES; currency++) {
      account_in(&place, cases, url, currencies[currency].code);
      expect_golden(&wire, &place, i, currency, cases);
    }
    wire_close(&wire);
    place_remove(&place);
  }
}

/* ---- Keys ---- */

/* The account has keys switched on, where that has to be asked for. */
static void switch_key_on(const cJSON *cases, const char *field) {
  cJSON *account = cJSON_GetObjectItem(cases, "account");
  if (field[0] == '\0') return;
  cJSON_DeleteItemFromObject(account, field);
  cJSON_AddStringToObject(account, field, "true");
}

static void key_on_record(const struct place *place, char *key, size_t room) {
  sqlite3 *database;
  sqlite3_stmt *statement;
  cr_assert_eq(sqlite3_open_v2(place->ledger, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  cr_assert_eq(sqlite3_prepare_v2(database, "SELECT idempotency_key FROM refund", -1, &statement, NULL), SQLITE_OK);
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
  snprintf(key, room, "%s", (const char *)sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
}

/* What the descriptor declares is on the wire, and is the key that the ledger has. */
static bool expect_key(const char *connector) {
  char key[200];
  struct wire wire;
  struct place place = place_make();
  const cJSON *cases = cases_read(connector);
  const cJSON *shown = json_line(run(&place, NULL, "--plugins %s connectors show %s", PLUGINS_DIR, connector).out);
  const char *carrier = json_text(shown, "idempotency.carrier");
  bool declared = strcmp(carrier, "none") != 0;
  cr_assert_str_neq(carrier, "", "%s", connector);
  if (declared) {
    wire_open(&wire, json_text(shown, "idempotency.name"));
    switch_key_on(cases, json_text(shown, "idempotency.switch_field"));
    send_refund(&wire, &place, cases, 400, 1000);
    key_on_record(&place, key, sizeof key);
    cr_expect_str_neq(key, "", "%s", connector);
    if (strcmp(carrier, "header") == 0) {
      cr_expect_str_eq(wire.value, key, "%s: header %s", connector, wire.header);
    } else {
      cr_expect_not_null(memmem(wire.body.data, wire.body.size, key, strlen(key)), "%s: body", connector);
    }
    wire_close(&wire);
  }
  place_remove(&place);
  return declared;
}

Test(suffered, mollie_412_returns_each_declared_idempotency_key_is_on_the_wire, .timeout = 120) {
  static struct name names[CONNECTORS];
  size_t count = cases_names(names);
  int declared = 0;
  for (size_t i = 0; i < count; i++)
    declared += expect_key(names[i].text);
  cr_expect_geq(declared, 5);
}
