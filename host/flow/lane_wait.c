/* How long one refund waits before its next try: by our own reckoning, and as the processor asks. */
#include <string.h>
#include <time.h>

#include "flow/lane.h"
#include "refund_toolkit.h"

enum { BACKOFF_FIRST_MS = 1000, BACKOFF_GREATEST_MS = 5 * 60 * 1000 };

/* Beyond this, adding it to a clock would have to be checked; nobody waits for three hundred years. */
static const int64_t longest_s = INT64_C(9999999999);

int64_t lane_backoff(int64_t tries, uint32_t random) {
  uint64_t span = BACKOFF_FIRST_MS;
  for (int64_t i = 1; i < tries && span < BACKOFF_GREATEST_MS; i++)
    span *= 2;
  if (span > BACKOFF_GREATEST_MS) span = BACKOFF_GREATEST_MS;
  return (int64_t)(random * (span + 1) >> 32);
}

/* ---- HTTP dates, RFC 9110, 5.6.7 ---- */

/* As for strptime(), which reads the names of the locale. */
static const char *const date_forms[] = {
    "%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
    "%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
    "%a %b %e %H:%M:%S %Y",      /* asctime() */
};

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", NULL};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                                     "Aug", "Sep", "Oct", "Nov", "Dec", NULL};

static void skip(refund_text *text, size_t size) {
  text->data += size;
  text->size -= size;
}

static bool read_number(refund_text *text, size_t digits, int greatest, int *number) {
  *number = 0;
  if (text->size < digits) return false;
  for (size_t i = 0; i < digits; i++) {
    if (text->data[i] < '0' || text->data[i] > '9') return false;
    *number = *number * 10 + (text->data[i] - '0');
  }
  skip(text, digits);
  return *number <= greatest;
}

/* `letters` of it at most: days are abbreviated. */
static bool read_name(refund_text *text, const char *const *names, size_t letters, int *index) {
  for (*index = 0; names[*index] != NULL; ++*index) {
    size_t size = strnlen(names[*index], letters);
    if (text->size < size || memcmp(text->data, names[*index], size) != 0) continue;
    skip(text, size);
    return true;
  }
  return false;
}

/* The greatest year of these two digits that is not more than 50 years ahead. */
static int whole_year(int digits, int64_t wall_ms) {
  struct tm now;
  time_t seconds = (time_t)(wall_ms / 1000);
  gmtime_r(&seconds, &now);
  int greatest = now.tm_year + 1900 + 50;
  return greatest - (greatest - digits) % 100;
}

static bool read_field(refund_text *text, char field, int64_t wall_ms, struct tm *date) {
  bool blank = field == 'e' && text->size > 0 && text->data[0] == ' ';
  if (blank) skip(text, 1);
  switch (field) {
    case 'a':
      return read_name(text, days, 3, &date->tm_wday);
    case 'A':
      return read_name(text, days, SIZE_MAX, &date->tm_wday);
    case 'b':
      return read_name(text, months, 3, &date->tm_mon);
    case 'd':
    case 'e':
      return read_number(text, blank ? 1 : 2, 31, &date->tm_mday);
    case 'H':
      return read_number(text, 2, 23, &date->tm_hour);
    case 'M':
      return read_number(text, 2, 59, &date->tm_min);
    case 'S':
      return read_number(text, 2, 60, &date->tm_sec); /* a leap second */
    case 'y':
      if (!read_number(text, 2, 99, &date->tm_year)) return false;
      date->tm_year = whole_year(date->tm_year, wall_ms) - 1900;
      return true;
    default: /* Y */
      if (!read_number(text, 4, 9999, &date->tm_year)) return false;
      date->tm_year -= 1900;
      return true;
  }
}

static bool read_date(refund_text text, const char *form, int64_t wall_ms, int64_t *unix_s) {
  struct tm date = {0};
  for (; *form != '\0'; form++) {
    if (*form == '%') {
      if (!read_field(&text, *++form, wall_ms, &date)) return false;
    } else {
      if (text.size == 0 || *text.data != *form) return false;
      skip(&text, 1);
    }
  }
  int64_t of_day = (date.tm_hour * 60 + date.tm_min) * 60 + date.tm_sec;
  int day = date.tm_mday;
  date.tm_hour = date.tm_min = date.tm_sec = 0;
  *unix_s = (int64_t)timegm(&date) + of_day;
  return text.size == 0 && date.tm_mday == day; /* else it made March of a 30th of February */
}

int64_t lane_retry_after(refund_text value, int64_t wall_ms) {
  int64_t seconds;
  if (refund_read_integer(value, &seconds)) return seconds > 0 && seconds <= longest_s ? seconds * 1000 : 0;
  for (size_t i = 0; i < sizeof date_forms / sizeof *date_forms; i++) {
    if (!read_date(value, date_forms[i], wall_ms, &seconds)) continue;
    return seconds * 1000 > wall_ms ? seconds * 1000 - wall_ms : 0;
  }
  return 0;
}
