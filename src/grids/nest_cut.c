/* Cutting a graph into few large groups, coarse to fine: nodes are merged into atoms in several
 * rounds, the graph of the coarsest atoms is cut, and the cut is carried back and improved round by
 * round (multilevel partitioning: Hendrickson, Leland, Supercomputing 1995,
 * doi:10.1145/224170.224228). Atoms never reach over a way, so that the first cuts find the ways;
 * overload is cheap while atoms are coarse and dear at the end. */
#include "nest_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 3, STEPS_PER_NODE = 30 };

typedef struct stage { /* one graph of the pyramid; the first is the caller's */
    xw_graph own;
    const xw_graph *g;
    uint32_t *atom; /* of each node: the node of the next coarser stage */
} stage;

static void stage_finish(stage *s)
{
    free(s->atom);
    xw_graph_finish(&s->own);
}

/* The graph without the boundaries that follow ways: a metre there costs less than half. */
static xw_status between_ways(const xw_graph *g, uint32_t conn, xw_graph *out, xw_error *err)
{
    xw_graph_pair *pairs = malloc(((size_t)g->start[g->n] / 2 + 1) * sizeof *pairs);
    size_t k = 0;
    if (!pairs) return xw_fail(err, XW_NOMEM, "atoms of %u nodes", g->n);
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (a->to < v || a->kind < conn || 2 * a->cost < a->len) continue;
            pairs[k++] = (xw_graph_pair){v, a->to, a->len, a->cost, a->kind};
        }
    }
    const xw_status st = xw_graph_create(g->n, pairs, k, out, err);
    free(pairs);
    if (!st) memcpy(out->nodes, g->nodes, (size_t)g->n * sizeof *g->nodes);
    return st;
}

static xw_status coarsen(stage *from, stage *to, uint32_t cap, uint32_t conn, xw_error *err)
{
    const uint32_t n = from->g->n;
    xw_graph closed = {0};
    xw__parts p = {0};
    xw_status st = between_ways(from->g, conn, &closed, err);
    if (!st) st = xw__parts_init(&p, &closed, cap, conn, err);
    if (!st) st = xw__agglomerate(&p, err);
    if (st) goto fail;
    from->atom = malloc(((size_t)n + 1) * sizeof *from->atom);
    if (!from->atom) {
        st = xw_fail(err, XW_NOMEM, "atoms of %u nodes", n);
        goto fail;
    }
    memcpy(from->atom, p.of, (size_t)n * sizeof *p.of);
    st = xw_graph_contract(from->g, p.of, p.n_groups, NULL, &to->own, err);
    if (st) goto fail;
    for (uint32_t k = 0; k < p.n_groups; k++) to->own.nodes[k].weight = p.groups[k].weight;
    to->g = &to->own;
fail:
    xw__parts_finish(&p);
    xw_graph_finish(&closed);
    return st;
}

/* As many rounds as make atoms several times heavier than what they are made of. */
static xw_status build_pyramid(stage *s, uint32_t *n, const xw__cut_options *o, xw_error *err)
{
    static const uint32_t share[ROUNDS] = {24, 8, 3};
    xw_status st = XW_OK;
    *n = 1;
    for (uint32_t r = 0; r < ROUNDS && !st; r++) {
        const stage *top = &s[*n - 1];
        uint64_t weight = 0, peopled = 0;
        for (uint32_t v = 0; v < top->g->n; v++) {
            weight += top->g->nodes[v].weight;
            peopled += top->g->nodes[v].weight > 0;
        }
        const uint32_t cap = o->cap / share[r];
        if (cap * peopled < 2 * weight) continue;
        st = coarsen(&s[*n - 1], &s[*n], cap, o->conn, err);
        if (!st) ++*n;
    }
    return st;
}

static double mean_cost(const xw_graph *g)
{
    double sum = 0;
    for (uint32_t i = 0; i < g->start[g->n]; i++) sum += (double)g->arcs[i].cost;
    return sum > 0 ? sum / (double)g->start[g->n] : 1;
}

static double mean_weight(const xw_graph *g)
{
    double sum = 0;
    for (uint32_t v = 0; v < g->n; v++) sum += g->nodes[v].weight;
    return sum > 0 ? sum / g->n : 1;
}

xw_status xw__parts_from(xw__parts *p, const xw_graph *g, uint32_t cap, uint32_t conn,
                         const uint32_t *of, uint32_t n_groups, xw_error *err)
{
    const xw_status st = xw__parts_init(p, g, cap, conn, err);
    if (st) return st;
    for (uint32_t k = 0; k < g->n; k++) p->groups[k] = (xw__group){XW_NONE, 0, 0, 0, 0, 0};
    p->n_groups = n_groups;
    for (uint32_t v = g->n; v-- > 0;) {
        xw__group *k = &p->groups[of[v]];
        const xw_graph_node *node = &g->nodes[v];
        p->of[v] = of[v];
        p->prev[v] = XW_NONE;
        p->next[v] = k->head;
        if (k->count > 0) p->prev[k->head] = v;
        k->head = v;
        k->count++;
        k->weight += node->weight;
        k->area += node->area;
        k->perimeter += node->perimeter;
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            if (of[g->arcs[i].to] == of[v]) k->perimeter -= (double)g->arcs[i].len;
        }
    }
    for (uint32_t k = 0; k < n_groups; k++) {
        p->groups[k].shape = xw__shape(p->groups[k].area, p->groups[k].perimeter);
    }
    return XW_OK;
}

/* The groups of the coarser stage, on the nodes of this one. */
static xw_status carry_back(xw__parts *p, const stage *s, const xw__cut_options *o, xw_error *err)
{
    uint32_t *of = malloc(((size_t)s->g->n + 1) * sizeof *of);
    if (!of) return xw_fail(err, XW_NOMEM, "cut of %u nodes", s->g->n);
    for (uint32_t v = 0; v < s->g->n; v++) of[v] = p->of[s->atom[v]];
    const uint32_t n = p->n_groups;
    xw__parts_finish(p);
    const xw_status st = xw__parts_from(p, s->g, o->cap, o->conn, of, n, err);
    free(of);
    return st;
}

/* One run of annealing: the temperature falls by the same factor from rung to rung while the price
 * of an excess rises evenly. */
typedef struct run {
    uint64_t steps;
    double hot, cold, cheap, dear;
} run;

static xw_status anneal(xw__parts *p, const run *r, bool strict, xw_rng *rng, const xw_job *job,
                        xw_error *err)
{
    xw__heat h = {.temperature = r->hot, .price = 1e9, .never_above = strict, .rng = rng};
    double factor = r->cold / r->hot;
    xw_status st = XW_OK;
    for (int i = 1; i < XW__RUNGS; i *= 2) factor = sqrt(factor);
    for (unsigned i = 0; i < XW__RUNGS && !st; i++, h.temperature *= factor) {
        const uint64_t steps = r->steps * (i + 1) / XW__RUNGS - r->steps * i / XW__RUNGS;
        if (!strict) h.price = r->cheap + (r->dear - r->cheap) * i / XW__RUNGS;
        st = xw__anneal(p, &h, steps, job, err);
    }
    return st;
}

/* The annealing of one stage, `height` stages above the finest. */
static run cooling(const xw__parts *p, const xw__cut_options *o, double unit, uint32_t height)
{
    static const struct {
        double hot, cold;   /* in mean boundary costs */
        double cheap, dear; /* of an excess of one, in mean costs by mean weight of the finest */
        uint32_t per_group; /* steps */
    } by_height[] = {{0.6, 0.05, 7, 24, 2000},
                     {1, 0.05, 2.4, 7, 2000},
                     {2.8, 0.05, 0.8, 1.6, 4000},
                     {4, 0.05, 0.4, 0.4, 8000}};
    const double scale = mean_cost(p->g);
    const uint64_t per_group = (uint64_t)p->n_groups * by_height[height].per_group,
                   per_node = (uint64_t)p->g->n * STEPS_PER_NODE;
    const uint64_t steps = height > 0 || per_node < per_group ? per_group : per_node;
    return (run){steps * o->effort / 100, scale * by_height[height].hot,
                 scale * by_height[height].cold, unit * by_height[height].cheap,
                 unit * by_height[height].dear};
}

static xw_status finish_cut(xw__parts *p, const xw__cut_options *o, xw_rng *rng, const xw_job *job,
                            xw_error *err)
{
    const double scale = mean_cost(p->g);
    uint32_t heavy = 0;
    const xw_status st = o->hard ? xw__fit_up(p, rng, err) : xw__chains(p, rng, &heavy, err);
    if (st || heavy > 0) return st;
    const run last = {(uint64_t)p->g->n * 10 * o->effort / 100, 0.1 * scale, 0.02 * scale, 0, 0};
    return anneal(p, &last, true, rng, job, err);
}

xw_status xw__cut(const xw_graph *g, const xw__cut_options *o, const xw_job *job, uint32_t *of,
                  uint32_t *n_groups, xw_error *err)
{
    stage s[ROUNDS + 1] = {{.g = g}};
    xw__parts p = {0};
    xw_rng rng = {o->seed};
    uint32_t n = 0;
    const double unit = mean_cost(g) / mean_weight(g);
    xw_status st = build_pyramid(s, &n, o, err);
    for (uint32_t r = n; r-- > 0 && !st;) {
        if (r + 1 == n) {
            st = xw__parts_init(&p, s[r].g, o->cap, o->conn, err);
            if (!st) st = xw__agglomerate(&p, err);
            if (!st) xw__force_down(&p, o->want);
        } else {
            st = carry_back(&p, &s[r], o, err);
        }
        if (st) break;
        const run a = cooling(&p, o, unit, r);
        st = anneal(&p, &a, false, &rng, job, err);
    }
    if (!st) st = finish_cut(&p, o, &rng, job, err);
    if (!st) memcpy(of, p.of, (size_t)g->n * sizeof *of);
    *n_groups = p.n_groups;
    xw__parts_finish(&p);
    for (uint32_t r = 0; r <= ROUNDS; r++) stage_finish(&s[r]);
    return st;
}
