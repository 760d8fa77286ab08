/* Cold start: from exec to the arrival of the request's first byte, refund-host beside curl, which makes the same
 * request. This program is the server, starts each of them in turn, and tells times and peak memory as a table.
 *   bench-cold [ROUNDS] */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP = 5, ROUNDS = 60, MOST_ROUNDS = 1000, REQUEST_LIMIT = 16 * 1024, ARGUMENTS = 64, PATIENCE_S = 20 };

#define DESK BENCH_DIR "/desk"

/* Whom we start; alternating, so that what the machine does meanwhile falls on all alike. */
struct contender {
  const char *name;
  const char *plugins; /* NULL: curl */
  const char *ledger;
  double ms[MOST_ROUNDS];
  double peak_mb[MOST_ROUNDS];
};

static struct contender contenders[] = {
    {.name = "curl"},
    {.name = "refund-host, 80 connectors", .plugins = BENCH_DIR "/installed", .ledger = DESK "/80.db"},
    {.name = "refund-host, 1 connector", .plugins = BENCH_DIR "/one", .ledger = DESK "/1.db"},
    {.name = "80 connectors, ledger in memory", .plugins = BENCH_DIR "/installed", .ledger = NULL},
};
enum { CONTENDERS = sizeof contenders / sizeof *contenders, CURL = 0, HOST = 1, IN_MEMORY = 3 };

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "bench-cold: %s (%s); what was said: %s\n", what, strerror(errno), DESK "/errors");
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- The server: one request at a time ---- */

struct request {
  char text[REQUEST_LIMIT + 1];
  size_t size;
  int64_t first_byte_ns;
};

static int server_open(uint16_t *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct timeval patience = {.tv_sec = PATIENCE_S};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
      setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
    give_up("no server can be opened on this machine");
  }
  *port = ntohs(address.sin_port);
  return listener;
}

static bool is_whole(const struct request *request) {
  const char *end = strstr(request->text, "\r\n\r\n");
  const char *length = strcasestr(request->text, "\r\nContent-Length:");
  if (end == NULL) return false;
  size_t body = length == NULL || length > end ? 0 : strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
  return (size_t)(end - request->text) + 4 + body <= request->size;
}

static void read_request(int connection, struct request *request) {
  request->size = 0;
  request->text[0] = '\0';
  do {
    ssize_t got = recv(connection, request->text + request->size, REQUEST_LIMIT - request->size, 0);
    if (request->size == 0) request->first_byte_ns = now_ns();
    if (got <= 0) give_up("the request did not arrive");
    request->size += (size_t)got;
    request->text[request->size] = '\0';
  } while (!is_whole(request));
}

/* What Stripe answers; each refund has an id of its own there. */
static void answer(int connection, unsigned number) {
  char body[512];
  char reply[1024];
  int body_size = snprintf(body, sizeof body,
                           "{\"id\":\"re_%u\",\"object\":\"refund\",\"amount\":1000,\"currency\":\"usd\","
                           "\"metadata\":{\"order_id\":\"r%u\"},\"payment_intent\":\"pi_%u\",\"status\":\"succeeded\"}",
                           number, number, number);
  int size = snprintf(reply, sizeof reply,
                      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                      "Connection: close\r\n\r\n%s",
                      body_size, body);
  if (send(connection, reply, (size_t)size, MSG_NOSIGNAL) != size) give_up("the answer could not be sent");
}

static void serve_one(int listener, unsigned number, struct request *request) {
  int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (connection < 0) give_up("nobody connected");
  read_request(connection, request);
  answer(connection, number);
  close(connection);
}

/* ---- Starting one ---- */

/* The command's words; texts that belong to one run only. */
struct command {
  char *words[ARGUMENTS];
  size_t count;
  char refund_id[32];
  char payment[32];
};

static void add(struct command *command, const char *word) {
  if (command->count == ARGUMENTS - 1) give_up("the command has too many words");
  command->words[command->count++] = (char *)(uintptr_t)word;
  command->words[command->count] = NULL;
}

static void refund_command(struct command *command, const struct contender *contender, unsigned number) {
  snprintf(command->refund_id, sizeof command->refund_id, "r%u", number);
  snprintf(command->payment, sizeof command->payment, "pi_%u", number);
  const char *const words[] = {PROGRAM,
                               "--accounts",
                               DESK "/accounts.json",
                               "--ledger",
                               contender->ledger,
                               "--plugins",
                               contender->plugins,
                               "refund",
                               "--account",
                               "bench",
                               "--refund-id",
                               command->refund_id,
                               "--transaction-id",
                               command->payment,
                               "--amount",
                               "10.00",
                               "--payment-amount",
                               "10.00",
                               "--currency",
                               "USD"};
  command->count = 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    add(command, words[i]);
}

/* curl with the headers and the body of a request that refund-host made; `text` is cut into pieces. */
static void curl_command(struct command *command, char *text, const char *url) {
  const char *const words[] = {"curl", "-q", "--silent", "--show-error", "--noproxy", "*", "--data-raw"};
  char *body = strstr(text, "\r\n\r\n");
  bool accepts = strcasestr(text, "\r\nAccept:") != NULL;
  command->count = 0;
  *body = '\0';
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    add(command, words[i]);
  add(command, body + 4);
  for (char *line = strstr(text, "\r\n"); line != NULL;) {
    char *header = line + 2;
    line = strstr(header, "\r\n");
    if (line != NULL) *line = '\0';
    if (strncasecmp(header, "Host:", 5) == 0 || strncasecmp(header, "Content-Length:", 15) == 0) continue;
    add(command, "--header");
    add(command, header);
  }
  if (!accepts) {
    add(command, "--header");
    add(command, "Accept:");
  }
  add(command, url);
}

static _Noreturn void become(const struct command *command, int64_t *exec_ns) {
  static char home[] = "HOME=" DESK;
  static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
  char *environment[] = {home, path, NULL};
  int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  int errors = open(DESK "/errors", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (nowhere < 0 || errors < 0 || dup2(nowhere, 0) < 0 || dup2(nowhere, 1) < 0 || dup2(errors, 2) < 0) _exit(126);
  *exec_ns = now_ns();
  execvpe(command->words[0], command->words, environment);
  _exit(127);
}

/* Runs the command once. *exec_ns lies in memory that parent and child share. */
static void run(const struct command *command, int listener, unsigned number, int64_t *exec_ns, struct request *request,
                double *ms, double *peak_mb) {
  struct rusage usage;
  int status;
  pid_t child = fork();
  if (child < 0) give_up("no process can be started");
  if (child == 0) become(command, exec_ns);
  serve_one(listener, number, request);
  if (wait4(child, &status, 0, &usage) != child) give_up("the process cannot be waited for");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "bench-cold: %s ended with status %d\n", command->words[0], WEXITSTATUS(status));
    give_up("a run failed");
  }
  *ms = (double)(request->first_byte_ns - *exec_ns) / 1e6;
  *peak_mb = (double)usage.ru_maxrss * 1024 / 1e6;
}

/* ---- The table ---- */

static int by_size(const void *a, const void *b) {
  double one = *(const double *)a;
  double two = *(const double *)b;
  return (one > two) - (one < two);
}

static void tell(int rounds) {
  double curl = 0;
  printf("| exec to first byte, %d rounds | min ms | median ms | max ms | to curl | peak MB |\n", rounds);
  printf("| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (int i = 0; i < CONTENDERS; i++) {
    struct contender *one = &contenders[i];
    qsort(one->ms, (size_t)rounds, sizeof *one->ms, by_size);
    qsort(one->peak_mb, (size_t)rounds, sizeof *one->peak_mb, by_size);
    double median = one->ms[rounds / 2];
    if (i == CURL) curl = median;
    printf("| %s | %.2f | %.2f | %.2f | %.2f | %.1f |\n", one->name, one->ms[0], median, one->ms[rounds - 1],
           median / curl, one->peak_mb[rounds - 1]);
  }
}

/* ---- The desk: accounts and ledgers, on the disk of the build ---- */

static void remove_ledger(const char *ledger) {
  static const char *const ends[] = {"", "-wal", "-shm", ".owners", ".turn"};
  char path[4096];
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    snprintf(path, sizeof path, "%s%s", ledger, ends[i]);
    if (unlink(path) != 0 && errno != ENOENT) give_up("an old ledger cannot be removed");
  }
}

static void lay_desk(uint16_t port, char *memory) {
  if (mkdir(DESK, 0700) != 0 && errno != EEXIST) give_up("no folder " DESK " can be made");
  unlink(DESK "/errors");
  unlink(DESK "/accounts.json");
  int file = open(DESK "/accounts.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) give_up("no accounts file can be made");
  dprintf(file,
          "{\"accounts\": {\"bench\": {\"connector\": \"stripe\", \"environment\": \"sandbox\",\n"
          "  \"base_url\": \"http://127.0.0.1:%u\", \"credentials\": {\"api_key\": \"sk_test_bench\"}}}}\n",
          (unsigned)port);
  close(file);
  if (mkdtemp(memory) == NULL) give_up("no folder in /dev/shm can be made");
  static char ledger[64];
  snprintf(ledger, sizeof ledger, "%s/ledger.db", memory);
  contenders[IN_MEMORY].ledger = ledger;
  for (int i = 0; i < CONTENDERS; i++) {
    if (contenders[i].plugins != NULL) remove_ledger(contenders[i].ledger);
  }
}

int main(int argc, char **argv) {
  static struct request request;
  static struct request pattern; /* what curl is to send */
  static struct command curl;
  char url[64];
  char memory[] = "/dev/shm/bench-cold-XXXXXX";
  uint16_t port;
  unsigned number = 0;
  int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
  if (rounds < 1 || rounds > MOST_ROUNDS) give_up("ROUNDS is from 1 to 1000");
  int listener = server_open(&port);
  int64_t *exec_ns = mmap(NULL, sizeof *exec_ns, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (exec_ns == MAP_FAILED) give_up("no memory can be shared");
  lay_desk(port, memory);
  for (int round = -WARM_UP; round < rounds; round++) {
    for (int turn = 0; turn < CONTENDERS; turn++) {
      /* Each begins a round as often as the others; refund-host first of all, for its request. */
      struct contender *one = &contenders[(round + WARM_UP + turn + HOST) % CONTENDERS];
      struct command command;
      int slot = round < 0 ? 0 : round;
      number++;
      if (one->plugins != NULL) refund_command(&command, one, number);
      run(one->plugins == NULL ? &curl : &command, listener, number, exec_ns, &request, &one->ms[slot],
          &one->peak_mb[slot]);
      if (number > 1) continue;
      pattern = request;
      snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/refunds", (unsigned)port);
      curl_command(&curl, pattern.text, url);
    }
  }
  tell(rounds);
  remove_ledger(contenders[IN_MEMORY].ledger);
  rmdir(memory);
  return 0;
}
