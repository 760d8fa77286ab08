/* Refunds through the flow, so many at a time, and a result said as each ends. */
#ifndef CLI_MANY_H
#define CLI_MANY_H

#include "cli/office.h"

/* Hands refund `index` to the flow, as flow_submit() or flow_take_up() do. */
typedef bool many_hand_in(void *work, size_t index, struct flow *flow, flow_told *told, void *context,
                          struct error *error);

struct many {
  many_hand_in *hand_in;
  void *work;
  const refund_text *ids; /* of each refund */
  size_t count;
  bool brief; /* as text: one line a refund */
};

/* Works until all have ended, or until SIGINT or SIGTERM: then what is under way is ended. Says what is left, if
 * anything is. Returns the worst exit status. */
int many_run(struct office *office, const struct many *many);

#endif
