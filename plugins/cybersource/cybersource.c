/* SPDX-License-Identifier: Apache-2.0
 * CyberSource (Visa), REST Payments API: every request is signed; there is no key, but a search by our reference.
 * Requests, status words and errors are in plugin-api/toolkit/cybersource.c, for the processors that share them.
 * https://developer.cybersource.com/api-reference-assets/index.html */
#include <refund_toolkit.h>

#define JSON "application/json;charset=utf-8"

/* The search is for reports: when a refund shows there is not promised, so an absence is not final. */
REFUND_CONNECTOR("cybersource", "1.0.0", "refund-host",
                 "https://developer.cybersource.com/api-reference-assets/index.html#payments_refund",
                 REFUND_FLAGS(REFUND_IDS_UNIQUE),
                 REFUND_FIELDS(REFUND_REQUIRED("api_key", "id of the shared secret"),
                               REFUND_REQUIRED_SECRET("api_secret", "the shared secret, in base64"),
                               REFUND_REQUIRED("merchant_account", "merchant id"),
                               REFUND_OPTIONAL("auth", "http_signature (default) or jwt"),
                               REFUND_OPTIONAL("disable_avs", "payments only"),
                               REFUND_OPTIONAL("disable_cvn", "payments only")),
                 REFUND_BASE_URLS({"api", "https://apitest.cybersource.com", "https://api.cybersource.com"}),
                 REFUND_FLOWS(REFUND_CREATES("POST", JSON, REFUND_NAMES_REFERENCE),
                              REFUND_SYNCS("GET", "", REFUND_NAMES_REFUND_ID),
                              REFUND_LOOKS_UP("POST", JSON, REFUND_NAMES_REFERENCE, REFUND_MINUTES(15), 0)),
                 REFUND_NO_IDEMPOTENCY, REFUND_REFERENCES(REFUND_LENGTH(1, 50)), REFUND_ISO_CURRENCIES,
                 REFUND_TABLES(&refund_cybersource_refund, &refund_cybersource_sync, &refund_cybersource_lookup));
