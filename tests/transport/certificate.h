/* Certificates for one test: an authority, and server certificates that it signs. P-256, valid from a day ago. */
#ifndef TESTS_TRANSPORT_CERTIFICATE_H
#define TESTS_TRANSPORT_CERTIFICATE_H

struct certificate {
  char *pem;
  char *key_pem;
};

enum { VALID_DAYS = 10 };

/* `names` as in subjectAltName ("IP:127.0.0.1"), NULL for an authority; `signer` NULL: by itself; `days` from now until
 * it ends, negative: it has ended. */
struct certificate certificate_make(const char *names, const struct certificate *signer, int days);
void certificate_free(struct certificate *certificate);

#endif
