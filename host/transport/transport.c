#include "transport/transport.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/url.h"
#include "refund_toolkit.h"

enum { IDLE_LIMIT_S = 30, HEADERS_LIMIT = 64 * 1024, REPLY_HEADERS = 200 };

struct transport {
  CURLM *multi;
  char *ca_file;
  char *user_agent;
  struct transfer *first; /* under way */
  size_t count;
};

struct transfer {
  struct transport *transport;
  CURL *easy;
  struct curl_slist *headers;
  struct arena *arena; /* the request's body, the reply's headers */
  struct buffer body;
  refund_header *reply_headers;
  size_t reply_header_count;
  size_t reply_header_bytes;
  unsigned transmissions;
  bool resent; /* a second transmission was cut off */
  bool over_limit;
  bool headers_whole; /* the empty line after the final reply's headers was seen */
  bool headers_lost;  /* too many or too long to be kept */
  char trouble[CURL_ERROR_SIZE];
  transport_done *done;
  void *context;
  struct transfer *next;
  struct transfer *before;
};

/* ---- What libcurl calls ---- */

/* The only proof that nothing was sent is that this was never called. */
static int before_request(void *context, char *remote, char *local, int remote_port, int local_port) {
  struct transfer *transfer = context;
  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  transfer->transmissions++;
  if (transfer->transmissions == 1) return CURL_PREREQFUNC_OK;
  transfer->resent = true;
  return CURL_PREREQFUNC_ABORT;
}

static size_t take_body(char *data, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  if (buffer_write(&transfer->body, data, size * count)) return size * count;
  transfer->over_limit = true;
  return CURL_WRITEFUNC_ERROR;
}

static refund_text trimmed(const char *begin, const char *end) {
  while (begin < end && (*begin == ' ' || *begin == '\t'))
    begin++;
  while (end > begin && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r' || end[-1] == '\n'))
    end--;
  refund_text text = {begin, (uint64_t)(end - begin)};
  return text;
}

static bool keep_header(struct transfer *transfer, refund_text name, refund_text value) {
  refund_header *header = &transfer->reply_headers[transfer->reply_header_count++];
  header->name = arena_copy(transfer->arena, name);
  header->value = arena_copy(transfer->arena, value);
  return header->name.data != NULL && header->value.data != NULL;
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size_t bytes = size * count;
  refund_text line = {data, bytes};
  const char *colon = memchr(data, ':', bytes);
  if (refund_starts_with(line, "HTTP/")) { /* a later response: what an interim one said does not count */
    transfer->reply_header_count = 0;
    transfer->headers_whole = false;
    return bytes;
  }
  transfer->reply_header_bytes += bytes;
  bool has_room = transfer->reply_header_bytes <= HEADERS_LIMIT && transfer->reply_header_count < REPLY_HEADERS;
  if (data[0] == '\r' || data[0] == '\n') transfer->headers_whole = true;
  bool folded = data[0] == ' ' || data[0] == '\t'; /* the rest of the line before; never a header of its own */
  if (has_room && (colon == NULL || folded)) return bytes;
  if (!has_room || !keep_header(transfer, trimmed(data, colon), trimmed(colon + 1, data + bytes))) {
    transfer->headers_lost = true; /* one of them might say that this is a replayed answer */
    return 0;
  }
  return bytes;
}

/* ---- Setting up ---- */

struct transport *transport_open(const struct transport_options *options, struct error *error) {
  struct transport *transport = calloc(1, sizeof *transport);
  bool ready = transport != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (ready) {
    transport->multi = curl_multi_init();
    transport->ca_file = options->ca_file == NULL ? NULL : strdup(options->ca_file);
    transport->user_agent = strdup(options->user_agent);
    ready = transport->multi != NULL && transport->user_agent != NULL &&
            (options->ca_file == NULL || transport->ca_file != NULL);
  }
  if (ready) return transport;
  error_set(error, ERROR_HOST, NULL, "the network client could not be started");
  transport_close(transport);
  return NULL;
}

static void unlink_transfer(struct transfer *transfer) {
  struct transport *transport = transfer->transport;
  if (transfer->before != NULL) transfer->before->next = transfer->next;
  if (transfer->next != NULL) transfer->next->before = transfer->before;
  if (transport->first == transfer) transport->first = transfer->next;
  transport->count--;
}

static void free_transfer(struct transfer *transfer) {
  if (transfer->easy != NULL) curl_easy_cleanup(transfer->easy);
  for (struct curl_slist *header = transfer->headers; header != NULL; header = header->next) {
    explicit_bzero(header->data, strlen(header->data));
  }
  curl_slist_free_all(transfer->headers);
  buffer_close(&transfer->body);
  arena_close(transfer->arena);
  free(transfer);
}

static void drop(struct transfer *transfer) {
  curl_multi_remove_handle(transfer->transport->multi, transfer->easy);
  unlink_transfer(transfer);
  free_transfer(transfer);
}

void transport_drop(struct transport *transport, const void *context) {
  struct transfer *transfer = transport->first;
  while (transfer != NULL && transfer->context != context)
    transfer = transfer->next;
  if (transfer != NULL) drop(transfer);
}

void transport_close(struct transport *transport) {
  if (transport == NULL) return;
  while (transport->first != NULL)
    drop(transport->first);
  curl_multi_cleanup(transport->multi);
  free(transport->ca_file);
  free(transport->user_agent);
  free(transport);
  curl_global_cleanup();
}

static bool add_line(struct transfer *transfer, const char *line) {
  struct curl_slist *longer = curl_slist_append(transfer->headers, line);
  if (longer != NULL) transfer->headers = longer;
  return longer != NULL;
}

/* An empty value, also one of blanks, needs libcurl's "Name;" spelling; "Expect:" and "Accept:" take away what libcurl
 * adds by itself. */
static bool add_headers(struct transfer *transfer, const struct transport_request *request) {
  bool added = add_line(transfer, "Expect:");
  bool has_accept = false;
  bool has_content_type = false;
  for (size_t i = 0; i < request->header_count && added; i++) {
    const refund_header *header = &request->headers[i];
    bool blank =
        header->value.size == 0 || trimmed(header->value.data, header->value.data + header->value.size).size == 0;
    struct buffer line;
    buffer_open(&line, 0);
    refund_put(&line.sink, header->name);
    refund_puts(&line.sink, blank ? ";" : ": ");
    if (!blank) refund_put(&line.sink, header->value);
    added = !line.failed && add_line(transfer, line.data);
    buffer_close(&line);
    has_accept = has_accept || refund_is_nocase(header->name, "Accept");
    has_content_type = has_content_type || refund_is_nocase(header->name, "Content-Type");
  }
  if (added && !has_accept) added = add_line(transfer, "Accept: */*");
  if (added && !has_content_type) added = add_line(transfer, "Content-Type:");
  return added;
}

/* The settings that make an exchange safe; none of them is an option. */
static bool set_safety(struct transfer *transfer, const struct transport_request *request) {
  CURL *easy = transfer->easy;
  const struct transport *transport = transfer->transport;
  struct url url;
  refund_text text = refund_text_of(request->url);
  bool set = url_read(text, &url) == NULL &&
             curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, url.https ? "https" : "http") == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_LIMIT_S) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
  if (set && transport->ca_file != NULL) {
    set = curl_easy_setopt(easy, CURLOPT_CAINFO, transport->ca_file) == CURLE_OK &&
          curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
  }
  if (set && url.loopback) set = curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
  bool http2 = request->http2 && !request->fresh_connection && url.https;
  set = set && curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                                http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
  if (set && request->fresh_connection) {
    set = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
          curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
  }
  return set;
}

static bool set_request(struct transfer *transfer, const struct transport_request *request) {
  CURL *easy = transfer->easy;
  refund_text body = arena_copy(transfer->arena, request->body);
  bool copied = request->body.data == NULL || body.data != NULL; /* else a body would go out empty */
  bool set = copied && curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_USERAGENT, transfer->transport->user_agent) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->trouble) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK;
  bool is_get = strcmp(request->method, "GET") == 0;
  if (set && !(is_get && body.data == NULL)) { /* a POST without a body still says Content-Length: 0 */
    set = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size) == CURLE_OK &&
          curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data == NULL ? "" : body.data) == CURLE_OK;
  }
  return set;
}

bool transport_send(struct transport *transport, const struct transport_request *request, transport_done *done,
                    void *context, struct error *error) {
  struct transfer *transfer = calloc(1, sizeof *transfer);
  if (transfer == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  transfer->transport = transport;
  transfer->done = done;
  transfer->context = context;
  transfer->arena = arena_open(0);
  buffer_open(&transfer->body, TRANSPORT_REPLY_LIMIT);
  transfer->easy = curl_easy_init();
  bool ready = transfer->arena != NULL && transfer->easy != NULL;
  if (ready) transfer->reply_headers = arena_allocate(transfer->arena, REPLY_HEADERS * sizeof(refund_header));
  ready = ready && transfer->reply_headers != NULL && add_headers(transfer, request) && set_safety(transfer, request) &&
          set_request(transfer, request) && curl_multi_add_handle(transport->multi, transfer->easy) == CURLM_OK;
  if (!ready) {
    free_transfer(transfer);
    return error_set(error, ERROR_HOST, NULL, "the request could not be started");
  }
  transfer->next = transport->first;
  if (transport->first != NULL) transport->first->before = transfer;
  transport->first = transfer;
  transport->count++;
  return true;
}

/* ---- Ending ---- */

static void say_problem(const struct transfer *transfer, CURLcode code, struct transport_reply *reply) {
  if (transfer->over_limit) {
    snprintf(reply->problem, sizeof reply->problem, "the reply is larger than %d bytes", TRANSPORT_REPLY_LIMIT);
  } else if (transfer->headers_lost) {
    snprintf(reply->problem, sizeof reply->problem, "the reply has more headers than are read");
  } else if (code == CURLE_OK) {
    snprintf(reply->problem, sizeof reply->problem, "the reply ended within its headers");
  } else if (transfer->resent) {
    snprintf(reply->problem, sizeof reply->problem, "the connection ended before the reply");
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    snprintf(reply->problem, sizeof reply->problem, "no reply in time (%.180s)", transfer->trouble);
  } else {
    snprintf(reply->problem, sizeof reply->problem, "%.200s",
             transfer->trouble[0] != '\0' ? transfer->trouble : curl_easy_strerror(code));
  }
}

/* libcurl's words may quote a proxy's address with its password. */
static void say_safely(const struct transfer *transfer, CURLcode code, struct transport_reply *reply) {
  say_problem(transfer, code, reply);
  url_hide_users(reply->problem);
}

/* A handshake that fails or takes too long is not meant: somebody is there. libcurl tells no time of connecting before
 * the handshake is done, but counts the connections that stood. */
static bool is_unreachable(const struct transfer *transfer, CURLcode code) {
  long connections = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connections);
  if (transfer->transmissions > 0) return false; /* the code may speak of a resend that was cut off */
  return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT ||
         (code == CURLE_OPERATION_TIMEDOUT && connections == 0);
}

static void end_transfer(struct transfer *transfer, CURLcode code) {
  struct transport_reply reply = {0};
  long status = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  reply.transmissions = transfer->transmissions;
  /* libcurl says OK of a reply that ends within its headers. */
  reply.complete = code == CURLE_OK && transfer->headers_whole && status != 0;
  reply.unreachable = is_unreachable(transfer, code);
  reply.http_status = (int)status;
  reply.body = buffer_text(&transfer->body);
  reply.headers = transfer->reply_headers;
  reply.header_count = transfer->reply_header_count;
  if (!reply.complete) say_safely(transfer, code, &reply);
  curl_multi_remove_handle(transfer->transport->multi, transfer->easy);
  unlink_transfer(transfer);
  transfer->done(transfer->context, &reply);
  free_transfer(transfer);
}

void transport_turn(struct transport *transport, int wait_ms) {
  int running = 0;
  int left;
  CURLMsg *message;
  curl_multi_perform(transport->multi, &running);
  if (wait_ms > 0 && (size_t)running == transport->count) { /* nothing ended, or nothing is under way: wait */
    curl_multi_poll(transport->multi, NULL, 0, wait_ms, NULL);
    curl_multi_perform(transport->multi, &running);
  }
  while ((message = curl_multi_info_read(transport->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    struct transfer *transfer = NULL;
    CURLcode code = message->data.result; /* the message dies with its handle */
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&transfer);
    end_transfer(transfer, code);
  }
}

void transport_wake(struct transport *transport) {
  curl_multi_wakeup(transport->multi);
}
