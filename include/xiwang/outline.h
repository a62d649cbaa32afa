/**
 * @file outline.h
 * Polygons traced from the edges of a model: the outline of any set of plots as rings of edges.
 *
 * Rings are lists of edge references, so neighbours and levels share vertices exactly. At a node
 * where a set touches itself the ring is split, so every ring is simple: outer rings run
 * counter-clockwise, holes clockwise, and each hole follows its outer ring.
 * Cost: O(e log e) in the edges of the set. Threads: an index is immutable after create: share
 * freely; one tracer per thread.
 */
#ifndef XW_OUTLINE_H
#define XW_OUTLINE_H

#include "xiwang/model.h"

/** Edges by plot: edge indices of plot p are item[start[p]] .. item[start[p+1]-1], ascending. */
typedef struct xw_edge_index {
    uint32_t *start, *item;
    size_t n_plots;
} xw_edge_index;
xw_status xw_edge_index_create(const xw_model *m, xw_edge_index *out, xw_error *err);
void xw_edge_index_finish(xw_edge_index *ix);

#define XW_REF_EDGE(ref)     ((ref) >> 1)
#define XW_REF_REVERSED(ref) ((ref)&1u)

typedef struct xw_outline_ring {
    uint32_t first, n; /**< references in refs: edge << 1 | reversed */
    bool hole;
    int64_t area2; /**< twice the signed area, lattice units */
} xw_outline_ring;

/** The outline of one set; reused from call to call. */
typedef struct xw_outline {
    uint32_t *refs;
    size_t n_refs, cap_refs;
    xw_outline_ring *rings; /**< an outer ring, its holes, the next outer ring … */
    size_t n_rings, cap_rings;
} xw_outline;
void xw_outline_finish(xw_outline *o);

typedef struct xw_tracer xw_tracer;
/** @param m, ix  borrowed; must outlive the tracer */
xw_status xw_tracer_create(const xw_model *m, const xw_edge_index *ix, xw_tracer **out,
                           xw_error *err);
void xw_tracer_destroy(xw_tracer *t);

/** Traces the union of @p n plots into @p out (overwritten). XW_INTERNAL if a ring does not close.
 */
xw_status xw_tracer_trace(xw_tracer *t, const uint32_t *plots, size_t n, xw_outline *out,
                          xw_error *err);

/** The plots of a grid at any level, ascending, each once. @p out grows by xw_grow. */
xw_status xw_grid_plots(const xw_model *m, uint32_t grid, uint32_t **out, size_t *n, size_t *cap,
                        xw_error *err);

/** Appends the vertices of a ring (closed, first not repeated) to @p pts, which grows by xw_grow.
 */
xw_status xw_outline_points(const xw_model *m, const xw_outline *o, const xw_outline_ring *r,
                            xw_pt **pts, size_t *n, size_t *cap, xw_error *err);

#endif
