/* Outcomes and errors, for people and for programs. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "domain/verdict.h"
#include "refund_toolkit.h"

void cli_print(const struct buffer *line) {
  fwrite(buffer_text(line).data, 1, line->size, stdout);
  fputc('\n', stdout);
  fflush(stdout);
}

/* A processor's words go to a terminal as text, never as its control sequences. */
static void put_safe(FILE *to, const char *text) {
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    bool c1 = c == 0xC2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xA0;
    if (c1) text++;
    fputc(c < 0x20 || c == 0x7F || c1 ? '?' : c, to);
  }
}

/* ---- Errors ---- */

static enum exit_status error_status(enum error_code code) {
  switch (code) {
    case ERROR_LEDGER:
    case ERROR_HOST:
    case ERROR_NONE:
      return EXIT_HOST;
    case ERROR_OVER_HELD:
      return EXIT_PERSON;
    default:
      return EXIT_BAD;
  }
}

static void put_part(refund_json *json, const char *name, const char *text) {
  if (text[0] != '\0') refund_json_string(json, name, text);
}

static void error_line(refund_text refund_id, const struct error *error, struct buffer *line) {
  refund_json json;
  refund_json_open(&json, &line->sink);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "refund_id", refund_id);
  refund_json_object(&json, "error");
  refund_json_string(&json, "code", error_code_name(error->code));
  put_part(&json, "message", error->message);
  put_part(&json, "field", error->field);
  put_part(&json, "expected", error->expected);
  put_part(&json, "found", error->found);
  put_part(&json, "fix", error->fix);
  refund_json_end(&json);
  refund_json_end(&json);
}

static void sentence_of(const char *name, const char *text) {
  if (text[0] == '\0') return;
  fputs(name, stderr);
  put_safe(stderr, text);
  fputc('\n', stderr);
}

static void error_sentences(const char *intro, const struct error *error) {
  sentence_of(intro, error->message);
  sentence_of("  expected: ", error->expected);
  sentence_of("  found:    ", error->found);
  sentence_of("  fix:      ", error->fix);
}

void cli_say_error(const struct error *error) {
  error_sentences("refund-host: ", error);
}

int cli_error_of(const struct cli *cli, refund_text refund_id, const struct error *error) {
  struct buffer line;
  char intro[200];
  bool named = refund_there(refund_id);
  if (!cli->json) {
    snprintf(intro, sizeof intro, "refund-host: %s%s%s", named ? "refund " : "", named ? refund_id.data : "",
             named ? ": " : "");
    error_sentences(intro, error);
    return (int)error_status(error->code);
  }
  buffer_open(&line, 0);
  error_line(refund_id, error, &line);
  cli_print(&line);
  buffer_close(&line);
  return (int)error_status(error->code);
}

int cli_error(const struct cli *cli, const struct error *error) {
  return cli_error_of(cli, (refund_text){NULL, 0}, error);
}

/* ---- Outcomes ---- */

int cli_outcome_status(const struct outcome *outcome) {
  switch (outcome->position.state) {
    case STATE_SUCCEEDED:
      return EXIT_SUCCEEDED;
    case STATE_NEW:
    case STATE_PENDING:
      return EXIT_OPEN;
    case STATE_FAILED:
    case STATE_FAILED_LATE:
      return EXIT_FAILED;
    case STATE_MANUAL_REVIEW:
      return EXIT_PERSON;
    default:
      return EXIT_UNKNOWN;
  }
}

enum exit_status cli_worse(enum exit_status a, enum exit_status b) {
  static const int rank[] = {[EXIT_HOST] = 7,   [EXIT_BAD] = 6,  [EXIT_PERSON] = 5,   [EXIT_UNKNOWN] = 4,
                             [EXIT_FAILED] = 3, [EXIT_OPEN] = 2, [EXIT_SUCCEEDED] = 1};
  return rank[a] >= rank[b] ? a : b;
}

static const char *sentence(const struct outcome *outcome) {
  static const char *const states[STATES] = {
      [STATE_NEW] = "was not sent yet",
      [STATE_SENDING] = "may be on its way: another process is sending it, or ended while it did",
      [STATE_UNKNOWN] = "may have reached the processor; what became of it is not known",
      [STATE_PENDING] = "is pending at the processor",
      [STATE_SUCCEEDED] = "succeeded",
      [STATE_FAILED] = "failed; no money moved",
      [STATE_FAILED_LATE] = "had succeeded, but the processor took it back",
      [STATE_MANUAL_REVIEW] = "needs a person to look at it",
  };
  return states[outcome->position.state];
}

static void line_of(const char *name, refund_text text) {
  if (!refund_there(text)) return;
  printf("  %-12s ", name);
  put_safe(stdout, text.data);
  putchar('\n');
}

static struct money_text shown_amount(const struct outcome *outcome) {
  return money_show(outcome->refund_amount, outcome->currency == NULL ? 0 : outcome->currency->exponent,
                    outcome->currency == NULL ? "" : outcome->currency->code);
}

static void say_outcome(const struct outcome *outcome) {
  printf("Refund %s %s.\n", outcome->refund_id.data, sentence(outcome));
  printf("  %-12s %s of payment %s, which stays charged\n", "amount", shown_amount(outcome).text,
         outcome->connector_transaction_id.data);
  printf("  %-12s %s, through %s %s\n", "account", outcome->account.data, outcome->connector.data,
         outcome->connector_version.data);
  line_of("refund id", outcome->connector_refund_id);
  line_of("error", outcome->error_code);
  line_of("", outcome->error_message);
  if (!refund_same(outcome->error_reason, outcome->error_message)) line_of("reason", outcome->error_reason);
  line_of("network code", outcome->network_decline_code);
  line_of("warning", outcome->warning);
  printf("  %-12s %s, %lld attempt%s\n", "since", time_show(outcome->updated_at).text, (long long)outcome->attempts,
         outcome->attempts == 1 ? "" : "s");
  printf("  %-12s %s%s%s\n", "state", state_name(outcome->position.state),
         outcome->position.detail == DETAIL_NONE ? "" : ", ", state_detail_name(outcome->position.detail));
}

int cli_outcome(const struct cli *cli, const struct outcome *outcome) {
  struct buffer line;
  if (cli->json) {
    buffer_open(&line, 0);
    outcome_write(outcome, &line);
    cli_print(&line);
    buffer_close(&line);
  } else {
    say_outcome(outcome);
  }
  return cli_outcome_status(outcome);
}

#define ROW "%-24s %-14s %18s  %-14s %-20s %s"

void cli_row_titles(void) {
  printf(ROW "\n", "REFUND", "STATE", "AMOUNT", "ACCOUNT", "PAYMENT", "UPDATED");
}

void cli_row(const struct outcome *outcome) {
  printf(ROW, outcome->refund_id.data, state_name(outcome->position.state), shown_amount(outcome).text,
         outcome->account.data, outcome->connector_transaction_id.data, time_show(outcome->updated_at).text);
}

int cli_outcome_line(const struct cli *cli, const struct outcome *outcome) {
  if (cli->json) return cli_outcome(cli, outcome);
  cli_row(outcome);
  if (refund_there(outcome->error_message)) {
    fputs("  ", stdout);
    put_safe(stdout, outcome->error_message.data);
  }
  putchar('\n');
  fflush(stdout);
  return cli_outcome_status(outcome);
}

void cli_beside(const struct cli *cli, const struct outcome *beside) {
  struct buffer inner;
  struct buffer line;
  refund_json json;
  if (!cli->json) {
    fprintf(stderr, "refund-host: beside it, refund %s %s, by what is read now (state %s)%s", beside->refund_id.data,
            sentence(beside), state_name(beside->position.state), beside->error_message.data == NULL ? "" : ": ");
    if (beside->error_message.data != NULL) put_safe(stderr, beside->error_message.data);
    fputc('\n', stderr);
    return;
  }
  buffer_open(&inner, 0);
  buffer_open(&line, 0);
  outcome_write(beside, &inner);
  refund_json_open(&json, &line.sink);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "refund_id", beside->refund_id);
  refund_json_raw(&json, "beside", buffer_text(&inner));
  refund_json_end(&json);
  cli_print(&line);
  buffer_close(&line);
  buffer_close(&inner);
}
