#include "simulator/decimal.h"

bool decimal_parse(const char *text, size_t size, unsigned decimals, int64_t *scaled) {
  int64_t value = 0;
  unsigned whole = 0;
  unsigned fraction = 0;
  bool point = false;
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '.' && !point && whole != 0) {
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return false;
    if (point ? ++fraction > decimals : ++whole + decimals > DECIMAL_DIGITS) return false;
    value = value * 10 + (text[i] - '0');
  }
  if (whole == 0 || (point && fraction == 0)) return false;
  for (; fraction < decimals; fraction++)
    value *= 10;
  *scaled = value;
  return true;
}
