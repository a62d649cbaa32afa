/**
 * @file cells.h
 * A uniform grid over segments: which segments pass through or near which square cell. The cell
 * side is chosen so that a segment passes a few cells on average. Threads: immutable after create:
 * share freely. Cost: linear in the cells passed.
 */
#ifndef XW_CELLS_H
#define XW_CELLS_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

typedef struct xw_cells {
    xw_box box;
    unsigned shift; /* cell side is 1 << shift lattice units */
    uint32_t nx, ny;
    uint32_t *start; /* n_cells + 1 */
    uint32_t *item;  /* segment indices, ascending within a cell */
} xw_cells;

/* Ends of segment i. */
typedef void xw_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b);

xw_status xw_cells_create(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, xw_error *err);
void xw_cells_finish(xw_cells *c);

/* Rows y0..y1 of cells that the segment, widened by two units, touches in column cx. */
typedef struct xw_cell_rows {
    uint32_t y0, y1;
} xw_cell_rows;
void xw_cells_columns(const xw_cells *c, xw_pt a, xw_pt b, uint32_t *cx0, uint32_t *cx1);
xw_cell_rows xw_cells_rows(const xw_cells *c, xw_pt a, xw_pt b, uint32_t cx);

static inline size_t xw_cell_at(const xw_cells *c, uint32_t cx, uint32_t cy)
{
    return (size_t)cy * c->nx + cx;
}
/* Cell of a point inside the box. */
static inline uint32_t xw_cell_x(const xw_cells *c, int32_t x)
{
    return (uint32_t)(((int64_t)x - c->box.min.x) >> c->shift);
}
static inline uint32_t xw_cell_y(const xw_cells *c, int32_t y)
{
    return (uint32_t)(((int64_t)y - c->box.min.y) >> c->shift);
}

#endif
