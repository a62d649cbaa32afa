/* A team across a main road is listed with its reason, in the report and by the check, and the
 * reason is what a plain count says. Where nothing is said teams do not cross main roads at all. */
#include "xiwang/check.h"
#include "xiwang/report.h"

#include "support/block_town.h"
#include "support/test.h"
#include "xiwang/grids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A town whose roads from west to east are primary. */
static void build(const block_town_options *o, uint64_t seed, const xw_grids_config *c, xw_model *m)
{
    xw_rng rng = {seed};
    xw_error err = {XW_OK, ""};
    block_town_build(o, &rng, m);
    for (size_t i = 0; i < m->n_edges; i++) {
        if (m->edges[i].cls == XW_CLASS_TERTIARY) m->edges[i].cls = XW_CLASS_PRIMARY;
    }
    if (xw_grids_make(m, c, NULL, &err)) fail_msg("%s", err.text);
}

static uint32_t team_of(const xw_model *m, uint32_t plot)
{
    return m->units[m->plots[plot].first_unit].grid;
}

/* Numbers the pieces by going over every edge until nothing changes. team: only edges inside one
 * team, else only those between plots within the cap. */
static void label(const xw_model *m, bool primary, bool team, uint32_t *of)
{
    const uint32_t cap = m->levels[m->n_levels - 1].cap;
    for (uint32_t p = 0; p < m->n_plots; p++) of[p] = p;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < m->n_edges; i++) {
            const xw_edge *e = &m->edges[i];
            if (e->left == XW_NONE || e->right == XW_NONE) continue;
            const bool hard = xw_class_get(e->cls)->hard && !(e->flags & XW_EDGE_CROSSED);
            if (hard || (!primary && e->cls == XW_CLASS_PRIMARY)) continue;
            if (m->plots[e->left].division != m->plots[e->right].division) continue;
            if (team && team_of(m, e->left) != team_of(m, e->right)) continue;
            if (!team && m->plots[e->left].households > cap) continue;
            if (!team && m->plots[e->right].households > cap) continue;
            const uint32_t least = of[e->left] < of[e->right] ? of[e->left] : of[e->right];
            again = again || of[e->left] != of[e->right];
            of[e->left] = of[e->right] = least;
        }
    }
}

/* Pieces of a team that people live in; *least: households of the smallest. */
static uint32_t pieces(const xw_model *m, const uint32_t *of, uint32_t team, uint32_t *least)
{
    uint32_t n = 0;
    *least = UINT32_MAX;
    for (uint32_t p = 0; p < m->n_plots; p++) {
        uint32_t sum = 0;
        if (of[p] != p || team_of(m, p) != team) continue;
        for (uint32_t q = 0; q < m->n_plots; q++) {
            if (of[q] == p) sum += m->plots[q].households;
        }
        n += sum > 0;
        if (sum > 0 && sum < *least) *least = sum;
    }
    return n;
}

/* Teams with households in a piece of land, and what they have room for, but for one team. */
static void count_room(const xw_model *m, const uint32_t *land, uint32_t part, uint32_t without,
                       uint32_t *others, uint32_t *room)
{
    const xw_level *v = &m->levels[m->n_levels - 1];
    *others = *room = 0;
    for (uint32_t g = v->first_grid; g < v->first_grid + v->n_grids; g++) {
        bool in = false;
        for (uint32_t p = 0; p < m->n_plots && !in; p++) {
            in = land[p] == part && m->plots[p].households > 0 && team_of(m, p) == g;
        }
        if (!in || g == without) continue;
        ++*others;
        *room += v->cap > m->grids[g].households ? v->cap - m->grids[g].households : 0;
    }
}

static uint32_t plot_at(const xw_model *m, xw_pt at)
{
    for (uint32_t p = 0; p < m->n_plots; p++) {
        if (m->plots[p].anchor.x == at.x && m->plots[p].anchor.y == at.y) return p;
    }
    fail_msg("no plot has this place");
    return XW_NONE;
}

static uint32_t verify(const xw_model *m)
{
    const size_t n = m->n_plots + 1;
    const xw_level *v = &m->levels[m->n_levels - 1];
    uint32_t *with = malloc(n * sizeof *with), *without = malloc(n * sizeof *without);
    uint32_t *land = malloc(n * sizeof *land), least, some;
    xw_quality q;
    xw_check_report r;
    size_t k = 0;
    label(m, true, true, with);
    label(m, false, true, without);
    label(m, false, false, land);
    assert_int_equal(xw_quality_make(m, &q, NULL), XW_OK);
    for (uint32_t g = v->first_grid; g < v->first_grid + v->n_grids; g++) {
        if (pieces(m, without, g, &least) <= pieces(m, with, g, &some)) continue;
        assert_true(k < q.n_crossings);
        const xw_crossing *c = &q.crossings[k++];
        uint32_t others, room;
        assert_int_equal(c->grid, g);
        assert_int_equal(c->households, least);
        assert_int_equal(c->cls, XW_CLASS_PRIMARY);
        count_room(m, land, land[plot_at(m, c->at)], g, &others, &room);
        assert_int_equal(c->others, others);
        assert_int_equal(c->room, room);
        assert_int_equal(c->reason, others == 0    ? XW_CROSSING_CUT_OFF
                                    : room < least ? XW_CROSSING_FULL
                                                   : XW_CROSSING_SEARCH);
    }
    assert_int_equal(k, q.n_crossings);
    assert_int_equal(xw_check(m, NULL, &r, NULL), XW_OK);
    assert_true(r.ok);
    assert_int_equal((int)xw_check_find(&r, "across_main_roads")->value, k);
    size_t listed = 0;
    for (size_t i = 0; i < r.n_spots; i++) {
        if (strcmp(r.lines[r.spots[i].line].key, "across_main_roads") != 0) continue;
        assert_true(r.spots[i].exception);
        assert_non_null(strstr(r.spots[i].text, xw_crossing_text(q.crossings[listed].reason)));
        listed++;
    }
    assert_int_equal(listed, k);
    xw_check_report_finish(&r);
    xw_quality_finish(&q);
    free(with);
    free(without);
    free(land);
    return (uint32_t)k;
}

static void test_every_crossing_has_the_reason_that_a_count_says(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("crossings");
    uint32_t n = 0;
    for (int i = 0; i < 24; i++) {
        xw_model m;
        xw_grids_config c = xw_grids_default();
        block_town_options o = block_town_draw(&rng);
        c.levels[2].never = 0;
        c.priced = 1u << XW_CLASS_PRIMARY; /* so that many cross */
        c.cost[XW_CLASS_PRIMARY] = 2;
        if (o.columns > 12) o.columns = 12;
        if (o.rows > 12) o.rows = 12;
        if (o.road_every == 1) o.road_every = 3;
        o.divisions = o.divisions > o.columns ? 1 : o.divisions;
        build(&o, xw_rng_next(&rng), &c, &m);
        n += verify(&m);
        xw_model_finish(&m);
    }
    assert_true(n > 10); /* else nothing was tried */
}

static void test_by_default_no_team_crosses_a_main_road(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("main roads");
    const xw_grids_config c = xw_grids_default();
    for (int i = 0; i < 12; i++) {
        xw_model m;
        const block_town_options o = block_town_draw(&rng);
        build(&o, xw_rng_next(&rng), &c, &m);
        assert_int_equal(m.levels[2].never,
                         1u << XW_CLASS_MOTORWAY | 1u << XW_CLASS_TRUNK | 1u << XW_CLASS_PRIMARY);
        assert_int_equal(m.levels[1].never, 0);
        assert_int_equal(verify(&m), 0);
        xw_model_finish(&m);
    }
}

static void test_the_report_says_it_as_json(void **state)
{
    (void)state;
    const block_town_options o = {
        .columns = 3, .rows = 3, .divisions = 1, .road_every = 2, .households_most = 1};
    xw_grids_config c = xw_grids_default();
    xw_model m;
    xw_quality q;
    xw_buf b;
    c.levels[2].never = 0;
    build(&o, 1, &c, &m); /* 9 households, one team; the road leaves a row of 3 alone */
    assert_int_equal(xw_quality_make(&m, &q, NULL), XW_OK);
    xw_buf_init(&b, 1 << 20);
    xw_quality_write_json(&m, &q, &b);
    assert_non_null(strstr(b.data, "\"crossings\":[{"));
    assert_non_null(strstr(b.data, "\"class\":\"primary\",\"reason\":\"cut-off\""));
    assert_non_null(strstr(b.data, "\"households\":9,\"households_beyond\":3"));
    xw_buf_clear(&b);
    xw_json j = xw_json_on(&b);
    xw_quality_write_summary(&m, &q, &j);
    assert_non_null(strstr(b.data, "\"crossings\":{\"cut-off\":1,\"full\":0,\"search\":0}"));
    assert_non_null(strstr(b.data, "\"waste\":{\"isolated\":0"));
    xw_buf_finish(&b);
    xw_quality_finish(&q);
    xw_model_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_crossing_has_the_reason_that_a_count_says),
        cmocka_unit_test(test_by_default_no_team_crosses_a_main_road),
        cmocka_unit_test(test_the_report_says_it_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
