/* Profiles, floors, rules by level. */
#include "xiwang/check.h"
#include "xiwang/grids.h"

#include "support/block_town.h"
#include "support/test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_profile_is_sound_and_builds),
        cmocka_unit_test(test_a_floor_makes_grids_even),
        cmocka_unit_test(test_a_grid_below_its_floor_is_listed_and_no_violation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
