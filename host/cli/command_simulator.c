/* refund-host simulator: the built-in stand-in processor. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "refund_toolkit.h"
#include "simulator/simulator.h"

enum { KEY_PORT = 1, KEY_FAULT, KEY_PAYMENT, KEY_API_KEY, KEY_SEED, KEY_TOKEN_LIFETIME, KEY_NO_KEYS, KEY_NO_LOOKUP };
enum { LIST = 256 };

static const unsigned long long LONGEST_TOKEN = 999999999;

struct options {
  struct simulator_options simulator;
  const char *faults[LIST];
  const char *payments[LIST];
  const char *bad; /* an argument that is no number */
};

static const struct argp_option option_list[] = {
    {"port", KEY_PORT, "N", 0, "Listen on 127.0.0.1:N; 0 takes a free one", 1},
    {"payment", KEY_PAYMENT, "ID=AMOUNT:CURRENCY", 0,
     "A payment besides the default ones (pi_N, ch_N, py_N and pay_N, 10.00 USD each), in minor units", 1},
    {"api-key", KEY_API_KEY, "KEY", 0,
     "Take this secret only (bearer key, X-API-Key, password, key id); without it, any but \"revoked\"", 1},
    {"token-lifetime", KEY_TOKEN_LIFETIME, "SECONDS", 0,
     "How long paypal's access tokens are good; without it, 31668. POST /simulator/revoke-tokens ends all at once", 1},
    {"fault", KEY_FAULT, "KIND[=VALUE]", 0,
     "Misbehave on refunds: reset-before, reset-after, 500-before, 500-after, token-401, 429, truncate, html, empty, "
     "slow, pending, failed, unknown-status, wrong-amount, wrong-currency, no-id; KIND always, KIND=RATE from 0 to 1 "
     "or 0% to 100%, KIND=once each request when it comes for the first time. Or be another kind of processor: "
     "slow-commit=S works S seconds on a refund, and till then neither it nor its key is known; list-lag=S shows it S "
     "seconds later; key-window=S forgets keys after S seconds; keeps=2xx keeps only answers of success under a key; "
     "identity=payment lets the reference API name the payment only. May be repeated",
     2},
    {"no-keys", KEY_NO_KEYS, 0, 0, "Ignore idempotency keys", 2},
    {"no-lookup", KEY_NO_LOOKUP, 0, 0, "Find refunds by nothing but their own ids", 2},
    {"seed", KEY_SEED, "N", 0, "The same seed gives the same faults", 2},
    {0},
};

static bool read_number(const char *text, unsigned long long greatest, unsigned long long *out) {
  char *end;
  errno = 0;
  *out = strtoull(text, &end, 10);
  return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' && *out <= greatest;
}

static error_t take_option(int key, char *argument, struct argp_state *state) {
  struct options *options = state->input;
  unsigned long long number = 0;
  switch (key) {
    case KEY_PORT:
      if (!read_number(argument, 65535, &number)) options->bad = "--port";
      options->simulator.port = (uint16_t)number;
      return 0;
    case KEY_SEED:
      if (!read_number(argument, UINT64_MAX, &number)) options->bad = "--seed";
      options->simulator.seed = number;
      return 0;
    case KEY_FAULT:
      if (options->simulator.fault_count == LIST) return EINVAL;
      options->faults[options->simulator.fault_count++] = argument;
      return 0;
    case KEY_PAYMENT:
      if (options->simulator.payment_count == LIST) return EINVAL;
      options->payments[options->simulator.payment_count++] = argument;
      return 0;
    case KEY_TOKEN_LIFETIME:
      if (!read_number(argument, LONGEST_TOKEN, &number) || number == 0) options->bad = "--token-lifetime";
      options->simulator.token_lifetime = (int64_t)number;
      return 0;
    case KEY_API_KEY:
      options->simulator.api_key = argument;
      return 0;
    case KEY_NO_KEYS:
      options->simulator.no_keys = true;
      return 0;
    case KEY_NO_LOOKUP:
      options->simulator.no_lookup = true;
      return 0;
    case ARGP_KEY_ARG:
      return EINVAL;
    default:
      return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp = {option_list,
                                 take_option,
                                 0,
                                 "Speaks the refund APIs of the connectors reference, stripe, adyen, paypal, "
                                 "cybersource and worldpayxml on this machine, each at its own paths (worldpayxml: "
                                 "/jsp/merchant/xml/paymentService.jsp), keeps books "
                                 "(GET /simulator/books), and misbehaves on request. Ends with Ctrl-C.",
                                 0,
                                 0,
                                 0};

static const struct {
  const char *option;
  const char *range;
} ranges[] = {
    {"--port", "0 to 65535"}, {"--seed", "0 to 18446744073709551615"}, {"--token-lifetime", "1 to 999999999, seconds"}};

static int refuse_number(struct cli *cli, const char *option) {
  struct error error = {0};
  error_set(&error, ERROR_USAGE, option, "%s is not a number in range", option);
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
    if (strcmp(ranges[i].option, option) == 0) error_expected(&error, "%s", ranges[i].range);
  }
  return cli_error(cli, &error);
}

static void announce(const struct cli *cli, uint16_t port) {
  if (cli->json) {
    printf("{\"listening\":\"http://127.0.0.1:%u\"}\n", port);
  } else {
    printf("The simulator listens on http://127.0.0.1:%u; end it with Ctrl-C.\n", port);
  }
  fflush(stdout);
}

int command_simulator(struct cli *cli, int argc, char **argv) {
  struct options options = {.simulator = {.log = stderr}};
  struct error error = {0};
  sigset_t signals;
  int signal_number;
  options.simulator.faults = options.faults;
  options.simulator.payments = options.payments;
  if (!cli_parse(cli, &argp, argc, argv, &options)) return EXIT_BAD;
  if (options.bad != NULL) return refuse_number(cli, options.bad);
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL); /* before the threads: they inherit it */
  struct simulator *simulator = simulator_start(&options.simulator, &error);
  if (simulator == NULL) return cli_error(cli, &error);
  announce(cli, simulator_port(simulator));
  sigwait(&signals, &signal_number);
  simulator_stop(simulator);
  return EXIT_SUCCEEDED;
}
