/* Counting in what a command said. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stddef.h>

size_t lines_in(const char *text);
size_t parts_in(const char *text, const char *part); /* how often it stands there */

#endif
