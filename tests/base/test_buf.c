/* Bytes against a plain copy, ceilings to the byte, sizes that do not fit, no memory. */
#include "support/test.h"

#include "xiwang/buf.h"

#include <string.h>

enum { MOST = 20000 };

static void test_random_appends_equal_a_plain_copy(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("buf");
    static char copy[MOST + 1], piece[1200];
    for (int round = 0; round < 200; round++) {
        const size_t ceiling = xw_rng_below(&r, MOST);
        size_t n = 0;
        bool full = false;
        xw_buf b;
        xw_buf_init(&b, ceiling);
        for (int step = 0; step < 60; step++) {
            const size_t len = xw_rng_below(&r, xw_rng_below(&r, 2) ? 20 : sizeof piece - 1);
            for (size_t i = 0; i < len; i++) piece[i] = (char)(1 + xw_rng_below(&r, 255));
            piece[len] = '\0';
            switch (xw_rng_below(&r, 4)) {
            case 0:
                xw_buf_add(&b, piece, len);
                break;
            case 1:
                xw_buf_text(&b, piece);
                break;
            case 2:
                xw_buf_fmt(&b, "%s", piece);
                break;
            default: {
                char *at = xw_buf_room(&b, len);
                assert_int_equal(at == NULL, full || n + len > ceiling);
                if (at) memcpy(at, piece, len);
            }
            }
            full = full || n + len > ceiling; /* a failed buffer takes nothing, however short */
            if (!full) {
                memcpy(copy + n, piece, len);
                n += len;
            }
            assert_int_equal(b.failed, full);
            assert_int_equal(b.too_big, full);
            assert_int_equal(b.n, n);
            if (n > 0) {
                assert_memory_equal(b.data, copy, n);
                assert_int_equal(b.data[n], '\0');
            }
            if (full && xw_rng_below(&r, 8) == 0) {
                xw_buf_clear(&b);
                full = false;
                n = 0;
            }
        }
        xw_buf_finish(&b);
        assert_null(b.data);
        assert_int_equal(b.ceiling, ceiling);
    }
}

static void test_the_ceiling_is_the_last_byte_that_fits(void **state)
{
    (void)state;
    xw_buf b;
    xw_error err;
    xw_buf_init(&b, 5);
    xw_buf_text(&b, "12345");
    assert_int_equal(xw_buf_status(&b, "five bytes", &err), XW_OK);
    xw_buf_add(&b, "", 0);
    assert_int_equal(xw_buf_status(&b, "five bytes", &err), XW_OK);
    xw_buf_text(&b, "6");
    assert_int_equal(xw_buf_status(&b, "five bytes", &err), XW_LIMIT);
    assert_string_equal(err.text, "five bytes is larger than 5 bytes");
    xw_buf_clear(&b);
    assert_int_equal(xw_buf_status(&b, "five bytes", &err), XW_OK);
    assert_string_equal(b.data, "");
    xw_buf_fmt(&b, "%d", 123456);
    assert_int_equal(xw_buf_status(&b, "five bytes", &err), XW_LIMIT);
    xw_buf_finish(&b);
}

static void test_sizes_beyond_memory_fail_instead_of_wrapping(void **state)
{
    (void)state;
    const size_t huge[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 4, SIZE_MAX / 2 + 1, SIZE_MAX / 2};
    for (size_t i = 0; i < sizeof huge / sizeof *huge; i++) {
        for (int filled = 0; filled < 2; filled++) {
            xw_buf b;
            xw_buf_init(&b, SIZE_MAX);
            if (filled) xw_buf_text(&b, "full");
            /* The allocator of a sanitizer would stop the program: it must not even be asked. */
            fail_alloc_at(0);
            assert_null(xw_buf_room(&b, huge[i]));
            (void)fail_alloc_stop();
            assert_int_not_equal(xw_buf_status(&b, "all", NULL), XW_OK);
            assert_int_equal(b.n, filled ? 4 : 0);
            xw_buf_finish(&b);
        }
    }
}

static void test_products_of_sizes_are_checked(void **state)
{
    (void)state;
    size_t out = 0;
    assert_true(xw_array_bytes(3, 7, &out));
    assert_int_equal(out, 21);
    assert_true(xw_array_bytes(SIZE_MAX, 1, &out));
    assert_true(xw_array_bytes(SIZE_MAX / 8, 8, &out));
    assert_false(xw_array_bytes(SIZE_MAX / 8 + 1, 8, &out));
    assert_false(xw_array_bytes(SIZE_MAX, SIZE_MAX, &out));
    assert_true(xw_array_bytes(0, SIZE_MAX, &out));
    assert_int_equal(out, 0);
}

static void test_an_array_grows_and_keeps_its_content(void **state)
{
    (void)state;
    uint32_t *a = NULL;
    size_t cap = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        assert_true(xw_grow((void **)&a, &cap, i + 1, sizeof *a));
        assert_true(cap > i);
        a[i] = i * i;
    }
    for (uint32_t i = 0; i < 5000; i++) assert_int_equal(a[i], i * i);
    uint32_t *const was = a;
    const size_t had = cap;
    fail_alloc_at(0);
    assert_true(xw_grow((void **)&a, &cap, had, sizeof *a)); /* enough: nothing is asked for */
    assert_false(xw_grow((void **)&a, &cap, had + 1, sizeof *a));
    assert_false(xw_grow((void **)&a, &cap, SIZE_MAX, sizeof *a));
    assert_false(xw_grow((void **)&a, &cap, SIZE_MAX / 2 + 2, 1));
    assert_false(xw_grow((void **)&a, &cap, SIZE_MAX / 4, sizeof *a));
    assert_true(fail_alloc_stop());
    assert_ptr_equal(a, was);
    assert_int_equal(cap, had);
    assert_int_equal(a[4999], 4999u * 4999u);
    free(a);
}

/* With the n-th allocation gone the buffer is failed and says so, with what it held before. */
static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int k = 0;; k++) {
        xw_buf b;
        xw_error err;
        xw_buf_init(&b, 1 << 20);
        fail_alloc_at(k);
        for (int i = 0; i < 300; i++) xw_buf_fmt(&b, "%04d%*s", i, i, "|");
        const bool failed = fail_alloc_stop();
        assert_int_equal(xw_buf_status(&b, "three hundred lines", &err), failed ? XW_NOMEM : XW_OK);
        assert_int_equal(b.too_big, false);
        if (failed) {
            assert_string_equal(err.text, "three hundred lines");
            const size_t n = b.n;
            xw_buf_text(&b, "ignored");
            assert_int_equal(b.n, n);
        }
        xw_buf_finish(&b);
        if (!failed) {
            assert_true(k > 3);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_appends_equal_a_plain_copy),
        cmocka_unit_test(test_the_ceiling_is_the_last_byte_that_fits),
        cmocka_unit_test(test_sizes_beyond_memory_fail_instead_of_wrapping),
        cmocka_unit_test(test_products_of_sizes_are_checked),
        cmocka_unit_test(test_an_array_grows_and_keeps_its_content),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
