#include "transport/certificate.h"

#include <criterion/criterion.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 24 * 60 * 60 };

static char *text_of(BIO *memory) {
  char *data = NULL;
  long size = BIO_get_mem_data(memory, &data);
  char *text = strndup(data, (size_t)size);
  cr_assert_not_null(text);
  BIO_free(memory);
  return text;
}

static BIO *reader(const char *pem) {
  BIO *memory = BIO_new_mem_buf(pem, -1);
  cr_assert_not_null(memory);
  return memory;
}

static void add_extension(X509 *certificate, X509 *issuer, int id, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
  cr_assert_not_null(extension, "%s", value);
  cr_assert_eq(X509_add_ext(certificate, extension, -1), 1);
  X509_EXTENSION_free(extension);
}

static void fill(X509 *certificate, X509 *issuer, EVP_PKEY *key, const char *names, int days) {
  static long serial;
  const unsigned char *name = (const unsigned char *)(names == NULL ? "test authority" : "test server");
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), (long)(days < 0 ? days - 1 : -1) * DAY_S);
  X509_gmtime_adj(X509_getm_notAfter(certificate), (long)days * DAY_S);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, name, -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  if (names == NULL) {
    add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(certificate, issuer, NID_subject_alt_name, names);
    add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
  }
}

struct certificate certificate_make(const char *names, const struct certificate *signer, int days) {
  struct certificate made;
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  X509 *issuer = certificate;
  EVP_PKEY *issuer_key = key;
  cr_assert(key != NULL && certificate != NULL);
  if (signer != NULL) {
    BIO *issuer_pem = reader(signer->pem);
    BIO *key_pem = reader(signer->key_pem);
    issuer = PEM_read_bio_X509(issuer_pem, NULL, NULL, NULL);
    issuer_key = PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL);
    BIO_free(issuer_pem);
    BIO_free(key_pem);
    cr_assert(issuer != NULL && issuer_key != NULL);
  }
  fill(certificate, issuer, key, names, days);
  cr_assert_gt(X509_sign(certificate, issuer_key, EVP_sha256()), 0);
  BIO *pem = BIO_new(BIO_s_mem());
  BIO *key_pem = BIO_new(BIO_s_mem());
  cr_assert_eq(PEM_write_bio_X509(pem, certificate), 1);
  cr_assert_eq(PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL), 1);
  made.pem = text_of(pem);
  made.key_pem = text_of(key_pem);
  if (signer != NULL) {
    X509_free(issuer);
    EVP_PKEY_free(issuer_key);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

void certificate_free(struct certificate *certificate) {
  free(certificate->pem);
  free(certificate->key_pem);
}
