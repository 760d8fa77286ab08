/* refund-host batch FILE: many refunds. The whole file is read and checked before the first is sent. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/lines.h"
#include "cli/many.h"
#include "common/file.h"
#include "refund_toolkit.h"

enum { KEY_ACCOUNT = 1, KEY_YES, LINE_LIMIT = 1024 * 1024 };

struct options {
  const char *file;
  const char *account;
  bool yes;
  struct office_options office;
};

static const struct argp_option option_list[] = {
    {"account", KEY_ACCOUNT, "NAME", 0, "The account, where a line names none", 1},
    {"yes", KEY_YES, 0, 0, "Do not ask on the terminal whether to begin", 1},
    OFFICE_ROW_CONCURRENCY,
    OFFICE_ROW_RETRY,
    OFFICE_ROW_CAPTURED_MAY_GROW,
    OFFICE_ROW_WAIT,
    OFFICE_ROW_CACERT,
    OFFICE_ROW_NEW_LEDGER,
    {0},
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  switch (key) {
    case KEY_ACCOUNT:
      options->account = argument;
      return 0;
    case KEY_YES:
      options->yes = true;
      return 0;
    case ARGP_KEY_ARG:
      return cli_take_one(&options->file, argument);
    default:
      return office_option(key, argument, &options->office);
  }
}

static const struct argp argp = {
    option_list,
    take_option,
    "FILE|-",
    "Sends many refunds, one JSON object a line, and tells what became of each as it ends. If any line is bad nothing "
    "is sent. The same command again goes on where it was stopped: what has ended is not sent twice.",
    0,
    0,
    0};

/* ---- Lines ---- */

/* A good line; it is read once more when its turn comes, so that a large file needs little memory. */
struct item {
  refund_text line;
  size_t number;
  refund_text id;
  refund_text account;
  int64_t amount;
  const struct currency *currency;
  struct digest fingerprint;
  bool repeats; /* another line, above */
};

struct batch {
  struct cli *cli;
  const struct options *options;
  struct arena *arena;
  struct item *items;
  refund_text *ids; /* these two: of each item, for others */
  refund_text *accounts;
  size_t count;
  size_t room;
  size_t bad;
};

static void say_bad(struct batch *batch, size_t number, struct error *error) {
  if (number > 0) line_named(error, number);
  cli_error(batch->cli, error);
  batch->bad++;
}

static struct item *new_item(struct batch *batch) {
  if (batch->count == batch->room) {
    size_t room = batch->room == 0 ? 256 : 2 * batch->room;
    struct item *grown = realloc(batch->items, room * sizeof *grown);
    if (grown == NULL) return NULL;
    batch->items = grown;
    batch->room = room;
  }
  return &batch->items[batch->count++];
}

static bool keep(struct batch *batch, const struct lines *at, const struct refund *refund, struct error *error) {
  struct item *item = new_item(batch);
  if (item == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  *item = (struct item){.line = at->line,
                        .number = at->number,
                        .id = arena_copy(batch->arena, refund->refund_id),
                        .account = arena_copy(batch->arena, refund->account),
                        .amount = refund->refund_amount,
                        .currency = refund->currency,
                        .fingerprint = refund_fingerprint(refund)};
  return (item->id.data != NULL && item->account.data != NULL) || error_set(error, ERROR_HOST, NULL, "out of memory");
}

static bool read_line(struct batch *batch, const struct lines *at, struct error *error) {
  struct refund refund;
  if (at->line.size > LINE_LIMIT) {
    error_set(error, ERROR_INPUT, NULL, "it is longer than a refund can be");
    error_expected(error, "at most %d bytes", LINE_LIMIT);
    return error_found(error, "%llu", (unsigned long long)at->line.size);
  }
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  bool good = refund_read(arena, at->line, FLOW_REFUND, batch->options->account, &refund, error) &&
              keep(batch, at, &refund, error);
  arena_close(arena);
  return good;
}

/* ---- Ids that come twice ---- */

static int by_id_and_line(const void *a, const void *b) {
  const struct item *one = *(struct item *const *)a;
  const struct item *other = *(struct item *const *)b;
  size_t size = one->id.size < other->id.size ? one->id.size : other->id.size;
  int order = memcmp(one->id.data, other->id.data, size);
  if (order != 0) return order;
  if (one->id.size != other->id.size) return one->id.size < other->id.size ? -1 : 1;
  return one->number < other->number ? -1 : 1;
}

static void compare(struct batch *batch, const struct item *first, struct item *item) {
  struct error error = {0};
  item->repeats = strcmp(first->fingerprint.hex, item->fingerprint.hex) == 0;
  if (item->repeats) return;
  error_set(&error, ERROR_CONFLICT, "refund_id", "refund %s stands in line %zu with other content", item->id.data,
            first->number);
  error_fix(&error, "one id names one refund: give this one an id of its own, or take one of the lines out");
  say_bad(batch, item->number, &error);
}

/* One refund that stands there twice is one refund: it is done once. */
static bool check_ids(struct batch *batch, struct error *error) {
  struct item **sorted = calloc(batch->count + 1, sizeof *sorted);
  if (sorted == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  for (size_t i = 0; i < batch->count; i++)
    sorted[i] = &batch->items[i];
  qsort(sorted, batch->count, sizeof *sorted, by_id_and_line);
  const struct item *first = sorted[0];
  for (size_t i = 1; i < batch->count; i++) {
    if (refund_same(first->id, sorted[i]->id)) {
      compare(batch, first, sorted[i]);
    } else {
      first = sorted[i];
    }
  }
  free(sorted);
  return true;
}

static void drop_repeats(struct batch *batch) {
  size_t kept = 0;
  for (size_t i = 0; i < batch->count; i++) {
    if (!batch->items[i].repeats) batch->items[kept++] = batch->items[i];
  }
  if (kept < batch->count) {
    fprintf(stderr, "refund-host: %zu line%s a refund of a line above; each is done once\n", batch->count - kept,
            batch->count - kept == 1 ? " repeats" : "s repeat");
  }
  batch->count = kept;
}

/* ---- The file ---- */

/* False: nothing is to be sent, and why was said. */
static bool read_batch(struct batch *batch) {
  struct error error = {0};
  struct lines lines = {0};
  const char *path = batch->options->file;
  if (!file_read(batch->arena, path, LINES_FILE_LIMIT, &lines.rest, &error)) {
    say_bad(batch, 0, &error);
    return false;
  }
  refund_text text = lines.rest;
  while (lines_next(&lines)) {
    memset(&error, 0, sizeof error);
    if (!read_line(batch, &lines, &error)) say_bad(batch, lines.number, &error);
  }
  if (!check_ids(batch, &error) || !lines_are_whole(path, text, &error)) say_bad(batch, 0, &error);
  if (batch->bad > 0) return false;
  drop_repeats(batch);
  batch->ids = arena_allocate(batch->arena, (batch->count + 1) * sizeof *batch->ids);
  batch->accounts = arena_allocate(batch->arena, (batch->count + 1) * sizeof *batch->accounts);
  if (batch->ids == NULL || batch->accounts == NULL) {
    error_set(&error, ERROR_HOST, NULL, "out of memory");
    say_bad(batch, 0, &error);
    return false;
  }
  for (size_t i = 0; i < batch->count; i++) {
    batch->ids[i] = batch->items[i].id;
    batch->accounts[i] = batch->items[i].account;
  }
  return true;
}

/* ---- The question ---- */

static void say_totals(const struct batch *batch) {
  for (size_t i = 0; i < currency_count(); i++) {
    const struct currency *currency = currency_at(i);
    int64_t total = 0;
    bool any = false;
    bool more = false; /* than can be added up */
    for (size_t j = 0; j < batch->count; j++) {
      if (batch->items[j].currency != currency) continue;
      any = true;
      more = more || __builtin_add_overflow(total, batch->items[j].amount, &total);
    }
    if (any && more) fprintf(stderr, "  more %s than can be counted\n", currency->code);
    if (any && !more) fprintf(stderr, "  %s\n", money_show(total, currency->exponent, currency->code).text);
  }
}

/* Only where a person sits at both ends. */
static bool is_meant(const struct batch *batch, struct error *error) {
  char answer[16] = "";
  if (batch->options->yes || isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return true;
  fprintf(stderr, "To be refunded, unless the ledger knows them already: %zu refunds,\n", batch->count);
  say_totals(batch);
  fprintf(stderr, "Begin? [y/N] ");
  if (fgets(answer, sizeof answer, stdin) != NULL && tolower((unsigned char)answer[0]) == 'y') return true;
  error_set(error, ERROR_USAGE, NULL, "nothing was sent: the answer was not yes");
  return error_fix(error, "answer y, or give --yes");
}

/* ---- Sending ---- */

static bool hand_in(void *work, size_t index, struct flow *flow, flow_told *told, void *context, struct error *error) {
  const struct batch *batch = work;
  struct refund refund;
  struct arena *arena = arena_open(0);
  if (arena == NULL) return error_set(error, ERROR_HOST, NULL, "out of memory");
  bool taken = refund_read(arena, batch->items[index].line, FLOW_REFUND, batch->options->account, &refund, error) &&
               flow_submit(flow, &refund, told, context, error);
  arena_close(arena);
  return taken;
}

static int send_batch(struct batch *batch, const struct office_options *options) {
  struct error error = {0};
  struct office office = office_of(batch->cli, options);
  struct many many = {hand_in, batch, batch->ids, batch->count, true};
  bool ready = is_meant(batch, &error) && office_open_network(&office, &error) &&
               office_begin_ledger(&office, batch->accounts, batch->count, &error);
  int status = ready ? many_run(&office, &many) : cli_error(batch->cli, &error);
  office_close(&office);
  return status;
}

int command_batch(struct cli *cli, int argc, char **argv) {
  struct options options = {.office.flow.refusals_to_pause = OFFICE_REFUSALS};
  struct error error = {0};
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  struct batch batch = {.cli = cli, .options = &options, .arena = arena_open(0)};
  if (batch.arena == NULL) error_set(&error, ERROR_HOST, NULL, "out of memory");
  bool ready = batch.arena != NULL && (options.file != NULL || cli_missing(cli, "FILE", "FILE", &error)) &&
               office_check(&options.office, &error);
  int status = ready ? EXIT_BAD : cli_error(cli, &error);
  if (ready && read_batch(&batch)) status = send_batch(&batch, &options.office);
  free(batch.items);
  arena_close(batch.arena);
  return status;
}
