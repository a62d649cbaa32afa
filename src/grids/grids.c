#include "xiwang/grids.h"

#include "carve.h"
#include "even.h"
#include "nest.h"
#include "plan.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

/* The items of a level: what each node of the graph consists of. A tower is one node with many. */
typedef struct items {
    uint32_t *first; /* n nodes + 1 */
    uint32_t *child;
    uint32_t *glued; /* first items of a stack that go with the next one; NULL: none */
} items;

typedef struct maker {
    xw_model *m;
    const xw_grids_config *c;
    const xw_job *job;
    uint32_t *edge_start, *edge_item; /* edges by division */
    uint64_t *order;                  /* divisions in the low half, those with most plots first */
    xw__plan *plans;
    xw_barrier_rules rules;
} maker;

static void items_finish(items *it)
{
    free(it->first);
    free(it->child);
    free(it->glued);
    *it = (items){NULL, NULL, NULL};
}

static void plan_finish(xw__plan *p)
{
    for (uint32_t l = 0; l < XW_LEVELS_MAX; l++) {
        free(p->levels[l].first);
        free(p->levels[l].child);
    }
}

typedef struct cut { /* best way to cut the first i items of a stack */
    uint32_t pieces, from;
    uint64_t squares;
} cut;

/* Cuts a stack into the fewest contiguous pieces of at most @p cap, the evenest of those (least sum
 * of squares): exact, by dynamic programming over the end of the last piece. An item above the cap
 * is a piece by itself. best[n].pieces pieces; best[i].from is where the piece that ends at i
 * starts. */
static void cut_stack(const uint32_t *weights, uint32_t n, uint32_t cap, cut *best)
{
    best[0] = (cut){0, 0, 0};
    for (uint32_t i = 1; i <= n; i++) {
        uint64_t sum = 0;
        best[i] = (cut){UINT32_MAX, 0, 0};
        for (uint32_t j = i; j > 0; j--) {
            sum += weights[j - 1];
            if (sum > cap && j < i) break;
            const cut c = {best[j - 1].pieces + 1, j - 1, best[j - 1].squares + sum * sum};
            if (c.pieces < best[i].pieces ||
                (c.pieces == best[i].pieces && c.squares < best[i].squares)) {
                best[i] = c;
            }
        }
    }
}

/* Writes the pieces of one stack as grids, from the first item on; the first `glued` items weigh
 * nothing and are part of the first piece. */
static xw_status add_stack(const maker *k, const uint32_t *child, uint32_t n, uint32_t glued,
                           bool units, uint32_t cap, xw__plan_level *out, size_t *filled,
                           xw_error *err)
{
    const uint32_t *land = child;
    child += glued;
    n -= glued;
    uint32_t *weights = malloc(((size_t)n + 1) * sizeof *weights);
    cut *best = malloc(((size_t)n + 1) * sizeof *best);
    uint32_t *ends = malloc(((size_t)n + 1) * sizeof *ends);
    if (!weights || !best || !ends) {
        free(weights);
        free(best);
        free(ends);
        return xw_fail(err, XW_NOMEM, "stack of %u", n);
    }
    for (uint32_t i = 0; i < n; i++) weights[i] = units ? k->m->units[child[i]].households : 1;
    cut_stack(weights, n, cap, best);
    uint32_t pieces = best[n].pieces, at = n;
    for (uint32_t i = pieces; i > 0; i--) {
        ends[i - 1] = at;
        at = best[at].from;
    }
    for (uint32_t i = 0, from = 0; i < pieces; i++) {
        out->first[out->n++] = (uint32_t)*filled;
        for (uint32_t j = 0; j < glued && i == 0; j++) out->child[(*filled)++] = land[j];
        for (; from < ends[i]; from++) out->child[(*filled)++] = child[from];
    }
    free(weights);
    free(best);
    free(ends);
    return XW_OK;
}

/* The nodes of each group, group by group: order[start[k]] up to start[k + 1]. */
static bool by_group(const uint32_t *group_of, uint32_t n, uint32_t n_groups, uint32_t **start,
                     uint32_t **order)
{
    *start = calloc((size_t)n_groups + 2, sizeof **start);
    *order = malloc(((size_t)n + 1) * sizeof **order);
    if (!*start || !*order) return false;
    for (uint32_t v = 0; v < n; v++) (*start)[group_of[v] + 2]++;
    for (uint32_t k = 0; k < n_groups; k++) (*start)[k + 2] += (*start)[k + 1];
    for (uint32_t v = 0; v < n; v++) (*order)[(*start)[group_of[v] + 1]++] = v;
    return true;
}

/* Turns the groups of n nodes into grids, and the grids into the items of the next coarser level.
 */
static xw_status write_level(const maker *k, uint32_t n, const items *it, uint32_t level,
                             const xw__nest_level *groups, xw__plan_level *out, items *up,
                             xw_error *err)
{
    const uint32_t n_items = it->first[n], n_groups = groups->n;
    uint32_t *start = NULL, *order = NULL;
    size_t filled = 0;
    xw_status st = XW_OK;
    out->first = malloc(((size_t)n_items + n_groups + 2) * sizeof *out->first);
    out->child = malloc(((size_t)n_items + 1) * sizeof *out->child);
    up->first = malloc(((size_t)n_groups + 1) * sizeof *up->first);
    up->child = malloc(((size_t)n_items + n_groups + 2) * sizeof *up->child);
    if (!by_group(groups->of, n, n_groups, &start, &order) || !out->first || !out->child ||
        !up->first || !up->child) {
        st = xw_fail(err, XW_NOMEM, "%u groups", n_groups);
        goto fail;
    }
    for (uint32_t i = 0; i < n_groups; i++) {
        const uint32_t v = order[start[i]];
        up->first[i] = out->n;
        if (groups->pieces[i] > 1) {
            st = add_stack(k, it->child + it->first[v], it->first[v + 1] - it->first[v],
                           it->glued ? it->glued[v] : 0, level + 1 == k->c->n_levels,
                           k->c->levels[level].cap, out, &filled, err);
            if (st) goto fail;
            continue;
        }
        out->first[out->n++] = (uint32_t)filled;
        for (uint32_t j = start[i]; j < start[i + 1]; j++) {
            const uint32_t w = order[j];
            for (uint32_t x = it->first[w]; x < it->first[w + 1]; x++) {
                out->child[filled++] = it->child[x];
            }
        }
    }
    up->first[n_groups] = out->n;
    out->first[out->n] = (uint32_t)filled;
    for (uint32_t i = 0; i < out->n; i++) up->child[i] = i;
fail:
    free(start);
    free(order);
    return st;
}

/* Nests the plots of a division and writes its plan. */
static xw_status nest_division(const maker *k, const xw_graph *g, xw__nodes *nodes, xw__plan *plan,
                               xw_error *err)
{
    xw__nest_options o = {
        .n_levels = k->c->n_levels, .pieces = nodes->runs, .seed = 1, .effort = k->c->effort};
    xw__nest nest = {0};
    items it = {nodes->first, nodes->unit, nodes->glued};
    uint32_t n = g->n;
    nodes->first = nodes->unit = nodes->glued = NULL; /* taken */
    for (uint32_t l = 0; l < o.n_levels; l++) o.caps[l] = k->c->levels[l].cap;
    xw_status st = xw__nest_make(g, &o, k->job, &nest, err);
    if (!st) {
        st = xw__nest_even(g, &o, k->c->levels[o.n_levels - 1].floor, k->job, &nest, err);
    }
    for (uint32_t l = o.n_levels; l-- > 0 && !st;) {
        items up = {NULL, NULL, NULL};
        st = write_level(k, n, &it, l, &nest.levels[l], &plan->levels[l], &up, err);
        items_finish(&it);
        it = up;
        n = nest.levels[l].n;
    }
    items_finish(&it);
    xw__nest_finish(&nest);
    return st;
}

static xw_status make_division(void *ctx, size_t nth, unsigned thread, xw_error *err)
{
    const maker *k = ctx;
    const uint32_t i = (uint32_t)k->order[nth];
    const xw_model_division *d = &k->m->divisions[i];
    (void)thread;
    if (d->n_plots == 0) return XW_OK;
    xw_graph g = {0};
    xw__nodes nodes = {0};
    xw_status st =
        xw_graph_of_division(k->m, i, k->edge_item + k->edge_start[i],
                             k->edge_start[i + 1] - k->edge_start[i], &k->rules, &g, err);
    if (!st) {
        st = xw__nodes_make(k->m, i, k->c->carving, k->c->levels[k->c->n_levels - 1].cap, &g,
                            &nodes, err);
    }
    if (!st) st = nest_division(k, &g, &nodes, &k->plans[i], err);
    xw__nodes_finish(&nodes);
    xw_graph_finish(&g);
    return st ? xw_fail_within(err, st, "division %s", xw_model_text(k->m, d->code)) : XW_OK;
}

/* Division of a plot, or XW_NONE outside. */
static uint32_t side_of(const xw_model *m, uint32_t plot)
{
    return plot == XW_NONE ? XW_NONE : m->plots[plot].division;
}

static bool sort_edges(maker *k)
{
    const xw_model *m = k->m;
    k->edge_start = calloc(m->n_divisions + 2, sizeof *k->edge_start);
    k->edge_item = malloc((2 * m->n_edges + 1) * sizeof *k->edge_item);
    if (!k->edge_start || !k->edge_item) return false;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t e = 0; e < m->n_edges; e++) {
            const uint32_t a = side_of(m, m->edges[e].left), b = side_of(m, m->edges[e].right);
            if (pass == 0) {
                if (a != XW_NONE) k->edge_start[a + 2]++;
                if (b != XW_NONE && b != a) k->edge_start[b + 2]++;
            } else {
                if (a != XW_NONE) k->edge_item[k->edge_start[a + 1]++] = e;
                if (b != XW_NONE && b != a) k->edge_item[k->edge_start[b + 1]++] = e;
            }
        }
        for (size_t d = 0; pass == 0 && d < m->n_divisions; d++) {
            k->edge_start[d + 2] += k->edge_start[d + 1];
        }
    }
    return true;
}

static int ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Long work first: no thread waits for a large division that another began last. */
static bool order_divisions(maker *k)
{
    const xw_model *m = k->m;
    k->order = malloc((m->n_divisions + 1) * sizeof *k->order);
    if (!k->order) return false;
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        k->order[i] = (uint64_t)(UINT32_MAX - m->divisions[i].n_plots) << 32 | i;
    }
    qsort(k->order, m->n_divisions, sizeof *k->order, ascending);
    return true;
}

static void clear_grids(xw_model *m)
{
    m->n_grids = m->n_grid_units = m->n_levels = 0;
    for (size_t u = 0; u < m->n_units; u++) m->units[u].grid = XW_NONE;
}

xw_status xw_grids_make(xw_model *m, const xw_grids_config *c, const xw_job *job, xw_error *err)
{
    maker k = {.m = m, .c = c, .job = job, .rules = xw__barrier_rules(c)};
    xw_status st = xw_grids_config_check(c, err);
    if (st) return st;
    clear_grids(m);
    st = xw_job_step(job, "grids", 0, 1, err);
    if (st) return st;
    k.plans = calloc(m->n_divisions + 1, sizeof *k.plans);
    if (!k.plans || !sort_edges(&k) || !order_divisions(&k)) {
        st = xw_fail(err, XW_NOMEM, "grids of %zu divisions", m->n_divisions);
        goto fail;
    }
    st = xw_parallel(xw_job_threads(job), m->n_divisions, make_division, &k, err);
    if (!st) st = xw__plan_publish(m, c, k.plans, err);
    if (!st) st = xw_job_step(job, "grids", 1, 1, err);
fail:
    if (st) clear_grids(m); /* no half a plan */
    for (size_t i = 0; k.plans && i < m->n_divisions; i++) plan_finish(&k.plans[i]);
    free(k.plans);
    free(k.order);
    free(k.edge_start);
    free(k.edge_item);
    return st;
}
