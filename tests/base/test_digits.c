/* Digits without printf are those of printf. */
#include "support/test.h"

#include "support/rng.h"
#include "xiwang/digits.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void test_whole_numbers_are_those_of_printf(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("digits");
    for (int k = 0; k < 200000; k++) {
        const uint64_t v = k < 4 ? (uint64_t)0 - (uint64_t)k : xw_rng_next(&r) >> (k % 64);
        char want[40], got[40];
        (void)snprintf(want, sizeof want, "%" PRIu64, v);
        got[xw_digits_u64(got, v)] = '\0';
        assert_string_equal(got, want);
        (void)snprintf(want, sizeof want, "%" PRId64, (int64_t)v);
        got[xw_digits_i64(got, (int64_t)v)] = '\0';
        assert_string_equal(got, want);
        (void)snprintf(want, sizeof want, "%016" PRIx64, v);
        xw_digits_hex16(got, v);
        got[16] = '\0';
        assert_string_equal(got, want);
    }
}

/* As printf, without zeros at the end and without the sign of zero. */
static void expected(double v, int decimals, char want[400])
{
    int n = snprintf(want, 400, "%.*f", decimals, v);
    if (strchr(want, '.')) {
        while (want[n - 1] == '0') want[--n] = '\0';
        if (want[n - 1] == '.') want[--n] = '\0';
    }
    if (strcmp(want, "-0") == 0) memcpy(want, "0", 2);
}

/* Half of them next to the middle of two decimals, where only the exact value can tell. */
static void test_fractions_are_those_of_printf(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("digits");
    unsigned left = 0;
    for (int k = 0; k < 400000; k++) {
        const int decimals = (int)xw_rng_below(&r, 10);
        double v =
            ((double)(xw_rng_next(&r) >> 11) * 0x1p-53 - 0.5) * pow(10, xw_rng_in(&r, -6, 15));
        if (k % 2) v = (floor(v * 1000) + 0.5) / pow(10, decimals + (int)xw_rng_below(&r, 2));
        if (k % 4 == 3) v = nextafter(v, k % 8 == 3 ? 1e300 : -1e300);
        char want[400], got[XW_DIGITS_MAX + 1];
        expected(v, decimals, want);
        const size_t n = xw_digits_fixed(got, v, decimals);
        left += n == 0;
        if (n == 0) continue;
        got[n] = '\0';
        if (strcmp(got, want) != 0)
            fail_msg("%.17g with %d decimals: %s, printf %s", v, decimals, got, want);
    }
    assert_true(left > 0 && left < 350000);
    char text[XW_DIGITS_MAX];
    const double strange[] = {NAN, INFINITY, -INFINITY, 1e300, 0x1p43};
    for (size_t i = 0; i < 5; i++) assert_int_equal(xw_digits_fixed(text, strange[i], 2), 0);
    assert_int_equal(xw_digits_fixed(text, -0.0, 2), 1);
    assert_memory_equal(text, "0", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_numbers_are_those_of_printf),
        cmocka_unit_test(test_fractions_are_those_of_printf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
