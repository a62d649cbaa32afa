/* The triangulation against the definition: every edge locally Delaunay by exact integers, areas
 * sum to the hull, degenerate inputs included. */
#include "plots/delaunay.h"
#include "support/test.h"

#include <stdlib.h>

static int64_t twice_area(const delaunay *d, uint32_t t)
{
    const xw_pt a = d->pt[d->v[3 * t]], b = d->pt[d->v[3 * t + 1]], c = d->pt[d->v[3 * t + 2]];
    return ((int64_t)b.x - a.x) * ((int64_t)c.y - a.y) -
           ((int64_t)b.y - a.y) * ((int64_t)c.x - a.x);
}

/* In-circle by the definition, all in 128 bits. */
static int in_circle(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    const xw_i128 ax = a.x - (int64_t)d.x, ay = a.y - (int64_t)d.y;
    const xw_i128 bx = b.x - (int64_t)d.x, by = b.y - (int64_t)d.y;
    const xw_i128 cx = c.x - (int64_t)d.x, cy = c.y - (int64_t)d.y;
    const xw_i128 det = (ax * ax + ay * ay) * (bx * cy - cx * by) -
                        (bx * bx + by * by) * (ax * cy - cx * ay) +
                        (cx * cx + cy * cy) * (ax * by - bx * ay);
    return (det > 0) - (det < 0);
}

static void assert_delaunay(const delaunay *d)
{
    int64_t sum = 0;
    assert_int_equal(d->n_triangles, 2 * (d->n_pts - DELAUNAY_CORNERS) + 2);
    for (uint32_t t = 0; t < d->n_triangles; t++) {
        assert_true(twice_area(d, t) > 0);
        sum += twice_area(d, t);
    }
    const int64_t side = 2 * (4 * (int64_t)DELAUNAY_EXTENT - 1);
    assert_int_equal(sum, 2 * side * side);
    for (uint32_t c = 0; c < 3 * d->n_triangles; c++) {
        const uint32_t m = d->mate[c];
        if (m == UINT32_MAX) continue;
        assert_int_equal(d->mate[m], c);
        assert_int_equal(d->v[m], d->v[corner_next(c)]);
        assert_true(in_circle(d->pt[d->v[c]], d->pt[d->v[corner_next(c)]],
                              d->pt[d->v[corner_prev(c)]], d->pt[d->v[corner_prev(m)]]) <= 0);
    }
}

static xw_pt random_point(xw_rng *r, uint32_t kind, uint32_t i)
{
    static const int32_t ring[12][2] = {{5, 0},  {4, 3},   {3, 4},   {0, 5},  {-3, 4}, {-4, 3},
                                        {-5, 0}, {-4, -3}, {-3, -4}, {0, -5}, {3, -4}, {4, -3}};
    const int32_t e = DELAUNAY_EXTENT - 1;
    switch (kind) {
    case 0:
        return (xw_pt){xw_rng_in(r, -e, e), xw_rng_in(r, -e, e)};
    case 1:
        return (xw_pt){xw_rng_in(r, 0, 9), xw_rng_in(r, 0, 9)}; /* grid: cocircular, doubled */
    case 2:
        return (xw_pt){xw_rng_in(r, -e, e), 7}; /* collinear */
    case 3:
        return (xw_pt){ring[i % 12][0] * 1000003, ring[i % 12][1] * 1000003}; /* one circle */
    default:
        return (xw_pt){(int32_t)i * 2000, (int32_t)(i % 2) * e}; /* two lines */
    }
}

static void test_every_edge_is_delaunay(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("delaunay");
    delaunay d = {0};
    for (uint32_t round = 0; round < 300; round++) {
        assert_int_equal(delaunay_reset(&d, 0, NULL), XW_OK);
        const uint32_t n = 1 + xw_rng_below(&r, 200);
        for (uint32_t i = 0; i < n; i++) {
            const xw_pt p = random_point(&r, round % 5, i);
            uint32_t v;
            assert_int_equal(delaunay_add(&d, p, &v, NULL), XW_OK);
            assert_true(xw_pt_eq(d.pt[v], p));
        }
        assert_delaunay(&d);
    }
    delaunay_finish(&d);
}

static void test_the_filter_agrees_with_the_exact_predicate(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("in circle");
    for (int i = 0; i < 200000; i++) {
        xw_pt p[4];
        const int32_t side = i % 2 ? 4 : DELAUNAY_EXTENT;
        for (int k = 0; k < 4; k++) {
            p[k] = (xw_pt){xw_rng_in(&r, -side, side), xw_rng_in(&r, -side, side)};
        }
        assert_int_equal(delaunay_in_circle(p[0], p[1], p[2], p[3]),
                         in_circle(p[0], p[1], p[2], p[3]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_edge_is_delaunay),
        cmocka_unit_test(test_the_filter_agrees_with_the_exact_predicate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
