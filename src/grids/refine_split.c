/* Re-split: two neighbouring groups are united, a random spanning tree of the union is drawn in
 * which strong ties come early, and the tree is cut where the two halves are best. All cuts of one
 * tree are judged in one pass: what an arc adds to the cut of a subtree is known from where its two
 * ends meet. */
#include "parts.h"

#include <math.h>

enum { MOST = 96 }; /* nodes of a union; larger ones are left to the flips */

typedef struct node {
    uint32_t v;      /* in the graph */
    uint32_t parent; /* in the tree, by order of joining; the root is its own */
    uint32_t depth;
    uint32_t count, weight;
    double area, rim; /* rim: boundary to the outside of the union */
    double cut_len, cut_cost;
    bool was_a;
} node;

typedef struct tree {
    xw__parts *p;
    node nodes[MOST]; /* in the order of joining, so parents come first */
    uint32_t n;
} tree;

/* The members of both groups. */
static uint32_t gather(xw__parts *p, uint32_t a, uint32_t b, uint32_t *list)
{
    uint32_t n = 0;
    const uint32_t groups[2] = {a, b};
    for (int k = 0; k < 2; k++) {
        for (uint32_t v = p->groups[groups[k]].head; v != XW_NONE; v = p->next[v]) list[n++] = v;
    }
    return n;
}

/* Prim's algorithm with random keys on the union. place[] is by position in the list. */
static bool draw_tree(tree *t, const uint32_t *list, uint32_t n, uint32_t a, xw_rng *rng)
{
    xw__parts *p = t->p;
    const xw_graph *g = p->g;
    double key[MOST];
    uint32_t from[MOST], joined[MOST];
    for (uint32_t i = 0; i < n; i++) {
        key[i] = -1;
        from[i] = joined[i] = XW_NONE;
        p->queue[list[i]] = i; /* queue doubles as the way back from a node to its place */
    }
    uint32_t at = xw_rng_below(rng, n);
    for (t->n = 0; t->n < n;) {
        const uint32_t v = list[at];
        node *x = &t->nodes[t->n];
        joined[at] = t->n;
        *x = (node){.v = v,
                    .count = 1,
                    .weight = g->nodes[v].weight,
                    .area = g->nodes[v].area,
                    .rim = g->nodes[v].perimeter,
                    .was_a = p->of[v] == a};
        x->parent = from[at] == XW_NONE ? t->n : joined[from[at]];
        x->depth = from[at] == XW_NONE ? 0 : t->nodes[x->parent].depth + 1;
        t->n++;
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *arc = &g->arcs[i];
            if (p->mark[arc->to] != p->stamp || arc->kind < p->conn) continue;
            const uint32_t k = p->queue[arc->to];
            if (joined[k] != XW_NONE) continue;
            const double strong = (double)(arc->cost + 1.0F) * xw_rng_unit(rng);
            if (strong > key[k]) {
                key[k] = strong;
                from[k] = at;
            }
        }
        uint32_t best = XW_NONE;
        for (uint32_t i = 0; i < n; i++) {
            if (joined[i] == XW_NONE && key[i] >= 0 && (best == XW_NONE || key[i] > key[best]))
                best = i;
        }
        if (best == XW_NONE) break;
        at = best;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (joined[i] == XW_NONE) return false;
        p->queue[list[i]] = joined[i];
    }
    return true;
}

/* Boundary sums of every subtree. */
static void sum_cuts(tree *t)
{
    const xw__parts *p = t->p;
    for (uint32_t i = 0; i < t->n; i++) {
        node *x = &t->nodes[i];
        for (uint32_t k = p->g->start[x->v]; k < p->g->start[x->v + 1]; k++) {
            const xw_arc *arc = &p->g->arcs[k];
            if (p->mark[arc->to] != p->stamp) continue;
            const double len = (double)arc->len, cost = (double)arc->cost;
            x->rim -= len;
            uint32_t j = p->queue[arc->to], u = i;
            if (j > i) continue; /* once an arc */
            x->cut_len += len;
            x->cut_cost += cost;
            t->nodes[j].cut_len += len;
            t->nodes[j].cut_cost += cost;
            while (u != j) {
                if (t->nodes[u].depth >= t->nodes[j].depth) {
                    u = t->nodes[u].parent;
                } else {
                    j = t->nodes[j].parent;
                }
            }
            t->nodes[u].cut_len -= 2 * len;
            t->nodes[u].cut_cost -= 2 * cost;
        }
    }
    for (uint32_t i = t->n; i-- > 1;) {
        node *x = &t->nodes[i], *up = &t->nodes[x->parent];
        up->count += x->count;
        up->weight += x->weight;
        up->area += x->area;
        up->rim += x->rim;
        up->cut_len += x->cut_len;
        up->cut_cost += x->cut_cost;
    }
}

static double over(const xw__parts *p, uint32_t weight)
{
    return weight > p->cap ? (double)(weight - p->cap) : 0;
}

/* Energy of cutting off the subtree at i. */
static double energy(const tree *t, uint32_t i, double price)
{
    const node *x = &t->nodes[i], *all = &t->nodes[0];
    return x->cut_cost -
           XW__SHAPE_M * (xw__shape(x->area, x->rim + x->cut_len) +
                          xw__shape(all->area - x->area, all->rim - x->rim + x->cut_len)) +
           price * (over(t->p, x->weight) + over(t->p, all->weight - x->weight));
}

/* Energy of the boundary as it is. */
static double energy_now(const xw__parts *p, uint32_t a, uint32_t b, double price)
{
    double cost = 0;
    for (uint32_t v = p->groups[a].head; v != XW_NONE; v = p->next[v]) {
        for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
            if (p->of[p->g->arcs[i].to] == b) cost += (double)p->g->arcs[i].cost;
        }
    }
    const xw__group *ga = &p->groups[a], *gb = &p->groups[b];
    return cost -
           XW__SHAPE_M * (xw__shape(ga->area, ga->perimeter) + xw__shape(gb->area, gb->perimeter)) +
           price * (over(p, ga->weight) + over(p, gb->weight));
}

/* Gives the subtree at `cut` to one group and the rest to the other, as few nodes moving as may be.
 */
static void apply(tree *t, uint32_t cut, uint32_t a, uint32_t b)
{
    bool in[MOST] = {false};
    uint32_t as = 0, all_a = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        in[i] = i == cut || (i > 0 && in[t->nodes[i].parent]);
        as += in[i] && t->nodes[i].was_a;
        all_a += t->nodes[i].was_a;
    }
    const uint32_t inside = t->nodes[cut].count, outside = t->n - inside;
    const uint32_t stay_a = as + (outside - (all_a - as)); /* when the subtree becomes a */
    const bool to_a = 2 * stay_a >= t->n;
    for (uint32_t i = 0; i < t->n; i++) {
        const uint32_t to = in[i] == to_a ? a : b;
        if (t->p->of[t->nodes[i].v] != to) xw__parts_move(t->p, t->nodes[i].v, to);
    }
}

bool xw__resplit(xw__parts *p, uint32_t a, uint32_t b, double heat, double price, xw_rng *rng)
{
    uint32_t list[MOST];
    tree t;
    if (p->groups[a].count + p->groups[b].count > MOST) return false;
    t.p = p;
    const uint32_t n = gather(p, a, b, list), stamp = xw__parts_stamp(p);
    for (uint32_t i = 0; i < n; i++) p->mark[list[i]] = stamp;
    if (!draw_tree(&t, list, n, a, rng)) return false;
    sum_cuts(&t);
    uint32_t best = XW_NONE;
    double best_energy = 0;
    for (uint32_t i = 1; i < t.n; i++) {
        const double e = energy(&t, i, price);
        if (best == XW_NONE || e < best_energy) {
            best = i;
            best_energy = e;
        }
    }
    if (best == XW_NONE) return false;
    const double change = best_energy - energy_now(p, a, b, price);
    if (change > 0 && (change > 30 * heat || xw_rng_unit(rng) >= exp(-change / heat))) return false;
    apply(&t, best, a, b);
    return true;
}
