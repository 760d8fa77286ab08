/* Who may call: one function a way of showing it. The secret that is shown must be the option --api-key, or without
 * one, anything but "revoked" and nothing. */
#ifndef SIMULATOR_CREDENTIALS_H
#define SIMULATOR_CREDENTIALS_H

#include <stdbool.h>

struct call;

/* "Authorization: Bearer SECRET" */
bool credentials_bearer(const struct call *call);

/* "X-API-Key: SECRET" */
bool credentials_api_key(const struct call *call);

/* "Authorization: Basic base64(NAME:SECRET)" */
bool credentials_basic(const struct call *call);

/* "Signature: keyid="SECRET", ...", or any bearer token but "revoked". What is signed is not checked. */
bool credentials_signed(const struct call *call);

/* What follows the scheme in the header Authorization. NULL: another scheme or no header. */
const char *credentials_of_scheme(const struct call *call, const char *scheme);

#endif
