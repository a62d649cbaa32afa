/* The import of OpenStreetMap extracts, on a made-up town in OSM XML. */
#include "support/test.h"

#include "files.h"

#include <gdal.h>

#include <stdio.h>

#define TOWN "/vsimem/town.osm"

/* ---- a writer of OSM XML: node (i, j) of a lattice of 0.001 degree has the id 1 + 100 i + j ---
 */

static char xml[1 << 20];
static size_t xml_n;

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(xml + xml_n, sizeof xml - xml_n, fmt, ap);
    va_end(ap);
    assert_true(n >= 0 && xml_n + (size_t)n < sizeof xml);
    xml_n += (size_t)n;
}

/* "key=value|key=value" */
static void say_tags(const char *tags)
{
    while (*tags) {
        const size_t k = strcspn(tags, "="), end = strcspn(tags, "|");
        say("<tag k=\"%.*s\" v=\"%.*s\"/>", (int)k, tags, (int)(end - k - 1), tags + k + 1);
        tags += end + (tags[end] == '|');
    }
}

/* Nodes are given as pairs "i,j i,j …". */
static void way(int id, const char *tags, const char *at)
{
    say("<way id=\"%d\">", id);
    while (*at) {
        char *end;
        const long i = strtol(at, &end, 10);
        const long j = strtol(end + 1, &end, 10);
        say("<nd ref=\"%ld\"/>", 1 + 100 * i + j);
        at = *end ? end + 1 : end;
    }
    say_tags(tags);
    say("</way>\n");
}

static void relation(int id, const char *tags, int outer, int inner)
{
    say("<relation id=\"%d\"><member type=\"way\" ref=\"%d\" role=\"outer\"/>", id, outer);
    if (inner) say("<member type=\"way\" ref=\"%d\" role=\"inner\"/>", inner);
    say_tags(tags);
    say("</relation>\n");
}

static void begin(void)
{
    xml_n = 0;
    say("<?xml version=\"1.0\"?><osm version=\"0.6\">\n");
    for (int i = 0; i < 40; i++) {
        for (int j = 0; j < 40; j++) {
            say("<node id=\"%d\" lon=\"%.7f\" lat=\"%.7f\"", 1 + 100 * i + j, 116.3 + 0.001 * i,
                39.9 + 0.001 * j);
            if (i == 2 && j == 38) {
                say("><tag k=\"addr:street\" v=\"和平路\"/>"
                    "<tag k=\"addr:housenumber\" v=\"12\"/></node>\n");
            } else {
                say("/>\n");
            }
        }
    }
}

static void end(const char *path)
{
    say("</osm>\n");
    put_bytes(path, xml, xml_n);
}

static void roads(void)
{
    way(101, "highway=primary|name=人民路", "0,5 10,5 20,5");
    way(102, "highway=trunk_link", "0,6 20,6");
    way(103, "highway=living_street", "0,7 20,7");
    way(104, "highway=service|service=driveway", "0,8 1,8");
    way(105, "highway=service", "0,9 20,9");
    way(106, "highway=footway", "0,10 20,10");
    way(107, "highway=footway|bridge=yes", "0,11 20,11");
    way(108, "highway=footway|footway=sidewalk|tunnel=yes", "0,12 20,12");
    way(109, "highway=residential|tunnel=building_passage", "0,13 20,13");
    way(110, "highway=pedestrian|area=yes", "30,0 31,0 31,1 30,1 30,0");
    way(111, "highway=construction", "0,14 20,14");
    way(112, "highway=track|bridge=no", "0,15 20,15");
    way(120, "waterway=river|name=清河", "0,16 20,16");
    way(121, "waterway=ditch|tunnel=culvert", "0,17 20,17");
    way(122, "waterway=dam", "0,18 20,18");
    way(130, "railway=rail|bridge=viaduct", "0,19 20,19");
    way(131, "railway=tram", "0,20 20,20");
    way(132, "railway=subway|tunnel=yes", "0,21 20,21");
    way(133, "railway=subway", "0,22 20,22");
    way(140, "barrier=wall|amenity=school", "22,0 23,0 23,1 22,1 22,0");
    way(141, "barrier=hedge", "22,2 23,2");
    way(142, "barrier=fence|landuse=residential", "22,3 23,3 23,4 22,4 22,3");
}

static void areas(void)
{
    way(201, "building=apartments|building:levels=6|name=一号楼", "1,37 3,37 3,39 1,39 1,37");
    way(202, "building=garage", "5,30 6,30 6,31 5,31 5,30");
    way(203, "building=yes|addr:street=Hauptstrasse|addr:housenumber=7b",
        "7,30 8,30 8,31 7,31 7,30");
    way(204, "building=no", "9,30 10,30 10,31 9,31 9,30");
    way(205, "building=yes", "8,31 8,30 7,30 7,31 8,31"); /* 203 the other way round */
    way(206, "", "12,30 16,30 16,34 12,34 12,30");
    way(207, "", "13,31 14,31 14,32 13,32 13,31");
    way(208, "natural=water|name=平湖", "25,30 28,30 28,33 25,33 25,30");
    way(209, "building=residential|building:flats=24", "18,30 19,30 19,31 18,31 18,30");
    way(401, "", "0,0 39,0 39,39 0,39 0,0");
    way(402, "", "0,0 15,0 15,39 0,39 0,0");
    way(403, "", "15,0 39,0 39,39 15,39 15,0");
    way(404, "", "2,2 4,2 4,4 2,4 2,2");
    relation(301, "type=multipolygon|building=school", 206, 207);
}

static void boundaries(void)
{
    relation(501, "type=boundary|boundary=administrative|admin_level=2|name=Land", 401, 0);
    relation(502, "type=boundary|boundary=administrative|admin_level=8|name=West|ref=110105001",
             402, 0);
    relation(503, "type=boundary|boundary=administrative|admin_level=8|name=East", 403, 0);
    relation(504, "type=boundary|boundary=administrative|admin_level=10|name=Hof", 404, 0);
}

static void read_town(xw_import_options o, xw_territory *t, xw_import_counts *n)
{
    xw_error err = {0};
    begin();
    roads();
    areas();
    boundaries();
    end(TOWN);
    o.osm = TOWN;
    const xw_status st = xw_import(&o, NULL, t, n, &err);
    if (st) fail_msg("%s", err.text);
    check_territory(t);
}

static void assert_line(const xw_territory *t, const char *source, unsigned cls, unsigned flags)
{
    const xw_barrier *b = find_barrier(t, source);
    if (!b) fail_msg("%s is missing", source);
    assert_string_equal(xw_class_get(b->cls)->code, xw_class_get(cls)->code);
    assert_int_equal(b->flags, flags);
}

static void test_ways_become_barriers_by_their_tags(void **state)
{
    static const char *const dropped[] = {"way/104", "way/106", "way/108", "way/110", "way/111",
                                          "way/122", "way/131", "way/132", "way/141"};
    xw_territory t;
    xw_import_counts n;
    (void)state;
    read_town((xw_import_options){0}, &t, &n);
    assert_line(&t, "way/101", XW_CLASS_PRIMARY, 0);
    assert_line(&t, "way/102", XW_CLASS_TRUNK, 0);
    assert_line(&t, "way/103", XW_CLASS_RESIDENTIAL, 0);
    assert_line(&t, "way/105", XW_CLASS_SERVICE, 0);
    assert_line(&t, "way/107", XW_CLASS_PATH, XW_BARRIER_BRIDGE);
    assert_line(&t, "way/109", XW_CLASS_RESIDENTIAL, XW_BARRIER_TUNNEL);
    assert_line(&t, "way/112", XW_CLASS_TRACK, 0);
    assert_line(&t, "way/120", XW_CLASS_RIVER, XW_BARRIER_IMPASSABLE);
    assert_line(&t, "way/121", XW_CLASS_STREAM, XW_BARRIER_IMPASSABLE | XW_BARRIER_TUNNEL);
    assert_line(&t, "way/130", XW_CLASS_RAIL, XW_BARRIER_IMPASSABLE | XW_BARRIER_BRIDGE);
    assert_line(&t, "way/133", XW_CLASS_RAIL, XW_BARRIER_IMPASSABLE);
    assert_line(&t, "way/140", XW_CLASS_WALL, XW_BARRIER_IMPASSABLE);
    assert_line(&t, "way/142", XW_CLASS_WALL, XW_BARRIER_IMPASSABLE);
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) {
        if (find_barrier(&t, dropped[i])) fail_msg("%s is there", dropped[i]);
    }
    const xw_barrier *b = find_barrier(&t, "way/101");
    assert_string_equal(xw_territory_text(&t, b->name), "人民路");
    assert_int_equal(b->n, 3);
    assert_int_equal(t.pts[b->first].x, 1163000000);
    assert_int_equal(t.pts[b->first].y, 399050000);
    assert_int_equal(t.n_waters, 1);
    assert_string_equal(xw_territory_text(&t, t.waters[0].name), "平湖");
    xw_territory_finish(&t);
}

static void test_paths_are_barriers_only_on_request(void **state)
{
    xw_territory t;
    xw_import_counts n;
    (void)state;
    read_town((xw_import_options){.paths = true}, &t, &n);
    assert_line(&t, "way/106", XW_CLASS_PATH, 0);
    assert_null(find_barrier(&t, "way/108")); /* a sidewalk all the same */
    xw_territory_finish(&t);
}

static void test_every_building_is_used_or_listed(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_finding twin = {0};
    (void)state;
    read_town((xw_import_options){0}, &t, &n);
    assert_int_equal(n.buildings_in, 6);
    assert_int_equal(n.buildings_used, 5);
    assert_int_equal(n.buildings_listed, 1);
    assert_int_equal(t.n_buildings, 5);
    assert_int_equal(count_findings(&t, "building-duplicate", &twin), 1);
    assert_string_equal(xw_territory_text(&t, twin.source), "way/205");
    const xw_building *tower = find_building(&t, "way/201");
    assert_string_equal(xw_territory_text(&t, tower->name), "一号楼");
    assert_int_equal(tower->floors, 6);
    assert_int_equal(tower->use, XW_USE_FLATS);
    assert_true(tower->households > 6 && tower->estimated);
    assert_true(tower->height_m == 18.0F);
    const xw_building *block = find_building(&t, "way/209");
    assert_true(block->households == 24 && !block->estimated);
    assert_int_equal(n.households_given, 1);
    assert_int_equal(n.households_estimated, 4);
    assert_int_equal(find_building(&t, "way/202")->households, 0);
    const xw_building *school = find_building(&t, "relation/301");
    assert_int_equal(school->area.n_rings, 2); /* its courtyard is a hole */
    assert_true(xw_ring_area2(xw_territory_ring(&t, school->area.first_ring + 1)) < 0);
    assert_int_equal(school->households, 0);
    xw_territory_finish(&t);
}

static void test_addresses_find_their_buildings(void **state)
{
    xw_territory t;
    xw_import_counts n;
    (void)state;
    read_town((xw_import_options){0}, &t, &n);
    assert_int_equal(t.n_addresses, 2);
    for (size_t i = 0; i < 2; i++) {
        const xw_address *a = &t.addresses[i];
        const char *text = xw_territory_text(&t, a->text);
        assert_int_not_equal(a->building, XW_NONE);
        const char *source = xw_territory_text(&t, t.buildings[a->building].source);
        const bool chinese = strcmp(text, "和平路12号") == 0;
        if (!chinese) assert_string_equal(text, "Hauptstrasse 7b");
        assert_string_equal(source, chinese ? "way/201" : "way/203");
        assert_true(xw_area_owns(&t, t.buildings[a->building].area, a->at));
    }
    xw_territory_finish(&t);
}

static void test_the_finest_level_that_covers_the_land_is_chosen(void **state)
{
    xw_territory t;
    xw_import_counts n;
    (void)state;
    read_town((xw_import_options){0}, &t, &n);
    assert_int_equal(t.n_divisions, 3);
    const xw_division *west = find_division(&t, "West"), *east = find_division(&t, "East");
    const xw_division *land = find_division(&t, "Land");
    assert_string_equal(xw_territory_text(&t, west->code), "110105001000");
    assert_string_equal(xw_territory_text(&t, east->code), "999000000001");
    assert_string_equal(xw_territory_text(&t, land->code), "999000000002");
    assert_int_equal(west->area.n_rings, 1);
    assert_int_equal(land->area.n_rings, 0);
    assert_int_equal(west->parent_code, land->code);
    assert_string_equal(xw_territory_text(&t, east->parent_name), "Land");
    assert_string_equal(xw_territory_text(&t, t.name), "Land");
    assert_int_equal(count_findings(&t, "division-code-made", NULL), 2);
    xw_territory_finish(&t);
}

static void test_a_level_can_be_asked_for(void **state)
{
    xw_territory t;
    xw_import_counts n;
    xw_error err;
    (void)state;
    read_town((xw_import_options){.division_level = 10}, &t, &n);
    assert_int_equal(find_division(&t, "Hof")->area.n_rings, 1);
    assert_int_equal(find_division(&t, "West")->area.n_rings, 0); /* above it */
    xw_territory_finish(&t);
    const xw_import_options o = {.osm = TOWN, .division_level = 9};
    assert_int_equal(xw_import(&o, NULL, &t, &n, &err), XW_INPUT);
    xw_territory_finish(&t);
    assert_non_null(strstr(err.text, "admin_level 9 (levels there: 2, 8, 10)"));
    assert_int_equal(t.n_pts, 0);
}

static void test_without_boundaries_the_extract_is_one_division(void **state)
{
    xw_territory t;
    xw_error err = {0};
    const xw_import_options o = {.osm = TOWN};
    (void)state;
    begin();
    roads();
    areas();
    end(TOWN);
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), XW_OK);
    check_territory(&t);
    assert_int_equal(t.n_divisions, 1);
    assert_string_equal(xw_territory_text(&t, t.divisions[0].name), "town");
    const xw_ring hull = xw_territory_ring(&t, t.divisions[0].area.first_ring);
    const xw_scale s = xw_scale_at(399000000);
    for (size_t i = 0; i < t.n_barriers; i++) {
        const xw_barrier *b = &t.barriers[i];
        for (uint32_t k = 0; k < b->n && !(b->flags & XW_BARRIER_IMPASSABLE); k++) {
            const xw_pt p = t.pts[b->first + k];
            const int32_t dx = (int32_t)(29.0 / s.mx), dy = (int32_t)(29.0 / s.my);
            assert_true(xw_ring_owns(hull, p));
            assert_true(xw_ring_owns(hull, (xw_pt){p.x - dx, p.y}));
            assert_true(xw_ring_owns(hull, (xw_pt){p.x, p.y - dy}));
        }
    }
    xw_territory_finish(&t);
}

static void test_foreign_divisions_are_dropped_and_listed(void **state)
{
    xw_territory t;
    xw_error err = {0};
    xw_finding f = {0};
    const xw_import_options o = {.osm = TOWN, .division_level = 8};
    (void)state;
    begin();
    way(101, "highway=primary", "0,5 10,5");
    way(201, "building=house", "1,37 3,37 3,39 1,39 1,37");
    way(202, "building=house", "5,30 6,30 6,31 5,31 5,30");
    way(402, "", "0,0 15,0 15,39 0,39 0,0");
    way(403, "", "15,0 39,0 39,39 15,39 15,0");
    relation(501, "type=boundary|boundary=administrative|admin_level=2|name=Land", 402, 0);
    relation(502, "type=boundary|boundary=administrative|admin_level=8|name=West", 402, 0);
    relation(503, "type=boundary|boundary=administrative|admin_level=8|name=Abroad", 403, 0);
    end(TOWN);
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), XW_OK);
    assert_null(find_division(&t, "Abroad"));
    assert_non_null(find_division(&t, "West"));
    assert_int_equal(count_findings(&t, "division-dropped", &f), 1);
    assert_string_equal(xw_territory_text(&t, f.source), "relation/503");
    xw_territory_finish(&t);
}

static void test_extracts_without_roads_or_buildings_are_refused(void **state)
{
    xw_territory t;
    xw_error err;
    const xw_import_options o = {.osm = TOWN};
    (void)state;
    begin();
    way(101, "highway=primary", "0,5 10,5");
    end(TOWN);
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), XW_INPUT);
    xw_territory_finish(&t);
    assert_string_equal(err.text, "no buildings in " TOWN);
    begin();
    way(201, "building=house", "1,37 3,37 3,39 1,39 1,37");
    end(TOWN);
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), XW_INPUT);
    xw_territory_finish(&t);
    assert_string_equal(err.text, "no roads in " TOWN);
    put_text(TOWN, "no map at all");
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), XW_INPUT);
    xw_territory_finish(&t);
    assert_non_null(strstr(err.text, TOWN ": not GIS data"));
}

static void test_a_cut_off_extract_is_refused(void **state)
{
    xw_territory t;
    xw_error err;
    const xw_import_options o = {.osm = TOWN};
    (void)state;
    begin();
    roads();
    areas();
    put_bytes(TOWN, xml, xml_n); /* the end tag is missing */
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), XW_INPUT);
    xw_territory_finish(&t);
    assert_non_null(strstr(err.text, TOWN));
}

static void test_cancel_ends_the_import(void **state)
{
    xw_territory t;
    xw_error err;
    const volatile sig_atomic_t stop = 1;
    const xw_job job = {.cancel = &stop};
    const xw_import_options o = {.osm = TOWN};
    (void)state;
    begin();
    roads();
    areas();
    end(TOWN);
    assert_int_equal(xw_import(&o, &job, &t, NULL, &err), XW_CANCELLED);
    xw_territory_finish(&t);
    assert_int_equal(t.n_pts, 0);
}

static void test_liechtenstein_has_all_its_buildings_and_municipalities(void **state)
{
    const char *shared = getenv("XW_SHARED");
    char path[512];
    xw_territory t;
    xw_import_counts n;
    xw_error err;
    uint64_t households = 0;
    size_t leaves = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/data/liechtenstein/liechtenstein-2024.osm.pbf",
                   shared ? shared : XW_TEST_SHARED);
    const xw_import_options o = {.osm = path, .division_level = 8};
    const xw_status st = xw_import(&o, NULL, &t, &n, &err);
    if (st == XW_NOT_FOUND) {
        print_message("# %s is absent, skipped\n", path);
        skip();
    }
    assert_int_equal(st, XW_OK);
    check_territory(&t);
    assert_int_equal(n.buildings_in, 17717);
    assert_int_equal(n.buildings_used + n.buildings_listed, n.buildings_in);
    for (size_t i = 0; i < t.n_divisions; i++) leaves += t.divisions[i].area.n_rings > 0;
    assert_int_equal(leaves, 11);
    for (size_t i = 0; i < t.n_buildings; i++) households += (uint64_t)t.buildings[i].households;
    assert_true(households > 15000 && households < 25000); /* about 20 000 in truth */
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways_become_barriers_by_their_tags),
        cmocka_unit_test(test_paths_are_barriers_only_on_request),
        cmocka_unit_test(test_every_building_is_used_or_listed),
        cmocka_unit_test(test_addresses_find_their_buildings),
        cmocka_unit_test(test_the_finest_level_that_covers_the_land_is_chosen),
        cmocka_unit_test(test_a_level_can_be_asked_for),
        cmocka_unit_test(test_without_boundaries_the_extract_is_one_division),
        cmocka_unit_test(test_foreign_divisions_are_dropped_and_listed),
        cmocka_unit_test(test_extracts_without_roads_or_buildings_are_refused),
        cmocka_unit_test(test_a_cut_off_extract_is_refused),
        cmocka_unit_test(test_cancel_ends_the_import),
        cmocka_unit_test(test_liechtenstein_has_all_its_buildings_and_municipalities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
