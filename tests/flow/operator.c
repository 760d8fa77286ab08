/* A person's word, where only the ledger can show it: refunds on their way, several holders of an id, a restored
 * ledger. */
#include <criterion/criterion.h>
#include <string.h>

#include "flow/flow.h"
#include "refund_toolkit.h"
#include "support/program.h"

struct table {
  struct place place;
  struct outside outside;
  struct flow_rooms rooms;
  struct arena *arena;
  struct error error;
  struct position told;
  const char *connector; /* of what is put */
};

static struct table *table_open(void) {
  struct table *table = calloc(1, sizeof *table);
  bool created;
  cr_assert_not_null(table);
  table->place = place_make();
  table->outside = outside_fixed(INT64_C(1700000000000));
  table->arena = arena_open(0);
  table->connector = "stripe";
  table->rooms.outside = &table->outside;
  table->rooms.ledger = ledger_open(table->place.ledger, &table->outside, &created, &table->error);
  cr_assert_not_null(table->rooms.ledger, "%s", table->error.message);
  return table;
}

static void table_close(struct table *table) {
  ledger_close(table->rooms.ledger);
  arena_close(table->arena);
  free(table);
}

/* A refund of 4.00 of a payment of its own, 10.00 USD captured. */
static void put(struct table *table, const char *id, enum state state, const char *processors_id, bool unique,
                int64_t owner) {
  struct ledger *ledger = table->rooms.ledger;
  struct error *error = &table->error;
  refund_text none = {NULL, 0};
  struct ledger_payment payment = {.scope = refund_text_of("demo"),
                                   .connector_transaction_id = refund_text_of(id),
                                   .currency = refund_text_of("USD"),
                                   .captured_amount = 1000,
                                   .held_amount = state_holds(state) ? 400 : 0};
  struct ledger_refund refund = {.refund_id = refund_text_of(id),
                                 .fingerprint = refund_text_of("f"),
                                 .account = refund_text_of("demo"),
                                 .scope = refund_text_of("demo"),
                                 .connector = refund_text_of(table->connector),
                                 .connector_version = refund_text_of("1"),
                                 .environment = REFUND_SANDBOX,
                                 .connector_transaction_id = refund_text_of(id),
                                 .connector_refund_id = refund_text_of(processors_id),
                                 .unique_refund_id = refund_text_of(unique ? processors_id : NULL),
                                 .refund_amount = 400,
                                 .payment_amount = 1000,
                                 .held_amount = state_holds(state) ? 400 : 0,
                                 .currency = refund_text_of("USD"),
                                 .refund_seed = {"01234567890123456789012345678901", 32},
                                 .position = {state, DETAIL_NONE},
                                 .owner = owner};
  cr_assert(ledger_begin(ledger, error), "%s", error->message);
  cr_assert(ledger_put_payment(ledger, &payment, error) && ledger_put_refund(ledger, &refund, error) &&
                ledger_add_fact(ledger, table->arena, &refund, "admitted", 0, none, error) &&
                ledger_put_refund(ledger, &refund, error) && ledger_commit(ledger, error),
            "%s", error->message);
}

static enum state state_of(struct table *table, const char *id) {
  struct ledger_refund record;
  cr_assert_eq(ledger_find_refund(table->rooms.ledger, refund_text_of(id), table->arena, &record, &table->error),
               LEDGER_FOUND);
  return record.position.state;
}

static int64_t held_of(struct table *table, const char *id) {
  struct ledger_payment payment;
  cr_assert_eq(ledger_find_payment(table->rooms.ledger, refund_text_of("demo"), refund_text_of(id),
                                   refund_text_of("USD"), table->arena, &payment, &table->error),
               LEDGER_FOUND);
  return payment.held_amount;
}

static void told(void *context, const struct flow_result *result) {
  struct table *table = context;
  cr_assert_not_null(result->outcome);
  table->told = result->outcome->position;
}

static bool resolve(struct table *table, const char *id, bool succeeded) {
  return flow_resolve(&table->rooms, refund_text_of(id), succeeded, refund_text_of("note"), 0, told, table,
                      &table->error);
}

Test(operator, nobody_resolves_what_is_on_its_way) {
  struct table *table = table_open();
  put(table, "dead", STATE_SENDING, NULL, false, 0);
  put(table, "alive", STATE_SENDING, NULL, false, ledger_owner(table->rooms.ledger));
  cr_expect_not(resolve(table, "alive", true));
  cr_expect_not_null(strstr(table->error.message, "is being sent by another process"), "%s", table->error.message);
  cr_expect_not(resolve(table, "dead", false));
  cr_expect_not_null(strstr(table->error.fix, "refund-host resume dead"), "%s", table->error.fix);
  cr_expect_eq(state_of(table, "dead"), STATE_SENDING);
  table_close(table);
}

/* From every state: what a person may say, and what is held then. */
static const struct {
  enum state from;
  bool succeeded;
  bool taken;
  enum state to;
} words[] = {
    {STATE_NEW, true, false, STATE_NEW},
    {STATE_NEW, false, false, STATE_NEW},
    {STATE_UNKNOWN, true, true, STATE_SUCCEEDED},
    {STATE_UNKNOWN, false, true, STATE_FAILED},
    {STATE_PENDING, true, true, STATE_SUCCEEDED},
    {STATE_PENDING, false, true, STATE_FAILED},
    {STATE_MANUAL_REVIEW, true, true, STATE_SUCCEEDED},
    {STATE_MANUAL_REVIEW, false, true, STATE_FAILED},
    {STATE_SUCCEEDED, true, true, STATE_SUCCEEDED},
    {STATE_SUCCEEDED, false, false, STATE_SUCCEEDED},
    {STATE_FAILED, true, false, STATE_FAILED},
    {STATE_FAILED, false, true, STATE_FAILED},
    {STATE_FAILED_LATE, true, false, STATE_FAILED_LATE},
    {STATE_FAILED_LATE, false, true, STATE_FAILED_LATE},
};

Test(operator, resolves_what_is_open_and_the_guard_follows) {
  struct table *table = table_open();
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    char id[16];
    snprintf(id, sizeof id, "r%zu", i);
    put(table, id, words[i].from, NULL, false, 0);
    cr_expect_eq(resolve(table, id, words[i].succeeded), words[i].taken, "%s", id);
    cr_expect_eq(state_of(table, id), words[i].to, "%s", id);
    cr_expect_eq(held_of(table, id), state_holds(words[i].to) ? 400 : 0, "%s", id);
    if (words[i].taken) cr_expect_eq(table->told.state, words[i].to, "%s", id);
  }
  table_close(table);
}

static bool settle(struct table *table, const char *processors_id) {
  struct flow_report report = {.connector_refund_id = refund_text_of(processors_id), .succeeded = true};
  return flow_settle(&table->rooms, &report, told, table, &table->error);
}

Test(operator, a_processors_id_settles_only_where_it_is_unique) {
  struct table *table = table_open();
  put(table, "r1", STATE_PENDING, "re_unique", true, 0);
  put(table, "r2", STATE_PENDING, "re_shared", false, 0);
  cr_expect_not(settle(table, "re_shared"));
  cr_expect_eq(table->error.code, ERROR_CONFLICT);
  cr_expect_eq(state_of(table, "r2"), STATE_PENDING);
  cr_expect(settle(table, "re_unique"), "%s", table->error.message);
  cr_expect_eq(state_of(table, "r1"), STATE_SUCCEEDED);
  put(table, "r3", STATE_PENDING, "re_both", true, 0);
  table->connector = "paypal";
  put(table, "r4", STATE_PENDING, "re_both", true, 0);
  cr_expect_not(settle(table, "re_both"), "two processors have it");
  cr_expect_eq(state_of(table, "r3"), STATE_PENDING);
  cr_expect_eq(state_of(table, "r4"), STATE_PENDING);
  table_close(table);
}

Test(operator, a_report_may_tell_of_what_is_on_its_way) {
  struct table *table = table_open();
  struct flow_report report = {.refund_id = refund_text_of("r1"), .succeeded = false};
  put(table, "r1", STATE_SENDING, NULL, false, 0);
  cr_expect(flow_settle(&table->rooms, &report, told, table, &table->error));
  cr_expect_eq(state_of(table, "r1"), STATE_FAILED);
  cr_expect_eq(held_of(table, "r1"), 0);
  table_close(table);
}

/* A report that money moved after all takes it from the payment, even beyond what was captured. */
Test(operator, a_success_after_a_failure_is_held_again) {
  struct table *table = table_open();
  struct flow_report report = {.refund_id = refund_text_of("r1"), .succeeded = true};
  put(table, "r1", STATE_FAILED, NULL, false, 0);
  cr_expect(flow_settle(&table->rooms, &report, told, table, &table->error));
  cr_expect_eq(state_of(table, "r1"), STATE_MANUAL_REVIEW);
  cr_expect_eq(held_of(table, "r1"), 400);
  table_close(table);
}

Test(operator, a_restored_ledger_knows_nothing_of_what_was_not_sent) {
  struct table *table = table_open();
  put(table, "new", STATE_NEW, NULL, false, 0);
  put(table, "sending", STATE_SENDING, NULL, false, 0);
  put(table, "pending", STATE_PENDING, NULL, false, 0);
  put(table, "failed", STATE_FAILED, NULL, false, 0);
  cr_expect(flow_restore(&table->rooms, &table->error), "%s", table->error.message);
  cr_expect_eq(state_of(table, "new"), STATE_UNKNOWN);
  cr_expect_eq(state_of(table, "sending"), STATE_UNKNOWN);
  cr_expect_eq(state_of(table, "pending"), STATE_PENDING);
  cr_expect_eq(state_of(table, "failed"), STATE_FAILED);
  cr_expect_eq(held_of(table, "new"), 400);
  table_close(table);
}
