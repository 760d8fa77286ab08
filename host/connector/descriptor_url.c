#include <stdlib.h>
#include <string.h>

#include "common/url.h"
#include "connector/descriptor_content.h"

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define HOST_CHARACTERS LETTERS_AND_DIGITS "-."
#define PATH_CHARACTERS LETTERS_AND_DIGITS "-._~%/:;,=+"
#define HIGHEST_PORT 65535

static bool refuse(struct error *error, const char *member, const char *url, const char *what, const char *expected,
                   const char *fix) {
  error_set(error, ERROR_CONNECTOR, member, "%s %s", member, what);
  error_expected(error, "%s", expected);
  error_found(error, "%s", url);
  return error_fix(error, "%s", fix);
}

static const refund_account_field *find_field(const refund_descriptor *descriptor, const char *name, size_t size) {
  for (size_t i = 0; i < descriptor_field_count(descriptor); i++) {
    const refund_account_field *field = &descriptor->fields[i];
    if (strlen(field->name) == size && memcmp(field->name, name, size) == 0) return field;
  }
  return NULL;
}

/* Every {field} is a text of the account. Not a secret one: URLs are shown and logged. */
static bool check_placeholders(const refund_descriptor *descriptor, const char *member, const char *url,
                               struct error *error) {
  for (const char *open = strchr(url, '{'); open != NULL; open = strchr(open + 1, '{')) {
    size_t size = strcspn(open + 1, "{}");
    const refund_account_field *field = open[1 + size] == '}' ? find_field(descriptor, open + 1, size) : NULL;
    if (field == NULL || (field->flags & (REFUND_FIELD_MAP | REFUND_FIELD_SECRET)) != 0) {
      return refuse(error, member, url, "has a placeholder that is no usable field of the account",
                    "{name} of a declared field that is a text and not secret",
                    "declare the field in REFUND_FIELDS(), or correct the placeholder");
    }
  }
  return true;
}

/* The characters of `allowed`, and placeholders; where they end. */
static const char *skip(const char *at, const char *allowed) {
  for (;;) {
    at += strspn(at, allowed);
    if (*at != '{') return at;
    const char *close = strchr(at, '}');
    if (close == NULL) return at;
    at = close + 1;
  }
}

static bool skip_port(const char **at) {
  if (**at != ':') return true;
  char *end = NULL;
  size_t digits = strspn(*at + 1, "0123456789");
  unsigned long port = strtoul(*at + 1, &end, 10);
  *at += 1 + digits;
  return digits > 0 && digits <= 5 && port > 0 && port <= HIGHEST_PORT;
}

bool descriptor_url_check(const refund_descriptor *descriptor, const char *member, const char *url,
                          struct error *error) {
  if (url[0] == '\0') return true;
  bool secure = strncmp(url, "https://", strlen("https://")) == 0;
  if (!secure && strncmp(url, "http://", strlen("http://")) != 0) {
    return refuse(error, member, url, "is not an absolute URL", "https://, or http:// to this machine",
                  "start it with https://");
  }
  const char *host = url + strlen(secure ? "https://" : "http://");
  const char *at = strncmp(host, "[::1]", strlen("[::1]")) == 0 ? host + strlen("[::1]") : skip(host, HOST_CHARACTERS);
  size_t host_size = (size_t)(at - host);
  if (!secure && !url_is_loopback((refund_text){host, host_size})) {
    return refuse(error, member, url, "would send credentials in the clear",
                  "https://, or http:// to localhost, 127.0.0.1 or [::1]", "use https://");
  }
  bool whole = host_size > 0 && skip_port(&at);
  if (whole && *at == '/') at = skip(at, PATH_CHARACTERS);
  if (!whole || *at != '\0') {
    return refuse(error, member, url, "is not a host with an optional port and path",
                  "no user, query, fragment, blank or unknown character", "correct REFUND_BASE_URLS()");
  }
  if (at[-1] == '/') {
    return refuse(error, member, url, "ends with a slash", "a base URL without a final slash", "remove the slash");
  }
  return check_placeholders(descriptor, member, url, error);
}
