/* crash [--refunds N] [--kills N] [--seed S] [--connector NAME [--trait OPTION]] [--every]
 *
 * Refunds N times through the simulator, which misbehaves in every way it knows at three requests in ten, while
 * `batch`, `resume` and `sync --open` are killed with -9 in turn, until each of them was killed so many times with an
 * attempt in flight. Then lets them come to an end, and compares what the simulator did with what the ledger knows.
 * Without
 * --connector: each kind of connector, and each kind of processor; with --every, each connector at each that it can
 * live with. Exit status 0: nothing doubled, nothing lost. */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash/scene.h"

/* The programs' clocks are so fast that 60 s (when a repeat may go out, when an absence counts) are 0.6 s here, the
 * five minutes between two absences 3 s, and the half hour of crash_both's key 18 s. */
enum {
  SPEED = 100,
  TIMEOUT_S = 600,
  ABSENCES_APART_US = 3200000,
  ROUNDS = 12,
  STILL = 3,
  TRIES_A_KILL = 60,
  PATIENCE_S = 12000
};

/* Each POST takes 20 ms, so that kills find something in flight. 16 kinds share 0.3. */
#define LATENCY "slow-commit=0.02"
#define SHARE "=0.01875"

struct connector {
  const char *name;
  const char *id;
  bool key;
  bool settles; /* all of it, in the end; else at most one POST a refund, and the rest is for a person or an event */
};

static const struct connector connectors[] = {
    {"keys", "crash_keys", true, true},   {"lookup", "crash_lookup", false, true},
    {"both", "crash_both", true, true},   {"bare", "crash_bare", false, false},
    {"list", "crash_list", false, false}, {"event", "crash_event", false, false},
};
enum { CONNECTORS = sizeof connectors / sizeof *connectors };

/* slow-commit and list-lag stay below the 60 s that the connectors declare, key-window is what crash_both declares. */
static const struct setting {
  const char *connector;
  const char *trait; /* NULL: none */
  bool every;        /* only with --every */
} settings[] = {
    {"keys", NULL, false},
    {"lookup", NULL, false},
    {"bare", NULL, false},
    {"list", NULL, true},
    {"both", NULL, true},
    {"keys", "slow-commit=0.2", false},
    {"lookup", "slow-commit=0.2", true},
    {"bare", "slow-commit=0.2", true},
    {"lookup", "list-lag=0.2", false},
    {"keys", "list-lag=0.2", true},
    {"bare", "list-lag=0.2", true},
    {"list", "list-lag=0.2", true},
    {"both", "key-window=18", false},
    {"both", "keeps=2xx", false},
    {"event", "identity=payment", false},
};

struct options {
  int refunds;
  int kills; /* that count, of each command */
  uint64_t seed;
};

/* ---- Killing ---- */

enum command { BATCH, RESUME, SYNC, COMMANDS };
/* One question after the other, so that one is in flight nearly all the time. */
static const char *const command_names[COMMANDS] = {"batch", "resume", "sync --open --concurrency 1"};
static const char *const counters[COMMANDS] = {"posts", "posts", "gets"};

struct killing {
  struct scene scene;
  const struct options *options;
  uint64_t random;
  int nowhere;
  int slice; /* of the refunds: a batch file */
  int slice_size;
  int tries;
  int counted[COMMANDS];
};

static const char count_answers[] = "SELECT count(*) FROM reply WHERE attempt = 0";
static const char last_attempt[] = "SELECT coalesce(max(id), 0) FROM attempt";

static uint64_t next_random(struct killing *killing) {
  killing->random ^= killing->random << 13;
  killing->random ^= killing->random >> 7;
  killing->random ^= killing->random << 17;
  return killing->random;
}

static void write_slice(const struct killing *killing) {
  int from = killing->slice * killing->slice_size;
  int to = from + killing->slice_size;
  if (to > killing->options->refunds) to = killing->options->refunds;
  scene_write_batch(&killing->scene, "slice.jsonl", from, to);
}

static void go_to_next_slice(struct killing *killing) {
  if ((killing->slice + 1) * killing->slice_size < killing->options->refunds) killing->slice++;
}

/* Refunds for `resume` to send: an account that is refused pauses, and they stay new. */
static void leave_new(struct killing *killing) {
  write_slice(killing);
  scene_account(&killing->scene, NULL, "revoked", TIMEOUT_S);
  scene_run(&killing->scene, "batch --yes --wait 5 %s/slice.jsonl", killing->scene.place.folder);
  scene_account(&killing->scene, NULL, "key_of_the_account", TIMEOUT_S);
  go_to_next_slice(killing);
}

/* Refunds for `sync` to ask about: some of those that come to an end stay pending. */
static void leave_pending(struct killing *killing) {
  write_slice(killing);
  scene_run(&killing->scene, "batch --yes --concurrency 8 %s/slice.jsonl", killing->scene.place.folder);
  go_to_next_slice(killing);
}

static pid_t start(struct killing *killing, enum command command) {
  const struct place *place = &killing->scene.place;
  if (command != BATCH) return run_start(place, killing->nowhere, WITH "%s", command_names[command]);
  write_slice(killing);
  return run_start(place, killing->nowhere, WITH "batch --yes --concurrency 2 %s/slice.jsonl", place->folder);
}

static bool has_ended(pid_t process) {
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process;
}

/* Until the processor hears of it; then a little longer. */
static void wait_for_request(struct killing *killing, pid_t process, enum command command, long long before) {
  enum { LOOK_US = 200, LOOKS = 20000 };
  static const unsigned spread_us[COMMANDS] = {30000, 30000, 500}; /* a question is answered at once */
  for (int i = 0; i < LOOKS && scene_requests(&killing->scene, counters[command]) == before; i++) {
    if (has_ended(process)) return;
    usleep(LOOK_US);
  }
  usleep((useconds_t)(next_random(killing) % spread_us[command]));
}

/* An attempt of this very process that was begun and has not ended. Of a question about a refund, which is no attempt:
 * one that the processor heard, and whose answer is not on record. */
static bool was_in_flight(const struct killing *killing, enum command command, long long heard, long long on_record) {
  char sql[160];
  if (command == SYNC) return heard > scene_number(&killing->scene, count_answers) - on_record;
  snprintf(sql, sizeof sql, "SELECT count(*) FROM attempt WHERE id > %lld AND ended_at = 0", on_record);
  return scene_number(&killing->scene, sql) > 0;
}

static void kill_one(struct killing *killing, enum command command) {
  long long on_record = scene_number(&killing->scene, command == SYNC ? count_answers : last_attempt);
  long long before = scene_requests(&killing->scene, counters[command]);
  pid_t process = start(killing, command);
  wait_for_request(killing, process, command, before);
  kill(process, SIGKILL);
  bool killed = wait_for(process) < 0;
  long long heard = scene_requests(&killing->scene, counters[command]) - before;
  bool counts = killed && was_in_flight(killing, command, heard, on_record);
  killing->tries++;
  killing->counted[command] += counts;
  if (command == BATCH && (counts || !killed)) go_to_next_slice(killing);
  if (command == RESUME && !killed) leave_new(killing);
  if (command == SYNC && heard == 0) leave_pending(killing);
}

static bool is_enough(const struct killing *killing) {
  for (int command = 0; command < COMMANDS; command++) {
    if (killing->counted[command] < killing->options->kills) return false;
  }
  return true;
}

static void kill_all(struct killing *killing) {
  int most = killing->options->kills * TRIES_A_KILL;
  while (!is_enough(killing) && killing->tries < most) {
    for (int command = 0; command < COMMANDS; command++)
      kill_one(killing, (enum command)command);
  }
}

static char *states_of(const struct scene *scene) {
  return scene_text(scene,
                    "SELECT group_concat(count || ' ' || state, ', ') FROM"
                    " (SELECT state, count(*) AS count FROM refund GROUP BY state)");
}

/* ---- Judging ---- */

enum judged { ALL, WITHOUT_KEY, SETTLING, BARE };

/* A reply that says another amount or currency than ours: then a person has to look. */
#define CONTRADICTED                                                                                  \
  "EXISTS (SELECT 1 FROM reply WHERE reply.refund = refund.id AND json_valid(CAST(body AS TEXT)) AND" \
  " (CAST(body AS TEXT) ->> '$.amount' <> refund_amount OR CAST(body AS TEXT) ->> '$.currency' <> refund.currency))"

static const struct {
  const char *what;
  enum judged judged;
  const char *sql; /* counts what is wrong */
} wrongs[] = {
    {"doubled", ALL,
     "SELECT count(*) FROM (SELECT 1 FROM made WHERE status <> 'failed' GROUP BY refund_id HAVING count(*) > 1)"},
    {"sent again to a processor without keys", WITHOUT_KEY,
     "SELECT count(*) FROM (SELECT 1 FROM made GROUP BY refund_id HAVING sum(posts) > 1)"},
    {"lost: said to have succeeded, and not made", ALL,
     "SELECT count(*) FROM refund WHERE state = 'succeeded' AND refund_id NOT IN"
     " (SELECT refund_id FROM made WHERE status = 'succeeded')"},
    {"lost: made, and not held", ALL,
     "SELECT count(*) FROM made LEFT JOIN refund USING (refund_id) WHERE made.status <> 'failed' AND"
     " coalesce(held_amount, 0) = 0"},
    {"made of another amount", ALL,
     "SELECT count(*) FROM made JOIN refund USING (refund_id) WHERE amount <> refund_amount"},
    {"not settled as the processor has it", SETTLING,
     "SELECT count(*) FROM refund LEFT JOIN made USING (refund_id) WHERE NOT (CASE state"
     " WHEN 'succeeded' THEN status = 'succeeded' AND held_amount = amount"
     " WHEN 'failed' THEN coalesce(status, 'failed') = 'failed'"
     " WHEN 'pending' THEN status = 'zorbed' OR (connector = 'crash_keys' AND connector_refund_id IS NULL)"
     " WHEN 'manual_review' THEN " CONTRADICTED " ELSE 0 END)"},
    {"not in a person's hands", BARE, "SELECT count(*) FROM refund WHERE state IN ('new', 'sending', 'unknown')"},
};

static bool is_judged(enum judged judged, const struct connector *connector) {
  switch (judged) {
    case WITHOUT_KEY:
      return !connector->key;
    case SETTLING:
      return connector->settles;
    case BARE:
      return strcmp(connector->name, "bare") == 0;
    default:
      return true;
  }
}

/* Is there nothing to wait for? */
static bool has_ended_well(const struct scene *scene, const struct connector *connector) {
  bool known = false;
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    bool tells = wrongs[i].judged == SETTLING || wrongs[i].judged == BARE;
    if (!tells || !is_judged(wrongs[i].judged, connector)) continue;
    if (scene_number(scene, wrongs[i].sql) != 0) return false;
    known = true;
  }
  return known;
}

/* Or until nothing has moved for some rounds. */
static void let_end(const struct killing *killing, const struct connector *connector) {
  const struct scene *scene = &killing->scene;
  char *last = strdup("");
  scene_write_batch(scene, "batch.jsonl", 0, killing->options->refunds);
  scene_run(scene, "batch --yes --concurrency 64 %s/batch.jsonl", scene->place.folder);
  for (int round = 0, still = 0; round < ROUNDS && still < STILL; round++) {
    scene_run(scene, "resume --wait %d", PATIENCE_S);
    scene_run(scene, "sync --open");
    if (has_ended_well(scene, connector)) break;
    char *states = states_of(scene);
    still = strcmp(states, last) == 0 ? still + 1 : 0;
    free(last);
    last = states;
    if (scene_number(scene, "SELECT count(*) FROM refund WHERE state = 'unknown'") > 0) usleep(ABSENCES_APART_US);
  }
  free(last);
}

static bool say_wrong(long long count, const char *what) {
  if (count == 0) return false;
  printf("  wrong: %lld %s\n", count, what);
  return true;
}

static bool judge(const struct killing *killing, const struct connector *connector) {
  const struct scene *scene = &killing->scene;
  bool wrong = false;
  char *states = states_of(scene);
  printf("  in the end: %s\n", states);
  free(states);
  for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
    if (is_judged(wrongs[i].judged, connector)) wrong |= say_wrong(scene_number(scene, wrongs[i].sql), wrongs[i].what);
  }
  long long recorded = scene_number(scene, "SELECT count(*) FROM refund");
  wrong |= say_wrong(killing->options->refunds - recorded, "not in the ledger");
  struct run verify = run(&scene->place, NULL, WITH "verify");
  wrong |= say_wrong(verify.status, "is the exit status of verify");
  if (verify.status != 0) printf("%s", verify.out);
  for (int command = 0; command < COMMANDS; command++) {
    int missing = killing->options->kills - killing->counted[command];
    if (missing > 0) wrong |= say_wrong(missing, "kills too few");
  }
  return !wrong;
}

/* ---- One setting ---- */

static struct scene open_scene(const struct connector *connector, const char *trait, uint64_t seed) {
  static const char *const faults[] = {LATENCY,
                                       "reset-before" SHARE,
                                       "500-before" SHARE,
                                       "token-401" SHARE,
                                       "429" SHARE,
                                       "pending" SHARE,
                                       "failed" SHARE,
                                       "unknown-status" SHARE,
                                       "no-id" SHARE,
                                       "wrong-amount" SHARE,
                                       "reset-after" SHARE,
                                       "wrong-currency" SHARE,
                                       "500-after" SHARE,
                                       "truncate" SHARE,
                                       "html" SHARE,
                                       "empty" SHARE,
                                       "slow" SHARE,
                                       NULL /* the trait */};
  enum { FAULTS = sizeof faults / sizeof *faults };
  const char *all[FAULTS];
  memcpy(all, faults, sizeof faults);
  all[FAULTS - 1] = trait;
  struct scene scene = scene_open(
      connector->id,
      (struct simulator_options){.faults = all, .fault_count = trait == NULL ? FAULTS - 1 : FAULTS, .seed = seed});
  scene_account(&scene, NULL, "key_of_the_account", TIMEOUT_S);
  scene_clock(SPEED, 0);
  return scene;
}

/* Nothing of the programs' own words is of interest unless something is wrong. */
static int send_errors_to_log(const struct scene *scene) {
  char path[200];
  int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  snprintf(path, sizeof path, "%s/log", scene->place.folder);
  int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(log, STDERR_FILENO);
  close(log);
  return before;
}

static const struct connector *find_connector(const char *name) {
  for (size_t i = 0; i < CONNECTORS; i++) {
    if (strcmp(connectors[i].name, name) == 0) return &connectors[i];
  }
  return NULL;
}

static bool crash(const struct options *options, const struct connector *connector, const char *trait) {
  struct killing killing = {.scene = open_scene(connector, trait, options->seed),
                            .options = options,
                            .random = options->seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
                            .nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC),
                            .slice_size = options->refunds / (options->kills * 3) + 1};
  time_t start_time = time(NULL);
  int errors = send_errors_to_log(&killing.scene);
  printf("%s%s%s: %d refunds, seed %llu\n", connector->name, trait == NULL ? "" : ", ", trait == NULL ? "" : trait,
         options->refunds, (unsigned long long)options->seed);
  fflush(stdout);
  kill_all(&killing);
  printf("  killed with an attempt in flight: batch %d, resume %d, sync %d; of %d kills\n", killing.counted[BATCH],
         killing.counted[RESUME], killing.counted[SYNC], killing.tries);
  fflush(stdout);
  if (trait != NULL && strncmp(trait, "key-window=", 11) == 0) sleep((unsigned)strtoul(trait + 11, NULL, 10) + 1);
  let_end(&killing, connector);
  bool good = judge(&killing, connector);
  printf("  %s; %lld s\n", good ? "0 doubled, 0 lost" : "NOT GOOD", (long long)(time(NULL) - start_time));
  fflush(stdout);
  dup2(errors, STDERR_FILENO);
  close(errors);
  close(killing.nowhere);
  if (good) {
    scene_close(&killing.scene);
  } else {
    printf("  kept: %s\n", killing.scene.place.folder);
  }
  return good;
}

static int usage(void) {
  fputs(
      "crash [--refunds N] [--kills N] [--seed S] [--connector keys|lookup|both|bare|list|event [--trait OPTION]]"
      " [--every]\n",
      stderr);
  return 2;
}

int main(int argc, char **argv) {
  static const struct option names[] = {{"refunds", required_argument, NULL, 'r'},
                                        {"kills", required_argument, NULL, 'k'},
                                        {"seed", required_argument, NULL, 's'},
                                        {"connector", required_argument, NULL, 'c'},
                                        {"trait", required_argument, NULL, 't'},
                                        {"every", no_argument, NULL, 'e'},
                                        {0}};
  struct options options = {.refunds = 150, .kills = 10, .seed = 1};
  const struct connector *connector = NULL;
  const char *trait = NULL;
  bool every = false;
  bool good = true;
  for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
    if (option == 'r') options.refunds = (int)strtol(optarg, NULL, 10);
    if (option == 'k') options.kills = (int)strtol(optarg, NULL, 10);
    if (option == 's') options.seed = strtoull(optarg, NULL, 10);
    if (option == 'c' && (connector = find_connector(optarg)) == NULL) return usage();
    if (option == 't') trait = optarg;
    if (option == 'e') every = true;
    if (option == '?') return usage();
  }
  if (options.refunds < 1 || options.kills < 1 || optind != argc) return usage();
  if (connector != NULL) {
    good = crash(&options, connector, trait);
  } else {
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
      if (settings[i].every && !every) continue;
      good &= crash(&options, find_connector(settings[i].connector), settings[i].trait);
    }
  }
  fflush(stdout);
  _exit(good ? 0 : 1); /* what is kept for looking at is not to be taken away */
}
