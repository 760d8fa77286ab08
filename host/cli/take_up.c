#include "cli/take_up.h"

#include <stdlib.h>

#include "cli/many.h"
#include "refund_toolkit.h"

/* Refunds by their ids; collected first, as their states change while they are worked on. */
struct roll {
  struct arena *arena;
  refund_text *ids;
  size_t count;
  size_t room;
  enum flow_aim aim;
  bool failed;
};

static bool add(struct roll *roll, refund_text id) {
  if (roll->count == roll->room) {
    size_t room = roll->room == 0 ? 64 : 2 * roll->room;
    refund_text *grown = realloc(roll->ids, room * sizeof *grown);
    if (grown == NULL) return false;
    roll->ids = grown;
    roll->room = room;
  }
  roll->ids[roll->count] = arena_copy(roll->arena, id);
  return roll->ids[roll->count++].data != NULL;
}

static bool take(void *context, const struct ledger_refund *record) {
  struct roll *roll = context;
  roll->failed = !add(roll, record->refund_id);
  return !roll->failed;
}

static bool collect(struct roll *roll, const struct take_up *what, struct ledger *ledger, struct error *error) {
  struct ledger_filter filter = {.states = what->states};
  bool listed = true;
  roll->arena = arena_open(0);
  roll->failed = roll->arena == NULL || (what->id != NULL && !add(roll, refund_text_of(what->id)));
  if (what->id == NULL && !roll->failed) listed = ledger_list(ledger, &filter, take, roll, error);
  return !roll->failed ? listed : error_set(error, ERROR_HOST, NULL, "out of memory");
}

static bool hand_in(void *work, size_t index, struct flow *flow, flow_told *told, void *context, struct error *error) {
  const struct roll *roll = work;
  return flow_take_up(flow, roll->ids[index], roll->aim, told, context, error);
}

static int work(struct office *office, struct roll *roll, const struct take_up *what) {
  if (roll->count == 0) {
    fprintf(stderr, "refund-host: there is nothing to do\n");
    return EXIT_SUCCEEDED;
  }
  struct many many = {hand_in, roll, roll->ids, roll->count, what->id == NULL};
  return many_run(office, &many);
}

int take_up_run(struct cli *cli, struct take_up *what) {
  struct error error = {0};
  struct roll roll = {.aim = what->aim};
  struct office office = office_of(cli, &what->office);
  what->office.flow.refusals_to_pause = what->id == NULL ? OFFICE_REFUSALS : 1;
  bool ready = office_check(&what->office, &error) && office_open_network(&office, &error) &&
               office_open_ledger(&office, &error) && collect(&roll, what, office.rooms.ledger, &error);
  int status = ready ? work(&office, &roll, what) : cli_error(cli, &error);
  free(roll.ids);
  arena_close(roll.arena);
  office_close(&office);
  return status;
}
