/* Every grid more than the bound has one reason, and it is the right one. */
#include "xiwang/report.h"

#include "support/block_town.h"
#include "support/test.h"
#include "xiwang/grids.h"

#include <stdlib.h>
#include <string.h>

static void build(const block_town_options *o, uint64_t seed, const xw_grids_config *c, xw_model *m)
{
    xw_rng rng = {seed};
    xw_error err = {XW_OK, ""};
    block_town_build(o, &rng, m);
    if (xw_grids_make(m, c, NULL, &err)) fail_msg("%s", err.text);
}

static void test_reasons_add_up_for_any_town_and_profile(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("report");
    for (int i = 0; i < 60; i++) {
        xw_model m;
        xw_quality q;
        const block_town_options o = block_town_draw(&rng);
        build(&o, xw_rng_next(&rng), &xw_profile_at((size_t)i % 3)->config, &m);
        assert_int_equal(xw_quality_make(&m, &q, NULL), XW_OK);
        uint64_t listed[XW_LEVELS_MAX] = {0};
        for (size_t k = 0; k < q.n_wasted; k++) listed[q.wasted[k].level] += q.wasted[k].n;
        for (uint32_t l = 0; l < m.n_levels; l++) {
            uint64_t sum = 0;
            for (int w = 0; w < XW_WASTE_COUNT; w++) sum += q.levels[l].waste[w];
            assert_int_equal(q.levels[l].achieved, m.levels[l].n_grids);
            assert_true(q.levels[l].bound_sum <= q.levels[l].achieved);
            assert_int_equal(sum, q.levels[l].achieved - q.levels[l].bound_sum);
            assert_int_equal(listed[l], sum);
            double ceil_sum = 0; /* the bound again, another way */
            for (size_t d = 0; d < m.n_divisions; d++) {
                uint64_t holds = 0, any = 0;
                for (uint32_t g = 0; g < m.levels[l].n_grids; g++) {
                    const xw_grid *v = &m.grids[m.levels[l].first_grid + g];
                    if (v->division != d) continue;
                    holds += v->children;
                    any = 1;
                }
                const uint64_t cap = m.levels[l].cap;
                ceil_sum += (double)(holds ? (holds + cap - 1) / cap : any);
            }
            assert_true(ceil_sum == (double)q.levels[l].bound_sum);
        }
        xw_quality_finish(&q);
        xw_model_finish(&m);
    }
}

static uint64_t waste(const block_town_options *o, xw_waste_reason reason, uint64_t *achieved)
{
    const xw_grids_config c = xw_grids_default();
    xw_model m;
    xw_quality q;
    build(o, 1, &c, &m);
    assert_int_equal(xw_quality_make(&m, &q, NULL), XW_OK);
    const uint64_t n = q.levels[2].waste[reason];
    *achieved = q.levels[2].achieved;
    xw_quality_finish(&q);
    xw_model_finish(&m);
    return n;
}

static void test_a_river_and_a_railway_are_the_reason_of_small_parts(void **state)
{
    (void)state;
    uint64_t n;
    /* 5 x 4 houses; a river leaves 4 of them alone: 4 + 16 need three teams, not two */
    const block_town_options river = {
        .columns = 5, .rows = 4, .divisions = 1, .river_column = 1, .households_most = 1};
    assert_int_equal(waste(&river, XW_WASTE_ISOLATED, &n) + waste(&river, XW_WASTE_BARRIER, &n), 1);
    assert_int_equal(n, 3);
    const block_town_options rail = {
        .columns = 5, .rows = 10, .divisions = 1, .rail_row = 5, .households_most = 1};
    assert_int_equal(waste(&rail, XW_WASTE_BARRIER, &n), 1); /* 25 + 25: 6 teams for 50 */
    assert_int_equal(n, 6);
}

static void test_whole_floors_of_towers_are_a_reason(void **state)
{
    (void)state;
    uint64_t n;
    const block_town_options o = {
        .columns = 4, .rows = 4, .divisions = 1, .tower_percent = 100, .households_most = 1};
    const uint64_t tower = waste(&o, XW_WASTE_TOWER, &n);
    assert_true(tower > 0);
    assert_int_equal(waste(&o, XW_WASTE_SEARCH, &n), 0);
    assert_int_equal(waste(&o, XW_WASTE_ISOLATED, &n), 0);
}

static void test_buildings_that_do_not_fit_together_are_a_reason(void **state)
{
    (void)state;
    xw_model m;
    xw_quality q;
    xw_rng rng = {1};
    const xw_grids_config c = xw_grids_default();
    const block_town_options o = {.columns = 3, .rows = 2, .divisions = 1, .households_most = 1};
    block_town_build(&o, &rng, &m);
    for (size_t p = 0; p < m.n_plots; p++) { /* six houses of six: none shares a team */
        m.plots[p].households = m.units[m.plots[p].first_unit].households = 6;
        m.buildings[m.plots[p].building].households = 6;
    }
    assert_int_equal(xw_grids_make(&m, &c, NULL, NULL), XW_OK);
    assert_int_equal(xw_quality_make(&m, &q, NULL), XW_OK);
    assert_int_equal(q.levels[2].achieved, 6);
    assert_int_equal(q.levels[2].bound_sum, 4);
    assert_int_equal(q.levels[2].bound_bins, 6);
    assert_int_equal(q.levels[2].waste[XW_WASTE_INDIVISIBLE], 2);
    xw_buf b;
    xw_buf_init(&b, 1 << 20);
    xw_quality_write_json(&m, &q, &b);
    assert_non_null(strstr(b.data, "\"reason\":\"indivisible\""));
    assert_non_null(strstr(b.data, "\"bound_bins\":6"));
    xw_buf_finish(&b);
    xw_quality_finish(&q);
    xw_model_finish(&m);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    const xw_grids_config c = xw_grids_default();
    const block_town_options o = {.columns = 6,
                                  .rows = 5,
                                  .divisions = 2,
                                  .river_column = 2,
                                  .tower_percent = 20,
                                  .households_most = 3};
    xw_model m;
    build(&o, 3, &c, &m);
    for (int n = 0;; n++) {
        xw_quality q;
        fail_alloc_at(n);
        const xw_status st = xw_quality_make(&m, &q, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            xw_quality_finish(&q);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
        assert_null(q.wasted);
    }
    xw_model_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_add_up_for_any_town_and_profile),
        cmocka_unit_test(test_a_river_and_a_railway_are_the_reason_of_small_parts),
        cmocka_unit_test(test_whole_floors_of_towers_are_a_reason),
        cmocka_unit_test(test_buildings_that_do_not_fit_together_are_a_reason),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
