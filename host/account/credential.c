/* Where a credential may stand: in the accounts file, the environment, a file, or systemd's credentials folder. */
#include <stdlib.h>
#include <string.h>

#include "account/parts.h"
#include "common/file.h"
#include "document/document.h"
#include "refund_toolkit.h"

static bool from_environment(struct accounts *accounts, const char *name, const char *field, refund_text *out,
                             struct error *error) {
  const char *value = getenv(name);
  if (value == NULL) {
    error_set(error, ERROR_ACCOUNT, field, "%s is to come from the environment variable %.80s, which is not set", field,
              name);
    return error_fix(error, "set %.80s, or change the account", name);
  }
  *out = arena_copy(accounts->arena, refund_text_of(value));
  return true;
}

static bool from_file(struct accounts *accounts, const char *path, const char *field, refund_text *out,
                      struct error *error) {
  const char *slash = path[0] == '/' ? NULL : strrchr(accounts->path, '/');
  refund_text whole =
      slash == NULL ? refund_text_of(path)
                    : arena_format(accounts->arena, "%.*s/%s", (int)(slash - accounts->path), accounts->path, path);
  if (!file_read_secret(accounts->arena, whole.data, ERROR_ACCOUNT, field, out, error)) return false;
  if (out->size > 0 && out->data[out->size - 1] == '\n') out->size--;
  if (document_is_utf8(*out)) return true;
  error_set(error, ERROR_ACCOUNT, field, "%s holds bytes that are not text", path);
  return error_expected(error, "UTF-8 without NUL");
}

static bool from_credentials(struct accounts *accounts, const char *name, const char *field, refund_text *out,
                             struct error *error) {
  const char *folder = getenv("CREDENTIALS_DIRECTORY");
  if (folder == NULL || strchr(name, '/') != NULL) {
    error_set(error, ERROR_ACCOUNT, field, "%s is to come from the credential %.80s, which cannot be looked for", field,
              name);
    error_expected(error, "a plain name, and CREDENTIALS_DIRECTORY in the environment");
    return error_fix(error, "start the program by systemd with LoadCredential=%.80s:...", name);
  }
  refund_text path = arena_format(accounts->arena, "%s/%s", folder, name);
  return from_file(accounts, path.data, field, out, error);
}

static const struct {
  const char *member;
  bool (*read)(struct accounts *accounts, const char *where, const char *field, refund_text *out, struct error *error);
} sources[] = {{"env", from_environment}, {"file", from_file}, {"credential", from_credentials}};

bool credential_read(struct accounts *accounts, const struct entry *entry, const refund_node *value, const char *field,
                     refund_text *out, struct error *error) {
  const refund_node *only = document_first(value);
  if (document_kind(value) == REFUND_KIND_STRING) {
    *out = document_text(value);
    return true;
  }
  bool one = document_kind(value) == REFUND_KIND_OBJECT && only != NULL && document_next(only) == NULL &&
             document_kind(only) == REFUND_KIND_STRING;
  for (size_t i = 0; one && i < sizeof sources / sizeof *sources; i++) {
    if (refund_is(document_name(only), sources[i].member)) {
      return sources[i].read(accounts, document_text(only).data, field, out, error);
    }
  }
  error_set(error, ERROR_ACCOUNT, field, "account %s: %s is neither text nor a place where the text stands",
            entry->account.name.data, field);
  return error_expected(error, "text, {\"env\": \"VAR\"}, {\"file\": \"PATH\"} or {\"credential\": \"NAME\"}");
}
