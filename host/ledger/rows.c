#include "ledger/rows.h"

#define INTEGER(type, member) \
  { #member, COLUMN_INTEGER, offsetof(struct type, member) }
#define TEXT(type, member) \
  { #member, COLUMN_TEXT, offsetof(struct type, member) }
#define BLOB(type, member) \
  { #member, COLUMN_BLOB, offsetof(struct type, member) }
#define COUNT(columns) (sizeof(columns) / sizeof *(columns))

static const struct column payment_columns[] = {
    TEXT(ledger_payment, scope),          TEXT(ledger_payment, connector_transaction_id),
    TEXT(ledger_payment, currency),       INTEGER(ledger_payment, captured_amount),
    INTEGER(ledger_payment, held_amount), INTEGER(ledger_payment, created_at),
    INTEGER(ledger_payment, updated_at),
};

static const struct column refund_columns[] = {
    TEXT(ledger_refund, refund_id),
    TEXT(ledger_refund, fingerprint),
    TEXT(ledger_refund, account),
    TEXT(ledger_refund, scope),
    TEXT(ledger_refund, connector),
    TEXT(ledger_refund, connector_version),
    INTEGER(ledger_refund, environment),
    TEXT(ledger_refund, base_url),
    TEXT(ledger_refund, account_digest),
    TEXT(ledger_refund, connector_transaction_id),
    TEXT(ledger_refund, connector_refund_id),
    TEXT(ledger_refund, unique_refund_id),
    INTEGER(ledger_refund, refund_amount),
    INTEGER(ledger_refund, payment_amount),
    INTEGER(ledger_refund, held_amount),
    TEXT(ledger_refund, currency),
    TEXT(ledger_refund, reason),
    TEXT(ledger_refund, connector_metadata),
    TEXT(ledger_refund, idempotency_key),
    TEXT(ledger_refund, reference),
    BLOB(ledger_refund, refund_seed),
    INTEGER(ledger_refund, refund_time_ms),
    {"state", COLUMN_STATE, offsetof(struct ledger_refund, position.state)},
    {"detail", COLUMN_DETAIL, offsetof(struct ledger_refund, position.detail)},
    INTEGER(ledger_refund, reading),
    INTEGER(ledger_refund, http_status),
    INTEGER(ledger_refund, attempts),
    INTEGER(ledger_refund, token_refreshes),
    INTEGER(ledger_refund, tries),
    INTEGER(ledger_refund, tried_ms),
    INTEGER(ledger_refund, absences),
    INTEGER(ledger_refund, absent_at),
    INTEGER(ledger_refund, restored_at),
    TEXT(ledger_refund, error_code),
    TEXT(ledger_refund, error_message),
    TEXT(ledger_refund, error_reason),
    TEXT(ledger_refund, network_decline_code),
    TEXT(ledger_refund, warning),
    INTEGER(ledger_refund, owner),
    INTEGER(ledger_refund, revision),
    INTEGER(ledger_refund, facts),
    TEXT(ledger_refund, chain),
    INTEGER(ledger_refund, created_at),
    INTEGER(ledger_refund, updated_at),
};

static const struct column attempt_columns[] = {
    INTEGER(ledger_attempt, refund),
    INTEGER(ledger_attempt, number),
    TEXT(ledger_attempt, flow),
    TEXT(ledger_attempt, attempt_class),
    BLOB(ledger_attempt, attempt_seed),
    INTEGER(ledger_attempt, attempt_time_ms),
    TEXT(ledger_attempt, boot_id),
    INTEGER(ledger_attempt, uptime_ms),
    TEXT(ledger_attempt, connector_version),
    TEXT(ledger_attempt, connector_sha256),
    TEXT(ledger_attempt, request_digest),
    INTEGER(ledger_attempt, owner),
    INTEGER(ledger_attempt, transmissions),
    INTEGER(ledger_attempt, http_status),
    TEXT(ledger_attempt, problem),
    INTEGER(ledger_attempt, disproved),
    INTEGER(ledger_attempt, ended_at),
};

static const struct column reply_columns[] = {
    INTEGER(ledger_reply, refund),      INTEGER(ledger_reply, attempt), TEXT(ledger_reply, flow),
    INTEGER(ledger_reply, http_status), TEXT(ledger_reply, headers),    BLOB(ledger_reply, body),
    TEXT(ledger_reply, body_digest),    INTEGER(ledger_reply, masked),  INTEGER(ledger_reply, mapped),
    INTEGER(ledger_reply, received_at),
};

static const struct column fact_columns[] = {
    INTEGER(ledger_fact, refund), INTEGER(ledger_fact, number), TEXT(ledger_fact, fact),
    TEXT(ledger_fact, state),     TEXT(ledger_fact, detail),    INTEGER(ledger_fact, attempt),
    TEXT(ledger_fact, note),      TEXT(ledger_fact, previous),  INTEGER(ledger_fact, at),
};

static const struct column identity_columns[] = {
    TEXT(ledger_identity, ledger_id),
    INTEGER(ledger_identity, generation),
};

static const struct column owner_columns[] = {
    INTEGER(ledger_owner_row, started_at),
};

static const struct column scope_columns[] = {
    TEXT(ledger_scope, connector),
    TEXT(ledger_scope, scope),
    INTEGER(ledger_scope, forgotten_at),
};

#define TABLE(name, type, columns, constraints) \
  { name, sizeof(struct type), columns, COUNT(columns), constraints }

/* A payment is looked for by its whole key, and by its id alone: the id comes first. So for its refunds. */
const struct table payment_table =
    TABLE("payment", ledger_payment, payment_columns,
          "CREATE UNIQUE INDEX payment_key ON payment (connector_transaction_id, scope, currency);");

/* Open refunds are few among many: a partial index finds them. */
const struct table refund_table =
    TABLE("refund", ledger_refund, refund_columns,
          "CREATE UNIQUE INDEX refund_key ON refund (refund_id);"
          "CREATE UNIQUE INDEX refund_at_processor ON refund (connector, scope, unique_refund_id)"
          " WHERE unique_refund_id IS NOT NULL;"
          "CREATE INDEX refund_named_by_processor ON refund (connector_refund_id)"
          " WHERE connector_refund_id IS NOT NULL;"
          "CREATE INDEX refund_of_payment ON refund (connector_transaction_id, scope, currency);"
          "CREATE INDEX refund_created ON refund (created_at);"
          "CREATE INDEX refund_open ON refund (state) WHERE " IS_OPEN ";");

const struct table attempt_table =
    TABLE("attempt", ledger_attempt, attempt_columns, "CREATE UNIQUE INDEX attempt_key ON attempt (refund, number);");

const struct table reply_table =
    TABLE("reply", ledger_reply, reply_columns, "CREATE INDEX reply_of_refund ON reply (refund);");

const struct table fact_table = TABLE("fact", ledger_fact, fact_columns,
                                      "CREATE UNIQUE INDEX fact_key ON fact (refund, number);"
                                      "CREATE INDEX fact_time ON fact (at);");

const struct table identity_table = TABLE("ledger", ledger_identity, identity_columns, "");
const struct table owner_table = TABLE("owner", ledger_owner_row, owner_columns, "");
const struct table scope_table =
    TABLE("scope", ledger_scope, scope_columns, "CREATE UNIQUE INDEX scope_key ON scope (connector, scope);");

const struct table *const all_tables[] = {&payment_table, &refund_table,   &attempt_table, &reply_table,
                                          &fact_table,    &identity_table, &owner_table,   &scope_table};
const size_t table_count = COUNT(all_tables);
