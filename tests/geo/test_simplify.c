#include "xiwang/simplify.h"

#include "support/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_MAX = 400 };

static double stretch_at(double lat_units)
{
    return 1 / cos(lat_units / XW_UNITS_PER_DEG * (3.14159265358979323846 / 180));
}

/* Distance from a segment on the map, written another way than the module: by projecting the three
 * cases apart. */
static double away(xw_pt a, xw_pt b, xw_pt p, double stretch)
{
    const double ax = a.x, ay = a.y * stretch, bx = b.x, by = b.y * stretch;
    const double px = p.x, py = p.y * stretch, len = hypot(bx - ax, by - ay);
    if (len == 0) return hypot(px - ax, py - ay);
    const double along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / len;
    if (along <= 0) return hypot(px - ax, py - ay);
    if (along >= len) return hypot(px - bx, py - by);
    return fabs((px - ax) * (by - ay) - (py - ay) * (bx - ax)) / len;
}

/* A walk whose steps differ by five powers of ten, so that all zooms have something to do. */
static size_t walk(xw_rng *r, xw_pt *pts, size_t n)
{
    pts[0] = (xw_pt){xw_rng_in(r, -1000000000, 1000000000), xw_rng_in(r, -500000000, 500000000)};
    for (size_t i = 1; i < n; i++) {
        int32_t reach = 10;
        for (uint32_t k = xw_rng_below(r, 6); k > 0; k--) reach *= 10;
        pts[i] = (xw_pt){pts[i - 1].x + xw_rng_in(r, -reach, reach),
                         pts[i - 1].y + xw_rng_in(r, -reach, reach)};
    }
    return n;
}

static double middle_stretch(const xw_pt *pts, size_t n)
{
    int32_t lo = INT32_MAX, hi = INT32_MIN;
    for (size_t i = 0; i < n; i++) {
        lo = pts[i].y < lo ? pts[i].y : lo;
        hi = pts[i].y > hi ? pts[i].y : hi;
    }
    return stretch_at(((double)lo + hi) / 2);
}

/* Every vertex dropped at a zoom is within half a pixel of the segment between its kept neighbours.
 */
static void assert_bound(const xw_pt *pts, size_t n, const uint8_t *rank, double stretch)
{
    double tolerance = XW_SIMPLIFY_TOLERANCE;
    for (unsigned z = 0; z <= XW_ZOOM_MAX; z++, tolerance /= 2) {
        size_t from = 0;
        for (size_t to = 1; to < n; to++) {
            if (rank[to] > z) continue;
            for (size_t k = from + 1; k < to; k++) {
                assert_true(away(pts[from], pts[to], pts[k], stretch) <= tolerance * 1.0001 + 1);
            }
            from = to;
        }
        assert_int_equal(from, n - 1);
    }
}

static void test_what_is_dropped_is_within_half_a_pixel(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("simplify");
    static xw_pt pts[N_MAX];
    static uint8_t rank[N_MAX];
    for (int round = 0; round < 200; round++) {
        const size_t n = walk(&r, pts, 2 + xw_rng_below(&r, N_MAX - 2));
        memset(rank, 99, sizeof rank);
        assert_int_equal(xw_chain_ranks(pts, n, rank, NULL), XW_OK);
        assert_int_equal(rank[0], 0);
        assert_int_equal(rank[n - 1], 0);
        for (size_t i = 0; i < n; i++) assert_true(rank[i] <= XW_ZOOM_MAX);
        assert_bound(pts, n, rank, middle_stretch(pts, n));
    }
}

/* The textbook method with recursion, at one tolerance. */
static void classic(const xw_pt *pts, size_t a, size_t b, double tolerance, double stretch,
                    bool *keep)
{
    double most = -1;
    size_t at = a;
    for (size_t k = a + 1; k < b; k++) {
        const double d = away(pts[a], pts[b], pts[k], stretch);
        if (d > most) {
            most = d;
            at = k;
        }
    }
    if (most <= tolerance) return;
    keep[at] = true;
    classic(pts, a, at, tolerance, stretch, keep);
    classic(pts, at, b, tolerance, stretch, keep);
}

/* Distances that are equal but for rounding may be told apart differently by the two formulas, so a
 * few vertices in a million may differ. */
static void test_each_zoom_keeps_what_the_classic_method_keeps(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("simplify-classic");
    static xw_pt pts[N_MAX];
    static uint8_t rank[N_MAX];
    static bool keep[N_MAX];
    size_t n_all = 0, n_differ = 0, n_dropped = 0;
    for (int round = 0; round < 100; round++) {
        const size_t n = walk(&r, pts, N_MAX);
        assert_int_equal(xw_chain_ranks(pts, n, rank, NULL), XW_OK);
        const double stretch = middle_stretch(pts, n);
        double tolerance = XW_SIMPLIFY_TOLERANCE;
        for (unsigned z = 0; z < XW_ZOOM_MAX; z++, tolerance /= 2) {
            memset(keep, 0, sizeof keep);
            keep[0] = keep[n - 1] = true;
            classic(pts, 0, n - 1, tolerance, stretch, keep);
            for (size_t i = 0; i < n; i++) {
                n_all++;
                n_dropped += !keep[i];
                n_differ += keep[i] != (rank[i] <= z);
            }
        }
    }
    assert_true(n_dropped > n_all / 10);
    assert_true(n_differ * 10000 <= n_all);
}

static void test_a_closed_chain_keeps_three_vertices_at_every_zoom(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("simplify-closed");
    static xw_pt pts[N_MAX + 1];
    static uint8_t rank[N_MAX + 1];
    for (int round = 0; round < 500; round++) {
        const size_t n = 3 + xw_rng_below(&r, 40);
        const int32_t size = xw_rng_in(&r, 1, 3);
        for (size_t i = 0; i < n; i++) { /* tiny: many equal and collinear vertices */
            pts[i] = (xw_pt){1191300000 + xw_rng_in(&r, -size, size),
                             261500000 + (round % 3 ? xw_rng_in(&r, -size, size) : 0)};
        }
        pts[n] = pts[0];
        assert_int_equal(xw_chain_ranks(pts, n + 1, rank, NULL), XW_OK);
        size_t n_distinct = 0, n_kept = 0;
        for (size_t i = 0; i < n; i++) {
            bool is_new = true, is_new_kept = rank[i] == 0;
            for (size_t k = 0; k < i; k++) {
                if (!xw_pt_eq(pts[k], pts[i])) continue;
                is_new = false;
                if (rank[k] == 0) is_new_kept = false;
            }
            n_distinct += is_new;
            n_kept += is_new_kept;
        }
        assert_true(n_kept >= (n_distinct < 3 ? n_distinct : 3));
    }
}

static void test_a_square_and_its_bump(void **state)
{
    (void)state;
    /* 10 km at the equator with a bump of 40 m: a pixel is 38 m at zoom 11. */
    const xw_pt pts[] = {{0, 0},       {500000, -3600}, {1000000, 0}, {1000000, 1000000},
                         {0, 1000000}, {0, 0}};
    uint8_t rank[6];
    assert_int_equal(xw_chain_ranks(pts, 6, rank, NULL), XW_OK);
    assert_int_equal(rank[0], 0);
    assert_int_equal(rank[1], 10); /* 3600 > 3515625 / 1024 = 3433 */
    assert_int_equal(rank[3], 0);
    assert_int_equal(rank[2], 0); /* the third of the ring */
    assert_int_equal(rank[4], 3); /* 707106 > 3515625 / 8 = 439453 */
}

static void test_the_smallest_chains(void **state)
{
    (void)state;
    const xw_pt pts[] = {{5, 5}, {6, 6}, {5, 5}};
    uint8_t rank[3] = {9, 9, 9};
    assert_int_equal(xw_chain_ranks(pts, 0, rank, NULL), XW_OK);
    assert_int_equal(rank[0], 9);
    assert_int_equal(xw_chain_ranks(pts, 1, rank, NULL), XW_OK);
    assert_int_equal(rank[0], 0);
    assert_int_equal(xw_chain_ranks(pts, 3, rank, NULL), XW_OK);
    assert_int_equal(rank[1], 22); /* 1.4 units, and 3515625 / 2^21 = 1.7 */
    assert_int_equal(rank[2], 0);
}

/* A spiral splits off one vertex at a time: the waiting ranges must not pile up. */
static void test_a_chain_that_splits_badly_is_ranked(void **state)
{
    (void)state;
    enum { N = 20000 };
    xw_pt *pts = malloc(N * sizeof *pts);
    uint8_t *rank = malloc(N);
    assert_non_null(pts);
    assert_non_null(rank);
    for (int32_t i = 0; i < N; i++)
        pts[i] = (xw_pt){i * 1000, i % 2 ? (N - i) * 100 : -(N - i) * 100};
    assert_int_equal(xw_chain_ranks(pts, N, rank, NULL), XW_OK);
    for (size_t i = 0; i < N; i++) assert_true(rank[i] <= XW_ZOOM_MAX);
    free(pts);
    free(rank);
}

static void test_equal_chains_get_equal_ranks_anywhere(void **state)
{
    (void)state;
    xw_rng r = {7};
    static xw_pt pts[N_MAX], moved[N_MAX];
    static uint8_t rank[N_MAX], again[N_MAX];
    const size_t n = walk(&r, pts, N_MAX);
    for (size_t i = 0; i < n; i++) moved[i] = (xw_pt){pts[i].x + 12345, pts[i].y};
    assert_int_equal(xw_chain_ranks(pts, n, rank, NULL), XW_OK);
    assert_int_equal(xw_chain_ranks(moved, n, again, NULL), XW_OK);
    assert_memory_equal(rank, again, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_dropped_is_within_half_a_pixel),
        cmocka_unit_test(test_each_zoom_keeps_what_the_classic_method_keeps),
        cmocka_unit_test(test_a_closed_chain_keeps_three_vertices_at_every_zoom),
        cmocka_unit_test(test_a_square_and_its_bump),
        cmocka_unit_test(test_the_smallest_chains),
        cmocka_unit_test(test_a_chain_that_splits_badly_is_ranked),
        cmocka_unit_test(test_equal_chains_get_equal_ranks_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
