/* The plots of a division as the nodes the levels are made of: plots by themselves, and exclusive
 * areas, each one node that weighs more than any group may hold, so that it stays alone and whole
 * at the finest level and counts as one child above it. Land that touches nobody but towers is part
 * of the node of one of them. */
#ifndef XW_GRIDS_CARVE_H
#define XW_GRIDS_CARVE_H

#include "xiwang/exclusive.h"
#include "xiwang/graph.h"

typedef struct xw__nodes {
    uint32_t n;
    uint32_t *first; /* n + 1 */
    uint32_t *unit;  /* units of node v: unit[first[v]] .. unit[first[v + 1] - 1] */
    uint32_t *glued; /* first units of a tower that are land: they go with its lowest floors */
    uint32_t *runs;  /* grids of the finest level that the node becomes when it is above the cap */
} xw__nodes;

/* Replaces the graph of the plots by that of the nodes. @param carving  may be NULL */
xw_status xw__nodes_make(const xw_model *m, uint32_t division, const xw_carving *carving,
                         uint32_t cap, xw_graph *g, xw__nodes *out, xw_error *err);
void xw__nodes_finish(xw__nodes *n);

/* carve_land.c: the tower (plot of the division, from 0) that takes each plot of land, XW_NONE for
 * what has other neighbours and for everything else. whole: by plot, of an exclusive area. */
xw_status xw__find_hosts(const xw_model *m, uint32_t division, const uint8_t *whole, uint32_t cap,
                         const xw_graph *g, uint32_t *host, xw_error *err);

#endif
