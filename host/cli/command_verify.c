/* refund-host verify: does the ledger hold together? */
#include "cli/cli.h"
#include "ledger/ledger.h"
#include "refund_toolkit.h"

static error_t take_option(int key, char *argument, struct argp_state *state) {
  (void)argument;
  (void)state;
  return key == ARGP_KEY_ARG ? EINVAL : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    0,
    take_option,
    0,
    "Checks the whole ledger: the file, every row, each refund's chain of facts, and what the payments' refunds hold. "
    "Exit status 6 if anything is wrong.",
    0,
    0,
    0};

struct findings {
  const struct cli *cli;
  struct buffer list; /* JSON: an array of what is wrong */
  refund_json json;
  size_t count;
};

static void wrong(void *context, const char *sentence) {
  struct findings *findings = context;
  findings->count++;
  if (findings->cli->json) {
    refund_json_string(&findings->json, NULL, sentence);
  } else {
    printf("%s\n", sentence);
  }
}

static const struct {
  const char *name;
  size_t offset;
} counts[] = {
    {"refunds", offsetof(struct ledger_checked, refunds)},
    {"payments", offsetof(struct ledger_checked, payments)},
    {"attempts", offsetof(struct ledger_checked, attempts)},
    {"facts", offsetof(struct ledger_checked, facts)},
};
enum { COUNTS = sizeof counts / sizeof *counts };

static int64_t count_of(const struct ledger_checked *checked, size_t i) {
  return *(const int64_t *)(const void *)((const char *)checked + counts[i].offset);
}

static void say(const struct findings *findings, const struct ledger_checked *checked) {
  for (size_t i = 0; i < COUNTS; i++) {
    printf("%s%lld %s", i == 0 ? "" : ", ", (long long)count_of(checked, i), counts[i].name);
  }
  printf(" checked; %zu thing%s wrong.\n", findings->count, findings->count == 1 ? " is" : "s are");
}

static void write_checked(struct findings *findings, const struct ledger_checked *checked) {
  struct buffer line;
  refund_json json;
  refund_json_end(&findings->json);
  buffer_open(&line, 0);
  refund_json_open(&json, &line.sink);
  refund_json_object(&json, NULL);
  refund_json_object(&json, "verified");
  for (size_t i = 0; i < COUNTS; i++)
    refund_json_integer(&json, counts[i].name, count_of(checked, i));
  refund_json_end(&json);
  refund_json_raw(&json, "wrong", buffer_text(&findings->list));
  refund_json_end(&json);
  cli_print(&line);
  buffer_close(&line);
}

int command_verify(struct cli *cli, int argc, char **argv) {
  struct findings findings = {.cli = cli};
  struct ledger_checked checked = {0};
  struct error error = {0};
  if (!cli_parse(cli, &argp, argc, argv, NULL)) return EXIT_BAD;
  buffer_open(&findings.list, 0);
  refund_json_open(&findings.json, &findings.list.sink);
  refund_json_array(&findings.json, NULL);
  struct ledger *ledger = ledger_open_readonly(cli_ledger_path(cli), &cli->outside, &error);
  bool done = ledger != NULL && ledger_verify(ledger, wrong, &findings, &checked, &error);
  ledger_close(ledger);
  if (done && cli->json) write_checked(&findings, &checked);
  if (done && !cli->json) say(&findings, &checked);
  buffer_close(&findings.list);
  if (!done) return cli_error(cli, &error);
  return findings.count == 0 ? EXIT_SUCCEEDED : EXIT_PERSON;
}
