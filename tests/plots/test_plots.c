/* Messy territories become exact coverages; GEOS is the independent oracle. */
#include "support/test.h"

#include "plots/scenes.h"
#include "xiwang/outline.h"
#include "xiwang/plots.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static GEOSGeometry *ring_line(GEOSContextHandle_t g, const xw_pt *p, size_t n)
{
    GEOSCoordSequence *c = GEOSCoordSeq_create_r(g, (unsigned)n + 1, 2);
    for (size_t i = 0; i <= n; i++) {
        GEOSCoordSeq_setXY_r(g, c, (unsigned)i, p[i % n].x, p[i % n].y);
    }
    return GEOSGeom_createLinearRing_r(g, c);
}

/* The polygon of one plot, through the tracer. */
static GEOSGeometry *plot_polygon(GEOSContextHandle_t g, const xw_model *m, xw_tracer *t,
                                  uint32_t p)
{
    xw_outline o = {0};
    xw_pt *pts = NULL;
    size_t n = 0, cap = 0;
    GEOSGeometry *shell = NULL, *holes[64];
    unsigned n_holes = 0;
    xw_error err;
    if (xw_tracer_trace(t, &p, 1, &o, &err)) fail_msg("%s", err.text);
    for (size_t i = 0; i < o.n_rings; i++) {
        n = 0;
        assert_int_equal(xw_outline_points(m, &o, &o.rings[i], &pts, &n, &cap, NULL), XW_OK);
        GEOSGeometry *r = ring_line(g, pts, n);
        if (o.rings[i].hole) {
            assert_true(n_holes < 64);
            holes[n_holes++] = r;
        } else {
            assert_null(shell); /* one connected piece */
            shell = r;
        }
    }
    free(pts);
    xw_outline_finish(&o);
    assert_non_null(shell);
    return GEOSGeom_createPolygon_r(g, shell, holes, n_holes);
}

static void assert_footprint(GEOSContextHandle_t g, const xw_model *m, uint32_t b,
                             const GEOSGeometry *plot)
{
    const xw_model_building *v = &m->buildings[b];
    for (uint32_t i = 0; i < v->n_rings; i++) {
        const xw_span s = m->rings[v->first_ring + i];
        GEOSGeometry *r = ring_line(g, m->pts + s.first, s.n);
        assert_int_equal(GEOSCovers_r(g, plot, r), 1);
        GEOSGeom_destroy_r(g, r);
    }
}

static void assert_coverage(GEOSContextHandle_t g, const xw_model *m)
{
    xw_edge_index ix;
    xw_tracer *t = NULL;
    assert_int_equal(xw_edge_index_create(m, &ix, NULL), XW_OK);
    assert_int_equal(xw_tracer_create(m, &ix, &t, NULL), XW_OK);
    GEOSGeometry **poly = calloc(m->n_plots + 1, sizeof(void *));
    double sum = 0.0;
    for (uint32_t p = 0; p < m->n_plots; p++) {
        double a = 0.0;
        poly[p] = plot_polygon(g, m, t, p);
        assert_int_equal(GEOSisValid_r(g, poly[p]), 1);
        GEOSArea_r(g, poly[p], &a);
        sum += a;
        if (m->plots[p].building != XW_NONE) assert_footprint(g, m, m->plots[p].building, poly[p]);
    }
    for (uint32_t p = 0; p < m->n_plots; p++) { /* pairwise interiors are disjoint */
        for (uint32_t q = p + 1; q < m->n_plots; q++) {
            assert_int_equal(GEOSRelatePattern_r(g, poly[p], poly[q], "T********"), 0);
        }
    }
    GEOSGeometry *all =
        GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, poly, (unsigned)m->n_plots);
    GEOSGeometry *u = GEOSUnaryUnion_r(g, all);
    double total = 0.0;
    GEOSArea_r(g, u, &total);
    assert_true(fabs(total - sum) <= 1e-9 * sum);
    GEOSGeom_destroy_r(g, u);
    GEOSGeom_destroy_r(g, all);
    free(poly);
    xw_tracer_destroy(t);
    xw_edge_index_finish(&ix);
}

static bool is_listed(const xw_model *m, uint32_t b)
{
    for (size_t i = 0; i < m->n_findings; i++) {
        if (m->findings[i].source == m->buildings[b].source) return true;
    }
    return false;
}

static void assert_every_building_is_somewhere(const xw_territory *t, const xw_model *m)
{
    assert_int_equal(m->n_buildings, t->n_buildings);
    uint64_t given = 0, kept = 0;
    for (uint32_t b = 0; b < m->n_buildings; b++) {
        given += m->buildings[b].households;
        if (m->buildings[b].plot == XW_NONE) {
            assert_true(is_listed(m, b));
            given -= m->buildings[b].households;
        }
    }
    for (size_t u = 0; u < m->n_units; u++) {
        kept += m->units[u].households;
        assert_true(m->units[u].households <= 10);
    }
    assert_int_equal(given, kept);
}

/* Plots of open land lie in the division they name; buildings with their larger part. */
static void assert_divisions(const xw_territory *t, const xw_model *m)
{
    double given = 0.0, kept = 0.0;
    for (size_t d = 0; d < t->n_divisions; d++) given += xw_area_m2(t, t->divisions[d].area);
    for (uint32_t p = 0; p < m->n_plots; p++) {
        const xw_model_division *v = &m->divisions[m->plots[p].division];
        uint32_t d = 0;
        while (strcmp(xw_territory_text(t, t->divisions[d].code), xw_model_text(m, v->code))) d++;
        kept += m->plots[p].area_m2;
        const uint32_t b = m->plots[p].building;
        /* Small open plots may be what a building across the border left over. */
        if (b == XW_NONE ? m->plots[p].area_m2 > 100.0 : !is_listed(m, b)) {
            assert_true(xw_area_owns(t, t->divisions[d].area, m->plots[p].anchor));
        }
    }
    /* A building on the outer border may take a little land outside, or leave some. */
    assert_true(fabs(given - kept) <= 0.08 * given);
}

static void test_messy_territories_become_exact_coverages(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("plots");
    GEOSContextHandle_t g = GEOS_init_r();
    for (int round = 0; round < 250; round++) {
        xw_territory t;
        xw_model m;
        xw_error err = {XW_OK, ""};
        scene_random(&r, &t);
        if (xw_plots_build(&t, NULL, NULL, &m, &err)) fail_msg("round %d: %s", round, err.text);
        if (xw_model_validate(&m, &err)) fail_msg("round %d: %s", round, err.text);
        assert_coverage(g, &m);
        assert_every_building_is_somewhere(&t, &m);
        assert_divisions(&t, &m);
        xw_model_finish(&m);
        xw_territory_finish(&t);
    }
    GEOS_finish_r(g);
}

#define ASSERT_SAME(a, b, name)                                                           \
    do {                                                                                  \
        assert_int_equal((a)->n_##name, (b)->n_##name);                                   \
        if ((a)->n_##name) {                                                              \
            assert_memory_equal((a)->name, (b)->name, (a)->n_##name * sizeof *(a)->name); \
        }                                                                                 \
    } while (0)

static void test_order_of_input_and_threads_do_not_matter(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("plots order");
    const xw_job two = {.threads = 2};
    for (int round = 0; round < 150; round++) {
        xw_territory t, u;
        xw_model a, b;
        scene_random(&r, &t);
        scene_shuffle(&r, &t, &u);
        assert_int_equal(xw_plots_build(&t, NULL, NULL, &a, NULL), XW_OK);
        assert_int_equal(xw_plots_build(&u, NULL, &two, &b, NULL), XW_OK);
        ASSERT_SAME(&a, &b, pts);
        ASSERT_SAME(&a, &b, plots);
        ASSERT_SAME(&a, &b, units);
        ASSERT_SAME(&a, &b, edges);
        ASSERT_SAME(&a, &b, buildings);
        ASSERT_SAME(&a, &b, findings);
        assert_int_equal(a.text.n, b.text.n);
        assert_memory_equal(a.text.bytes, b.text.bytes, a.text.n);
        xw_model_finish(&a);
        xw_model_finish(&b);
        xw_territory_finish(&t);
        xw_territory_finish(&u);
    }
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {11};
    xw_territory t;
    scene_random(&r, &t);
    for (int k = 0;; k += 1 + k / 16) {
        xw_model m;
        fail_alloc_at(k);
        const xw_status st = xw_plots_build(&t, NULL, NULL, &m, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_model_finish(&m);
        if (!failed) break;
    }
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messy_territories_become_exact_coverages),
        cmocka_unit_test(test_order_of_input_and_threads_do_not_matter),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
