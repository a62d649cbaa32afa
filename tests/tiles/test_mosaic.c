#include "xiwang/mosaic.h"

#include "support/test.h"
#include "tiles/valid.h"
#include "xiwang/clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RINGS_MAX = 2000 };

static bool is_valid(const xw_mosaic *m, size_t feature, char why[VALID_WHY_MAX])
{
    static valid_ring rings[RINGS_MAX];
    size_t n;
    const xw_mosaic_ring *r = xw_mosaic_rings(m, feature, &n);
    assert_true(n < RINGS_MAX);
    for (size_t i = 0; i < n; i++) {
        const xw_tpt *p = xw_mosaic_pts(m) + r[i].first;
        rings[i] = (valid_ring){&p->x, r[i].n, r[i].is_hole};
        assert_true(r[i].is_hole ? xw_tring_area2(p, r[i].n) < 0 : xw_tring_area2(p, r[i].n) > 0);
    }
    return valid_polygon(rings, n, why);
}

static void assert_valid(const xw_mosaic *m, size_t feature)
{
    char why[VALID_WHY_MAX];
    if (!is_valid(m, feature, why)) fail_msg("feature %zu: %s", feature, why);
}

static int64_t area2_of(const xw_mosaic *m, size_t feature)
{
    size_t n;
    int64_t sum = 0;
    const xw_mosaic_ring *r = xw_mosaic_rings(m, feature, &n);
    for (size_t i = 0; i < n; i++) sum += xw_tring_area2(xw_mosaic_pts(m) + r[i].first, r[i].n);
    return sum;
}

static size_t n_rings(const xw_mosaic *m, size_t feature)
{
    size_t n;
    (void)xw_mosaic_rings(m, feature, &n);
    return n;
}

/* Adds a feature of one ring. */
static void add(xw_mosaic *m, const xw_tpt *pts, size_t n)
{
    assert_int_equal(xw_mosaic_feature(m, NULL), XW_OK);
    assert_int_equal(xw_mosaic_add(m, pts, n, NULL), XW_OK);
}

#define ADD(m, ...)                               \
    do {                                          \
        const xw_tpt pts_[] = {__VA_ARGS__};      \
        add(m, pts_, sizeof pts_ / sizeof *pts_); \
    } while (0)

static xw_mosaic *made(void)
{
    xw_mosaic *m;
    assert_int_equal(xw_mosaic_create(&m, NULL), XW_OK);
    return m;
}

static void weave(xw_mosaic *m) { assert_int_equal(xw_mosaic_weave(m, NULL), XW_OK); }

/* ---- single cases ---- */

/* The oracle must see what is wrong, or the tests that ask it prove nothing. */
static void test_the_judge_sees_planted_faults(void **state)
{
    (void)state;
    static const int32_t bow[] = {0, 0, 10, 10, 10, 0, 0, 10};
    static const int32_t spike[] = {0, 0, 10, 0, 10, 10, 10, 20, 10, 10, 0, 10};
    static const int32_t touch[] = {0, 0, 20, 0, 10, 10, 20, 20, 0, 20, 10, 10};
    static const int32_t square[] = {0, 0, 20, 0, 20, 20, 0, 20};
    static const int32_t hole[] = {30, 30, 30, 40, 40, 40, 40, 30};
    char why[VALID_WHY_MAX];
    const valid_ring ok = {square, 4, false};
    assert_true(valid_polygon(&ok, 1, why));
    const valid_ring bad[] = {{bow, 4, false}, {spike, 6, false}, {touch, 6, false}};
    for (size_t i = 0; i < 3; i++) assert_false(valid_polygon(&bad[i], 1, why));
    const valid_ring outside[] = {{square, 4, false}, {hole, 4, true}};
    assert_false(valid_polygon(outside, 2, why));
    const valid_ring twice[] = {{square, 4, false}, {square, 4, false}};
    assert_false(valid_polygon(twice, 2, why));
}

static void test_a_clean_ring_passes_as_it_came(void **state)
{
    (void)state;
    static const xw_tpt ring[] = {{7, 7}, {90, 3}, {95, 80}, {40, 20}, {5, 88}};
    xw_mosaic *m = made();
    for (int round = 0; round < 2; round++) { /* the second time in used memory */
        add(m, ring, 5);
        ADD(m, {200, 0}, {300, 0}, {200, 100});
        weave(m);
        size_t n;
        const xw_mosaic_ring *r = xw_mosaic_rings(m, 0, &n);
        assert_int_equal(n, 1);
        assert_int_equal(r->n, 5);
        assert_false(r->is_hole);
        assert_memory_equal(xw_mosaic_pts(m) + r->first, ring, sizeof ring);
        assert_int_equal(n_rings(m, 1), 1);
        xw_mosaic_clear(m);
    }
    weave(m); /* of nothing */
    xw_mosaic_destroy(m);
    xw_mosaic_destroy(NULL);
}

static void test_spikes_repeats_and_flat_rings_go(void **state)
{
    (void)state;
    xw_mosaic *m = made();
    ADD(m, {0, 0}, {0, 0}, {50, 0}, {50, 50}, {50, 90}, {50, 50}, {0, 50}, {0, 0});
    ADD(m, {200, 0}, {260, 0}, {230, 0});                /* flat */
    ADD(m, {300, 0}, {340, 0}, {340, 0});                /* two vertices */
    ADD(m, {400, 0}, {400, 50}, {450, 50}, {450, 0});    /* turned over, and nobody there */
    assert_int_equal(xw_mosaic_feature(m, NULL), XW_OK); /* without a ring */
    weave(m);
    assert_int_equal(n_rings(m, 0), 1);
    assert_int_equal(area2_of(m, 0), 2 * 50 * 50);
    assert_valid(m, 0);
    for (size_t i = 1; i < 5; i++) assert_int_equal(n_rings(m, i), 0);
    xw_mosaic_destroy(m);
}

static void test_rings_are_split_where_they_touch(void **state)
{
    (void)state;
    xw_mosaic *m = made();
    /* Two squares that meet in a corner; a square with a hole that hangs on a corner. */
    ADD(m, {0, 0}, {10, 0}, {10, 10}, {20, 10}, {20, 20}, {10, 20}, {10, 10}, {0, 10});
    ADD(m, {100, 0}, {150, 0}, {150, 50}, {100, 50}, {100, 0}, {110, 20}, {120, 20});
    /* A bow tie: one half is wound the wrong way. */
    ADD(m, {200, 0}, {240, 40}, {240, 0}, {200, 40});
    weave(m);
    for (size_t i = 0; i < 3; i++) assert_valid(m, i);
    size_t n;
    assert_int_equal(n_rings(m, 0), 2);
    assert_int_equal(area2_of(m, 0), 2 * 200);
    const xw_mosaic_ring *r = xw_mosaic_rings(m, 1, &n);
    assert_int_equal(n, 2);
    assert_true(!r[0].is_hole && r[1].is_hole);
    assert_int_equal(n_rings(m, 2), 1);
    assert_int_equal(area2_of(m, 2), 2 * 400);
    xw_mosaic_destroy(m);
}

/* A comb, of which the clip leaves the teeth, joined along the side of the box. */
static void test_what_the_clip_joined_is_parted(void **state)
{
    (void)state;
    static const xw_tpt comb[] = {{-900, 0},   {500, 0},   {500, 100}, {-500, 100},
                                  {-500, 200}, {500, 200}, {500, 300}, {-500, 300},
                                  {-500, 400}, {500, 400}, {500, 500}, {-900, 500}};
    xw_clipper c = {0};
    const xw_tpt *p;
    size_t n;
    xw_mosaic *m = made();
    assert_int_equal(xw_clip_ring(&c, comb, 12, XW_TILE_CLIP, &p, &n, NULL), XW_OK);
    add(m, p, n);
    weave(m);
    assert_int_equal(n_rings(m, 0), 3);
    assert_int_equal(area2_of(m, 0), INT64_C(2) * 3 * 100 * 564);
    assert_valid(m, 0);
    xw_clipper_finish(&c);
    xw_mosaic_destroy(m);
}

/* The strip between two borders that have changed places half way: what it loses has one owner. */
static void test_swapped_borders_leave_no_gap_and_no_overlap(void **state)
{
    (void)state;
    xw_mosaic *m = made();
    ADD(m, {0, 0}, {300, 0}, {300, 90}, {0, 100});     /* south border falls to 90 */
    ADD(m, {0, 100}, {300, 90}, {300, 60}, {0, 150});  /* between */
    ADD(m, {0, 150}, {300, 60}, {300, 300}, {0, 300}); /* north border falls to 60 */
    weave(m);
    int64_t sum = 0;
    for (size_t i = 0; i < 3; i++) {
        assert_valid(m, i);
        sum += area2_of(m, i);
    }
    assert_int_equal(sum, 2 * 300 * 300);
    xw_mosaic_destroy(m);
}

/* An island in a hole that the simplified outer border has passed: the neighbour gets the hole. */
static void test_an_island_beyond_the_border_stays(void **state)
{
    (void)state;
    xw_mosaic *m = made();
    ADD(m, {0, 0}, {100, 0}, {100, 100}, {0, 100});
    const xw_tpt hole[] = {{150, 40}, {150, 60}, {170, 60}, {170, 40}};
    assert_int_equal(xw_mosaic_add(m, hole, 4, NULL), XW_OK);
    ADD(m, {100, 0}, {300, 0}, {300, 100}, {100, 100});
    ADD(m, {150, 40}, {170, 40}, {170, 60}, {150, 60});
    weave(m);
    for (size_t i = 0; i < 3; i++) assert_valid(m, i);
    assert_int_equal(area2_of(m, 0), 2 * 100 * 100);
    assert_int_equal(area2_of(m, 1), 2 * (200 * 100 - 400));
    assert_int_equal(area2_of(m, 2), 2 * 400);
    xw_mosaic_destroy(m);
}

static void test_a_vertex_too_far_is_refused(void **state)
{
    (void)state;
    xw_mosaic *m = made();
    xw_error err;
    static const int32_t far[] = {XW_MOSAIC_FAR + 1, -XW_MOSAIC_FAR - 1};
    for (size_t i = 0; i < 4; i++) {
        xw_tpt ring[3] = {{0, 0}, {9, 0}, {9, 9}};
        *(i < 2 ? &ring[1].x : &ring[1].y) = far[i % 2];
        assert_int_equal(xw_mosaic_feature(m, NULL), XW_OK);
        assert_int_equal(xw_mosaic_add(m, ring, 3, &err), XW_INPUT);
        assert_non_null(strstr(err.text, "65537"));
    }
    xw_mosaic_destroy(m);
}

/* ---- random rings ---- */

static int winding(const xw_tpt *r, size_t n, double x, double y)
{
    int w = 0;
    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        const double ax = r[j].x, ay = r[j].y, bx = r[i].x, by = r[i].y;
        if ((ay > y) == (by > y)) continue;
        if (ax + (y - ay) / (by - ay) * (bx - ax) > x) w += by > ay ? 1 : -1;
    }
    return w;
}

static double distance(const xw_tpt *r, size_t n, double x, double y)
{
    double best = 1e30;
    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        const double ux = (double)r[i].x - r[j].x, uy = (double)r[i].y - r[j].y;
        const double uu = ux * ux + uy * uy, wx = x - r[j].x, wy = y - r[j].y;
        double t = uu > 0 ? (wx * ux + wy * uy) / uu : 0;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        best = fmin(best, hypot(wx - t * ux, wy - t * uy));
    }
    return best;
}

static int covers(const xw_mosaic *m, size_t feature, double x, double y)
{
    size_t n;
    int w = 0;
    const xw_mosaic_ring *r = xw_mosaic_rings(m, feature, &n);
    for (size_t i = 0; i < n; i++) w += winding(xw_mosaic_pts(m) + r[i].first, r[i].n, x, y);
    return w;
}

/* Any ring at all becomes a valid polygon of the ground that it is wound round, but for what is
 * within rounding of its edges. */
static void test_any_ring_becomes_a_valid_polygon(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mosaic-ring");
    xw_mosaic *m = made();
    size_t n_points = 0, n_inside = 0;
    for (int round = 0; round < 3000; round++) {
        static xw_tpt ring[64];
        const size_t n = 3 + xw_rng_below(&r, 40);
        const int32_t side = (int32_t)(2u << xw_rng_below(&r, 12)); /* 2 to 4096 units */
        for (size_t i = 0; i < n; i++) {
            ring[i] = (xw_tpt){xw_rng_in(&r, 0, side), xw_rng_in(&r, 0, side)};
        }
        xw_mosaic_clear(m);
        add(m, ring, n);
        weave(m);
        assert_valid(m, 0);
        for (int k = 0; k < 20; k++) {
            const double x = xw_rng_in(&r, 0, side) + 0.5, y = xw_rng_in(&r, 0, side) + 0.5;
            if (distance(ring, n, x, y) < 3) continue;
            const int w = winding(ring, n, x, y);
            assert_int_equal(covers(m, 0, x, y), w > 0);
            n_points++;
            n_inside += w > 0;
        }
    }
    assert_true(n_points > 10000 && n_inside > 1000);
    xw_mosaic_destroy(m);
}

/* ---- random coverages ---- */

enum { SIDE = 8, BENDS = 5, CHAIN = BENDS + 2, OUTLINE_MAX = 4 * CHAIN };

/* SIDE x SIDE cells in a square frame, whose inner corners and bends are thrown about without
 * regard: borders cross, cells turn over. */
typedef struct sheet {
    xw_tpt corner[SIDE + 1][SIDE + 1];
    xw_tpt across[SIDE + 1][SIDE][CHAIN]; /* from corner [y][x] to [y][x + 1] */
    xw_tpt down[SIDE][SIDE + 1][CHAIN];   /* from corner [y][x] to [y + 1][x] */
    int32_t size;
} sheet;

static int32_t thrown(xw_rng *r, const sheet *s, int32_t v, int32_t most)
{
    v += xw_rng_in(r, -most, most);
    return v < 1 ? 1 : v >= s->size ? s->size - 1 : v;
}

static void bend(xw_rng *r, const sheet *s, xw_tpt *chain, xw_tpt a, xw_tpt b, bool rim,
                 int32_t most)
{
    for (int32_t i = 0; i < CHAIN; i++) {
        const xw_tpt p = {a.x + (b.x - a.x) * i / (CHAIN - 1), a.y + (b.y - a.y) * i / (CHAIN - 1)};
        const bool end = i == 0 || i == CHAIN - 1;
        chain[i] = rim || end ? p : (xw_tpt){thrown(r, s, p.x, most), thrown(r, s, p.y, most)};
    }
}

static void throw_sheet(xw_rng *r, sheet *s, int32_t step, int32_t most)
{
    s->size = SIDE * step;
    for (int32_t y = 0; y <= SIDE; y++) {
        for (int32_t x = 0; x <= SIDE; x++) {
            const bool rx = x == 0 || x == SIDE, ry = y == 0 || y == SIDE;
            s->corner[y][x] = (xw_tpt){rx || ry ? x * step : thrown(r, s, x * step, most),
                                       rx || ry ? y * step : thrown(r, s, y * step, most)};
        }
    }
    for (int y = 0; y <= SIDE; y++) {
        for (int x = 0; x <= SIDE; x++) {
            const xw_tpt at = s->corner[y][x];
            if (x < SIDE) {
                bend(r, s, s->across[y][x], at, s->corner[y][x + 1], y == 0 || y == SIDE, most);
            }
            if (y < SIDE) {
                bend(r, s, s->down[y][x], at, s->corner[y + 1][x], x == 0 || x == SIDE, most);
            }
        }
    }
}

static size_t outline(const sheet *s, int x, int y, xw_tpt *out)
{
    size_t n = 0;
    for (int i = 0; i < CHAIN - 1; i++) out[n++] = s->across[y][x][i];
    for (int i = 0; i < CHAIN - 1; i++) out[n++] = s->down[y][x + 1][i];
    for (int i = CHAIN - 1; i > 0; i--) out[n++] = s->across[y + 1][x][i];
    for (int i = CHAIN - 1; i > 0; i--) out[n++] = s->down[y][x][i];
    return n;
}

typedef struct segment {
    xw_tpt a, b;
} segment;

static int by_place(const void *p, const void *q) { return memcmp(p, q, sizeof(segment)); }

/* Each edge of a feature has its opposite in another, but for the rim. */
static void assert_balanced(const xw_mosaic *m, size_t n_features, int32_t size)
{
    static segment ways[2][SIDE * SIDE * OUTLINE_MAX * 8];
    size_t k = 0, n;
    for (size_t f = 0; f < n_features; f++) {
        const xw_mosaic_ring *r = xw_mosaic_rings(m, f, &n);
        for (size_t i = 0; i < n; i++) {
            const xw_tpt *p = xw_mosaic_pts(m) + r[i].first;
            for (size_t v = 0, u = r[i].n - 1; v < r[i].n; u = v++) {
                if ((p[u].x == p[v].x && (p[u].x == 0 || p[u].x == size)) ||
                    (p[u].y == p[v].y && (p[u].y == 0 || p[u].y == size))) {
                    continue;
                }
                assert_true(k < sizeof ways[0] / sizeof *ways[0]);
                ways[0][k] = (segment){p[u], p[v]};
                ways[1][k++] = (segment){p[v], p[u]};
            }
        }
    }
    for (int w = 0; w < 2; w++) qsort(ways[w], k, sizeof(segment), by_place);
    assert_memory_equal(ways[0], ways[1], k * sizeof(segment));
}

static void test_a_crumpled_sheet_stays_a_coverage(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mosaic-sheet");
    xw_mosaic *m = made();
    static sheet s;
    size_t n_lost = 0, n_cells = 0;
    for (int round = 0; round < 300; round++) {
        const int32_t step = 4 + (int32_t)xw_rng_below(&r, 200);
        throw_sheet(&r, &s, step, xw_rng_in(&r, 0, step));
        xw_mosaic_clear(m);
        for (int c = 0; c < SIDE * SIDE; c++) {
            xw_tpt pts[OUTLINE_MAX];
            add(m, pts, outline(&s, c % SIDE, c / SIDE, pts));
        }
        weave(m);
        int64_t sum = 0;
        for (size_t c = 0; c < SIDE * SIDE; c++) {
            assert_valid(m, c);
            sum += area2_of(m, c);
            n_lost += n_rings(m, c) == 0;
            n_cells++;
        }
        assert_int_equal(sum, INT64_C(2) * s.size * s.size);
        assert_balanced(m, SIDE * SIDE, s.size);
    }
    assert_true(n_lost * 20 < n_cells);
    xw_mosaic_destroy(m);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {7};
    static sheet s;
    throw_sheet(&r, &s, 40, 40);
    int n_hits = 0;
    for (int n = 0;; n++, n_hits++) {
        xw_mosaic *m = NULL;
        fail_alloc_at(n);
        xw_status st = xw_mosaic_create(&m, NULL);
        for (int c = 0; c < SIDE * SIDE && !st; c++) {
            xw_tpt pts[OUTLINE_MAX];
            st = xw_mosaic_feature(m, NULL);
            if (!st) st = xw_mosaic_add(m, pts, outline(&s, c % SIDE, c / SIDE, pts), NULL);
        }
        if (!st) st = xw_mosaic_weave(m, NULL);
        const bool hit = fail_alloc_stop();
        xw_mosaic_destroy(m);
        assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
        if (!hit) break;
    }
    assert_true(n_hits > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_judge_sees_planted_faults),
        cmocka_unit_test(test_a_clean_ring_passes_as_it_came),
        cmocka_unit_test(test_spikes_repeats_and_flat_rings_go),
        cmocka_unit_test(test_rings_are_split_where_they_touch),
        cmocka_unit_test(test_what_the_clip_joined_is_parted),
        cmocka_unit_test(test_swapped_borders_leave_no_gap_and_no_overlap),
        cmocka_unit_test(test_an_island_beyond_the_border_stays),
        cmocka_unit_test(test_a_vertex_too_far_is_refused),
        cmocka_unit_test(test_any_ring_becomes_a_valid_polygon),
        cmocka_unit_test(test_a_crumpled_sheet_stays_a_coverage),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
