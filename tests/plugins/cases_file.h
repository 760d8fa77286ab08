/* The cases beside each connector, and the account that they are made with. */
#ifndef PLUGINS_CASES_FILE_H
#define PLUGINS_CASES_FILE_H

#include "support/program.h"

enum { CONNECTORS = 128 };

struct name {
  char text[64];
};
/* Of all connectors in the tree; at most CONNECTORS. */
size_t cases_names(struct name *names);

/* NAME.cases.json; it fails the test if there is none. */
const cJSON *cases_read(const char *name);

/* Makes it the account "case". Its base URL is the given one, NULL: the one of the cases, if any. */
void cases_account(const struct place *place, const cJSON *cases, const char *base_url);

#endif
