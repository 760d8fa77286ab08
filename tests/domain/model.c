/* Every interleaving of two or three attempts, looks, deaths, a restored ledger and an operator with a processor that
 * does what it may, in each kind of world: the laws of the engine hold in every state that can be reached. */
#include "model.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define DAY (24 * 60 * MINUTE)
#define COMMON .repeat_after = 0, .attempt_span = 90000, .settle_delay = 15 * MINUTE
#define KEY .key = true, .key_window = DAY
#define REFERENCE .unique_reference = true, .reference_window = INT64_MAX
#define EXACT .lookup = true, .absence_final = true
#define LIST .lookup = true

static const struct world worlds[] = {
    {"nothing", {COMMON, .reported = true}, false, 2, true},
    {"sync", {COMMON, .sync = true}, false, 2, true},
    {"list", {COMMON, LIST}, false, 2, true},
    {"list, sync", {COMMON, LIST, .sync = true}, false, 2, true},
    {"exact look-up", {COMMON, EXACT}, false, 2, true},
    {"exact look-up, sync", {COMMON, EXACT, .sync = true}, false, 2, true},
    {"key", {COMMON, KEY, .reported = true}, false, 2, true},
    {"key that says replayed", {COMMON, KEY, .reported = true}, true, 2, true},
    {"key that says replayed, sync", {COMMON, KEY, .sync = true}, true, 2, true},
    {"key that keeps 2xx", {COMMON, KEY, .key_keeps_2xx = true, .reported = true}, true, 2, true},
    {"key, exact look-up", {COMMON, KEY, EXACT, .sync = true}, true, 2, true},
    {"key that keeps 2xx, exact look-up", {COMMON, KEY, .key_keeps_2xx = true, EXACT}, false, 2, false},
    {"key, list", {COMMON, KEY, LIST}, true, 2, false},
    {"key, look-up that may create", {COMMON, KEY, .lookup = true, .lookup_may_create = true}, true, 2, true},
    {"key of undeclared window", {COMMON, .key = true, .reported = true}, true, 2, true},
    {"reference", {COMMON, REFERENCE, .reported = true}, false, 2, true},
    {"reference, list", {COMMON, REFERENCE, LIST}, false, 2, false},
    {"reference, exact look-up", {COMMON, REFERENCE, EXACT}, false, 2, false},
    {"key, reference", {COMMON, KEY, REFERENCE, .sync = true}, true, 2, true},
    {"exact look-up, three attempts", {COMMON, EXACT}, false, 3, false},
    {"key, three attempts", {COMMON, KEY, .reported = true}, true, 3, false},
};
enum { WORLDS = sizeof worlds / sizeof *worlds };

struct reached {
  struct node node;
  uint32_t from;
  const char *what;
  bool by_person;
  bool can_end;
};

struct edge {
  uint32_t from;
  uint32_t to;
};

struct search {
  const struct world *world;
  struct reached *reached;
  uint32_t count;
  uint32_t room;
  uint32_t *slots; /* of a hash table: number in `reached`, plus one */
  uint32_t slot_count;
  struct edge *edges; /* what may happen without a person */
  size_t edge_count;
  size_t edge_room;
  uint32_t at; /* the one whose next ones are looked for */
  const char *broken;
  uint32_t broken_at;
};

const struct world *model_world(const struct search *search) {
  return search->world;
}

/* ---- The laws ---- */

static bool has(const struct node *node, enum state state) {
  return node->state == (uint8_t)state;
}

static bool is_by_operator(const struct node *node) {
  return node->detail == DETAIL_BY_OPERATOR;
}

static int count_under_way(const struct node *node) {
  int count = 0;
  for (int i = 0; i < node->attempts; i++)
    count += node->attempt[i].attempt_class == UNDER_WAY;
  return count;
}

static bool was_never_paid(const struct node *node) {
  bool unsent = has(node, STATE_FAILED) && (node->detail == DETAIL_NOT_SENT || node->detail == DETAIL_UNSUPPORTED ||
                                            node->detail == DETAIL_CANCELED);
  return has(node, STATE_NEW) || unsent;
}

static bool is_free(const struct node *node) {
  return !state_holds((enum state)node->state);
}

static bool pays_twice(const struct node *node) {
  return node->moved > 1;
}
static bool frees_what_moved(const struct node *node) {
  return node->moved > 0 && is_free(node) && !is_by_operator(node);
}
static bool invents_success(const struct node *node) {
  return has(node, STATE_SUCCEEDED) && node->moved == 0 && !node->reversed && !is_by_operator(node);
}
static bool has_two_under_way(const struct node *node) {
  return count_under_way(node) > 1;
}
static bool sends_nothing(const struct node *node) {
  return has(node, STATE_SENDING) && count_under_way(node) != 1;
}
static bool forgets_what_was_sent(const struct node *node) {
  bool unknown = node->moved > 0;
  for (int i = 0; i < node->attempts; i++)
    unknown = unknown || model_may_have_arrived(node, i);
  return was_never_paid(node) && unknown;
}
static bool holds_wrongly(const struct node *node) {
  bool ended_without = has(node, STATE_FAILED) || has(node, STATE_FAILED_LATE);
  return is_free(node) != ended_without;
}

static const struct {
  const char *law;
  bool (*is_broken)(const struct node *node);
} laws[] = {
    {"money moves at most once", pays_twice},
    {"what moved is held, unless an operator says otherwise", frees_what_moved},
    {"a success is the processor's, or an operator's word", invents_success},
    {"one attempt is in flight at a time", has_two_under_way},
    {"sending means that an attempt is under way", sends_nothing},
    {"new and not sent: no attempt is unknown or accepted", forgets_what_was_sent},
    {"the amount is held until it failed", holds_wrongly},
};

/* ---- The search ---- */

void model_forbid(struct search *search, bool forbidden, const char *law) {
  if (!forbidden || search->broken != NULL) return;
  search->broken = law;
  search->broken_at = search->at;
}

static void check_laws(struct search *search, uint32_t number) {
  for (size_t i = 0; i < sizeof laws / sizeof *laws && search->broken == NULL; i++) {
    if (!laws[i].is_broken(&search->reached[number].node)) continue;
    search->broken = laws[i].law;
    search->broken_at = number;
  }
}

static uint32_t slot_of(const struct search *search, const struct node *node) {
  const unsigned char *bytes = (const unsigned char *)node;
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < sizeof *node; i++)
    hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
  uint32_t slot = (uint32_t)(hash >> 32) & (search->slot_count - 1);
  while (search->slots[slot] != 0 && memcmp(&search->reached[search->slots[slot] - 1].node, node, sizeof *node) != 0)
    slot = (slot + 1) & (search->slot_count - 1);
  return slot;
}

static void grow(struct search *search) {
  search->room = search->room == 0 ? 1u << 16 : search->room * 2;
  search->reached = realloc(search->reached, search->room * sizeof *search->reached);
  free(search->slots);
  search->slot_count = search->room * 2;
  search->slots = calloc(search->slot_count, sizeof *search->slots);
  cr_assert(search->reached != NULL && search->slots != NULL);
  for (uint32_t i = 0; i < search->count; i++)
    search->slots[slot_of(search, &search->reached[i].node)] = i + 1;
}

static void add_edge(struct search *search, uint32_t to) {
  if (search->edge_count == search->edge_room) {
    search->edge_room = search->edge_room == 0 ? 1u << 18 : search->edge_room * 2;
    search->edges = realloc(search->edges, search->edge_room * sizeof *search->edges);
    cr_assert_not_null(search->edges);
  }
  search->edges[search->edge_count++] = (struct edge){search->at, to};
}

/* What makes no difference any more is blotted out, so that fewer nodes differ. */
static struct node blot(const struct search *search, const struct node *node) {
  struct node blotted = *node;
  bool arrived = false;
  for (int i = 0; i < node->attempts; i++) {
    bool under_way = node->attempt[i].attempt_class == UNDER_WAY;
    bool is_first = model_may_have_arrived(node, i) && !arrived;
    arrived = arrived || is_first;
    if (!is_first && i != node->attempts - 1) blotted.attempt[i].at = 0;
    if (!under_way) blotted.attempt[i].same_key = blotted.attempt[i].creates = false;
    if (!search->world->means.key_keeps_2xx) blotted.attempt[i].spoils_key = false;
  }
  return blotted;
}

void model_step(struct search *search, const struct node *moved_to, bool by_person, const char *what) {
  if (search->broken != NULL) return;
  if (search->count == search->room) grow(search);
  struct node next = blot(search, moved_to);
  uint32_t slot = slot_of(search, &next);
  if (search->slots[slot] == 0) {
    search->reached[search->count] = (struct reached){next, search->at, what, by_person, false};
    search->slots[slot] = ++search->count;
    check_laws(search, search->count - 1);
  }
  if (!by_person) add_edge(search, search->slots[slot] - 1);
}

static void explore(struct search *search) {
  struct node start = {.state = STATE_NEW};
  model_step(search, &start, true, "a refund is recorded");
  for (search->at = 0; search->at < search->count && search->broken == NULL; search->at++) {
    struct node node = search->reached[search->at].node;
    model_processor(search, &node);
    model_host(search, &node);
  }
}

static void end_search(struct search *search) {
  free(search->reached);
  free(search->slots);
  free(search->edges);
}

/* ---- What it says ---- */

static void tell_path(const struct search *search, uint32_t to, char *text, size_t size) {
  uint32_t path[256];
  size_t length = 0;
  size_t used = 0;
  for (uint32_t at = to; length < 256; at = search->reached[at].from) {
    path[length++] = at;
    if (at == 0) break;
  }
  text[0] = '\0';
  while (length-- > 0 && used < size) {
    const struct reached *step = &search->reached[path[length]];
    used += (size_t)snprintf(text + used, size - used, "\n  %-14s %s", state_name((enum state)step->node.state),
                             step->what);
  }
}

static void expect_kept(const struct search *search) {
  char path[8192];
  if (search->broken == NULL) return;
  tell_path(search, search->broken_at, path, sizeof path);
  cr_assert_fail("%s: broken: %s%s", search->world->name, search->broken, path);
}

/* ---- Every path can end ---- */

static bool is_ended(const struct node *node) {
  return has(node, STATE_SUCCEEDED) || has(node, STATE_FAILED) || has(node, STATE_FAILED_LATE);
}

static void find_what_can_end(struct search *search) {
  for (uint32_t i = 0; i < search->count; i++)
    search->reached[i].can_end = is_ended(&search->reached[i].node);
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = search->edge_count; i-- > 0;) {
      struct reached *from = &search->reached[search->edges[i].from];
      if (from->can_end || !search->reached[search->edges[i].to].can_end) continue;
      from->can_end = changed = true;
    }
  }
}

/* While there are means left: attempts that the model may still make, a window that is open, an answer worth something;
 * and no ledger of ours was lost. */
static bool has_to_end(const struct world *world, const struct node *node) {
  bool at_rest = node->worker == WORKER_IDLE && !has(node, STATE_SENDING);
  bool left =
      at_rest && node->attempts < world->attempts && node->clock < KEY_ENDS && !node->restored && !node->operator_spoke;
  struct history history = model_history(node, -1);
  bool key = world->means.key && world->means.key_window > 0 && !(world->means.key_keeps_2xx && history.key_spent) &&
             !history.rejected_later && node->stored != REPLY_BROKEN &&
             (node->stored != REPLY_REJECTED || world->says_replay);
  return left && (world->means.absence_final || key);
}

static void expect_ends(struct search *search) {
  char path[8192];
  find_what_can_end(search);
  for (uint32_t i = 0; i < search->count; i++) {
    if (search->reached[i].can_end || !has_to_end(search->world, &search->reached[i].node)) continue;
    tell_path(search, i, path, sizeof path);
    cr_assert_fail("%s: this can never end:%s", search->world->name, path);
  }
}

/* ---- Tests ---- */

enum { LEAST_NODES = 10000 }; /* so many are reached even where nothing can be repeated */

ParameterizedTestParameters(model, keeps_every_law_in_every_interleaving) {
  static size_t numbers[WORLDS];
  for (size_t i = 0; i < WORLDS; i++)
    numbers[i] = i;
  return cr_make_param_array(size_t, numbers, WORLDS);
}

ParameterizedTest(size_t *number, model, keeps_every_law_in_every_interleaving) {
  struct search search = {.world = &worlds[*number]};
  explore(&search);
  expect_kept(&search);
  expect_ends(&search);
  cr_expect(search.count > LEAST_NODES, "%s: only %u states", search.world->name, search.count);
  cr_log_info("%s: %u states", search.world->name, search.count);
  end_search(&search);
}
