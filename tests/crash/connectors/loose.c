/* As list.c, of a processor that does not say that its refunds' ids are unique. */
#define LIST_ID "crash_loose"
#define LIST_ACCOUNT                                                                                         \
  REFUND_FLAGS(0), REFUND_FIELDS({"api_key", "bearer key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}), \
      REFUND_BASE_URLS({"api", "", ""})
#include "list.c"
