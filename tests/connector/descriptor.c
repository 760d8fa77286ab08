#include "connector/descriptor_content.h"

#include <criterion/criterion.h>
#include <string.h>

static refund_descriptor good(void) {
  return (refund_descriptor){
      .magic = REFUND_MAGIC,
      .pointer_bytes = 8,
      .byte_order = 1,
      .abi_major = REFUND_ABI_MAJOR,
      .abi_minor_built = REFUND_ABI_MINOR,
      .abi_minor_needed = REFUND_ABI_MINOR_NEEDED,
      .size = sizeof(refund_descriptor),
      .inline_size = offsetof(refund_descriptor, tables),
      .id = "acme_2",
      .version = "1.0.0",
      .vendor = "Société Générale d'Exemples",
      .source = "https://docs.example.com",
      .fields = {{"api_key", "key", REFUND_FIELD_REQUIRED | REFUND_FIELD_SECRET, 0},
                 {"prefix", "host prefix", 0, 0},
                 {"keys", "a key for each currency", REFUND_FIELD_MAP, 0}},
      .base_urls = {{"api", "http://127.0.0.1:8080/v1", "https://{prefix}.example.com"},
                    {"tokens", "", "https://tokens.example.com:8443/oauth/{prefix}"}},
      .flows = {{.id = "refund", .method = "POST", .content_type = "application/json", .names = 1},
                {.id = "refund_sync", .method = "GET", .names = 2}},
      .idempotency =
          {REFUND_KEY_HEADER, 0, "Idempotency-Key", {1, 64, REFUND_FORM_TEXT, "A-Za-z0-9-"}, 86400, 0, "prefix"},
      .reference = {{36, 36, REFUND_FORM_UUID, ""}, 1, 0},
      .currencies = {{"CLP", 2, 0}, {"ISK", 2, 100}},
  };
}

/* The memory is of exactly that size, so that a sanitizer sees each read behind the end. */
static bool reads(const refund_descriptor *descriptor, size_t available, refund_descriptor *copy, bool *described,
                  struct error *error) {
  unsigned char *bytes = malloc(available + (available == 0));
  memset(bytes, 0x55, available);
  memcpy(bytes, descriptor, available < sizeof *descriptor ? available : sizeof *descriptor);
  memset(error, 0, sizeof *error);
  bool read = descriptor_read(copy, described, bytes, available, error);
  free(bytes);
  return read;
}

static void accepted(const refund_descriptor *descriptor) {
  refund_descriptor copy;
  struct error error;
  cr_expect(reads(descriptor, sizeof *descriptor, &copy, NULL, &error), "%s: %s (%s)", error.field, error.message,
            error.found);
}

/* Refused for that member, with all three parts of the explanation; `described` as stated. */
static void refused(const refund_descriptor *descriptor, const char *field, bool described) {
  refund_descriptor copy;
  struct error error;
  bool shown;
  cr_expect_not(reads(descriptor, sizeof *descriptor, &copy, &shown, &error), "%s was accepted", field);
  cr_expect_str_eq(error.field, field);
  cr_expect(error.expected[0] != '\0' && error.found[0] != '\0' && error.fix[0] != '\0', "%s", error.message);
  cr_expect_eq(shown, described, "%s", error.message);
}

/* The whole text, with its padding. */
#define SET(text, value) strncpy(text, value, sizeof(text))

#define REFUSED(field, described, change) \
  do {                                    \
    refund_descriptor changed = good();   \
    refund_descriptor *d = &changed;      \
    change;                               \
    refused(&changed, field, described);  \
  } while (0)

#define ACCEPTED(change)                \
  do {                                  \
    refund_descriptor changed = good(); \
    refund_descriptor *d = &changed;    \
    change;                             \
    accepted(&changed);                 \
  } while (0)

Test(descriptor, copies_a_good_one_without_its_pointers) {
  refund_descriptor descriptor = good();
  refund_descriptor copy;
  struct error error;
  bool described;
  descriptor.tables[0] = (const void *)&descriptor;
  cr_assert(reads(&descriptor, sizeof descriptor, &copy, &described, &error), "%s: %s", error.field, error.message);
  cr_expect(described);
  cr_expect(copy.tables[0] == NULL);
  cr_expect_eq(memcmp(&copy, &descriptor, offsetof(refund_descriptor, tables)), 0);
  cr_expect_eq(descriptor_field_count(&copy), 3);
  cr_expect_eq(descriptor_base_url_count(&copy), 2);
  cr_expect_eq(descriptor_flow_count(&copy), 2);
  cr_expect_eq(descriptor_currency_count(&copy), 2);
}

Test(descriptor, counts_arrays_that_are_full) {
  refund_descriptor descriptor = good();
  for (char i = 0; i < REFUND_MAX_FLOWS; i++)
    descriptor.flows[(int)i] = (refund_flow){.id = {(char)('a' + i)}, .method = "GET"};
  cr_expect_eq(descriptor_flow_count(&descriptor), REFUND_MAX_FLOWS);
}

Test(descriptor, refuses_every_prefix) {
  refund_descriptor descriptor = good();
  refund_descriptor copy;
  struct error error;
  for (size_t size = 0; size < sizeof descriptor; size++) {
    cr_assert_not(reads(&descriptor, size, &copy, NULL, &error), "%zu bytes were accepted", size);
  }
}

Test(descriptor, takes_a_newer_one_that_is_longer_and_ignores_what_it_does_not_know) {
  refund_descriptor descriptor = good();
  refund_descriptor copy;
  struct error error;
  descriptor.abi_minor_built = REFUND_ABI_MINOR + 3;
  descriptor.size = sizeof descriptor + 64;
  descriptor.flags = 0x40000000u;
  descriptor.flows[0].flags = 0x80000000u;
  descriptor.flows[0].names = 77;
  descriptor.fields[0].flags |= 0x100u;
  memset(descriptor.reserved, 1, sizeof descriptor.reserved);
  cr_expect(reads(&descriptor, sizeof descriptor + 64, &copy, NULL, &error), "%s", error.message);
}

Test(descriptor, refuses_other_abis_with_both_versions_in_the_sentence) {
  refund_descriptor descriptor = good();
  refund_descriptor copy;
  struct error error;
  descriptor.abi_major = 1;
  descriptor.abi_minor_built = 2;
  cr_assert_not(reads(&descriptor, sizeof descriptor, &copy, NULL, &error));
  cr_expect_str_eq(error.message, "connector was built for ABI 1.2, this host offers 0.9");
  refused(&descriptor, "abi_major", false);
  REFUSED("abi_minor_needed", true, d->abi_minor_needed = REFUND_ABI_MINOR + 1);
  REFUSED("features_needed", true, d->features_needed = UINT64_C(1) << 63);
}

Test(descriptor, names_the_most_general_mismatch_first) {
  refund_descriptor descriptor = good();
  descriptor.id[0] = 'A';
  refused(&descriptor, "id", false);
  descriptor.vendor[0] = '\033';
  refused(&descriptor, "vendor", false);
  descriptor.inline_size = 1;
  refused(&descriptor, "inline_size", false);
  descriptor.size = 100;
  refused(&descriptor, "size", false);
  descriptor.features_needed = 2;
  refused(&descriptor, "features_needed", false);
  descriptor.abi_minor_needed = 99;
  refused(&descriptor, "abi_minor_needed", false);
  descriptor.abi_major = 9;
  refused(&descriptor, "abi_major", false);
  descriptor.byte_order = 2;
  refused(&descriptor, "byte_order", false);
  descriptor.pointer_bytes = 4;
  refused(&descriptor, "byte_order", false);
  descriptor.byte_order = 1;
  refused(&descriptor, "pointer_bytes", false);
  descriptor.magic[7] = '!';
  refused(&descriptor, "magic", false);
}

Test(descriptor, refuses_sizes_that_do_not_fit) {
  REFUSED("size", true, d->size = DESCRIPTOR_LEAST_SIZE - 1);
  REFUSED("size", true, d->size = sizeof *d + 1);
  REFUSED("size", true, d->size = UINT32_MAX);
  REFUSED("size", false, d->size = 0);
  REFUSED("inline_size", true, d->inline_size += 8);
}

Test(descriptor, refuses_texts_that_are_not_whole) {
  REFUSED("version", false, memset(d->version, 'x', sizeof d->version));
  REFUSED("version", false, d->version[20] = 'x');
  REFUSED("vendor", false, SET(d->vendor, "\xC0\xAF"));         /* overlong */
  REFUSED("vendor", false, SET(d->vendor, "\xED\xA0\x80"));     /* a surrogate */
  REFUSED("vendor", false, SET(d->vendor, "\xF5\x80\x80\x80")); /* past the last character */
  REFUSED("vendor", false, SET(d->vendor, "ab\xE2\x82"));       /* cut short */
  REFUSED("vendor", false, SET(d->vendor, "\xC2\x9B"));         /* a control character */
  REFUSED("fields[].title", false, d->fields[1].title[0] = '\n');
  REFUSED("currencies[].code", false, memcpy(d->currencies[0].code, "CLPX", 4));
  ACCEPTED(SET(d->vendor, "\xF0\x9F\x92\xB8"));
}

Test(descriptor, refuses_names_outside_the_alphabet) {
  REFUSED("id", false, SET(d->id, "acme-2"));
  REFUSED("id", false, memset(d->id, 0, sizeof d->id));
  REFUSED("version", true, memset(d->version, 0, sizeof d->version));
  REFUSED("fields[].name", true, SET(d->fields[1].name, "host prefix"));
  REFUSED("base_urls[].name", true, SET(d->base_urls[1].name, "Tokens"));
  REFUSED("flows[].id", true, SET(d->flows[1].id, "refund-sync"));
}

Test(descriptor, refuses_names_twice_and_gaps) {
  REFUSED("fields[].name", true, SET(d->fields[2].name, "prefix"));
  REFUSED("fields[].name", true, SET(d->fields[4].name, "late"));
  REFUSED("flows[].id", true, SET(d->flows[1].id, "refund"));
  REFUSED("flows[].id", true, SET(d->flows[3].id, "access_token"));
  REFUSED("base_urls[].name", true, SET(d->base_urls[1].name, "api"));
  REFUSED("currencies[].code", true, SET(d->currencies[1].code, "CLP"));
  REFUSED("currencies[].code", true, SET(d->currencies[31].code, "EUR"));
}

Test(descriptor, refuses_field_flags_that_do_not_exist) {
  REFUSED("fields[].flags", true, d->fields[1].flags = 8);
}

#define URL(text) strncpy(d->base_urls[0].production, text, sizeof d->base_urls[0].production - 1)

static void refuses_url(const char *url) {
  refund_descriptor descriptor = good();
  refund_descriptor *d = &descriptor;
  memset(d->base_urls[0].production, 0, sizeof d->base_urls[0].production);
  URL(url);
  refund_descriptor copy;
  struct error error;
  cr_expect_not(reads(&descriptor, sizeof descriptor, &copy, NULL, &error), "%s was accepted", url);
  cr_expect_str_eq(error.field, "base_urls[].production", "%s", url);
}

static void accepts_url(const char *url) {
  refund_descriptor descriptor = good();
  refund_descriptor *d = &descriptor;
  memset(d->base_urls[0].production, 0, sizeof d->base_urls[0].production);
  URL(url);
  accepted(&descriptor);
}

Test(descriptor, accepts_base_urls_on_https_or_this_machine) {
  static const char *const urls[] = {"",
                                     "https://api.example.com",
                                     "https://api.example.com:65535/a/b-c_d~e",
                                     "https://{prefix}-pal.example.com/{prefix}/v1",
                                     "http://localhost",
                                     "http://localhost:1",
                                     "http://LocalHost",
                                     "http://127.8.9.10/x",
                                     "http://[::1]:8080/x"};
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
    accepts_url(urls[i]);
}

Test(descriptor, refuses_base_urls_that_could_lead_elsewhere) {
  static const char *const urls[] = {"api.example.com",
                                     "ftp://api.example.com",
                                     "HTTPS://api.example.com",
                                     "http://api.example.com",
                                     "http://127.0.0.1.example.com",
                                     "http://localhost.example.com",
                                     "http://127.1",
                                     "http://127...1",
                                     "http://127.0.0.01",
                                     "http://127.0.0.256",
                                     "http://{prefix}",
                                     "https://",
                                     "https:///path",
                                     "https://user@api.example.com",
                                     "https://api.example.com:",
                                     "https://api.example.com:0",
                                     "https://api.example.com:65536",
                                     "https://api.example.com:80x",
                                     "https://api.example.com/?a=b",
                                     "https://api.example.com/#a",
                                     "https://api.example.com/a b",
                                     "https://api.example.com/a\\b",
                                     "https://api.example.com/",
                                     "https://api.example.com/v1/"};
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
    refuses_url(urls[i]);
}

Test(descriptor, refuses_placeholders_that_are_not_plain_fields) {
  static const char *const urls[] = {"https://{nothing}.example.com",  "https://{api_key}.example.com",
                                     "https://{keys}.example.com",     "https://{}.example.com",
                                     "https://{prefix.example.com",    "https://prefix}.example.com",
                                     "https://{{prefix}}.example.com", "https://{prefi}.example.com"};
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
    refuses_url(urls[i]);
}

Test(descriptor, refuses_hosts_without_the_api_first) {
  REFUSED("base_urls[].name", true, SET(d->base_urls[0].name, "main"));
  REFUSED("base_urls[].name", true, memset(d->base_urls, 0, sizeof d->base_urls));
}

Test(descriptor, refuses_flows_that_cannot_refund) {
  REFUSED("flows[].id", true, SET(d->flows[0].id, "refund_lookup"));
  REFUSED("flows[].id", true, memset(d->flows, 0, sizeof d->flows));
  REFUSED("flows[].method", true, SET(d->flows[0].method, "PO ST"));
  REFUSED("flows[].method", true, SET(d->flows[0].method, "post")); /* one that get_headers could not set either */
  REFUSED("flows[].method", true, memset(d->flows[1].method, 0, sizeof d->flows[1].method));
  REFUSED("flows[].names", true, d->flows[1].names = 4);
  REFUSED("flows[].names", true, d->flows[1].names = REFUND_FLOW_ABSENCE_FINAL);
  REFUSED("flows[].flags", true, d->flows[1].flags = REFUND_NAMES_REFERENCE);
  ACCEPTED(SET(d->flows[1].id, "chargeback"));
}

Test(descriptor, takes_every_token_of_rfc_9110_and_nothing_else) {
  for (int c = 0; c < 256; c++) {
    char text[] = {'X', (char)c, '1'};
    bool symbol = c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
    bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    cr_expect_eq(descriptor_content_is_token((refund_text){text, sizeof text}), symbol || letter, "byte %d", c);
  }
  cr_expect_not(descriptor_content_is_token((refund_text){"", 0}));
}

Test(descriptor, refuses_idempotency_that_cannot_be_carried_out) {
  REFUSED("idempotency.carrier", true, d->idempotency.carrier = 3);
  REFUSED("idempotency.name", true, d->idempotency.name[3] = ' ');
  REFUSED("idempotency.name", true, memset(d->idempotency.name, 0, sizeof d->idempotency.name));
  REFUSED("idempotency.form", true, d->idempotency.form.least = 65);
  REFUSED("idempotency.form", true, d->idempotency.form.least = d->idempotency.form.greatest = 0);
  REFUSED("idempotency.form", true, d->idempotency.form.kind = 2);
  REFUSED("idempotency.form", true, SET(d->idempotency.form.alphabet, "z-a"));
  REFUSED("idempotency.form", true, SET(d->idempotency.form.alphabet, "a-z \""));
  REFUSED("idempotency.switch_field", true, SET(d->idempotency.switch_field, "nothing"));
  REFUSED("idempotency.switch_field", true, SET(d->idempotency.switch_field, "keys"));
  ACCEPTED(memset(&d->idempotency, 0, sizeof d->idempotency));
  ACCEPTED((d->idempotency.carrier = REFUND_KEY_BODY, SET(d->idempotency.name, "meta.key")));
}

Test(descriptor, refuses_references_without_a_form) {
  REFUSED("reference.form", true, d->reference.form.greatest = 35);
  REFUSED("reference.form", true, d->reference.form = (refund_form){.kind = REFUND_FORM_TEXT});
}

Test(descriptor, refuses_currencies_that_do_not_exist) {
  REFUSED("currencies[].code", true, SET(d->currencies[0].code, "clp"));
  REFUSED("currencies[].code", true, SET(d->currencies[0].code, "C"));
  REFUSED("currencies[].exponent", true, d->currencies[1].exponent = 7);
}
