/**
 * @file exclusive.h
 * Exclusive grids (专属网格): which plots make up a school, a factory, a market.
 *
 * A plot belongs to an exclusive area when most of it lies inside: of a plot with a building most
 * of the footprint, of open land and water most of the plot; of several areas the one that has most
 * of it, the earlier one of equals. The plots of one area in one division become one grid of the
 * finest level, whole: no cap counts, nothing else joins it, it may be without households or
 * buildings. Plots of the area that do not touch its largest part (by land; a hard barrier that
 * nothing crosses parts what has households) stay ordinary. Each oddity is a finding:
 * exclusive-empty, -overlap, -parts, -divided.
 *
 * Shares are measured on 48 level lines through the plot, exact to about one per cent: where an
 * area's rings bound blocks (import.h), a plot is inside or outside and nothing between.
 *
 * Cost: plots times areas for the boxes, which is little, and O(vertices) for each plot that an
 * area's box meets. Threads: pure function over a const territory.
 */
#ifndef XW_EXCLUSIVE_H
#define XW_EXCLUSIVE_H

#include "xiwang/model.h"

typedef struct xw_carved {    /* one exclusive grid to be */
    xw_text code, name, kind; /**< of the model's texts; each may be empty */
    uint32_t division;
    uint32_t exclusive; /**< index in the territory */
} xw_carved;

typedef struct xw_carving {
    uint32_t *of; /**< by plot: item, or XW_NONE */
    size_t n_plots;
    xw_carved *items; /**< by division, then first plot */
    size_t n_items;
} xw_carving;

/**
 * @param m    gets the texts and the findings
 * @param out  owned by the caller; empty after a failure, and `of` NULL when there are no areas
 * @return XW_NOMEM, XW_LIMIT
 */
xw_status xw_carving_create(const xw_territory *t, xw_model *m, xw_carving *out, xw_error *err);
void xw_carving_finish(xw_carving *c);

/** The share of the first area that lies in the second, 0 to 1, by level lines. */
double xw_area_share(const xw_ring *a, size_t n_a, const xw_ring *b, size_t n_b, xw_error *err);

#endif
