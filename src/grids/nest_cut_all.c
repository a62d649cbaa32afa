/* Cutting any graph: component by component, with what is too big for a group and what nobody lives
 * in. */
#include "nest_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Graphs of few nodes that become many groups are cut several times. */
enum { SMALL = 3000, FEW = 12, TRIES = 3, TRIES_MOST = 12 };

typedef struct cutting {
    const xw_graph *g;
    const xw__cut_options *o;
    const xw_job *job;
    uint32_t *of, n_groups;
    uint8_t *core;   /* NULL: nothing joins across a barrier */
    uint32_t *local; /* scratch, all XW_NONE between uses */
    uint32_t *trial; /* groups of one component */
    uint32_t *load;  /* scratch */
} cutting;

static double cut_cost(const xw_graph *g, const uint32_t *of)
{
    double sum = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            if (of[v] != of[g->arcs[i].to]) sum += (double)g->arcs[i].cost;
        }
    }
    return sum;
}

/* How many groups a component gets and what each may weigh. Dense: their mean weight is what can
 * be filled, and they may differ by a little, as long as that leaves no dwarfs. */
static void set_target(const cutting *c, const xw_graph *g, xw__cut_options *o)
{
    const double cap = c->o->cap, dense = c->o->dense;
    if (dense <= 0) {
        o->want = xw_bin_bound(g->nodes, g->n, o->cap);
        if (o->want == 0) o->want = 1;
        return;
    }
    uint64_t sum = 0;
    uint32_t most = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        sum += g->nodes[v].weight;
        if (g->nodes[v].weight > most) most = g->nodes[v].weight;
    }
    o->want = (uint32_t)ceil((double)sum * dense / cap - 1e-6);
    if (o->want == 0) o->want = 1;
    const double mean = ceil((double)sum / o->want);
    double soft = 1.03 * cap / dense;
    if (soft > 1.15 * mean) soft = 1.15 * mean;
    if (soft < mean) soft = mean;
    if (soft < most) soft = most;
    o->cap = soft < cap ? (uint32_t)soft : c->o->cap;
}

static uint64_t excess(const cutting *c, const xw_graph *g, uint32_t cap, uint32_t n_groups,
                       uint32_t *load)
{
    uint64_t sum = 0;
    memset(load, 0, ((size_t)n_groups + 1) * sizeof *load);
    for (uint32_t v = 0; v < g->n; v++) load[c->trial[v]] += g->nodes[v].weight;
    for (uint32_t k = 0; k < n_groups; k++) sum += load[k] > cap ? load[k] - cap : 0;
    return sum;
}

/* How often to cut. */
static uint32_t tries_for(const xw__cut_options *o, uint32_t n)
{
    if (n > SMALL || o->want < 2) return 1;
    const uint64_t tries = (uint64_t)(o->want < FEW ? 1 : TRIES) * o->effort / 100;
    return tries < 1 ? 1 : tries < TRIES_MOST ? (uint32_t)tries : TRIES_MOST;
}

/* The best of a few cuts: least above the cap, fewest groups, then the cheapest boundary. */
static xw_status cut_component(cutting *c, const uint32_t *list, uint32_t n, xw_error *err)
{
    xw_graph g = {0};
    xw_status st = xw__subgraph(c->g, list, n, c->local, &g, err);
    if (st) return st;
    xw__cut_options o = *c->o;
    set_target(c, &g, &o);
    uint32_t best_made = 0;
    uint64_t best = UINT64_MAX;
    double best_cost = 0;
    const uint32_t tries = tries_for(&o, n);
    for (uint32_t t = 0; t < tries && !st; t++) {
        uint32_t made = 0;
        o.seed = c->o->seed + list[0] + (uint64_t)t * UINT64_C(1000003);
        st = xw__cut(&g, &o, c->job, c->trial, &made, err);
        if (st) break;
        const double cost = cut_cost(&g, c->trial);
        const uint64_t bad = (excess(c, &g, o.cap, made, c->load) << 32) + made;
        if (bad > best || (bad == best && cost >= best_cost)) continue;
        best = bad;
        best_made = made;
        best_cost = cost;
        for (uint32_t i = 0; i < n; i++) c->of[list[i]] = c->n_groups + c->trial[i];
    }
    if (!st) c->n_groups += best_made;
    xw_graph_finish(&g);
    return st;
}

/* A component without households joins a group that it touches and that has room for all of it. */
static bool join_neighbour(cutting *c, const uint32_t *list, uint32_t n)
{
    uint64_t weight = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (c->g->nodes[list[i]].households > 0) return false;
        weight += c->g->nodes[list[i]].weight;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = c->g->start[list[i]]; k < c->g->start[list[i] + 1]; k++) {
            const uint32_t to = c->of[c->g->arcs[k].to];
            if (to == XW_NONE || c->load[to] + weight > c->o->cap) continue;
            for (uint32_t j = 0; j < n; j++) {
                c->of[list[j]] = to;
                c->core[list[j]] = 0;
            }
            return true;
        }
    }
    return false;
}

static bool is_peopled(const xw_graph *g, const uint32_t *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (g->nodes[list[i]].households > 0) return true;
    }
    return false;
}

static void sum_loads(cutting *c)
{
    memset(c->load, 0, ((size_t)c->g->n + 1) * sizeof *c->load);
    for (uint32_t v = 0; v < c->g->n; v++) {
        if (c->of[v] != XW_NONE) c->load[c->of[v]] += c->g->nodes[v].weight;
    }
}

static xw_status cut_components(cutting *c, const uint32_t *start, const uint32_t *order,
                                uint32_t n, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t k = 0; k < n && !st; k++) {
        const uint32_t *list = order + start[k], size = start[k + 1] - start[k];
        if (is_peopled(c->g, list, size)) st = cut_component(c, list, size, err);
    }
    for (uint32_t k = 0; k < n && !st; k++) {
        const uint32_t *list = order + start[k], size = start[k + 1] - start[k];
        if (is_peopled(c->g, list, size)) continue;
        sum_loads(c);
        if (!c->core || !join_neighbour(c, list, size)) st = cut_component(c, list, size, err);
    }
    return st;
}

xw_status xw__cut_all(const xw_graph *g, const xw__cut_options *o, const xw_job *job, uint32_t *of,
                      uint8_t *core, uint32_t *n_groups, xw_error *err)
{
    const size_t n = (size_t)g->n + 2;
    cutting c = {.g = g, .o = o, .job = job, .of = of, .core = core};
    uint32_t *comp = malloc(n * sizeof *comp), *order = malloc(n * sizeof *order);
    uint32_t *start = malloc(n * sizeof *start);
    xw_status st = XW_OK;
    c.local = malloc(n * sizeof *c.local);
    c.trial = malloc(n * sizeof *c.trial);
    c.load = malloc(n * sizeof *c.load);
    if (!comp || !order || !start || !c.load || !c.local || !c.trial) {
        st = xw_fail(err, XW_NOMEM, "cut of %u nodes", g->n);
        goto fail;
    }
    memset(c.local, 0xff, n * sizeof *c.local);
    if (core) memset(core, 1, g->n);
    for (uint32_t v = 0; v < g->n; v++) {
        const bool alone = g->nodes[v].weight > o->cap;
        comp[v] = alone ? XW_NONE : 0;
        of[v] = alone ? c.n_groups++ : XW_NONE;
    }
    const uint32_t n_comps = xw__components(g, o->conn, comp, order);
    xw__list_groups(comp, g->n, n_comps, start, order);
    st = cut_components(&c, start, order, n_comps, err);
    *n_groups = c.n_groups;
fail:
    free(comp);
    free(order);
    free(start);
    free(c.local);
    free(c.trial);
    free(c.load);
    return st;
}
