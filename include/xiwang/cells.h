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

/** At most about two cells a segment. @return XW_NOMEM */
xw_status xw_cells_create(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, xw_error *err);
/** At most about @p most cells a segment: more where segments crowd in parts of the box and cells
 *  are searched more often than they are filled. */
xw_status xw_cells_create_with(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, unsigned most,
                               xw_error *err);
void xw_cells_finish(xw_cells *c);

enum { XW_CELL_SLACK = 2 }; /* units: half a pixel, and what doubles may lose */

static inline uint32_t xw_cell_clamp(int64_t v, unsigned shift, uint32_t n)
{
    if (v < 0) return 0;
    const uint64_t k = (uint64_t)v >> shift;
    return k >= n ? n - 1 : (uint32_t)k;
}

/* Columns of cells that the segment, widened by two units, touches. */
static inline void xw_cells_columns(const xw_cells *c, xw_pt a, xw_pt b, uint32_t *cx0,
                                    uint32_t *cx1)
{
    const int64_t lo = (a.x < b.x ? a.x : b.x) - (int64_t)c->box.min.x - XW_CELL_SLACK;
    const int64_t hi = (a.x < b.x ? b.x : a.x) - (int64_t)c->box.min.x + XW_CELL_SLACK;
    *cx0 = xw_cell_clamp(lo, c->shift, c->nx);
    *cx1 = xw_cell_clamp(hi, c->shift, c->nx);
}

/* Rows y0..y1 of cells that it touches in column cx. */
typedef struct xw_cell_rows {
    uint32_t y0, y1;
} xw_cell_rows;
static inline xw_cell_rows xw_cells_rows(const xw_cells *c, xw_pt a, xw_pt b, uint32_t cx)
{
    int64_t lo = a.y < b.y ? a.y : b.y, hi = a.y < b.y ? b.y : a.y;
    if (a.x != b.x && hi - lo > ((int64_t)1 << c->shift)) {
        /* The part of the segment above this column. */
        const double x0 = (double)c->box.min.x + (double)((int64_t)cx << c->shift) - XW_CELL_SLACK;
        const double x1 = x0 + (double)((int64_t)1 << c->shift) + 2 * XW_CELL_SLACK;
        const double slope = ((double)b.y - a.y) / ((double)b.x - a.x);
        const double u = a.y + (x0 - a.x) * slope, v = a.y + (x1 - a.x) * slope;
        const double top = u > v ? u : v, bottom = u > v ? v : u;
        if (bottom > (double)lo) lo = (int64_t)bottom;
        if (top < (double)hi) hi = (int64_t)top + 1;
    }
    return (xw_cell_rows){xw_cell_clamp(lo - c->box.min.y - XW_CELL_SLACK, c->shift, c->ny),
                          xw_cell_clamp(hi - c->box.min.y + XW_CELL_SLACK, c->shift, c->ny)};
}

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
