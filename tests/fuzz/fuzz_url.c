/* URLs on anything. The bytes up to the first NUL are a URL, the rest is a base URL. Whatever is accepted must keep the
 * promises of url.h; whatever is below the base must go where the base goes. */
#include <stdlib.h>
#include <string.h>

#include "common/url.h"

static void require(bool promise) {
  if (!promise) abort();
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_nocase(refund_text a, refund_text b) {
  if (a.size != b.size) return false;
  for (uint64_t i = 0; i < a.size; i++) {
    if (lower(a.data[i]) != lower(b.data[i])) return false;
  }
  return true;
}

/* The parts are the text, in order, without a gap. */
static void check_parts(refund_text text, const struct url *url) {
  require(url->origin.data == text.data);
  require(url->path.data == text.data + url->origin.size);
  require(url->origin.size + url->path.size + url->query.size == text.size);
  require(url->path.size == 0 || url->path.data[0] == '/');
  require(url->query.data == NULL ? url->query.size == 0
                                  : url->query.data == url->path.data + url->path.size && url->query.data[0] == '?');
}

static void check_origin(const struct url *url) {
  uint64_t scheme = url->https ? strlen("https://") : strlen("http://");
  require(url->https || url->loopback);
  require(url->origin.size > scheme && memcmp(url->origin.data, url->https ? "https://" : "http://", scheme) == 0);
  for (uint64_t i = scheme; i < url->origin.size; i++) {
    char c = url->origin.data[i];
    require(c > 0x20 && c < 0x7F && strchr("/?#@\\%\"<>", c) == NULL);
  }
  require(memchr(url->path.data, '#', url->path.size) == NULL && memchr(url->path.data, '\\', url->path.size) == NULL);
}

/* An accepted URL reads the same again from a copy, and is below itself unless it climbs. */
static bool check_url(refund_text text, struct url *url) {
  const char *problem = url_read(text, url);
  if (problem != NULL) {
    require(problem[0] != '\0' && !url_is_below(text, text));
    return false;
  }
  check_parts(text, url);
  check_origin(url);
  return true;
}

/* Does the path hold "..", plain or encoded, as a whole segment? */
static bool climbs(refund_text path) {
  for (uint64_t begin = 0; begin < path.size;) {
    uint64_t end = begin + 1;
    unsigned dots = 0;
    bool other = false;
    while (end < path.size && path.data[end] != '/') {
      bool encoded = path.size - end >= 3 && path.data[end] == '%' && path.data[end + 1] == '2' &&
                     lower(path.data[end + 2]) == 'e';
      bool dot = path.data[end] == '.' || encoded;
      dots += dot;
      other = other || !dot;
      end += encoded ? 3 : 1;
    }
    if (dots == 2 && !other) return true;
    begin = end;
  }
  return false;
}

static void check_below(const struct url *url, const struct url *base) {
  uint64_t size = base->path.size;
  while (size > 0 && base->path.data[size - 1] == '/')
    size--;
  require(same_nocase(url->origin, base->origin) && url->https == base->https);
  require(url->path.size >= size && memcmp(url->path.data, base->path.data, size) == 0);
  require(url->path.size == size || url->path.data[size] == '/');
  require(!climbs(url->path));
}

/* The base with a segment, a query or nothing behind it is below the base, unless the base climbs by itself. */
static void check_grown(refund_text base_text, const struct url *base) {
  static const char *const tails[] = {"", "/x", "/x?y=/../z", "?a"};
  if (base->query.data != NULL || base_text.size > 4096 || climbs(base->path)) return;
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    char grown[4200];
    memcpy(grown, base_text.data, base_text.size);
    memcpy(grown + base_text.size, tails[i], strlen(tails[i]));
    require(url_is_below((refund_text){grown, base_text.size + strlen(tails[i])}, base_text));
  }
  char other[4200];
  memcpy(other, base_text.data, base->origin.size);
  memcpy(other + base->origin.size, ".evil", 5);
  require(!url_is_below((refund_text){other, base->origin.size + 5}, base_text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *nul = size == 0 ? NULL : memchr(data, '\0', size);
  size_t first = nul == NULL ? size : (size_t)(nul - data);
  refund_text text = {(const char *)data, first};
  refund_text base_text = nul == NULL ? text : (refund_text){(const char *)nul + 1, size - first - 1};
  struct url url;
  struct url base;
  bool is_url = check_url(text, &url);
  bool is_base = check_url(base_text, &base);
  bool below = url_is_below(text, base_text);
  require(!below || (is_url && is_base));
  if (below) check_below(&url, &base);
  if (is_base) check_grown(base_text, &base);
  return 0;
}
