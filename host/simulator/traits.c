#include "simulator/traits.h"

#include <stddef.h>
#include <string.h>

#include "simulator/decimal.h"

enum { LONGEST = 86400 * 1000, MILLISECOND_DIGITS = 3 };

static const struct {
  const char *name;
  const char *word; /* the one value that it takes; NULL: seconds */
  size_t place;     /* of a bool if there is a word, else of milliseconds */
} table[] = {
    {"slow-commit", NULL, offsetof(struct traits, slow_commit)},
    {"list-lag", NULL, offsetof(struct traits, list_lag)},
    {"key-window", NULL, offsetof(struct traits, key_window)},
    {"keeps", "2xx", offsetof(struct traits, keeps_2xx)},
    {"identity", "payment", offsetof(struct traits, names_payment)},
};

static enum traits_reading refuse(const char *option, const char *word, struct error *error) {
  error_set(error, ERROR_USAGE, "--fault",
            word == NULL ? "the seconds of a fault are not understood" : "this fault has one value only");
  error_expected(error, "%s; S from 0.001 to 86400, three decimals at most", TRAITS_OPTIONS);
  error_found(error, "%s", option);
  error_fix(error, "write for example --fault list-lag=2.5 or --fault keeps=2xx");
  return TRAITS_MALFORMED;
}

static bool read_seconds(const char *value, int64_t *milliseconds) {
  return decimal_parse(value, strlen(value), MILLISECOND_DIGITS, milliseconds) && *milliseconds > 0 &&
         *milliseconds <= LONGEST;
}

enum traits_reading traits_read(struct traits *traits, const char *option, struct error *error) {
  size_t size = strcspn(option, "=");
  const char *value = option[size] == '\0' ? "" : option + size + 1;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strlen(table[i].name) != size || memcmp(table[i].name, option, size) != 0) continue;
    void *place = (char *)traits + table[i].place;
    bool good = table[i].word == NULL ? read_seconds(value, place) : strcmp(value, table[i].word) == 0;
    if (!good) return refuse(option, table[i].word, error);
    if (table[i].word != NULL) *(bool *)place = true;
    return TRAITS_TAKEN;
  }
  return TRAITS_OTHER;
}
