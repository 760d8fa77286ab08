#include "connector/connectors.h"

#include <stdlib.h>
#include <string.h>

struct opened_connector {
  struct connector *connector;
  struct opened_connector *next;
};

struct connector *connectors_get(struct connectors *connectors, const char *id, struct error *error) {
  for (struct opened_connector *opened = connectors->first; opened != NULL; opened = opened->next) {
    if (strcmp(connector_descriptor(opened->connector)->id, id) == 0) return opened->connector;
  }
  struct connector *connector = connector_open(connectors->catalog, id, error);
  struct opened_connector *opened = connector == NULL ? NULL : calloc(1, sizeof *opened);
  if (opened == NULL) {
    if (connector != NULL) error_set(error, ERROR_HOST, NULL, "out of memory");
    connector_close(connector);
    return NULL;
  }
  *opened = (struct opened_connector){connector, connectors->first};
  connectors->first = opened;
  return connector;
}

void connectors_close(struct connectors *connectors) {
  while (connectors->first != NULL) {
    struct opened_connector *next = connectors->first->next;
    connector_close(connectors->first->connector);
    free(connectors->first);
    connectors->first = next;
  }
}
