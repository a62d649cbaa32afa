/* A thousand numbered messy scenes against GEOS: the plots are valid polygons with disjoint
 * interiors, their union is the territory, every building's households are somewhere, and the bytes
 * are the same for any order of the features and any number of threads.
 *
 * A run takes 250 of them, beginning with XW_SEED; XW_SCENES says how many (1000 is all). */
#include "support/test.h"

#include "plots/messy.h"
#include "plots/scenes.h"
#include "xiwang/outline.h"
#include "xiwang/plots.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCENES = 1000, A_RUN = 250 };

typedef struct oracle {
    GEOSContextHandle_t g;
    uint32_t scene;
} oracle;

static GEOSGeometry *ring_line(GEOSContextHandle_t g, const xw_pt *p, size_t n)
{
    GEOSCoordSequence *c = GEOSCoordSeq_create_r(g, (unsigned)n + 1, 2);
    for (size_t i = 0; i <= n; i++) {
        GEOSCoordSeq_setXY_r(g, c, (unsigned)i, p[i % n].x, p[i % n].y);
    }
    return GEOSGeom_createLinearRing_r(g, c);
}

static GEOSGeometry *plot_polygon(const oracle *o, const xw_model *m, xw_tracer *t, uint32_t p)
{
    xw_outline line = {0};
    xw_pt *pts = NULL;
    size_t n = 0, cap = 0;
    GEOSGeometry *shell = NULL, *holes[256];
    unsigned n_holes = 0;
    assert_int_equal(xw_tracer_trace(t, &p, 1, &line, NULL), XW_OK);
    for (size_t i = 0; i < line.n_rings; i++) {
        n = 0;
        assert_int_equal(xw_outline_points(m, &line, &line.rings[i], &pts, &n, &cap, NULL), XW_OK);
        GEOSGeometry *r = ring_line(o->g, pts, n);
        if (line.rings[i].hole) {
            assert_true(n_holes < 256);
            holes[n_holes++] = r;
        } else {
            if (shell) fail_msg("scene %u: plot %u has two pieces", o->scene, p);
            shell = r;
        }
    }
    free(pts);
    xw_outline_finish(&line);
    assert_non_null(shell);
    return GEOSGeom_createPolygon_r(o->g, shell, holes, n_holes);
}

static double size_of(const oracle *o, const GEOSGeometry *a)
{
    double area = 0.0;
    assert_int_equal(GEOSArea_r(o->g, a, &area), 1);
    return area;
}

static double length_of(const oracle *o, const GEOSGeometry *a)
{
    double length = 0.0;
    assert_int_equal(GEOSLength_r(o->g, a, &length), 1);
    return length;
}

/* Union of the areas. */
static GEOSGeometry *union_of(const oracle *o, const xw_territory *t, const xw_area *areas,
                              size_t n)
{
    GEOSGeometry *sum = GEOSGeom_createEmptyPolygon_r(o->g);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < areas[i].n_rings; k++) {
            const xw_ring r = xw_territory_ring(t, areas[i].first_ring + k);
            if (xw_ring_area2(r) < 0) continue; /* holes only make the upper bound larger */
            GEOSGeometry *a = GEOSGeom_createPolygon_r(o->g, ring_line(o->g, r.pts, r.n), NULL, 0);
            GEOSGeometry *more = GEOSUnion_r(o->g, sum, a);
            assert_non_null(more);
            GEOSGeom_destroy_r(o->g, a);
            GEOSGeom_destroy_r(o->g, sum);
            sum = more;
        }
    }
    return sum;
}

/* Nothing of the divisions is missing, and nothing lies outside but footprints on their border.
 * Snap rounding moves a line by less than a unit: so much may differ along all lines. */
static void assert_territory(const oracle *o, const xw_territory *t, const GEOSGeometry *all)
{
    xw_area *areas = calloc(t->n_divisions + t->n_buildings + 1, sizeof *areas);
    assert_non_null(areas);
    size_t n = 0;
    for (size_t i = 0; i < t->n_divisions; i++) areas[n++] = t->divisions[i].area;
    GEOSGeometry *land = union_of(o, t, areas, n);
    for (size_t i = 0; i < t->n_buildings; i++) areas[n++] = t->buildings[i].area;
    GEOSGeometry *most = union_of(o, t, areas, n);
    GEOSGeometry *missing = GEOSDifference_r(o->g, land, all);
    GEOSGeometry *beyond = GEOSDifference_r(o->g, all, most);
    const double slack = length_of(o, land) + length_of(o, most);
    if (size_of(o, missing) > slack) {
        fail_msg("scene %u: %.0f units of land are in no plot", o->scene, size_of(o, missing));
    }
    if (size_of(o, beyond) > slack) {
        fail_msg("scene %u: %.0f units lie beyond the land", o->scene, size_of(o, beyond));
    }
    GEOSGeom_destroy_r(o->g, beyond);
    GEOSGeom_destroy_r(o->g, missing);
    GEOSGeom_destroy_r(o->g, most);
    GEOSGeom_destroy_r(o->g, land);
    free(areas);
}

static void assert_coverage(const oracle *o, const xw_territory *t, const xw_model *m)
{
    xw_edge_index ix;
    xw_tracer *tracer = NULL;
    assert_int_equal(xw_edge_index_create(m, &ix, NULL), XW_OK);
    assert_int_equal(xw_tracer_create(m, &ix, &tracer, NULL), XW_OK);
    GEOSGeometry **poly = calloc(m->n_plots + 1, sizeof(GEOSGeometry *));
    double sum = 0.0;
    assert_non_null(poly);
    for (uint32_t p = 0; p < m->n_plots; p++) {
        poly[p] = plot_polygon(o, m, tracer, p);
        if (GEOSisValid_r(o->g, poly[p]) != 1)
            fail_msg("scene %u: plot %u is invalid", o->scene, p);
        sum += size_of(o, poly[p]);
    }
    for (uint32_t p = 0; p < m->n_plots; p++) {
        for (uint32_t q = p + 1; q < m->n_plots; q++) {
            if (GEOSIntersects_r(o->g, poly[p], poly[q]) == 1 &&
                GEOSRelatePattern_r(o->g, poly[p], poly[q], "T********") != 0) {
                fail_msg("scene %u: plots %u and %u overlap", o->scene, p, q);
            }
        }
    }
    GEOSGeometry *many =
        GEOSGeom_createCollection_r(o->g, GEOS_MULTIPOLYGON, poly, (unsigned)m->n_plots);
    GEOSGeometry *all = GEOSUnaryUnion_r(o->g, many);
    assert_non_null(all);
    if (fabs(size_of(o, all) - sum) > 1e-9 * sum) fail_msg("scene %u: areas differ", o->scene);
    assert_territory(o, t, all);
    GEOSGeom_destroy_r(o->g, all);
    GEOSGeom_destroy_r(o->g, many);
    free(poly);
    xw_tracer_destroy(tracer);
    xw_edge_index_finish(&ix);
}

static bool is_listed(const xw_model *m, uint32_t b)
{
    for (size_t i = 0; i < m->n_findings; i++) {
        if (m->findings[i].source == m->buildings[b].source) return true;
    }
    return false;
}

static void assert_households(const oracle *o, const xw_territory *t, const xw_model *m)
{
    uint64_t given = 0, kept = 0;
    assert_int_equal(m->n_buildings, t->n_buildings);
    for (uint32_t b = 0; b < m->n_buildings; b++) {
        if (m->buildings[b].plot != XW_NONE)
            given += m->buildings[b].households;
        else if (!is_listed(m, b))
            fail_msg("scene %u: building %u is nowhere", o->scene, b);
    }
    for (size_t u = 0; u < m->n_units; u++) kept += m->units[u].households;
    assert_int_equal(given, kept);
}

#define ASSERT_SAME(a, b, name)                                                           \
    do {                                                                                  \
        assert_int_equal((a)->n_##name, (b)->n_##name);                                   \
        if ((a)->n_##name) {                                                              \
            assert_memory_equal((a)->name, (b)->name, (a)->n_##name * sizeof *(a)->name); \
        }                                                                                 \
    } while (0)

static void assert_same_in_any_order(const oracle *o, const xw_territory *t, const xw_model *a)
{
    const xw_job two = {.threads = 2};
    xw_rng r = {o->scene};
    xw_territory u;
    xw_model b;
    scene_shuffle(&r, t, &u);
    assert_int_equal(xw_plots_build(&u, NULL, &two, &b, NULL), XW_OK);
    ASSERT_SAME(a, &b, pts);
    ASSERT_SAME(a, &b, plots);
    ASSERT_SAME(a, &b, units);
    ASSERT_SAME(a, &b, edges);
    ASSERT_SAME(a, &b, buildings);
    assert_int_equal(a->n_findings, b.n_findings);
    assert_int_equal(a->text.n, b.text.n);
    assert_memory_equal(a->text.bytes, b.text.bytes, a->text.n);
    xw_model_finish(&b);
    xw_territory_finish(&u);
}

static void test_messy_scenes_become_the_coverage_that_geos_sees(void **state)
{
    (void)state;
    const char *e = getenv("XW_SCENES");
    const xw_rng seed = rng_from_env("messy scenes");
    const uint32_t n = e ? (uint32_t)strtoul(e, NULL, 10) : A_RUN;
    oracle o = {.g = GEOS_init_r()};
    for (uint32_t i = 0; i < n; i++) {
        xw_territory t;
        xw_model m;
        xw_error err = {XW_OK, ""};
        o.scene = (uint32_t)((seed.s + i) % SCENES);
        messy_scene(o.scene, &t);
        if (xw_plots_build(&t, NULL, NULL, &m, &err)) fail_msg("scene %u: %s", o.scene, err.text);
        if (xw_model_validate(&m, &err)) fail_msg("scene %u: %s", o.scene, err.text);
        assert_coverage(&o, &t, &m);
        assert_households(&o, &t, &m);
        assert_same_in_any_order(&o, &t, &m);
        xw_model_finish(&m);
        xw_territory_finish(&t);
    }
    print_message("# %u scenes\n", n);
    GEOS_finish_r(o.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messy_scenes_become_the_coverage_that_geos_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
