/* refund-host settle FILE: outcomes from a processor's report. */
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/lines.h"
#include "cli/office.h"
#include "common/file.h"
#include "document/document.h"
#include "refund_toolkit.h"

static error_t take_option(int key, char *argument, struct argp_state *state) {
  return key == ARGP_KEY_ARG ? cli_take_one(state->input, argument) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    0,
    take_option,
    "FILE|-",
    "Records what a processor's report says became of refunds: CSV with the header "
    "refund_id,connector_refund_id,outcome,note, or JSON objects with these members, one a line. One of the ids is "
    "enough; outcome is succeeded or failed. If any line is bad nothing is recorded.",
    0,
    0,
    0};

/* ---- What a line says ---- */

enum { PART_REFUND_ID, PART_CONNECTOR_REFUND_ID, PART_OUTCOME, PART_NOTE, PARTS };
static const struct {
  const char *name;
  size_t greatest; /* bytes */
} parts[PARTS] = {{"refund_id", 128}, {"connector_refund_id", 512}, {"outcome", 16}, {"note", 1024}};

struct item {
  struct flow_report report;
  size_t number; /* of its line */
};

struct report {
  struct cli *cli;
  struct arena *arena;
  struct item *items;
  size_t count;
  size_t room;
  size_t bad;
};

static bool part_named(refund_text name, size_t *part, struct error *error) {
  for (*part = 0; *part < PARTS; (*part)++) {
    if (refund_is(name, parts[*part].name)) return true;
  }
  error_set(error, ERROR_INPUT, name.size < 60 ? name.data : NULL, "a report has no %.60s", name.data);
  return error_expected(error, "refund_id, connector_refund_id, outcome, note");
}

static bool check_parts(const refund_text texts[PARTS], struct error *error) {
  for (size_t i = 0; i < PARTS; i++) {
    if (texts[i].size > parts[i].greatest) {
      error_set(error, ERROR_INPUT, parts[i].name, "%s is too long", parts[i].name);
      return error_expected(error, "at most %zu bytes", parts[i].greatest);
    }
    if (texts[i].size > 0 && memchr(texts[i].data, '\0', texts[i].size) != NULL) {
      return error_set(error, ERROR_INPUT, parts[i].name, "%s holds a NUL", parts[i].name);
    }
  }
  if (!refund_there(texts[PART_REFUND_ID]) && !refund_there(texts[PART_CONNECTOR_REFUND_ID])) {
    error_set(error, ERROR_INPUT, "refund_id", "it does not say which refund");
    return error_fix(error, "give refund_id or connector_refund_id");
  }
  refund_text outcome = texts[PART_OUTCOME];
  if (refund_is(outcome, "succeeded") || refund_is(outcome, "failed")) return true;
  error_set(error, ERROR_INPUT, "outcome", "outcome is %s",
            refund_there(outcome) ? "neither of its two words" : "missing");
  error_expected(error, "succeeded or failed");
  return refund_there(outcome) && error_found(error, "%s", outcome.data);
}

static bool add(struct report *report, const refund_text texts[PARTS], size_t number, struct error *error) {
  if (!check_parts(texts, error)) return false;
  if (report->count == report->room) {
    size_t room = report->room == 0 ? 64 : 2 * report->room;
    struct item *grown = realloc(report->items, room * sizeof *grown);
    if (grown == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
    report->items = grown;
    report->room = room;
  }
  report->items[report->count++] = (struct item){{.refund_id = texts[PART_REFUND_ID],
                                                  .connector_refund_id = texts[PART_CONNECTOR_REFUND_ID],
                                                  .succeeded = refund_is(texts[PART_OUTCOME], "succeeded") != 0,
                                                  .note = texts[PART_NOTE]},
                                                 number};
  return true;
}

/* ---- Reading ---- */

static void say_bad(struct report *report, size_t number, struct error *error) {
  if (number > 0) line_named(error, number);
  cli_error(report->cli, error);
  memset(error, 0, sizeof *error);
  report->bad++;
}

static bool read_header(const struct csv *csv, size_t columns[CSV_FIELDS], struct error *error) {
  bool seen[PARTS] = {false};
  for (size_t i = 0; i < csv->count; i++) {
    if (!part_named(csv->fields[i], &columns[i], error)) return false;
    if (seen[columns[i]]) {
      return error_set(error, ERROR_INPUT, parts[columns[i]].name, "the column %s stands there twice",
                       parts[columns[i]].name);
    }
    seen[columns[i]] = true;
  }
  return true;
}

static bool read_record(struct report *report, const struct csv *csv, const size_t columns[CSV_FIELDS], size_t count,
                        struct error *error) {
  refund_text texts[PARTS] = {{NULL, 0}};
  if (csv->count != count) {
    error_set(error, ERROR_INPUT, NULL, "it has another number of fields than the header");
    error_expected(error, "%zu", count);
    return error_found(error, "%zu", csv->count);
  }
  for (size_t i = 0; i < count; i++)
    texts[columns[i]] = csv->fields[i];
  return add(report, texts, csv->number, error);
}

static void read_csv(struct report *report, refund_text text) {
  struct error error = {0};
  struct csv csv = {.rest = text, .arena = report->arena};
  size_t columns[CSV_FIELDS];
  enum csv_found found = csv_next(&csv, &error);
  size_t count = csv.count;
  if (found == CSV_RECORD && !read_header(&csv, columns, &error)) found = CSV_BAD;
  if (found == CSV_BAD) say_bad(report, csv.number, &error);
  if (found != CSV_RECORD) return;
  while ((found = csv_next(&csv, &error)) != CSV_END) {
    bool good = found == CSV_RECORD && read_record(report, &csv, columns, count, &error);
    if (!good) say_bad(report, csv.number, &error);
  }
}

static bool read_object(struct report *report, const struct lines *lines, struct error *error) {
  refund_text texts[PARTS] = {{NULL, 0}};
  const refund_node *object = document_read(report->arena, REFUND_JSON, lines->line, error);
  if (object == NULL) return false;
  for (const refund_node *member = document_first(object); member != NULL; member = document_next(member)) {
    size_t part;
    int32_t kind = document_kind(member);
    if (!part_named(document_name(member), &part, error)) return false;
    if (kind != REFUND_KIND_STRING && kind != REFUND_KIND_NULL) {
      return error_set(error, ERROR_INPUT, parts[part].name, "%s is not text", parts[part].name);
    }
    if (kind == REFUND_KIND_STRING) texts[part] = document_text(member);
  }
  return add(report, texts, lines->number, error);
}

static void read_objects(struct report *report, refund_text text) {
  struct error error = {0};
  struct lines lines = {.rest = text};
  while (lines_next(&lines)) {
    if (!read_object(report, &lines, &error)) say_bad(report, lines.number, &error);
  }
}

static refund_text without_mark(refund_text text) {
  bool marked = text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;
  return marked ? (refund_text){text.data + 3, text.size - 3} : text;
}

static bool is_json(refund_text text) {
  for (uint64_t i = 0; i < text.size; i++) {
    if (strchr(" \t\r\n", text.data[i]) == NULL) return text.data[i] == '{';
  }
  return false;
}

/* False: nothing is to be recorded, and why was said. */
static bool read_report(struct report *report, const char *path) {
  struct error error = {0};
  refund_text text;
  bool read = file_read(report->arena, path, LINES_FILE_LIMIT, &text, &error);
  if (read && !document_is_utf8(text)) read = error_set(&error, ERROR_INPUT, path, "%s is not UTF-8", path);
  if (read) {
    text = without_mark(text);
    (is_json(text) ? read_objects : read_csv)(report, text);
    read = lines_are_whole(path, text, &error);
  }
  if (!read) say_bad(report, 0, &error);
  return report->bad == 0;
}

/* ---- Recording ---- */

static int record(struct report *report, struct office *office) {
  enum exit_status status = EXIT_SUCCEEDED;
  for (size_t i = 0; i < report->count; i++) {
    struct error error = {0};
    struct office_ending ending = {report->cli, EXIT_HOST, true};
    if (!flow_settle(&office->rooms, &report->items[i].report, office_tell, &ending, &error)) {
      line_named(&error, report->items[i].number);
      ending.status = cli_error(report->cli, &error);
    }
    status = cli_worse(status, (enum exit_status)ending.status);
  }
  return (int)status;
}

static int settle(struct report *report, const char *path) {
  struct error error = {0};
  struct office_options options = {0};
  struct office office = office_of(report->cli, &options);
  if (!read_report(report, path)) return EXIT_BAD;
  int status = office_open_ledger(&office, &error) ? record(report, &office) : cli_error(report->cli, &error);
  office_close(&office);
  return status;
}

int command_settle(struct cli *cli, int argc, char **argv) {
  const char *path = NULL;
  struct error error = {0};
  if (!cli_parse(cli, &argp, argc, argv, &path)) return EXIT_BAD;
  struct report report = {.cli = cli, .arena = arena_open(0)};
  if (report.arena == NULL) error_set(&error, ERROR_HOST, NULL, "out of memory");
  bool ready = report.arena != NULL && (path != NULL || cli_missing(cli, "FILE", "FILE", &error));
  int status = ready ? settle(&report, path) : cli_error(cli, &error);
  free(report.items);
  arena_close(report.arena);
  return status;
}
