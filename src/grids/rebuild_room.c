/* What the parents of the old plan have room for. */
#include "rebuild_parts.h"

#include <stdlib.h>
#include <string.h>

bool xw__rebuild_runs_out(const xw__rebuild *r, uint32_t level, uint32_t grid)
{
    uint64_t limit = 1;
    for (uint32_t i = 0; i < r->c->levels[level + 1].code_width; i++) limit *= 10;
    const uint64_t spare = 2 * (uint64_t)r->c->levels[level].cap;
    return limit - 1 - r->old_used[grid] < (spare < limit / 10 ? spare : limit / 10);
}

bool xw__rebuild_room(const xw__rebuild *r, uint32_t old_division, xw__heal *h)
{
    const uint32_t levels = r->c->n_levels, l = levels - 1;
    if (l == 0 || old_division == XW_NONE) return true;
    const uint32_t *teams = r->old_first + (size_t)old_division * levels + l, *up = teams - 1;
    const uint32_t n = up[1] - up[0], cap = r->c->levels[l - 1].cap;
    const size_t groups = (size_t)h->n_homes + h->g->n + 1;
    h->parent = malloc(groups * sizeof *h->parent);
    h->spare = malloc(((size_t)n + 1) * sizeof *h->spare);
    if (!h->parent || !h->spare) return false;
    memset(h->parent, 0xff, groups * sizeof *h->parent);
    for (uint32_t k = 0; k < h->n_homes; k++) {
        h->parent[k] = r->old_local[r->old->grids[r->old_list[teams[0] + k]].parent];
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t grid = r->old_list[up[0] + i], has = r->old->grids[grid].children;
        h->spare[i] = has < cap && !xw__rebuild_runs_out(r, l - 1, grid) ? cap - has : 0;
    }
    return true;
}
