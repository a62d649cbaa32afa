/* Simulated annealing at a fixed number of groups: flips and swaps of nodes at the boundary, and
 * re-splits of two neighbours. The energy is the weighted cut in metres, less a reward for compact
 * groups, plus a price for weight above the cap. */
#include "parts.h"

#include <math.h>

enum {
    STEPS_BETWEEN_LOOKS = 16384,
    STEPS_PER_RESPLIT = 8,
    WINDOW = 4096,
    STEPS_IN_WINDOW = 8192,
    WALK = 64
};

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

typedef struct change { /* of a group */
    double area, perimeter;
    int64_t weight;
} change;

/* Energy that changing two groups takes, without the cut. */
static double energy_of(const xw__parts *p, const xw__heat *h, const xw__group *a, change da,
                        const xw__group *b, change db)
{
    const double shape = xw__shape(a->area + da.area, a->perimeter + da.perimeter) +
                         xw__shape(b->area + db.area, b->perimeter + db.perimeter) - a->shape -
                         b->shape;
    double excess = 0;
    if (!h->never_above) {
        excess = xw__excess(p, (uint32_t)(a->weight + da.weight)) - xw__excess(p, a->weight) +
                 xw__excess(p, (uint32_t)(b->weight + db.weight)) - xw__excess(p, b->weight);
    }
    return h->price * excess - XW__SHAPE_M * shape;
}

/* Energy of moving v, which has the links s, from its group to b. */
static double flip_energy(const xw__parts *p, const xw__heat *h, uint32_t v, uint32_t b,
                          const xw__links *s)
{
    const xw_graph_node *n = &p->g->nodes[v];
    const change da = {-n->area, 2 * s->own_len - n->perimeter, -(int64_t)n->weight},
                 db = {n->area, n->perimeter - 2 * s->other_len, n->weight};
    return s->own_cost - s->other_cost +
           energy_of(p, h, &p->groups[p->of[v]], da, &p->groups[b], db);
}

/* A node of group b that touches group a elsewhere than at v: the first that a walk from a random
 * member on meets. Of a large group only the members that came last are looked at, which lie at its
 * rim. */
static uint32_t pick_back(const xw__parts *p, uint32_t v, uint32_t a, uint32_t b, xw_rng *rng)
{
    const uint32_t count = p->groups[b].count, most = count < WALK ? count : WALK;
    uint32_t skip = xw_rng_below(rng, most), w = p->groups[b].head;
    while (skip-- > 0) w = p->next[w];
    for (uint32_t k = 0; k < most; k++) {
        for (uint32_t i = p->g->start[w]; i < p->g->start[w + 1]; i++) {
            const xw_arc *arc = &p->g->arcs[i];
            if (p->of[arc->to] == a && arc->to != v && arc->kind >= p->conn) return w;
        }
        w = p->next[w] != XW_NONE ? p->next[w] : p->groups[b].head;
    }
    return XW_NONE;
}

/* v goes from a to b, a node of b comes back, if that pays. Judged without moving anything. */
static void try_swap(xw__parts *p, const xw__heat *h, uint32_t v, uint32_t b, const xw__links *s)
{
    const uint32_t a = p->of[v], w = pick_back(p, v, a, b, h->rng);
    if (w == XW_NONE) return;
    const xw_graph_node *nv = &p->g->nodes[v], *nw = &p->g->nodes[w];
    const xw__group *ga = &p->groups[a], *gb = &p->groups[b];
    const int64_t net = (int64_t)nv->weight - nw->weight;
    if (h->never_above && (gb->weight + net > p->cap || ga->weight - net > p->cap)) return;
    const xw__links t = xw__parts_links(p, w, a);
    double len = 0, cost = 0; /* what v and w share counts as inner boundary above, and is none */
    for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
        if (p->g->arcs[i].to != w) continue;
        len = (double)p->g->arcs[i].len;
        cost = (double)p->g->arcs[i].cost;
    }
    const change da = {nw->area - nv->area,
                       2 * (s->own_len - t.other_len + len) + nw->perimeter - nv->perimeter, -net},
                 db = {nv->area - nw->area,
                       2 * (t.own_len - s->other_len + len) + nv->perimeter - nw->perimeter, net};
    const double e = s->own_cost - s->other_cost + t.own_cost - t.other_cost + 2 * cost +
                     energy_of(p, h, ga, da, gb, db);
    if (!xw__chance(h->rng, e / h->temperature) || !xw__parts_may_leave(p, v)) return;
    xw__parts_move(p, v, b);
    if (xw__parts_may_leave(p, w)) {
        xw__parts_move(p, w, a);
    } else {
        xw__parts_move(p, v, a);
    }
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
    const xw__links s = xw__parts_links(p, v, b);
    if (!s.touches) return;
    const bool full = p->groups[b].weight + g->nodes[v].weight > p->cap;
    if (!full || !h->never_above) {
        if (xw__chance(h->rng, flip_energy(p, h, v, b, &s) / h->temperature)) {
            if (xw__parts_may_leave(p, v)) xw__parts_move(p, v, b);
            return;
        }
    }
    if (full) try_swap(p, h, v, b, &s); /* into a full group: rather in exchange */
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
    static const double hot = 2, cold = 0.14, smooth = 0.2;
    const double scale = typical_cost(p->g), lumps = lumpiness(p) / smooth;
    double top = lumps > 1 ? hot * lumps * lumps : hot, factor = cold / top;
    for (int i = 1; i < XW__RUNGS; i *= 2) factor = sqrt(factor);
    for (int i = 0; i < XW__RUNGS; i++, top *= factor) ladder[i] = scale * top;
}

static uint32_t count_heavy(const xw__parts *p)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < p->n_groups; k++) n += p->groups[k].weight > p->cap;
    return n;
}

xw_status xw__solve(xw__parts *p, uint32_t want, uint64_t steps, uint64_t seed, const xw_job *job,
                    xw_error *err)
{
    enum {
        LOOSE = 38,
        STRICT = 58,
        BETWEEN_CHAINS = 3,
        TRIES = 40,
        TRIES_MOST = 400,
        STEPS_A_TRY = 50000,
        LONG = 1000000
    };
    /* A long search looks longer for groups that can be spared. */
    const uint64_t more = TRIES + steps / STEPS_A_TRY;
    const uint32_t tries = more < TRIES_MOST ? (uint32_t)more : TRIES_MOST;
    double ladder[XW__RUNGS];
    xw_rng rng = {seed};
    bool vain = false;
    xw_status st = xw__agglomerate(p, err);
    if (st || p->n_groups == 1) return st;
    xw__force_down(p, want);
    set_ladder(p, ladder);
    xw__heat h = {.price = 3 * ladder[0], .rng = &rng};
    for (unsigned r = 0; r < XW__RUNGS && !st; r++) {
        h.temperature = ladder[r];
        if (r >= LOOSE && r < STRICT && (STRICT - r) % BETWEEN_CHAINS == 0 && !vain) {
            const uint32_t before = count_heavy(p);
            uint32_t heavy = 0;
            st = xw__chains(p, &rng, &heavy, err);
            vain = heavy > before - before / 10; /* the wanted number is out of reach */
        }
        if (r == STRICT) {
            st = xw__fit_up(p, &rng, err);
            h.never_above = true;
            h.price = 1e9;
        }
        if (!st && (r == STRICT || (r > STRICT && r + 1 < XW__RUNGS && steps >= LONG))) {
            st = xw__fit_down(p, want, tries, &rng, err);
        }
        if (!st)
            st = xw__anneal(p, &h, steps * (r + 1) / XW__RUNGS - steps * r / XW__RUNGS, job, err);
    }
    return st ? st : xw__agglomerate(p, err);
}
