/* A server that knows no HTTP but where a request ends. It does byte by byte what its script says, and remembers what
 * it read. One thread; any number of connections. */
#ifndef TESTS_TRANSPORT_SERVER_H
#define TESTS_TRANSPORT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;

enum server_then {
  THEN_KEEP,  /* the connection stays open; without an answer: silence */
  THEN_CLOSE, /* an orderly end */
  THEN_RESET, /* RST */
};

enum server_port_state {
  PORT_OPEN,
  PORT_CLOSED, /* refuses who connects */
  PORT_SILENT  /* answers nobody who connects, not even with the kernel's word */
};

/* What becomes of one request, once it was read whole. */
struct server_step {
  const char *answer; /* NULL: nothing is said */
  size_t size;        /* of the answer; 0: up to its NUL */
  enum server_then then;
  enum server_port_state port; /* before anything else, and from then on */
  unsigned gather;             /* the answer waits until this many requests were read */
};

struct server_request {
  const char *text; /* request line, headers, body; with a NUL behind it */
  size_t size;
  unsigned connection; /* counted from 0 */
};

/* The n-th request gets the n-th step, later ones the last; `steps` must outlive it. On a free port of 127.0.0.1. */
struct server *server_start(const struct server_step *steps, size_t count);
void server_stop(struct server *server);

uint16_t server_port(const struct server *server);
unsigned server_requests(struct server *server);                /* that were read whole */
unsigned server_connections(struct server *server);             /* that were accepted */
void server_wait_closed(struct server *server, unsigned count); /* until so many connections were closed or reset */
struct server_request server_request(struct server *server, unsigned index); /* lives until server_stop() */

/* Makes a listening socket silent, until the end of the process. */
void silence(int listener);

#define STEPS(...)                           \
  (const struct server_step[]){__VA_ARGS__}, \
      sizeof((const struct server_step[]){__VA_ARGS__}) / sizeof(struct server_step)

#endif
