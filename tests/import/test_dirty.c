/* What is wrong in real files, format by format: each case has its rule (data/dirty.md), is counted
 * and placed. */
#include "support/test.h"

#include "layer_file.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>

#include <math.h>
#include <stdio.h>

static size_t count(const xw_territory *t, const char *kind)
{
    return count_findings(t, kind, NULL);
}

static const char *text_of(const xw_territory *t, const char *kind)
{
    xw_finding f = {0};
    if (count_findings(t, kind, &f) == 0) fail_msg("no finding %s", kind);
    return xw_territory_text(t, f.text);
}

static double area2(const xw_territory *t, const char *id)
{
    const xw_building *b = find_building(t, id);
    if (!b) fail_msg("no building %s", id);
    double sum = 0.0;
    for (uint32_t i = 0; i < b->area.n_rings; i++) {
        sum += (double)xw_ring_area2(xw_territory_ring(t, b->area.first_ring + i));
    }
    return sum;
}

/* ---- rings ------------------------------------------------------------------------------------
 */

static const row rings[] = {
    {"POLYGON((116 40,116.0001 40,116.0001 40.0001,116 40.0001,116 40))", "square", "", 1},
    {"POLYGON((116.001 40,116.001 40.0001,116.0011 40.0001,116.0011 40,116.001 40))", "clockwise",
     "", 1},
    {"POLYGON((116.002 40,116.0021 40.0001,116.0021 40,116.002 40.0001,116.002 40))", "bow", "", 1},
    {"POLYGON((116.003 40,116.0031 40,116.0031 40.0001,116.0031 40.0005,116.0031 40.0001,"
     "116.003 40.0001,116.003 40))",
     "spike", "", 1},
    {"POLYGON((116.004 40,116.0041 40,116.0041 40,116.0041 40,116.0041 40.0001,116.004 40.0001,"
     "116.004 40))",
     "again", "", 1},
    {"POLYGON((116.005 40,116.0052 40,116.0051 40.0001,116.0052 40.0002,116.005 40.0002,"
     "116.0051 40.0001,116.005 40))",
     "touch", "", 1},
    {"POLYGON((116.006 40,116.0064 40,116.0064 40.0004,116.006 40.0004,116.006 40),"
     "(116.0061 40.0001,116.0063 40.0001,116.0063 40.0003,116.0061 40.0003,116.0061 40.0001))",
     "turned", "", 1},
    {"POLYGON((116.007 40,116.008 40,116.008 40.0000001,116.007 40.0000001,116.007 40))", "sliver",
     "", 1},
    {"POLYGON((116.009 40,116.0090000001 40,116.009 40.0000000001,116.009 40))", "speck", "", 4},
    {"MULTIPOLYGON(((116.01 40,116.0101 40,116.0101 40.0001,116.01 40)),((116.011 40,116.0111 40,"
     "116.0111 40.0001,116.011 40)))",
     "two", "", 1},
    {NULL, "null", "", 7},
};
enum { N_RINGS = sizeof rings / sizeof rings[0] };

static void check_rings(const xw_territory *t, const char *driver)
{
    const bool shape = strcmp(driver, "ESRI Shapefile") == 0;
    assert_true(area2(t, "square") == 2e6 && area2(t, "clockwise") == 2e6);
    assert_true(area2(t, "bow") == 1e6 && area2(t, "spike") == 2e6 && area2(t, "again") == 2e6);
    assert_true(area2(t, "touch") == 4e6);
    assert_true(area2(t, "turned") == 2.0 * (4000.0 * 4000.0 - 2000.0 * 2000.0));
    assert_true(area2(t, "sliver") == 2e4 && area2(t, "speck") == 18);
    assert_int_equal(find_building(t, "speck")->households, 4);
    assert_int_equal(find_building(t, "two")->area.n_rings, 2);
    assert_int_equal(count(t, "building-repaired"), 3);
    assert_int_equal(count(t, "building-collapsed"), 1);
    assert_int_equal(count(t, "building-empty"), 1);
    assert_int_equal(count(t, "vertex-repeated"), 1);
    assert_non_null(strstr(text_of(t, "vertex-repeated"), "2 of 11 features"));
    /* the driver of shapefiles turns the rings itself */
    assert_int_equal(count(t, "ring-turned"), shape ? 0 : 1);
}

static void test_rings_are_repaired_alike_in_every_format(void **state)
{
    static const char *const wkt[] = {"GEOMETRY=AS_WKT", NULL};
    const layer_file files[] = {
        {"GPKG", "/vsimem/d/buildings.gpkg", "buildings", "EPSG:4326", NULL, wkbUnknown, false},
        {"GeoJSON", "/vsimem/d/buildings.geojson", "buildings", "EPSG:4326", NULL, wkbUnknown,
         false},
        {"ESRI Shapefile", "/vsimem/d/buildings.shp", "buildings", "EPSG:4326", NULL, wkbPolygon,
         false},
        {"CSV", "/vsimem/d/buildings.csv", "buildings", NULL, wkt, wkbUnknown, false},
    };
    double first[N_RINGS] = {0};
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        write_layer(files[k], rings, N_RINGS);
        xw_territory t;
        xw_import_counts c;
        read_all((xw_import_options){.roads = ROADS, .buildings = files[k].path}, &t, &c);
        assert_int_equal(c.buildings_in, N_RINGS);
        assert_int_equal(c.buildings_used, N_RINGS - 1);
        check_rings(&t, files[k].driver);
        for (size_t i = 0; i + 1 < N_RINGS; i++) {
            if (k == 0) first[i] = area2(&t, rings[i].id);
            assert_true(area2(&t, rings[i].id) == first[i]);
        }
        xw_territory_finish(&t);
        remove_file(files[k].path);
    }
}

static void test_an_unclosed_ring_is_closed_and_told_once_a_layer(void **state)
{
    static const char json[] =
        "{\"type\":\"FeatureCollection\",\"features\":["
        "{\"type\":\"Feature\",\"properties\":{\"id\":\"open\"},\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[116,40],[116.001,40],[116.001,40.001],[116,40.001]]]}},"
        "{\"type\":\"Feature\",\"properties\":{\"id\":\"too\"},\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[117,40],[117.001,40],[117.001,40.001],[117,40.001]]]}}]}";
    xw_territory t;
    xw_import_counts n;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text("/vsimem/open.geojson", json);
    read_all((xw_import_options){.roads = ROADS, .buildings = "/vsimem/open.geojson"}, &t, &n);
    assert_true(area2(&t, "open") == 2e8);
    assert_int_equal(count(&t, "ring-unclosed"), 1);
    assert_non_null(strstr(text_of(&t, "ring-unclosed"), "2 of 2 features"));
    xw_territory_finish(&t);
    (void)VSIUnlink("/vsimem/open.geojson");
}

static void test_heights_measures_and_arcs_are_left_out_and_drawn(void **state)
{
    static const row rows[] = {
        {"POLYGON ZM((116 40 5 1,116.001 40 5 1,116.001 40.001 5 1,116 40 5 1))", "zm", "", 1},
        {"CURVEPOLYGON(CIRCULARSTRING(117 40,117.001 40.001,117.002 40,117.001 39.999,117 40))",
         "circle", "", 1},
        {"MULTISURFACE(CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(118 40,118.001 40.001,118.002 "
         "40),(118.002 40,118 40))),((119 40,119.001 40,119.001 40.001,119 40)))",
         "surface", "", 1},
    };
    static const row ways[] = {
        {"LINESTRING Z(116 40 1,116.01 40 2)", "r1", "", -1},
        {"CIRCULARSTRING(116 40,116.01 40.01,116.02 40)", "r2", "", -1},
        {"MULTICURVE((116 40,116.01 40),COMPOUNDCURVE((116 41,116.1 41),CIRCULARSTRING(116.1 "
         "41,116.11 41.01,116.12 41)))",
         "r3", "", -1},
    };
    const char *const path = "/vsimem/curves.gpkg", *const roads = "/vsimem/arcs.gpkg";
    xw_territory t;
    xw_import_counts n;
    (void)state;
    write_layer((layer_file){"GPKG", path, "buildings", "EPSG:4326", NULL, wkbUnknown, false}, rows,
                3);
    write_layer((layer_file){"GPKG", roads, "roads", "EPSG:4326", NULL, wkbUnknown, false}, ways,
                3);
    read_all((xw_import_options){.roads = roads, .buildings = path}, &t, &n);
    assert_int_equal(n.buildings_used, 3);
    const double circle = 2.0 * 3.14159265 * 1e8;
    assert_true(fabs(area2(&t, "circle") / circle - 1.0) < 0.002);
    assert_true(fabs(area2(&t, "surface") / (circle / 2.0 + 1e8) - 1.0) < 0.002);
    assert_int_equal(count(&t, "z-dropped"), 2);   /* one a layer */
    assert_int_equal(count(&t, "curve-drawn"), 2); /* likewise */
    assert_int_equal(count(&t, "vertex-repeated"), 0);
    assert_int_equal(t.n_barriers, 4);
    xw_territory_finish(&t);
    remove_file(path);
    remove_file(roads);
}

/* ---- points and lines among areas ----------------------------------------------------------- */

static const row mixed[] = {
    {"POLYGON((116 40,116.001 40,116.001 40.001,116 40.001,116 40))", "house", "", -1},
    {"POINT(116.0005 40.0005)", "label", "", 3},
    {"POINT(116.0006 40.0005)", "label2", "", 2},
    {"POLYGON((117 40,117.001 40,117.001 40.001,117 40.001,117 40))", "counted", "", 9},
    {"POINT(117.0005 40.0005)", "label3", "", 4},
    {"POINT(116.5 40)", "hut", "小屋", 2},
    {"POINT(116.5 40)", "hut2", "", 1},
    {"MULTIPOINT((116.6 40))", "hut3", "", -1},
    {"LINESTRING(118 40,118.001 40,118.001 40.001,118 40)", "drawn", "", 1},
    {"LINESTRING(119 40,119.001 40)", "line", "", 1},
    {"GEOMETRYCOLLECTION(POINT(120 40),POLYGON((120 40,120.001 40,120.001 40.001,120 40)))", "both",
     "", 1},
    {"POLYGON EMPTY", "empty", "", 1},
};

static void check_mixed(const xw_territory *t, const xw_import_counts *n)
{
    assert_int_equal(n->buildings_in, 12);
    assert_int_equal(n->buildings_used, 6);
    assert_int_equal(n->buildings_listed, 6);
    assert_int_equal(find_building(t, "house")->households, 5); /* of its two labels */
    assert_int_equal(find_building(t, "counted")->households, 9);
    assert_int_equal(count(t, "building-point-inside"), 4);
    const xw_building *hut = find_building(t, "hut");
    assert_int_equal(hut->households, 3); /* two points at one place are one building */
    assert_string_equal(xw_territory_text(t, hut->name), "小屋");
    assert_true(fabs(xw_area_m2(t, hut->area) - 25.0) < 0.5);
    assert_int_equal(count(t, "building-point"), 2);
    assert_non_null(find_building(t, "hut3"));
    assert_true(area2(t, "drawn") == 1e8);
    assert_int_equal(count(t, "ring-from-line"), 1);
    assert_int_equal(count(t, "building-no-area"), 1);
    assert_int_equal(count(t, "part-ignored"), 1);
    assert_int_equal(count(t, "building-empty"), 1);
    assert_int_equal(n->households_given + n->households_counted + n->households_estimated,
                     n->buildings_used);
}

static void test_points_and_lines_among_footprints_have_their_rules(void **state)
{
    const char *const path = "/vsimem/mixed.gpkg";
    const layer_file to = {"GPKG", path, "buildings", "EPSG:4326", NULL, wkbUnknown, false};
    row turned[12];
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    for (size_t i = 0; i < 12; i++) turned[i] = mixed[11 - i];
    for (int k = 0; k < 2; k++) { /* the order of the file is nothing */
        xw_territory t;
        xw_import_counts n;
        write_layer(to, k ? turned : mixed, 12);
        read_all((xw_import_options){.roads = ROADS, .buildings = path}, &t, &n);
        check_mixed(&t, &n);
        xw_territory_finish(&t);
        remove_file(path);
    }
}

static void test_a_layer_of_points_alone_is_no_building_layer(void **state)
{
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, "WKT,id\n\"POINT(116 40)\",a\n\"POINT(116 41)\",b\n");
    refuse(PLAIN, XW_INPUT, "none of 2 features has an area");
}

static void test_of_twins_the_one_with_households_stays_in_any_order(void **state)
{
    static const char ring[] = "\"POLYGON((116 40,116.001 40,116.001 40.001,116 40))\"";
    static const char *const rows[] = {"c,", "b,5", "a,3", "d,5"};
    char csv[1000];
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    for (size_t turn = 0; turn < 4; turn++) {
        xw_territory t;
        xw_import_counts n;
        size_t at = (size_t)snprintf(csv, sizeof csv, "WKT,id,households\n");
        for (size_t i = 0; i < 4; i++) {
            at +=
                (size_t)snprintf(csv + at, sizeof csv - at, "%s,%s\n", ring, rows[(i + turn) % 4]);
        }
        put_text(HOUSES, csv);
        read_all(PLAIN, &t, &n);
        assert_int_equal(t.n_buildings, 1);
        assert_int_equal(find_building(&t, "b")->households, 5);
        assert_int_equal(count(&t, "building-duplicate"), 3);
        assert_int_equal(n.households_given, 1);
        assert_int_equal(n.households_estimated, 0);
        xw_territory_finish(&t);
    }
}

static void test_numbers_nobody_has_are_taken_as_not_given(void **state)
{
    xw_territory t;
    xw_import_counts n;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, "WKT,id,households,floors,height\n"
                     "\"POLYGON((116 40,116.0001 40,116.0001 40.0001,116 40))\",a,1e9,9999,5\n"
                     "\"POLYGON((117 40,117.0001 40,117.0001 40.0001,117 40))\",b,-2,-1,1e6\n"
                     "\"POLYGON((118 40,118.0001 40,118.0001 40.0001,118 40))\",c,many,,\n");
    read_all(PLAIN, &t, &n);
    assert_int_equal(count(&t, "building-households"), 2);
    assert_int_equal(count(&t, "building-attribute"), 3);
    assert_int_equal(find_building(&t, "a")->floors, 1);
    assert_int_equal(n.households_estimated, 3);
    xw_territory_finish(&t);
}

/* ---- text ----------------------------------------------------------------------------------- */

#define SHAPE "/vsimem/enc/roads.shp"

/* 和平路 in the bytes of an encoding, with or without .cpg, and the language byte in the .dbf. */
static void write_text(const char *encoding, const char *name, bool cpg, int language)
{
    char option[40];
    (void)snprintf(option, sizeof option, "ENCODING=%s", encoding);
    const char *const options[] = {option, NULL};
    const row r[] = {{"LINESTRING(116 40,116.01 40)", "r1", name, -1}};
    write_layer(
        (layer_file){"ESRI Shapefile", SHAPE, "roads", "EPSG:4326", options, wkbLineString, false},
        r, 1);
    if (!cpg) (void)VSIUnlink("/vsimem/enc/roads.cpg");
    if (language < 0) return;
    VSILFILE *f = VSIFOpenL("/vsimem/enc/roads.dbf", "r+b");
    assert_non_null(f);
    const unsigned char byte = (unsigned char)language;
    assert_int_equal(VSIFSeekL(f, 29, SEEK_SET), 0);
    assert_int_equal(VSIFWriteL(&byte, 1, 1, f), 1);
    assert_int_equal(VSIFCloseL(f), 0);
}

static void expect_text(const char *encoding, const char *name, size_t noted)
{
    xw_territory t;
    xw_import_counts n;
    xw_import_options o = {.roads = SHAPE, .buildings = HOUSES, .encoding = encoding};
    read_all(o, &t, &n);
    assert_string_equal(xw_territory_text(&t, find_barrier(&t, "r1")->name), name);
    assert_int_equal(count(&t, "text-encoding"), noted);
    xw_territory_finish(&t);
    remove_file(SHAPE);
}

static void test_text_of_shapefiles_is_read_whatever_they_say(void **state)
{
    (void)state;
    put_text(HOUSES, PLAIN_HOUSES);
    write_text("CP936", "和平路", true, -1);
    expect_text(NULL, "和平路", 0);
    write_text("UTF-8", "和平路", true, -1);
    expect_text(NULL, "和平路", 0);
    write_text("CP936", "和平路", false, 0x4d);
    expect_text(NULL, "和平路", 0);
    write_text("CP936", "和平路", false, 0);
    expect_text(NULL, "和平路", 1);
    write_text("CP936", "和平路", false, 0x57);
    expect_text(NULL, "和平路", 1);
    write_text("UTF-8", "和平路", false, 0x57);
    expect_text(NULL, "和平路", 0);
    write_text("ISO-8859-1", "Hauptstraße", false, 0x57);
    expect_text(NULL, "Hauptstraße", 1);
    write_text("BIG5", "和平路", false, 0x57);
    expect_text("BIG5", "和平路", 0);
    write_text("CP936", "和平路", false, 0x57);
    expect_text("GBK", "和平路", 0);
    xw_import_options o = PLAIN;
    o.encoding = "klingon";
    put_text(ROADS, PLAIN_ROADS);
    refuse(o, XW_INPUT, "encoding \"klingon\" is not known");
}

/* ---- households from addresses --------------------------------------------------------------- */

static void test_doors_are_dwellings_and_numbers_the_least_of_them(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_import_options o = PLAIN;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, "WKT,id,households,use\n"
                     "\"POLYGON((116 40,116.0002 40,116.0002 40.0002,116 40))\",tower,,住宅\n"
                     "\"POLYGON((117 40,117.0002 40,117.0002 40.0002,117 40))\",row,,民房\n"
                     "\"POLYGON((118 40,118.0002 40,118.0002 40.0002,118 40))\",given,7,\n"
                     "\"POLYGON((119 40,119.0002 40,119.0002 40.0002,119 40))\",school,,学校\n"
                     "\"POLYGON((120 40,120.0002 40,120.0002 40.0002,120 40))\",text,,\n");
    put_text(
        "/vsimem/doors.csv",
        "WKT,street,number,door,text\n"
        "\"POINT(116.00015 40.0001)\",和平路,12,101,\n\"POINT(116.00015 40.0001)\",和平路,12,102,\n"
        "\"POINT(116.00015 40.0001)\",和平路,12,102,\n\"POINT(116.00015 "
        "40.0001)\",和平路,12,201室,\n"
        "\"POINT(116.00015 40.0001)\",和平路,12,,\n"
        "\"POINT(117.00015 40.0001)\",和平路,1,,\n\"POINT(117.00015 40.0001)\",和平路,3,,\n"
        "\"POINT(117.00015 40.0001)\",和平路,5,,\n"
        "\"POINT(118.00015 40.0001)\",和平路,7,1,\n"
        "\"POINT(119.00015 40.0001)\",和平路,9,,\n\"POINT(119.00015 40.0001)\",和平路,11,,\n"
        "\"POINT(120.00015 40.0001)\",,,,幸福小区3幢2单元501室\n"
        "\"POINT(120.00015 40.0001)\",,,,幸福小区3幢2单元502室\n"
        "\"POINT(121 40)\",,,,\n,和平路,99,,\n");
    o.addresses = "/vsimem/doors.csv";
    o.crs = "wgs84";
    read_all(o, &t, &n);
    assert_int_equal(find_building(&t, "tower")->households, 3);
    assert_int_equal(find_building(&t, "row")->households, 3);
    assert_int_equal(find_building(&t, "given")->households, 7);
    assert_int_equal(find_building(&t, "school")->households, 0);
    assert_int_equal(find_building(&t, "text")->households, 2);
    assert_true(n.households_given == 1 && n.households_counted == 3 &&
                n.households_estimated == 1);
    assert_string_equal(xw_territory_text(&t, t.addresses[0].text), "和平路12号101室");
    assert_int_equal(count(&t, "address-blank"), 1);
    assert_int_equal(count(&t, "address-empty"), 1);
    xw_territory_finish(&t);
    (void)VSIUnlink("/vsimem/doors.csv");
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
        cmocka_unit_test(test_rings_are_repaired_alike_in_every_format),
        cmocka_unit_test(test_an_unclosed_ring_is_closed_and_told_once_a_layer),
        cmocka_unit_test(test_heights_measures_and_arcs_are_left_out_and_drawn),
        cmocka_unit_test(test_points_and_lines_among_footprints_have_their_rules),
        cmocka_unit_test(test_a_layer_of_points_alone_is_no_building_layer),
        cmocka_unit_test(test_of_twins_the_one_with_households_stays_in_any_order),
        cmocka_unit_test(test_numbers_nobody_has_are_taken_as_not_given),
        cmocka_unit_test(test_text_of_shapefiles_is_read_whatever_they_say),
        cmocka_unit_test(test_doors_are_dwellings_and_numbers_the_least_of_them),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
