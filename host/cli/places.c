/* Where accounts, ledger and connectors are, when no option says so. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli/cli.h"

/* An environment variable, unless the program was started with more rights than its caller has. */
static const char *from_environment(const char *name) {
  const char *value = getauxval(AT_SECURE) != 0 ? NULL : getenv(name);
  return value == NULL || value[0] == '\0' ? NULL : value;
}

static void home_path(char *out, size_t room, const char *xdg, const char *under_home, const char *file) {
  const char *base = from_environment(xdg);
  const char *home = from_environment("HOME");
  if (base != NULL && base[0] == '/') {
    snprintf(out, room, "%s/refund-host/%s", base, file);
  } else {
    snprintf(out, room, "%s/%s/refund-host/%s", home == NULL ? "" : home, under_home, file);
  }
}

static const char *accounts_path(struct cli *cli) {
  const char *path = cli->accounts != NULL ? cli->accounts : from_environment("REFUND_HOST_ACCOUNTS");
  if (path != NULL) return path;
  if (geteuid() == 0) return "/etc/refund-host/accounts.json";
  home_path(cli->accounts_default, sizeof cli->accounts_default, "XDG_CONFIG_HOME", ".config", "accounts.json");
  return cli->accounts_default;
}

const char *cli_ledger_path(struct cli *cli) {
  const char *path = cli->ledger != NULL ? cli->ledger : from_environment("REFUND_HOST_LEDGER");
  if (path != NULL) return path;
  if (geteuid() == 0) return "/var/lib/refund-host/ledger.db";
  home_path(cli->ledger_default, sizeof cli->ledger_default, "XDG_STATE_HOME", ".local/state", "ledger.db");
  return cli->ledger_default;
}

struct accounts *cli_accounts(struct cli *cli, struct error *error) {
  return accounts_open(accounts_path(cli), error);
}

/* The build's own connectors, beside a program that was not installed. */
static bool beside_build(char *out, size_t room) {
  char program[4000];
  ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
  if (size <= 0) return false;
  program[size] = '\0';
  for (int i = 0; i < 2; i++) {
    char *slash = strrchr(program, '/');
    if (slash == NULL) return false;
    *slash = '\0';
  }
  snprintf(out, room, "%s/CMakeCache.txt", program);
  if (access(out, F_OK) != 0) return false;
  snprintf(out, room, "%s/plugins", program);
  return access(out, F_OK) == 0;
}

static void default_directories(struct cli *cli) {
  const char *path = from_environment("REFUND_HOST_PLUGINS");
  if (path != NULL) {
    snprintf(cli->installed, sizeof cli->installed, "%s", path);
    for (char *part = strtok(cli->installed, ":"); part != NULL && cli->directory_count < DIRECTORIES;
         part = strtok(NULL, ":")) {
      cli->directories[cli->directory_count++] = part;
    }
    return;
  }
  if (!beside_build(cli->installed, sizeof cli->installed)) {
    snprintf(cli->installed, sizeof cli->installed, "%s", REFUND_HOST_CONNECTORS);
  }
  cli->directories[cli->directory_count++] = cli->installed;
}

static void say_loaded(const struct catalog_entry *entry) {
  const refund_descriptor *descriptor = &entry->descriptor;
  fprintf(stderr, "refund-host: loaded connector %s %s from %s, sha256 %s, built for ABI %u.%u, needs %u.%u\n",
          descriptor->id, descriptor->version, entry->path, entry->sha256, descriptor->abi_major,
          descriptor->abi_minor_built, descriptor->abi_major, descriptor->abi_minor_needed);
}

struct catalog *cli_catalog(struct cli *cli, struct error *error) {
  if (cli->directory_count == 0) default_directories(cli);
  struct catalog_options options = {cli->directories, cli->directory_count, cli->direct_load,
                                    cli->verbose ? say_loaded : NULL};
  return catalog_open(&options, error);
}
