/* Equal texts once, different texts apart, against a plain list; limits and no memory. */
#include "support/test.h"

#include "xiwang/buf.h"

#include <string.h>

static void test_the_empty_text_is_zero(void **state)
{
    (void)state;
    xw_strings s = {0};
    xw_text t = 99;
    assert_string_equal(xw_strings_get(&s, 0), "");
    assert_int_equal(xw_strings_add(&s, NULL, &t, NULL), XW_OK);
    assert_int_equal(t, 0);
    assert_int_equal(xw_strings_add(&s, "", &t, NULL), XW_OK);
    assert_int_equal(t, 0);
    assert_int_equal(xw_strings_add_n(&s, NULL, 0, &t, NULL), XW_OK);
    assert_int_equal(t, 0);
    assert_int_equal(s.n, 0); /* nothing was stored for it */
    assert_int_equal(xw_strings_add(&s, "网", &t, NULL), XW_OK);
    assert_int_not_equal(t, 0);
    assert_string_equal(xw_strings_get(&s, t), "网");
    assert_string_equal(xw_strings_get(&s, 0), "");
    assert_string_equal(xw_strings_get(&s, (xw_text)s.n), "");
    assert_string_equal(xw_strings_get(&s, UINT32_MAX), "");
    xw_strings_finish(&s);
}

static void test_bytes_end_at_a_nul(void **state)
{
    (void)state;
    xw_strings s = {0};
    xw_text whole, cut, none;
    assert_int_equal(xw_strings_add(&s, "abc", &whole, NULL), XW_OK);
    assert_int_equal(xw_strings_add_n(&s, "abc\0def", 7, &cut, NULL), XW_OK);
    assert_int_equal(cut, whole);
    assert_int_equal(xw_strings_add_n(&s, "abcdef", 3, &cut, NULL), XW_OK);
    assert_int_equal(cut, whole);
    assert_int_equal(xw_strings_add_n(&s, "\0abc", 4, &none, NULL), XW_OK);
    assert_int_equal(none, 0);
    xw_strings_finish(&s);
}

/* Short texts of three letters: many equal ones, prefixes and tails of each other. */
static void random_text(xw_rng *r, char *out)
{
    const uint32_t n = xw_rng_below(r, 8);
    for (uint32_t i = 0; i < n; i++) out[i] = (char)('a' + xw_rng_below(r, 3));
    out[n] = '\0';
}

static void test_equal_texts_are_one_and_others_are_not(void **state)
{
    (void)state;
    enum { N = 3000 };
    xw_rng r = rng_from_env("strings");
    static char texts[N][8];
    static xw_text at[N];
    xw_strings s = {0};
    for (size_t i = 0; i < N; i++) {
        random_text(&r, texts[i]);
        assert_int_equal(xw_strings_add(&s, texts[i], &at[i], NULL), XW_OK);
    }
    size_t different = 0;
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(xw_strings_get(&s, at[i]), texts[i]);
        bool first = texts[i][0] != '\0';
        for (size_t k = 0; k < i; k++) {
            const bool same = strcmp(texts[i], texts[k]) == 0;
            assert_int_equal(at[i] == at[k], same);
            first = first && !same;
        }
        different += first;
    }
    assert_int_equal(s.n_texts, different);
    xw_strings_finish(&s);
    assert_null(s.bytes);
}

static void test_four_gigabytes_are_the_limit(void **state)
{
    (void)state;
    /* A pool that claims to be almost full; nothing of it is read before the limit is. */
    char byte = '\0';
    xw_strings s = {.bytes = &byte, .n = UINT32_MAX - 3, .cap = UINT32_MAX - 3};
    xw_text t = 7;
    xw_error err;
    assert_int_equal(xw_strings_add(&s, "abc", &t, &err), XW_LIMIT);
    assert_int_equal(t, 0);
    assert_non_null(strstr(err.text, "4 GiB"));
    free(s.slots);
}

/* A refused text leaves the pool as it was, so that the next add can succeed. */
static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int k = 0;; k++) {
        xw_strings s = {0};
        xw_status st = XW_OK;
        char text[32];
        int added = 0;
        fail_alloc_at(k);
        for (; added < 500 && !st; added++) {
            xw_text t = 7;
            (void)snprintf(text, sizeof text, "text number %d", added);
            st = xw_strings_add(&s, text, &t, NULL);
            assert_int_equal(t == 0, st != XW_OK);
        }
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        for (int i = 0; i < added; i++) {
            xw_text t, again;
            (void)snprintf(text, sizeof text, "text number %d", i);
            assert_int_equal(xw_strings_add(&s, text, &t, NULL), XW_OK);
            assert_string_equal(xw_strings_get(&s, t), text);
            assert_int_equal(xw_strings_add(&s, text, &again, NULL), XW_OK);
            assert_int_equal(t, again);
        }
        assert_int_equal(s.n_texts, added);
        xw_strings_finish(&s);
        if (!failed) {
            assert_true(k > 5);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_empty_text_is_zero),
        cmocka_unit_test(test_bytes_end_at_a_nul),
        cmocka_unit_test(test_equal_texts_are_one_and_others_are_not),
        cmocka_unit_test(test_four_gigabytes_are_the_limit),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
