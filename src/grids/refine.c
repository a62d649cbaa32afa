/* Simulated annealing at a fixed number of groups: flips and swaps of nodes at the boundary, and
 * re-splits of two neighbours. The energy is the weighted cut in metres, less a reward for compact
 * groups, plus a price for every unit of weight above the cap. */
#include "parts.h"

#include <math.h>

enum {
    STEPS_BETWEEN_LOOKS = 16384,
    STEPS_BETWEEN_HEATS = 64,
    STEPS_PER_RESPLIT = 8,
    WINDOW = 4096,
    STEPS_IN_WINDOW = 8192
};

double xw__shape(double area, double perimeter)
{
    return perimeter > 0 ? 4 * 3.14159265358979323846 * area / (perimeter * perimeter) : 0;
}

typedef struct heat {
    double temperature, price;
    bool never_above;
    xw_rng *rng;
} heat;

static double over(const xw__parts *p, uint32_t weight)
{
    return weight > p->cap ? (double)(weight - p->cap) : 0;
}

/* Energy change when v moves from its group to b; false when it does not touch b. */
static bool flip_energy(const xw__parts *p, const heat *h, uint32_t v, uint32_t b, double *out)
{
    const xw__links s = xw__parts_links(p, v, b);
    if (!s.touches) return false;
    const xw_graph_node *node = &p->g->nodes[v];
    const xw__group *ga = &p->groups[p->of[v]], *gb = &p->groups[b];
    const double shape_before =
        xw__shape(ga->area, ga->perimeter) + xw__shape(gb->area, gb->perimeter);
    const double shape_after =
        xw__shape(ga->area - node->area, ga->perimeter + 2 * s.own_len - node->perimeter) +
        xw__shape(gb->area + node->area, gb->perimeter + node->perimeter - 2 * s.other_len);
    const double more = over(p, gb->weight + node->weight) - over(p, gb->weight);
    const double less = over(p, ga->weight) - over(p, ga->weight - node->weight);
    *out = s.own_cost - s.other_cost - XW__SHAPE_M * (shape_after - shape_before) +
           h->price * (more - less);
    return true;
}

static bool accept(const heat *h, double change)
{
    if (change <= 0) return true;
    if (change > 30 * h->temperature) return false;
    return xw_rng_unit(h->rng) < exp(-change / h->temperature);
}

/* A node of group b, other than v, that touches group a: one of those that a walk from a random
 * member on meets first. */
static uint32_t pick_back(const xw__parts *p, uint32_t v, uint32_t a, uint32_t b, xw_rng *rng)
{
    uint32_t skip = xw_rng_below(rng, p->groups[b].count);
    uint32_t start = p->groups[b].head;
    while (skip-- > 0) start = p->next[start];
    uint32_t w = start;
    do {
        if (w != v) {
            for (uint32_t i = p->g->start[w]; i < p->g->start[w + 1]; i++) {
                if (p->of[p->g->arcs[i].to] == a && p->g->arcs[i].to != v) return w;
            }
        }
        w = p->next[w] != XW_NONE ? p->next[w] : p->groups[b].head;
    } while (w != start);
    return XW_NONE;
}

/* After v has gone from a to b for `spent`, sends a node of b back to a if that pays; else v
 * returns. */
static void complete_swap(xw__parts *p, const heat *h, uint32_t v, uint32_t a, uint32_t b,
                          double spent)
{
    double change;
    const uint32_t w = pick_back(p, v, a, b, h->rng);
    if (w != XW_NONE &&
        (!h->never_above || p->groups[a].weight + p->g->nodes[w].weight <= p->cap) &&
        (!h->never_above || p->groups[b].weight - p->g->nodes[w].weight <= p->cap) &&
        flip_energy(p, h, w, a, &change) && accept(h, spent + change) &&
        xw__parts_may_leave(p, w)) {
        xw__parts_move(p, w, a);
        return;
    }
    xw__parts_move(p, v, a);
}

/* Now and then the two groups that meet at v are redrawn as a whole. */
static void try_resplit(xw__parts *p, const heat *h, uint32_t v)
{
    const xw_graph *g = p->g;
    const uint32_t degree = g->start[v + 1] - g->start[v];
    if (degree == 0) return;
    const xw_arc *a = &g->arcs[g->start[v] + xw_rng_below(h->rng, degree)];
    if (a->kind < p->conn || p->of[a->to] == p->of[v]) return;
    (void)xw__resplit(p, p->of[v], p->of[a->to], h->temperature, h->price, h->rng);
}

static void step(xw__parts *p, const heat *h, uint32_t v)
{
    const xw_graph *g = p->g;
    const uint32_t degree = g->start[v + 1] - g->start[v];
    if (degree == 0) return;
    const uint32_t b = p->of[g->arcs[g->start[v] + xw_rng_below(h->rng, degree)].to];
    const uint32_t a = p->of[v];
    if (a == b || p->groups[a].count < 2) return;
    double change;
    if (!flip_energy(p, h, v, b, &change)) return;
    const bool full = p->groups[b].weight + g->nodes[v].weight > p->cap;
    if (full) { /* into a full group: rather in exchange */
        if (!xw__parts_may_leave(p, v)) return;
        if (!h->never_above && accept(h, change)) {
            xw__parts_move(p, v, b);
            return;
        }
        xw__parts_move(p, v, b);
        complete_swap(p, h, v, a, b, change);
        return;
    }
    if (accept(h, change) && xw__parts_may_leave(p, v)) xw__parts_move(p, v, b);
}

xw_status xw__anneal_run(xw__parts *p, const xw__anneal *a, xw_rng *rng, const xw_job *job,
                         xw_error *err)
{
    if (p->n_groups < 2 || a->steps == 0) return XW_OK;
    heat h = {a->hot, a->price_first, a->strict, rng};
    if (a->strict) h.price = 1e9;
    /* Nodes that lie together have numbers that lie together: working for a while within a window
     * of numbers keeps the memory of a large graph near. */
    const uint32_t n = p->g->n, window = n < WINDOW ? n : WINDOW;
    uint32_t base = 0;
    for (uint64_t i = 0; i < a->steps; i++) {
        if (i % STEPS_BETWEEN_HEATS == 0) {
            const double t = (double)i / (double)a->steps;
            h.temperature = a->hot * pow(a->cold / a->hot, t);
            if (!a->strict) h.price = a->price_first + t * (a->price_last - a->price_first);
        }
        if (i % STEPS_BETWEEN_LOOKS == 0 && xw_job_cancelled(job)) {
            return xw_fail(err, XW_CANCELLED, "stopped while grouping");
        }
        if (i % STEPS_IN_WINDOW == 0) base = xw_rng_below(rng, n);
        const uint32_t ahead = xw_rng_below(rng, window),
                       v = ahead < n - base ? base + ahead : ahead - (n - base);
        if (i % STEPS_PER_RESPLIT == 0) {
            try_resplit(p, &h, v);
        } else {
            step(p, &h, v);
        }
    }
    return XW_OK;
}

/* Mean weighted length of an arc: the scale of temperatures and prices. */
static double typical_cost(const xw_graph *g)
{
    double sum = 0;
    for (uint32_t i = 0; i < g->start[g->n]; i++) sum += (double)g->arcs[i].cost;
    return sum > 0 ? sum / (double)g->start[g->n] : 1;
}

/* The run from share `from` to share `to` of the whole cooling. */
static xw__anneal part_of(uint64_t steps, double scale, double from, double to, bool strict)
{
    static const double hot = 0.6, cold = 0.05, cheap = 0.5, dear = 4;
    return (xw__anneal){(uint64_t)((double)steps * to) - (uint64_t)((double)steps * from),
                        scale * hot * pow(cold / hot, from),
                        scale * hot * pow(cold / hot, to),
                        scale * (cheap + (dear - cheap) * from),
                        scale * (cheap + (dear - cheap) * to),
                        strict};
}

xw_status xw__solve(xw__parts *p, uint32_t want, uint64_t steps, uint64_t seed, const xw_job *job,
                    xw_error *err)
{
    enum { ROUNDS = 6 };
    static const double loose = 0.6, strict = 0.9; /* where the chains begin, where they end */
    xw_rng rng = {seed};
    uint32_t heavy = 0;
    xw_status st = xw__agglomerate(p, err);
    if (st || p->n_groups == 1) return st;
    xw__force_down(p, want);
    const double scale = typical_cost(p->g);
    double from = 0;
    for (int r = 0; r <= ROUNDS && !st; r++) {
        const double to = loose + (strict - loose) * r / ROUNDS;
        const xw__anneal a = part_of(steps, scale, from, to, false);
        st = xw__anneal_run(p, &a, &rng, job, err);
        if (!st) st = xw__chains(p, &rng, &heavy, err);
        from = to;
    }
    if (!st && heavy > 0) st = xw__split_heavy(p, err);
    const xw__anneal last = part_of(steps, scale, from, 1, true);
    if (!st) st = xw__anneal_run(p, &last, &rng, job, err);
    return st ? st : xw__agglomerate(p, err);
}
