#include "transport/http2_server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 16, FRAME_HEADER = 9, FRAME_GREATEST = 16384, PREFACE = 24 };
enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6 }; /* frame types */
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };                      /* flags */
enum { REFUSED_STREAM = 7, STATUS_200 = 0x88 /* ":status: 200", RFC 7541 */ };

struct http2_server {
  SSL_CTX *context;
  unsigned answered;
  int listener;
  uint16_t port;
  int stop[2]; /* a pipe; closing its writing end ends the accepting */
  pthread_t accepting;
  pthread_t connections[CONNECTIONS];
  unsigned accepted;
  atomic_uint requests;
  atomic_uint whole_requests;
  atomic_uint later_requests;
};

struct connection {
  struct http2_server *server;
  int socket;
  SSL *tls;
  bool used;
};

/* ---- Frames ---- */

struct frame {
  size_t size;
  uint8_t type;
  uint8_t flags;
  uint8_t stream[4];
  uint8_t payload[FRAME_GREATEST];
};

static bool read_all(SSL *tls, uint8_t *bytes, size_t size) {
  size_t done = 0;
  size_t got;
  while (done < size) {
    if (SSL_read_ex(tls, bytes + done, size - done, &got) != 1) return false;
    done += got;
  }
  return true;
}

static bool read_frame(SSL *tls, struct frame *frame) {
  uint8_t head[FRAME_HEADER];
  if (!read_all(tls, head, sizeof head)) return false;
  frame->size = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
  frame->type = head[3];
  frame->flags = head[4];
  memcpy(frame->stream, head + 5, sizeof frame->stream);
  return frame->size <= sizeof frame->payload && read_all(tls, frame->payload, frame->size);
}

static bool write_frame(SSL *tls, uint8_t type, uint8_t flags, const uint8_t *stream, const uint8_t *payload,
                        uint8_t size) {
  uint8_t bytes[FRAME_HEADER + UINT8_MAX] = {0, 0, size, type, flags};
  size_t written;
  memcpy(bytes + 5, stream, 4);
  if (size > 0) memcpy(bytes + FRAME_HEADER, payload, size);
  return SSL_write_ex(tls, bytes, FRAME_HEADER + (size_t)size, &written) == 1;
}

/* ---- A connection ---- */

static bool end_request(struct connection *connection, const struct frame *frame) {
  static const uint8_t ok[] = {STATUS_200};
  static const uint8_t refused[] = {0, 0, 0, REFUSED_STREAM};
  unsigned index = atomic_fetch_add(&connection->server->whole_requests, 1);
  if (index < connection->server->answered) {
    return write_frame(connection->tls, HEADERS, END_HEADERS | END_STREAM, frame->stream, ok, sizeof ok);
  }
  return write_frame(connection->tls, RST_STREAM, 0, frame->stream, refused, sizeof refused);
}

static bool take_frame(struct connection *connection, const struct frame *frame) {
  static const uint8_t whole_connection[4];
  bool of_request = frame->type == HEADERS || frame->type == DATA;
  if (frame->type == HEADERS) {
    atomic_fetch_add(&connection->server->requests, 1);
    atomic_fetch_add(&connection->server->later_requests, connection->used ? 1 : 0);
    connection->used = true;
  }
  if (of_request && (frame->flags & END_STREAM) != 0) return end_request(connection, frame);
  if (frame->type == SETTINGS && (frame->flags & ACK) == 0) {
    return write_frame(connection->tls, SETTINGS, ACK, whole_connection, NULL, 0);
  }
  if (frame->type == PING && (frame->flags & ACK) == 0) {
    return write_frame(connection->tls, PING, ACK, whole_connection, frame->payload, (uint8_t)frame->size);
  }
  return true;
}

static void speak(struct connection *connection) {
  static const uint8_t whole_connection[4];
  uint8_t preface[PREFACE];
  struct frame frame;
  if (SSL_accept(connection->tls) != 1) return;
  if (!read_all(connection->tls, preface, sizeof preface)) return;
  if (memcmp(preface, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", PREFACE) != 0) return;
  if (!write_frame(connection->tls, SETTINGS, 0, whole_connection, NULL, 0)) return;
  while (read_frame(connection->tls, &frame) && take_frame(connection, &frame)) {
  }
}

static void *run_connection(void *context) {
  struct connection *connection = context;
  connection->tls = SSL_new(connection->server->context);
  SSL_set_fd(connection->tls, connection->socket);
  speak(connection);
  SSL_free(connection->tls);
  close(connection->socket);
  free(connection);
  return NULL;
}

/* ---- The server ---- */

static void *run(void *context) {
  struct http2_server *server = context;
  struct pollfd polled[2] = {{.fd = server->stop[0], .events = POLLIN}, {.fd = server->listener, .events = POLLIN}};
  while (poll(polled, 2, -1) >= 0 && polled[0].revents == 0) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || server->accepted == CONNECTIONS) abort();
    connection->server = server;
    connection->socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (pthread_create(&server->connections[server->accepted++], NULL, run_connection, connection) != 0) abort();
  }
  return NULL;
}

static int choose_http2(SSL *tls, const unsigned char **out, unsigned char *size, const unsigned char *offered,
                        unsigned offered_size, void *context) {
  static const unsigned char h2[] = {2, 'h', '2'};
  unsigned char *chosen;
  (void)tls, (void)context;
  int result = SSL_select_next_proto(&chosen, size, h2, sizeof h2, offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *make_context(const struct certificate *certificate) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  BIO *pem = BIO_new_mem_buf(certificate->pem, -1);
  BIO *key_pem = BIO_new_mem_buf(certificate->key_pem, -1);
  X509 *own = PEM_read_bio_X509(pem, NULL, NULL, NULL);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL);
  cr_assert_eq(SSL_CTX_use_certificate(context, own), 1);
  cr_assert_eq(SSL_CTX_use_PrivateKey(context, key), 1);
  SSL_CTX_set_alpn_select_cb(context, choose_http2, NULL);
  X509_free(own);
  EVP_PKEY_free(key);
  BIO_free(pem);
  BIO_free(key_pem);
  return context;
}

struct http2_server *http2_server_start(const struct certificate *certificate, unsigned answered) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  struct http2_server *server = calloc(1, sizeof *server);
  cr_assert_not_null(server);
  signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to connections that were closed meanwhile */
  server->context = make_context(certificate);
  server->answered = answered;
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  cr_assert_eq(bind(server->listener, (struct sockaddr *)&address, size), 0);
  cr_assert_eq(listen(server->listener, CONNECTIONS), 0);
  cr_assert_eq(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
  server->port = ntohs(address.sin_port);
  cr_assert_eq(pipe2(server->stop, O_CLOEXEC), 0);
  cr_assert_eq(pthread_create(&server->accepting, NULL, run, server), 0);
  return server;
}

uint16_t http2_server_port(const struct http2_server *server) {
  return server->port;
}

struct http2_seen http2_server_stop(struct http2_server *server) {
  close(server->stop[1]);
  pthread_join(server->accepting, NULL);
  for (unsigned i = 0; i < server->accepted; i++)
    pthread_join(server->connections[i], NULL);
  struct http2_seen seen = {atomic_load(&server->requests), atomic_load(&server->whole_requests),
                            atomic_load(&server->later_requests)};
  close(server->stop[0]);
  close(server->listener);
  SSL_CTX_free(server->context);
  free(server);
  return seen;
}
