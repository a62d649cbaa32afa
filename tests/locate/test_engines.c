/* The vector units of the machine beside portable C, and threads beside one. */
#include "locate/scene.h"
#include "support/test.h"

#include "find.h"

#include <stdlib.h>
#include <string.h>

static bool has(locator_engine e)
{
#ifdef LOCATE_X86
    if (e == ENGINE_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    return true;
#else
    return e == ENGINE_SCALAR;
#endif
}

static void compare(const xw_locator *l, const scene *s, xw_rng *r, int n_batches)
{
    enum { BATCH = 333 };
    xw_pt p[BATCH];
    uint32_t want[BATCH], got[BATCH];
    for (int b = 0; b < n_batches; b++) {
        const size_t n = xw_rng_below(r, 4) ? BATCH : xw_rng_below(r, BATCH);
        for (size_t i = 0; i < n; i++) {
            int owners;
            p[i] = scene_point(s, r);
            if (i % 50 == 0) p[i].x = (int32_t)xw_rng_next(r);
            if (i % 51 == 0) p[i].y = (int32_t)xw_rng_next(r);
            const bool away = i % 50 == 0 || i % 51 == 0;
            want[i] = away ? xw__locator_find_with(ENGINE_SCALAR, l, p[i])
                           : scene_owner(s, p[i], &owners);
        }
        for (locator_engine e = ENGINE_SCALAR; e < ENGINES; e++) {
            if (!has(e)) continue;
            memset(got, 0xff, sizeof got);
            xw__locator_find_many_with(e, l, p, n, got);
            for (size_t i = 0; i < n; i++) {
                const uint32_t one = xw__locator_find_with(e, l, p[i]);
                if (one != want[i] || got[i] != want[i]) {
                    fail_msg("engine %d, point %d,%d: label %u, one by one %u, in a batch %u", e,
                             p[i].x, p[i].y, want[i], one, got[i]);
                }
            }
            if (n < BATCH) assert_int_equal(got[n], UINT32_MAX);
        }
    }
}

static void count_tags(const xw_locator *l, size_t count[8])
{
    const locator_head *h = locator_get_head(l);
    const size_t n = (size_t)h->tx * h->ty * TILE_CELLS;
    for (size_t k = 0; k < n; k++) count[ENTRY_TAG(locator_entries(h)[k])]++;
}

/* Steps from a few units to 2 degrees: small cells, the usual leaves, edges beyond int16. */
static void test_every_vector_unit_gives_the_answers_of_the_rings(void **state)
{
    (void)state;
    static const int32_t steps[] = {6, 40, 700, 9000, 30000, 120000, 20000000};
    xw_rng r = rng_from_env("engines");
    size_t count[8] = {0};
    for (int k = 0; k < 70; k++) {
        const int32_t step = steps[k % 7], side = k % 7 == 6 ? 4 : xw_rng_in(&r, 3, 24);
        scene s;
        void *bytes;
        size_t size;
        xw_locator l;
        xw_error err = {0};
        scene_build(&s, &r, side, step, (xw_pt){-300000000, 120000000}, 2 + xw_rng_below(&r, 200));
        if (xw_locator_build(s.edges, s.n_edges, NULL, &bytes, &size, &err) ||
            xw_locator_view(bytes, size, &l, &err)) {
            fail_msg("%s", err.text);
        }
        compare(&l, &s, &r, 20);
        count_tags(&l, count);
        free(bytes);
        scene_finish(&s);
    }
    for (uint32_t tag = TAG_LABEL; tag <= TAG_SPLIT; tag++) {
        if (count[tag] == 0) fail_msg("no entry with tag %u was tested", tag);
    }
}

/* With a step of 60 units many vertices lie just where two bands meet. */
static void test_any_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("threads");
    for (int k = 0; k < 2; k++) {
        scene s;
        void *want = NULL;
        size_t n_want = 0;
        scene_build(&s, &r, 160, k ? 60 : 9000, (xw_pt){1193000000, 260000000}, 5000);
        for (unsigned threads = 1; threads <= 8; threads *= 2) {
            const xw_job job = {.threads = threads};
            void *bytes;
            size_t size;
            xw_error err = {0};
            if (xw_locator_build(s.edges, s.n_edges, &job, &bytes, &size, &err)) {
                fail_msg("%s", err.text);
            }
            if (threads == 1) {
                want = bytes;
                n_want = size;
                continue;
            }
            assert_int_equal(size, n_want);
            assert_memory_equal(bytes, want, size);
            free(bytes);
        }
        xw_locator l;
        assert_int_equal(xw_locator_view(want, n_want, &l, NULL), XW_OK);
        assert_true(locator_get_head(&l)->ty > 3); /* bands for all */
        compare(&l, &s, &r, 100);
        free(want);
        scene_finish(&s);
    }
}

static void test_other_versions_and_too_large_labels_are_refused(void **state)
{
    (void)state;
    xw_label_edge e[3] = {{{0, 0}, {90, 5}, XW_LOCATOR_LABEL_MAX, 0},
                          {{90, 5}, {40, 70}, XW_LOCATOR_LABEL_MAX, 0},
                          {{40, 70}, {0, 0}, XW_LOCATOR_LABEL_MAX, 0}};
    unsigned char *bytes;
    size_t size;
    xw_locator l;
    xw_error err = {0};
    assert_int_equal(xw_locator_build(e, 3, NULL, (void **)&bytes, &size, &err), XW_OK);
    assert_int_equal(xw_locator_view(bytes, size, &l, &err), XW_OK);
    assert_int_equal(xw_locator_find(&l, (xw_pt){40, 20}), XW_LOCATOR_LABEL_MAX);
    bytes[8] = 1;
    assert_int_equal(xw_locator_view(bytes, size, &l, &err), XW_INPUT);
    assert_string_equal(err.text, "locator: version 1, this program reads version 3");
    free(bytes);
    e[1].left++;
    assert_int_equal(xw_locator_build(e, 3, NULL, (void **)&bytes, &size, &err), XW_LIMIT);
    assert_null(bytes);
    assert_string_equal(err.text, "edge 1: label 268435456 is more than 268435455");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_vector_unit_gives_the_answers_of_the_rings),
        cmocka_unit_test(test_any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(test_other_versions_and_too_large_labels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
