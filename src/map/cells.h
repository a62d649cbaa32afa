/* A uniform grid over segments: which segments pass through or near which square cell.
 * Shared inside the layer. Immutable after create. */
#ifndef XW_MAP_CELLS_H
#define XW_MAP_CELLS_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

typedef struct xw__cells {
    xw_box box;
    unsigned shift; /* cell side is 1 << shift lattice units */
    uint32_t nx, ny;
    uint32_t *start; /* n_cells + 1 */
    uint32_t *item;  /* segment indices, ascending within a cell */
} xw__cells;

/* Ends of segment i. */
typedef void xw__ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b);

xw_status xw__cells_create(xw__cells *c, xw__ends *ends, const void *ctx, size_t n, xw_error *err);
void xw__cells_finish(xw__cells *c);

/* Rows y0..y1 of cells that the segment, widened by two units, touches in column cx. */
typedef struct xw__rows {
    uint32_t y0, y1;
} xw__rows;
void xw__cells_columns(const xw__cells *c, xw_pt a, xw_pt b, uint32_t *cx0, uint32_t *cx1);
xw__rows xw__cells_rows(const xw__cells *c, xw_pt a, xw_pt b, uint32_t cx);

static inline size_t xw__cell_at(const xw__cells *c, uint32_t cx, uint32_t cy)
{
    return (size_t)cy * c->nx + cx;
}
/* Cell of a point inside the box. */
static inline uint32_t xw__cell_x(const xw__cells *c, int32_t x)
{
    return (uint32_t)(((int64_t)x - c->box.min.x) >> c->shift);
}
static inline uint32_t xw__cell_y(const xw__cells *c, int32_t y)
{
    return (uint32_t)(((int64_t)y - c->box.min.y) >> c->shift);
}

#endif
