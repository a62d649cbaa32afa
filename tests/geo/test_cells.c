/* Every cell a segment touches lists it, against a test of each segment with each cell. */
#include "support/test.h"

#include "xiwang/cells.h"

#include <string.h>

enum { MOST = 60, NEAR = 2, FAR = 6 };

typedef struct scene {
    xw_pt a[MOST], b[MOST];
    size_t n;
} scene;

static void ends_of(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const scene *s = ctx;
    *a = s->a[i];
    *b = s->b[i];
}

static void random_scene(xw_rng *r, scene *s)
{
    static const int32_t sides[] = {3, 100, 10000, 100000000, 2000000000};
    const int32_t side = sides[xw_rng_below(r, 5)];
    const int32_t centre =
        xw_rng_below(r, 2) ? 0 : (INT32_MAX - side) * (xw_rng_below(r, 2) ? 1 : -1);
    const int32_t reach = xw_rng_below(r, 2) ? side : side / 20 + 1;
    s->n = xw_rng_below(r, MOST + 1);
    for (size_t i = 0; i < s->n; i++) {
        xw_pt a = {xw_rng_in(r, -side, side), xw_rng_in(r, -side, side)};
        int64_t x = (int64_t)a.x + xw_rng_in(r, -reach, reach);
        int64_t y = (int64_t)a.y + xw_rng_in(r, -reach, reach);
        x = x > side ? side : x < -side ? -side : x;
        y = y > side ? side : y < -side ? -side : y;
        if (xw_rng_below(r, 6) == 0) x = a.x;
        if (xw_rng_below(r, 6) == 0) y = a.y;
        s->a[i] = (xw_pt){a.x + centre, a.y + centre};
        s->b[i] = (xw_pt){(int32_t)x + centre, (int32_t)y + centre};
    }
}

/* Does the closed segment meet the closed box? Separating lines: the two axes and its own. */
static bool meets(xw_pt a, xw_pt b, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    if ((a.x < x0 && b.x < x0) || (a.x > x1 && b.x > x1) || (a.y < y0 && b.y < y0) ||
        (a.y > y1 && b.y > y1)) {
        return false;
    }
    const int64_t x[4] = {x0, x1, x1, x0}, y[4] = {y0, y0, y1, y1};
    int left = 0, right = 0;
    for (int k = 0; k < 4; k++) {
        const xw_i128 c = (xw_i128)((int64_t)b.x - a.x) * (y[k] - a.y) -
                          (xw_i128)((int64_t)b.y - a.y) * (x[k] - a.x);
        left += c > 0;
        right += c < 0;
    }
    return left < 4 && right < 4;
}

static bool listed(const xw_cells *c, size_t cell, uint32_t segment)
{
    for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
        if (c->item[k] == segment) return true;
    }
    return false;
}

static void assert_cells(const scene *s, const xw_cells *c)
{
    const int64_t side = INT64_C(1) << c->shift;
    for (uint32_t cy = 0; cy < c->ny; cy++) {
        for (uint32_t cx = 0; cx < c->nx; cx++) {
            const size_t cell = xw_cell_at(c, cx, cy);
            for (uint32_t k = c->start[cell] + 1; k < c->start[cell + 1]; k++) {
                assert_true(c->item[k - 1] < c->item[k]);
            }
            const int64_t x = c->box.min.x + side * cx, y = c->box.min.y + side * cy;
            for (uint32_t i = 0; i < s->n; i++) {
                const bool near = meets(s->a[i], s->b[i], x - NEAR, y - NEAR, x + side - 1 + NEAR,
                                        y + side - 1 + NEAR);
                const bool is = listed(c, cell, i);
                if (near && !is) {
                    fail_msg("cell %u,%u of 2^%u lacks %d,%d %d,%d", cx, cy, c->shift, s->a[i].x,
                             s->a[i].y, s->b[i].x, s->b[i].y);
                }
                /* Not much more either: flat segments are listed by their box, no others. */
                const int64_t tall = llabs((int64_t)s->b[i].y - s->a[i].y);
                if (is && tall > side) {
                    assert_true(
                        meets(s->a[i], s->b[i], x - FAR, y - FAR, x + side + FAR, y + side + FAR));
                }
            }
        }
    }
}

static void test_every_cell_a_segment_touches_lists_it(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("cells");
    for (int round = 0; round < 1500; round++) {
        scene s;
        xw_cells c;
        random_scene(&r, &s);
        assert_int_equal(xw_cells_create(&c, ends_of, &s, s.n, NULL), XW_OK);
        assert_true((uint64_t)c.nx * c.ny <= 2 * s.n + 1024);
        assert_cells(&s, &c);
        xw_cells_finish(&c);
        assert_null(c.item);
    }
}

static void test_a_point_lies_in_its_own_cell(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("cells of points");
    for (int round = 0; round < 300; round++) {
        scene s;
        xw_cells c;
        random_scene(&r, &s);
        assert_int_equal(xw_cells_create(&c, ends_of, &s, s.n, NULL), XW_OK);
        for (uint32_t i = 0; i < s.n; i++) {
            const xw_pt ends[2] = {s.a[i], s.b[i]};
            for (int k = 0; k < 2; k++) {
                const uint32_t cx = xw_cell_x(&c, ends[k].x), cy = xw_cell_y(&c, ends[k].y);
                assert_true(cx < c.nx && cy < c.ny);
                assert_true(listed(&c, xw_cell_at(&c, cx, cy), i));
            }
        }
        xw_cells_finish(&c);
    }
}

static void test_nothing_is_one_empty_cell(void **state)
{
    (void)state;
    xw_cells c;
    assert_int_equal(xw_cells_create(&c, ends_of, &(scene){.n = 0}, 0, NULL), XW_OK);
    assert_int_equal(c.nx, 1);
    assert_int_equal(c.ny, 1);
    assert_int_equal(c.start[1], 0);
    xw_cells_finish(&c);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {5};
    scene s;
    do random_scene(&r, &s);
    while (s.n < 20);
    for (int k = 0;; k++) {
        xw_cells c;
        xw_error err = {XW_OK, ""};
        fail_alloc_at(k);
        const xw_status st = xw_cells_create(&c, ends_of, &s, s.n, &err);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        if (failed) assert_true(!c.start && !c.item && strstr(err.text, "cell"));
        xw_cells_finish(&c);
        if (!failed) {
            assert_int_equal(k, 3);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_a_segment_touches_lists_it),
        cmocka_unit_test(test_a_point_lies_in_its_own_cell),
        cmocka_unit_test(test_nothing_is_one_empty_cell),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
