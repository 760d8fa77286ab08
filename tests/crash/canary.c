/* A credential is seen by nobody: not when the processor throws our whole request back at us, in whatever form. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <ctype.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "crash/scene.h"
#include "refund_toolkit.h"

/* ---- A processor that echoes ---- */

struct form {
  const char *content_type;
  unsigned status;
  const char *before; /* the echo */
  const char *after;
  char quote; /* 'j': escaped for JSON, 'x': for XML, 0: as it is */
};

static const struct form forms[] = {
    {"text/plain", 200, "", "", 0},
    {"text/plain", 500, "", "", 0},
    {"application/json", 422, "{\"error\":{\"code\":\"e\",\"message\":\"", "\"}}", 'j'},
    {"application/json", 422, "{\"status\":422,\"errorCode\":\"1\",\"errorType\":\"v\",\"message\":\"", "\"}", 'j'},
    {"application/json", 422, "{\"name\":\"E\",\"details\":[{\"issue\":\"I\"}],\"message\":\"", "\"}", 'j'},
    {"application/json", 400, "{\"status\":\"INVALID_REQUEST\",\"reason\":\"R\",\"message\":\"", "\"}", 'j'},
    {"application/json", 200, "{\"access_token\":\"canary-token-0123456789\",\"expires_in\":3600,\"scope\":\"", "\"}",
     'j'},
    {"text/xml", 200, "<?xml version=\"1.0\"?><paymentService version=\"1.4\"><reply><error code=\"5\">",
     "</error></reply></paymentService>", 'x'},
};
enum { FORMS = sizeof forms / sizeof *forms };

struct echo {
  const struct form *form;
  struct MHD_Daemon *daemon;
};

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
  struct buffer *said = context;
  (void)kind;
  refund_puts(&said->sink, name);
  refund_puts(&said->sink, ": ");
  refund_puts(&said->sink, value == NULL ? "" : value);
  refund_puts(&said->sink, "\r\n");
  return MHD_YES;
}

static void put_quoted(struct buffer *out, refund_text text, char quote) {
  for (uint64_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.data[i];
    char escape[8];
    bool plain = c >= 0x20 && strchr("\"\\<>&", c) == NULL;
    if (quote == 0 || plain) {
      buffer_write(out, &c, 1);
    } else {
      snprintf(escape, sizeof escape, quote == 'j' ? "\\u%04x" : "&#%d;", c);
      refund_puts(&out->sink, escape);
    }
  }
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **request) {
  const struct form *form = ((struct echo *)context)->form;
  struct buffer *said = *request;
  (void)version;
  if (said == NULL) {
    said = *request = calloc(1, sizeof *said);
    buffer_open(said, 0);
    refund_puts(&said->sink, method);
    refund_puts(&said->sink, " ");
    refund_puts(&said->sink, url);
    refund_puts(&said->sink, "\r\n");
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, said);
    return MHD_YES;
  }
  if (*size != 0) {
    buffer_write(said, data, *size);
    *size = 0;
    return MHD_YES;
  }
  struct buffer text;
  buffer_open(&text, 0);
  refund_puts(&text.sink, form->before);
  put_quoted(&text, buffer_text(said), form->quote);
  refund_puts(&text.sink, form->after);
  buffer_close(said);
  free(said);
  *request = NULL;
  struct MHD_Response *response = MHD_create_response_from_buffer(text.size, text.data, MHD_RESPMEM_MUST_COPY);
  MHD_add_response_header(response, "Content-Type", form->content_type);
  enum MHD_Result queued = MHD_queue_response(connection, form->status, response);
  MHD_destroy_response(response);
  buffer_close(&text);
  return queued;
}

static uint16_t echo_start(struct echo *echo, const struct form *form) {
  uint16_t port = free_port();
  echo->form = form;
  echo->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD, port, NULL, NULL, answer, echo, MHD_OPTION_END);
  cr_assert_not_null(echo->daemon);
  return port;
}

/* ---- Every connector ---- */

#define CANARY "canary-0123456789-secret"
#define CANARY_BASE64 "Y2FuYXJ5LTAxMjM0NTY3ODktc2VjcmV0" /* of the same: where a secret is base64 */

struct bird {
  char connector[16];
  char credentials[200];
};

ParameterizedTestParameters(canary, is_nowhere_to_be_seen) {
  static struct bird birds[] = {
      {"adyen", "\"api_key\":\"" CANARY "\",\"merchant_account\":\"M\",\"review_key\":\"" CANARY "2\""},
      {"cybersource", "\"api_key\":\"key-id\",\"api_secret\":\"" CANARY_BASE64 "\",\"merchant_account\":\"M\""},
      {"cybersource",
       "\"api_key\":\"key-id\",\"api_secret\":\"" CANARY_BASE64 "\",\"merchant_account\":\"M\",\"auth\":\"jwt\""},
      {"paypal", "\"client_id\":\"cid\",\"client_secret\":\"" CANARY "\",\"payer_id\":\"" CANARY "2\""},
      {"reference", "\"api_key\":\"" CANARY "\""},
      {"stripe", "\"api_key\":\"" CANARY "\""},
      {"worldpayxml", "\"api_username\":\"" CANARY "2\",\"api_password\":\"" CANARY "\",\"merchant_code\":\"M\""},
  };
  return cr_make_param_array(struct bird, birds, sizeof birds / sizeof *birds);
}

/* In the forms that a request carries it in: as is, percent-encoded ('-' and digits stand for themselves), base64 at
 * each of the three places that it can have in what was encoded; and a token that was bought with it. */
static const char *const forms_of_canary[] = {"canary-0123456789", CANARY_BASE64,       "Y2FuYXJ5LTAxMjM0",
                                              "NhbmFyeS0wMTIzN",   "jYW5hcnktMDEyMzQ1", "canary-token"};

static const char *canary_in(const char *text, size_t size) {
  for (size_t i = 0; i < sizeof forms_of_canary / sizeof *forms_of_canary; i++) {
    if (memmem(text, size, forms_of_canary[i], strlen(forms_of_canary[i])) != NULL) return forms_of_canary[i];
  }
  return NULL;
}

static void expect_none_in(const char *text, size_t size, const char *where, const struct bird *bird, size_t form) {
  const char *found = canary_in(text, size);
  cr_expect_null(found, "%s, echo %zu: %s is in %s", bird->connector, form, found, where);
}

static void expect_none_in_file(const char *path, const struct bird *bird, size_t form) {
  struct buffer text;
  char block[4096];
  size_t got;
  FILE *file = fopen(path, "rb");
  if (file == NULL) return;
  buffer_open(&text, 0);
  while ((got = fread(block, 1, sizeof block, file)) > 0)
    buffer_write(&text, block, got);
  fclose(file);
  expect_none_in(buffer_text(&text).data, text.size, path, bird, form);
  buffer_close(&text);
}

static void expect_none_in_ledger(const struct place *place, const struct bird *bird, size_t form) {
  static const char *const endings[] = {"", "-wal", "-shm", ".owners", ".turn"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    char path[200];
    snprintf(path, sizeof path, "%s%s", place->ledger, endings[i]);
    expect_none_in_file(path, bird, form);
  }
}

static const char refund_line[] =
    "--plugins " PLUGINS_DIR
    " %s refund --account a --refund-id r%zu --transaction-id pay_1 --amount 1.00 --payment-amount 10.00 "
    "--currency USD";

static void write_account(const struct place *place, const struct bird *bird, uint16_t port) {
  char text[1024];
  snprintf(
      text, sizeof text,
      "{\"accounts\":{\"a\":{\"connector\":\"%s\",\"environment\":\"sandbox\",\"base_url\":\"http://127.0.0.1:%u\","
      "\"limits\":{\"timeout\":600},\"credentials\":{%s}}}}",
      bird->connector, port, bird->credentials);
  place_write(place, "accounts.json", text, 0600);
}

/* While it runs, and after. */
static void expect_none_in_command_line(const struct place *place, const struct bird *bird, size_t form) {
  char path[64];
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  pid_t process = run_start(place, nowhere, refund_line, "--json", form + 100);
  snprintf(path, sizeof path, "/proc/%d/cmdline", process);
  for (int i = 0; i < 20; i++) {
    expect_none_in_file(path, bird, form);
    usleep(1000);
  }
  wait_for(process);
  close(nowhere);
}

ParameterizedTest(struct bird *bird, canary, is_nowhere_to_be_seen) {
  static const struct {
    const char *command;
    bool of_one;
  } later[] = {
      {"status", true},           {"sync", true},   {"list", false}, {"list --attention", false}, {"remap", false},
      {"resume --wait 1", false}, {"verify", false}};
  struct place place = place_make();
  scene_clock(1000, 0); /* what did nothing is tried again for a quarter of an hour */
  for (size_t form = 0; form < FORMS; form++) {
    struct echo echo;
    write_account(&place, bird, echo_start(&echo, &forms[form]));
    for (int json = 0; json < 2; json++) {
      struct run result =
          run(&place, NULL, refund_line, json ? "--json --verbose" : "--verbose", form * 2 + (size_t)json);
      cr_assert(result.out[0] != '\0', "%s: %s", bird->connector, result.err);
      expect_none_in(result.out, strlen(result.out), "standard output", bird, form);
      expect_none_in(result.err, strlen(result.err), "standard error", bird, form);
    }
    expect_none_in_command_line(&place, bird, form);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
      char id[32] = "";
      if (later[i].of_one) snprintf(id, sizeof id, "r%zu", form * 2);
      struct run result = run(&place, NULL, "--plugins %s %s %s", PLUGINS_DIR, later[i].command, id);
      expect_none_in(result.out, strlen(result.out), later[i].command, bird, form);
      expect_none_in(result.err, strlen(result.err), later[i].command, bird, form);
    }
    expect_none_in_ledger(&place, bird, form);
    MHD_stop_daemon(echo.daemon);
  }
}

/* The test's own eyes: what it looks for is found where it is. */
Test(canary, would_be_seen) {
  static const char *const places[] = {"Authorization: Bearer " CANARY,
                                       "Basic Y2lkOmNhbmFyeS0wMTIzNDU2Nzg5LXNlY3JldA==",
                                       "Basic Y2FuYXJ5LTAxMjM0NTY3ODktc2VjcmV0Mjpj", "key=" CANARY_BASE64};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    cr_expect_not_null(canary_in(places[i], strlen(places[i])), "%s", places[i]);
}
