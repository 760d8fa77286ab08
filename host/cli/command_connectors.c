/* refund-host connectors: what each installed file says of itself, and why one was refused. Runs none of their code. */
#include <string.h>

#include "cli/cli.h"
#include "refund_toolkit.h"

struct options {
  const char *verb;
  const char *name;
};

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
  if (options->verb == NULL) {
    options->verb = argument;
  } else if (options->name == NULL) {
    options->name = argument;
  } else {
    return EINVAL;
  }
  return 0;
}

static const struct argp argp = {
    0,
    take_option,
    "[list | show NAME]",
    "Lists the installed connectors, the refused ones with the reason, or shows what one says of itself.",
    0,
    0,
    0};

/* ---- JSON ---- */

static const char *const names_words[] = {"nothing", "reference", "refund_id", "payment"};
static const char *const carrier_words[] = {"none", "header", "body"};

static void put_seconds(refund_json *json, const char *name, uint32_t seconds) {
  if (seconds == REFUND_NOT_DECLARED) {
    refund_json_null(json, name);
  } else {
    refund_json_integer(json, name, seconds);
  }
}

static void put_flows(refund_json *json, const refund_descriptor *descriptor) {
  refund_json_array(json, "flows");
  for (size_t i = 0; i < REFUND_MAX_FLOWS && descriptor->flows[i].id[0] != '\0'; i++) {
    const refund_flow *flow = &descriptor->flows[i];
    bool known = flow->names >= 0 && flow->names <= REFUND_NAMES_PAYMENT;
    refund_json_object(json, NULL);
    refund_json_string(json, "id", flow->id);
    refund_json_string(json, "method", flow->method);
    refund_json_string(json, "names", known ? names_words[flow->names] : "unknown");
    refund_json_boolean(json, "absence_final", (flow->flags & REFUND_FLOW_ABSENCE_FINAL) != 0);
    refund_json_boolean(json, "may_create", (flow->flags & REFUND_FLOW_MAY_CREATE) != 0);
    refund_json_boolean(json, "fresh_body", (flow->flags & REFUND_FLOW_FRESH_BODY) != 0);
    refund_json_boolean(json, "random_bytes", (flow->flags & REFUND_FLOW_RANDOM) != 0);
    put_seconds(json, "visible_after_seconds", flow->visible_after_seconds);
    refund_json_end(json);
  }
  refund_json_end(json);
}

static void put_fields(refund_json *json, const refund_descriptor *descriptor) {
  refund_json_array(json, "account_fields");
  for (size_t i = 0; i < REFUND_MAX_FIELDS && descriptor->fields[i].name[0] != '\0'; i++) {
    const refund_account_field *field = &descriptor->fields[i];
    refund_json_object(json, NULL);
    refund_json_string(json, "name", field->name);
    refund_json_string(json, "title", field->title);
    refund_json_boolean(json, "required", (field->flags & REFUND_FIELD_REQUIRED) != 0);
    refund_json_boolean(json, "secret", (field->flags & REFUND_FIELD_SECRET) != 0);
    refund_json_boolean(json, "map", (field->flags & REFUND_FIELD_MAP) != 0);
    refund_json_end(json);
  }
  refund_json_end(json);
}

static void put_hosts(refund_json *json, const refund_descriptor *descriptor) {
  refund_json_array(json, "hosts");
  for (size_t i = 0; i < REFUND_MAX_BASE_URLS && descriptor->base_urls[i].name[0] != '\0'; i++) {
    refund_json_object(json, NULL);
    refund_json_string(json, "name", descriptor->base_urls[i].name);
    refund_json_string(json, "sandbox", descriptor->base_urls[i].sandbox);
    refund_json_string(json, "production", descriptor->base_urls[i].production);
    refund_json_end(json);
  }
  refund_json_end(json);
}

static void put_idempotency(refund_json *json, const refund_descriptor *descriptor) {
  const refund_idempotency *key = &descriptor->idempotency;
  refund_json_object(json, "idempotency");
  refund_json_string(json, "carrier", carrier_words[key->carrier]);
  if (key->carrier != REFUND_KEY_NONE) {
    refund_json_string(json, "name", key->name);
    refund_json_string(json, "form", key->form.kind == REFUND_FORM_UUID ? "uuid" : "text");
    refund_json_integer(json, "least", key->form.least);
    refund_json_integer(json, "greatest", key->form.greatest);
    put_seconds(json, "window_seconds", key->window_seconds);
    put_seconds(json, "repeat_after_seconds", key->repeat_after_seconds);
    refund_json_boolean(json, "compares_body", (key->flags & REFUND_KEY_COMPARES_BODY) != 0);
    refund_json_string(json, "keeps", (key->flags & REFUND_KEY_KEEPS_2XX_ONLY) != 0 ? "2xx" : "all");
    if (key->switch_field[0] != '\0') refund_json_string(json, "switch_field", key->switch_field);
  }
  refund_json_end(json);
}

static void put_capabilities(refund_json *json, const refund_descriptor *descriptor) {
  refund_json_object(json, "capabilities");
  refund_json_boolean(json, "partial_refunds", (descriptor->flags & REFUND_FULL_ONLY) == 0);
  refund_json_boolean(json, "refund_ids_unique", (descriptor->flags & REFUND_IDS_UNIQUE) != 0);
  refund_json_boolean(json, "fails_late", (descriptor->flags & REFUND_FAILS_LATE) != 0);
  refund_json_boolean(json, "unique_reference", descriptor->reference.unique != 0);
  refund_json_array(json, "currencies");
  for (size_t i = 0; i < REFUND_MAX_CURRENCIES && descriptor->currencies[i].code[0] != '\0'; i++) {
    refund_json_object(json, NULL);
    refund_json_string(json, "code", descriptor->currencies[i].code);
    refund_json_integer(json, "exponent", descriptor->currencies[i].exponent);
    refund_json_integer(json, "multiple", descriptor->currencies[i].multiple);
    refund_json_end(json);
  }
  refund_json_end(json);
  refund_json_end(json);
}

static void put_refusal(refund_json *json, const struct error *refusal) {
  refund_json_object(json, "refused");
  refund_json_string(json, "message", refusal->message);
  if (refusal->expected[0] != '\0') refund_json_string(json, "expected", refusal->expected);
  if (refusal->found[0] != '\0') refund_json_string(json, "found", refusal->found);
  if (refusal->fix[0] != '\0') refund_json_string(json, "fix", refusal->fix);
  refund_json_end(json);
}

static void put_entry(const struct catalog_entry *entry, struct buffer *out) {
  const refund_descriptor *descriptor = &entry->descriptor;
  refund_json json;
  refund_json_open(&json, &out->sink);
  refund_json_object(&json, NULL);
  refund_json_string(&json, "id", entry->described ? descriptor->id : NULL);
  refund_json_string(&json, "path", entry->path);
  refund_json_boolean(&json, "accepted", entry->accepted);
  if (!entry->accepted) put_refusal(&json, &entry->refusal);
  if (entry->sha256[0] != '\0') refund_json_string(&json, "sha256", entry->sha256);
  if (entry->accepted) {
    refund_json_string(&json, "version", descriptor->version);
    refund_json_string(&json, "vendor", descriptor->vendor);
    refund_json_string(&json, "source", descriptor->source);
    char abi[32];
    snprintf(abi, sizeof abi, "%u.%u", descriptor->abi_major, descriptor->abi_minor_built);
    refund_json_string(&json, "abi_built", abi);
    snprintf(abi, sizeof abi, "%u.%u", descriptor->abi_major, descriptor->abi_minor_needed);
    refund_json_string(&json, "abi_needed", abi);
    put_flows(&json, descriptor);
    put_fields(&json, descriptor);
    put_hosts(&json, descriptor);
    put_idempotency(&json, descriptor);
    put_capabilities(&json, descriptor);
  }
  refund_json_end(&json);
}

static void print_json(const struct catalog_entry *entry) {
  struct buffer line;
  buffer_open(&line, 0);
  put_entry(entry, &line);
  cli_print(&line);
  buffer_close(&line);
}

/* ---- Text ---- */

static void flow_list(const refund_descriptor *descriptor, char *out, size_t room) {
  out[0] = '\0';
  for (size_t i = 0; i < REFUND_MAX_FLOWS && descriptor->flows[i].id[0] != '\0'; i++) {
    size_t used = strlen(out);
    snprintf(out + used, room - used, "%s%s", i == 0 ? "" : ", ", descriptor->flows[i].id);
  }
}

static void print_refusal(const struct catalog_entry *entry) {
  const struct error *refusal = &entry->refusal;
  printf("%s is refused: %s\n", entry->path, refusal->message);
  if (refusal->expected[0] != '\0') printf("  expected: %s\n", refusal->expected);
  if (refusal->found[0] != '\0') printf("  found:    %s\n", refusal->found);
  if (refusal->fix[0] != '\0') printf("  fix:      %s\n", refusal->fix);
}

static void print_line(const struct catalog_entry *entry) {
  char flows[256];
  if (!entry->accepted) {
    print_refusal(entry);
    return;
  }
  flow_list(&entry->descriptor, flows, sizeof flows);
  printf("%-20s %-10s %s\n", entry->descriptor.id, entry->descriptor.version, flows);
}

static void print_whole(const struct catalog_entry *entry) {
  const refund_descriptor *descriptor = &entry->descriptor;
  const refund_idempotency *key = &descriptor->idempotency;
  char flows[256];
  flow_list(descriptor, flows, sizeof flows);
  printf("%s %s, by %s\n", descriptor->id, descriptor->version, descriptor->vendor);
  printf("  file         %s\n  sha256       %s\n", entry->path, entry->sha256);
  printf("  ABI          built for %u.%u, needs %u.%u\n", descriptor->abi_major, descriptor->abi_minor_built,
         descriptor->abi_major, descriptor->abi_minor_needed);
  if (descriptor->source[0] != '\0') printf("  source       %s\n", descriptor->source);
  printf("  flows        %s\n", flows);
  for (size_t i = 0; i < REFUND_MAX_FIELDS && descriptor->fields[i].name[0] != '\0'; i++) {
    const refund_account_field *field = &descriptor->fields[i];
    printf("  credential   %s: %s%s%s%s\n", field->name, field->title,
           (field->flags & REFUND_FIELD_REQUIRED) != 0 ? ", required" : "",
           (field->flags & REFUND_FIELD_SECRET) != 0 ? ", secret" : "",
           (field->flags & REFUND_FIELD_MAP) != 0 ? ", a map" : "");
  }
  for (size_t i = 0; i < REFUND_MAX_BASE_URLS && descriptor->base_urls[i].name[0] != '\0'; i++) {
    const refund_base_url *url = &descriptor->base_urls[i];
    printf("  host         %s: %s (sandbox), %s (production)\n", url->name,
           url->sandbox[0] == '\0' ? "by the account" : url->sandbox,
           url->production[0] == '\0' ? "by the account" : url->production);
  }
  if (key->carrier == REFUND_KEY_NONE) {
    printf("  idempotency  none\n");
  } else {
    printf("  idempotency  %s %s, %u to %u characters\n", carrier_words[key->carrier], key->name, key->form.least,
           key->form.greatest);
  }
}

/* ---- The two verbs ---- */

static int list(struct cli *cli, struct catalog *catalog) {
  struct error error;
  for (size_t i = 0; i < catalog_count(catalog); i++) {
    const struct catalog_entry *entry = catalog_entry(catalog, i);
    if (cli->json) {
      catalog_digest(catalog, entry, &error);
      print_json(entry);
    } else {
      print_line(entry);
    }
  }
  if (!cli->json && catalog_count(catalog) == 0) printf("No connectors.\n");
  return EXIT_SUCCEEDED;
}

static int show(struct cli *cli, struct catalog *catalog, const char *name) {
  struct error error = {0};
  const struct catalog_entry *entry = catalog_find(catalog, name, &error);
  if (entry == NULL || !catalog_digest(catalog, entry, &error)) return cli_error(cli, &error);
  if (cli->json) {
    print_json(entry);
  } else {
    print_whole(entry);
  }
  return EXIT_SUCCEEDED;
}

int command_connectors(struct cli *cli, int argc, char **argv) {
  struct options options = {0};
  struct error error = {0};
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  bool is_list = options.verb == NULL || (strcmp(options.verb, "list") == 0 && options.name == NULL);
  bool is_show = !is_list && strcmp(options.verb, "show") == 0 && options.name != NULL;
  if (!is_list && !is_show) {
    bool bare_show = strcmp(options.verb, "show") == 0;
    error_set(&error, ERROR_USAGE, NULL,
              bare_show ? "connectors show needs a name%s" : "connectors does not know \"%.60s\"",
              bare_show ? "" : options.verb);
    error_expected(&error, "list, or show NAME");
    return cli_error(cli, &error);
  }
  struct catalog *catalog = cli_catalog(cli, &error);
  if (catalog == NULL) return cli_error(cli, &error);
  int status = is_list ? list(cli, catalog) : show(cli, catalog, options.name);
  catalog_close(catalog);
  return status;
}
