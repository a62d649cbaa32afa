/* Exclusive areas: shares of areas, plots that belong, grids that stay whole. */
#include "xiwang/exclusive.h"

#include "support/block_town.h"
#include "support/test.h"
#include "xiwang/check.h"
#include "xiwang/grids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- shares ---------------------------------------------------------------------------------- */

static xw_ring box_ring(xw_pt pts[4], int32_t w, int32_t s, int32_t e, int32_t n)
{
    pts[0] = (xw_pt){w, s};
    pts[1] = (xw_pt){e, s};
    pts[2] = (xw_pt){e, n};
    pts[3] = (xw_pt){w, n};
    return (xw_ring){pts, 4};
}

static void test_shares_of_boxes_are_products_of_their_sides(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("share");
    for (int i = 0; i < 500; i++) {
        xw_pt pts[12];
        int32_t v[8];
        for (int k = 0; k < 8; k++) v[k] = (int32_t)xw_rng_below(&rng, 20000);
        const int32_t w = v[0], s = v[1], e = w + 500 + v[2], n = s + 500 + v[3];
        const int32_t w2 = v[4], s2 = v[5], e2 = w2 + 500 + v[6], n2 = s2 + 500 + v[7];
        const xw_ring a = box_ring(pts, w, s, e, n), b = box_ring(pts + 4, w2, s2, e2, n2);
        const double dx = fmin(e, e2) - fmax(w, w2), dy = fmin(n, n2) - fmax(s, s2);
        const double want = dx > 0 && dy > 0 ? dx * dy / ((double)(e - w) * (n - s)) : 0;
        assert_true(fabs(xw_area_share(&a, 1, &b, 1, NULL) - want) < 0.022); /* a line of 48 */
    }
}

static void test_holes_do_not_count(void **state)
{
    (void)state;
    xw_pt pts[12];
    const xw_ring plot = box_ring(pts, 0, 0, 1000, 1000);
    const xw_ring area[2] = {box_ring(pts + 4, -100, -100, 1100, 1100),
                             box_ring(pts + 8, 0, 0, 1000, 500)};
    assert_true(fabs(xw_area_share(&plot, 1, area, 2, NULL) - 0.5) < 0.01);
    assert_true(xw_area_share(&plot, 0, area, 2, NULL) <= 0);
    assert_true(xw_area_share(&plot, 1, area, 0, NULL) <= 0);
}

/* --- grids ----------------------------------------------------------------------------------- */

static void add_area(xw_territory *t, const char *name, int32_t w, int32_t s, int32_t e, int32_t n)
{
    xw_pt pts[4];
    xw_exclusive x = {.area = {(uint32_t)t->n_rings, 1}};
    const xw_ring r = box_ring(pts, w, s, e, n);
    assert_int_equal(xw_territory_add_ring(t, r.pts, r.n, NULL), XW_OK);
    assert_int_equal(xw_strings_add(&t->text, name, &x.name, NULL), XW_OK);
    assert_int_equal(xw_territory_add_exclusive(t, &x, NULL), XW_OK);
}

static size_t n_findings(const xw_model *m, const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_findings; i++) {
        n += strcmp(xw_model_text(m, m->findings[i].kind), kind) == 0;
    }
    return n;
}

static xw_status carve(xw_model *m, const xw_territory *t, const xw_grids_config *config,
                       const xw_job *job)
{
    xw_carving carving;
    xw_grids_config c = *config;
    xw_status st = xw_carving_create(t, m, &carving, NULL);
    if (st) return st;
    c.carving = &carving;
    st = xw_grids_make(m, &c, job, NULL);
    for (size_t g = 0; g < m->n_grids && !st; g++) { /* whole, and nobody else in it */
        const xw_grid *v = &m->grids[g];
        for (uint32_t k = 0; k < v->n_units; k++) {
            const uint32_t item =
                carving.of ? carving.of[m->units[m->grid_units[v->first_child + k]].plot] : XW_NONE;
            assert_int_equal(item != XW_NONE, v->kind == XW_GRID_EXCLUSIVE);
            if (item != XW_NONE) assert_int_equal(carving.items[item].name, v->name);
        }
    }
    for (uint32_t p = 0; p < m->n_plots && !st && carving.of; p++) {
        if (carving.of[p] == XW_NONE) continue;
        for (uint32_t q = p + 1; q < m->n_plots; q++) {
            const bool same =
                m->units[m->plots[p].first_unit].grid == m->units[m->plots[q].first_unit].grid;
            assert_int_equal(same, carving.of[p] == carving.of[q]);
        }
    }
    xw_carving_finish(&carving);
    return st;
}

static void assert_passes(const xw_model *m)
{
    xw_check_report r;
    xw_error err = {XW_OK, ""};
    if (xw_check(m, NULL, &r, &err)) fail_msg("%s", err.text);
    for (size_t k = 0; k < r.n_lines; k++) {
        if (!r.lines[k].hard || r.lines[k].value <= 0) continue;
        size_t i = 0;
        while (i < r.n_spots && (r.spots[i].line != k || r.spots[i].exception)) i++;
        fail_msg("%s: %s", r.lines[k].key, i < r.n_spots ? r.spots[i].text : "");
    }
    xw_check_report_finish(&r);
}

static void draw_areas(xw_rng *rng, const xw_model *m, xw_territory *t)
{
    const xw_box b = xw_model_box(m);
    const uint32_t width = (uint32_t)(b.max.x - b.min.x), height = (uint32_t)(b.max.y - b.min.y);
    for (uint32_t k = xw_rng_below(rng, 5); k > 0; k--) {
        const int32_t w = b.min.x + (int32_t)xw_rng_below(rng, width);
        const int32_t s = b.min.y + (int32_t)xw_rng_below(rng, height);
        add_area(t, "厂", w, s, w + (int32_t)xw_rng_below(rng, width / 2 + 1) + 1,
                 s + (int32_t)xw_rng_below(rng, height / 2 + 1) + 1);
    }
}

/* Any areas over any town, any profile: every rule still holds, and areas stay whole. */
static void test_areas_become_whole_grids_and_nothing_breaks(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("exclusive");
    for (int i = 0; i < 60; i++) {
        xw_model m;
        xw_territory t;
        const block_town_options o = block_town_draw(&rng);
        xw_rng own = {xw_rng_next(&rng)};
        xw_territory_init(&t);
        block_town_build(&o, &own, &m);
        if (m.n_plots > 0) draw_areas(&rng, &m, &t);
        const xw_profile *p = xw_profile_at((size_t)i % 3);
        assert_int_equal(carve(&m, &t, &p->config, NULL), XW_OK);
        assert_int_equal(xw_model_validate(&m, NULL), XW_OK);
        assert_passes(&m);
        xw_model_finish(&m);
        xw_territory_finish(&t);
    }
}

/* 6 x 6 houses of one household; the middle four are a factory. */
static void test_a_factory_in_the_middle(void **state)
{
    (void)state;
    xw_model m;
    xw_territory t;
    xw_rng rng = {1};
    const xw_grids_config c = xw_grids_default();
    const block_town_options o = {.columns = 6, .rows = 6, .divisions = 1, .households_most = 1};
    block_town_build(&o, &rng, &m);
    xw_territory_init(&t);
    const xw_box b = xw_model_box(&m);
    const int32_t sx = (b.max.x - b.min.x) / 6, sy = (b.max.y - b.min.y) / 6;
    add_area(&t, "机械厂", b.min.x + 2 * sx - 9, b.min.y + 2 * sy, b.min.x + 4 * sx,
             b.min.y + 4 * sy + 9);
    add_area(&t, "重叠", b.min.x + 2 * sx, b.min.y + 2 * sy, b.min.x + 3 * sx - 9,
             b.min.y + 3 * sy);
    add_area(&t, "远处", 5, 5, 9, 9);
    add_area(&t, "两处", b.min.x, b.min.y, b.min.x + 9, b.min.y + 9);
    assert_int_equal(carve(&m, &t, &c, NULL), XW_OK);
    uint32_t own = 0, of = 0;
    for (uint32_t g = 0; g < m.n_grids; g++) {
        if (m.grids[g].kind != XW_GRID_EXCLUSIVE) continue;
        own++;
        of = g;
    }
    assert_int_equal(own, 1);
    assert_string_equal(xw_model_text(&m, m.grids[of].name), "机械厂");
    assert_int_equal(m.grids[of].buildings, 4);
    assert_int_equal(m.grids[of].level, 2);
    assert_true(m.grids[m.grids[of].parent].children >=
                2);                           /* beside teams, not in a section alone */
    assert_int_equal(m.levels[2].n_grids, 5); /* 32 households and the factory */
    assert_int_equal(n_findings(&m, "exclusive-overlap"), 1);
    assert_int_equal(n_findings(&m, "exclusive-empty"), 3);
    assert_passes(&m);
    xw_model_finish(&m);
    xw_territory_finish(&t);
}

static void test_without_areas_nothing_changes(void **state)
{
    (void)state;
    xw_model a, b;
    xw_territory t;
    xw_rng one = {7}, two = {7};
    const xw_grids_config c = xw_grids_default();
    const block_town_options o = {.columns = 12,
                                  .rows = 9,
                                  .divisions = 2,
                                  .road_every = 3,
                                  .tower_percent = 5,
                                  .households_most = 3};
    block_town_build(&o, &one, &a);
    block_town_build(&o, &two, &b);
    xw_territory_init(&t);
    assert_int_equal(carve(&a, &t, &c, NULL), XW_OK);
    assert_int_equal(xw_grids_make(&b, &c, NULL, NULL), XW_OK);
    assert_int_equal(a.n_grids, b.n_grids);
    assert_memory_equal(a.grids, b.grids, a.n_grids * sizeof *a.grids);
    assert_memory_equal(a.grid_units, b.grid_units, a.n_grid_units * sizeof *a.grid_units);
    xw_model_finish(&a);
    xw_model_finish(&b);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    const xw_grids_config c = xw_grids_default();
    const block_town_options o = {.columns = 4, .rows = 4, .divisions = 1, .households_most = 2};
    for (int n = 0;; n++) {
        xw_model m;
        xw_territory t;
        xw_rng rng = {1};
        block_town_build(&o, &rng, &m);
        xw_territory_init(&t);
        const xw_box b = xw_model_box(&m);
        add_area(&t, "校", b.min.x, b.min.y, b.min.x + (b.max.x - b.min.x) / 2, b.max.y);
        fail_alloc_at(n);
        const xw_status st = carve(&m, &t, &c, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_model_finish(&m);
        xw_territory_finish(&t);
        if (!failed) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_of_boxes_are_products_of_their_sides),
        cmocka_unit_test(test_holes_do_not_count),
        cmocka_unit_test(test_a_factory_in_the_middle),
        cmocka_unit_test(test_areas_become_whole_grids_and_nothing_breaks),
        cmocka_unit_test(test_without_areas_nothing_changes),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
