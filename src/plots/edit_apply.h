/* The new model of an editor: what stays and what comes, merged in canonical order. */
#ifndef XW_PLOTS_EDIT_APPLY_H
#define XW_PLOTS_EDIT_APPLY_H

#include "edit_state.h"

typedef struct merge {
    edit_run *r;
    const xw_model *old, *part;
    xw_model m;
    edit_blocks blocks; /* only b and n: the pools are the editor's, with the part's at their end */
    uint32_t *block_of_old, *block_of_new; /* new numbers; XW_NONE for what goes */
    uint32_t *plot_of_old, *plot_of_new;
    uint32_t *building_of_old, *building_of_new;
    uint32_t *plot_from;     /* by new plot: old plot, or n_old + plot of the part */
    uint32_t *building_from; /* by new building: building of e->t */
    uint32_t *part_of;       /* by new building: building of the part, XW_NONE */
    size_t n_buildings;
    uint8_t *beyond; /* by old plot: next to the part */
} merge;

/* edit_merge.c: numbers, plots, units, buildings, addresses and findings */
xw_status merge_numbers(merge *g, xw_error *err);
xw_status merge_plots(merge *g, xw_error *err);
xw_status merge_buildings(merge *g, xw_error *err);
xw_status merge_places(merge *g, xw_error *err);
/* edit_merge_edges.c */
xw_status merge_edges(merge *g, xw_error *err);
/* edit_splice.c: the rings of an old building, with the walls on the rim as they are now. Appends
 * them to the new model; *n_rings receives their number. */
xw_status merge_rings(merge *g, uint32_t old_building, uint32_t *n_rings, xw_error *err);

/* A text of the part in the pool of the new model. */
static inline xw_status merge_text(merge *g, xw_text t, xw_text *out, xw_error *err)
{
    return xw_strings_add(&g->m.text, xw_model_text(g->part, t), out, err);
}
static inline uint32_t merge_map(const uint32_t *map, uint32_t i)
{
    return i == XW_NONE ? XW_NONE : map[i];
}

#endif
