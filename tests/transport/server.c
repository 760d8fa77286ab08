#include "transport/server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"

enum { CONNECTIONS = 512, REQUESTS = 512, PATIENCE_S = 60 };

struct connection {
  int socket; /* -1: ended */
  unsigned number;
  struct buffer in;
  const struct server_step *step; /* under way; NULL: none */
  size_t written;
};

struct server {
  const struct server_step *steps;
  size_t step_count;
  uint16_t port;
  int listener; /* -1: closed */
  bool silent;
  int stop[2]; /* a pipe; closing its writing end ends the thread */
  pthread_t thread;
  struct connection connections[CONNECTIONS]; /* the thread's own */
  pthread_mutex_t lock;                       /* of what follows */
  pthread_cond_t moved;
  struct server_request requests[REQUESTS];
  unsigned request_count;
  unsigned connection_count;
  unsigned closed_count;
};

/* ---- Reading ---- */

static size_t body_size(const char *headers, size_t size) {
  static const char name[] = "\r\nContent-Length:";
  const char *at = memmem(headers, size, name, sizeof name - 1);
  return at == NULL ? 0 : strtoul(at + sizeof name - 1, NULL, 10);
}

/* The size of the request that `in` begins with; 0: it is not all there yet. */
static size_t whole_request(const struct buffer *in) {
  const char *end = in->size == 0 ? NULL : memmem(in->data, in->size, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  size_t headers = (size_t)(end - in->data) + 4;
  size_t size = headers + body_size(in->data, headers);
  return size <= in->size ? size : 0;
}

static void take_request(struct server *server, struct connection *connection, size_t size) {
  pthread_mutex_lock(&server->lock);
  unsigned index = server->request_count++;
  if (index < REQUESTS) {
    char *text = calloc(1, size + 1);
    if (text != NULL) memcpy(text, connection->in.data, size);
    server->requests[index] = (struct server_request){text, size, connection->number};
  }
  pthread_cond_broadcast(&server->moved);
  pthread_mutex_unlock(&server->lock);
  connection->step = &server->steps[index < server->step_count ? index : server->step_count - 1];
  connection->written = 0;
  memmove(connection->in.data, connection->in.data + size, connection->in.size - size);
  connection->in.size -= size;
}

static void end_connection(struct server *server, struct connection *connection, bool reset) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  if (reset) setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close(connection->socket);
  connection->socket = -1;
  buffer_close(&connection->in);
  pthread_mutex_lock(&server->lock);
  server->closed_count++;
  pthread_cond_broadcast(&server->moved);
  pthread_mutex_unlock(&server->lock);
}

static void read_some(struct server *server, struct connection *connection) {
  char block[16384];
  ssize_t got = recv(connection->socket, block, sizeof block, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    end_connection(server, connection, false);
    return;
  }
  buffer_write(&connection->in, block, (size_t)got);
}

/* ---- Answering ---- */

static void close_listener(struct server *server) {
  if (server->listener >= 0) close(server->listener);
  server->listener = -1;
}

/* Fills the queue of connections that wait to be accepted; to the next ones the kernel says nothing. */
void silence(int listener) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  struct pollfd waiting = {.fd = listener, .events = POLLIN};
  int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  cr_assert_eq(listen(listener, 0), 0); /* room for one */
  cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
  cr_assert_eq(connect(filler, (struct sockaddr *)&address, size), 0);
  cr_assert_eq(poll(&waiting, 1, PATIENCE_S * 1000), 1);
}

static void set_port(struct server *server, enum server_port_state state) {
  if (state == PORT_CLOSED) close_listener(server);
  if (state == PORT_SILENT && !server->silent) silence(server->listener);
  server->silent = server->silent || state == PORT_SILENT;
}

/* Goes on with the step until the socket is full or the step is done. */
static void work(struct server *server, struct connection *connection) {
  const struct server_step *step = connection->step;
  set_port(server, step->port);
  if (step->gather > server_requests(server)) return;
  size_t size = step->answer == NULL ? 0 : step->size != 0 ? step->size : strlen(step->answer);
  while (connection->written < size) {
    ssize_t sent =
        send(connection->socket, step->answer + connection->written, size - connection->written, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0 && errno != EINTR) {
      end_connection(server, connection, false);
      return;
    }
    if (sent > 0) connection->written += (size_t)sent;
  }
  connection->step = NULL;
  if (step->then != THEN_KEEP) end_connection(server, connection, step->then == THEN_RESET);
}

static void serve_connection(struct server *server, struct connection *connection, short events) {
  size_t size;
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) read_some(server, connection);
  while (connection->socket >= 0) {
    if (connection->step == NULL && (size = whole_request(&connection->in)) != 0)
      take_request(server, connection, size);
    if (connection->step == NULL) return;
    work(server, connection);
    if (connection->step != NULL) return;
  }
}

static void accept_one(struct server *server) {
  int client = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  pthread_mutex_lock(&server->lock);
  unsigned number = server->connection_count++;
  pthread_mutex_unlock(&server->lock);
  if (number >= CONNECTIONS) abort();
  struct connection *connection = &server->connections[number];
  connection->socket = client;
  connection->number = number;
  buffer_open(&connection->in, 0);
}

/* ---- The thread ---- */

static void *run(void *context) {
  struct server *server = context;
  struct pollfd polled[CONNECTIONS + 2];
  bool stopped = false;
  while (!stopped) {
    polled[0] = (struct pollfd){.fd = server->stop[0], .events = POLLIN};
    polled[1] = (struct pollfd){.fd = server->silent ? -1 : server->listener, .events = POLLIN};
    unsigned count = server_connections(server);
    for (unsigned i = 0; i < count; i++) {
      const struct connection *connection = &server->connections[i];
      bool writes = connection->step != NULL && connection->step->gather <= server_requests(server);
      polled[i + 2] = (struct pollfd){.fd = connection->socket, .events = writes ? POLLIN | POLLOUT : POLLIN};
    }
    if (poll(polled, count + 2, -1) < 0) continue;
    stopped = polled[0].revents != 0;
    if (polled[1].revents != 0) accept_one(server);
    for (unsigned i = 0; i < count; i++) {
      if (polled[i + 2].revents != 0) serve_connection(server, &server->connections[i], polled[i + 2].revents);
    }
  }
  return NULL;
}

struct server *server_start(const struct server_step *steps, size_t count) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  struct server *server = calloc(1, sizeof *server);
  cr_assert_not_null(server);
  server->steps = steps;
  server->step_count = count;
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  cr_assert_eq(bind(server->listener, (struct sockaddr *)&address, size), 0);
  cr_assert_eq(listen(server->listener, CONNECTIONS), 0);
  cr_assert_eq(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
  server->port = ntohs(address.sin_port);
  cr_assert_eq(pipe2(server->stop, O_CLOEXEC), 0);
  pthread_mutex_init(&server->lock, NULL);
  pthread_cond_init(&server->moved, NULL);
  cr_assert_eq(pthread_create(&server->thread, NULL, run, server), 0);
  return server;
}

void server_stop(struct server *server) {
  close(server->stop[1]);
  pthread_join(server->thread, NULL);
  close(server->stop[0]);
  close_listener(server);
  for (unsigned i = 0; i < server->connection_count; i++) {
    if (server->connections[i].socket >= 0) end_connection(server, &server->connections[i], false);
  }
  for (unsigned i = 0; i < server->request_count && i < REQUESTS; i++)
    free((char *)(uintptr_t)server->requests[i].text);
  pthread_mutex_destroy(&server->lock);
  pthread_cond_destroy(&server->moved);
  free(server);
}

/* ---- What it saw ---- */

uint16_t server_port(const struct server *server) {
  return server->port;
}

static unsigned read_counter(struct server *server, const unsigned *counter) {
  pthread_mutex_lock(&server->lock);
  unsigned value = *counter;
  pthread_mutex_unlock(&server->lock);
  return value;
}

unsigned server_requests(struct server *server) {
  return read_counter(server, &server->request_count);
}

unsigned server_connections(struct server *server) {
  return read_counter(server, &server->connection_count);
}

void server_wait_closed(struct server *server, unsigned count) {
  struct timespec end;
  int code = 0;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += PATIENCE_S;
  pthread_mutex_lock(&server->lock);
  while (server->closed_count < count && code == 0)
    code = pthread_cond_timedwait(&server->moved, &server->lock, &end);
  pthread_mutex_unlock(&server->lock);
  cr_assert_eq(code, 0, "%u connections are not closed", count);
}

struct server_request server_request(struct server *server, unsigned index) {
  cr_assert_lt(index, server_requests(server), "the server read %u requests", server_requests(server));
  return server->requests[index];
}
