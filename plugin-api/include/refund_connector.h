/* SPDX-License-Identifier: Apache-2.0
 *
 * refund_connector.h - the ABI between refund-host and its connectors, version 0.9
 *
 * This header is the specification: a connector needs it, the C runtime and nothing else. It is a draft until
 * version 1.0; from then on a binary built from it loads in every later host of the same major version.
 *
 * WHAT A CONNECTOR IS
 *   A shared object that exports one symbol, the constant data object `refund_connector`. There is no entry point,
 *   no init and no registration. The object says who the connector is, what an account needs, which hosts it talks
 *   to, which flows it has and what may be relied on at its processor; the host reads all of that from the file,
 *   without loading it. At its end stand pointers to function tables, one a flow, of four functions each:
 *
 *     build_request   the body
 *     get_url         the address
 *     get_headers     the headers; sees the finished body and URL, so it can sign them
 *     map_response    what the processor's answer says of the refund
 *
 *   The host calls the first three in that order, sends the request itself, and hands the answer to the fourth. A
 *   connector never opens a socket or a file, never decides what becomes of a refund, and cannot change the
 *   payment's status: there is no way to say it. The payment stays charged; only the refund moves.
 *
 * RULES FOR EVERY FUNCTION OF A CONNECTOR (each carries these as its tag line)
 *   [thread-safe]    may run in any thread, and in several at once
 *   [re-entrant]     may run inside another call of itself
 *   [non-blocking]   computes; does not sleep, lock, read or send
 *   [retains-nothing] every pointer it was given is dead when it returns
 *   [deterministic]  the same input gives the same output: no clock, randomness, environment or locale. Time and
 *                    random bytes come in the call. Only a signature or encryption that is random by itself may
 *                    vary: in a header always, in URL and body where the flow declares REFUND_FLOW_RANDOM.
 *   Across the boundary: no C++ exceptions, longjmp, exit, signals, threads, atexit, setlocale, setenv, fork.
 *   The shared object runs no code of its own when it is loaded.
 *
 * BUILDING ONE
 *   cc -std=c11 -O2 -shared -fPIC -fvisibility=hidden -Iplugin-api/include acme.c -o acme.so \
 *      -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs,--version-script=plugin-api/connector.map
 *   With the toolkit, add: -Iplugin-api/toolkit, and the C files of that folder
 *
 * CONVENTIONS
 *   Text is a pointer and a length, UTF-8, not NUL-terminated; data == NULL means "not there". Money is an int64_t
 *   in minor units and a currency code of ISO 4217; nothing in the money path is a floating-point number. Times are
 *   int64_t Unix milliseconds. Enumerations are int32_t with constants; a value that the host does not know is never
 *   success and never failure: the refund is pending, with a warning.
 *   A connector returns no memory: it writes into sinks, which copy before they return.
 *
 * HOW IT GROWS
 *   Same major: nothing is removed, moved or given another meaning. Structures that start with `size` may grow at
 *   their end; look with REFUND_HAS() before reading a member that is newer than the minor version you need. Those
 *   marked "closed" never change. refund_vtable never gets a fifth function. Newer interfaces come by name, through
 *   get_interface().
 *   When changing this header, adjust: tests/abi/connector.c, plugin-api/docs/capabilities.md,
 *   host/connector/descriptor_content.c.
 */
#ifndef REFUND_CONNECTOR_H
#define REFUND_CONNECTOR_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__LP64__) || !(defined(__x86_64__) || defined(__aarch64__)) || \
    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "refund_connector.h: expected 64-bit little-endian x86-64 or aarch64"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define REFUND_ABI_MAJOR 0
#define REFUND_ABI_MINOR 9

/* The oldest host minor version that this connector works with. Define it lower than REFUND_ABI_MINOR before including
 * this header if you build with a new header but need nothing new. */
#ifndef REFUND_ABI_MINOR_NEEDED
#define REFUND_ABI_MINOR_NEEDED 9 /* stays when REFUND_ABI_MINOR rises */
#endif

/* ---- Plain values ------------------------------------------------------------------------------------------- */

/* closed */
typedef struct refund_text {
  const char *data; /* UTF-8 or raw bytes; NULL: not there */
  uint64_t size;    /* bytes */
} refund_text;

/* closed. A header of an answer; names come as the processor wrote them, compare without case. */
typedef struct refund_header {
  refund_text name;
  refund_text value;
} refund_header;

/* Return codes of everything that returns int32_t. Details of a refusal go through refund_host.fail(). */
enum {
  REFUND_OK = 0,
  REFUND_INVALID_INPUT = 1,      /* this refund or account cannot be sent as it is; name the field with fail() */
  REFUND_NOT_SUPPORTED = 2,      /* the processor has no such thing */
  REFUND_TOKEN_NEEDED = 3,       /* call again with an access token; the host gets one by the access_token flow */
  REFUND_MALFORMED_RESPONSE = 4, /* the answer cannot be read; nothing is concluded from it */
  REFUND_SINK_REFUSED = 5,       /* a sink is over its limit or was given something it must not take */
  REFUND_INTERNAL = 6
};

/* ---- Sinks: where output goes --------------------------------------------------------------------------------
 * Every sink copies before it returns, keeps its limits, and stays failed after its first refusal: a connector may
 * ignore the return values and only pass the last one on. [host-owned, dead after the call] */

/* Bytes in order: a body, a URL, a digest. A connector may make one of its own to catch what crypto/1 writes. */
typedef struct refund_bytes refund_bytes;
struct refund_bytes {
  uint32_t size; /* sizeof(refund_bytes), also in one of your own */
  uint32_t reserved;
  /* Returns REFUND_OK or REFUND_SINK_REFUSED. */
  int32_t (*write)(refund_bytes *sink, const void *data, uint64_t size);
};

/* flags of refund_headers.add */
#define REFUND_HEADER_SENSITIVE 1u /* holds a secret: never shown to a person */

/* Headers of the request. A name is an RFC 9110 token; a value has no CR, LF or NUL. Not taken: Host, Content-Length,
 * Transfer-Encoding, Connection, Expect (the host's own). Content-Type replaces the flow's default. */
typedef struct refund_headers refund_headers;
struct refund_headers {
  uint32_t size;
  uint32_t reserved;
  int32_t (*add)(refund_headers *headers, refund_text name, refund_text value, uint32_t flags);
  int32_t (*method)(refund_headers *headers, refund_text method); /* replaces the flow's default */
};

/* What the answer says, in the connector's reading. Exactly one reading an answer: without one, or with a second,
 * it counts as REFUND_MALFORMED_RESPONSE. The host makes the refund's state of reading and HTTP status: a
 * reading counts in 2xx and 4xx; whatever you read, 408, 423, 425, 1xx, 3xx and 5xx decide nothing, 429 was not
 * processed, 401, and a 403 that you read without an error code, refuse the account and not the refund, 409 is at most
 * a refusal or a duplicate, and an absence counts in 2xx and 404 only. */
enum {
  REFUND_READING_STATUS = 1,      /* the processor has this refund in hand; say its status */
  REFUND_READING_REJECTED = 2,    /* a clean refusal that you understood: no money moved by this request */
  REFUND_READING_DUPLICATE = 3,   /* a request with our key or reference arrived before */
  REFUND_READING_IN_PROGRESS = 4, /* nothing decided yet, or the processor cannot tell, or the list goes on */
  REFUND_READING_REFUSED_BEFORE_PROCESSING = 5, /* rate limit, stale token: certainly nothing was done */
  REFUND_READING_ABSENT = 6,      /* a complete look-up: nothing in it names our refund; candidates may be beside it */
  REFUND_READING_ACCOUNT_REFUSED = 7 /* our credentials are wrong, said in the body: certainly nothing was done, and
                                        the account's other refunds would fare alike; people see "rejected" */
};

enum {
  REFUND_STATUS_UNRECOGNIZED = 0, /* a word you do not know, or none: pending, with a warning */
  REFUND_STATUS_SUCCESS = 1,
  REFUND_STATUS_PENDING = 2,
  REFUND_STATUS_FAILURE = 3,
  REFUND_STATUS_MANUAL_REVIEW = 4 /* the processor wants a person to look */
};

/* What an answer is about. */
enum {
  REFUND_NAMES_NOTHING = 0,   /* not said */
  REFUND_NAMES_REFERENCE = 1, /* our reference or key: certainly this refund */
  REFUND_NAMES_REFUND_ID = 2, /* the processor's refund id */
  REFUND_NAMES_PAYMENT = 3    /* only the payment: any refund of it */
};

/* fields of refund_result.text */
enum {
  REFUND_TEXT_REFUND_ID = 1,       /* the processor's id of this refund, as text, digits too */
  REFUND_TEXT_REFERENCE = 2,       /* our reference, as found in the answer */
  REFUND_TEXT_STATUS_WORD = 3,     /* the processor's word, shown in warnings */
  REFUND_TEXT_ERROR_CODE = 4,
  REFUND_TEXT_ERROR_MESSAGE = 5,
  REFUND_TEXT_ERROR_REASON = 6,
  REFUND_TEXT_NETWORK_DECLINE_CODE = 7,
  REFUND_TEXT_CURRENCY = 8,        /* as echoed: ISO 4217 letters in any case, or the three digits */
  REFUND_TEXT_ACCESS_TOKEN = 9,    /* access_token flow only */
  REFUND_TEXT_AMOUNT = 10          /* an echoed amount that you cannot read as a number: it contradicts ours */
};

/* fields of refund_result.number */
enum {
  REFUND_NUMBER_AMOUNT = 1,     /* as echoed, in the units of refund_call.refund_amount */
  REFUND_NUMBER_NAMES = 2,      /* REFUND_NAMES_*, where this answer differs from its flow's declaration */
  REFUND_NUMBER_REPLAYED = 3,   /* 1: the processor says that it repeated a stored answer */
  REFUND_NUMBER_EXPIRES_IN = 4  /* seconds the access token lives */
};

typedef struct refund_result refund_result;
struct refund_result {
  uint32_t size;
  uint32_t reserved;
  /* `status` counts only with REFUND_READING_STATUS. */
  int32_t (*reading)(refund_result *result, int32_t reading, int32_t status);
  /* Text that is not there or empty is ignored, and so is a field that the host does not know. */
  int32_t (*text)(refund_result *result, int32_t field, refund_text value);
  int32_t (*number)(refund_result *result, int32_t field, int64_t value);
  /* A refund of the payment that is perhaps ours: same amount and currency, but nothing names it. The host, which
   * knows all refunds, decides; declare REFUND_IDS_UNIQUE. May be called up to 1000 times, beside the reading: a list
   * that was complete says REFUND_READING_ABSENT together with its candidates, for nothing in it names ours; one that
   * goes on says REFUND_READING_IN_PROGRESS. time: 0 if not said. */
  int32_t (*candidate)(refund_result *result, refund_text refund_id, int64_t amount, refund_text currency,
                       int64_t time_ms);
};

/* ---- What a call brings -------------------------------------------------------------------------------------- */

typedef struct refund_call refund_call;

/* What the host offers to a call. [thread-safe] */
typedef struct refund_host {
  uint32_t size;
  uint16_t abi_major;
  uint16_t abi_minor;
  uint64_t features;
  /* A host interface by its name with revision (REFUND_CRYPTO_1 ...), or NULL if this host has none of that name. */
  const void *(*get_interface)(const struct refund_host *host, const char *id);
  /* Scratch memory of this call, zeroed, aligned to 16 bytes, freed by the host after the call. NULL over the limit
   * (4 MiB a call): then return REFUND_INTERNAL. From then on the host gives none and takes the call for failed,
   * whatever it returns: text that is not there for want of memory must not leave a hole in what is sent. */
  void *(*allocate)(const refund_call *call, uint64_t size);
  /* Says why the return code that follows is not REFUND_OK: the field it is about (a member of the refund, an account
   * field, "connector_metadata/creditCard") and one sentence. Never put a secret into it. The last call counts. */
  void (*fail)(const refund_call *call, refund_text field, refund_text message);
} refund_host;

/* closed. One value of the account; for a field that is a map, one entry of it. */
typedef struct refund_account_value {
  refund_text field;
  refund_text key; /* not there unless the field is a map */
  refund_text value;
} refund_account_value;

enum { REFUND_SANDBOX = 1, REFUND_PRODUCTION = 2 };

/* Everything a function may use. Which members are there depends on the flow: access_token has no refund,
 * refund_lookup no connector_refund_id. */
struct refund_call {
  uint32_t size;
  int32_t environment;
  const refund_host *host;
  refund_text flow;

  refund_text refund_id;       /* the caller's id, any text of 1 to 128 bytes */
  refund_text reference;       /* refund_id in the form that the descriptor declares for references */
  refund_text idempotency_key; /* the same in every attempt; not there where the descriptor declares no key */
  refund_text connector_transaction_id; /* the payment, at the processor */
  refund_text connector_refund_id;      /* the refund, at the processor; in refund_sync */
  refund_text currency;                 /* "USD" */
  refund_text currency_number;          /* "840" */
  refund_text reason;                   /* the caller's free text */
  refund_text connector_metadata;       /* a JSON object, as the caller wrote it */

  /* In the processor's minor units: those of ISO 4217, unless the descriptor declares others for this currency; then
   * the host has converted, and refused what does not divide. Echoed amounts are expected in the same units. */
  int64_t refund_amount;
  int64_t payment_amount; /* captured in all; 0 if it cannot be said in these units */
  int32_t exponent;       /* decimals of those units: 2 for USD, 0 for JPY */
  int32_t attempt;        /* 1 for the first; for logs, not for bodies */

  /* Of the refund: the same in every attempt; for bodies. Of the attempt: fresh; for headers. */
  int64_t refund_time_ms;
  int64_t attempt_time_ms;
  const uint8_t *refund_seed;  /* 32 random bytes */
  const uint8_t *attempt_seed; /* 32 random bytes */

  refund_text access_token;
  const refund_account_value *account;
  uint64_t account_count;
  const refund_text *base_urls; /* in the order of the descriptor; complete, without a final slash, or not there */
  uint64_t base_url_count;
};

/* The request as far as it is finished: get_url sees the body, get_headers body and URL. */
typedef struct refund_http_request {
  uint32_t size;
  uint32_t reserved;
  refund_text method;
  refund_text url;
  refund_text body;
} refund_http_request;

typedef struct refund_http_response {
  uint32_t size;
  int32_t status; /* 100 to 599 */
  refund_text body;
  const refund_header *headers;
  uint64_t header_count;
} refund_http_response;

/* closed: the four functions of a flow. None may be NULL. Each returns a code from REFUND_OK on. */
typedef struct refund_vtable {
  /* Adds every header but those the host owns, and the method where it is not the flow's default.
   * [thread-safe] [re-entrant] [non-blocking] [retains-nothing] [deterministic] */
  int32_t (*get_headers)(const refund_call *call, const refund_http_request *request, refund_headers *headers);
  /* Writes the absolute URL: a base URL of the call, and what follows it. https, or http to a loopback address; no
   * user, password or fragment; never a secret.
   * [thread-safe] [re-entrant] [non-blocking] [retains-nothing] [deterministic] */
  int32_t (*get_url)(const refund_call *call, const refund_http_request *request, refund_bytes *url);
  /* Writes the body; writing nothing sends none. Every attempt of a refund must give the same bytes: use refund_time_ms
   * and refund_seed, or declare REFUND_FLOW_FRESH_BODY.
   * [thread-safe] [re-entrant] [non-blocking] [retains-nothing] [deterministic] */
  int32_t (*build_request)(const refund_call *call, refund_bytes *body);
  /* Reads any answer, of any HTTP status, error bodies too. What it cannot read it returns as
   * REFUND_MALFORMED_RESPONSE. A reading is needed, and for REFUND_READING_STATUS a status; all else is handed on where
   * the answer has it: amount and currency are then compared. Success needs REFUND_TEXT_REFUND_ID; without it the host
   * says pending. It sees the call, not the built request: a stored answer may be mapped again long after.
   * [thread-safe] [re-entrant] [non-blocking] [retains-nothing] [deterministic] */
  int32_t (*map_response)(const refund_call *call, const refund_http_response *response, refund_result *result);
} refund_vtable;

/* ---- What a connector says of itself: constant data, read from the file --------------------------------------
 * Text is NUL-padded to the end of its array and has at least one NUL. Reserved members are zero. */

#define REFUND_NOT_DECLARED 0xFFFFFFFFu /* for a number of seconds */
#define REFUND_FOR_EVER 0xFFFFFFFEu     /* the same */

/* flags of an account field */
#define REFUND_FIELD_REQUIRED 1u
#define REFUND_FIELD_SECRET 2u
#define REFUND_FIELD_MAP 4u /* an object of texts instead of a text */

/* closed */
typedef struct refund_account_field {
  char name[64];  /* as in the accounts file: a-z 0-9 _ */
  char title[56]; /* what it is, for a person */
  uint32_t flags;
  uint32_t reserved;
} refund_account_field;

/* closed. The first is named "api". The texts may hold {field} of the account. Rationale: the host fills them in and
 * checks that get_url stays on them, so an account's secret cannot be sent elsewhere. Empty: the account must give
 * it. A host other than the first is not there where the account leaves out an optional field of it, or has a
 * base_url without it: so a host prefix can be optional. */
typedef struct refund_base_url {
  char name[16];
  char sandbox[120];
  char production[120];
} refund_base_url;

/* flags of a flow; none is a REFUND_NAMES_*, so that the two cannot change places unseen */
#define REFUND_FLOW_ABSENCE_FINAL 0x100u /* once visible_after has passed, an absence proves that there is none */
#define REFUND_FLOW_MAY_CREATE 0x200u    /* asking may itself create the refund */
#define REFUND_FLOW_FRESH_BODY 0x400u    /* the processor bounds the age of the body: it differs between attempts */
/* URL or body differs from call to call: a randomised signature or encryption. Repeats are then not compared with what
 * they repeat, so do not declare it for a header, which never is. */
#define REFUND_FLOW_RANDOM 0x800u

/* closed. Flow ids: "refund" (required), "refund_sync" (asks with the processor's refund id), "refund_lookup" (asks
 * with our reference, or lists the payment's refunds), "access_token". The host ignores flows that it does not know. */
typedef struct refund_flow {
  char id[24];
  char method[8]; /* A-Z, as "POST" */
  char content_type[64]; /* default; empty: none is sent */
  uint32_t flags;
  int32_t names;                  /* REFUND_NAMES_*: what its answer is about. For "refund": what a found or repeated
                                     answer would name it by; REFUND_NAMES_PAYMENT if it only speaks of the payment */
  uint32_t visible_after_seconds; /* look-ups: how soon a new refund is found; not declared: 15 minutes */
  uint32_t reserved[5];
} refund_flow;

/* forms of a key or reference */
enum { REFUND_FORM_TEXT = 0, REFUND_FORM_UUID = 1 };

/* closed. How refund_id becomes a key or reference: itself if it fits length and alphabet (and is of A-Z a-z 0-9 . _
 * -), else the lower-case hex SHA-256 of it, cut to the greatest length; so an alphabet must hold 0-9 and a-f, and
 * 16 characters are the least that `greatest` may say. As UUID: version 5, lower case, derived from refund_id. */
typedef struct refund_form {
  uint16_t least;    /* characters */
  uint16_t greatest;
  int32_t kind;
  char alphabet[24]; /* ranges such as "A-Za-z0-9-"; empty: "A-Za-z0-9._-" */
} refund_form;

enum { REFUND_KEY_NONE = 0, REFUND_KEY_HEADER = 1, REFUND_KEY_BODY = 2 };
#define REFUND_KEY_COMPARES_BODY 1u /* the same key with another body is refused */
#define REFUND_KEY_KEEPS_2XX_ONLY 2u /* a repeat after another answer is carried out anew */

/* closed. Rationale: recovery is computed from this, so a wrong value costs money. Say less when in doubt. */
typedef struct refund_idempotency {
  int32_t carrier;
  uint32_t flags;
  char name[48]; /* of the header or body member, for people: get_headers or build_request writes it */
  refund_form form;
  uint32_t window_seconds; /* how long the processor keeps it; not declared: nothing is assumed */
  uint32_t repeat_after_seconds; /* from the start of the last attempt; 0 where a concurrent repeat is refused; not
                                    declared: 60 */
  char switch_field[64];   /* account field that says "true" (or "yes") where keys are on; empty: always on */
} refund_idempotency;

/* closed */
typedef struct refund_reference {
  refund_form form;
  uint32_t unique; /* 1: the processor refuses a second refund with our reference */
  uint32_t window_seconds; /* for how long, or REFUND_FOR_EVER; not declared: nothing is assumed */
} refund_reference;

/* closed. Where the processor's units differ from ISO 4217, or not every amount is taken. */
typedef struct refund_currency {
  char code[4];
  uint16_t exponent; /* decimals at the processor */
  uint16_t multiple; /* in its units: amounts must be multiples of this; 0 and 1: any */
} refund_currency;

/* flags of a connector */
#define REFUND_IDS_UNIQUE 1u     /* the processor's refund ids are unique in an account's scope */
#define REFUND_FAILS_LATE 2u     /* success can turn into failure later */
#define REFUND_FULL_ONLY 4u      /* no partial refunds */

#define REFUND_MAX_FIELDS 16
#define REFUND_MAX_BASE_URLS 6
#define REFUND_MAX_FLOWS 8
#define REFUND_MAX_CURRENCIES 32

typedef struct refund_descriptor {
  /* Never moves, in any major version. */
  char magic[8];
  uint8_t pointer_bytes;
  uint8_t byte_order; /* 1: little-endian */
  uint16_t abi_major;
  uint16_t abi_minor_built;
  uint16_t abi_minor_needed;
  uint32_t size;        /* of this structure, as the connector was built */
  uint32_t inline_size; /* bytes before the first pointer */
  uint64_t features_needed;

  char id[32];      /* a-z 0-9 _, as in the accounts file */
  char version[24]; /* the connector's own */
  char vendor[64];  /* who wrote it */
  char source[128]; /* the processor's documentation */
  uint32_t flags;
  uint32_t reserved_flags;
  refund_account_field fields[REFUND_MAX_FIELDS];
  refund_base_url base_urls[REFUND_MAX_BASE_URLS];
  refund_flow flows[REFUND_MAX_FLOWS];
  refund_idempotency idempotency;
  refund_reference reference;
  refund_currency currencies[REFUND_MAX_CURRENCIES];
  uint8_t reserved[512];

  const refund_vtable *tables[REFUND_MAX_FLOWS]; /* in the order of flows */
} refund_descriptor;

#define REFUND_MAGIC "RFNDCON"

#define REFUND_EXPORT __attribute__((visibility("default")))

/* The one exported symbol. */
extern REFUND_EXPORT const refund_descriptor refund_connector;

/* Writes the descriptor. Use each part once, in this order:
 *
 *   REFUND_CONNECTOR("acme", "1.0.0", "Example Ltd", "https://docs.example.com/refunds",
 *     REFUND_FLAGS(REFUND_IDS_UNIQUE),
 *     REFUND_FIELDS(REFUND_REQUIRED_SECRET("api_key", "secret key")),
 *     REFUND_BASE_URLS({"api", "https://sandbox.example.com", "https://api.example.com"}),
 *     REFUND_FLOWS(REFUND_CREATES("POST", "application/json", REFUND_NAMES_REFERENCE),
 *                  REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID, REFUND_AT_ONCE)),
 *     REFUND_KEY(REFUND_KEY_HEADER, "Idempotency-Key", REFUND_LENGTH(1, 255), REFUND_HOURS(24), REFUND_AT_ONCE, 0),
 *     REFUND_REFERENCES(REFUND_LENGTH(1, 128)),
 *     REFUND_ISO_CURRENCIES,
 *     REFUND_TABLES(&refund_table, &sync_table))
 */
#define REFUND_CONNECTOR(id, version, vendor, source, ...)                                                        \
  const refund_descriptor refund_connector = {                                                                    \
      REFUND_MAGIC, 8, 1, REFUND_ABI_MAJOR, REFUND_ABI_MINOR, REFUND_ABI_MINOR_NEEDED,                            \
      sizeof(refund_descriptor), offsetof(refund_descriptor, tables), 0, id, version, vendor, source, __VA_ARGS__}

#define REFUND_FLAGS(flags) (flags), 0
#define REFUND_FIELDS(...) {__VA_ARGS__}
#define REFUND_REQUIRED(name, title) {name, title, REFUND_FIELD_REQUIRED, 0}
#define REFUND_REQUIRED_SECRET(name, title) {name, title, REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0}
#define REFUND_OPTIONAL(name, title) {name, title, 0, 0}
#define REFUND_OPTIONAL_SECRET(name, title) {name, title, REFUND_FIELD_SECRET, 0}
#define REFUND_BASE_URLS(...) {__VA_ARGS__}
#define REFUND_FLOWS(...) {__VA_ARGS__}

/* A flow by its id; REFUND_FLOW for one with other flags. */
#define REFUND_CREATES(method, content_type, names)                                                                \
  REFUND_FLOW("refund", method, content_type, 0, names, REFUND_NOT_DECLARED)
#define REFUND_SYNCS(method, content_type, names)                                                                  \
  REFUND_FLOW("refund_sync", method, content_type, 0, names, REFUND_NOT_DECLARED)
#define REFUND_LOOKS_UP(method, content_type, names, visible_after_seconds, flags)                                 \
  REFUND_FLOW("refund_lookup", method, content_type, flags, names, visible_after_seconds)
#define REFUND_GETS_TOKEN(method, content_type)                                                                    \
  REFUND_FLOW("access_token", method, content_type, 0, REFUND_NAMES_NOTHING, REFUND_NOT_DECLARED)
#define REFUND_FLOW(id, method, content_type, flags, names, visible_after_seconds)                                 \
  { id, method, content_type, flags, names, visible_after_seconds, {0, 0, 0, 0, 0} }

/* A number of seconds. */
#define REFUND_AT_ONCE 0u
#define REFUND_MINUTES(count) ((count) * 60u)
#define REFUND_HOURS(count) ((count) * 3600u)
#define REFUND_DAYS(count) ((count) * 86400u)

/* The form of a key or reference. */
#define REFUND_LENGTH(least, greatest) {least, greatest, REFUND_FORM_TEXT, ""}
#define REFUND_LENGTH_OF(least, greatest, alphabet) {least, greatest, REFUND_FORM_TEXT, alphabet}
#define REFUND_UUID {36, 36, REFUND_FORM_UUID, ""}

/* A key always, or where the account's `switch_field` says so; or none. */
#define REFUND_KEY(carrier, name, form, window_seconds, repeat_after_seconds, flags)                               \
  {carrier, flags, name, form, window_seconds, repeat_after_seconds, ""}
#define REFUND_KEY_WHERE(switch_field, carrier, name, form, window_seconds, repeat_after_seconds, flags)           \
  {carrier, flags, name, form, window_seconds, repeat_after_seconds, switch_field}
#define REFUND_NO_IDEMPOTENCY {REFUND_KEY_NONE, 0, "", {0, 0, REFUND_FORM_TEXT, ""}, 0, 0, ""}

/* References that the processor takes as often as they come, or only once (within a window, or REFUND_FOR_EVER). */
#define REFUND_REFERENCES(form) {form, 0, 0}
#define REFUND_UNIQUE_REFERENCES(form, window_seconds) {form, 1, window_seconds}
#define REFUND_CURRENCIES(...) {__VA_ARGS__}
#define REFUND_ISO_CURRENCIES {{"", 0, 0}}
#define REFUND_TABLES(...) {0}, {__VA_ARGS__}

/* Is `member` of the structure that `pointer` points to within what the other side filled in? */
#define REFUND_HAS(pointer, type, member) \
  ((pointer)->size >= offsetof(type, member) + sizeof((pointer)->member))

/* ---- Host interfaces ----------------------------------------------------------------------------------------- */

/* crypto/1: get_interface(call->host, REFUND_CRYPTO_1) -> const refund_crypto_1 *. Carried out by the host's
 * cryptographic library. An algorithm it does not have is REFUND_NOT_SUPPORTED; a key that cannot be read or data of a
 * wrong length REFUND_INVALID_INPUT, with fail() already called. Output is raw bytes. [thread-safe] [non-blocking] */
#define REFUND_CRYPTO_1 "crypto/1"

typedef struct refund_crypto_1 {
  uint32_t size;
  uint32_t reserved;
  /* "MD5" "SHA-1" "SHA-256" "SHA-384" "SHA-512" */
  int32_t (*digest)(const refund_call *call, const char *algorithm, refund_text data, refund_bytes *out);
  /* HMAC over the same digests. */
  int32_t (*hmac)(const refund_call *call, const char *algorithm, refund_text key, refund_text data,
                  refund_bytes *out);
  /* "AES-128-CBC" "AES-256-CBC" "DES-EDE3-CBC" (PKCS#7 padding; with "-NOPAD" none), "AES-128-GCM" "AES-256-GCM" (the
   * 16-byte tag follows the ciphertext; `additional` is authenticated). */
  int32_t (*encrypt)(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                     refund_text additional, refund_text data, refund_bytes *out);
  int32_t (*decrypt)(const refund_call *call, const char *algorithm, refund_text key, refund_text iv,
                     refund_text additional, refund_text data, refund_bytes *out);
  /* By the names of RFC 7518: "RS256" "RS384" "RS512" "PS256" "PS384" "PS512" "ES256" "ES384" "ES512"; ES signatures
   * are r and s side by side. Keys are PEM: PKCS#8, PKCS#1 or SEC1; for verify a public key or a certificate. PS and
   * ES are randomised: declare REFUND_FLOW_RANDOM where the signature goes into URL or body. */
  int32_t (*sign)(const refund_call *call, const char *algorithm, refund_text private_key, refund_text data,
                  refund_bytes *out);
  /* REFUND_OK: the signature is right. REFUND_MALFORMED_RESPONSE: it is not. */
  int32_t (*verify)(const refund_call *call, const char *algorithm, refund_text public_key, refund_text data,
                    refund_text signature);
  /* "RSA-OAEP" "RSA-OAEP-256"; wrapping is randomised. */
  int32_t (*wrap_key)(const refund_call *call, const char *algorithm, refund_text public_key, refund_text key,
                      refund_bytes *out);
  int32_t (*unwrap_key)(const refund_call *call, const char *algorithm, refund_text private_key, refund_text wrapped,
                        refund_bytes *out);
} refund_crypto_1;

/* document/1: get_interface(call->host, REFUND_DOCUMENT_1) -> const refund_document_1 *. Reads an answer into a tree
 * that lives as long as the call. Strict: valid UTF-8, no member twice, nothing after the end, at most 64 levels. A
 * UTF-8 byte order mark in front is skipped. XML has no entities but the five of XML itself, and loads nothing.
 * Every function takes NULL for a node and answers "not there". [thread-safe] [non-blocking] */
#define REFUND_DOCUMENT_1 "document/1"

enum { REFUND_JSON = 1, REFUND_XML = 2, REFUND_FORM = 3 };

enum {
  REFUND_KIND_NONE = 0, /* no node */
  REFUND_KIND_OBJECT = 1,
  REFUND_KIND_ARRAY = 2,
  REFUND_KIND_STRING = 3, /* also a form field and an XML attribute */
  REFUND_KIND_NUMBER = 4,
  REFUND_KIND_BOOLEAN = 5,
  REFUND_KIND_NULL = 6,
  REFUND_KIND_ELEMENT = 7 /* of XML */
};

typedef struct refund_node refund_node;

typedef struct refund_document_1 {
  uint32_t size;
  uint32_t reserved;
  /* REFUND_OK and the root (of XML: the root element; of a form: an object of strings), or
   * REFUND_MALFORMED_RESPONSE. */
  int32_t (*parse)(const refund_call *call, int32_t format, refund_text bytes, const refund_node **root);
  /* Steps joined by "/", "" for the node itself: a member's name, an array's index ("data/0/id"), an element's local
   * name (the first such child; where there may be several, go through them with first and next), "@name" for an
   * attribute. "~1" stands for "/" in a name, "~0" for "~" (RFC 6901). NULL if not there. */
  const refund_node *(*find)(const refund_node *from, const char *path);
  int32_t (*kind)(const refund_node *node);
  /* Of a member, form field, element (local name) or attribute. */
  refund_text (*name)(const refund_node *node);
  /* A string's value; a number exactly as written; "true" or "false"; an element's own text, CDATA included. Not there
   * for null, objects and arrays. */
  refund_text (*text)(const refund_node *node);
  /* The value as it stands in the document, JSON only: for showing an error that may be of any kind. */
  refund_text (*source)(const refund_node *node);
  /* Children in document order: members, items, form fields, or an element's attributes and then child elements. */
  const refund_node *(*first)(const refund_node *node);
  const refund_node *(*next)(const refund_node *node);
} refund_document_1;

/* ---- Layout, checked --------------------------------------------------------------------------------------------
 * Rationale: array typedefs, because C99 and C++ have no common static assertion. */
#define REFUND_ASSERT_(name, condition) typedef char refund_assert_##name[(condition) ? 1 : -1]
#define REFUND_AT_(type, member, at) REFUND_ASSERT_(type##_##member, offsetof(type, member) == (at))

REFUND_ASSERT_(text, sizeof(refund_text) == 16);
REFUND_AT_(refund_text, size, 8);
REFUND_ASSERT_(header, sizeof(refund_header) == 32);
REFUND_AT_(refund_header, value, 16);
REFUND_ASSERT_(bytes, sizeof(refund_bytes) == 16);
REFUND_AT_(refund_bytes, write, 8);
REFUND_ASSERT_(headers, sizeof(refund_headers) == 24);
REFUND_AT_(refund_headers, add, 8);
REFUND_AT_(refund_headers, method, 16);
REFUND_ASSERT_(result, sizeof(refund_result) == 40);
REFUND_AT_(refund_result, reading, 8);
REFUND_AT_(refund_result, text, 16);
REFUND_AT_(refund_result, number, 24);
REFUND_AT_(refund_result, candidate, 32);
REFUND_ASSERT_(host, sizeof(refund_host) == 40);
REFUND_AT_(refund_host, abi_major, 4);
REFUND_AT_(refund_host, abi_minor, 6);
REFUND_AT_(refund_host, features, 8);
REFUND_AT_(refund_host, get_interface, 16);
REFUND_AT_(refund_host, allocate, 24);
REFUND_AT_(refund_host, fail, 32);
REFUND_ASSERT_(account_value, sizeof(refund_account_value) == 48);
REFUND_AT_(refund_account_value, key, 16);
REFUND_AT_(refund_account_value, value, 32);
REFUND_ASSERT_(call, sizeof(refund_call) == 280);
REFUND_AT_(refund_call, environment, 4);
REFUND_AT_(refund_call, host, 8);
REFUND_AT_(refund_call, flow, 16);
REFUND_AT_(refund_call, refund_id, 32);
REFUND_AT_(refund_call, reference, 48);
REFUND_AT_(refund_call, idempotency_key, 64);
REFUND_AT_(refund_call, connector_transaction_id, 80);
REFUND_AT_(refund_call, connector_refund_id, 96);
REFUND_AT_(refund_call, currency, 112);
REFUND_AT_(refund_call, currency_number, 128);
REFUND_AT_(refund_call, reason, 144);
REFUND_AT_(refund_call, connector_metadata, 160);
REFUND_AT_(refund_call, refund_amount, 176);
REFUND_AT_(refund_call, payment_amount, 184);
REFUND_AT_(refund_call, exponent, 192);
REFUND_AT_(refund_call, attempt, 196);
REFUND_AT_(refund_call, refund_time_ms, 200);
REFUND_AT_(refund_call, attempt_time_ms, 208);
REFUND_AT_(refund_call, refund_seed, 216);
REFUND_AT_(refund_call, attempt_seed, 224);
REFUND_AT_(refund_call, access_token, 232);
REFUND_AT_(refund_call, account, 248);
REFUND_AT_(refund_call, account_count, 256);
REFUND_AT_(refund_call, base_urls, 264);
REFUND_AT_(refund_call, base_url_count, 272);
REFUND_ASSERT_(http_request, sizeof(refund_http_request) == 56);
REFUND_AT_(refund_http_request, method, 8);
REFUND_AT_(refund_http_request, url, 24);
REFUND_AT_(refund_http_request, body, 40);
REFUND_ASSERT_(http_response, sizeof(refund_http_response) == 40);
REFUND_AT_(refund_http_response, status, 4);
REFUND_AT_(refund_http_response, body, 8);
REFUND_AT_(refund_http_response, headers, 24);
REFUND_AT_(refund_http_response, header_count, 32);
REFUND_ASSERT_(vtable, sizeof(refund_vtable) == 32);
REFUND_AT_(refund_vtable, get_url, 8);
REFUND_AT_(refund_vtable, build_request, 16);
REFUND_AT_(refund_vtable, map_response, 24);
REFUND_ASSERT_(account_field, sizeof(refund_account_field) == 128);
REFUND_AT_(refund_account_field, title, 64);
REFUND_AT_(refund_account_field, flags, 120);
REFUND_ASSERT_(base_url, sizeof(refund_base_url) == 256);
REFUND_AT_(refund_base_url, sandbox, 16);
REFUND_AT_(refund_base_url, production, 136);
REFUND_ASSERT_(flow, sizeof(refund_flow) == 128);
REFUND_AT_(refund_flow, method, 24);
REFUND_AT_(refund_flow, content_type, 32);
REFUND_AT_(refund_flow, flags, 96);
REFUND_AT_(refund_flow, names, 100);
REFUND_AT_(refund_flow, visible_after_seconds, 104);
REFUND_ASSERT_(form, sizeof(refund_form) == 32);
REFUND_AT_(refund_form, greatest, 2);
REFUND_AT_(refund_form, kind, 4);
REFUND_AT_(refund_form, alphabet, 8);
REFUND_ASSERT_(idempotency, sizeof(refund_idempotency) == 160);
REFUND_AT_(refund_idempotency, flags, 4);
REFUND_AT_(refund_idempotency, name, 8);
REFUND_AT_(refund_idempotency, form, 56);
REFUND_AT_(refund_idempotency, window_seconds, 88);
REFUND_AT_(refund_idempotency, repeat_after_seconds, 92);
REFUND_AT_(refund_idempotency, switch_field, 96);
REFUND_ASSERT_(reference, sizeof(refund_reference) == 40);
REFUND_AT_(refund_reference, unique, 32);
REFUND_AT_(refund_reference, window_seconds, 36);
REFUND_ASSERT_(currency, sizeof(refund_currency) == 8);
REFUND_AT_(refund_currency, exponent, 4);
REFUND_AT_(refund_currency, multiple, 6);
REFUND_AT_(refund_descriptor, pointer_bytes, 8);
REFUND_AT_(refund_descriptor, byte_order, 9);
REFUND_AT_(refund_descriptor, abi_major, 10);
REFUND_AT_(refund_descriptor, abi_minor_built, 12);
REFUND_AT_(refund_descriptor, abi_minor_needed, 14);
REFUND_AT_(refund_descriptor, size, 16);
REFUND_AT_(refund_descriptor, inline_size, 20);
REFUND_AT_(refund_descriptor, features_needed, 24);
REFUND_AT_(refund_descriptor, id, 32);
REFUND_AT_(refund_descriptor, version, 64);
REFUND_AT_(refund_descriptor, vendor, 88);
REFUND_AT_(refund_descriptor, source, 152);
REFUND_AT_(refund_descriptor, flags, 280);
REFUND_AT_(refund_descriptor, fields, 288);
REFUND_AT_(refund_descriptor, base_urls, 2336);
REFUND_AT_(refund_descriptor, flows, 3872);
REFUND_AT_(refund_descriptor, idempotency, 4896);
REFUND_AT_(refund_descriptor, reference, 5056);
REFUND_AT_(refund_descriptor, currencies, 5096);
REFUND_AT_(refund_descriptor, reserved, 5352);
REFUND_AT_(refund_descriptor, tables, 5864);
REFUND_ASSERT_(descriptor, sizeof(refund_descriptor) == 5928);
REFUND_ASSERT_(crypto_1, sizeof(refund_crypto_1) == 72);
REFUND_ASSERT_(document_1, sizeof(refund_document_1) == 72);

#undef REFUND_AT_
#undef REFUND_ASSERT_

#ifdef __cplusplus
}
#endif

#endif
