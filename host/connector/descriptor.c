#include "connector/descriptor.h"

#include <string.h>

#include "connector/descriptor_content.h"

/* What never moves, in any major version: enough to say what was found. */
#define HEAD_SIZE offsetof(refund_descriptor, id)

#define ARRAY(member, count) \
  { offsetof(refund_descriptor, member), count, sizeof(((refund_descriptor *)0)->member[0]) }

/* The repeated parts. Each starts with the text that says whether it is filled in. */
struct array {
  size_t offset;
  size_t count;
  size_t stride;
};

static const struct array fields = ARRAY(fields, REFUND_MAX_FIELDS);
static const struct array base_urls = ARRAY(base_urls, REFUND_MAX_BASE_URLS);
static const struct array flows = ARRAY(flows, REFUND_MAX_FLOWS);
static const struct array currencies = ARRAY(currencies, REFUND_MAX_CURRENCIES);

#define SINGLE(member) \
  { #member, offsetof(refund_descriptor, member), sizeof(((refund_descriptor *)0)->member), 1, 0 }
#define MEMBER(type, array, length, member)                                                                         \
  {                                                                                                                 \
#array "[]." #member, offsetof(refund_descriptor, array) + offsetof(type, member), sizeof(((type *)0)->member), \
        length, sizeof(type)                                                                                        \
  }

/* Every text of the descriptor. */
static const struct {
  const char *name;
  size_t offset;
  size_t size;
  size_t count;
  size_t stride;
} texts[] = {
    SINGLE(id),
    SINGLE(version),
    SINGLE(vendor),
    SINGLE(source),
    MEMBER(refund_account_field, fields, REFUND_MAX_FIELDS, name),
    MEMBER(refund_account_field, fields, REFUND_MAX_FIELDS, title),
    MEMBER(refund_base_url, base_urls, REFUND_MAX_BASE_URLS, name),
    MEMBER(refund_base_url, base_urls, REFUND_MAX_BASE_URLS, sandbox),
    MEMBER(refund_base_url, base_urls, REFUND_MAX_BASE_URLS, production),
    MEMBER(refund_flow, flows, REFUND_MAX_FLOWS, id),
    MEMBER(refund_flow, flows, REFUND_MAX_FLOWS, method),
    MEMBER(refund_flow, flows, REFUND_MAX_FLOWS, content_type),
    SINGLE(idempotency.name),
    SINGLE(idempotency.form.alphabet),
    SINGLE(idempotency.switch_field),
    SINGLE(reference.form.alphabet),
    MEMBER(refund_currency, currencies, REFUND_MAX_CURRENCIES, code),
};

static size_t filled(const refund_descriptor *descriptor, const struct array *array) {
  const char *entry = (const char *)descriptor + array->offset;
  size_t count = 0;
  while (count < array->count && entry[count * array->stride] != '\0')
    count++;
  return count;
}

size_t descriptor_field_count(const refund_descriptor *descriptor) {
  return filled(descriptor, &fields);
}

size_t descriptor_base_url_count(const refund_descriptor *descriptor) {
  return filled(descriptor, &base_urls);
}

size_t descriptor_flow_count(const refund_descriptor *descriptor) {
  return filled(descriptor, &flows);
}

size_t descriptor_currency_count(const refund_descriptor *descriptor) {
  return filled(descriptor, &currencies);
}

/* ---- Is it a descriptor of ours at all? The most general mismatch first. ---- */

static bool check_magic(const refund_descriptor *head, size_t available, struct error *error) {
  if (available >= HEAD_SIZE && memcmp(head->magic, REFUND_MAGIC, sizeof head->magic) == 0) return true;
  error_set(error, ERROR_CONNECTOR, "magic", "refund_connector is not a connector's descriptor");
  error_expected(error, "\"" REFUND_MAGIC "\" at its start");
  error_found(error, available < HEAD_SIZE ? "an object too small to hold it" : "something else");
  return error_fix(error, "define it with REFUND_CONNECTOR() of refund_connector.h");
}

static bool check_machine(const refund_descriptor *head, struct error *error) {
  if (head->pointer_bytes == sizeof(void *) && head->byte_order == 1) return true;
  error_set(error, ERROR_CONNECTOR, head->byte_order == 1 ? "pointer_bytes" : "byte_order",
            "the descriptor was written for another kind of machine");
  error_expected(error, "pointers of 8 bytes, byte order 1 (little-endian)");
  error_found(error, "pointers of %u bytes, byte order %u", head->pointer_bytes, head->byte_order);
  return error_fix(error, "define it with REFUND_CONNECTOR() of refund_connector.h");
}

static bool check_major(const refund_descriptor *head, struct error *error) {
  if (head->abi_major == REFUND_ABI_MAJOR) return true;
  error_set(error, ERROR_CONNECTOR, "abi_major", "connector was built for ABI %u.%u, this host offers %u.%u",
            head->abi_major, head->abi_minor_built, REFUND_ABI_MAJOR, REFUND_ABI_MINOR);
  error_expected(error, "ABI major version %u", REFUND_ABI_MAJOR);
  error_found(error, "ABI major version %u", head->abi_major);
  return error_fix(error, "install a refund-host that offers ABI %u, or build the connector with this host's header",
                   head->abi_major);
}

static bool check_minor(const refund_descriptor *head, struct error *error) {
  if (head->abi_minor_needed <= REFUND_ABI_MINOR) return true;
  error_set(error, ERROR_CONNECTOR, "abi_minor_needed", "connector needs ABI %u.%u, this host offers %u.%u",
            head->abi_major, head->abi_minor_needed, REFUND_ABI_MAJOR, REFUND_ABI_MINOR);
  error_expected(error, "ABI %u.%u or older", REFUND_ABI_MAJOR, REFUND_ABI_MINOR);
  error_found(error, "ABI %u.%u needed", head->abi_major, head->abi_minor_needed);
  return error_fix(error, "install a newer refund-host, or build the connector with REFUND_ABI_MINOR_NEEDED %u",
                   REFUND_ABI_MINOR);
}

static bool check_features(const refund_descriptor *head, struct error *error) {
  uint64_t missing = head->features_needed & ~DESCRIPTOR_FEATURES;
  if (missing == 0) return true;
  error_set(error, ERROR_CONNECTOR, "features_needed", "connector needs features that this host does not have");
  error_expected(error, "no feature bits outside 0x%llx", (unsigned long long)DESCRIPTOR_FEATURES);
  error_found(error, "0x%llx", (unsigned long long)head->features_needed);
  return error_fix(error, "install a newer refund-host");
}

static bool check_size(const refund_descriptor *head, size_t available, struct error *error) {
  if (head->size < DESCRIPTOR_LEAST_SIZE) {
    error_set(error, ERROR_CONNECTOR, "size", "the descriptor is shorter than any of this ABI");
    error_expected(error, "at least %u bytes", DESCRIPTOR_LEAST_SIZE);
    error_found(error, "%u bytes declared", head->size);
    return error_fix(error, "define it with REFUND_CONNECTOR(), built with refund_connector.h of ABI 0.9 or newer");
  }
  if (head->size > available) {
    error_set(error, ERROR_CONNECTOR, "size", "the descriptor is shorter than it says");
    error_expected(error, "%u bytes", head->size);
    error_found(error, "%zu bytes", available);
    return error_fix(error, "define it with REFUND_CONNECTOR() of refund_connector.h");
  }
  if (head->inline_size == DESCRIPTOR_INLINE_SIZE) return true;
  error_set(error, ERROR_CONNECTOR, "inline_size", "the descriptor's function tables are not where they have to be");
  error_expected(error, "after %u bytes", DESCRIPTOR_INLINE_SIZE);
  error_found(error, "after %u bytes", head->inline_size);
  return error_fix(error, "define it with REFUND_CONNECTOR() of refund_connector.h");
}

/* ---- Are its texts texts? ---- */

/* The length of the UTF-8 sequence at `text`, or 0: none, overlong, a surrogate, or a control character. */
static size_t sequence(const unsigned char *text, size_t room) {
  static const struct {
    unsigned char mask, lead;
    uint32_t least;
  } forms[] = {{0x80, 0x00, 0x20}, {0xE0, 0xC0, 0xA0}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
  for (size_t size = 1; size <= 4 && size <= room; size++) {
    if ((text[0] & forms[size - 1].mask) != forms[size - 1].lead) continue;
    uint32_t character = text[0] & (unsigned char)~forms[size - 1].mask;
    for (size_t i = 1; i < size; i++) {
      if ((text[i] & 0xC0u) != 0x80) return 0;
      character = character << 6 | (text[i] & 0x3Fu);
    }
    bool wrong = character < forms[size - 1].least || character == 0x7F || character > 0x10FFFF ||
                 (character >= 0xD800 && character <= 0xDFFF);
    return wrong ? 0 : size;
  }
  return 0;
}

static const char *fault_of_text(const char *text, size_t room) {
  const char *end = memchr(text, '\0', room);
  if (end == NULL) return "no NUL at its end";
  for (const char *at = text; at < end;) {
    size_t size = sequence((const unsigned char *)at, (size_t)(end - at));
    if (size == 0) return "bytes that are not UTF-8, or control characters";
    at += size;
  }
  /* All are NUL if each equals the one behind it: one fast comparison for thousands of bytes. */
  bool filled = memcmp(end, end + 1, (size_t)(text + room - end) - 1) == 0;
  return filled ? NULL : "something behind the NUL";
}

static bool check_texts(const refund_descriptor *descriptor, struct error *error) {
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    for (size_t j = 0; j < texts[i].count; j++) {
      const char *text = (const char *)descriptor + texts[i].offset + j * texts[i].stride;
      const char *fault = fault_of_text(text, texts[i].size);
      if (fault == NULL) continue;
      error_set(error, ERROR_CONNECTOR, texts[i].name, "%s is not a text", texts[i].name);
      error_expected(error, "UTF-8 without control characters, filled up to %zu bytes with NUL", texts[i].size);
      error_found(error, texts[i].count > 1 ? "%s, in entry %zu" : "%s", fault, j + 1);
      return error_fix(error, "shorten or correct the text in REFUND_CONNECTOR()");
    }
  }
  return true;
}

bool descriptor_read(refund_descriptor *descriptor, bool *described, const void *bytes, size_t available,
                     struct error *error) {
  refund_descriptor head = {.magic = {0}};
  memset(descriptor, 0, sizeof *descriptor);
  if (described != NULL) *described = false;
  if (available > 0) memcpy(&head, bytes, available < HEAD_SIZE ? available : HEAD_SIZE);
  if (!check_magic(&head, available, error) || !check_machine(&head, error) || !check_major(&head, error)) return false;

  /* Within a major version all that is known stays in its place, so that a refusal can name the connector. */
  size_t known = head.size < sizeof *descriptor ? head.size : sizeof *descriptor;
  if (known > available) known = available;
  memcpy(descriptor, bytes, known);
  memset(descriptor->tables, 0, sizeof descriptor->tables);
  bool good_texts = check_texts(descriptor, error); /* counts after what is more general */
  if (described != NULL) *described = good_texts && descriptor_content_is_name(descriptor->id);

  return check_minor(&head, error) && check_features(&head, error) && check_size(&head, available, error) &&
         good_texts && descriptor_content_check(descriptor, error);
}
