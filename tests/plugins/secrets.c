/* No connector's request shows a secret to a person, however many documents it travels in. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "plugins/cases_file.h"

/* Characters that every format escapes, and letters around them that none does. */
#define SECRET                  \
  "CANARYone&<'\"> +/%\xC3\xA9" \
  "CANARYtwo"

static void make_secret(cJSON *field) {
  cJSON *each;
  if (cJSON_IsString(field)) cJSON_SetValuestring(field, SECRET);
  cJSON_ArrayForEach(each, field) {
    make_secret(each);
  }
}

/* Those that the connector declares to be. Keys and what has to be base64 cannot be it, and are refused: in silence. */
static int make_secrets(const struct place *place, const cJSON *cases, const char *connector) {
  int made = 0;
  const cJSON *field;
  struct run shown = run(place, NULL, "--plugins %s connectors show %s --json", PLUGINS_DIR, connector);
  cJSON_ArrayForEach(field, cJSON_GetObjectItem(json_line(shown.out), "account_fields")) {
    cJSON *value = cJSON_GetObjectItem(cJSON_GetObjectItem(cases, "account"), json_text(field, "name"));
    if (value == NULL || !cJSON_IsTrue(cJSON_GetObjectItem(field, "secret"))) continue;
    make_secret(value);
    made++;
  }
  return made;
}

ParameterizedTestParameters(secrets, stand_in_no_request_that_is_shown) {
  static struct name names[CONNECTORS];
  return cr_make_param_array(struct name, names, cases_names(names));
}

ParameterizedTest(struct name *name, secrets, stand_in_no_request_that_is_shown) {
  const cJSON *one;
  struct place place = place_make();
  const cJSON *cases = cases_read(name->text);
  cr_assert_gt(make_secrets(&place, cases, name->text), 0, "%s", name->text);
  cases_account(&place, cases, NULL);
  cJSON_ArrayForEach(one, cJSON_GetObjectItem(cases, "cases")) {
    cJSON *refund = cJSON_Duplicate(cJSON_GetObjectItem(one, "request"), true);
    cJSON_DeleteItemFromObject(refund, "access_token");
    struct run result = run(&place, cJSON_PrintUnformatted(refund),
                            "--plugins %s request --account case --flow %s --now 1700000000 --access-token CANARYthree",
                            PLUGINS_DIR, json_text(one, "flow"));
    cr_expect_null(strstr(result.out, "CANARY"), "%s: %s", json_text(one, "id"), result.out);
    cr_expect_null(strstr(result.err, "CANARY"), "%s: %s", json_text(one, "id"), result.err);
    cr_expect_gt(strlen(result.out) + strlen(result.err), 0);
  }
}
