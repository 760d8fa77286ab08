/* No two connectors share a run of lines: what two would write alike belongs in the toolkit. Blank lines and lines
 * without a letter or digit do not count; blanks are squeezed. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "support/program.h"

enum { RUN = 6, NAME = 32, LINES = 400, LINE = 160, CONNECTORS = 128 };

struct source {
  char name[NAME];
  int count;
  int number[LINES]; /* as an editor counts */
  char line[LINES][LINE];
};

static struct source sources[CONNECTORS];

/* Copies the line with each run of blanks as one, none at its ends; returns whether it counts. */
static bool squeeze(const char *line, char *out, size_t room) {
  size_t size = 0;
  bool counts = false;
  for (bool gap = false; *line != '\0'; line++) {
    bool blank = isspace((unsigned char)*line);
    if (!blank && gap && size > 0) out[size++] = ' ';
    if (!blank) out[size++] = *line;
    cr_assert_lt(size + 2, room, "a line too long: %s", line);
    counts = counts || isalnum((unsigned char)*line);
    gap = blank;
  }
  out[size] = '\0';
  return counts;
}

static void read_source(struct source *source, const char *name) {
  char path[512];
  char line[LINE + 1];
  snprintf(source->name, sizeof source->name, "%s", name);
  snprintf(path, sizeof path, SOURCE_DIR "/plugins/%s/%s.c", name, name);
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file, "%s", path);
  source->count = 0;
  for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
    cr_assert_lt(source->count, LINES, "%s is too long", path);
    source->number[source->count] = number;
    source->count += squeeze(line, source->line[source->count], LINE);
  }
  fclose(file);
}

/* Every folder of plugins/ is a connector. */
static int read_all(void) {
  int count = 0;
  DIR *folder = opendir(SOURCE_DIR "/plugins");
  cr_assert_not_null(folder);
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (strchr(entry->d_name, '.') != NULL) continue; /* CMakeLists.txt, and the folder itself */
    cr_assert_lt(count, CONNECTORS);
    read_source(&sources[count++], entry->d_name);
  }
  closedir(folder);
  return count;
}

/* How many lines from here on are the same. */
static int run_of(const struct source *a, int i, const struct source *b, int j) {
  int size = 0;
  while (i + size < a->count && j + size < b->count && strcmp(a->line[i + size], b->line[j + size]) == 0)
    size++;
  return size;
}

static void say(const struct source *a, int i, const struct source *b, int j, int size) {
  char text[RUN * LINE * 4] = "";
  for (int k = 0; k < size; k++) {
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "\n  %s", a->line[i + k]);
  }
  cr_expect_fail("plugins/%s/%s.c:%d and plugins/%s/%s.c:%d share %d lines:%s", a->name, a->name, a->number[i], b->name,
                 b->name, b->number[j], size, text);
}

static void compare(const struct source *a, const struct source *b) {
  for (int i = 0; i < a->count; i++) {
    for (int j = 0; j < b->count; j++) {
      bool goes_on = i > 0 && j > 0 && strcmp(a->line[i - 1], b->line[j - 1]) == 0; /* said already */
      int size = goes_on ? 0 : run_of(a, i, b, j);
      if (size >= RUN) say(a, i, b, j, size);
    }
  }
}

Test(sameness, no_two_connectors_share_a_run_of_lines) {
  int count = read_all();
  cr_assert_gt(count, 1);
  for (int i = 0; i < count; i++) {
    for (int j = i + 1; j < count; j++)
      compare(&sources[i], &sources[j]);
  }
}
