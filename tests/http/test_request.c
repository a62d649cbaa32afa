#include "support/test.h"

#include "internal.h"

#include <math.h>
#include <string.h>

static void test_the_most_exact_accept_decides(void **state)
{
    (void)state;
    assert_int_equal(xw__accepts(NULL, "text/html"), 1000);
    assert_int_equal(xw__accepts("*/*", "text/html"), 1000);
    assert_int_equal(xw__accepts("text/html;q=0.5, */*;q=0.1", "text/html"), 500);
    assert_int_equal(xw__accepts("text/html;q=0.5, */*;q=0.1", "application/json"), 100);
    assert_int_equal(xw__accepts("application/*;q=0.25", "application/json"), 250);
    assert_int_equal(xw__accepts("application/*, application/json;q=0", "application/json"), 0);
    assert_int_equal(xw__accepts("application/xml", "application/json"), 0);
    assert_int_equal(xw__accepts("TEXT/HTML ; level=1 ; q=0.875", "text/html"), 875);
    assert_int_equal(xw__accepts(",,;;q=,=", "text/html"), 0);
    assert_true(xw__accepts_gzip("br;q=1.0, gzip;q=0.8"));
    assert_true(xw__accepts_gzip("*"));
    assert_false(xw__accepts_gzip("gzip;q=0"));
    assert_false(xw__accepts_gzip("x-gzip"));
    assert_false(xw__accepts_gzip(NULL));
}

static void test_only_sane_hosts_reach_the_links(void **state)
{
    (void)state;
    static const char *const good[] = {"localhost", "grid.example.org:8080", "127.0.0.1:1",
                                       "[::1]:80", "[fe80::1]"};
    static const char *const bad[] = {
        "",     "a b",       "evil.org/x", "a\r\nX: y", "x:0",      "x:65536", "x:80:80",
        "[::1", "user@host", "x:",         "[]",        "<script>", "a\"b",    "x:+80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(xw__host_is_sane(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (xw__host_is_sane(bad[i])) print_error("%s\n", bad[i]);
        assert_false(xw__host_is_sane(bad[i]));
    }
    assert_false(xw__host_is_sane(NULL));
}

static void test_numbers_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " 1",  "1 ",  "0x10", "inf", "nan",   "1,5",  "1e",
                                      "1e+", "--1", "+-1", ".",    "-",   "1e999", "1.2.3"};
    double v;
    int64_t n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (xw__parse_num(bad[i], &v)) print_error("\"%s\"\n", bad[i]);
        assert_false(xw__parse_num(bad[i], &v));
    }
    assert_true(xw__parse_num("-119.25", &v) && v < -119.24 && v > -119.26);
    assert_true(xw__parse_num(".5", &v) && xw__parse_num("5.", &v) && xw__parse_num("+1E-3", &v));
    assert_true(xw__parse_int("-9223372036854775807", INT64_MIN, INT64_MAX, &n));
    assert_int_equal(n, -INT64_MAX);
    assert_false(xw__parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &n));
    assert_false(xw__parse_int("11", 0, 10, &n));
    assert_false(xw__parse_int("1.0", 0, 10, &n));
}

static void test_times_and_intervals_are_told_from_other_text(void **state)
{
    (void)state;
    static const char *const good[] = {"2026-01-01",
                                       "2026-01-01T00:00:00Z",
                                       "2026-01-01T08:00:00.25+08:00",
                                       "2026-01-01/..",
                                       "../2026-01-01",
                                       "/2026-01-01",
                                       "2026-01-01/",
                                       "2026-01-01/2026-02-01T00:00:00Z"};
    static const char *const bad[] = {"",
                                      "..",
                                      "/",
                                      "../..",
                                      "2026",
                                      "now",
                                      "x/y",
                                      "2026-13-01",
                                      "2026-01-01T",
                                      "2026-01-01Z",
                                      "2026-01-01/2026-02-01/2026-03-01"};
    int64_t at;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!xw__datetime_parse(good[i], 0, &at)) print_error("%s\n", good[i]);
        assert_true(xw__datetime_parse(good[i], 0, &at));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (xw__datetime_parse(bad[i], 0, &at)) print_error("%s\n", bad[i]);
        assert_false(xw__datetime_parse(bad[i], 0, &at));
    }
}

static void test_etags_are_compared_weakly_in_lists(void **state)
{
    (void)state;
    assert_true(xw__etag_matches("W/\"a-1\"", "W/\"a-1\""));
    assert_true(xw__etag_matches("\"x\", \"a-1\" , \"y\"", "W/\"a-1\""));
    assert_true(xw__etag_matches("*", "W/\"a-1\""));
    assert_false(xw__etag_matches("\"a-11\"", "W/\"a-1\""));
    assert_false(xw__etag_matches("\"a-1", "W/\"a-1\""));
    assert_false(xw__etag_matches("", "W/\"a-1\""));
    assert_false(xw__etag_matches(NULL, "W/\"a-1\""));
}

static void parse(const char *target, int status, const char *path, const char *name,
                  const char *value)
{
    xw_http_response rs;
    const xw_http_request rq = {.method = "GET", .target = target};
    xw__cx cx = {.rq = &rq};
    xw__response_init(&rs);
    const bool ok = xw__request_parse(&cx, &rs);
    assert_int_equal(ok, status == 200);
    assert_int_equal(rs.status, status);
    if (path) assert_string_equal(cx.path, path);
    if (name) {
        assert_non_null(xw__param_get(&cx, name));
        assert_string_equal(xw__param_get(&cx, name), value);
    }
    free(cx.memory);
    xw_http_response_finish(&rs);
}

static void test_paths_and_queries_are_decoded(void **state)
{
    (void)state;
    parse("/a%20b?x=%E7%BD%91+y&z", 200, "/a b", "x", "网 y");
    parse("/?x=a=b", 200, "/", "x", "a=b");
    parse("/?a&b=&&", 200, "/", "b", "");
    parse("/a+b", 200, "/a+b", NULL, NULL);
    parse("/x?a=1#b=2", 200, "/x", "a", "1");
    parse("/%zz", 400, NULL, NULL, NULL);
    parse("/%", 400, NULL, NULL, NULL);
    parse("/%4", 400, NULL, NULL, NULL);
    parse("/%00", 400, NULL, NULL, NULL);
    parse("/?a=%0", 400, NULL, NULL, NULL);
    parse("/?a=1&a=2", 400, NULL, NULL, NULL);
    parse("", 400, NULL, NULL, NULL);
    parse("http://x/", 400, NULL, NULL, NULL);
    char many[600] = "/?";
    for (int i = 0; i <= XW__QUERY_MAX; i++) {
        const size_t n = strlen(many);
        (void)snprintf(many + n, sizeof many - n, "p%d=1&", i);
    }
    parse(many, 400, NULL, NULL, NULL);
    static char huge[XW_HTTP_TARGET_MAX + 3];
    memset(huge, 'a', sizeof huge - 1);
    huge[0] = '/';
    parse(huge, 414, NULL, NULL, NULL);
    huge[XW_HTTP_TARGET_MAX] = '\0';
    parse(huge, 200, huge, NULL, NULL);
}

static void points(const char *body, xw_status want, size_t n)
{
    xw__point *p;
    size_t got;
    xw_error err = {XW_OK, ""};
    const xw_status st = xw__points_parse(body, strlen(body), &p, &got, &err);
    if (st != want) print_error("%s: %s\n", body, err.text);
    assert_int_equal(st, want);
    if (st) {
        assert_null(p);
        assert_true(err.text[0] != '\0');
    } else {
        assert_int_equal(got, n);
    }
    free(p);
}

static void test_points_come_in_every_promised_shape(void **state)
{
    (void)state;
    points("[]", XW_OK, 0);
    points("[[1,2],[3.5,-4e0],[5,6,7]]", XW_OK, 3);
    points("[{\"lon\":1,\"lat\":2,\"floor\":3,\"accuracy\":15}]", XW_OK, 1);
    points("{\"type\":\"Point\",\"coordinates\":[1,2]}", XW_OK, 1);
    points("{\"type\":\"MultiPoint\",\"coordinates\":[[1,2],[3,4]]}", XW_OK, 2);
    points("{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]},"
           "\"properties\":null}",
           XW_OK, 1);
    points("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":{"
           "\"type\":"
           "\"Point\",\"coordinates\":[1,2]},\"properties\":{\"floor\":2}}]}",
           XW_OK, 1);
    static const char *const bad[] = {
        "",
        "7",
        "{",
        "[1,2]",
        "[[1]]",
        "[[1,2,3,4]]",
        "[[\"1\",2]]",
        "[[1,NaN]]",
        "[null]",
        "[{\"lon\":1}]",
        "[{\"lon\":1,\"lat\":2,\"floor\":1.5}]",
        "[{\"lon\":1,\"lat\":2,\"accuracy\":-1}]",
        "[{\"lon\":1,\"lat\":2,\"accuracy\":\"x\"}]",
        "{\"type\":\"LineString\",\"coordinates\":[[1,2],[3,4]]}",
        "{\"type\":\"FeatureCollection\"}",
        "{\"type\":\"Feature\",\"geometry\":null}",
        "{\"a\":1,\"a\":2}",
        "\xff\xfe",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) points(bad[i], XW_INPUT, 0);
}

static void test_bodies_that_would_grow_are_refused_early(void **state)
{
    (void)state;
    const size_t n = (size_t)8 << 20;
    char *body = test_malloc(n + 1);
    body[n] = '\0';
    for (size_t i = 0; i < n; i++) body[i] = "[],"[i % 3];
    points(body, XW_LIMIT, 0);
    memset(body, '[', n);
    points(body, XW_LIMIT, 0);
    for (size_t i = 0; i < n; i++) body[i] = "1,"[i % 2];
    points(body, XW_LIMIT, 0);
    size_t at = 0;
    body[at++] = '[';
    for (int i = 0; i <= XW_HTTP_POINTS_MAX; i++) {
        memcpy(body + at, i > 0 ? ",[1,2]" : "[1,2]", i > 0 ? 6 : 5);
        at += i > 0 ? 6 : 5;
    }
    body[at++] = ']';
    body[at] = '\0';
    points(body, XW_LIMIT, 0);
    test_free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_most_exact_accept_decides),
        cmocka_unit_test(test_only_sane_hosts_reach_the_links),
        cmocka_unit_test(test_numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(test_times_and_intervals_are_told_from_other_text),
        cmocka_unit_test(test_etags_are_compared_weakly_in_lists),
        cmocka_unit_test(test_paths_and_queries_are_decoded),
        cmocka_unit_test(test_points_come_in_every_promised_shape),
        cmocka_unit_test(test_bodies_that_would_grow_are_refused_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
