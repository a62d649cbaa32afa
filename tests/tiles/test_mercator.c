#include "xiwang/mercator.h"

#include "support/test.h"

#include <math.h>

/* World ordinates in tile units, in long double and by another formula (logarithm of the tangent).
 */
static long double world_x(unsigned z, xw_pt p)
{
    return ((long double)p.x / XW_UNITS_PER_DEG + 180) / 360 * ldexpl(XW_TILE_EXTENT, (int)z);
}

static long double world_y(unsigned z, xw_pt p)
{
    const long double pi = acosl(-1), lat = (long double)p.y / XW_UNITS_PER_DEG * pi / 180;
    return (1 - logl(tanl(pi / 4 + lat / 2)) / pi) / 2 * ldexpl(XW_TILE_EXTENT, (int)z);
}

static xw_pt random_pt(xw_rng *r)
{
    return (xw_pt){xw_rng_in(r, -XW_LON_MAX, XW_LON_MAX), xw_rng_in(r, -840000000, 840000000)};
}

static void test_a_vertex_is_rounded_to_the_nearest_unit(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mercator");
    for (int i = 0; i < 200000; i++) {
        const unsigned z = xw_rng_below(&r, XW_TILE_ZOOM_MAX + 1);
        const xw_pt p = random_pt(&r);
        uint32_t x, y;
        xw_tile_of(z, p, &x, &y);
        const xw_tile_frame f = xw_tile_frame_of(z, x, y);
        /* The point itself, and one some way off: the series must not be used beyond its reach. */
        const int32_t off = i % 2 ? 20000000 >> (z / 2) : 0;
        const xw_pt q = {p.x, p.y > 0 ? p.y - off : p.y + off};
        const xw_tpt t = xw_tile_project(&f, q);
        const long double vx = world_x(z, q) - (long double)x * XW_TILE_EXTENT;
        const long double vy = world_y(z, q) - (long double)y * XW_TILE_EXTENT;
        assert_true(fabsl((long double)t.x - vx) <= 0.5L + 2e-4L);
        assert_true(fabsl((long double)t.y - vy) <= 0.5L + 2e-4L);
    }
}

static void test_a_point_lies_in_the_tile_that_owns_it(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mercator-owner");
    for (int i = 0; i < 100000; i++) {
        const unsigned z = xw_rng_below(&r, XW_TILE_ZOOM_MAX + 1);
        const xw_pt p = random_pt(&r);
        uint32_t x, y;
        xw_tile_of(z, p, &x, &y);
        assert_true(xw_tile_exists(z, x, y));
        assert_true(xw_box_has(xw_tile_box(z, x, y, 0), p));
        const xw_tile_frame f = xw_tile_frame_of(z, x, y);
        const xw_tpt t = xw_tile_project(&f, p);
        assert_in_range(t.x, 0, XW_TILE_EXTENT);
        assert_in_range(t.y, 0, XW_TILE_EXTENT);
    }
}

static void test_the_box_holds_whatever_falls_into_the_buffer(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mercator-box");
    for (int i = 0; i < 100000; i++) {
        const unsigned z = xw_rng_below(&r, XW_TILE_ZOOM_MAX + 1);
        const xw_pt at = random_pt(&r);
        uint32_t x, y;
        xw_tile_of(z, at, &x, &y);
        const xw_tile_frame f = xw_tile_frame_of(z, x, y);
        const double span = 3.6e9 / ldexp(1, (int)z);
        const double px = at.x + (xw_rng_unit(&r) - 0.5) * span * 2.2;
        const double py = at.y + (xw_rng_unit(&r) - 0.5) * span * 1.2;
        if (fabs(px) > XW_LON_MAX || fabs(py) > XW_LAT_MAX) continue;
        const xw_pt p = {(int32_t)px, (int32_t)py};
        const xw_tpt t = xw_tile_project(&f, p);
        const bool is_near = t.x >= -XW_TILE_BUFFER && t.y >= -XW_TILE_BUFFER &&
                             t.x <= XW_TILE_EXTENT + XW_TILE_BUFFER &&
                             t.y <= XW_TILE_EXTENT + XW_TILE_BUFFER;
        if (is_near) assert_true(xw_box_has(xw_tile_box(z, x, y, XW_TILE_BUFFER), p));
    }
}

static void test_adjacent_tiles_round_a_vertex_alike(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mercator-seam");
    int n_differ = 0;
    for (int i = 0; i < 200000; i++) {
        const unsigned z = 8 + xw_rng_below(&r, 15);
        const xw_pt p = random_pt(&r);
        uint32_t x, y;
        xw_tile_of(z, p, &x, &y);
        if (x == 0 || y == 0) continue;
        const xw_tile_frame here = xw_tile_frame_of(z, x, y),
                            there = xw_tile_frame_of(z, x - 1, y - 1);
        const xw_tpt a = xw_tile_project(&here, p), b = xw_tile_project(&there, p);
        n_differ += a.x + XW_TILE_EXTENT != b.x || a.y + XW_TILE_EXTENT != b.y;
    }
    assert_true(n_differ <= 2); /* a tie within 1e-6 of the half */
}

static void test_known_tiles(void **state)
{
    (void)state;
    uint32_t x, y;
    /* 119.13 E 26.15 N: floor(299.13 / 360 * 2^14), and y by the formula of the tile scheme. */
    xw_tile_of(14, (xw_pt){1191300000, 261500000}, &x, &y);
    assert_int_equal(x, 13613);
    assert_int_equal(y, 6958);
    xw_tile_of(0, (xw_pt){0, 900000000}, &x, &y);
    assert_int_equal(x, 0);
    assert_int_equal(y, 0);
    xw_tile_of(1, (xw_pt){0, 0}, &x, &y); /* the north-west corner belongs to a tile */
    assert_int_equal(x, 1);
    assert_int_equal(y, 1);
    xw_tile_of(1, (xw_pt){XW_LON_MAX, -XW_LAT_MAX}, &x, &y);
    assert_int_equal(x, 1);
    assert_int_equal(y, 1);
    assert_true(xw_tile_exists(0, 0, 0));
    assert_false(xw_tile_exists(0, 1, 0));
    assert_false(xw_tile_exists(3, 0, 8));
    assert_false(xw_tile_exists(23, 0, 0));
    assert_true(xw_tile_exists(22, (1u << 22) - 1, 0));
    const xw_box world = xw_tile_box(0, 0, 0, 0);
    assert_true(world.min.x == -XW_LON_MAX && world.max.x == XW_LON_MAX);
    assert_true(world.min.y == -XW_LAT_MAX && world.max.y == XW_LAT_MAX);
}

static void test_far_vertices_are_held(void **state)
{
    (void)state;
    const xw_tile_frame f = xw_tile_frame_of(22, 0, 0);
    const xw_tpt t = xw_tile_project(&f, (xw_pt){XW_LON_MAX, -XW_LAT_MAX});
    assert_int_equal(t.x, XW_TILE_FAR);
    assert_int_equal(t.y, XW_TILE_FAR);
}

/* The examples of the PMTiles specification, then the curve's own property: consecutive numbers of
 * a zoom are neighbours. */
static void test_tile_numbers_follow_the_curve(void **state)
{
    (void)state;
    assert_int_equal(xw_tile_id(0, 0, 0), 0);
    assert_int_equal(xw_tile_id(1, 0, 0), 1);
    assert_int_equal(xw_tile_id(1, 0, 1), 2);
    assert_int_equal(xw_tile_id(1, 1, 1), 3);
    assert_int_equal(xw_tile_id(1, 1, 0), 4);
    assert_int_equal(xw_tile_id(2, 0, 0), 5);
    assert_int_equal(xw_tile_id(12, 3423, 1763), 19078479);
    unsigned z, z0 = 0;
    uint32_t x, y, x0 = 0, y0 = 0;
    for (uint64_t id = 0; id < 21845; id++) {
        xw_tile_of_id(id, &z, &x, &y);
        assert_true(xw_tile_exists(z, x, y));
        assert_int_equal(xw_tile_id(z, x, y), id);
        if (id > 0 && z == z0) {
            const int64_t step = llabs((int64_t)x - x0) + llabs((int64_t)y - y0);
            assert_int_equal(step, 1);
        }
        z0 = z;
        x0 = x;
        y0 = y;
    }
    xw_rng r = rng_from_env("tile-id");
    for (int i = 0; i < 10000; i++) {
        z0 = xw_rng_below(&r, XW_TILE_ZOOM_MAX + 1);
        x0 = xw_rng_below(&r, 1u << z0);
        y0 = xw_rng_below(&r, 1u << z0);
        xw_tile_of_id(xw_tile_id(z0, x0, y0), &z, &x, &y);
        assert_true(z == z0 && x == x0 && y == y0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_vertex_is_rounded_to_the_nearest_unit),
        cmocka_unit_test(test_a_point_lies_in_the_tile_that_owns_it),
        cmocka_unit_test(test_the_box_holds_whatever_falls_into_the_buffer),
        cmocka_unit_test(test_adjacent_tiles_round_a_vertex_alike),
        cmocka_unit_test(test_known_tiles),
        cmocka_unit_test(test_far_vertices_are_held),
        cmocka_unit_test(test_tile_numbers_follow_the_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
