/* SHA-256, and what is made of it: keys, references, fingerprints. libcrypto does the work. */
#ifndef DOMAIN_DIGEST_H
#define DOMAIN_DIGEST_H

#include <stdbool.h>

#include "common/arena.h"

struct digest {
  char hex[65]; /* lower case, NUL-terminated */
};

struct digest digest_of(refund_text bytes);

/* refund_id in the form that a descriptor declares for a key or reference: itself if it fits, else the hex SHA-256 of
 * it, cut; or a UUID derived from it (RFC 9562, version 5, in a name space of ours). Not there when out of memory. */
refund_text form_apply(struct arena *arena, const refund_form *form, refund_text refund_id);

/* Can the form name every refund id, and no two alike? Its alphabet must hold the digits of hex, and there must be
 * enough of them. */
bool form_is_safe(const refund_form *form);

#endif
