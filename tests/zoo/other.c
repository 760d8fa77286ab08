/* A library that no connector may need. */
__attribute__((visibility("default"))) int zoo_other(void) {
  return 1;
}
