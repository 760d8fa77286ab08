/* A flow with all its rooms, a fast clock, and a processor that answers by a script. */
#ifndef FLOW_STAGE_H
#define FLOW_STAGE_H

#include <microhttpd.h>

#include "flow/flow.h"
#include "support/program.h"

enum { STAGE_REQUESTS = 64 };

struct scripted {
  int status; /* 0: the connection ends without an answer */
  const char *body;
  const char *header; /* of the answer: its value; the name is in header_name */
  const char *header_name;
};

struct seen {
  char method[8];
  char path[200];
  char key[140];
  char body[400];
};

struct stage {
  struct place place;
  uint16_t port;
  struct MHD_Daemon *daemon;
  const struct scripted *script; /* its last line goes on for ever */
  int lines;
  int requests; /* answered by the script so far */
  int posts;
  struct seen seen[STAGE_REQUESTS];
  struct outside outside;
  struct flow_rooms rooms;
  struct flow_options options;
};

struct told {
  int times;
  bool has_outcome;
  bool has_beside;
  struct position position;
  struct position beside;
  int64_t attempts;
  enum error_code code;
  char message[300];
  int32_t refund_status;
  char error_code[64];
  char error_message[200];
  char warning[200];
  char refund_id[64]; /* the processor's */
};

/* The accounts of place_accounts(); options: three refusals pause, no limit to the waiting. */
void stage_open(struct stage *stage);
void stage_close(struct stage *stage);
void stage_script(struct stage *stage, const struct scripted *script, int lines);
#define SAYS(code, text) \
  { .status = code, .body = text }
#define SAYS_WITH(code, text, name, value) \
  { .status = code, .body = text, .header_name = name, .header = value }
#define DROPS \
  { .status = 0 }
#define STAGE_SCRIPT(stage, ...)                                           \
  do {                                                                     \
    static const struct scripted script_[] = {__VA_ARGS__};                \
    stage_script(stage, script_, (int)(sizeof script_ / sizeof *script_)); \
  } while (0)
/* The processor's port is closed; again open. */
void stage_leave(struct stage *stage);
void stage_return(struct stage *stage);
/* Other accounts, as after an edit of the file and a restart; so the ledger. */
void stage_restart(struct stage *stage);
/* Both clocks go on. */
void stage_pass(struct stage *stage, int64_t ms);

/* 4.00 of 10.00 USD of payment pay_1, through account plain. */
struct told stage_refund(struct stage *stage, const char *refund_id);
struct told stage_take_up(struct stage *stage, const char *refund_id, enum flow_aim aim);
void stage_expect(struct told told, enum state state, enum state_detail detail);
int64_t stage_count(const struct stage *stage, const char *sql);
/* The same, handed to a flow that somebody else runs. */
void stage_submit(struct stage *stage, struct flow *flow, const char *refund_id, int amount, struct told *told);

#endif
