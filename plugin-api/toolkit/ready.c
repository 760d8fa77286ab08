/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_toolkit.h"

/* ---- Ready-made functions for a vtable ---- */

int32_t refund_no_body(const refund_call *call, refund_bytes *body) {
  (void)call;
  (void)body;
  return REFUND_OK;
}

int32_t refund_no_headers(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)call;
  (void)request;
  (void)headers;
  return REFUND_OK;
}

int32_t refund_only_api_key(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  return refund_add_bearer(call, headers, refund_account(call, "api_key"));
}

int32_t refund_only_token(const refund_call *call, const refund_http_request *request, refund_headers *headers) {
  (void)request;
  return refund_add_token(call, headers);
}

int32_t refund_url_is_base(const refund_call *call, const refund_http_request *request, refund_bytes *url) {
  (void)request;
  return refund_put(url, refund_base(call, 0));
}

int32_t refund_client_credentials(const refund_call *call, refund_bytes *body) {
  (void)call;
  return refund_puts(body, "grant_type=client_credentials");
}
