/* Who owns a point, how large a ring is: against random partitions, GEOS and geodesics of PROJ. */
#include "support/test.h"

#include "xiwang/ring.h"

#include <geodesic.h>
#include <geos_c.h>
#include <math.h>

/* ---- partitions of a small rectangle into random simple polygons ---- */

enum { POINTS = 14, TRIANGLES = 2 * POINTS, VERTICES = POINTS + 3 };

typedef struct polygon {
    xw_pt pts[VERTICES];
    uint32_t n;
} polygon;

typedef struct partition {
    int32_t w, h;
    xw_pt pts[POINTS];
    bool joined[POINTS][POINTS];
    polygon parts[TRIANGLES];
    size_t n;
} partition;

static bool crosses(const partition *p, int i, int j)
{
    const xw_pt a = p->pts[i], b = p->pts[j];
    for (int k = 0; k < POINTS; k++) {
        if (k != i && k != j && xw_on_segment(a, b, p->pts[k])) return true;
        for (int l = 0; l < k; l++) {
            const xw_pt c = p->pts[k], d = p->pts[l];
            if (p->joined[k][l] && xw_orient(a, b, c) * xw_orient(a, b, d) < 0 &&
                xw_orient(c, d, a) * xw_orient(c, d, b) < 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_face(const partition *p, int i, int j, int k)
{
    const xw_pt a = p->pts[i], b = p->pts[j], c = p->pts[k];
    if (!p->joined[i][j] || !p->joined[j][k] || !p->joined[k][i] || xw_orient(a, b, c) <= 0) {
        return false;
    }
    for (int l = 0; l < POINTS; l++) {
        const xw_pt d = p->pts[l];
        if (l != i && l != j && l != k && xw_orient(a, b, d) >= 0 && xw_orient(b, c, d) >= 0 &&
            xw_orient(c, a, d) >= 0) {
            return false;
        }
    }
    return true;
}

/* A maximal set of segments that do not cross is a triangulation. */
static void triangulate(partition *p, xw_rng *r)
{
    int order[POINTS * POINTS], n = 0;
    for (int i = 0; i < POINTS; i++) {
        for (int j = 0; j < i; j++) order[n++] = i * POINTS + j;
    }
    for (; n > 0; n--) {
        const uint32_t at = xw_rng_below(r, (uint32_t)n);
        const int i = order[at] / POINTS, j = order[at] % POINTS;
        order[at] = order[n - 1];
        if (!crosses(p, i, j)) p->joined[i][j] = p->joined[j][i] = true;
    }
    for (int i = 0; i < POINTS; i++) {
        for (int j = 0; j < POINTS; j++) {
            for (int k = 0; k < POINTS; k++) {
                if (i < j && i < k && j != k && is_face(p, i, j, k)) {
                    p->parts[p->n++] = (polygon){{p->pts[i], p->pts[j], p->pts[k]}, 3};
                }
            }
        }
    }
}

static bool has_vertex(const polygon *g, xw_pt p)
{
    for (uint32_t i = 0; i < g->n; i++) {
        if (xw_pt_eq(g->pts[i], p)) return true;
    }
    return false;
}

/* Takes triangle t into polygon g if they share one side and nothing else. */
static bool take(polygon *g, const polygon *t)
{
    for (uint32_t i = 0; i < g->n; i++) {
        const xw_pt a = g->pts[i], b = g->pts[(i + 1) % g->n];
        for (uint32_t k = 0; k < 3; k++) {
            const xw_pt apex = t->pts[(k + 2) % 3];
            if (!xw_pt_eq(t->pts[k], b) || !xw_pt_eq(t->pts[(k + 1) % 3], a)) continue;
            if (has_vertex(g, apex)) return false;
            for (uint32_t m = g->n; m > i + 1; m--) g->pts[m] = g->pts[m - 1];
            g->pts[i + 1] = apex;
            g->n++;
            return true;
        }
    }
    return false;
}

static void partition_make(partition *p, xw_rng *r)
{
    *p = (partition){.w = xw_rng_in(r, 4, 13), .h = xw_rng_in(r, 4, 13)};
    const xw_pt corners[4] = {{0, 0}, {p->w, 0}, {p->w, p->h}, {0, p->h}};
    for (int i = 0; i < POINTS; i++) {
        bool again = true;
        while (again) {
            p->pts[i] = i < 4 ? corners[i] : (xw_pt){xw_rng_in(r, 0, p->w), xw_rng_in(r, 0, p->h)};
            again = false;
            for (int k = 0; k < i; k++) again = again || xw_pt_eq(p->pts[i], p->pts[k]);
        }
    }
    triangulate(p, r);
    for (uint32_t merges = xw_rng_below(r, 600); merges > 0 && p->n > 1; merges--) {
        const uint32_t i = xw_rng_below(r, (uint32_t)p->n), k = xw_rng_below(r, (uint32_t)p->n);
        if (i == k || p->parts[k].n != 3 || !take(&p->parts[i], &p->parts[k])) continue;
        p->parts[k] = p->parts[--p->n];
    }
}

/* The rule as it is defined: the point moved east by e and north by e * e, with 1 / e = 2^12. */
static bool moved_point_is_inside(const polygon *g, xw_pt p)
{
    const int32_t unit = 1 << 24;
    const xw_pt q = {p.x * unit + (1 << 12), p.y * unit + 1};
    int winding = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        const xw_pt a = {g->pts[i].x * unit, g->pts[i].y * unit};
        const xw_pt b = {g->pts[(i + 1) % g->n].x * unit, g->pts[(i + 1) % g->n].y * unit};
        const int side = xw_orient(a, b, q);
        assert_int_not_equal(side, 0);
        if (a.y <= q.y && b.y > q.y && side > 0) winding++;
        if (b.y <= q.y && a.y > q.y && side < 0) winding--;
    }
    return winding != 0;
}

static void test_every_point_of_a_partition_has_one_owner(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("partitions");
    size_t shared = 0, bent = 0;
    for (int round = 0; round < 1000; round++) {
        partition p;
        partition_make(&p, &r);
        int64_t area2 = 0;
        for (size_t i = 0; i < p.n; i++) {
            area2 += xw_ring_area2((xw_ring){p.parts[i].pts, p.parts[i].n});
            bent += p.parts[i].n > 4;
        }
        assert_int_equal(area2, 2 * p.w * p.h);
        for (int32_t x = -1; x <= p.w + 1; x++) {
            for (int32_t y = -1; y <= p.h + 1; y++) {
                const xw_pt at = {x, y};
                size_t owners = 0, touched = 0;
                for (size_t i = 0; i < p.n; i++) {
                    const xw_ring ring = {p.parts[i].pts, p.parts[i].n};
                    const bool owns = xw_ring_owns(ring, at);
                    assert_int_equal(owns, moved_point_is_inside(&p.parts[i], at));
                    owners += owns;
                    touched += xw_ring_touches(ring, at);
                }
                /* West and south sides are the rectangle's own, east and north ones are not. */
                assert_int_equal(owners, x >= 0 && x < p.w && y >= 0 && y < p.h);
                shared += touched > 1;
            }
        }
    }
    assert_true(shared > 10000);
    assert_true(bent > 1000);
}

static void test_a_ring_touches_the_points_of_its_line(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("touch");
    for (int round = 0; round < 200; round++) {
        partition p;
        partition_make(&p, &r);
        for (size_t i = 0; i < p.n; i++) {
            const polygon *g = &p.parts[i];
            for (int32_t k = 0; k < (p.w + 1) * (p.h + 1); k++) {
                const xw_pt at = {k % (p.w + 1), k / (p.w + 1)};
                bool on = false;
                for (uint32_t e = 0; e < g->n; e++) {
                    on = on || xw_on_segment(g->pts[e], g->pts[(e + 1) % g->n], at);
                }
                assert_int_equal(xw_ring_touches((xw_ring){g->pts, g->n}, at), on);
            }
        }
    }
}

/* ---- measures ---- */

enum { CORNERS = 12, PIECES = 60 };

/* A star: corners by angle at random distances; simple, and seldom convex. */
static uint32_t star(xw_rng *r, xw_pt centre, double half_m, xw_pt *pts)
{
    const xw_scale s = xw_scale_at(centre.y);
    const uint32_t n = 3 + xw_rng_below(r, CORNERS - 2);
    for (uint32_t i = 0; i < n; i++) {
        const double angle = 2 * 3.14159265358979 * (i + 0.8 * xw_rng_unit(r)) / n;
        const double far = half_m * (0.05 + 0.95 * xw_rng_unit(r));
        pts[i] = (xw_pt){centre.x + (int32_t)lround(far * cos(angle) / s.mx),
                         centre.y + (int32_t)lround(far * sin(angle) / s.my)};
    }
    return n;
}

static void test_areas_equal_those_of_geos(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("geos areas");
    GEOSContextHandle_t g = GEOS_init_r();
    for (int round = 0; round < 3000; round++) {
        xw_pt pts[CORNERS];
        const xw_pt centre = {xw_rng_in(&r, -1500000000, 1500000000),
                              xw_rng_in(&r, -500000000, 500000000)};
        uint32_t n = star(&r, centre, pow(10.0, xw_rng_in(&r, 1, 5)), pts);
        GEOSCoordSequence *c = GEOSCoordSeq_create_r(g, n + 1, 2);
        for (uint32_t i = 0; i <= n; i++) {
            GEOSCoordSeq_setXY_r(g, c, i, pts[i % n].x, pts[i % n].y);
        }
        GEOSGeometry *poly =
            GEOSGeom_createPolygon_r(g, GEOSGeom_createLinearRing_r(g, c), NULL, 0);
        double area = 0.0;
        GEOSArea_r(g, poly, &area);
        const double ours = 0.5 * (double)xw_ring_area2((xw_ring){pts, n});
        assert_true(fabs(fabs(ours) - area) <= 1e-12 * area + 0.5);
        for (uint32_t i = 0; i < n / 2; i++) {
            const xw_pt t = pts[i];
            pts[i] = pts[n - 1 - i];
            pts[n - 1 - i] = t;
        }
        assert_true(0.5 * (double)xw_ring_area2((xw_ring){pts, n}) == -ours);
        GEOSGeom_destroy_r(g, poly);
    }
    GEOS_finish_r(g);
}

static void test_areas_are_exact_at_the_largest_span(void **state)
{
    (void)state;
    const int32_t w = 1073741823; /* 2^30 - 1: the doubled area is just below 2^63 */
    const xw_pt world[4] = {{-w, -w}, {w, -w}, {w, w}, {-w, w}};
    assert_int_equal(xw_ring_area2((xw_ring){world, 4}), INT64_C(8) * w * w);
    const xw_pt line[3] = {{0, 0}, {5, 5}, {9, 9}};
    assert_int_equal(xw_ring_area2((xw_ring){line, 3}), 0);
    assert_int_equal(xw_ring_area2((xw_ring){line, 2}), 0);
    assert_int_equal(xw_ring_area2((xw_ring){NULL, 0}), 0);
    assert_true(xw_box_is_empty(xw_ring_box((xw_ring){NULL, 0})));
    assert_true(xw_ring_area_m2((xw_ring){line, 2}) == 0.0);
}

static void ellipsoid(struct geod_geodesic *g) { geod_init(g, 6378137.0, 1.0 / 298.257222101); }

/* Sides are straight on the lattice, so they are walked in small pieces. */
static double geodesic_area(const struct geod_geodesic *g, const xw_pt *pts, uint32_t n,
                            double *length)
{
    struct geod_polygon p;
    geod_polygon_init(&p, 0);
    for (uint32_t i = 0; i < n; i++) {
        const xw_pt a = pts[i], b = pts[(i + 1) % n];
        for (int k = 0; k < PIECES; k++) {
            const double t = (double)k / PIECES;
            geod_polygon_addpoint(g, &p, xw_deg(a.y) + t * (xw_deg(b.y) - xw_deg(a.y)),
                                  xw_deg(a.x) + t * (xw_deg(b.x) - xw_deg(a.x)));
        }
    }
    double area = 0.0;
    geod_polygon_compute(g, &p, 0, 1, &area, length);
    return area;
}

static void test_areas_are_near_the_geodesic_ones(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("geodesic areas");
    struct geod_geodesic g;
    ellipsoid(&g);
    double worst = 0.0, worst_small = 0.0;
    for (int round = 0; round < 1000; round++) {
        const bool small = round % 2;
        xw_pt pts[CORNERS];
        const xw_pt centre = {xw_rng_in(&r, -1700000000, 1700000000),
                              xw_rng_in(&r, -550000000, 550000000)};
        const uint32_t n = star(&r, centre, small ? 500.0 : 25000.0, pts);
        const double want = geodesic_area(&g, pts, n, NULL);
        const double off = fabs(xw_ring_area_m2((xw_ring){pts, n}) - want) / want;
        if (small && off > worst_small) worst_small = off;
        if (!small && off > worst) worst = off;
    }
    fprintf(stderr, "# off by %.2g below 50 km, %.2g below 1 km\n", worst, worst_small);
    assert_true(worst < 1e-5);
    assert_true(worst_small < 1e-6);
}

static void test_the_scale_is_that_of_the_ellipsoid(void **state)
{
    (void)state;
    struct geod_geodesic g;
    ellipsoid(&g);
    double worst = 0.0, worst_km = 0.0;
    for (int32_t lat = -890000000; lat <= 890000000; lat += 10000000) {
        const xw_scale s = xw_scale_at(lat);
        const double step = 1e-4; /* 10 m, so that the parallel is as long as the geodesic */
        double east = 0.0, north = 0.0;
        geod_inverse(&g, xw_deg(lat), 0, xw_deg(lat), step, &east, NULL, NULL);
        geod_inverse(&g, xw_deg(lat) - step / 2, 0, xw_deg(lat) + step / 2, 0, &north, NULL, NULL);
        const double units = step * XW_UNITS_PER_DEG;
        worst = fmax(worst, fabs(s.mx * units / east - 1));
        worst = fmax(worst, fabs(s.my * units / north - 1));
        if (abs(lat) > 600000000) continue;
        for (int side = -1; side <= 1; side += 2) {
            const xw_scale t = xw_scale_at(lat + side * (int32_t)lround(1000.0 / s.my));
            worst_km = fmax(worst_km, fabs(t.mx / s.mx - 1));
            worst_km = fmax(worst_km, fabs(t.my / s.my - 1));
        }
    }
    fprintf(stderr, "# scale off by %.2g there, %.2g 1 km away\n", worst, worst_km);
    assert_true(worst < 1e-8);
    assert_true(worst_km < 3e-4);
    assert_true(fabs(xw_scale_at(0).mx * XW_UNITS_PER_DEG - 111319.49079327358) < 1e-6);
    assert_true(fabs(xw_scale_at(XW_LAT_MAX).mx) < 1e-12);
}

static void test_lengths_are_near_the_geodesic_ones(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("lengths");
    struct geod_geodesic g;
    ellipsoid(&g);
    double worst = 0.0;
    for (int round = 0; round < 1000; round++) {
        xw_pt pts[CORNERS + 1];
        const xw_pt centre = {xw_rng_in(&r, -1700000000, 1700000000),
                              xw_rng_in(&r, -550000000, 550000000)};
        const uint32_t n = star(&r, centre, pow(10.0, xw_rng_in(&r, 2, 4)), pts);
        pts[n] = pts[0];
        double want = 0.0;
        (void)geodesic_area(&g, pts, n, &want);
        worst = fmax(worst, fabs(xw_line_length_m(pts, n + 1) / want - 1));
    }
    fprintf(stderr, "# lengths off by %.2g\n", worst);
    assert_true(worst < 1e-6);
    const xw_pt one = {5, 5};
    assert_true(xw_line_length_m(&one, 1) == 0.0);
    assert_true(xw_line_length_m(NULL, 0) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_point_of_a_partition_has_one_owner),
        cmocka_unit_test(test_a_ring_touches_the_points_of_its_line),
        cmocka_unit_test(test_areas_equal_those_of_geos),
        cmocka_unit_test(test_areas_are_exact_at_the_largest_span),
        cmocka_unit_test(test_areas_are_near_the_geodesic_ones),
        cmocka_unit_test(test_the_scale_is_that_of_the_ellipsoid),
        cmocka_unit_test(test_lengths_are_near_the_geodesic_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
