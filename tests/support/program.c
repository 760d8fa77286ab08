#include "support/program.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 64, LINE = 4096 };

static char last_folder[64];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)status;
  (void)type;
  (void)walk;
  return remove(path);
}

static void remove_folder(void) {
  if (last_folder[0] != '\0') nftw(last_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void place_remove(const struct place *place) {
  nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct place place_make(void) {
  struct place place;
  snprintf(place.folder, sizeof place.folder, "/tmp/refund-host-test-XXXXXX");
  cr_assert_not_null(mkdtemp(place.folder));
  snprintf(last_folder, sizeof last_folder, "%s", place.folder);
  atexit(remove_folder);
  snprintf(place.accounts, sizeof place.accounts, "%s/accounts.json", place.folder);
  snprintf(place.ledger, sizeof place.ledger, "%s/ledger/ledger.db", place.folder);
  return place;
}

void place_write(const struct place *place, const char *name, const char *text, mode_t mode) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", place->folder, name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file, "%s", path);
  fputs(text, file);
  fclose(file);
  chmod(path, mode);
}

void place_accounts(const struct place *place, uint16_t port) {
  char text[1024];
  snprintf(text, sizeof text,
           "{\"accounts\": {\"demo\": {\"connector\": \"stripe\", \"environment\": \"sandbox\","
           " \"base_url\": \"http://127.0.0.1:%u\", \"credentials\": {\"api_key\": \"sk_test_canary7\"}},"
           " \"plain\": {\"connector\": \"reference\", \"environment\": \"sandbox\","
           " \"base_url\": \"http://127.0.0.1:%u\", \"credentials\": {\"api_key\": \"key_canary8\"}}}}",
           port, port);
  place_write(place, "accounts.json", text, 0600);
}

/* ---- Running ---- */

struct words {
  char text[LINE];
  char *list[WORDS + 1];
};

static void split(struct words *words, const struct place *place, const char *format, va_list arguments) {
  size_t count = 0;
  words->list[count++] = (char *)(uintptr_t)PROGRAM;
  words->list[count++] = (char *)(uintptr_t) "--accounts";
  words->list[count++] = (char *)(uintptr_t)place->accounts;
  words->list[count++] = (char *)(uintptr_t) "--ledger";
  words->list[count++] = (char *)(uintptr_t)place->ledger;
  vsnprintf(words->text, sizeof words->text, format, arguments);
  for (char *at = words->text; *at != '\0';) {
    while (*at == ' ')
      *at++ = '\0';
    if (*at == '\0') break;
    cr_assert_lt(count, WORDS);
    char end = *at == '\'' ? '\'' : ' ';
    if (end == '\'') at++;
    words->list[count++] = at;
    while (*at != '\0' && *at != end)
      at++;
    if (*at != '\0') *at++ = '\0';
  }
  words->list[count] = NULL;
}

static pid_t start(char *const *words, int input, int output, int errors) {
  pid_t child = fork();
  cr_assert_geq(child, 0);
  if (child != 0) return child;
  signal(SIGPIPE, SIG_DFL);
  if (input >= 0) dup2(input, STDIN_FILENO);
  if (output >= 0) dup2(output, STDOUT_FILENO);
  if (errors >= 0) dup2(errors, STDERR_FILENO);
  unsetenv("REFUND_HOST_PLUGINS");
  execv(words[0], words);
  _exit(127);
}

int wait_for(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What was read back lives as long as the test; from here it can still be reached when leaks are looked for. */
struct kept {
  struct kept *next;
  char text[];
};
static struct kept *kept;

static char *read_back(FILE *file) {
  fflush(file);
  rewind(file);
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  struct kept *read = calloc(1, sizeof *read + (size_t)size + 1);
  cr_assert_eq(fread(read->text, 1, (size_t)size, file), (size_t)size);
  fclose(file);
  read->next = kept;
  kept = read;
  return read->text;
}

struct run run(const struct place *place, const char *input, const char *line, ...) {
  struct words words;
  struct run result;
  FILE *in = tmpfile();
  FILE *out = tmpfile();
  FILE *err = tmpfile();
  va_list arguments;
  va_start(arguments, line);
  split(&words, place, line, arguments);
  va_end(arguments);
  if (input != NULL) fputs(input, in);
  fflush(in);
  lseek(fileno(in), 0, SEEK_SET);
  result.status = wait_for(start(words.list, fileno(in), fileno(out), fileno(err)));
  fclose(in);
  result.out = read_back(out);
  result.err = read_back(err);
  return result;
}

static void forget(const char *text) {
  struct kept **at = &kept;
  while ((*at)->text != text)
    at = &(*at)->next;
  struct kept *forgotten = *at;
  *at = forgotten->next;
  free(forgotten);
}

void run_forget(struct run *run) {
  forget(run->out);
  forget(run->err);
  run->out = run->err = NULL;
}

pid_t run_start(const struct place *place, int output, const char *line, ...) {
  struct words words;
  va_list arguments;
  va_start(arguments, line);
  split(&words, place, line, arguments);
  va_end(arguments);
  return start(words.list, -1, output, -1);
}

/* ---- Reading ---- */

const cJSON *json_line(const char *text) {
  const cJSON *json = cJSON_Parse(text);
  cr_assert_not_null(json, "not JSON: %s", text);
  return json;
}

static const cJSON *at(const cJSON *object, const char *path) {
  char copy[200];
  snprintf(copy, sizeof copy, "%s", path);
  for (char *part = strtok(copy, "."); part != NULL && object != NULL; part = strtok(NULL, ".")) {
    object = cJSON_GetObjectItemCaseSensitive(object, part);
  }
  return object;
}

const char *json_text(const cJSON *object, const char *path) {
  const char *text = cJSON_GetStringValue(at(object, path));
  return text == NULL ? "" : text;
}

long long json_number(const cJSON *object, const char *path) {
  const cJSON *number = at(object, path);
  return cJSON_IsNumber(number) ? (long long)number->valuedouble : -1;
}

int bound_socket(uint16_t *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int holder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  cr_assert_eq(bind(holder, (struct sockaddr *)&address, size), 0);
  cr_assert_eq(getsockname(holder, (struct sockaddr *)&address, &size), 0);
  *port = ntohs(address.sin_port);
  return holder;
}

uint16_t free_port(void) {
  uint16_t port;
  close(bound_socket(&port));
  return port;
}

uint16_t closed_port(void) {
  uint16_t port;
  bound_socket(&port);
  return port;
}
