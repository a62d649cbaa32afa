/* Profiles, floors, rules by level. */
#include "xiwang/check.h"
#include "xiwang/grids.h"

#include "support/block_town.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

static void build(const block_town_options *o, uint64_t seed, const xw_grids_config *c, xw_model *m)
{
    xw_rng rng = {seed};
    xw_error err = {XW_OK, ""};
    block_town_build(o, &rng, m);
    if (xw_grids_make(m, c, NULL, &err)) fail_msg("%s", err.text);
}

static void assert_passes(const xw_model *m)
{
    xw_check_report r;
    assert_int_equal(xw_check(m, NULL, &r, NULL), XW_OK);
    for (size_t k = 0; k < r.n_lines; k++) {
        if (r.lines[k].hard && r.lines[k].value > 0) fail_msg("%s", r.lines[k].key);
    }
    xw_check_report_finish(&r);
}

static void test_every_profile_is_sound_and_builds(void **state)
{
    (void)state;
    const xw_profile *p;
    xw_rng rng = rng_from_env("profiles");
    for (size_t i = 0; (p = xw_profile_at(i)) != NULL; i++) {
        assert_int_equal(xw_grids_config_check(&p->config, NULL), XW_OK);
        assert_ptr_equal(xw_profile_find(p->name), p);
        for (int k = 0; k < 10; k++) {
            xw_model m;
            const block_town_options o = block_town_draw(&rng);
            build(&o, xw_rng_next(&rng), &p->config, &m);
            assert_passes(&m);
            for (uint32_t l = 0; l < m.n_levels; l++) {
                assert_int_equal(m.levels[l].floor, p->config.levels[l].floor);
            }
            xw_model_finish(&m);
        }
    }
    assert_null(xw_profile_find("none"));
}

/* 24 houses of one household, a cap of 50 and a floor of 30. */
static void test_a_grid_below_its_floor_is_listed_and_no_violation(void **state)
{
    (void)state;
    xw_model m;
    xw_check_report r;
    xw_grids_config c = xw_profile_find("urban")->config;
    const block_town_options o = {.columns = 6, .rows = 4, .divisions = 1, .households_most = 1};
    build(&o, 1, &c, &m);
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
    const xw_check_line *l = xw_check_find(&r, "micros_under_floor");
    assert_non_null(l);
    assert_false(l->hard);
    assert_true(l->value == 1);
    assert_true(r.ok);
    bool told = false;
    for (size_t i = 0; i < r.n_spots; i++) {
        told = told || (&r.lines[r.spots[i].line] == l && strstr(r.spots[i].text, "holds 24"));
    }
    assert_true(told);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
    c.levels[2].floor = 24;
    build(&o, 1, &c, &m);
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
    assert_true(xw_check_find(&r, "micros_under_floor")->value == 0);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
    c.levels[2].floor = 51;
    xw_error err;
    assert_int_equal(xw_grids_config_check(&c, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "floor 51"));
}

/* 600 households and room for 500: one grid of 500 would leave 100 to the other. */
static void test_a_floor_makes_grids_even(void **state)
{
    (void)state;
    const xw_grids_config *c = &xw_profile_find("community")->config;
    const block_town_options o = {
        .columns = 30, .rows = 22, .divisions = 1, .road_every = 5, .households_most = 1};
    xw_model m;
    build(&o, 1, c, &m);
    assert_int_equal(m.n_grids, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(m.grids[i].households >= 300 && m.grids[i].households <= 500);
    }
    xw_model_finish(&m);
}

/* Does a grid of the level have households on both sides of a class? Joins by all other edges. */
static bool crosses(const xw_model *m, uint32_t level, unsigned cls)
{
    uint32_t *root = calloc(m->n_plots + 1, sizeof *root), *seen = calloc(m->n_grids + 1, 4);
    bool found = false;
    for (uint32_t p = 0; p < m->n_plots; p++) root[p] = p;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left == XW_NONE || e->right == XW_NONE || e->cls == cls) continue;
        const uint32_t a = xw_model_grid_at(m, m->units[m->plots[e->left].first_unit].grid, level);
        const uint32_t b = xw_model_grid_at(m, m->units[m->plots[e->right].first_unit].grid, level);
        if (a != b) continue;
        uint32_t x = e->left, y = e->right;
        while (root[x] != x) x = root[x];
        while (root[y] != y) y = root[y];
        root[x] = y;
    }
    for (uint32_t p = 0; p < m->n_plots; p++) {
        uint32_t x = p;
        if (m->plots[p].households == 0) continue;
        while (root[x] != x) x = root[x];
        uint32_t *s = &seen[xw_model_grid_at(m, m->units[m->plots[p].first_unit].grid, level)];
        if (*s && *s != x + 1) found = true;
        *s = x + 1;
    }
    free(root);
    free(seen);
    return found;
}

/* A town of one connected piece, so that nothing but the roads parts it. */
static void test_a_level_never_crosses_its_classes(void **state)
{
    (void)state;
    static const block_town_options o = {.columns = 24,
                                         .rows = 18,
                                         .divisions = 1,
                                         .road_every = 4,
                                         .empty_percent = 10,
                                         .households_most = 2};
    xw_grids_config c = xw_grids_default();
    xw_model m;
    build(&o, 1, &c, &m);
    assert_true(crosses(&m, 0, XW_CLASS_TERTIARY)); /* else the test could not fail */
    assert_true(crosses(&m, 1, XW_CLASS_RESIDENTIAL));
    xw_model_finish(&m);
    c.levels[2].never = 1u << XW_CLASS_RESIDENTIAL;
    c.levels[1].never = 1u << XW_CLASS_TERTIARY;
    build(&o, 1, &c, &m);
    assert_false(
        crosses(&m, 0, XW_CLASS_TERTIARY)); /* what a section never crosses, no zone does */
    assert_false(crosses(&m, 1, XW_CLASS_TERTIARY));
    assert_false(crosses(&m, 2, XW_CLASS_TERTIARY));
    assert_false(crosses(&m, 2, XW_CLASS_RESIDENTIAL));
    assert_true(crosses(&m, 1, XW_CLASS_RESIDENTIAL)); /* teams alone do not */
    assert_int_equal(m.levels[2].never, c.levels[1].never | c.levels[2].never);
    assert_passes(&m);
    /* Said of a partition that was made without the rule, the check finds it. */
    c = xw_grids_default();
    xw_model_finish(&m);
    build(&o, 1, &c, &m);
    m.levels[0].never = 1u << XW_CLASS_TERTIARY;
    xw_check_report r;
    assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
    assert_false(r.ok);
    assert_true(xw_check_find(&r, "zones_across_never")->value > 0);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
}

static void test_rules_hold_in_any_town(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("never");
    for (int i = 0; i < 40; i++) {
        xw_model m;
        xw_grids_config c = xw_profile_at((size_t)i % 3)->config;
        const block_town_options o = block_town_draw(&rng);
        for (uint32_t l = 0; l < c.n_levels; l++) {
            c.levels[l].never = xw_rng_below(&rng, 1u << XW_CLASS_COUNT);
            c.levels[l].code_width = 4; /* what is shut off has grids of its own at every level */
        }
        build(&o, xw_rng_next(&rng), &c, &m);
        assert_passes(&m);
        xw_model_finish(&m);
    }
}

static void test_a_cost_moves_boundaries(void **state)
{
    (void)state;
    const block_town_options o = {
        .columns = 24, .rows = 18, .divisions = 1, .road_every = 4, .households_most = 1};
    double along[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        xw_grids_config c = xw_grids_default();
        xw_model m;
        if (i == 1) {
            c.priced = 1u << XW_CLASS_RESIDENTIAL | 1u << XW_CLASS_TERTIARY;
            c.cost[XW_CLASS_RESIDENTIAL] = c.cost[XW_CLASS_TERTIARY] = 5;
        }
        build(&o, 1, &c, &m);
        for (size_t k = 0; k < m.n_edges; k++) {
            const xw_edge *e = &m.edges[k];
            if (e->left == XW_NONE || e->right == XW_NONE || e->cls == XW_CLASS_NONE) continue;
            const uint32_t a = m.units[m.plots[e->left].first_unit].grid;
            if (a != m.units[m.plots[e->right].first_unit].grid) along[i] += (double)e->length_m;
        }
        xw_model_finish(&m);
    }
    assert_true(along[1] < along[0] * 0.8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_profile_is_sound_and_builds),
        cmocka_unit_test(test_a_level_never_crosses_its_classes),
        cmocka_unit_test(test_rules_hold_in_any_town),
        cmocka_unit_test(test_a_cost_moves_boundaries),
        cmocka_unit_test(test_a_floor_makes_grids_even),
        cmocka_unit_test(test_a_grid_below_its_floor_is_listed_and_no_violation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
