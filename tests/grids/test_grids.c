#include "xiwang/grids.h"

#include "support/block_town.h"
#include "support/test.h"
#include "xiwang/buf.h"

#include <stdlib.h>
#include <string.h>

/* --- a slow and simple judge, sharing nothing with the sources ------------------------------- */

typedef struct judge {
    const xw_model *m;
    uint32_t *root;    /* union-find over plots */
    uint32_t *of_unit; /* grid of each unit at the level looked at */
} judge;

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
}

static bool is_shut(const xw_edge *e)
{
    return xw_class_get(e->cls)->hard && !(e->flags & XW_EDGE_CROSSED);
}

static bool in_grid(const judge *j, uint32_t plot, uint32_t grid)
{
    const xw_plot *p = &j->m->plots[plot];
    for (uint32_t u = 0; u < p->n_units; u++) {
        if (j->of_unit[p->first_unit + u] == grid) return true;
    }
    return false;
}

/* Joins plots over edges; grid XW_NONE: over all edges within a division. */
static void join(const judge *j, uint32_t grid, bool open_only)
{
    for (uint32_t p = 0; p < j->m->n_plots; p++) j->root[p] = p;
    for (size_t i = 0; i < j->m->n_edges; i++) {
        const xw_edge *e = &j->m->edges[i];
        if (e->left == XW_NONE || e->right == XW_NONE || (open_only && is_shut(e))) continue;
        if (j->m->plots[e->left].division != j->m->plots[e->right].division) continue;
        if (grid != XW_NONE && !(in_grid(j, e->left, grid) && in_grid(j, e->right, grid))) continue;
        j->root[find(j->root, e->left)] = find(j->root, e->right);
    }
}

/* Number of components among the plots of the grid; peopled: only plots with households count. */
static uint32_t pieces(const judge *j, uint32_t grid, bool peopled)
{
    uint32_t n = 0;
    uint32_t *seen = calloc(j->m->n_plots + 1, sizeof *seen);
    for (uint32_t p = 0; p < j->m->n_plots; p++) {
        if (!in_grid(j, p, grid) || (peopled && j->m->plots[p].households == 0)) continue;
        const uint32_t r = find(j->root, p);
        n += seen[r] == 0;
        seen[r] = 1;
    }
    free(seen);
    return n;
}

static void judge_grid(const judge *j, uint32_t i)
{
    const xw_model *m = j->m;
    const xw_grid *g = &m->grids[i];
    const bool finest = g->level + 1 == m->n_levels;
    uint32_t units = 0, plots = 0;
    uint64_t households = 0;
    for (uint32_t u = 0; u < m->n_units; u++) {
        if (j->of_unit[u] != i) continue;
        units++;
        households += m->units[u].households;
        assert_int_equal(m->plots[m->units[u].plot].division, g->division);
    }
    assert_true(units > 0);
    assert_int_equal(households, g->households);
    if (g->children > m->levels[g->level].cap) assert_true(finest && units == 1);
    join(j, XW_NONE, false);
    const uint32_t land = pieces(j, i, false), peopled_land = pieces(j, i, true);
    join(j, i, false);
    assert_int_equal(pieces(j, i, false), land);
    join(j, i, true);
    assert_int_equal(pieces(j, i, true), peopled_land);
    for (uint32_t p = 0; p < m->n_plots; p++) plots += in_grid(j, p, i);
    bool label_inside = false;
    for (uint32_t p = 0; p < m->n_plots; p++) {
        label_inside = label_inside || (in_grid(j, p, i) && xw_pt_eq(m->plots[p].anchor, g->label));
    }
    assert_true(label_inside);
    assert_true(g->area_m2 > 0.99 * plots * m->plots[0].area_m2);
}

static void judge_model(const xw_model *m)
{
    judge j = {m, malloc((m->n_plots + 1) * sizeof(uint32_t)),
               malloc((m->n_units + 1) * sizeof(uint32_t))};
    for (uint32_t l = 0; l < m->n_levels; l++) {
        for (uint32_t u = 0; u < m->n_units; u++) {
            j.of_unit[u] = xw_model_grid_at(m, m->units[u].grid, l);
        }
        for (uint32_t i = 0; i < m->levels[l].n_grids; i++)
            judge_grid(&j, m->levels[l].first_grid + i);
    }
    free(j.root);
    free(j.of_unit);
}

/* Fewest runs of floors under the cap: from the bottom up, each as long as it may be. */
static uint32_t fewest_runs(const xw_model *m, const xw_plot *p, uint32_t cap)
{
    uint32_t runs = 0;
    uint64_t sum = 0;
    for (uint32_t u = 0; u < p->n_units; u++) {
        const uint32_t h = m->units[p->first_unit + u].households;
        if (u == 0 || sum + h > cap) {
            runs++;
            sum = 0;
        }
        sum += h;
    }
    return runs;
}

/* A stack team holds floors of one tower only, in one run. */
static void judge_stacks(const xw_model *m)
{
    const xw_level *fine = &m->levels[m->n_levels - 1];
    for (uint32_t p = 0; p < m->n_plots; p++) {
        const xw_plot *plot = &m->plots[p];
        if (plot->households <= fine->cap || plot->n_units < 2) continue;
        uint32_t runs = 1;
        for (uint32_t u = 0; u < plot->n_units; u++) {
            const uint32_t unit = plot->first_unit + u;
            const xw_grid *g = &m->grids[m->units[unit].grid];
            runs += u > 0 && m->units[unit].grid != m->units[unit - 1].grid;
            const bool slice = g->floor_min != 0 || g->floor_max != 0; /* else it has land, too */
            assert_true(!slice || (m->units[unit].floor_min >= g->floor_min &&
                                   m->units[unit].floor_max <= g->floor_max));
            assert_int_equal(g->height_m > g->base_m, slice);
            for (uint32_t k = 0; k < g->n_units; k++) {
                const xw_unit *v = &m->units[m->grid_units[g->first_child + k]];
                assert_true(v->plot == p || (!slice && v->households == 0));
            }
        }
        assert_int_equal(runs, fewest_runs(m, plot, fine->cap));
    }
}

static void town_of(uint64_t seed, xw_model *m)
{
    xw_rng rng = {seed};
    const block_town_options o = block_town_draw(&rng);
    block_town_build(&o, &rng, m);
}

/* --- claims ------------------------------------------------------------------------------------
 */

static void test_every_grid_keeps_every_rule(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("grids");
    for (int i = 0; i < 60; i++) {
        xw_model m;
        xw_error err = {XW_OK, ""};
        town_of(xw_rng_next(&rng), &m);
        xw_grids_config c = xw_grids_default();
        c.effort = 1 + xw_rng_below(&rng, 40); /* the rules hold however short the search */
        assert_int_equal(xw_model_validate(&m, &err), XW_OK);
        const xw_status st = xw_grids_make(&m, &c, NULL, &err);
        if (st) fail_msg("%s", err.text);
        if (xw_model_validate(&m, &err)) fail_msg("%s", err.text);
        judge_model(&m);
        judge_stacks(&m);
        xw_model_finish(&m);
    }
}

static void test_other_levels_and_caps_are_kept_too(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("levels");
    for (int i = 0; i < 20; i++) {
        xw_model m;
        xw_error err = {XW_OK, ""};
        town_of(xw_rng_next(&rng), &m);
        xw_grids_config c = {
            .n_levels = 1 + xw_rng_below(&rng, 4), .net = "cg", .net_name = "城管网"};
        c.effort = 20;
        for (uint32_t l = 0; l < c.n_levels; l++) {
            c.levels[l] = (xw_level_rule){.key = {(char)('a' + l), 0},
                                          .name = "级",
                                          .cap = 1 + xw_rng_below(&rng, 30),
                                          .code_width = 4};
        }
        const xw_status st = xw_grids_make(&m, &c, NULL, &err);
        if (st) fail_msg("%s", err.text);
        if (xw_model_validate(&m, &err)) fail_msg("%s", err.text);
        judge_model(&m);
        xw_model_finish(&m);
    }
}

static void assert_same_grids(const xw_model *a, const xw_model *b)
{
    assert_int_equal(a->n_grids, b->n_grids);
    assert_int_equal(a->text.n, b->text.n);
    assert_memory_equal(a->grids, b->grids, a->n_grids * sizeof *a->grids);
    assert_memory_equal(a->grid_units, b->grid_units, a->n_grid_units * sizeof *a->grid_units);
    assert_memory_equal(a->units, b->units, a->n_units * sizeof *a->units);
    assert_memory_equal(a->text.bytes, b->text.bytes, a->text.n);
}

static void test_threads_and_repetition_do_not_change_a_byte(void **state)
{
    (void)state;
    const xw_grids_config c = xw_grids_default();
    for (uint64_t seed = 1; seed < 4; seed++) {
        xw_model a, b;
        const xw_job many = {.threads = 8};
        town_of(seed, &a);
        town_of(seed, &b);
        assert_int_equal(xw_grids_make(&a, &c, NULL, NULL), XW_OK);
        assert_int_equal(xw_grids_make(&b, &c, &many, NULL), XW_OK);
        assert_same_grids(&a, &b);
        assert_int_equal(xw_grids_make(&b, &c, &many, NULL), XW_OK);
        assert_same_grids(&a, &b);
        xw_model_finish(&a);
        xw_model_finish(&b);
    }
}

static void test_codes_run_west_to_east_from_the_north(void **state)
{
    (void)state;
    xw_rng rng = {7};
    const block_town_options o = {.columns = 6, .rows = 6, .divisions = 1, .households_most = 1};
    xw_model m;
    block_town_build(&o, &rng, &m);
    xw_grids_config c = {.levels = {{.key = "team", .name = "队", .cap = 1, .code_width = 2}},
                         .n_levels = 1,
                         .net = "zz",
                         .net_name = "网"};
    assert_int_equal(xw_grids_make(&m, &c, NULL, NULL), XW_OK);
    assert_int_equal(m.n_grids, 36);
    for (uint32_t i = 0; i < 36; i++) {
        char code[32];
        (void)snprintf(code, sizeof code, "999001001001%02u", i + 1);
        assert_string_equal(xw_model_text(&m, m.grids[i].code), code);
        if (i % 6 == 0) continue;
        assert_true(m.grids[i].label.x > m.grids[i - 1].label.x);
        assert_int_equal(m.grids[i].label.y, m.grids[i - 1].label.y);
    }
    assert_true(m.grids[0].label.y > m.grids[35].label.y);
    assert_string_equal(xw_model_text(&m, m.grids[35].name), "36队");
    xw_model_finish(&m);
}

static void test_a_division_without_households_is_one_grid_a_level(void **state)
{
    (void)state;
    xw_rng rng = {3};
    const block_town_options o = {.columns = 9,
                                  .rows = 7,
                                  .divisions = 1,
                                  .road_every = 3,
                                  .river_column = 4,
                                  .rail_row = 2,
                                  .empty_percent = 100,
                                  .households_most = 1};
    xw_model m;
    block_town_build(&o, &rng, &m);
    const xw_grids_config c = xw_grids_default();
    assert_int_equal(xw_grids_make(&m, &c, NULL, NULL), XW_OK);
    assert_int_equal(m.n_grids, 3);
    assert_string_equal(xw_model_text(&m, m.grids[2].name), "1区1片1队");
    assert_string_equal(xw_model_text(&m, m.grids[2].code), "9990010010010010101");
    xw_model_finish(&m);
}

static void test_an_empty_model_has_levels_and_no_grids(void **state)
{
    (void)state;
    xw_model m;
    xw_model_init(&m);
    const xw_grids_config c = xw_grids_default();
    assert_int_equal(xw_grids_make(&m, &c, NULL, NULL), XW_OK);
    assert_int_equal(m.n_grids, 0);
    assert_int_equal(m.n_levels, 3);
    xw_model_finish(&m);
}

static void test_wrong_levels_are_refused_by_name(void **state)
{
    (void)state;
    xw_error err;
    xw_grids_config c = xw_grids_default();
    assert_int_equal(xw_grids_config_check(&c, &err), XW_OK);
    c.n_levels = 0;
    assert_int_equal(xw_grids_config_check(&c, &err), XW_INPUT);
    c = xw_grids_default();
    c.levels[1].cap = 0;
    assert_int_equal(xw_grids_config_check(&c, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "section"));
    c = xw_grids_default();
    memcpy(c.levels[2].key, "zone", 5);
    assert_int_equal(xw_grids_config_check(&c, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "zone"));
    c = xw_grids_default();
    c.levels[1].cap = 100; /* two digits number 99 */
    assert_int_equal(xw_grids_config_check(&c, &err), XW_INPUT);
    c = xw_grids_default();
    c.levels[2].key[0] = ' ';
    assert_int_equal(xw_grids_config_check(&c, &err), XW_INPUT);
}

static void test_more_zones_than_digits_is_a_limit(void **state)
{
    (void)state;
    xw_rng rng = {5};
    const block_town_options o = {.columns = 5, .rows = 5, .divisions = 1, .households_most = 1};
    xw_model m;
    xw_error err;
    block_town_build(&o, &rng, &m);
    xw_grids_config c = {.levels = {{.key = "team", .name = "队", .cap = 1, .code_width = 1}},
                         .n_levels = 1,
                         .net = "zz",
                         .net_name = "网"};
    assert_int_equal(xw_grids_make(&m, &c, NULL, &err), XW_LIMIT);
    assert_non_null(strstr(err.text, "999001001001"));
    assert_int_equal(m.n_grids, 0);
    assert_int_equal(m.units[0].grid, XW_NONE);
    xw_model_finish(&m);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_grids_config c = xw_grids_default();
    c.effort = 1;
    for (int n = 0;; n++) {
        xw_model m;
        town_of(11, &m);
        fail_alloc_at(n);
        const xw_status st = xw_grids_make(&m, &c, NULL, NULL);
        const bool hit = fail_alloc_stop();
        if (st) assert_int_equal(m.n_grids + m.n_levels + m.n_grid_units, 0);
        xw_model_finish(&m);
        if (!hit) {
            assert_int_equal(st, XW_OK);
            assert_true(n > 20);
            return;
        }
        assert_true(st == XW_NOMEM || st == XW_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_grid_keeps_every_rule),
        cmocka_unit_test(test_other_levels_and_caps_are_kept_too),
        cmocka_unit_test(test_threads_and_repetition_do_not_change_a_byte),
        cmocka_unit_test(test_codes_run_west_to_east_from_the_north),
        cmocka_unit_test(test_a_division_without_households_is_one_grid_a_level),
        cmocka_unit_test(test_an_empty_model_has_levels_and_no_grids),
        cmocka_unit_test(test_wrong_levels_are_refused_by_name),
        cmocka_unit_test(test_more_zones_than_digits_is_a_limit),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
