/* Reads and judges what a connector says of itself. Pure: given bytes, no I/O. When changing refund_connector.h, adjust
 * the tables in descriptor.c and descriptor_content.c. */
#ifndef CONNECTOR_DESCRIPTOR_H
#define CONNECTOR_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "refund_connector.h"

/* Bits of refund_descriptor.features_needed that this host has. */
#define DESCRIPTOR_FEATURES UINT64_C(0)

/* The structure of the first ABI of this major version: no connector declares less. Never changes. */
#define DESCRIPTOR_LEAST_SIZE 5928u
#define DESCRIPTOR_INLINE_SIZE 5864u

/* `available`: bytes that are really there; they need no alignment. Copies what both sides know into *descriptor, the
 * rest zero, tables NULL. *described (may be NULL): the copy may be shown, even where the connector is refused: its
 * texts are whole. The error names the member in `field`. */
bool descriptor_read(refund_descriptor *descriptor, bool *described, const void *bytes, size_t available,
                     struct error *error);

/* How many are filled in; they come first, without gaps. */
size_t descriptor_field_count(const refund_descriptor *descriptor);
size_t descriptor_base_url_count(const refund_descriptor *descriptor);
size_t descriptor_flow_count(const refund_descriptor *descriptor);
size_t descriptor_currency_count(const refund_descriptor *descriptor);

#endif
