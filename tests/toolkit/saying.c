/* What a connector says: headers of the request, the reading of the answer, status words. */
#include "fake.h"

/* ---- Headers ---- */

struct shelf {
  refund_headers headers; /* first */
  char name[64];
  char value[256];
  uint32_t flags;
  int count;
  int32_t code; /* what add() answers */
};

static int32_t shelf_add(refund_headers *headers, refund_text name, refund_text value, uint32_t flags) {
  struct shelf *shelf = (struct shelf *)(void *)headers;
  snprintf(shelf->name, sizeof shelf->name, "%.*s", (int)name.size, name.data);
  snprintf(shelf->value, sizeof shelf->value, "%.*s", (int)value.size, value.data == NULL ? "(none)" : value.data);
  shelf->flags = flags;
  shelf->count++;
  return shelf->code;
}

static struct shelf shelf_make(void) {
  return (struct shelf){.headers = {.size = sizeof(refund_headers), .add = shelf_add}};
}

Test(headers, are_plain_or_sensitive) {
  struct shelf shelf = shelf_make();
  cr_expect_eq(refund_add_header(&shelf.headers, "Accept", T("application/json")), REFUND_OK);
  cr_expect_str_eq(shelf.name, "Accept");
  cr_expect_str_eq(shelf.value, "application/json");
  cr_expect_eq(shelf.flags, 0);
  cr_expect_eq(refund_add_secret_header(&shelf.headers, "X-Key", T("k")), REFUND_OK);
  cr_expect_eq(shelf.flags, REFUND_HEADER_SENSITIVE);
  shelf.code = REFUND_SINK_REFUSED;
  cr_expect_eq(refund_add_header(&shelf.headers, "A", T("b")), REFUND_SINK_REFUSED);
  cr_expect_eq(refund_add_secret_header(&shelf.headers, "A", T("b")), REFUND_SINK_REFUSED);
}

Test(headers, carry_a_bearer_token_as_a_secret) {
  struct fake *fake = fake_open();
  struct shelf shelf = shelf_make();
  cr_expect_eq(refund_add_bearer(&fake->call, &shelf.headers, T("token")), REFUND_OK);
  cr_expect_str_eq(shelf.name, "Authorization");
  cr_expect_str_eq(shelf.value, "Bearer token");
  cr_expect_eq(shelf.flags, REFUND_HEADER_SENSITIVE);
  fake_close(fake);
}

REFUND_BASIC(basic_headers, "user", "password");

Test(headers, carry_two_account_fields_as_basic) {
  struct fake *fake = fake_open();
  struct shelf shelf = shelf_make();
  refund_account_value values[] = {{T("user"), NOT_THERE, T("Aladdin")},
                                   {T("password"), NOT_THERE, T("open sesame")}}; /* RFC 7617, 2 */
  fake->call.account = values;
  fake->call.account_count = 2;
  cr_expect_eq(basic_headers(&fake->call, NULL, &shelf.headers), REFUND_OK);
  cr_expect_str_eq(shelf.value, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  cr_expect_eq(shelf.flags, REFUND_HEADER_SENSITIVE);
  fake_close(fake);
}

Test(headers, carry_the_accounts_api_key) {
  struct fake *fake = fake_open();
  struct shelf shelf = shelf_make();
  refund_account_value key = {T("api_key"), NOT_THERE, T("k1")};
  fake->call.account = &key;
  fake->call.account_count = 1;
  cr_expect_eq(refund_only_api_key(&fake->call, NULL, &shelf.headers), REFUND_OK);
  cr_expect_str_eq(shelf.value, "Bearer k1");
  cr_expect_eq(shelf.flags, REFUND_HEADER_SENSITIVE);
  fake_close(fake);
}

Test(headers, carry_user_and_password_as_rfc_7617_has_it) {
  struct fake *fake = fake_open();
  struct shelf shelf = shelf_make();
  cr_expect_eq(refund_add_basic(&fake->call, &shelf.headers, T("Aladdin"), T("open sesame")), REFUND_OK);
  cr_expect_str_eq(shelf.value, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  cr_expect_eq(shelf.flags, REFUND_HEADER_SENSITIVE);
  cr_expect_eq(refund_add_basic(&fake->call, &shelf.headers, T("sk_test"), NOT_THERE), REFUND_OK);
  cr_expect_str_eq(shelf.value, "Basic c2tfdGVzdDo=");
  fake_close(fake);
}

/* Half a credential must never leave: it would look like a wrong one. */
Test(headers, are_not_added_when_memory_for_a_credential_is_refused) {
  struct fake *fake = fake_open();
  struct shelf shelf = shelf_make();
  for (size_t allowed = 0; allowed < 2; allowed++) {
    fake->allocations_allowed = fake->block_count + allowed;
    cr_expect_neq(refund_add_basic(&fake->call, &shelf.headers, T("user"), T("password")), REFUND_OK);
  }
  fake->allocations_allowed = 0;
  cr_expect_neq(refund_add_bearer(&fake->call, &shelf.headers, T("token")), REFUND_OK);
  cr_expect_eq(shelf.count, 0);
  fake_close(fake);
}

/* ---- Status words ---- */

Test(words, shared_by_default_are_five) {
  static const struct {
    const char *word;
    int32_t status;
  } cases[] = {{"succeeded", REFUND_STATUS_SUCCESS}, {"completed", REFUND_STATUS_SUCCESS},
               {"pending", REFUND_STATUS_PENDING},   {"processing", REFUND_STATUS_PENDING},
               {"failed", REFUND_STATUS_FAILURE},    {"SUCCEEDED", REFUND_STATUS_SUCCESS},
               {"Failed", REFUND_STATUS_FAILURE}};
  cr_expect_eq(refund_default_word_count, 5);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(refund_meaning_of(refund_default_words, refund_default_word_count, refund_text_of(cases[i].word),
                                   REFUND_STATUS_UNRECOGNIZED),
                 cases[i].status, "%s", cases[i].word);
  }
}

Test(words, that_no_table_has_are_not_recognised) {
  static const char *const words[] = {"",         "success", "succeeded ", " failed", "failure",  "fail",    "canceled",
                                      "refunded", "settled", "complete",   "pendin",  "declined", "FAILED\n"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    cr_expect_eq(refund_meaning_of(refund_default_words, refund_default_word_count, refund_text_of(words[i]),
                                   REFUND_STATUS_UNRECOGNIZED),
                 REFUND_STATUS_UNRECOGNIZED, "%s", words[i]);
  }
  cr_expect_eq(
      refund_meaning_of(refund_default_words, refund_default_word_count, NOT_THERE, REFUND_STATUS_UNRECOGNIZED),
      REFUND_STATUS_UNRECOGNIZED);
  cr_expect_eq(refund_meaning_of(NULL, 0, T("succeeded"), REFUND_STATUS_UNRECOGNIZED), REFUND_STATUS_UNRECOGNIZED);
}

Test(words, with_a_star_stand_for_all_that_begin_so) {
  static const refund_word words[] = {
      {"000.400.03*", REFUND_STATUS_PENDING}, {"000.400.*", REFUND_STATUS_SUCCESS}, {"700.*.1", REFUND_STATUS_FAILURE}};
  static const struct {
    const char *word;
    int32_t status;
  } cases[] = {
      {"000.400.100", REFUND_STATUS_SUCCESS},
      {"000.400.", REFUND_STATUS_SUCCESS},
      {"000.400.030", REFUND_STATUS_PENDING},
      {"000.400", REFUND_STATUS_UNRECOGNIZED},
      {"1000.400.100", REFUND_STATUS_UNRECOGNIZED},
      {"700.400.1", REFUND_STATUS_UNRECOGNIZED},
      {"", REFUND_STATUS_UNRECOGNIZED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(refund_meaning_of(REFUND_WORDS(words), refund_text_of(cases[i].word), REFUND_STATUS_UNRECOGNIZED),
                 cases[i].status, "%s", cases[i].word);
  }
  cr_expect_eq(refund_meaning_of(REFUND_WORDS(words), NOT_THERE, REFUND_STATUS_UNRECOGNIZED),
               REFUND_STATUS_UNRECOGNIZED);
}

Test(words, may_mean_readings_and_the_first_of_a_table_counts) {
  static const refund_word table[] = {{"E1", REFUND_READING_DUPLICATE}, {"e1", REFUND_READING_REJECTED}, {"", 7}};
  cr_expect_eq(refund_meaning_of(REFUND_WORDS(table), T("e1"), -1), REFUND_READING_DUPLICATE);
  cr_expect_eq(refund_meaning_of(REFUND_WORDS(table), T(""), -1), 7);
  cr_expect_eq(refund_meaning_of(REFUND_WORDS(table), NOT_THERE, -1), -1, "what is not there is no empty word");
  cr_expect_eq(refund_meaning_of(REFUND_WORDS(table), T("E"), -1), -1);
  cr_expect_eq(refund_meaning_of(REFUND_WORDS(table), T("E1\0"), -1), -1);
}

/* ---- Readings ---- */

struct ear {
  refund_result result; /* first */
  int32_t reading;
  int32_t status;
  refund_text texts[16];
  int64_t numbers[8];
  int number_count;
  int32_t code; /* what reading() answers */
};

static int32_t ear_reading(refund_result *result, int32_t reading, int32_t status) {
  struct ear *ear = (struct ear *)(void *)result;
  ear->reading = reading;
  ear->status = status;
  return ear->code;
}

static int32_t ear_text(refund_result *result, int32_t field, refund_text value) {
  ((struct ear *)(void *)result)->texts[field] = value;
  return REFUND_OK;
}

static int32_t ear_number(refund_result *result, int32_t field, int64_t value) {
  struct ear *ear = (struct ear *)(void *)result;
  ear->numbers[field] = value;
  ear->number_count++;
  return REFUND_OK;
}

static struct ear ear_make(void) {
  return (struct ear){
      .result = {.size = sizeof(refund_result), .reading = ear_reading, .text = ear_text, .number = ear_number}};
}

Test(saying, a_status_hands_on_the_word_and_its_meaning) {
  static const refund_word words[] = {{"OK", REFUND_STATUS_SUCCESS}, {"REVIEW", REFUND_STATUS_MANUAL_REVIEW}};
  struct ear ear = ear_make();
  cr_expect_eq(refund_say_status(&ear.result, REFUND_WORDS(words), T("review")), REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_STATUS);
  cr_expect_eq(ear.status, REFUND_STATUS_MANUAL_REVIEW);
  expect_text(ear.texts[REFUND_TEXT_STATUS_WORD], "review");
  refund_say_status(&ear.result, REFUND_WORDS(words), T("succeeded"));
  cr_expect_eq(ear.status, REFUND_STATUS_UNRECOGNIZED, "the defaults are not mixed into a table");
  ear.code = REFUND_SINK_REFUSED;
  cr_expect_eq(refund_say_status(&ear.result, REFUND_WORDS(words), T("OK")), REFUND_SINK_REFUSED);
}

Test(saying, an_error_hands_on_its_three_texts) {
  struct ear ear = ear_make();
  cr_expect_eq(refund_say_error(&ear.result, REFUND_READING_REJECTED, T("c"), T("m"), T("r")), REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_REJECTED);
  cr_expect_eq(ear.status, REFUND_STATUS_UNRECOGNIZED);
  expect_text(ear.texts[REFUND_TEXT_ERROR_CODE], "c");
  expect_text(ear.texts[REFUND_TEXT_ERROR_MESSAGE], "m");
  expect_text(ear.texts[REFUND_TEXT_ERROR_REASON], "r");
}

Test(saying, an_amount_hands_it_on_in_minor_units) {
  struct fake *fake = fake_open();
  struct ear ear = ear_make();
  fake->call.exponent = 2;
  refund_say_amount(&ear.result, T("1000"));
  cr_expect_eq(ear.numbers[REFUND_NUMBER_AMOUNT], 1000);
  refund_say_amount(&ear.result, T("1200.0"));
  cr_expect_eq(ear.numbers[REFUND_NUMBER_AMOUNT], 1200);
  refund_say_major(&fake->call, &ear.result, T("12.5"));
  cr_expect_eq(ear.numbers[REFUND_NUMBER_AMOUNT], 1250);
  refund_say_major(&fake->call, &ear.result, T("13"));
  cr_expect_eq(ear.numbers[REFUND_NUMBER_AMOUNT], 1300);
  cr_expect_null(ear.texts[REFUND_TEXT_AMOUNT].data);
  fake_close(fake);
}

Test(saying, an_amount_that_cannot_be_read_hands_it_on_as_text_and_not_as_a_number) {
  static const char *const unreadable[] = {"1e3", "10,00", "", "ten", "99999999999999999999"};
  struct fake *fake = fake_open();
  fake->call.exponent = 2;
  for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
    struct ear minor = ear_make();
    struct ear major = ear_make();
    refund_say_amount(&minor.result, refund_text_of(unreadable[i]));
    refund_say_major(&fake->call, &major.result, refund_text_of(unreadable[i]));
    cr_expect(refund_is(minor.texts[REFUND_TEXT_AMOUNT], unreadable[i]), "%s", unreadable[i]);
    cr_expect(refund_is(major.texts[REFUND_TEXT_AMOUNT], unreadable[i]), "%s", unreadable[i]);
    cr_expect_eq(minor.number_count + major.number_count, 0, "%s", unreadable[i]);
  }
  struct ear ear = ear_make();
  refund_say_amount(&ear.result, T("10.01"));
  expect_text(ear.texts[REFUND_TEXT_AMOUNT], "10.01");
  refund_say_major(&fake->call, &ear.result, T("10.001"));
  expect_text(ear.texts[REFUND_TEXT_AMOUNT], "10.001");
  refund_say_amount(&ear.result, NOT_THERE);
  refund_say_major(&fake->call, &ear.result, NOT_THERE);
  cr_expect_null(ear.texts[REFUND_TEXT_AMOUNT].data, "what is not there stays so");
  cr_expect_eq(ear.number_count, 0);
  fake_close(fake);
}

Test(saying, not_found_is_absent_only_in_a_complete_list) {
  struct ear ear = ear_make();
  cr_expect_eq(refund_say_not_found(&ear.result, 1), REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_ABSENT);
  cr_expect_eq(refund_say_not_found(&ear.result, 0), REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_IN_PROGRESS);
}

/* ---- Tokens ---- */

/* A document whose members are their own texts: "access_token" is token, "expires_in" is what the test says. */
static const char *lifetime;

static const refund_node *member(const refund_node *from, const char *path) {
  (void)from;
  return (const refund_node *)(const void *)(strcmp(path, "access_token") == 0 ? "token" : lifetime);
}

static refund_text text_of_member(const refund_node *node) {
  return refund_text_of((const char *)(const void *)node);
}

static const void *only_document(const refund_host *host, const char *id) {
  static const refund_document_1 document = {.size = sizeof document, .find = member, .text = text_of_member};
  (void)host;
  return strcmp(id, REFUND_DOCUMENT_1) == 0 ? &document : NULL;
}

Test(saying, texts_hands_on_each_from_its_place) {
  static const refund_place places[] = {{REFUND_TEXT_REFUND_ID, "access_token"},
                                        {REFUND_TEXT_CURRENCY, "expires_in"},
                                        {REFUND_TEXT_ERROR_CODE, "access_token"}};
  struct fake *fake = fake_open();
  struct ear ear = ear_make();
  fake->host.get_interface = only_document;
  lifetime = NULL;
  ear.texts[REFUND_TEXT_STATUS_WORD] = T("said before");
  refund_say_texts(&fake->call, &ear.result, NULL, REFUND_WORDS(places));
  expect_text(ear.texts[REFUND_TEXT_REFUND_ID], "token");
  expect_text(ear.texts[REFUND_TEXT_ERROR_CODE], "token");
  expect_text(ear.texts[REFUND_TEXT_STATUS_WORD], "said before");
  cr_expect_null(ear.texts[REFUND_TEXT_CURRENCY].data, "what is not there is handed on as such");
  cr_expect_eq(ear.reading, 0, "a reading is for the connector to say");
  refund_say_texts(&fake->call, &ear.result, NULL, NULL, 0);
  fake_close(fake);
}

Test(saying, a_failure_is_a_status_with_an_error) {
  struct ear ear = ear_make();
  cr_expect_eq(refund_say_failure(&ear.result, T("51"), T("no funds"), NOT_THERE), REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_STATUS);
  cr_expect_eq(ear.status, REFUND_STATUS_FAILURE);
  expect_text(ear.texts[REFUND_TEXT_ERROR_CODE], "51");
  expect_text(ear.texts[REFUND_TEXT_ERROR_MESSAGE], "no funds");
  cr_expect_null(ear.texts[REFUND_TEXT_ERROR_REASON].data);
  ear.code = REFUND_SINK_REFUSED;
  cr_expect_eq(refund_say_failure(&ear.result, T("51"), NOT_THERE, NOT_THERE), REFUND_SINK_REFUSED);
}

Test(saying, an_error_at_three_paths_hands_on_what_stands_there) {
  struct fake *fake = fake_open();
  struct ear ear = ear_make();
  fake->host.get_interface = only_document;
  lifetime = NULL;
  cr_expect_eq(
      refund_say_error_at(&fake->call, &ear.result, REFUND_READING_REJECTED, NULL, "access_token", "expires_in", NULL),
      REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_REJECTED);
  expect_text(ear.texts[REFUND_TEXT_ERROR_CODE], "token");
  cr_expect_null(ear.texts[REFUND_TEXT_ERROR_MESSAGE].data);
  cr_expect_null(ear.texts[REFUND_TEXT_ERROR_REASON].data);
  ear.code = REFUND_SINK_REFUSED;
  cr_expect_eq(refund_say_error_at(&fake->call, &ear.result, REFUND_READING_REJECTED, NULL, NULL, NULL, NULL),
               REFUND_SINK_REFUSED);
  fake_close(fake);
}

Test(saying, an_error_has_the_reading_of_its_code_and_without_a_code_none) {
  static const refund_word readings[] = {{"token", REFUND_READING_DUPLICATE}, {"", REFUND_READING_REJECTED}};
  struct fake *fake = fake_open();
  struct ear ear = ear_make();
  fake->host.get_interface = only_document;
  lifetime = "late";
  cr_expect_eq(refund_say_error_by(&fake->call, &ear.result, REFUND_WORDS(readings), REFUND_READING_IN_PROGRESS, NULL,
                                   "access_token", "expires_in", NULL),
               REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_DUPLICATE);
  expect_text(ear.texts[REFUND_TEXT_ERROR_CODE], "token");
  expect_text(ear.texts[REFUND_TEXT_ERROR_MESSAGE], "late");
  cr_expect_null(ear.texts[REFUND_TEXT_ERROR_REASON].data);
  cr_expect_eq(refund_say_error_by(&fake->call, &ear.result, REFUND_WORDS(readings), REFUND_READING_IN_PROGRESS, NULL,
                                   "expires_in", NULL, NULL),
               REFUND_OK);
  cr_expect_eq(ear.reading, REFUND_READING_IN_PROGRESS, "a code that no row has");
  for (int i = 0; i < 2; i++) {
    struct ear none = ear_make();
    lifetime = i == 0 ? NULL : "";
    cr_expect_eq(refund_say_error_by(&fake->call, &none.result, REFUND_WORDS(readings), REFUND_READING_REJECTED, NULL,
                                     "expires_in", "access_token", NULL),
                 REFUND_MALFORMED_RESPONSE);
    cr_expect_eq(none.reading, 0);
    cr_expect_null(none.texts[REFUND_TEXT_ERROR_MESSAGE].data);
  }
  fake_close(fake);
}

Test(saying, a_token_hands_it_on_with_its_lifetime_if_that_can_be_read) {
  static const char *const unreadable[] = {NULL, "soon", "3600.5", ""};
  struct fake *fake = fake_open();
  struct ear ear = ear_make();
  fake->host.get_interface = only_document;
  lifetime = "3600";
  cr_expect_eq(refund_say_token(&fake->call, &ear.result, NULL), REFUND_OK);
  expect_text(ear.texts[REFUND_TEXT_ACCESS_TOKEN], "token");
  cr_expect_eq(ear.numbers[REFUND_NUMBER_EXPIRES_IN], 3600);
  cr_expect_eq(ear.reading, REFUND_READING_STATUS);
  cr_expect_eq(ear.status, REFUND_STATUS_SUCCESS);
  for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
    lifetime = unreadable[i];
    refund_say_token(&fake->call, &ear.result, NULL);
  }
  cr_expect_eq(ear.number_count, 1);
  fake_close(fake);
}

/* ---- Texts by a table of places ---- */

Test(saying, texts_hands_on_what_is_there_and_not_empty) {
  static const refund_place places[] = {{REFUND_TEXT_ERROR_CODE, "access_token"}, {REFUND_TEXT_ERROR_REASON, "reason"}};
  static const char *const nothing[] = {"", NULL};
  struct fake *fake = fake_open();
  struct ear ear = ear_make();
  fake->host.get_interface = only_document;
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
    lifetime = nothing[i];
    refund_say_texts(&fake->call, &ear.result, NULL, places, 2);
    expect_text(ear.texts[REFUND_TEXT_ERROR_CODE], "token");
    cr_expect_null(ear.texts[REFUND_TEXT_ERROR_REASON].data, "a text that is not there, or empty, is none");
  }
  lifetime = "too late";
  refund_say_texts(&fake->call, &ear.result, NULL, places, 2);
  expect_text(ear.texts[REFUND_TEXT_ERROR_REASON], "too late");
  fake_close(fake);
}
