/* What a lane promises, whatever happens: rate, concurrency, one probe a minute, and that it goes on. */
#include <criterion/criterion.h>
#include <string.h>

#include "lane_ends.h"

enum { ROUNDS = 200, MOVES = 2000, GREATEST_RATE = 20 };

struct world {
  struct lane lane;
  struct account_limits limits;
  uint64_t seed;
  int64_t now;
  int64_t budget;
  int64_t starts[GREATEST_RATE]; /* the last ones, a ring */
  int64_t start_count;
  int64_t under_way;
  int64_t last_probe;
};

static uint32_t draw(struct world *world, uint32_t below) {
  world->seed = world->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(world->seed >> 33) % below;
}

static void begin_one(struct world *world) {
  int64_t rate = world->limits.rate;
  if (rate > 0 && world->start_count >= rate) { /* the one that is `rate` back */
    int64_t before = world->starts[(world->start_count - rate) % GREATEST_RATE];
    cr_assert_geq(world->now - before, SECOND, "more than %lld within a second", (long long)rate);
  }
  if (world->lane.paused) {
    cr_assert_geq(world->now - world->last_probe, MINUTE);
    cr_assert_eq(world->under_way, 0);
    world->last_probe = world->now;
  }
  world->starts[world->start_count++ % GREATEST_RATE] = world->now;
  world->under_way++;
  lane_begin(&world->lane, world->now);
  cr_assert(world->limits.concurrency == 0 || world->under_way <= world->limits.concurrency);
}

/* Moods last, so that there are rows of all kinds. */
static void end_one(struct world *world) {
  static const char *const moods[] = {"D", "AU", "U", "B5", "a", "DCc0r", "ABU5TrRSaCcD0"};
  const char *mood = moods[(world->start_count / 40) % (int64_t)(sizeof moods / sizeof *moods)];
  bool was_paused = world->lane.paused;
  world->under_way--;
  end(&world->lane, mood[draw(world, (uint32_t)strlen(mood))], world->now);
  if (world->lane.paused && !was_paused) world->last_probe = world->now; /* none in the first minute either */
}

static void move(struct world *world) {
  int64_t at;
  if (world->under_way > 0 && draw(world, 3) == 0) end_one(world);
  enum lane_gate gate = lane_ask(&world->lane, world->now, &at);
  if (gate == LANE_GO) {
    begin_one(world);
  } else {
    cr_assert_gt(at, world->now);
    cr_assert(at < INT64_MAX || world->under_way > 0, "nothing would ever go on");
    if (world->under_way == 0 && draw(world, 2) == 0) world->now = at;
  }
  static const uint32_t spans[] = {1, 2, 50, 2 * SECOND, 50 * SECOND};
  int64_t passed = draw(world, 2) == 0 ? 0 : draw(world, spans[draw(world, 5)]);
  world->now += passed;
  int64_t budget = lane_budget_clock(&world->lane, world->now);
  cr_assert_geq(budget, world->budget, "the budget's clock went back");
  world->budget = budget;
}

Test(lane_always, keeps_its_limits) {
  for (uint64_t round = 1; round <= ROUNDS; round++) {
    struct world world = {.seed = round, .now = START, .budget = START};
    world.limits.rate = draw(&world, GREATEST_RATE + 1);
    world.limits.concurrency = draw(&world, 6);
    lane_open(&world.lane, &world.limits, 1 + (int)draw(&world, 3));
    for (int i = 0; i < MOVES; i++)
      move(&world);
    cr_assert_gt(world.start_count, 50, "round %llu", (unsigned long long)round);
  }
}
