/* Runs the built program as a person would, in a folder of its own, and starts simulators for it. */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

/* A folder for one test, with an accounts file and a ledger path; taken away at the end of the process. */
struct place {
  char folder[64];
  char accounts[96];
  char ledger[96];
};
struct place place_make(void);
void place_remove(const struct place *place); /* before, where one process makes many */
void place_write(const struct place *place, const char *name, const char *text, mode_t mode);
/* The accounts "demo" (stripe) and "plain" (reference), both at http://127.0.0.1:port. */
void place_accounts(const struct place *place, uint16_t port);

struct run {
  int status; /* exit status; -1: ended by a signal */
  char *out;  /* standard output, NUL-terminated; lives as long as the test */
  char *err;
};

/* "refund-host --accounts ... --ledger ..." and the words of `line`, split at spaces ('...' keeps spaces), with `input`
 * on standard input (NULL: nothing). */
struct run run(const struct place *place, const char *input, const char *line, ...)
    __attribute__((format(printf, 3, 4)));
/* Where there are thousands: what it said is not needed any more. */
void run_forget(struct run *run);
/* The same in the background; give its process to wait_for(). */
pid_t run_start(const struct place *place, int output, const char *line, ...) __attribute__((format(printf, 3, 4)));
int wait_for(pid_t process);

/* The first line of output as JSON, and members of it by name ("error.code"); NULL or "" where there is none. */
const cJSON *json_line(const char *text);
const char *json_text(const cJSON *object, const char *path);
long long json_number(const cJSON *object, const char *path);

/* A TCP port of this machine: for a server to listen on, at once; and one that nobody listens on as long as the process
 * lives, for it stays bound. */
uint16_t free_port(void);
uint16_t closed_port(void);
int bound_socket(uint16_t *port); /* the socket that holds it */

#endif
