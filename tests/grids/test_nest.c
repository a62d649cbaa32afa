#include "nest.h"

#include "support/test.h"
#include "xiwang/aggregate.h"

#include <stdlib.h>
#include <string.h>

/* --- made-up graphs -----------------------------------------------------------------------------
 */

typedef struct taste { /* shares in 20ths */
    uint32_t missing, shut, far, way, empty, tower;
    uint32_t weight_most;
} taste;

/* A lattice of plots with ways every fifth row and column; some ties missing, shut or far. */
static void draw_graph(xw_rng *rng, uint32_t side, const taste *t, xw_graph *g)
{
    const uint32_t n = side * side;
    xw_graph_pair *pairs = calloc(2 * (size_t)n + 1, sizeof *pairs);
    size_t k = 0;
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t x = v % side, y = v / side;
        const uint32_t to[2] = {x + 1 < side ? v + 1 : v, y + 1 < side ? v + side : v};
        const bool way[2] = {x % 5 == 4, y % 5 == 4};
        for (int d = 0; d < 2; d++) {
            const uint32_t dice = xw_rng_below(rng, 20);
            if (to[d] == v || dice < t->missing) continue;
            const float len = 10.0F + (float)xw_rng_below(rng, 20);
            xw_graph_pair p = {v, to[d], len, len * (way[d] ? 0.15F : 1.0F), XW_ARC_OPEN};
            if (dice < t->missing + t->shut) p.kind = XW_ARC_SHUT;
            if (dice >= 20 - t->far) p = (xw_graph_pair){v, to[d], 0, 0, XW_ARC_FAR};
            pairs[k++] = p;
        }
    }
    assert_int_equal(xw_graph_create(n, pairs, k, g, NULL), XW_OK);
    free(pairs);
    for (uint32_t v = 0; v < n; v++) {
        uint32_t w = xw_rng_below(rng, 20) < t->empty ? 0 : 1 + xw_rng_below(rng, t->weight_most);
        if (xw_rng_below(rng, 20) < t->tower) w = 20 + xw_rng_below(rng, 400);
        g->nodes[v] =
            (xw_graph_node){(double)(v % side) * 20, (double)(v / side) * 20, 400, 80, w, w};
    }
}

static const taste plain = {0, 0, 0, 0, 2, 0, 3};

/* --- a slow and simple judge ---------------------------------------------------------------------
 */

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
}

/* Most pieces of any group over arcs of at least a kind inside it, counting peopled nodes or all.
 */
static uint32_t most_pieces(const xw_graph *g, const uint32_t *of, uint32_t n_groups, uint32_t kind,
                            bool peopled)
{
    uint32_t *root = malloc((g->n + 1) * sizeof *root), most = 0;
    uint32_t *count = calloc((size_t)n_groups + 1, sizeof *count);
    uint8_t *seen = calloc(g->n + 1, 1);
    for (uint32_t v = 0; v < g->n; v++) root[v] = v;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (a->kind >= kind && of[a->to] == of[v]) root[find(root, a->to)] = find(root, v);
        }
    }
    for (uint32_t v = 0; v < g->n; v++) {
        const uint32_t r = find(root, v);
        if (seen[r] || (peopled && g->nodes[v].households == 0)) continue;
        seen[r] = 1;
        if (++count[of[v]] > most) most = count[of[v]];
    }
    free(root);
    free(count);
    free(seen);
    return most;
}

/* One level: numbering, caps, pieces. weight: of the children. */
static void judge_level(const xw__nest_level *l, const uint32_t *weight, uint32_t n, uint32_t cap)
{
    uint64_t *load = calloc((size_t)l->n + 1, sizeof *load);
    uint32_t *count = calloc((size_t)l->n + 1, sizeof *count), first = 0;
    for (uint32_t v = 0; v < n; v++) {
        assert_true(l->of[v] <= first && l->of[v] < l->n); /* numbered by first child */
        first += l->of[v] == first;
        load[l->of[v]] += weight[v];
        count[l->of[v]]++;
    }
    assert_int_equal(first, l->n);
    for (uint32_t k = 0; k < l->n; k++) {
        assert_true(load[k] <= cap || count[k] == 1);
        assert_int_equal(l->pieces[k], load[k] <= cap ? 1 : (load[k] + cap - 1) / cap);
    }
    free(load);
    free(count);
}

static void judge(const xw_graph *g, const xw__nest_options *o, const xw__nest *nest)
{
    uint32_t *of = malloc((g->n + 1) * sizeof *of);
    uint32_t *weight = malloc((g->n + 1) * sizeof *weight), n = g->n;
    for (uint32_t v = 0; v < g->n; v++) weight[v] = g->nodes[v].weight;
    for (uint32_t l = o->n_levels; l-- > 0;) {
        const xw__nest_level *at = &nest->levels[l];
        const bool finest = l + 1 == o->n_levels;
        judge_level(at, weight, n, o->caps[l]);
        for (uint32_t v = 0; v < g->n; v++) of[v] = at->of[finest ? v : of[v]];
        assert_true(most_pieces(g, of, at->n, XW_ARC_SHUT, false) <= 1);
        assert_true(most_pieces(g, of, at->n, finest ? XW_ARC_OPEN : XW_ARC_FAR, true) <= 1);
        uint64_t grids = 0;
        for (uint32_t k = 0; k < at->n; k++) grids += weight[k] = at->pieces[k];
        assert_true(grids >= at->bound);
        n = at->n;
    }
    free(of);
    free(weight);
}

/* --- claims --------------------------------------------------------------------------------------
 */

static void test_every_level_keeps_its_cap_and_holds_together(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("nest");
    for (int i = 0; i < 30; i++) {
        const taste t = {.missing = xw_rng_below(&rng, 4),
                         .shut = xw_rng_below(&rng, 4),
                         .far = xw_rng_below(&rng, 3),
                         .empty = xw_rng_below(&rng, 12),
                         .tower = xw_rng_below(&rng, 3) / 2,
                         .weight_most = 1 + xw_rng_below(&rng, 12)};
        xw__nest_options o = {.n_levels = 1 + xw_rng_below(&rng, 5), .seed = xw_rng_next(&rng)};
        o.effort = 1 + xw_rng_below(&rng, 50); /* the rules hold however short the search */
        for (uint32_t l = 0; l < o.n_levels; l++) o.caps[l] = 1 + xw_rng_below(&rng, 15);
        xw_graph g;
        xw__nest nest;
        draw_graph(&rng, 1 + xw_rng_below(&rng, 22), &t, &g);
        assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, NULL), XW_OK);
        judge(&g, &o, &nest);
        xw__nest_finish(&nest);
        xw_graph_finish(&g);
    }
}

/* Tight fields without excuses: what the levels may have above their bounds. */
static void test_all_levels_are_near_their_bounds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        xw_rng rng = {seed};
        const xw__nest_options o = {.n_levels = 3, .caps = {10, 10, 10}, .seed = seed};
        xw_graph g;
        xw__nest nest;
        draw_graph(&rng, 40, &plain, &g);
        assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, NULL), XW_OK);
        judge(&g, &o, &nest);
        for (uint32_t l = 0; l < 3; l++) {
            assert_true(nest.levels[l].n <=
                        nest.levels[l].bound + (nest.levels[l].bound + 19) / 20);
        }
        xw__nest_finish(&nest);
        xw_graph_finish(&g);
    }
}

/* Metres of boundary between groups that run inside a block of the lattice. */
static double inside_blocks(const xw_graph *g, const uint32_t *of)
{
    double sum = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (of[v] < of[a->to] && a->cost >= a->len) sum += (double)a->len;
        }
    }
    return sum;
}

/* Blocks of 48 households: two are a section. Made of finished teams, sections cut blocks. */
static void test_sections_follow_the_ways(void **state)
{
    (void)state;
    enum { SIDE = 35, N = SIDE * SIDE };
    const xw__nest_options o = {.n_levels = 2, .caps = {10, 10}, .seed = 5};
    const xw_aggregate_options a = {.cap = 10, .seed = 5};
    xw_rng rng = {5};
    xw_graph g, teams;
    xw__nest nest;
    uint32_t n = 0, n_sections = 0;
    draw_graph(&rng, SIDE, &plain, &g);
    for (uint32_t v = 0; v < N; v++) {
        const bool green = v % SIDE % 5 == 2 && v / SIDE % 5 == 2;
        g.nodes[v].weight = g.nodes[v].households = green ? 0 : 2;
    }
    assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, NULL), XW_OK);
    judge(&g, &o, &nest);
    uint32_t *of = calloc(N, sizeof *of), *up = calloc(N, sizeof *up);
    assert_int_equal(xw_aggregate(&g, &a, NULL, of, NULL, &n, NULL), XW_OK);
    assert_int_equal(xw_graph_contract(&g, of, n, NULL, &teams, NULL), XW_OK);
    assert_int_equal(xw_aggregate(&teams, &a, NULL, up, NULL, &n_sections, NULL), XW_OK);
    for (uint32_t v = 0; v < N; v++) of[v] = up[of[v]];
    const double before = inside_blocks(&g, of);
    for (uint32_t v = 0; v < N; v++) of[v] = nest.levels[0].of[nest.levels[1].of[v]];
    assert_true(inside_blocks(&g, of) < 0.5 * before);
    free(of);
    free(up);
    xw__nest_finish(&nest);
    xw_graph_finish(&teams);
    xw_graph_finish(&g);
}

/* 60 towers of 25 households and 60 houses of 1, in pairs along a street. */
static void test_a_tower_stays_in_one_section_while_it_fits(void **state)
{
    (void)state;
    enum { N = 120 };
    xw_graph_pair pairs[N];
    for (uint32_t v = 0; v + 1 < N; v++) pairs[v] = (xw_graph_pair){v, v + 1, 20, 20, XW_ARC_OPEN};
    xw_graph g;
    assert_int_equal(xw_graph_create(N, pairs, N - 1, &g, NULL), XW_OK);
    for (uint32_t v = 0; v < N; v++) {
        const uint32_t w = v % 2 ? 25 : 1;
        g.nodes[v] = (xw_graph_node){v * 20.0, 0, 400, 80, w, w};
    }
    g.nodes[61].weight = g.nodes[61].households = 1150; /* 115 teams are 12 sections are 2 zones */
    const xw__nest_options o = {.n_levels = 3, .caps = {10, 10, 10}, .seed = 1};
    xw__nest nest;
    assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, NULL), XW_OK);
    judge(&g, &o, &nest);
    assert_int_equal(nest.levels[2].pieces[nest.levels[2].of[1]], 3);
    const uint32_t team = nest.levels[2].of[61], section = nest.levels[1].of[team];
    assert_int_equal(nest.levels[2].pieces[team], 115);
    assert_int_equal(nest.levels[1].pieces[section], 12);
    assert_int_equal(nest.levels[0].pieces[nest.levels[0].of[section]], 2);
    xw__nest_finish(&nest);
    xw_graph_finish(&g);
}

static void test_land_behind_a_barrier_joins_a_team(void **state)
{
    (void)state;
    /* 40 houses in a row; every fourth has a field across the river, and that one another. */
    enum { HOUSES = 40, N = 60 };
    xw_graph_pair pairs[N];
    size_t k = 0;
    for (uint32_t v = 0; v + 1 < HOUSES; v++) {
        pairs[k++] = (xw_graph_pair){v, v + 1, 20, 20, XW_ARC_OPEN};
    }
    for (uint32_t i = 0; i < 10; i++) {
        const uint32_t field = HOUSES + 2 * i;
        pairs[k++] = (xw_graph_pair){4 * i, field, 20, 1, XW_ARC_SHUT};
        pairs[k++] = (xw_graph_pair){field, field + 1, 20, 1, XW_ARC_OPEN};
    }
    xw_graph g;
    assert_int_equal(xw_graph_create(N, pairs, k, &g, NULL), XW_OK);
    for (uint32_t v = 0; v < N; v++) {
        const uint32_t w = v < HOUSES ? 3 : 0;
        g.nodes[v] = (xw_graph_node){v * 20.0, 0, 400, 80, w, w};
    }
    const xw__nest_options o = {.n_levels = 2, .caps = {2, 10}, .seed = 1};
    xw__nest nest;
    assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, NULL), XW_OK);
    judge(&g, &o, &nest);
    for (uint32_t i = 0; i < 10; i++) {
        const uint32_t *of = nest.levels[1].of;
        assert_int_equal(of[HOUSES + 2 * i], of[4 * i]);
        assert_int_equal(of[HOUSES + 2 * i + 1], of[4 * i]);
    }
    xw__nest_finish(&nest);
    xw_graph_finish(&g);
}

static void test_the_same_seed_gives_the_same_grids(void **state)
{
    (void)state;
    xw_rng rng = {12};
    const taste t = {1, 1, 1, 0, 4, 1, 6};
    const xw__nest_options o = {.n_levels = 3, .caps = {5, 8, 10}, .seed = 3};
    xw_graph g;
    xw__nest a, b;
    draw_graph(&rng, 16, &t, &g);
    assert_int_equal(xw__nest_make(&g, &o, NULL, &a, NULL), XW_OK);
    assert_int_equal(xw__nest_make(&g, &o, NULL, &b, NULL), XW_OK);
    uint32_t n = g.n;
    for (uint32_t l = 3; l-- > 0;) {
        assert_int_equal(a.levels[l].n, b.levels[l].n);
        assert_memory_equal(a.levels[l].of, b.levels[l].of, n * sizeof(uint32_t));
        n = a.levels[l].n;
    }
    xw__nest_finish(&a);
    xw__nest_finish(&b);
    xw_graph_finish(&g);
}

static void test_wrong_options_stops_and_nothing(void **state)
{
    (void)state;
    xw_rng rng = {4};
    xw_graph g, none;
    xw__nest nest;
    draw_graph(&rng, 20, &plain, &g);
    assert_int_equal(xw_graph_create(0, NULL, 0, &none, NULL), XW_OK);
    xw__nest_options o = {.n_levels = 2, .caps = {10, 10}};
    assert_int_equal(xw__nest_make(&none, &o, NULL, &nest, NULL), XW_OK);
    assert_int_equal(nest.levels[0].n, 0);
    xw__nest_finish(&nest);
    const volatile sig_atomic_t stop = 1;
    const xw_job job = {.cancel = &stop};
    assert_int_equal(xw__nest_make(&g, &o, &job, &nest, NULL), XW_CANCELLED);
    o.caps[1] = 0;
    xw_error err;
    assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "level 1"));
    o.n_levels = 0;
    assert_int_equal(xw__nest_make(&g, &o, NULL, &nest, NULL), XW_INPUT);
    xw_graph_finish(&g);
    xw_graph_finish(&none);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng rng = {9};
    const taste t = {1, 1, 0, 0, 6, 1, 4};
    const xw__nest_options o = {.n_levels = 3, .caps = {4, 4, 5}, .seed = 2, .effort = 20};
    xw_graph g;
    draw_graph(&rng, 6, &t, &g);
    for (int k = 0;; k += k < 100 ? 1 : 7) { /* later rounds repeat the same calls */
        xw__nest nest;
        fail_alloc_at(k);
        const xw_status st = xw__nest_make(&g, &o, NULL, &nest, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            assert_true(k > 100);
            xw__nest_finish(&nest);
            break;
        }
        assert_true(st == XW_NOMEM || st == XW_OK); /* the bound does without its sorted weights */
        if (!st) xw__nest_finish(&nest);
    }
    xw_graph_finish(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_level_keeps_its_cap_and_holds_together),
        cmocka_unit_test(test_all_levels_are_near_their_bounds),
        cmocka_unit_test(test_sections_follow_the_ways),
        cmocka_unit_test(test_a_tower_stays_in_one_section_while_it_fits),
        cmocka_unit_test(test_land_behind_a_barrier_joins_a_team),
        cmocka_unit_test(test_the_same_seed_gives_the_same_grids),
        cmocka_unit_test(test_wrong_options_stops_and_nothing),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
