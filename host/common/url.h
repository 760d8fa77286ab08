/* The few URLs that money travels over: absolute, https, or http to this machine. Stricter than RFC 3986 by intent, so
 * that no two readers of a URL can see two hosts in it. */
#ifndef COMMON_URL_H
#define COMMON_URL_H

#include <stdbool.h>

#include "refund_connector.h"

struct url {
  bool https;
  bool loopback;      /* url_is_loopback() of its host */
  refund_text origin; /* "https://host:port" as written */
  refund_text path;   /* from the first slash; may be empty; without query */
  refund_text query;  /* from '?'; not there if none */
};

/* The parts point into `text`. NULL if it is such a URL, else what is wrong with it, as a phrase: "it has a user name".
 */
const char *url_read(refund_text text, struct url *url);

/* Is this host, as it stands in a URL, the machine itself: localhost, 127.a.b.c in plain decimal, or [::1]? */
bool url_is_loopback(refund_text host);

/* Takes the user and password out of every URL in a text that is to be shown. */
void url_hide_users(char *text);

/* Is `text` the base URL, or below it ("base/...", "base?...")? Both must have been read. Origins compare without case.
 */
bool url_is_below(refund_text text, refund_text base);

#endif
