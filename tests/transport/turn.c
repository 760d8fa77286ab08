/* How long a turn waits, and that it can be woken. The waits are longer than any test may take. */
#include <criterion/criterion.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "transport/exchange.h"

struct waker {
  struct transport *transport;
  atomic_bool over;
};

static void *wake_again_and_again(void *context) {
  struct waker *waker = context;
  struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
  while (!atomic_load(&waker->over)) {
    nanosleep(&pause, NULL);
    transport_wake(waker->transport);
  }
  return NULL;
}

static void expect_woken_by_another_thread(struct transport *transport) {
  struct waker waker = {.transport = transport};
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, wake_again_and_again, &waker), 0);
  for (int i = 0; i < 3; i++)
    transport_turn(transport, INT_MAX);
  atomic_store(&waker.over, true);
  pthread_join(thread, NULL);
}

Test(transport_turn, with_nothing_under_way_is_woken_by_another_thread, .timeout = 60) {
  struct transport *transport = open_transport();
  expect_woken_by_another_thread(transport);
  transport_close(transport);
}

Test(transport_turn, that_waits_for_the_network_is_woken_by_another_thread, .timeout = 60) {
  struct server *server = server_start(STEPS({.answer = NULL}));
  struct transport *transport = open_transport();
  struct transport_request request = money_request(server_port(server));
  struct exchange exchange;
  request.connect_timeout_ms = request.timeout_ms = INT_MAX;
  exchange_start(transport, &request, &exchange);
  while (server_requests(server) == 0)
    transport_turn(transport, 10);
  expect_woken_by_another_thread(transport);
  cr_expect_eq(exchange.calls, 0);
  exchange_free(&exchange);
  transport_close(transport);
  server_stop(server);
}

Test(transport_turn, that_begins_after_it_was_woken_does_not_wait, .timeout = 60) {
  struct transport *transport = open_transport();
  transport_wake(transport);
  transport_turn(transport, 0); /* does not wait: the next one is meant */
  transport_turn(transport, INT_MAX);
  transport_close(transport);
}

Test(transport_turn, ends_by_itself_when_nothing_moves) {
  struct transport *transport = open_transport();
  transport_turn(transport, 1);
  transport_close(transport);
  transport_close(NULL);
}
