/* The number of groups: one more where an excess stays, one less where neighbours have room.
 *
 * Both rely on the chains. A heavy group gives a part away as a new group, and its room serves the
 * other heavy ones near by before the next one is taken. A light group is shared out among its
 * neighbours; if the chains cannot settle what is then too heavy, all is put back. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

/* The node to begin a new group with: one that may leave, as light as the excess allows. */
static uint32_t pick_seed(xw__parts *p, uint32_t k)
{
    const uint32_t excess = p->groups[k].weight - p->cap;
    uint32_t best = XW_NONE, best_off = 0;
    for (uint32_t v = p->groups[k].head; v != XW_NONE; v = p->next[v]) {
        const uint32_t w = p->g->nodes[v].weight, off = w < excess ? excess - w : w - excess;
        if (w == 0 || (best != XW_NONE && off >= best_off) || !xw__parts_may_leave(p, v)) continue;
        best = v;
        best_off = off;
    }
    return best;
}

static bool part_heavy(xw__parts *p, uint32_t k, xw_rng *rng)
{
    enum { REDRAWS = 8 };
    const uint32_t v = pick_seed(p, k);
    if (v == XW_NONE) return false;
    const uint32_t fresh = p->n_groups++;
    p->groups[fresh] = (xw__group){XW_NONE, 0, 0, 0, 0, 0};
    xw__parts_move(p, v, fresh);
    const xw__heat h = {1e-3, 1e9, true, rng};
    for (int i = 0; i < REDRAWS; i++) xw__resplit(p, k, fresh, &h);
    return true;
}

xw_status xw__fit_up(xw__parts *p, xw_rng *rng, xw_error *err)
{
    for (;;) {
        uint32_t heavy = 0, parted = 0;
        const xw_status st = xw__chains(p, rng, &heavy, err);
        if (st || heavy == 0) return st;
        const uint32_t n = p->n_groups, turn = (heavy + 3) / 4;
        for (uint32_t k = 0; k < n && parted < turn; k++) {
            if (p->groups[k].weight > p->cap) parted += part_heavy(p, k, rng);
        }
        if (parted == 0) return xw__split_heavy(p, err);
    }
}

/* The neighbour of v's group with most room that v touches; XW_NONE without any. */
static uint32_t roomiest(const xw__parts *p, uint32_t v)
{
    uint32_t best = XW_NONE;
    for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
        const xw_arc *a = &p->g->arcs[i];
        const uint32_t k = p->of[a->to];
        if (k == p->of[v] || a->kind < p->conn) continue;
        if (best == XW_NONE || p->groups[k].weight < p->groups[best].weight) best = k;
    }
    return best;
}

/* Shares group k out, node by node from its rim. @return false: it has no neighbour */
static bool share_out(xw__parts *p, uint32_t k)
{
    while (p->groups[k].count > 0) {
        uint32_t v = p->groups[k].head, to = XW_NONE;
        for (; v != XW_NONE; v = p->next[v]) {
            if (p->groups[k].count > 1 && !xw__parts_may_leave(p, v)) continue;
            to = roomiest(p, v);
            if (to != XW_NONE) break;
        }
        if (to == XW_NONE) return false;
        xw__parts_move(p, v, to);
    }
    return true;
}

typedef struct light {
    uint32_t weight, group;
} light;

static int by_weight(const void *a, const void *b)
{
    const light *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

/* The groups that weigh least, lightest first. */
static uint32_t find_light(const xw__parts *p, light *list)
{
    for (uint32_t k = 0; k < p->n_groups; k++) list[k] = (light){p->groups[k].weight, k};
    qsort(list, p->n_groups, sizeof *list, by_weight);
    return p->n_groups;
}

/* Dissolves group k if the chains can settle it. */
static xw_status dissolve(xw__parts *p, uint32_t k, uint32_t *saved, xw_rng *rng, bool *done,
                          xw_error *err)
{
    uint32_t heavy = 0;
    memcpy(saved, p->of, p->g->n * sizeof *saved);
    const bool shared = share_out(p, k);
    const xw_status st = shared ? xw__chains(p, rng, &heavy, err) : XW_OK;
    *done = shared && heavy == 0 && !st;
    if (*done) {
        xw__parts_drop(p, k);
        return st;
    }
    for (uint32_t v = 0; v < p->g->n; v++) {
        if (p->of[v] != saved[v]) xw__parts_move(p, v, saved[v]);
    }
    return st;
}

xw_status xw__fit_down(xw__parts *p, uint32_t want, uint32_t tries, xw_rng *rng, xw_error *err)
{
    if (p->n_groups <= want) return XW_OK;
    xw_status st = XW_OK;
    light *list = malloc((size_t)p->n_groups * sizeof *list);
    uint32_t *saved = malloc((size_t)p->g->n * sizeof *saved);
    if (!list || !saved) st = xw_fail(err, XW_NOMEM, "grouping of %u nodes", p->g->n);
    for (bool more = true; more && !st && p->n_groups > want && p->n_groups > 1;) {
        const uint32_t n = find_light(p, list);
        more = false;
        for (uint32_t i = 0; i < n && tries > 0 && !more && !st; i++, tries--) {
            st = dissolve(p, list[i].group, saved, rng, &more, err);
        }
    }
    free(list);
    free(saved);
    return st;
}
