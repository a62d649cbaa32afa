/* Re-split: two neighbouring groups are united, a random spanning tree of the union is drawn in
 * which strong ties come early, and the tree is cut where the two halves are best. All cuts of one
 * tree are judged in one pass: what a tie adds to the cut of a subtree is known from where its two
 * ends meet. */
#include "parts.h"

enum {
    MOST = 64,
    TIES_MOST = 256
}; /* a union has a bit a node; larger ones are left to the flips */

typedef struct tie { /* within the union, by place */
    uint8_t a, b;
    float len, cost;
} tie;

typedef struct sums { /* of a subtree */
    double area, rim; /* rim: boundary to the outside of the union */
    double cut_len, cut_cost;
    uint32_t weight;
} sums;

typedef struct region { /* the union, nodes by place */
    uint32_t n, n_ties;
    uint32_t node[MOST];
    double rim[MOST];
    uint32_t first_of[MOST + 1]; /* first half-tie of a place */
    uint8_t to[2 * TIES_MOST];
    float pull[2 * TIES_MOST]; /* what makes the half-tie strong; 0: does not connect */
    tie ties[TIES_MOST];
    double cost_now;
    /* the tree, by order of joining: parents come first */
    uint8_t at[MOST], order_of[MOST], parent[MOST];
    uint64_t above[MOST]; /* ancestors and itself, a bit each */
    sums sum[MOST];
} region;

static void gather(xw__parts *p, uint32_t a, uint32_t b, region *r)
{
    const uint32_t groups[2] = {a, b};
    r->n = 0;
    for (int k = 0; k < 2; k++) {
        for (uint32_t v = p->groups[groups[k]].head; v != XW_NONE; v = p->next[v]) {
            p->queue[v] = r->n;
            r->node[r->n++] = v;
        }
    }
}

static bool collect_ties(const xw__parts *p, uint32_t a, uint32_t b, region *r)
{
    const xw_graph *g = p->g;
    uint32_t half = 0;
    r->n_ties = 0;
    r->cost_now = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        const uint32_t v = r->node[i], own = p->of[v];
        double rim = g->nodes[v].perimeter;
        r->first_of[i] = half;
        for (uint32_t k = g->start[v]; k < g->start[v + 1]; k++) {
            const xw_arc *arc = &g->arcs[k];
            const uint32_t other = p->of[arc->to];
            if (other != a && other != b) continue;
            if (half == 2 * TIES_MOST) return false;
            const uint32_t j = p->queue[arc->to];
            rim -= (double)arc->len;
            r->to[half] = (uint8_t)j;
            r->pull[half++] = arc->kind < p->conn ? 0.0F : arc->cost + 1.0F;
            if (j > i) continue;
            r->ties[r->n_ties++] = (tie){(uint8_t)i, (uint8_t)j, arc->len, arc->cost};
            if (own != other) r->cost_now += (double)arc->cost;
        }
        r->rim[i] = rim;
    }
    r->first_of[r->n] = half;
    return true;
}

/* Prim's algorithm with random keys on the union. */
static bool draw_tree(const xw__parts *p, region *r, xw_rng *rng)
{
    float key[MOST];
    uint8_t from[MOST];
    uint64_t joined = 0;
    for (uint32_t i = 0; i < r->n; i++) key[i] = -1;
    uint32_t at = xw_rng_below(rng, r->n), open[MOST], n_open = 0;
    from[at] = 0;
    for (uint32_t t = 0; t < r->n; t++) {
        joined |= UINT64_C(1) << at;
        r->at[t] = (uint8_t)at;
        r->order_of[at] = (uint8_t)t;
        r->parent[t] = t > 0 ? r->order_of[from[at]] : 0;
        r->above[t] = (t > 0 ? r->above[r->parent[t]] : 0) | UINT64_C(1) << t;
        const xw_graph_node *v = &p->g->nodes[r->node[at]];
        r->sum[t] = (sums){v->area, r->rim[at], 0, 0, v->weight};
        for (uint32_t k = r->first_of[at]; k < r->first_of[at + 1]; k++) {
            const uint32_t to = r->to[k];
            if (r->pull[k] <= 0 || (joined >> to & 1)) continue;
            const float strong = r->pull[k] * (float)(uint32_t)(xw_rng_next(rng) >> 40);
            if (key[to] < 0) open[n_open++] = to;
            if (strong > key[to]) {
                key[to] = strong;
                from[to] = (uint8_t)at;
            }
        }
        if (n_open == 0) return t + 1 == r->n;
        uint32_t best = 0;
        for (uint32_t i = 1; i < n_open; i++) {
            if (key[open[i]] > key[open[best]]) best = i;
        }
        at = open[best];
        open[best] = open[--n_open];
    }
    return true;
}

static uint32_t last_bit(uint64_t x) { return 63U - (uint32_t)__builtin_clzll(x); }

/* Boundary sums of every subtree. */
static void sum_cuts(region *r)
{
    for (uint32_t k = 0; k < r->n_ties; k++) {
        const tie *t = &r->ties[k];
        const uint32_t i = r->order_of[t->a], j = r->order_of[t->b];
        const double len = (double)t->len, cost = (double)t->cost;
        sums *x = &r->sum[i], *y = &r->sum[j], *z = &r->sum[last_bit(r->above[i] & r->above[j])];
        x->cut_len += len;
        x->cut_cost += cost;
        y->cut_len += len;
        y->cut_cost += cost;
        z->cut_len -= 2 * len;
        z->cut_cost -= 2 * cost;
    }
    for (uint32_t i = r->n; i-- > 1;) {
        const sums *x = &r->sum[i];
        sums *up = &r->sum[r->parent[i]];
        up->weight += x->weight;
        up->area += x->area;
        up->rim += x->rim;
        up->cut_len += x->cut_len;
        up->cut_cost += x->cut_cost;
    }
}

/* Energy of cutting off the subtree at i. */
static double energy(const xw__parts *p, const region *r, uint32_t i, double price)
{
    const sums *x = &r->sum[i], *all = &r->sum[0];
    return x->cut_cost -
           XW__SHAPE_M * (xw__shape(x->area, x->rim + x->cut_len) +
                          xw__shape(all->area - x->area, all->rim - x->rim + x->cut_len)) +
           price * (xw__excess(p, x->weight) + xw__excess(p, all->weight - x->weight));
}

/* Gives the subtree at `cut` to one group and the rest to the other, as few nodes moving as may be.
 */
static void apply(xw__parts *p, const region *r, uint32_t cut, uint32_t a, uint32_t b)
{
    uint32_t same = 0; /* nodes that stay when the subtree becomes a */
    for (uint32_t i = 0; i < r->n; i++) {
        const bool in = r->above[i] >> cut & 1;
        same += in == (p->of[r->node[r->at[i]]] == a);
    }
    const bool to_a = 2 * same >= r->n;
    for (uint32_t i = 0; i < r->n; i++) {
        const bool in = r->above[i] >> cut & 1;
        const uint32_t to = in == to_a ? a : b, v = r->node[r->at[i]];
        if (p->of[v] != to) xw__parts_move(p, v, to);
    }
}

/* The best cut of one random tree. @return its place, 0 when the union does not hold together */
static uint32_t best_cut(const xw__parts *p, region *r, const xw__heat *h, double *least)
{
    uint32_t best = 0;
    if (!draw_tree(p, r, h->rng)) return 0;
    sum_cuts(r);
    for (uint32_t i = 1; i < r->n; i++) {
        const double e = energy(p, r, i, h->price);
        if (best > 0 && e >= *least) continue;
        best = i;
        *least = e;
    }
    return best;
}

void xw__resplit(xw__parts *p, uint32_t a, uint32_t b, const xw__heat *h)
{
    enum { TREES = 2 };
    region r;
    if (p->groups[a].count + p->groups[b].count > MOST) return;
    gather(p, a, b, &r);
    if (!collect_ties(p, a, b, &r)) return;
    const xw__group *ga = &p->groups[a], *gb = &p->groups[b];
    const double now = r.cost_now - XW__SHAPE_M * (ga->shape + gb->shape) +
                       h->price * (xw__excess(p, ga->weight) + xw__excess(p, gb->weight));
    for (int i = 0; i < TREES; i++) { /* the second tree is cheap, the union is known */
        double least = 0;
        const uint32_t cut = best_cut(p, &r, h, &least);
        if (cut == 0) return;
        if (!xw__chance(h->rng, (least - now) / h->temperature)) continue;
        apply(p, &r, cut, a, b);
        return;
    }
}
