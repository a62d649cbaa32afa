#include "support/test.h"

#include "xiwang/when.h"

#include <string.h>
#include <time.h>

static void test_times_are_read_as_rfc_3339_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
    } good[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"2026-05-01T08:00:00+08:00", 1777593600},
        {"2026-05-01t00:00:00.999z", 1777593600},
        {"2026-04-30T18:30:00-05:30", 1777593600},
        {"2024-02-29", 1709164800},
        {"2000-02-29T23:59:60Z", 951868800},
        {"0000-01-01", -62167219200},
        {"9999-12-31T23:59:59Z", 253402300799},
    };
    static const char *const bad[] = {
        "",
        "now",
        "2026",
        "2026-5-1",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-05-00",
        "2026-05-01Z",
        "2026-05-01T",
        "2026-05-01T00:00Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T00:60:00Z",
        "2026-05-01T00:00:61Z",
        "2026-05-01T00:00:00",
        "2026-05-01T00:00:00.Z",
        "2026-05-01T00:00:00+8",
        "2026-05-01T00:00:00+24:00",
        "2026-05-01 00:00:00Z",
        " 2026-05-01",
        "2026-05-01 ",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t t = 1;
        if (!xw_when_parse(good[i].text, &t)) fail_msg("%s", good[i].text);
        if (t != good[i].unix_s) fail_msg("%s: %lld", good[i].text, (long long)t);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t t;
        if (xw_when_parse(bad[i], &t)) fail_msg("\"%s\" is read as %lld", bad[i], (long long)t);
    }
    int64_t t;
    assert_int_equal(xw_when_read("2026-05-01/..", &t), 10);
}

static void test_a_time_comes_back_as_the_system_has_it(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("when");
    for (int i = 0; i < 20000; i++) {
        const int64_t t = -62167219200 + (int64_t)(xw_rng_next(&r) % 315569520000u);
        const time_t sys = (time_t)t;
        char text[XW_WHEN_TEXT], want[64];
        struct tm tm;
        int64_t back;
        xw_when_text(t, text);
        assert_non_null(gmtime_r(&sys, &tm));
        (void)snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        assert_string_equal(text, want);
        assert_true(xw_when_parse(text, &back) && back == t);
    }
    char text[XW_WHEN_TEXT];
    xw_when_text(INT64_MIN, text); /* fits, whatever it is */
    xw_when_text(INT64_MAX, text);
    assert_true(strlen(text) < sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_are_read_as_rfc_3339_writes_them),
        cmocka_unit_test(test_a_time_comes_back_as_the_system_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
