#include "xiwang/clip.h"

#include "support/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_MAX = 256 };
static const xw_tbox box = {{-64, -64}, {4160, 4160}};

static bool inside(xw_tpt p)
{
    return p.x >= box.min.x && p.x <= box.max.x && p.y >= box.min.y && p.y <= box.max.y;
}

/* Winding number of the ring around the middle of a unit square: no vertex lies there. */
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
        const double d = hypot(wx - t * ux, wy - t * uy);
        if (d < best) best = d;
    }
    return best;
}

static xw_tpt random_vertex(xw_rng *r)
{
    switch (xw_rng_below(r, 8)) {
    case 0:
        return (xw_tpt){xw_rng_below(r, 2) ? -64 : 4160, xw_rng_in(r, -200, 4300)};
    case 1:
        return (xw_tpt){xw_rng_in(r, -200, 4300), xw_rng_below(r, 2) ? -64 : 4160};
    case 2:
        return (xw_tpt){xw_rng_in(r, -XW_TILE_FAR, XW_TILE_FAR),
                        xw_rng_in(r, -XW_TILE_FAR, XW_TILE_FAR)};
    default:
        return (xw_tpt){xw_rng_in(r, -3000, 7000), xw_rng_in(r, -3000, 7000)};
    }
}

/* Whatever the ring (self-crossing too), a point of the box is wound as often by what the clip
 * leaves; points within two units of a line may fall on its other side by rounding. */
static void test_the_clip_keeps_what_is_inside(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("clip");
    xw_clipper c = {0};
    xw_tpt ring[24];
    int n_checked = 0, n_inside = 0;
    for (int round = 0; round < 3000; round++) {
        const size_t n = 3 + xw_rng_below(&r, 20);
        for (size_t i = 0; i < n; i++) ring[i] = random_vertex(&r);
        const xw_tpt *out;
        size_t n_out;
        assert_int_equal(xw_clip_ring(&c, ring, n, box, &out, &n_out, NULL), XW_OK);
        assert_true(n_out == 0 || n_out >= 3);
        for (size_t i = 0; i < n_out; i++) {
            assert_true(inside(out[i]));
            assert_false(xw_tpt_eq(out[i], out[(i + 1) % n_out]));
        }
        for (int k = 0; k < 20; k++) {
            const double x = xw_rng_in(&r, -63, 4158) + 0.5, y = xw_rng_in(&r, -63, 4158) + 0.5;
            if (distance(ring, n, x, y) < 2) continue;
            const int before = winding(ring, n, x, y);
            assert_int_equal(winding(out, n_out, x, y), before);
            n_checked++;
            n_inside += before != 0;
        }
    }
    assert_true(n_checked > 30000 && n_inside > 3000);
    xw_clipper_finish(&c);
}

typedef struct segment {
    xw_tpt a, b;
} segment;

static int by_place(const void *p, const void *q) { return memcmp(p, q, sizeof(segment)); }

static bool on_a_side(xw_tpt a, xw_tpt b)
{
    return (a.x == b.x && (a.x == box.min.x || a.x == box.max.x)) ||
           (a.y == b.y && (a.y == box.min.y || a.y == box.max.y));
}

/* Appends the directed edges of a ring that do not run along the sides of the box, and the same
 * edges turned round. */
static size_t add_edges(const xw_tpt *p, size_t n, segment *edges, segment *turned, size_t k)
{
    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        if (on_a_side(p[j], p[i])) continue;
        edges[k] = (segment){p[j], p[i]};
        turned[k++] = (segment){p[i], p[j]};
    }
    return k;
}

/* Two polygons on the two sides of one crooked chain, which crosses the box many times; the rest of
 * each ring is far outside. */
static void test_two_polygons_still_share_their_chain(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("clip-shared");
    xw_clipper c = {0};
    static xw_tpt chain[N_MAX], left[N_MAX + 2], right[N_MAX + 2];
    static segment edges[8 * N_MAX], turned_edges[8 * N_MAX];
    size_t n_all = 0;
    for (int round = 0; round < 2000; round++) {
        const size_t n = 2 + xw_rng_below(&r, 100);
        chain[0] = (xw_tpt){-100000, xw_rng_in(&r, -3000, 7000)};
        for (size_t i = 1; i + 1 < n; i++) chain[i] = random_vertex(&r);
        chain[n - 1] = (xw_tpt){100000, xw_rng_in(&r, -3000, 7000)};
        for (size_t i = 0; i < n; i++) {
            left[i] = chain[i];
            right[i] = chain[n - 1 - i];
        }
        left[n] = (xw_tpt){XW_TILE_FAR, XW_TILE_FAR};
        left[n + 1] = (xw_tpt){-XW_TILE_FAR, XW_TILE_FAR};
        right[n] = (xw_tpt){-XW_TILE_FAR, -XW_TILE_FAR};
        right[n + 1] = (xw_tpt){XW_TILE_FAR, -XW_TILE_FAR};
        /* The rings start anywhere: that must not matter either. */
        const size_t turn = xw_rng_below(&r, (uint32_t)n);
        xw_tpt turned[N_MAX + 2];
        for (size_t i = 0; i < n + 2; i++) turned[i] = right[(i + turn) % (n + 2)];
        const xw_tpt *out;
        size_t n_out;
        assert_int_equal(xw_clip_ring(&c, left, n + 2, box, &out, &n_out, NULL), XW_OK);
        size_t n_edges = add_edges(out, n_out, edges, turned_edges, 0);
        assert_int_equal(xw_clip_ring(&c, turned, n + 2, box, &out, &n_out, NULL), XW_OK);
        n_edges = add_edges(out, n_out, edges, turned_edges, n_edges);
        /* Each edge has an opposite one (a ring of two vertices is its own and is dropped). */
        qsort(edges, n_edges, sizeof *edges, by_place);
        qsort(turned_edges, n_edges, sizeof *edges, by_place);
        assert_memory_equal(edges, turned_edges, n_edges * sizeof *edges);
        n_all += n_edges;
    }
    assert_true(n_all > 50000);
    xw_clipper_finish(&c);
}

typedef struct pieces {
    size_t n, n_vertices;
    double length;
    xw_tpt first, last;
} pieces;

static void collect(void *user, const xw_tpt *p, size_t n)
{
    pieces *s = user;
    assert_true(n >= 2);
    for (size_t i = 0; i < n; i++) {
        assert_true(inside(p[i]));
        if (i == 0) continue;
        assert_false(xw_tpt_eq(p[i - 1], p[i]));
        s->length += hypot((double)p[i].x - p[i - 1].x, (double)p[i].y - p[i - 1].y);
    }
    if (s->n++ == 0) s->first = p[0];
    s->last = p[n - 1];
    s->n_vertices += n;
}

/* The length of a segment inside the box made wider by `more`, from its parameters (Liang and
 * Barsky). */
static double length_inside(xw_tpt a, xw_tpt b, double more)
{
    double t0 = 0, t1 = 1;
    const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    const double p[4] = {-dx, dx, -dy, dy};
    const double q[4] = {(double)a.x - box.min.x + more, (double)box.max.x - a.x + more,
                         (double)a.y - box.min.y + more, (double)box.max.y - a.y + more};
    for (int i = 0; i < 4; i++) {
        if (p[i] == 0) {
            if (q[i] < 0) return 0;
        } else if (p[i] < 0) {
            t0 = fmax(t0, q[i] / p[i]);
        } else {
            t1 = fmin(t1, q[i] / p[i]);
        }
    }
    return t1 > t0 ? (t1 - t0) * hypot(dx, dy) : 0;
}

static void test_a_line_keeps_its_length_inside(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("clip-line");
    xw_clipper c = {0};
    xw_tpt line[64], back[64];
    size_t n_pieces = 0;
    for (int round = 0; round < 3000; round++) {
        const size_t n = 2 + xw_rng_below(&r, 60);
        double least = 0, most = 0; /* a segment along a side is in or out by rounding */
        for (size_t i = 0; i < n; i++) {
            do {
                line[i] = random_vertex(&r);
            } while (abs(line[i].x) > 10000 || abs(line[i].y) > 10000);
            if (i == 0) continue;
            least += length_inside(line[i - 1], line[i], -1);
            most += length_inside(line[i - 1], line[i], 1);
        }
        for (size_t i = 0; i < n; i++) back[i] = line[n - 1 - i];
        pieces there = {0}, return_way = {0};
        assert_int_equal(xw_clip_line(&c, line, n, box, collect, &there, NULL), XW_OK);
        assert_int_equal(xw_clip_line(&c, back, n, box, collect, &return_way, NULL), XW_OK);
        assert_true(there.length >= least - 3.0 * (double)n);
        assert_true(there.length <= most + 3.0 * (double)n);
        assert_int_equal(there.n, return_way.n);
        assert_int_equal(there.n_vertices, return_way.n_vertices);
        if (there.n > 0) assert_true(xw_tpt_eq(there.first, return_way.last));
        n_pieces += there.n;
    }
    assert_true(n_pieces > 3000);
    xw_clipper_finish(&c);
}

static void test_a_ring_around_the_box_becomes_the_box(void **state)
{
    (void)state;
    xw_clipper c = {0};
    const xw_tpt ring[] = {
        {-9000, -9000}, {9000, -9000}, {9000, 9000}, {2000, 5000}, {-9000, 9000}};
    const xw_tpt *out;
    size_t n;
    assert_int_equal(xw_clip_ring(&c, ring, 5, box, &out, &n, NULL), XW_OK);
    assert_int_equal(n, 4);
    assert_int_equal(xw_tring_area2(out, n), INT64_C(2) * 4224 * 4224);
    const xw_tpt corner[] = {{-9000, 100}, {100, -9000}, {-9000, -9000}}; /* passes by */
    assert_int_equal(xw_clip_ring(&c, corner, 3, box, &out, &n, NULL), XW_OK);
    assert_int_equal(n, 0);
    assert_int_equal(xw_clip_ring(&c, ring, 2, box, &out, &n, NULL), XW_OK);
    assert_int_equal(n, 0);
    assert_int_equal(xw_clip_ring(&c, NULL, 0, box, &out, &n, NULL), XW_OK);
    assert_int_equal(n, 0);
    xw_clipper_finish(&c);
}

static void test_a_new_vertex_is_rounded_half_up(void **state)
{
    (void)state;
    xw_clipper c = {0};
    static const int32_t end_and_want[][2] = {{1, 1},   {0, 0},   {-1, 0},
                                              {-2, -1}, {-3, -1}, {-4, -2}};
    for (size_t i = 0; i < 6; i++) { /* the side is half way from the first vertex to the second */
        const xw_tpt ring[] = {{-100, 0}, {-28, end_and_want[i][0]}, {-28, 50}};
        const xw_tpt *out;
        size_t n;
        assert_int_equal(xw_clip_ring(&c, ring, 3, box, &out, &n, NULL), XW_OK);
        bool found = false;
        for (size_t k = 0; k < n; k++) {
            found = found || (out[k].x == -64 && out[k].y == end_and_want[i][1]);
        }
        assert_true(found);
    }
    xw_clipper_finish(&c);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    const xw_tpt ring[] = {{-9000, 100}, {2000, -9000}, {9000, 2000}, {2000, 9000}};
    for (int n = 0;; n++) {
        xw_clipper c = {0};
        pieces s = {0};
        const xw_tpt *out;
        size_t n_out;
        fail_alloc_at(n);
        xw_status st = xw_clip_ring(&c, ring, 4, box, &out, &n_out, NULL);
        if (!st) st = xw_clip_line(&c, ring, 4, box, collect, &s, NULL);
        const bool hit = fail_alloc_stop();
        xw_clipper_finish(&c);
        assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
        if (!hit) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clip_keeps_what_is_inside),
        cmocka_unit_test(test_two_polygons_still_share_their_chain),
        cmocka_unit_test(test_a_line_keeps_its_length_inside),
        cmocka_unit_test(test_a_ring_around_the_box_becomes_the_box),
        cmocka_unit_test(test_a_new_vertex_is_rounded_half_up),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
