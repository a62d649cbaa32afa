/* Excess carried from group to group to where there is room: Dijkstra over groups from one that is
 * too heavy. A step sends a node to a neighbour, alone or for a lighter one, so that what it leaves
 * is within the cap; the neighbour then has the excess. Steps are judged on the partition as it
 * stands and proved again when the chain is carried out, from its end backwards. Nodes may cross
 * from section to section on the way: the sections keep their number of teams and only have to hold
 * together. */
#include "nest_parts.h"

#include <stdlib.h>

enum { REACH = 400, TRIES = 3 };

typedef struct label { /* how the search came to a group */
    double cost;
    uint32_t need;      /* weight that must leave it */
    uint32_t from;      /* group, XW_NONE at the start */
    uint32_t out, back; /* node that comes, node that goes back for it or XW_NONE */
    uint32_t stamp;     /* of the search the label belongs to */
    bool settled;
} label;

typedef struct waiting {
    double cost;
    uint32_t group;
} waiting;

struct xw__chain {
    xw__strata *s;
    xw_rng *rng;
    label *labels;
    waiting *heap;
    size_t n_heap, cap_heap;
    uint32_t stamp;
    double hop, noise; /* price of a step; random surcharge of a later try */
    bool failed;       /* no memory */
};

static bool sooner(waiting a, waiting b)
{
    return a.cost < b.cost || (a.cost <= b.cost && a.group < b.group);
}

static void push(xw__chain *c, waiting w)
{
    if (!xw_grow((void **)&c->heap, &c->cap_heap, c->n_heap + 1, sizeof *c->heap)) {
        c->failed = true;
        return;
    }
    size_t i = c->n_heap++;
    for (; i > 0 && sooner(w, c->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        c->heap[i] = c->heap[(i - 1) / 2];
    }
    c->heap[i] = w;
}

static waiting pop(xw__chain *c)
{
    const waiting top = c->heap[0], last = c->heap[--c->n_heap];
    size_t i = 0;
    for (;;) {
        size_t k = 2 * i + 1;
        if (k >= c->n_heap) break;
        if (k + 1 < c->n_heap && sooner(c->heap[k + 1], c->heap[k])) k++;
        if (!sooner(c->heap[k], last)) break;
        c->heap[i] = c->heap[k];
        i = k;
    }
    if (c->n_heap > 0) c->heap[i] = last;
    return top;
}

/* A group that is one node above the cap takes part in nothing. */
static bool is_closed(const xw__parts *p, uint32_t k)
{
    return p->groups[k].count == 1 && p->groups[k].weight > p->cap;
}

static void offer(xw__chain *c, uint32_t a, uint32_t b, uint32_t out, uint32_t back, double change)
{
    const xw__parts *p = &c->s->p;
    const uint32_t net = p->g->nodes[out].weight - (back != XW_NONE ? p->g->nodes[back].weight : 0);
    const uint32_t load = p->groups[b].weight + net, need = load > p->cap ? load - p->cap : 0;
    const double cost = c->labels[a].cost + c->hop * (need > net ? 1.5 : 1) +
                        (change > 0 ? change : 0) + c->noise * xw_rng_unit(c->rng);
    label *l = &c->labels[b];
    if (l->stamp == c->stamp && (l->settled || l->cost <= cost)) return;
    *l = (label){cost, need, a, out, back, c->stamp, false};
    push(c, (waiting){cost, b});
}

/* Exchanges of v, on its way from a to b, with a lighter node of b that touches a. */
static void offer_swaps(xw__chain *c, uint32_t a, uint32_t b, uint32_t v, uint32_t need,
                        double change)
{
    xw__parts *p = &c->s->p;
    for (uint32_t u = p->groups[b].head; u != XW_NONE; u = p->next[u]) {
        const uint32_t wu = p->g->nodes[u].weight;
        if (wu == 0 || wu + need > p->g->nodes[v].weight) continue;
        bool touches;
        const double back = xw__strata_dearer(c->s, u, a, &touches);
        if (touches && xw__strata_may_go(c->s, u, a)) offer(c, a, b, v, u, change + back);
    }
}

static void expand(xw__chain *c, uint32_t a)
{
    xw__parts *p = &c->s->p;
    const uint32_t need = c->labels[a].need;
    for (uint32_t v = p->groups[a].head; v != XW_NONE; v = p->next[v]) {
        if (p->g->nodes[v].weight < need || v == c->labels[a].back) continue;
        for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
            const uint32_t b = p->of[p->g->arcs[i].to];
            if (b == a || p->g->arcs[i].kind < p->conn || is_closed(p, b)) continue;
            if (c->labels[b].stamp == c->stamp && c->labels[b].settled) continue;
            if (!xw__strata_may_go(c->s, v, b)) continue;
            bool touches;
            const double change = xw__strata_dearer(c->s, v, b, &touches);
            offer(c, a, b, v, XW_NONE, change);
            if (p->groups[b].weight + need > p->cap || p->g->nodes[v].weight > need) {
                offer_swaps(c, a, b, v, need, change);
            }
        }
    }
}

/* Moves v from a to b if that is still right. */
static bool carry(xw__chain *c, uint32_t v, uint32_t a, uint32_t b)
{
    xw__parts *p = &c->s->p;
    if (p->of[v] != a || !xw__parts_links(p, v, b).touches) return false;
    if (!xw__strata_may_go(c->s, v, b)) return false;
    if (xw__strata_move(c->s, v, b)) return true;
    c->failed = true;
    return false;
}

/* Carries out the chain that ends in group `at`, last step first, or nothing of it. */
static bool carry_out(xw__chain *c, uint32_t at)
{
    const size_t before = c->s->n_moved;
    bool ok = true;
    while (ok && c->labels[at].from != XW_NONE) {
        const label *l = &c->labels[at];
        ok = carry(c, l->out, l->from, at) &&
             (l->back == XW_NONE || carry(c, l->back, at, l->from)) &&
             c->s->p.groups[at].weight <= c->s->p.cap;
        at = l->from;
    }
    if (!ok) xw__strata_rewind(c->s, before);
    return ok;
}

/* One chain that takes at least `need` out of group k. */
static bool relieve(xw__chain *c, uint32_t k, uint32_t need)
{
    uint32_t settled = 0;
    c->stamp++;
    c->n_heap = 0;
    c->labels[k] = (label){0, need, XW_NONE, XW_NONE, XW_NONE, c->stamp, false};
    push(c, (waiting){0, k});
    while (!c->failed && c->n_heap > 0 && settled < REACH) {
        const waiting w = pop(c);
        label *l = &c->labels[w.group];
        if (l->settled || l->cost < w.cost) continue;
        l->settled = true;
        settled++;
        if (l->need == 0) return carry_out(c, w.group);
        expand(c, w.group);
    }
    return false;
}

static double mean_cost(const xw_graph *g)
{
    double sum = 0;
    for (uint32_t i = 0; i < g->start[g->n]; i++) sum += (double)g->arcs[i].cost;
    return g->start[g->n] > 0 ? sum / (double)g->start[g->n] : 1;
}

xw_status xw__chain_create(xw__strata *s, xw_rng *rng, xw__chain **out, xw_error *err)
{
    *out = NULL;
    xw__chain *c = calloc(1, sizeof *c);
    label *labels = calloc((size_t)s->p.n_groups + 1, sizeof *labels);
    if (!c || !labels) {
        free(c);
        free(labels);
        return xw_fail(err, XW_NOMEM, "chains over %u groups", s->p.n_groups);
    }
    *c = (xw__chain){.s = s, .rng = rng, .labels = labels, .hop = mean_cost(s->p.g)};
    *out = c;
    return XW_OK;
}

void xw__chain_destroy(xw__chain *c)
{
    if (!c) return;
    free(c->labels);
    free(c->heap);
    free(c);
}

xw_status xw__chain_relieve(xw__chain *c, uint32_t k, bool *light, xw_error *err)
{
    const xw__parts *p = &c->s->p;
    uint32_t tries = 0;
    while (p->groups[k].weight > p->cap && tries < TRIES && !c->failed) {
        const uint32_t excess = p->groups[k].weight - p->cap;
        c->noise = tries * c->hop;
        /* All of the excess at once; if no node is heavy enough, piece by piece. */
        if (!relieve(c, k, excess) && (excess == 1 || !relieve(c, k, 1))) tries++;
    }
    *light = p->groups[k].weight <= p->cap;
    return c->failed ? xw_fail(err, XW_NOMEM, "chains over %u groups", p->n_groups) : XW_OK;
}
