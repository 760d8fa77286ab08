/* JSON Object Signing and Encryption, with the host's own crypto/1 and document reader. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "connector/interfaces.h"
#include "document/document.h"
#include "fake.h"

/* ---- A call with a host's interfaces ---- */

static struct arena *arena; /* of the documents */

static int32_t parse(const refund_call *call, int32_t format, refund_text bytes, const refund_node **root) {
  (void)call;
  *root = document_read(arena, format, bytes, NULL);
  return *root != NULL ? REFUND_OK : REFUND_MALFORMED_RESPONSE;
}

static const refund_document_1 document = {
    .size = sizeof document, .parse = parse, .find = document_find, .text = document_text};

static const void *get_interface(const refund_host *host, const char *id) {
  (void)host;
  if (strcmp(id, REFUND_DOCUMENT_1) == 0) return &document;
  return interfaces_find(id);
}

static struct fake *open_call(void) {
  struct fake *fake = fake_open();
  fake->host.get_interface = get_interface;
  arena = arena_open(0);
  return fake;
}

static void close_call(struct fake *fake) {
  arena_close(arena);
  fake_close(fake);
}

/* ---- Keys: "ours" and another ---- */

struct pair {
  refund_text private_key;
  refund_text public_key;
};

static refund_text text_of(BIO *bio) {
  static char texts[4][4096];
  static size_t count;
  char *text = texts[count++];
  int size = BIO_read(bio, text, (int)sizeof texts[0]);
  BIO_free(bio);
  return (refund_text){text, (uint64_t)size};
}

static struct pair make_pair(void) {
  struct pair pair;
  EVP_PKEY *key = EVP_RSA_gen(2048);
  BIO *bio = BIO_new(BIO_s_mem());
  cr_assert_eq(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
  pair.private_key = text_of(bio);
  bio = BIO_new(BIO_s_mem());
  cr_assert_eq(PEM_write_bio_PUBKEY(bio, key), 1);
  pair.public_key = text_of(bio);
  EVP_PKEY_free(key);
  return pair;
}

/* ---- Tampering ---- */

struct copy {
  char data[2048];
  size_t size;
};

static struct copy copy_of(refund_text text) {
  struct copy copy = {.size = text.size};
  cr_assert(text.data != NULL && text.size <= sizeof copy.data);
  memcpy(copy.data, text.data, text.size);
  return copy;
}

static void bend(struct copy *copy, size_t place) {
  copy->data[place] = copy->data[place] == 'Q' ? 'g' : 'Q';
}

/* In a call of its own, whose memory does not end before. */
static bool reads_jws(const char *data, size_t size, refund_text key) {
  struct fake *fake = open_call();
  bool reads = refund_jws_payload(&fake->call, "PS256", (refund_text){data, size}, key).data != NULL;
  close_call(fake);
  return reads;
}

static bool opens_jwe(const char *data, size_t size, refund_text key) {
  struct fake *fake = open_call();
  bool opens = refund_jwe_open(&fake->call, (refund_text){data, size}, key).data != NULL;
  close_call(fake);
  return opens;
}

/* With each letter changed, and cut at each. */
static void expect_each_letter_to_count(struct copy right, refund_text key,
                                        bool reads(const char *data, size_t size, refund_text key)) {
  cr_assert(reads(right.data, right.size, key));
  for (size_t i = 0; i < right.size; i++) {
    struct copy wrong = right;
    bend(&wrong, i);
    cr_expect_not(reads(wrong.data, wrong.size, key), "letter %zu of %zu", i, right.size);
    cr_expect_not(reads(right.data, i, key), "cut at %zu of %zu", i, right.size);
  }
}

static refund_text first_bytes(refund_text text, size_t size) {
  return (refund_text){text.data, size};
}

/* Where part `n` begins. */
static size_t part_begin(refund_text text, int n) {
  size_t at = 0;
  for (; n > 0; at++)
    n -= text.data[at] == '.';
  return at;
}

/* ---- JWS ---- */

/* RFC 7515, A.1. */
Test(jws, signs_the_first_example_of_the_rfc) {
  struct fake *fake = open_call();
  refund_text key = refund_decode_base64(
      &fake->call, T("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"));
  refund_text jws =
      refund_jws(&fake->call, "HS256", T("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"),
                 T("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"), key);
  expect_text(jws,
              "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
              "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  close_call(fake);
}

/* RFC 7515, A.3. */
Test(jws, reads_the_third_example_of_the_rfc) {
  struct fake *fake = open_call();
  refund_text key =
      T("-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
        "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
        "-----END PUBLIC KEY-----\n");
  refund_text jws =
      T("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  expect_text(refund_jws_payload(&fake->call, "ES256", jws, key),
              "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
  close_call(fake);
}

#define PS256 T("{\"alg\":\"PS256\",\"typ\":\"JWT\"}")

Test(jws, reads_what_it_signed_and_nothing_else) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  struct pair other = make_pair();
  refund_text jws = refund_jws(&fake->call, "PS256", PS256, T("the payload"), ours.private_key);
  expect_text(refund_jws_payload(&fake->call, "PS256", jws, ours.public_key), "the payload");
  cr_expect_null(refund_jws_payload(&fake->call, "PS256", jws, other.public_key).data, "another's key");
  cr_expect_null(refund_jws_payload(&fake->call, "RS256", jws, ours.public_key).data, "another algorithm");
  cr_expect_null(refund_jws_payload(&fake->call, "PS256", NOT_THERE, ours.public_key).data);
  cr_expect_null(refund_jws_payload(&fake->call, "PS256", jws, NOT_THERE).data);
  refund_text longer = REFUND_CONCAT(&fake->call, jws, T("."));
  cr_expect_null(refund_jws_payload(&fake->call, "PS256", longer, ours.public_key).data, "a fourth part");
  struct copy right = copy_of(jws);
  close_call(fake);
  expect_each_letter_to_count(right, ours.public_key, reads_jws);
}

/* Signed by the right key, but as something else than the header says, or the other way about. */
Test(jws, believes_neither_header_nor_signature_alone) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  refund_text headers[] = {T("{\"alg\":\"RS256\"}"),
                           T("{\"alg\":\"none\"}"),
                           T("{\"alg\":\"ps256\"}"),
                           T("{\"alg\":[\"PS256\"]}"),
                           T("{\"alg\":\"PS256\",\"crit\":[\"exp\"],\"exp\":1}"),
                           T("{\"alg\":\"PS256\",\"crit\":null}"),
                           T("{}"),
                           T("alg"),
                           T("")};
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    refund_text jws = refund_jws(&fake->call, "PS256", headers[i], T("x"), ours.private_key);
    cr_assert_not_null(jws.data);
    cr_expect_null(refund_jws_payload(&fake->call, "PS256", jws, ours.public_key).data, "%s", headers[i].data);
  }
  refund_text as_rs256 = refund_jws(&fake->call, "RS256", PS256, T("x"), ours.private_key);
  cr_assert_not_null(as_rs256.data);
  cr_expect_null(refund_jws_payload(&fake->call, "PS256", as_rs256, ours.public_key).data);
  close_call(fake);
}

Test(jws, is_not_there_without_a_key_that_can_sign) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  cr_expect_null(refund_jws(&fake->call, "PS256", PS256, T("x"), ours.public_key).data);
  cr_expect_null(refund_jws(&fake->call, "PS256", PS256, T("x"), NOT_THERE).data);
  cr_expect_null(refund_jws(&fake->call, "PS000", PS256, T("x"), ours.private_key).data);
  cr_expect_null(refund_jws_detached(&fake->call, "PS256", PS256, T("x"), ours.public_key).data);
  close_call(fake);
}

Test(jws, detached_leaves_out_the_payload_that_it_signs) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  refund_text jws = refund_jws_detached(&fake->call, "PS256", PS256, T("the payload"), ours.private_key);
  size_t head = part_begin(jws, 1);
  cr_assert_eq(jws.data[head], '.');
  refund_text rest = {jws.data + head, jws.size - head};
  refund_text whole =
      REFUND_CONCAT(&fake->call, first_bytes(jws, head), refund_base64url_text(&fake->call, T("the payload")), rest);
  expect_text(refund_jws_payload(&fake->call, "PS256", whole, ours.public_key), "the payload");
  close_call(fake);
}

/* ---- JWE ---- */

static const uint8_t seed[32] = "a seed of thirty-two random byte";

/* RFC 7516, A.1: its key is wrapped as ours are, but its content is enciphered in another way. */
static const char rfc_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQChqFQihbDQrS6w\n"
    "o245HofjCR/igFRcdPFG+BvjwT4FW/GR4M2NsLiF7ytRZwmhmZ2zaHszvSKYRWFF\n"
    "Tl2Mg1e2qWVcjgMWpwjUOCNP0t7A0PwxbYqt/dKmyT9mSgWeKVqQbKBPClne56wf\n"
    "48UAE0hRik6I3Xl2xBGSCvS8SHE33aLZqxs56dJl7JrHOIrvZTDGusqgTG/qRzm3\n"
    "BdOriH5AKEs6WfT+a1RnB+xFoxK0+zqZLpeuDGfFtaGiN/rre24RC54YL4UIx+tr\n"
    "foL2ScMUbMqw1rstkrZ2NiDIPclH8wH/g1Qlb9Oo5C3AdhvF6+gkCub4vlK2jCPM\n"
    "bL79urobAgMBAAECggEBAJC3bSI+hmw5LPwKQkk2ELXpXDbbZSojsj8zK1x3iPsp\n"
    "NRe/pKQ8WOPlmOTVleSp7WhHl0tY/NhN++ccYVjB18r42HnD0/X6cEfzPYFfJ/R6\n"
    "4dmp06Uw/dw7etsqVt8g7CcwZ0562LtYsFkYASqxGGOOqgGSKwNsQMJ5tl+7hkdY\n"
    "YIZKg6dFao95G0gs9V8nwrOvy3oQcLcRyMofEYqcuNKduJqDgG4MVcN68U/75bd1\n"
    "FXuFjtyZCTs5aVH/ik1SNj7YJvnQEcUxLRPonfuDia9IfivlRbN1Up3VUyM50sX8\n"
    "q4/CCy+jBv1L/GALu1SC0gd5TltPOfuKhNw84K044MkCgYEA1r52Xk46c+LsfB5P\n"
    "442p7atdPUrxQSy4mti/tZI3Mgf2EuFVbUoDBvaRQ+SWxkbkmoEzL7JXroSBjSrK\n"
    "3YIQgYdMgyAEPTPjXv/hI2/1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrl\n"
    "N/rKrbfDIwUbTrjjgieRbwC6Cl0CgYEAwLb35x7hmQWZsWJmB/vle87ihgZ19S8l\n"
    "BEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx/8Fyw1YYa9XGrGnDew00J28cRUo\n"
    "eBB/jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwT\n"
    "s0g68UZHvtcCgYBkr5jATt2JSHSpHW1HvDxYe2iUPHcxn85OjCIW+B95DdKKt6xe\n"
    "Ob2BnkouExe+j67P4pQlYPFLmkVD8zR692jV0qJFONXD/Hg3KrJc8zmdQs+RylTz\n"
    "buuelnMAkql2FYCCqtcYoAQJAfRe3i1rOeOd3/NWkCZlmrrRY8wEx8py4QKBgA6t\n"
    "IH4CdQ3RRl4i70BGZ7ihDdFFJrCQcZI8nXN4+GWHQYjEQMvOsdLxwo8sHDJWGIOM\n"
    "qAuGGWvYTVXLI6gNxXoi9fa5PIOkJ9vU7dHI/Kqshac/bzQwVHwgIiVXhEjoyQ2T\n"
    "2B3R2PL9W/qPmdl+bby8fkwnpH+6Mcnig1Kilo4rAoGAVIMpMYbPf47dT1w/zDUX\n"
    "fPimsSegnMOA1zTaX7aGk/8urY6R8+ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6fl\n"
    "UK4SlOydB61gwanOsXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz\n"
    "9JF/XyaY14ardLSjf4L/FNY=\n"
    "-----END PRIVATE KEY-----\n";
static const char rfc_wrapped_key[] =
    "OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05"
    "kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lD"
    "p5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je818"
    "60ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg";

Test(jwe, unwraps_the_key_of_the_first_example_of_the_rfc) {
  static const unsigned char expected[32] = {177, 161, 244, 128, 84,  143, 225, 115, 63, 180, 3,
                                             255, 107, 154, 212, 246, 138, 7,   110, 91, 112, 46,
                                             34,  105, 47,  130, 203, 46,  122, 234, 64, 252};
  struct fake *fake = open_call();
  refund_buffer key;
  refund_buffer_open(&key, &fake->call);
  refund_text wrapped = refund_decode_base64(&fake->call, refund_text_of(rfc_wrapped_key));
  cr_assert_eq(
      refund_crypto(&fake->call)->unwrap_key(&fake->call, "RSA-OAEP", refund_text_of(rfc_key), wrapped, &key.sink),
      REFUND_OK, "%s", fake->message);
  cr_expect(key.size == sizeof expected && memcmp(key.data, expected, sizeof expected) == 0);
  refund_text jwe =
      REFUND_CONCAT(&fake->call, T("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ."), refund_text_of(rfc_wrapped_key),
                    T(".48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji"
                      "SdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ"));
  cr_expect_null(refund_jwe_open(&fake->call, jwe, refund_text_of(rfc_key)).data, "A256GCM");
  close_call(fake);
}

/* Gives the key of RFC 7516, A.2 and A.3, however it came. */
static int32_t give_rfc_key(const refund_call *call, const char *algorithm, refund_text private_key,
                            refund_text wrapped, refund_bytes *out) {
  static const unsigned char key[32] = {4,   211, 31,  197, 84,  157, 252, 254, 11,  100, 157, 250, 63,  170, 106, 206,
                                        107, 124, 212, 45,  111, 107, 9,   219, 200, 177, 0,   240, 143, 156, 44,  207};
  (void)call, (void)algorithm, (void)private_key, (void)wrapped;
  return out->write(out, key, sizeof key);
}

static const refund_node *find_oaep(const refund_node *from, const char *path) {
  static const char header[] = "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128CBC-HS256\"}";
  (void)from;
  return document_find(document_read(arena, REFUND_JSON, refund_text_of(header), NULL), path);
}

static const void *get_rfc_interface(const refund_host *host, const char *id) {
  static refund_document_1 oaep;
  static refund_crypto_1 with_rfc_key;
  (void)host;
  oaep = document;
  oaep.find = find_oaep;
  with_rfc_key = *(const refund_crypto_1 *)interfaces_find(REFUND_CRYPTO_1);
  with_rfc_key.unwrap_key = give_rfc_key;
  return strcmp(id, REFUND_DOCUMENT_1) == 0 ? (const void *)&oaep : &with_rfc_key;
}

/* Their keys are wrapped in other ways than ours; what lies behind is the same. */
Test(jwe, opens_the_content_of_the_second_and_third_example_of_the_rfc) {
  static const char *const examples[] = {
      "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.AAAA.AxY8DCtDaGlsbGljb3RoZQ."
      "KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.9hH0vgRfYgPnAHOd8stkvw",
      "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.AAAA.AxY8DCtDaGlsbGljb3RoZQ."
      "KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ"};
  for (size_t i = 0; i < 2; i++) {
    struct fake *fake = open_call();
    refund_text jwe = refund_text_of(examples[i]);
    cr_expect_null(refund_jwe_open(&fake->call, jwe, refund_text_of(rfc_key)).data, "not RSA-OAEP");
    fake->host.get_interface = get_rfc_interface;
    expect_text(refund_jwe_open(&fake->call, jwe, NOT_THERE), "Live long and prosper.");
    close_call(fake);
  }
}

Test(jwe, opens_what_it_sealed_of_any_size) {
  refund_text content = T("This is three blocks of sixteen bytes, and one.");
  struct pair ours = make_pair();
  for (size_t size = 1; size <= content.size; size++) {
    struct fake *fake = open_call();
    refund_text jwe = refund_jwe_seal(&fake->call, T("our \"key\""), first_bytes(content, size), ours.public_key, seed);
    refund_text opened = refund_jwe_open(&fake->call, jwe, ours.private_key);
    cr_expect(opened.size == size && memcmp(opened.data, content.data, size) == 0, "%zu bytes", size);
    expect_text(refund_decode_base64(&fake->call, first_bytes(jwe, part_begin(jwe, 1) - 1)),
                "{\"alg\":\"RSA-OAEP\",\"enc\":\"A128CBC-HS256\",\"kid\":\"our \\\"key\\\"\"}");
    close_call(fake);
  }
}

/* The seed makes key and IV; how the key is wrapped is the library's chance. */
Test(jwe, is_made_of_the_seed) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  uint8_t other_seed[32] = "another seed";
  refund_text one = refund_jwe_seal(&fake->call, T("k"), T("content"), ours.public_key, seed);
  refund_text two = refund_jwe_seal(&fake->call, T("k"), T("content"), ours.public_key, seed);
  refund_text three = refund_jwe_seal(&fake->call, T("k"), T("content"), ours.public_key, other_seed);
  size_t iv = part_begin(one, 2);
  size_t sealed = part_begin(one, 3);
  cr_assert(one.size == two.size && one.size == three.size);
  cr_expect_eq(memcmp(one.data + iv, two.data + iv, one.size - iv), 0);
  cr_expect_neq(memcmp(one.data, two.data, iv), 0, "a key wrapped twice alike");
  cr_expect_neq(memcmp(one.data + iv, three.data + iv, sealed - iv), 0);
  cr_expect_neq(memcmp(one.data + sealed, three.data + sealed, one.size - sealed), 0);
  close_call(fake);
}

Test(jwe, opens_nothing_that_was_tampered_with, .timeout = 120) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  struct pair other = make_pair();
  refund_text jwe = refund_jwe_seal(&fake->call, T("k"), T("the content"), ours.public_key, seed);
  cr_expect_null(refund_jwe_open(&fake->call, jwe, other.private_key).data, "another's key");
  cr_expect_null(refund_jwe_open(&fake->call, jwe, ours.public_key).data, "a public key");
  cr_expect_null(refund_jwe_open(&fake->call, jwe, NOT_THERE).data);
  cr_expect_null(refund_jwe_open(&fake->call, NOT_THERE, ours.private_key).data);
  struct copy right = copy_of(jwe);
  close_call(fake);
  expect_each_letter_to_count(right, ours.private_key, opens_jwe);
}

/* Sealed as RFC 7518, 5.2.2.1 says, under any header. */
static refund_text seal_under(const refund_call *call, refund_text header, refund_text public_key) {
  refund_text dot = T(".");
  refund_text key = T("0123456789abcdefghijklmnopqrstuv");
  refund_text iv = T("wxyzABCDEFGHIJKL");
  refund_text head = refund_base64url_text(call, header);
  refund_text sealed = refund_cipher(call, "AES-128-CBC", (refund_text){key.data + 16, 16}, iv, T("the content"));
  char bits[8] = {0, 0, 0, 0, 0, 0, (char)(head.size * 8 >> 8), (char)(head.size * 8 & 255)};
  refund_text covered = REFUND_CONCAT(call, head, iv, sealed, (refund_text){bits, sizeof bits});
  refund_text tag = refund_hmac(call, "SHA-256", first_bytes(key, 16), covered);
  refund_buffer wrapped;
  refund_buffer_open(&wrapped, call);
  cr_assert_eq(refund_crypto(call)->wrap_key(call, "RSA-OAEP", public_key, key, &wrapped.sink), REFUND_OK);
  return REFUND_CONCAT(call, head, dot, refund_base64url_text(call, refund_buffer_text(&wrapped)), dot,
                       refund_base64url_text(call, iv), dot, refund_base64url_text(call, sealed), dot,
                       refund_base64url_text(call, first_bytes(tag, 16)));
}

Test(jwe, opens_nothing_whose_header_says_something_else) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  refund_text headers[] = {T("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128CBC-HS256\"}"),
                           T("{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\"}"),
                           T("{\"enc\":\"A128CBC-HS256\"}"),
                           T("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}"),
                           T("{\"alg\":\"RSA-OAEP\"}"),
                           T("{\"alg\":\"RSA-OAEP\",\"enc\":\"A128CBC-HS256\",\"crit\":[\"exp\"],\"exp\":1}"),
                           T("[]"),
                           T("")};
  refund_text right = seal_under(&fake->call, T("{\"enc\":\"A128CBC-HS256\",\"alg\":\"RSA-OAEP\"}"), ours.public_key);
  expect_text(refund_jwe_open(&fake->call, right, ours.private_key), "the content");
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    refund_text jwe = seal_under(&fake->call, headers[i], ours.public_key);
    cr_expect_null(refund_jwe_open(&fake->call, jwe, ours.private_key).data, "%s", headers[i].data);
  }
  close_call(fake);
}

Test(jwe, opens_nothing_with_an_empty_part_or_one_too_many) {
  struct fake *fake = open_call();
  struct pair ours = make_pair();
  refund_text jwe = refund_jwe_seal(&fake->call, T("k"), T("the content"), ours.public_key, seed);
  for (int part = 0; part < 5; part++) {
    size_t begin = part_begin(jwe, part);
    size_t end = part == 4 ? jwe.size : part_begin(jwe, part + 1) - 1;
    refund_text after = {jwe.data + end, jwe.size - end};
    refund_text emptied = REFUND_CONCAT(&fake->call, first_bytes(jwe, begin), after);
    cr_expect_null(refund_jwe_open(&fake->call, emptied, ours.private_key).data, "without part %d", part);
  }
  refund_text longer = REFUND_CONCAT(&fake->call, jwe, T(".AAAA"));
  cr_expect_null(refund_jwe_open(&fake->call, longer, ours.private_key).data, "a sixth part");
  close_call(fake);
}

Test(jwe, is_not_there_without_a_key_to_seal_for) {
  struct fake *fake = open_call();
  cr_expect_null(refund_jwe_seal(&fake->call, T("k"), T("x"), NOT_THERE, seed).data);
  cr_expect_null(refund_jwe_seal(&fake->call, T("k"), T("x"), T("-----BEGIN PUBLIC KEY-----"), seed).data);
  close_call(fake);
}

/* All of it or nothing, wherever the call's memory ends. */
Test(jose, is_not_there_where_memory_ends) {
  struct pair ours = make_pair();
  refund_text last = NOT_THERE;
  for (size_t allowed = 0; last.data == NULL; allowed++) {
    struct fake *fake = open_call();
    fake->allocations_allowed = allowed;
    refund_text jws = refund_jws(&fake->call, "PS256", PS256, T("x"), ours.private_key);
    last = jws.data == NULL ? jws : refund_jwe_seal(&fake->call, T("k"), jws, ours.public_key, seed);
    if (last.data != NULL) last = refund_jwe_open(&fake->call, last, ours.private_key);
    if (last.data != NULL) last = refund_jws_payload(&fake->call, "PS256", last, ours.public_key);
    cr_assert(last.data == NULL || refund_is(last, "x"));
    cr_assert_lt(allowed, 1000);
    close_call(fake);
  }
}
