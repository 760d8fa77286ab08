#include "simulator/bearers.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct token {
  char *text;
  int64_t expires;
};

struct bearers {
  uint64_t run;
  int64_t lifetime;
  uint64_t issued;
  unsigned held;
  void *tree; /* tsearch()'s */
};

static int by_text(const void *left, const void *right) {
  return strcmp(((const struct token *)left)->text, ((const struct token *)right)->text);
}

static void free_token(void *item) {
  struct token *token = item;
  free(token->text);
  free(token);
}

struct bearers *bearers_open(uint64_t run, int64_t lifetime) {
  struct bearers *bearers = calloc(1, sizeof *bearers);
  if (bearers == NULL) return NULL;
  bearers->run = run;
  bearers->lifetime = lifetime;
  return bearers;
}

void bearers_close(struct bearers *bearers) {
  if (bearers == NULL) return;
  tdestroy(bearers->tree, free_token);
  free(bearers);
}

int64_t bearers_lifetime(const struct bearers *bearers) {
  return bearers->lifetime;
}

const char *bearers_issue(struct bearers *bearers, int64_t clock) {
  struct token *token = calloc(1, sizeof *token);
  if (token == NULL) return NULL;
  token->expires = clock + bearers->lifetime * 1000;
  if (asprintf(&token->text, "A21AA%010" PRIx64 "%06" PRIx64, bearers->run, ++bearers->issued) < 0) token->text = NULL;
  if (token->text == NULL || tsearch(token, &bearers->tree, by_text) == NULL) {
    free_token(token);
    return NULL;
  }
  bearers->held++;
  return token->text;
}

bool bearers_know(const struct bearers *bearers, const char *text, int64_t clock) {
  const struct token wanted = {.text = (char *)text};
  void *node = tfind(&wanted, &bearers->tree, by_text);
  return node != NULL && clock < (*(struct token **)node)->expires;
}

unsigned bearers_revoke(struct bearers *bearers) {
  unsigned held = bearers->held;
  tdestroy(bearers->tree, free_token);
  bearers->tree = NULL;
  bearers->held = 0;
  return held;
}
