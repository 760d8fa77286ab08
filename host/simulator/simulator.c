#include "simulator/simulator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/buffer.h"
#include "simulator/dispatch.h"
#include "simulator/late.h"

enum { THREADS = 4, BODY_LIMIT = 1024 * 1024, BACKLOG = 128, IDLE_SECONDS = 60, TOKEN_SECONDS = 31668 };

struct simulator {
  struct dispatch dispatch;
  struct late *late;
  struct MHD_Daemon *daemon;
  char *api_key;
  FILE *log;
  uint16_t port;
};

/* One request, from its headers to its answer's end. */
struct exchange {
  struct buffer body;
  struct answer answer;
  bool answered;
};

/* What is sent of an answer that is cut. */
struct half {
  size_t size;
  char bytes[];
};

static ssize_t read_half(void *context, uint64_t position, char *buffer, size_t room) {
  const struct half *half = context;
  if (position >= half->size) return MHD_CONTENT_READER_END_WITH_ERROR;
  size_t size = half->size - (size_t)position;
  if (size > room) size = room;
  memcpy(buffer, half->bytes + position, size);
  return (ssize_t)size;
}

static struct MHD_Response *cut_response(const char *body, size_t size) {
  struct half *half = malloc(sizeof *half + size / 2);
  if (half == NULL) return NULL;
  half->size = size / 2;
  memcpy(half->bytes, body, half->size);
  struct MHD_Response *response = MHD_create_response_from_callback(size, BODY_LIMIT, read_half, half, free);
  if (response == NULL) free(half);
  return response;
}

static struct MHD_Response *make_response(const struct answer *answer) {
  size_t size = strlen(answer->body);
  if (answer->delivery == DELIVER_HALF) return cut_response(answer->body, size);
  return MHD_create_response_from_buffer(size, answer->body, MHD_RESPMEM_MUST_COPY);
}

/* Closing with a linger of zero sends RST. Another socket takes the number over, because the server will close that
 * number itself; it would also say goodbye first (FIN), after which there is nothing to reset. */
static void reset(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info == NULL) return;
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (other < 0) return;
  dup3(other, info->connect_fd, O_CLOEXEC);
  close(other);
}

static enum MHD_Result deliver(struct MHD_Connection *connection, const struct answer *answer) {
  if (answer->delivery == DELIVER_RESET) reset(connection);
  if (answer->delivery == DELIVER_RESET || answer->body == NULL) return MHD_NO;
  struct MHD_Response *response = make_response(answer);
  if (response == NULL) return MHD_NO;
  char seconds[16];
  snprintf(seconds, sizeof seconds, "%u", answer->retry_after);
  MHD_add_response_header(response, "Content-Type",
                          answer->content_type == NULL ? "application/json" : answer->content_type);
  if (answer->replayed) MHD_add_response_header(response, "Idempotent-Replayed", "true");
  if (answer->retry_after != 0) MHD_add_response_header(response, "Retry-After", seconds);
  enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
  MHD_destroy_response(response);
  return result;
}

/* The path comes from outside and is decoded: no line of the log may be made up by it. */
static void write_log(FILE *log, const char *method, const char *path, const struct answer *answer) {
  if (log == NULL) return;
  char printable[256];
  size_t size = 0;
  for (; path[size] != '\0' && size < sizeof printable - 1; size++)
    printable[size] = path[size] > ' ' && path[size] <= '~' ? path[size] : '?';
  printable[size] = '\0';
  char status[16] = "-";
  if (answer->delivery != DELIVER_RESET) snprintf(status, sizeof status, "%u", answer->status);
  fprintf(log, "%s %s %s %s\n", method, printable, status, answer->fault == NULL ? "-" : answer->fault->name);
  fflush(log);
}

static const char *header(const void *connection, const char *name) {
  return MHD_lookup_connection_value((struct MHD_Connection *)connection, MHD_HEADER_KIND, name);
}

static const char *query(const void *connection, const char *name) {
  return MHD_lookup_connection_value((struct MHD_Connection *)connection, MHD_GET_ARGUMENT_KIND, name);
}

static int64_t read_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void decide(struct simulator *simulator, struct MHD_Connection *connection, const char *method, const char *path,
                   struct exchange *exchange) {
  if (exchange->body.failed) {
    answer_text(&exchange->answer, MHD_HTTP_CONTENT_TOO_LARGE,
                "{\"error\":{\"code\":\"body_too_large\",\"message\":\"A body may have 1 MiB at most.\"}}", NULL);
  } else {
    refund_text body = buffer_text(&exchange->body);
    struct call call = {.method = method,
                        .path = path,
                        .body = body.data,
                        .body_size = (size_t)body.size,
                        .now = (int64_t)time(NULL),
                        .clock = read_clock(),
                        .header = header,
                        .query = query,
                        .connection = connection};
    dispatch_call(&simulator->dispatch, &call, &exchange->answer);
  }
  exchange->answered = true;
  write_log(simulator->log, method, path, &exchange->answer);
}

/* Called when the headers are there, for each piece of the body, at its end, and again after a connection was held. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *data, size_t *size, void **request) {
  (void)version;
  struct simulator *simulator = context;
  struct exchange *exchange = *request;
  if (exchange == NULL) {
    exchange = *request = calloc(1, sizeof *exchange);
    if (exchange == NULL) return MHD_NO;
    buffer_open(&exchange->body, BODY_LIMIT);
    return MHD_YES;
  }
  if (*size != 0) {
    buffer_write(&exchange->body, data, *size);
    *size = 0;
    return MHD_YES;
  }
  if (!exchange->answered) {
    decide(simulator, connection, method, path, exchange);
    if (exchange->answer.delay > 0 && late_hold(simulator->late, connection, exchange->answer.delay)) return MHD_YES;
  }
  return deliver(connection, &exchange->answer);
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code) {
  (void)context;
  (void)connection;
  (void)code;
  struct exchange *exchange = *request;
  if (exchange == NULL) return;
  buffer_close(&exchange->body);
  answer_clear(&exchange->answer);
  free(exchange);
  *request = NULL;
}

static bool explain_listen(int reason, uint16_t port, struct error *error) {
  if (reason != EADDRINUSE && reason != EACCES)
    return error_set(error, ERROR_HOST, "--port", "cannot listen on 127.0.0.1:%u: %s", port, strerror(reason));
  error_set(error, ERROR_USAGE, "--port",
            reason == EADDRINUSE ? "port %u of 127.0.0.1 is in use" : "port %u of 127.0.0.1 is not for this user",
            port);
  error_expected(error, "a port that nobody listens on");
  error_found(error, "%u", port);
  return error_fix(error, "give another port, or --port 0 for a free one");
}

/* Bound here and not by the server, so that a failure has its reason. -1 and an error. */
static int listen_on(uint16_t *port, struct error *error) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int yes = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
    explain_listen(errno, *port, error);
    if (fd >= 0) close(fd);
    return -1;
  }
  *port = ntohs(address.sin_port);
  return fd;
}

/* Differs from run to run: who keeps a ledger and starts the simulator anew must not meet old refund ids. */
static uint64_t new_run(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool prepare(struct simulator *simulator, const struct simulator_options *options, struct error *error) {
  simulator->log = options->log;
  simulator->port = options->port;
  simulator->dispatch.faults = faults_open(options->faults, options->fault_count, options->seed, error);
  if (simulator->dispatch.faults == NULL) return false;
  simulator->dispatch.traits = *faults_traits(simulator->dispatch.faults);
  simulator->dispatch.traits.no_keys = options->no_keys;
  simulator->dispatch.traits.no_lookup = options->no_lookup;
  uint64_t run = new_run();
  simulator->dispatch.books = books_open(run);
  simulator->dispatch.bearers =
      bearers_open(run, options->token_lifetime == 0 ? TOKEN_SECONDS : options->token_lifetime);
  if (options->api_key != NULL) simulator->dispatch.api_key = simulator->api_key = strdup(options->api_key);
  if (simulator->dispatch.books == NULL || simulator->dispatch.bearers == NULL ||
      (options->api_key != NULL && simulator->api_key == NULL))
    return error_set(error, ERROR_HOST, NULL, "out of memory");
  for (size_t i = 0; i < options->payment_count; i++) {
    if (!books_declare(simulator->dispatch.books, options->payments[i], error)) return false;
  }
  return true;
}

static bool serve_requests(struct simulator *simulator, struct error *error) {
  int fd = listen_on(&simulator->port, error);
  if (fd < 0) return false;
  simulator->late = late_start();
  if (simulator->late != NULL) {
    simulator->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle,
                                         simulator, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
                                         (unsigned)THREADS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                                         MHD_OPTION_NOTIFY_COMPLETED, end_exchange, NULL, MHD_OPTION_END);
  }
  if (simulator->daemon != NULL) return true;
  close(fd);
  return error_set(error, ERROR_HOST, NULL, "the simulator's server did not start: %s", strerror(errno));
}

struct simulator *simulator_start(const struct simulator_options *options, struct error *error) {
  struct simulator *simulator = calloc(1, sizeof *simulator);
  if (simulator == NULL) {
    error_set(error, ERROR_HOST, NULL, "out of memory");
    return NULL;
  }
  if (prepare(simulator, options, error) && serve_requests(simulator, error)) return simulator;
  simulator_stop(simulator);
  return NULL;
}

uint16_t simulator_port(const struct simulator *simulator) {
  return simulator->port;
}

void simulator_stop(struct simulator *simulator) {
  if (simulator == NULL) return;
  if (simulator->late != NULL) late_release(simulator->late);
  if (simulator->daemon != NULL) MHD_stop_daemon(simulator->daemon);
  if (simulator->late != NULL) late_stop(simulator->late);
  books_close(simulator->dispatch.books);
  bearers_close(simulator->dispatch.bearers);
  faults_close(simulator->dispatch.faults);
  free(simulator->api_key);
  free(simulator);
}
