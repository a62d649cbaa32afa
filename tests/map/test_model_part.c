#include "support/block_town.h"
#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/outline.h"
#include "xiwang/ring.h"

#include <stdlib.h>
#include <string.h>

/* Twice the area of a plot by its edges, and how many vertices they have. */
static int64_t measure(const xw_model *m, uint32_t plot, size_t *n_pts)
{
    int64_t area2 = 0;
    *n_pts = 0;
    const xw_pt o = m->plots[plot].anchor;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left != plot && e->right != plot) continue;
        int64_t sum = 0;
        for (uint32_t v = e->first; v + 1 < e->first + e->n; v++) {
            const xw_pt a = m->pts[v], b = m->pts[v + 1];
            sum += (int64_t)(a.x - o.x) * (b.y - o.y) - (int64_t)(b.x - o.x) * (a.y - o.y);
        }
        area2 += e->left == plot ? sum : -sum;
        *n_pts += e->n;
    }
    return area2;
}

static void assert_same_plots(const xw_model *whole, uint32_t division, const xw_model *part)
{
    const xw_model_division *d = &whole->divisions[division];
    assert_int_equal(part->n_plots, d->n_plots);
    for (uint32_t i = 0; i < part->n_plots; i++) {
        const xw_plot *a = &whole->plots[d->first_plot + i], *b = &part->plots[i];
        size_t n_a, n_b;
        assert_true(xw_pt_eq(a->anchor, b->anchor));
        assert_true(a->area_m2 == b->area_m2);
        assert_int_equal(a->households, b->households);
        assert_int_equal(a->n_units, b->n_units);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->building == XW_NONE, b->building == XW_NONE);
        assert_string_equal(xw_model_text(whole, a->name), xw_model_text(part, b->name));
        assert_int_equal(measure(whole, d->first_plot + i, &n_a), measure(part, i, &n_b));
        assert_int_equal(n_a, n_b);
        if (a->building == XW_NONE) continue;
        const xw_model_building *x = &whole->buildings[a->building];
        const xw_model_building *y = &part->buildings[b->building];
        assert_string_equal(xw_model_text(whole, x->source), xw_model_text(part, y->source));
        assert_int_equal(x->n_rings, y->n_rings);
        assert_int_equal(y->plot, i);
    }
}

static void assert_in_order(const xw_model *m)
{
    for (size_t i = 1; i < m->n_edges; i++) {
        const xw_edge *p = &m->edges[i - 1], *q = &m->edges[i];
        assert_true(p->left < q->left || (p->left == q->left && p->right <= q->right));
    }
    for (size_t i = 0; i < m->n_edges; i++) assert_true(m->edges[i].left != XW_NONE);
}

/* Property: the parts of a random town are valid, and together all of it. */
static void test_every_division_is_a_model_of_its_own(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("model_part");
    for (int round = 0; round < 40; round++) {
        const block_town_options o = block_town_draw(&rng);
        xw_model town;
        xw_error err = {XW_OK, ""};
        block_town_build(&o, &rng, &town);
        size_t plots = 0, units = 0;
        uint8_t *keep = calloc(town.n_divisions + 1, 1);
        assert_non_null(keep);
        for (uint32_t d = 0; d < town.n_divisions; d++) {
            if (town.divisions[d].n_plots == 0) continue;
            xw_model part;
            memset(keep, 0, town.n_divisions);
            keep[d] = 1;
            assert_int_equal(xw_model_part(&town, keep, &part, &err), XW_OK);
            if (xw_model_validate(&part, &err)) fail_msg("%s", err.text);
            assert_same_plots(&town, d, &part);
            assert_in_order(&part);
            plots += part.n_plots;
            units += part.n_units;
            xw_model_finish(&part);
        }
        assert_int_equal(plots, town.n_plots);
        assert_int_equal(units, town.n_units);
        free(keep);
        xw_model_finish(&town);
    }
}

/* The eastern village of the toy: the border was its right side and has to be turned round; the
 * address with the tower and the finding beyond the rim stay behind, its own address does not. */
static void test_what_lies_elsewhere_is_left_behind(void **state)
{
    (void)state;
    xw_model toy, part;
    assert_true(toy_model_make(&toy));
    const uint8_t east[3] = {0, 0, 1}, west[3] = {0, 1, 0};
    assert_int_equal(xw_model_part(&toy, east, &part, NULL), XW_OK);
    assert_int_equal(part.n_divisions, 2); /* with the town above */
    assert_int_equal(part.n_plots, 3);
    assert_int_equal(part.n_buildings, 3);
    assert_int_equal(part.n_addresses, 1);
    assert_string_equal(xw_model_text(&part, part.addresses[0].number), "3");
    assert_int_equal(part.n_findings, 0);
    assert_int_equal(part.n_levels, 0);
    assert_int_equal(part.plots[0].block, 0);
    assert_int_equal(part.plots[2].block, 1);
    assert_in_order(&part);
    assert_same_plots(&toy, 2, &part);
    for (size_t i = 0; i < part.n_edges; i++) {
        assert_true(part.edges[i].custody == XW_NONE || part.edges[i].custody < part.n_plots);
    }
    xw_model_finish(&part);
    assert_int_equal(xw_model_part(&toy, west, &part, NULL), XW_OK);
    assert_int_equal(part.n_addresses, 1);
    assert_int_equal(part.addresses[0].building, 3);
    assert_same_plots(&toy, 1, &part);
    xw_model_finish(&part);
    xw_model_finish(&toy);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_model toy;
    assert_true(toy_model_make(&toy));
    const uint8_t keep[3] = {0, 1, 0};
    for (int n = 0;; n++) {
        xw_model part;
        fail_alloc_at(n);
        const xw_status st = xw_model_part(&toy, keep, &part, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        if (failed) assert_int_equal(part.n_plots, 0);
        xw_model_finish(&part);
        if (!failed) break;
    }
    xw_model_finish(&toy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_division_is_a_model_of_its_own),
        cmocka_unit_test(test_what_lies_elsewhere_is_left_behind),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
