/* The second half of descriptor_read(): do the parts of a descriptor make sense, and fit each other? Its texts are
 * known to be whole when this is called. */
#ifndef CONNECTOR_DESCRIPTOR_CONTENT_H
#define CONNECTOR_DESCRIPTOR_CONTENT_H

#include "connector/descriptor.h"

bool descriptor_content_check(const refund_descriptor *descriptor, struct error *error);

/* Is it made of these characters only, at least one of them? */
bool descriptor_content_is_name(const char *text);   /* a-z 0-9 _ */
bool descriptor_content_is_token(refund_text text);  /* a header name: a token of RFC 9110 */
bool descriptor_content_is_method(refund_text text); /* A-Z, at most 7 */

/* Where a refund may be sent: https, or http to this machine; a host, perhaps a port and path, perhaps {field} of the
 * account. */
bool descriptor_url_check(const refund_descriptor *descriptor, const char *member, const char *url,
                          struct error *error);

#endif
