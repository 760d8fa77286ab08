/* The connectors in use: each is opened once, when it is asked for first. Not thread-safe. */
#ifndef CONNECTOR_CONNECTORS_H
#define CONNECTOR_CONNECTORS_H

#include "connector/connector.h"

/* Begins as {catalog}, which is borrowed and outlives it. */
struct connectors {
  struct catalog *catalog;
  struct opened_connector *first;
};

/* NULL and an error. Lives until connectors_close(). */
struct connector *connectors_get(struct connectors *connectors, const char *id, struct error *error);
void connectors_close(struct connectors *connectors);

#endif
