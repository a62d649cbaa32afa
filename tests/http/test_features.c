#include "service.h"

#include "internal.h"

#include <geos_c.h>
#include <math.h>
#include <string.h>

enum { IDS_MAX = 64 };

typedef struct ids {
    char id[IDS_MAX][40];
    size_t n;
} ids;

static void take_ids(const json_t *page, ids *out)
{
    const json_t *features = json_object_get(page, "features");
    for (size_t i = 0; i < json_array_size(features); i++) {
        const json_t *f = json_array_get(features, i);
        assert_true(out->n < IDS_MAX);
        (void)snprintf(out->id[out->n++], sizeof out->id[0], "%s",
                       json_string_value(json_object_get(f, "id")));
    }
    assert_int_equal(json_integer_value(json_object_get(page, "numberReturned")),
                     json_array_size(features));
}

static bool same_ids(const ids *a, const ids *b)
{
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++) {
        if (strcmp(a->id[i], b->id[i]) != 0) return false;
    }
    return true;
}

/* Follows a link relation to its end; prev pages are put in front. */
static size_t follow(const char *start, const char *rel, ids *out, char last[2000])
{
    char target[2000];
    size_t pages = 0;
    (void)snprintf(target, sizeof target, "%s", start);
    for (;;) {
        json_t *page = ask_json(target, 200);
        ids mine = {.n = 0};
        take_ids(page, &mine);
        if (strcmp(rel, "prev") == 0) {
            assert_true(mine.n + out->n <= IDS_MAX);
            memmove(out->id[mine.n], out->id[0], out->n * sizeof out->id[0]);
            memcpy(out->id[0], mine.id[0], mine.n * sizeof out->id[0]);
            out->n += mine.n;
        } else {
            memcpy(out->id[out->n], mine.id[0], mine.n * sizeof out->id[0]);
            out->n += mine.n;
        }
        pages++;
        if (last) (void)snprintf(last, 2000, "%s", target);
        const char *href = link_of(page, rel);
        if (href) (void)snprintf(target, sizeof target, "%s", path_of(href));
        json_decref(page);
        if (!href) return pages;
        assert_true(pages < 200);
    }
}

/* All features of a collection from its rows, the way nothing else in the service makes them. */
static ids all_of(const xw__collection *c)
{
    const xw_model *m = xw_snapshot_model(service_snapshot);
    ids all = {.n = 0};
    char scratch[64];
    for (uint32_t i = 0; i < c->n_rows; i++) {
        const xw_value v = xw_table_value(m, c->table, c->first + i, 0, scratch);
        (void)snprintf(all.id[all.n++], sizeof all.id[0], "%s", v.s);
    }
    return all;
}

static void check_paging(const xw__collection *c, const char *query, const ids *want, int limit)
{
    char start[1000], last[2000];
    ids got = {.n = 0}, back = {.n = 0};
    (void)snprintf(start, sizeof start, "/collections/%s/items?limit=%d%s", c->id, limit, query);
    const size_t pages = follow(start, "next", &got, last);
    assert_true(same_ids(&got, want));
    assert_int_equal(pages, want->n == 0 ? 1 : (want->n + (size_t)limit - 1) / (size_t)limit);
    (void)follow(last, "prev", &back, NULL);
    assert_true(same_ids(&back, want)); /* the same list, built from its end */
}

static void test_pages_list_every_feature_once_forward_and_backward(void **state)
{
    (void)state;
    const xw_model *m = xw_snapshot_model(service_snapshot);
    static const int limits[] = {1, 2, 7, 100};
    xw__collection all[XW_TABLE_COUNT + XW_LEVELS_MAX];
    const size_t n = xw__collections(m, all);
    assert_int_equal(n, 9 + 3);
    for (size_t i = 0; i < n; i++) {
        const ids want = all_of(&all[i]);
        for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
            check_paging(&all[i], "", &want, limits[k]);
            check_paging(&all[i], "&offset=0", &want, limits[k]);
        }
    }
}

static void test_filtered_pages_keep_their_filter(void **state)
{
    (void)state;
    const xw_model *m = xw_snapshot_model(service_snapshot);
    xw__collection c;
    assert_true(xw__collection_find(m, "edges", &c));
    ids want = {.n = 0};
    for (uint32_t i = 0; i < m->n_edges; i++) {
        if (m->edges[i].basis != XW_BASIS_DIVISION) continue;
        (void)snprintf(want.id[want.n++], sizeof want.id[0], "%u", i + 1);
    }
    assert_int_equal(want.n, 11);
    check_paging(&c, "&basis=division", &want, 2);
    check_paging(&c, "&basis=division&offset=0", &want, 3);
    check_paging(&c, "&bbox=-180,-90,180,90&basis=division", &want, 4);
}

static void test_any_offset_begins_at_that_feature(void **state)
{
    (void)state;
    xw__collection c;
    assert_true(xw__collection_find(xw_snapshot_model(service_snapshot), "edges", &c));
    const ids all = all_of(&c);
    for (size_t offset = 0; offset <= all.n + 2; offset++) {
        char target[200];
        (void)snprintf(target, sizeof target, "/collections/edges/items?limit=3&offset=%zu",
                       offset);
        json_t *page = ask_json(target, 200);
        ids got = {.n = 0};
        take_ids(page, &got);
        const size_t want = offset >= all.n ? 0 : all.n - offset < 3 ? all.n - offset : 3;
        assert_int_equal(got.n, want);
        for (size_t i = 0; i < want; i++) assert_string_equal(got.id[i], all.id[offset + i]);
        assert_int_equal(json_integer_value(json_object_get(page, "numberMatched")), all.n);
        assert_true((link_of(page, "next") != NULL) == (offset + want < all.n));
        assert_true((link_of(page, "prev") != NULL) == (offset > 0));
        json_decref(page);
    }
}

/* The geometry of a feature as GEOS sees it, in lattice units. */
static double units(const json_t *v) { return round(json_number_value(v) * 1e7); }

static GEOSCoordSequence *sequence(GEOSContextHandle_t h, const json_t *points)
{
    const unsigned n = (unsigned)json_array_size(points);
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(h, n, 2);
    for (unsigned i = 0; i < n; i++) {
        const json_t *p = json_array_get(points, i);
        GEOSCoordSeq_setXY_r(h, s, i, units(json_array_get(p, 0)), units(json_array_get(p, 1)));
    }
    return s;
}

static GEOSGeometry *polygon(GEOSContextHandle_t h, const json_t *rings)
{
    GEOSGeometry *holes[16];
    unsigned n = 0;
    for (size_t i = 1; i < json_array_size(rings); i++) {
        holes[n++] = GEOSGeom_createLinearRing_r(h, sequence(h, json_array_get(rings, i)));
    }
    return GEOSGeom_createPolygon_r(
        h, GEOSGeom_createLinearRing_r(h, sequence(h, json_array_get(rings, 0))), holes, n);
}

static GEOSGeometry *geometry(GEOSContextHandle_t h, const json_t *g)
{
    const char *type = json_string_value(json_object_get(g, "type"));
    const json_t *c = json_object_get(g, "coordinates");
    if (!type) return NULL;
    if (strcmp(type, "Point") == 0) {
        return GEOSGeom_createPointFromXY_r(h, units(json_array_get(c, 0)),
                                            units(json_array_get(c, 1)));
    }
    if (strcmp(type, "LineString") == 0) return GEOSGeom_createLineString_r(h, sequence(h, c));
    assert_string_equal(type, "MultiPolygon");
    GEOSGeometry *parts[16];
    unsigned n = 0;
    for (size_t i = 0; i < json_array_size(c); i++) parts[n++] = polygon(h, json_array_get(c, i));
    return GEOSGeom_createCollection_r(h, GEOS_MULTIPOLYGON, parts, n);
}

/* A rectangle, or the segment or point that it shrinks to. */
static GEOSGeometry *box_geometry(GEOSContextHandle_t h, xw_box b)
{
    if (xw_pt_eq(b.min, b.max)) return GEOSGeom_createPointFromXY_r(h, b.min.x, b.min.y);
    if (b.min.x < b.max.x && b.min.y < b.max.y) {
        return GEOSGeom_createRectangle_r(h, b.min.x, b.min.y, b.max.x, b.max.y);
    }
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(h, 2, 2);
    GEOSCoordSeq_setXY_r(h, s, 0, b.min.x, b.min.y);
    GEOSCoordSeq_setXY_r(h, s, 1, b.max.x, b.max.y);
    return GEOSGeom_createLineString_r(h, s);
}

static const char *const spatial[] = {"divisions", "zones",     "sections",  "teams",
                                      "plots",     "units",     "buildings", "edges",
                                      "barriers",  "addresses", "findings",  "lineage"};
enum { N_SPATIAL = sizeof spatial / sizeof *spatial };

/* Boxes whose sides often run exactly through vertices and along edges: there rules break. */
static int32_t near_toy(xw_rng *r, int32_t origin)
{
    const int32_t half = 1500;
    int32_t v = origin + ((int32_t)(xw_rng_next(r) % 15) - 3) * half;
    if (xw_rng_next(r) % 2) v += (int32_t)(xw_rng_next(r) % 3000) - 1500;
    return v;
}

static void test_bbox_gives_what_geos_says_intersects(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("http bbox");
    GEOSContextHandle_t h = GEOS_init_r();
    size_t hits = 0, misses = 0;
    for (int k = 0; k < N_SPATIAL; k++) {
        char target[400];
        (void)snprintf(target, sizeof target, "/collections/%s/items", spatial[k]);
        json_t *all = ask_json(target, 200);
        const json_t *features = json_object_get(all, "features");
        for (int round = 0; round < 150; round++) {
            xw_pt a = {near_toy(&r, 1191300000), near_toy(&r, 261500000)};
            xw_pt b = {near_toy(&r, 1191300000), near_toy(&r, 261500000)};
            if (round % 10 == 0) b = a; /* a box may be a point */
            if (round % 3 == 1) {       /* small, beside the slanted shore of the pond */
                a = (xw_pt){1191304500 + xw_rng_in(&r, -550, 550),
                            261504500 + xw_rng_in(&r, -550, 550)};
                b = (xw_pt){a.x + xw_rng_in(&r, 0, 150), a.y + xw_rng_in(&r, 0, 150)};
            }
            const xw_box box = xw_box_grow((xw_box){a, a}, b);
            (void)snprintf(target, sizeof target, "/collections/%s/items?bbox=%.7f,%.7f,%.7f,%.7f",
                           spatial[k], xw_deg(box.min.x), xw_deg(box.min.y), xw_deg(box.max.x),
                           xw_deg(box.max.y));
            json_t *page = ask_json(target, 200);
            ids got = {.n = 0}, want = {.n = 0};
            take_ids(page, &got);
            json_decref(page);
            GEOSGeometry *rect = box_geometry(h, box);
            for (size_t i = 0; i < json_array_size(features); i++) {
                const json_t *f = json_array_get(features, i);
                GEOSGeometry *g = geometry(h, json_object_get(f, "geometry"));
                if (!g) continue;
                if (GEOSIntersects_r(h, g, rect) == 1) {
                    (void)snprintf(want.id[want.n++], sizeof want.id[0], "%s",
                                   json_string_value(json_object_get(f, "id")));
                }
                GEOSGeom_destroy_r(h, g);
            }
            GEOSGeom_destroy_r(h, rect);
            if (!same_ids(&got, &want)) print_error("%s: %zu, want %zu\n", target, got.n, want.n);
            assert_true(same_ids(&got, &want));
            hits += want.n > 0;
            misses += want.n == 0;
        }
        json_decref(all);
    }
    assert_true(hits > 200 && misses > 100); /* the boxes try both */
    GEOS_finish_r(h);
}

static void test_polygons_are_valid_and_turn_as_geojson_says(void **state)
{
    (void)state;
    GEOSContextHandle_t h = GEOS_init_r();
    for (int k = 0; k < N_SPATIAL; k++) {
        char target[100];
        (void)snprintf(target, sizeof target, "/collections/%s/items", spatial[k]);
        json_t *all = ask_json(target, 200);
        const json_t *features = json_object_get(all, "features");
        for (size_t i = 0; i < json_array_size(features); i++) {
            const json_t *g = json_object_get(json_array_get(features, i), "geometry");
            GEOSGeometry *geom = geometry(h, g);
            if (!geom) continue;
            assert_int_equal(GEOSisValid_r(h, geom), 1);
            if (strcmp(json_string_value(json_object_get(g, "type")), "MultiPolygon") == 0) {
                const json_t *parts = json_object_get(g, "coordinates");
                for (size_t p = 0; p < json_array_size(parts); p++) {
                    const json_t *rings = json_array_get(parts, p);
                    for (size_t q = 0; q < json_array_size(rings); q++) {
                        char ccw = 2;
                        GEOSCoordSequence *s = sequence(h, json_array_get(rings, q));
                        assert_int_equal(GEOSCoordSeq_isCCW_r(h, s, &ccw), 1);
                        GEOSCoordSeq_destroy_r(h, s);
                        assert_int_equal(ccw, q == 0);
                    }
                }
            }
            GEOSGeom_destroy_r(h, geom);
        }
        json_decref(all);
    }
    GEOS_finish_r(h);
}

static void test_a_box_over_the_antimeridian_is_two_boxes(void **state)
{
    (void)state;
    json_t *inside = ask_json("/collections/teams/items?bbox=119.1,26,-170,27", 200);
    assert_int_equal(json_integer_value(json_object_get(inside, "numberMatched")), 6);
    json_decref(inside);
    json_t *outside = ask_json("/collections/teams/items?bbox=121,26,119,27", 200);
    assert_int_equal(json_integer_value(json_object_get(outside, "numberMatched")), 0);
    json_decref(outside);
    json_t *six = ask_json("/collections/teams/items?bbox=119.1,26,0,120,27,100", 200);
    assert_int_equal(json_integer_value(json_object_get(six, "numberMatched")), 6);
    json_decref(six);
}

static size_t count(const char *target)
{
    json_t *page = ask_json(target, 200);
    const size_t n = (size_t)json_integer_value(json_object_get(page, "numberMatched"));
    json_decref(page);
    return n;
}

static void test_properties_select_by_equality(void **state)
{
    (void)state;
    assert_int_equal(count("/collections/teams/items?code=9991010010010010201"), 1);
    assert_int_equal(count("/collections/teams/items?code=9991010010010010201&households=8"), 1);
    assert_int_equal(count("/collections/teams/items?code=9991010010010010201&households=9"), 0);
    assert_int_equal(count("/collections/teams/items?households=9"), 3);
    assert_int_equal(count("/collections/teams/items?level=team"), 6);
    assert_int_equal(count("/collections/teams/items?level=zone"), 0);
    assert_int_equal(count("/collections/buildings/items?height=9.3"), 1);
    assert_int_equal(count("/collections/teams/items?name=%E6%96%B0%E6%A1%A5%E5%B0%8F%E5%AD%A6"),
                     1);
    assert_int_equal(count("/collections/zones/items?parent_code=x"), 0);
}

static void test_wrong_parameters_are_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"limit=0", "limit"},
        {"limit=x", "limit"},
        {"limit=-1", "limit"},
        {"offset=-1", "offset"},
        {"bbox=1,2,3", "bbox"},
        {"bbox=1,2,3,x", "bbox"},
        {"bbox=1,2,3,4,5", "bbox"},
        {"bbox=1,2,3,4,5,6,7", "bbox"},
        {"bbox=1,5,2,3", "bbox"},
        {"bbox=1,2,3,91", "bbox"},
        {"bbox=nan,1,2,3", "bbox"},
        {"bbox=", "bbox"},
        {"colour=red", "colour"},
        {"households=many", "households"},
        {"area_m2=1e", "area_m2"},
        {"cursor=7", "cursor"},
        {"cursor=00000000-0", "cursor"},
        {"crs=EPSG:3857", "crs"},
        {"bbox-crs=x", "bbox-crs"},
        {"datetime=yesterday", "datetime"},
        {"f=xml", "\"f\""},
        {"limit=1&limit=2", "limit"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char target[200];
        (void)snprintf(target, sizeof target, "/collections/teams/items?%s", wrong[i][0]);
        json_t *problem = ask_json(target, 400);
        const char *detail = json_string_value(json_object_get(problem, "detail"));
        if (!strstr(detail, wrong[i][1])) print_error("%s: %s\n", wrong[i][0], detail);
        assert_non_null(strstr(detail, wrong[i][1]));
        json_decref(problem);
    }
    assert_int_equal(count("/collections/teams/items?limit=99999999"), 6); /* as its maximum */
    assert_int_equal(count("/collections/teams/items?datetime=2026-01-01T00:00:00Z/.."), 6);
}

static void test_a_feature_is_found_by_its_id(void **state)
{
    (void)state;
    xw__collection all[XW_TABLE_COUNT + XW_LEVELS_MAX];
    const size_t n = xw__collections(xw_snapshot_model(service_snapshot), all);
    for (size_t i = 0; i < n; i++) {
        const ids want = all_of(&all[i]);
        for (size_t k = 0; k < want.n; k++) {
            char target[200];
            (void)snprintf(target, sizeof target, "/collections/%s/items/%s", all[i].id,
                           want.id[k]);
            json_t *f = ask_json(target, 200);
            assert_string_equal(json_string_value(json_object_get(f, "id")), want.id[k]);
            assert_string_equal(path_of(link_of(f, "self")), target);
            json_decref(f);
        }
        char target[200];
        (void)snprintf(target, sizeof target, "/collections/%s/items/4711", all[i].id);
        json_decref(ask_json(target, 404));
    }
    json_t *by_code = ask_json("/collections/teams/items/9991010010010010202", 200);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(by_code, "properties"), "code")),
        "9991010010010010202");
    json_decref(by_code);
    json_decref(ask_json("/collections/zones/items/9991010010010010202", 404));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_list_every_feature_once_forward_and_backward),
        cmocka_unit_test(test_filtered_pages_keep_their_filter),
        cmocka_unit_test(test_any_offset_begins_at_that_feature),
        cmocka_unit_test(test_bbox_gives_what_geos_says_intersects),
        cmocka_unit_test(test_polygons_are_valid_and_turn_as_geojson_says),
        cmocka_unit_test(test_a_box_over_the_antimeridian_is_two_boxes),
        cmocka_unit_test(test_properties_select_by_equality),
        cmocka_unit_test(test_wrong_parameters_are_named),
        cmocka_unit_test(test_a_feature_is_found_by_its_id),
    };
    return cmocka_run_group_tests(tests, service_start, service_stop);
}
