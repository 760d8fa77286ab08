/* Which processes of a test program look for leaks at their end: each test, but not the runner, whose memory is
 * Criterion's, and no test whose only allocations are its own (TEST_MEMORY_IS_ITS_OWN): the program that it starts
 * looks for its leaks itself. Compiled into every test program; has no effect without the address sanitizer. */
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>

#ifdef TEST_MEMORY_IS_ITS_OWN
#define LOOKS 0
#else
#define LOOKS 1
#endif

__attribute__((visibility("default"))) int __lsan_is_turned_off(void) {
  return !LOOKS || getenv("BXFI_MAP") == NULL; /* set by the runner for each test's process */
}
