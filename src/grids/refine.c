/* Simulated annealing at a fixed number of groups: flips and swaps of nodes at the boundary, and
 * re-splits of two neighbours. The energy is the weighted cut in metres, less a reward for compact
 * groups, plus a price for weight above the cap. */
#include "parts.h"

#include <math.h>

enum { STEPS_BETWEEN_LOOKS = 16384, STEPS_PER_RESPLIT = 8, WINDOW = 4096, STEPS_IN_WINDOW = 8192 };

double xw__shape(double area, double perimeter)
{
    return perimeter > 0 ? 4 * 3.14159265358979323846 * area / (perimeter * perimeter) : 0;
}

double xw__excess(const xw__parts *p, uint32_t weight)
{
    const double e = weight > p->cap ? (double)(weight - p->cap) : 0;
    return 0.5 * e * (e + 1);
}

bool xw__chance(xw_rng *rng, double x)
{
    if (x <= 0) return true;
    if (x > 20) return false;
    double e = 1 + x * (1.0 / 256);
    for (int i = 0; i < 8; i++) e *= e;
    return xw_rng_unit(rng) * e < 1;
}

/* Energy change when v moves from its group to b; false when it does not touch b. */
static bool flip_energy(const xw__parts *p, const xw__heat *h, uint32_t v, uint32_t b, double *out)
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
    const double more = xw__excess(p, gb->weight + node->weight) - xw__excess(p, gb->weight);
    const double less = xw__excess(p, ga->weight) - xw__excess(p, ga->weight - node->weight);
    *out = s.own_cost - s.other_cost - XW__SHAPE_M * (shape_after - shape_before) +
           h->price * (more - less);
    return true;
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
static void complete_swap(xw__parts *p, const xw__heat *h, uint32_t v, uint32_t a, uint32_t b,
                          double spent)
{
    double change;
    const uint32_t w = pick_back(p, v, a, b, h->rng);
    if (w != XW_NONE &&
        (!h->never_above || p->groups[a].weight + p->g->nodes[w].weight <= p->cap) &&
        (!h->never_above || p->groups[b].weight - p->g->nodes[w].weight <= p->cap) &&
        flip_energy(p, h, w, a, &change) && xw__chance(h->rng, (spent + change) / h->temperature) &&
        xw__parts_may_leave(p, w)) {
        xw__parts_move(p, w, a);
        return;
    }
    xw__parts_move(p, v, a);
}

/* Now and then the two groups that meet at v are redrawn as a whole. */
static void try_resplit(xw__parts *p, const xw__heat *h, uint32_t v)
{
    const xw_graph *g = p->g;
    const uint32_t degree = g->start[v + 1] - g->start[v];
    if (degree == 0) return;
    const xw_arc *a = &g->arcs[g->start[v] + xw_rng_below(h->rng, degree)];
    if (a->kind < p->conn || p->of[a->to] == p->of[v]) return;
    xw__resplit(p, p->of[v], p->of[a->to], h);
}

static void step(xw__parts *p, const xw__heat *h, uint32_t v)
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
        xw__parts_move(p, v, b);
        if (!h->never_above && xw__chance(h->rng, change / h->temperature)) return;
        complete_swap(p, h, v, a, b, change);
        return;
    }
    if (xw__chance(h->rng, change / h->temperature) && xw__parts_may_leave(p, v)) {
        xw__parts_move(p, v, b);
    }
}

xw_status xw__anneal(xw__parts *p, const xw__heat *h, uint64_t steps, const xw_job *job,
                     xw_error *err)
{
    if (p->n_groups < 2) return XW_OK;
    /* Nodes that lie together have numbers that lie together: working for a while within a window
     * of numbers keeps the memory of a large graph near. */
    const uint32_t n = p->g->n, window = n < WINDOW ? n : WINDOW;
    uint32_t base = 0;
    for (uint64_t i = 0; i < steps; i++) {
        if (i % STEPS_BETWEEN_LOOKS == 0 && xw_job_cancelled(job)) {
            return xw_fail(err, XW_CANCELLED, "stopped while grouping");
        }
        if (i % STEPS_IN_WINDOW == 0) base = xw_rng_below(h->rng, n);
        const uint32_t ahead = xw_rng_below(h->rng, window),
                       v = ahead < n - base ? base + ahead : ahead - (n - base);
        if (i % STEPS_PER_RESPLIT == 0) {
            try_resplit(p, h, v);
        } else {
            step(p, h, v);
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

/* How heavy the node is that a household meets, as a share of the cap: how hard packing is. */
static double lumpiness(const xw__parts *p)
{
    double sum = 0, squares = 0;
    for (uint32_t v = 0; v < p->g->n; v++) {
        const double w = (double)p->g->nodes[v].weight;
        sum += w;
        squares += w * w;
    }
    return sum > 0 ? squares / (sum * p->cap) : 0;
}

/* Temperatures fall by the same factor from rung to rung. Lumpy weights start hotter: while the
 * price of an excess is in reach the cut must not matter yet, or nothing moves that would pack. */
static void set_ladder(const xw__parts *p, double ladder[XW__RUNGS])
{
    static const double hot = 2, cold = 0.08, smooth = 0.2;
    const double scale = typical_cost(p->g), lumps = lumpiness(p) / smooth;
    double top = lumps > 1 ? hot * lumps * lumps : hot, factor = cold / top;
    for (int i = 1; i < XW__RUNGS; i *= 2) factor = sqrt(factor);
    for (int i = 0; i < XW__RUNGS; i++, top *= factor) ladder[i] = scale * top;
}

xw_status xw__solve(xw__parts *p, uint32_t want, uint64_t steps, uint64_t seed, const xw_job *job,
                    xw_error *err)
{
    enum { LOOSE = 38, STRICT = 58, BETWEEN_CHAINS = 3 };
    double ladder[XW__RUNGS];
    xw_rng rng = {seed};
    xw_status st = xw__agglomerate(p, err);
    if (st || p->n_groups == 1) return st;
    xw__force_down(p, want);
    set_ladder(p, ladder);
    xw__heat h = {.price = 3 * ladder[0], .rng = &rng};
    for (unsigned r = 0; r < XW__RUNGS && !st; r++) {
        uint32_t heavy = 0;
        h.temperature = ladder[r];
        if (r >= LOOSE && r <= STRICT && (STRICT - r) % BETWEEN_CHAINS == 0) {
            st = xw__chains(p, &rng, &heavy, err);
        }
        if (r == STRICT) {
            if (!st && heavy > 0) st = xw__split_heavy(p, err);
            h.never_above = true;
            h.price = 1e9;
        }
        if (!st)
            st = xw__anneal(p, &h, steps * (r + 1) / XW__RUNGS - steps * r / XW__RUNGS, job, err);
    }
    return st ? st : xw__agglomerate(p, err);
}
