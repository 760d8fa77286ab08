#include "cli/csv.h"

#include <string.h>

#include "cli/lines.h"

static char at(const struct csv *csv) {
  return csv->rest.size == 0 ? '\0' : csv->rest.data[0];
}

static void step(struct csv *csv) {
  if (at(csv) == '\n') csv->next++;
  csv->rest.data++;
  csv->rest.size--;
}

static bool is_line_end(const struct csv *csv) {
  return at(csv) == '\n' || (at(csv) == '\r' && csv->rest.size > 1 && csv->rest.data[1] == '\n');
}

/* The text between quotes, at the first of which it stands; each doubled one stands for one. */
static bool quoted(struct csv *csv, char *out, size_t *size, struct error *error) {
  for (step(csv); csv->rest.size > 0; step(csv)) {
    if (at(csv) == '"') {
      step(csv);
      if (at(csv) != '"') return true;
    }
    out[(*size)++] = at(csv);
  }
  return error_set(error, ERROR_INPUT, NULL, "a quoted field does not end");
}

static bool plain(struct csv *csv, char *out, size_t *size, struct error *error) {
  for (; csv->rest.size > 0 && at(csv) != ',' && !is_line_end(csv); step(csv)) {
    if (at(csv) == '"') {
      error_set(error, ERROR_INPUT, NULL, "a quote stands within a field that does not begin with one");
      return error_fix(error, "put the whole field in quotes, and double those within");
    }
    out[(*size)++] = at(csv);
  }
  return true;
}

static bool field(struct csv *csv, struct error *error) {
  char *out = csv->room;
  size_t size = 0;
  bool good = at(csv) == '"' ? quoted(csv, out, &size, error) : plain(csv, out, &size, error);
  if (good && csv->rest.size > 0 && at(csv) != ',' && !is_line_end(csv)) {
    good = error_set(error, ERROR_INPUT, NULL, "something stands behind the quotes of a field");
  }
  if (!good) return false;
  if (csv->count == CSV_FIELDS) return error_set(error, ERROR_INPUT, NULL, "there are more than %d fields", CSV_FIELDS);
  csv->fields[csv->count] = arena_copy(csv->arena, (refund_text){out, size});
  return csv->fields[csv->count++].data != NULL || error_set(error, ERROR_HOST, NULL, "out of memory");
}

static bool record(struct csv *csv, struct error *error) {
  for (;;) {
    if (!field(csv, error)) return false;
    if (at(csv) != ',') return true;
    step(csv);
  }
}

static void skip_line(struct csv *csv) {
  while (csv->rest.size > 0 && at(csv) != '\n')
    step(csv);
  if (csv->rest.size > 0) step(csv);
}

static void skip_blank(struct csv *csv) {
  while (csv->rest.size > 0) {
    const char *end = memchr(csv->rest.data, '\n', csv->rest.size);
    refund_text line = {csv->rest.data, end == NULL ? csv->rest.size : (uint64_t)(end - csv->rest.data)};
    if (!line_is_blank(line)) return;
    skip_line(csv);
  }
}

enum csv_found csv_next(struct csv *csv, struct error *error) {
  skip_blank(csv);
  csv->count = 0;
  csv->number = csv->next + 1;
  if (csv->rest.size == 0) return CSV_END;
  if (csv->room == NULL) csv->room = arena_allocate(csv->arena, csv->rest.size);
  bool good = csv->room == NULL ? error_set(error, ERROR_HOST, NULL, "out of memory") : record(csv, error);
  skip_line(csv);
  return good ? CSV_RECORD : CSV_BAD;
}
