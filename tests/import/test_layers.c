/* The import of GIS layers, on made-up files in memory. */
#include "support/test.h"

#include "files.h"

#include "xiwang/crs.h"

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include <math.h>
#include <stdio.h>

#define WATER "/vsimem/water.csv"
#define RAIL  "/vsimem/rail.csv"
#define LAND  "/vsimem/land.csv"
#define DOORS "/vsimem/doors.csv"

static void test_road_classes_in_two_languages(void **state)
{
    static const struct {
        const char *word;
        unsigned cls;
    } rows[] = {
        {"motorway", XW_CLASS_MOTORWAY}, {"primary_link", XW_CLASS_PRIMARY},
        {"国道", XW_CLASS_TRUNK},        {"省道S306", XW_CLASS_PRIMARY},
        {"县道", XW_CLASS_SECONDARY},    {"乡道", XW_CLASS_TERTIARY},
        {"主干道", XW_CLASS_PRIMARY},    {"次干路", XW_CLASS_SECONDARY},
        {"城市支路", XW_CLASS_TERTIARY}, {"村道", XW_CLASS_RESIDENTIAL},
        {"机耕路", XW_CLASS_TRACK},      {"Tertiary", XW_CLASS_TERTIARY},
        {"wall", XW_CLASS_WALL},         {"nonsense", XW_CLASS_RESIDENTIAL},
    };
    char csv[4000] = "WKT,fclass,id,bridge,tunnel\n";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t at = strlen(csv);
        (void)snprintf(csv + at, sizeof csv - at,
                       "\"LINESTRING(116 40.%02zu,116.01 40)\",%s,r%zu,%s\n", i, rows[i].word, i,
                       i == 0   ? "T,F"
                       : i == 1 ? "0,1"
                                : "no,");
    }
    put_text(ROADS, csv);
    put_text(HOUSES, PLAIN_HOUSES);
    xw_territory t;
    xw_import_counts n;
    xw_finding f = {0};
    read_all(PLAIN, &t, &n);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "r%zu", i);
        const xw_barrier *b = find_barrier(&t, id);
        assert_non_null(b);
        if (b->cls != rows[i].cls) fail_msg("%s is %s", rows[i].word, xw_class_get(b->cls)->code);
        assert_int_equal(b->flags, i == 0                    ? XW_BARRIER_BRIDGE
                                   : i == 1                  ? XW_BARRIER_TUNNEL
                                   : b->cls == XW_CLASS_WALL ? XW_BARRIER_IMPASSABLE
                                                             : 0);
    }
    assert_int_equal(count_findings(&t, "class-unknown", &f), 1);
    assert_string_equal(
        xw_territory_text(&t, f.text),
        "roads.csv layer roads: 1 of 14 lines have no known class, taken for residential roads");
    assert_int_equal(f.at.x, 1160000000);
    xw_territory_finish(&t);
}

static void test_water_and_rail_layers_of_mixed_geometry(void **state)
{
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, PLAIN_HOUSES);
    put_text(WATER,
             "WKT,class,name,id\n"
             "\"LINESTRING(116 40,116.1 40.1)\",river,清河,w1\n"
             "\"LINESTRING(116 40,116.1 40.2)\",stream,,w2\n"
             "\"LINESTRING(116 40,116.1 40.3)\",,潮白河,w3\n"
             "\"LINESTRING(116 40,116.1 40.4)\",,,w4\n"
             "\"POLYGON((116 41,116.1 41,116 41.1,116 41))\",,平湖,w5\n"
             "\"GEOMETRYCOLLECTION(POINT(116 40),LINESTRING(116 40,117 40),POLYGON((116 41,116.1 "
             "41,116 41.1,116 41)))\",ditch,,w6\n");
    put_text(RAIL, "WKT,type,id\n\"MULTILINESTRING((116 40,117 40),(117 41,118 41))\",rail,x1\n"
                   "\"LINESTRING(116 40,117 40)\",tram,x2\n");
    xw_territory t;
    xw_import_counts n;
    (void)state;
    read_all((xw_import_options){.roads = ROADS, .buildings = HOUSES, .water = WATER, .rail = RAIL},
             &t, &n);
    assert_int_equal(find_barrier(&t, "w1")->cls, XW_CLASS_RIVER);
    assert_int_equal(find_barrier(&t, "w2")->cls, XW_CLASS_STREAM);
    assert_int_equal(find_barrier(&t, "w3")->cls, XW_CLASS_RIVER);
    assert_int_equal(find_barrier(&t, "w4")->cls, XW_CLASS_STREAM);
    assert_null(find_barrier(&t, "w5"));
    assert_int_equal(find_barrier(&t, "w6")->cls, XW_CLASS_STREAM);
    assert_int_equal(find_barrier(&t, "w6")->flags, XW_BARRIER_IMPASSABLE);
    assert_int_equal(t.n_waters, 2);
    assert_int_equal(t.n_barriers, 1 + 5 + 2);
    assert_null(find_barrier(&t, "x2"));
    assert_int_equal(n.water_in, 6);
    assert_int_equal(n.rail_in, 2);
    xw_territory_finish(&t);
}

/* ---- coordinate systems --------------------------------------------------------------------- */

/* A GeoPackage in memory with one layer of WKT rows. */
static void put_gpkg_layer(const char *path, const char *layer, const char *crs, bool append,
                           const char *const *wkt, size_t n)
{
    GDALDatasetH ds =
        append ? GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL)
               : GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(ds);
    OGRSpatialReferenceH srs = NULL;
    if (crs) {
        srs = OSRNewSpatialReference(NULL);
        assert_int_equal(OSRSetFromUserInput(srs, crs), OGRERR_NONE);
    }
    OGRLayerH l = GDALDatasetCreateLayer(ds, layer, srs, wkbUnknown, NULL);
    assert_non_null(l);
    for (size_t i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(l));
        OGRGeometryH g = NULL;
        char text[4000], *p = text;
        (void)snprintf(text, sizeof text, "%s", wkt[i]);
        assert_int_equal(OGR_G_CreateFromWkt(&p, srs, &g), OGRERR_NONE);
        assert_int_equal(OGR_F_SetGeometryDirectly(f, g), OGRERR_NONE);
        assert_int_equal(OGR_L_CreateFeature(l, f), OGRERR_NONE);
        OGR_F_Destroy(f);
    }
    if (srs) OSRRelease(srs);
    GDALClose(ds);
}

#define TOWN "/vsimem/town.gpkg"

static void test_projected_layers_share_their_long_edges_exactly(void **state)
{
    /* CGCS2000 3-degree zone 114 E; the common edge is 9 km long and runs both ways. */
    static const char *const road[] = {"LINESTRING(500000 4400000,500100 4400000)"};
    static const char *const house[] = {"POLYGON((500010 4400010,500020 4400010,500020 4400020,"
                                        "500010 4400010))"};
    static const char *const land[] = {
        "POLYGON((590000 4390000,590123 4399123,580000 4395000,590000 4390000))",
        "POLYGON((590000 4390000,600000 4395000,590123 4399123,590000 4390000))"};
    xw_territory t;
    xw_import_counts n;
    xw_crs *zone = NULL;
    size_t shared = 0, total = 0;
    (void)state;
    put_gpkg_layer(TOWN, "roads", "EPSG:4547", false, road, 1);
    put_gpkg_layer(TOWN, "building", "EPSG:4547", true, house, 1);
    put_gpkg_layer(TOWN, "land", "EPSG:4547", true, land, 2);
    read_all((xw_import_options){.roads = TOWN, .buildings = TOWN, .divisions = TOWN ":land"}, &t,
             &n);
    assert_int_equal(xw_crs_create("EPSG:4547", &zone, NULL), XW_OK);
    xw_pt p;
    assert_int_equal(xw_crs_to_lattice(zone, 500000, 4400000, &p, NULL), XW_OK);
    assert_true(xw_pt_eq(t.pts[t.barriers[0].first], p));
    assert_int_equal(t.n_divisions, 2);
    const xw_ring a = xw_territory_ring(&t, t.divisions[0].area.first_ring);
    const xw_ring b = xw_territory_ring(&t, t.divisions[1].area.first_ring);
    for (uint32_t i = 0; i < a.n; i++) {
        double x, y;
        for (uint32_t k = 0; k < b.n; k++) shared += xw_pt_eq(a.pts[i], b.pts[k]);
        assert_int_equal(
            xw_crs_from_deg(zone, xw_deg(a.pts[i].x), xw_deg(a.pts[i].y), &x, &y, NULL), XW_OK);
        total += fabs((x - 590000.0) * 9123.0 - (y - 4390000.0) * 123.0) / 9124.0 < 0.05;
    }
    assert_int_equal(shared, 47); /* ends, and 45 cuts of the 9 124 m into 46 pieces */
    assert_int_equal(total, shared);
    xw_crs_destroy(zone);
    xw_territory_finish(&t);
    (void)VSIUnlink(TOWN);
}

static void test_another_crs_can_be_said(void **state)
{
    xw_territory t;
    xw_import_counts n;
    double lon, lat;
    xw_pt p;
    xw_import_options o = PLAIN;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, PLAIN_HOUSES);
    o.crs = "gcj02";
    read_all(o, &t, &n);
    xw_wgs84_from_gcj02(116.0, 40.0, &lon, &lat);
    assert_true(xw_pt_from_deg(lon, lat, &p));
    assert_true(xw_pt_eq(t.pts[t.barriers[0].first], p));
    assert_int_equal(count_findings(&t, "crs-assumed", NULL), 0);
    xw_territory_finish(&t);
    o.crs = "mars";
    refuse(o, XW_INPUT, "\"mars\" is not known");
}

static void test_a_missing_crs_is_degrees_only_when_the_numbers_fit(void **state)
{
    xw_territory t;
    xw_import_counts n;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, PLAIN_HOUSES);
    read_all(PLAIN, &t, &n);
    assert_int_equal(count_findings(&t, "crs-assumed", NULL), 2);
    xw_territory_finish(&t);
    static const char *const road[] = {"LINESTRING(500000 4400000,500100 4400000)"};
    put_gpkg_layer(TOWN, "roads", NULL, false, road, 1);
    xw_import_options o = PLAIN;
    o.roads = TOWN;
    refuse(o, XW_INPUT, TOWN " layer roads: no coordinate reference system");
    (void)VSIUnlink(TOWN);
}

static void test_coordinates_that_are_all_bad_are_refused(void **state)
{
    static const char *const roads[] = {"LINESTRING(9e9 0,9e9 1)", "LINESTRING(1e300 0,0 1e300)"};
    (void)state;
    put_text(HOUSES, PLAIN_HOUSES);
    put_gpkg_layer(TOWN, "roads", "EPSG:4326", false, roads, 2);
    xw_import_options o = PLAIN;
    o.roads = TOWN;
    refuse(o, XW_INPUT, TOWN " layer roads: all coordinates are NaN or out of range");
    (void)VSIUnlink(TOWN);
}

/* ---- sources, layers, columns, texts --------------------------------------------------------- */

static void test_errors_name_file_layer_and_column(void **state)
{
    static const char *const none[] = {""};
    xw_import_options o = PLAIN;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, PLAIN_HOUSES);
    refuse((xw_import_options){.roads = ROADS}, XW_USAGE, "no buildings are named");
    refuse((xw_import_options){.buildings = HOUSES}, XW_USAGE, "no roads are named");
    o.roads = "nowhere.gpkg";
    refuse(o, XW_NOT_FOUND, "nowhere.gpkg: no such file");
    o.roads = "nowhere.gpkg:roads";
    refuse(o, XW_NOT_FOUND, "nowhere.gpkg: no such file");
    o.roads = "/vsimem/prose.gpkg";
    put_text(o.roads, "no map at all");
    refuse(o, XW_INPUT, "/vsimem/prose.gpkg: not GIS data");
    put_gpkg_layer(TOWN, "lanes", "EPSG:4326", false, none, 0);
    put_gpkg_layer(TOWN, "alleys", "EPSG:4326", true, none, 0);
    o.roads = TOWN ":highways";
    refuse(o, XW_INPUT, TOWN ": no layer \"highways\" among lanes, alleys");
    o.roads = TOWN;
    refuse(o, XW_INPUT, "which layer holds the roads? Say PATH:LAYER, one of lanes, alleys");
    o.roads = TOWN ":lanes";
    refuse(o, XW_INPUT, TOWN " layer lanes: has no features");
    o = PLAIN;
    o.col_households = "persons";
    refuse(o, XW_INPUT, "layer houses: no column \"persons\" among WKT, building_id, households");
    o = PLAIN;
    o.col_class = "kind";
    refuse(o, XW_INPUT, "layer roads: no column \"kind\" among WKT, class");
    o = PLAIN;
    o.roads = HOUSES;
    refuse(o, XW_INPUT, "no roads in " HOUSES);
    o = PLAIN;
    o.buildings = ROADS;
    refuse(o, XW_INPUT, "no buildings in " ROADS);
    (void)VSIUnlink(TOWN);
}

static void test_columns_can_be_named_and_values_carry_units(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_import_options o = PLAIN;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, "WKT,building_id,people,storeys_n,h\n"
                     "\"POLYGON((116 40,116.0002 40,116.0002 40.0001,116 40))\",a,9,5层,16.5 m\n"
                     "\"POLYGON((117 40,117.0002 40,117.0002 40.0001,117 40))\",b,,two,100 ft\n");
    o.col_households = "people";
    o.col_floors = "storeys_n";
    o.col_height = "h";
    read_all(o, &t, &n);
    const xw_building *a = find_building(&t, "a"), *b = find_building(&t, "b");
    assert_true(a->households == 9 && a->floors == 5 && a->height_m == 16.5F && !a->estimated);
    assert_true(b->floors == 10 && fabs((double)b->height_m - 30.48) < 1e-4 && b->estimated);
    assert_int_equal(n.households_given, 1);
    assert_int_equal(n.households_estimated, 1);
    xw_territory_finish(&t);
}

static void test_text_in_gbk_is_read(void **state)
{
    /* 和平路 in GBK */
    static const char gbk[] = "WKT,class,name,id\n\"LINESTRING(116 40,116.01 "
                              "40)\",residential,\xba\xcd\xc6\xbd\xc2\xb7,r1\n";
    static const char *const encodings[] = {NULL, "GBK"};
    (void)state;
    put_bytes(ROADS, gbk, sizeof gbk - 1);
    put_text(HOUSES, PLAIN_HOUSES);
    for (size_t i = 0; i < 2; i++) {
        xw_territory t;
        xw_import_counts n;
        xw_import_options o = PLAIN;
        o.encoding = encodings[i];
        read_all(o, &t, &n);
        assert_string_equal(xw_territory_text(&t, find_barrier(&t, "r1")->name), "和平路");
        xw_territory_finish(&t);
    }
}

/* ---- divisions and addresses ----------------------------------------------------------------- */

#define SQUARE(x, y) \
    "\"POLYGON((" #x " " #y "," #x ".5 " #y "," #x ".5 " #y ".5," #x " " #y ".5," #x " " #y "))\""

static void test_the_finest_polygons_are_the_divisions(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_import_options o = PLAIN;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, PLAIN_HOUSES);
    put_text(
        LAND,
        "WKT,code,name,level,parent_code\n" SQUARE(
            116,
            40) ",350121,某县,county,\n"
                ",350121100,某镇,town,350121\n" SQUARE(
                    116,
                    40) ",350121100201,东村,village,350121100\n" SQUARE(117,
                                                                        40) ",350121100201,"
                                                                            "西村,village,"
                                                                            "350121100"
                                                                            "\n" SQUARE(
                                                                                118,
                                                                                40) ","
                                                                                    ","
                                                                                    "南村,village,"
                                                                                    "350121100\n");
    o.divisions = LAND;
    read_all(o, &t, &n);
    assert_int_equal(n.divisions_in, 5);
    assert_int_equal(t.n_divisions, 5);
    const xw_division *town = find_division(&t, "某镇"), *county = find_division(&t, "某县");
    const xw_division *east = find_division(&t, "东村"), *west = find_division(&t, "西村");
    assert_string_equal(xw_territory_text(&t, county->code), "350121000000");
    assert_string_equal(xw_territory_text(&t, town->code), "350121100000");
    assert_string_equal(xw_territory_text(&t, east->code), "350121100201");
    assert_string_equal(xw_territory_text(&t, west->code), "999000000002");
    assert_string_equal(xw_territory_text(&t, find_division(&t, "南村")->code), "999000000001");
    assert_int_equal(east->area.n_rings, 1);
    assert_true(town->area.n_rings == 0 && county->area.n_rings == 0);
    assert_int_equal(east->parent_code, town->code);
    assert_int_equal(town->parent_code, county->code);
    assert_string_equal(xw_territory_text(&t, west->parent_name), "某镇");
    assert_string_equal(xw_territory_text(&t, t.name), "某县");
    assert_int_equal(count_findings(&t, "division-code-duplicate", NULL), 1);
    assert_int_equal(count_findings(&t, "division-code-made", NULL), 2);
    xw_territory_finish(&t);
    put_text(LAND, "WKT,code,name\n\"POINT(116 40)\",350121,某县\n");
    refuse(o, XW_INPUT, LAND ": divisions without polygons");
}

static void test_addresses_by_id_and_by_place(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_import_options o = PLAIN;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, "WKT,building_id\n\"POLYGON((116 40,116.01 40,116.01 40.01,116 40))\",a\n"
                     "\"POLYGON((117 40,117.01 40,117.01 40.01,117 40))\",b\n");
    put_text(DOORS, "WKT,text,street,number,building_id\n\"POINT(118 40)\",,和平路,12,b\n"
                    "\"POINT(116.005 40.001)\",,Mill Lane,3a,\n"
                    "\"POINT(119 40)\",和平路14号后院,,,\n"
                    "\"POINT(119 41)\",,和平路,16附1,\n"
                    "\"POINT(119 42)\",,nowhere,,\n");
    o.addresses = DOORS;
    read_all(o, &t, &n);
    assert_int_equal(n.addresses_in, 5);
    assert_int_equal(t.n_addresses, 4);
    assert_string_equal(xw_territory_text(&t, t.addresses[0].text), "和平路12号");
    assert_int_equal(t.addresses[0].building, 1);
    assert_string_equal(xw_territory_text(&t, t.addresses[1].text), "Mill Lane 3a");
    assert_int_equal(t.addresses[1].building, 0);
    assert_string_equal(xw_territory_text(&t, t.addresses[2].text), "和平路14号后院");
    assert_true(t.addresses[2].building == XW_NONE);
    assert_string_equal(xw_territory_text(&t, t.addresses[3].text), "和平路16附1号");
    xw_territory_finish(&t);
}

/* ---- the same again, and without memory ------------------------------------------------------ */

static void test_the_same_input_gives_the_same_territory(void **state)
{
    xw_territory a, b;
    xw_import_counts n;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, PLAIN_HOUSES);
    read_all(PLAIN, &a, &n);
    read_all(PLAIN, &b, &n);
    assert_int_equal(a.n_pts, b.n_pts);
    assert_memory_equal(a.pts, b.pts, a.n_pts * sizeof *a.pts);
    assert_int_equal(a.text.n, b.text.n);
    assert_memory_equal(a.text.bytes, b.text.bytes, a.text.n);
    assert_int_equal(a.n_findings, b.n_findings);
    xw_territory_finish(&a);
    xw_territory_finish(&b);
}

static void test_every_lack_of_memory_is_survived(void **state)
{
    xw_import_options o = PLAIN;
    bool hit = true;
    int at = 0;
    (void)state;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES,
             "WKT,building_id,addr_street,addr_number\n"
             "\"POLYGON((116.01 40,116.02 40.01,116.02 40,116.01 40.01,116.01 40))\",bow,Lane,2\n"
             "\"POLYGON((118 40,118.01 40,118.01 40.01,118 40),(118.005 40.001,118.006 "
             "40.001,118.006 40.002,118.005 40.001))\",hole,,\n");
    put_text(LAND, "WKT,name\n" SQUARE(116, 40) ",东村\n");
    o.divisions = LAND;
    for (; hit && at < 2000; at++) {
        xw_territory t;
        xw_error err;
        fail_alloc_at(at);
        const xw_status st = xw_import(&o, NULL, &t, NULL, &err);
        hit = fail_alloc_stop();
        assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
        if (st) assert_true(t.n_pts == 0 && !t.pts && !t.buildings);
        xw_territory_finish(&t);
    }
    print_message("# %d allocations\n", at);
    assert_true(at > 30 && at < 2000);
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
        cmocka_unit_test(test_road_classes_in_two_languages),
        cmocka_unit_test(test_water_and_rail_layers_of_mixed_geometry),
        cmocka_unit_test(test_projected_layers_share_their_long_edges_exactly),
        cmocka_unit_test(test_another_crs_can_be_said),
        cmocka_unit_test(test_a_missing_crs_is_degrees_only_when_the_numbers_fit),
        cmocka_unit_test(test_coordinates_that_are_all_bad_are_refused),
        cmocka_unit_test(test_errors_name_file_layer_and_column),
        cmocka_unit_test(test_columns_can_be_named_and_values_carry_units),
        cmocka_unit_test(test_text_in_gbk_is_read),
        cmocka_unit_test(test_the_finest_polygons_are_the_divisions),
        cmocka_unit_test(test_addresses_by_id_and_by_place),
        cmocka_unit_test(test_the_same_input_gives_the_same_territory),
        cmocka_unit_test(test_every_lack_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
