/* The cleaning of footprints, and the rule for households. */
#include "support/test.h"

#include "files.h"

#include <geos_c.h>

#include <math.h>
#include <stdio.h>

static void test_dirty_buildings_are_repaired_or_listed_each_with_its_reason(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_finding f = {0};
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(
        HOUSES,
        "WKT,building_id,households,floors,height,name\n"
        "\"POLYGON((116 40,116.001 40,116.001 40.001,116 40.001,116 40))\",good,12,6,18,一号楼\n"
        "\"POLYGON((116 40,116 40.001,116.001 40.001,116.001 40,116 40))\",twin,5,,,\n"
        "\"POLYGON((116.01 40,116.02 40.01,116.02 40,116.01 40.01,116.01 40))\",bow,2,,,\n"
        "\"POLYGON((116.1 40.1,116.10000001 40.1,116.1 40.10000001,116.1 40.1))\",speck,4,,,\n"
        "\"POLYGON((116.2 40.2,116.3 40.3,116.2 40.2))\",flat,1,,,\n"
        "\"POINT(116.2 40)\",point,7,,,\n"
        ",null,7,,,\n"
        "\"POLYGON EMPTY\",empty,7,,,\n"
        "\"POLYGON((500 40,501 40,501 41,500 40))\",far,7,,,\n"
        "\"POLYGON Z((117 40 5,117.001 40 5,117.001 40.001 5,117 40 5))\",deep,3,,,\n"
        "\"CURVEPOLYGON(CIRCULARSTRING(118 40,118.001 40.001,118.002 40,118.001 39.999,118 "
        "40))\",round,3,,,\n"
        "\"POLYGON((119 40,119.001 40,119.001 40.001,119 40))\",owing,-3,,,\n"
        "\"MULTIPOLYGON(((120 40,120.01 40,120.01 40.01,120 40)),((121 40,121.01 40,121.01 "
        "40.01,121 40)))\",two,3,,,\n");
    xw_import_options o = PLAIN;
    o.crs = "wgs84";
    read_all(o, &t, &n);
    assert_int_equal(n.buildings_in, 13);
    assert_int_equal(n.buildings_listed, 4);
    assert_int_equal(n.buildings_used, 9);
    assert_int_equal(t.n_buildings, 9);
    const xw_building *good = find_building(&t, "good");
    assert_true(good->households == 12 && good->floors == 6 && good->height_m == 18.0F);
    assert_string_equal(xw_territory_text(&t, good->name), "一号楼");
    assert_int_equal(count_findings(&t, "building-duplicate", &f), 1);
    assert_string_equal(xw_territory_text(&t, f.text),
                        "same footprint as good; its 5 households are not counted");
    const xw_building *bow = find_building(&t, "bow");
    assert_int_equal(bow->area.n_rings, 2); /* both wings are kept */
    assert_int_equal(count_findings(&t, "building-repaired", NULL), 1);
    assert_int_equal(count_findings(&t, "building-collapsed", NULL), 2);
    const xw_building *speck = find_building(&t, "speck");
    assert_int_equal(speck->households, 4);
    assert_int_equal(xw_ring_area2(xw_territory_ring(&t, speck->area.first_ring)), 18);
    assert_true(xw_area_owns(&t, speck->area, (xw_pt){1161000000, 401000000}));
    assert_int_equal(count_findings(&t, "building-point", NULL), 1);
    assert_int_equal(count_findings(&t, "building-empty", NULL), 2);
    assert_int_equal(count_findings(&t, "building-coordinates", &f), 1);
    assert_string_equal(xw_territory_text(&t, f.source), "far");
    assert_int_equal(find_building(&t, "deep")->households, 3);
    const double circle = xw_area_m2(&t, find_building(&t, "round")->area);
    assert_true(fabs(circle - 3.14159 * 85.39 * 111.03) < 200.0);
    assert_int_equal(count_findings(&t, "building-households", NULL), 1);
    assert_true(find_building(&t, "owing")->estimated);
    assert_int_equal(find_building(&t, "two")->area.n_rings, 2);
    xw_territory_finish(&t);
}

/* ---- property: whatever the ring, the area is valid afterwards ------------------------------ */

static bool is_valid_area(GEOSContextHandle_t geos, const xw_territory *t, xw_area a)
{
    char wkt[20000] = "MULTIPOLYGON(";
    for (uint32_t r = 0; r < a.n_rings;
         r++) { /* the fixture has no holes that matter to validity */
        const xw_ring ring = xw_territory_ring(t, a.first_ring + r);
        if (xw_ring_area2(ring) < 0) return true;
        size_t at = strlen(wkt);
        at += (size_t)snprintf(wkt + at, sizeof wkt - at, "%s((", r ? "," : "");
        for (uint32_t i = 0; i <= ring.n; i++) {
            const xw_pt p = ring.pts[i < ring.n ? i : 0];
            at += (size_t)snprintf(wkt + at, sizeof wkt - at, "%s%d %d", i ? "," : "", p.x, p.y);
        }
        (void)snprintf(wkt + at, sizeof wkt - at, "))");
    }
    const size_t end = strlen(wkt);
    (void)snprintf(wkt + end, sizeof wkt - end, ")");
    GEOSWKTReader *reader = GEOSWKTReader_create_r(geos);
    GEOSGeometry *g = GEOSWKTReader_read_r(geos, reader, wkt);
    const bool ok = g && GEOSisValid_r(geos, g) == 1;
    GEOSGeom_destroy_r(geos, g);
    GEOSWKTReader_destroy_r(geos, reader);
    return ok;
}

/* Owned by the area; by an odd or a nonzero winding of the ring that was written. */
static int winding(const xw_pt *p, size_t n, xw_pt q)
{
    int w = 0;
    for (size_t i = 0; i < n; i++) {
        const xw_pt a = p[i], b = p[(i + 1) % n];
        if (a.y <= q.y && b.y > q.y && xw_orient(a, b, q) > 0) w++;
        if (a.y > q.y && b.y <= q.y && xw_orient(a, b, q) < 0) w--;
    }
    return w;
}

static void test_random_rings_become_valid_areas_over_the_same_land(void **state)
{
    enum { N = 300, M = 9, REACH = 3000 };
    xw_rng r = rng_from_env("random rings");
    static char csv[N * 400];
    static xw_pt given[N][M];
    size_t count[N], at = (size_t)snprintf(csv, sizeof csv, "WKT,building_id\n");
    (void)state;
    for (size_t i = 0; i < N; i++) {
        count[i] = 3 + xw_rng_below(&r, M - 2);
        at += (size_t)snprintf(csv + at, sizeof csv - at, "\"POLYGON((");
        for (size_t k = 0; k <= count[i]; k++) {
            if (k < count[i]) {
                given[i][k] = (xw_pt){(int32_t)(1160000000 + 10000 * i) + xw_rng_in(&r, 0, REACH),
                                      400000000 + xw_rng_in(&r, 0, REACH)};
            }
            const xw_pt p = given[i][k % count[i]];
            at += (size_t)snprintf(csv + at, sizeof csv - at, "%s%.7f %.7f", k ? "," : "",
                                   xw_deg(p.x), xw_deg(p.y));
        }
        at += (size_t)snprintf(csv + at, sizeof csv - at, "))\",b%zu\n", i);
    }
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, csv);
    xw_territory t;
    xw_import_counts n;
    read_all(PLAIN, &t, &n);
    assert_int_equal(n.buildings_used, N);
    GEOSContextHandle_t geos = GEOS_init_r();
    size_t odd_only = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(is_valid_area(geos, &t, t.buildings[i].area));
        for (int k = 0; k < 50;
             k++) { /* rounding moves crossings by a unit or so: not near lines */
            const xw_pt q = {given[i][0].x / 10000 * 10000 + xw_rng_in(&r, 0, REACH),
                             400000000 + xw_rng_in(&r, 0, REACH)};
            bool near = false;
            for (size_t e = 0; e < count[i]; e++) {
                const xw_pt a = given[i][e], b = given[i][(e + 1) % count[i]];
                const double len = hypot((double)b.x - a.x, (double)b.y - a.y);
                const double cross = ((double)b.x - a.x) * ((double)q.y - a.y) -
                                     ((double)b.y - a.y) * ((double)q.x - a.x);
                near |= fabs(cross) <= 4.0 * fmax(len, 1.0);
            }
            if (near) continue;
            const int w = winding(given[i], count[i], q);
            const bool owned = xw_area_owns(&t, t.buildings[i].area, q);
            if (w & 1) assert_true(owned);
            if (w == 0) assert_false(owned);
            odd_only += (w & 1) && owned;
        }
    }
    assert_true(odd_only > 500);
    GEOS_finish_r(geos);
    xw_territory_finish(&t);
}

/* ---- the rule for households ----------------------------------------------------------------- */

static void test_households_follow_the_stated_rule(void **state)
{
    static const struct {
        const char *use;
        int m2, floors; /* 0: not given */
        int households, floors_out;
    } rows[] = {
        {"apartments", 500, 6, 24, 6}, /* round(0.8 * 500 / 90) = 4 on each floor */
        {"apartments", 500, 0, 24, 6}, {"apartments", 200, 0, 6, 3}, {"residential", 60, 4, 4, 4},
        {"apartments", 15, 2, 0, 2},   {"house", 150, 0, 1, 2},      {"house", 240, 0, 2, 2},
        {"house", 90, 3, 1, 3},        {"house", 180, 3, 2, 3},      {"house", 15, 1, 0, 1},
        {"garage", 300, 3, 0, 3},      {"office", 900, 9, 0, 9},     {"school", 900, 2, 0, 2},
        {"yes", 40, 0, 0, 1},          {"yes", 150, 0, 1, 1},        {"yes", 300, 0, 2, 1},
        {"yes", 900, 0, 0, 1},         {"yes", 900, 5, 40, 5},       {"民房", 150, 0, 1, 2},
        {"单元楼", 500, 6, 24, 6},     {"厂房", 5000, 2, 0, 2},
    };
    char csv[6000] = "WKT,building_id,use,floors\n";
    const xw_scale s = xw_scale_at(400000000);
    xw_territory t;
    xw_import_counts n;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t at = strlen(csv);
        const double x = 116.0 + 0.01 * (double)i, side = sqrt((double)rows[i].m2 + 0.5) * 1e-7;
        (void)snprintf(csv + at, sizeof csv - at,
                       "\"POLYGON((%.7f 40,%.7f 40,%.7f %.7f,%.7f %.7f,%.7f 40))\",b%zu,%s,%.0d\n",
                       x, x + side / s.mx, x + side / s.mx, 40 + side / s.my, x, 40 + side / s.my,
                       x, i, rows[i].use, rows[i].floors);
    }
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, csv);
    read_all(PLAIN, &t, &n);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "b%zu", i);
        const xw_building *b = find_building(&t, id);
        assert_non_null(b);
        if (b->households != rows[i].households || b->floors != rows[i].floors_out) {
            fail_msg("%s of %d m2: %d households, %d floors", rows[i].use, rows[i].m2,
                     b->households, b->floors);
        }
        assert_true(b->estimated && b->height_m == 3.0F * (float)b->floors);
    }
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dirty_buildings_are_repaired_or_listed_each_with_its_reason),
        cmocka_unit_test(test_random_rings_become_valid_areas_over_the_same_land),
        cmocka_unit_test(test_households_follow_the_stated_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
