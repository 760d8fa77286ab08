/* Plain decimal numbers, as options and amounts in major units are written. */
#ifndef SIMULATOR_DECIMAL_H
#define SIMULATOR_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_DIGITS = 15 }; /* of the scaled value: exact in any reader's JSON numbers */

/* Digits, with a point and more digits if need be, times ten to the `decimals`. Finer is refused and not rounded away;
 * so is what would have more than DECIMAL_DIGITS digits. */
bool decimal_parse(const char *text, size_t size, unsigned decimals, int64_t *scaled);

#endif
