/* Which URLs money may travel over, and which are below a base URL. */
#include "common/url.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A block of just its size, so that a sanitizer sees a step beyond it. */
static refund_text exact(const char *string) {
  size_t size = strlen(string);
  char *data = malloc(size + (size == 0));
  if (size > 0) memcpy(data, string, size);
  return (refund_text){data, size};
}

static void drop(refund_text text) {
  free((void *)(uintptr_t)text.data);
}

static bool is(refund_text text, const char *string) {
  return text.size == strlen(string) && memcmp(text.data, string, text.size) == 0;
}

static bool below(const char *text, const char *base) {
  refund_text a = exact(text);
  refund_text b = exact(base);
  bool answer = url_is_below(a, b);
  drop(a);
  drop(b);
  return answer;
}

Test(url, is_read_into_origin_path_and_query) {
  static const struct {
    const char *text, *origin, *path, *query;
    bool https, loopback;
  } cases[] = {
      {"https://api.example.com", "https://api.example.com", "", NULL, true, false},
      {"https://api.example.com/", "https://api.example.com", "/", NULL, true, false},
      {"https://API.example.com:8443/v1/a?b=c/d?e", "https://API.example.com:8443", "/v1/a", "?b=c/d?e", true, false},
      {"https://api.example.com?x=1", "https://api.example.com", "", "?x=1", true, false},
      {"https://api.example.com/a@b", "https://api.example.com", "/a@b", NULL, true, false},
      {"https://[2001:db8::1]:443/x", "https://[2001:db8::1]:443", "/x", NULL, true, false},
      {"https://127.0.0.1/x", "https://127.0.0.1", "/x", NULL, true, true},
      {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080", "/x", NULL, false, true},
      {"http://127.255.255.254", "http://127.255.255.254", "", NULL, false, true},
      {"http://LocalHost:1", "http://LocalHost:1", "", NULL, false, true},
      {"http://[::1]:65535/", "http://[::1]:65535", "/", NULL, false, true},
      {"https://a_b-c.example", "https://a_b-c.example", "", NULL, true, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct url url;
    refund_text text = exact(cases[i].text);
    const char *problem = url_read(text, &url);
    cr_expect_null(problem, "%s: %s", cases[i].text, problem);
    cr_expect(is(url.origin, cases[i].origin), "%s: %.*s", cases[i].text, (int)url.origin.size, url.origin.data);
    cr_expect(is(url.path, cases[i].path), "%s: %.*s", cases[i].text, (int)url.path.size, url.path.data);
    cr_expect(cases[i].query == NULL ? url.query.data == NULL : is(url.query, cases[i].query), "%s", cases[i].text);
    cr_expect_eq(url.https, cases[i].https, "%s", cases[i].text);
    cr_expect_eq(url.loopback, cases[i].loopback, "%s", cases[i].text);
    drop(text);
  }
}

Test(url, is_refused_with_the_reason) {
  static const struct {
    const char *text, *reason;
  } cases[] = {
      {"", "it is empty"},
      {"https://a/b c", "it holds a space, a control character or a byte that is not ASCII"},
      {"https://a/\n", "it holds a space, a control character or a byte that is not ASCII"},
      {"https://a/\x7F", "it holds a space, a control character or a byte that is not ASCII"},
      {"https://\xC3\xA9.example", "it holds a space, a control character or a byte that is not ASCII"},
      {"https://a\\@b/", "it holds a backslash"},
      {"https://a/b#c", "it has a fragment"},
      {"https://api.example.com#@evil", "it has a fragment"},
      {"ftp://a/", "it does not begin with https://"},
      {"//a/", "it does not begin with https://"},
      {"https:/a", "it does not begin with https://"},
      {"https:a", "it does not begin with https://"},
      {"HTTPS://a/", "it does not begin with https://"},
      {"file:///etc/passwd", "it does not begin with https://"},
      {"https://user@a/", "it has a user name"},
      {"https://user:password@a/", "it has a user name"},
      {"https://@a/", "it has a user name"},
      {"https://", "it has no host"},
      {"https:///x", "it has no host"},
      {"https://:80/", "it has no host"},
      {"https://?x", "it has no host"},
      {"https://a:/", "its port is not a number from 1 to 65535"},
      {"https://a:0/", "its port is not a number from 1 to 65535"},
      {"https://a:65536/", "its port is not a number from 1 to 65535"},
      {"https://a:x/", "its port is not a number from 1 to 65535"},
      {"https://a:-1/", "its port is not a number from 1 to 65535"},
      {"https://a:80x/", "its host holds a character that no host has"},
      {"https://a:123456/", "its host holds a character that no host has"},
      {"https://a%2eb/", "its host holds a character that no host has"},
      {"https://a,b/", "its host holds a character that no host has"},
      {"https://{prefix}.example.com/", "it has no host"},
      {"https://a{prefix}.example.com/", "its host holds a character that no host has"},
      {"https://[::1", "its address in brackets is malformed"},
      {"https://[", "its address in brackets is malformed"},
      {"https://[]/", "its address in brackets is malformed"},
      {"https://[[::1]/", "its address in brackets is malformed"},
      {"https://[fe80::1%25eth0]/", "its address in brackets is malformed"},
      {"https://[::1]x/", "its host holds a character that no host has"},
      {"http://api.example.com/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://localhost.example.com/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.0.0.1.example.com/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.1/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.0.0.0.1/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.0.0./", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.0..1/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.0.0.256/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.999.999.999/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://127.0.0.01/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://128.0.0.1/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://0.0.0.0/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://[::]/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://2130706433/", "it is http, which is only for this machine itself; elsewhere use https"},
      {"http://0x7f.0.0.1/", "it is http, which is only for this machine itself; elsewhere use https"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct url url;
    refund_text text = exact(cases[i].text);
    const char *problem = url_read(text, &url);
    cr_expect(problem != NULL && strcmp(problem, cases[i].reason) == 0, "%s: %s", cases[i].text,
              problem == NULL ? "accepted" : problem);
    drop(text);
  }
}

Test(url, that_is_not_there_or_holds_a_nul_is_refused) {
  struct url url;
  cr_expect_str_eq(url_read((refund_text){NULL, 0}, &url), "it is empty");
  cr_expect_not_null(url_read((refund_text){"https://a/\0.evil", 16}, &url));
}

Test(url, has_at_most_8192_bytes) {
  struct url url;
  char text[8193];
  memset(text, 'a', sizeof text);
  memcpy(text, "https://a/", 10);
  cr_expect_null(url_read((refund_text){text, 8192}, &url));
  cr_expect_str_eq(url_read((refund_text){text, 8193}, &url), "it is longer than 8192 bytes");
}

/* ---- Below ---- */

Test(url, below_a_base_is_the_base_itself_or_follows_it_after_a_slash_or_a_query) {
  static const char *const pairs[][2] = {
      {"https://api.example.com", "https://api.example.com"},
      {"https://api.example.com/", "https://api.example.com"},
      {"https://api.example.com", "https://api.example.com/"},
      {"https://api.example.com/v1/refunds", "https://api.example.com"},
      {"https://api.example.com?x=1", "https://api.example.com"},
      {"https://api.example.com/v1", "https://api.example.com/v1"},
      {"https://api.example.com/v1", "https://api.example.com/v1//"},
      {"https://api.example.com/v1/", "https://api.example.com/v1/"},
      {"https://api.example.com/v1/x", "https://api.example.com/v1"},
      {"https://api.example.com/v1?x", "https://api.example.com/v1"},
      {"https://API.Example.COM/v1/x", "https://api.example.com/v1"},
      {"https://api.example.com/v1/x", "https://API.EXAMPLE.com/v1"},
      {"https://api.example.com:8443/x", "https://api.example.com:8443"},
      {"http://127.0.0.1:80/v1/x", "http://127.0.0.1:80/v1"},
      {"https://api.example.com/v1/a..b/...", "https://api.example.com/v1"},
      {"https://api.example.com/v1/x?../..", "https://api.example.com/v1"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    cr_expect(below(pairs[i][0], pairs[i][1]), "%s is not below %s", pairs[i][0], pairs[i][1]);
  }
}

Test(url, below_a_base_is_nothing_that_only_looks_like_it) {
  static const char *const pairs[][2] = {
      {"https://api.example.com.evil", "https://api.example.com"},
      {"https://api.example.com.evil/v1", "https://api.example.com/v1"},
      {"https://api.example.com@evil", "https://api.example.com"},
      {"https://api.example.com@evil/", "https://api.example.com"},
      {"https://api.example.com:443@evil/", "https://api.example.com"},
      {"https://api.example.com\\@evil/", "https://api.example.com"},
      {"https://api.example.com#@evil/", "https://api.example.com"},
      {"https://evil/https://api.example.com", "https://api.example.com"},
      {"https://evil?https://api.example.com/", "https://api.example.com"},
      {"https://api.example.comm", "https://api.example.com"},
      {"https://api.example.co", "https://api.example.com"},
      {"https://xapi.example.com", "https://api.example.com"},
      {"https://api.example.com.", "https://api.example.com"},
      {"https://api.example.com:8443", "https://api.example.com"},
      {"https://api.example.com:44", "https://api.example.com:443"},
      {"http://127.0.0.1", "https://127.0.0.1"},
      {"https://127.0.0.1", "http://127.0.0.1"},
      {"https://api.example.com/v1x", "https://api.example.com/v1"},
      {"https://api.example.com/v1x/", "https://api.example.com/v1/"},
      {"https://api.example.com/v", "https://api.example.com/v1"},
      {"https://api.example.com/", "https://api.example.com/v1"},
      {"https://api.example.com/V1/x", "https://api.example.com/v1"},
      {"https://api.example.com/v1%2Fx", "https://api.example.com/v1"},
      {"https://api.example.com//v1/x", "https://api.example.com/v1"},
      {"https://api.example.com?/v1", "https://api.example.com/v1"},
      {"not a url", "https://api.example.com"},
      {"https://api.example.com", "not a url"},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    cr_expect_not(below(pairs[i][0], pairs[i][1]), "%s is below %s", pairs[i][0], pairs[i][1]);
  }
}

Test(url, below_a_base_never_climbs_out_of_it_however_the_dots_are_written) {
  static const char *const paths[] = {"/..",       "/../",    "/x/..",     "/x/../y", "/../../",     "/%2e%2e",
                                      "/%2E%2e/x", "/.%2e/x", "/x/%2E./y", "/..?x",   "/%2e%2e?x=1", "/x/y/../../z",
                                      "//../x",    "/.",      "/x/./y",    "/x/%2e"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char text[200] = "https://api.example.com/v1";
    strcat(text, paths[i]);
    cr_expect_not(below(text, "https://api.example.com/v1"), "%s", text);
  }
}

/* ---- Shown ---- */

Test(url, that_is_shown_has_no_user_and_no_password) {
  static const char *const cases[][2] = {
      {"cannot reach http://user:password@proxy:8080/x", "cannot reach http://proxy:8080/x"},
      {"http://user@proxy", "http://proxy"},
      {"http://user:p@ss:w@rd@proxy/", "http://proxy/"},
      {"http://user:p/w@proxy/ and https://a:b@c", "http://proxy/ and https://c"},
      {"(\"https://a:b@c\")", "(\"https://c\")"},
      {"socks5h://a:b@c", "socks5h://c"},
      {"nothing to hide at https://api.example.com/v1", "nothing to hide at https://api.example.com/v1"},
      {"mail person@example.com", "mail person@example.com"},
      {"https:// person@example.com", "https:// person@example.com"},
      {"", ""},
      {"://", "://"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[200];
    strcpy(text, cases[i][0]);
    url_hide_users(text);
    cr_expect_str_eq(text, cases[i][1]);
  }
}
