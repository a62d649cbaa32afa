/* Exact predicates against another formula in 128 bits, boxes against lists of points. */
#include "support/test.h"

#include "xiwang/lattice.h"

#include <math.h>

/* The determinant in full, nothing subtracted first: products of 62 bits, a sum of 65. */
static int brute_orient(xw_pt a, xw_pt b, xw_pt c)
{
    const xw_i128 d = (xw_i128)a.x * b.y - (xw_i128)a.y * b.x + (xw_i128)b.x * c.y -
                      (xw_i128)b.y * c.x + (xw_i128)c.x * a.y - (xw_i128)c.y * a.x;
    return (d > 0) - (d < 0);
}

static void assert_turn(xw_pt a, xw_pt b, xw_pt c)
{
    const int want = brute_orient(a, b, c);
    if (xw_orient(a, b, c) == want && xw_orient(b, c, a) == want && xw_orient(b, a, c) == -want) {
        return;
    }
    fail_msg("%d,%d %d,%d %d,%d: wanted %d, got %d", a.x, a.y, b.x, b.y, c.x, c.y, want,
             xw_orient(a, b, c));
}

static void test_turns_at_the_ends_of_the_integers(void **state)
{
    (void)state;
    static const int32_t v[] = {INT32_MIN, INT32_MIN + 1, -XW_LON_MAX, -1,       0,
                                1,         XW_LAT_MAX,    XW_LON_MAX,  INT32_MAX};
    enum { N = sizeof v / sizeof *v };
    int zero = 0;
    for (int i = 0; i < N * N * N * N * N * N; i++) {
        int k = i;
        int32_t c[6];
        for (int d = 0; d < 6; d++, k /= N) c[d] = v[k % N];
        assert_turn((xw_pt){c[0], c[1]}, (xw_pt){c[2], c[3]}, (xw_pt){c[4], c[5]});
        zero += brute_orient((xw_pt){c[0], c[1]}, (xw_pt){c[2], c[3]}, (xw_pt){c[4], c[5]}) == 0;
    }
    assert_true(zero > N * N);
}

/* Three of nine points in a row that may span all integers, the last moved by at most one unit. */
static void test_turns_of_nearly_straight_triples(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("lattice");
    int by_sign[3] = {0, 0, 0};
    for (int i = 0; i < 300000; i++) {
        const int32_t far = (INT32_C(1) << (3 + xw_rng_below(&r, 27))) - 4;
        xw_pt step = {xw_rng_in(&r, -far, far), xw_rng_in(&r, -far, far)};
        /* Nearly diagonal: products beyond 64 bits whose difference is a few units. */
        if (xw_rng_below(&r, 3) == 0) step.y = step.x + xw_rng_in(&r, -3, 3);
        xw_pt p[3];
        for (int k = 0; k < 3; k++) {
            const int32_t at = xw_rng_in(&r, -4, 4);
            p[k] = (xw_pt){at * step.x, at * step.y};
        }
        p[2].x += xw_rng_in(&r, -1, 1);
        p[2].y += xw_rng_in(&r, -1, 1);
        assert_turn(p[0], p[1], p[2]);
        by_sign[brute_orient(p[0], p[1], p[2]) + 1]++;
    }
    for (int s = 0; s < 3; s++) assert_true(by_sign[s] > 1000);
}

static void test_points_on_a_segment_are_those_between_its_ends(void **state)
{
    (void)state;
    enum { SIDE = 7 };
    for (int i = 0; i < SIDE * SIDE * SIDE * SIDE * SIDE * SIDE; i++) {
        int c[6], k = i;
        for (int d = 0; d < 6; d++, k /= SIDE) c[d] = k % SIDE;
        const xw_pt a = {c[0], c[1]}, b = {c[2], c[3]}, p = {c[4], c[5]};
        bool on = false; /* walk the segment in 60ths: 60 is a multiple of every step below 7 */
        for (int t = 0; t <= 60; t++) {
            on = on ||
                 (a.x * (60 - t) + b.x * t == 60 * p.x && a.y * (60 - t) + b.y * t == 60 * p.y);
        }
        assert_int_equal(xw_on_segment(a, b, p), on);
    }
    const xw_pt lo = {INT32_MIN, INT32_MIN}, hi = {INT32_MAX, INT32_MAX};
    assert_true(xw_on_segment(lo, hi, (xw_pt){-1, -1}));
    assert_false(xw_on_segment(lo, hi, (xw_pt){-1, 0}));
    assert_false(xw_on_segment((xw_pt){0, 0}, hi, (xw_pt){-1, -1}));
}

static void test_degrees_round_to_the_nearest_unit(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("degrees");
    xw_pt p;
    assert_true(xw_pt_from_deg(180.0, 90.0, &p));
    assert_int_equal(p.x, XW_LON_MAX);
    assert_int_equal(p.y, XW_LAT_MAX);
    assert_true(xw_pt_from_deg(-180.0, -90.0, &p));
    assert_int_equal(p.x, -XW_LON_MAX);
    assert_int_equal(p.y, -XW_LAT_MAX);
    assert_true(xw_pt_from_deg(0x1p-1, -0x1p-2, &p)); /* 5000000, -2500000 */
    assert_int_equal(p.x, 5000000);
    assert_int_equal(p.y, -2500000);
    assert_true(xw_pt_from_deg(0.5e-7, -0.5e-7, &p)); /* ties go away from zero */
    assert_int_equal(p.x, 1);
    assert_int_equal(p.y, -1);
    assert_true(xw_pt_from_deg(0.49e-7, -0.49e-7, &p));
    assert_int_equal(p.x, 0);
    assert_int_equal(p.y, 0);
    for (int i = 0; i < 100000; i++) {
        const xw_pt q = {xw_rng_in(&r, -XW_LON_MAX, XW_LON_MAX),
                         xw_rng_in(&r, -XW_LAT_MAX, XW_LAT_MAX)};
        char x[32], y[32]; /* what a file says in 7 decimals is the same point again */
        (void)snprintf(x, sizeof x, "%.7f", xw_deg(q.x));
        (void)snprintf(y, sizeof y, "%.7f", xw_deg(q.y));
        assert_true(xw_pt_from_deg(strtod(x, NULL), strtod(y, NULL), &p));
        assert_true(xw_pt_eq(p, q));
    }
}

static void test_degrees_off_the_earth_are_refused(void **state)
{
    (void)state;
    const double bad[][2] = {{180.0000001, 0}, {-180.0000001, 0}, {0, 90.0000001}, {0, -90.0000001},
                             {NAN, 0},         {0, NAN},          {INFINITY, 0},   {0, -INFINITY},
                             {1e300, 0},       {214.7483648, 0},  {0, 429.4967296}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        xw_pt p = {7, 8};
        assert_false(xw_pt_from_deg(bad[i][0], bad[i][1], &p));
        assert_true(p.x == 7 && p.y == 8);
    }
}

/* Boxes of 0 to 3 points in a square of 5: as sets of points they say what they are. */
static void test_boxes_are_sets_of_points(void **state)
{
    (void)state;
    enum { SIDE = 5, ROUNDS = 20000 };
    xw_rng r = rng_from_env("boxes");
    for (int round = 0; round < ROUNDS; round++) {
        xw_box b[2] = {XW_BOX_EMPTY, XW_BOX_EMPTY};
        xw_box both = XW_BOX_EMPTY;
        for (int k = 0; k < 2; k++) {
            for (uint32_t n = xw_rng_below(&r, 4); n > 0; n--) {
                const xw_pt p = {xw_rng_in(&r, 0, SIDE - 1), xw_rng_in(&r, 0, SIDE - 1)};
                b[k] = xw_box_grow(b[k], p);
                both = xw_box_grow(both, p);
                assert_true(xw_box_has(b[k], p));
            }
        }
        const xw_box joined = xw_box_join(b[0], b[1]);
        assert_memory_equal(&joined, &both, sizeof both);
        bool common = false;
        size_t n[2] = {0, 0};
        for (int32_t i = 0; i < SIDE * SIDE; i++) {
            const xw_pt p = {i % SIDE, i / SIDE};
            const bool in[2] = {xw_box_has(b[0], p), xw_box_has(b[1], p)};
            n[0] += in[0];
            n[1] += in[1];
            common = common || (in[0] && in[1]);
            if (in[0] || in[1]) assert_true(xw_box_has(joined, p));
        }
        for (int k = 0; k < 2; k++) assert_int_equal(xw_box_is_empty(b[k]), n[k] == 0);
        if (n[0] && n[1]) assert_int_equal(xw_box_meets(b[0], b[1]), common);
    }
}

static void test_points_are_ordered_by_longitude_then_latitude(void **state)
{
    (void)state;
    assert_true(xw_pt_less((xw_pt){1, 9}, (xw_pt){2, 0}));
    assert_true(xw_pt_less((xw_pt){1, 8}, (xw_pt){1, 9}));
    assert_false(xw_pt_less((xw_pt){1, 9}, (xw_pt){1, 9}));
    assert_false(xw_pt_less((xw_pt){2, 0}, (xw_pt){1, 9}));
    assert_true(xw_pt_less((xw_pt){INT32_MIN, 0}, (xw_pt){INT32_MAX, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns_at_the_ends_of_the_integers),
        cmocka_unit_test(test_turns_of_nearly_straight_triples),
        cmocka_unit_test(test_points_on_a_segment_are_those_between_its_ends),
        cmocka_unit_test(test_degrees_round_to_the_nearest_unit),
        cmocka_unit_test(test_degrees_off_the_earth_are_refused),
        cmocka_unit_test(test_boxes_are_sets_of_points),
        cmocka_unit_test(test_points_are_ordered_by_longitude_then_latitude),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
