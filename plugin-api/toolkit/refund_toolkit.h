/* SPDX-License-Identifier: Apache-2.0
 *
 * refund_toolkit.h - optional helpers for authors of connectors; not part of the ABI. They are linked into the
 * connector, need nothing but the C runtime, and follow the same rules as its functions: thread-safe, no state, no
 * allocation but the call's own scratch memory. Text that is not there (data == NULL) is allowed wherever text is.
 */
#ifndef REFUND_TOOLKIT_H
#define REFUND_TOOLKIT_H

#include <refund_connector.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- For descriptors ---- */

#define REFUND_CONTENT_JSON "application/json"
#define REFUND_CONTENT_FORM "application/x-www-form-urlencoded"
#define REFUND_CONTENT_XML "text/xml"
#define REFUND_CONTENT_SOAP "text/xml; charset=utf-8"

/* ---- Text ---- */

refund_text refund_text_of(const char *string);             /* NULL: not there */
int refund_is(refund_text text, const char *string);        /* equal */
int refund_is_nocase(refund_text text, const char *string); /* equal, A-Z as a-z */
int refund_same(refund_text a, refund_text b);
int refund_same_nocase(refund_text a, refund_text b);
int refund_starts_with(refund_text text, const char *prefix);
int refund_there(refund_text text);                               /* there, and not empty */
refund_text refund_either(refund_text first, refund_text second); /* the second where the first is not there or empty */
int refund_contains_nocase(refund_text text, const char *part);   /* `part` in lower case */

/* A word of ours for a word of theirs, compared without case; `otherwise` if it is in no pair. */
typedef struct refund_pair {
  const char *from;
  const char *to;
} refund_pair;
const char *refund_translate(const refund_pair *pairs, uint64_t count, refund_text word, const char *otherwise);

/* A copy in which each of the characters `from` has become `to`. */
refund_text refund_replace(const refund_call *call, refund_text text, const char *from, char to);

/* ---- What the call brings ---- */

refund_text refund_account(const refund_call *call, const char *field);
refund_text refund_account_entry(const refund_call *call, const char *field, refund_text key); /* of a map */
refund_text refund_base(const refund_call *call, uint64_t index); /* base URL, in the descriptor's order */
refund_text refund_find_header(const refund_http_response *response, const char *name); /* without case; the first */

/* A member of connector_metadata by its path (document/1), as text. */
refund_text refund_metadata(const refund_call *call, const char *path);

/* Parts of a URL that was built: "host:port" as it stands, the host alone, and the path with its query. */
refund_text refund_url_host(refund_text url);
refund_text refund_url_hostname(refund_text url);
refund_text refund_url_target(refund_text url);

/* Calls host->fail() and returns REFUND_INVALID_INPUT. */
int32_t refund_invalid(const refund_call *call, const char *field, const char *message);

/* For processors whose refunds name no currency: refuses one other than that in the account's `field`, where the
 * account has it. */
int32_t refund_check_currency(const refund_call *call, const char *field);

/* ---- A sink in scratch memory, to catch a digest or to build a part ---- */

typedef struct refund_buffer {
  refund_bytes sink; /* first */
  const refund_call *call;
  char *data;
  uint64_t size;
  uint64_t capacity;
} refund_buffer;

void refund_buffer_open(refund_buffer *buffer, const refund_call *call);
refund_text refund_buffer_text(const refund_buffer *buffer); /* valid until the next write */

/* ---- Text made in scratch memory. Not there if the call's memory is used up. ---- */

/* Texts side by side; those that are not there add nothing. REFUND_CONCAT(call, a, b, c) in C. */
refund_text refund_concat(const refund_call *call, const refund_text *parts, uint64_t count);
#define REFUND_CONCAT(call, ...)                          \
  refund_concat(call, (const refund_text[]){__VA_ARGS__}, \
                sizeof((const refund_text[]){__VA_ARGS__}) / sizeof(refund_text))

refund_text refund_cut(refund_text text, uint64_t characters); /* the first so many characters of UTF-8 */
refund_text refund_integer_text(const refund_call *call, int64_t number);
refund_text refund_major_text(const refund_call *call); /* the refund's amount in major units: "10.00" */
refund_text refund_date_text(const refund_call *call, int64_t time_ms, int32_t form);
refund_text refund_base64_text(const refund_call *call, refund_text bytes);
refund_text refund_base64url_text(const refund_call *call, refund_text bytes);
refund_text refund_hex_text(const refund_call *call, refund_text bytes);
refund_text refund_uuid_text(const refund_call *call, const uint8_t *seed);

/* ---- Writing into any sink. Each returns the sink's code. ---- */

/* A URL: the base, `path`, `id` percent-encoded, `rest`. */
int32_t refund_put_url(refund_bytes *url, refund_text base, const char *path, refund_text id, const char *rest);

int32_t refund_put(refund_bytes *sink, refund_text text);
int32_t refund_puts(refund_bytes *sink, const char *string);
int32_t refund_put_integer(refund_bytes *sink, int64_t number);
int32_t refund_put_percent(refund_bytes *sink, refund_text text);    /* RFC 3986: for a path segment or query value */
int32_t refund_put_base64(refund_bytes *sink, refund_text bytes);    /* RFC 4648, with padding */
int32_t refund_put_base64url(refund_bytes *sink, refund_text bytes); /* without padding */
int32_t refund_put_hex(refund_bytes *sink, refund_text bytes);       /* lower case */
int32_t refund_put_xml(refund_bytes *sink, refund_text text);        /* character data: & < > " ' escaped */
int32_t refund_put_json(refund_bytes *sink, refund_text text);       /* escaped for the inside of a string */

/* An amount in minor units as major-unit text with all its decimals: (1000, 2) is 10.00, (1000, 0) is 1000,
 * (1, 3) is 0.001. Exact for every int64_t. exponent: 0 to 18. */
int32_t refund_put_major(refund_bytes *sink, int64_t amount, int32_t exponent);

/* A time in UTC. HTTP: Thu, 18 Jul 2024 00:18:03 GMT (RFC 9110). ISO: 2024-07-18T00:18:03Z (RFC 3339). DIGITS:
 * 20240718001803. */
enum { REFUND_DATE_HTTP = 1, REFUND_DATE_ISO = 2, REFUND_DATE_DIGITS = 3 };
int32_t refund_put_date(refund_bytes *sink, int64_t time_ms, int32_t form);

/* A version 4 UUID from 16 bytes of a seed. */
int32_t refund_put_uuid(refund_bytes *sink, const uint8_t *seed);

/* ---- Reading ---- */

/* Major-unit text, as string or JSON number, into minor units: digits, at most one point, at most `exponent` decimals
 * but for zeros; a minus in front. 1: done. 0: anything else, or too large. */
int refund_read_major(refund_text text, int32_t exponent, int64_t *amount);
int refund_read_integer(refund_text text, int64_t *number); /* plain digits, a minus in front */

int refund_hex_digit(char c); /* its value; -1: it is none */

/* Decodes base64 of either alphabet, with or without padding, into `out`, which has room for text.size bytes. 1: done.
 */
int refund_read_base64(refund_text text, char *out, uint64_t *size);

/* Decoded into scratch memory; not there if malformed. Both alphabets of base64, padding or none. */
refund_text refund_decode_base64(const refund_call *call, refund_text text);
refund_text refund_decode_hex(const refund_call *call, refund_text text);
refund_text refund_decode_percent(const refund_call *call, refund_text text);

/* ---- Templates: a body or URL as it stands on the processor's page, with $names in it ----
 *   refund_fill(call, body, REFUND_AS_JSON,
 *               "{'payment':'$connector_transaction_id','amount':{'value':$major,'currency':'$currency'}"
 *               "$?reason[,'reason':'$reason']}");
 * A name stands for a text of the call, escaped for the place: refund_id reference idempotency_key
 * connector_transaction_id connector_refund_id currency currency_number reason; amount (minor units), major ("10.00"),
 * exponent; account.FIELD, metadata.PATH; before these, what `values` names. A full stop ends no name: "$currency." is
 * the currency and a full stop. ${...} where letters follow, or a full stop and letters; $$ is a dollar. A text that is
 * not there is refused, named (one of `values` silently: whoever made it has told); $?name[...] leaves out what is in
 * the brackets instead, also for an empty one (no brackets inside). In JSON and XML an apostrophe stands for a
 * quotation mark; in JSON a name outside of quotes has to be a number. [the sink's code, REFUND_INVALID_INPUT, or
 * REFUND_INTERNAL for what is no name and other mistakes in a template] */
enum { REFUND_AS_TEXT = 0, REFUND_AS_JSON = 1, REFUND_AS_XML = 2, REFUND_AS_FORM = 3, REFUND_AS_URL = 4 };

typedef struct refund_value {
  const char *name;
  refund_text text;
} refund_value;

int32_t refund_fill(const refund_call *call, refund_bytes *sink, int32_t as, const char *template_text);
int32_t refund_fill_with(const refund_call *call, refund_bytes *sink, int32_t as, const char *template_text,
                         const refund_value *values, uint64_t count);
#define REFUND_VALUES(table) (table), (sizeof(table) / sizeof *(table))
/* In scratch memory; not there if refused. */
refund_text refund_filled(const refund_call *call, int32_t as, const char *template_text, const refund_value *values,
                          uint64_t count);
/* A URL: the base URL of this index, and what follows it. */
int32_t refund_fill_url(const refund_call *call, refund_bytes *url, uint64_t base, const char *template_text);

/* A SOAP 1.1 envelope as a template, with `content` in its Body. `prefix`, such as "web", is that of its namespace. */
#define REFUND_SOAP(prefix, name_space, content)                                                                 \
  "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:" prefix "=\"" name_space \
  "\"><soapenv:Header/><soapenv:Body>" content "</soapenv:Body></soapenv:Envelope>"

/* ---- JSON, in the order of the calls. Commas and escapes come by themselves. ----
 *   refund_json json;
 *   refund_json_open(&json, body);
 *   refund_json_object(&json, NULL);
 *   refund_json_text(&json, "id", call->refund_id);
 *   return refund_json_end_all(&json);
 * `name` is the member's name; NULL inside arrays and for the root. Text that is not there writes nothing. */
typedef struct refund_json {
  refund_bytes *sink;
  uint64_t has_items; /* bit n: level n has an item */
  uint64_t is_array;  /* bit n: level n is an array */
  int32_t depth;      /* at most 63 */
  int32_t code;       /* first refusal of the sink, or REFUND_INTERNAL for misuse */
} refund_json;

void refund_json_open(refund_json *json, refund_bytes *sink);
void refund_json_object(refund_json *json, const char *name);
void refund_json_array(refund_json *json, const char *name);
void refund_json_end(refund_json *json);
int32_t refund_json_end_all(refund_json *json); /* of every level; returns the code */
void refund_json_text(refund_json *json, const char *name, refund_text text);
void refund_json_string(refund_json *json, const char *name, const char *string);
void refund_json_integer(refund_json *json, const char *name, int64_t number);
void refund_json_major(refund_json *json, const char *name, int64_t amount, int32_t exponent);      /* 10.00 */
void refund_json_major_text(refund_json *json, const char *name, int64_t amount, int32_t exponent); /* "10.00" */
void refund_json_boolean(refund_json *json, const char *name, int value);
void refund_json_null(refund_json *json, const char *name);
void refund_json_raw(refund_json *json, const char *name, refund_text json_text); /* a whole value, not checked */

/* ---- Headers ---- */
int32_t refund_add_header(refund_headers *headers, const char *name, refund_text value);
int32_t refund_add_secret_header(refund_headers *headers, const char *name, refund_text value);
int32_t refund_add_bearer(const refund_call *call, refund_headers *headers, refund_text token);
int32_t refund_add_basic(const refund_call *call, refund_headers *headers, refund_text user, refund_text password);
/* The call's access token as bearer; REFUND_TOKEN_NEEDED, to be returned, where it has none. */
int32_t refund_add_token(const refund_call *call, refund_headers *headers);

/* ---- Words of theirs ---- */

/* REFUND_STATUS_* or REFUND_READING_* of a word. REFUND_WORDS(table) gives a table and its count. A word that ends in a
 * star stands for all that begin so ("000.100.1*"); the first row that fits counts, so exceptions go before it. */
typedef struct refund_word {
  const char *word;
  int32_t meaning;
} refund_word;
#define REFUND_WORDS(table) (table), (sizeof(table) / sizeof *(table))

/* succeeded, completed: success; pending, processing: pending; failed: failure. */
extern const refund_word refund_default_words[];
extern const uint64_t refund_default_word_count;

/* The meaning of a word by a table, compared without case; `otherwise` if it is not in it. */
int32_t refund_meaning_of(const refund_word *words, uint64_t count, refund_text word, int32_t otherwise);

/* ---- Saying what an answer means ---- */

/* Says REFUND_READING_STATUS with the word's status by the table, and the word. */
int32_t refund_say_status(refund_result *result, const refund_word *words, uint64_t count, refund_text word);

/* Hands on texts of a document by a table of REFUND_TEXT_* and the paths where they stand, below `from`. Empty ones are
 * left out: many processors send "" for an error that there is not. */
typedef struct refund_place {
  int32_t field;
  const char *path;
} refund_place;
void refund_say_texts(const refund_call *call, refund_result *result, const refund_node *from,
                      const refund_place *places, uint64_t count);

/* Says that the processor repeated a stored answer, where its header `name` is "true". */
void refund_say_replay(refund_result *result, const refund_http_response *response, const char *name);

/* Says a reading other than status, with an error; any of the texts may be not there. */
int32_t refund_say_error(refund_result *result, int32_t reading, refund_text code, refund_text message,
                         refund_text reason);

/* The same with the texts at three paths below `from`; NULL: there is none. */
int32_t refund_say_error_at(const refund_call *call, refund_result *result, int32_t reading, const refund_node *from,
                            const char *code, const char *message, const char *reason);

/* The same with the reading that a table has for the code; `otherwise` for a code that is not in it. Without a code it
 * is not known to be an error: REFUND_MALFORMED_RESPONSE, and nothing is said. */
int32_t refund_say_error_by(const refund_call *call, refund_result *result, const refund_word *words, uint64_t count,
                            int32_t otherwise, const refund_node *from, const char *code, const char *message,
                            const char *reason);

/* Says that the refund failed: the status, with an error. */
int32_t refund_say_failure(refund_result *result, refund_text code, refund_text message, refund_text reason);

/* Hands on what the processor echoed, for the host to compare: an amount in minor units, as a JSON number or text, or
 * in major units. What cannot be read as one is handed on as text, and then contradicts ours. */
void refund_say_amount(refund_result *result, refund_text amount);
void refund_say_major(const refund_call *call, refund_result *result, refund_text amount);

/* An OAuth answer, {"access_token","expires_in"}: hands both on. */
int32_t refund_say_token(const refund_call *call, refund_result *result, const refund_node *root);

/* The end of a look-up that found nothing: absent if the list was complete, else nothing is decided. */
int32_t refund_say_not_found(refund_result *result, int list_was_complete);

/* ---- Ready-made functions for a vtable ---- */
int32_t refund_no_body(const refund_call *call, refund_bytes *body);
int32_t refund_no_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers);
/* Authorization: the account's "api_key" as bearer, or the access token. */
int32_t refund_only_api_key(const refund_call *call, const refund_http_request *request, refund_headers *headers);
int32_t refund_only_token(const refund_call *call, const refund_http_request *request, refund_headers *headers);
int32_t refund_url_is_base(const refund_call *call, const refund_http_request *request, refund_bytes *url); /* first */
int32_t refund_client_credentials(const refund_call *call, refund_bytes *body); /* grant_type=client_credentials */

/* Functions for a vtable of which there is no more to say than a template, or two account fields for Basic:
 *   REFUND_URL(sync_url, 0, "/refunds/$connector_refund_id");
 *   REFUND_BODY(refund_body, REFUND_AS_JSON, "{'amount':$amount}");
 *   REFUND_BASIC(get_headers, "user", "password");
 * Their arguments may use `call`. Each ends in a declaration, for the semicolon. */
#define REFUND_URL(function, base, template_text)                                                           \
  static int32_t function(const refund_call *call, const refund_http_request *request, refund_bytes *url) { \
    (void)request;                                                                                          \
    return refund_fill_url(call, url, base, template_text);                                                 \
  }                                                                                                         \
  static int32_t function(const refund_call *call, const refund_http_request *request, refund_bytes *url)
#define REFUND_BODY(function, as, template_text)                         \
  static int32_t function(const refund_call *call, refund_bytes *body) { \
    return refund_fill(call, body, as, template_text);                   \
  }                                                                      \
  static int32_t function(const refund_call *call, refund_bytes *body)
#define REFUND_BASIC(function, user, password)                                                                    \
  static int32_t function(const refund_call *call, const refund_http_request *request, refund_headers *headers) { \
    (void)request;                                                                                                \
    return refund_add_basic(call, headers, refund_account(call, user), refund_account(call, password));           \
  }                                                                                                               \
  static int32_t function(const refund_call *call, const refund_http_request *request, refund_headers *headers)

/* ---- Host interfaces ---- */
const refund_crypto_1 *refund_crypto(const refund_call *call);

/* crypto/1 in short: raw bytes in scratch memory, not there if it failed. */
refund_text refund_digest(const refund_call *call, const char *algorithm, refund_text data);
refund_text refund_hmac(const refund_call *call, const char *algorithm, refund_text key, refund_text data);

refund_text refund_cipher(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                          refund_text data); /* encrypts */

/* JOSE, in compact form. A JWS (RFC 7515) by "HS256" or the algorithms of refund_crypto_1.sign; `header` is JSON and
 * names the algorithm itself. Detached: the payload is left out. Not there if it failed, or of what is not
 * there: so a JWS that failed is not sealed as an empty one. */
refund_text refund_jws(const refund_call *call, const char *algorithm, refund_text header, refund_text payload,
                       refund_text key);
refund_text refund_jws_detached(const refund_call *call, const char *algorithm, refund_text header, refund_text payload,
                                refund_text key);
/* The payload, if header and signature are of `algorithm`, one of refund_crypto_1.verify, and by this key. Not there:
 * neither read nor trusted; so too where the header has "crit". */
refund_text refund_jws_payload(const refund_call *call, const char *algorithm, refund_text jws, refund_text key);
/* A JWE (RFC 7516) with RSA-OAEP, A128CBC-HS256 for the receiver's public key. `seed`: 32 random bytes, from which key
 * and IV are made. Opening refuses other algorithms and "crit". */
refund_text refund_jwe_seal(const refund_call *call, refund_text key_id, refund_text content, refund_text public_key,
                            const uint8_t *seed);
refund_text refund_jwe_open(const refund_call *call, refund_text jwe, refund_text private_key);

/* document/1 in short. The root of an answer's body or of another text, NULL if it cannot be read; then by path, as in
 * document/1. */
const refund_node *refund_read_body(const refund_call *call, int32_t format, const refund_http_response *response);
const refund_node *refund_read_text(const refund_call *call, int32_t format, refund_text text);
const refund_node *refund_node_at(const refund_call *call, const refund_node *from, const char *path);
refund_text refund_text_at(const refund_call *call, const refund_node *from, const char *path);
int32_t refund_kind_at(const refund_call *call, const refund_node *from, const char *path);
const refund_node *refund_first_at(const refund_call *call, const refund_node *from, const char *path);
const refund_node *refund_next(const refund_call *call, const refund_node *node);

/* Of the children of the node at `list`, the first of the highest rank; those of rank 0 and below are not ours. NULL:
 * none is. */
typedef int (*refund_rank)(const refund_call *call, const refund_node *item);
const refund_node *refund_pick(const refund_call *call, const refund_node *from, const char *list, refund_rank rank);

/* The texts at `path` of the children of the node at `list` that have one, with `between`; not there if none has. */
refund_text refund_join(const refund_call *call, const refund_node *from, const char *list, const char *path,
                        const char *between);
refund_text refund_name_of(const refund_call *call, const refund_node *node);

/* The JSON value of any kind at `path` as it stands in the answer, without the blanks between its parts: for showing
 * an error that is a list or an object. */
refund_text refund_source_at(const refund_call *call, const refund_node *from, const char *path);

/* ---- Platforms that several processors share ---- */

/* CyberSource (Visa), whose REST API Bank of America, Barclaycard and Wells Fargo run under their names; it differs in
 * hosts and content type alone. The account has "api_key", "api_secret" (base64), "merchant_account" and, optional,
 * "auth": "http_signature" (without it) or "jwt". */
extern const refund_vtable refund_cybersource_refund; /* POST /pts/v2/payments/{payment}/refunds */
extern const refund_vtable refund_cybersource_sync;   /* GET /tss/v2/transactions/{refund} */
extern const refund_vtable refund_cybersource_lookup; /* POST /tss/v2/searches, by our reference */
int32_t refund_cybersource_sign(const refund_call *call, const refund_http_request *request, refund_headers *headers);

#ifdef __cplusplus
}
#endif

#endif
