#include "xiwang/crs.h"
#include "xiwang/ring.h"

#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

static double metres(double lon_a, double lat_a, double lon_b, double lat_b)
{
    const xw_scale s = xw_scale_at((int32_t)(lat_a * XW_UNITS_PER_DEG));
    return hypot((lon_a - lon_b) * s.mx, (lat_a - lat_b) * s.my) * XW_UNITS_PER_DEG;
}

static void test_design_vectors_come_out_to_the_last_digit(void **state)
{
    static const double v[3][6] = {
        {119.1315, 26.1500, 119.136449415, 26.146971642, 119.142911111, 26.153087351},
        {119.2100, 26.0650, 119.214795336, 26.061894028, 119.221388441, 26.067553474},
        {119.0500, 26.5500, 119.054943694, 26.546774044, 119.061406456, 26.553031632},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        double gx, gy, bx, by;
        xw_gcj02_from_wgs84(v[i][0], v[i][1], &gx, &gy);
        xw_bd09_from_gcj02(gx, gy, &bx, &by);
        assert_true(fabs(gx - v[i][2]) < 1e-9 && fabs(gy - v[i][3]) < 1e-9);
        assert_true(fabs(bx - v[i][4]) < 1e-9 && fabs(by - v[i][5]) < 1e-9);
    }
}

static void test_the_way_back_is_within_a_millimetre(void **state)
{
    xw_rng r = rng_from_env("gcj inverse");
    xw_crs *bd = NULL;
    xw_error err;
    (void)state;
    assert_int_equal(xw_crs_create("bd09", &bd, &err), XW_OK);
    assert_true(xw_crs_error_m(bd) == 5.0 && !xw_crs_is_projected(bd));
    for (int i = 0; i < 20000; i++) {
        const double lon = 72.1 + 65.6 * xw_rng_unit(&r), lat = 0.9 + 54.8 * xw_rng_unit(&r);
        double x, y, lon2, lat2;
        xw_gcj02_from_wgs84(lon, lat, &x, &y);
        assert_true(metres(lon, lat, x, y) > 1.0); /* it did shift */
        xw_wgs84_from_gcj02(x, y, &lon2, &lat2);
        assert_true(metres(lon, lat, lon2, lat2) < 0.001);
        assert_int_equal(xw_crs_from_deg(bd, lon, lat, &x, &y, &err), XW_OK);
        assert_int_equal(xw_crs_to_deg(bd, x, y, &lon2, &lat2, &err), XW_OK);
        assert_true(metres(lon, lat, lon2, lat2) < 0.001);
    }
    xw_crs_destroy(bd);
}

static void test_outside_china_nothing_shifts(void **state)
{
    static const double at[][2] = {{9.52, 47.14}, {-71.1, 42.37}, {139.7, 35.7}, {110.0, -7.0}};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        double x, y;
        xw_gcj02_from_wgs84(at[i][0], at[i][1], &x, &y);
        assert_true(x == at[i][0] && y == at[i][1]);
        xw_wgs84_from_gcj02(x, y, &x, &y);
        assert_true(x == at[i][0] && y == at[i][1]);
    }
}

static bool pair_after(const char **s, const char *key, double out[2])
{
    const char *p = strstr(*s, key);
    if (!p || !(p = strchr(p, '['))) return false;
    char *end;
    out[0] = strtod(p + 1, &end);
    if (*end != ',') return false;
    out[1] = strtod(end + 1, &end);
    *s = end;
    return true;
}

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    const size_t n = fread(text, 1, (1 << 20) - 1, f);
    (void)fclose(f);
    text[n] = '\0';
    return text;
}

static void test_published_places_agree(void **state)
{
    const char *shared = getenv("XW_SHARED");
    char path[512];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/data/vectors/gcj-bd-wgs84-cities.json",
                   shared ? shared : XW_TEST_SHARED);
    char *text = read_all(path);
    if (!text) {
        print_message("# %s is absent, skipped\n", path);
        skip();
    }
    const char *at = text;
    double w[2], g[2], b[2];
    double bd_worst = 0.0, back_worst = 0.0, low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
    int n = 0;
    while (pair_after(&at, "\"WGS84\"", w) && pair_after(&at, "\"GCJ02\"", g) &&
           pair_after(&at, "\"BD09\"", b)) {
        double x, y, lon, lat;
        xw_bd09_from_gcj02(g[0], g[1], &x, &y);
        bd_worst = fmax(bd_worst, fmax(fabs(x - b[0]), fabs(y - b[1])));
        xw_gcj02_from_wgs84(w[0], w[1], &x, &y);
        const double off[2] = {copysign(metres(x, w[1], g[0], w[1]), x - g[0]),
                               copysign(metres(w[0], y, w[0], g[1]), y - g[1])};
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], off[k]);
            high[k] = fmax(high[k], off[k]);
        }
        xw_wgs84_from_gcj02(x, y, &lon, &lat);
        back_worst = fmax(back_worst, metres(lon, lat, w[0], w[1]));
        n++;
    }
    free(text);
    print_message("# %d places: BD-09 within %.2f of the 7th decimal; GCJ-02 %.3f to %.3f m east, "
                  "%.3f to %.3f m north; back within %.6f m\n",
                  n, bd_worst * 1e7, low[0], high[0], low[1], high[1], back_worst);
    assert_true(n > 600);
    /* half a unit of the 7th decimal in what is read and half in what is compared */
    assert_true(bd_worst <= 1.0001e-7);
    /* The list was made by a program that adds some half a metre to both axes, the same everywhere
     * but for a few centimetres; the vectors of the design do not have it. */
    for (int k = 0; k < 2; k++) assert_true(low[k] > -0.6 && high[k] < -0.4);
    assert_true(high[0] - low[0] < 0.11 && high[1] - low[1] < 0.11);
    assert_true(back_worst < 0.001);
}

/* Meridian arc of the ellipsoid by Simpson's rule: an oracle that shares nothing with PROJ. */
static double meridian_m(double lat_deg)
{
    const double a = 6378137.0, f = 1.0 / 298.257222101, e2 = f * (2.0 - f);
    const int n = 20000;
    const double h = lat_deg / 180.0 * PI / n;
    double sum = 0.0;
    for (int i = 0; i <= n; i++) {
        const double s = sin(i * h), m = a * (1.0 - e2) / pow(1.0 - e2 * s * s, 1.5);
        sum += m * (i == 0 || i == n ? 1.0 : i % 2 ? 4.0 : 2.0);
    }
    return sum * h / 3.0;
}

static void test_cgcs2000_zone_matches_the_meridian_arc(void **state)
{
    xw_crs *c = NULL;
    xw_error err;
    double x, y, lon, lat;
    (void)state;
    assert_int_equal(xw_crs_create("EPSG:4547", &c, &err), XW_OK); /* 3-degree, 114 E */
    assert_true(xw_crs_is_projected(c) && xw_crs_error_m(c) == 0.0);
    for (lat = 5.0; lat < 55.0; lat += 7.0) {
        double back;
        assert_int_equal(xw_crs_from_deg(c, 114.0, lat, &x, &y, &err), XW_OK);
        assert_true(fabs(x - 500000.0) < 1e-4 && fabs(y - meridian_m(lat)) < 1e-3);
        assert_int_equal(xw_crs_to_deg(c, x, y, &lon, &back, &err), XW_OK);
        assert_true(fabs(lon - 114.0) < 1e-10 && fabs(back - lat) < 1e-10);
    }
    xw_crs_destroy(c);
}

static void test_longitude_comes_first_in_every_geographic_crs(void **state)
{
    static const char *const names[] = {"wgs84",     "cgcs2000",      "WGS84",
                                        "EPSG:4326", "EPSG:4490",     "OGC:CRS84",
                                        "EPSG:4258", "+proj=longlat", "urn:ogc:def:crs:EPSG::4326"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        xw_crs *c = NULL;
        xw_error err;
        xw_pt p;
        assert_int_equal(xw_crs_create(names[i], &c, &err), XW_OK);
        assert_false(xw_crs_is_projected(c));
        assert_int_equal(xw_crs_to_lattice(c, 116.3912345, 39.9072345, &p, &err), XW_OK);
        assert_true(abs(p.x - 1163912345) < 100 && abs(p.y - 399072345) < 100);
        xw_crs_destroy(c);
    }
}

static void test_unknown_names_and_bad_numbers_are_input_errors(void **state)
{
    static const char *const names[] = {"foo", "", "EPSG:999999", "China", "+proj=nonsense"};
    xw_crs *c = NULL;
    xw_error err;
    double x, y;
    xw_pt p;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(xw_crs_create(names[i], &c, &err), XW_INPUT);
        assert_null(c);
        assert_non_null(strstr(err.text, names[i]));
    }
    assert_int_equal(xw_crs_create("wgs84", &c, NULL), XW_OK);
    assert_int_equal(xw_crs_to_deg(c, NAN, 1.0, &x, &y, &err), XW_INPUT);
    assert_int_equal(xw_crs_to_deg(c, 1.0, INFINITY, &x, &y, NULL), XW_INPUT);
    assert_int_equal(xw_crs_to_lattice(c, 180.5, 0.0, &p, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "180.5"));
    assert_int_equal(xw_crs_to_lattice(c, 0.0, -90.1, &p, &err), XW_INPUT);
    assert_int_equal(xw_crs_from_deg(c, 200.0, 0.0, &x, &y, &err), XW_INPUT);
    xw_crs_destroy(c);
    xw_crs_destroy(NULL);
}

static void test_no_memory_is_said(void **state)
{
    (void)state;
    xw_crs *c = NULL;
    xw_error err;
    fail_alloc_at(0);
    assert_int_equal(xw_crs_create("gcj02", &c, &err), XW_NOMEM);
    assert_true(fail_alloc_stop());
    assert_null(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_design_vectors_come_out_to_the_last_digit),
        cmocka_unit_test(test_the_way_back_is_within_a_millimetre),
        cmocka_unit_test(test_outside_china_nothing_shifts),
        cmocka_unit_test(test_published_places_agree),
        cmocka_unit_test(test_cgcs2000_zone_matches_the_meridian_arc),
        cmocka_unit_test(test_longitude_comes_first_in_every_geographic_crs),
        cmocka_unit_test(test_unknown_names_and_bad_numbers_are_input_errors),
        cmocka_unit_test(test_no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
