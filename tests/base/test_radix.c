#include "support/test.h"

#include "xiwang/radix.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 5000 };

/* The place in the input below the bits that are sorted shows whether equal ones keep their order.
 */
static int by_number(const void *a, const void *b)
{
    const uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;
    return (p > q) - (p < q);
}

static void test_any_numbers_come_out_as_qsort_has_them(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("radix");
    static uint64_t keys[MOST], want[MOST], spare[MOST];
    enum { PLACE = 16 };
    for (int round = 0; round < 400; round++) {
        const size_t n = xw_rng_below(&r, round % 2 ? 60 : MOST);
        const unsigned bits = PLACE + xw_rng_below(&r, 64 - PLACE + 1);
        for (size_t i = 0; i < n; i++) {
            const uint64_t v = xw_rng_next(&r) << PLACE;
            keys[i] = (bits < 64 ? v & ((UINT64_C(1) << bits) - 1) : v) | i;
        }
        if (n) memcpy(want, keys, n * sizeof *keys);
        qsort(want, n, sizeof *want, by_number);
        xw_radix_sort(keys, spare, n, round % 3 ? PLACE : 0, bits);
        assert_memory_equal(keys, want, n * sizeof *keys);
    }
}

static void test_bits_of_a_number(void **state)
{
    (void)state;
    assert_int_equal(xw_bits_of(0), 0);
    assert_int_equal(xw_bits_of(1), 1);
    assert_int_equal(xw_bits_of(255), 8);
    assert_int_equal(xw_bits_of(256), 9);
    assert_int_equal(xw_bits_of(UINT64_MAX), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_numbers_come_out_as_qsort_has_them),
        cmocka_unit_test(test_bits_of_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
