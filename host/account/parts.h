/* Between the files of this room only. */
#ifndef ACCOUNT_PARTS_H
#define ACCOUNT_PARTS_H

#include "account/account.h"

struct entry {
  struct account account;
  const refund_node *credentials;
  const refund_node *base_url; /* NULL: the connector's own */
  bool bound;
  struct entry *next;
};

struct accounts {
  struct arena *arena;
  const char *path;
  struct entry *first;
};

struct entry *accounts_entry(struct accounts *accounts, refund_text name, struct error *error);

/* Sets an error about a member of an account; false. */
bool account_bad_value(const struct entry *entry, const char *member, const char *expected, struct error *error);

/* The member "limits" of an account, over the defaults. */
void account_default_limits(struct account_limits *limits);
bool account_read_limits(struct entry *entry, const refund_node *value, struct error *error);

/* The value of a credential: text, or where it stands. */
bool credential_read(struct accounts *accounts, const struct entry *entry, const refund_node *value, const char *field,
                     refund_text *out, struct error *error);

#endif
