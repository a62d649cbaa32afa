#include "even.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 6 };

static uint64_t grids_of(const xw__nest_level *l)
{
    uint64_t sum = 0;
    for (uint32_t k = 0; k < l->n; k++) sum += l->pieces[k];
    return sum;
}

/* Groups that weigh less than the floor; XW_NONE for lack of memory. */
static uint32_t count_low(const xw_graph *g, const xw__nest_level *l, uint32_t floor)
{
    uint32_t low = 0;
    uint64_t *weight = calloc((size_t)l->n + 1, sizeof *weight);
    if (!weight) return XW_NONE;
    for (uint32_t v = 0; v < g->n; v++) weight[l->of[v]] += g->nodes[v].weight;
    for (uint32_t k = 0; k < l->n; k++) low += weight[k] < floor;
    free(weight);
    return low;
}

/* The least cap that so many groups could have: their mean, or the heaviest node that fits at all.
 */
static uint32_t least_cap(const xw_graph *g, uint32_t cap, uint64_t groups)
{
    uint64_t sum = 0;
    uint32_t heaviest = 1;
    for (uint32_t v = 0; v < g->n; v++) {
        const uint32_t w = g->nodes[v].weight;
        if (w > cap) continue;
        sum += w;
        if (w > heaviest) heaviest = w;
    }
    const uint64_t mean = groups ? (sum + groups - 1) / groups : 0;
    return mean > heaviest ? (uint32_t)mean : heaviest;
}

static bool as_few(const xw__nest *a, const xw__nest *b, uint32_t n_levels)
{
    for (uint32_t l = 0; l < n_levels; l++) {
        if (grids_of(&a->levels[l]) > grids_of(&b->levels[l])) return false;
    }
    return true;
}

xw_status xw__nest_even(const xw_graph *g, const xw__nest_options *o, uint32_t floor,
                        const xw_job *job, xw__nest *nest, xw_error *err)
{
    const uint32_t last = o->n_levels - 1;
    uint32_t low = floor ? count_low(g, &nest->levels[last], floor) : 0;
    uint32_t lo = least_cap(g, o->caps[last], grids_of(&nest->levels[last])), hi = o->caps[last];
    for (int i = 0; i < TRIES && low > 0 && low != XW_NONE && lo < hi; i++) {
        xw__nest_options tight = *o;
        xw__nest next = {0};
        tight.caps[last] = lo + (hi - lo) / 2;
        const xw_status st = xw__nest_make(g, &tight, job, &next, err);
        if (st) return st;
        const uint32_t its = count_low(g, &next.levels[last], floor);
        const bool few = as_few(&next, nest, o->n_levels);
        if (few) {
            hi = tight.caps[last];
        } else {
            lo = tight.caps[last] + 1;
        }
        if (few && its < low) {
            const xw__nest old = *nest;
            *nest = next;
            next = old;
            low = its;
        }
        xw__nest_finish(&next);
        if (its == XW_NONE) low = its;
    }
    return low == XW_NONE ? xw_fail(err, XW_NOMEM, "floor of %u nodes", g->n) : XW_OK;
}
