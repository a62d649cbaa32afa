/* Noding and faces over random messy scenes, with brute force and GEOS as independent oracles. */
#include "support/test.h"

#include "xiwang/map.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MAX = 60 };

/* Small coordinates make touching, collinear, doubled and crossing segments frequent. */
static size_t random_scene(xw_rng *r, xw_segment *s)
{
    const int32_t side = (int32_t[]){6, 40, 4000, 100000000}[xw_rng_below(r, 4)];
    const size_t n = 1 + xw_rng_below(r, SEGMENTS_MAX);
    for (size_t i = 0; i < n; i++) {
        s[i].a = (xw_pt){xw_rng_in(r, 0, side), xw_rng_in(r, 0, side)};
        s[i].b = (xw_pt){xw_rng_in(r, 0, side), xw_rng_in(r, 0, side)};
        if (i > 0 && xw_rng_below(r, 4) == 0) s[i].a = s[i - 1].b;
        if (xw_rng_below(r, 6) == 0) s[i].b.y = s[i].a.y;
        if (xw_rng_below(r, 6) == 0) s[i].b.x = s[i].a.x;
        if (i > 1 && xw_rng_below(r, 10) == 0) s[i] = s[i - 2];
        s[i].tag = (uint32_t)i;
    }
    return n;
}

static void assert_noded(const xw_noded *d)
{
    for (size_t i = 0; i < d->n_edges; i++) {
        const xw_pt a = d->nodes[d->edges[i].a], b = d->nodes[d->edges[i].b];
        for (size_t v = 0; v < d->n_nodes; v++) {
            if (v == d->edges[i].a || v == d->edges[i].b) continue;
            assert_false(xw_on_segment(a, b, d->nodes[v]));
        }
        for (size_t k = i + 1; k < d->n_edges; k++) {
            const xw_pt c = d->nodes[d->edges[k].a], e = d->nodes[d->edges[k].b];
            const bool cross = xw_orient(a, b, c) * xw_orient(a, b, e) < 0 &&
                               xw_orient(c, e, a) * xw_orient(c, e, b) < 0;
            assert_false(cross);
        }
    }
}

/* Every segment becomes a walk from its first to its last end, never more than a pixel away. */
static void assert_routes(const xw_segment *s, size_t n, const xw_noded *d)
{
    for (size_t i = 0; i < n; i++) {
        int64_t degree_sum = 0;
        for (size_t e = 0; e < d->n_edges; e++) {
            for (uint32_t t = 0; t < d->edges[e].n_tags; t++) {
                const uint32_t tag = d->tags[d->edges[e].first_tag + t];
                if (tag >> 1 != i) continue;
                const xw_pt from = d->nodes[tag & 1 ? d->edges[e].b : d->edges[e].a];
                const xw_pt to = d->nodes[tag & 1 ? d->edges[e].a : d->edges[e].b];
                degree_sum += (int64_t)to.x - from.x + 3 * ((int64_t)to.y - from.y);
                const double len = hypot((double)s[i].b.x - s[i].a.x, (double)s[i].b.y - s[i].a.y);
                const double off = ((double)s[i].b.x - s[i].a.x) * ((double)from.y - s[i].a.y) -
                                   ((double)s[i].b.y - s[i].a.y) * ((double)from.x - s[i].a.x);
                assert_true(fabs(off) / len <= 0.7072);
            }
        }
        assert_int_equal(degree_sum,
                         (int64_t)s[i].b.x - s[i].a.x + 3 * ((int64_t)s[i].b.y - s[i].a.y));
    }
}

/* Number of faces and their areas against GEOS Polygonize of the same edges. */
static void assert_faces(GEOSContextHandle_t g, const xw_map *m)
{
    const xw_noded *d = m->noded;
    GEOSGeometry **lines = malloc((d->n_edges + 1) * sizeof(void *));
    for (size_t i = 0; i < d->n_edges; i++) {
        GEOSCoordSequence *c = GEOSCoordSeq_create_r(g, 2, 2);
        const xw_pt a = d->nodes[d->edges[i].a], b = d->nodes[d->edges[i].b];
        GEOSCoordSeq_setXY_r(g, c, 0, a.x, a.y);
        GEOSCoordSeq_setXY_r(g, c, 1, b.x, b.y);
        lines[i] = GEOSGeom_createLineString_r(g, c);
    }
    GEOSGeometry *faces =
        GEOSPolygonize_r(g, (const GEOSGeometry *const *)lines, (unsigned)d->n_edges);
    assert_non_null(faces);
    assert_int_equal(GEOSGetNumGeometries_r(g, faces), m->n_faces - 1);
    double area = 0.0, ours = 0.0;
    GEOSArea_r(g, faces, &area);
    for (size_t f = 1; f < m->n_faces; f++) ours += 0.5 * (double)m->area2[f];
    assert_true(fabs(area - ours) <= 1e-9 * (area + 1));
    GEOSGeom_destroy_r(g, faces);
    for (size_t i = 0; i < d->n_edges; i++) GEOSGeom_destroy_r(g, lines[i]);
    free(lines);
}

static void test_messy_scenes_become_valid_maps(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("map");
    GEOSContextHandle_t g = GEOS_init_r();
    for (int round = 0; round < 1000; round++) {
        xw_segment s[SEGMENTS_MAX];
        const size_t n = random_scene(&r, s);
        xw_noded d;
        xw_map m;
        xw_error err = {XW_OK, ""};
        assert_int_equal(xw_node(s, n, NULL, &d, &err), XW_OK);
        assert_noded(&d);
        assert_routes(s, n, &d);
        assert_int_equal(xw_map_create(&d, &m, &err), XW_OK);
        if (xw_map_check(&m, &err)) fail_msg("round %d: %s", round, err.text);
        assert_faces(g, &m);
        xw_map_finish(&m);
        xw_noded_finish(&d);
    }
    GEOS_finish_r(g);
}

static void assert_same_noded(const xw_noded *d, const xw_noded *e)
{
    assert_int_equal(d->n_nodes, e->n_nodes);
    assert_int_equal(d->n_edges, e->n_edges);
    assert_int_equal(d->n_tags, e->n_tags);
    assert_memory_equal(d->nodes, e->nodes, d->n_nodes * sizeof *d->nodes);
    assert_memory_equal(d->edges, e->edges, d->n_edges * sizeof *d->edges);
    assert_memory_equal(d->tags, e->tags, d->n_tags * sizeof *d->tags);
}

static void assert_same_map(const xw_map *a, const xw_map *b)
{
    assert_int_equal(a->n_halves, b->n_halves);
    assert_int_equal(a->n_faces, b->n_faces);
    assert_int_equal(a->n_components, b->n_components);
    assert_memory_equal(a->next, b->next, a->n_halves * sizeof *a->next);
    assert_memory_equal(a->face, b->face, a->n_halves * sizeof *a->face);
    assert_memory_equal(a->first, b->first, a->n_faces * sizeof *a->first);
    assert_memory_equal(a->area2, b->area2, a->n_faces * sizeof *a->area2);
}

static void test_order_and_threads_do_not_matter(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("map order");
    enum { N = 40000 };
    xw_segment *s = malloc(2 * N * sizeof *s);
    for (uint32_t i = 0; i < N; i++) {
        const xw_pt a = {xw_rng_in(&r, 0, 3000000), xw_rng_in(&r, 0, 3000000)};
        s[i] = (xw_segment){
            a, {a.x + xw_rng_in(&r, -9000, 9000), a.y + xw_rng_in(&r, -9000, 9000)}, i};
    }
    for (uint32_t i = 0; i < N; i++) s[N + i] = s[N - 1 - i];
    xw_noded d, e;
    static const unsigned threads[] = {1, 2, 3, 7};
    xw_map m, n;
    assert_int_equal(xw_node(s, N, NULL, &d, NULL), XW_OK);
    assert_int_equal(xw_map_create(&d, &m, NULL), XW_OK);
    assert_int_equal(xw_map_check(&m, NULL), XW_OK);
    for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
        const xw_job job = {.threads = threads[k]};
        assert_int_equal(xw_node(s + N, N, &job, &e, NULL), XW_OK);
        assert_same_noded(&d, &e);
        assert_int_equal(xw_map_create_with(&e, &job, &n, NULL), XW_OK);
        assert_same_map(&m, &n);
        xw_map_finish(&n);
        xw_noded_finish(&e);
    }
    xw_map_finish(&m);
    xw_noded_finish(&d);
    free(s);
}

/* Edges that are noded already, and new lines over them: the same as noding all of it anew. */
static void test_what_is_noded_may_be_noded_onto(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("map onto");
    for (int round = 0; round < 300; round++) {
        xw_segment s[SEGMENTS_MAX];
        xw_noded base, d, e;
        const size_t n = random_scene(&r, s);
        assert_int_equal(xw_node(s, n, NULL, &base, NULL), XW_OK);
        const size_t more = random_scene(&r, s);
        xw_segment *all = malloc((base.n_edges + more + 1) * sizeof *all);
        size_t k = 0;
        for (size_t i = 0; i < base.n_edges; i++) {
            if (xw_rng_below(&r, 5) == 0) continue;
            all[k] =
                (xw_segment){base.nodes[base.edges[i].a], base.nodes[base.edges[i].b], (uint32_t)k};
            k++;
        }
        const size_t n_noded = k;
        for (size_t i = 0; i < more; i++, k++) {
            all[k] = s[i];
            all[k].tag = (uint32_t)k;
        }
        assert_int_equal(xw_node(all, k, NULL, &d, NULL), XW_OK);
        assert_int_equal(xw_node_onto(all, k, n_noded, NULL, &e, NULL), XW_OK);
        assert_same_noded(&d, &e);
        assert_noded(&e);
        xw_noded_finish(&d);
        xw_noded_finish(&e);
        xw_noded_finish(&base);
        free(all);
    }
}

static void test_nothing_gives_the_unbounded_face(void **state)
{
    (void)state;
    xw_noded d;
    xw_map m;
    assert_int_equal(xw_node(NULL, 0, NULL, &d, NULL), XW_OK);
    assert_int_equal(xw_map_create(&d, &m, NULL), XW_OK);
    assert_int_equal(m.n_faces, 1);
    assert_int_equal(xw_map_check(&m, NULL), XW_OK);
    xw_map_finish(&m);
    xw_noded_finish(&d);
}

static void test_a_map_of_the_whole_world_is_refused(void **state)
{
    (void)state;
    const xw_segment s = {{-1700000000, 0}, {1700000000, 5}, 0};
    xw_noded d;
    xw_error err;
    assert_int_equal(xw_node(&s, 1, NULL, &d, &err), XW_LIMIT);
    assert_non_null(strstr(err.text, "340.0"));
}

/* Every allocation fails once; the leak checker of the test build does the rest. */
static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {7};
    xw_segment s[SEGMENTS_MAX];
    const size_t n = random_scene(&r, s);
    for (int k = 0;; k++) {
        xw_noded d;
        xw_map m = {0};
        fail_alloc_at(k);
        xw_status st = xw_node(s, n, NULL, &d, NULL);
        if (!st) st = xw_map_create(&d, &m, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_map_finish(&m);
        xw_noded_finish(&d);
        if (!failed) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messy_scenes_become_valid_maps),
        cmocka_unit_test(test_order_and_threads_do_not_matter),
        cmocka_unit_test(test_what_is_noded_may_be_noded_onto),
        cmocka_unit_test(test_nothing_gives_the_unbounded_face),
        cmocka_unit_test(test_a_map_of_the_whole_world_is_refused),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
