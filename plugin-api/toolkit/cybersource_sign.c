/* SPDX-License-Identifier: Apache-2.0
 * How requests to CyberSource's platform are signed, in one of two ways:
 * https://developer.cybersource.com/docs/cybs/en-us/platform/developer/all/rest/
 * rest-getting-started/restgs-http-message-intro.html and restgs-jwt-message-intro.html */
#include "refund_toolkit.h"

static const refund_text nothing = {NULL, 0};

static refund_text method_of(refund_text digest) {
  return refund_text_of(digest.data == NULL ? "get" : "post");
}

static int32_t sign_http(const refund_call *call, const refund_http_request *request, refund_text key,
                         refund_text digest, refund_headers *headers) {
  const refund_value values[] = {
      {"host", refund_url_host(request->url)},
      {"date", refund_date_text(call, call->attempt_time_ms, REFUND_DATE_HTTP)},
      {"method", method_of(digest)},
      {"target", refund_url_target(request->url)},
      {"digest", digest},
  };
  refund_text lines = refund_filled(call, REFUND_AS_TEXT,
                                    "host: $host\n"
                                    "date: $date\n"
                                    "request-target: $method $target\n"
                                    "$?digest[digest: SHA-256=$digest\n]"
                                    "v-c-merchant-id: $account.merchant_account",
                                    REFUND_VALUES(values));
  refund_text mac = lines.data == NULL ? nothing : refund_hmac(call, "SHA-256", key, lines);
  if (mac.data == NULL) return REFUND_INTERNAL;
  const refund_value result[] = {{"digest", digest}, {"mac", refund_base64_text(call, mac)}};
  refund_text signature = refund_filled(call, REFUND_AS_TEXT,
                                        "keyid=\"$account.api_key\", algorithm=\"HmacSHA256\", "
                                        "headers=\"host date request-target $?digest[digest ]v-c-merchant-id\", "
                                        "signature=\"$mac\"",
                                        REFUND_VALUES(result));
  refund_add_header(headers, "v-c-merchant-id", refund_account(call, "merchant_account"));
  refund_add_header(headers, "Date", values[1].text);
  if (digest.data != NULL) {
    refund_add_header(headers, "Digest", REFUND_CONCAT(call, refund_text_of("SHA-256="), digest));
  }
  return refund_add_secret_header(headers, "Signature", signature);
}

static int32_t sign_jwt(const refund_call *call, const refund_http_request *request, refund_text key,
                        refund_text digest, refund_headers *headers) {
  int64_t now = call->attempt_time_ms / 1000;
  const refund_value values[] = {
      {"digest", digest},
      {"now", refund_integer_text(call, now)},
      {"end", refund_integer_text(call, now + 120)},
      {"host", refund_url_hostname(request->url)},
      {"target", refund_url_target(request->url)},
      {"method", method_of(digest)},
      {"uuid", refund_uuid_text(call, call->attempt_seed)},
  };
  refund_text header =
      refund_filled(call, REFUND_AS_JSON, "{'typ':'JWT','alg':'HS256','kid':'$account.api_key'}", NULL, 0);
  refund_text claims = refund_filled(call, REFUND_AS_JSON,
                                     "{$?digest['digest':'$digest','digest-algorithm':'SHA-256',]"
                                     "'iat':$now,'exp':$end,"
                                     "'request-host':'$host','request-resource-path':'$target',"
                                     "'request-method':'$method','iss':'$account.merchant_account','jti':'$uuid',"
                                     "'v-c-jwt-version':'2','v-c-merchant-id':'$account.merchant_account'}",
                                     REFUND_VALUES(values));
  if (header.data == NULL || claims.data == NULL) return REFUND_INTERNAL;
  refund_text token = refund_jws(call, "HS256", header, claims, key);
  return token.data == NULL ? REFUND_INTERNAL : refund_add_bearer(call, headers, token);
}

int32_t refund_cybersource_sign(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  refund_text auth = refund_account(call, "auth");
  refund_text key = refund_decode_base64(call, refund_account(call, "api_secret"));
  refund_text digest = nothing; /* of the body; without a body there is none */
  if (refund_there(request->body)) {
    digest = refund_base64_text(call, refund_digest(call, "SHA-256", request->body));
    if (digest.data == NULL) return REFUND_INTERNAL;
  }
  if (!refund_there(key)) return refund_invalid(call, "api_secret", "the account's api_secret is not base64");
  if (!refund_there(auth) || refund_is(auth, "http_signature")) return sign_http(call, request, key, digest, headers);
  if (refund_is(auth, "jwt")) return sign_jwt(call, request, key, digest, headers);
  return refund_invalid(call, "auth", "the account's auth is neither http_signature nor jwt");
}
