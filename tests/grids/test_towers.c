/* Towns of towers: no team above the cap, no household lost, the floors of every team without a
 * gap and those of two teams of a tower one above the other, as few teams as whole units allow, and
 * a tower in one section when its teams fit into one. */
#include "xiwang/check.h"
#include "xiwang/grids.h"

#include "support/block_town.h"
#include "support/test.h"

#include <stdlib.h>

enum { CAP = 10 };

/* Half of the squares are towers; their units are drawn anew: floors of up to 24 households, those
 * above the cap in several units. */
static void build(xw_rng *rng, xw_model *m)
{
    block_town_options o = block_town_draw(rng);
    xw_error err = {XW_OK, ""};
    const xw_grids_config c = xw_grids_default();
    o.tower_percent = 20 + xw_rng_below(rng, 60);
    block_town_build(&o, rng, m);
    for (size_t b = 0; b < m->n_buildings; b++) {
        xw_plot *p = &m->plots[m->buildings[b].plot];
        if (p->n_units == 1) continue;
        p->households = 0;
        int floor = 1;
        for (uint32_t u = p->first_unit; u < p->first_unit + p->n_units; u++) {
            m->units[u].households = xw_rng_below(rng, CAP + 1);
            m->units[u].floor_min = m->units[u].floor_max = (int16_t)floor;
            p->households += m->units[u].households;
            floor += xw_rng_below(rng, 3) > 0; /* else another door of the same floor */
        }
        m->buildings[b].households = p->households;
    }
    if (xw_grids_make(m, &c, NULL, &err)) fail_msg("%s", err.text);
}

/* The fewest runs of units in their order: fill each as far as it goes. */
static uint32_t fewest(const xw_model *m, const xw_plot *p)
{
    uint32_t runs = 1, sum = 0;
    for (uint32_t u = p->first_unit; u < p->first_unit + p->n_units; u++) {
        if (sum + m->units[u].households > CAP) {
            runs++;
            sum = 0;
        }
        sum += m->units[u].households;
    }
    return runs;
}

static void verify_tower(const xw_model *m, const xw_plot *p)
{
    uint32_t teams = 0, section = XW_NONE;
    bool together = true;
    for (uint32_t u = p->first_unit; u < p->first_unit + p->n_units; u++) {
        const xw_unit *v = &m->units[u];
        const xw_grid *g = &m->grids[v->grid];
        assert_int_equal(g->kind, XW_GRID_BASIC);
        if (g->floor_min != 0) { /* else it has land, too */
            assert_true(v->floor_min >= g->floor_min && v->floor_max <= g->floor_max);
        }
        if (u > p->first_unit && v->grid == v[-1].grid) continue;
        teams++; /* a run of units, one after the other; what else the team has is land */
        uint32_t next = u;
        for (uint32_t k = 0; k < g->n_units; k++) {
            const uint32_t unit = m->grid_units[g->first_child + k];
            if (m->units[unit].plot == v->plot) {
                assert_int_equal(unit, next++);
            } else {
                assert_int_equal(m->units[unit].households, 0);
                assert_int_equal(u, p->first_unit); /* with the lowest floors */
            }
        }
        together = together && (section == XW_NONE || section == g->parent);
        section = g->parent;
    }
    assert_int_equal(teams, fewest(m, p));
    if (teams <= CAP) assert_true(together);
}

static void test_towers_are_cut_into_whole_runs_of_floors(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("towers");
    uint32_t towers = 0;
    for (int i = 0; i < 25; i++) {
        xw_model m;
        xw_check_report r;
        uint64_t there = 0, held = 0;
        build(&rng, &m);
        for (size_t p = 0; p < m.n_plots; p++) there += m.plots[p].households;
        const xw_level *v = &m.levels[2];
        for (uint32_t g = v->first_grid; g < v->first_grid + v->n_grids; g++) {
            held += m.grids[g].households;
            assert_true(m.grids[g].households <= CAP || m.grids[g].n_units == 1);
        }
        assert_int_equal(held, there);
        for (size_t p = 0; p < m.n_plots; p++) {
            if (m.plots[p].households <= CAP || m.plots[p].n_units == 1) continue;
            verify_tower(&m, &m.plots[p]);
            towers++;
        }
        assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
        assert_true(r.ok);
        xw_check_report_finish(&r);
        xw_model_finish(&m);
    }
    assert_true(towers > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_towers_are_cut_into_whole_runs_of_floors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
