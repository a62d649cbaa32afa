#include "rules.h"

#include <string.h>

uint32_t xw__never_at(const xw_grids_config *c, uint32_t level)
{
    uint32_t never = level + 1 == c->n_levels ? c->levels[level].never : 0;
    for (uint32_t l = 0; l + 1 < c->n_levels; l++) never |= c->levels[l].never;
    return never;
}

xw_barrier_rules xw__barrier_rules(const xw_grids_config *c)
{
    xw_barrier_rules r = {.priced = c->priced};
    for (uint32_t l = 0; l + 1 < c->n_levels; l++) r.shut |= c->levels[l].never;
    if (c->n_levels > 0) r.apart = c->levels[c->n_levels - 1].never & ~r.shut;
    memcpy(r.cost, c->cost, sizeof r.cost);
    return r;
}
