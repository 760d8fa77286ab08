/* The accounts file: who we are at each processor. Credentials are read when an account is bound to its connector, and
 * stay in this room's memory; they reach the connector's calls and nothing else. */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "common/arena.h"
#include "common/error.h"

struct accounts;

enum { ACCOUNT_CEILINGS = 32, ACCOUNT_NOT_SAID = -1 };

/* The most that may be refunded of a currency, in minor units. */
struct account_ceiling {
  refund_text currency;
  int64_t amount;
};

struct account_limits {
  int64_t connect_timeout_ms;
  int64_t timeout_ms;
  int64_t retry_budget_ms; /* how long attempts that did nothing are repeated */
  int64_t rate;            /* attempts in a second; 0: any */
  int64_t concurrency;     /* attempts at a time; 0: any */
  int64_t settle_delay_ms; /* till an absence counts; ACCOUNT_NOT_SAID: as the connector declares. So the next one */
  int64_t repeat_after_ms; /* from the start of an attempt to its repeat */
  struct account_ceiling max_refund[ACCOUNT_CEILINGS]; /* of one refund */
  size_t max_refund_count;
  struct account_ceiling day_total[ACCOUNT_CEILINGS]; /* of all that were admitted within 24 hours and not failed */
  size_t day_total_count;
};

/* Texts live as long as the accounts. */
struct account {
  refund_text name;
  refund_text connector;
  refund_text scope; /* what the guard calls the merchant; by default the account's name */
  int32_t environment;
  struct account_limits limits;
  /* From here on: filled in by account_bind(). */
  refund_account_value *values;
  uint64_t value_count;
  refund_text *base_urls; /* in the descriptor's order, complete, without a final slash */
  uint64_t base_url_count;
  refund_text *secrets; /* the values that are never shown: pairs of field name and value */
  uint64_t secret_count;
};

/* Reads and checks the file: its owner and mode, and every account's shape. NULL and an error (ERROR_ACCOUNT). */
struct accounts *accounts_open(const char *path, struct error *error);
void accounts_close(struct accounts *accounts); /* overwrites the credentials */

/* NULL and an error that names the accounts there are. */
const struct account *accounts_find(struct accounts *accounts, refund_text name, struct error *error);

/* Has any account of this connector the scope? */
bool accounts_have_scope(const struct accounts *accounts, refund_text connector, refund_text scope);

/* Reads the account's credentials, once, and checks them against what its connector needs. Refuses an account whose
 * secrets equal those of another account of the connector with another scope: their guards would not know each other.
 */
const struct account *accounts_bind(struct accounts *accounts, refund_text name, const refund_descriptor *descriptor,
                                    struct error *error);

/* For whom secrets are replaced, and by what. A short secret would blank out ordinary words of a reply, so there only
 * those of eight bytes or more count; of our own requests we know where they stand. */
enum mask {
  MASK_REPLY, /* by "***", from eight bytes on */
  MASK_SHOWN, /* by "***", of any length */
  MASK_DIGEST /* by the field's name in braces, of any length */
};

/* `text` with every secret replaced: as is, in base64, percent-encoded, escaped for JSON or XML. In a reply only where
 * it stands between non-word characters; in our own requests also inside words, if it is long. Returns `text` itself if
 * there is none; *changed (may be NULL) says which. */
refund_text account_mask(const struct account *account, struct arena *arena, refund_text text, enum mask mask,
                         bool *changed);

/* The same, by "***", for one secret that is not the account's own; from eight bytes on. */
refund_text account_mask_one(struct arena *arena, refund_text text, refund_text secret, bool *changed);

#endif
