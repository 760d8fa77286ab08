/* Bambora Asia-Pacific's document in CDATA: no value can end it, and what comes out is what went in. */
#include <criterion/criterion.h>
#include <string.h>

#include "document/document.h"
#include "support/program.h"

#define PASSWORD "p]]>&amp;<\"x"
#define REFUND                                                                                                     \
  "{\"refund_id\":\"r_001\",\"connector_transaction_id\":\"9]]>&amp;<9\",\"connector_refund_id\":\"8]]>&amp;<8\"," \
  "\"refund_amount\":399,\"payment_amount\":1000,\"currency\":\"AUD\"}"

static struct place place;

static void open_account(void) {
  place = place_make();
  place_write(&place, "accounts.json",
              "{\"accounts\":{\"a\":{\"connector\":\"bamboraapac\",\"environment\":\"sandbox\",\"credentials\":{"
              "\"username\":\"u\",\"password\":\"p]]>&amp;<\\\"x\",\"account_number\":\"n\"}}}}",
              0600);
}

static struct run request(const char *flow, const char *options) {
  struct run result =
      run(&place, REFUND, "--plugins %s request --account a --flow %s --now 1700000000 %s", PLUGINS_DIR, flow, options);
  cr_assert_eq(result.status, 0, "%s", result.out);
  return result;
}

/* The document in the body, at `path` of the envelope. */
static const refund_node *document_at(struct arena *arena, const char *body, const char *path) {
  refund_text bytes = {body, strlen(body)};
  const refund_node *soap = document_read(arena, REFUND_XML, bytes, NULL);
  const refund_node *document = document_read(arena, REFUND_XML, document_text(document_find(soap, path)), NULL);
  cr_assert_not_null(document, "%s", body);
  return document;
}

static void expect_at(const refund_node *document, const char *path, const char *value) {
  refund_text text = document_text(document_find(document, path));
  cr_expect(text.size == strlen(value) && memcmp(text.data, value, text.size) == 0, "%s: expected %s, found %.*s", path,
            value, (int)text.size, text.data);
}

Test(bamboraapac, keeps_every_value_inside_the_document) {
  static const struct {
    const char *flow;
    const char *document;
    const char *receipt;
    const char *value;
  } flows[] = {
      {"refund", "Body/SubmitSingleRefund/trnXML", "Receipt", "9]]>&amp;<9"},
      {"refund_sync", "Body/QueryTransaction/queryXML", "Criteria/Receipt", "8]]>&amp;<8"},
      {"refund_lookup", "Body/QueryTransaction/queryXML", "Criteria/CustRef", "r_001"},
  };
  open_account();
  for (size_t i = 0; i < sizeof flows / sizeof *flows; i++) {
    struct arena *arena = arena_open(0);
    struct run result = request(flows[i].flow, "--show-secrets");
    const refund_node *document = document_at(arena, json_text(json_line(result.out), "body"), flows[i].document);
    expect_at(document, flows[i].receipt, flows[i].value);
    expect_at(document, "Security/Password", PASSWORD);
    arena_close(arena);
  }
}

Test(bamboraapac, shows_no_password_however_it_is_escaped) {
  open_account();
  struct run result = request("refund", "");
  cr_expect_null(strstr(result.out, "&quot;x"), "%s", result.out);
  cr_expect_not_null(strstr(result.out, "<Password>***</Password>"), "%s", result.out);
}

Test(bamboraapac, sends_the_same_body_again) {
  open_account();
  const char *first = json_text(json_line(request("refund", "").out), "body");
  cr_expect_str_eq(json_text(json_line(request("refund", "--now 1800000000").out), "body"), first);
}
