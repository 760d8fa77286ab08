/* What is signed (PS256) and then encrypted (RSA-OAEP, A128CBC-HS256) in compact form, as RFC 7515, 7516 and 7518 have
 * it: with OpenSSL directly, from the other side. The keys are the test_keys of NAME.cases.json, known by the ends of
 * their names: X_encryption_private_key and Y_signing_public_key open what the connector sent,
 * X_signing_private_key and Y_encryption_public_key make an answer for it. */
#ifndef PLUGINS_JOSE_H
#define PLUGINS_JOSE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

struct jose {
  cJSON *outer; /* header of the encryption */
  cJSON *inner; /* header of the signature */
  cJSON *claims;
  char *text; /* the claims as they were written */
};

/* False: it is not of this form, not for this key, or changed on the way. */
bool jose_open(const cJSON *keys, const char *body, struct jose *opened);
void jose_close(struct jose *opened);

/* The claims of what jose_open() opens, as they were written; another body as it is. From malloc(). */
char *jose_reveal(const cJSON *keys, const char *body);

/* From malloc(). */
char *jose_seal(const cJSON *keys, const char *claims);

#endif
