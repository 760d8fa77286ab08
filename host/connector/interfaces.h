/* The interfaces that a connector gets by name (refund_connector.h, "Host interfaces").
 * When adding one, adjust: the table in interfaces.c, plugin-api/docs/capabilities.md. */
#ifndef CONNECTOR_INTERFACES_H
#define CONNECTOR_INTERFACES_H

#include "common/arena.h"

/* The table of that name: constant, for the whole run of the program. NULL: this host has none. Thread-safe. */
const void *interfaces_find(const char *id);

/* The call's memory, where documents live. Defined by whoever makes calls: host/connector/call.c. */
struct arena *call_arena(const refund_call *call);

#endif
