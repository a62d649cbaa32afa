#include "xiwang/check.h"

#include "support/block_town.h"
#include "support/test.h"
#include "xiwang/grids.h"

#include <stdlib.h>
#include <string.h>

static void make(const block_town_options *o, uint64_t seed, xw_model *m)
{
    xw_rng rng = {seed};
    xw_error err = {XW_OK, ""};
    const xw_grids_config c = xw_grids_default();
    block_town_build(o, &rng, m);
    if (xw_grids_make(m, &c, NULL, &err)) fail_msg("%s", err.text);
}

/* Squares of one household each, without anything else. */
static void make_plain(uint32_t columns, uint32_t rows, xw_model *m)
{
    const block_town_options o = {
        .columns = columns, .rows = rows, .divisions = 1, .households_most = 1};
    make(&o, 1, m);
}

static double value(const xw_model *m, const char *key)
{
    xw_check_report r;
    xw_error err = {XW_OK, ""};
    if (xw_check(m, NULL, &r, &err)) fail_msg("%s", err.text);
    const xw_check_line *l = xw_check_find(&r, key);
    if (!l) fail_msg("no line %s", key);
    const double v = l->value;
    assert_true(l->hard);
    assert_int_equal(r.ok, v <= 0 && r.ok);
    if (v > 0) {
        bool told = false;
        for (size_t i = 0; i < r.n_spots; i++) {
            told = told || (r.spots[i].line == (uint32_t)(l - r.lines) && !r.spots[i].exception);
        }
        assert_true(told);
        assert_false(r.ok);
    }
    xw_check_report_finish(&r);
    return v;
}

static void test_what_grids_make_passes_every_line(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("check");
    for (int i = 0; i < 60; i++) {
        xw_model m;
        xw_check_report r;
        const block_town_options o = block_town_draw(&rng);
        make(&o, xw_rng_next(&rng), &m);
        assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
        for (size_t k = 0; k < r.n_lines; k++) {
            if (r.lines[k].hard && r.lines[k].value > 0) fail_msg("%s", r.lines[k].key);
        }
        assert_true(r.ok);
        assert_true(r.n_lines >= 25);
        xw_check_report_finish(&r);
        xw_model_finish(&m);
    }
}

static void test_a_hole_that_nobody_owns_is_a_gap_of_its_area(void **state)
{
    (void)state;
    xw_model m;
    for (uint64_t seed = 1;; seed++) {
        const block_town_options o = {
            .columns = 6, .rows = 6, .divisions = 1, .hole_percent = 8, .households_most = 1};
        make(&o, seed, &m);
        assert_true(value(&m, "gaps_area") <= 0); /* bounded by a division's border */
        for (size_t i = 0; i < m.n_edges; i++) {
            if (m.edges[i].cls == XW_CLASS_DIVISION) m.edges[i].cls = XW_CLASS_NONE;
        }
        const double gap = value(&m, "gaps_area");
        xw_model_finish(&m);
        if (gap <= 0) continue; /* every hole was at the rim */
        const double square = 2.0 * 2000 * 2000;
        assert_true(gap / square >= 1 && gap / square <= 36);
        assert_true(gap / square - (double)(int)(gap / square) <= 0);
        return;
    }
}

static void test_a_plot_inside_out_is_an_overlap(void **state)
{
    (void)state;
    xw_model m;
    make_plain(1, 1, &m);
    assert_true(value(&m, "overlaps_area") <= 0);
    for (size_t i = 0; i < m.n_edges; i++) {
        const uint32_t left = m.edges[i].left;
        m.edges[i].left = m.edges[i].right;
        m.edges[i].right = left;
    }
    assert_true(value(&m, "overlaps_area") >= 2.0 * 2000 * 2000);
    xw_model_finish(&m);
}

static void test_an_edge_with_a_wrong_side_is_unmatched(void **state)
{
    (void)state;
    xw_model m;
    make_plain(4, 4, &m);
    assert_true(value(&m, "unmatched_edges") <= 0);
    xw_edge *e = &m.edges[7];
    for (uint32_t p = 0; p < m.n_plots; p++) {
        if (p != e->left && p != e->right) e->left = p;
    }
    assert_true(value(&m, "unmatched_edges") >= 2);
    xw_model_finish(&m);
}

static void move_vertex(xw_model *m, xw_pt from, xw_pt to)
{
    for (size_t i = 0; i < m->n_edges; i++) {
        for (uint32_t k = 0; k < m->edges[i].n; k++) {
            xw_pt *p = &m->pts[m->edges[i].first + k];
            if (xw_pt_eq(*p, from)) *p = to;
        }
    }
}

static void test_edges_that_cross_are_found(void **state)
{
    (void)state;
    xw_model m;
    make_plain(4, 4, &m);
    assert_true(value(&m, "crossing_edges") <= 0);
    const xw_pt corner = {m.plots[0].anchor.x + 1000, m.plots[0].anchor.y + 1000};
    move_vertex(&m, corner, (xw_pt){corner.x + 3100, corner.y + 900});
    assert_true(value(&m, "crossing_edges") >= 1);
    xw_model_finish(&m);
}

static void test_a_footprint_beyond_its_plot_is_cut(void **state)
{
    (void)state;
    xw_model m;
    make_plain(3, 3, &m);
    assert_true(value(&m, "buildings_cut") <= 0);
    m.pts[m.rings[m.buildings[4].first_ring].first].x -= 1500;
    assert_true(value(&m, "buildings_cut") >= 1);
    xw_model_finish(&m);
}

static void test_a_boundary_along_a_wall_cuts_nothing(void **state)
{
    (void)state;
    xw_model m;
    make_plain(3, 3, &m);
    for (uint32_t i = 0; i < m.n_buildings; i++) { /* grown to fill the plot */
        xw_pt *p = m.pts + m.rings[m.buildings[i].first_ring].first;
        for (int k = 0; k < 4; k++) {
            p[k].x += p[k].x < m.plots[m.buildings[i].plot].anchor.x ? -500 : 500;
            p[k].y += p[k].y < m.plots[m.buildings[i].plot].anchor.y ? -500 : 500;
        }
    }
    assert_true(value(&m, "buildings_cut") <= 0);
    m.pts[m.rings[m.buildings[8].first_ring].first].x -= 1; /* one unit too far */
    assert_true(value(&m, "buildings_cut") >= 1);
    xw_model_finish(&m);
}

/* Corners and middles of the walls stay in the plot: only the boundary itself tells. */
static void test_a_boundary_that_dips_into_a_building_is_found(void **state)
{
    (void)state;
    xw_model m;
    make_plain(1, 1, &m);
    for (int deep = 0; deep < 2; deep++) {
        xw_edge *e = NULL;
        const xw_pt c = m.plots[0].anchor;
        for (size_t i = 0; i < m.n_edges; i++) { /* the southern one */
            const xw_pt *p = m.pts + m.edges[i].first;
            if (p[0].y < c.y && p[m.edges[i].n - 1].y < c.y) e = &m.edges[i];
        }
        assert_non_null(e);
        const xw_pt a = m.pts[e->first], b = m.pts[e->first + e->n - 1];
        const xw_pt dip[3] = {a, {c.x - 350, c.y - (deep ? 450 : 500)}, b}; /* 500: to the wall */
        assert_int_equal(xw_model_add_pts(&m, dip, 3, &e->first, NULL), XW_OK);
        e->n = 3;
        assert_int_equal((int)value(&m, "buildings_cut"), deep);
    }
    xw_model_finish(&m);
}

static void test_a_building_in_another_plot_is_found(void **state)
{
    (void)state;
    xw_model m;
    make_plain(3, 1, &m);
    xw_pt *p = m.pts + m.rings[m.buildings[0].first_ring].first;
    for (int k = 0; k < 4; k++) p[k].x += 2000;
    assert_int_equal((int)value(&m, "buildings_cut"), 1);
    xw_model_finish(&m);
}

static void test_each_level_has_its_cap(void **state)
{
    (void)state;
    static const char *const keys[] = {"zones_over_cap", "sections_over_cap", "teams_over_cap"};
    for (uint32_t l = 0; l < 3; l++) {
        xw_model m;
        make_plain(24, 24, &m);
        assert_true(value(&m, keys[l]) <= 0);
        uint32_t over = 0;
        m.levels[l].cap = 2;
        for (uint32_t i = 0; i < m.levels[l].n_grids; i++) {
            over += m.grids[m.levels[l].first_grid + i].children > 2;
        }
        assert_true(over > 0);
        assert_int_equal((int)value(&m, keys[l]), over);
        xw_model_finish(&m);
    }
}

static void test_one_unit_above_the_cap_is_an_exception(void **state)
{
    (void)state;
    xw_model m;
    xw_check_report r;
    const block_town_options o = {.columns = 4, .rows = 4, .divisions = 1, .households_most = 30};
    make(&o, 1, &m);
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
    assert_true(r.ok);
    uint32_t heavy = 0;
    for (uint32_t u = 0; u < m.n_units; u++) heavy += m.units[u].households > 10;
    assert_true(heavy > 0);
    assert_int_equal((int)xw_check_find(&r, "exceptions")->value, heavy);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
}

static void test_a_unit_without_a_grid_is_named(void **state)
{
    (void)state;
    xw_model m;
    make_plain(5, 5, &m);
    assert_true(value(&m, "units_without_grid") <= 0);
    m.units[3].grid = XW_NONE;
    assert_int_equal((int)value(&m, "units_without_grid"), 1);
    xw_model_finish(&m);
}

static void test_a_unit_in_two_grids_is_named(void **state)
{
    (void)state;
    xw_model m;
    make_plain(5, 5, &m);
    assert_true(value(&m, "units_in_two") <= 0);
    m.grid_units[m.n_grid_units - 1] = m.grid_units[0];
    assert_int_equal((int)value(&m, "units_in_two"), 1);
    assert_int_equal((int)value(&m, "units_without_grid"), 1);
    xw_model_finish(&m);
}

/* Exchanges the grids of two units that weigh the same. */
static void exchange(xw_model *m, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < m->n_grid_units; i++) {
        if (m->grid_units[i] == a) {
            m->grid_units[i] = b;
        } else if (m->grid_units[i] == b) {
            m->grid_units[i] = a;
        }
    }
    const uint32_t g = m->units[a].grid;
    m->units[a].grid = m->units[b].grid;
    m->units[b].grid = g;
}

static void test_a_grid_in_two_pieces_is_found(void **state)
{
    (void)state;
    xw_model m;
    make_plain(12, 12, &m);
    assert_true(value(&m, "disconnected_grids") <= 0);
    exchange(&m, 0, (uint32_t)m.n_units - 1);
    assert_true(value(&m, "disconnected_grids") >= 2);
    xw_model_finish(&m);
}

static void test_a_grid_in_two_divisions_is_found(void **state)
{
    (void)state;
    xw_model m;
    const block_town_options o = {.columns = 8, .rows = 8, .divisions = 2, .households_most = 1};
    make(&o, 1, &m);
    assert_true(value(&m, "grids_across_division") <= 0);
    exchange(&m, m.plots[m.divisions[0].first_plot].first_unit,
             m.plots[m.divisions[1].first_plot].first_unit);
    assert_true(value(&m, "grids_across_division") >= 2);
    xw_model_finish(&m);
}

static void test_a_river_through_a_grid_is_found_unless_it_is_crossed(void **state)
{
    (void)state;
    xw_model m;
    make_plain(4, 1, &m);
    assert_int_equal(m.n_grids, 3);
    for (int flags = 0; flags < 2; flags++) {
        for (size_t i = 0; i < m.n_edges; i++) {
            xw_edge *e = &m.edges[i];
            if (e->left != 1 || e->right != 2) continue;
            e->cls = XW_CLASS_RIVER;
            e->flags = flags ? XW_EDGE_CROSSED : 0;
        }
        /* team, section and zone alike */
        assert_int_equal((int)value(&m, "grids_across_hard_barrier"), flags ? 0 : 3);
    }
    xw_model_finish(&m);
}

static void test_land_in_two_pieces_is_an_exception(void **state)
{
    (void)state;
    for (uint64_t seed = 1;; seed++) {
        xw_model m;
        xw_check_report r;
        const block_town_options o = {
            .columns = 9, .rows = 1, .divisions = 1, .hole_percent = 20, .households_most = 1};
        make(&o, seed, &m);
        const bool holes = m.n_plots < 7 && m.n_plots > 2;
        assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
        assert_true(r.ok);
        const double exceptions = xw_check_find(&r, "exceptions")->value;
        xw_check_report_finish(&r);
        xw_model_finish(&m);
        if (holes && exceptions >= 1) return;
        assert_true(seed < 1000);
    }
}

static void test_a_broken_structure_is_refused(void **state)
{
    (void)state;
    xw_model m;
    xw_check_report r;
    make_plain(3, 3, &m);
    m.edges[0].left = 1000;
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_INPUT);
    assert_null(r.lines);
    xw_model_finish(&m);
}

static void test_reported_figures_of_a_known_town(void **state)
{
    (void)state;
    xw_model m;
    xw_check_report r;
    make_plain(5, 2, &m); /* ten households: one team, section, zone */
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
    assert_int_equal((int)xw_check_find(&r, "teams")->value, 1);
    assert_int_equal((int)xw_check_find(&r, "team_fill")->value, 100);
    assert_int_equal((int)xw_check_find(&r, "households_least")->value, 10);
    assert_true(xw_check_find(&r, "weighted_cut")->value <= 0);
    const double pp = xw_check_find(&r, "compactness_mean")->value;
    assert_true(pp > 0.5 && pp < 0.79); /* a rectangle of about 5 : 2.2 */
    xw_check_report_finish(&r);
    xw_model_finish(&m);
}

static void test_a_report_is_written_as_json_and_geojson(void **state)
{
    (void)state;
    xw_model m;
    xw_check_report r;
    xw_buf b;
    make_plain(5, 5, &m);
    m.units[3].grid = XW_NONE;
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
    xw_buf_init(&b, 1 << 20);
    xw_check_write_json(&r, &b);
    assert_non_null(strstr(b.data, "\"ok\":false"));
    assert_non_null(strstr(b.data, "\"key\":\"units_without_grid\""));
    xw_buf_clear(&b);
    xw_check_write_spots(&r, &b);
    assert_non_null(strstr(b.data, "\"type\":\"FeatureCollection\""));
    assert_non_null(strstr(b.data, "\"line\":\"units_without_grid\""));
    xw_buf_finish(&b);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_model m;
    make_plain(6, 6, &m);
    exchange(&m, 0, (uint32_t)m.n_units - 1);
    for (int n = 0;; n++) {
        xw_check_report r;
        fail_alloc_at(n);
        const xw_status st = xw_check(&m, NULL, &r, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            assert_true(n > 15);
            xw_check_report_finish(&r);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
        assert_null(r.lines);
    }
    xw_model_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_grids_make_passes_every_line),
        cmocka_unit_test(test_a_hole_that_nobody_owns_is_a_gap_of_its_area),
        cmocka_unit_test(test_a_plot_inside_out_is_an_overlap),
        cmocka_unit_test(test_an_edge_with_a_wrong_side_is_unmatched),
        cmocka_unit_test(test_edges_that_cross_are_found),
        cmocka_unit_test(test_a_footprint_beyond_its_plot_is_cut),
        cmocka_unit_test(test_a_boundary_along_a_wall_cuts_nothing),
        cmocka_unit_test(test_a_boundary_that_dips_into_a_building_is_found),
        cmocka_unit_test(test_a_building_in_another_plot_is_found),
        cmocka_unit_test(test_each_level_has_its_cap),
        cmocka_unit_test(test_one_unit_above_the_cap_is_an_exception),
        cmocka_unit_test(test_a_unit_without_a_grid_is_named),
        cmocka_unit_test(test_a_unit_in_two_grids_is_named),
        cmocka_unit_test(test_a_grid_in_two_pieces_is_found),
        cmocka_unit_test(test_a_grid_in_two_divisions_is_found),
        cmocka_unit_test(test_a_river_through_a_grid_is_found_unless_it_is_crossed),
        cmocka_unit_test(test_land_in_two_pieces_is_an_exception),
        cmocka_unit_test(test_a_broken_structure_is_refused),
        cmocka_unit_test(test_reported_figures_of_a_known_town),
        cmocka_unit_test(test_a_report_is_written_as_json_and_geojson),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
