/* Outlines of random sets of plots against unions by GEOS: shape, validity, nesting of holes, sets
 * that touch themselves at a point. */
#include "support/test.h"

#include "support/block_town.h"
#include "support/toy_model.h"
#include "xiwang/outline.h"

#include <geos_c.h>
#include <math.h>
#include <string.h>

typedef struct scene {
    GEOSContextHandle_t g;
    xw_model m;
    xw_edge_index ix;
    xw_tracer *tracer;
    GEOSGeometry **plots; /* by plot, made by GEOS from the lines alone */
} scene;

static GEOSGeometry *line_of(scene *s, const xw_edge *e)
{
    GEOSCoordSequence *c = GEOSCoordSeq_create_r(s->g, e->n, 2);
    for (uint32_t i = 0; i < e->n; i++) {
        GEOSCoordSeq_setXY_r(s->g, c, i, s->m.pts[e->first + i].x, s->m.pts[e->first + i].y);
    }
    return GEOSGeom_createLineString_r(s->g, c);
}

/* A plot is the face of all lines that has its anchor. */
static void scene_open(scene *s)
{
    s->g = GEOS_init_r();
    assert_int_equal(xw_edge_index_create(&s->m, &s->ix, NULL), XW_OK);
    assert_int_equal(xw_tracer_create(&s->m, &s->ix, &s->tracer, NULL), XW_OK);
    GEOSGeometry **lines = malloc((s->m.n_edges + 1) * sizeof(void *));
    for (size_t i = 0; i < s->m.n_edges; i++) lines[i] = line_of(s, &s->m.edges[i]);
    GEOSGeometry *faces =
        GEOSPolygonize_r(s->g, (const GEOSGeometry *const *)lines, (unsigned)s->m.n_edges);
    s->plots = calloc(s->m.n_plots + 1, sizeof *s->plots);
    for (int f = 0; f < GEOSGetNumGeometries_r(s->g, faces); f++) {
        const GEOSGeometry *face = GEOSGetGeometryN_r(s->g, faces, f);
        const GEOSPreparedGeometry *fast = GEOSPrepare_r(s->g, face);
        for (size_t p = 0; p < s->m.n_plots; p++) {
            GEOSGeometry *at =
                GEOSGeom_createPointFromXY_r(s->g, s->m.plots[p].anchor.x, s->m.plots[p].anchor.y);
            if (GEOSPreparedContains_r(s->g, fast, at) == 1) {
                assert_null(s->plots[p]);
                s->plots[p] = GEOSGeom_clone_r(s->g, face);
            }
            GEOSGeom_destroy_r(s->g, at);
        }
        GEOSPreparedGeom_destroy_r(s->g, fast);
    }
    for (size_t p = 0; p < s->m.n_plots; p++) assert_non_null(s->plots[p]);
    for (size_t i = 0; i < s->m.n_edges; i++) GEOSGeom_destroy_r(s->g, lines[i]);
    free(lines);
    GEOSGeom_destroy_r(s->g, faces);
}

static void scene_close(scene *s)
{
    for (size_t p = 0; p < s->m.n_plots; p++) GEOSGeom_destroy_r(s->g, s->plots[p]);
    free(s->plots);
    xw_tracer_destroy(s->tracer);
    xw_edge_index_finish(&s->ix);
    xw_model_finish(&s->m);
    GEOS_finish_r(s->g);
}

static GEOSGeometry *union_of(const scene *s, const uint32_t *plots, size_t n)
{
    GEOSGeometry **parts = malloc((n + 1) * sizeof(void *));
    for (size_t i = 0; i < n; i++) parts[i] = GEOSGeom_clone_r(s->g, s->plots[plots[i]]);
    GEOSGeometry *all = GEOSGeom_createCollection_r(s->g, GEOS_MULTIPOLYGON, parts, (unsigned)n);
    GEOSGeometry *u = GEOSUnaryUnion_r(s->g, all);
    GEOSGeom_destroy_r(s->g, all);
    free(parts);
    assert_non_null(u);
    return u;
}

/* A ring of ours, checked: simple, turned the right way, its area as said. */
static GEOSGeometry *ring_of(const scene *s, const xw_outline *o, size_t ring)
{
    const xw_outline_ring *r = &o->rings[ring];
    xw_pt *pts = NULL;
    size_t n = 0, cap = 0;
    assert_int_equal(xw_outline_points(&s->m, o, r, &pts, &n, &cap, NULL), XW_OK);
    assert_true(n >= 3);
    assert_int_equal(xw_ring_area2((xw_ring){pts, (uint32_t)n}), r->area2);
    assert_int_equal(r->hole, r->area2 < 0);
    assert_int_not_equal(r->area2, 0);
    GEOSCoordSequence *c = GEOSCoordSeq_create_r(s->g, (unsigned)n + 1, 2);
    for (size_t i = 0; i <= n; i++) {
        GEOSCoordSeq_setXY_r(s->g, c, (unsigned)i, pts[i % n].x, pts[i % n].y);
    }
    free(pts);
    GEOSGeometry *g = GEOSGeom_createLinearRing_r(s->g, c);
    assert_int_equal(GEOSisSimple_r(s->g, g), 1);
    return g;
}

/* Each outer ring with the holes that follow it. */
static GEOSGeometry *polygons_of(const scene *s, const xw_outline *o)
{
    GEOSGeometry **polygons = malloc((o->n_rings + 1) * sizeof(void *));
    GEOSGeometry **holes = malloc((o->n_rings + 1) * sizeof(void *));
    unsigned n = 0;
    for (size_t i = 0; i < o->n_rings;) {
        assert_false(o->rings[i].hole);
        GEOSGeometry *outer = ring_of(s, o, i++);
        unsigned n_holes = 0;
        for (; i < o->n_rings && o->rings[i].hole; i++) holes[n_holes++] = ring_of(s, o, i);
        polygons[n++] = GEOSGeom_createPolygon_r(s->g, outer, holes, n_holes);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(s->g, GEOS_MULTIPOLYGON, polygons, n);
    free(polygons);
    free(holes);
    return all;
}

static int rings_in(const scene *s, const GEOSGeometry *g)
{
    int n = 0;
    for (int i = 0; i < GEOSGetNumGeometries_r(s->g, g); i++) {
        n += 1 + GEOSGetNumInteriorRings_r(s->g, GEOSGetGeometryN_r(s->g, g, i));
    }
    return n;
}

typedef struct tally {
    size_t holes, several, pinched;
} tally;

/* Rings of one outline that share a vertex: the set touches itself there. */
static bool is_pinched(const scene *s, const GEOSGeometry *g)
{
    GEOSGeometry *line = GEOSBoundary_r(s->g, g);
    const bool simple = GEOSisSimple_r(s->g, line) == 1;
    GEOSGeom_destroy_r(s->g, line);
    return !simple;
}

static void assert_outline(scene *s, const uint32_t *plots, size_t n, xw_outline *o, tally *seen)
{
    xw_error err = {XW_OK, ""};
    if (xw_tracer_trace(s->tracer, plots, n, o, &err)) fail_msg("%s", err.text);
    if (n == 0) {
        assert_int_equal(o->n_rings, 0);
        return;
    }
    GEOSGeometry *want = union_of(s, plots, n), *got = polygons_of(s, o);
    char *why = GEOSisValidReason_r(s->g, got);
    assert_string_equal(why, "Valid Geometry");
    GEOSFree_r(s->g, why);
    assert_int_equal(GEOSEquals_r(s->g, want, got), 1);
    assert_int_equal(GEOSGetNumGeometries_r(s->g, want), GEOSGetNumGeometries_r(s->g, got));
    assert_int_equal(rings_in(s, want), o->n_rings);
    double area = 0.0, ours = 0.0;
    GEOSArea_r(s->g, want, &area);
    for (size_t i = 0; i < o->n_rings; i++) ours += 0.5 * (double)o->rings[i].area2;
    assert_true(fabs(area - ours) <= 1e-9 * area);
    const size_t polygons = (size_t)GEOSGetNumGeometries_r(s->g, got);
    seen->several += polygons > 1;
    seen->holes += o->n_rings > polygons;
    seen->pinched += is_pinched(s, got);
    GEOSGeom_destroy_r(s->g, want);
    GEOSGeom_destroy_r(s->g, got);
}

static size_t draw_set(xw_rng *r, size_t n_plots, uint32_t *set)
{
    const uint32_t percent = (uint32_t[]){3, 30, 50, 80, 97, 100}[xw_rng_below(r, 6)];
    size_t n = 0;
    for (uint32_t p = 0; p < n_plots; p++) {
        if (xw_rng_below(r, 100) < percent) set[n++] = p;
    }
    for (size_t i = n; i > 1; i--) { /* the order is no part of a set */
        const uint32_t k = xw_rng_below(r, (uint32_t)i), t = set[k];
        set[k] = set[i - 1];
        set[i - 1] = t;
    }
    return n;
}

static void test_every_set_of_the_toy_is_its_union(void **state)
{
    (void)state;
    scene s;
    xw_outline o = {0};
    tally seen = {0};
    assert_true(toy_model_make(&s.m));
    scene_open(&s);
    for (uint32_t bits = 0; bits < 1u << s.m.n_plots; bits++) {
        uint32_t set[16];
        size_t n = 0;
        for (uint32_t p = 0; p < s.m.n_plots; p++) {
            if (bits >> p & 1) set[n++] = p;
        }
        assert_outline(&s, set, n, &o, &seen);
    }
    assert_true(seen.holes > 50 && seen.several > 50 && seen.pinched > 50);
    xw_outline_finish(&o);
    scene_close(&s);
}

static void test_random_sets_of_towns_are_their_unions(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("outline");
    xw_outline o = {0};
    tally seen = {0};
    for (int round = 0; round < 40; round++) {
        scene s;
        block_town_options town = block_town_draw(&r);
        town.columns = 1 + town.columns % 14;
        town.rows = 1 + town.rows % 14;
        if (town.divisions > town.columns) town.divisions = town.columns;
        block_town_build(&town, &r, &s.m);
        scene_open(&s);
        uint32_t *set = malloc((s.m.n_plots + 1) * sizeof *set);
        for (int k = 0; k < 12; k++) {
            const size_t n = draw_set(&r, s.m.n_plots, set);
            assert_outline(&s, set, n, &o, &seen);
        }
        free(set);
        scene_close(&s);
    }
    fprintf(stderr, "# holes in %zu, several parts in %zu, pinched %zu\n", seen.holes, seen.several,
            seen.pinched);
    assert_true(seen.holes > 30 && seen.several > 30 && seen.pinched > 30);
    xw_outline_finish(&o);
}

static void add_edge(xw_model *m, xw_pt a, xw_pt b, uint32_t left, uint32_t right)
{
    xw_edge *e = XW_MODEL_ADD(m, edges);
    assert_non_null(e);
    assert_int_equal(xw_model_add_pts(m, (const xw_pt[]){a, b}, 2, &e->first, NULL), XW_OK);
    e->n = 2;
    e->left = left;
    e->right = right;
}

/* A pie: all plots meet at one point, where a set may touch itself many times. */
static void make_pie(xw_rng *r, xw_model *m)
{
    const uint32_t n = 4 + xw_rng_below(r, 11);
    xw_pt rim[15];
    for (uint32_t i = 0; i < n; i++) {
        const double angle = 2 * 3.14159265358979 * (i + 0.6 * xw_rng_unit(r)) / n;
        const double far = 1000 + 9000 * xw_rng_unit(r);
        rim[i] = (xw_pt){(int32_t)(far * cos(angle)), (int32_t)(far * sin(angle))};
    }
    xw_model_init(m);
    for (uint32_t i = 0; i < n; i++) {
        const xw_pt a = rim[i], b = rim[(i + 1) % n], centre = {0, 0};
        xw_plot *p = XW_MODEL_ADD(m, plots);
        assert_non_null(p);
        p->anchor = (xw_pt){(a.x + b.x) / 3, (a.y + b.y) / 3};
        add_edge(m, centre, a, i, (i + n - 1) % n);
        add_edge(m, b, a, XW_NONE, i);
    }
}

static void test_a_set_may_touch_itself_many_times_at_a_point(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("pie");
    xw_outline o = {0};
    tally seen = {0};
    for (int round = 0; round < 300; round++) {
        scene s;
        make_pie(&r, &s.m);
        scene_open(&s);
        uint32_t set[16];
        for (int k = 0; k < 5; k++) {
            const size_t n = draw_set(&r, s.m.n_plots, set);
            assert_outline(&s, set, n, &o, &seen);
        }
        scene_close(&s);
    }
    assert_true(seen.pinched > 200 && seen.several > 200);
    xw_outline_finish(&o);
}

static bool is_below(const xw_model *m, uint32_t unit, uint32_t grid)
{
    uint32_t g = m->units[unit].grid;
    while (g != XW_NONE && g != grid) g = m->grids[g].parent;
    return g == grid;
}

static void test_plots_of_a_grid_are_those_with_a_unit_below_it(void **state)
{
    (void)state;
    xw_model m;
    uint32_t *plots = NULL;
    size_t n = 0, cap = 0;
    assert_true(toy_model_make(&m));
    for (uint32_t g = 0; g < m.n_grids; g++) {
        assert_int_equal(xw_grid_plots(&m, g, &plots, &n, &cap, NULL), XW_OK);
        size_t at = 0;
        for (uint32_t p = 0; p < m.n_plots; p++) {
            bool in = false;
            for (uint32_t u = 0; u < m.n_units; u++) {
                in = in || (m.units[u].plot == p && is_below(&m, u, g));
            }
            if (!in) continue;
            assert_true(at < n);
            assert_int_equal(plots[at++], p);
        }
        assert_int_equal(at, n);
    }
    free(plots);
    xw_model_finish(&m);
}

static void test_edges_of_a_plot_are_those_beside_it(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("edge index");
    for (int round = 0; round < 30; round++) {
        const block_town_options town = block_town_draw(&r);
        xw_model m;
        xw_edge_index ix;
        block_town_build(&town, &r, &m);
        assert_int_equal(xw_edge_index_create(&m, &ix, NULL), XW_OK);
        size_t *next = calloc(m.n_plots + 1, sizeof *next);
        for (uint32_t e = 0; e < m.n_edges; e++) {
            const uint32_t side[2] = {m.edges[e].left, m.edges[e].right};
            for (int k = 0; k < 2; k++) {
                if (side[k] == XW_NONE) continue;
                const size_t at = ix.start[side[k]] + next[side[k]]++;
                assert_true(at < ix.start[side[k] + 1]);
                assert_int_equal(ix.item[at], e);
            }
        }
        for (size_t p = 0; p < m.n_plots; p++) {
            assert_int_equal(ix.start[p] + next[p], ix.start[p + 1]);
        }
        free(next);
        xw_edge_index_finish(&ix);
        xw_model_finish(&m);
    }
}

static void test_edges_that_do_not_close_are_named_by_place(void **state)
{
    (void)state;
    scene s;
    xw_outline o = {0};
    xw_error err;
    assert_true(toy_model_make(&s.m));
    scene_open(&s);
    const xw_edge *e = &s.m.edges[s.ix.item[s.ix.start[0]]];
    s.m.pts[e->first + e->n - 1].x += 7;
    assert_int_equal(xw_tracer_trace(s.tracer, (const uint32_t[]){0}, 1, &o, &err), XW_INTERNAL);
    assert_non_null(strstr(err.text, "does not close at 119.1"));
    s.m.pts[e->first + e->n - 1].x -= 7;
    tally seen = {0};
    assert_outline(&s, (const uint32_t[]){0}, 1, &o, &seen); /* the tracer is good for more */
    xw_outline_finish(&o);
    scene_close(&s);
}

/* A hole is turned into an outer ring's hole only if there is one: the pond without its land. */
static void test_a_hole_without_an_outer_ring_is_refused(void **state)
{
    (void)state;
    scene s;
    xw_outline o = {0};
    xw_error err;
    assert_true(toy_model_make(&s.m));
    scene_open(&s);
    for (size_t i = 0; i < s.m.n_edges; i++) {
        xw_edge *e = &s.m.edges[i];
        if (e->left == 4 && e->right == 6) e->left = 0, e->right = 6; /* a second hole, far off */
    }
    xw_edge_index_finish(&s.ix);
    assert_int_equal(xw_edge_index_create(&s.m, &s.ix, NULL), XW_OK);
    const xw_status st = xw_tracer_trace(s.tracer, (const uint32_t[]){0, 8}, 2, &o, &err);
    assert_int_equal(st, XW_INTERNAL);
    assert_non_null(strstr(err.text, "hole"));
    xw_outline_finish(&o);
    scene_close(&s);
}

static xw_status everything(const xw_model *m, xw_error *err)
{
    xw_edge_index ix = {0};
    xw_tracer *t = NULL;
    xw_outline o = {0};
    uint32_t *plots = NULL;
    xw_pt *pts = NULL;
    size_t n = 0, cap = 0, n_pts = 0, cap_pts = 0;
    xw_status st = xw_edge_index_create(m, &ix, err);
    if (!st) st = xw_tracer_create(m, &ix, &t, err);
    if (!st) st = xw_grid_plots(m, 0, &plots, &n, &cap, err);
    if (!st) st = xw_tracer_trace(t, (const uint32_t[]){1, 2, 4, 7, 9}, 5, &o, err);
    for (size_t i = 0; i < o.n_rings && !st; i++) {
        st = xw_outline_points(m, &o, &o.rings[i], &pts, &n_pts, &cap_pts, err);
    }
    free(pts);
    free(plots);
    xw_outline_finish(&o);
    xw_tracer_destroy(t);
    xw_edge_index_finish(&ix);
    return st;
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_model m;
    assert_true(toy_model_make(&m));
    for (int k = 0;; k++) {
        xw_error err = {XW_OK, ""};
        fail_alloc_at(k);
        const xw_status st = everything(&m, &err);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        assert_int_equal(err.status, st);
        if (!failed) {
            assert_true(k > 10);
            break;
        }
    }
    xw_model_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_set_of_the_toy_is_its_union),
        cmocka_unit_test(test_random_sets_of_towns_are_their_unions),
        cmocka_unit_test(test_a_set_may_touch_itself_many_times_at_a_point),
        cmocka_unit_test(test_plots_of_a_grid_are_those_with_a_unit_below_it),
        cmocka_unit_test(test_edges_of_a_plot_are_those_beside_it),
        cmocka_unit_test(test_edges_that_do_not_close_are_named_by_place),
        cmocka_unit_test(test_a_hole_without_an_outer_ring_is_refused),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
