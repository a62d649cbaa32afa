/* Layers that lie at the wrong place or in different coordinate systems, strays, and land between
 * the divisions, on real files. */
#include "support/test.h"

#include "layer_file.h"

#include "xiwang/crs.h"

#include <geos_c.h>

#include <math.h>
#include <stdio.h>

#define P_ROADS     "/vsimem/p/roads.gpkg"
#define P_BUILDINGS "/vsimem/p/buildings.gpkg"
#define P_DIVISIONS "/vsimem/p/divisions.gpkg"
#define P_ADDRESSES "/vsimem/p/addresses.gpkg"

static size_t count(const xw_territory *t, const char *kind)
{
    return count_findings(t, kind, NULL);
}

static void write_gpkg(const char *path, const char *layer, const char *crs, bool swap,
                       const char *const *wkt, size_t n)
{
    row rows[64];
    char ids[64][32];
    assert_true(n <= 64);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "%.1s%zu", layer, i);
        rows[i] = (row){wkt[i], ids[i], ids[i], -1};
    }
    remove_file(path);
    write_layer((layer_file){"GPKG", path, layer, crs, NULL, wkbUnknown, swap}, rows, n);
}

/* ---- axes ----------------------------------------------------------------------------------- */

static const char *const road_cn[] = {"LINESTRING(119 26,119.01 26)"};
static const char *const house_cn[] = {
    "POLYGON((119.001 26.0002,119.0012 26.0002,119.0012 26.0004,119.001 26.0002))",
    "POLYGON((119.002 26.0002,119.0022 26.0002,119.0022 26.0004,119.002 26.0002))"};
static const char *const land_cn[] = {
    "POLYGON((118.99 25.99,119.02 25.99,119.02 26.01,118.99 26.01,118.99 25.99))"};
static const char *const road_eu[] = {"LINESTRING(9.5 47.1,9.51 47.1)"};
static const char *const house_eu[] = {
    "POLYGON((9.501 47.1002,9.5012 47.1002,9.5012 47.1004,9.501 47.1002))"};
static const char *const land_eu[] = {
    "POLYGON((9.49 47.09,9.52 47.09,9.52 47.11,9.49 47.11,9.49 47.09))"};

static void test_a_latitude_of_119_is_put_right(void **state)
{
    xw_territory t, u;
    xw_import_counts n;
    const xw_import_options o = {.roads = P_ROADS, .buildings = P_BUILDINGS};
    (void)state;
    write_gpkg(P_ROADS, "roads", "EPSG:4326", false, road_cn, 1);
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:4326", false, house_cn, 2);
    read_all(o, &t, &n);
    assert_int_equal(count(&t, "axis-swapped"), 0);
    for (int k = 0; k < 2; k++) { /* with and without a CRS */
        xw_finding f = {0};
        write_gpkg(P_BUILDINGS, "buildings", k ? NULL : "EPSG:4490", true, house_cn, 2);
        read_all(o, &u, &n);
        assert_int_equal(count_findings(&u, "axis-swapped", &f), 1);
        assert_int_equal(f.at.x, 1190010000);
        assert_int_equal(u.n_buildings, 2);
        assert_int_equal(u.n_pts, t.n_pts);
        assert_memory_equal(u.pts, t.pts, t.n_pts * sizeof *t.pts);
        xw_territory_finish(&u);
    }
    xw_territory_finish(&t);
}

static void test_a_northing_in_the_place_of_the_easting_is_put_right(void **state)
{
    /* CGCS2000, 3-degree zone 120: as surveyors of China write it, x is the northing */
    static const char *const road[] = {"LINESTRING(2876000 400000,2876000 400100)"};
    static const char *const house[] = {
        "POLYGON((2876010 400010,2876020 400010,2876020 400020,2876010 400010))"};
    xw_territory t;
    xw_import_counts n;
    xw_crs *zone = NULL;
    xw_pt p;
    (void)state;
    write_gpkg(P_ROADS, "roads", "EPSG:4549", false, road, 1);
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:4549", false, house, 1);
    read_all((xw_import_options){.roads = P_ROADS, .buildings = P_BUILDINGS}, &t, &n);
    assert_int_equal(count(&t, "axis-swapped"), 2);
    assert_int_equal(xw_crs_create("EPSG:4549", &zone, NULL), XW_OK);
    assert_int_equal(xw_crs_to_lattice(zone, 400000, 2876000, &p, NULL), XW_OK);
    assert_true(xw_pt_eq(t.pts[t.barriers[0].first], p));
    xw_crs_destroy(zone);
    xw_territory_finish(&t);
}

static void test_a_layer_that_fits_the_others_only_when_swapped_is_swapped(void **state)
{
    xw_territory t, u;
    xw_import_counts n;
    const xw_import_options o = {
        .roads = P_ROADS, .buildings = P_BUILDINGS, .divisions = P_DIVISIONS};
    const char *const *const wkt[] = {road_eu, house_eu, land_eu};
    static const char *const path[] = {P_ROADS, P_BUILDINGS, P_DIVISIONS};
    static const char *const layer[] = {"roads", "buildings", "divisions"};
    (void)state;
    for (int i = 0; i < 3; i++) write_gpkg(path[i], layer[i], "EPSG:4326", false, wkt[i], 1);
    read_all(o, &t, &n);
    assert_int_equal(count(&t, "axis-swapped"), 0);
    for (int i = 0; i < 3; i++) {
        xw_finding f = {0};
        write_gpkg(path[i], layer[i], "EPSG:4326", true, wkt[i], 1);
        read_all(o, &u, &n);
        assert_int_equal(count_findings(&u, "axis-swapped", &f), 1);
        assert_string_equal(xw_territory_text(&u, f.layer), layer[i]);
        assert_int_equal(n.buildings_in, 1); /* the first reading is forgotten */
        assert_memory_equal(u.pts, t.pts, t.n_pts * sizeof *t.pts);
        xw_territory_finish(&u);
        write_gpkg(path[i], layer[i], "EPSG:4326", false, wkt[i], 1);
    }
    xw_territory_finish(&t);
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:4326", true, house_eu, 1);
    refuse((xw_import_options){.roads = P_ROADS, .buildings = P_BUILDINGS}, XW_INPUT,
           "roads near 9.5000,47.1000 and buildings near 47.1002,9.5010 lie apart, and together");
}

/* ---- coordinate systems --------------------------------------------------------------------- */

static void project(const char *crs, double lon, double lat, double *x, double *y)
{
    xw_crs *c = NULL;
    assert_int_equal(xw_crs_create(crs, &c, NULL), XW_OK);
    assert_int_equal(xw_crs_from_deg(c, lon, lat, x, y, NULL), XW_OK);
    xw_crs_destroy(c);
}

static bool is_near(xw_pt p, double lon, double lat)
{
    return fabs(xw_deg(p.x) - lon) <= 1.01e-7 && fabs(xw_deg(p.y) - lat) <= 1.01e-7;
}

static void test_each_layer_comes_in_its_own_crs(void **state)
{
    char road[200], house[300], door[100];
    const char *const roads[] = {road}, *const houses[] = {house}, *const doors[] = {door};
    double a[2], b[2], h[3][2], d[2];
    xw_territory t;
    xw_import_counts n;
    (void)state;
    project("EPSG:4549", 119.0, 26.0, &a[0], &a[1]);
    project("EPSG:4549", 119.001, 26.0, &b[0], &b[1]);
    (void)snprintf(road, sizeof road, "LINESTRING(%.4f %.4f,%.4f %.4f)", a[0], a[1], b[0], b[1]);
    project("EPSG:3857", 119.001, 26.0002, &h[0][0], &h[0][1]);
    project("EPSG:3857", 119.0012, 26.0002, &h[1][0], &h[1][1]);
    project("EPSG:3857", 119.0012, 26.0004, &h[2][0], &h[2][1]);
    (void)snprintf(house, sizeof house, "POLYGON((%.4f %.4f,%.4f %.4f,%.4f %.4f,%.4f %.4f))",
                   h[0][0], h[0][1], h[1][0], h[1][1], h[2][0], h[2][1], h[0][0], h[0][1]);
    project("gcj02", 119.00115, 26.00025, &d[0], &d[1]);
    (void)snprintf(door, sizeof door, "POINT(%.9f %.9f)", d[0], d[1]);
    write_gpkg(P_ROADS, "roads", "EPSG:4549", false, roads, 1);
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:3857", false, houses, 1);
    write_gpkg(P_DIVISIONS, "divisions", "EPSG:4326", false, land_cn, 1);
    write_gpkg(P_ADDRESSES, "addresses", "EPSG:4326", false, doors, 1);
    xw_import_options o = {.roads = P_ROADS, .buildings = P_BUILDINGS, .divisions = P_DIVISIONS};
    o.addresses = P_ADDRESSES;
    o.crs_of[XW_ROLE_ADDRESSES] = "gcj02";
    /* the column "name" is no address: say which one */
    put_text("/vsimem/p/doors.csv", "WKT,text\n");
    char csv[200];
    (void)snprintf(csv, sizeof csv, "WKT,text\n\"%s\",和平路1号\n", door);
    put_text("/vsimem/p/doors.csv", csv);
    o.addresses = "/vsimem/p/doors.csv";
    read_all(o, &t, &n);
    assert_true(is_near(t.pts[t.barriers[0].first], 119.0, 26.0));
    const xw_ring r = xw_territory_ring(&t, t.buildings[0].area.first_ring);
    assert_true(is_near(r.pts[0], 119.001, 26.0002) && is_near(r.pts[2], 119.0012, 26.0004));
    assert_int_equal(t.n_addresses, 1);
    assert_true(is_near(t.addresses[0].at, 119.00115, 26.00025));
    assert_int_equal(t.addresses[0].building, 0); /* 500 m off without the conversion */
    assert_int_equal(t.n_divisions, 1);
    xw_territory_finish(&t);
    (void)VSIUnlink("/vsimem/p/doors.csv");
}

/* ---- strays --------------------------------------------------------------------------------- */

static void test_strays_are_left_out_and_do_not_stretch_the_land(void **state)
{
    enum { N = 30 };
    char text[N + 2][200];
    const char *wkt[N + 2];
    xw_territory t;
    xw_import_counts n;
    xw_finding f = {0};
    static const char *const lines[] = {"LINESTRING(119 26,119.03 26)", "LINESTRING(90 30,90.1 30)",
                                        "LINESTRING(119 26,119 26.001)"};
    (void)state;
    for (int i = 0; i < N + 2; i++) {
        const double x = i < N ? 119.0 + 0.001 * i : i == N ? 0.0 : 89.0, y = i == N ? 0.0 : 26.0;
        (void)snprintf(text[i], sizeof text[i],
                       "POLYGON((%.7f %.7f,%.7f %.7f,%.7f %.7f,%.7f %.7f))", x, y, x + 1e-4, y,
                       x + 1e-4, y + 1e-4, x, y);
        wkt[i] = text[i];
    }
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:4326", false, wkt, N + 2);
    write_gpkg(P_ROADS, "roads", "EPSG:4326", false, lines, 3);
    read_all((xw_import_options){.roads = P_ROADS, .buildings = P_BUILDINGS}, &t, &n);
    assert_int_equal(n.buildings_used, N);
    assert_int_equal(n.buildings_listed, 2);
    assert_int_equal(t.n_buildings, N);
    assert_int_equal(t.n_barriers, 2);
    assert_int_equal(count_findings(&t, "stray", &f), 3);
    assert_string_equal(xw_territory_text(&t, f.layer), "roads");
    assert_string_equal(xw_territory_text(&t, f.source), "r1");
    const xw_box land = xw_area_box(&t, t.divisions[0].area);
    assert_true(land.min.x > 1189900000 && land.max.x < 1190400000);
    xw_territory_finish(&t);
}

static void test_far_villages_of_a_stated_division_are_no_strays(void **state)
{
    enum { N = 20 };
    char text[N][200];
    const char *wkt[N];
    static const char *const land[] = {"POLYGON((118 25,125 25,125 31,118 31,118 25))"};
    xw_territory t;
    xw_import_counts n;
    (void)state;
    for (int i = 0; i < N; i++) {
        const double x = i < N - 1 ? 119.0 + 0.001 * i : 124.0, y = i < N - 1 ? 26.0 : 30.0;
        (void)snprintf(text[i], sizeof text[i],
                       "POLYGON((%.7f %.7f,%.7f %.7f,%.7f %.7f,%.7f %.7f))", x, y, x + 1e-4, y,
                       x + 1e-4, y + 1e-4, x, y);
        wkt[i] = text[i];
    }
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:4326", false, wkt, N);
    write_gpkg(P_ROADS, "roads", "EPSG:4326", false, road_cn, 1);
    write_gpkg(P_DIVISIONS, "divisions", "EPSG:4326", false, land, 1);
    read_all(
        (xw_import_options){.roads = P_ROADS, .buildings = P_BUILDINGS, .divisions = P_DIVISIONS},
        &t, &n);
    assert_int_equal(n.buildings_used, N);
    assert_int_equal(count(&t, "stray"), 0);
    xw_territory_finish(&t);
}

/* ---- land between the divisions -------------------------------------------------------------- */

static void read_land(const char *const *land, size_t n_land, xw_territory *t)
{
    xw_import_counts n;
    write_gpkg(P_ROADS, "roads", "EPSG:4326", false, road_cn, 1);
    write_gpkg(P_BUILDINGS, "buildings", "EPSG:4326", false, house_cn, 2);
    write_gpkg(P_DIVISIONS, "divisions", "EPSG:4326", false, land, n_land);
    read_all(
        (xw_import_options){.roads = P_ROADS, .buildings = P_BUILDINGS, .divisions = P_DIVISIONS},
        t, &n);
}

static double area_of(const xw_territory *t, const char *name)
{
    const xw_division *d = find_division(t, name);
    assert_non_null(d);
    double sum = 0.0;
    for (uint32_t r = 0; r < d->area.n_rings; r++) {
        sum += 0.5 * (double)xw_ring_area2(xw_territory_ring(t, d->area.first_ring + r));
    }
    return sum;
}

static void test_clean_borders_stay_as_they_are(void **state)
{
    /* an L and a square in its corner, a sharp corner outside, blunt ones inwards, the fillets of
     * which are some units high: nothing here is a gap */
    static const char *const land[] = {
        "POLYGON((118.99 25.99,119.02 25.99,119.02 26,119 26,119 26.02,118.99 26.02,118.99 25.99))",
        "POLYGON((119.02 25.99,119.04 25.99,119.04 26,119.03 26.03,119.02 26,119.02 25.99))",
        "POLYGON((119.1 26,119.102 26,119.102 26.02,119.101 26.01995,119.1 26.02,119.1 26))"};
    xw_territory t;
    (void)state;
    read_land(land, 3, &t);
    assert_int_equal(count(&t, "division-gap") + count(&t, "division-hole"), 0);
    assert_true(area_of(&t, "d0") == 100000.0 * 300000.0 + 200000.0 * 100000.0);
    for (size_t i = 0; i < t.n_divisions; i++) assert_int_equal(t.divisions[i].area.n_rings, 1);
    xw_territory_finish(&t);
}

static void test_a_strip_between_villages_goes_to_the_longer_neighbour(void **state)
{
    /* 5 m of nobody between d0 and the two others, open at both ends; d0 has the longest border */
    static const char *const land[] = {
        "POLYGON((118.99 25.99,119.02 25.99,119.02 26.00015,118.99 26.00015,118.99 25.99))",
        "POLYGON((118.99 26.0002,119.01 26.0002,119.01 26.02,118.99 26.02,118.99 26.0002))",
        "POLYGON((119.01 26.0002,119.02 26.0002,119.02 26.02,119.01 26.02,119.01 26.0002))"};
    xw_territory t;
    xw_finding f = {0};
    (void)state;
    read_land(land, 3, &t);
    assert_int_equal(count_findings(&t, "division-gap", &f), 1);
    assert_true(xw_area_owns(&t, find_division(&t, "d0")->area, f.at));
    /* the mouths are rounded off: all but a little of 300 000 by 500 units is closed */
    const double given = area_of(&t, "d0") - 300000.0 * 101500.0;
    assert_true(given > 0.995 * 300000.0 * 500.0 && given <= 300000.0 * 500.0 * 1.001);
    assert_true(area_of(&t, "d1") == 200000.0 * 198000.0);
    xw_territory_finish(&t);
}

static void test_a_wedge_and_a_sliver_hole_are_closed(void **state)
{
    static const char *const land[] = {
        "POLYGON((118.99 25.99,119.02 25.99,119.02 26.0001,118.99 26.00015,118.99 25.99))",
        /* touches at the left, parts to 11 m at the right; a bite of 8 m in the middle of its top
         */
        ("POLYGON((118.99 26.00015,119.02 26.0002,119.02 26.01,119.006 26.01,119.005 "
         "26.0099,119.004 26.01,118.99 26.01,118.99 26.00015))"),
        "POLYGON((118.99 26.01,119.02 26.01,119.02 26.02,118.99 26.02,118.99 26.01))"};
    xw_territory t;
    (void)state;
    read_land(land, 3, &t);
    assert_int_equal(count(&t, "division-gap"), 2);
    double sum = area_of(&t, "d0") + area_of(&t, "d1") + area_of(&t, "d2");
    assert_true(fabs(sum / (300000.0 * 300000.0) - 1.0) < 1e-4);
    xw_territory_finish(&t);
}

static void test_a_missing_village_with_houses_becomes_a_division(void **state)
{
    static const char *const land[] = {
        "POLYGON((118.99 25.99,119.02 25.99,119.02 26.02,118.99 26.02,118.99 25.99),"
        "(119 25.995,119.01 25.995,119.01 26.005,119 26.005,119 25.995),"
        "(118.992 26.01,118.995 26.01,118.995 26.015,118.992 26.015,118.992 26.01))"};
    xw_territory t;
    (void)state;
    read_land(land, 1, &t);
    assert_int_equal(count(&t, "division-missing"), 1);
    assert_int_equal(count(&t, "division-hole"), 1);
    assert_int_equal(t.n_divisions, 2);
    assert_true(area_of(&t, "未划区1") == 100000.0 * 100000.0);
    assert_int_equal(find_division(&t, "未划区1")->level, find_division(&t, "d0")->level);
    xw_territory_finish(&t);
}

static void test_closed_lines_are_boundaries(void **state)
{
    static const char *const land[] = {
        "LINESTRING(118.99 25.99,119.02 25.99,119.02 26.02,118.99 26.02,118.99 25.99)",
        "POINT(119 26)"};
    xw_territory t;
    (void)state;
    read_land(land, 2, &t);
    assert_int_equal(count(&t, "ring-from-line"), 1);
    assert_int_equal(count(&t, "division-dropped"), 1);
    assert_true(area_of(&t, "d0") == 300000.0 * 300000.0);
    xw_territory_finish(&t);
}

/* Strips whose common borders were drawn twice: afterwards the union has no hole and no notch. */
static void test_borders_drawn_twice_leave_no_land_to_nobody(void **state)
{
    enum { STRIPS = 4, POINTS = 12 };
    xw_rng r = rng_from_env("borders drawn twice");
    GEOSContextHandle_t g = GEOS_init_r();
    (void)state;
    for (int round = 0; round < 20; round++) {
        char text[STRIPS][4000];
        const char *wkt[STRIPS];
        for (int i = 0; i < STRIPS; i++) { /* each side of a border with its own error of 3 m */
            size_t at = (size_t)snprintf(text[i], sizeof text[i], "POLYGON((");
            char first[60] = "";
            for (int k = 0; k <= 2 * POINTS + 1; k++) {
                const int up = k <= POINTS, j = up ? k : 2 * POINTS + 1 - k;
                const int border = i + up; /* left side of the strip downwards, right side up */
                const int rim = border == 0 || border == STRIPS || j == 0 || j == POINTS;
                const double x = 118.99 + 0.01 * border + (rim ? 0 : 1e-7 * xw_rng_in(&r, 0, 300));
                const double y = 25.99 + 0.0025 * j + (rim ? 0 : 1e-7 * xw_rng_in(&r, 0, 300));
                if (k == 0) (void)snprintf(first, sizeof first, "%.7f %.7f", x, y);
                at += (size_t)snprintf(text[i] + at, sizeof text[i] - at, "%.7f %.7f,", x, y);
            }
            (void)snprintf(text[i] + at, sizeof text[i] - at, "%s))", first);
            wkt[i] = text[i];
        }
        xw_territory t;
        read_land(wkt, STRIPS, &t);
        GEOSGeometry *all[STRIPS * 40];
        unsigned n = 0;
        for (size_t d = 0; d < t.n_divisions; d++) {
            const xw_area a = t.divisions[d].area;
            for (uint32_t k = 0; k < a.n_rings; k++) {
                const xw_ring ring = xw_territory_ring(&t, a.first_ring + k);
                GEOSCoordSequence *c = GEOSCoordSeq_create_r(g, ring.n + 1, 2);
                for (uint32_t v = 0; v <= ring.n; v++) {
                    const xw_pt p = ring.pts[v % ring.n];
                    GEOSCoordSeq_setXY_r(g, c, v, p.x, p.y);
                }
                assert_true(n < STRIPS * 40);
                all[n++] = GEOSGeom_createPolygon_r(g, GEOSGeom_createLinearRing_r(g, c), NULL, 0);
            }
        }
        GEOSGeometry *many = GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, all, n);
        GEOSGeometry *u = GEOSUnaryUnionPrec_r(g, many, 1.0);
        double area = 0.0;
        GEOSArea_r(g, u, &area);
        assert_int_equal(GEOSGetNumGeometries_r(g, u), 1);
        const GEOSGeometry *whole = GEOSGetGeometryN_r(g, u, 0);
        for (int k = 0; k < GEOSGetNumInteriorRings_r(g, whole); k++) { /* GEOS's own rounding */
            const GEOSGeometry *hole = GEOSGetInteriorRingN_r(g, whole, k);
            double rim = 0.0, hull = 0.0;
            GEOSLength_r(g, hole, &rim);
            GEOSGeometry *area_of_hole =
                GEOSGeom_createPolygon_r(g, GEOSGeom_clone_r(g, hole), NULL, 0);
            GEOSArea_r(g, area_of_hole, &hull);
            GEOSGeom_destroy_r(g, area_of_hole);
            assert_true(hull <= rim); /* thinner than the lattice */
        }
        assert_true(fabs(area / (400000.0 * 300000.0) - 1.0) < 1e-4);
        assert_true(count(&t, "division-gap") > 0);
        GEOSGeom_destroy_r(g, u);
        GEOSGeom_destroy_r(g, many);
        xw_territory_finish(&t);
    }
    GEOS_finish_r(g);
}

static int start(void **state)
{
    (void)state;
    GDALAllRegister();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_latitude_of_119_is_put_right),
        cmocka_unit_test(test_a_northing_in_the_place_of_the_easting_is_put_right),
        cmocka_unit_test(test_a_layer_that_fits_the_others_only_when_swapped_is_swapped),
        cmocka_unit_test(test_each_layer_comes_in_its_own_crs),
        cmocka_unit_test(test_strays_are_left_out_and_do_not_stretch_the_land),
        cmocka_unit_test(test_far_villages_of_a_stated_division_are_no_strays),
        cmocka_unit_test(test_clean_borders_stay_as_they_are),
        cmocka_unit_test(test_a_strip_between_villages_goes_to_the_longer_neighbour),
        cmocka_unit_test(test_a_wedge_and_a_sliver_hole_are_closed),
        cmocka_unit_test(test_a_missing_village_with_houses_becomes_a_division),
        cmocka_unit_test(test_closed_lines_are_boundaries),
        cmocka_unit_test(test_borders_drawn_twice_leave_no_land_to_nobody),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
