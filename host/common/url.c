#include "common/url.h"

#include <string.h>

#include "refund_toolkit.h"

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* 127.a.b.c in plain decimal: 127.1 and 0x7f.1 are other spellings that some resolvers take, 127.0.0.01 is octal to
 * some, and 127.0.0.256 is a name; not to us. */
static bool is_loopback_v4(refund_text host) {
  int dots = 0;
  unsigned part = 0;
  uint64_t digits = 0;
  if (!refund_starts_with(host, "127.")) return false;
  for (uint64_t i = 0; i < host.size; i++) {
    char c = host.data[i];
    if (c == '.' && digits > 0) {
      dots++;
      digits = part = 0;
      continue;
    }
    if (!is_digit(c) || (digits > 0 && part == 0)) return false;
    part = part * 10 + (unsigned)(c - '0');
    digits++;
    if (part > 255) return false;
  }
  return dots == 3 && digits > 0;
}

bool url_is_loopback(refund_text host) {
  return refund_is_nocase(host, "localhost") || refund_is(host, "[::1]") || is_loopback_v4(host);
}

static const char *read_port(refund_text text, uint64_t *at) {
  uint64_t begin = ++*at;
  unsigned port = 0;
  while (*at < text.size && is_digit(text.data[*at]) && *at - begin < 5) {
    port = port * 10 + (unsigned)(text.data[(*at)++] - '0');
  }
  return *at == begin || port == 0 || port > 65535 ? "its port is not a number from 1 to 65535" : NULL;
}

static const char *read_host(refund_text text, uint64_t *at, refund_text *host) {
  uint64_t begin = *at;
  if (*at < text.size && text.data[*at] == '[') {
    ++*at;
    while (*at < text.size && text.data[*at] != ']') {
      char c = text.data[*at];
      if (refund_hex_digit(c) < 0 && c != ':' && c != '.') return "its address in brackets is malformed";
      ++*at;
    }
    if (*at == text.size || *at - begin < 3) return "its address in brackets is malformed"; /* the least is [::] */
    ++*at;
  } else {
    while (*at < text.size && is_host_character(text.data[*at]))
      ++*at;
  }
  host->data = text.data + begin;
  host->size = *at - begin;
  return host->size == 0 ? "it has no host" : NULL;
}

static const char *check_characters(refund_text text) {
  if (!refund_there(text)) return "it is empty";
  if (text.size > 8192) return "it is longer than 8192 bytes";
  for (uint64_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c <= 0x20 || c >= 0x7F) return "it holds a space, a control character or a byte that is not ASCII";
    if (c == '\\') return "it holds a backslash";
    if (c == '#') return "it has a fragment";
  }
  return NULL;
}

const char *url_read(refund_text text, struct url *url) {
  refund_text host;
  memset(url, 0, sizeof *url);
  const char *problem = check_characters(text);
  if (problem != NULL) return problem;
  url->https = refund_starts_with(text, "https://");
  if (!url->https && !refund_starts_with(text, "http://")) return "it does not begin with https://";
  uint64_t at = url->https ? 8 : 7;
  const char *end_of_authority = memchr(text.data + at, '/', text.size - at);
  uint64_t authority = end_of_authority == NULL ? text.size - at : (uint64_t)(end_of_authority - text.data) - at;
  if (memchr(text.data + at, '@', authority) != NULL) return "it has a user name";
  problem = read_host(text, &at, &host);
  if (problem == NULL && at < text.size && text.data[at] == ':') problem = read_port(text, &at);
  if (problem != NULL) return problem;
  if (at < text.size && text.data[at] != '/' && text.data[at] != '?')
    return "its host holds a character that no host has";
  url->loopback = url_is_loopback(host);
  if (!url->https && !url->loopback) return "it is http, which is only for this machine itself; elsewhere use https";
  url->origin.data = text.data;
  url->origin.size = at;
  const char *query = memchr(text.data + at, '?', text.size - at);
  url->path.data = text.data + at;
  url->path.size = query == NULL ? text.size - at : (uint64_t)(query - text.data) - at;
  if (query != NULL) {
    url->query.data = query;
    url->query.size = text.size - (uint64_t)(query - text.data);
  }
  return NULL;
}

/* Bytes of a dot, as itself or percent-encoded: to a server both are one. 0: no dot. */
static uint64_t dot_at(refund_text path, uint64_t at) {
  if (at < path.size && path.data[at] == '.') return 1;
  bool encoded = at + 2 < path.size && memcmp(path.data + at, "%2", 2) == 0;
  return encoded && (path.data[at + 2] == 'e' || path.data[at + 2] == 'E') ? 3 : 0;
}

/* "base/../other" would leave the base; "payments/./refunds" has lost an id. */
static bool has_dots(refund_text path) {
  for (uint64_t i = 0; i < path.size; i++) {
    if (path.data[i] != '/') continue;
    uint64_t first = dot_at(path, i + 1);
    uint64_t second = first == 0 ? 0 : dot_at(path, i + 1 + first);
    uint64_t end = i + 1 + first + second;
    if (first != 0 && (end == path.size || path.data[end] == '/')) return true;
  }
  return false;
}

bool url_is_below(refund_text text, refund_text base) {
  struct url url;
  struct url base_url;
  if (url_read(text, &url) != NULL || url_read(base, &base_url) != NULL) return false;
  if (!refund_same_nocase(url.origin, base_url.origin)) return false;
  refund_text path = base_url.path;
  while (path.size > 0 && path.data[path.size - 1] == '/')
    path.size--;
  if (url.path.size < path.size || memcmp(url.path.data, path.data, path.size) != 0) return false;
  if (url.path.size != path.size && url.path.data[path.size] != '/') return false;
  return !has_dots(url.path);
}

void url_hide_users(char *text) {
  for (char *at = text; (at = strstr(at, "://")) != NULL;) {
    at += 3;
    size_t authority = strcspn(at, " \t\n\"'<>");
    char *last = NULL;
    for (size_t i = 0; i < authority; i++) {
      if (at[i] == '@') last = at + i;
    }
    if (last != NULL) memmove(at, last + 1, strlen(last + 1) + 1);
  }
}
