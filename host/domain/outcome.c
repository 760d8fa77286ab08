#include "domain/outcome.h"

#include <stdio.h>
#include <time.h>

#include "domain/money.h"
#include "domain/verdict.h"
#include "refund_toolkit.h"

struct time_text time_show(int64_t unix_ms) {
  struct time_text shown;
  int64_t seconds = unix_ms / 1000;
  int ms = (int)(unix_ms % 1000);
  if (ms < 0) {
    ms += 1000;
    seconds--;
  }
  time_t when = (time_t)seconds;
  struct tm utc;
  if (gmtime_r(&when, &utc) == NULL || utc.tm_year < -1900 || utc.tm_year > 8099) { /* four digits of year */
    snprintf(shown.text, sizeof shown.text, "?");
    return shown;
  }
  size_t size = (size_t)snprintf(shown.text, sizeof shown.text, "%04u", (unsigned)(utc.tm_year + 1900) % 10000);
  size += strftime(shown.text + size, sizeof shown.text - size, "-%m-%dT%H:%M:%S", &utc);
  snprintf(shown.text + size, sizeof shown.text - size, ".%03uZ", (unsigned)ms % 1000);
  return shown;
}

static void text_or_null(refund_json *json, const char *name, refund_text text) {
  if (text.data == NULL) {
    refund_json_null(json, name);
  } else {
    refund_json_text(json, name, text);
  }
}

bool outcome_has_error(const struct outcome *outcome) {
  return outcome->error_code.data != NULL || outcome->error_message.data != NULL ||
         outcome->error_reason.data != NULL || outcome->network_decline_code.data != NULL;
}

static void write_error(refund_json *json, const struct outcome *outcome) {
  if (!outcome_has_error(outcome)) {
    refund_json_null(json, "error");
    return;
  }
  refund_json_object(json, "error");
  text_or_null(json, "code", outcome->error_code);
  text_or_null(json, "message", outcome->error_message);
  text_or_null(json, "reason", outcome->error_reason);
  text_or_null(json, "network_decline_code", outcome->network_decline_code);
  refund_json_end(json);
}

void outcome_write(const struct outcome *outcome, struct buffer *out) {
  refund_json json;
  refund_json_open(&json, &out->sink);
  refund_json_object(&json, NULL);
  refund_json_text(&json, "refund_id", outcome->refund_id);
  refund_json_text(&json, "account", outcome->account);
  refund_json_text(&json, "connector", outcome->connector);
  refund_json_text(&json, "connector_version", outcome->connector_version);
  refund_json_text(&json, "connector_transaction_id", outcome->connector_transaction_id);
  text_or_null(&json, "connector_refund_id", outcome->connector_refund_id);
  refund_json_integer(&json, "refund_amount", outcome->refund_amount);
  refund_json_string(&json, "currency", outcome->currency == NULL ? NULL : outcome->currency->code);
  refund_json_string(&json, "state", state_name(outcome->position.state));
  text_or_null(
      &json, "state_detail",
      refund_text_of(outcome->position.detail == DETAIL_NONE ? NULL : state_detail_name(outcome->position.detail)));
  text_or_null(&json, "reading", refund_text_of(reading_name(outcome->reading)));
  refund_json_string(&json, "refund_status", refund_status_name(outcome->refund_status));
  refund_json_string(&json, "payment_status", "charged");
  write_error(&json, outcome);
  text_or_null(&json, "warning", outcome->warning);
  if (outcome->http_status == 0) {
    refund_json_null(&json, "http_status");
  } else {
    refund_json_integer(&json, "http_status", outcome->http_status);
  }
  refund_json_integer(&json, "attempts", outcome->attempts);
  refund_json_string(&json, "created_at", time_show(outcome->created_at).text);
  refund_json_string(&json, "updated_at", time_show(outcome->updated_at).text);
  if (outcome->unrecorded) refund_json_boolean(&json, "recorded", 0);
  refund_json_end(&json);
}
