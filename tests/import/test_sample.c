/* The made-up county is what it says: exact, clean, believable in its counts, the same every time.
 */
#include "support/test.h"
#include "xiwang/sample.h"

#include <geos_c.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static xw_territory made(uint64_t households, uint64_t seed)
{
    const xw_sample_options o = {households, seed};
    xw_territory t;
    xw_error err;
    if (xw_sample_make(&o, NULL, &t, &err)) fail_msg("%s", err.text);
    return t;
}

static uint64_t fnv(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * UINT64_C(1099511628211);
    return h;
}

static uint64_t digest(const xw_territory *t)
{
    uint64_t h = UINT64_C(14695981039346656037);
    h = fnv(h, t->text.bytes, t->text.n);
    h = fnv(h, t->pts, t->n_pts * sizeof *t->pts);
    h = fnv(h, t->rings, t->n_rings * sizeof *t->rings);
    for (size_t i = 0; i < t->n_buildings; i++) {
        const xw_building *b = t->buildings + i;
        const int64_t v[] = {
            b->area.first_ring, b->area.n_rings, b->name, b->source,
            b->households,      b->floors,       b->use,  (int64_t)(b->height_m * 100.0f)};
        h = fnv(h, v, sizeof v);
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = t->barriers + i;
        const uint32_t v[] = {b->first, b->n, b->name, b->cls, b->flags};
        h = fnv(h, v, sizeof v);
    }
    for (size_t i = 0; i < t->n_addresses; i++) {
        const xw_address *a = t->addresses + i;
        const int64_t v[] = {a->at.x,   a->at.y,  a->text,    a->street,
                             a->number, a->place, a->building};
        h = fnv(h, v, sizeof v);
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        const xw_division *d = t->divisions + i;
        const uint32_t v[] = {d->area.first_ring, d->area.n_rings, d->code, d->name,
                              d->parent_code};
        h = fnv(h, v, sizeof v);
    }
    return h;
}

static void test_same_seed_same_county_another_seed_another_one(void **state)
{
    (void)state;
    xw_territory a = made(3000, 7), b = made(3000, 7), c = made(3000, 8);
    assert_true(digest(&a) == digest(&b));
    assert_true(digest(&a) != digest(&c));
    assert_int_equal(a.n_addresses, b.n_addresses);
    xw_territory_finish(&a);
    xw_territory_finish(&b);
    xw_territory_finish(&c);
}

static void test_households_add_up_to_what_was_asked(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {100, 101, 333, 1000, 2000, 5000, 20000};
    xw_rng r = rng_from_env(__func__);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        xw_territory t = made(sizes[k], xw_rng_next(&r) >> 1);
        uint64_t sum = 0;
        for (size_t i = 0; i < t.n_buildings; i++) {
            assert_true(t.buildings[i].households >= 0 && t.buildings[i].floors >= 1);
            assert_true(t.buildings[i].height_m > 0.0f);
            const unsigned use = t.buildings[i].use;
            if (use != XW_USE_HOUSE && use != XW_USE_FLATS)
                assert_int_equal(t.buildings[i].households, 0);
            sum += (uint64_t)t.buildings[i].households;
        }
        assert_int_equal(sum, sizes[k]);
        xw_territory_finish(&t);
    }
}

static int64_t area2(const xw_territory *t, xw_area a)
{
    int64_t sum = 0;
    for (uint32_t k = 0; k < a.n_rings; k++) {
        sum += xw_ring_area2(xw_territory_ring(t, a.first_ring + k));
    }
    return sum;
}

static bool is_level(const xw_territory *t, const xw_division *d, const char *level)
{
    return strcmp(xw_territory_text(t, d->level), level) == 0;
}

static void test_even_the_smallest_has_road_stream_and_railway(void **state)
{
    (void)state;
    xw_rng r = rng_from_env(__func__);
    for (uint64_t n = 100; n < 3000; n += 450) {
        xw_territory t = made(n, xw_rng_next(&r) >> 1);
        size_t roads = 0, water = 0, rail = 0;
        for (size_t i = 0; i < t.n_barriers; i++) {
            const unsigned cls = t.barriers[i].cls;
            roads += cls <= XW_CLASS_PATH;
            water += cls == XW_CLASS_RIVER || cls == XW_CLASS_STREAM;
            rail += cls == XW_CLASS_RAIL;
        }
        assert_true(roads && water && rail);
        xw_territory_finish(&t);
    }
}

static void test_divisions_tile_their_parents_exactly(void **state)
{
    (void)state;
    xw_rng r = rng_from_env(__func__);
    for (int round = 0; round < 12; round++) {
        xw_territory t = made(round ? 1000 + 700 * (uint64_t)round : 20000, xw_rng_next(&r) >> 1);
        for (size_t p = 0; p < t.n_divisions; p++) {
            const xw_division *parent = t.divisions + p;
            int64_t sum = 0;
            for (size_t c = 0; c < t.n_divisions; c++) {
                const xw_division *d = t.divisions + c;
                if (d->parent_code == parent->code) sum += area2(&t, d->area);
            }
            if (is_level(&t, parent, "village")) {
                assert_int_equal(sum, 0);
            } else {
                assert_true(sum == area2(&t, parent->area));
            }
        }
        assert_true(is_level(&t, t.divisions, "county"));
        xw_territory_finish(&t);
    }
}

static void test_codes_are_unique_with_twelve_digits_under_999(void **state)
{
    (void)state;
    xw_territory t = made(20000, 3);
    size_t villages = 0;
    for (size_t i = 0; i < t.n_divisions; i++) {
        const xw_division *d = t.divisions + i;
        const char *code = xw_territory_text(&t, d->code);
        assert_int_equal(strlen(code), 12);
        assert_int_equal(strspn(code, "0123456789"), 12);
        assert_memory_equal(code, "999", 3);
        villages += is_level(&t, d, "village");
        for (size_t k = 0; k < i; k++) {
            assert_true(t.divisions[k].code != d->code);
            if (t.divisions[k].level == d->level) assert_true(t.divisions[k].name != d->name);
        }
    }
    assert_in_range(villages, 35, 70);
    xw_territory_finish(&t);
}

/* ---- with GEOS as the oracle ---------------------------------------------------------------- */

static GEOSContextHandle_t geos;

static GEOSCoordSequence *sequence(const xw_pt *p, uint32_t n, bool close)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(geos, n + close, 2);
    for (uint32_t k = 0; k < n + close; k++) {
        (void)GEOSCoordSeq_setXY_r(geos, s, k, p[k % n].x, p[k % n].y);
    }
    return s;
}

static GEOSGeometry *ring_of(const xw_territory *t, uint32_t ring)
{
    const xw_ring r = xw_territory_ring(t, ring);
    return GEOSGeom_createLinearRing_r(geos, sequence(r.pts, r.n, true));
}

/* One outer ring first, then holes, as the sample's areas are. */
static GEOSGeometry *area_of(const xw_territory *t, xw_area a)
{
    GEOSGeometry *holes[8];
    assert_in_range(a.n_rings, 1, 8);
    for (uint32_t k = 1; k < a.n_rings; k++) holes[k - 1] = ring_of(t, a.first_ring + k);
    return GEOSGeom_createPolygon_r(geos, ring_of(t, a.first_ring), holes, a.n_rings - 1);
}

typedef struct world {
    xw_territory t;
    GEOSGeometry **buildings;
    GEOSSTRtree *tree;
} world;

static world open_world(uint64_t households, uint64_t seed)
{
    world w = {.t = made(households, seed)};
    geos = GEOS_init_r();
    w.buildings = calloc(w.t.n_buildings, sizeof(GEOSGeometry *));
    w.tree = GEOSSTRtree_create_r(geos, 10);
    assert_non_null(w.buildings);
    for (size_t i = 0; i < w.t.n_buildings; i++) {
        w.buildings[i] = area_of(&w.t, w.t.buildings[i].area);
        assert_int_equal(GEOSisValid_r(geos, w.buildings[i]), 1);
        GEOSSTRtree_insert_r(geos, w.tree, w.buildings[i], &w.buildings[i]);
    }
    return w;
}

static void close_world(world *w)
{
    for (size_t i = 0; i < w->t.n_buildings; i++) GEOSGeom_destroy_r(geos, w->buildings[i]);
    GEOSSTRtree_destroy_r(geos, w->tree);
    GEOS_finish_r(geos);
    free(w->buildings);
    xw_territory_finish(&w->t);
}

typedef struct near {
    const world *w;
    const GEOSGeometry *g;
    size_t self, touching, hits;
} near;

static size_t common_vertices(const xw_territory *t, size_t a, size_t b)
{
    const xw_ring p = xw_territory_ring(t, t->buildings[a].area.first_ring);
    const xw_ring q = xw_territory_ring(t, t->buildings[b].area.first_ring);
    size_t n = 0;
    for (uint32_t i = 0; i < p.n; i++) {
        for (uint32_t k = 0; k < q.n; k++) n += xw_pt_eq(p.pts[i], q.pts[k]);
    }
    return n;
}

static void meet_building(void *item, void *user)
{
    near *n = user;
    const size_t other = (size_t)((GEOSGeometry **)item - n->w->buildings);
    if (other <= n->self || !GEOSIntersects_r(geos, n->g, n->w->buildings[other])) return;
    assert_int_equal(GEOSRelatePattern_r(geos, n->g, n->w->buildings[other], "T********"), 0);
    assert_int_equal(common_vertices(&n->w->t, n->self, other), 2);
    n->touching++;
}

static void check_no_overlap(uint64_t households, uint64_t seed)
{
    world w = open_world(households, seed);
    near n = {.w = &w};
    for (n.self = 0; n.self < w.t.n_buildings; n.self++) {
        n.g = w.buildings[n.self];
        GEOSSTRtree_query_r(geos, w.tree, n.g, meet_building, &n);
    }
    assert_in_range(n.touching, households / 60, w.t.n_buildings); /* rows are common */
    close_world(&w);
}

static void test_buildings_do_not_overlap_and_rows_share_both_vertices_of_a_wall(void **state)
{
    (void)state;
    xw_rng r = rng_from_env(__func__);
    check_no_overlap(1000, xw_rng_next(&r) >> 1);
    check_no_overlap(20000, xw_rng_next(&r) >> 1);
}

static void hit(void *item, void *user)
{
    near *n = user;
    n->hits += GEOSIntersects_r(geos, n->g, *(GEOSGeometry **)item) == 1;
}

static void test_no_building_touches_road_wall_rail_or_water(void **state)
{
    (void)state;
    xw_rng r = rng_from_env(__func__);
    world w = open_world(20000, xw_rng_next(&r) >> 1);
    near n = {.w = &w};
    size_t seen[XW_CLASS_COUNT] = {0};
    for (size_t i = 0; i < w.t.n_barriers; i++) {
        const xw_barrier *b = w.t.barriers + i;
        GEOSGeometry *line =
            GEOSGeom_createLineString_r(geos, sequence(w.t.pts + b->first, b->n, false));
        n.g = line;
        GEOSSTRtree_query_r(geos, w.tree, line, hit, &n);
        GEOSGeom_destroy_r(geos, line);
        seen[b->cls]++;
    }
    for (size_t i = 0; i < w.t.n_waters; i++) {
        GEOSGeometry *g = area_of(&w.t, w.t.waters[i].area);
        assert_int_equal(GEOSisValid_r(geos, g), 1);
        n.g = g;
        GEOSSTRtree_query_r(geos, w.tree, g, hit, &n);
        GEOSGeom_destroy_r(geos, g);
    }
    assert_int_equal(n.hits, 0);
    static const unsigned need[] = {XW_CLASS_PRIMARY,     XW_CLASS_SECONDARY, XW_CLASS_TERTIARY,
                                    XW_CLASS_RESIDENTIAL, XW_CLASS_SERVICE,   XW_CLASS_TRACK,
                                    XW_CLASS_RIVER,       XW_CLASS_RAIL,      XW_CLASS_WALL};
    for (size_t k = 0; k < sizeof need / sizeof need[0]; k++) assert_true(seen[need[k]] > 0);
    close_world(&w);
}

typedef struct within {
    const world *w;
    const GEOSPreparedGeometry *division;
    uint32_t *count;
} within;

static void count_within(void *item, void *user)
{
    const within *in = user;
    const GEOSGeometry *g = *(GEOSGeometry **)item;
    const size_t i = (size_t)((GEOSGeometry **)item - in->w->buildings);
    in->count[i] += GEOSPreparedContainsProperly_r(geos, in->division, g) == 1;
}

static void test_every_building_lies_inside_one_village(void **state)
{
    (void)state;
    xw_rng r = rng_from_env(__func__);
    world w = open_world(20000, xw_rng_next(&r) >> 1);
    within in = {.w = &w, .count = calloc(w.t.n_buildings, sizeof(uint32_t))};
    assert_non_null(in.count);
    for (size_t d = 0; d < w.t.n_divisions; d++) {
        GEOSGeometry *g = area_of(&w.t, w.t.divisions[d].area);
        assert_int_equal(GEOSisValid_r(geos, g), 1);
        in.division = GEOSPrepare_r(geos, g);
        if (is_level(&w.t, w.t.divisions + d, "village")) {
            GEOSSTRtree_query_r(geos, w.tree, g, count_within, &in);
        }
        GEOSPreparedGeom_destroy_r(geos, in.division);
        GEOSGeom_destroy_r(geos, g);
    }
    for (size_t i = 0; i < w.t.n_buildings; i++) assert_int_equal(in.count[i], 1);
    free(in.count);
    close_world(&w);
}

static void test_addresses_stand_in_their_buildings_and_differ(void **state)
{
    (void)state;
    xw_territory t = made(5000, 11);
    assert_true(t.n_addresses > 2000);
    for (size_t i = 0; i < t.n_addresses; i++) {
        const xw_address *a = t.addresses + i;
        assert_in_range(a->building, 0, t.n_buildings - 1);
        assert_true(xw_area_owns(&t, t.buildings[a->building].area, a->at));
        if (i) assert_true(a->building > t.addresses[i - 1].building);
    }
    xw_territory_finish(&t);
}

static uint32_t root(uint32_t *up, uint32_t k)
{
    while (up[k] != k) k = up[k] = up[up[k]];
    return k;
}

static const xw_pt *sort_pts;
static int by_place(const void *a, const void *b)
{
    const xw_pt p = sort_pts[*(const uint32_t *)a], q = sort_pts[*(const uint32_t *)b];
    return xw_pt_eq(p, q) ? 0 : xw_pt_less(p, q) ? -1 : 1;
}

/* Roads meet in common vertices, so joining equal vertices must leave one network. */
static void test_roads_hang_together(void **state)
{
    (void)state;
    xw_rng r = rng_from_env(__func__);
    for (int round = 0; round < 4; round++) {
        xw_territory t = made(round ? 3000 * (uint64_t)round : 200, xw_rng_next(&r) >> 1);
        uint32_t *up = calloc(t.n_pts, sizeof *up), *order = calloc(t.n_pts, sizeof *order);
        assert_true(up && order);
        size_t n = 0, parts = 0;
        for (size_t i = 0; i < t.n_barriers; i++) {
            const xw_barrier *b = t.barriers + i;
            for (uint32_t k = 0; k < b->n && b->cls <= XW_CLASS_PATH; k++) {
                up[b->first + k] = b->first;
                order[n++] = b->first + k;
            }
        }
        sort_pts = t.pts;
        qsort(order, n, sizeof *order, by_place);
        for (size_t k = 1; k < n; k++) {
            if (!xw_pt_eq(t.pts[order[k - 1]], t.pts[order[k]])) continue;
            up[root(up, order[k])] = root(up, order[k - 1]);
        }
        for (size_t k = 0; k < n; k++) parts += root(up, order[k]) == order[k];
        assert_int_equal(parts, 1);
        free(up);
        free(order);
        xw_territory_finish(&t);
    }
}

static void test_numbers_out_of_range_and_a_stop_are_refused(void **state)
{
    (void)state;
    xw_territory t;
    xw_error err;
    assert_int_equal(xw_sample_make(&(xw_sample_options){99, 1}, NULL, &t, &err), XW_USAGE);
    assert_int_equal(xw_sample_make(&(xw_sample_options){3000001, 1}, NULL, &t, &err), XW_USAGE);
    const volatile sig_atomic_t stop = 1;
    const xw_job job = {.cancel = &stop};
    assert_int_equal(xw_sample_make(&(xw_sample_options){1000, 1}, &job, &t, &err), XW_CANCELLED);
    assert_int_equal(t.n_pts, 0);
}

static void test_every_failing_allocation_is_reported(void **state)
{
    (void)state;
    const xw_sample_options o = {300, 2};
    bool failed = true;
    for (int n = 0; failed; n++) {
        xw_territory t;
        xw_error err;
        fail_alloc_at(n);
        const xw_status st = xw_sample_make(&o, NULL, &t, &err);
        failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_territory_finish(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_county_another_seed_another_one),
        cmocka_unit_test(test_households_add_up_to_what_was_asked),
        cmocka_unit_test(test_even_the_smallest_has_road_stream_and_railway),
        cmocka_unit_test(test_divisions_tile_their_parents_exactly),
        cmocka_unit_test(test_codes_are_unique_with_twelve_digits_under_999),
        cmocka_unit_test(test_buildings_do_not_overlap_and_rows_share_both_vertices_of_a_wall),
        cmocka_unit_test(test_no_building_touches_road_wall_rail_or_water),
        cmocka_unit_test(test_every_building_lies_inside_one_village),
        cmocka_unit_test(test_addresses_stand_in_their_buildings_and_differ),
        cmocka_unit_test(test_roads_hang_together),
        cmocka_unit_test(test_numbers_out_of_range_and_a_stop_are_refused),
        cmocka_unit_test(test_every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
