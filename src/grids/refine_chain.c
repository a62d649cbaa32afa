/* Ejection chains: an excess walks from group to group to where there is room.
 *
 * Dijkstra over groups from a group that is too heavy. A step sends a node to a neighbour, alone or
 * in exchange for a lighter one, so that the group it leaves is within the cap again; the neighbour
 * then has the excess, until one has room. Steps are judged on the partition as it stands and
 * proved again when the chain is carried out, from its end backwards; a chain that does not hold is
 * undone. */
#include "parts.h"

#include <stdlib.h>

enum { REACH = 500, TRIES = 10, MEMBERS_MOST = 400 };

typedef struct label { /* how the search came to a group */
    double cost;
    uint32_t need;      /* weight that must leave it; 0: the chain may end here */
    uint32_t from;      /* group, XW_NONE at the start */
    uint32_t out, back; /* node that came, node that went back in exchange or XW_NONE */
    uint32_t stamp;     /* label is of this search */
    bool settled;
} label;

typedef struct waiting {
    double cost;
    uint32_t group;
} waiting;

typedef struct chain {
    xw__parts *p;
    xw_rng *rng;
    label *labels;
    waiting *heap;
    size_t n_heap, cap_heap;
    uint32_t stamp;
    double noise;
    double hop; /* price of one step, so that short chains win */
    bool failed;
} chain;

static bool less(waiting a, waiting b)
{
    return a.cost < b.cost || (a.cost <= b.cost && a.group < b.group);
}

static void push(chain *c, waiting w)
{
    if (!xw_grow((void **)&c->heap, &c->cap_heap, c->n_heap + 1, sizeof *c->heap)) {
        c->failed = true;
        return;
    }
    size_t i = c->n_heap++;
    for (; i > 0 && less(w, c->heap[(i - 1) / 2]); i = (i - 1) / 2)
        c->heap[i] = c->heap[(i - 1) / 2];
    c->heap[i] = w;
}

static waiting pop(chain *c)
{
    const waiting top = c->heap[0], last = c->heap[--c->n_heap];
    size_t i = 0;
    for (;;) {
        size_t k = 2 * i + 1;
        if (k >= c->n_heap) break;
        if (k + 1 < c->n_heap && less(c->heap[k + 1], c->heap[k])) k++;
        if (!less(c->heap[k], last)) break;
        c->heap[i] = c->heap[k];
        i = k;
    }
    if (c->n_heap > 0) c->heap[i] = last;
    return top;
}

static void offer(chain *c, uint32_t g, uint32_t h, uint32_t out, uint32_t back, double change)
{
    const xw__parts *p = c->p;
    const uint64_t net = p->g->nodes[out].weight - (back != XW_NONE ? p->g->nodes[back].weight : 0);
    const uint64_t load = p->groups[h].weight + net;
    const uint32_t need = load > p->cap ? (uint32_t)(load - p->cap) : 0;
    const double cost = c->labels[g].cost + c->hop * (1 + 0.5 * (need > net)) +
                        (change > 0 ? change : 0) + c->noise * xw_rng_unit(c->rng);
    label *l = &c->labels[h];
    if (l->stamp == c->stamp && (l->settled || l->cost <= cost)) return;
    *l = (label){cost, need, g, out, back, c->stamp, false};
    push(c, (waiting){cost, h});
}

/* Cut and shape change of moving v to group h, without any price for weight. */
static double change_of(const xw__parts *p, uint32_t v, uint32_t h, bool *touches)
{
    const xw__links s = xw__parts_links(p, v, h);
    *touches = s.touches;
    return s.own_cost - s.other_cost;
}

/* Exchanges of v (going to h) with a node of h that touches g. */
static void offer_swaps(chain *c, uint32_t g, uint32_t h, uint32_t v, uint32_t need, double change)
{
    xw__parts *p = c->p;
    uint32_t looked = 0;
    for (uint32_t u = p->groups[h].head; u != XW_NONE && looked < MEMBERS_MOST; u = p->next[u]) {
        looked++;
        const uint32_t wu = p->g->nodes[u].weight, wv = p->g->nodes[v].weight;
        if (wu == 0 || wu + need > wv) continue;
        bool touches;
        const double back = change_of(p, u, g, &touches);
        if (!touches || !xw__parts_may_leave(p, u)) continue;
        offer(c, g, h, v, u, change + back);
    }
}

static void expand(chain *c, uint32_t g)
{
    xw__parts *p = c->p;
    const uint32_t need = c->labels[g].need;
    uint32_t looked = 0;
    for (uint32_t v = p->groups[g].head; v != XW_NONE && looked < MEMBERS_MOST; v = p->next[v]) {
        looked++;
        if (p->g->nodes[v].weight < need || v == c->labels[g].back) continue;
        int leave = -1; /* not asked yet */
        for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
            const uint32_t h = p->of[p->g->arcs[i].to];
            if (h == g || p->g->arcs[i].kind < p->conn) continue;
            if (c->labels[h].stamp == c->stamp && c->labels[h].settled) continue;
            if (leave < 0) leave = xw__parts_may_leave(p, v);
            if (!leave) break;
            bool touches;
            const double change = change_of(p, v, h, &touches);
            offer(c, g, h, v, XW_NONE, change);
            if (p->groups[h].weight + need > p->cap || p->g->nodes[v].weight > need) {
                offer_swaps(c, g, h, v, need, change);
            }
        }
    }
}

/* Moves v from group `from` to `to` if that is still right. */
static bool carry(xw__parts *p, uint32_t v, uint32_t from, uint32_t to)
{
    if (p->of[v] != from || !xw__parts_links(p, v, to).touches || !xw__parts_may_leave(p, v)) {
        return false;
    }
    xw__parts_move(p, v, to);
    return true;
}

/* Carries out the chain that ends in group h, last step first. @return false: nothing has changed
 */
static bool carry_out(const chain *c, uint32_t h)
{
    xw__parts *p = c->p;
    uint32_t at = h;
    bool ok = true, half = false;
    while (ok && c->labels[at].from != XW_NONE) {
        const label *l = &c->labels[at];
        if (!carry(p, l->out, l->from, at)) {
            ok = false;
        } else if (l->back != XW_NONE && !carry(p, l->back, at, l->from)) {
            ok = false;
            half = true;
        } else if (p->groups[at].weight > p->cap) {
            at = l->from;
            ok = false;
        } else {
            at = l->from;
        }
    }
    if (ok) return true;
    /* Undo: the steps from h down to `at` are done, of the one at `at` perhaps the first half. */
    if (half) xw__parts_move(p, c->labels[at].out, c->labels[at].from);
    uint32_t stack[REACH], n = 0;
    for (uint32_t k = h; k != at; k = c->labels[k].from) stack[n++] = k;
    while (n > 0) {
        const uint32_t k = stack[--n];
        if (c->labels[k].back != XW_NONE) xw__parts_move(p, c->labels[k].back, k);
        xw__parts_move(p, c->labels[k].out, c->labels[k].from);
    }
    return false;
}

/* One chain out of group s that takes at least `need` away. */
static bool relieve(chain *c, uint32_t s, uint32_t need)
{
    uint32_t settled = 0;
    c->stamp++;
    c->n_heap = 0;
    c->labels[s] = (label){0, need, XW_NONE, XW_NONE, XW_NONE, c->stamp, false};
    push(c, (waiting){0, s});
    while (!c->failed && c->n_heap > 0 && settled + 1 < REACH) {
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

xw_status xw__chains(xw__parts *p, xw_rng *rng, uint32_t *heavy, xw_error *err)
{
    chain c = {.p = p, .rng = rng};
    *heavy = 0;
    c.labels = calloc((size_t)p->n_groups + 1, sizeof *c.labels);
    if (!c.labels) return xw_fail(err, XW_NOMEM, "chains over %u groups", p->n_groups);
    c.hop = mean_cost(p->g);
    for (uint32_t s = 0; s < p->n_groups && !c.failed; s++) {
        uint32_t tries = 0;
        while (p->groups[s].weight > p->cap && tries < TRIES && !c.failed) {
            c.noise = tries * c.hop;
            /* All of the excess at once; if no node is heavy enough, piece by piece. */
            const uint32_t excess = p->groups[s].weight - p->cap;
            if (!relieve(&c, s, excess) && (excess == 1 || !relieve(&c, s, 1))) tries++;
        }
        *heavy += p->groups[s].weight > p->cap;
    }
    const bool failed = c.failed;
    free(c.labels);
    free(c.heap);
    return failed ? xw_fail(err, XW_NOMEM, "chains over %u groups", p->n_groups) : XW_OK;
}
