/* Annealing of a partition within partitions, never above a cap: flips and swaps of single nodes,
 * judged by the boundaries of every level and the shape of the finest. */
#include "nest_parts.h"

enum { STEPS_BETWEEN_LOOKS = 16384, WINDOW = 4096, WALK = 64 };

/* Energy change when v goes to group b; false when it does not touch b. */
static bool energy(const xw__strata *s, uint32_t v, uint32_t b, double *out)
{
    const xw__parts *p = &s->p;
    bool touches;
    *out = xw__strata_dearer(s, v, b, &touches);
    if (!touches) return false;
    const xw__links l = xw__parts_links(p, v, b);
    const xw_graph_node *node = &p->g->nodes[v];
    const xw__group *ga = &p->groups[p->of[v]], *gb = &p->groups[b];
    const double before = xw__shape(ga->area, ga->perimeter) + xw__shape(gb->area, gb->perimeter);
    const double after =
        xw__shape(ga->area - node->area, ga->perimeter + 2 * l.own_len - node->perimeter) +
        xw__shape(gb->area + node->area, gb->perimeter + node->perimeter - 2 * l.other_len);
    *out -= XW__SHAPE_M * (after - before);
    return true;
}

/* A node of b other than v that touches a and leaves both within the cap; the search begins
 * anywhere in b, in a large b among those that came last. */
static uint32_t pick_back(const xw__parts *p, uint32_t v, uint32_t a, uint32_t b, xw_rng *rng)
{
    const uint32_t count = p->groups[b].count, most = count < WALK ? count : WALK;
    uint32_t skip = xw_rng_below(rng, most), w = p->groups[b].head;
    while (skip-- > 0) w = p->next[w];
    for (uint32_t k = 0; k < most; k++) {
        const uint32_t weight = p->g->nodes[w].weight;
        if (w != v && p->groups[a].weight + weight <= p->cap &&
            p->groups[b].weight - weight <= p->cap) {
            for (uint32_t i = p->g->start[w]; i < p->g->start[w + 1]; i++) {
                if (p->of[p->g->arcs[i].to] == a && p->g->arcs[i].to != v) return w;
            }
        }
        w = p->next[w] != XW_NONE ? p->next[w] : p->groups[b].head;
    }
    return XW_NONE;
}

static void step(xw__strata *s, const xw__heat *h, uint32_t v)
{
    xw__parts *p = &s->p;
    const xw_graph *g = p->g;
    const uint32_t degree = g->start[v + 1] - g->start[v];
    if (degree == 0) return;
    const uint32_t a = p->of[v], b = p->of[g->arcs[g->start[v] + xw_rng_below(h->rng, degree)].to];
    if (a == b || p->groups[a].count < 2) return;
    if (p->groups[b].count == 1 && p->groups[b].weight > p->cap) return;
    double change, back;
    if (!energy(s, v, b, &change)) return;
    const bool full = p->groups[b].weight + g->nodes[v].weight > p->cap;
    if (!full) {
        if (xw__chance(h->rng, change / h->temperature) && xw__strata_may_go(s, v, b))
            xw__parts_move(p, v, b);
        return;
    }
    /* Into a full group only for another node. */
    if (change > 40 * h->temperature || !xw__strata_may_go(s, v, b)) return;
    xw__parts_move(p, v, b);
    const uint32_t w = pick_back(p, v, a, b, h->rng);
    if (w != XW_NONE && energy(s, w, a, &back) &&
        xw__chance(h->rng, (change + back) / h->temperature) && xw__strata_may_go(s, w, a)) {
        xw__parts_move(p, w, a);
    } else {
        xw__parts_move(p, v, a);
    }
}

/* Steps at one temperature. */
static xw_status rung(xw__strata *s, const xw__heat *h, uint64_t steps, const xw_job *job,
                      xw_error *err)
{
    const uint32_t n = s->p.g->n, window = n < WINDOW ? n : WINDOW;
    uint32_t base = 0;
    for (uint64_t i = 0; i < steps; i++) {
        if (i % STEPS_BETWEEN_LOOKS == 0) {
            if (xw_job_cancelled(job)) return xw_fail(err, XW_CANCELLED, "stopped while nesting");
            base = xw_rng_below(h->rng, n);
        }
        const uint32_t ahead = xw_rng_below(h->rng, window);
        step(s, h, ahead < n - base ? base + ahead : ahead - (n - base));
    }
    return XW_OK;
}

xw_status xw__strata_polish(xw__strata *s, uint64_t steps, xw_rng *rng, const xw_job *job,
                            xw_error *err)
{
    static const double hot = 0.15, falling = 0.97; /* to 0.02 */
    const xw_graph *g = s->p.g;
    double scale = 0;
    for (uint32_t i = 0; i < g->start[g->n]; i++) scale += (double)g->arcs[i].cost;
    if (s->p.n_groups < 2 || scale <= 0) return XW_OK;
    xw__heat h = {.temperature = hot * scale / g->start[g->n], .never_above = true, .rng = rng};
    xw_status st = XW_OK;
    for (unsigned i = 0; i < XW__RUNGS && !st; i++, h.temperature *= falling) {
        st = rung(s, &h, steps * (i + 1) / XW__RUNGS - steps * i / XW__RUNGS, job, err);
    }
    return st;
}
