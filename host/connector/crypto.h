/* crypto/1 on OpenSSL: its table, and what its three files share. Not for others: they have interfaces.h.
 *
 * Every refusal goes through crypto_refuse(), which says one sentence and never anything of a key or of data. Nothing
 * is written before an operation has wholly succeeded, so that what a failed check should have kept back stays back. */
#ifndef CONNECTOR_CRYPTO_H
#define CONNECTOR_CRYPTO_H

#include <stdbool.h>

#include "refund_connector.h"

extern const refund_crypto_1 crypto_interface;

/* fail(), and the code for `return`. Leaves no errors of OpenSSL's behind: their queue belongs to the whole thread, and
 * the transport reads it. */
int32_t crypto_refuse(const refund_call *call, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Is the text one that OpenSSL's int lengths can take? Refuses if not. Not-there text is taken as empty. */
bool crypto_takes(const refund_call *call, refund_text *text);

/* crypto_cipher.c */
int32_t crypto_encrypt(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                       refund_text additional, refund_text data, refund_bytes *out);
int32_t crypto_decrypt(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                       refund_text additional, refund_text data, refund_bytes *out);

/* crypto_key.c */
int32_t crypto_sign(const refund_call *call, const char *algorithm, refund_text private_key, refund_text data,
                    refund_bytes *out);
int32_t crypto_verify(const refund_call *call, const char *algorithm, refund_text public_key, refund_text data,
                      refund_text signature);
int32_t crypto_wrap(const refund_call *call, const char *algorithm, refund_text public_key, refund_text key,
                    refund_bytes *out);
int32_t crypto_unwrap(const refund_call *call, const char *algorithm, refund_text private_key, refund_text wrapped,
                      refund_bytes *out);

#endif
