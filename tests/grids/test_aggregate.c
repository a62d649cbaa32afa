#include "xiwang/aggregate.h"

#include "support/test.h"

#include <stdlib.h>
#include <string.h>

/* A random planar-ish graph: points of a lattice with some ties missing, some shut, some far. */
static void draw_graph(xw_rng *rng, uint32_t side, uint32_t weight_most, xw_graph *g)
{
    const uint32_t n = side * side;
    xw_graph_pair *pairs = calloc(4 * (size_t)n + 1, sizeof *pairs);
    size_t k = 0;
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t to[2] = {v % side + 1 < side ? v + 1 : v, v + side < n ? v + side : v};
        for (int d = 0; d < 2; d++) {
            const uint32_t dice = xw_rng_below(rng, 20);
            if (to[d] == v || dice == 0) continue;
            const float len = 5.0F + (float)xw_rng_below(rng, 20);
            pairs[k++] = (xw_graph_pair){v, to[d], len, len * (dice < 6 ? 0.3F : 1.0F),
                                         dice == 1 ? XW_ARC_SHUT : XW_ARC_OPEN};
        }
    }
    assert_int_equal(xw_graph_create(n, pairs, k, g, NULL), XW_OK);
    free(pairs);
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t w = xw_rng_below(rng, 4) ? 1 + xw_rng_below(rng, weight_most) : 0;
        g->nodes[v] =
            (xw_graph_node){(double)(v % side) * 20, (double)v / side * 20, 400, 80, w, w};
    }
}

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
}

/* Components inside each group over arcs of at least a kind, counting peopled nodes or all. */
static uint32_t most_pieces(const xw_graph *g, const uint32_t *group_of, uint32_t n_groups,
                            uint32_t kind, bool peopled)
{
    uint32_t *root = malloc((g->n + 1) * sizeof *root), most = 0;
    uint32_t *count = calloc((size_t)n_groups + 1, sizeof *count);
    uint8_t *seen = calloc(g->n + 1, 1);
    for (uint32_t v = 0; v < g->n; v++) root[v] = v;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (a->kind >= kind && group_of[a->to] == group_of[v]) {
                root[find(root, v)] = find(root, a->to);
            }
        }
    }
    for (uint32_t v = 0; v < g->n; v++) {
        const uint32_t r = find(root, v);
        if (seen[r] || (peopled && g->nodes[v].households == 0)) continue;
        seen[r] = 1;
        if (++count[group_of[v]] > most) most = count[group_of[v]];
    }
    free(root);
    free(count);
    free(seen);
    return most;
}

static void judge(const xw_graph *g, const xw_aggregate_options *o, const uint32_t *group_of,
                  uint32_t n_groups)
{
    uint64_t *load = calloc((size_t)n_groups + 1, sizeof *load);
    uint32_t *count = calloc((size_t)n_groups + 1, sizeof *count);
    uint32_t first = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        assert_true(group_of[v] < n_groups);
        assert_true(group_of[v] <= first); /* numbered by first node */
        first += group_of[v] == first;
        load[group_of[v]] += g->nodes[v].weight;
        count[group_of[v]]++;
    }
    assert_int_equal(first, n_groups);
    for (uint32_t k = 0; k < n_groups; k++) assert_true(load[k] <= o->cap || count[k] == 1);
    assert_true(most_pieces(g, group_of, n_groups, XW_ARC_SHUT, false) <= 1);
    assert_true(most_pieces(g, group_of, n_groups, XW_ARC_OPEN, true) <= 1);
    free(load);
    free(count);
}

static void test_groups_keep_the_cap_and_hold_together(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("aggregate");
    for (int i = 0; i < 80; i++) {
        xw_graph g;
        draw_graph(&rng, 1 + xw_rng_below(&rng, 24), 1 + xw_rng_below(&rng, 12), &g);
        const xw_aggregate_options o = {.cap = 1 + xw_rng_below(&rng, 20),
                                        .seed = xw_rng_next(&rng),
                                        .steps = 1 + xw_rng_below(&rng, 60000),
                                        .groups = xw_rng_below(&rng, 2) * xw_rng_below(&rng, 100)};
        uint32_t *group_of = calloc(g.n + 1, sizeof *group_of), n = 0;
        assert_int_equal(xw_aggregate(&g, &o, NULL, group_of, NULL, &n, NULL), XW_OK);
        judge(&g, &o, group_of, n);
        assert_true(n >= xw_bin_bound(g.nodes, g.n, o.cap));
        free(group_of);
        xw_graph_finish(&g);
    }
}

/* A plain square lattice of single households leaves little room for excuses. */
static void test_groups_are_few(void **state)
{
    (void)state;
    enum { SIDE = 40 };
    xw_graph_pair pairs[2 * SIDE * SIDE];
    size_t k = 0;
    for (uint32_t v = 0; v < SIDE * SIDE; v++) {
        if (v % SIDE + 1 < SIDE) pairs[k++] = (xw_graph_pair){v, v + 1, 20, 20, XW_ARC_OPEN};
        if (v + SIDE < SIDE * SIDE) pairs[k++] = (xw_graph_pair){v, v + SIDE, 20, 20, XW_ARC_OPEN};
    }
    xw_graph g;
    assert_int_equal(xw_graph_create(SIDE * SIDE, pairs, k, &g, NULL), XW_OK);
    for (uint32_t v = 0; v < g.n; v++) g.nodes[v] = (xw_graph_node){0, 0, 400, 80, 1, 1};
    for (uint64_t seed = 1; seed <= 2; seed++) {
        const xw_aggregate_options o = {.cap = 10, .seed = seed};
        uint32_t group_of[SIDE * SIDE], n = 0;
        assert_int_equal(xw_aggregate(&g, &o, NULL, group_of, NULL, &n, NULL), XW_OK);
        judge(&g, &o, group_of, n);
        assert_true(n <= 164); /* 160 are needed */
    }
    xw_graph_finish(&g);
}

/* Weights of one to five leave much to choose for bins of ten. */
static void test_lumpy_weights_are_packed(void **state)
{
    (void)state;
    enum { SIDE = 30, N = SIDE * SIDE };
    static xw_graph_pair pairs[2 * N];
    size_t k = 0;
    for (uint32_t v = 0; v < N; v++) {
        if (v % SIDE + 1 < SIDE) pairs[k++] = (xw_graph_pair){v, v + 1, 20, 20, XW_ARC_OPEN};
        if (v + SIDE < N) pairs[k++] = (xw_graph_pair){v, v + SIDE, 20, 20, XW_ARC_OPEN};
    }
    xw_graph g;
    assert_int_equal(xw_graph_create(N, pairs, k, &g, NULL), XW_OK);
    xw_rng rng = rng_from_env("lumpy");
    for (uint32_t v = 0; v < N; v++) {
        const uint32_t w = 1 + xw_rng_below(&rng, 5);
        g.nodes[v] = (xw_graph_node){0, 0, 400, 80, w, w};
    }
    const xw_aggregate_options o = {.cap = 10, .seed = xw_rng_next(&rng)};
    static uint32_t group_of[N];
    uint32_t n = 0;
    assert_int_equal(xw_aggregate(&g, &o, NULL, group_of, NULL, &n, NULL), XW_OK);
    judge(&g, &o, group_of, n);
    /* over seeds 2 to 6 % above the bound, which knows nothing of connectedness */
    if (100 * n > 108 * xw_bin_bound(g.nodes, N, 10)) {
        fail_msg("%u groups, bound %u", n, xw_bin_bound(g.nodes, N, 10));
    }
    xw_graph_finish(&g);
}

/* Without a household of room in the whole lattice. */
static void test_the_exact_minimum_is_met_when_asked_for(void **state)
{
    (void)state;
    enum { SIDE = 20, N = SIDE * SIDE };
    xw_graph_pair pairs[2 * N];
    size_t k = 0;
    for (uint32_t v = 0; v < N; v++) {
        if (v % SIDE + 1 < SIDE) pairs[k++] = (xw_graph_pair){v, v + 1, 20, 20, XW_ARC_OPEN};
        if (v + SIDE < N) pairs[k++] = (xw_graph_pair){v, v + SIDE, 20, 20, XW_ARC_OPEN};
    }
    xw_graph g;
    assert_int_equal(xw_graph_create(N, pairs, k, &g, NULL), XW_OK);
    for (uint32_t v = 0; v < N; v++) g.nodes[v] = (xw_graph_node){0, 0, 400, 80, 1, 1};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        const xw_aggregate_options o = {.cap = 10, .groups = N / 10, .seed = seed};
        uint32_t group_of[N], n = 0;
        assert_int_equal(xw_aggregate(&g, &o, NULL, group_of, NULL, &n, NULL), XW_OK);
        judge(&g, &o, group_of, n);
        assert_int_equal(n, N / 10);
    }
    xw_graph_finish(&g);
}

static void test_threads_do_not_change_the_groups(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("threads");
    for (int i = 0; i < 4; i++) {
        xw_graph g;
        draw_graph(&rng, 24, 4, &g);
        for (uint32_t k = 0; k < g.start[g.n]; k++) { /* many components */
            xw_arc *a = &g.arcs[k];
            if (a->to % 24 % 6 == 0) a->kind = XW_ARC_SHUT;
        }
        for (uint32_t v = 0; v < g.n; v++) {
            for (uint32_t k = g.start[v]; v % 24 % 6 == 0 && k < g.start[v + 1]; k++) {
                g.arcs[k].kind = XW_ARC_SHUT;
            }
        }
        const xw_aggregate_options o = {.cap = 10, .seed = xw_rng_next(&rng), .steps = 60000};
        const xw_job jobs[] = {{.threads = 1}, {.threads = 3}};
        uint32_t group_of[2][24 * 24], n[2];
        for (int j = 0; j < 2; j++) {
            assert_int_equal(xw_aggregate(&g, &o, &jobs[j], group_of[j], NULL, &n[j], NULL), XW_OK);
        }
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(group_of[0], group_of[1], sizeof group_of[0]);
        xw_graph_finish(&g);
    }
}

static void test_nodes_without_households_join_across_a_barrier_and_are_no_core(void **state)
{
    (void)state;
    /* house - house = river = field: the field is no group of its own */
    const xw_graph_pair pairs[] = {
        {0, 1, 10, 10, XW_ARC_OPEN}, {1, 2, 10, 1, XW_ARC_SHUT}, {2, 3, 10, 1, XW_ARC_SHUT}};
    const xw_aggregate_options o = {.cap = 10};
    xw_graph g, up;
    assert_int_equal(xw_graph_create(4, pairs, 3, &g, NULL), XW_OK);
    for (uint32_t v = 0; v < 4; v++) {
        g.nodes[v] = (xw_graph_node){0, 0, 100, 40, v < 2 ? 5 : 0, v < 2 ? 5 : 0};
    }
    uint32_t group_of[4], n;
    uint8_t core[4];
    assert_int_equal(xw_aggregate(&g, &o, NULL, group_of, core, &n, NULL), XW_OK);
    assert_int_equal(n, 1);
    assert_int_equal(core[0] + core[1], 2);
    assert_int_equal(core[2] + core[3], 0);
    /* With households on both sides there are two groups, and nothing ties them. */
    g.nodes[3].households = g.nodes[3].weight = 1;
    assert_int_equal(xw_aggregate(&g, &o, NULL, group_of, core, &n, NULL), XW_OK);
    assert_int_equal(n, 2);
    assert_int_equal(xw_graph_contract(&g, group_of, n, core, &up, NULL), XW_OK);
    assert_int_equal(up.start[1] - up.start[0], 1);
    assert_int_equal(up.arcs[0].kind, XW_ARC_SHUT);
    xw_graph_finish(&up);
    xw_graph_finish(&g);
}

static void test_pairs_are_summed_and_seen_from_both_sides(void **state)
{
    (void)state;
    const xw_graph_pair pairs[] = {{0, 1, 3, 1, XW_ARC_SHUT},
                                   {1, 0, 4, 2, XW_ARC_OPEN},
                                   {2, 2, 9, 9, XW_ARC_OPEN},
                                   {2, 1, 5, 5, XW_ARC_SHUT}};
    xw_graph g;
    assert_int_equal(xw_graph_create(3, pairs, 4, &g, NULL), XW_OK);
    assert_int_equal(g.start[3], 4);
    assert_int_equal(g.arcs[0].to, 1);
    assert_true(g.arcs[0].len > 6.9F && g.arcs[0].len < 7.1F);
    assert_int_equal(g.arcs[0].kind, XW_ARC_OPEN);
    assert_int_equal(g.arcs[3].to, 1);
    assert_int_equal(g.arcs[3].kind, XW_ARC_SHUT);
    xw_graph_finish(&g);
    xw_error err;
    assert_int_equal(xw_graph_create(2, pairs, 4, &g, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "pair 2"));
}

/* Fewest bins by trying everything. */
static uint32_t pack(const uint32_t *w, uint32_t n, uint32_t cap, uint32_t *room, uint32_t used,
                     uint32_t best)
{
    if (used >= best) return best;
    if (n == 0) return used;
    for (uint32_t b = 0; b <= used; b++) {
        if (b < used && room[b] < w[0]) continue;
        const uint32_t had = b < used ? room[b] : cap;
        room[b] = had - w[0];
        const uint32_t k = pack(w + 1, n - 1, cap, room, b < used ? used : used + 1, best);
        if (k < best) best = k;
        room[b] = had;
    }
    return best;
}

static void test_the_bound_never_exceeds_the_best_packing(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("bound");
    uint32_t tight = 0;
    for (int i = 0; i < 400; i++) {
        xw_graph_node nodes[8] = {{0}};
        uint32_t w[8], room[9];
        const uint32_t n = xw_rng_below(&rng, 8), cap = 1 + xw_rng_below(&rng, 12);
        for (uint32_t k = 0; k < n; k++) w[k] = nodes[k].weight = 1 + xw_rng_below(&rng, cap);
        const uint32_t bound = xw_bin_bound(nodes, n, cap), best = pack(w, n, cap, room, 0, 9);
        assert_true(bound <= best);
        tight += bound == best;
    }
    assert_true(tight > 300);
}

static void test_a_stop_is_obeyed(void **state)
{
    (void)state;
    xw_rng rng = {4};
    xw_graph g;
    draw_graph(&rng, 20, 3, &g);
    const volatile sig_atomic_t stop = 1;
    const xw_job job = {.cancel = &stop};
    const xw_aggregate_options o = {.cap = 10};
    uint32_t *group_of = calloc(g.n + 1, sizeof *group_of), n;
    assert_int_equal(xw_aggregate(&g, &o, &job, group_of, NULL, &n, NULL), XW_CANCELLED);
    free(group_of);
    xw_graph_finish(&g);
}

static void test_cap_zero_and_no_nodes(void **state)
{
    (void)state;
    xw_graph g;
    uint32_t n = 7, group_of[1];
    assert_int_equal(xw_graph_create(0, NULL, 0, &g, NULL), XW_OK);
    assert_int_equal(
        xw_aggregate(&g, &(xw_aggregate_options){.cap = 0}, NULL, group_of, NULL, &n, NULL),
        XW_INPUT);
    assert_int_equal(
        xw_aggregate(&g, &(xw_aggregate_options){.cap = 1}, NULL, group_of, NULL, &n, NULL), XW_OK);
    assert_int_equal(n, 0);
    xw_graph_finish(&g);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng rng = {9};
    xw_graph g;
    draw_graph(&rng, 12, 3, &g);
    uint32_t group_of[144], n;
    const xw_aggregate_options o = {.cap = 10};
    for (int k = 0;; k++) {
        fail_alloc_at(k);
        const xw_status st = xw_aggregate(&g, &o, NULL, group_of, NULL, &n, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            assert_true(k > 10);
            break;
        }
        assert_true(st == XW_NOMEM || st == XW_OK); /* the bound does without its sorted weights */
    }
    xw_graph_finish(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_keep_the_cap_and_hold_together),
        cmocka_unit_test(test_groups_are_few),
        cmocka_unit_test(test_lumpy_weights_are_packed),
        cmocka_unit_test(test_the_exact_minimum_is_met_when_asked_for),
        cmocka_unit_test(test_threads_do_not_change_the_groups),
        cmocka_unit_test(test_nodes_without_households_join_across_a_barrier_and_are_no_core),
        cmocka_unit_test(test_pairs_are_summed_and_seen_from_both_sides),
        cmocka_unit_test(test_the_bound_never_exceeds_the_best_packing),
        cmocka_unit_test(test_a_stop_is_obeyed),
        cmocka_unit_test(test_cap_zero_and_no_nodes),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
